"""Queries run where they can be killed: the engine behind the supervisor's processes.

A `Pool` owns as many connections as there are processes that may be busy, each to a process of its own. The
deadline of a query is the time-out of that connection; what overruns it is killed by SIGKILL, and only
that.
"""

import json
import os
import queue
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from threading import Event, Thread
from typing import Any

from pyoxigraph import Quad, serialize

from exoreview import media
from exoreview.problems import Refusal
from exoreview.sparql.engine import Answer, Question
from exoreview.sparql.outcomes import Busy, QueryError, Stopped, Timeout, TooLarge
from exoreview.sparql.supervisor import ANSWER, FAILED, OK, QUESTION, TOO_LARGE, WRONG, encode, receive

# A UNIX socket's path has 108 characters at most, of which the name takes some.
_LONGEST_FOLDER = 80


class _Process:
    """A connection to one process that answers queries."""

    def __init__(self, address: str, patience: float):
        self.connection = socket.socket(socket.AF_UNIX)
        try:
            self.connection.settimeout(patience)
            self.connection.connect(address)
            (length,) = QUESTION.unpack(receive(self.connection, QUESTION.size))
            (self.pid,) = json.loads(receive(self.connection, length))
        except BaseException:
            self.connection.close()
            raise

    def alive(self) -> bool:
        """Whether it still listens; the end of its connection is all that can be waiting here."""
        self.connection.setblocking(False)
        try:
            return bool(self.connection.recv(1, socket.MSG_PEEK))
        except BlockingIOError:
            return True
        except OSError:
            return False

    def ask(self, frame: bytes, seconds: float) -> tuple[int, bytes]:
        """Send a frame and await the whole answer; TimeoutError when it takes longer."""
        deadline = time.monotonic() + seconds
        self.connection.settimeout(seconds)
        self.connection.sendall(frame)
        outcome, length = ANSWER.unpack(receive(self.connection, ANSWER.size))
        parts, missing = [], length
        while missing:
            self.connection.settimeout(max(deadline - time.monotonic(), 0.001))
            part = self.connection.recv(min(missing, 1 << 20))
            if not part:
                raise EOFError
            parts.append(part)
            missing -= len(part)
        return outcome, b"".join(parts)

    def kill(self) -> None:
        """End it, whatever it is doing."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        self.connection.close()


class Pool:
    """The engine that a server uses: each query in a process that can be killed."""

    name = "pyoxigraph in memory, each query in a process of its own"

    def __init__(self, address: str, settings: dict[str, Any]):
        self.address, self.timeout = address, settings["QUERY_TIMEOUT_S"]
        self.patience = settings["QUEUE_WAIT_S"]
        self.free: queue.LifoQueue[_Process | None] = queue.LifoQueue()
        for _ in range(max(1, settings["WORKERS"])):
            self.free.put(None)

    def query(self, question: Question) -> Answer:
        """Answer a question, or say what ended it."""
        frame = encode(question)
        process = self._take()
        try:
            outcome, body = process.ask(frame, self.timeout)
        except TimeoutError:
            process.kill()
            process = None
            raise Timeout(
                f"The query was stopped after {self.timeout:g} seconds, the limit here; "
                "narrow it down, or download the data and ask at home."
            ) from None
        except (EOFError, OSError):
            process.kill()
            process = None
            self._require_service()
            raise Stopped(
                "The query ended the process that answered it: it asks for more memory than one query "
                "may have, or nests too deeply."
            ) from None
        except BaseException:
            process.kill()
            process = None
            raise
        finally:
            self.free.put(process)
        return _read(outcome, body)

    def close(self) -> None:
        """Let go of the processes that are idle."""
        with suppress(queue.Empty):
            while True:
                process = self.free.get_nowait()
                if process:
                    process.connection.close()

    def _take(self) -> _Process:
        try:
            process = self.free.get(timeout=self.patience)
        except queue.Empty:
            raise Busy("All query processes are busy; try again in a moment.") from None
        if process and process.alive():
            return process
        if process:
            process.connection.close()
        try:
            return _Process(self.address, self.patience)
        except (OSError, EOFError):
            self.free.put(None)
            self._require_service()
            raise Busy("No query process is ready; try again in a moment.") from None

    def _require_service(self) -> None:
        """Say so when the whole service is at its end, which takes its address away first."""
        if not Path(self.address).exists():
            raise Busy("The server is being stopped.") from None


def _read(outcome: int, body: bytes) -> Answer:
    if outcome == OK:
        name, _, content = body.partition(b"\n")
        return Answer(content, media.BY_NAME[name.decode()])
    if outcome == WRONG:
        raise QueryError(*json.loads(body))
    if outcome == FAILED:
        raise RuntimeError(body.decode())
    raise (TooLarge if outcome == TOO_LARGE else Stopped)(body.decode())


class Service:
    """The supervisor's process as the server sees it: started before any thread, started again if it dies."""

    def __init__(self, data: Sequence[Path], settings: dict[str, Any], quads: Iterable[Quad] = ()):
        """Answer from files or, without any, from quads or, without those, from the release."""
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
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.address)
        self.listener.listen(128)
        self.order = {
            "data": [str(path) for path in data],
            "settings": settings,
            "folder": str(self.folder),
            "descriptor": self.listener.fileno(),
        }
        self.stopping = Event()
        self.process = self._start()

    def _start(self) -> subprocess.Popen:
        return subprocess.Popen(
            # A file in the current folder must not stand in for a module (-P).
            [sys.executable, "-P", "-m", "exoreview.sparql.supervisor", json.dumps(self.order)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            pass_fds=[self.listener.fileno()],
        )

    def ready(self) -> int:
        """Wait until the data is loaded: the number of triples of the default graph, or a Refusal."""
        line = self.process.stdout.readline()
        said = json.loads(line) if line else {"refusal": "The process that answers queries did not start."}
        if "refusal" in said:
            raise Refusal(said["refusal"])
        return said["size"]

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
        with suppress(OSError):
            Path(self.address).unlink()
        # The end of its pipe would come only with the end of the web process, which has a copy.
        self.process.terminate()
        self._close_pipes()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.listener.close()
        shutil.rmtree(self.folder, ignore_errors=True)


@contextmanager
def running(data: Sequence[Path], settings: dict[str, Any]) -> Iterator[Pool]:
    """A pool with a supervisor of its own, for as long as it is needed."""
    service = Service(data, settings)
    try:
        service.ready()
        pool = Pool(service.address, settings)
        try:
            yield pool
        finally:
            pool.close()
    finally:
        service.stop()


class OnDemand:
    """A pool whose supervisor starts with the first query: most requests need none."""

    name = Pool.name

    def __init__(self, data: Sequence[Path], settings: dict[str, Any]):
        self.data, self.settings = data, settings
        self.stack = ExitStack()
        self.pool: Pool | None = None

    def query(self, question: Question) -> Answer:
        """Answer a question."""
        if self.pool is None:
            self.pool = self.stack.enter_context(running(self.data, self.settings))
        return self.pool.query(question)

    def __enter__(self) -> "OnDemand":
        return self

    def __exit__(self, *_) -> None:
        self.stack.close()
