"""Replies that were given before: the data does not change while it is served, so neither do they."""

from collections import OrderedDict
from collections.abc import Mapping
from sys import getsizeof
from typing import Any

from exoreview.web.http.replies import Reply

# What a reply is kept under: everything that it depends on.
Key = tuple[str | None, ...]

# No reply takes more than this part of the whole.
_LARGEST_PART = 8
# What an entry takes beside the texts of its key and the body of its reply, in bytes.
_ENTRY_BYTES = 2000


class Cache:
    """The replies that were used last, as many as have room."""

    def __init__(self, settings: Mapping[str, Any]):
        self.most, self.size = settings["CACHE_MAX_BYTES"], 0
        # With their sizes; those that were used last stand at the end.
        self.replies: OrderedDict[Key, tuple[Reply, int]] = OrderedDict()

    def get(self, key: Key) -> Reply | None:
        """The reply that was kept."""
        found = self.replies.get(key)
        if found is None:
            return None
        self.replies.move_to_end(key)
        return found[0]

    def keep(self, key: Key, reply: Reply) -> None:
        """Keep a reply that may be kept, in the place of those that nobody has used for longest."""
        if not reply.kept:
            return
        size = _ENTRY_BYTES + len(reply.body) + sum(map(getsizeof, key))
        if size > self.most / _LARGEST_PART:
            return
        if before := self.replies.pop(key, None):
            self.size -= before[1]
        self.replies[key] = reply, size
        self.size += size
        while self.size > self.most:
            self.size -= self.replies.popitem(last=False)[1][1]

    def __len__(self) -> int:
        return len(self.replies)
