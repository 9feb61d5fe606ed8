"""Queries run where they can be killed: the engine behind the supervisor's processes.

A `Pool` lives in an event loop and owns one connection to each process that may be busy. A query that is over
time, or that nobody waits for any more, ends by SIGKILL of its process, and of that alone.
"""

import asyncio
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from exoreview.sparql import frames
from exoreview.sparql.answers import Answer
from exoreview.sparql.engine import Question
from exoreview.sparql.outcomes import Busy, Died, Unread
from exoreview.sparql.places import Placed, Places
from exoreview.sparql.process import Process
from exoreview.sparql.waiting import WATCH_AFTER_S, Left, Look, gone, has_left, out_of_time

# A query that takes longer than this many seconds goes on at a lower priority.
_LONG_S = 0.5
# One that nobody waits for is ended when it has taken so many seconds, or so many where each process has a
# copy of much data, or sooner where somebody waits: most are done by then, and what takes the place of a
# killed process has nothing at hand of what had been read or copied, which takes as long.
_ABANDONED_S, _ABANDONED_COPY_S = 1.0, 5.0
# How often the queries that run are looked at, in seconds, where limits are not shorter still.
_LOOK_S = 0.05
# How long to wait, in seconds, before another process is asked for where one ended before its first word.
_AGAIN_S = 0.02
_NONE_READY = "No query process is ready; try again in a moment."


class Pool(Placed):
    """Answers queries in processes that can be killed; all of it runs in one event loop."""

    def __init__(
        self, address: str, settings: Mapping[str, Any], *, on_disk: bool = False, copies: bool = False
    ):
        """`address` is the supervisor's socket; long answers are kept in files beside it. `copies` says
        whether processes make copies of much data."""
        self.name = f"pyoxigraph {'on disk' if on_disk else 'in memory'}, each query in a process of its own"
        self.address, self.folder = address, Path(address).parent
        self.places = Places(settings)
        self.deadline_s, self.patience_s = settings["QUERY_TIMEOUT_S"], settings["QUEUE_WAIT_S"]
        self.abandoned_s = min(_ABANDONED_COPY_S if copies else _ABANDONED_S, self.deadline_s / 2)
        self.looking = Look(min(_LOOK_S, self.deadline_s / 4), self._look)
        self.relay = _relay(settings)
        # All processes, and those that have nothing to do.
        self.owned: set[Process] = set()
        self.idle: list[Process] = []
        self.kills: Counter[str] = Counter()

    async def ask(self, question: Question, left: Left | None = None, client: str | None = None) -> Answer:
        """Answer a question, or say what ended it; `left` says whether nobody waits for it any more, and
        `client` who has asked."""
        frame = frames.question(question)
        # By then there must be a place and a process.
        until = asyncio.get_running_loop().time() + self.patience_s
        await self.places.take(client, left)
        try:
            # With the supervisor ends all that is idle, and may not have been seen to end.
            for _ in range(self.places.size + 1):
                with suppress(Unread):
                    return await self._asked(frame, left, until)
            raise Busy(_NONE_READY)
        finally:
            self.places.release(client)

    async def _asked(self, frame: bytes, left: Left | None, until: float) -> Answer:
        process = self._free() or await self._connected(until)
        self.looking.begin()
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
        abandoned_s = WATCH_AFTER_S if self.places.someone_waits else self.abandoned_s
        asked = [process for process in self.owned if process.awaited]
        for process in asked:
            age = now - process.since
            if age > self.deadline_s:
                self._kill(process, "timeout", out_of_time(self.deadline_s))
            elif age > abandoned_s and has_left(process.left):
                self._kill(process, "gone", gone())
            elif age > _LONG_S and not process.demoted:
                process.demote()
        return bool(asked)

    def _kill(self, process: Process, why: str, reason: Exception) -> None:
        self.kills[why] += 1
        process.kill(reason)

    def _free(self) -> Process | None:
        """A process that has nothing to do."""
        while self.idle:
            process = self.idle.pop()
            if process.alive:
                return process
        return None

    async def _connected(self, until: float) -> Process:
        """A process that was not there yet; Busy where there is none until then."""
        try:
            async with asyncio.timeout_at(until):
                while (process := await self._greeted()) is None:
                    self._require_service()
                    await asyncio.sleep(_AGAIN_S)
                return process
        except (OSError, TimeoutError):
            self._require_service()
            raise Busy(_NONE_READY) from None

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
        """Keep a process for the next query, unless it still goes behind the others."""
        if process.demoted:
            process.transport.close()
        if process.alive:
            self.idle.append(process)

    def _lost(self, process: Process) -> None:
        self.owned.discard(process)
        with suppress(ValueError):
            self.idle.remove(process)

    def _require_service(self) -> None:
        """Say so when the whole service is at its end, which takes its address away first."""
        if not Path(self.address).exists():
            raise Busy("The server is being stopped.") from None

    async def close(self) -> None:
        """Let go of all processes."""
        self.looking.end()
        self.places.close()
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
