"""The one table of content codings, and the function that chooses among them by an Accept-Encoding header."""

import sys
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from werkzeug.datastructures import Accept
from werkzeug.http import parse_accept_header

from exoreview.remembering import remembered

if sys.version_info >= (3, 14):
    from compression.zstd import ZstdCompressor
else:
    from backports.zstd import ZstdCompressor

# Below this many bytes a compressed text saves no packet.
LEAST_BYTES = 1000


@dataclass(frozen=True)
class Coding:
    """A way to compress a body: its name in HTTP, and what makes a compressor for a stream."""

    name: str
    compressor: Callable[[], Any]


# In the order in which the server prefers them; wbits 31 is gzip, whose header then holds no time.
CODINGS = (
    Coding("zstd", lambda: ZstdCompressor(level=3)),
    Coding("gzip", lambda: zlib.compressobj(6, zlib.DEFLATED, 31)),
)
BY_NAME = {coding.name: coding for coding in CODINGS}


@remembered(256)
def negotiate(header: str) -> str | None:
    """The name of the coding that an Accept-Encoding header likes best (RFC 9110, 12.5.3); None for none."""
    accept = parse_accept_header(header, Accept)
    best, quality = None, accept.quality("identity") if "identity" in accept.values() else 0.0
    for coding in CODINGS:
        liked = accept.quality(coding.name)
        if liked > quality:
            best, quality = coding.name, liked
    return best


def compress(content: bytes, name: str) -> bytes:
    """A whole body in a coding."""
    compressor = BY_NAME[name].compressor()
    return compressor.compress(content) + compressor.flush()
