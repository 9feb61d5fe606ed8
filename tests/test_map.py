"""/map draws every claim as one arrow and lists it as one row; what a reader asks for is what is drawn."""

import html
import re
from itertools import pairwise

import pytest
from werkzeug.datastructures import MultiDict

import served
from exoreview.terms import BASE
from exoreview.web.map.arrows import Arrows
from exoreview.web.map.charting import Chart
from exoreview.web.map.columns import Link, columns, middle, parts
from exoreview.web.map.drawing import drawn
from exoreview.web.map.hops import Line
from exoreview.web.map.outlining import outlined
from exoreview.web.query.examples import examples
from exoreview.web.read.statements import Statements
from exoreview.web.search.entries import entries
from exoreview.web.search.finding import Index
from exoreview.web.things.describe import Library
from served import BROWSER, release


@pytest.fixture(scope="module")
def library():
    return Library(release().graphs, release().nanopublications)


@pytest.fixture(scope="module")
def statements(library):
    return Statements(library)


@pytest.fixture(scope="module")
def arrows(library, statements):
    return Arrows(library, statements)


@pytest.fixture(scope="module")
def chart(library, statements):
    return Chart(library, statements, Index(entries(library)))


@pytest.fixture(scope="module")
def client():
    return served.client()


def page(client, address="/map", status=200):
    response = client.get(address, headers={"Accept": BROWSER})
    assert (response.status_code, response.mimetype) == (status, "text/html"), address
    return response.text


# The drawing for wide screens and paper, and that for narrow screens.
KINDS = ("broad", "narrow")


def graph(text, kind):
    """The parts of the drawing of this kind."""
    return "".join(re.findall(rf'<svg class="graph {kind}.*?</svg>', text, re.DOTALL))


def drawn_claims(text, kind="broad"):
    return re.findall(r'<a class="arrow [^"]*" href="/claim/([^"]+)"', graph(text, kind))


def drawn_concepts(text, kind="broad"):
    return re.findall(r'<a class="box[^"]*" href="/concept/([^"]+)"', graph(text, kind))


def rows(text):
    return re.findall(r'<tr data-claim="([^"]+)"', text)


def followed(text):
    """The claims of each chain that is listed."""
    [listed] = re.findall(r'<section class="chains".*?</section>', text, re.DOTALL)
    chains = re.findall(r'<li><span class="way">.*?</ul>', listed, re.DOTALL)
    return [re.findall(r'data-claim="([^"]+)"', chain) for chain in chains]


# The whole map.


@pytest.mark.parametrize("kind", KINDS)
def test_each_claim_is_one_arrow_and_one_row(client, statements, kind):
    text = page(client)
    names = sorted(each.name for each in statements.claims)
    assert len(names) == 54
    assert sorted(drawn_claims(text, kind)) == names
    assert sorted(rows(text)) == names


@pytest.mark.parametrize("kind", KINDS)
def test_each_concept_that_a_claim_relates_is_one_box(client, library, statements, kind):
    slots = ("exr:hasSubject", "exr:hasObject")
    related = {
        node.value.removeprefix(BASE + "concept/")
        for each in statements.claims
        for slot in slots
        for node in library.values(each.iri, slot)
    }
    assert sorted(drawn_concepts(page(client), kind)) == sorted(related)


def test_a_row_says_what_its_arrow_says(client, library, statements):
    text = page(client)
    for each in statements.claims:
        [row] = re.findall(rf'<tr data-claim="{each.name}".*?</tr>', text)
        arrow, other = re.findall(rf'<a class="arrow [^"]*" href="/claim/{each.name}".*?</a>', text)
        cells = [
            html.unescape(re.sub(r"<[^>]*>", "", cell)).strip()
            for cell in re.findall(r"<t[hd].*?</t[hd]>", row)
        ]
        subject, object = (
            library.values(each.iri, slot)[0].value for slot in ("exr:hasSubject", "exr:hasObject")
        )
        assert cells[0] == each.label == html.unescape(re.findall(r"<title>(.*?)</title>", arrow)[0])
        assert (cells[1], cells[3]) == (library.label(subject), library.label(object))
        assert cells[4] == library.label(each.mode)
        assert re.findall(r' data-[^>]*">', arrow) == re.findall(r' data-[^>]*">', other)
        assert f'data-start="{subject.rpartition("/")[2]}" data-end="{object.rpartition("/")[2]}"' in arrow
        assert html.unescape(re.findall(r'data-verb="([^"]*)"', arrow)[0]) == cells[2]


HOW = {
    "generally": ("s04-c6", "contributes to"),
    "only possibly": ("s10-c2", "can: contributes to"),
    "possibly in most cases": ("s03-c1", "can mostly: causes"),
    "frequently": ("s05-c2", "frequently: is used as"),
}


@pytest.mark.parametrize(("name", "said"), HOW.values(), ids=HOW)
def test_an_arrow_says_how_generally(arrows, chart, name, said):
    [arrow] = [each for each in arrows.all if each.claim.name == name]
    assert chart.verb(arrow) == said


def test_every_link_leads_somewhere(client):
    text = page(client, "/map?follow=Cell&concept=Exosome")
    [main] = re.findall(r"<main.*?</main>", text, re.DOTALL)
    for address in set(re.findall(r'href="(/[^"#]*)', main)):
        assert client.get(html.unescape(address), headers={"Accept": BROWSER}).status_code in (200, 303), (
            address
        )


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_narrower_stands_below_what_is_broader(client, kind):
    order = drawn_concepts(page(client), kind)
    assert order.index("TherapyResistance") + 1 == order.index("Chemoresistance")


# What a reader asks for.

CHOICES = {
    "a concept": (
        "concept=LigandStuddedExosome",
        {"s08-c1", "s08-c2"},
    ),
    "a concept, two steps": (
        "concept=CancerTreatmentOption&steps=2",
        {"s01-c2", "s01-c4"},
    ),
    "a concept, one step": ("concept=CancerTreatmentOption", {"s01-c4"}),
    "a concept by what is narrower": (
        "concept=TherapyResistance",
        {"s04-c6", "s09-c2"},
    ),
    "a relation": ("relation=increases", {"s01-c2"}),
    "a mode": ("mode=reportedConsensus", {"s02-c1"}),
    "a relation and a mode": ("relation=isKindOf&mode=asserted", {"s01-c1", "s07-c1"}),
    "a name": ("q=chemoresistance", {"s04-c6"}),
    "the beginning of a name": ("q=metasta", {"s04-c4"}),
    "other case and spelling": ("q=TUMOR%20progressions", {"s04-c3"}),
    "an identifier of others": ("q=MESH:D009362", {"s04-c4"}),
    "nothing": ("concept=Immunity", set()),
}


@pytest.mark.parametrize(("asked", "expected"), CHOICES.values(), ids=CHOICES)
def test_a_choice_leaves_its_claims(client, asked, expected):
    text = page(client, f"/map?{asked}")
    assert sorted(drawn_claims(text)) == sorted(drawn_claims(text, "narrow")) == sorted(expected)
    assert sorted(rows(text)) == sorted(expected)


def test_nothing_found_is_said(client):
    assert "No claim of the review is all of this." in page(client, "/map?q=quasar")


@pytest.mark.parametrize("name", ["Exosome", "TumourDerivedExosome", "Cancer"])
def test_around_a_concept_are_all_claims_that_relate_it(client, library, statements, name):
    related = {
        each.name
        for each in statements.claims
        if BASE + "concept/" + name
        in {
            node.value
            for slot in ("exr:hasSubject", "exr:hasObject")
            for node in library.values(each.iri, slot)
        }
    }
    assert related <= set(drawn_claims(page(client, f"/map?concept={name}")))


MISTAKES = {
    "an unknown concept": ("concept=Quasar", 404, "There is no concept “Quasar”"),
    "a concept that is near": ("concept=Exosom", 404, "concept/Exosome"),
    "an unknown relation": ("relation=loves", 404, "There is no relation “loves”"),
    "an unknown mode": ("mode=whispered", 404, "There is no mode “whispered”"),
    "an unknown beginning": ("follow=Quasar", 404, "There is no concept “Quasar”"),
    "an unknown end": ("follow=Cell&to=Quasar", 404, "There is no concept “Quasar”"),
    "an end without a beginning": ("to=DrugTargeting", 400, "Say follow=CONCEPT too."),
    "no number": ("steps=far", 400, "say steps=N with a number from 1 to 4."),
    "too many steps": ("steps=9", 400, "say steps=N with a number from 1 to 4."),
    "too long": ("q=" + 201 * "x", 400, "A search may have 200 characters; this one has 201."),
}


@pytest.mark.parametrize(("asked", "status", "sentence"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_said(client, asked, status, sentence):
    assert sentence in html.unescape(page(client, f"/map?{asked}", status))


# Chains.


def test_the_chains_are_those_of_the_published_query(library, arrows):
    query = examples(library)[BASE + "query/causal-chains"].text
    expected = {(row["first"].value, row["second"].value) for row in served.store().query(query)}
    found = {
        (first.claim.iri, second.claim.iri)
        for concept in arrows.concepts
        for chain in arrows.chains(concept)
        for one, next in pairwise(chain)
        for first in one
        for second in next
    }
    assert expected
    assert found == expected


def test_the_chains_from_a_concept_are_listed_and_drawn(client):
    text = page(client, "/map?follow=Cell")
    chains = followed(text)
    assert len(chains) == 9
    assert all(chain[:2] == ["s03-c1", "s03-c2"] for chain in chains)
    lit = set(re.findall(r'<a class="arrow [^"]* lit" href="/claim/([^"]+)"', graph(text, "broad")))
    assert lit == {claim for chain in chains for claim in chain}
    assert len(drawn_claims(text)) == 54


def test_a_chain_ends_where_it_is_asked_to(client):
    assert followed(page(client, "/map?follow=Cell&to=DrugTargeting")) == [["s03-c1", "s03-c2", "s06-c8"]]
    assert followed(page(client, "/map?follow=Cell&to=Exosome")) == [["s03-c1", "s03-c2"]]


def test_a_chain_is_followed_among_what_is_chosen(client):
    assert followed(page(client, "/map?follow=Cell&relation=causes")) == [["s03-c1", "s03-c2"]]


@pytest.mark.parametrize("asked", ["follow=Lipid", "follow=Cell&to=Cancer"])
def test_that_there_is_no_chain_is_said(client, asked):
    assert "No causal claim leads from" in page(client, f"/map?{asked}").replace("\n", " ")


# The drawing.


def links(*pairs, onward=True):
    return [Link(start, end, "leads to", onward) for start, end in (pair.split(">") for pair in pairs)]


COLUMNS = {
    "one": (links("a>b"), {"a": 0, "b": 1}),
    "to the middle": (links("a>c", "b>c"), {"a": -1, "b": -1, "c": 0}),
    "what it is": (links("a>b", onward=False), {"a": 0, "b": -1}),
    "what it is leads on": (
        links("a>b", onward=False) + links("b>c", "a>d"),
        {"a": 0, "b": 1, "c": 2, "d": 1},
    ),
    "past a column": (links("a>b", "a>c", "b>c"), {"a": 0, "b": 1, "c": 2}),
    "a circle": (links("a>b", "b>c", "c>a"), {"a": 0, "b": 1, "c": -1}),
    "a circle beside the middle": (
        links("a>b", "a>c", "a>d", "b>c", "c>d", "d>b"),
        {"a": 0, "b": 1, "c": 2, "d": 3},
    ),
    "to itself": (links("a>b", "b>b"), {"a": -1, "b": 0}),
}


@pytest.mark.parametrize(("given", "expected"), COLUMNS.values(), ids=COLUMNS)
def test_effects_stand_to_the_right(given, expected):
    assert columns(given, middle(given)) == expected


def test_what_shares_nothing_is_drawn_apart():
    given = links("a>b", "c>d", "c>e")
    assert parts(given) == [given[1:], given[:1]]


def boxes(drawing):
    return [box for part in drawing.parts for box in part.boxes]


def tracks(drawing):
    return [track for part in drawing.parts for track in part.tracks]


def boxes_and_labels(drawing):
    """Left, upper edge, right, lower edge of everything that must not be covered."""
    for box in boxes(drawing):
        yield box.name, box.x, box.y, box.x + box.width, box.y + box.height
    for label in (label for part in drawing.parts for label in part.labels):
        yield label.text, label.left, label.y - 10, label.left + label.width, label.y + 2


def meeting(one, other):
    return one[1] < other[3] and other[1] < one[3] and one[2] < other[4] and other[2] < one[4]


def check(drawing):
    """Nothing covers another thing, no line crosses a box, all is in the frame, each part in its strip."""
    things = list(boxes_and_labels(drawing))
    for part in drawing.parts:
        for box in part.boxes:
            assert part.top <= box.y <= part.top + part.height - box.height, box
    for place, one in enumerate(things):
        assert one[1] >= 0 <= one[2], one
        assert one[3] <= drawing.width, one
        assert one[4] <= drawing.height, one
        for other in things[place + 1 :]:
            assert not meeting(one, other), (one, other)
    for track in tracks(drawing):
        for (x1, y1), (x2, y2) in pairwise(track.points):
            assert x1 == pytest.approx(x2) or y1 == pytest.approx(y2), track
            line = ("", min(x1, x2) - 0.1, min(y1, y2) - 0.1, max(x1, x2) + 0.1, max(y1, y2) + 0.1)
            for box in boxes(drawing):
                right, bottom = box.x + box.width, box.y + box.height
                inside = (box.name, box.x + 0.2, box.y + 0.2, right - 0.2, bottom - 0.2)
                assert not meeting(line, inside), (track, box)


def whole(chart, **asked):
    choice = chart.chosen(MultiDict(asked))
    held = tuple(chart.held(choice))
    return chart.drawn(held, choice.concept.iri if choice.concept else ""), held


def test_nothing_covers_another_thing(chart):
    for drawing in whole(chart)[0]:
        check(drawing)


@pytest.mark.parametrize("steps", [1, 2])
def test_nothing_covers_another_thing_around_any_concept(chart, arrows, steps):
    for concept in arrows.concepts:
        for drawing in whole(chart, concept=concept.rpartition("/")[2], steps=str(steps))[0]:
            check(drawing)


@pytest.mark.parametrize("kind", KINDS)
def test_words_are_drawn_whole(chart, library, kind):
    drawing = whole(chart)[0][KINDS.index(kind)]
    for box in boxes(drawing):
        assert " ".join(box.lines).replace("- ", "-") == library.label(box.name)


@pytest.mark.parametrize("kind", KINDS)
def test_an_arrow_begins_and_ends_at_its_concepts(chart, kind):
    drawings, held = whole(chart)
    drawing = drawings[KINDS.index(kind)]
    found = {each.name: each for each in (*boxes(drawing), *tracks(drawing))}
    for arrow in held:
        track = found[arrow.claim.name]
        for (x, y), concept in ((track.points[0], arrow.start), (track.tip, arrow.end)):
            box = found[concept]
            left, right, top, bottom = box.x, box.x + box.width, box.y, box.y + box.height
            assert left - 0.1 <= x <= right + 0.1, track
            assert top - 0.1 <= y <= bottom + 0.1, track
            assert min(abs(x - left), abs(x - right), abs(y - top), abs(y - bottom)) < 0.1, track


DRAWINGS = {
    "nothing": [],
    "to itself": links("a>b", "b>b"),
    "to itself on the left": links("a>a", "a>b", "c>b"),
    "a circle": links("a>b", "b>c", "c>a"),
    "a circle beside the middle": links("a>b", "a>c", "a>d", "b>c", "c>d", "d>b"),
    "many": links(*(f"a>{number}" for number in range(40)), *(f"{number}>b" for number in range(40))),
}


@pytest.mark.parametrize("given", DRAWINGS.values(), ids=DRAWINGS)
def test_other_graphs_are_drawn_too(given):
    lines = [Line(str(number), link) for number, link in enumerate(given)]
    for draw in (drawn, outlined):
        drawing = draw(lines, lambda name: f"the concept {name}", lambda name: [])
        assert len(tracks(drawing)) == len(given)
        check(drawing)


# Where it is linked from.


@pytest.mark.parametrize(
    ("path", "link"),
    {
        "/": "/map",
        "/concept/TumourDerivedExosome.html": "/map?concept=TumourDerivedExosome",
        "/sitemap.xml": "http://localhost/map",
    }.items(),
)
def test_the_map_is_found(client, path, link):
    assert link in client.get(path, headers={"Accept": BROWSER}).text
