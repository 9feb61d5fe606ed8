"""What both kinds of engines need while a query runs: the sentence of its end, and an eye on the client."""

import asyncio
from collections.abc import Awaitable, Callable

from exoreview.sparql.outcomes import Timeout

# Most queries are answered before it pays to watch whether their client is still there, and a client that
# asks and hangs up at once shall not have a process killed for a query that is as good as done.
_WATCH_AFTER_S = 0.2


def out_of_time(seconds: float) -> Timeout:
    """The sentence for a query that was stopped."""
    return Timeout(
        f"The query was stopped after {seconds:g} seconds, the limit here; "
        "narrow it down, or download the data and ask at home."
    )


class Watch:
    """Does something when the client of a query that takes a while hangs up."""

    def __init__(self, gone: Callable[[], Awaitable]):
        """`gone` ends when the client has."""
        self.gone, self.happened = gone, False
        self.action: Callable[[], None] = lambda: None
        self.task: asyncio.Task | None = None
        self.timer = asyncio.get_running_loop().call_later(_WATCH_AFTER_S, self._start)

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
