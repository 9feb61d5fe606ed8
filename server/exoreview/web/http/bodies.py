"""The body of a request while it arrives: parts, in their order, and whether they came to a proper end."""

import asyncio
from collections import deque
from collections.abc import Callable


class BrokenOff(Exception):
    """The body ended before it was whole."""


class Body:
    """Parts of a body, to be read once with `async for`; raises BrokenOff where the rest never comes."""

    def __init__(self, *parts: bytes, wanted: Callable[[], None] | None = None):
        """A body that is whole has its parts from the start; `wanted` is called when somebody reads it."""
        self.parts, self.wanted = deque(parts), wanted
        self.unread = sum(map(len, parts))
        # Called after each part that was read.
        self.taken: Callable[[], None] = lambda: None
        self.whole = bool(parts)
        self.broken = False
        # Set whenever there is something new to see.
        self.news = asyncio.Event()

    def feed(self, part: bytes) -> None:
        """Take the next part."""
        self.parts.append(part)
        self.unread += len(part)
        self.news.set()

    def end(self) -> None:
        """The last part has come."""
        self.whole = True
        self.news.set()

    def break_off(self) -> None:
        """No more will come, though more was to come."""
        self.broken = not self.whole
        self.news.set()

    def __aiter__(self):
        return self

    async def __anext__(self) -> bytes:
        if self.wanted:
            self.wanted()
            self.wanted = None
        while not self.parts:
            if self.broken:
                raise BrokenOff
            if self.whole:
                raise StopAsyncIteration
            self.news.clear()
            await self.news.wait()
        part = self.parts.popleft()
        self.unread -= len(part)
        self.taken()
        return part
