"""Each snippet for linking to a thing of ours is right in its notation and says what it is for."""

import html
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from pyoxigraph import NamedNode, RdfFormat, parse

import served
from exoreview.knowledge import sssom
from exoreview.terms import BASE, PREFIXES
from exoreview.web.link import linking, snippets
from exoreview.web.things.describe import Library
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
SUFFIXES = {"Turtle": "ttl", "functional notation": "ofn", "Manchester notation": "omn"}
# What OWL says where a reader's own term is the same as ours, or narrower.
AXIOMS = {
    "a concept": ("Class", "EquivalentClasses", "SubClassOf"),
    "a class": ("Class", "EquivalentClasses", "SubClassOf"),
    "an object property": ("ObjectProperty", "EquivalentObjectProperties", "SubObjectPropertyOf"),
    "a datatype property": ("DataProperty", "EquivalentDataProperties", "SubDataPropertyOf"),
}


@pytest.fixture(scope="module")
def read_as_owl(library, tmp_path_factory):
    """What OWLAPI reads of each snippet in a notation of OWL, by term, title and notation."""
    if not shutil.which("javac") or not Path("/usr/share/java/owlapi-apibinding.jar").exists():
        pytest.skip("needs a Java development kit and OWLAPI (Debian: default-jdk-headless, libowlapi-java)")
    folder, written = tmp_path_factory.mktemp("notations"), {}
    for kind in TERMS:
        for (title, notation), text in made(library, IRIS[kind]).items():
            if notation in SUFFIXES and title != "Prefix":
                name = f"{len(written)}.{SUFFIXES[notation]}"
                (folder / name).write_text(text, "utf-8")
                written[name] = (kind, title, notation)
    (folder / "wrong.omn").write_text("Class: my:X SubClassOf: my:Y", "utf-8")
    program = Path(__file__).with_name("Notations.java")
    command = ["java", "-cp", "/usr/share/java/*", str(program), *written, "wrong.omn"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    said = {name: set() for name in [*written, "wrong.omn"]}
    for name, _, axiom in (line.partition("\t") for line in done.stdout.splitlines()):
        said[name].add(axiom)
    [refused] = said.pop("wrong.omn")
    assert refused.startswith("unreadable: ")
    return {written[name]: axioms for name, axioms in said.items()}


@pytest.mark.parametrize("kind", TERMS)
def test_every_notation_of_owl_says_the_same(library, read_as_owl, kind):
    term = snippets.term_of(library, IRIS[kind])
    entity, same, narrower = AXIOMS[kind]
    mine, ours = f"<https://example.org/my#{term.mine}>", f"<{term.iri}>"
    declared = {f"Declaration({entity}({each}))" for each in (mine, ours)}
    for title, axiom in (("Yours is the same", same), ("Yours is narrower", narrower)):
        for notation in SUFFIXES:
            assert read_as_owl[kind, title, notation] == declared | {f"{axiom}({mine} {ours})"}, notation
    for notation in ("Turtle", "functional notation"):
        title = "The whole vocabulary, by import"
        assert read_as_owl[kind, title, notation] == {f"Import(<{term.module}>)"}
    alone = read_as_owl[kind, "Only the term", "Turtle"]
    assert f"Declaration({entity}({ours}))" in alone
    assert not [each for each in alone if not each.startswith(("Declaration(", "AnnotationAssertion("))]


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
