"""Every word of the abstract can be read, chosen and shared: the marks are the quotes, to the character."""

import html
import re

import pytest

import served
from exoreview.terms import BASE
from exoreview.web.query.examples import examples
from exoreview.web.read.passages import Passage, coverage, cut, lanes
from exoreview.web.read.reading import Reading
from exoreview.web.things.describe import Library
from served import BROWSER, release


@pytest.fixture(scope="module")
def reading():
    return Reading(Library(release().graphs, release().nanopublications))


@pytest.fixture(scope="module")
def client():
    return served.application().test_client()


def page(client, address, status=200):
    response = client.get(address, headers={"Accept": BROWSER})
    assert (response.status_code, response.mimetype) == (status, "text/html"), address
    return response.text


def segments(text):
    """The offset, classes, names and words of each marked segment of a page."""
    pattern = r'<(?:a|span) class="([^"]*)" data-claims="([^"]*)" id="w(\d+)"[^>]*>([^<]*)</'
    return [(int(at), set(kinds.split()), names.split(), html.unescape(words))
            for kinds, names, at, words in re.findall(pattern, text)]  # fmt: skip


def listed(text):
    """The names of the statements in the list beside the text."""
    return re.findall(r'data-claim="([^"]+)"', text)


TEXTS = {
    "nothing": ("abc", [], [(0, 3, ())]),
    "all of it": ("abc", [("p", 0, 3)], [(0, 3, ("p",))]),
    "a part": ("abc", [("p", 1, 2)], [(0, 1, ()), (1, 2, ("p",)), (2, 3, ())]),
    "nested": ("abcd", [("p", 0, 4), ("q", 1, 2)], [(0, 1, ("p",)), (1, 2, ("p", "q")), (2, 4, ("p",))]),
    "overlapping": ("abc", [("p", 0, 2), ("q", 1, 3)], [(0, 1, ("p",)), (1, 2, ("p", "q")), (2, 3, ("q",))]),
    "the same twice": ("ab", [("p", 0, 2), ("q", 0, 2)], [(0, 2, ("p", "q"))]),
    "beyond the basic plane": ("a\U0001f600b", [("p", 1, 2)], [(0, 1, ()), (1, 2, ("p",)), (2, 3, ())]),
}


@pytest.mark.parametrize(("text", "passages", "expected"), TEXTS.values(), ids=TEXTS)
def test_a_text_is_cut_where_passages_begin_and_end(text, passages, expected):
    found = cut(text, [Passage(*passage) for passage in passages])
    assert [(each.start, each.end, each.names) for each in found] == expected
    assert "".join(each.text for each in found) == text


LANES = {
    "apart": ([("p", 0, 2), ("q", 2, 4)], {"p": 1, "q": 1}),
    "nested": ([("q", 1, 2), ("p", 0, 4)], {"p": 1, "q": 2}),
    "overlapping": ([("p", 0, 2), ("q", 1, 3), ("r", 2, 4)], {"p": 1, "q": 2, "r": 1}),
    "the same": ([("p", 0, 2), ("q", 0, 2)], {"p": 1, "q": 2}),
}


@pytest.mark.parametrize(("passages", "expected"), LANES.values(), ids=LANES)
def test_passages_that_meet_have_lines_of_their_own(passages, expected):
    assert lanes([Passage(*passage) for passage in passages]) == expected


def test_each_character_is_counted_once():
    first, second = [Passage("p", 0, 4), Passage("q", 2, 5)], [Passage("r", 4, 8)]
    assert coverage(10, [first, second]) == [5, 3, 2]


def test_the_segments_are_the_abstract(reading):
    assert "".join(each.text for each in reading.segments) == reading.text
    assert [each.start for each in reading.segments[1:]] == [each.end for each in reading.segments[:-1]]


def test_the_segments_of_a_statement_are_its_quote(reading):
    for one in reading.statements.all:
        pieces = [each for each in reading.segments if one.name in each.names]
        assert "".join(each.text for each in pieces) == one.words
        assert (pieces[0].start, pieces[-1].end) == (one.start, one.end)


def test_no_two_statements_share_a_line_at_the_same_words(reading):
    for each in reading.segments:
        used = [reading.lanes[name] for name in each.names]
        assert len(used) == len(set(used))
        assert max(used, default=0) <= 5  # as many as the style sheet draws


def test_the_coverage_is_that_of_the_published_query(reading):
    query = examples(reading.library)[BASE + "query/text-coverage"].text
    [row] = list(served.store().query(query))
    counts = [
        int(row[name].value) for name in ("inClaims", "inScopeStatements", "inConnectives", "inNothing")
    ]
    assert [count for _, count in reading.covered] == counts
    assert sum(counts) == len(reading.text)


def test_the_page_holds_the_abstract_to_the_character(client, reading):
    [block] = re.findall(r'<ol class="text" lang="en">(.*?)</ol>', page(client, "/read"), re.S)
    assert html.unescape(re.sub(r"<[^>]*>", "", block)) == reading.text


def test_every_link_in_the_text_leads_to_what_its_words_claim(client):
    text = page(client, "/read")
    linked = {int(place) for place in re.findall(r'href="/read\?at=(\d+)#w\1"', text)}
    for at, _, names, words in segments(text):
        assert (at in linked) == any(character.isalnum() for character in words)
        chosen = page(client, f"/read?at={at}")
        assert set(listed(chosen)) == set(names)
        assert html.escape(words[:30], quote=False) in chosen
        assert [place for place, kinds, _, _ in segments(chosen) if "on" in kinds] == [at]


def test_a_stretch_of_words_leads_to_all_its_claims(client, reading):
    text = page(client, "/read?at=442-465")
    expected = [each.name for each in reading.statements.all if each.start <= 465 and each.end > 442]
    assert listed(text) == expected
    assert "progression, metastasis" in text


def test_a_claim_shows_its_words_and_everything_about_it(client, reading):
    for one in reading.statements.all:
        text = page(client, f"/read?claim={one.name}")
        assert "".join(words for _, kinds, _, words in segments(text) if "on" in kinds) == one.words
        assert html.escape(one.label, quote=False) in text
        assert f'href="/{one.iri.partition("exoreview/")[2]}"' in text


def test_a_claim_says_how_the_text_says_it(client):
    text = page(client, "/read?claim=s03-c1")
    for said in ("The text says it as the point of a sentence.", "can mostly be so", "could release",
                 "exocytosis", "hedged claim", "has mechanism claim"):  # fmt: skip
        assert said.casefold() in text.casefold(), said


FILTERS = {
    "mode": ("mode=presupposed", lambda each: each.mode.endswith("#presupposed")),
    "concept": ("concept=Chemoresistance", lambda each: each.name == "s04-c6"),
    "kind": ("kind=ScopeStatement", lambda each: not each.is_claim),
    "kind that a reasoner found": (
        "kind=ExplanatoryClaim",
        lambda each: any("Explan" in k for k in each.kinds),
    ),
    "two": (
        "concept=Exosome&mode=exemplified",
        lambda each: (
            each.mode.endswith("#exemplified") and any(c.endswith("/Exosome") for c in each.concepts)
        ),
    ),
    "narrower": (
        "concept=ExtracellularVesicle&narrower=yes",
        lambda each: any(c.endswith("/ExtracellularVesicle") for c in each.concerned),
    ),
    "nothing said": ("concept=&mode=&kind=", lambda each: True),
}


@pytest.mark.parametrize(("query", "holds"), FILTERS.values(), ids=FILTERS)
def test_a_filter_marks_and_lists_what_it_names(client, reading, query, holds):
    expected = [each.name for each in reading.statements.all if holds(each)]
    assert expected
    text = page(client, f"/read?{query}")
    assert listed(text) == expected
    for _, kinds, names, _ in segments(text):
        assert ("lit" in kinds) == bool(set(names) & set(expected))


def test_narrower_concepts_are_offered(client):
    text = page(client, "/read?concept=ExtracellularVesicle")
    [(address, more)] = re.findall(r'<a href="([^"]+)">(\d+)(?: more)? about narrower concepts</a>', text)
    wider = listed(page(client, html.unescape(address)))
    assert len(wider) == len(listed(text)) + int(more) > len(listed(text))


def test_a_filter_that_nothing_meets_says_so(client):
    text = page(client, "/read?concept=Chemoresistance&mode=exemplified")
    assert not listed(text)
    assert "No statement of the text is all of this" in text


def test_a_choice_keeps_the_filter(client):
    text = page(client, "/read?mode=presupposed")
    links = [html.unescape(link) for link in re.findall(r'href="(/read\?[^"]*)"[^>]* data-claim=', text)]
    assert links
    assert all("mode=presupposed" in link and "claim=" in link for link in links)


MISTAKES = {
    "an unknown claim": ("claim=s04-c66", "There is no claim “s04-c66”"),
    "an unknown concept": ("concept=Exosom", "concept/Exosome"),
    "an unknown mode": ("mode=shouted", "There is no mode “shouted”"),
    "an unknown kind": ("kind=Lie", "There is no kind “Lie”"),
    "no number": ("at=x", "no place in the text"),
    "beyond the text": ("at=1810", "no place in the text"),
    "backwards": ("at=9-3", "no place in the text"),
    "digits of another script": ("at=٣", "no place in the text"),
    "markup": ("claim=%3Cscript%3Ealert(1)%3C/script%3E", "&lt;script&gt;"),
}


@pytest.mark.parametrize(("query", "said"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_in_the_address_is_said_in_a_sentence(client, query, said):
    text = page(client, f"/read?{query}", status=404)
    assert said in text
    assert "<script>alert" not in text


def test_the_page_brings_no_style_or_script_but_its_files(client):
    text = page(client, "/read?claim=s04-c6")
    assert " style=" not in text
    assert "<style" not in text
    # What is written between the tags of a script may be data, and nothing else.
    assert re.findall(r"<script(?! type=\"application/ld\+json\")[^>]*>([^<]*)", text) == [""]
    loaded = re.findall(r'<(?:script|img)[^>]* src="([^"]+)"', text)
    loaded += re.findall(r'<link rel="(?:stylesheet|icon|preload)"[^>]* href="([^"]+)"', text)
    assert len(loaded) > 5
    for address in loaded:
        assert address.startswith("/static/")
        with client.get(address) as response:
            assert response.status_code == 200, address


def test_only_html_is_to_be_had(client):
    assert client.get("/read", headers={"Accept": "text/turtle"}).status_code == 406


def test_under_a_path_prefix_links_keep_it(client):
    response = client.get(
        "/read?claim=s04-c6", headers={"Accept": BROWSER}, environ_overrides={"SCRIPT_NAME": "/exo"}
    )
    links = re.findall(r'(?:href|src|action)="(/[^"]*)"', response.text)
    assert links
    assert all(link.startswith("/exo/") for link in links)


WAYS = {
    "claim": ("claim/s04-c6", "/read?claim=s04-c6"),
    "scope statement": ("scope/r1", "/read?claim=r1"),
    "quote": ("quote/486-501", "/read?at=486#w486"),
    "sentence": ("sentence/s10", "/read#s10"),
    "concept": ("concept/Chemoresistance", "/read?concept=Chemoresistance&narrower=yes"),
}


@pytest.mark.parametrize(("path", "expected"), WAYS.values(), ids=WAYS)
def test_the_page_of_a_thing_leads_to_the_text(client, path, expected):
    [address] = re.findall(r'href="(/read[^"]*)"', page(client, f"/{path}.html").partition("<main")[2])
    assert html.unescape(address) == expected
    address, _, anchor = expected.partition("#")
    assert not anchor or f'id="{anchor}"' in page(client, address)
