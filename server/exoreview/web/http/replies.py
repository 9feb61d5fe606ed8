"""A reply as the gateway sends it: status, headers, and a body in memory or in a file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from http.client import responses
from types import MappingProxyType
from zlib import crc32

from werkzeug.http import parse_date

from exoreview import codings
from exoreview.media import Format
from exoreview.sparql.answers import Answer, Stored

Headers = list[tuple[str, str]]

# A document of a release changes with the next release; a browser may ask again after five minutes.
DOCUMENT, RESULT, VERSIONED = "public, max-age=300", "public, no-cache", "public, max-age=31536000, immutable"

_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def _lines(headers: Mapping[str, str]) -> bytes:
    return "".join(f"{name}: {value}\r\n" for name, value in headers.items()).encode("latin-1")


# What every reply has.
_COMMON = {"access-control-allow-origin": "*", "x-content-type-options": "nosniff"}
_OF_PAGE = _lines(
    _COMMON
    | {
        "access-control-expose-headers": "ETag, Last-Modified, Link, Location, Memento-Datetime, Retry-After",
        "referrer-policy": "no-referrer",
        "content-security-policy": _POLICY,
    }
)
# An answer is data. A browser that shows XML all the same runs nothing in it, and a short head is read in
# half of the time, which is seen with short answers.
_OF_ANSWER = _lines(
    _COMMON
    | {
        "access-control-expose-headers": "ETag",
        "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    }
)
_COMPRESSED = ("text/", "application/json", "application/ld+json", "application/n-", "application/trig")
_COMPRESSED_ENDS = ("+json", "+xml", "/xml", "/javascript")


@dataclass
class Reply:
    """A whole reply; `kept` says whether the same request may get it again from the cache, `common` are the
    lines that all of its kind have."""

    status: int
    headers: Headers
    body: bytes = b""
    file: Stored | None = None
    length: int = 0
    kept: bool = False
    common: bytes = _OF_PAGE

    @cached_property
    def head(self) -> bytes:
        """The status line and all headers but those of the connection, each with its line end."""
        return _head(self.status, self.headers, self.common, None if self.status == 204 else self.length)

    def ready(self) -> "Reply":
        """The reply itself, with its head made; ValueError for headers that nobody can send."""
        _ = self.head
        return self

    @cached_property
    def unchanged(self) -> bytes:
        """The head of the 304 that stands for this reply."""
        names = {"etag", "cache-control", "vary", "last-modified", "expires", "content-location"}
        return _head(304, [pair for pair in self.headers if pair[0] in names], self.common)

    @cached_property
    def etag(self) -> str | None:
        """The strong ETag."""
        return self.header("etag")

    def header(self, name: str) -> str | None:
        """The value of a header by its name in lower case."""
        return next((value for other, value in self.headers if other == name), None)


def _head(status: int, headers: Headers, common: bytes, length: int | None = None) -> bytes:
    lines = "".join([f"{name}: {value}\r\n" for name, value in headers])
    if not lines.count("\r") == lines.count("\n") == len(headers):
        raise ValueError(f"a line break in a header: {headers}")
    size = b"" if length is None else b"content-length: %d\r\n" % length
    return b"".join((_first_line(status), lines.encode("latin-1"), common, size))


@cache
def _first_line(status: int) -> bytes:
    return f"HTTP/1.1 {status} {responses.get(status, '')}\r\n".encode()


def of_text(status: int, sentence: str, headers: Mapping[str, str] = MappingProxyType({})) -> Reply:
    """The reply to what cannot even be read: a sentence, with nothing that could fail."""
    body = f"{sentence}\n".encode()
    named = [("content-type", "text/plain; charset=utf-8"), *headers.items()]
    return Reply(status, named, body, length=len(body))


def of_answer(answer: Answer, format: Format, dated: str | None, *, kept: bool) -> Reply:
    """The reply that carries a query's answer."""
    content_type = format.content_type
    headers = [
        ("content-type", content_type),
        # The same bytes under two media types are two representations.
        ("etag", f'"{answer.digest}.{_mark(content_type)}"'),
        ("vary", "Accept, Accept-Encoding"),
        ("cache-control", RESULT),
    ]
    if answer.coding:
        headers.append(("content-encoding", answer.coding))
    if dated:
        headers.append(("last-modified", dated))
    return Reply(200, headers, answer.body, answer.file, answer.size, kept, _OF_ANSWER)


@cache
def _mark(content_type: str) -> str:
    return f"{crc32(content_type.encode()):x}"


def of_page(
    status: int,
    headers: Sequence[tuple[str, str]],
    body: bytes,
    coding: str | None,
    *,
    constant: bool = True,
) -> Reply:
    """The reply that carries what the application made, compressed where that pays; what is not `constant` is
    kept by nobody unasked."""
    made: dict[str, str] = {}
    for name, value in headers:
        made[name.lower()] = f"{made[name.lower()]}, {value}" if name.lower() in made else value
    made.pop("content-length", None)
    if not constant and "public" in made.get("cache-control", ""):
        made["cache-control"] = RESULT
    if _compresses(made.get("content-type", "")):
        made["vary"] = ", ".join(filter(None, [made.get("vary"), "Accept-Encoding"]))
        if coding and len(body) >= codings.LEAST_BYTES:
            body = codings.compress(body, coding)
            made["content-encoding"] = coding
            if "etag" in made:
                made["etag"] = made["etag"].rstrip('"') + f'-{coding}"'
    kept = status == 200 and "public" in made.get("cache-control", "")
    return Reply(status, list(made.items()), body, length=len(body), kept=kept)


def _compresses(content_type: str) -> bool:
    kind = content_type.partition(";")[0]
    return kind.startswith(_COMPRESSED) or kind.endswith(_COMPRESSED_ENDS)


def is_unchanged(reply: Reply, none_match: str | None, modified_since: str | None) -> bool:
    """Whether the client has this reply already (RFC 9110, 13.1)."""
    if reply.status != 200:
        return False
    if none_match is not None:
        tags = {tag.strip().removeprefix("W/") for tag in none_match.split(",")}
        return reply.etag is not None and ("*" in tags or reply.etag in tags)
    dated = reply.header("last-modified")
    return bool(modified_since and dated) and _is_fresh(dated, modified_since)


def _is_fresh(dated: str, since: str) -> bool:
    try:
        when, limit = parse_date(dated), parse_date(since)
    except OverflowError:
        return False
    return bool(when and limit) and when <= limit
