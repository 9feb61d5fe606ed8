"""The places where queries are answered: so many at a time, and for each client a fair share of them.

A client that has many queries answered leaves places to others, and waits behind those who have fewer; those
who have as many take turns. Where no more can wait, it is the client with most in the queue that is turned
away (the policy of “longest queue drop”: Suter, Lakshman, Stiliadis and Choudhury, IEEE JSAC 17(6), 1999).
"""

import asyncio
from collections import Counter, deque
from collections.abc import Mapping
from typing import Any

from exoreview.sparql.outcomes import Busy
from exoreview.sparql.waiting import WATCH_AFTER_S, Left, Look, full, gone, has_left

_ALL_TAKEN = "All places for queries are taken; try again in a moment."
# How often is looked for those who have waited too long or have left, in seconds.
_LOOK_S = 0.05


class Waiter:
    """A query that waits for a place: whose it is, since when, and its turn."""

    __slots__ = ("client", "left", "since", "turn")

    def __init__(self, client: str | None, left: Left | None):
        loop = asyncio.get_running_loop()
        self.client, self.left, self.since = client, left, loop.time()
        self.turn: asyncio.Future[None] = loop.create_future()

    @property
    def has_turn(self) -> bool:
        """Whether its place was taken for it."""
        turn = self.turn
        return turn.done() and not turn.cancelled() and turn.exception() is None

    def fail(self, reason: Exception) -> None:
        """Give it up, unless it has its turn already."""
        if not self.turn.done():
            self.turn.set_exception(reason)


class Places:
    """All places of a server; those whose client is not known are not counted for one."""

    def __init__(self, settings: Mapping[str, Any]):
        self.size, self.share = settings["WORKERS"], settings["CLIENT_QUERIES"]
        self.most_waiting, self.patience_s = settings["QUEUE_MAX"], settings["QUEUE_WAIT_S"]
        # How many are taken by each client.
        self.taken: Counter[str | None] = Counter()
        # What waits, in order, by client; whose turn was last stands last.
        self.waiting: dict[str | None, deque[Waiter]] = {}
        self.looking = Look(min(_LOOK_S, self.patience_s / 4), self._look)

    @property
    def busy(self) -> int:
        """How many are taken."""
        return self.taken.total()

    @property
    def queued(self) -> int:
        """How many queries wait for one."""
        return sum(map(len, self.waiting.values()))

    @property
    def someone_waits(self) -> bool:
        """Whether anybody waits who has not left."""
        queues = self.waiting.values()
        return any(not (each.turn.done() or has_left(each.left)) for queue in queues for each in queue)

    async def take(self, client: str | None, left: Left | None = None) -> None:
        """Take a place, or wait for one; Busy or Gone where there is none in the end."""
        if self.busy < self.size and self._may(client):
            self.taken[client] += 1
            return
        waiter = self._queue(client, left)
        self.looking.begin()
        try:
            await waiter.turn
        except asyncio.CancelledError:
            if waiter.has_turn:
                self.release(client)
            raise
        finally:
            self._drop(waiter)

    def release(self, client: str | None) -> None:
        """Give a place back; it goes to the next."""
        self.taken[client] -= 1
        if not self.taken[client]:
            del self.taken[client]
        while self.busy < self.size and (waiter := self._next()):
            self.taken[waiter.client] += 1
            waiter.turn.set_result(None)

    def close(self) -> None:
        """Look at nobody any more."""
        self.looking.end()

    def _may(self, client: str | None) -> bool:
        return client is None or self.taken[client] < self.share

    def _queue(self, client: str | None, left: Left | None) -> Waiter:
        """Stand in line, in place of the last of those who have most there where no more can."""
        if self.queued >= self.most_waiting:
            longest = max(self.waiting.values(), key=len)
            if len(longest) <= len(self.waiting.get(client, ())) + 1:
                raise full(self.most_waiting)
            last = longest[-1]
            last.fail(full(self.most_waiting))
            self._drop(last)
        waiter = Waiter(client, left)
        self.waiting.setdefault(client, deque()).append(waiter)
        return waiter

    def _drop(self, waiter: Waiter) -> None:
        """Take a query out of the line, if it still stands there."""
        queue = self.waiting.get(waiter.client, ())
        if waiter in queue:
            queue.remove(waiter)
            if not queue:
                del self.waiting[waiter.client]

    def _next(self) -> Waiter | None:
        """What is next: of the clients with fewest places, the first query of that which stands first."""
        while ready := [client for client in self.waiting if self._may(client)]:
            client = min(ready, key=self.taken.__getitem__)
            queue = self.waiting.pop(client)
            waiter = queue.popleft()
            if queue:
                self.waiting[client] = queue
            if not waiter.turn.done():
                return waiter
        return None

    def _look(self, now: float) -> bool:
        """Give up those who have waited too long or have left."""
        for waiter in [waiter for queue in self.waiting.values() for waiter in queue]:
            if now - waiter.since > self.patience_s:
                waiter.fail(Busy(self._why(waiter.client)))
            elif now - waiter.since > WATCH_AFTER_S and has_left(waiter.left):
                waiter.fail(gone())
        return bool(self.waiting)

    def _why(self, client: str | None) -> str:
        """Why a client has had no turn."""
        if self._may(client):
            return _ALL_TAKEN
        queries = "query of one client is" if self.share == 1 else "queries of one client are"
        return f"{self.share} {queries} answered at a time; try again in a moment."


class Placed:
    """An engine whose queries have places."""

    places: Places

    @property
    def busy(self) -> int:
        """How many queries are answered now."""
        return self.places.busy

    @property
    def queued(self) -> int:
        """How many queries wait for their turn."""
        return self.places.queued
