"""Queries run in threads of this process: for an engine that keeps to its time by itself, as a remote one."""

import asyncio
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, BinaryIO, ClassVar

from exoreview.sparql.answers import Answer, Spool, Writing
from exoreview.sparql.engine import Engine, Question
from exoreview.sparql.places import Placed, Places
from exoreview.sparql.waiting import WATCH_AFTER_S, Left, gone


class Threads(Placed):
    """Answers queries by an engine in threads, as many at a time as there would be processes."""

    kills: ClassVar[dict[str, int]] = {}

    def __init__(self, engine: Engine, settings: Mapping[str, Any], folder: Path):
        """Long answers are kept in files in a folder."""
        self.engine, self.name, self.settings, self.folder = engine, engine.name, settings, folder
        self.executor = ThreadPoolExecutor(settings["WORKERS"], "query")
        self.places = Places(settings)

    async def ask(self, question: Question, left: Left | None = None, client: str | None = None) -> Answer:
        """Answer a question, or say what ended it; `left` says whether nobody waits for it any more, and
        `client` who has asked."""
        await self.places.take(client, left)
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self.executor, self._answered, question, left)
        finally:
            self.places.release(client)

    def _answered(self, question: Question, left: Left | None) -> Answer:
        spool = Spool(self.folder)
        out = Writing(question.format, question.coding, self.settings, spool.add)
        try:
            self.engine.write(question, _Watched(out, left) if left else out)
            digest, coding, size, body = out.finish()
            if spool.file:
                spool.add(body)
                body = b""
            return Answer(digest, coding, size, body, spool.take())
        finally:
            spool.drop()

    async def close(self) -> None:
        """Wait for nobody."""
        self.places.close()
        self.executor.shutdown(wait=False, cancel_futures=True)


class _Watched:
    """A writing that ends when nobody waits for it any more; an engine that waits writes nothing, often."""

    def __init__(self, out: BinaryIO, left: Left):
        self.out, self.left = out, left
        self.after = time.monotonic() + WATCH_AFTER_S

    def write(self, data: bytes) -> int:
        if time.monotonic() > self.after and self.left():
            raise gone()
        return self.out.write(data)

    def flush(self) -> None:
        """What is held is held by the writing."""
