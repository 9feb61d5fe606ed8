"""A process that answers questions: what it may not do, and its answers to one question after another.

It questions the engine in a thread, because a priority that was taken from one cannot be given back: once a
long query has gone behind the others a new thread goes on, and the process keeps what it has read.
"""

import ctypes
import mmap
import os
import resource
import select
import signal
import socket
import sys
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from threading import Thread, get_native_id, stack_size
from typing import Any

from exoreview.federation import Federation, calls
from exoreview.federation.calls import Call, Reply
from exoreview.sparql import frames, room
from exoreview.sparql.answers import Writing
from exoreview.sparql.engine import Embedded, Question
from exoreview.sparql.outcomes import QueryError, Stopped

# What a process does on its connection.
Work = Callable[[socket.socket, int, Embedded, dict[str, Any]], None]

# Only there does each thread have a priority of its own.
_LINUX = sys.platform == "linux"
_MB = 1024 * 1024

# A process that has not been killed from outside ends itself this long after the deadline.
_GRACE_S = 1.0

# What a thread has for its calls, in bytes: as much as the first of a process by default. There are two for
# the moment in which one takes over.
_STACK_BYTES, _STACKS = 8 << 20, 2


def confine(memory_mb: int, files: int, *, lent: int = 0) -> None:
    """Take away what a query must not have: memory without end, core dumps, files and sockets beyond those
    that the store has to open yet. A process that connections are lent to can allow itself files for them."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # Who wakes it with a question shall go on, not make way for it: the web server has others to answer, and
    # a switch for each question cost a sixth of the answers.
    with suppress(AttributeError, OSError):
        if not lent:
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
    # Where the whole machine runs out of memory, its kernel shall end this process, not the supervisor.
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("500")
    # What runs out of memory dies with a page of complaint that says nothing to the one who runs the server.
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 2)
    os.close(silence)
    if held := room.data():
        limit = held + memory_mb * _MB + _STACKS * _STACK_BYTES
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
    more = files + lent
    most = max(int(path.name) for path in Path("/proc/self/fd").iterdir()) + 1 + more if more else 0
    resource.setrlimit(resource.RLIMIT_NOFILE, (most if files else 0, most))


def answer_all(connection: socket.socket, lifeline: int, engine: Embedded, settings: dict[str, Any]) -> None:
    """Answer one question after another until the connection or the supervisor ends."""
    engine.federation = _federation(connection, settings)
    stack_size(_STACK_BYTES)
    questions, owed = Questions(connection, lifeline, engine, settings), b""
    while owed is not None:
        # A thread has the priority of the one that starts it, so this one never asks the engine itself.
        try:
            Thread(target=questions.answer, args=(owed,), daemon=True).start()
        except RuntimeError:
            # The system has none to give; what is owed is sent, and this process not asked again.
            connection.sendall(owed)
            return
        owed = questions.left.get()


class Questions:
    """The questions that come by a connection, and the threads that answer them in turn."""

    def __init__(self, connection: socket.socket, lifeline: int, engine: Embedded, settings: dict[str, Any]):
        self.connection, self.engine, self.settings = connection, engine, settings
        self.incoming, self.watched = frames.Incoming(connection), [connection.fileno(), lifeline]
        self.lifeline = lifeline
        # What a thread that is at its end leaves to the next one: the frame that is still to be sent, or None
        # where nothing more will be.
        self.left: SimpleQueue[bytes | None] = SimpleQueue()

    def answer(self, owed: bytes) -> None:
        """Send what is owed, and answer in this thread until it has been sent behind the others."""
        left, number, priority = None, get_native_id() if _LINUX else os.getpid(), _priority()
        try:
            self._send(frames.pack(frames.THREAD, str(number).encode()) + owed)
            if owed:
                trim()
            while (frame := self._next()) is not None:
                if _LINUX and _priority() != priority and self._has_room():
                    left = frame
                    return
                self._send(frame)
        except (EOFError, OSError):
            pass
        finally:
            self.left.put(left)

    def _has_room(self) -> bool:
        """Whether another query could still have half of the memory that one may have: glibc keeps the
        addresses of what was freed."""
        with suppress(OSError):
            private = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS
            mmap.mmap(-1, self.settings["QUERY_MEMORY_MB"] * _MB // 2, flags=private).close()
            return True
        return False

    def _send(self, frame: bytes) -> None:
        """Send the last frame of an answer: with it the deadline is met."""
        self.connection.sendall(frame)
        signal.setitimer(signal.ITIMER_REAL, 0)

    def _next(self) -> bytes | None:
        """The last frame of the answer to the next question; None where the supervisor has ended."""
        if self.lifeline in select.select(self.watched, (), ())[0]:
            return None
        _, content = self.incoming.next()
        # The default action of SIGALRM ends the process even while the engine holds it: the deadline holds
        # when nobody is left who could kill it.
        signal.setitimer(signal.ITIMER_REAL, self.settings["QUERY_TIMEOUT_S"] + _GRACE_S)
        return self._answered(frames.asked(content))

    def _answered(self, question: Question) -> bytes:
        """Evaluate a query, send what is long piece by piece, and return the last frame."""

        def onward(piece: bytes) -> None:
            self.connection.sendall(frames.pack(frames.PIECE, piece))

        out = Writing(question.format, question.coding, self.settings, onward)
        try:
            self.engine.write(question, out)
            return frames.complete(*out.finish())
        except (QueryError, Stopped) as error:
            return frames.ended(error)
        except MemoryError:
            return frames.ended(Stopped("The query needs more memory than one query may have."))
        except Exception:
            return frames.ended(RuntimeError(traceback.format_exc()))


def trim() -> None:
    """Give memory back that a long query has used and freed: between pieces that are still used glibc keeps
    it, and other systems have no such call."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


def _priority() -> int:
    """The priority of this thread."""
    return os.getpriority(os.PRIO_PROCESS, 0)


def _federation(connection: socket.socket, settings: dict[str, Any]) -> Federation | None:
    """What answers SERVICE, where some endpoints are allowed: the server asks them, this process cannot."""

    def ask(asked: Sequence[Call]) -> list[Reply]:
        connection.sendall(frames.pack(frames.CALLS, calls.pack_calls(asked)))
        return calls.unpack_replies(frames.Incoming(connection).next()[1])

    allowed = calls.endpoints(settings["SERVICE_ALLOW"])
    return Federation(allowed, ask) if allowed else None
