"""Queries run in threads of this process: for an engine that keeps to its time by itself, as a remote one."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, BinaryIO

from exoreview.sparql.answers import Answer, Spool, Writing
from exoreview.sparql.engine import Engine, Question
from exoreview.sparql.outcomes import Busy, Gone
from exoreview.sparql.waiting import WATCH_AFTER_S, Delay, Watch


class Threads:
    """Answers queries by an engine in threads, as many at a time as there would be processes."""

    def __init__(self, engine: Engine, settings: Mapping[str, Any], folder: Path):
        """Long answers are kept in files in a folder."""
        self.engine, self.name, self.settings, self.folder = engine, engine.name, settings, folder
        self.executor = ThreadPoolExecutor(settings["WORKERS"], "query")
        self.places = asyncio.Semaphore(settings["WORKERS"])
        self.busy = self.queued = 0
        self.kills: dict[str, int] = {}
        self.unwatched = Delay(WATCH_AFTER_S)

    async def ask(self, question: Question, gone: Callable[[], Awaitable] | None = None) -> Answer:
        """Answer a question, or say what ended it; `gone` ends when nobody waits for the answer any more."""
        await self._place()
        watch, out = gone and Watch(gone, self.unwatched), _Ended()
        if watch:
            watch.then(out.end)
        self.busy += 1
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self.executor, self._answered, question, out)
        finally:
            self.busy -= 1
            self.places.release()
            if watch:
                watch.end()

    async def _place(self) -> None:
        if self.queued >= self.settings["QUEUE_MAX"]:
            raise Busy(f"{self.queued} queries are waiting already; try again in a moment.")
        self.queued += 1
        try:
            async with asyncio.timeout(self.settings["QUEUE_WAIT_S"]):
                await self.places.acquire()
        except TimeoutError:
            raise Busy("Too many queries are under way; try again in a moment.") from None
        finally:
            self.queued -= 1

    def _answered(self, question: Question, ended: "_Ended") -> Answer:
        spool = Spool(self.folder)
        out = Writing(question.format, question.coding, self.settings, spool.add)
        try:
            self.engine.write(question, ended.guarding(out))
            digest, coding, size, body = out.finish()
            if spool.file:
                spool.add(body)
                body = b""
            return Answer(digest, coding, size, body, spool.take())
        finally:
            spool.drop()

    async def close(self) -> None:
        """Wait for nobody."""
        self.executor.shutdown(wait=False, cancel_futures=True)


class _Ended:
    """A flag that ends a writing from outside."""

    def __init__(self):
        self.set = False
        self.out: BinaryIO | None = None

    def end(self) -> None:
        self.set = True

    def guarding(self, out: BinaryIO) -> "_Ended":
        self.out = out
        return self

    def write(self, data: bytes) -> int:
        if self.set:
            raise Gone("The client has hung up.")
        return self.out.write(data)

    def flush(self) -> None:
        """What is held is held by the writing."""
