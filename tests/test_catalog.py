"""The catalog is true: each count equals a SPARQL count, each size and checksum is that of the file."""

import hashlib
import re
from pathlib import Path

import pyshacl
import pytest
from pyoxigraph import BlankNode, NamedNode, RdfFormat, parse
from rdflib import Graph, Literal, Namespace, URIRef
from rdflib.namespace import DCAT, DCTERMS, RDF, SH, VOID, XSD

import served
from exoreview import files, turtle
from exoreview.knowledge import graphs
from exoreview.release import CATALOG, CHECKSUMS, catalog
from exoreview.terms import BASE, PREFIXES

SHAPES = Path(__file__).with_name("catalog-shapes.ttl")
SPDX = Namespace(PREFIXES["spdx"])
IN_CATALOG = NamedNode(graphs.iri("catalog"))

# For a value of the catalog, the query over the endpoint that it must equal; $x is bound to what it is about.
STATISTICS = {
    "void:triples": "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }",
    "void:entities": "SELECT (COUNT(DISTINCT ?s) AS ?n) { ?s a ?c }",
    "void:classes": "SELECT (COUNT(DISTINCT ?c) AS ?n) { ?s a ?c }",
    "void:properties": "SELECT (COUNT(DISTINCT ?p) AS ?n) { ?s ?p ?o }",
    "void:distinctSubjects": "SELECT (COUNT(DISTINCT ?s) AS ?n) { ?s ?p ?o }",
    "void:distinctObjects": "SELECT (COUNT(DISTINCT ?o) AS ?n) { ?s ?p ?o }",
}
BY_CLASS = "SELECT ?x (COUNT(DISTINCT ?s) AS ?n) { ?s a ?x FILTER(isIRI(?x)) } GROUP BY ?x"
BY_PROPERTY = {
    "void:triples": "SELECT ?x (COUNT(*) AS ?n) { ?s ?x ?o } GROUP BY ?x",
    "void:distinctSubjects": "SELECT ?x (COUNT(DISTINCT ?s) AS ?n) { ?s ?x ?o } GROUP BY ?x",
    "void:distinctObjects": "SELECT ?x (COUNT(DISTINCT ?o) AS ?n) { ?s ?x ?o } GROUP BY ?x",
}


@pytest.fixture(scope="module")
def release():
    return served.release()


@pytest.fixture(scope="module")
def store():
    return served.store()


def ask(store, query):
    return list(store.query(query, prefixes=dict(PREFIXES)))


def values(store, pattern):
    found = store.query(f"SELECT ?x ?n {{ GRAPH graph:catalog {{ {pattern} }} }}", prefixes=dict(PREFIXES))
    pairs = [(row["x"].value, row["n"].value) for row in found]
    assert len(dict(pairs)) == len(pairs), "each thing has one value"
    return dict(pairs)


def counted(store, query):
    return {row["x"].value: row["n"].value for row in ask(store, query)}


@pytest.mark.parametrize(("property", "query"), STATISTICS.items(), ids=STATISTICS)
def test_statistics_of_the_dataset(store, property, query):
    [row] = ask(store, query)
    assert values(store, f"?x {property} ?n FILTER(?x = <{catalog.DATASET}>)") == {
        catalog.DATASET: row["n"].value
    }


def test_triples_of_each_graph(store):
    ours = f'FILTER(STRSTARTS(STR(?x), "{BASE}graph/"))'
    real = counted(store, f"SELECT ?x (COUNT(*) AS ?n) {{ GRAPH ?x {{ ?s ?p ?o }} {ours} }} GROUP BY ?x")
    assert values(store, f"?x void:triples ?n {ours}") == real
    assert real.keys() == {graph.iri for graph in graphs.GRAPHS}


def test_class_partitions(store):
    part = f"<{catalog.DATASET}> void:classPartition ?part . ?part void:class ?x ; void:entities ?n"
    assert values(store, part) == counted(store, BY_CLASS)


@pytest.mark.parametrize("property", BY_PROPERTY)
def test_property_partitions(store, property):
    part = f"<{catalog.DATASET}> void:propertyPartition ?part . ?part void:property ?x ; {property} ?n"
    assert values(store, part) == counted(store, BY_PROPERTY[property])


def test_properties_of_each_class(store):
    part = f"<{catalog.DATASET}> void:classPartition ?part . ?part void:class ?c ; void:propertyPartition ?x"
    held = f"{part} . ?x void:property ?p ; void:triples ?n"
    found = ask(store, f"SELECT * {{ GRAPH graph:catalog {{ {held} }} }}")
    counts = "SELECT ?c ?p (COUNT(*) AS ?n) { ?s a ?c ; ?p ?o FILTER(isIRI(?c)) } GROUP BY ?c ?p"
    real = {(row["c"].value, row["p"].value): row["n"].value for row in ask(store, counts)}
    assert {(row["c"].value, row["p"].value): row["n"].value for row in found} == real
    assert len({row["x"].value for row in found}) == len(found) == len(real) > 500


def test_every_part_is_about_one_thing(store):
    """No two classes, properties, linksets or files share an IRI because their names look alike."""
    for property in (
        "void:class",
        "void:property",
        "void:linkPredicate",
        "void:uriSpace",
        "dcat:downloadURL",
    ):
        values(store, f"?x {property} ?n FILTER(?x != <{catalog.DATASET}>)")


def test_vocabularies_are_those_of_the_properties_and_classes(store):
    used = ask(store, "SELECT DISTINCT ?x { { ?s ?x ?o } UNION { ?s a ?x FILTER(isIRI(?x)) } }")
    spaces = {re.sub(r"[^/#]+$", "", row["x"].value) for row in used}
    found = ask(store, f"SELECT ?x {{ GRAPH graph:catalog {{ <{catalog.DATASET}> void:vocabulary ?x }} }}")
    assert {row["x"].value for row in found} == spaces
    assert spaces >= {PREFIXES[name] for name in ("exr", "dcterms", "skos", "owl", "fabio", "schema")}


def test_linksets_are_the_links(store):
    """Each link is in one linkset, counted by strength and by where it leads."""
    links = ask(
        store,
        """SELECT ?match ?o { GRAPH graph:mappings { ?s ?match ?o }
        FILTER(STRSTARTS(STR(?match), STR(skos:)) && STRENDS(STR(?match), "Match")) }""",
    )
    expected = {}
    for row in links:
        target = re.match(r"(.*[/#])([A-Za-z]+_)?", row["o"].value)[0]
        key = (row["match"].value, target)
        expected[key] = expected.get(key, 0) + 1
    found = ask(
        store,
        f"""SELECT ?match ?space ?n {{ GRAPH graph:catalog {{
          <{catalog.DATASET}> void:subset ?set .
          ?set a void:Linkset ; void:subjectsTarget <{catalog.DATASET}> ; void:linkPredicate ?match ;
            void:objectsTarget/void:uriSpace ?space ; void:triples ?n }} }}""",
    )
    assert {(row["match"].value, row["space"].value): int(row["n"].value) for row in found} == expected
    assert expected[PREFIXES["skos"] + "exactMatch", PREFIXES["obo"] + "GO_"] > 0


@pytest.mark.parametrize(
    ("iri", "space", "name"),
    [
        ("http://purl.obolibrary.org/obo/GO_0070062", "http://purl.obolibrary.org/obo/GO_", "GO"),
        ("http://purl.obolibrary.org/obo/NCIT_C1", "http://purl.obolibrary.org/obo/NCIT_", "NCIT"),
        ("http://id.nlm.nih.gov/mesh/D055354", "http://id.nlm.nih.gov/mesh/", "MESH"),
        (
            "http://purl.bioontology.org/ontology/npo#NPO_395",
            "http://purl.bioontology.org/ontology/npo#NPO_",
            "NPO",
        ),
        ("http://www.ebi.ac.uk/efo/EFO_1", "http://www.ebi.ac.uk/efo/EFO_", "EFO"),
        ("https://schema.org/Claim", "https://schema.org/", "SCHEMA.ORG"),
    ],
    ids=lambda value: value.rpartition("/")[2],
)
def test_vocabulary_of_an_outside_term(iri, space, name):
    assert catalog.space(iri) == space
    assert catalog._target_name(space) == name


def test_every_dump_is_a_distribution(release, store):
    found = ask(
        store,
        f"""SELECT ?url ?type ?bytes ?sum ?packed {{ GRAPH graph:catalog {{
          <{catalog.DATASET}> dcat:distribution ?d ; void:dataDump ?url .
          ?d a dcat:Distribution ; dcat:downloadURL ?url ; dcat:mediaType ?type ; dcat:byteSize ?bytes ;
            dcterms:license <https://creativecommons.org/licenses/by/4.0/> ; dcterms:issued ?issued ;
            spdx:checksum [ spdx:algorithm spdx:checksumAlgorithm_sha256 ; spdx:checksumValue ?sum ] .
          OPTIONAL {{ ?d dcat:compressFormat ?packed }} }} }}""",
    )
    rows = {row["url"].value.removeprefix(f"{BASE}download/"): row for row in found}
    assert rows.keys() == set(release.names()) - {CATALOG, CHECKSUMS}
    assert len(found) == len(rows)
    for name, row in rows.items():
        content = release.bytes(name)
        iana = "https://www.iana.org/assignments/media-types/"
        assert row["bytes"].value == str(len(content))
        assert row["sum"].value == hashlib.sha256(content).hexdigest() == release.sha256(name)
        assert row["type"].value == iana + release.media_type(name.removesuffix(".gz"))
        packed = NamedNode(iana + "application/gzip") if name.endswith(".gz") else None
        assert row["packed"] == packed


def test_the_endpoint_is_a_data_service(store):
    [row] = ask(
        store,
        f"""SELECT ?url {{ GRAPH graph:catalog {{
          ?service a dcat:DataService ; dcat:endpointURL ?url ; dcat:servesDataset <{catalog.DATASET}> .
          <{catalog.DATASET}> void:sparqlEndpoint ?url }} }}""",
    )
    assert row["url"].value == f"{BASE}sparql"


def test_what_is_lost_is_said_where_it_is_served(release, store):
    from exoreview.knowledge import projections

    said = values(store, "?x rdfs:comment ?n")
    asserted = projections.store_of(release.default_graph)
    losses = projections.losses(asserted, projections.project(asserted))
    assert said == {graphs.iri(name): str(loss) for name, loss in losses.items()}
    titles = values(store, "?x dcterms:title ?n")
    for projection in projections.read():
        assert titles[graphs.iri(projection.name)] == projection.title


def test_nothing_is_blank_and_every_part_has_an_address(release):
    """Parts stand under the dataset's IRI and have no dot, because a dot begins the format of a document."""
    for triple in release.graphs["catalog"]:
        assert BlankNode not in map(type, triple)
        subject = triple.subject.value
        if not subject.startswith(graphs.iri("")):
            assert re.fullmatch(re.escape(catalog.DATASET) + r"(/[A-Za-z0-9_-]+)?", subject), subject


def test_every_part_has_a_label(release):
    named = {t.subject for t in release.graphs["catalog"] if t.predicate.value == PREFIXES["rdfs"] + "label"}
    assert {triple.subject for triple in release.graphs["catalog"]} == named


def test_everything_written_by_hand_is_in_it(release):
    written = set(turtle.read(files.path("data/catalog.ttl")))
    assert written <= set(release.graphs["catalog"])


def test_it_is_not_in_the_dumps_but_has_its_own_file(release):
    dataset = parse(release.bytes(f"exoreview-{files.version()}.nq"), format=RdfFormat.N_QUADS)
    assert IN_CATALOG not in {quad.graph_name for quad in dataset}
    own = [quad.triple for quad in parse(release.bytes(CATALOG), format=RdfFormat.TURTLE)]
    assert set(own) == set(release.graphs["catalog"])


# What rdflib's tables lack: a word of Python, and what DCAT 3 added.
UNLISTED = {f"{VOID}class", f"{DCAT}version"}


def test_terms_of_void_and_dcat_exist(release):
    known = {*map(str, dir(VOID)), *map(str, dir(DCAT)), *UNLISTED}
    used = {getattr(term, "value", "") for triple in release.graphs["catalog"] for term in triple}
    assert {name for name in used if name.startswith((str(VOID), str(DCAT)))} <= known


@pytest.fixture(scope="module")
def described(release):
    """The catalog as a graph of rdflib, and the shapes that it must fit."""
    triples = Graph().parse(data=release.bytes(CATALOG), format="turtle")
    return triples, Graph().parse(SHAPES, format="turtle")


def broken(triples, shapes):
    """What is wrong by the shapes: of each thing, the property."""
    conforms, report, _ = pyshacl.validate(triples, shacl_graph=shapes)
    found = {
        (str(report.value(result, SH.focusNode)), report.value(result, SH.resultPath))
        for result in report.subjects(RDF.type, SH.ValidationResult)
    }
    assert conforms == (not found)
    return found


def test_it_fits_the_shapes_of_dcat_and_void(described):
    assert broken(*described) == set()


DUMP, SERVICE = catalog.DATASET + "/dump-nq", catalog.DATASET + "/service-sparql"
CHANGES = {
    "no title": (catalog.DATASET, DCTERMS.title, None),
    "rights in words": (catalog.DATASET, DCTERMS.rights, Literal("Ours.", lang="en")),
    "a date that is none": (catalog.DATASET, DCTERMS.issued, Literal("2026")),
    "no vocabulary": (catalog.DATASET, VOID.vocabulary, None),
    "a media type in words": (DUMP, DCAT.mediaType, Literal("application/n-quads")),
    "a size in words": (DUMP, DCAT.byteSize, Literal("1 MB")),
    "no checksum": (DUMP, SPDX.checksum, None),
    "half a checksum": (
        f"{catalog.DATASET}/checksum-nq",
        SPDX.checksumValue,
        Literal("ab", datatype=XSD.hexBinary),
    ),
    "a service of nothing": (SERVICE, DCAT.servesDataset, None),
    "a partition of no class": (f"{catalog.DATASET}/class-exr-Claim", VOID["class"], None),
    "a partition of no property": (f"{catalog.DATASET}/property-exr-start", VOID.property, None),
    "links to nothing": (f"{catalog.DATASET}/linkset-GO-exactMatch", VOID.objectsTarget, None),
    "no triples": (graphs.iri("claims"), VOID.triples, Literal(0)),
}


@pytest.mark.parametrize("change", CHANGES)
def test_the_shapes_find_a_defect(described, change):
    thing, property, value = CHANGES[change]
    triples = Graph() + described[0]
    assert (URIRef(thing), property, None) in triples
    triples.remove((URIRef(thing), property, None))
    if value is not None:
        triples.add((URIRef(thing), property, value))
    assert broken(triples, described[1]) == {(thing, property)}


def test_version_is_that_of_the_package(store):
    assert values(store, "?x dcat:version ?n")[catalog.DATASET] == files.version()
