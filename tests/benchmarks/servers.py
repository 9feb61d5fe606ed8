"""A running peer: started in a session of its own, watched, asked, and ended with all that it started."""

import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from threading import Event, Thread
from urllib.parse import quote

from pyoxigraph import RdfFormat, parse

from benchmarks.peers import Missing, Peer, Place, environment

# More resident memory than this ends a peer, in bytes.
MEMORY_MAX = 12 * 10**9

# A client waits so long for an answer, in seconds: twice the limit of a query.
CLIENT_S = 20

BINDINGS = "application/sparql-results+json"
GRAPHS = "application/n-triples, application/n-quads;q=0.9, text/turtle;q=0.5"

READY = "SELECT ?s WHERE { ?s ?p ?o } LIMIT 1"
_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True)
class Reply:
    """What a peer answered, and how long it took in seconds; status 0 and a reason when nothing came."""

    status: int
    media_type: str
    body: bytes
    seconds: float

    def count(self) -> int | None:
        """How many rows or triples it holds, or None when it is no answer."""
        if self.status != 200:
            return None
        with suppress(SyntaxError, ValueError, KeyError):
            if self.media_type == BINDINGS:
                # Read as JSON, because some peers put more into it than the format has.
                return len(json.loads(self.body)["results"]["bindings"])
            if format := RdfFormat.from_media_type(self.media_type):
                return len({quad.triple for quad in parse(self.body, format=format)})
        return None

    def said(self) -> str:
        """Status and the beginning of what was said, for a report."""
        words = " ".join(self.body[:120].decode(errors="replace").split())
        return f"{self.status} {words}" if self.status else words


class Server:
    """A peer over data, from its start to its end. Missing says why it could not be started."""

    def __init__(self, peer: Peer, installed: Path, work: Path, data: Path, limit_s: float):
        work.mkdir(parents=True)
        self.peer, self.limit_s = peer, limit_s
        self.place = Place(installed, work, free_ports(), data)
        self.load_s = self.start_s = 0.0
        self.ended: str | None = None
        self._stop = Event()
        self.log = (work / "log").open("wb")
        self.process: subprocess.Popen | None = None
        try:
            self._start()
        except BaseException:
            self.stop()
            raise

    def _start(self) -> None:
        begun = time.monotonic()
        self.peer.prepare(self.place)
        self.load_s = time.monotonic() - begun
        begun = time.monotonic()
        self.process = subprocess.Popen(
            self.peer.command(self.place),
            cwd=self.place.work,
            stdout=self.log,
            stderr=self.log,
            stdin=subprocess.DEVNULL,
            env=environment(),
            start_new_session=True,
        )
        Thread(target=self._watch, daemon=True).start()
        self._wait(lambda: self.ask("ASK {}", seconds=5).status, begun)
        self.peer.started(self.place)
        # A peer that loads when it is first asked is asked with patience.
        self._wait(lambda: self.ask(READY, seconds=self.limit_s).count() == 1, begun)
        self.start_s = time.monotonic() - begun

    def _wait(self, ready, begun: float) -> None:
        while not ready():
            self.require_alive()
            if time.monotonic() - begun > self.limit_s:
                raise Missing(f"no answer within {self.limit_s:.0f} s of its start")
            time.sleep(0.1)
        if time.monotonic() - begun > self.limit_s:
            raise Missing(f"no answer within {self.limit_s:.0f} s of its start")

    def require_alive(self) -> None:
        """Raise Missing with the reason if the peer has ended."""
        if self.ended is None and self.process.poll() is not None:
            self.log.flush()
            lines = (self.place.work / "log").read_text("utf-8", "replace").strip().splitlines()
            last = (lines or ["nothing"])[-1][:160]
            self.ended = f"it ended with status {self.process.returncode}; its last words: {last}"
        if self.ended:
            raise Missing(self.ended)

    def url(self, accept: str = BINDINGS) -> str:
        """The address of its endpoint."""
        return f"http://127.0.0.1:{self.place.port}{self.peer.path}"

    def ask(self, text: str, accept: str = BINDINGS, seconds: float = CLIENT_S) -> Reply:
        """Ask one query by GET, and wait so long."""
        begun = time.monotonic()
        connection = HTTPConnection("127.0.0.1", self.place.port, timeout=seconds)
        try:
            path = f"{self.peer.path}?query={quote(text, safe='')}"
            connection.request("GET", path, headers={"Accept": accept})
            reply = connection.getresponse()
            body, kind = reply.read(), reply.headers.get_content_type()
            return Reply(reply.status, kind, body, time.monotonic() - begun)
        except TimeoutError:
            reason = f"no answer within {seconds:.0f} s"
        except (OSError, HTTPException) as error:
            reason = f"connection closed without an answer ({type(error).__name__})"
        finally:
            connection.close()
        return Reply(0, "", reason.encode(), time.monotonic() - begun)

    def processes(self) -> list[int]:
        """All processes of its session."""
        if self.process is None:
            return []
        return [pid for pid, fields in stats() if int(fields[3]) == self.process.pid]

    def cpu_s(self, processes: list[int] | None = None) -> float:
        """CPU time that its processes, or some of them, have used, in seconds."""
        mine = set(self.processes() if processes is None else processes)
        return sum(int(fields[11]) + int(fields[12]) for pid, fields in stats() if pid in mine) / _TICKS

    def resident(self) -> int:
        """Bytes in memory, what processes share counted once."""
        total = 0
        for pid in self.processes():
            with suppress(OSError):
                for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                    if line.startswith("Pss:"):
                        total += int(line.split()[1]) * 1024
        return total

    def settle(self, seconds: float) -> bool:
        """Wait until it has stopped working, at most so long; whether it has."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            before = self.cpu_s()
            time.sleep(0.2)
            if self.cpu_s() - before < 0.05:
                return True
        return False

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Let it go on, and have it stand still afterwards: some work on for minutes at what nobody waits
        for, at the cost of whose turn is next."""
        self._signal(signal.SIGCONT)
        try:
            yield
        finally:
            self._signal(signal.SIGSTOP)

    def _watch(self) -> None:
        """End the peer when it takes too much memory."""
        while not self._stop.wait(1):
            mine = (fields for _, fields in stats() if int(fields[3]) == self.process.pid)
            rough = sum(int(fields[21]) * _PAGE for fields in mine)
            if rough > MEMORY_MAX and self.resident() > MEMORY_MAX:
                self.ended = f"it took more than {MEMORY_MAX / 10**9:.0f} GB of memory"
                self._signal(signal.SIGKILL)
                return

    def _signal(self, number: signal.Signals) -> None:
        """Send a signal to all its processes."""
        for pid in self.processes():
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    def stop(self) -> None:
        """End it and everything that it started."""
        self._stop.set()
        if self.process is not None:
            self.process.terminate()
            self._signal(signal.SIGCONT)
            try:
                self.process.wait(3)
            except subprocess.TimeoutExpired:
                self.process.kill()
            self._signal(signal.SIGKILL)
            self.process.wait(10)
        self.log.close()


def stats() -> Iterator[tuple[int, list[str]]]:
    """Every process with what /proc/PID/stat has after its name: state, parent, group, session …"""
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            yield int(path.parent.name), path.read_text().rpartition(")")[2].split()


def free_ports() -> int:
    """A port that is free, and so is the next, for a peer that needs two."""
    while True:
        with socket.socket() as probe, socket.socket() as other:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
            with suppress(OSError, OverflowError):
                other.bind(("127.0.0.1", port + 1))
                return port
