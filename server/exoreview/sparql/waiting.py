"""What both kinds of engines need while a query runs: its timers, the sentence of its end, and an eye on the
client."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

from exoreview.sparql.outcomes import Timeout

# Most queries are answered before it pays to watch whether their client is still there, and a client that
# asks and hangs up at once shall not have a process killed for a query that is as good as done.
WATCH_AFTER_S = 0.2


def out_of_time(seconds: float) -> Timeout:
    """The sentence for a query that was stopped."""
    return Timeout(
        f"The query was stopped after {seconds:g} seconds, the limit here; "
        "narrow it down, or download the data and ask at home."
    )


class Due:
    """What is to happen at a time, on the event loop's clock, unless it is called off."""

    __slots__ = ("action", "when")

    def __init__(self, when: float, action: Callable[[], None]):
        self.when, self.action = when, action

    def cancel(self) -> None:
        """Call it off."""
        self.action = None


class Delay:
    """Does things a fixed number of seconds later, by one timer for all.

    Nearly every query is answered before anything of its own is due, and four timers for each would take a
    tenth of the time that the server has for it."""

    def __init__(self, seconds: float):
        self.seconds = seconds
        # In the order in which they are due, since the delay is the same for all.
        self.dues: deque[Due] = deque()
        self.timer: asyncio.TimerHandle | None = None

    def call(self, action: Callable[[], None]) -> Due:
        """Do something after the delay."""
        while self.dues and self.dues[0].action is None:
            self.dues.popleft()
        loop = asyncio.get_running_loop()
        due = Due(loop.time() + self.seconds, action)
        self.dues.append(due)
        if self.timer is None:
            self.timer = loop.call_later(self.seconds, self._tick)
        return due

    def _tick(self) -> None:
        loop = asyncio.get_running_loop()
        self.timer = None
        while self.dues and (self.dues[0].action is None or self.dues[0].when <= loop.time()):
            if action := self.dues.popleft().action:
                action()
        if self.dues and self.timer is None:
            self.timer = loop.call_later(self.dues[0].when - loop.time(), self._tick)


class Watch:
    """Does something when the client of a query that takes a while hangs up."""

    def __init__(self, gone: Callable[[], Awaitable], after: Delay):
        """`gone` ends when the client has; the watch begins `after` a delay."""
        self.gone, self.happened = gone, False
        self.action: Callable[[], None] = lambda: None
        self.task: asyncio.Task | None = None
        self.timer = after.call(self._start)

    def then(self, action: Callable[[], None]) -> None:
        """What to do from now on, at once if the client has gone already."""
        self.action = action
        if self.happened:
            action()

    def end(self) -> None:
        """Watch no longer."""
        self.timer.cancel()
        if self.task:
            self.task.cancel()

    def _start(self) -> None:
        self.task = asyncio.ensure_future(self._wait())

    async def _wait(self) -> None:
        await self.gone()
        self.happened = True
        self.action()
