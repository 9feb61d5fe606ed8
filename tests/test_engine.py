"""The engine answers in every format, says where a query is wrong, reads files of RDF, and never goes out."""

import json
import socket
from io import BytesIO

import pytest
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, Store, parse, parse_query_results

from exoreview import media
from exoreview.sparql.engine import Embedded, Question
from exoreview.sparql.outcomes import QueryError

P = NamedNode("http://example.org/p")


def node(name):
    return NamedNode(f"http://example.org/{name}")


@pytest.fixture(scope="module")
def engine():
    """Three triples in the default graph, one in each of two named graphs."""
    store = Store()
    store.extend(Quad(node(f"s{number}"), P, Literal(str(number)), DefaultGraph()) for number in range(3))
    store.extend(Quad(node(f"in{name}"), P, Literal("x"), node(name)) for name in ("g1", "g2"))
    return Embedded(store, max_nesting=50)


def asked(engine, text, format=media.RESULTS_JSON, **dataset):
    out = BytesIO()
    engine.write(Question(text, format, **dataset), out)
    return out.getvalue()


def subjects(engine, text, **dataset):
    rows = json.loads(asked(engine, text, **dataset))["results"]["bindings"]
    return {row["s"]["value"].rpartition("/")[2] for row in rows}


@pytest.mark.parametrize("format", media.RESULTS, ids=lambda format: format.name)
def test_bindings_in_every_format(engine, format):
    answer = asked(engine, "SELECT ?o { ?s ?p ?o } ORDER BY ?o", format)
    if format == media.CSV:
        assert answer.split() == [b"o", b"0", b"1", b"2"]
    else:
        solutions = parse_query_results(answer, format=format.engine)
        assert [solution["o"].value for solution in solutions] == ["0", "1", "2"]


@pytest.mark.parametrize("format", media.RESULTS, ids=lambda format: format.name)
def test_a_boolean_in_every_format(engine, format):
    body = asked(engine, "ASK { ?s ?p '1' }", format)
    assert body == b"true" if format == media.CSV else bool(parse_query_results(body, format=format.engine))


@pytest.mark.parametrize("format", media.RDF, ids=lambda format: format.name)
@pytest.mark.parametrize("query", ["CONSTRUCT WHERE { ?s ?p ?o }", "DESCRIBE ?s { ?s ?p ?o }"], ids=str.split)
def test_a_graph_in_every_format(engine, query, format):
    answer = asked(engine, query, format)
    assert len(list(parse(answer, format=format.engine))) == 3


def test_a_graph_has_the_prefixes_of_its_query(engine):
    query = "PREFIX e: <http://example.org/> CONSTRUCT WHERE { e:s1 ?p ?o }"
    assert b"e:s1 e:p" in asked(engine, query, media.TURTLE)


DATASETS = {
    "default": ("SELECT ?s { ?s ?p ?o }", {}, {"s0", "s1", "s2"}),
    "GRAPH": ("SELECT ?s { GRAPH ?g { ?s ?p ?o } }", {}, {"ing1", "ing2"}),
    "FROM": ("SELECT ?s FROM <http://example.org/g1> { ?s ?p ?o }", {}, {"ing1"}),
    "FROM, then GRAPH": ("SELECT ?s FROM <http://example.org/g1> { GRAPH ?g { ?s ?p ?o } }", {}, set()),
    "FROM NAMED": ("SELECT ?s FROM NAMED <http://example.org/g2> { GRAPH ?g { ?s ?p ?o } }", {}, {"ing2"}),
    "FROM what is not here": ("SELECT ?s FROM <http://example.org/none> { ?s ?p ?o }", {}, set()),
    "default-graph-uri": (
        "SELECT ?s { ?s ?p ?o }",
        {"default_graphs": ("http://example.org/g1", "http://example.org/g2")},
        {"ing1", "ing2"},
    ),
    "default-graph-uri over FROM": (
        "SELECT ?s FROM <http://example.org/g1> { ?s ?p ?o }",
        {"default_graphs": ("http://example.org/g2",)},
        {"ing2"},
    ),
    "named-graph-uri": (
        "SELECT ?s { GRAPH ?g { ?s ?p ?o } }",
        {"named_graphs": ("http://example.org/g1",)},
        {"ing1"},
    ),
    "named-graph-uri empties the default graph": (
        "SELECT ?s { ?s ?p ?o }",
        {"named_graphs": ("http://example.org/g1",)},
        set(),
    ),
}


@pytest.mark.parametrize(("query", "dataset", "found"), DATASETS.values(), ids=DATASETS)
def test_the_dataset(engine, query, dataset, found):
    assert subjects(engine, query, **dataset) == found


WRONG = {
    "missing prefix": (
        "SELECT *\n{ ?s exr:p ?o }",
        "The prefix “exr:” is not declared.",
        2,
        6,
        "PREFIX exr: <",
    ),
    "unknown prefix": ("ASK { ?s zz:p ?o }", "The prefix “zz:” is not declared.", 1, 10, ""),
    "an object missing": ("SELECT * { ?s ?p }", "The object of the triple is missing", 1, 18, "A triple is"),
    "cut off": ("SELECT * {\n ?s ?p", "The object of the triple is missing", 2, 7, "A triple is"),
    "no query": ("hello", "This is no query: there is no SELECT", 1, None, ""),
    "empty": ("", "This is no query", 1, 1, ""),
    "update": (" INSERT DATA {}", "This is an update (INSERT); only queries", 1, 2, ""),
    "unbound variable": (
        "SELECT (COUNT(*) AS ?n) ?s { ?s ?p ?o }",
        "?s stands after SELECT, but is neither grouped",
        1,
        25,
        "GROUP BY",
    ),
    "unknown function": ("SELECT (<http://e.org/f>(1) AS ?x) {}", "The custom function", None, None, ""),
    "relative IRI": ("SELECT * { <a> ?p ?o }", "", 1, None, ""),
    "deep": (
        "SELECT * " + "{" * 60 + "}" * 60,
        "The query nests brackets 60 deep; at most 50",
        None,
        None,
        "",
    ),
    "service": ("ASK { SERVICE <http://e.org/> {} }", "SERVICE is off: this endpoint", 1, 7, "Ask the other"),
}


@pytest.mark.parametrize(("text", "message", "line", "column", "hint"), WRONG.values(), ids=WRONG)
def test_a_mistake_has_a_place_and_a_sentence(engine, text, message, line, column, hint):
    with pytest.raises(QueryError) as caught:
        asked(engine, text)
    error = caught.value
    assert error.message.startswith(message)
    assert error.message.endswith(".")
    assert error.line == line
    assert column is None or error.column == column
    assert error.hint.startswith(hint) or hint in error.hint
    assert "'..='" not in error.message


@pytest.mark.parametrize("silent", ["", "SILENT "], ids=["service", "silent service"])
def test_no_service_is_called(engine, silent):
    with socket.create_server(("127.0.0.1", 0)) as other:
        other.settimeout(0.2)
        with pytest.raises(QueryError, match="SERVICE is off"):
            asked(
                engine, f"SELECT * {{ SERVICE {silent}<http://127.0.0.1:{other.getsockname()[1]}/> {{ }} }}"
            )
        with pytest.raises(TimeoutError):
            other.accept()


def test_no_graph_is_fetched(engine):
    with socket.create_server(("127.0.0.1", 0)) as other:
        other.settimeout(0.2)
        address = f"http://127.0.0.1:{other.getsockname()[1]}/x.ttl"
        assert subjects(engine, f"SELECT ?s FROM <{address}> {{ ?s ?p ?o }}") == set()
        with pytest.raises(TimeoutError):
            other.accept()
