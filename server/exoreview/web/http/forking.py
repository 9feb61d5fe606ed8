"""A process that is started again whenever it ends by itself, until a signal ends both."""

import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import suppress

# A process that ends sooner than this after its start is given a pause before the next, in seconds.
_TOO_SOON_S = 1.0


def keep(
    work: Callable[[int], None],
    *,
    started: Callable[[], None],
    stopping: Callable[[], None],
    patience_s: float,
    signals: tuple,
) -> None:
    """Do `work` in a forked process, and again whenever that ends, until one of the signals comes; then pass
    it on and wait so long for the end.

    Work is given a pipe that ends with this process. `started` is called after the first fork, which threads
    would not survive, and `stopping` when the end begins."""
    first, ending, pid, (lifeline, held) = True, False, 0, os.pipe()

    def stop(number: int, _) -> None:
        nonlocal ending
        if not ending:
            ending = True
            stopping()
            signal.setitimer(signal.ITIMER_REAL, patience_s)
        _kill(pid, number)

    for number in signals:
        signal.signal(number, stop)
    signal.signal(signal.SIGALRM, lambda *_: _kill(pid, signal.SIGKILL))
    while not ending:
        begun = time.monotonic()
        # What comes while there are two of us must find either of them whole.
        signal.pthread_sigmask(signal.SIG_BLOCK, signals)
        pid = os.fork()
        if pid == 0:
            os.close(held)
            _work(work, lifeline, signals)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, signals)
        if ending:
            # The signal came just before.
            _kill(pid, signal.SIGTERM)
        if first:
            first = False
            started()
        os.waitpid(pid, 0)
        pid = 0
        if not ending and time.monotonic() - begun < _TOO_SOON_S:
            time.sleep(_TOO_SOON_S)
    signal.setitimer(signal.ITIMER_REAL, 0)
    os.close(held)
    os.close(lifeline)


def _kill(pid: int, number: int) -> None:
    # It may have ended just now.
    with suppress(ProcessLookupError):
        if pid:
            os.kill(pid, number)


def _work(work: Callable[[int], None], lifeline: int, signals: tuple) -> None:
    status = 1
    try:
        for number in (*signals, signal.SIGALRM):
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, signals)
        work(lifeline)
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        # Nothing of the first process's may run here, whatever becomes of the last words.
        try:
            sys.stderr.flush()
        finally:
            os._exit(status)
