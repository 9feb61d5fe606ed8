"""`exoreview serve` as a user starts it: real clients, real queries that go wrong, and a clean end."""

import gzip
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import quote_plus
from urllib.request import Request, urlopen

import pyoxigraph as ox
import pytest
import rdflib
from SPARQLWrapper import CSV, JSON, POST, TURTLE, XML, SPARQLWrapper

from conftest import free_port, serving, within
from exoreview import media
from exoreview.sparql import room
from memory import has_huge_pages, huge_mb
from wire import connected

PATHS = ("review", "claim/s04-c6", "concept/TumourDerivedExosome", "ontology", "concepts", "shapes")
EXR = "https://w3id.org/exoreview/ontology#"
CLAIMS = f"SELECT ?claim {{ ?claim a <{EXR}Claim> }} ORDER BY ?claim"
RUNAWAY = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"


def get(address, accept="*/*"):
    with urlopen(Request(address, headers={"Accept": accept}), timeout=30) as response:
        return response.read()


def ask(server, query, accept="text/csv"):
    return get(f"{server}/sparql?query={quote_plus(query)}", accept)


def run(*arguments, timeout=60):
    """A command of the command line: status, standard output, standard error."""
    command = [sys.executable, "-m", "exoreview.cli", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=timeout)
    return done.returncode, done.stdout, done.stderr


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")
@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("format", ["turtle", "xml", "nt", "json-ld"])
def test_rdflib_reads_it_by_accept(server, path, format):
    graph = rdflib.Graph().parse(f"{server}/{path}", format=format)
    assert (rdflib.URIRef(f"https://w3id.org/exoreview/{path}"), None, None) in graph


@pytest.mark.parametrize("path", PATHS[:3])
@pytest.mark.parametrize("format", media.RDF, ids=lambda format: format.name)
def test_pyoxigraph_reads_it_by_accept(server, path, format):
    subject = ox.NamedNode(f"https://w3id.org/exoreview/{path}")
    quads = ox.parse(get(f"{server}/{path}", format.media_type), format=format.engine)
    assert subject in {quad.subject for quad in quads}


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("format", [JSON, XML, CSV], ids=str)
def test_sparqlwrapper_gets_every_claim(server, format, method):
    wrapper = SPARQLWrapper(f"{server}/sparql")
    wrapper.setMethod(method)
    wrapper.setReturnFormat(format)
    wrapper.setQuery(CLAIMS)
    result = wrapper.query()
    with result.response:
        content = result.response.read().decode()
    assert content.count("https://w3id.org/exoreview/claim/") == len(ask(server, CLAIMS).split()) - 1


def test_sparqlwrapper_constructs(server):
    wrapper = SPARQLWrapper(f"{server}/sparql")
    wrapper.setMethod(POST)
    wrapper.setReturnFormat(TURTLE)
    wrapper.setQuery(f"CONSTRUCT WHERE {{ ?s a <{EXR}Claim> }}")
    result = wrapper.query()
    with result.response:
        graph = rdflib.Graph().parse(result.response.read(), format="turtle")
    assert len(graph) > 50


@pytest.mark.skipif(not shutil.which("rapper"), reason="needs rapper (raptor2-utils)")
@pytest.mark.parametrize("path", PATHS)
def test_rapper_reads_it(server, path):
    done = subprocess.run(
        ["rapper", "-q", "-g", "-o", "ntriples", f"{server}/{path}"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert f"<https://w3id.org/exoreview/{path}>" in done.stdout


@pytest.mark.skipif(not shutil.which("roqet"), reason="needs roqet (rasqal-utils)")
def test_roqet_asks_the_endpoint(server):
    done = subprocess.run(
        ["roqet", "-q", "-p", f"{server}/sparql", "-r", "csv", "-e", CLAIMS], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ask(server, CLAIMS).decode().split()


def test_the_start_takes_less_than_three_seconds_of_work():
    """Printed, not asserted: a busy machine is no mistake of ours."""
    start = time.monotonic()
    with serving() as address:
        get(f"{address}/claim/s04-c6.ttl")
        ask(address, "ASK {}")
        print(f"from start to first answers: {time.monotonic() - start:.2f} s")


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A server of other files, with tight limits."""
    path = tmp_path_factory.mktemp("data") / "many.nq"
    lines = [f"<http://e.org/s{number}> <http://e.org/p> <http://e.org/o> .\n" for number in range(1500)]
    path.write_text(
        "".join(lines) + "<http://e.org/s> <http://e.org/p> <http://e.org/o> <http://e.org/g> .\n"
    )
    with serving("--query-timeout-s", "1", "--query-memory-mb", "300", "--data", path) as address:
        yield address


def test_other_data_has_its_own_default_graph(small):
    assert ask(small, "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }").split() == [b"n", b"1500"]
    assert json.loads(get(f"{small}/health"))["triples"] == 1500


def test_a_runaway_is_stopped_and_the_next_is_answered(small):
    start = time.monotonic()
    with pytest.raises(HTTPError) as caught:
        ask(small, RUNAWAY)
    assert time.monotonic() - start < 3
    with caught.value as response:
        assert response.code == 503
        assert "was stopped after 1 seconds" in response.read().decode()
    assert ask(small, "ASK {}", "application/json") == b'{"head":{},"boolean":true}'


def test_memory_without_end_is_503(small):
    with pytest.raises(HTTPError) as caught:
        ask(small, "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?a")
    with caught.value as response:
        assert response.code == 503
    assert ask(small, "ASK {}")


def test_an_address_in_use_is_one_sentence(server):
    port = server.rpartition(":")[2]
    status, out, error = run("serve", "--port", port)
    assert (status, out) == (1, "")
    assert error == f"exoreview serve: Port {port} is in use; choose another with --port.\n"


WRONG = {
    "missing file": (("--data", "missing.ttl"), "missing.ttl: there is no such file."),
    "no RDF": (("--data", __file__), "this suffix names no RDF format"),
    "no port": (("--port", "http"), "--port is “http”, but it must be a whole number."),
    "port out of range": (
        ("--port", "99999"),
        "--port is “99999”, but it must be a whole number from 1 to 65,535.",
    ),
    "address of another": (("--host", "192.0.2.1"), "192.0.2.1 is no address of this machine."),
}


@pytest.mark.parametrize(("arguments", "sentence"), WRONG.values(), ids=WRONG)
def test_what_cannot_be_served_is_one_sentence(arguments, sentence):
    port = () if "--port" in arguments else ("--port", free_port())
    status, out, error = run("serve", *port, *arguments)
    assert (status, out) == (1, "")
    assert error.startswith("exoreview serve: ")
    assert sentence in error
    assert error.count("\n") == 1


def descendants(pid):
    rows = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True).stdout.split("\n")
    parents = {int(row.split()[0]): int(row.split()[1]) for row in rows if row.strip()}
    found = {pid}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found - {pid}


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="needs the /proc of Linux")
@pytest.mark.parametrize(
    "number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL], ids=lambda number: number.name
)
def test_the_end_leaves_nothing(number, tmp_path):
    command = [sys.executable, "-m", "exoreview.cli", "serve", "--port", str(free_port())]
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    try:
        line = process.stdout.readline()
        assert re.match(r"exoreview 1\.0\.0 serves http://127\.0\.0\.1:\d+/", line)
        ask(re.search(r"http://[^/]+", line)[0], "ASK {}")
        family = descendants(process.pid)
        assert len(family) >= 5, "web process, supervisor and its processes"
        process.send_signal(number)
        status = process.wait(15)
    finally:
        process.kill()
        process.stdout.close()
    assert status == (-signal.SIGKILL if number == signal.SIGKILL else 0)
    until = time.monotonic() + 5
    while time.monotonic() < until and any(Path(f"/proc/{pid}").exists() for pid in family):
        time.sleep(0.05)
    assert not [pid for pid in family if Path(f"/proc/{pid}").exists()]
    assert not list(tmp_path.iterdir())


def asked(address, query):
    """The status and the text of the answer to a query."""
    try:
        return 200, ask(address, query).decode()
    except HTTPError as error:
        with error:
            return error.code, error.read().decode()


# Takes about a second on a quiet machine.
A_WHILE = "SELECT (COUNT(*) AS ?n) { { SELECT * { ?a ?b ?c . ?d ?e ?f } LIMIT 1500000 } }"


@pytest.mark.parametrize(
    "number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name
)
def test_at_the_end_answers_that_are_owed_are_given(number):
    """A terminal sends its signal to every process; what runs is answered, or stopped at its limit."""
    command = [sys.executable, "-m", "exoreview.cli", "serve", "--port", str(free_port())]
    command += ["--query-timeout-s", "20", "--log", "off"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)
    try:
        address = re.search(r"http://[^/]+", process.stdout.readline())[0]
        with ThreadPoolExecutor(2) as clients:
            short, endless = clients.submit(asked, address, A_WHILE), clients.submit(asked, address, RUNAWAY)
            time.sleep(0.3)
            os.killpg(process.pid, number)
            time.sleep(0.3)
            with pytest.raises(OSError, match="refused"):
                get(f"{address}/health")
            assert short.result() == (200, "n\r\n1500000\r\n")
            status, sentence = endless.result()
            assert (status, "stopped after 20 seconds" in sentence) == (503, True)
            assert process.wait(30) == 0
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def test_a_client_that_hangs_up_ends_its_query():
    with serving("--query-timeout-s", 60, EXOREVIEW_WORKERS="1") as address:
        hang_up(address)
        start = time.monotonic()
        assert b"true" in ask(address, "ASK {}", "application/json")
        assert time.monotonic() - start < 3
        assert b'exoreview_query_kills_total{reason="gone"} 1.0' in get(f"{address}/metrics")


def hang_up(address):
    """Ask a query that never ends, and leave once it runs."""
    with connected(address) as client:
        client.sendall(f"GET /sparql?query={quote_plus(RUNAWAY)} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        time.sleep(0.5)
        assert json.loads(get(f"{address}/health"))["queries"]["running"] == 1


COMMANDS = {
    "get": (("get", "/claim/s04-c6", "--accept", "text/turtle"), 0, "claim:s04-c6\n    a exr:Claim ;"),
    "get by IRI": (("get", "https://w3id.org/exoreview/concept/Exosome"), 0, "exc:Exosome"),
    "get a page": (("get", "/", "--accept", "text/html"), 0, "<h1>Role of exosomes"),
    "get the head": (("get", "/claim/s04-c6", "--head"), 0, "HTTP/1.1 303 See Other"),
    "get a result": (("get", "/sparql?query=ASK{}", "--accept", "application/json"), 0, '"boolean":true'),
    "get nothing": (("get", "/claim/none"), 1, "There is no claim “none”"),
    "query": (("query", CLAIMS + " LIMIT 2", "--format", "table"), 0, "claim:s01-c2\n(2 rows)"),
    "query for yes or no": (("query", "ASK {}", "--format", "table"), 0, "yes"),
    "query as CSV": (("query", CLAIMS, "--format", "csv"), 0, "https://w3id.org/exoreview/claim/s04-c6\r\n"),
    "query for a graph": (
        ("query", "DESCRIBE <https://w3id.org/exoreview/claim/s04-c6>", "--format", "nt"),
        0,
        "/ontology#Claim>",
    ),
    "mistake": (
        ("query", "SELECT * {\n ?s exr:start 1 }"),
        1,
        "line 2, column 5: The prefix “exr:” is not declared.",
    ),
    "wrong format": (("query", "ASK {}", "--format", "ttl"), 1, "ASK queries cannot be answered as ttl."),
    "no query": (("query", "nothing"), 1, "“nothing” is neither a query nor a file."),
    "runaway": (("query", RUNAWAY, "--timeout", "1"), 1, "The query was stopped after 1 seconds"),
}


@pytest.mark.parametrize(("arguments", "status", "fact"), COMMANDS.values(), ids=COMMANDS)
def test_commands_that_need_no_server(arguments, status, fact):
    done, out, error = run(*arguments)
    assert done == status
    assert fact.replace("\r\n", "\n") in (error if status else out)
    assert "Traceback" not in error


def test_a_query_may_stand_in_a_file(tmp_path):
    path = tmp_path / "count.rq"
    path.write_text("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")
    data = tmp_path / "a.ttl"
    data.write_text("<a:s> <a:p> 1, 2, 3 .")
    assert run("query", path, "--data", data, "--format", "csv")[:2] == (0, "n\n3\n")


def test_no_port_stays_open_to_others(server):
    """By default the server listens on this machine's own address alone."""
    assert server.startswith("http://127.0.0.1:")
    port = int(server.rpartition(":")[2])
    others = {row[4][0] for row in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)} - {
        "127.0.0.1"
    }
    for address in others:
        if not address.startswith("127."):
            with socket.socket() as other:
                other.settimeout(1)
                assert other.connect_ex((address, port)) != 0


def test_a_file_of_the_current_folder_is_not_run(tmp_path):
    """A module's namesake where somebody stands must not take its place in the processes of queries."""
    (tmp_path / "json.py").write_text("raise SystemExit('run')", "utf-8")
    command = [str(Path(sys.executable).parent / "exoreview"), "query", "--format", "csv", "ASK{}"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (0, "true")


MISTAKES = {
    "no limit": (["query", "ASK {}", "--timeout", "inf"], "--timeout is “inf”, but it must be a number from"),
    "a negative limit": (["query", "ASK {}", "--timeout=-1"], "--timeout is “-1”, but it must be"),
    "no query": (["query", ""], "The query is empty."),
    "a query that is no text": (["query", "ASK { \udcff }"], "The query is not UTF-8."),
    "a folder for a query": (["query", "/"], "/ cannot be read: Is a directory."),
    "a folder of data": (["query", "ASK {}", "--data", "."], "this is a folder"),
}


@pytest.mark.parametrize(("arguments", "sentence"), MISTAKES.values(), ids=MISTAKES)
def test_what_cannot_be_done_is_one_sentence(arguments, sentence):
    status, output, errors = run(*arguments)
    assert (status, output) == (1, "")
    assert sentence in errors
    assert len(errors.splitlines()) == 1


def test_the_place_of_a_mistake_is_marked():
    status, output, error = run("query", "ASK{")
    assert (status, output) == (1, "")
    sentence, line, mark = error.splitlines()
    assert sentence.startswith("exoreview query: line 1, column 4: ")
    assert (line, mark) == ("ASK{", "   ^ line 1, column 4")


def test_a_query_that_is_no_text_is_one_sentence():
    command = [sys.executable, "-m", "exoreview.cli", "query", "-"]
    done = subprocess.run(command, input=b"\xff", capture_output=True, timeout=60)
    assert done.returncode == 1
    assert done.stderr.decode() == "exoreview query: The query on standard input is not UTF-8.\n"


@pytest.mark.parametrize(
    "arguments",
    [("dump", "--format", "nt"), ("get", "/review.ttl"), ("query", "ASK{}")],
    ids=lambda arguments: arguments[0],
)
def test_a_full_disk_is_one_sentence(arguments):
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("the system has no /dev/full")
    with full.open("wb") as disk:
        command = [sys.executable, "-m", "exoreview.cli", *arguments]
        done = subprocess.run(command, stdout=disk, stderr=subprocess.PIPE, text=True, timeout=60)
    assert done.returncode == 1
    assert done.stderr == f"exoreview {arguments[0]}: No space left on device.\n"


@pytest.mark.parametrize("command", ["query ASK{}", "get /health"], ids=lambda command: command.split()[0])
def test_a_closed_output_is_no_mistake(command):
    line = f"exec {sys.executable} -m exoreview.cli {command} >&-"
    done = subprocess.run(["sh", "-c", line], stderr=subprocess.PIPE, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")


def test_requests_that_stall_hold_up_nobody_and_are_ended():
    """Requests whose query never arrives whole are told so after a while, and nobody waits for them."""
    with serving("--body-wait-s", 2) as address, ExitStack() as stack:
        host, port = address.removeprefix("http://").split(":")
        stalled = [
            stack.enter_context(socket.create_connection((host, int(port)), timeout=10)) for _ in range(300)
        ]
        for connection in stalled:
            connection.sendall(
                b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\n"
                b"Content-Length: 100\r\n\r\nASK"
            )
        start = time.monotonic()
        assert b'"ok"' in get(f"{address}/health")
        assert b"true" in ask(address, "ASK {}", "application/json")
        assert time.monotonic() - start < 2
        for connection in stalled:
            assert connection.recv(100).startswith(b"HTTP/1.1 408 Request Timeout")


def test_a_body_that_breaks_off_is_no_query(server):
    """What came so far may be a query by itself, but it is not the one that was to come."""
    host, port = server.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as client:
        client.sendall(
            b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\n"
            b"Content-Length: 100\r\n\r\nASK {}"
        )
        client.shutdown(socket.SHUT_WR)
        assert b"200" not in client.recv(100)


def test_a_large_answer_is_sent_whole_and_leaves_no_file(server):
    query = "SELECT ?a ?b ?c { ?a ?b ?c . ?d ?e ?f } LIMIT 100000"
    rows = ask(server, query)
    assert len(rows) > 5_000_000
    assert rows.count(b"\n") >= 100_001
    compressed = Request(
        f"{server}/sparql?query={quote_plus(query)}",
        headers={"Accept": "text/csv", "Accept-Encoding": "gzip"},
    )
    with urlopen(compressed, timeout=30) as response:
        assert response.headers["Content-Encoding"] == "gzip"
        assert sorted(gzip.decompress(response.read()).split()) == sorted(rows.split())


def test_a_slow_reader_holds_no_process():
    """A long answer is complete before it is sent, so who reads it slowly keeps nobody waiting."""
    with serving(EXOREVIEW_WORKERS="1") as address, ExitStack() as stack:
        host, port = address.removeprefix("http://").split(":")
        query = quote_plus("SELECT ?a ?b ?c { ?a ?b ?c . ?d ?e ?f } LIMIT 100000")
        readers = [
            stack.enter_context(socket.create_connection((host, int(port)), timeout=30)) for _ in range(5)
        ]
        for reader in readers:
            reader.sendall(f"GET /sparql?query={query}&format=csv HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            assert reader.recv(100).startswith(b"HTTP/1.1 200")
        assert b"true" in ask(address, "ASK {}", "application/json")


@pytest.mark.parametrize("form", ["text", "json", "off"])
def test_a_line_of_log_for_each_request(form, tmp_path):
    log = tmp_path / "log"
    with log.open("wb") as file, serving("--log", form, "--log-queries", 1, stderr=file) as address:
        ask(address, "ASK {}", "application/json")
    lines = [line for line in log.read_text("utf-8").splitlines() if "/sparql" in line]
    if form == "off":
        assert log.read_text("utf-8") == ""
    elif form == "json":
        said = json.loads(lines[0])
        assert (said["method"], said["status"], said["query"]) == ("GET", 200, "ASK {}")
    else:
        assert re.search(r'^\S+Z? 127\.0\.0\.1 GET /sparql 200 \d+ B [\d.]+ ms answered "ASK {}"$', lines[0])


def test_no_line_of_log_holds_a_query_unless_asked(tmp_path):
    log = tmp_path / "log"
    with log.open("wb") as file, serving(stderr=file) as address:
        ask(address, "ASK { <secret:a> ?p ?o }", "application/json")
        get(f"{address}/health?a=%0Aforged")
    assert "secret" not in log.read_text("utf-8")
    assert not any(line.startswith("forged") for line in log.read_text("utf-8").splitlines())


def test_the_metrics_tell_what_happened():
    with serving("--query-timeout-s", 1) as address:
        for query in ("ASK {}", "ASK {}", "ASK { ?s ?p }", RUNAWAY):
            asked(address, query)
        found = get(f"{address}/metrics").decode()
    for line in (
        'exoreview_queries_total{outcome="answered"} 1.0',
        'exoreview_queries_total{outcome="cached"} 1.0',
        'exoreview_queries_total{outcome="queryerror"} 1.0',
        'exoreview_queries_total{outcome="timeout"} 1.0',
        'exoreview_query_kills_total{reason="timeout"} 1.0',
        "exoreview_query_seconds_count 3.0",
        "exoreview_queries_waiting 0.0",
    ):
        assert line in found


def test_an_endpoint_that_is_allowed_may_be_asked(server, tmp_path):
    """From one server to another; both are on this machine, which is private."""
    data = tmp_path / "a.ttl"
    data.write_text("<https://w3id.org/exoreview/claim/s04-c6> <a:seen> true .", "utf-8")
    query = f"SELECT ?c {{ ?c <a:seen> true . SERVICE <{server}/sparql> {{ ?c a <{EXR}Claim> }} }}"
    settings = ("--service-allow", f"{server}/sparql", "--data", data)
    with serving("--service-private", 1, *settings) as address:
        assert ask(address, query).split() == [b"c", b"https://w3id.org/exoreview/claim/s04-c6"]
        assert asked(address, query.replace("/sparql>", "/other>"))[0] == 400
    with serving(*settings) as address:
        status, sentence = asked(address, query)
        assert (status, "an address that is not a public one" in sentence) == (502, True)
    assert asked(server, query)[0] == 400


# By the processes that answer and those that connections may be lent to: how many there are of all, whether
# any connection is lent, and whether processes put their copies into huge pages, and so are ended later.
MUCH = {
    "few copies": (1, 2, 4, True, True),
    "too many to lend to": (1, 256, 2, False, True),
    "too many": (256, 0, 257, False, False),
}


@pytest.mark.slow
@pytest.mark.parametrize(("workers", "attendants", "processes", "lends", "copies"), MUCH.values(), ids=MUCH)
def test_much_data_in_memory_is_warned_of(workers, attendants, processes, lends, copies, tmp_path):
    if not 4 * 10**9 < room.available() < 60 * 10**9:
        pytest.skip("this machine has memory for other numbers of copies")
    data, told = tmp_path / "much.nt", tmp_path / "told"
    data.write_text("".join(f"<a:{n}> <a:p> <a:o> .\n" for n in range(1_000_001)), "utf-8")
    given = ("--workers", workers, "--attendants", attendants, "--data", data, "--log", "off")
    with told.open("wb") as file, serving(*given, stderr=file) as address:
        assert (b"exoreview_connections_lent" in get(f"{address}/metrics")) == lends
        assert ask(address, "ASK { <a:1> <a:p> <a:o> }") == b"true"
        if has_huge_pages():
            pids = list(engine_processes(data))
            assert within(30 if copies else 1, lambda: any(map(huge_mb, pids))) == copies
        hang_up(address)
        time.sleep(2)
        assert (b'exoreview_query_kills_total{reason="gone"} 0.0' in get(f"{address}/metrics")) == copies
    assert told.read_text("utf-8") == (
        f"1,000,001 triples are kept in memory, and each of the {processes} query processes comes to hold a "
        "copy of them; --store keeps them on disk, or take fewer --workers.\n"
    )


def engine_processes(data):
    """The processes that hold the data of a file, or answer from it."""
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            line = folder.joinpath("cmdline").read_bytes()
            if b"attending" in line and str(data).encode() in line:
                yield int(folder.name)


def test_a_store_on_disk_is_built_once_and_answers_the_same(server, tmp_path):
    folder, query, other = tmp_path / "store", CLAIMS, tmp_path / "other.nt"
    other.write_text("<a:s> <a:p> <a:o> .\n", "utf-8")
    for most, place in ((0, "on disk"), (0, "on disk"), (100_000, "in memory")):
        with serving("--store", folder, "--store-memory-max", most) as address:
            assert json.loads(get(f"{address}/health"))["engine"].startswith(f"pyoxigraph {place}")
            assert ask(address, query) == ask(server, query)
            assert get(f"{address}/claim/s04-c6.nt") == get(f"{server}/claim/s04-c6.nt")
            assert asked(address, RUNAWAY + " ")[0] == 503
            assert ask(address, query + " ") == ask(server, query)
    status, _, sentence = run("serve", "--store", folder, "--data", other, "--port", free_port())
    assert (status, "was built from the release" in sentence) == (1, True)


def test_a_store_that_is_damaged_is_a_sentence(tmp_path):
    data = tmp_path / "many.nt"
    data.write_text("".join(f'<a:{n}> <a:p> "{n}" .\n' for n in range(50_000)), "utf-8")
    with serving("--store", tmp_path / "store", "--store-memory-max", 0, "--data", data) as address:
        for path in (tmp_path / "store").rglob("*.sst"):
            os.truncate(path, 0)
        status, sentence = asked(address, "SELECT * { <a:25000> ?p ?o }")
        assert (status, sentence) == (
            503,
            "The store on the server's disk is damaged or gone; it must be built anew.\n",
        )
    for most in (0, 100_000):
        given = ("--store", tmp_path / "store", "--store-memory-max", most, "--data", data)
        status, _, sentence = run("serve", *given, "--port", free_port())
        assert (status, "the store cannot be opened" in sentence) == (1, True)


def test_another_endpoint_is_served_under_our_limits(server):
    with serving("--engine", f"{server}/sparql", "--query-timeout-s", 3) as address:
        said = json.loads(get(f"{address}/health"))
        # How much it holds may change at any time.
        assert (said["triples"], said["engine"]) == (None, f"the SPARQL endpoint {server}/sparql")
        assert ask(address, CLAIMS) == ask(server, CLAIMS)
        assert asked(address, "SELECT * {")[0] == 400
        status, sentence = asked(address, RUNAWAY)
        assert (status, "stopped after 3 seconds" in sentence) == (503, True)


def test_an_endpoint_that_does_not_answer_is_502():
    url = f"http://127.0.0.1:{free_port()}/sparql"
    with serving("--engine", url) as address:
        status, sentence = asked(address, "ASK {}")
        assert (status, url in sentence) == (502, True)


def test_a_relative_address_is_resolved(server):
    """The protocol lets a service define the base: here it is that of our own things."""
    assert b"true" in ask(server, f"ASK {{ <claim/s04-c6> a <{EXR}Claim> }}", "application/json")
