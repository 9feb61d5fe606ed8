"""One query process as the server sees it: a connection that takes a question and gives a complete answer."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

from exoreview.sparql import frames
from exoreview.sparql.answers import Answer, Spool
from exoreview.sparql.outcomes import Died, Stopped, Unread
from exoreview.sparql.waiting import Left

_DIED = (
    "The process that answered the query came to its end, mostly because a query asks for more memory than "
    "one may have, or nests too deeply."
)


# So far behind the others a query goes that takes long, of 19: the web server and short queries go first.
_NICE, _NICEST = 10, 19

# Gives the packed replies to packed calls of other endpoints.
Relayed = Callable[[bytes], Awaitable[bytes]]


class Process(asyncio.Protocol):
    """A connection to one process that answers queries, one at a time."""

    def __init__(
        self,
        folder: Path,
        relay: Callable[[bytes], Awaitable[bytes]] | None,
        lost: Callable[["Process"], None],
    ):
        """Long answers are kept in the folder; `relay` asks other endpoints for it; `lost` hears of its
        end."""
        self.relay, self.lost = relay, lost
        self.relayed: asyncio.Task | None = None
        # The thread of it that answers, and whether that one goes behind the others.
        self.pid, self.thread, self.demoted = 0, 0, False
        self.transport = None
        self.received, self.spool = frames.Received(), Spool(folder)
        loop = asyncio.get_running_loop()
        self.greeted: asyncio.Future[None] = loop.create_future()
        # The answer that somebody waits for, since when, and whether that somebody has left.
        self.awaited: asyncio.Future[Answer] | None = None
        self.since, self.left = 0.0, None

    @property
    def alive(self) -> bool:
        """Whether it can be asked."""
        return not self.transport.is_closing()

    def ask(self, frame: bytes, left: Left | None = None) -> asyncio.Future[Answer]:
        """Send a question; its answer comes in the future."""
        loop = asyncio.get_running_loop()
        self.awaited, self.since, self.left = loop.create_future(), loop.time(), left
        self.relayed = None
        self.transport.write(frame)
        return self.awaited

    def demote(self) -> None:
        """Let others go first until this query is answered. The thread has no way back, so it is followed by
        another; the process is not asked again unless it says so."""
        self.demoted = True
        with suppress(OSError):
            nice = os.getpriority(os.PRIO_PROCESS, self.thread) + _NICE
            os.setpriority(os.PRIO_PROCESS, self.thread, min(nice, _NICEST))

    def kill(self, reason: Exception) -> None:
        """End it, whatever it is doing; who waits for an answer gets the reason."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        self.transport.abort()
        self._end(reason)

    def connection_made(self, transport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        for kind, content in self.received.frames(data):
            self._take(kind, content)

    def connection_lost(self, error: Exception | None) -> None:
        if not self.greeted.done():
            self.greeted.set_exception(ConnectionError())
            # Nobody may be left who would ask for it.
            self.greeted.exception()
        # The system says so where the other end had something left to read: the question, or replies to what
        # that one had asked itself.
        is_unread = isinstance(error, ConnectionError) and self.relayed is None
        self._end((Unread if is_unread else Died)(_DIED))
        self.lost(self)

    def _take(self, kind: int, content: bytes) -> None:
        if kind == frames.HELLO:
            self.pid = int(content)
        elif kind == frames.THREAD:
            self.thread, self.demoted = int(content), False
            if not self.greeted.done():
                self.greeted.set_result(None)
        elif kind == frames.PIECE:
            self._keep(content)
        elif kind == frames.CALLS:
            self.relayed = asyncio.ensure_future(self._relay(content))
        elif kind == frames.COMPLETE:
            digest, coding, size, body = frames.completed(content)
            if self.spool.file:
                self._keep(body)
                body = b""
            if self.awaited:
                self._settle(Answer(digest, coding, size, body, self.spool.take()))
        else:
            self._end(frames.error(kind, content))

    async def _relay(self, calls: bytes) -> None:
        replies = await self.relay(calls)
        self.transport.write(frames.pack(frames.REPLIES, replies))

    def _keep(self, piece: bytes) -> None:
        try:
            self.spool.add(piece)
        except Stopped as full:
            self.kill(full)

    def _settle(self, answer: Answer) -> None:
        awaited, self.awaited = self.awaited, None
        if awaited and not awaited.done():
            awaited.set_result(answer)

    def _end(self, reason: Exception) -> None:
        self.spool.drop()
        if self.relayed:
            self.relayed.cancel()
        awaited, self.awaited = self.awaited, None
        if awaited and not awaited.done():
            awaited.set_exception(reason)
