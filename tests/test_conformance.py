"""The runner of the W3C's tests sees every difference that counts, and none that does not."""

from urllib.parse import quote_plus

import pytest
from pyoxigraph import Literal, NamedNode, Quad

from conformance import comparison, datasets, manifests, protocol, results, w3c
from conformance.manifests import Case, Checkout, Request
from conftest import serving

TABLE = '{"head": {"vars": ["x", "y"]}, "results": {"bindings": [%s]}}'
INTEGER = "http://www.w3.org/2001/XMLSchema#integer"


def row(**terms):
    """A solution in JSON: `_:a` is a blank node, `<a>` an IRI, a number an integer, the rest a string."""
    found = []
    for name, term in terms.items():
        kind = "bnode" if term.startswith("_:") else "uri" if term.startswith("<") else "literal"
        datatype = f', "datatype": "{INTEGER}"' if term.isdigit() else ""
        value = term.removeprefix("_:").strip("<>")
        found.append(f'"{name}": {{"type": "{kind}", "value": "{value}"{datatype}}}')
    return "{" + ", ".join(found) + "}"


def table(*rows):
    return results.read((TABLE % ", ".join(rows)).encode(), "json")


SAME = {
    "nothing": ([], []),
    "another-order": ([row(x="a"), row(x="b")], [row(x="b"), row(x="a")]),
    "other-labels": ([row(x="_:a", y="_:b")], [row(x="_:b", y="_:a")]),
    "one-node-in-two-rows": ([row(x="_:a"), row(y="_:a")], [row(x="_:z"), row(y="_:z")]),
    "a-cycle": (
        [row(x="_:a", y="_:b"), row(x="_:b", y="_:c"), row(x="_:c", y="_:a")],
        [row(x="_:2", y="_:1"), row(x="_:1", y="_:3"), row(x="_:3", y="_:2")],
    ),
}
DIFFERENT = {
    "one-more": ([row(x="a")], []),
    "twice": ([row(x="a"), row(x="a"), row(x="b")], [row(x="a"), row(x="b"), row(x="b")]),
    "another-term": ([row(x="a")], [row(x="b")]),
    "iri-and-string": ([row(x="<s:a>")], [row(x="s:a")]),
    "number-and-string": ([row(x="1")], [row(x="1a")]),
    "another-spelling": ([row(x="1")], [row(x="01")]),
    "unbound": ([row(x="a", y="a")], [row(x="a")]),
    "another-variable": ([row(x="a")], [row(y="a")]),
    "one-node-for-two": ([row(x="_:a", y="_:a")], [row(x="_:a", y="_:b")]),
    "two-nodes-for-one": ([row(x="_:a"), row(y="_:b")], [row(x="_:z"), row(y="_:z")]),
    "a-cycle-of-six-and-two-of-three": (
        [row(x=f"_:{n}", y=f"_:{(n + 1) % 6}") for n in range(6)],
        [row(x=f"_:{n}", y=f"_:{n // 3 * 3 + (n + 1) % 3}") for n in range(6)],
    ),
}


@pytest.mark.parametrize(("actual", "expected"), SAME.values(), ids=SAME)
def test_the_same_solutions(actual, expected):
    assert comparison.difference(table(*actual), table(*expected)) is None


@pytest.mark.parametrize(("actual", "expected"), DIFFERENT.values(), ids=DIFFERENT)
def test_different_solutions(actual, expected):
    assert comparison.difference(table(*actual), table(*expected))
    assert comparison.difference(table(*expected), table(*actual))


def test_order_counts_where_the_expected_solutions_are_numbered():
    expected = results.read(
        b"""@prefix rs: <http://www.w3.org/2001/sw/DataAccess/tests/result-set#> .
            [] a rs:ResultSet ; rs:resultVariable "x", "y" ;
               rs:solution [ rs:index 2 ; rs:binding [ rs:variable "x" ; rs:value "b" ] ] ,
                           [ rs:index 1 ; rs:binding [ rs:variable "x" ; rs:value "a" ] ] .""",
        "ttl",
    )
    assert comparison.difference(table(row(x="a"), row(x="b")), expected) is None
    assert comparison.difference(table(row(x="b"), row(x="a")), expected)


def test_only_a_computed_number_may_be_spelt_in_another_way():
    one, other = table(row(x="1")), table(row(x="01"))
    assert comparison.difference(one, other, computed={"x"}) is None
    assert comparison.difference(one, other, computed={"y"})
    assert comparison.difference(one, table(row(x="2")), computed={"x"})


@pytest.mark.parametrize(
    ("rows", "right"), [("ab", True), ("aab", True), ("aaab", False), ("aa", False), ("abc", False)]
)
def test_reduced_solutions_may_be_there_fewer_times(rows, right):
    expected = table(*(row(x=value) for value in "aab"))
    told = comparison.difference(table(*(row(x=value) for value in rows)), expected, lax=True)
    assert (told is None) is right


GRAPH = "_:a <s:p> _:b . _:b <s:p> <s:o> ."


@pytest.mark.parametrize(
    ("text", "right"),
    [
        (GRAPH, True),
        ("_:y <s:p> <s:o> . _:x <s:p> _:y . _:x <s:p> _:y .", True),
        ("_:a <s:p> _:b . _:a <s:p> <s:o> .", False),
        ("_:a <s:p> _:b .", False),
        ("", False),
    ],
    ids=["itself", "other-labels-twice", "another-shape", "fewer", "empty"],
)
def test_graphs(text, right):
    told = comparison.difference(results.read(text.encode(), "ttl"), results.read(GRAPH.encode(), "turtle"))
    assert (told is None) is right


def test_variables_count_where_nothing_is_bound():
    one, other = results.read(b"x,y\r\n", "csv"), results.read(b"x,z\r\n", "csv")
    assert comparison.difference(one, other) == "the variables are ?x ?y, not ?x ?z"


@pytest.mark.parametrize(
    ("body", "format"), [(b"\r\n\r\n", "csv"), (b"\n\n", "tsv"), (b"x\r\n\r\n", "csv"), (b"?x\n\n", "tsv")]
)
def test_an_empty_line_is_a_solution(body, format):
    assert results.read(body, format).rows == [{}]


def test_kinds_of_results_differ():
    assert comparison.difference(True, table())
    assert comparison.difference(True, False)
    assert comparison.difference(True, True) is None
    assert comparison.difference(results.read(b"", "ttl"), table())


SRX = """<sparql xmlns="http://www.w3.org/2005/sparql-results#">
<head><variable name="x"/><variable name="y"/></head><results>
<result><binding name="x"><uri>s:a</uri></binding>
<binding name="y"><literal datatype="http://www.w3.org/2001/XMLSchema#integer">01</literal></binding></result>
<result><binding name="x"><bnode>n</bnode></binding></result></results></sparql>"""
SPELT = {
    "xml": SRX,
    "tsv": "?x\t?y\n<s:a>\t01\n_:n\t\n",
    "ttl": """@prefix rs: <http://www.w3.org/2001/sw/DataAccess/tests/result-set#> .
        [] a rs:ResultSet ; rs:resultVariable "x", "y" ;
           rs:solution
               [ rs:binding [ rs:variable "x" ; rs:value <s:a> ] , [ rs:variable "y" ; rs:value 01 ] ] ;
           rs:solution [ rs:binding [ rs:variable "x" ; rs:value [] ] ] .""",
}


@pytest.mark.parametrize("format", SPELT)
def test_every_format_is_read_to_the_same(format):
    expected = table(row(x="<s:a>", y="01"), row(x="_:b"))
    assert comparison.difference(results.read(SPELT[format].encode(), format), expected) is None


def test_csv_keeps_texts_and_blank_nodes():
    read = results.read(b'x,y\r\ns:a,"1,5"\r\n_:n,\r\n', "csv")
    assert comparison.difference(read, table(row(x="s:a", y="1,5"), row(x="_:b"))) is None


@pytest.mark.parametrize(
    ("body", "format"),
    [
        (b"{", "json"),
        (b"<sparql>", "xml"),
        (b"x,y\r\n1\r\n", "csv"),
        (b"?x\n<s:a>\t1\n", "tsv"),
        (b"<", "ttl"),
    ],
)
def test_what_is_cut_off_is_no_result(body, format):
    with pytest.raises(ValueError, match=r"."):
        results.read(body, format)


PREFIXES = """
@prefix :   <http://example.org/manifest#> .
@prefix mf: <http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#> .
@prefix qt: <http://www.w3.org/2001/sw/DataAccess/tests/test-query#> .
@prefix ht: <http://www.w3.org/2011/http#> .
@prefix cnt: <http://www.w3.org/2011/content#> .
@prefix hts: <http://www.w3.org/2011/http-statusCodes#> .
"""
SUITE = """
<> mf:entries ( :right :wrong :broken :update :utf16 ) .
:right a mf:QueryEvaluationTest ; mf:name "two graphs" ; mf:result <right.srx> ;
    mf:action [ qt:query <right.rq> ; qt:data <data.ttl> ; qt:graphData <named.ttl> ] .
:wrong a mf:QueryEvaluationTest ; mf:name "what the engine does not give" ; mf:result <wrong.tsv> ;
    mf:action [ qt:query <right.rq> ; qt:data <data.ttl> ; qt:graphData <named.ttl> ] .
:broken a mf:NegativeSyntaxTest11 ; mf:name "a half" ; mf:action <broken.rq> .
:update a mf:UpdateEvaluationTest ; mf:name "an update" ; mf:action [] .
:utf16 a mf:ProtocolTest ; mf:name "a posted query" ; mf:action [ ht:requests ( [
    ht:methodName "POST" ; ht:absolutePath "/sparql/" ;
    ht:headers ( [ ht:fieldName "content-type" ;
                   ht:fieldValue "application/sparql-query; charset=UTF-16" ] ) ;
    ht:body [ cnt:characterEncoding "UTF-16" ; cnt:chars "ASK {}" ] ;
    ht:resp [ mf:expectedStatus hts:StatusCode4xx ] ] ) ] .
"""
QUERY = "SELECT ?x ?y FROM <data.ttl> FROM NAMED <named.ttl> { ?x <p> ?z GRAPH <named.ttl> { ?z <p> ?y } }"


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """A checkout with a suite of five cases, one of which expects what is not so."""
    root = tmp_path_factory.mktemp("rdf-tests")
    empty = f"{PREFIXES}<> mf:entries () ."
    content = {
        "sparql10/manifest.ttl": f"{PREFIXES}<> mf:include ( <small/manifest.ttl> ) .",
        "sparql11/manifest-all.ttl": empty,
        "sparql10/small/manifest.ttl": PREFIXES + SUITE,
        "sparql10/small/data.ttl": "<s:a> <p> _:n .  _:n <p> 1 .  <s:a> <p> <b> .",
        "sparql10/small/named.ttl": "<b> <p> 1 .  _:n <p> 2 .",
        "sparql10/small/right.rq": QUERY,
        "sparql10/small/broken.rq": "SELECT * {",
        "sparql10/small/right.srx": SRX.replace(">01<", ">1<").replace(
            '<result><binding name="x"><bnode>n</bnode></binding></result>', ""
        ),
        "sparql10/small/wrong.tsv": "?x\t?y\n<s:a>\t1\n<s:a>\t2\n",
    }
    for name, text in content.items():
        path = root / "sparql" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return Checkout(root)


def cases(checkout):
    return {case.iri.partition("#")[2]: case for case in w3c.selected(checkout, None)}


def test_a_manifest_is_read(checkout):
    found = cases(checkout)
    base = f"{Checkout.ADDRESS}sparql/sparql10/small/"
    assert list(found) == ["right", "wrong", "broken", "update", "utf16"]
    assert [case.kind for case in found.values()] == [
        manifests.EVALUATION,
        manifests.EVALUATION,
        manifests.NEGATIVE,
        manifests.OTHER,
        manifests.PROTOCOL,
    ]
    right = found["right"]
    assert (right.id, right.name) == ("sparql10/small/right", "two graphs")
    assert right.text() == f"BASE <{base}right.rq>\n{QUERY}"
    assert found["utf16"].requests == (
        Request(
            "POST",
            "/sparql/",
            (("content-type", "application/sparql-query; charset=UTF-16"),),
            "ASK {}".encode("utf-16"),
            frozenset({"4xx"}),
        ),
    )
    folder = checkout.root / "sparql" / "sparql10" / "small"
    assert right.dataset == {
        ("", folder / "data.ttl"),
        (f"{base}data.ttl", folder / "data.ttl"),
        (f"{base}named.ttl", folder / "named.ttl"),
    }


def test_blank_nodes_of_two_files_are_two(checkout):
    quads = datasets.quads(cases(checkout)["right"].dataset, checkout)
    nodes = {str(quad.subject): quad.graph_name for quad in quads if str(quad.subject).startswith("_:")}
    assert len(nodes) == 3


def test_a_part_is_chosen_by_pattern(checkout):
    assert [case.name for case in w3c.selected(checkout, "small/bro")] == ["a half"]
    assert w3c.selected(checkout, "nothing") == []


@pytest.fixture(scope="module")
def small(checkout, tmp_path_factory):
    """A server of the suite's data: its address, and the data."""
    data = datasets.quads(cases(checkout)["right"].dataset, checkout)
    path = tmp_path_factory.mktemp("served") / "data.nq"
    datasets.write(data, path)
    with serving("--data", path) as address:
        yield address, data


def judged(checkout, address, data, *known):
    found = cases(checkout)
    listed = {found[name].id: "A reason." for name in known}
    return [w3c.judged(found[name], address, data, listed) for name in ("right", "wrong", "broken")]


def test_a_suite_runs_against_a_real_server(checkout, small, capsys):
    outcomes = judged(checkout, *small)
    assert [outcome.status for outcome in outcomes] == [w3c.PASSED, w3c.FAILED, w3c.PASSED]
    assert "pyoxigraph alone: there are 1 solutions, not 2" in outcomes[1].why
    assert w3c.report(outcomes, [cases(checkout)["update"]], "PATH") == 1
    assert "2 passed, 1 failed\n" in capsys.readouterr().out


def test_a_known_failure_is_skipped(checkout, small, capsys):
    outcomes = judged(checkout, *small, "wrong")
    assert [outcome.status for outcome in outcomes] == [w3c.PASSED, w3c.KNOWN, w3c.PASSED]
    assert w3c.report(outcomes, [], "PATH") == 0
    assert "2 passed, 0 failed, 1 skipped\n" in capsys.readouterr().out


def test_a_known_failure_that_passes_is_a_failure(checkout, small):
    outcomes = judged(checkout, *small, "right", "broken")
    assert [outcome.status for outcome in outcomes] == [w3c.FAILED, w3c.FAILED, w3c.FAILED]


@pytest.mark.parametrize(
    ("known", "why"),
    [([], "the mistake is ours"), (["wrong"], "but pyoxigraph alone is right")],
    ids=["unlisted", "listed"],
)
def test_what_the_engine_does_right_is_our_failure(checkout, small, known, why):
    address, data = small
    name = NamedNode(f"{Checkout.ADDRESS}sparql/sparql10/small/named.ttl")
    [more] = {
        Quad(quad.subject, quad.predicate, Literal("2", datatype=NamedNode(INTEGER)), name)
        for quad in data
        if quad.graph_name == name and quad.object == Literal("1", datatype=NamedNode(INTEGER))
    }
    outcome = judged(checkout, address, [*data, more], *known)[1]
    assert outcome.status == w3c.FAILED
    assert why in outcome.why


def test_a_known_failure_must_be_the_engines_to_the_letter(checkout, small):
    address, _ = small
    outcome = judged(checkout, address, [], "wrong")[1]
    assert outcome.status == w3c.FAILED
    assert "the answer is not pyoxigraph's" in outcome.why


TWO = frozenset({"2xx"})
UPDATE = Request("POST", "/sparql/", (("content-type", "application/sparql-update"),), b"CLEAR ALL", TWO)


def asked(query):
    return Request("GET", f"/sparql/?query={quote_plus(query)}", (), None, TWO, True, "boolean")


@pytest.mark.parametrize(
    ("requests", "told"),
    [
        ([asked("ASK {}")], None),
        ([asked("ASK { <s:none> ?p ?o }")], "the answer must be true"),
        ([asked("SELECT * {}")], "the answer is no boolean"),
        ([asked("DESCRIBE <s:a>")], "the media type must be one of"),
        ([asked("ASK {")], "the status must be one of 2xx"),
        ([UPDATE, asked("ASK { <s:none> ?p ?o }")], None),
        ([UPDATE, asked("ASK {}")], "request 2: the answer must be false"),
        ([UPDATE, UPDATE], None),
    ],
    ids=["right", "wrong", "table", "graph", "refused", "nothing-written", "written", "updates"],
)
def test_a_protocol_case(small, requests, told):
    address, _ = small
    found = protocol.wrong(
        Case("protocol", "s:x", "x", manifests.PROTOCOL, requests=tuple(requests)), address
    )
    assert found is None if told is None else told in found
