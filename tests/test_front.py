"""The first page says what the data says: numbers are those of queries, links lead to what they count."""

import html
import re
import zlib

import pytest

import served
from exoreview.terms import BASE, PREFIXES
from exoreview.web import front
from exoreview.web.read.statements import Statements
from exoreview.web.things.describe import Library
from served import BROWSER, release

COUNTS = f"""
PREFIX exr: <{PREFIXES["exr"]}>
SELECT ?concept (COUNT(DISTINCT ?claim) AS ?claims)
WHERE {{ ?claim exr:hasSubject|exr:hasObject|exr:hasContext|exr:hasMechanism ?concept }}
GROUP BY ?concept"""


@pytest.fixture(scope="module")
def library():
    return Library(release().graphs, release().nanopublications)


@pytest.fixture(scope="module")
def statements(library):
    return Statements(library)


@pytest.fixture(scope="module")
def client():
    return served.application().test_client()


@pytest.fixture(scope="module")
def page(client):
    response = client.get("/", headers={"Accept": BROWSER})
    assert (response.status_code, response.mimetype) == (200, "text/html")
    return response.text


@pytest.fixture(scope="module")
def counts():
    """The number of claims that name each concept, by SPARQL."""
    rows = served.store().query(COUNTS)
    return {row["concept"].value.removeprefix(BASE + "concept/"): int(row["claims"].value) for row in rows}


def test_the_weights_of_the_fingerprint_are_counts(library, statements, counts):
    bars = front.fingerprint(library, statements)
    assert {bar.name: bar.claims for bar in bars} == counts
    assert [bar.weight for bar in bars] == [round(100 * bar.claims / max(counts.values())) for bar in bars]
    assert bars[0].weight == 100


def test_each_weight_leads_to_as_many_claims(client, page, counts):
    bars = re.findall(
        r'href="(/read\?concept=([^"]+))"><span class="name">.*?<span class="count">(\d+)<', page
    )
    assert bars
    for address, name, count in bars:
        assert int(count) == counts[name]
        chosen = client.get(address, headers={"Accept": BROWSER}).text
        claims = [name for name in re.findall(r'data-claim="([^"]+)"', chosen) if not name.startswith("r")]
        assert len(claims) == int(count)


def test_every_concept_of_a_claim_is_reached(page, counts):
    assert set(re.findall(r'href="/read\?concept=([^"&]+)"', page)) == set(counts)


def test_each_claim_stands_under_one_topic(page, statements):
    listed = re.findall(r'data-claim="([^"]+)"', page)
    assert sorted(listed) == sorted(each.name for each in statements.claims)
    assert [each for _, members in statements.topics() for each in members if not each.is_claim] == []


def test_the_facts_of_the_article_are_there_in_order(page, library):
    facts = [
        library.label(BASE + "review"),
        "Seyedeh Maryam Hosseinikhah",
        "Fatemeh Gheybi",
        "Amirhossein Sahebkar",
    ]
    facts += [
        "Journal of Drug Targeting",
        "pages 32\u201350",
        "10.1080/1061186X.2022.2114000",
        "Pharmaceutical Science",
    ]
    facts += ["14 citations (Scopus)", "immunomodulation"]
    text = html.unescape(page)
    # The title also stands in the head; the facts follow the heading.
    places = [text.index(fact, text.index("<h1>")) for fact in facts]
    assert places == sorted(places)
    assert library.text(BASE + "review", "dcterms:abstract") in text


def test_the_record_stands_as_the_portal_prints_it(page, library):
    said = front.record(library)
    assert list(said)[:3] == ["Research output", "Original language", "Pages (from-to)"]
    assert said["Research output"] == ["Contribution to journal", "Review article", "peer-review"]
    assert "<dt>Number of pages</dt><dd>19</dd>" in page


def test_a_keyword_leads_to_the_claims_about_its_concept(client, page):
    links = re.findall(r'<li><a href="(/read\?[^"]*narrower=yes[^"]*)">([^<]*)</a></li>', page)
    assert len(links) == 5
    for address, _ in links:
        assert client.get(html.unescape(address), headers={"Accept": BROWSER}).status_code == 200


def test_the_first_page_is_small(client, page):
    """Compressed, with its style sheets and fonts, as a browser loads it."""
    loaded = re.findall(r'<(?:link|script|img)[^>]*(?:href|src)="(/static/[^"]+)"', page)
    assert loaded
    size = len(zlib.compress(page.encode()))
    for address in set(loaded):
        with client.get(address) as response:
            size += len(zlib.compress(response.get_data()))
    assert size < 100_000
