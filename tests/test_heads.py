"""Every page says in its head what it is about, for search engines and reference managers."""

import json
import re
from html import unescape

import pytest
from pyoxigraph import NamedNode, RdfFormat, parse
from rdflib.namespace import SDO

import served
from exoreview import media
from exoreview.citing import records
from exoreview.terms import BASE, DATASET, PREFIXES
from served import BROWSER, release

SCRIPT = re.compile(r'<script type="application/ld\+json">(.*?)</script>', re.DOTALL)

# The type and the address of what a page is about.
PAGES = {
    "/": ("ScholarlyArticle", BASE + "review", BASE),
    "/read": ("ScholarlyArticle", BASE + "review", BASE + "read"),
    "/read?claim=s04-c6": ("ScholarlyArticle", BASE + "review", BASE + "read"),
    "/map": ("ScholarlyArticle", BASE + "review", BASE + "map"),
    "/review.html": ("ScholarlyArticle", BASE + "review", BASE + "review"),
    "/review/issue.html": ("PublicationIssue", BASE + "review/issue", BASE + "review/issue"),
    "/dataset.html": ("Dataset", DATASET, DATASET),
    "/download": ("Dataset", DATASET, BASE + "download"),
    "/sparql": ("WebAPI", DATASET + "/service-sparql", BASE + "sparql"),
    "/ontology": ("DefinedTermSet", BASE + "ontology", BASE + "ontology"),
    "/ontology/1.0.0": ("DefinedTermSet", BASE + "ontology", BASE + "ontology"),
    "/concepts.html": ("DefinedTermSet", BASE + "concepts", BASE + "concepts"),
    "/shapes": ("DefinedTermSet", BASE + "shapes", BASE + "shapes"),
    "/concept/Exosome.html": ("DefinedTerm", BASE + "concept/Exosome", BASE + "concept/Exosome"),
    "/claim/s04-c6.html": ("Claim", BASE + "claim/s04-c6", BASE + "claim/s04-c6"),
    "/quote/486-501.html": ("Quotation", BASE + "quote/486-501", BASE + "quote/486-501"),
    "/person/mika-sillanpaa.html": (
        "Person",
        BASE + "person/mika-sillanpaa",
        BASE + "person/mika-sillanpaa",
    ),
    "/graph/claims.html": ("Dataset", BASE + "graph/claims", BASE + "graph/claims"),
    "/query/authors.html": ("SoftwareSourceCode", BASE + "query/authors", BASE + "query/authors"),
}


@pytest.fixture(scope="module")
def client():
    return served.client()


def page(client, path):
    response = client.get(path, headers={"Accept": BROWSER})
    assert response.status_code == 200
    return response.text


def linked(text):
    """The JSON-LD of a page."""
    [script] = SCRIPT.findall(text)
    return json.loads(script)


def names(said):
    """Every type and property in JSON-LD."""
    if isinstance(said, list):
        return set().union(*map(names, said))
    if not isinstance(said, dict):
        return set()
    own = {name for name in said if not name.startswith("@")} | (
        {said["@type"]} if "@type" in said else set()
    )
    return own.union(*map(names, said.values()))


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_about_one_thing(client, path):
    type, iri, canonical = PAGES[path]
    text = page(client, path)
    said = linked(text)
    assert (said["@context"], said["@type"], said["@id"]) == ("https://schema.org", type, iri)
    assert said["name"]
    assert re.findall(r'<link rel="canonical" href="([^"]+)">', text) == [canonical]


@pytest.mark.parametrize("path", PAGES)
def test_its_words_are_those_of_schema_org(client, path):
    for name in names(linked(page(client, path))):
        assert name in SDO, name


@pytest.mark.parametrize("path", ["/nothing", "/claim/s99-c9.html"])
def test_the_page_of_an_error_is_about_nothing(client, path):
    text = client.get(path, headers={"Accept": BROWSER}).text
    assert "ld+json" not in text
    assert "canonical" not in text


def test_what_could_end_the_element_is_escaped(client):
    """The text of a query has every such sign."""
    text = page(client, "/query/claims-in-a-range.html")
    [script] = SCRIPT.findall(text)
    assert not set("<>&") & set(script)
    assert ">=" in linked(text)["text"] or "<" in linked(text)["text"]


def test_the_browser_takes_it_as_data(client):
    """No policy is loosened for it: a script of this type is never run."""
    policy = client.get("/").headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy


# The context of schema.org as far as it tells addresses from texts.
CONTEXT = {"@vocab": PREFIXES["schema"], **{name: {"@type": "@id"} for name in ("url", "license", "sameAs")}}


def triples(said):
    text = json.dumps({**said, "@context": CONTEXT})
    return [quad.triple for quad in parse(text, format=RdfFormat.JSON_LD)]


def test_a_claim_says_what_its_projection_says(client):
    claims = {triple.subject for triple in release().graphs["schemaorg"]}
    projected = release().graphs["schemaorg"]
    assert len(claims) > 50
    for claim in claims:
        said = triples(linked(page(client, claim.value.removeprefix(BASE[:-1]) + ".html")))
        found = {(str(each.predicate), each.object.value) for each in said if each.subject == claim}
        for triple in projected:
            if triple.subject == claim:
                assert (str(triple.predicate), triple.object.value) in found


def test_the_review_has_its_authors_in_order(client):
    said = linked(page(client, "/"))
    record = records.record(release().graphs, "review")
    assert [author["name"] for author in said["author"]] == [
        f"{name['given']} {name['family']}" for name in record["author"]
    ]
    assert {author["@type"] for author in said["author"]} == {"Person"}
    journal = said["isPartOf"]["isPartOf"]
    assert (journal["name"], journal["issn"]) == ("Journal of Drug Targeting", ["1029-2330", "1061-186X"])
    assert (said["isPartOf"]["issueNumber"], said["pagination"]) == ("1", "32-50")
    assert said["sameAs"] == "https://doi.org/10.1080/1061186X.2022.2114000"
    assert said["datePublished"] == "2023"
    assert "license" not in said, "the licence of the article is not known"


def test_the_dataset_has_every_dump(client):
    said = linked(page(client, "/dataset.html"))
    files = {one["contentUrl"].rpartition("/")[2]: one for one in said["distribution"]}
    dumps = [name for name in release().names() if name.startswith("exoreview-")]
    assert sorted(files) == sorted(dumps)
    for name in dumps:
        assert files[name]["sha256"] == release().sha256(name)
        assert files[name]["contentSize"] == f"{len(release().bytes(name))} B"
        assert files[name]["encodingFormat"] == release().media_type(name)


def test_a_vocabulary_has_its_terms(client):
    terms = {one["@id"] for one in linked(page(client, "/concepts"))["hasDefinedTerm"]}
    subjects = {triple.subject for triple in release().graphs["concepts"]}
    named = {node.value for node in subjects if isinstance(node, NamedNode)}
    assert terms == {iri for iri in named if iri.startswith(BASE + "concept/")}


@pytest.mark.parametrize("path", ["/", "/review.html"])
def test_a_reference_manager_finds_the_review(client, path):
    tags = re.findall(r'<meta name="(citation_[a-z_]+)" content="([^"]*)">', page(client, path))
    tags = [(name, unescape(value)) for name, value in tags]
    authors = [value for name, value in tags if name == "citation_author"]
    assert len(authors) == 9
    assert (authors[0], authors[5]) == ("Hosseinikhah, Seyedeh Maryam", "Sillanpää, Mika")
    said = dict(tags)
    expected = {
        "citation_title": "Role of exosomes in tumour growth, chemoresistance and immunity: state-of-the-art",
        "citation_journal_title": "Journal of Drug Targeting",
        "citation_journal_abbrev": "J Drug Target",
        "citation_publication_date": "2023",
        "citation_online_date": "2022/08/21",
        "citation_issue": "1",
        "citation_firstpage": "32",
        "citation_lastpage": "50",
        "citation_doi": "10.1080/1061186X.2022.2114000",
    }
    assert expected.items() <= said.items()
    assert not {"citation_volume", "citation_pdf_url"} & said.keys()


def test_a_page_of_something_else_is_no_citation(client):
    assert "citation_" not in page(client, "/dataset.html")


@pytest.mark.parametrize("path", ["/", "/download", "/dataset.html", "/claim/s04-c6.html", "/concepts"])
def test_every_format_is_linked(client, path):
    found = re.findall(r'<link rel="alternate" type="([^"]+)" href="([^"]+)">', page(client, path))
    types = {kind for kind, _ in found}
    assert types >= {media.TURTLE.media_type, media.JSONLD.media_type, media.RDFXML.media_type}
    assert len(found) == len(types)
    for kind, address in found:
        response = client.get(address)
        assert (response.status_code, response.mimetype) == (200, kind)
