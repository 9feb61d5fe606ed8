"""A connection is lent while one quick query follows another, and no answer tells whether it was."""

import json
import os
import re
import signal
import threading
import time
import urllib.request
from contextlib import ExitStack, contextmanager, suppress
from itertools import count
from pathlib import Path
from urllib.parse import quote

import pytest

from conftest import serving, within
from memory import has_huge_pages, huge_mb
from wire import Replies, connected

pytestmark = pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="connections are lent on Linux")

LIMIT_S = 2.0
RUNAWAY = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
# The answers to the first two are short enough for memory, that to the last goes through a file.
QUARTER_MB = "SELECT ?o { <a:long> <a:q> ?o }"
MANY_ROWS = "SELECT ?a ?d { ?a ?b ?c . ?d ?b ?c } LIMIT 2000"
LONG = "SELECT ?a ?d { ?a ?b ?c . ?d ?b ?c } LIMIT 20000"
NEW = count()


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    path = tmp_path_factory.mktemp("data") / "some.nt"
    lines = [f"<http://e.org/{n}> <a:p> <a:o> .\n" for n in range(2000)]
    path.write_text("".join([*lines, f"<a:long> <a:q> '{'x' * 250_000}' .\n"]).replace("'", '"'), "utf-8")
    return path


@pytest.fixture(scope="module")
def site(data):
    """A server of two thousand triples."""
    with serving("--query-timeout-s", LIMIT_S, "--log", "off", "--data", data) as address:
        yield address


class Client:
    """A client that keeps its connection and asks what nobody has asked before."""

    def __init__(self, address, prefix="", window=None):
        self.address, self.path = address, f"{prefix}/sparql"
        self.socket = connected(address, window)
        self.replies = Replies(self.socket)

    def request(self, text="ASK {}", headers="", *, method="GET", version="1.1"):
        query = quote(f"#{next(NEW)}\n{text}")
        return f"{method} {self.path}?query={query} HTTP/{version}\r\nHost: x\r\n{headers}\r\n".encode()

    def send(self, request, method="GET"):
        """The reply, but for its date."""
        self.socket.sendall(request)
        reply = self.replies.next(method)
        if reply:
            del reply[1]["Date"]
        return reply and (reply[0], reply[1].items(), reply[2])

    def ask(self, text="ASK {}", headers=""):
        return self.send(self.request(text, headers))

    def lend(self):
        """Ask until the connection is lent, with all others that were."""
        before = lent(self.address)
        assert within(60, lambda: self.ask()[0] == 200 and lent(self.address) > before)
        return self

    def is_lent(self, count=1):
        """Whether it is among so many that are lent, or soon will be again."""
        return within(60, lambda: self.ask()[0] == 200 and lent(self.address) == count)

    def close(self):
        self.replies.file.close()
        self.socket.close()


@contextmanager
def client(address, prefix="", window=None):
    made = Client(address, prefix, window)
    try:
        yield made
    finally:
        made.close()
    # What is lent comes back, so that nobody else counts it.
    assert within(5, lambda: lent(address, prefix) == 0)


def metric(address, name, prefix=""):
    with urllib.request.urlopen(f"{address}{prefix}/metrics") as got:
        found = re.search(rf"^{name} (.+)$", got.read().decode(), re.MULTILINE)
    return found and float(found[1])


def lent(address, prefix=""):
    """How many connections are lent; None where none ever is."""
    return metric(address, "exoreview_connections_lent", prefix)


def elsewhere(address, request, method="GET"):
    """The reply to the same on a connection of its own, which is lent to nobody."""
    with connected(address) as other:
        other.sendall(request)
        status, headers, body = Replies(other).next(method)
        del headers["Date"]
        return status, headers.items(), body


def test_a_connection_is_lent_while_quick_queries_follow_each_other(site):
    with client(site) as one:
        one.lend()
        for n in range(100):
            status, _, body = one.ask(f"SELECT ?o {{ <http://e.org/{n}> ?p ?o }}", "Accept: text/csv\r\n")
            assert (status, body) == (200, b"o\r\na:o\r\n")
        assert one.is_lent()


@pytest.mark.parametrize("headers", ["Connection: keep-alive\r\n", "Accept-Encoding: gzip\r\n"])
def test_it_is_lent_whatever_is_usual_stands_in_the_head(site, headers):
    with client(site) as one:
        one.lend()
        for _ in range(20):
            assert one.ask(headers=headers)[0] == 200
        assert one.is_lent()


SAME = {
    "rows": ("SELECT * { ?s ?p ?o } LIMIT 9", ""),
    "rows as a table": ("SELECT * { ?s ?p ?o } LIMIT 9", "Accept: text/csv\r\n"),
    "a long text": (QUARTER_MB, ""),
    "many rows": (MANY_ROWS, ""),
    "many rows, compressed": (MANY_ROWS, "Accept-Encoding: gzip\r\n"),
    "an answer that goes through a file": (LONG, ""),
    "a graph": ("CONSTRUCT WHERE { ?s ?p ?o } LIMIT 1", "Accept: text/turtle\r\n"),
    "a graph of a resource": ("DESCRIBE <http://e.org/7>", "Accept: application/n-triples\r\n"),
    "a page": ("SELECT * { ?s ?p ?o } LIMIT 9", "Accept: text/html\r\n"),
    "a mistake": ("SELECT * { ?s ?p }", ""),
    "a mistake in words for programs": ("SELECT * { ?s ?p }", "Accept: application/json\r\n"),
    "an update": ("DELETE WHERE { ?s ?p ?o }", ""),
    "a format that is not to be had": ("ASK {}", "Accept: image/png\r\n"),
    "something that no host is called": ("ASK {}", "Host: a b\r\n"),
    "an answer that the client has": ("ASK {}", "If-None-Match: *\r\n"),
    "a wish for something else than HTTP": ("ASK {}", "Upgrade: h2c\r\nConnection: Upgrade\r\n"),
    "too many headers": ("ASK {}", "X: x\r\n" * 101),
}


@pytest.mark.parametrize(("text", "headers"), SAME.values(), ids=SAME)
def test_the_reply_is_the_same_on_a_connection_that_is_lent(site, text, headers):
    with client(site) as one:
        request = one.lend().request(text, headers)
        assert one.send(request) == elsewhere(site, request)


OTHERS = {
    "another path": b"GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n",
    "no query": b"GET /sparql?query= HTTP/1.1\r\nHost: x\r\n\r\n",
    "two queries": b"GET /sparql?query=ASK%7B%7D&query=ASK%7B%7D HTTP/1.1\r\nHost: x\r\n\r\n",
    "bytes that are no text": b"GET /sparql?query=%ff HTTP/1.1\r\nHost: x\r\n\r\n",
    "a graph that is not there": (
        b"GET /sparql?query=ASK%7B%3Fs+%3Fp+%3Fo%7D&default-graph-uri=a:g HTTP/1.1\r\nHost: x\r\n\r\n"
    ),
    "a query in a body": (
        b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\n"
        b"Content-Length: 6\r\n\r\nASK {}"
    ),
    "what is no HTTP": b"hello, who is there?\r\n\r\n",
    "a method that nobody knows": b"BREW / HTTP/1.1\r\nHost: x\r\n\r\n",
}


@pytest.mark.parametrize("request_", OTHERS.values(), ids=OTHERS)
def test_what_is_no_plain_query_is_answered_too(site, request_):
    with client(site) as one:
        one.lend()
        assert one.send(request_) == elsewhere(site, request_)


HEADS = [
    "",
    "Accept: text/csv\r\n",
    "Accept: text/csv\r\n",
    "Accept: application/sparql-results+xml\r\nIf-None-Match: *\r\n",
    "Accept: text/csv\r\nAccept-Encoding: gzip\r\n",
    "Accept: text/csv\r\n",
    "",
]


def test_each_request_may_have_another_head(site):
    with client(site) as one:
        one.lend()
        for headers in HEADS:
            one.is_lent()
            request = one.request(MANY_ROWS, headers)
            assert one.send(request) == elsewhere(site, request), headers


# What stands before and after the text of a query in the first line of a request.
LINES = {
    "a fragment": ("GET /sparql?query=", "#&format=csv HTTP/1.1"),
    "a whole address": ("GET http://other.org/sparql?query=", " HTTP/1.1"),
    "raw letters": ("GET /sparql?query=", "%23\xc3\xa9 HTTP/1.1"),
    "a control character": ("GET /sparql?query=", "\x01 HTTP/1.1"),
    "a space": ("GET /sparql?query=", " x HTTP/1.1"),
    "the version before": ("GET /sparql?query=", " HTTP/1.0"),
    "no version": ("GET /sparql?query=", ""),
    "too many parameters": ("GET /sparql?query=", "&a=1" * 1000 + " HTTP/1.1"),
    "more than fits": ("GET /sparql?query=", "&a=" + "x" * 9000 + " HTTP/1.1"),
}


@pytest.fixture(scope="module")
def narrow(data):
    """A server that reads short heads only."""
    with serving("--head-max-bytes", 8000, "--log", "off", "--data", data) as address:
        yield address


@pytest.mark.parametrize(("before", "after"), LINES.values(), ids=LINES)
def test_a_first_line_may_be_odd_though_the_rest_is_known(narrow, before, after):
    with client(narrow) as one:
        one.lend()
        text = quote(f"SELECT ({next(NEW)} AS ?n) {{}}")
        request = f"{before}{text}{after}\r\nHost: x\r\n\r\n".encode("latin-1")
        assert one.send(request) == elsewhere(narrow, request)


def test_what_is_known_of_a_head_is_known_of_its_own_first_line(site):
    """The host of a whole address counts, and not the one below it."""
    below = " HTTP/1.1\r\nHost: bad host/\r\n\r\n"
    with client(site) as one:
        one.lend()
        for before in ("http://other.org", ""):
            request = f"GET {before}/sparql?query={quote(f'#{next(NEW)}')}%0AASK%7B%7D{below}".encode()
            assert one.send(request) == elsewhere(site, request), before


def test_the_head_alone_is_answered_too(site):
    with client(site) as one:
        request = one.lend().request(method="HEAD")
        assert one.send(request, "HEAD") == elsewhere(site, request, "HEAD")
        assert one.ask()[0] == 200


@pytest.mark.parametrize("last", [{"headers": "Connection: close\r\n"}, {"version": "1.0"}])
def test_after_the_last_request_the_connection_ends(site, last):
    with client(site) as one:
        status, headers, _ = one.send(one.lend().request(**last))
        assert (status, ("connection", "close") in [(k.lower(), v) for k, v in headers]) == (200, True)
        assert one.replies.next() is None


def test_a_request_may_come_in_parts(site):
    with client(site) as one:
        request = one.lend().request("SELECT * { ?s ?p ?o } LIMIT 1")
        for cut in (1, 20, len(request) - 2):
            one.socket.sendall(request[:cut])
            time.sleep(0.05)
            assert one.send(request[cut:])[0] == 200


def test_requests_may_come_together(site):
    with client(site) as one:
        one.lend()
        one.socket.sendall(b"".join(one.request(f"SELECT ({n} AS ?n) {{}}") for n in range(3)))
        found = [json.loads(one.replies.next()[2])["results"]["bindings"][0]["n"]["value"] for _ in range(3)]
        assert found == ["0", "1", "2"]


def test_who_asks_again_is_answered_from_the_cache(site):
    with client(site) as one:
        request = one.lend().request()
        before = metric(site, 'exoreview_queries_total{outcome="cached"}') or 0
        replies = [one.send(request) for _ in range(10)]
        assert replies == [replies[0]] * 10
        assert metric(site, 'exoreview_queries_total{outcome="cached"}') >= before + 8
        assert lent(site) == 0


def test_who_reads_slowly_gets_the_whole_answer(site):
    with client(site, window=16_384) as one:
        one.lend()
        for _ in range(3):
            one.socket.sendall(one.request(QUARTER_MB))
            time.sleep(0.1)
            _, _, body = one.replies.next()
            assert json.loads(body)["results"]["bindings"][0]["o"]["value"] == "x" * 250_000


def test_a_query_that_is_not_quick_is_stopped_as_any_other(site):
    ended = metric(site, "exoreview_lent_ended_total")
    with client(site) as one:
        one.lend()
        status, _, body = one.ask(RUNAWAY)
        assert (status, b"stopped after 2 seconds, the limit here" in body) == (503, True)
        assert metric(site, "exoreview_lent_ended_total") == ended + 1
        # It goes on, and is not lent again.
        assert [one.ask()[0] for _ in range(50)] == [200] * 50
        assert lent(site) == 0


def test_while_a_query_is_not_quick_nobody_else_waits_for_its_process(data):
    with serving("--attendants", 1, "--log", "off", "--data", data) as address, ExitStack() as stack:
        clients = [stack.enter_context(client(address)) for _ in range(3)]
        assert within(30, lambda: all(each.ask()[0] == 200 for each in clients) and lent(address) == 3)
        clients[0].socket.sendall(clients[0].request(RUNAWAY))
        counts = []
        assert within(5, lambda: counts.append(lent(address)) or counts[-1] == 0)
        # The one that asks had its own back only when the process came to its end.
        assert counts.count(1) > 1


def test_a_query_that_is_neither_quick_nor_long_costs_no_process(data):
    with serving("--attendants", 1, "--log", "off", "--data", data) as address, client(address) as one:
        rows, seconds = 10_000, 0.0
        while seconds < 0.1:
            one.lend()
            process, rows = attendants(address), 2 * rows
            assert one.is_lent()
            begun = time.monotonic()
            many = f"SELECT * {{ ?a ?b ?c . ?d ?e ?f }} LIMIT {rows}"
            assert one.ask(f"SELECT (COUNT(*) AS ?n) {{ {{ {many} }} }}")[0] == 200
            seconds = time.monotonic() - begun
            assert within(5, lambda: lent(address) == 0)
        # Too long to be lent at once, it is lent later, and to the same.
        one.lend()
        assert attendants(address) == process
        assert metric(address, "exoreview_lent_ended_total") == 0


@pytest.mark.slow
@pytest.mark.skipif(not has_huge_pages(), reason="this system makes no huge pages when it is asked to")
def test_a_process_that_has_much_to_copy_is_lent_connections_after_it(tmp_path):
    much = tmp_path / "much.nt"
    much.write_text("".join(f"<a:{n}> <a:p> <a:o> .\n" for n in range(400_000)), "utf-8")
    with serving("--attendants", 1, "--log", "off", "--data", much) as address, client(address) as one:
        one.lend()
        ((process, _),) = attendants(address)
        assert huge_mb(process) > 64


def test_who_has_ended_several_processes_is_lent_nothing_for_a_while(data):
    limits = ("--query-timeout-s", 0.2, "--attendants", 1, "--log", "off")
    with serving(*limits, "--data", data) as address, client(address) as other:
        for _ in range(3):
            with client(address) as one:
                assert one.lend().ask(RUNAWAY)[0] == 503
        assert [other.ask()[0] for _ in range(50)] == [200] * 50
        assert lent(address) == 0


def test_a_query_that_is_not_quick_disturbs_no_other_client(data):
    limits = ("--attendants", 1, "--query-timeout-s", LIMIT_S, "--log", "off")
    with serving(*limits, "--data", data) as address, ExitStack() as stack:
        one, busy, quiet = (stack.enter_context(client(address)) for _ in range(3))
        for each in (one, busy, quiet):
            each.lend()
        slow = threading.Thread(target=one.ask, args=(RUNAWAY,))
        slow.start()
        answered = 0
        while slow.is_alive():
            assert busy.ask()[0] == 200
            answered += 1
        assert answered > 20
        assert quiet.ask()[0] == 200


def attendants(address):
    """The processes that may allow themselves files, which none that answers for others may."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            line = folder.joinpath("cmdline").read_bytes()
            limits = re.search(r"Max open files +(\d+) +(\d+)", folder.joinpath("limits").read_text())
            if b"http.attending" in line and address.rpartition(":")[2].encode() in line and limits:
                found += [(int(folder.name), *map(int, limits.groups()))]
    return [(pid, soft) for pid, soft, hard in found if soft < hard]


def test_no_file_can_be_opened_while_a_query_is_answered(site):
    with client(site) as one:
        one.lend()
        assert {soft for _, soft in attendants(site)} == {0}


@pytest.mark.parametrize("is_asked", [True, False], ids=["while it is asked", "while it waits"])
def test_a_process_killed_from_outside_loses_no_request(site, is_asked):
    with client(site) as one:
        one.lend()
        processes = [pid for pid, _ in attendants(site)]
        assert processes
        for pid in processes:
            os.kill(pid, signal.SIGSTOP)
        if is_asked:
            one.socket.sendall(one.request("SELECT (7 AS ?n) {}"))
            time.sleep(0.1)
        for pid in processes:
            os.kill(pid, signal.SIGKILL)
        if is_asked:
            assert b'"7"' in one.replies.next()[2]
        assert one.is_lent()


def test_a_process_that_stands_still_is_ended(site):
    with client(site) as one:
        one.lend()
        processes = {pid for pid, _ in attendants(site)}
        for pid in processes:
            os.kill(pid, signal.SIGSTOP)
        assert one.ask()[0] == 200
        for pid in processes & {pid for pid, _ in attendants(site)}:
            os.kill(pid, signal.SIGCONT)


def parent(pid):
    return int(re.search(r"PPid:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[1])


def web_process(address):
    """The process of a server, started by this one, that all clients are connected to."""
    port, found = address.rpartition(":")[2], []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            line = folder.joinpath("cmdline").read_bytes()
            if f"--port\0{port}".encode() in line and parent(parent(folder.name)) == os.getpid():
                found.append(int(folder.name))
    (web,) = found
    return web


def is_held_up(pid):
    """Whether a thread of a process waits for somebody to take what it sends."""
    return any("send" in told.read_text() for told in Path(f"/proc/{pid}/task").glob("*/wchan"))


def test_no_reply_begins_within_another(data):
    """What was taken cannot be answered twice, and what was sent in part cannot be gone on with."""
    with serving("--data", data, "--attendants", 1, "--log", "off") as address, ExitStack() as stack:
        clients = [stack.enter_context(client(address, window=2048)) for _ in range(8)]
        for each in clients:
            each.lend()
        web, ((attendant, _),) = web_process(address), attendants(address)
        os.kill(web, signal.SIGSTOP)
        # What the clients do not read goes back to the web process, which does not take it.
        asked = 0
        while not is_held_up(attendant) and asked < 40:
            asked += 1
            for each in clients:
                each.socket.sendall(each.request(QUARTER_MB))
                time.sleep(0.004)
        assert is_held_up(attendant)
        os.kill(attendant, signal.SIGKILL)
        time.sleep(0.1)
        os.kill(web, signal.SIGCONT)
        whole = 0
        for each in clients:
            for _ in range(asked):
                reply = each.replies.next()
                if reply is None or len(reply[2]) < int(reply[1]["Content-Length"]):
                    # A client sees that this is not all.
                    break
                assert json.loads(reply[2])["results"]["bindings"][0]["o"]["value"] == "x" * 250_000
                whole += 1
        assert whole >= 7 * asked


def test_who_asks_much_at_once_has_to_wait(site):
    """Until what he has sent is read, as on any connection."""
    with client(site) as one:
        quick = b"".join(one.request() for _ in range(5))
        one.socket.sendall(quick + one.request(RUNAWAY))
        block, sent, until = one.request(f"ASK {{}} #{'x' * 60_000}"), 0, time.monotonic() + LIMIT_S / 2
        one.socket.setblocking(False)
        while time.monotonic() < until:
            try:
                sent += one.socket.send(block)
            except BlockingIOError:
                time.sleep(0.01)
        assert 64_000 < sent < 30_000_000


def test_a_dead_supervisor_ends_no_connection(data):
    with serving("--data", data, "--log", "off", "--queue-wait-s", 20) as address, client(address) as one:
        one.lend()
        (supervisor,) = {parent(pid) for pid, _ in attendants(address)}
        os.kill(supervisor, signal.SIGKILL)
        assert within(5, lambda: not attendants(address))
        assert one.ask()[0] == 200


def test_every_answer_is_counted_and_has_its_line(data, tmp_path):
    told, asked = tmp_path / "log", 200
    with (
        told.open("wb") as file,
        serving("--data", data, "--log", "json", stderr=file) as address,
        client(address) as one,
    ):
        for _ in range(asked):
            one.ask("SELECT * { ?s ?p ?o } LIMIT 2")
        assert lent(address) == 1
        assert metric(address, 'exoreview_queries_total{outcome="answered"}') == asked
        assert metric(address, "exoreview_query_seconds_count") == asked
    lines = [line for line in map(json.loads, told.read_text().splitlines()) if line["path"] == "/sparql"]
    assert len(lines) == asked
    assert {(line["status"], line["outcome"], line["client"]) for line in lines} == {
        (200, "answered", "127.0.0.1")
    }


def test_a_log_of_queries_holds_those_too(data, tmp_path):
    told = tmp_path / "log"
    with (
        told.open("wb") as file,
        serving("--data", data, "--log-queries", 1, stderr=file) as address,
        client(address) as one,
    ):
        one.lend().ask("ASK { <a:seen> ?p 'x' }")
        # This does not fit into the line of a report.
        one.ask(f"ASK {{ ?s ?p '{'x' * 5000}' }}")
    text = told.read_text("utf-8")
    assert "<a:seen> ?p 'x'" in text
    assert "x" * 5000 in text


def test_what_is_lent_comes_back_when_the_server_ends(data):
    with serving("--data", data, "--log", "off") as address:
        one = Client(address).lend()
    assert one.replies.next() is None
    one.close()
    assert not attendants(address)


def test_a_site_under_a_path_lends_too(data):
    with serving("--data", data, "--path-prefix", "/under", "--log", "off") as address:
        one = Client(address, "/under")
        for _ in range(300):
            assert one.ask()[0] == 200
            if lent(address, "/under"):
                break
        assert one.ask()[0] == 200
        assert lent(address, "/under") == 1
        one.path = "/sparql"
        assert one.ask()[0] == 404
        one.close()


def test_no_connection_is_lent_where_the_settings_say_so(data):
    with serving("--data", data, "--attendants", 0, "--log", "off") as address:
        one = Client(address)
        assert [one.ask()[0] for _ in range(50)] == [200] * 50
        assert lent(address) is None
        one.close()


def test_a_store_on_disk_is_asked_on_connections_that_are_lent(data, tmp_path):
    folder = tmp_path / "store"
    on_disk = ("--store", folder, "--store-memory-max", 0)
    with serving("--data", data, *on_disk, "--log", "off") as address, client(address) as one:
        one.lend()
        for n in range(50):
            body = one.ask(f"SELECT ?o {{ <http://e.org/{n}> ?p ?o }}", "Accept: text/csv\r\n")[2]
            assert body == b"o\r\na:o\r\n"
        assert one.is_lent()
