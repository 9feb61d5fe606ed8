"""Replies that were given before: the data does not change while it is served, so neither do they."""

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

from cachetools import LRUCache

from exoreview.web.http.replies import Reply

# No reply takes more than this part of the whole.
_LARGEST_PART = 8


class Cache:
    """The replies that were used last, as many as have room; what a reply is kept under has a fixed size."""

    def __init__(self, settings: Mapping[str, Any]):
        self.replies = LRUCache(settings["CACHE_MAX_BYTES"], getsizeof=len)

    @staticmethod
    def key(*parts: str) -> bytes:
        """What a reply is kept under: everything that it depends on."""
        # Written so that no part can be taken for two.
        return blake2b(repr(parts).encode("utf-8", "surrogatepass"), digest_size=16).digest()

    def get(self, key: bytes) -> Reply | None:
        """The reply that was kept."""
        return self.replies.get(key)

    def keep(self, key: bytes, reply: Reply) -> None:
        """Keep a reply that may be kept."""
        if reply.kept and len(reply) <= self.replies.maxsize / _LARGEST_PART:
            self.replies[key] = reply

    @property
    def size(self) -> int:
        """Bytes that the replies take."""
        return self.replies.currsize

    def __len__(self) -> int:
        return len(self.replies)
