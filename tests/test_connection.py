"""On a connection requests are answered in order; what is none gets a sentence; who stalls is shown out."""

import io
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

import pytest

from conftest import free_port, serving
from wire import Replies, connected

ASK = "/sparql?query=ASK%7B%7D"
RUNAWAY = quote("SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }")
POST = "POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: {}\r\nContent-Length: 6\r\n{}\r\n"
DIRECT = POST.format("application/sparql-query", "").encode()
CHUNKED = DIRECT.replace(b"Content-Length: 6", b"Transfer-Encoding: chunked")
WAIT_S = 1.0


@pytest.fixture(scope="module")
def strict(tmp_path_factory):
    """A server of little patience and few triples."""
    data = tmp_path_factory.mktemp("data") / "some.nt"
    data.write_text("".join(f"<a:{n}> <a:p> <a:o> .\n" for n in range(2000)), "utf-8")
    limits = ("--idle-wait-s", WAIT_S, "--head-max-bytes", 20_000, "--head-max-lines", 20)
    with serving(*limits, "--query-timeout-s", 3 * WAIT_S, "--data", data) as address:
        yield address


METRICS = b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"
HOSTS = [("1.1", "", 400), ("1.1", "Host:\r\n", 200), ("1.1", "Host: x\r\n", 200), ("1.0", "", 200)]


@pytest.mark.parametrize(("version", "headers", "status"), HOSTS)
def test_a_request_of_http_1_1_has_a_host(strict, version, headers, status):
    assert told(strict, f"GET {ASK} HTTP/{version}\r\n{headers}\r\n".encode())[0] == status


def test_a_format_that_is_not_to_be_had_is_refused_without_answering(strict):
    """The query has to be read first, for it may be wrong; but to answer this one there would be no time."""
    asked = f"GET /sparql?query={RUNAWAY} HTTP/1.1\r\nHost: x\r\nAccept: image/png\r\n\r\n"
    answered = rb'exoreview_queries_total\{outcome="answered"\} .*'
    before = re.findall(answered, told(strict, METRICS)[2])
    assert told(strict, asked.encode())[0] == 406
    assert re.findall(answered, told(strict, METRICS)[2]) == before
    wrong = f"GET /sparql?query={RUNAWAY}%7D HTTP/1.1\r\nHost: x\r\nAccept: image/png\r\n\r\n"
    assert told(strict, wrong.encode())[0] == 400


def test_a_long_answer_is_sent_whole_though_it_is_kept_no_more(tmp_path):
    """One client reads slowly while the answers that others ask for take the place of his."""
    data = tmp_path / "some.nt"
    data.write_text("".join(f"<http://e.org/{n}> <a:p> <a:o> .\n" for n in range(300)), "utf-8")
    asked = "GET /sparql?format=csv&query={} HTTP/1.1\r\nHost: x\r\n\r\n"
    pairs = quote("SELECT ?a ?d { ?a ?b ?c . ?d ?e ?f } OFFSET ")
    with serving("--cache-disk-max-bytes", 20_000_000, "--data", data) as address:
        with connected(address, 4096) as slow:
            slow.sendall(asked.format(f"{pairs}0").encode())
            begun = slow.recv(12)
            for number in range(1, 8):
                assert told(address, asked.format(f"{pairs}{number}").encode())[0] == 200
            again = told(address, asked.format(f"{pairs}0").encode())[2]
            whole = io.BytesIO()
            while len(whole.getvalue()) < len(again):
                whole.write(slow.recv(1 << 20))
        assert begun == b"HTTP/1.1 200"
        assert whole.getvalue().endswith(again)
        assert again.count(b"\r\n") == 1 + 300 * 300


def told(address, sent, method="GET"):
    """The one reply to what is sent, after which the connection may stay or end."""
    with connected(address) as client:
        client.sendall(sent)
        return Replies(client).next(method)


REFUSED = {
    "an address that is too long": (
        b"GET /?" + b"x" * 30_000 + b" HTTP/1.1\r\n\r\n",
        414,
        "The address is longer than 20,000 bytes, the limit here; a query can be posted.",
    ),
    "a header that is too long": (
        b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"x" * 30_000 + b"\r\n\r\n",
        431,
        "The head of the request is longer than 20,000 bytes, the limit here.",
    ),
    "too many headers": (
        b"GET / HTTP/1.1\r\n" + b"X: x\r\n" * 21 + b"\r\n",
        431,
        "The request has more than 20 headers, the limit here.",
    ),
    "a method that nobody knows": (
        b"BREW / HTTP/1.1\r\nHost: x\r\n\r\n",
        501,
        "The method BREW is not known here.",
    ),
    "no HTTP": (b"hello, who is there?\r\n\r\n", 400, "This cannot be read as a request of HTTP/1.1."),
    "HTTP without a version": (b"GET /\r\n", 400, "This cannot be read as a request of HTTP/1.1."),
    "a body in another coding": (
        b"POST /sparql HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
        501,
        "A body is read in chunks of HTTP/1.1 or as it is, in no other transfer coding.",
    ),
    "a header without a name": (
        b"GET / HTTP/1.1\r\n: x\r\n\r\n",
        400,
        "This cannot be read as a request of HTTP/1.1.",
    ),
}


@pytest.mark.parametrize(("sent", "status", "sentence"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_request_is_told_so(strict, sent, status, sentence):
    with connected(strict) as client:
        client.sendall(sent)
        replies = Replies(client)
        got, headers, body = replies.next()
        assert (got, body.decode()) == (status, sentence + "\n")
        assert headers["Connection"] == "close"
        assert replies.next() is None


LONG = b"GET /?" + b"x" * 30_000 + b" HTTP/1.1\r\nHost: x\r\n%s\r\n"
MANY = b"GET / HTTP/1.1\r\n" + b"X: x\r\n" * 21 + b"%s\r\n"
CODED = b"POST /sparql HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n%s\r\n"
FORMS = {
    "an address that is too long": (LONG, 414),
    "too many headers": (MANY, 431),
    "a method that nobody knows": (b"BREW / HTTP/1.1\r\nHost: x\r\n%s\r\n", 501),
    "one after a blank line": (b"\r\nBREW / HTTP/1.1\r\nHost: x\r\n%s\r\n", 501),
    "a body in another coding": (CODED, 501),
}
TOLD_AS = {
    "application/json": "application/problem+json",
    "application/sparql-results+json": "application/problem+json",
    "text/html": "text/html; charset=utf-8",
    "*/*": "text/plain; charset=utf-8",
}


@pytest.mark.parametrize("size", [500, 100_000], ids=lambda size: f"{size} at a time")
@pytest.mark.parametrize(("accept", "kind"), TOLD_AS.items(), ids=TOLD_AS)
@pytest.mark.parametrize(("sent", "status"), FORMS.values(), ids=FORMS)
def test_what_is_no_request_is_told_so_in_the_form_that_is_asked_for(
    strict, sent, status, accept, kind, size
):
    sent = sent % f"Accept: {accept}\r\n".encode()
    with connected(strict) as client:
        for start in range(0, len(sent), size):
            client.sendall(sent[start : start + size])
        replies = Replies(client)
        got, headers, body = replies.next()
        assert (got, headers["Content-Type"], headers["Connection"]) == (status, kind, "close")
        assert replies.next() is None
    if "json" in kind:
        assert json.loads(body)["status"] == status


def test_a_method_that_nobody_knows_is_refused_as_asked_for_though_its_head_is_too_long(strict):
    head = b"BREW / HTTP/1.1\r\nHost: x\r\nAccept: application/json\r\nX: " + b"x" * 30_000 + b"\r\n\r\n"
    status, headers, _ = told(strict, head)
    assert (status in (431, 501), headers["Content-Type"]) == (True, "application/problem+json")


@pytest.mark.parametrize("accept", ["", "Accept: application/json\r\n"], ids=["text", "problem details"])
def test_a_refused_head_of_head_has_no_body(strict, accept):
    asked = b"HEAD / HTTP/1.1\r\nHost: x\r\n" + accept.encode() + b"X: " + b"x" * 30_000 + b"\r\n\r\n"
    with connected(strict) as client:
        client.sendall(asked)
        replies = Replies(client)
        assert replies.next("HEAD")[0] == 431
        assert replies.next() is None


def test_a_refusal_below_a_prefix_has_its_style(tmp_path):
    data = tmp_path / "some.nt"
    data.write_text("<a:s> <a:p> <a:o> .\n", "utf-8")
    with serving("--path-prefix", "/exo", "--data", data) as address:
        page = told(address, b"BREW /exo/ HTTP/1.1\r\nHost: x\r\nAccept: text/html\r\n\r\n")[2].decode()
    assert set(re.findall(r'href="(/[^/"]*/)', page)) == {"/exo/"}


# Heads whose end does not come: whether the client sends no more, waits, or goes on for ever.
ENDLESS = {
    "an address": (LONG[:25_000], 414),
    "headers": (MANY[:-4] + b"X: x\r\n", 431),
    "a method": (b"BREW / HTTP/1.1\r\nHost: x\r\n", 501),
}


@pytest.mark.parametrize("closes", [True, False], ids=["closed", "open"])
@pytest.mark.parametrize(("sent", "status"), ENDLESS.values(), ids=ENDLESS)
def test_a_head_that_is_refused_is_not_waited_for(strict, sent, status, closes):
    with connected(strict) as client:
        client.sendall(sent)
        if closes:
            client.shutdown(socket.SHUT_WR)
        assert Replies(client).next()[0] == status


def test_a_head_without_end_is_refused(strict):
    with connected(strict) as client:
        client.sendall(b"GET /?" + b"x" * 80_000)
        started = time.monotonic()
        assert Replies(client).next()[0] == 414
        assert time.monotonic() - started < WAIT_S / 2


def test_a_reply_has_a_date_and_stays_open(strict):
    with connected(strict) as client:
        replies = Replies(client)
        for _ in range(2):
            client.sendall(f"GET {ASK} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            status, headers, _ = replies.next()
            assert (status, headers["Connection"]) == (200, None)
            assert headers["Date"].endswith(" GMT")


KEPT = {
    "1.1": ("HTTP/1.1", "", None),
    "1.1 that is the last": ("HTTP/1.1", "Connection: close\r\n", "close"),
    "1.0": ("HTTP/1.0", "", "close"),
    "1.0 that is kept": ("HTTP/1.0", "Connection: keep-alive\r\n", "keep-alive"),
}


@pytest.mark.parametrize(("version", "header", "answered"), KEPT.values(), ids=KEPT)
def test_a_connection_is_kept_or_closed_as_asked(strict, version, header, answered):
    with connected(strict) as client:
        replies = Replies(client)
        request = f"GET {ASK} {version}\r\nHost: x\r\n{header}\r\n".encode()
        client.sendall(request)
        assert replies.next()[1]["Connection"] == answered
        if answered == "close":
            assert replies.next() is None
        else:
            client.sendall(request)
            assert replies.next()[0] == 200


def test_a_head_has_the_length_of_the_body_that_is_not_sent(strict):
    request = f" {ASK} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode()
    whole, head = told(strict, b"GET" + request), told(strict, b"HEAD" + request, "HEAD")
    assert head[1]["Content-Length"] == whole[1]["Content-Length"] == str(len(whole[2]))
    assert head[1]["ETag"] == whole[1]["ETag"]


PAGE = b"GET /sparql HTTP/1.1\r\nHost: x\r\n\r\n"
GET = f"GET {ASK} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
TOGETHER = {
    "queries": (GET * 3, [200, 200, 200]),
    "a page between": (GET + b"GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n" + GET, [200, 404, 200]),
    "a body before": (DIRECT + b"ASK {}" + GET, [200, 200]),
    "a body between": (GET + DIRECT + b"ASK {}" + GET, [200, 200, 200]),
    "two bodies": (DIRECT + b"ASK {}" + DIRECT + b"ASK {}", [200, 200]),
    "a GET with a body": (GET.replace(b"x\r\n", b"x\r\nContent-Length: 1\r\n") + b"x" + GET, [200, 200]),
    "a page with a body": (PAGE.replace(b"x\r\n", b"x\r\nContent-Length: 1\r\n") + b"x" + PAGE, [200, 200]),
    "raw text after another": (GET + GET.replace(b"%7B", "ü".encode()), [200, 400]),
    "bytes after the last body": (
        DIRECT.replace(b"x\r\n", b"x\r\nConnection: close\r\n") + b"ASK {}XX",
        [200],
    ),
    "a body that looks like a request": (DIRECT + b"\r\n\r\nGE" + GET, [400, 200]),
    "no request after one": (GET + b"hello\r\n\r\n", [200, 400]),
    "one after the last": (GET.replace(b"x\r\n", b"x\r\nConnection: close\r\n") + GET, [200]),
}


@pytest.mark.parametrize("size", [1, 7, 100_000], ids=lambda size: f"{size} at a time")
@pytest.mark.parametrize(("sent", "statuses"), TOGETHER.values(), ids=TOGETHER)
def test_requests_that_come_together_are_answered_in_order(strict, sent, statuses, size):
    with connected(strict) as client:
        replies = Replies(client)
        # After the last answer the server may be gone before everything is sent.
        with suppress(ConnectionError, OSError):
            for start in range(0, len(sent), size):
                client.sendall(sent[start : start + size])
            client.shutdown(socket.SHUT_WR)
        got = []
        while reply := replies.next():
            got.append(reply[0])
        assert got == statuses


def test_who_sends_no_more_still_gets_the_answer(strict):
    with connected(strict) as client:
        client.sendall(
            f"GET /sparql?query={quote('ASK { ?half ?closed ?x }')} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
        )
        client.shutdown(socket.SHUT_WR)
        replies = Replies(client)
        status, _, body = replies.next()
        assert (status, b"true" in body) == (200, True)
        assert replies.next() is None


def test_who_sends_no_more_and_asks_too_much_gets_no_half_of_a_reply(strict):
    """Who has hung up looks the same, so the query ends, and so does the connection."""
    with connected(strict) as client:
        client.sendall(f"GET /sparql?query={RUNAWAY}%23half HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        client.shutdown(socket.SHUT_WR)
        with suppress(ConnectionError):
            assert Replies(client).next() is None


OFFER = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAA\r\n"


def test_an_offer_to_speak_something_else_is_overlooked(strict):
    """As clients in Java make it with every request."""
    with connected(strict) as client:
        replies = Replies(client)
        for _ in range(2):
            client.sendall(DIRECT.removesuffix(b"\r\n") + OFFER + b"\r\nASK {}")
            assert replies.next()[0] == 200
            client.sendall(GET.removesuffix(b"\r\n") + OFFER + b"\r\n")
            assert replies.next()[0] == 200


# Longer than a head may be, and with a line that looks like an offer; if it were changed, the next request
# would begin in the wrong place.
LONG = b'ASK { FILTER("""\r\nupgrade: x\r\n""" != "x") } # ' + b"x" * 100_000


@pytest.mark.parametrize("early", range(5), ids=lambda early: f"{early} bytes later")
def test_a_body_is_left_as_it_is_wherever_its_head_is_cut(strict, early):
    head = DIRECT.replace(b" 6", b" %d" % len(LONG))
    with connected(strict) as client:
        replies = Replies(client)
        client.sendall(head[: len(head) - early])
        time.sleep(0.1)
        client.sendall(head[len(head) - early :] + LONG + GET)
        assert [replies.next()[0], replies.next()[0]] == [200, 200]


def test_an_offer_in_parts_costs_the_body_but_is_told_so(strict):
    sent = DIRECT.removesuffix(b"\r\n") + OFFER + b"\r\nASK {}"
    before, offer, after = sent.partition(b"Upgrade: h2c")
    with connected(strict) as client:
        client.sendall(before + offer[:4])
        time.sleep(0.3)
        client.sendall(offer[4:] + after)
        assert Replies(client).next()[0] == 400


LINES = b"\r\n\r\n" * 50_000
BESIDE = {
    "a body of empty lines": (DIRECT.replace(b" 6", b" %d" % len(LINES)) + LINES, 400),
    "a trailer without end": (CHUNKED + b"1\r\nA\r\n0\r\nX: " + b"x" * 100_000 + b"\r\n\r\n", 400),
    "chunks with much beside them": (CHUNKED + b"1;%b\r\nA\r\n" % (b"x" * 30_000) * 3, 400),
    "chunks of one byte": (
        CHUNKED + b"".join(b"1\r\n%c\r\n" % c for c in b"ASK {}") + b"0\r\n\r\n",
        200,
    ),
}


@pytest.mark.parametrize(("sent", "status"), BESIDE.values(), ids=BESIDE)
def test_much_beside_a_body_is_refused(strict, sent, status):
    with connected(strict) as client:
        # What is refused may be refused before all of it was sent.
        with suppress(ConnectionError):
            client.sendall(sent)
        assert Replies(client).next()[0] == status


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_log_that_cannot_be_written_keeps_nobody_from_his_answer():
    with Path("/dev/full").open("wb") as full, serving(stderr=full) as address:
        for path in (ASK, ASK, "/", "/nothing"):
            sent = f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
            assert told(address, sent)[0] == (404 if path == "/nothing" else 200)


def test_a_body_that_is_half_there_is_still_read_at_the_end():
    """The signal to stop comes in the middle of a query on its way."""
    with serving("--log", "off") as address, connected(address) as client:
        client.sendall(DIRECT + b"ASK")
        time.sleep(0.3)
        os.kill(started(address), signal.SIGTERM)
        time.sleep(0.3)
        client.sendall(b" {}")
        replies = Replies(client)
        status, headers, _ = replies.next()
        assert (status, headers["Connection"]) == (200, "close")
        assert replies.next() is None


def started(address):
    """The process that was started for an address: the oldest that has its port in its command."""
    command = ["pgrep", "-of", f"port {address.rpartition(':')[2]}"]
    return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def test_of_two_hosts_that_of_the_address_counts(strict):
    """The page names its own address."""
    sent = b"GET http://there.example/sparql HTTP/1.1\r\nHost: here.example\r\nAccept: text/turtle\r\n\r\n"
    assert b"http://there.example/sparql" in told(strict, sent)[2]


def test_raw_text_in_an_address_is_read_as_utf8(server):
    """As people type it into curl."""
    sent = "GET /search?q=tumör HTTP/1.1\r\nHost: x\r\nAccept: text/html\r\n\r\n".encode()
    status, _, body = told(server, sent)
    assert (status, "tumör" in body.decode()) == (200, True)


def test_a_body_is_asked_for_only_where_it_is_wanted(strict):
    expecting = "Expect: 100-continue\r\n"
    with connected(strict) as client:
        client.sendall(POST.format("application/sparql-query", expecting).encode())
        replies = Replies(client)
        assert replies.next()[0] == 100
        client.sendall(b"ASK {}")
        assert replies.next()[0] == 200
    assert told(strict, POST.format("text/plain", expecting).encode())[0] == 415


def test_who_is_refused_amid_his_body_sees_why(strict):
    """Though he sends megabytes on end before he looks."""
    with connected(strict) as client:
        head = POST.format("text/plain", "").replace("Length: 6", f"Length: {10**7}")
        client.sendall(head.encode() + b"x" * 3_000_000)
        status, headers, _ = Replies(client).next()
        assert (status, headers["Connection"]) == (415, "close")


STALLED = {
    "nothing": (b"", None),
    "half a line": (b"GET / HT", 408),
    "half a head": (b"GET / HTTP/1.1\r\nHost: x\r\n", 408),
}


@pytest.mark.parametrize(("sent", "status"), STALLED.values(), ids=STALLED)
def test_a_connection_on_which_nothing_moves_is_closed(strict, sent, status):
    with connected(strict) as client:
        client.sendall(sent)
        replies = Replies(client)
        reply = replies.next()
        assert (reply and reply[0]) == status
        assert replies.next() is None


def test_a_connection_is_not_closed_while_a_query_runs(strict):
    with connected(strict) as client:
        client.sendall(f"GET /sparql?query={RUNAWAY} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        assert Replies(client).next()[0] == 503


def test_who_stops_reading_is_shown_out(strict):
    """What is left of the answer is not kept for ever."""
    many = quote("SELECT * { ?a ?b ?c . ?d ?b ?f } LIMIT 500000")
    path = f"/sparql?format=csv&query={many}"
    asked = told(strict, f"HEAD {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode(), "HEAD")
    whole = int(asked[1]["Content-Length"])
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.settimeout(20)
        host, port = strict.removeprefix("http://").split(":")
        client.connect((host, int(port)))
        client.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        assert client.recv(12) == b"HTTP/1.1 200"
        time.sleep(6 * WAIT_S)
        size = 0
        with suppress(ConnectionError):
            while part := client.recv(1 << 16):
                size += len(part)
        assert size < whole


def test_more_pages_than_may_wait_are_turned_away():
    """What was not made yet, asked for by many at once."""
    with serving("--web-threads", 1, "--web-queue-max", 1) as address, ExitStack() as stack:
        clients = [stack.enter_context(connected(address)) for _ in range(40)]
        for number, client in enumerate(clients):
            client.sendall(f"GET /search?q=exosome{number} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        replies = [Replies(client).next() for client in clients]
        assert {status for status, _, _ in replies} == {200, 503}
        refused = next(reply for reply in replies if reply[0] == 503)
        assert (refused[1]["Retry-After"], b"Too many pages" in refused[2]) == ("1", True)
        clients[0].sendall(GET)
        assert Replies(clients[0]).next()[0] == 200


@contextmanager
def crowded(files):
    """A server that may have so many files open."""
    port = free_port()
    command = f"ulimit -n {files}; exec {sys.executable} -m exoreview.cli serve --port {port} --log off"
    process = subprocess.Popen(["sh", "-c", command], stdout=subprocess.PIPE, text=True)
    try:
        assert " serves " in process.stdout.readline()
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)
        process.stdout.close()


def test_more_clients_than_there_is_room_for_are_told_so():
    with crowded(200) as address, ExitStack() as stack:
        clients = [stack.enter_context(connected(address)) for _ in range(110)]
        for client in clients:
            client.sendall(GET)
        replies = [Replies(client).next() for client in clients]
        assert [status for status, _, _ in replies].count(200) == 100
        refused = next(reply for reply in replies if reply[0] == 503)
        assert refused[1]["Retry-After"] == "1"
        assert refused[2] == b"100 clients are connected already; try again in a moment.\n"
        for client in clients[:20]:
            client.close()
        time.sleep(0.2)
        with connected(address) as again:
            again.sendall(GET)
            assert Replies(again).next()[0] == 200


def test_replies_can_be_read_by_these_tests():
    """The reader itself is not fooled by a body that looks like a head."""

    class Client:
        def makefile(self, _):
            return io.BytesIO(b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n\r\n\r\nHTTP/1.1 404 No\r\n\r\n")

    replies = Replies(Client())
    assert [replies.next()[0], replies.next()[0], replies.next()] == [200, 404, None]
