"""The supervisor's process as the server sees it: started, watched, replaced when it dies, stopped."""

import asyncio
import fcntl
import json
import os
import select
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from threading import Event, Thread
from typing import Any, ClassVar

from pyoxigraph import Quad, serialize

from exoreview import media
from exoreview.problems import Refusal
from exoreview.sparql.answers import Answer
from exoreview.sparql.engine import Question
from exoreview.sparql.pool import Pool
from exoreview.sparql.supervisor import END
from exoreview.sparql.waiting import Left
from exoreview.terms import BASE

_SUPERVISOR = "exoreview.sparql.supervisor"
# What the pipe of reports holds, in bytes.
_PIPE_BYTES = 1 << 20

# A UNIX socket's path has 108 characters at most, of which the name takes some.
_LONGEST_FOLDER = 80

# By default glibc gives memory back to the system after each query and asks for it again with the next, which
# takes up to a third of a short one's time, and keeps only seven pieces of a size at hand, where a query
# takes hundreds; and what one thread has given back the next one shall take. Other systems ignore these.
_ALLOCATION = {
    "GLIBC_TUNABLES": "glibc.malloc.tcache_count=2000",
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_TRIM_THRESHOLD_": str(16 << 20),
    "MALLOC_TOP_PAD_": str(1 << 20),
    "MALLOC_MMAP_THRESHOLD_": str(4 << 20),
}


class Service:
    """The supervisor's process as the server sees it: started before any thread, started again if it dies."""

    def __init__(
        self,
        data: Sequence[Path],
        settings: dict[str, Any],
        quads: Iterable[Quad] = (),
        *,
        store: Path | None = None,
        base: str | None = None,
        module: str = _SUPERVISOR,
    ):
        """Answer from a store that was built in a folder, from files, from quads, or without any of them from
        the release. Relative IRIs of queries are resolved by `base`. Another `module` than the supervisor
        itself is one by which its processes can be lent connections too."""
        place = tempfile.gettempdir()
        place = place if len(place) < _LONGEST_FOLDER else "/tmp"
        self.folder = Path(tempfile.mkdtemp(prefix="exoreview-", dir=place))
        self.address = str(self.folder / "queries")
        if quads:
            # What has been loaded once need not be put together again, now or when a supervisor is replaced.
            data = [self.folder / "release.nq"]
            serialize(quads, data[0], format=media.NQUADS.engine)
        # The socket listens from the first moment: who connects early, or while a supervisor is replaced,
        # waits.
        self.listener = _listening(self.address)
        # At this address wait the processes that can be lent connections, and by this pipe they report.
        self.module, self.lent_address = module, f"{self.address}-lent"
        self.lends = self.on_disk = self.copies = False
        self.lending, self.reports = None, (None, None)
        if module != _SUPERVISOR and settings["ATTENDANTS"] and hasattr(select, "epoll"):
            self.lending, self.reports = _listening(self.lent_address), _pipe()
        self.order = {
            "data": [str(path) for path in data],
            "store": store and str(store),
            "base": base,
            "settings": settings,
            "folder": str(self.folder),
            "descriptor": self.listener.fileno(),
            "lending": self.lending.fileno() if self.lending else None,
            "reports": self.reports[1],
        }
        self.stopping = Event()
        self.process = self._start()

    def _start(self) -> subprocess.Popen:
        return subprocess.Popen(
            # A file in the current folder must not stand in for a module (-P).
            [sys.executable, "-P", "-m", self.module, json.dumps(self.order)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=_ALLOCATION | os.environ,
            pass_fds=[self.order[name] for name in ("descriptor", "lending", "reports") if self.order[name]],
        )

    def ready(self) -> dict[str, int]:
        """Wait until the data is loaded: the number of triples of every graph (the default graph's under the
        empty text), or a Refusal. From then on `lends` says whether there are processes to lend to,
        `on_disk` whether they answer from disk, and `copies` whether each makes a copy of much data."""
        line = self.process.stdout.readline()
        said = json.loads(line) if line else {"refusal": "The process that answers queries did not start."}
        if "refusal" in said:
            raise Refusal(said["refusal"])
        self.lends, self.on_disk, self.copies = said["lends"], said["on_disk"], said["copies"]
        return said["sizes"]

    def watch(self) -> None:
        """Replace the supervisor whenever it dies."""
        Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        while True:
            self.process.wait()
            if self.stopping.wait(0.2):
                return
            self._close_pipes()
            self.process = self._start()

    def _close_pipes(self) -> None:
        for pipe in (self.process.stdin, self.process.stdout):
            with suppress(OSError):
                pipe.close()

    def stop(self) -> None:
        """End the supervisor and its processes, and leave nothing behind; a second time does nothing."""
        self.stopping.set()
        for address in (self.address, self.lent_address):
            with suppress(OSError):
                Path(address).unlink()
        # The end of its pipe would come only with the end of the web process, which has a copy.
        self.process.send_signal(END)
        self._close_pipes()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.listener.close()
        if self.lending:
            self.lending.close()
            for end in self.reports:
                os.close(end)
        shutil.rmtree(self.folder, ignore_errors=True)


def _listening(address: str) -> socket.socket:
    """A UNIX socket that is listened on."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(address)
    listener.listen(128)
    return listener


def _pipe() -> tuple[int, int]:
    """A pipe that holds what many processes write between two looks."""
    ends = os.pipe()
    with suppress(OSError):
        fcntl.fcntl(ends[1], fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
    return ends


@asynccontextmanager
async def running(
    settings: dict[str, Any], data: Sequence[Path] = (), quads: Iterable[Quad] = ()
) -> AsyncIterator[Pool]:
    """A pool with a supervisor of its own, for as long as it is needed; without files over the release, which
    need not be loaded once more where its quads are given."""
    service = Service(data, settings, quads, base=None if data else BASE)
    try:
        await asyncio.to_thread(service.ready)
        service.watch()
        pool = Pool(service.address, settings)
        try:
            yield pool
        finally:
            await pool.close()
    finally:
        service.stop()


class OnDemand:
    """A pool over the release whose supervisor starts with the first query: most requests need none."""

    name = "pyoxigraph, started by the first query"
    busy = queued = 0
    kills: ClassVar[dict[str, int]] = {}

    def __init__(self, settings: dict[str, Any]):
        self.settings = settings
        self.stack = AsyncExitStack()
        self.pool: Pool | None = None

    async def ask(self, question: Question, left: Left | None = None, client: str | None = None) -> Answer:
        """Answer a question."""
        if self.pool is None:
            self.pool = await self.stack.enter_async_context(running(self.settings))
        return await self.pool.ask(question, left, client)

    async def close(self) -> None:
        """End the supervisor, if it was started."""
        await self.stack.aclose()
