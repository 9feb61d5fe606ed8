"""SERVICE asks the endpoints that are allowed, at public addresses, under limits; nothing else gets out.

The endpoints are real HTTP servers on loopback, so most tests allow private addresses; those that do not show
that loopback is refused under every one of its names.
"""

import asyncio
import gzip
import json
import os
import resource
import socket
import ssl
import subprocess
import threading
import time
import zlib
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from pyoxigraph import BlankNode, NamedNode, QueryResultsFormat, QuerySolutions, RdfFormat, Store

from exoreview.federation import Federation, calls
from exoreview.federation.calls import Call, Reply
from exoreview.federation.relay import Relay, is_public
from exoreview.problems import Refusal
from exoreview.sparql import querytext
from exoreview.sparql.outcomes import QueryError

JSON, XML = calls.RESULTS_JSON, calls.RESULTS_XML

ELSEWHERE = """
@prefix e: <http://e.org/> .
e:a e:name "Ann", "Anne"@en ; e:age 41 ; e:knows [ e:name "no one" ] .
e:b e:name "Bob \\\\u0022 } SERVICE <http://x.org/> { \\n" ; e:knows e:a .
"""
HERE = """
@prefix e: <http://e.org/> .
e:a e:here 1 . e:b e:here 2 . e:c e:here 3 .
"""
PREFIX = "PREFIX e: <http://e.org/> "


def store(turtle):
    loaded = Store()
    loaded.load(turtle.encode(), format=RdfFormat.TURTLE)
    return loaded


class Endpoint(BaseHTTPRequestHandler):
    """Answers SPARQL over a small store at /sparql and /xml, and badly at other paths."""

    protocol_version = "HTTP/1.1"
    data = store(ELSEWHERE)
    bomb = gzip.compress(b" " * 100_000_000, 1)

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.seen.append((self.path, dict(self.headers), body))
        direct = self.headers["Content-Type"] == "application/sparql-query"
        query = body if direct else parse_qs(body)["query"][0]
        name = self.path.strip("/")
        if name in ("sparql", "xml", "gzip"):
            results = self.data.query(query)
            format, type = {"xml": (QueryResultsFormat.XML, XML)}.get(name, (QueryResultsFormat.JSON, JSON))
            said = results.serialize(format=format)
            if name == "gzip":
                return self.say(gzip.compress(said), type, Content_Encoding="gzip")
            return self.say(said, type + "; charset=utf-8")
        return getattr(self, f"do_{name}")()

    def say(self, body, type=JSON, status=200, **headers):
        self.send_response(status)
        self.send_header("Content-Type", type)
        for key, value in {"Content_Length": len(body), **headers}.items():
            self.send_header(key.replace("_", "-"), str(value))
        self.end_headers()
        self.wfile.write(body)

    def drip(self, body, pause):
        self.send_response(200)
        self.send_header("Content-Type", JSON)
        self.end_headers()
        self.close_connection = True
        for each in body:
            self.wfile.write(bytes([each]))
            self.wfile.flush()
            if self.server.ending.wait(pause):
                return

    def do_drip(self):
        self.drip(b" " * 1000, 0.05)

    def do_silence(self):
        # Until the client hangs up.
        self.connection.recv(1)
        self.close_connection = True

    def do_headers(self):
        self.close_connection = True
        self.wfile.write(b"HTTP/1.1 200 OK\r\n")
        while not self.server.ending.wait(0.05):
            self.wfile.write(b"X-More: yes\r\n")
            self.wfile.flush()

    def do_redirect(self):
        self.say(b"", status=307, Location=f"http://127.0.0.1:{self.server.server_port}/sparql")

    def do_page(self):
        self.say(b"<html>", "text/html")

    def do_nothing(self):
        self.say(b"{}", "")

    def do_error(self):
        self.say(b"{}", status=500)

    def do_long(self):
        self.say(b" " * 50_000)

    def do_bomb(self):
        self.say(self.bomb, Content_Encoding="gzip")

    def do_brotli(self):
        self.say(b"?", Content_Encoding="br")

    def do_notgzip(self):
        self.say(b"{}", Content_Encoding="gzip")

    def do_halfgzip(self):
        self.say(gzip.compress(b"{}" * 50)[:-6], Content_Encoding="gzip")

    def do_half(self):
        self.close_connection = True
        self.say(b"{}", Content_Length=100)

    def do_broken(self):
        self.say(b'{"head":{"vars":["n"]},"results":{"bindings":[{"n":{"type":"ur')

    def do_brokenxml(self):
        head = b'<sparql xmlns="http://www.w3.org/2005/sparql-results#"><head/><results>'
        self.say(head, XML)

    def do_hostile(self):
        cell = {"type": "uri", "value": "http://x.org/> } SERVICE <http://y.org/"}
        self.say(json.dumps({"head": {"vars": ["n"]}, "results": {"bindings": [{"n": cell}]}}).encode())

    def do_huge(self):
        cell = {"type": "literal", "value": "x" * 17_000_000}
        self.say(json.dumps({"head": {"vars": ["n"]}, "results": {"bindings": [{"n": cell}]}}).encode())

    def do_boolean(self):
        self.say(b'{"head":{},"boolean":true}')

    def do_other(self):
        cell = {"type": "literal", "value": "theirs"}
        rows = [{"n": cell, "here": cell}]
        self.say(json.dumps({"head": {"vars": ["here", "n"]}, "results": {"bindings": rows}}).encode())

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    request_queue_size = 200
    daemon_threads = True

    def handle_error(self, *_):
        """A client that hangs up is what some tests are about."""


@contextmanager
def listening(context=None):
    with Server(("127.0.0.1", 0), Endpoint) as server:
        server.seen, server.ending = [], threading.Event()
        if context:
            server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield server
        finally:
            server.ending.set()
            server.shutdown()
            thread.join()


@pytest.fixture(scope="module")
def elsewhere():
    with listening() as server:
        yield server


@pytest.fixture
def port(elsewhere):
    elsewhere.seen.clear()
    return elsewhere.server_port


def settings(*allowed, **changed):
    usual = {"SERVICE_TIMEOUT_S": 3.0, "SERVICE_MAX_BYTES": 20_000, "SERVICE_PRIVATE": 1}
    return {"SERVICE_ALLOW": " ".join(allowed), **usual, **changed}


def replies(read, *asked):
    """What a relay with these settings answers, in an event loop of its own."""

    async def answered():
        relay = Relay(read)
        try:
            return calls.unpack_replies(await relay.answered(calls.pack_calls(asked)))
        finally:
            await relay.close()

    return asyncio.run(answered())


def federation(read):
    return Federation(calls.endpoints(read["SERVICE_ALLOW"]), lambda asked: replies(read, *asked))


def answer(text, read, data=HERE):
    """The rows of a query as texts, sorted; or the truth."""
    rewritten = federation(read).rewritten(text, querytext.scan(text))
    results = store(data).query(rewritten.text, custom_functions=rewritten.functions)
    if not isinstance(results, QuerySolutions):
        return bool(results)
    return sorted(" ".join(str(term) for term in row) for row in results)


def refusal(text, read):
    try:
        answer(text, read)
    except QueryError as error:
        # Without its traceback: what the engine made must be let go of in the same thread.
        return QueryError(error.message, error.line, error.column, error.hint)
    return pytest.fail("The query was answered.")


def test_the_answer_is_joined_with_what_is_here(port):
    iri = f"http://127.0.0.1:{port}/sparql"
    text = f"{PREFIX} SELECT ?s ?n ?h {{ ?s e:here ?h . SERVICE <{iri}> {{ ?s e:age ?n }} }}"
    assert answer(text, settings(iri)) == [
        '<http://e.org/a> "41"^^<http://www.w3.org/2001/XMLSchema#integer> '
        '"1"^^<http://www.w3.org/2001/XMLSchema#integer>'
    ]


# A pattern with $SERVICE, and the names or numbers that ?n has in the answer.
PATTERNS = {
    "by prefixed name": ("PREFIX x: <$HOST> SELECT ?n { SERVICE x:sparql { e:a e:age ?n } }", ["41"]),
    "by base": ("BASE <$HOST> SELECT ?n { SERVICE <sparql> { e:a e:age ?n } }", ["41"]),
    "by nested base": (
        "BASE <$HOST> BASE <a/b> PREFIX x: </> SELECT ?n { SERVICE x:sparql { e:a e:age ?n } }",
        ["41"],
    ),
    "after a comment": ("SELECT ?n { SERVICE # }\n $SERVICE # {\n { e:a e:age ?n } }", ["41"]),
    "glued": ("SELECT ?n { VALUES ?t { true }.SERVICE$SERVICE{ e:a e:age ?n } }", ["41"]),
    "a text in two languages": ("SELECT ?n { SERVICE $SERVICE { e:a e:name ?n } }", ["Ann", "Anne"]),
    "twice, one pattern": (
        "SELECT ?n { { SERVICE $SERVICE { e:a e:age ?n } } UNION { SERVICE $SERVICE { e:a e:age ?n } } }",
        ["41", "41"],
    ),
    "two": (
        "SELECT ?n { SERVICE $SERVICE { ?s e:age 41 } SERVICE $SERVICE { ?s e:name ?n } }",
        ["Ann", "Anne"],
    ),
    "a subselect": ("SELECT ?n { SERVICE $SERVICE { SELECT (COUNT(*) AS ?n) { ?s e:name ?o } } }", ["4"]),
    "without variables": ("SELECT ?n { ?s e:here ?n SERVICE $SERVICE { e:a e:age 41 } }", ["1", "2", "3"]),
    "without an answer": ("SELECT ?n { ?s e:here ?n SERVICE $SERVICE { e:a e:age 42 } }", []),
    "unbound": (
        "SELECT ?n { SERVICE $SERVICE { ?s e:age 41 OPTIONAL { ?s e:none ?o } } BIND(BOUND(?o) AS ?n) }",
        ["false"],
    ),
    "optional": (
        "SELECT ?n { ?s e:here ?h OPTIONAL { SERVICE $SERVICE { ?s e:age ?n } } }",
        ["41", None, None],
    ),
    "minus": ("SELECT ?n { ?s e:here ?n MINUS { SERVICE $SERVICE { ?s e:age ?a } } }", ["2", "3"]),
    "exists": ("SELECT ?n { ?s e:here ?n FILTER EXISTS { SERVICE $SERVICE { ?s e:age ?a } } }", ["1"]),
    "with its own values": ("SELECT ?n { SERVICE $SERVICE { VALUES ?s { e:a } ?s e:age ?n } }", ["41"]),
    "a blank node": ("SELECT ?n { SERVICE $SERVICE { e:a e:knows ?n } FILTER isBlank(?n) }", ["_"]),
    "a blank node and an IRI": (
        "SELECT ?n { SERVICE $SERVICE { ?s e:knows ?o } BIND(isIRI(?o) AS ?n) }",
        ["false", "true"],
    ),
    "a blank node is the same in all rows": (
        "SELECT (COUNT(DISTINCT ?b) AS ?n) { SERVICE $SERVICE { ?b e:name 'no one' . ?s e:name ?x } }",
        ["1"],
    ),
    "a blank node of another answer is another": (
        "SELECT (COUNT(*) AS ?n) "
        "{ SERVICE $SERVICE { ?b e:name 'no one' } SERVICE $SERVICE { ?b e:name ?o } }",
        ["0"],
    ),
    "a statement": (
        "SELECT ?n { SERVICE $SERVICE { BIND(<<( e:a e:b e:c )>> AS ?t) } BIND(OBJECT(?t) AS ?n) }",
        ["http://e.org/c"],
    ),
    "hostile text": (
        "SELECT ?n { SERVICE $SERVICE { e:b e:name ?n } }",
        ["Bob \\u0022 } SERVICE <http://x.org/> { \n"],
    ),
    "in XML": ("SELECT ?n { SERVICE <$HOSTxml> { e:a e:name ?n } }", ["Ann", "Anne"]),
    "gzip": ("SELECT ?n { SERVICE <$HOSTgzip> { e:a e:name ?n } }", ["Ann", "Anne"]),
    "a column too many": (
        "SELECT ?n ?here { SERVICE <$HOSTother> { ?s ?p ?n } FILTER(!BOUND(?here)) }",
        ["theirs"],
    ),
    "an escape in a text": (
        r"SELECT ?n { SERVICE $SERVICE { e:a e:name ?n } FILTER(?n = 'A\u006en') }",
        ["Ann"],
    ),
}


@pytest.mark.parametrize(("pattern", "expected"), PATTERNS.values(), ids=PATTERNS)
def test_every_place_of_a_service(port, pattern, expected):
    host = f"http://127.0.0.1:{port}/"
    text = PREFIX + pattern.replace("$SERVICE", f"<{host}sparql>").replace("$HOST", host)
    allowed = [host + name for name in ("sparql", "xml", "gzip", "other")]
    rewritten = federation(settings(*allowed)).rewritten(text, querytext.scan(text))

    def found(text, **functions):
        rows = store(HERE).query(text, **functions)
        values = ["_" if type(row["n"]) is BlankNode else row["n"] and row["n"].value for row in rows]
        return sorted(values, key=str)

    assert found(rewritten.text, custom_functions=rewritten.functions) == sorted(expected, key=str)
    # So does the engine when it is let out; but it knows no gzip, and takes blank nodes with the same label
    # in two answers for one.
    if "gzip" not in pattern and expected != ["0"]:
        assert found(text) == sorted(expected, key=str)


def test_ask_and_construct(port):
    iri = f"http://127.0.0.1:{port}/sparql"
    assert answer(f"{PREFIX} ASK {{ SERVICE <{iri}> {{ e:a e:age 41 }} }}", settings(iri)) is True
    assert answer(f"{PREFIX} ASK {{ SERVICE <{iri}> {{ e:a e:age 42 }} }}", settings(iri)) is False
    text = f"{PREFIX} CONSTRUCT {{ ?s e:is ?n }} {{ SERVICE <{iri}> {{ ?s e:age ?n }} }}"
    rewritten = federation(settings(iri)).rewritten(text, querytext.scan(text))
    [triple] = store(HERE).query(rewritten.text)
    assert triple.predicate == NamedNode("http://e.org/is")


def test_what_the_endpoint_is_sent(port, elsewhere):
    iri = f"http://127.0.0.1:{port}/sparql"
    service = f"SERVICE <{iri}> {{ ?s e:age ?n }}"
    text = f"{PREFIX} SELECT * {{ {{ {service} }} UNION {{ {service} }} }}"
    answer(text, settings(iri))
    # The same pattern is asked once.
    [(path, headers, body)] = elsewhere.seen
    assert path == "/sparql"
    assert parse_qs(body) == {"query": [f"{PREFIX} SELECT ?n ?s WHERE {{ ?s e:age ?n }}"]}
    assert headers.keys() == {
        *("Host", "Accept", "Accept-Encoding", "Content-Type", "Content-Length", "User-Agent")
    }
    assert headers["Accept"] == f"{JSON}, {XML}"


FAILURES = {
    "redirect": "redirects elsewhere (status 307), where nothing is asked",
    "drip": "took longer than 0.5 seconds",
    "silence": "took longer than 0.5 seconds",
    "headers": "took longer than 0.5 seconds",
    "page": "answered with text/html instead of SPARQL results",
    "nothing": "answered with no media type instead of SPARQL results",
    "error": "answered with status 500",
    "long": "answers with more than 20,000 bytes",
    "bomb": "answers with more than 20,000 bytes",
    "brotli": "answered in the content coding “br”, which was not asked for",
    "notgzip": "answered with broken gzip",
    "halfgzip": "broke off its answer in gzip",
    "half": "broke off its answer (",
    "brokenxml": f"answered with broken {XML} (",
    "broken": f"answered with broken {JSON} (",
    "hostile": f"answered with broken {JSON} (Invalid uri value",
    "boolean": "answered yes or no instead of rows",
}


@pytest.mark.parametrize(("path", "why"), FAILURES.items(), ids=FAILURES)
def test_a_failure_names_the_endpoint_and_the_reason(port, path, why):
    iri = f"http://127.0.0.1:{port}/{path}"
    read = settings(iri, SERVICE_TIMEOUT_S=0.5 if "0.5" in why else 10.0)
    start = time.monotonic()
    error = refusal(f"SELECT * {{\n SERVICE <{iri}> {{ ?s ?p ?n }} }}", read)
    assert time.monotonic() - start < 5
    assert error.message.startswith(f"SERVICE <{iri}> failed: it {why}")
    assert error.message.endswith(".")
    assert (error.line, error.column) == (2, 2)
    # SPARQL 1.1 Federated Query, 2.3: with SILENT a failing SERVICE is one solution without bindings.
    silent = f"SELECT * {{ ?s ?p ?h SERVICE SILENT <{iri}> {{ ?s ?p ?n }} }}"
    rewritten = federation(read).rewritten(silent, querytext.scan(silent))
    rows = store(HERE).query(rewritten.text)
    assert {variable.value for variable in rows.variables} == {"s", "p", "h", "n"}
    assert [row["n"] for row in rows] == [None] * 3


def test_an_answer_that_the_engine_cannot_read(port):
    iri = f"http://127.0.0.1:{port}/huge"
    error = refusal(
        f"SELECT * {{ SERVICE <{iri}> {{ ?s ?p ?n }} }}", settings(iri, SERVICE_MAX_BYTES=20_000_000)
    )
    assert error.message == f"SERVICE <{iri}> failed: it answered with more than there is memory for."


def test_nobody_listens():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        iri = f"http://127.0.0.1:{probe.getsockname()[1]}/"
        assert (
            " failed: it cannot be reached ("
            in refusal(f"SELECT * {{ SERVICE <{iri}> {{}} }}", settings(iri)).message
        )


def test_a_name_that_nobody_has():
    iri = "http://nobody.invalid/sparql"
    [reply] = replies(settings(iri), Call(iri, "ASK {}"))
    assert reply.failure == "has a name that cannot be resolved"


# All of them lead to a listening server on this machine, or would.
LOOPBACK = ("127.0.0.1", "localhost", "127.0.0.1.", "[::1]", "0.0.0.0", "2130706433", "0x7f.1", "127.1",
            "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::]", "[64:ff9b::127.0.0.1]", "[2002:7f00:1::]",
            "LOCALHOST", "127.0.0.2", "169.254.169.254", "[fe80::1]", "10.0.0.1")  # fmt: skip


@pytest.mark.parametrize("host", LOOPBACK)
def test_no_name_leads_to_a_private_address(port, elsewhere, host):
    iri = f"http://{host}:{port}/sparql"
    error = refusal(f"SELECT * {{ SERVICE <{iri}> {{ ?s ?p ?n }} }}", settings(iri, SERVICE_PRIVATE=0))
    assert error.message.startswith(f"SERVICE <{iri}> failed: it has ")
    # Some systems do not resolve every notation.
    assert "an address that is not a public one" in error.message or "cannot be resolved" in error.message
    assert elsewhere.seen == []


def test_a_name_is_resolved_once_and_what_was_checked_is_asked(port, monkeypatch):
    names, resolve = [], socket.getaddrinfo

    def resolving(host, *more, **named):
        names.append(host)
        return resolve(host, *more, **named)

    monkeypatch.setattr(socket, "getaddrinfo", resolving)
    iri = f"http://localhost:{port}/sparql"
    assert replies(settings(iri), Call(iri, "SELECT * {}"))[0].failure == ""
    assert names.count("localhost") == 1
    assert all(name == "localhost" or ip_address(name) for name in names)


PUBLIC = ("8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1")
# From the IANA registries of special-purpose addresses.
NOT_PUBLIC = (
    *("0.0.0.0", "10.1.2.3", "100.64.0.1", "127.0.0.1", "127.255.255.254", "169.254.169.254", "172.16.0.1"),
    *("172.31.255.255", "192.0.0.8", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1", "198.51.100.1"),
    *("203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255"),
    *("::", "::1", "::127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "64:ff9b::10.0.0.1"),
    *("64:ff9b:1::8.8.8.8", "100::1", "2001::1", "2001:db8::1", "2002:a00:1::1", "2002:7f00:1::1"),
    *("fc00::1", "fdff::1", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "ff0e::1"),
)


def test_public_addresses():
    assert [address for address in PUBLIC if not is_public(address)] == []
    assert [address for address in NOT_PUBLIC if is_public(address)] == []


REFUSED = {
    "another endpoint": (
        "SELECT * { SERVICE <$ALLOWED> { } SERVICE <http://other.org/> { } }",
        "SERVICE may not ask <http://other.org/> here.",
        "It may ask <$ALLOWED>.",
    ),
    "another endpoint, silently": (
        "SELECT * { SERVICE SILENT <http://other.org/> { } }",
        "SERVICE may not ask <http://other.org/> here.",
        "It may ask <$ALLOWED>.",
    ),
    "an endpoint that begins like one": (
        "SELECT * { SERVICE <$ALLOWED/../private> { } }",
        "SERVICE may not ask <$ALLOWED/../private> here.",
        "It may ask <$ALLOWED>.",
    ),
    "a variable": (
        "SELECT * { SERVICE ?where { } }",
        "SERVICE ?where would ask whatever the data names.",
        "Name the endpoint itself.",
    ),
    "one in another": (
        "SELECT * { SERVICE <$ALLOWED> { SERVICE <$ALLOWED> { } } }",
        "A SERVICE inside a SERVICE would have the other endpoint ask a third one.",
        "Put it beside the other SERVICE.",
    ),
    "an escaped keyword": (
        r"SELECT * { \u0053ERVICE <http://other.org/> { } }",
        "The query hides a SERVICE or its endpoint behind \\u escapes.",
        "Write the characters themselves.",
    ),
    "an escaped endpoint": (
        r"SELECT * { SERVICE <$ALLOWED\u002F> { } }",
        "The query hides a SERVICE or its endpoint behind \\u escapes.",
        "Write the characters themselves.",
    ),
    "between escaped quotes": (
        r'SELECT * { ?s ?p "\u0022" SERVICE <http://other.org/> { ?s ?p "\u0022" } }',
        "The query hides a SERVICE or its endpoint behind \\u escapes.",
        "Write the characters themselves.",
    ),
    "too many": (
        "SELECT * { " + "SERVICE <$ALLOWED> { } " * 9 + "}",
        "The query has more than 8 SERVICEs, the limit here.",
        "",
    ),
}


@pytest.mark.parametrize(("text", "message", "hint"), REFUSED.values(), ids=REFUSED)
def test_what_is_not_allowed_is_refused_before_anything_is_asked(port, elsewhere, text, message, hint):
    allowed = f"http://127.0.0.1:{port}/sparql"
    error = refusal(text.replace("$ALLOWED", allowed), settings(allowed))
    assert (error.message, error.hint) == (
        message.replace("$ALLOWED", allowed),
        hint.replace("$ALLOWED", allowed),
    )
    assert elsewhere.seen == []


WRONG = {
    "after it": "SELECT * {\n SERVICE <$ALLOWED> { ?s ?p ?o } ; }",
    "in it": "SELECT * { SERVICE <$ALLOWED> {\n ?s ?p } }",
    "before it": "SELECT * { ?s } SERVICE <$ALLOWED> { ?s ?p ?o } }",
    "between two": "SELECT * { SERVICE <$ALLOWED> { ?s } SERVICE <$ALLOWED> { ?s ?p ?o } }",
    "after two": "SELECT * { SERVICE <$ALLOWED> { } SERVICE <$ALLOWED> { ?s ?p ?o } ] }",
    "union after it": "SELECT * {\n SERVICE <$ALLOWED> { ?s ?p ?o } UNION { } }",
    "a line later": "ASK { SERVICE <$ALLOWED> { ?s ?p ?o }\n\u2028 \x0b\n ] }",
    "a pattern without end": "ASK { SERVICE <$ALLOWED> { ?s ?p ?o ",
    "a short name": "PREFIX : <$ALLOWED> ASK { SERVICE : { ?s ?p ?o } ] }",
    "its pattern alone": "ASK { SERVICE <$ALLOWED> }",
}


@pytest.mark.parametrize("text", WRONG.values(), ids=WRONG)
def test_a_mistake_has_its_place_and_nothing_is_asked(port, elsewhere, text):
    allowed = f"http://127.0.0.1:{port}/sparql"
    text = text.replace("$ALLOWED", allowed)
    with pytest.raises(SyntaxError) as engines:
        Store().query(text)
    with pytest.raises(SyntaxError) as ours:
        answer(text, settings(allowed))
    place = str(engines.value).split(": ")[0]
    assert place.startswith("error at ")
    assert str(ours.value).split(": ")[0] == place
    assert elsewhere.seen == []


def test_an_endpoint_of_no_namespace(port, elsewhere):
    with pytest.raises(SyntaxError, match="error at 2:10: The endpoint"):
        answer(
            "ASK { ?s ?p ?o .\n SERVICE no:where { ?s ?p ?o } }", settings(f"http://127.0.0.1:{port}/sparql")
        )
    with pytest.raises(SyntaxError, match="error at 2:"):
        answer(
            "PREFIX x: <x:> ASK {\n SERVICEx:y { ?s ?p ?o } }", settings(f"http://127.0.0.1:{port}/sparql")
        )
    assert elsewhere.seen == []


def test_the_relay_itself_asks_nobody_else(port, elsewhere):
    allowed = f"http://127.0.0.1:{port}/sparql"
    other = f"http://127.0.0.1:{port}/xml"
    [reply] = replies(settings(allowed), Call(other, "ASK {}"))
    assert reply == Reply("may not be asked here")
    assert replies(settings(""), Call(other, "ASK {}")) == [reply]
    assert elsewhere.seen == []


def test_a_hundred_calls_at_once(port):
    iri, slow = f"http://127.0.0.1:{port}/sparql", f"http://127.0.0.1:{port}/silence"

    async def together():
        relay = Relay(settings(iri, slow, SERVICE_TIMEOUT_S=4.0))
        try:
            asked = [Call(iri, f"SELECT (({n}) AS ?n) {{}}") for n in range(100)]
            hanging = [asyncio.ensure_future(relay.asked(Call(slow, "ASK {}"))) for _ in range(20)]
            found = await asyncio.gather(*(relay.asked(call) for call in asked))
            # Who gives up leaves nothing behind.
            for each in hanging:
                each.cancel()
            await asyncio.gather(*hanging, return_exceptions=True)
            return found, await relay.asked(asked[0])
        finally:
            await relay.close()

    before = len(list(Path("/proc/self/fd").iterdir()))
    found, after = asyncio.run(together())
    values = [json.loads(reply.body)["results"]["bindings"][0]["n"]["value"] for reply in found]
    assert values == [str(n) for n in range(100)]
    assert after.failure == ""
    until = time.monotonic() + 5
    while len(list(Path("/proc/self/fd").iterdir())) > before + 2 and time.monotonic() < until:
        time.sleep(0.02)
    assert len(list(Path("/proc/self/fd").iterdir())) <= before + 2


def test_a_bomb_takes_no_memory(port):
    iri = f"http://127.0.0.1:{port}/bomb"
    replies(settings(iri), Call(iri, "ASK {}"))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert (
        "more than 1,000,000 bytes"
        in replies(settings(iri, SERVICE_MAX_BYTES=1_000_000), Call(iri, "ASK {}"))[0].failure
    )
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000


def test_the_query_process_needs_no_descriptor(port):
    """A query is answered, other endpoints included, where nothing can be opened."""
    iri = f"http://127.0.0.1:{port}/sparql"
    read = settings(iri)
    text = f"{PREFIX} SELECT ?n {{ SERVICE <{iri}> {{ e:a e:age ?n }} }}"
    ours, theirs = socket.socketpair()
    with ours, theirs:
        pid = os.fork()
        if not pid:
            try:
                resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))

                def ask(asked):
                    theirs.sendall(calls.pack_calls(asked))
                    return calls.unpack_replies(theirs.recv(1 << 16))

                rewritten = Federation((iri,), ask).rewritten(text, querytext.scan(text))
                [row] = Store().query(rewritten.text)
                theirs.sendall(row["n"].value.encode())
            finally:
                os._exit(0)
        ours.settimeout(10)
        ours.sendall(calls.pack_replies(replies(read, *calls.unpack_calls(ours.recv(1 << 16)))))
        assert ours.recv(100) == b"41"
        os.waitpid(pid, 0)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate for localhost, and its key."""
    folder = tmp_path_factory.mktemp("tls")
    command = (
        "openssl req -x509 -nodes -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -days 2 "
        "-subj /CN=localhost -addext subjectAltName=DNS:localhost -keyout key.pem -out certificate.pem"
    )
    try:
        subprocess.run(command.split(), check=True, capture_output=True, cwd=folder)
    except FileNotFoundError:
        pytest.skip("openssl is not installed")
    return folder / "certificate.pem", folder / "key.pem"


def test_tls_is_verified_against_the_name(certificate, monkeypatch):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    with listening(context) as server:
        named, numbered = (
            f"https://{host}:{server.server_port}/sparql" for host in ("localhost", "127.0.0.1")
        )
        both = [Call(named, "SELECT * {}"), Call(numbered, "SELECT * {}")]
        unknown, _ = replies(settings(named, numbered), *both)
        assert unknown.failure.startswith("cannot be reached (")
        assert "CERTIFICATE_VERIFY_FAILED" in unknown.failure
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
        right, wrong = replies(settings(named, numbered), *both)
        assert right.failure == ""
        assert "mismatch" in wrong.failure


ALLOWED = {
    "none": ("", ()),
    "commas and blanks": (" http://a/, https://b/x?y=z\nhttp://a/ ", ("http://a/", "https://b/x?y=z")),
}


@pytest.mark.parametrize(("setting", "expected"), ALLOWED.values(), ids=ALLOWED)
def test_the_setting_lists_endpoints(setting, expected):
    assert calls.endpoints(setting) == expected


NO_ENDPOINTS = (
    *("example.org/sparql", "*", "ftp://a/", "http://", "http:///x", "http://me:pass@a/", "http://a/#b"),
    *("http://a:99999/", "http://a:0/", "http://[::1/", "http://0177.0.0.1/"),
)


@pytest.mark.parametrize("iri", NO_ENDPOINTS)
def test_the_setting_refuses_what_is_no_endpoint(iri):
    with pytest.raises(Refusal, match="SERVICE_ALLOW names"):
        Relay(settings("http://a/", iri))


def test_calls_and_replies_survive_their_way():
    asked = [Call("http://a/", "ASK { ?s ?p 'é\u2028\\n' }"), Call("http://b/", "")]
    assert calls.unpack_calls(calls.pack_calls(asked)) == asked
    given = [
        Reply("why"),
        Reply("", JSON, b"{}\n\n"),
        Reply("", XML, b""),
        Reply("", JSON, zlib.compress(b"x")),
    ]
    assert calls.unpack_replies(calls.pack_replies(given)) == given
