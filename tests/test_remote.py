"""A real Virtuoso and a real Oxigraph server answer as the embedded engine does, or not at all."""

import time

import pytest
from pyoxigraph import (
    DefaultGraph,
    Literal,
    NamedNode,
    Quad,
    QueryResultsFormat,
    RdfFormat,
    Store,
    parse,
    parse_query_results,
)

import peers
from examples import NAMES, Example, answer, dataset, expected
from exoreview import media
from exoreview.sparql import querytext
from exoreview.sparql.engine import Embedded
from exoreview.sparql.outcomes import QueryError, Timeout, TooLarge
from peers import asking, written

# Results of real servers are cut here, which is far beyond what the examples answer.
MOST_ROWS = 1000

BIG, ODD = "http://example.org/big", "http://example.org/odd"
XSD = "http://www.w3.org/2001/XMLSchema#"


# --- Real servers -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def store():
    """The project's dataset, a graph that is longer than what a Virtuoso sends, and one of odd terms."""
    made = dataset()
    big, p = NamedNode(BIG), NamedNode("http://example.org/p")
    made.extend(Quad(NamedNode(f"{BIG}#{i}"), p, Literal(str(i)), big) for i in range(3 * MOST_ROWS))
    odd = f"""
        @prefix e: <http://example.org/> .
        @prefix xsd: <{XSD}> .
        e:s e:p "plain", "colour"@en-GB, 1, 1.5, "2020-01-02"^^xsd:date, "2020"^^xsd:gYear, "x"^^e:type,
            "a<b&\\"c\\"\\\\", "line\\n\\t\\rbreak", "é中😀", e:o, [ e:q "in a blank node" ], "nodeID://b1",
            '"type": "bnode", "value": "nodeID://b1"', "_:b1" .
    """
    graph = NamedNode(ODD)
    made.extend(Quad(*quad.triple, graph) for quad in parse(odd, format=RdfFormat.TURTLE))
    return made


@pytest.fixture(scope="module")
def oxigraph(store, tmp_path_factory):
    folder = tmp_path_factory.mktemp("oxigraph")
    store.dump(folder / "data.nq", format=RdfFormat.N_QUADS)
    with peers.oxigraph(folder, folder / "data.nq") as url, asking(url) as engine:
        yield engine


@pytest.fixture(scope="module")
def virtuoso(store, tmp_path_factory):
    folder = tmp_path_factory.mktemp("virtuoso")
    own = NamedNode(peers.DEFAULT_GRAPH)
    copy = Store()
    copy.extend(
        Quad(*quad.triple, own if isinstance(quad.graph_name, DefaultGraph) else quad.graph_name)
        for quad in store
    )
    copy.dump(folder / "quads.nq", format=RdfFormat.N_QUADS)
    with peers.virtuoso(folder, folder / "quads.nq", MOST_ROWS) as url, asking(url) as engine:
        yield engine


@pytest.fixture(params=["oxigraph", "virtuoso"])
def real(request):
    """Both real servers, one after the other."""
    return request.getfixturevalue(request.param)


def answered(engine, text, **graphs):
    """What an engine answers, as the files of answers have it."""
    if querytext.FORMS[querytext.scan(text).form] == media.GRAPH:
        return {
            quad.triple
            for quad in parse(written(engine, text, media.NTRIPLES, **graphs), RdfFormat.N_TRIPLES)
        }
    return answer(parse_query_results(written(engine, text, **graphs), format=QueryResultsFormat.JSON))


@pytest.mark.parametrize("name", NAMES)
def test_an_example_is_answered_by_oxigraph(name, oxigraph):
    assert answered(oxigraph, Example(name).asking()) == expected(name)


# What this Virtuoso (7.2) does otherwise than SPARQL 1.1 says.
DIALECT = {
    "all-about-a-claim": "DESCRIBE says more: what other graphs say of the claim too",
    "fingerprint": "integers are divided without a remainder",
    "outside-links-of-a-concept": "the value of EXISTS is 0 or 1",
}

# A path of any length may find a thing once for each way to it; whether it does is the planner's choice.
REPEATED = {"release-of-exosomes"}


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=pytest.mark.xfail(reason=DIALECT[name], strict=True))
        if name in DIALECT
        else name
        for name in NAMES
    ],
)
def test_an_example_is_answered_by_virtuoso(name, virtuoso, store):
    graphs = {
        "default_graphs": (peers.DEFAULT_GRAPH,),
        "named_graphs": tuple(graph.value for graph in store.named_graphs()),
    }
    rows = answered(virtuoso, Example(name).asking(), **graphs)
    if name in REPEATED:
        assert list(dict.fromkeys(rows)) == list(dict.fromkeys(expected(name)))
    else:
        assert rows == expected(name)


# Virtuoso keeps no capitals in language tags, which mean nothing (RFC 5646).
def plain(rows):
    return sorted(row.replace("@en-GB", "@en-gb") for row in rows)


def test_odd_terms_arrive_as_they_are(real, store):
    pattern = f"GRAPH <{ODD}> {{ ?s ?p ?o }} FILTER(!isBlank(?o)) OPTIONAL {{ ?o <{BIG}> ?none }}"
    text = f"SELECT ?o ?none {{ {pattern} }}"
    assert plain(answered(real, text)) == plain(answered(Embedded(store), text))


def test_blank_nodes_join_within_a_result(real):
    pattern = "?s ?p ?b . ?c <http://example.org/q> ?o FILTER(isBlank(?b))"
    text = f"SELECT ?s ?b ?c {{ GRAPH <{ODD}> {{ {pattern} }} }}"
    [row] = list(parse_query_results(written(real, text), format=QueryResultsFormat.JSON))
    assert row["b"] == row["c"]


ASK = {
    "true": (f"ASK {{ GRAPH <{ODD}> {{ ?s ?p 1 }} }}", b"true"),
    "false": (f"ASK {{ GRAPH <{ODD}> {{ ?s ?p 2 }} }}", b"false"),
}


@pytest.mark.parametrize(("text", "said"), ASK.values(), ids=ASK)
def test_a_boolean(real, text, said):
    assert written(real, text, media.CSV) == said


@pytest.mark.parametrize("format", [*media.RESULTS, *media.RDF], ids=lambda format: format.name)
def test_every_format(real, format):
    pattern = f"{{ GRAPH <{BIG}> {{ ?s ?p ?o FILTER(?s = <{BIG}#7>) }} }}"
    if format in media.RDF:
        body = written(real, f"CONSTRUCT {{ ?s ?p ?o }} WHERE {pattern}", format)
        assert [quad.object.value for quad in parse(body, format=format.engine)] == ["7"]
    else:
        body = written(real, f"SELECT ?s {pattern}", format)
        assert f"{BIG}#7" in body.decode().replace("\\/", "/")


def test_a_graph_has_the_prefixes_of_its_query(real):
    text = f"PREFIX b: <{BIG}#> CONSTRUCT {{ b:7 a ?o }} WHERE {{ GRAPH <{BIG}> {{ b:7 ?p ?o }} }}"
    assert b"b:7 a" in written(real, text, media.TURTLE)


WRONG = {
    "cut off": "SELECT * {\n ?s ?p",
    "missing prefix": "SELECT * { ?s exr:p ?o }",
    "no query": "hello",
    "unbound": "SELECT ?s { ?a ?b ?c } GROUP BY ?a",
    "update": "INSERT DATA { <urn:a> <urn:b> 1 }",
    "update after a query": "SELECT * { ?s ?p ?o } ; INSERT DATA { <urn:a> <urn:b> 1 }",
    "SERVICE": "SELECT * { SERVICE <http://127.0.0.1/> { ?s ?p ?o } }",
    "nesting": "SELECT * " + "{" * 500 + "}" * 500,
    "pragma of Virtuoso": "define get:soft 'soft' SELECT * { ?s ?p ?o }",
    "sponger of Virtuoso": "SELECT * FROM <http://127.0.0.1/> OPTION (get:soft 'soft') { ?s ?p ?o }",
    "function of Virtuoso": "SELECT (bif:now() AS ?now) {}",
    "a name left out": "SELECT COUNT(*) { ?s ?p ?o }",
}


@pytest.mark.parametrize("text", WRONG.values(), ids=WRONG)
def test_a_wrong_query_is_refused_as_by_the_embedded_engine(text):
    """Before it is sent: nobody listens here."""
    with pytest.raises(QueryError) as own:
        written(Embedded(Store()), text)
    with asking("http://127.0.0.1:9/") as engine, pytest.raises(QueryError) as error:
        written(engine, text)
    said, ours = error.value, own.value
    assert (said.message, said.line, said.column, said.hint) == (
        ours.message,
        ours.line,
        ours.column,
        ours.hint,
    )


def test_what_a_virtuoso_cannot_answer_is_the_query_s_mistake(virtuoso):
    with pytest.raises(QueryError, match=r"cannot answer the query: Division by 0\.$"):
        written(virtuoso, "SELECT (1/0 AS ?x) {}")


def test_the_dataset_of_the_protocol(real):
    text = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
    assert answered(real, text, default_graphs=(BIG,))[1:] == [str(3 * MOST_ROWS)]
    named = "ASK { GRAPH ?g { ?s ?p 1.5 } }"
    assert answered(real, named, default_graphs=(BIG,), named_graphs=(BIG,)) == ["false"]
    assert answered(real, named, default_graphs=(BIG,), named_graphs=(ODD,)) == ["true"]


HEAVY = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l FILTER(?c != ?l) }"


def test_a_query_without_end_is_over_in_time(real):
    with asking(real.endpoint.url, query_timeout_s=1.0) as engine:
        begun = time.monotonic()
        with pytest.raises(Timeout, match="stopped after 1 seconds, the limit here"):
            written(engine, HEAVY)
        assert time.monotonic() - begun < 1.5
        assert written(engine, "ASK {}", media.CSV) == b"true"


# --- What Virtuoso cuts short -------------------------------------------------------------------------------

ROWS = f"SELECT ?o {{ GRAPH <{BIG}> {{ ?s ?p ?o }} }}"
GRAPH = f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH <{BIG}> {{ ?s ?p ?o }} }}"

CUT = {
    "all rows": ROWS,
    "more rows than are sent": f"{ROWS} LIMIT {MOST_ROWS + 1}",
    "LIMIT in a comment": f"{ROWS}\n# LIMIT 10",
    "LIMIT within": f"SELECT * {{ {{ {ROWS} LIMIT {2 * MOST_ROWS} }} }}",
    "a graph": GRAPH,
    "a part of a graph": f"{GRAPH} LIMIT {MOST_ROWS + 1}",
    "more triples than solutions": f"{GRAPH.replace('p ?o', 'p 1, 2, 3', 1)} LIMIT 800",
}


@pytest.mark.parametrize("text", CUT.values(), ids=CUT)
def test_a_result_that_virtuoso_cuts_short_is_none(virtuoso, text):
    format = media.NTRIPLES if text.startswith("CONSTRUCT") else media.CSV
    with pytest.raises(TooLarge, match=r"ends a result after 1,00\d (rows|triples), and this one is longer"):
        written(virtuoso, text, format)


WHOLE = {
    "as many rows as are sent": (f"{ROWS} LIMIT {MOST_ROWS}", media.TSV, MOST_ROWS + 1),
    "a page": (f"{ROWS} ORDER BY ?o limit 10\nOFFSET 20 ", media.TSV, 11),
    "as many triples as are sent": (f"{GRAPH} LIMIT {MOST_ROWS}", media.NTRIPLES, MOST_ROWS),
    "a small graph": (f"{GRAPH} LIMIT 3", media.NTRIPLES, 3),
}


@pytest.mark.parametrize(("text", "format", "lines"), WHOLE.values(), ids=WHOLE)
def test_a_result_that_virtuoso_sends_whole_is_one(virtuoso, text, format, lines):
    assert written(virtuoso, text, format).count(b"\n") == lines


def test_virtuoso_says_when_its_time_was_up(virtuoso):
    """An endpoint whose operator set a time-out sends what it has found by then, with status 200."""
    with (
        asking(f"{virtuoso.endpoint.url}?timeout=1000") as engine,
        pytest.raises(Timeout, match="narrow it down"),
    ):
        written(engine, "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER(?c + ?f = ?i + 77777777) }")
