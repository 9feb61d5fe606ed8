"""How the server and a query process talk over their socket: a question goes out, pieces of an answer come.

A frame is one byte for its kind, eight for its length, and its content. A question is five lines, of which
the last, the text, may be many; neither the name of a format nor an IRI has a line break or a space. The last
piece of an answer follows what is known only then: digest, coding and size.
"""

import json
import socket
import struct
from collections.abc import Iterator

from exoreview import media
from exoreview.sparql.engine import Question
from exoreview.sparql.outcomes import QueryError, ServiceFailed, Stopped, TooLarge

HEADER = struct.Struct("!BQ")
_READ_BYTES = 1 << 18
# The first frame of a process, and which of its threads answers from now on; questions, pieces before the
# last, and the ways in which an answer ends; queries for other endpoints, what those said, and that one has
# failed; that a connection comes back that was lent, and that none shall be lent until the next greeting.
HELLO, THREAD, ASKED, PIECE, COMPLETE, WRONG, TOO_LARGE, STOPPED, FAILED = range(9)
CALLS, REPLIES, UNSERVED, RETURNED, ALONE = range(9, 14)


def pack(kind: int, content: bytes) -> bytes:
    """A frame."""
    return HEADER.pack(kind, len(content)) + content


def question(asked: Question) -> bytes:
    """A question as a frame."""
    graphs = (" ".join(asked.default_graphs), " ".join(asked.named_graphs))
    lines = (asked.format.name, asked.coding or "", *graphs, asked.text)
    return pack(ASKED, "\n".join(lines).encode("utf-8", "surrogatepass"))


def asked(content: bytes) -> Question:
    """The question in a frame."""
    format, coding, default, named, text = content.decode("utf-8", "surrogatepass").split("\n", 4)
    graphs = (tuple(filter(None, default.split(" "))), tuple(filter(None, named.split(" "))))
    return Question(text, media.BY_NAME[format], *graphs, coding or None)


def complete(digest: str, coding: str | None, size: int, body: bytes) -> bytes:
    """The last piece of an answer as a frame."""
    return pack(COMPLETE, f"{digest} {coding or '-'} {size}\n".encode() + body)


def completed(content: bytes) -> tuple[str, str | None, int, bytes]:
    """Digest, coding, size and last piece of an answer."""
    line, _, body = content.partition(b"\n")
    digest, coding, size = line.decode().split(" ")
    return digest, None if coding == "-" else coding, int(size), body


def ended(error: Exception) -> bytes:
    """A way to end without an answer as a frame."""
    if isinstance(error, QueryError):
        kind = UNSERVED if isinstance(error, ServiceFailed) else WRONG
        return pack(kind, json.dumps([error.message, error.line, error.column, error.hint]).encode())
    kinds = {TooLarge: TOO_LARGE, Stopped: STOPPED}
    return pack(kinds.get(type(error), FAILED), str(error).encode())


def error(kind: int, content: bytes) -> Exception:
    """The way to end that a frame tells of."""
    if kind in (WRONG, UNSERVED):
        return (QueryError if kind == WRONG else ServiceFailed)(*json.loads(content))
    return {TOO_LARGE: TooLarge, STOPPED: Stopped}.get(kind, RuntimeError)(content.decode())


class Received:
    """What has come of frames: whole ones are taken out, the beginning of the next is kept."""

    def __init__(self):
        self.rest = bytearray()

    def frames(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        """The frames that are whole with these bytes."""
        size = HEADER.size
        if not self.rest and len(data) >= size:
            kind, length = HEADER.unpack_from(data)
            if len(data) == size + length:
                # Nearly always: one frame, and all of it.
                yield kind, data[size:]
                return
        self.rest += data
        while len(self.rest) >= size:
            kind, length = HEADER.unpack_from(self.rest)
            if len(self.rest) < size + length:
                return
            content = bytes(self.rest[size : size + length])
            del self.rest[: size + length]
            yield kind, content


class Incoming:
    """Frames from a blocking socket, whose other end sends none before the last was answered."""

    def __init__(self, connection: socket.socket):
        self.connection, self.received = connection, Received()

    def next(self) -> tuple[int, bytes]:
        """The next frame, or EOFError."""
        while True:
            data = self.connection.recv(_READ_BYTES)
            if not data:
                raise EOFError
            for frame in self.received.frames(data):
                return frame
