"""Each file fills the named graph that it belongs to; a file given replaces or joins."""

import pyoxigraph as ox
import pytest

from exoreview import files
from exoreview.knowledge import graphs
from exoreview.problems import Refusal
from exoreview.terms import BASE, PREFIXES

CLAIM = ox.NamedNode(PREFIXES["claim"] + "s04-c6")
NEW = """
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix claim: <https://w3id.org/exoreview/claim/> .

claim:s04-c6
    rdfs:label "Another sentence."@en ;
    rdfs:seeAlso _:node .
"""


@pytest.fixture(scope="module")
def loaded():
    return graphs.load()


@pytest.fixture
def given(tmp_path):
    """A file of the given name that holds one claim."""

    def write(name, text=NEW):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        return path

    return write


ASSERTED = ("ontology", "concepts", "review", "enrichment", "claims", "mappings")


def test_the_table_says_what_is_asserted():
    assert graphs.ASSERTED == ASSERTED
    names = [graph.name for graph in graphs.GRAPHS]
    assert len(names) == len(set(names)) == 15
    assert all(graph.iri == f"{BASE}graph/{graph.name}" for graph in graphs.GRAPHS)


def test_every_turtle_file_belongs_to_one_graph():
    """A new file in ontology/, shapes/ or data/ is read, or this says that it is not."""
    sources = [source.path for given in graphs.sources().values() for source in given]
    assert len(sources) == len(set(sources))
    found = [path for folder in ("ontology", "shapes", "data") for path in files.path(folder).rglob("*.ttl")]
    assert {files.shown(path) for path in found} <= {files.shown(path) for path in sources}


KNOWN = [
    pytest.param("ontology", "exr:Claim", "rdf:type", "owl:Class", id="ontology"),
    pytest.param("ontology", "sp:contributesTo", "rdf:type", "owl:NamedIndividual", id="borrowed"),
    pytest.param("concepts", "exc:Exosome", "rdf:type", "owl:Class", id="concepts"),
    pytest.param("review", "sentence:s04", "rdf:type", "doco:Sentence", id="review"),
    pytest.param("enrichment", "review:journal", "prism:issn", None, id="enrichment"),
    pytest.param("claims", "claim:s04-c6", "exr:hasObject", "exc:Chemoresistance", id="claims"),
    pytest.param("mappings", "exc:Exosome", "skos:exactMatch", "obo:GO_0070062", id="mappings"),
    pytest.param("shapes", None, "sh:targetClass", "exr:Claim", id="shapes"),
    pytest.param("queries", None, "sh:select", None, id="queries"),
    pytest.param("catalog", None, "rdf:type", "dcat:Dataset", id="catalog"),
]


@pytest.mark.parametrize(("graph", "subject", "predicate", "object_"), KNOWN)
def test_a_known_triple_stands_in_its_graph(loaded, graph, subject, predicate, object_):
    wanted = [name and _iri(name) for name in (subject, predicate, object_)]
    assert any(
        all(part is None or part == term for part, term in zip(wanted, triple, strict=True))
        for triple in loaded[graph]
    )


def _iri(name):
    prefix, _, local = name.partition(":")
    return ox.NamedNode(PREFIXES[prefix] + local)


def test_each_triple_stands_once_in_a_graph(loaded):
    assert {name: len(triples) - len(set(triples)) for name, triples in loaded.items()} == dict.fromkeys(
        loaded, 0
    )


def test_the_default_graph_is_the_union_of_the_asserted_graphs(loaded):
    union = graphs.asserted(loaded)
    assert len(union) == len(set(union))
    assert set(union) == {triple for name in ASSERTED for triple in loaded[name]}


def test_quads_stand_in_named_graphs(loaded):
    quads = list(graphs.quads({"claims": loaded["claims"]}))
    assert {quad.graph_name.value for quad in quads} == {f"{BASE}graph/claims"}
    assert {quad.triple for quad in quads} == set(loaded["claims"])


def test_files_share_no_blank_node(loaded):
    nodes = [
        {term for triple in triples for term in triple if isinstance(term, ox.BlankNode)}
        for triples in loaded.values()
    ]
    assert sum(map(len, nodes)) == len(set().union(*nodes))


def test_blank_nodes_of_added_files_do_not_collide(given):
    extra = [given("one.ttl"), given("two.ttl")]
    triples = graphs.load(extra=extra, names=["claims"])["claims"]
    assert len({triple.object for triple in triples if triple.predicate == _iri("rdfs:seeAlso")}) == 2


def test_a_file_of_a_known_name_replaces_the_project_s(given):
    overrides, extra = graphs.sort_out([given("claims.ttl")])
    assert (list(overrides), extra) == (["data/claims.ttl"], [])
    triples = graphs.load(overrides, extra, names=["claims"])["claims"]
    assert {triple.subject for triple in triples} == {CLAIM}


def test_a_file_of_another_name_is_added(given):
    path = given("more-claims.ttl")
    overrides, extra = graphs.sort_out([path])
    assert (overrides, extra) == ({}, [path])
    before = graphs.load(names=["claims"])["claims"]
    after = graphs.load(overrides, extra, names=["claims"])["claims"]
    assert len(after) == len(before) + 2


def test_an_override_may_be_named_briefly(given):
    triples = graphs.load({"claims.ttl": given("other.ttl")}, names=["claims"])["claims"]
    assert {triple.subject for triple in triples} == {CLAIM}


@pytest.mark.parametrize("folder", ["ontology", "data"])
def test_a_folder_tells_files_of_one_name_apart(given, folder):
    overrides, _ = graphs.sort_out([given(f"{folder}/review.ttl")])
    assert list(overrides) == [f"{folder}/review.ttl"]


def test_the_project_s_own_files_stand_for_themselves():
    paths = [source.path for given in graphs.sources().values() for source in given]
    overrides, extra = graphs.sort_out(paths)
    assert extra == []
    assert {files.path(name) for name in overrides} == set(paths)


REFUSED = [
    pytest.param(["gone/claims.ttl"], "gone/claims.ttl is missing", id="replacement-missing"),
    pytest.param(["gone/more.ttl"], "gone/more.ttl is missing", id="addition-missing"),
    pytest.param(["other/review.ttl"], "may stand for ontology/review.ttl or data/review.ttl", id="unclear"),
    pytest.param(["a/claims.ttl", "b/claims.ttl"], "is a second file for data/claims.ttl", id="twice"),
    pytest.param(["wrong.ttl"], r"wrong.ttl:1:\d+: ", id="not-turtle"),
]


@pytest.mark.parametrize(("names", "sentence"), REFUSED)
def test_what_cannot_be_loaded_is_refused_in_a_sentence(given, tmp_path, names, sentence):
    given("other/review.ttl")
    given("a/claims.ttl")
    given("b/claims.ttl")
    given("wrong.ttl", "this is not Turtle")
    with pytest.raises(Refusal, match=sentence):
        graphs.load(*graphs.sort_out(tmp_path / name for name in names))


def test_an_unknown_name_to_replace_is_refused():
    with pytest.raises(Refusal, match=r"nothing\.ttl is none of the project's files"):
        graphs.load({"nothing.ttl": files.path("data/claims.ttl")})


def test_what_is_missing_because_it_is_generated_says_how_to_make_it(tmp_path):
    with pytest.raises(Refusal, match="is missing; make it with: exoreview reason"):
        graphs.load({"data/inferred.ttl": tmp_path / "inferred.ttl"}, names=["inferred"])
