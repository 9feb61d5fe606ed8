"""/sparql is the SPARQL 1.1 protocol for queries: each request gets the answer that is due to it."""

import json
import random
from urllib.parse import parse_qsl, quote_plus, urlencode

import pytest
from pyoxigraph import Store, parse, parse_query_results
from werkzeug.exceptions import HTTPException

import served
from exoreview import media
from exoreview.knowledge.graphs import iri
from exoreview.sparql.engine import Embedded
from exoreview.sparql.outcomes import Busy, Stopped, Timeout
from exoreview.sparql.stores import store_of_files
from exoreview.web.http import protocol
from served import BROWSER, release

COUNT = "SELECT (COUNT(*) AS ?n) { ?s a <https://w3id.org/exoreview/ontology#Claim> }"
COUNT_ALL = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
ASK = "ASK { <https://w3id.org/exoreview/claim/s04-c6> ?p ?o }"
GRAPH = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o } LIMIT 3"
FORM, DIRECT = "application/x-www-form-urlencoded", "application/sparql-query"
JSON = "application/sparql-results+json"


@pytest.fixture(scope="module")
def client():
    return served.client()


def get(client, query, accept=None, **more):
    headers = {"Accept": accept} if accept else {}
    return client.get("/sparql", query_string={"query": query, **more}, headers=headers)


def number(response):
    [solution] = parse_query_results(response.data, format=media.RESULTS_JSON.engine)
    return int(solution["n"].value)


def test_the_three_ways_to_ask_give_the_same(client):
    answers = [
        get(client, COUNT),
        client.post("/sparql", data={"query": COUNT}),
        client.post("/sparql", data=COUNT, content_type=DIRECT),
        client.post("/sparql", data=COUNT, content_type=f"{DIRECT}; charset=UTF-8"),
        client.post("/sparql", data=urlencode({"query": COUNT}), content_type=f"{FORM}; charset=utf-8"),
    ]
    assert {(answer.status_code, answer.content_type, answer.data) for answer in answers} == {
        (200, JSON, answers[0].data)
    }
    assert number(answers[0]) > 50


@pytest.mark.parametrize("format", media.RESULTS, ids=lambda format: format.name)
@pytest.mark.parametrize("query", [COUNT, ASK], ids=["SELECT", "ASK"])
def test_every_result_format(client, query, format):
    response = get(client, query, format.media_type)
    assert (response.status_code, response.mimetype) == (200, format.media_type)
    if format != media.CSV:
        assert parse_query_results(response.data, format=format.engine)


@pytest.mark.parametrize("format", media.RDF, ids=lambda format: format.name)
def test_every_graph_format(client, format):
    response = get(client, GRAPH, format.media_type)
    assert (response.status_code, response.mimetype) == (200, format.media_type)
    assert len(list(parse(response.data, format=format.engine))) == 3


CHOSEN = {
    "nothing said": (COUNT, None, JSON),
    "anything": (COUNT, "*/*", JSON),
    "alias": (COUNT, "application/json", "application/json"),
    "xml alias": (COUNT, "application/xml", "application/xml"),
    "quality": (COUNT, "text/csv;q=0.5, text/tab-separated-values;q=0.9", "text/tab-separated-values"),
    "graph, nothing said": (GRAPH, None, "text/turtle"),
    "browser": (COUNT, BROWSER, "text/html"),
    "graph in a browser": (GRAPH, BROWSER, "text/html"),
    "yes or no in a browser": (ASK, BROWSER, "text/html"),
    "results or graph, for a SELECT": (COUNT, f"{JSON}, text/turtle", JSON),
    "results or graph, for a CONSTRUCT": (GRAPH, f"{JSON}, text/turtle", "text/turtle"),
}


@pytest.mark.parametrize(("query", "accept", "media_type"), CHOSEN.values(), ids=CHOSEN)
def test_the_format_chosen(client, query, accept, media_type):
    response = get(client, query, accept)
    assert (response.status_code, response.mimetype) == (200, media_type)
    assert "Accept" in response.vary


def test_the_parameter_format_wins_where_it_fits(client):
    assert get(client, COUNT, BROWSER, format="csv").mimetype == "text/csv"
    assert get(client, GRAPH, "text/turtle", format="json").mimetype == "text/turtle"


def test_a_browser_gets_labels(client):
    page = get(
        client, "SELECT ?c { VALUES ?c { <https://w3id.org/exoreview/concept/Exosome> } }", BROWSER
    ).text
    assert '<a href="/concept/Exosome" title="https://w3id.org/exoreview/concept/Exosome">exosome</a>' in page


NASTY = "<script>alert(1)</script>"


@pytest.mark.parametrize(
    "query",
    [f"SELECT ('{NASTY}' AS ?x) {{}}", f"ASK {{ ?s ?p '{NASTY}' . }} {NASTY}"],
    ids=["value", "mistake"],
)
def test_no_markup_of_others_reaches_a_page(client, query):
    assert NASTY not in get(client, query, BROWSER).text


REFUSED = {
    "no query": ("POST", {"data": "", "content_type": FORM}, 400, "The parameter query is missing."),
    "a dataset alone": (
        "GET",
        {"query_string": {"default-graph-uri": "a:g"}},
        400,
        "The parameter query is missing.",
    ),
    "two queries": ("GET", {"query_string": [("query", ASK), ("query", ASK)]}, 400, "more than once"),
    "query in address and form": (
        "POST",
        {"query_string": {"query": ASK}, "data": {"query": ASK}},
        400,
        "more than once",
    ),
    "query in address and body": (
        "POST",
        {"query_string": {"query": ASK}, "data": ASK, "content_type": DIRECT},
        400,
        "two queries",
    ),
    "malformed": ("GET", {"query_string": {"query": "SELECT * {"}}, 400, "line 1, column"),
    "no query language": ("GET", {"query_string": {"query": "hello"}}, 400, "This is no query"),
    "empty": ("GET", {"query_string": {"query": ""}}, 400, "This is no query"),
    "missing prefix": (
        "GET",
        {"query_string": {"query": "ASK { ?s exr:start 1 }"}},
        400,
        "PREFIX exr: <https://w3id.org/exoreview/ontology#>",
    ),
    "update as a query": ("GET", {"query_string": {"query": "CLEAR ALL"}}, 400, "This is an update (CLEAR)"),
    "update in a form": ("POST", {"data": {"update": "CLEAR ALL"}}, 403, "updates are refused"),
    "update by GET": ("GET", {"query_string": {"update": "CLEAR ALL"}}, 403, "updates are refused"),
    "update directly": (
        "POST",
        {"data": "CLEAR ALL", "content_type": "application/sparql-update"},
        403,
        "updates are refused",
    ),
    "service": (
        "GET",
        {"query_string": {"query": "ASK { SERVICE <http://x.org/> {} }"}},
        400,
        "SERVICE is off",
    ),
    "not UTF-8 in the address": ("GET", {"query_string": "query=ASK%7B%7D%FF"}, 400, "are not UTF-8"),
    "not UTF-8 in the form": ("POST", {"data": b"query=%FF", "content_type": FORM}, 400, "are not UTF-8"),
    "not UTF-8 in the body": (
        "POST",
        {"data": b"ASK {} \xff", "content_type": DIRECT},
        400,
        "not UTF-8 (byte 8)",
    ),
    "another charset": (
        "POST",
        {"data": ASK.encode("utf-16"), "content_type": f"{DIRECT}; charset=utf-16"},
        415,
        "not in utf-16",
    ),
    "another media type": ("POST", {"data": ASK, "content_type": "text/plain"}, 415, "not text/plain"),
    "no media type": ("POST", {"data": ASK, "content_type": ""}, 415, "the request names none"),
    "a file": ("POST", {"data": {"query": (b"x", "x")}}, 415, "not multipart/form-data"),
    "unacceptable": (
        "GET",
        {"query_string": {"query": ASK}, "headers": {"Accept": "image/png"}},
        406,
        "text/csv",
    ),
    "a graph as a table": (
        "GET",
        {"query_string": {"query": GRAPH}, "headers": {"Accept": "text/csv"}},
        406,
        "text/turtle",
    ),
    "wrong, and unacceptable": (
        "GET",
        {"query_string": {"query": "SELECT ?s { ?s a exr:Claim"}, "headers": {"Accept": "text/turtle"}},
        400,
        "exr",
    ),
    "too long in an address": ("GET", {"query_string": {"query": "#" * 200_001}}, 414, "longer than 200,000"),
    "too long in a body": (
        "POST",
        {"data": "#" * 200_001, "content_type": DIRECT},
        413,
        "longer than 200,000",
    ),
    "far too long": ("POST", {"data": "#" * 2_000_000, "content_type": DIRECT}, 413, "longer than 200,000"),
    "relative dataset": (
        "GET",
        {"query_string": {"query": ASK, "default-graph-uri": "x"}},
        400,
        "no absolute IRI",
    ),
    "dataset of an update": (
        "GET",
        {"query_string": {"query": ASK, "using-graph-uri": "http://x.org/"}},
        400,
        "belongs to updates",
    ),
}


@pytest.mark.parametrize(("method", "request_", "status", "sentence"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused(client, method, request_, status, sentence):
    response = client.open("/sparql", method=method, **request_)
    assert (response.status_code, response.mimetype) == (status, "text/plain")
    assert sentence in response.text


def test_a_mistake_for_a_json_client(client):
    response = get(client, "ASK {\n ?s exr:start 1 }", JSON)
    said = json.loads(response.data)
    assert (response.status_code, response.mimetype) == (400, "application/problem+json")
    assert (said["status"], said["line"], said["column"], said["text"]) == (400, 2, 5, " ?s exr:start 1 }")
    assert said["title"] == "Bad Request"
    assert "PREFIX exr:" in said["hint"]


def test_a_mistake_for_a_terminal(client):
    lines = get(client, "ASK {\n ?s exr:start 1 }").text.splitlines()
    assert lines[1:3] == [" ?s exr:start 1 }", "    ^ line 2, column 5"]


def test_a_mistake_for_a_browser_keeps_the_query(client):
    response = get(client, "ASK { ?s exr:start 1 }", BROWSER)
    assert (response.status_code, response.mimetype) == (400, "text/html")
    assert "ASK { ?s exr:start 1 }</textarea>" in response.text
    assert "is not declared" in response.text


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_other_methods(client, method):
    response = client.open("/sparql", method=method)
    assert response.status_code == 405
    assert set(response.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS", "POST"}


def test_a_graph_that_is_named_twice_is_read_once(client):
    graph = "https://w3id.org/exoreview/graph/aida"
    once, twice = (get(client, COUNT_ALL, **{"default-graph-uri": [graph] * times}) for times in (1, 2))
    assert number(once) == number(twice) > 100


@pytest.mark.parametrize("function", ["NOW()", "RAND()", "UUID()"])
def test_an_answer_that_changes_has_no_date(client, function):
    query, since = f"SELECT ({function} AS ?x) {{}}", {"If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT"}
    for asked, status, dated in ((COUNT, 304, True), (query, 200, False)):
        response = client.get("/sparql", query_string={"query": asked}, headers=since)
        assert (response.status_code, "Last-Modified" in response.headers) == (status, dated)


def test_head_has_the_headers_of_get(client):
    got, head = get(client, COUNT), client.head("/sparql", query_string={"query": COUNT})
    assert (head.status_code, head.data) == (200, b"")
    for name in ("Content-Type", "Content-Length", "ETag"):
        assert head.headers[name] == got.headers[name], name


def test_options_and_reading_from_anywhere(client):
    response = client.options("/sparql", headers={"Origin": "https://example.org"})
    assert response.status_code == 200
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert "POST" in response.headers["Access-Control-Allow-Methods"]
    assert get(client, ASK).headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("format", [*media.RESULTS, *media.RDF], ids=lambda format: format.name)
def test_an_answer_runs_nothing_in_a_browser(client, format):
    """Triples of the property http://www.w3.org/1999/xhtmlscript are a script in RDF/XML."""
    query = GRAPH if format in media.RDF else COUNT
    headers = get(client, query, format.media_type).headers
    assert headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Access-Control-Expose-Headers"] == "ETag"


def test_a_result_that_the_client_has_is_not_sent_again(client):
    first = get(client, COUNT)
    again = client.get(
        "/sparql", query_string={"query": COUNT}, headers={"If-None-Match": first.headers["ETag"]}
    )
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]


def test_formats_have_etags_of_their_own(client):
    tags = {get(client, COUNT, format.media_type).headers["ETag"] for format in media.RESULTS}
    assert len(tags) == len(media.RESULTS)
    assert not any(tag.startswith("W/") for tag in tags)


DATASETS = {
    "default": ({}, 0),
    "default-graph-uri": ({"default-graph-uri": iri("direct")}, 53),
    "several": ({"default-graph-uri": [iri("direct"), iri("enrichment")]}, None),
    "named-graph-uri": ({"named-graph-uri": iri("direct")}, 0),
    "what is not here": ({"default-graph-uri": "http://example.org/none"}, 0),
}


@pytest.mark.parametrize("way", ["GET", "form", "direct"])
@pytest.mark.parametrize("dataset", [row[0] for row in DATASETS.values()], ids=DATASETS)
def test_the_dataset_of_the_request(client, dataset, way):
    query = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
    if way == "GET":
        response = client.get("/sparql", query_string={"query": query, **dataset})
    elif way == "form":
        response = client.post("/sparql", data={"query": query, **dataset})
    else:
        response = client.post("/sparql", query_string=dataset, data=query, content_type=DIRECT)
    held = {graph: len(triples) for graph, triples in release().graphs.items()}
    expected = {
        "default": len(release().default_graph),
        "default-graph-uri": held["direct"],
        "several": held["direct"] + held["enrichment"],
    }
    name = next(name for name, row in DATASETS.items() if row[0] == dataset)
    assert number(response) == expected.get(name, 0)


def test_the_default_graph_holds_no_claim_as_a_fact(client):
    direct = "<https://w3id.org/exoreview/graph/direct>"
    query = f"ASK {{ GRAPH {direct} {{ ?s ?p ?o }} ?s ?p ?o }}"
    assert json.loads(get(client, query).data)["boolean"] is False


@pytest.mark.parametrize("format", media.RDF, ids=lambda format: format.name)
def test_without_a_query_the_service_is_described(client, format):
    response = client.get("/sparql", headers={"Accept": format.media_type})
    assert (response.status_code, response.mimetype) == (200, format.media_type)
    facts = {(quad.predicate.value.rpartition("#")[2], getattr(quad.object, "value", "")) for quad in
             parse(response.data, format=format.engine)}  # fmt: skip
    assert ("endpoint", "http://localhost/sparql") in facts
    assert ("resultFormat", "http://www.w3.org/ns/formats/JSON-LD") in facts
    assert {value for name, value in facts if name == "name"} >= {iri(name) for name in release().graphs}


def test_without_a_query_a_browser_gets_the_form(client):
    response = client.get("/sparql", headers={"Accept": BROWSER})
    assert (response.status_code, response.mimetype) == (200, "text/html")
    assert '<textarea id="query" name="query"' in response.text


class Ending:
    """An engine whose every query ends in the same way."""

    name = "ending"

    def __init__(self, error):
        self.error = error

    def write(self, question, out):
        raise self.error


@pytest.mark.parametrize(
    ("error", "retry"),
    [(Timeout("It took too long."), None), (Stopped("It broke."), None), (Busy("All are busy."), "1")],
    ids=["time-out", "crash", "busy"],
)
def test_a_stopped_query_is_503_with_a_sentence(error, retry):
    client = served.other_client(Ending(error))
    response = get(client, ASK)
    assert (response.status_code, response.mimetype) == (503, "text/plain")
    assert response.text.strip() == str(error)
    assert response.headers.get("Retry-After") == retry


def test_other_data_is_served_as_it_is(tmp_path):
    path = tmp_path / "a.nq"
    path.write_text("<a:s> <a:p> <a:o> .\n<a:s> <a:p> <a:q> <a:g> .\n", "utf-8")
    client = served.other_client(Embedded(store_of_files([path])), sizes={"": 1}, names=["a.nq"])
    assert number(get(client, "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")) == 1
    assert number(get(client, "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }")) == 1
    assert client.get("/claim/s04-c6").status_code == 404
    assert "a.nq" in client.get("/").text
    assert client.get("/sparql", headers={"Accept": BROWSER}).status_code == 200
    assert get(client, "SELECT * { ?s ?p ?o }", BROWSER).status_code == 200
    assert client.get("/health").json["triples"] == 1


def test_a_plus_and_a_percent_are_decoded_once(client):
    text = "a+b%20c é"
    response = client.get("/sparql?query=" + quote_plus(f"SELECT ('{text}' AS ?x) {{}}"))
    assert json.loads(response.data)["results"]["bindings"][0]["x"]["value"] == text


def test_parameters_are_decoded_as_the_standard_library_does():
    """The server does it in a faster way of its own."""
    letters = [*"%%%%%0123456789abcdefABCDEFgG=+ _;\n\r\t~.é€", "😀", "\x00"]
    chance = random.Random(7)
    for _ in range(20_000):
        text = "query=" + "".join(chance.choices(letters, k=chance.randint(0, 14)))
        try:
            expected = parse_qsl(text, keep_blank_values=True, errors="strict")
        except UnicodeDecodeError:
            with pytest.raises(HTTPException) as refused:
                protocol.parameters(text)
            assert refused.value.code == 400
            continue
        assert protocol.parameters(text) == expected, repr(text)


def test_too_many_parameters_are_refused(client):
    assert client.get("/sparql?query=ASK%7B%7D" + "&a=1" * 999).status_code == 200
    refused = client.get("/sparql?query=ASK%7B%7D" + "&a=1" * 1000)
    assert refused.status_code == 400
    assert "too many parameters" in refused.text


@pytest.mark.parametrize(
    ("query", "there", "not_there"),
    [
        ("SELECT (<javascript:alert(1)> AS ?x) {}", "javascript:alert(1)", 'href="javascript:'),
        ("SELECT (<https://example.org/a> AS ?x) {}", 'href="https://example.org/a"', "javascript"),
        ('SELECT (TRIPLE(<a:b>, <c:d>, "e") AS ?x) {}', "&lt;&lt;( a:b c:d e )&gt;&gt;", "{&#39;"),
        ('SELECT ("<b>bold</b>" AS ?x) {}', "&lt;b&gt;bold", "<b>bold"),
    ],
    ids=["an address that is a program", "a web address", "a triple term", "markup"],
)
def test_the_table_shows_a_term_as_what_it_is(client, query, there, not_there):
    page = get(client, query, BROWSER).text
    table = page.partition("<tbody>")[2]
    assert there in table
    assert not_there not in table


def test_the_description_of_other_data_counts_its_graphs(tmp_path):
    path = tmp_path / "other.nq"
    path.write_text("<a:s> <a:p> <a:o> <a:g> .\n<a:s> <a:p> <a:o2> <a:g> .\n<a:s> <a:p> <a:o> .\n", "utf-8")
    other = served.other_client(Embedded(store_of_files([path])), sizes={"": 1, "a:g": 2})
    described = Store()
    described.bulk_extend(parse(other.get("/sparql").data, format=media.TURTLE.engine))
    rows = described.query(
        "PREFIX sd: <http://www.w3.org/ns/sparql-service-description#> "
        "PREFIX void: <http://rdfs.org/ns/void#> "
        "SELECT ?name ?n { ?d sd:namedGraph [ sd:name ?name ; sd:graph [ void:triples ?n ] ] }"
    )
    assert [(row["name"].value, row["n"].value) for row in rows] == [("a:g", "2")]


def test_other_data_has_nothing_elsewhere_and_says_so(tmp_path):
    path = tmp_path / "other.nt"
    path.write_text("<a:s> <a:p> <a:o> .\n", "utf-8")
    other = served.other_client(Embedded(store_of_files([path])), sizes={"": 1}, names=[path.name])
    assert other.get("/claim/s04-c6").text == "There is nothing at /claim/s04-c6.\n"
    assert other.get("/", headers={"Accept": "text/turtle"}).status_code == 406


def test_federation_is_described_only_where_it_is_allowed(client):
    feature = "sd:feature sd:BasicFederatedQuery"
    assert feature not in client.get("/sparql").text
    allowed = {"service_allow": "https://example.org/sparql"}
    assert feature in served.other_client(Embedded(Store()), **allowed).get("/sparql").text
