"""Queries run where they can be killed: the engine behind the supervisor's processes.

A `Pool` lives in an event loop and owns one connection to each process that may be busy. A query that is over
time, or that nobody waits for any more, ends by SIGKILL of its process, and of that alone.
"""

import asyncio
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from exoreview.sparql import frames
from exoreview.sparql.answers import Answer
from exoreview.sparql.engine import Question
from exoreview.sparql.outcomes import Busy, Died, Gone, Stopped
from exoreview.sparql.process import Process
from exoreview.sparql.waiting import WATCH_AFTER_S, Delay, Watch, out_of_time

# A query that takes longer than this many seconds goes on at a lower priority.
_LONG_S = 0.5
_ALL_BUSY = "All query processes are busy; try again in a moment."


class Pool:
    """Answers queries in processes that can be killed; all of it runs in one event loop."""

    def __init__(self, address: str, settings: Mapping[str, Any], *, on_disk: bool = False):
        """`address` is the supervisor's socket; long answers are kept in files beside it."""
        self.name = f"pyoxigraph {'on disk' if on_disk else 'in memory'}, each query in a process of its own"
        self.address, self.folder = address, Path(address).parent
        self.size, self.most_waiting = settings["WORKERS"], settings["QUEUE_MAX"]
        self.deadline, self.patience = Delay(settings["QUERY_TIMEOUT_S"]), Delay(settings["QUEUE_WAIT_S"])
        self.unwatched, self.short = Delay(WATCH_AFTER_S), Delay(_LONG_S)
        self.relay = _relay(settings)
        self.idle: list[Process] = []
        self.waiting: deque[asyncio.Future[Process]] = deque()
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

    async def ask(self, question: Question, gone: Callable[[], Awaitable] | None = None) -> Answer:
        """Answer a question, or say what ended it; `gone` ends when nobody waits for the answer any more."""
        frame = frames.question(question)
        watch = gone and Watch(gone, self.unwatched)
        try:
            process = await self._taken(watch)
            try:
                return await self._answered(process, frame, watch)
            finally:
                self._give_back(process)
        finally:
            if watch:
                watch.end()

    async def _answered(self, process: Process, frame: bytes, watch: Watch | None) -> Answer:
        answer = process.ask(frame)
        expire = self.deadline.call(partial(self._expire, process))
        demote = self.short.call(process.demote)
        if watch:
            watch.then(lambda: self._kill(process, "gone", Gone("The client has hung up.")))
        try:
            return await answer
        except Died:
            self.kills["died"] += 1
            self._require_service()
            raise
        finally:
            expire.cancel()
            demote.cancel()

    def _expire(self, process: Process) -> None:
        self._kill(process, "timeout", out_of_time(self.deadline.seconds))

    def _kill(self, process: Process, why: str, reason: Exception) -> None:
        self.kills[why] += 1
        process.kill(reason)

    async def _taken(self, watch: Watch | None) -> Process:
        """A process that is free, perhaps after waiting for one."""
        while self.idle:
            process = self.idle.pop()
            if process.alive:
                return process
            self.held -= 1
        if self.held < self.size:
            return await self._connected()
        if len(self.waiting) >= self.most_waiting:
            raise Busy(f"{self.most_waiting} queries are waiting already; try again in a moment.")
        place = asyncio.get_running_loop().create_future()
        self.waiting.append(place)
        patience = self.patience.call(partial(_fail, place, Busy(_ALL_BUSY)))
        if watch:
            watch.then(lambda: _fail(place, Gone("The client has hung up.")))
        try:
            return await place
        except Stopped:
            # Who gets a process has left the queue; who does not, leaves it here.
            with suppress(ValueError):
                self.waiting.remove(place)
            raise
        finally:
            patience.cancel()

    async def _connected(self) -> Process:
        self.held += 1
        process = Process(self.folder, self.relay and self.relay.answered, self._lost)
        try:
            async with asyncio.timeout(self.patience.seconds):
                await asyncio.get_running_loop().create_unix_connection(lambda: process, self.address)
                self.owned.add(process)
                await process.greeted
                return process
        except (OSError, TimeoutError):
            self.held -= 1
            if process.transport:
                process.transport.abort()
            self._require_service()
            raise Busy("No query process is ready; try again in a moment.") from None

    def _give_back(self, process: Process) -> None:
        """Hand a process to the next who waits, or a new one in place of one that is dead or demoted."""
        if process.demoted:
            process.transport.close()
        if process.alive:
            if place := self._next():
                place.set_result(process)
            else:
                self.idle.append(process)
            return
        self.held -= 1
        if self.waiting:
            task = asyncio.ensure_future(self._replaced())
            self.replacing.add(task)
            task.add_done_callback(self.replacing.discard)

    async def _replaced(self) -> None:
        try:
            process = await self._connected()
        except Busy as busy:
            if place := self._next():
                place.set_exception(busy)
            return
        self._give_back(process)

    def _next(self) -> asyncio.Future[Process] | None:
        while self.waiting:
            place = self.waiting.popleft()
            if not place.done():
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


def _fail(place: asyncio.Future, reason: Exception) -> None:
    if not place.done():
        place.set_exception(reason)
