"""Each snippet for linking to a thing of ours is right in its notation and says what it is for."""

import html
import json
import re

import pytest
from pyoxigraph import NamedNode, RdfFormat, parse

import served
from exoreview.knowledge import sssom
from exoreview.terms import BASE, PREFIXES
from exoreview.web import linking, snippets
from exoreview.web.describe import Library
from served import BROWSER, release

CONCEPT = BASE + "concept/TumourDerivedExosome"
IRIS = {
    "a concept": CONCEPT,
    "a concept that is no class": BASE + "concept/Chemoresistance",
    "a class": BASE + "ontology#Claim",
    "an object property": BASE + "ontology#hasSubject",
    "a datatype property": BASE + "ontology#start",
    "a claim": BASE + "claim/s04-c6",
    "a person": BASE + "person/mika-sillanpaa",
    "the dataset": BASE + "dataset",
}
MEANT = {
    "an IRI": (CONCEPT, CONCEPT),
    "a short IRI": ("exc:TumourDerivedExosome", CONCEPT),
    "a path": ("concept/TumourDerivedExosome", CONCEPT),
    "the address of a page": ("/concept/TumourDerivedExosome.html", CONCEPT),
    "a name": ("Tumor-derived exosomes", CONCEPT),
    "a synonym": ("TDE", CONCEPT),
    "a term": ("exr:Claim", BASE + "ontology#Claim"),
    "nothing": ("", CONCEPT),
}


@pytest.fixture(scope="module")
def library():
    return Library(release().graphs, release().nanopublications)


@pytest.fixture(scope="module")
def client():
    return served.client()


def made(library, iri):
    """All snippets for a thing, by title and notation."""
    groups = linking.groups(snippets.term_of(library, iri))
    return {(each.title, each.notation): each.text for _, _, members in groups for each in members}


def page(client, asked):
    response = client.get("/link", query_string={"iri": asked}, headers={"Accept": BROWSER})
    assert response.status_code == 200
    return response.text


@pytest.mark.parametrize("iri", IRIS.values(), ids=IRIS)
def test_snippets_in_rdf_can_be_read(library, iri):
    formats = {
        "Turtle": RdfFormat.TURTLE,
        "SKOS in Turtle": RdfFormat.TURTLE,
        "JSON-LD": RdfFormat.JSON_LD,
    }
    read = 0
    for (title, notation), text in made(library, iri).items():
        if notation in formats and title != "Prefix":
            triples = [quad.triple for quad in parse(text, format=formats[notation])]
            if "import" in title:
                assert any(triple.predicate.value == PREFIXES["owl"] + "imports" for triple in triples)
            else:
                assert any(NamedNode(iri) in (triple.subject, triple.object) for triple in triples)
            read += 1
    assert read >= 2


@pytest.mark.parametrize("iri", IRIS.values(), ids=IRIS)
def test_prefixes_can_be_read(library, iri):
    said = made(library, iri)
    assert json.loads(said["Prefix map", "JSON-LD context"])["@context"]
    text = said["Prefix", "Turtle"] + f"{snippets.term_of(library, iri).short} a <x:y> ."
    [quad] = parse(text, format=RdfFormat.TURTLE)
    assert quad.subject.value == iri
    served.store().query(said["Prefix", "SPARQL"] + "ASK {}")


def test_equivalence_is_said_of_the_term(library):
    text = made(library, CONCEPT)["Yours is the same", "Turtle"]
    triples = [quad.triple for quad in parse(text, format=RdfFormat.TURTLE)]
    [same] = [each for each in triples if each.predicate.value == PREFIXES["owl"] + "equivalentClass"]
    assert same.object.value == CONCEPT


TERMS = ["a concept", "a class", "an object property", "a datatype property"]


@pytest.mark.parametrize("kind", TERMS)
def test_the_row_of_sssom_passes_the_check_of_mapping_files(library, kind):
    document = sssom.parse(made(library, IRIS[kind])["A mapping", "SSSOM"], "snippet")
    assert document.problems == []
    assert len(document.rows) == 1


@pytest.mark.parametrize(("asked", "iri"), MEANT.values(), ids=MEANT)
def test_a_thing_is_found_by_what_people_write(client, asked, iri):
    assert f"<code>{iri}</code>" in page(client, asked)


def test_what_may_be_meant_is_listed(client):
    said = page(client, "exosom")
    assert "<code>exc:Exosome</code>" in said
    assert "can be one of these" in said


def test_what_is_not_ours_is_said_to_be_none(client):
    assert "Nothing of ours is called “zzzzzz”" in html.unescape(page(client, "zzzzzz"))


def test_the_page_shows_every_snippet(client, library):
    shown = {
        html.unescape(text)
        for text in re.findall(r"<pre[^>]*><code>(.*?)</code>", page(client, CONCEPT), re.S)
    }
    assert set(made(library, CONCEPT).values()) <= shown


def test_what_is_asked_has_a_limit(client):
    response = client.get("/link", query_string={"iri": "x" * (linking.MAX_LENGTH + 1)})
    assert response.status_code == 400
