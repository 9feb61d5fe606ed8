"""The connections that are lent to processes which answer quick queries on them: when, to whom, and what is
heard of it."""

import asyncio
import os
import signal
import socket
from collections.abc import Callable, Mapping
from contextlib import suppress
from ctypes import sizeof
from typing import Any, Protocol

from exoreview.sparql import frames
from exoreview.sparql.supervisor import MOST_LENT
from exoreview.web.http.attending import LOST, OTHER, OVER, QUICK_S, Page
from exoreview.web.http.requests import Request

# A connection is lent after so many quick answers in a row, and again after so many more, by why it came
# back.
_AFTER, _AGAIN = 2, {OVER: 1, OTHER: 16, LOST: 1000}
# A process that has not given back a connection after so many seconds, several turns, is ended.
_OVERDUE_S = 4.0
# After queries of one client have ended so many processes within so many seconds, nothing is lent to it for
# the rest of them: what takes the place of a process has nothing at hand.
_COSTLY, _COSTLY_S = 3, 30.0
# So many clients are remembered for that.
_CLIENTS = 10_000
# How often the reports of what was answered elsewhere are read, in seconds, while anything is lent.
_READ_S = 0.05
_REPORTS_BYTES = 1 << 20
_READ_BYTES = 1 << 18


class Lendable(Protocol):
    """What a loan needs of a connection."""

    transport: asyncio.Transport

    @property
    def address(self) -> str:
        """Its client's address."""

    @property
    def is_quiet(self) -> bool:
        """Whether nothing is under way."""

    def resume(self, rest: bytes) -> None:
        """Go on with it; `rest` is still to be sent."""


class Borrower:
    """A process that connections are lent to, and its loans by their names."""

    def __init__(self, address: str):
        """Connect to one at an address, or raise OSError."""
        self.control, self.received = socket.socket(socket.AF_UNIX), frames.Received()
        self.pid, self.loans, self.is_ready = 0, {}, False
        shared = os.memfd_create("exoreview")
        try:
            os.truncate(shared, sizeof(Page))
            self.page = Page.of(shared)
            self.control.setblocking(False)
            self.control.connect(address)
            socket.send_fds(self.control, [b"page"], [shared])
        except OSError:
            self.control.close()
            raise
        finally:
            os.close(shared)

    def kill(self) -> None:
        """End it, whatever it is doing; its end is heard of."""
        with suppress(ProcessLookupError):
            if self.pid:
                os.kill(self.pid, signal.SIGKILL)


class Lending:
    """The processes that connections are lent to, as many as the settings allow."""

    def __init__(self, address: str, reports: int, settings: Mapping[str, Any]):
        """Processes come to the socket at an address; `reports` is the pipe that they write to."""
        self.address, self.reports, self.most = address, reports, settings["ATTENDANTS"]
        # The date of answers, and what is told of each of them: its seconds and its line in the log.
        self.dated: str | None = None
        self.told: Callable[[float, str], None] = lambda seconds, line: None
        self.borrowers: list[Borrower] = []
        # Since when and how often queries from an address have ended a process.
        self.costs: dict[str, tuple[float, int]] = {}
        # How many processes came to an end while something was lent to them.
        self.ended = 0
        self.rest, self.timer = b"", None
        os.set_blocking(reports, False)

    @property
    def lent(self) -> int:
        """How many connections are lent."""
        return sum(len(borrower.loans) for borrower in self.borrowers)

    def lend(self, loan: "Loan", number: int, address: str) -> bool:
        """Lend a connection, named by its descriptor and its client's address, if there is a process for it;
        if there is none, one may come."""
        while len(self.borrowers) < self.most and self._connect():
            pass
        ready = [borrower for borrower in self.borrowers if borrower.is_ready]
        borrower = min(ready, key=lambda borrower: len(borrower.loans), default=None)
        if borrower is None or len(borrower.loans) >= MOST_LENT:
            return False
        told = f"{number}\n{address}\n{self.dated or ''}"
        try:
            socket.send_fds(borrower.control, [told.encode()], [number])
        except OSError:
            return False
        borrower.loans[number] = loan
        if self.timer is None:
            self.timer = asyncio.get_running_loop().call_later(_READ_S, self._look)
        return True

    def shuns(self, address: str) -> bool:
        """Whether nothing is lent to a client now, by its address."""
        since, count = self.costs.get(address, (0.0, 0))
        return count >= _COSTLY and asyncio.get_running_loop().time() - since < _COSTLY_S

    def _charge(self, address: str) -> None:
        now = asyncio.get_running_loop().time()
        since, count = self.costs.get(address, (now, 0))
        if now - since >= _COSTLY_S:
            since, count = now, 0
        if len(self.costs) >= _CLIENTS:
            self.costs.clear()
        self.costs[address] = since, count + 1

    def read(self) -> None:
        """Take what the processes have reported."""
        with suppress(BlockingIOError):
            *records, self.rest = (self.rest + os.read(self.reports, _REPORTS_BYTES)).split(b"\n")
            for record in records:
                seconds, _, line = record.decode("utf-8", "replace").partition(" ")
                self.told(float(seconds), line)

    def call_back(self) -> None:
        """Ask for all connections, and lend none any more."""
        self.most = 0
        for borrower in self.borrowers:
            borrower.is_ready = False
            with suppress(OSError):
                borrower.control.send(b"all")

    def close(self) -> None:
        """Let go of all processes."""
        self.call_back()
        self.read()
        if self.timer:
            self.timer.cancel()
        for borrower in self.borrowers:
            asyncio.get_running_loop().remove_reader(borrower.control)
            borrower.control.close()

    def _look(self) -> None:
        """Read the reports, and end what stands still."""
        loop = asyncio.get_running_loop()
        try:
            self.read()
            for borrower in [each for each in self.borrowers if _is_overdue(each, loop.time())]:
                # It may be this process that has stood still.
                self._heard(borrower)
                if _is_overdue(borrower, loop.time()):
                    borrower.kill()
        finally:
            self.timer = loop.call_later(_READ_S, self._look) if self.lent else None

    def _connect(self) -> bool:
        try:
            borrower = Borrower(self.address)
        except OSError:
            return False
        self.borrowers.append(borrower)
        asyncio.get_running_loop().add_reader(borrower.control, self._heard, borrower)
        return True

    def _heard(self, borrower: Borrower) -> None:
        try:
            data = borrower.control.recv(_READ_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._lost(borrower)
        for kind, content in borrower.received.frames(data):
            if kind == frames.HELLO:
                borrower.pid, borrower.is_ready = int(content), self.most > 0
            elif kind == frames.ALONE:
                borrower.is_ready = False
            else:
                said, _, rest = content.partition(b"\n")
                name, why = map(int, said.split())
                borrower.loans.pop(name).end(why, rest)

    def _lost(self, borrower: Borrower) -> None:
        asyncio.get_running_loop().remove_reader(borrower.control)
        borrower.control.close()
        self.borrowers.remove(borrower)
        self.ended += bool(borrower.loans)
        for name, loan in borrower.loans.items():
            if name == borrower.page.taken:
                loan.give_up()
            elif name == borrower.page.asked:
                self._charge(loan.connection.address)
                loan.end(LOST, b"")
            else:
                loan.end(OVER, b"")


def _is_overdue(borrower: Borrower, now: float) -> bool:
    return any(now - loan.since > _OVERDUE_S for loan in borrower.loans.values())


class Loan:
    """Whether a connection is lent, since when, and when it will be."""

    def __init__(self, lending: Lending, connection: Lendable):
        self.lending, self.connection = lending, connection
        self.is_out, self.since, self.quick, self.after = False, 0.0, 0, _AFTER

    def answered(self, request: Request) -> None:
        """Have the connection lent after this reply, if it is time."""
        is_quick = request.outcome == "answered" and request.age_s <= QUICK_S
        self.quick = self.quick + 1 if is_quick else 0
        is_time = self.quick >= self.after and self.connection.is_quiet
        if is_time and not self.lending.shuns(self.connection.address):
            # In the next turn the reply will have been sent; what comes until then is not for this process.
            self.connection.transport.pause_reading()
            asyncio.get_running_loop().call_soon(self._begin)

    def _begin(self) -> None:
        connection, self.since = self.connection, asyncio.get_running_loop().time()
        if connection.is_quiet and not connection.transport.get_write_buffer_size():
            number = connection.transport.get_extra_info("socket").fileno()
            self.is_out = self.lending.lend(self, number, connection.address)
        if not self.is_out:
            connection.resume(b"")

    def end(self, why: int, rest: bytes) -> None:
        """Go on with the connection; `rest` is still to be sent."""
        self.is_out, self.quick, self.after = False, 0, _AGAIN[why]
        self.connection.resume(rest)

    def give_up(self) -> None:
        """Close the connection: a request was taken, and nobody knows how much of its reply was sent."""
        self.is_out = False
        self.connection.transport.abort()
