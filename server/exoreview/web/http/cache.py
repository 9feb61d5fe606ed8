"""Replies that were given before: the data does not change while it is served, so neither do they."""

import resource
from collections import OrderedDict
from collections.abc import Mapping
from math import inf
from sys import getsizeof
from typing import Any

from exoreview.sparql.answers import RESERVE_BYTES
from exoreview.web.http.replies import Reply

# What a reply is kept under: everything that it depends on.
Key = tuple[str | None, ...]

# No reply takes more than this part of the whole.
_LARGEST_PART = 4
# What an entry takes beside the texts of its key and the body of its reply, in bytes.
_ENTRY_BYTES = 2000
# So many replies are kept in files, and no more than this part of all that may be open, for each stays open.
_MOST_FILES, _PART_OF_FILES = 256, 8
# None are kept in files while the disk has less room than so many bytes, or under a longer key.
_ROOM_BYTES, _LONGEST_KEY = 4 * RESERVE_BYTES, 20_000


class Shelf:
    """The replies that were used last, as many as have room."""

    def __init__(self, most_bytes: int, most_entries: float = inf):
        self.most, self.most_entries, self.size = most_bytes, most_entries, 0
        # With their sizes; those that were used last stand at the end.
        self.replies: OrderedDict[Key, tuple[Reply, int]] = OrderedDict()

    def get(self, key: Key) -> Reply | None:
        """The reply that was kept."""
        found = self.replies.get(key)
        if found is None:
            return None
        self.replies.move_to_end(key)
        return found[0]

    def keep(self, key: Key, reply: Reply, size: int) -> None:
        """Keep a reply of a size, in the place of those that nobody has used for longest."""
        if size > self.most / _LARGEST_PART:
            return
        if before := self.replies.pop(key, None):
            self.size -= before[1]
        self.replies[key] = reply, size
        self.size += size
        while self.size > self.most or len(self.replies) > self.most_entries:
            self.size -= self.replies.popitem(last=False)[1][1]

    def clear(self) -> None:
        """Keep none any more."""
        self.replies.clear()
        self.size = 0


class Cache:
    """The replies that were used last: short ones in memory, long ones in files."""

    def __init__(self, settings: Mapping[str, Any]):
        self.short = Shelf(settings["CACHE_MAX_BYTES"])
        may_be_open = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        most = _MOST_FILES if may_be_open == resource.RLIM_INFINITY else may_be_open // _PART_OF_FILES
        self.long = Shelf(settings["CACHE_DISK_MAX_BYTES"], min(most, _MOST_FILES))

    def get(self, key: Key) -> Reply | None:
        """The reply that was kept."""
        return self.short.get(key) or self.long.get(key)

    def keep(self, key: Key, reply: Reply) -> None:
        """Keep a reply that may be kept, if there is room for it."""
        if not reply.kept:
            return
        size_of_key = sum(map(getsizeof, key))
        if reply.file is None:
            self.short.keep(key, reply, _ENTRY_BYTES + size_of_key + reply.length)
        elif reply.file.free_bytes() < _ROOM_BYTES:
            self.drop_files()
        elif size_of_key <= _LONGEST_KEY:
            self.long.keep(key, reply, reply.length)

    def drop_files(self) -> bool:
        """Make room on the disk; whether there was anything to drop."""
        held = bool(self.long.replies)
        self.long.clear()
        return held

    @property
    def size(self) -> int:
        """The memory of all that is kept, in bytes, but for what is in files."""
        return self.short.size

    @property
    def disk(self) -> int:
        """The disk of what is in files, in bytes."""
        return self.long.size

    def __len__(self) -> int:
        return len(self.short.replies) + len(self.long.replies)
