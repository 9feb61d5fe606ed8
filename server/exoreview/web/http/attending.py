"""A process that connections of clients are lent to: on each it answers one quick query after the other.

A question to another process and the answer from it cost as much as a short query itself. So while one quick,
new query follows the other on a connection, one process does all: it reads, answers and sends. What it cannot
answer so it gives back unread: it only looks at a request, and takes it off the connection when the whole
answer stands ready to be sent. Whatever becomes of the process before that, and a query that is not quick
ends it, the web process finds the request on the connection and goes on as if nothing had been.
"""

import os
import resource
import select
import signal
import socket
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from werkzeug.exceptions import HTTPException

from exoreview.sparql import frames, supervisor
from exoreview.sparql.answers import Answer, Writing
from exoreview.sparql.engine import Embedded
from exoreview.sparql.outcomes import QueryError, Stopped
from exoreview.web.http import dates, protocol, replies, wsgi
from exoreview.web.http.journal import Journal
from exoreview.web.http.parsing import Parser
from exoreview.web.http.replies import Reply
from exoreview.web.http.requests import Request, Site

# Why a connection is given back: its turn is over, or the web process has to answer.
OVER, OTHER = range(2)
# A turn takes so many seconds, or until the client has been quiet for so many; it is looked so often whether
# one is over.
_TURN_S, _QUIET_S, _LOOK_S = 1.0, 0.2, 0.05
# A query that takes more seconds than this ends the process: the clients of others wait for it too.
_QUICK_S = 0.1
# A longer request is nothing to be answered here.
_REQUEST_BYTES = 1 << 16
# So many queries are remembered. Who asks one again is better served from the web process's cache.
_REMEMBERED = 50_000
# What is told with a connection is short.
_TOLD_BYTES = 512
_END = b"\r\n\r\n"
# Headers of requests whose reply is more than an answer.
_CONDITIONS = ("if-none-match", "if-modified-since", "expect", "upgrade")


class Unsuitable(Exception):
    """What the web process has to answer."""


class Client:
    """A connection that is lent: its name there, what reads its requests, and since when."""

    def __init__(self, lent: socket.socket, name: str, parser: Parser, dated: str):
        self.lent, self.name, self.parser, self.dated = lent, name, parser, dated or None
        self.heard = time.monotonic()
        self.until = self.heard + _TURN_S


class Attendant:
    """Answers on all connections that are lent to it."""

    def __init__(self, control: socket.socket, lifeline: int, engine: Embedded, settings: Mapping[str, Any]):
        """Connections come and go by `control`, a line for each answer goes to the pipe of the settings."""
        self.control, self.lifeline, self.engine, self.settings = control, lifeline, engine, settings
        self.site = Site(settings["PATH_PREFIX"].rstrip("/"), settings["TRUST_PROXY"])
        self.journal, self.reports = Journal(settings), settings["REPORTS"]
        os.set_blocking(self.reports, False)
        self.clients: dict[int, Client] = {}
        self.asked: set[int] = set()
        self.look_at = 0.0
        with _unconfined():
            self.events = select.epoll()
        for other in (control.fileno(), lifeline):
            self.events.register(other, select.EPOLLIN)

    def run(self) -> None:
        """Answer until the supervisor or the web process ends."""
        while True:
            for number, _ in self.events.poll(_LOOK_S if self.clients else None):
                if number == self.lifeline:
                    self._give_all_back()
                    return
                if number == self.control.fileno() and not self._borrow():
                    return
                if client := self.clients.get(number):
                    self._serve(client)
            self._look()

    def _borrow(self) -> bool:
        """Take a connection, or give all back where none comes; False where nothing will come any more."""
        with _unconfined():
            told, numbers, *_ = socket.recv_fds(self.control, _TOLD_BYTES, 1)
        for number in numbers:
            name, address, dated = told.decode().split("\n")
            parser = Parser(self.site, address, self.settings, left=lambda: False, go_on=lambda: None)
            self.clients[number] = Client(socket.socket(fileno=number), name, parser, dated)
            self.events.register(number, select.EPOLLIN)
        if told and not numbers:
            self._give_all_back()
        return bool(told)

    def _give_all_back(self) -> None:
        for client in list(self.clients.values()):
            self._give_back(client, OVER)

    def _give_back(self, client: Client, why: int, rest: bytes = b"") -> None:
        """Give a connection back, with what could not be sent yet."""
        number = client.lent.fileno()
        self.events.unregister(number)
        del self.clients[number]
        client.lent.close()
        self.control.sendall(frames.pack(frames.RETURNED, f"{client.name} {why}\n".encode() + rest))

    def _look(self) -> None:
        """Give back what was here, or quiet, for long enough."""
        now = time.monotonic()
        if now < self.look_at:
            return
        self.look_at = now + _LOOK_S
        for client in list(self.clients.values()):
            if now > client.until or now - client.heard > _QUIET_S:
                self._give_back(client, OVER)

    def _serve(self, client: Client) -> None:
        """Answer the request that has come, or give the connection back."""
        try:
            seen = client.lent.recv(_REQUEST_BYTES, socket.MSG_PEEK)
            request = self._read(client.parser, seen)
            reply, seconds = self._answered(request, client.dated)
            self._report(request, reply, seconds)
            # From here on nobody would find the request any more.
            client.lent.recv(len(seen))
            rest = _sent(client.lent, b"%b%b\r\n%b" % (reply.head, dates.line(), reply.body))
        except (Unsuitable, OSError):
            self._give_back(client, OTHER)
            return
        client.heard = time.monotonic()
        if rest:
            self._give_back(client, OVER, rest)

    def _read(self, parser: Parser, seen: bytes) -> Request:
        """The request that has come, where it is one plain query, all of it, and new."""
        mark = hash(seen)
        if mark in self.asked or not seen.startswith(b"GET ") or seen.find(_END) != len(seen) - len(_END):
            raise Unsuitable
        if len(self.asked) >= _REMEMBERED:
            self.asked.clear()
        self.asked.add(mark)
        parser.read(seen)
        if parser.fault or parser.ended or len(parser.requests) != 1:
            raise Unsuitable
        request = parser.requests.popleft()
        is_plain = request.body is None and request.version == "1.1" and not request.last
        if not is_plain or request.path != "/sparql" or any(name in request.headers for name in _CONDITIONS):
            raise Unsuitable
        if not all(map(wsgi.is_host, request.hosts())):
            raise Unsuitable
        return request

    def _answered(self, request: Request, dated: str | None) -> tuple[Reply, float]:
        """The reply and the seconds that the query took."""
        started = time.perf_counter()
        try:
            pairs = protocol.parameters(request.query_string)
            asked = protocol.asked(pairs, "GET", request.accept, request.coding, self.settings)
            question = asked.question
            if asked.format is not question.format:
                raise Unsuitable
            out = Writing(question.format, question.coding, self.settings, _too_long)
            # Its default action ends the process even while the engine holds it.
            signal.setitimer(signal.ITIMER_REAL, _QUICK_S)
            self.engine.write(question, out)
            answer = Answer(*out.finish())
        except (HTTPException, QueryError, Stopped, MemoryError):
            # With a sentence of its own, or under other limits.
            raise Unsuitable from None
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
        request.query, request.outcome = question.text, "answered"
        reply = replies.of_answer(answer, asked.format, dated, kept=False)
        return reply, time.perf_counter() - started

    def _report(self, request: Request, reply: Reply, seconds: float) -> None:
        line = self.journal.text(request, reply.status, reply.length) if self.journal.is_kept else ""
        record = f"{seconds:.6f} {line}\n".encode()
        if len(record) > select.PIPE_BUF:
            # Others write there too, and no more than that stays in one piece.
            raise Unsuitable
        os.write(self.reports, record)


def _sent(client: socket.socket, data: bytes) -> bytes:
    """Send what the connection takes at once; the rest."""
    try:
        return data[client.send(data) :]
    except BlockingIOError:
        return data


def _too_long(piece: bytes) -> None:
    raise Stopped("It would have to go through a file.")


@contextmanager
def _unconfined() -> Iterator[None]:
    """Meanwhile files may be opened; while a query is answered none may."""
    least, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (least, most))


def attend(control: socket.socket, lifeline: int, engine: Embedded, settings: Mapping[str, Any]) -> None:
    """The life of a process that is lent connections."""
    Attendant(control, lifeline, engine, settings).run()


if __name__ == "__main__":
    sys.exit(supervisor.main(attend))
