"""Queries run where they can be killed: the engine behind the supervisor's processes.

A `Pool` lives in an event loop and owns one connection to each process that may be busy. A query that is over
time, or that nobody waits for any more, ends by SIGKILL of its process, and of that alone.
"""

import asyncio
from collections import Counter, deque
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from exoreview.sparql import frames
from exoreview.sparql.answers import Answer
from exoreview.sparql.engine import Question
from exoreview.sparql.outcomes import Busy, Died, Stopped, Unread
from exoreview.sparql.process import Process
from exoreview.sparql.waiting import WATCH_AFTER_S, Left, Look, full, gone, has_left, out_of_time

# A query that takes longer than this many seconds goes on at a lower priority.
_LONG_S = 0.5
# One that nobody waits for is ended when it has taken so many seconds, or so many where each process has a
# copy of much data, or sooner where its process is waited for: most are done by then, and what takes the
# place of a killed process has nothing at hand of what had been read or copied, which takes as long.
_ABANDONED_S, _ABANDONED_COPY_S = 1.0, 5.0
# How often the queries that run are looked at, in seconds, where limits are not shorter still.
_LOOK_S = 0.05
# How long to wait, in seconds, before another process is asked for where one ended before its first word.
_AGAIN_S = 0.02
_ALL_BUSY = "All query processes are busy; try again in a moment."
_NONE_READY = "No query process is ready; try again in a moment."


class Place:
    """A place in the queue: since when, and the process that its query gets at the end."""

    __slots__ = ("left", "process", "since")

    def __init__(self, left: Left | None):
        loop = asyncio.get_running_loop()
        self.left, self.since = left, loop.time()
        self.process: asyncio.Future[Process] = loop.create_future()

    def fail(self, reason: Exception) -> None:
        """Give it up, unless there is a process already."""
        if not self.process.done():
            self.process.set_exception(reason)


class Pool:
    """Answers queries in processes that can be killed; all of it runs in one event loop."""

    def __init__(
        self, address: str, settings: Mapping[str, Any], *, on_disk: bool = False, copies: bool = False
    ):
        """`address` is the supervisor's socket; long answers are kept in files beside it. `copies` says
        whether processes make copies of much data."""
        self.name = f"pyoxigraph {'on disk' if on_disk else 'in memory'}, each query in a process of its own"
        self.address, self.folder = address, Path(address).parent
        self.size, self.most_waiting = settings["WORKERS"], settings["QUEUE_MAX"]
        self.deadline_s, self.patience_s = settings["QUERY_TIMEOUT_S"], settings["QUEUE_WAIT_S"]
        self.abandoned_s = min(_ABANDONED_COPY_S if copies else _ABANDONED_S, self.deadline_s / 2)
        self.looking = Look(min(_LOOK_S, self.deadline_s / 4, self.patience_s / 4), self._look)
        self.relay = _relay(settings)
        self.idle: list[Process] = []
        self.waiting: deque[Place] = deque()
        self.owned: set[Process] = set()
        # Connections that are being made count too.
        self.held = 0
        self.kills: Counter[str] = Counter()
        # The loop itself remembers tasks only weakly.
        self.replacing: set[asyncio.Task] = set()

    @property
    def busy(self) -> int:
        """How many processes answer a query now."""
        return self.held - len(self.idle)

    @property
    def queued(self) -> int:
        """How many queries wait for a process."""
        return len(self.waiting)

    async def ask(self, question: Question, left: Left | None = None) -> Answer:
        """Answer a question, or say what ended it; `left` says whether nobody waits for it any more."""
        frame = frames.question(question)
        # With the supervisor ends all that is idle, and may not have been seen to end.
        for _ in range(self.size + 1):
            with suppress(Unread):
                return await self._asked(frame, left)
        raise Busy(_NONE_READY)

    async def _asked(self, frame: bytes, left: Left | None) -> Answer:
        self.looking.begin()
        process = self._free() or await self._taken(left)
        try:
            return await process.ask(frame, left)
        except Died:
            self.kills["died"] += 1
            self._require_service()
            raise
        finally:
            self._give_back(process)

    def _look(self, now: float) -> bool:
        """End what is over its time and what nobody waits for, and let short queries go before long ones."""
        for place in self.waiting:
            if now - place.since > self.patience_s:
                place.fail(Busy(_ALL_BUSY))
            elif now - place.since > WATCH_AFTER_S and has_left(place.left):
                place.fail(gone())
        someone_waits = any(not place.process.done() and not has_left(place.left) for place in self.waiting)
        abandoned_s = WATCH_AFTER_S if someone_waits else self.abandoned_s
        for process in [process for process in self.owned if process.awaited]:
            age = now - process.since
            if age > self.deadline_s:
                self._kill(process, "timeout", out_of_time(self.deadline_s))
            elif age > abandoned_s and has_left(process.left):
                self._kill(process, "gone", gone())
            elif age > _LONG_S and not process.demoted:
                process.demote()
        # Also those whose process is only coming.
        return bool(self.busy or self.waiting)

    def _kill(self, process: Process, why: str, reason: Exception) -> None:
        self.kills[why] += 1
        process.kill(reason)

    def _free(self) -> Process | None:
        """A process that has nothing to do."""
        while self.idle:
            process = self.idle.pop()
            if process.alive:
                return process
            self.held -= 1
        return None

    async def _taken(self, left: Left | None) -> Process:
        """A process that was not there yet, or one after waiting for it."""
        if self.held < self.size:
            return await self._connected()
        if len(self.waiting) >= self.most_waiting:
            raise full(self.most_waiting)
        place = Place(left)
        self.waiting.append(place)
        try:
            return await place.process
        except Stopped:
            # Who gets a process has left the queue; who does not, leaves it here.
            with suppress(ValueError):
                self.waiting.remove(place)
            raise

    async def _connected(self) -> Process:
        process = None
        self.held += 1
        try:
            async with asyncio.timeout(self.patience_s):
                while (process := await self._greeted()) is None:
                    self._require_service()
                    await asyncio.sleep(_AGAIN_S)
                return process
        except (OSError, TimeoutError):
            self._require_service()
            raise Busy(_NONE_READY) from None
        finally:
            self.held -= process is None

    async def _greeted(self) -> Process | None:
        """A process that has said its first word; None for one that has ended before it."""
        process = Process(self.folder, self.relay and self.relay.answered, self._lost)
        try:
            await asyncio.get_running_loop().create_unix_connection(lambda: process, self.address)
            self.owned.add(process)
            await process.greeted
        except BaseException as error:
            if process.transport:
                process.transport.abort()
            if isinstance(error, ConnectionError):
                return None
            raise
        return process

    def _give_back(self, process: Process) -> None:
        """Hand a process to the next who waits, or a new one in place of one that is dead or demoted."""
        if process.demoted:
            process.transport.close()
        if process.alive:
            if place := self._next():
                place.process.set_result(process)
            else:
                self.idle.append(process)
            return
        if not self.waiting:
            self.held -= 1
        else:
            # Its place is not free for those who have only come now.
            task = asyncio.ensure_future(self._replaced())
            self.replacing.add(task)
            task.add_done_callback(self.replacing.discard)

    async def _replaced(self) -> None:
        self.held -= 1
        try:
            process = await self._connected()
        except Busy as busy:
            if place := self._next():
                place.fail(busy)
            return
        self._give_back(process)

    def _next(self) -> Place | None:
        while self.waiting:
            place = self.waiting.popleft()
            if not place.process.done():
                return place
        return None

    def _lost(self, process: Process) -> None:
        self.owned.discard(process)
        if process in self.idle:
            self.idle.remove(process)
            self.held -= 1

    def _require_service(self) -> None:
        """Say so when the whole service is at its end, which takes its address away first."""
        if not Path(self.address).exists():
            raise Busy("The server is being stopped.") from None

    async def close(self) -> None:
        """Let go of all processes."""
        self.looking.end()
        for process in list(self.owned):
            process.transport.close()
        if self.relay:
            await self.relay.close()
        await asyncio.sleep(0)


def _relay(settings: Mapping[str, Any]):
    """What asks other endpoints, where some are allowed."""
    if not settings["SERVICE_ALLOW"]:
        return None
    from exoreview.federation.relay import Relay

    return Relay(settings)
