"""The connections that are lent to processes which answer quick queries on them: when, to whom, and what is
heard of it."""

import asyncio
import os
import socket
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Protocol

from exoreview.sparql import frames
from exoreview.web.http.attending import OTHER, OVER
from exoreview.web.http.requests import Request

# A connection is lent after so many quick answers in a row, each within so many seconds.
_AFTER, _QUICK_S = 2, 0.01
# After how many it is lent again, by why it came back; without a reason its process has come to an end over a
# request that may have been its.
_AGAIN = {OVER: 1, OTHER: 16, None: 1000}
# How often the reports of what was answered elsewhere are read, in seconds, while anything is lent.
_READ_S = 0.05
_REPORTS_BYTES = 1 << 20
_READ_BYTES = 1 << 18
# So many connections one process has at most.
MOST = 64


class Lendable(Protocol):
    """What a loan needs of a connection."""

    transport: asyncio.Transport

    @property
    def address(self) -> str:
        """Its client's address."""

    @property
    def is_quiet(self) -> bool:
        """Whether nothing is under way."""

    def go_on(self, rest: bytes) -> None:
        """Read again, and send what is left of an answer."""


class Lending:
    """The processes that connections are lent to, as many as the settings allow."""

    def __init__(self, address: str, reports: int, settings: Mapping[str, Any]):
        """Processes come to the socket at an address; `reports` is the pipe that they write to."""
        self.address, self.reports, self.most = address, reports, settings["ATTENDANTS"]
        # The date of answers, and what is told of each of them: its seconds and its line in the log.
        self.dated: str | None = None
        self.told: Callable[[float, str], None] = lambda seconds, line: None
        # The loans of each process, those of them that have greeted, and how many have come to an end because
        # a query was not quick.
        self.loans: dict[socket.socket, dict[int, Loan]] = {}
        self.ready: set[socket.socket] = set()
        self.ended = 0
        self.rest, self.timer = b"", None
        os.set_blocking(reports, False)

    @property
    def lent(self) -> int:
        """How many connections are lent."""
        return sum(map(len, self.loans.values()))

    def lend(self, loan: "Loan", number: int, address: str) -> bool:
        """Lend a connection, named by its descriptor and its client's address, if there is a process for it;
        if there is none, one may come."""
        while len(self.loans) < self.most and self._connect():
            pass
        process = min(self.ready, key=lambda process: len(self.loans[process]), default=None)
        if process is None or len(self.loans[process]) >= MOST:
            return False
        try:
            socket.send_fds(process, [f"{number}\n{address}\n{self.dated or ''}".encode()], [number])
        except OSError:
            return False
        self.loans[process][number] = loan
        if self.timer is None:
            self.timer = asyncio.get_running_loop().call_later(_READ_S, self._look)
        return True

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
        for process in self.ready:
            with suppress(OSError):
                process.send(b"\n")
        self.ready.clear()

    def close(self) -> None:
        """Let go of all processes."""
        self.call_back()
        self.read()
        if self.timer:
            self.timer.cancel()
        for process in self.loans:
            asyncio.get_running_loop().remove_reader(process)
            process.close()

    def _look(self) -> None:
        self.read()
        self.timer = asyncio.get_running_loop().call_later(_READ_S, self._look) if self.lent else None

    def _connect(self) -> bool:
        process = socket.socket(socket.AF_UNIX)
        process.setblocking(False)
        try:
            process.connect(self.address)
        except OSError:
            process.close()
            return False
        self.loans[process] = {}
        asyncio.get_running_loop().add_reader(process, self._heard, process, frames.Received())
        return True

    def _heard(self, process: socket.socket, received: frames.Received) -> None:
        data = b""
        with suppress(OSError):
            data = process.recv(_READ_BYTES)
        if not data:
            self._lost(process)
        for kind, content in received.frames(data):
            if kind == frames.HELLO:
                self.ready.add(process)
            else:
                said, _, rest = content.partition(b"\n")
                number, why = map(int, said.split())
                self.loans[process].pop(number).end(why, rest)

    def _lost(self, process: socket.socket) -> None:
        asyncio.get_running_loop().remove_reader(process)
        process.close()
        self.ready.discard(process)
        loans = self.loans.pop(process)
        self.ended += bool(loans)
        asked = [loan for loan in loans.values() if loan.has_request()]
        for loan in loans.values():
            if loan in asked:
                loan.end(None, b"")
            elif asked:
                # It was one of those that the process was at.
                loan.end(OVER, b"")
            else:
                loan.give_up()


class Loan:
    """Whether a connection is lent, and when it is."""

    def __init__(self, lending: Lending, connection: Lendable):
        self.lending, self.connection = lending, connection
        self.is_out, self.quick, self.after = False, 0, _AFTER

    def answered(self, request: Request) -> None:
        """Have the connection lent after this reply, if it is time."""
        is_quick = request.outcome == "answered" and request.age_s < _QUICK_S
        self.quick = self.quick + 1 if is_quick else 0
        if self.quick >= self.after:
            # In the next turn the reply will have been sent; what comes until then is not for this process.
            self.connection.transport.pause_reading()
            asyncio.get_running_loop().call_soon(self._begin)

    def _begin(self) -> None:
        connection = self.connection
        self.is_out = connection.is_quiet and self.lending.lend(self, self._number(), connection.address)
        if not self.is_out:
            connection.go_on(b"")

    def end(self, why: int | None, rest: bytes) -> None:
        """Go on with the connection; `rest` is still to be sent."""
        self.is_out, self.quick, self.after = False, 0, _AGAIN[why]
        self.connection.go_on(rest)

    def give_up(self) -> None:
        """Close the connection: a request may have been taken whose answer was not sent, and a client who is
        not answered asks again."""
        self.is_out = False
        self.connection.transport.abort()

    def has_request(self) -> bool:
        """Whether a request waits on the connection."""
        with socket.socket(fileno=os.dup(self._number())) as same:
            try:
                return bool(same.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT))
            except OSError:
                return False

    def _number(self) -> int:
        return self.connection.transport.get_extra_info("socket").fileno()
