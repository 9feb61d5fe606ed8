"""FAIR Signposting leads from every page, document and download to its neighbours, by header and by linkset.

The links are read by `signposting`, an independent implementation.
"""

import json

import pytest
from signposting.linkheader import find_signposting_http_link
from signposting.linkset import find_signposting_linkset
from signposting.resolver import find_signposting_http

import served
from exoreview.terms import BASE, DATASET
from served import BROWSER, release

HERE = "http://localhost"
LICENCE = "https://creativecommons.org/licenses/by/4.0/"
DEVELOPERS = DATASET + "/developers"


@pytest.fixture(scope="module")
def client():
    return served.client()


def signposts(client, path, accept=BROWSER):
    response = client.get(path, headers={"Accept": accept})
    assert response.status_code in (200, 303)
    return find_signposting_http_link(response.headers.getlist("Link"), HERE + path)


def targets(signposts):
    return {str(each.target) for each in signposts}


# For a page, what it is about: its type, its licence, its authors (how many, and the first by name).
LANDING = {
    "/": ("review", "ScholarlyArticle", None, 9),
    "/review.html": ("review", "ScholarlyArticle", None, 9),
    "/dataset.html": ("dataset", "Dataset", LICENCE, 1),
    "/dataset": ("dataset", "Dataset", LICENCE, 1),
    "/download": ("dataset", "Dataset", LICENCE, 1),
    "/concepts": ("concepts", "DefinedTermSet", LICENCE, 1),
    "/ontology.html": ("ontology", "DefinedTermSet", LICENCE, 1),
    "/claim/s04-c6": ("claim/s04-c6", "Claim", LICENCE, 0),
    "/claim/s04-c6.html": ("claim/s04-c6", "Claim", LICENCE, 0),
    "/concept/Exosome.html": ("concept/Exosome", "DefinedTerm", LICENCE, 0),
    "/quote/486-501.html": ("quote/486-501", "Quotation", None, 0),
    "/person/mika-sillanpaa.html": ("person/mika-sillanpaa", "Person", None, 0),
}


@pytest.mark.parametrize("path", LANDING)
def test_a_page_leads_to_identifier_authors_licence_and_data(client, path):
    name, type, licence, authors = LANDING[path]
    found = signposts(client, path)
    assert str(found.citeAs.target) == BASE + name
    assert targets(found.types) == {f"https://schema.org/{type}", "https://schema.org/AboutPage"}
    assert (found.license and str(found.license.target)) == licence
    assert len(found.authors) == authors
    assert {str(each.type) for each in found.linksets} == {
        "application/linkset",
        "application/linkset+json",
    }
    assert len(found.describedBy) > 2
    for each in found.describedBy:
        response = client.get(str(each.target).removeprefix(HERE))
        assert (response.status_code, response.mimetype) == (200, str(each.type))


def test_the_dataset_leads_to_its_files_and_back(client):
    found = signposts(client, "/dataset.html")
    paths = {str(each.target).removeprefix(HERE): str(each.type) for each in found.items}
    assert paths == {f"/download/{name}": release().media_type(name) for name in release().names()}
    assert not found.collection
    for path in paths:
        back = signposts(client, path, "*/*")
        assert str(back.collection.target) == HERE + "/dataset.html"
        assert str(back.license.target) == LICENCE


def test_the_dataset_leads_to_its_crate(client):
    """As RO-Crate 1.2 says: described by JSON-LD in the profile of RO-Crate, found from the identifier."""
    for path in ("/dataset", "/dataset.html", "/download"):
        [crate] = [each for each in signposts(client, path).describedBy if each.profiles]
        assert {str(profile) for profile in crate.profiles} == {"https://w3id.org/ro/crate"}
        assert str(crate.type) == "application/ld+json"
        entities = client.get(str(crate.target).removeprefix(HERE)).get_json(force=True)["@graph"]
        assert any(each["@id"] == "./" and each["identifier"] == BASE + "dataset" for each in entities)


def test_a_document_leads_to_what_it_describes(client):
    found = signposts(client, "/claim/s04-c6.ttl")
    assert targets(found.describes) == {HERE + "/claim/s04-c6.html"}
    assert str(found.license.target) == LICENCE
    assert not found.citeAs


def test_the_doi_of_the_review_is_no_identifier_of_ours(client):
    header = client.get("/review.html").headers["Link"]
    assert '<https://doi.org/10.1080/1061186X.2022.2114000>; rel="related"' in header


@pytest.mark.parametrize("path", ["/nothing", "/claim/s99-c9.html", "/sparql?query=x", "/health", "/read"])
def test_other_answers_have_no_links(client, path):
    assert "Link" not in client.get(path, headers={"Accept": BROWSER}).headers


@pytest.mark.parametrize("path", ["dataset", "review", "claim/s04-c6", "concepts"])
@pytest.mark.parametrize("media_type", ["application/linkset+json", "application/linkset"])
def test_a_linkset_has_the_links_of_the_headers(server, path, media_type):
    linkset = find_signposting_linkset(f"{server}/linkset/{path}", media_type)
    page = f"{server}/{path}.html"
    found = linkset.for_context(page)
    expected = find_signposting_http(page)
    assert found.citeAs.target == expected.citeAs.target
    for kind in ("authors", "types", "describedBy", "items", "linksets"):
        assert targets(getattr(found, kind)) == targets(getattr(expected, kind)), kind
    assert {str(each.rel) for each in found} >= {"cite-as", "type", "describedby", "linkset"}
    [document] = [each for each in found.describedBy if str(each.type) == "text/turtle"]
    assert targets(linkset.for_context(document.target).describes) == {page}


def test_the_linkset_of_the_server_is_that_of_the_dataset(client):
    own = client.get("/linkset")
    assert own.mimetype == "application/linkset+json"
    assert own.data == client.get("/linkset/dataset").data
    anchors = {each["anchor"] for each in json.loads(own.data)["linkset"]}
    files = {f"{HERE}/download/{name}" for name in release().names()}
    assert anchors >= files | {HERE + "/dataset", HERE + "/dataset.html", HERE + "/dataset.ttl"}


@pytest.mark.parametrize(
    ("accept", "media_type"),
    {
        "application/linkset": "application/linkset",
        "application/json": "application/json",
        "*/*": "application/linkset+json",
    }.items(),
)
def test_a_linkset_by_accept(client, accept, media_type):
    response = client.get("/linkset", headers={"Accept": accept})
    assert response.mimetype == media_type
    assert response.text.startswith("<" if media_type.endswith("linkset") else "{")


def test_there_is_no_linkset_of_nothing(client):
    response = client.get("/linkset/claim/s99-c9")
    assert response.status_code == 404
    assert "there is nothing at /claim/s99-c9" in response.text
    assert client.get("/linkset", headers={"Accept": "text/html"}).status_code == 406
