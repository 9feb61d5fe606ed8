"""A process that connections of clients are lent to: on each it answers one quick query after the other.

A question to another process and the answer from it cost as much as a short query itself. So while one quick,
new query follows the other on a connection, one process does all: it reads, answers and sends. What it cannot
answer so it gives back unread: it only looks at a request, and takes it off the connection when the whole
answer stands ready to be sent. Whatever becomes of the process before that, the web process finds the
request on the connection and goes on as if nothing had been. What the process is at it writes into memory
that both of them see.

While the engine works on a query, which lets other threads run, a second thread watches. When the query turns
out not to be quick it gives the other connections back; when it takes long it ends the process, and the query
begins anew where it can take its time.
"""

import mmap
import os
import resource
import select
import signal
import socket
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from ctypes import Structure, c_uint32, sizeof
from threading import Lock, Thread, stack_size
from typing import Any

from werkzeug.exceptions import HTTPException

from exoreview.sparql import frames, querytext, supervisor, worker
from exoreview.sparql.answers import Answer, Writing
from exoreview.sparql.engine import Embedded, Question
from exoreview.sparql.outcomes import QueryError, Stopped
from exoreview.web.http import dates, protocol, replies
from exoreview.web.http.journal import Journal
from exoreview.web.http.plain import Plain, Unsuitable
from exoreview.web.http.replies import Reply
from exoreview.web.http.requests import Request, Site

# Why a connection is given back: its turn is over, or the web process has to answer; or its process was lost
# over its query.
OVER, OTHER, LOST = range(3)
# A query is quick if it takes no more than so many seconds.
QUICK_S = 0.01
# A turn takes so many seconds, or until the client has been quiet for so many; it is looked so often whether
# one is over.
_TURN_S, _QUIET_S, _LOOK_S = 1.0, 0.2, 0.05
# A query that takes more seconds than the first has no other client wait for it; one that takes more than the
# second, or than any query may, ends the process: what it has read would be missed, but there are others to
# answer long queries. So much memory the thread has that sees to it, in bytes.
_ALONE_S, _LIMIT_S = 0.05, 0.9
_STACK_BYTES = 256 * 1024
# So many clients have their turn before it is looked for what else there is to do.
_AT_ONCE = 8
# A longer request is nothing to be answered here.
_REQUEST_BYTES = 1 << 16
# What is told with a connection is short.
_TOLD_BYTES = 512


class Page(Structure):
    """What a process is at, in memory that the web process sees too, whatever becomes of the process: the
    connection whose request is taken while its reply is not sent, and the one whose query is evaluated."""

    _fields_ = (("taken", c_uint32), ("asked", c_uint32))

    @classmethod
    def of(cls, file: int) -> "Page":
        """The page in a file of its size."""
        return cls.from_buffer(mmap.mmap(file, sizeof(cls)))


# On a page: no connection.
_NOTHING = 0


class Client:
    """A connection that is lent: its name there, what reads its requests, and since when."""

    def __init__(self, lent: socket.socket, name: int, plain: Plain, dated: str | None):
        self.lent, self.name, self.plain, self.dated = lent, name, plain, dated
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
        self.look_at, self.limit_s = 0.0, min(_LIMIT_S, settings["QUERY_TIMEOUT_S"])
        # Whoever holds this may touch the clients and the control; the client whose query is evaluated while
        # the other thread may, and whether no other client waits for that.
        self.touching, self.evaluated, self.is_alone = Lock(), None, False
        # So many files a query may have open, where it may open any; those of clients come on top.
        self.files = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        with self._unconfined():
            self.events = select.epoll()
            _, (shared,), *_ = socket.recv_fds(control, _TOLD_BYTES, 1)
            self.page = Page.of(shared)
            os.close(shared)
            self.alarm, alarm = os.pipe()
        for other in (control.fileno(), lifeline):
            self.events.register(other, select.EPOLLIN)
        os.set_blocking(alarm, False)
        signal.signal(signal.SIGALRM, lambda *_: None)
        # It is heard of while the engine holds the thread that signals come to.
        signal.set_wakeup_fd(alarm, warn_on_full_buffer=False)

    def run(self) -> None:
        """Answer until the supervisor or the web process ends."""
        stack_size(_STACK_BYTES)
        Thread(target=self._watch, daemon=True).start()
        is_wanted = True
        while is_wanted:
            ready = self.events.poll(_LOOK_S if self.clients else None, _AT_ONCE)
            with self.touching:
                is_wanted = self._take(number for number, _ in ready)
                self._look()

    def _take(self, ready: Iterable[int]) -> bool:
        """Do what there is to do; False where there will be nothing more."""
        for number in ready:
            if number == self.lifeline:
                self._give_all_back()
                return False
            if number == self.control.fileno() and not self._borrow():
                return False
            if client := self.clients.get(number):
                self._serve(client)
            if self.is_alone:
                # What was ready before may have gone back meanwhile.
                self._be_ready()
                break
        return True

    def _watch(self) -> None:
        """See to it that nobody waits for a query that is not quick, and that none takes long."""
        try:
            while True:
                self._see_to_it()
        finally:
            # The web process is gone, or memory is: nobody else would end what the engine is at.
            os._exit(0)

    def _see_to_it(self) -> None:
        """Wait until there is something to see to, and do so, or end the process."""
        # What is lent meanwhile goes back too.
        watched = [self.alarm, self.control] if self.is_alone else [self.alarm]
        select.select(watched, (), ())
        with self.touching:
            # Until now the query may have been answered, and what was ready been taken.
            ready, _, _ = select.select(watched, (), (), 0)
            is_late = self.alarm in ready and bool(os.read(self.alarm, 64)) and self.evaluated
            if is_late and self.is_alone:
                os._exit(0)
            if is_late:
                self._be_alone()
            if self.is_alone and self.control in ready and not self._borrow():
                os._exit(0)
            if self.is_alone:
                self._give_all_back()

    def _be_alone(self) -> None:
        """Have nothing lent until the query is answered, and end at the limit."""
        self.is_alone = True
        self.control.sendall(frames.pack(frames.ALONE, b""))
        signal.setitimer(signal.ITIMER_REAL, self.limit_s - _ALONE_S)

    def _be_ready(self) -> None:
        """Have connections lent again."""
        self.is_alone = False
        worker.trim()
        self.control.sendall(frames.pack(frames.HELLO, str(os.getpid()).encode()))

    @contextmanager
    def _unconfined(self) -> Iterator[None]:
        """Meanwhile files may be opened that no query may."""
        most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
        try:
            yield
        finally:
            # Beside the clients there are the events, the page, and both ends of the alarm.
            open_now = self.files + len(self.clients) + 4 if self.files else 0
            resource.setrlimit(resource.RLIMIT_NOFILE, (min(open_now, most), most))

    def _borrow(self) -> bool:
        """Take a connection, or give all back where none comes; False where nothing will come any more."""
        with self._unconfined():
            told, numbers, *_ = socket.recv_fds(self.control, _TOLD_BYTES, 1)
            for number in numbers:
                name, address, dated = told.decode().split("\n")
                plain = Plain(self.site, address, self.settings, self.asked)
                self.clients[number] = Client(socket.socket(fileno=number), int(name), plain, dated or None)
                self.events.register(number, select.EPOLLIN)
        if told and not numbers:
            self._give_all_back()
        return bool(told)

    def _give_all_back(self) -> None:
        """All but the one whose query is evaluated: who takes so long has his back after it."""
        for client in list(self.clients.values()):
            if client is not self.evaluated:
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
            request = client.plain.read(seen)
            started = time.perf_counter()
            reply = self._answered(request, client)
            seconds = time.perf_counter() - started
            data = b"".join((reply.head, dates.line(), b"\r\n", reply.body))
            self._report(request, reply, seconds)
            # From here on nobody finds the request any more.
            self.page.taken = client.name
            client.lent.recv(len(seen))
            rest = _sent(client.lent, data)
        except (Unsuitable, OSError):
            if self.page.taken:
                # Its reply cannot be sent, and nothing may follow in its place.
                with suppress(OSError):
                    client.lent.shutdown(socket.SHUT_RDWR)
            self._give_back(client, OTHER)
        else:
            client.heard = time.monotonic()
            if rest or seconds > QUICK_S:
                self._give_back(client, OTHER if seconds > QUICK_S else OVER, rest)
        self.page.taken = self.page.asked = _NOTHING

    def _answered(self, request: Request, client: Client) -> Reply:
        """The reply to a request that asks a query."""
        try:
            pairs = protocol.parameters(request.query_string)
            asked = protocol.asked(pairs, "GET", request.accept, request.coding, self.settings)
            if asked.format is not asked.question.format:
                raise Unsuitable
            out = Writing(asked.format, asked.question.coding, self.settings, _too_long)
            self._evaluate(client, asked.question, out)
            answer = Answer(*out.finish())
        except (HTTPException, QueryError, Stopped, MemoryError):
            # With a sentence of its own, or under other limits.
            raise Unsuitable from None
        text = request.query = asked.question.text
        request.outcome = "answered"
        dated = None if client.dated and querytext.volatile(text) else client.dated
        return replies.of_answer(answer, asked.format, dated, kept=False)

    def _evaluate(self, client: Client, question: Question, out: Writing) -> None:
        """Write the answer; meanwhile the other thread watches, and it is seen over whose query."""
        self.page.asked, self.evaluated = client.name, client
        signal.setitimer(signal.ITIMER_REAL, _ALONE_S)
        # Where the engine does not let the other thread run, the default action of this one ends the process.
        signal.setitimer(signal.ITIMER_PROF, self.limit_s)
        self.touching.release()
        try:
            self.engine.write(question, out)
        finally:
            self.touching.acquire()
            signal.setitimer(signal.ITIMER_PROF, 0)
            signal.setitimer(signal.ITIMER_REAL, 0)
            self.evaluated = None

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


def attend(control: socket.socket, lifeline: int, engine: Embedded, settings: Mapping[str, Any]) -> None:
    """The life of a process that is lent connections."""
    Attendant(control, lifeline, engine, settings).run()


if __name__ == "__main__":
    sys.exit(supervisor.main(attend))
