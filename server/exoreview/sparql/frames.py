"""How the server and a query process talk over their socket: a question goes out, pieces of an answer come.

A frame is one byte for its kind, eight for its length, and its content. A question is five lines, of which
the last, the text, may be many; neither the name of a format nor an IRI has a line break or a space. The last
piece of an answer follows what is known only then: digest, coding and size.
"""

import json
import socket
import struct

from exoreview import media
from exoreview.sparql.engine import Question
from exoreview.sparql.outcomes import QueryError, Stopped, TooLarge

HEADER = struct.Struct("!BQ")
# The first frame of a process, questions, pieces before the last, and the ways in which an answer ends;
# queries for other endpoints, and what those said.
HELLO, ASKED, PIECE, COMPLETE, WRONG, TOO_LARGE, STOPPED, FAILED, CALLS, REPLIES = range(10)


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
        return pack(WRONG, json.dumps([error.message, error.line, error.column, error.hint]).encode())
    kinds = {TooLarge: TOO_LARGE, Stopped: STOPPED}
    return pack(kinds.get(type(error), FAILED), str(error).encode())


def error(kind: int, content: bytes) -> Exception:
    """The way to end that a frame tells of."""
    if kind == WRONG:
        return QueryError(*json.loads(content))
    return {TOO_LARGE: TooLarge, STOPPED: Stopped}.get(kind, RuntimeError)(content.decode())


def receive(connection: socket.socket) -> tuple[int, bytes]:
    """The next frame of a blocking socket, or EOFError."""
    kind, length = HEADER.unpack(_exactly(connection, HEADER.size))
    return kind, _exactly(connection, length)


def _exactly(connection: socket.socket, size: int) -> bytes:
    parts = bytearray()
    while len(parts) < size:
        part = connection.recv(min(size - len(parts), 1 << 20))
        if not part:
            raise EOFError
        parts += part
    return bytes(parts)
