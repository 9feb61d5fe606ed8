"""Crawlers and language models find everything that there is, and nothing that there is not."""

import re
from datetime import date
from urllib.robotparser import RobotFileParser
from xml.etree import ElementTree

import pytest

import served
from exoreview.terms import BASE, DATASET
from exoreview.web.machines.heads import PAGES
from exoreview.web.things.describe import Library
from exoreview.web.vocabularies.vocabulary import VOCABULARIES
from served import release

HERE = "http://localhost"
_SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


@pytest.fixture(scope="module")
def client():
    return served.client()


def said(client, path, media_type):
    response = client.get(path)
    assert (response.status_code, response.mimetype) == (200, media_type)
    return response.text


@pytest.mark.parametrize(
    ("path", "allowed"),
    {
        "/": True,
        "/claim/s04-c6.html": True,
        "/download/catalog.ttl": True,
        "/sparql": True,
        "/sparql?query=ASK%7B%7D": False,
        "/read?claim=s04-c6": True,
    }.items(),
)
def test_a_crawler_may_read_all_but_endless_queries(client, path, allowed):
    rules = RobotFileParser()
    rules.parse(said(client, "/robots.txt", "text/plain").splitlines())
    assert rules.can_fetch("anything", HERE + path) == allowed
    assert rules.site_maps() == [HERE + "/sitemap.xml"]


def entries(client):
    root = ElementTree.fromstring(said(client, "/sitemap.xml", "application/xml"))
    assert root.tag == _SITEMAP + "urlset"
    return {
        url.findtext(_SITEMAP + "loc").removeprefix(HERE): url.findtext(_SITEMAP + "lastmod") for url in root
    }


def test_the_sitemap_has_every_thing(client):
    library = Library(release().graphs, release().nanopublications)
    found = entries(client)
    things = {iri for iri in library.things if iri.removeprefix(BASE) not in VOCABULARIES}
    assert len(found) == len(things) + len(PAGES) + 3
    assert {"/", "/read", "/sparql", "/download", "/ontology", "/claim/s04-c6.html"} <= found.keys()


def test_what_the_sitemap_has_is_a_page(client):
    for path in list(entries(client))[::20]:
        response = client.get(path, headers={"Accept": "text/html"})
        assert (response.status_code, response.mimetype) == (200, "text/html"), path


def test_its_dates_are_those_of_the_data(client):
    found = entries(client)
    for day in found.values():
        date.fromisoformat(day)
    [modified] = [
        triple.object.value
        for triple in release().graphs["catalog"]
        if triple.subject.value == DATASET and triple.predicate.value.endswith("/modified")
    ]
    assert found["/"] == found["/download"] == modified


def test_a_language_model_finds_its_way(client):
    text = said(client, "/llms.txt", "text/markdown")
    title, blank, quote = text.splitlines()[:3]
    assert title == "# exoreview: the claims of a review of exosomes in cancer"
    assert (blank, quote[:2]) == ("", "> ")
    assert re.findall("^## (.+)$", text, re.MULTILINE) == ["Pages", "Data", "Example queries", "Optional"]
    links = re.findall(rf"^- \[[^]]+\]\({HERE}(/[^)]*)\)", text, re.MULTILINE)
    assert len(links) > 50
    for path in links:
        assert client.get(path).status_code == 200, path
