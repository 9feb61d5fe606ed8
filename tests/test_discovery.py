"""Programs find the description of the data, example queries and prefixes where they look for them."""

import json

import pytest
from pyoxigraph import Dataset, Literal, NamedNode, Quad, RdfFormat, Store, parse

import served
from exoreview import files, media
from exoreview.terms import BASE, PREFIXES, term
from served import BROWSER, release


@pytest.fixture(scope="module")
def client():
    return served.client()


def graph(client, path, format=media.TURTLE):
    response = client.get(path, headers={"Accept": format.media_type})
    assert (response.status_code, response.mimetype) == (200, format.media_type)
    assert "Accept" in response.vary
    return {quad.triple for quad in parse(response.data, format=format.engine)}


WELL_KNOWN = {"/.well-known/void": "catalog", "/.well-known/sparql-examples": "queries"}


@pytest.mark.parametrize("format", media.RDF, ids=lambda format: format.name)
@pytest.mark.parametrize("path", WELL_KNOWN)
def test_a_graph_is_had_under_the_name_that_programs_know(client, path, format):
    assert graph(client, path, format) == set(release().graphs[WELL_KNOWN[path]])


@pytest.mark.parametrize(
    ("path", "page"),
    {
        "/.well-known/void": "/dataset.html",
        "/.well-known/sparql-examples": "/sparql",
        "/prefixes": "/query/prefixes.html",
    }.items(),
)
def test_a_browser_is_sent_to_a_page(client, path, page):
    response = client.get(path, headers={"Accept": BROWSER})
    assert (response.status_code, response.headers["Location"]) == (303, page)
    assert client.get(page, headers={"Accept": BROWSER}).mimetype == "text/html"


# As the editor and the question answering of the SIB read examples and prefixes.
EXAMPLES = """PREFIX sh: <http://www.w3.org/ns/shacl#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX spex: <https://purl.expasy.org/sparql-examples/ontology#>
SELECT DISTINCT ?query ?comment ?text WHERE {
  ?query a sh:SPARQLExecutable ; rdfs:comment ?comment ; sh:select|sh:ask|sh:construct|spex:describe ?text
}"""
DECLARED = """PREFIX sh: <http://www.w3.org/ns/shacl#>
SELECT ?prefix ?namespace WHERE { [] sh:declare [ sh:prefix ?prefix ; sh:namespace ?namespace ] }"""


def test_the_example_queries_are_complete_with_their_prefixes(client):
    store = Store()
    store.extend(Quad(*triple) for triple in graph(client, "/.well-known/sparql-examples"))
    declared = store.query(DECLARED)
    start = "".join(f"PREFIX {row['prefix'].value}: <{row['namespace'].value}>\n" for row in declared)
    found = list(store.query(EXAMPLES))
    assert len(found) == len(files.query_files()) - 1
    for row in found:
        served.store().query(start + row["text"].value)


def test_the_prefixes_alone(client):
    store = Store()
    store.extend(Quad(*triple) for triple in graph(client, "/prefixes"))
    found = {row["prefix"].value: row["namespace"].value for row in store.query(DECLARED)}
    assert found["exr"] == PREFIXES["exr"]
    assert found.items() <= PREFIXES.items()
    assert not list(store.query(EXAMPLES))


def test_a_small_document_by_the_context(client):
    response = client.get("/context.jsonld")
    assert (response.status_code, response.mimetype) == (200, "application/ld+json")
    said = {
        "@context": json.loads(response.text)["@context"],
        "id": "claim:s04-c6",
        "type": "Claim",
        "label": "One that is said.",
        "hasSubject": "exc:Exosome",
        "verbatimPredicate": "play roles in",
        "hasQuote": {"id": "quote:486-501", "start": 486, "exact": "chemoresistance"},
    }
    found = Dataset(parse(json.dumps(said), format=RdfFormat.JSON_LD))
    claim, quote = NamedNode(BASE + "claim/s04-c6"), NamedNode(BASE + "quote/486-501")
    number = Literal("486", datatype=term("xsd:nonNegativeInteger"))
    expected = [
        Quad(claim, term("rdf:type"), term("exr:Claim")),
        Quad(claim, term("rdfs:label"), Literal("One that is said.", language="en")),
        Quad(claim, term("exr:hasSubject"), term("exc:Exosome")),
        Quad(claim, term("exr:verbatimPredicate"), Literal("play roles in", language="en")),
        Quad(claim, term("exr:hasQuote"), quote),
        Quad(quote, term("exr:start"), number),
        Quad(quote, term("exr:exact"), Literal("chemoresistance", language="en")),
    ]
    assert {str(quad) for quad in found} == {str(quad) for quad in expected}


def test_the_context_has_every_term(client):
    context = client.get("/context.jsonld").json["@context"]
    subjects = {triple.subject for triple in release().graphs["ontology"]}
    named = {node.value for node in subjects if isinstance(node, NamedNode)}
    own = {iri.removeprefix(PREFIXES["exr"]) for iri in named if iri.startswith(PREFIXES["exr"])}
    assert own <= context.keys()
    assert PREFIXES.keys() <= context.keys()
    assert not own & PREFIXES.keys()


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
def test_the_mappings_are_read_as_sssom(client, tmp_path):
    from sssom.parsers import parse_sssom_table

    response = client.get("/mappings.sssom.tsv")
    assert (response.status_code, response.mimetype) == (200, "text/tab-separated-values")
    place = tmp_path / "mappings.sssom.tsv"
    place.write_bytes(response.data)
    read = parse_sssom_table(place)
    links = {triple.subject for triple in release().graphs["mappings"] if "/mapping/" in str(triple.subject)}
    assert len(read.df) == len(links) > 250
    assert read.metadata["mapping_set_id"] == BASE + "mappings"


def test_the_endpoint_has_the_example_queries_under_the_same_name():
    name = NamedNode(BASE + ".well-known/sparql-examples")
    found = {quad.triple for quad in served.store().quads_for_pattern(None, None, None, name)}
    assert found == set(release().graphs["queries"])


def test_the_service_description_lists_every_graph_with_its_size(client):
    """All but those of the nanopublications, of which there are four each."""
    described = Store()
    described.load(client.get("/sparql").data, format=RdfFormat.TURTLE)
    listed = described.query(
        "SELECT ?name ?n { ?d sd:namedGraph [ sd:name ?name ; sd:graph [ void:triples ?n ] ] }",
        prefixes=dict(PREFIXES),
    )
    every = "SELECT ?name (COUNT(*) AS ?n) { GRAPH ?name { ?s ?p ?o } } GROUP BY ?name"
    expected = {(row["name"].value, row["n"].value) for row in served.store().query(every)}
    own = {(name, n) for name, n in expected if not name.startswith(f"{BASE}np/")}
    assert {(row["name"].value, row["n"].value) for row in listed} == own
    assert len(own) == 16
