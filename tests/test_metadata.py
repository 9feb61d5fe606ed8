"""The hand-written metadata says of the dataset and each graph what it is, how it was made and for whom."""

import pytest

from exoreview import files
from exoreview.terms import BASE, PREFIXES
from triples import Triples, iri

GRAPHS = {
    "ontology", "concepts", "review", "enrichment", "claims", "mappings",
    "annotations", "aida", "biolink", "direct", "schemaorg",
    "inferred", "shapes", "queries", "catalog",
}  # fmt: skip
HOLD_THE_TEXT = {"review", "claims", "annotations", "biolink"}


@pytest.fixture(scope="module")
def catalog():
    return Triples("data/catalog.ttl")


@pytest.mark.parametrize(
    "name",
    ["dcterms:title", "dcterms:description", "dcterms:creator", "dcterms:license", "dcterms:language",
     "dcterms:issued", "dcterms:modified", "dcat:keyword", "dcat:theme"],
)  # fmt: skip
def test_dataset_has(catalog, name):
    assert catalog.objects("dataset", name)


def test_version_of_the_dataset_is_that_of_the_package(catalog):
    assert catalog.values("dataset", "dcat:version") == {files.version()}
    [citation] = catalog.values("dataset", "dcterms:bibliographicCitation")
    assert f"version {files.version()}." in citation


def test_every_graph_is_a_part_of_the_dataset(catalog):
    graphs = catalog.objects("dataset", "void:subset")
    assert {node.value.removeprefix(PREFIXES["graph"]) for node in graphs} == GRAPHS
    assert {triple.subject for triple in catalog.uses("dcterms:isPartOf")} == graphs


@pytest.mark.parametrize("graph", sorted(GRAPHS))
def test_graph_is_described(catalog, graph):
    for name in ("rdfs:label", "dcterms:title", "dcterms:description", "dcterms:license"):
        assert catalog.value(f"graph:{graph}", name)
    [step] = catalog.objects(f"graph:{graph}", "prov:wasGeneratedBy")
    assert step in catalog.instances("prov:Activity")


def test_graphs_that_hold_the_text_say_whose_it_is(catalog):
    said = {triple.subject for triple in catalog.uses("dcterms:rights")}
    parts = {iri("dataset"), iri("dataset/nanopublications")}
    assert said == parts | {iri(f"graph:{name}") for name in HOLD_THE_TEXT}


@pytest.mark.parametrize("name", ["review", "enrichment", "catalog"])
def test_every_thing_has_a_class_and_an_english_label(name):
    triples = Triples(f"data/{name}.ttl")
    described_elsewhere = Triples("data/review.ttl").subjects if name == "enrichment" else set()
    for subject in triples.subjects - described_elsewhere:
        assert [label.language for label in triples.objects(subject, "rdfs:label")] == ["en"], subject
        assert triples.objects(subject, "rdf:type"), subject


@pytest.mark.parametrize("name", ["review", "enrichment", "catalog"])
def test_everything_that_we_name_is_described_or_a_concept_or_a_claim(name):
    known = {
        subject
        for file in ("review", "enrichment", "catalog")
        for subject in Triples(f"data/{file}.ttl").subjects
    }
    elsewhere = tuple(BASE + part for part in ("concept/", "claim/", "ontology", "shapes"))
    for triple in Triples(f"data/{name}.ttl"):
        named = getattr(triple.object, "value", "")
        if triple.object not in known and str(triple.object).startswith(f"<{BASE}"):
            assert named.startswith(elsewhere), f"{triple.subject} names {named}, which nothing describes"
