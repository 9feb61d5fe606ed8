"""What both kinds of engines need while a query runs: the sentences of its end, and a regular look at it."""

import asyncio
from collections.abc import Callable

from exoreview.sparql.outcomes import Busy, Gone, Timeout

# Says whether the client of a query has hung up.
Left = Callable[[], bool]

# Most queries are answered before it pays to see whether their client is still there.
WATCH_AFTER_S = 0.2


def has_left(left: Left | None) -> bool:
    """Whether nobody waits for an answer any more; without a way to see it somebody does."""
    return bool(left and left())


def gone() -> Gone:
    """Why a query that nobody waits for has no answer."""
    return Gone("The client has hung up.")


def full(waiting: int) -> Busy:
    """Why no more queries wait."""
    queries = "query is" if waiting == 1 else "queries are"
    return Busy(f"{waiting:,} {queries} waiting already; try again in a moment.")


def out_of_time(seconds: float) -> Timeout:
    """The sentence for a query that was stopped."""
    return Timeout(
        f"The query was stopped after {seconds:g} seconds, the limit here; "
        "narrow it down, or download the data and ask at home."
    )


class Look:
    """Looks at what is going on, again and again, as long as anything is.

    Nearly every query is answered before anything of its own is due: timers for each would take a tenth of
    the time that the server has for it, and one look at all that run takes nothing."""

    def __init__(self, every_s: float, look: Callable[[float], bool]):
        """`look` is given the event loop's time, and says whether there is anything left to look at."""
        self.every_s, self.look = every_s, look
        self.timer: asyncio.TimerHandle | None = None

    def begin(self) -> None:
        """Look from now on, if nobody does."""
        if self.timer is None:
            self.timer = asyncio.get_running_loop().call_later(self.every_s, self._again)

    def end(self) -> None:
        """Look no more."""
        if self.timer:
            self.timer.cancel()

    def _again(self) -> None:
        self.timer = None
        if self.look(asyncio.get_running_loop().time()):
            self.begin()
