"""The supervisor: one single-threaded process that holds the store and forks those that answer queries.

It is started as `python -m exoreview.sparql.supervisor` with a listening UNIX socket as descriptor and a
pipe as standard input. Each forked process accepts one connection, takes away its own means (memory, files,
sockets) and answers one question after another until the connection ends or somebody kills it; the
supervisor then forks the next one over the same store. Whoever starts it as another module can have processes
do other work, for which they are asked by a second socket. Nobody's memory but the dead process's is touched.
When the pipe ends, because the server stopped or died, all of them end.
"""

import gc
import json
import os
import select
import shutil
import signal
import socket
import sys
import time
import traceback
from collections import deque
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from pyoxigraph import Store

from exoreview.problems import Refusal
from exoreview.sparql import disk, frames, hugepages, room, worker
from exoreview.sparql.engine import Embedded
from exoreview.sparql.stores import sizes, store_of_files
from exoreview.sparql.worker import Work

# The signal by which the server ends the supervisor.
END = signal.SIGUSR1

# The sockets that a process may be asked by, each with what it does then.
Doors = dict[socket.socket, Work]

# So many connections may be lent to a process, and so many files it may have for them and for itself.
MOST_LENT = 64
_LENT_FILES = MOST_LENT + 16

# Reading data in memory writes to it, so that each process comes to hold a copy. Where all these would take
# more than this part of the memory there is, there are no processes to lend to; where those of the others
# would, none makes its copy before it reads. To do so is worth it from so many bytes on.
_MOST_OF_MEMORY, _MUCH_BYTES = 3 / 4, 64 << 20


def _live(doors: Doors, lifeline: int, engine: Embedded, settings: dict[str, Any]) -> None:
    """The life of a forked process: one connection, and what it is there for by the door that it came in."""
    connection = None
    while connection is None:
        ready, _, _ = select.select([*doors, lifeline], [], [])
        if lifeline in ready:
            return
        # Another process may have been faster.
        with suppress(BlockingIOError, ConnectionError):
            connection, _ = ready[0].accept()
    work = doors[ready[0]]
    connection.setblocking(True)
    lent = 0 if work is worker.answer_all else _LENT_FILES
    if settings["COPIES"]:
        copying = hugepages.collapse(lifeline)
        if lent:
            # Others answer until it is as quick as it will be.
            copying.join()
    worker.confine(settings["QUERY_MEMORY_MB"], settings["UNOPENED"], lent=lent)
    connection.sendall(frames.pack(frames.HELLO, str(os.getpid()).encode()))
    work(connection, lifeline, engine, settings)


def _fork(doors: Doors, lifeline: tuple[int, int], engine: Embedded, settings: dict) -> int:
    pid = os.fork()
    if pid:
        return pid
    status = 1
    try:
        signal.set_wakeup_fd(-1)
        for number in (END, signal.SIGCHLD):
            signal.signal(number, signal.SIG_DFL)
        os.close(lifeline[1])
        with suppress(EOFError, OSError):
            _live(doors, lifeline[0], engine, settings)
        status = 0
    except Exception:
        traceback.print_exc()
    finally:
        # Nothing of the supervisor's may run here, neither handlers nor the flushing of its buffers.
        os._exit(status)


def processes(settings: dict[str, Any], *, lends: bool) -> int:
    """How many there are: one more than can be busy takes the place of a killed one at once."""
    return settings["WORKERS"] + 1 + (settings["ATTENDANTS"] if lends else 0)


def _has_room(copy: int, settings: dict[str, Any], *, lends: bool) -> bool:
    """Whether each process can have a copy of the data, of so many bytes."""
    return copy * processes(settings, lends=lends) <= room.available() * _MOST_OF_MEMORY


class Supervisor:
    """Keeps a number of processes alive over one store until its standard input ends."""

    def __init__(self, engine: Embedded, doors: Doors, settings: dict[str, Any]):
        self.engine, self.doors, self.settings = engine, doors, settings
        self.wanted = processes(settings, lends=len(doors) > 1)
        self.children: set[int] = set()
        self.born: deque[float] = deque(maxlen=50)
        self.lifeline = os.pipe()
        self.stopping = False

    def run(self) -> None:
        wake_read, wake_write = os.pipe()
        os.set_blocking(wake_write, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(END, self._stop)
        signal.set_wakeup_fd(wake_write, warn_on_full_buffer=False)
        for door in self.doors:
            door.setblocking(False)
        gc.collect()
        gc.freeze()
        while not self.stopping:
            wait = self._fill()
            ready, _, _ = select.select([wake_read, sys.stdin.fileno()], [], [], wait)
            if wake_read in ready:
                os.read(wake_read, 4096)
            if sys.stdin.fileno() in ready and not os.read(sys.stdin.fileno(), 4096):
                break
            self._reap()
        self._end()

    def _stop(self, *_) -> None:
        self.stopping = True

    def _fill(self) -> float | None:
        """Fork what is missing; where that fails, or is in vain, say how long to wait before the next try."""
        try:
            while len(self.children) < self.wanted:
                if len(self.born) == self.born.maxlen and time.monotonic() - self.born[0] < 1:
                    return 0.1
                self.born.append(time.monotonic())
                self.children.add(_fork(self.doors, self.lifeline, self.engine, self.settings))
        except OSError:
            return 0.5
        return None

    def _reap(self) -> None:
        with suppress(ChildProcessError):
            while (pid := os.waitpid(-1, os.WNOHANG)[0]) != 0:
                self.children.discard(pid)

    def _end(self) -> None:
        """Idle processes see the end of the lifeline; what still computes gets a moment, then SIGKILL."""
        signal.signal(END, signal.SIG_IGN)
        os.close(self.lifeline[1])
        until = time.monotonic() + 0.5
        while self.children and time.monotonic() < until:
            self._reap()
            time.sleep(0.01)
        for pid in self.children:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for pid in self.children:
            with suppress(ChildProcessError):
                os.waitpid(pid, 0)


class Held(NamedTuple):
    """What is answered from: the store, the sizes of its graphs, whether it is on disk, and how many files a
    query may have to open there yet."""

    store: Store
    sizes: dict[str, int]
    on_disk: bool = False
    unopened: int = 0


def _held(order: dict[str, Any]) -> Held:
    """A store that was built, files, or without any the release."""
    if order["store"]:
        folder = Path(order["store"])
        held = disk.check(folder).sizes
        if sum(held.values()) <= order["settings"]["STORE_MEMORY_MAX"]:
            return Held(disk.read_whole(folder), held)
        return Held(disk.open_read_only(folder), held, True, disk.unopened(folder))
    if order["data"]:
        store = store_of_files([Path(name) for name in order["data"]])
    else:
        from exoreview.release import Release

        store = Store()
        store.extend(Release.load().quads())
    return Held(store, sizes(store))


def main(attend: Work | None = None) -> int:
    """Load, say so on standard output, and supervise; what cannot be loaded is said there too. To `attend` is
    the work of a process that is lent connections."""
    # A terminal and systemd send these to everybody; the server ends this process once no answer is owed.
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    order = json.loads(sys.argv[1])
    settings = order["settings"]
    try:
        before = room.resident()
        held = _held(order)
        copy = room.resident() - before
        limits = {"max_nesting": settings["QUERY_MAX_NESTING"], "max_rows": settings["RESULT_MAX_ROWS"]}
        engine = Embedded(held.store, base=order["base"], **limits)
        doors = {socket.socket(fileno=order["descriptor"]): worker.answer_all}
        lends = order["lending"] and (held.on_disk or _has_room(copy, settings, lends=True))
        if lends:
            doors[socket.socket(fileno=order["lending"])] = attend
        copies = not held.on_disk and copy > _MUCH_BYTES and _has_room(copy, settings, lends=bool(lends))
        more = {"UNOPENED": held.unopened, "REPORTS": order["reports"], "COPIES": copies}
        supervisor = Supervisor(engine, doors, settings | more)
    except Refusal as refusal:
        print(json.dumps({"refusal": str(refusal)}), flush=True)
        return 1
    said = {"sizes": held.sizes, "on_disk": held.on_disk, "lends": bool(lends), "copies": copies}
    print(json.dumps(said), flush=True)
    supervisor.run()
    # The server removes the folder of its socket itself, unless it was killed.
    shutil.rmtree(order["folder"], ignore_errors=True)
    # To give millions of triples back one by one takes longer than anybody waits for an end.
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main())
