"""However an endpoint behaves, a query ends in time with its whole answer or with a plain sentence."""

import gzip
import io
import subprocess
import sys
import threading
import time
import tracemalloc
import zlib
from concurrent.futures import ThreadPoolExecutor

import pytest

from conftest import free_port
from exoreview import media
from exoreview.problems import Refusal
from exoreview.remote import Remote, virtuoso
from exoreview.sparql.engine import Question
from exoreview.sparql.outcomes import Busy, Gone, QueryError, Stopped, Timeout, TooLarge, Unreachable
from peers import asking, limits, written
from told import chunked, drips, http, sends, told, unframed, waits

JSON = b'{"head":{"vars":["s"]},"results":{"bindings":[{"s":{"type":"literal","value":"x"}}]}}'
XML = (
    b'<sparql xmlns="http://www.w3.org/2005/sparql-results#"><head><variable name="s"/></head>'
    b'<results><result><binding name="s"><literal>x</literal></binding></result></results></sparql>'
)
TURTLE = b'<urn:a> <urn:b> "x" .\n'
RDFXML = (
    b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="urn:a">'
    b'<b xmlns="urn:">x</b></rdf:Description></rdf:RDF>'
)
TRUE = b'{"head":{},"boolean":true}'
SELECT, CONSTRUCT = "SELECT ?s { ?s ?p ?o }", "CONSTRUCT WHERE { ?s ?p ?o }"
RESULTS_XML, RDF_XML, N_TRIPLES = (
    "application/sparql-results+xml",
    "application/rdf+xml",
    "application/n-triples",
)

READ = {
    "JSON": (SELECT, http(JSON)),
    "JSON as application/json": (SELECT, http(JSON, kind="application/json; charset=utf-8")),
    "JSON in chunks": (SELECT, chunked(JSON)),
    "JSON until the connection ends": (SELECT, unframed(JSON, "application/sparql-results+json")),
    "JSON, bindings first": (
        SELECT,
        http(b'{"results":{"bindings":[{"s":{"type":"literal","value":"x"}}]},"head":{"vars":["s"]}}'),
    ),
    "XML": (SELECT, http(XML, kind=RESULTS_XML)),
    "XML until the connection ends": (SELECT, unframed(XML, RESULTS_XML)),
    "gzip that was not asked for": (SELECT, http(gzip.compress(JSON), "Content-Encoding: gzip")),
    "gzip in two members": (
        SELECT,
        http(gzip.compress(JSON[:30]) + gzip.compress(JSON[30:]), "Content-Encoding: gzip"),
    ),
    "deflate": (SELECT, http(zlib.compress(JSON), "Content-Encoding: deflate")),
    "N-Triples": (CONSTRUCT, http(TURTLE, kind=N_TRIPLES)),
    "Turtle": (CONSTRUCT, http(TURTLE, kind="text/turtle;charset=UTF-8")),
    "RDF/XML": (CONSTRUCT, http(RDFXML, kind=RDF_XML)),
    "RDF/XML until the connection ends": (CONSTRUCT, unframed(RDFXML, RDF_XML)),
}


@pytest.mark.parametrize(("text", "response"), READ.values(), ids=READ)
def test_what_endpoints_send_is_read(text, response):
    with told(sends(response)) as server, asking(server.url) as engine:
        body = written(engine, text, media.CSV if text == SELECT else media.NTRIPLES)
    assert body == (b"s\r\nx\r\n" if text == SELECT else TURTLE)


PAGE = b"<!DOCTYPE html><title>Welcome</title>"
JAVA = (
    b"SPARQL-QUERY: queryStr=SELECT *\njava.util.concurrent.ExecutionException: org.openrdf.query."
    b'MalformedQueryException: Encountered "}" at line 3\n\tat java.util.concurrent.FutureTask.run(A.java)\n'
)
BROKEN = {
    "garbage": (
        SELECT,
        b"hello, who is there?\r\n\r\n",
        Unreachable,
        "ends the connection without an answer in HTTP",
    ),
    "nothing": (SELECT, b"", Unreachable, "ends the connection without an answer in HTTP"),
    "a page": (
        SELECT,
        http(PAGE, kind="text/html"),
        Unreachable,
        "answers with text/html, not with application/sparql-results+json, ",
    ),
    "no format": (SELECT, http(JSON, kind=None), Unreachable, "without saying in which format"),
    "a page as JSON": (SELECT, http(PAGE), Unreachable, "sends what is no whole JSON ("),
    "JSON cut off": (SELECT, http(JSON[:-10]), Unreachable, "sends what is no whole "),
    "JSON and more": (SELECT, http(JSON + b"<p>Timeout</p>"), Unreachable, "sends what is no whole JSON"),
    "bytes missing after whole JSON": (SELECT, http(JSON, length=500), Unreachable, "broke off"),
    "bytes missing after a boolean": ("ASK {}", http(TRUE, length=500), Unreachable, "broke off"),
    "bytes missing after a boolean in XML": (
        "ASK {}",
        http(
            XML.partition(b"<results>")[0] + b"<boolean>true</boolean></sparql>", kind=RESULTS_XML, length=500
        ),
        Unreachable,
        "broke off",
    ),
    "the end missing after a boolean in XML": (
        "ASK {}",
        http(XML.partition(b"<results>")[0] + b"<boolean>true</boolean>", kind=RESULTS_XML),
        Unreachable,
        "sends what is no whole XML",
    ),
    "JSON cut off between rows": (SELECT, http(JSON[:-3], length=500), Unreachable, "broke off"),
    "the last chunk missing": (SELECT, chunked(JSON, last=b""), Unreachable, "broke off"),
    "JSON cut off with the connection": (
        SELECT,
        unframed(JSON[:-2], "application/json"),
        Unreachable,
        "sends what is no whole ",
    ),
    "XML cut off": (SELECT, unframed(XML[:-9], RESULTS_XML), Unreachable, "sends what is no whole "),
    "XML cut off in a row": (
        SELECT,
        http(XML[:150], kind=RESULTS_XML),
        Unreachable,
        "sends what is no whole ",
    ),
    "XML with entities": (
        SELECT,
        http(b'<!DOCTYPE x [<!ENTITY a "aa">]>' + XML, kind=RESULTS_XML),
        Unreachable,
        "sends what is no whole XML",
    ),
    "RDF/XML cut off": (CONSTRUCT, unframed(RDFXML[:-10], RDF_XML), Unreachable, "sends what is no whole "),
    "RDF/XML empty": (CONSTRUCT, http(b"", kind=RDF_XML), Unreachable, "sends what is no whole "),
    "N-Triples cut off at a line's end": (
        CONSTRUCT,
        http(TURTLE, kind=N_TRIPLES, length=500),
        Unreachable,
        "broke off",
    ),
    "N-Triples in chunks, the last missing": (
        CONSTRUCT,
        chunked(TURTLE, N_TRIPLES, b""),
        Unreachable,
        "broke off",
    ),
    "N-Triples until the connection ends": (
        CONSTRUCT,
        unframed(TURTLE, N_TRIPLES),
        Unreachable,
        "does not say where its answer in N-Triples ends",
    ),
    "Turtle with a trace": (
        CONSTRUCT,
        http(TURTLE + b"java.lang.Error", kind="text/turtle"),
        Unreachable,
        "sends what is no whole Turtle",
    ),
    "gzip cut off": (
        SELECT,
        http(gzip.compress(JSON)[:-12], "Content-Encoding: gzip"),
        Unreachable,
        "broke off",
    ),
    "gzip that is none": (
        SELECT,
        http(JSON, "Content-Encoding: gzip"),
        Unreachable,
        "compressed bytes that cannot be read",
    ),
    "another coding": (SELECT, http(JSON, "Content-Encoding: br"), Unreachable, "in the coding br"),
    "a boolean for rows": (SELECT, http(TRUE), Unreachable, "another kind of question"),
    "rows for a boolean": ("ASK {}", http(JSON), Unreachable, "another kind of question"),
    "an IRI that is none": (
        SELECT,
        http(JSON.replace(b'"literal"', b'"uri"')),
        Unreachable,
        "sends what is no whole JSON",
    ),
    "redirect elsewhere": (
        SELECT,
        http(b"", "Location: http://127.0.0.2/", status="307 Over There"),
        Unreachable,
        "redirects to http://127.0.0.2/, which is not followed",
    ),
    "redirect to a file": (
        SELECT,
        http(b"", "Location: file:///etc/passwd", status="302 Found"),
        Unreachable,
        "redirects to file:///etc/passwd",
    ),
    "redirect to nowhere": (SELECT, http(b"", status="302 Found"), Unreachable, "redirects to nowhere"),
    "redirect without end": (
        SELECT,
        http(b"", "Location: /sparql", status="308 Moved"),
        Unreachable,
        "redirects without end",
    ),
    "401": (SELECT, http(b"", status="401 No"), Unreachable, "wants a name and a password"),
    "403": (SELECT, http(b"", status="403 No"), Unreachable, "forbids the query"),
    "404": (SELECT, http(PAGE, kind="text/html", status="404 No"), Unreachable, "is not there (status 404)."),
    "405": (SELECT, http(b"", status="405 No"), Unreachable, "fails (status 405)."),
    "500": (
        SELECT,
        http(b"java.lang.NullPointerException: null\n\tat x.Y\n", kind="text/plain", status="500 No"),
        Unreachable,
        "fails (status 500): Null.",
    ),
    "502": (SELECT, http(PAGE, kind="text/html", status="502 No"), Unreachable, "fails (status 502)."),
    "400 in words": (
        SELECT,
        http(b"Parse error: \nno such function", kind="text/plain", status="400 No"),
        QueryError,
        "cannot answer the query: No such function.",
    ),
    "400 in JSON": (
        SELECT,
        http(b'{"exception": "no such prefix", "status": "ERROR"}', kind="application/json", status="400 No"),
        QueryError,
        "cannot answer the query: No such prefix.",
    ),
    "400 with a trace": (
        SELECT,
        http(JAVA, kind="text/plain", status="400 No"),
        QueryError,
        'cannot answer the query: Encountered "}" at line 3.',
    ),
    "400 with a page": (
        SELECT,
        http(PAGE, kind="text/html", status="400 No"),
        QueryError,
        "does not say why",
    ),
    "413": (SELECT, http(b"", status="413 No"), QueryError, "is too long for the endpoint"),
    "429": (SELECT, http(b"", status="429 No"), Busy, "has too much to do"),
    "503": (SELECT, http(b"", status="503 No"), Busy, "has too much to do"),
    "503 for a query that takes too long": (
        SELECT,
        http(b"Query timed out", status="503 No"),
        Timeout,
        "took too long",
    ),
    "500 of Blazegraph's time-out": (
        SELECT,
        http(b"java.util.concurrent.TimeoutException\n", status="500 No"),
        Timeout,
        "took too long",
    ),
    "504": (SELECT, http(b"", status="504 No"), Timeout, "took too long"),
    "206": (SELECT, http(JSON, status="206 Some"), Stopped, "a part of the result"),
    "a part, as Virtuoso says": (SELECT, http(JSON, "X-SQL-State: S1TAT"), Timeout, "a part of the result"),
}


@pytest.mark.parametrize(("text", "response", "kind", "sentence"), BROKEN.values(), ids=BROKEN)
def test_what_is_no_answer_is_an_error_that_names_the_endpoint(text, response, kind, sentence):
    format = media.NTRIPLES if text == CONSTRUCT else media.RESULTS_JSON
    with told(sends(response)) as server, asking(server.url) as engine:
        with pytest.raises((QueryError, Stopped)) as error:
            written(engine, text, format)
        assert type(error.value) is kind
        assert sentence in str(error.value)
        assert server.url in str(error.value)
        assert str(error.value).endswith(".")


def test_nobody_listens():
    with (
        asking(f"http://127.0.0.1:{free_port()}/") as engine,
        pytest.raises(Unreachable, match=r"cannot be reached \(Connection refused\)\.$"),
    ):
        written(engine, SELECT)


def test_https_where_there_is_none():
    with (
        told(sends(b"HTTP/1.1 400 No\r\n\r\n")) as server,
        asking(server.url.replace("http:", "https:")) as engine,
        pytest.raises(Unreachable, match="does not speak TLS"),
    ):
        written(engine, SELECT)


@pytest.mark.parametrize(
    "url", ["ftp://127.0.0.1/", "127.0.0.1:80", "http://", "http://a:b/", f"http://{'a' * 64}/", ""]
)
def test_what_is_no_address_is_refused(url):
    with pytest.raises(Refusal, match="is no address of a SPARQL endpoint"):
        Remote(url, limits())


def test_a_password_is_sent_and_never_shown():
    with told(sends(http(b"", status="401 No"))) as server:
        url = server.url.replace("//", "//me:s%20ecret@")
        with asking(url) as engine, pytest.raises(Unreachable) as error:
            written(engine, SELECT)
        assert "ecret" not in engine.name
        assert "ecret" not in str(error.value)
        assert b"\r\nauthorization: basic bwu6cybly3jlda==\r\n" in server.requests[0].lower()


NODES = """
    {"head": {"vars": ["b", "s"]}, "results": {"bindings": [{
        "b": {"type": "bnode", "value": "nodeID://b10"},
        "s": {"type": "literal", "value": "\\"type\\": \\"bnode\\", \\"value\\": \\"nodeID://b11"}
    }]}}
"""


@pytest.mark.parametrize("size", [1, 7, 64, 1000])
def test_blank_nodes_of_virtuoso_get_names_however_they_are_cut(size):
    body = NODES.encode()
    pieces = [body[start : start + size] for start in range(0, len(body), size)]
    assert b"".join(virtuoso.renamed(pieces)).decode() == NODES.replace("nodeID://b10", "b10")


def test_a_virtuoso_whose_longest_graph_cannot_be_found_out_is_not_believed():
    answers = sends(http(TURTLE, "Server: Virtuoso/06", kind=N_TRIPLES)), sends(http(b"", status="400 No"))
    with told(*answers) as server, asking(server.url) as engine, pytest.raises(Unreachable, match="how long"):
        written(engine, CONSTRUCT, media.NTRIPLES)


# --- How it is asked ----------------------------------------------------------------------------------------


def test_a_query_is_posted_with_its_dataset():
    with told(sends(http(JSON))) as server, asking(server.url + "?key=1") as engine:
        written(engine, SELECT, default_graphs=("urn:a", "urn:b"), named_graphs=("urn:c",))
        head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /sparql?key=1 HTTP/1.1\r\n")
    assert b"Accept: application/sparql-results+json;q=1.0, application/sparql-results+xml;q=0.9" in head
    assert body == (
        b"query=SELECT+%3Fs+%7B+%3Fs+%3Fp+%3Fo+%7D"
        b"&default-graph-uri=urn%3Aa&default-graph-uri=urn%3Ab&named-graph-uri=urn%3Ac"
    )


def test_an_endpoint_that_takes_no_post_gets_get():
    no, yes = sends(http(b"", status="405 Method Not Allowed")), sends(http(JSON))
    with told(no, yes) as server, asking(server.url) as engine:
        for _ in range(2):
            assert written(engine, SELECT, media.CSV) == b"s\r\nx\r\n"
        methods = [request.split()[0] for request in server.requests]
    assert methods == [b"POST", b"GET", b"GET"]
    assert server.requests[1].startswith(b"GET /sparql?query=SELECT+%3Fs")


def test_a_redirect_within_the_origin_is_followed():
    with told(sends(http(b"", "Location: /there", status="301 Moved")), sends(http(JSON))) as server:
        with asking(server.url) as engine:
            assert written(engine, SELECT, media.CSV) == b"s\r\nx\r\n"
        assert server.requests[1].startswith(b"POST /there ")
        assert server.requests[1].endswith(b"query=SELECT+%3Fs+%7B+%3Fs+%3Fp+%3Fo+%7D")


def test_connections_are_kept_and_made_anew():
    """The server says nothing of its closing each connection after the second answer."""
    answers = [lambda connection: connection.sendall(http(JSON)), sends(http(JSON))] * 3
    with told(*answers) as server, asking(server.url) as engine:
        for _ in range(6):
            assert written(engine, SELECT, media.CSV) == b"s\r\nx\r\n"
        assert len(server.requests) == 6


def test_a_kept_connection_that_ends_on_the_next_query_is_no_failure():
    kept = (lambda connection: connection.sendall(http(JSON)), lambda connection: "close", sends(http(JSON)))
    with told(*kept) as server, asking(server.url) as engine:
        for _ in range(2):
            assert written(engine, SELECT, media.CSV) == b"s\r\nx\r\n"
        assert len(server.requests) == 3


def test_no_proxy_of_the_environment_is_used(monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{free_port()}/")
    monkeypatch.setenv("ALL_PROXY", f"http://127.0.0.1:{free_port()}/")
    with told(sends(http(JSON))) as server, asking(server.url) as engine:
        assert written(engine, SELECT, media.CSV) == b"s\r\nx\r\n"


def test_several_threads_at_once():
    def slow(connection):
        time.sleep(0.3)
        return sends(http(JSON))(connection)

    with told(slow) as server, asking(server.url) as engine, ThreadPoolExecutor(8) as executor:
        begun = time.monotonic()
        bodies = list(executor.map(lambda _: written(engine, SELECT, media.CSV), range(8)))
        assert time.monotonic() - begun < 1.5
    assert bodies == [b"s\r\nx\r\n"] * 8


# --- Time and size ------------------------------------------------------------------------------------------


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/sparql-results+json\r\nContent-Length: 9999999\r\n\r\n"
START = HEAD + JSON[:-3]
SLOW = {
    "never answers": waits,
    "drips its headers": drips(b"HTTP/1.1 200 OK\r\nX-Long: ", b"x"),
    "drips its body": drips(HEAD, b" "),
    "drips rows": drips(START, b',{"s":{"type":"literal","value":"y"}}'),
    "drips a complaint": drips(HEAD.replace(b"200", b"500"), b"x"),
}


@pytest.mark.parametrize("behave", SLOW.values(), ids=SLOW)
def test_the_time_is_up_whatever_the_endpoint_does(behave):
    with told(behave) as server, asking(server.url, query_timeout_s=0.6) as engine:
        begun = time.monotonic()
        with pytest.raises(Timeout, match=r"stopped after 0\.6 seconds, the limit here"):
            written(engine, SELECT)
        assert 0.5 < time.monotonic() - begun < 1.1
        assert server.closed.wait(2), "the connection was left open"


class Limited(io.BytesIO):
    """A file that takes so many bytes, and until when."""

    def __init__(self, most=10**9, until=float("inf")):
        super().__init__()
        self.most, self.until = most, until

    def write(self, data):
        if self.tell() + len(data) > self.most:
            raise TooLarge("enough")
        if time.monotonic() > self.until:
            raise Gone("nobody is there")
        return super().write(data)


@pytest.mark.parametrize("behave", SLOW.values(), ids=SLOW)
def test_a_client_that_hangs_up_ends_the_wait(behave):
    with told(behave) as server, asking(server.url) as engine:
        begun = time.monotonic()
        with pytest.raises(Gone):
            engine.write(Question(SELECT, media.CSV), Limited(until=begun + 0.3))
        assert time.monotonic() - begun < 1.5
        assert server.closed.wait(2), "the connection was left open"


ROW = b',{"s":{"type":"literal","value":"%s"}}' % (b"y" * 100)
ENDLESS = {
    "rows": (SELECT, START, ROW * 500),
    "a row": (
        SELECT,
        HEAD + b'{"head":{"vars":["s"]},"results":{"bindings":[{"s":{"type":"literal","value":"',
        b"y" * 65536,
    ),
    "blanks": (SELECT, HEAD + JSON[:-3], b" " * 65536),
    "rows before their head": (
        SELECT,
        HEAD + b'{"results":{"bindings":[{"s":{"type":"literal","value":"x"}}',
        ROW * 500,
    ),
    "XML": (SELECT, HEAD.replace(b"json", b"xml") + XML.partition(b"<head>")[0] + b"<!--", b"y" * 65536),
    "comments": (CONSTRUCT, HEAD.replace(b"sparql-results+json", b"n-triples"), b"# nothing\n" * 6000),
    "a triple": (
        CONSTRUCT,
        HEAD.replace(b"sparql-results+json", b"n-triples") + b'<urn:a> <urn:b> "',
        b"y" * 65536,
    ),
    "one of RDF/XML": (
        CONSTRUCT,
        HEAD.replace(b"sparql-results+json", b"rdf+xml") + RDFXML.partition(b"x<")[0],
        b"y" * 65536,
    ),
}


@pytest.mark.parametrize(("text", "first", "drop"), ENDLESS.values(), ids=ENDLESS)
def test_an_answer_without_end_is_ended(text, first, drop):
    endless = drips(first.replace(b"9999999", b"10000000000"), drop, every=0)
    with told(endless) as server, asking(server.url, result_max_bytes=5_000_000) as engine:
        begun = time.monotonic()
        with pytest.raises((TooLarge, Unreachable)) as error:
            engine.write(
                Question(text, media.CSV if text == SELECT else media.NTRIPLES), Limited(most=5_000_000)
            )
        assert str(error.value) == "enough" or "5,000,000" in str(error.value) or "buffer" in str(error.value)
        assert time.monotonic() - begun < 8
        assert server.closed.wait(2), "the connection was left open"


def test_a_bomb_of_gzip_is_not_unpacked():
    """A hundred million blanks, of which five are read."""
    packer = zlib.compressobj(1, wbits=31)
    bomb = packer.compress(JSON[:-3]) + b"".join(packer.compress(b" " * 2**20) for _ in range(100))
    response = http(bomb + packer.flush(), "Content-Encoding: gzip")
    assert len(response) < 600_000
    with told(sends(response)) as server, asking(server.url, result_max_bytes=5_000_000) as engine:
        tracemalloc.start()
        try:
            with pytest.raises(TooLarge, match="5,000,000"):
                written(engine, SELECT)
            assert tracemalloc.get_traced_memory()[1] < 2_000_000
        finally:
            tracemalloc.stop()


STREAMED = {
    "JSON": (SELECT, JSON[:-3] + ROW * 300, b"]}}", "application/sparql-results+json"),
    "N-Triples": (CONSTRUCT, TURTLE * 3000, TURTLE, N_TRIPLES),
}


@pytest.mark.parametrize(("text", "much", "end", "kind"), STREAMED.values(), ids=STREAMED)
def test_rows_are_passed_on_before_the_last_is_here(text, much, end, kind):
    begun = threading.Event()

    class Out(io.BytesIO):
        def write(self, data):
            if data:
                begun.set()
            return super().write(data)

    def behave(connection):
        connection.sendall(http(much, kind=kind, length=len(much + end)))
        if begun.wait(10):
            connection.sendall(end)

    with told(behave) as server, asking(server.url) as engine:
        engine.write(Question(text, media.CSV if text == SELECT else media.NTRIPLES), out := Out())
    assert len(out.getvalue()) > 30_000


FLAT = """
import resource, sys
from exoreview import media, settings
from exoreview.sparql.engine import Question
from exoreview.remote import Remote

class Out:
    size = 0
    def write(self, data):
        self.size += len(data)
        return len(data)
    def flush(self):
        pass

def asked(rows):
    engine.write(Question(f"SELECT ?s {{ ?s ?p {rows} }}", media.RESULTS_XML), out := Out())
    return out.size, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

engine = Remote(sys.argv[1], settings.read({}, result_max_bytes=10**9, query_timeout_s=100.0))
print(*asked(10_000), *asked(1_000_000))
"""


def test_memory_stays_flat_for_a_million_rows():
    def behave(connection):
        rows = int(server.requests[-1].rpartition(b"%3Fp+")[2].partition(b"+")[0])
        connection.sendall(http(JSON[:-3], length=len(JSON) + rows * len(ROW)))
        for _ in range(rows // 1000):
            connection.sendall(ROW * 1000)
        connection.sendall(b"]}}")

    with told(behave) as server:
        run = subprocess.run(
            [sys.executable, "-c", FLAT, server.url], capture_output=True, text=True, check=True, timeout=120
        )
    short, before, long, after = map(int, run.stdout.split())
    assert long > 99 * short > 10**8
    assert after - before < 8 * 1024, f"{after - before} KiB more"
