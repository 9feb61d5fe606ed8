"""Whatever is sent to the server, it answers in time with a sentence, frees what it took, and goes on."""

import http.client
import json
import os
import re
import resource
import shutil
import signal
import socket
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest

from attacks import ALL3, ATTACKS, DISGUISES, NS, RING, TEXTS, data
from conftest import serving, within
from exoreview import settings

LIMIT_S = 0.5
# What a loaded machine may add to a limit; that the processor is free afterwards is seen for itself.
GRACE_S = 5
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
UPDATE = {"Content-Type": "application/sparql-update"}
DIRECT = {"Content-Type": "application/sparql-query"}
TRUE = b'{"head":{},"boolean":true}'
RUNAWAY = f"SELECT (COUNT(*) AS ?n) {{ {ALL3} }}"

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="sees processes by the /proc of Linux"
)


# Its processes for queries: one more than can be busy, and those that connections are lent to.
PROCESSES = settings.read({})["WORKERS"] + 1 + settings.read({})["ATTENDANTS"]
# What a server has in its folder as long as it runs.
SOCKETS = ["queries", "queries-lent"]


class Attacked:
    """A running server, its processes and its temporary files."""

    def __init__(self, address, folder):
        self.host, port = address.removeprefix("http://").split(":")
        self.port, self.folder = int(port), folder
        self.main = next(pid for pid in children(os.getpid()) if f"--port {port} " in command(pid))
        (self.supervisor,) = (pid for pid in children(self.main) if "http.attending" in command(pid))
        self.counter = iter(range(10**9))

    @property
    def web(self):
        """The process that answers requests; the resource tracker of Python may stand beside it."""
        return next(pid for pid in children(self.main) if f"--port {self.port} " in command(pid))

    def request(self, method, path, body=None, headers=(), timeout=60, client="127.0.0.1"):
        """Status, headers and body of an answer to a client with an address."""
        given = {"timeout": timeout, "source_address": (client, 0)}
        connection = http.client.HTTPConnection(self.host, self.port, **given)
        try:
            with suppress(ConnectionError):
                # An answer may come, and end the connection, before everything is sent.
                connection.request(method, path, body, dict(headers))
            response = http.client.HTTPResponse(connection.sock, method=method)
            response.begin()
            return response.status, response.headers, response.read()
        finally:
            connection.close()

    def ask(self, query, **more):
        """Status and body of the answer to a query that is posted."""
        status, _, body = self.request("POST", "/sparql", urlencode({"query": query}), FORM, **more)
        return status, body

    def connect(self, timeout=30, receive_buffer=None):
        client = socket.socket()
        if receive_buffer:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        client.settimeout(timeout)
        client.connect((self.host, self.port))
        return client

    def works(self):
        """Whether a small query, one that no cache knows, is answered."""
        number = next(self.counter)
        return self.ask(f"ASK {{ <{NS}s{number % TEXTS}> ?p{number} ?o }}") == (200, TRUE)

    def rests(self, seconds=5):
        """Whether soon no query process computes any more; one that does is always running or waits to."""
        quiet, until = 0, time.monotonic() + seconds
        while quiet < 4 and time.monotonic() < until:
            quiet = quiet + 1 if all(states(pid) == {"S"} for pid in children(self.supervisor)) else 0
            time.sleep(0.01)
        return quiet == 4

    def named_files(self):
        """The temporary files of the server that have a name."""
        return sorted(path.name for folder in self.folder.glob("exoreview-*") for path in folder.iterdir())

    def files(self):
        """All of its temporary files: also those without a name that are held open."""
        held = []
        for descriptor in Path(f"/proc/{self.web}/fd").iterdir():
            with suppress(OSError):
                held.append(str(descriptor.readlink()))
        nameless = [name for name in held if name.startswith(str(self.folder)) and name.endswith("(deleted)")]
        return self.named_files() + nameless

    def memory_mb(self):
        """The resident memory of the web process."""
        found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{self.web}/status").read_text("ascii"))
        return int(found[1]) / 1024


def children(pid):
    """The processes that a process has started, by whichever thread."""
    found = []
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            found += map(int, path.read_text("ascii").split())
    return found


def command(pid):
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_text("utf-8").replace("\0", " ")
    return ""


def states(pid):
    """What the threads of a process are at: S for those that sleep."""
    found = set()
    for file in Path(f"/proc/{pid}/task").glob("*/stat"):
        with suppress(OSError):
            found.add(file.read_text("utf-8").rpartition(") ")[2][0])
    return found or {"gone"}


@contextmanager
def attacked(**given):
    # Short, for the path of a socket is.
    folder = Path(tempfile.mkdtemp(prefix="attacked-", dir="/tmp"))
    try:
        file = folder / "data.nt"
        file.write_text("".join(data()), "utf-8")
        settings = {"query_timeout_s": LIMIT_S, "query_memory_mb": 150, "log": "off"} | given
        options = [
            text for name, value in settings.items() for text in (f"--{name.replace('_', '-')}", value)
        ]
        with serving(*options, "--data", file, TMPDIR=str(folder)) as address:
            server = Attacked(address, folder)
            yield server
        assert list(folder.glob("exoreview-*")) == []
    finally:
        shutil.rmtree(folder)


@pytest.fixture(scope="module")
def server():
    """A server with tight limits, the same for all attacks: it has to survive each."""
    with attacked() as made:
        yield made


@pytest.fixture
def fit(server):
    """After the attack a small query is answered and nobody computes any more."""
    yield server
    assert server.works()
    assert server.rests(), "somebody still computes"


@pytest.mark.parametrize(("query", "status", "sentence"), ATTACKS.values(), ids=ATTACKS)
def test_a_query_that_asks_too_much(fit, query, status, sentence):
    start = time.monotonic()
    got, body = fit.ask(query)
    assert time.monotonic() - start < LIMIT_S + GRACE_S
    assert got in (status if isinstance(status, tuple) else (status,)), body[:200]
    assert re.search(sentence, body.decode("utf-8"))


LONG = "#" * 5_000_000
TOO_LONG = "longer than 200,000 bytes"
BODIES = {
    "5 MB as a form": ("POST", "/sparql", f"query={LONG}", FORM, 413, TOO_LONG),
    "5 MB as a form, encoded": ("POST", "/sparql", f"query={'%23' * 1_600_000}", FORM, 413, TOO_LONG),
    "5 MB directly": ("POST", "/sparql", LONG, DIRECT, 413, TOO_LONG),
    "5 MB in pieces": ("POST", "/sparql", iter([LONG.encode()[:65536]] * 80), DIRECT, 413, TOO_LONG),
    "5 MB of another kind": (
        "POST",
        "/sparql",
        LONG,
        {"Content-Type": "text/plain"},
        415,
        "not text/plain",
    ),
    "5 MB of an update": (
        "POST",
        "/sparql",
        LONG,
        {"Content-Type": "application/sparql-update"},
        403,
        "read-only",
    ),
    "5 MB elsewhere": ("POST", "/nothing", LONG, FORM, 404, "nothing at /nothing"),
    "300 kB of nothing": ("POST", "/sparql", " " * 190_000, DIRECT, 400, "This is no query"),
    "65 kB in the address": ("GET", f"/sparql?query={'x' * 60_000}", None, {}, 400, "This is no query"),
    "not UTF-8 in the address": (
        "GET",
        "/sparql?query=ASK%7B%7D%FF",
        None,
        {},
        400,
        "address are not UTF-8",
    ),
    "not UTF-8 in a name": ("GET", "/sparql?%FF=1&query=ASK%7B%7D", None, {}, 400, "address are not UTF-8"),
    "not UTF-8 in the form": ("POST", "/sparql", b"query=ASK%7B%7D%C3", FORM, 400, "form are not UTF-8"),
    "raw bytes in the form": ("POST", "/sparql", b"query=ASK{}\xc3\x28", FORM, 400, "form are not UTF-8"),
    "not UTF-8 directly": ("POST", "/sparql", b"ASK {} #\xff", DIRECT, 400, r"not UTF-8 \(byte 9\)"),
    "surrogates directly": (
        "POST",
        "/sparql",
        b"ASK {} #\xed\xa0\x80",
        DIRECT,
        400,
        r"not UTF-8 \(byte 9\)",
    ),
    "zero bytes": ("POST", "/sparql", b"ASK {\0}", DIRECT, 400, "line 1"),
    "not UTF-8 in the path": ("GET", "/%FF%FE", None, {}, 404, "nothing at"),
    "zero byte in the path": ("GET", "/%00", None, {}, 404, "nothing at"),
    "up and away": ("GET", "/static/../../../../etc/passwd", None, {}, 404, "nothing at"),
    "up and away, encoded": ("GET", "/static/..%2f..%2f..%2fetc/passwd", None, {}, 404, "nothing at"),
    "5,000 parameters": (
        "GET",
        "/sparql?query=ASK%7B%7D" + "&a=" * 5000,
        None,
        {},
        400,
        "too many parameters",
    ),
    "50,000 parameters": (
        "POST",
        "/sparql",
        "query=ASK%7B%7D" + "&a=" * 50_000,
        FORM,
        400,
        "too many parameters",
    ),
    "900 graphs": (
        "POST",
        "/sparql",
        urlencode([("query", "ASK {}"), *(("default-graph-uri", f"{NS}{n}") for n in range(900))]),
        FORM,
        200,
        "true",
    ),
    "a graph of 100 kB": (
        "POST",
        "/sparql",
        urlencode({"query": "ASK {}", "named-graph-uri": NS + "x" * 100_000}),
        FORM,
        200,
        "true",
    ),
    "an unknown method": ("BREW", "/sparql", None, {}, 501, "The method BREW is not known here"),
    "tracing": ("TRACE", "/sparql", None, {}, 405, "is not possible at /sparql; there are GET"),
    "a length that is no number": ("POST", "/sparql", b"x", {**DIRECT, "Content-Length": "many"}, 400, ""),
    "a negative length": ("POST", "/sparql", b"x", {**DIRECT, "Content-Length": "-1"}, 400, ""),
    "an unknown coding of the body": (
        "POST",
        "/sparql",
        b"\x1f\x8bASK {}",
        {**DIRECT, "Content-Encoding": "gzip"},
        415,
        "not compressed",
    ),
}


@pytest.mark.parametrize("case", BODIES.values(), ids=BODIES)
def test_a_request_that_is_too_much(fit, case):
    *request, status, sentence = case
    got, _, said = fit.request(*request)
    assert (got, bool(re.search(sentence, said.decode("utf-8")))) == (status, True), said[:300]


ASK = quote("ASK {}")
HEADERS = {
    "an Accept of 100 kB": ({"Accept": ",".join(f"a/b{n};q=0.5" for n in range(7000)) + ",*/*"}, 200),
    "an Accept of semicolons": ({"Accept": "*/*" + ";" * 100_000}, 200),
    "an Accept of quotes": ({"Accept": 'text/csv;a="' + '\\"' * 50_000}, 200),
    "an Accept-Encoding of 100 kB": ({"Accept-Encoding": ",".join(f"x{n};q=0.1" for n in range(9000))}, 200),
    "an Accept-Language of 100 kB": ({"Accept-Language": ",".join(f"x{n};q=0.1" for n in range(9000))}, 200),
    "a cookie of 100 kB": ({"Cookie": "a=b; " * 20_000}, 200),
    "a tag of 100 kB": ({"If-None-Match": '"x",' * 25_000}, 200),
    "a date of 100 kB": ({"If-Modified-Since": "Mon, " * 20_000}, 200),
    "a date beyond time": ({"If-Modified-Since": "Mon, 01 Jan 2020 00:00:00 +" + "9" * 30}, 200),
    "a date in no year": ({"If-Modified-Since": "Mon, 01 Jan 99999999999999999999 00:00:00 GMT"}, 200),
    "bytes that are no text": ({"X": b"\xc3\x28", "If-None-Match": b"\xff", "Cookie": b"\xff\xfe"}, 200),
    "an Accept that is no text": ({"Accept": b"\xff\xfe"}, 406),
    "a host that is none": ({"Host": "<script>:99999999"}, 400),
    "a host that is too long": ({"Host": "x" * 5000}, 400),
    "an address as host": ({"Host": "[::1]:8000"}, 200),
    "no host": ({"Host": ""}, 200),
    "a forwarded host": ({"X-Forwarded-Host": "x.org", "X-Forwarded-Prefix": "//x.org"}, 200),
    "more than there may be": ({f"X-{n}": "x" for n in range(1000)}, 431),
    "longer than they may be": ({"X": "x" * 1_000_000}, 431),
}


@pytest.mark.parametrize("path", [f"/sparql?query={ASK}", "/sparql"], ids=["query", "page"])
@pytest.mark.parametrize(("headers", "status"), HEADERS.values(), ids=HEADERS)
def test_headers_that_are_too_much(fit, path, headers, status):
    start = time.monotonic()
    assert fit.request("GET", path, None, headers)[0] == status
    assert time.monotonic() - start < GRACE_S


POSTED = b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\n"
CHUNKED = POSTED + b"Transfer-Encoding: chunked\r\n\r\n"
RAW = {
    "chunks": (CHUNKED + b"3\r\nASK\r\n3\r\n {}\r\n0\r\n\r\n", b"200 OK"),
    "chunks of one byte": (
        CHUNKED + b"".join(b"1\r\n%c\r\n" % c for c in b"ASK {}") + b"0\r\n\r\n",
        b"200 OK",
    ),
    "a chunk without a size": (CHUNKED + b"x\r\nASK\r\n", b"400 Bad Request"),
    "a chunk that is too short": (CHUNKED + b"3\r\nASK {}\r\n0\r\n\r\n", b"400 Bad Request"),
    "chunks without an end": (CHUNKED + b"ffff\r\n%s\r\n" % (b"#" * 0xFFFF) * 40, b"HTTP/1.1 413"),
    "a length and chunks": (
        POSTED + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"400 Bad Request",
    ),
    "two lengths": (POSTED + b"Content-Length: 3\r\nContent-Length: 6\r\n\r\nASK {}", b"400 Bad Request"),
    "a length that is too short": (POSTED + b"Content-Length: 6\r\n\r\nASK {}rest", b"200 OK"),
    "no HTTP": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 500, b"400 Bad Request"),
    "a new HTTP": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b""),
    "an old HTTP": (b"GET /health HTTP/1.0\r\n\r\n", b"200 OK"),
    "an older HTTP": (b"GET /health\r\n", b"400 Bad Request"),
    "a star": (b"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", b"HTTP/1.1 "),
    "a proxy's request": (b"GET http://x.org/health HTTP/1.1\r\nHost: y\r\n\r\n", b"HTTP/1.1 "),
    "a tunnel": (b"CONNECT x.org:443 HTTP/1.1\r\nHost: x.org\r\n\r\n", b"HTTP/1.1 40"),
    "an upgrade": (
        b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
        b"HTTP/1.1 ",
    ),
    "5 MB in the address": (b"GET /sparql?query=" + b"x" * 5_000_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", b"4"),
    "raw text in the address": (
        b"GET /?a=\xc2\xb2\xe2\x82\xac HTTP/1.1\r\nHost: x\r\n\r\n",
        b"HTTP/1.1 200",
    ),
    "raw bytes in the address": (b"GET /sparql?query=\xff HTTP/1.1\r\nHost: x\r\n\r\n", b"400"),
    "an expectation": (POSTED + b"Content-Length: 6\r\nExpect: 100-continue\r\n\r\nASK {}", b"100 Continue"),
}


@pytest.mark.parametrize(("sent", "answered"), RAW.values(), ids=RAW)
def test_bytes_that_are_no_proper_request(fit, sent, answered):
    with fit.connect(timeout=20) as client:
        with suppress(ConnectionError):
            client.sendall(sent)
        got = bytearray()
        with suppress(ConnectionError):
            while b"\r\n\r\n" not in got and (part := client.recv(65536)):
                got += part
    assert answered in bytes(got[:60]), bytes(got[:300])


HALVES = {
    "a length": POSTED + b"Content-Length: 60\r\n\r\nASK {}",
    "a chunk": CHUNKED + b"ffff\r\nASK {}",
    "chunks": CHUNKED + b"6\r\nASK {}\r\n",
    "no proper chunk": CHUNKED + b"6\r\nASK {}\r\nx\r\n",
}


@pytest.mark.parametrize("sent", HALVES.values(), ids=HALVES)
def test_half_a_query_is_none(fit, sent):
    """What came may be a query by itself, but it is not the one that was to come."""
    with fit.connect() as client:
        client.sendall(sent)
        client.shutdown(socket.SHUT_WR)
        assert client.recv(100).startswith(b"HTTP/1.1 400")


def test_a_head_in_drops(fit):
    """Who sends slowly holds up nobody, and gets the answer in the end."""
    with ExitStack() as stack:
        clients = [stack.enter_context(fit.connect()) for _ in range(50)]
        for byte in b"GET /sparql?query=ASK%7B%7D HTTP/1.1\r\nHost: x\r\n":
            for client in clients:
                client.sendall(bytes([byte]))
            start = time.monotonic()
            assert fit.request("GET", "/health")[0] == 200
            assert time.monotonic() - start < GRACE_S
        for client in clients:
            client.sendall(b"\r\n")
            assert client.recv(100).startswith(b"HTTP/1.1 200")


def test_a_body_in_drops():
    """A body has its time, however busily it comes."""
    with attacked(body_wait_s=1) as server, ExitStack() as stack:
        clients = [stack.enter_context(server.connect()) for _ in range(50)]
        for client in clients:
            client.sendall(POSTED + b"Content-Length: 1000\r\n\r\n")
        until = time.monotonic() + 3
        while time.monotonic() < until:
            for client in clients:
                with suppress(ConnectionError):
                    client.sendall(b" ")
            assert server.works()
            time.sleep(0.1)
        for client in clients:
            assert client.recv(100).startswith(b"HTTP/1.1 408")


@pytest.mark.slow
def test_800_long_bodies_that_stall():
    """What has come of them takes little memory, and short queries go on."""
    with attacked(body_wait_s=3) as server, ExitStack() as stack:
        assert server.works()
        before = server.memory_mb()
        clients = [stack.enter_context(server.connect()) for _ in range(800)]
        for client in clients:
            with suppress(ConnectionError):
                client.sendall(POSTED + b"Content-Length: 600000\r\n\r\n" + b"#" * 590_000)
        assert all(server.works() for _ in range(20))
        # Of each it has taken two reads at most, of up to a quarter of a megabyte.
        assert server.memory_mb() - before < 600
        answers = [answer_of(client) for client in clients]
        assert {answer[:12] for answer in answers} == {b"HTTP/1.1 408", b"HTTP/1.1 503"}
        assert all(b"retry-after: 1" in answer for answer in answers if b" 503 " in answer)
        assert server.ask(f"# {'long ' * 30_000}\nASK {{}}") == (200, TRUE)


def answer_of(client):
    with suppress(ConnectionError):
        return client.recv(10_000)
    return b""


def test_1500_connections_that_do_nothing(fit):
    most, highest = resource.getrlimit(resource.RLIMIT_NOFILE)
    if highest < 4000:
        pytest.skip("needs 4,000 open files")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(most, 4000), highest))
    with ExitStack() as stack:
        for _ in range(1500):
            stack.enter_context(fit.connect())
        start = time.monotonic()
        assert all(fit.works() for _ in range(20))
        assert time.monotonic() - start < GRACE_S


def test_requests_one_upon_the_other(fit):
    """Pipelined requests are answered one by one in their order, the heavy one among them too."""
    queries = [f"ASK {{ FILTER({n} = {n % 2}) }}" for n in range(40)]
    queries[20] = RUNAWAY
    with fit.connect() as client, client.makefile("rb") as received:
        for query in queries:
            client.sendall(f"GET /sparql?query={quote(query)} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        for number, query in enumerate(queries):
            status = int(received.readline().split()[1])
            body = received.read(int(http.client.parse_headers(received)["Content-Length"]))
            if query == RUNAWAY:
                assert (status, b"stopped after" in body) == (503, True)
            else:
                assert json.loads(body)["boolean"] == (number < 2)


def test_200_clients_hang_up(fit):
    """Their queries end too, and nothing stays behind."""
    for number in range(200):
        with fit.connect() as client:
            query = quote(f"{RUNAWAY} LIMIT {number + 1}")
            client.sendall(f"GET /sparql?query={query} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            # Every other one when its query may have begun.
            time.sleep(0.02 * (number % 2))
    assert within(60, lambda: status_of(fit)["queries"] == {"running": 0, "waiting": 0})
    assert within(5, lambda: len(children(fit.supervisor)) == PROCESSES)
    assert within(10, lambda: fit.files() == SOCKETS)


def status_of(server):
    return json.loads(server.request("GET", "/health")[2])


def test_a_client_hangs_up_midway():
    """With time for the query the client's end is what ends it."""
    with attacked(query_timeout_s=60, query_memory_mb=1000) as server:
        for _ in range(5):
            with server.connect() as client:
                client.sendall(f"GET /sparql?query={quote(RUNAWAY)} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
                assert within(5, lambda: status_of(server)["queries"]["running"] == 1)
                assert not server.rests(0.3), "what computes is not seen"
            assert server.rests(), "somebody still computes"
        assert server.works()


@pytest.fixture
def running(fit):
    """The processes that wait for queries, once some are known to have answered."""
    assert fit.works()
    return children(fit.supervisor)


def test_all_idle_workers_are_killed_from_outside(fit, running):
    for pid in running:
        os.kill(pid, signal.SIGKILL)
    assert within(5, lambda: not set(running) & set(children(fit.supervisor)))
    assert all(fit.works() for _ in range(10))


def test_a_worker_is_killed_while_it_answers(fit, running):
    def kill():
        with suppress(ProcessLookupError):
            for pid in children(fit.supervisor):
                if "R" in states(pid):
                    os.kill(pid, signal.SIGKILL)

    timer = threading.Timer(LIMIT_S / 2, kill)
    timer.start()
    status, body = fit.ask(RUNAWAY)
    timer.join()
    assert (status, b"The process that answered the query came to its end" in body) == (503, True)


def test_workers_are_halted_from_outside(fit, running):
    """A process that does not answer is over its time like any other."""
    for pid in running:
        os.kill(pid, signal.SIGSTOP)
    answers = [fit.ask(f"ASK {{ ?halted{n} ?p ?o }}") for n in range(4)]
    assert {status for status, _ in answers} <= {200, 503}
    for pid in running:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)


def test_the_supervisor_is_killed_from_outside():
    with attacked() as server:
        old = server.supervisor
        os.kill(old, signal.SIGKILL)
        found = lambda: [pid for pid in children(server.main) if "http.attending" in command(pid)]  # noqa: E731
        assert within(20, lambda: found() not in ([], [old]) and server.works())
        server.supervisor = found()[0]
        assert server.ask(RUNAWAY)[0] == 503
        assert server.works()
        assert server.rests()


def test_the_web_process_is_killed_from_outside():
    with attacked() as server:
        old = server.web
        os.kill(old, signal.SIGKILL)
        assert within(20, lambda: fine(server))
        assert server.web != old
        assert server.ask(RUNAWAY)[0] == 503
        assert server.rests()


def fine(server):
    # Python's client asks a connection that has just been closed for an attribute that it has no more.
    with suppress(OSError, http.client.HTTPException, StopIteration, AttributeError):
        return server.works()
    return False


def test_64_clients_while_heavy_queries_run():
    """Small queries, each a new one, are all answered right while heavy ones come and go beside them."""
    with attacked(query_timeout_s=2, query_memory_mb=1000, queue_wait_s=60, workers=3) as server:
        over = threading.Event()

        def heavy():
            answers = []
            while not over.is_set() and len(answers) < 50:
                answers.append(server.ask(RUNAWAY + f" LIMIT {len(answers) + 1}")[0])
            return answers

        def small(client):
            numbers = range(client, TEXTS, 64)
            found = [server.ask(f'ASK {{ <{NS}s{n}> <{NS}p> "{"a" * 60}{n}" }}') for n in numbers]
            return found == [(200, TRUE)] * len(numbers)

        with ThreadPoolExecutor(66) as threads:
            runs = [threads.submit(heavy) for _ in range(2)]
            right = list(threads.map(small, range(64)))
            over.set()
            assert all(right)
            assert all(set(run.result()) == {503} for run in runs)
        assert server.works()
        assert server.rests()


def test_a_client_whose_queries_take_all_places_but_one_takes_none_from_others():
    """One asks for ever more heavy queries at once, as many as may wait; another is answered meanwhile."""
    limits = {"query_timeout_s": 3, "queue_wait_s": 1, "queue_max": 20}
    with attacked(**limits, workers=3, client_queries=2) as server, ThreadPoolExecutor(60) as threads:
        form = urlencode({"query": RUNAWAY})
        flood = [threads.submit(server.request, "POST", "/sparql", form, FORM) for _ in range(60)]
        assert within(5, lambda: b'"running": 2,\n    "waiting": 20' in server.request("GET", "/health")[2])
        for number in range(20):
            assert server.ask(f"ASK {{}} # {number}", client="127.0.0.2") == (200, TRUE)
        told = b"".join(run.result()[2] for run in flood).decode()
        assert "stopped after 3 seconds" in told
        assert "2 queries of one client are answered at a time" in told
        assert "20 queries are waiting already" in told
        assert server.works()
        assert server.rests()


def test_more_than_may_wait_are_told_when_to_come_again():
    with attacked(queue_max=2, queue_wait_s=60, workers=1) as server, ThreadPoolExecutor(20) as threads:
        form = urlencode({"query": RUNAWAY})
        answers = list(threads.map(lambda _: server.request("POST", "/sparql", form, FORM), range(20)))
        assert {status for status, _, _ in answers} == {503}
        turned_away = [headers for _, headers, body in answers if b"are waiting already" in body]
        assert len(turned_away) >= 10
        assert all(headers["Retry-After"] for headers in turned_away)
        assert server.works()
        assert server.rests()


@pytest.fixture(scope="module")
def listener():
    """A server of others, on this machine, that nobody may ask."""
    with socket.create_server(("127.0.0.1", 0)) as made:
        made.setblocking(False)
        yield made


@pytest.fixture
def untouched(fit, listener):
    """After the attack the data is as it was, and nobody was asked."""
    yield fit
    count = f"SELECT (COUNT(*) AS ?n{next(fit.counter)}) {{ ?s ?p ?o }}"
    assert f'"value":"{RING + TEXTS}"' in fit.ask(count)[1].decode()
    with pytest.raises(BlockingIOError):
        listener.accept()


def here(listener, text):
    return text.replace("HERE", f"http://127.0.0.1:{listener.getsockname()[1]}/data")


@pytest.mark.parametrize(("query", "status", "sentence"), DISGUISES.values(), ids=DISGUISES)
def test_no_query_writes_or_reaches_out(untouched, listener, query, status, sentence):
    got, body = untouched.ask(here(listener, query))
    assert got in (status if isinstance(status, tuple) else (status,)), body[:200]
    assert re.search(sentence, body.decode("utf-8"))


TURTLE = {"Content-Type": "text/turtle"}
INSERT = f"INSERT DATA {{ <{NS}new> <{NS}p> 1 }}"
OTHER_WAYS = {
    "parameter, in the address": ("GET", "/sparql?" + urlencode({"update": INSERT}), None, {}, 403),
    "parameter, in the form": ("POST", "/sparql", urlencode({"update": INSERT}), FORM, 403),
    "parameter, escaped": ("POST", "/sparql", "%75pdate=" + quote(INSERT), FORM, 403),
    "parameter, in odd case": ("POST", "/sparql", urlencode({"Update": INSERT}), FORM, 400),
    "parameter, beside a query": ("POST", f"/sparql?query={ASK}", urlencode({"update": INSERT}), FORM, 403),
    "media type": ("POST", "/sparql", INSERT, UPDATE, 403),
    "media type, in odd case": (
        "POST",
        "/sparql",
        INSERT,
        {"Content-Type": "Application/SPARQL-Update"},
        403,
    ),
    "media type, two of them": (
        "POST",
        "/sparql",
        INSERT,
        {"Content-Type": "application/sparql-query, application/sparql-update"},
        415,
    ),
    "media type of a query": ("POST", "/sparql", INSERT, DIRECT, 400),
    "endpoint for updates": ("POST", "/update", INSERT, UPDATE, 403),
    "a graph put": ("PUT", "/sparql?default", "<a:b> <a:b> <a:b> .", TURTLE, 405),
    "a graph posted": (
        "POST",
        "/sparql?default",
        "<a:b> <a:b> <a:b> .",
        {"Content-Type": "text/turtle"},
        415,
    ),
    "a graph deleted": ("DELETE", "/sparql?default", None, {}, 405),
    "a graph patched": ("PATCH", "/sparql?default", "", {"Content-Type": "application/sparql-update"}, 405),
    "another method in a header": (
        "POST",
        f"/sparql?query={ASK}",
        "",
        {**FORM, "X-HTTP-Method-Override": "DELETE"},
        200,
    ),
    "dataset of others": (
        "GET",
        "/sparql?" + urlencode({"query": "ASK { ?s ?p ?o }", "default-graph-uri": "HERE"}),
        None,
        {},
        200,
    ),
    "dataset of a file": (
        "GET",
        "/sparql?" + urlencode({"query": "ASK { ?s ?p ?o }", "default-graph-uri": "file:///etc/passwd"}),
        None,
        {},
        200,
    ),
    "dataset to change": (
        "POST",
        "/sparql",
        urlencode({"query": "ASK {}", "using-graph-uri": "HERE"}),
        FORM,
        400,
    ),
}


@pytest.mark.parametrize("case", OTHER_WAYS.values(), ids=OTHER_WAYS)
def test_no_other_way_in_or_out(untouched, listener, case):
    method, path, body, headers, status = case
    path = path.replace("HERE", quote(here(listener, "HERE")))
    got, _, said = untouched.request(method, path, body and here(listener, body), headers)
    assert got == status, said[:300]
    if status == 200 and "dataset" in path:
        assert b"false" in said


# About 20 MB of CSV: 125 bytes a row.
LONG_ANSWER = f"SELECT ?c ?f {{ ?a <{NS}p> ?c . ?d <{NS}p> ?f }} LIMIT 160000"
LONG_BYTES = 18_000_000


@pytest.fixture(scope="module")
def generous():
    """A server that has time for long answers, and keeps none of them."""
    limits = {"query_timeout_s": 30, "query_memory_mb": 500, "queue_wait_s": 60, "cache_disk_max_bytes": 0}
    with attacked(**limits) as made:
        yield made


def long_answer(server, number, client):
    """Ask for a long answer that no cache knows."""
    path = f"/sparql?format=csv&query={quote(LONG_ANSWER + f' OFFSET {number}')}"
    client.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())


def received(client, pause=0.0):
    """How many bytes come until the connection ends, with a pause after each quarter of a megabyte."""
    size = since = 0
    while part := client.recv(65536):
        size, since = size + len(part), since + len(part)
        if pause and since > 250_000:
            since = 0
            time.sleep(pause)
    return size


@pytest.mark.slow
@pytest.mark.parametrize("pause", [0.0, 0.02], ids=["at once", "slowly"])
def test_memory_stays_flat_over_long_answers(generous, pause):
    assert generous.works()
    before = highest = generous.memory_mb()
    for turn in range(3 if pause else 15):
        with ExitStack() as stack:
            clients = [stack.enter_context(generous.connect(60, 65536)) for _ in range(10 if pause else 2)]
            for number, client in enumerate(clients):
                long_answer(generous, 10 * turn + number, client)
            with ThreadPoolExecutor(len(clients)) as threads:
                sizes = threads.map(lambda client: received(client, pause), clients)
                assert all(size > LONG_BYTES for size in sizes)
        highest = max(highest, generous.memory_mb())
    assert highest - before < 50


@pytest.mark.slow
def test_who_does_not_read_the_answer_holds_up_nobody(generous):
    with ExitStack() as stack:
        clients = [stack.enter_context(generous.connect(60, 4096)) for _ in range(10)]
        for number, client in enumerate(clients):
            long_answer(generous, 1000 + number, client)
        for client in clients:
            assert client.recv(12) == b"HTTP/1.1 200"
        start = time.monotonic()
        assert all(generous.works() for _ in range(20))
        assert time.monotonic() - start < GRACE_S
        # Even if the server were killed now, none of this would be left.
        assert generous.named_files() == SOCKETS
        assert len(generous.files()) > len(SOCKETS)
        assert received(clients[0]) > LONG_BYTES


def test_who_leaves_amid_the_answer_leaves_nothing(generous):
    before = generous.memory_mb()
    for number in range(10):
        with generous.connect(60) as client:
            long_answer(generous, 2000 + number, client)
            assert client.recv(12) == b"HTTP/1.1 200"
    assert generous.memory_mb() - before < 50
    assert generous.works()
    assert generous.rests()


@pytest.mark.slow
def test_a_page_of_a_long_answer_holds_up_nobody(generous):
    """The table for a browser is short, but it is made from all of the answer."""
    before = generous.memory_mb()
    with ThreadPoolExecutor(8) as threads:
        pages = [threads.submit(page, generous, 3000 + number) for number in range(8)]
        waited = []
        while not all(made.done() for made in pages) and len(waited) < 2000:
            start = time.monotonic()
            assert generous.request("GET", "/health")[0] == 200
            waited.append(time.monotonic() - start)
        assert all(made.result() == 200 for made in pages)
    print(f"health while pages are made: {max(waited):.2f} s at most")
    assert max(waited) < GRACE_S
    assert generous.memory_mb() - before < 100
    assert generous.works()


def page(server, number):
    path = f"/sparql?query={quote(LONG_ANSWER + f' OFFSET {number}')}"
    return server.request("GET", path, None, {"Accept": "text/html"})[0]


def test_no_file_is_left_of_all_these_answers(generous):
    assert within(15, lambda: generous.files() == SOCKETS)
