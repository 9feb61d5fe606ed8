"""Requests from bytes: HTTP/1.1 as llhttp reads it, within limits, and a sentence for what is none."""

import re
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from httptools import (
    HttpParserCallbackError,
    HttpParserError,
    HttpParserInvalidMethodError,
    HttpParserUpgrade,
    HttpRequestParser,
)
from werkzeug.exceptions import HTTPException

from exoreview.sparql.waiting import Left
from exoreview.web.http.bodies import Body
from exoreview.web.http.faults import fault
from exoreview.web.http.requests import Request, Site

# A first line that is one but for its method, and what no address may have in it.
_METHOD = re.compile(rb"(?:\r\n)*([A-Z-]{1,30}) \S+ HTTP/1\.[01]\r?\n")
_RAW = re.compile(rb"[\x80-\xff]")
# The offer to speak something else, which may be overlooked (RFC 9110, 7.8); the parser would stop after it.
_OFFER = re.compile(rb"\r\nupgrade:", re.IGNORECASE)
# A head that is refused is looked through for how its client wants to be told so, up to so many times the
# length that one may have.
_SKIMMED = 4
# For each byte of a body so many may stand beside it, so that chunks of one byte are allowed.
_BESIDE = 8
_NO_HTTP = "This cannot be read as a request of HTTP/1.1."


class Parser:
    """Reads the requests of one client; a request is there once its head is, its body comes after it."""

    def __init__(
        self,
        site: Site,
        client: str,
        settings: Mapping[str, Any],
        *,
        left: Left,
        go_on: Callable[[], None],
    ):
        """`left` says whether the client has hung up; `go_on` tells one who asks that his body is wanted."""
        self.site, self.client, self.left, self.go_on = site, client, left, go_on
        self.most_bytes, self.most_lines = settings["HEAD_MAX_BYTES"], settings["HEAD_MAX_LINES"]
        self.llhttp = HttpRequestParser(self)
        # The head that is being read: its target, its headers, how many those are, and its bytes.
        self.target, self.headers, self.lines, self.size, self.in_head = b"", {}, 0, 0, False
        # Why the head that is being read is refused once its end has come, if it is.
        self.unfit: HTTPException | None = None
        # How much of a body is still to come, if that is known; of one in chunks nobody knows, but how much
        # came beside it, in sizes of chunks and in trailers.
        self.rest: int | None = None
        self.beside = 0
        # Requests that were read, and the one whose end has not come.
        self.requests: deque[Request] = deque()
        self.incoming: Request | None = None
        # Nothing more is read, and why, if that is a fault.
        self.ended = False
        self.fault: HTTPException | None = None

    def read(self, piece: bytes) -> None:
        """Read on; afterwards there may be requests, more of a body, or a fault."""
        again, is_first = b"", not self.in_head
        try:
            if self.incoming is None:
                self._require_short(piece)
                piece = self._prepared(piece)
            self.llhttp.feed_data(piece)
            if self.incoming and self.rest is None:
                self._require_little(piece)
            if self.in_head and b"\n" in piece:
                self._require_version()
        except HttpParserUpgrade:
            # What follows would be something else than HTTP.
            self.ended = True
        except HttpParserCallbackError as error:
            if not isinstance(error.__context__, HTTPException):
                raise
            self.give_up(error.__context__)
        except HTTPException as error:
            self.give_up(error)
        except HttpParserInvalidMethodError:
            again = self._with_known_method(piece if is_first else b"")
        except HttpParserError:
            self.give_up(fault(400, _NO_HTTP))
        if again:
            self.read(again)

    def _with_known_method(self, piece: bytes) -> bytes:
        """The head of a request whose method is not known, to be looked through; nothing of what is none."""
        unknown = _METHOD.match(piece)
        if not unknown:
            self.give_up(fault(400, _NO_HTTP))
            return b""
        self.unfit = self.unfit or fault(501, f"The method {unknown[1].decode()} is not known here.")
        self.llhttp, self.size = HttpRequestParser(self), 0
        return b"GET" + piece[unknown.end(1) :]

    def give_up(self, reason: HTTPException) -> None:
        """Read no more; whoever waits for a body says why, else the reason is the fault."""
        self.ended = True
        if self.requests and self.requests[-1].last:
            # What follows is not answered anyway.
            return
        if not self.break_off():
            self.fault = self.unfit or reason

    def break_off(self) -> bool:
        """No more will come; whether a body was to."""
        if not self.incoming or not self.incoming.body:
            return False
        self.incoming.body.break_off()
        return True

    @property
    def asks_no_body(self) -> bool:
        """Whether the head that is being read, or is refused, asks for no body."""
        return self.in_head and self.llhttp.get_method() == b"HEAD"

    def _require_short(self, piece: bytes) -> None:
        """Note that a head is longer than it may be, whether or not its end has come; refuse a giant one."""
        self.size += len(piece)
        if self.size > self.most_bytes:
            self.unfit = self.unfit or self._too_long(piece)
        if self.size > _SKIMMED * self.most_bytes:
            raise self.unfit

    def _too_long(self, piece: bytes) -> HTTPException:
        limit = f"is longer than {self.most_bytes:,} bytes, the limit here"
        line = piece.find(b"\n")
        if not self.headers and (line < 0 or self.size - len(piece) + line > self.most_bytes):
            return fault(414, f"The address {limit}; a query can be posted.")
        return fault(431, f"The head of the request {limit}.")

    def _require_little(self, piece: bytes) -> None:
        """Refuse a body whose chunks and trailers are more than what they carry."""
        self.beside += len(piece)
        if self.beside > self.most_bytes:
            raise fault(431, "What stands beside the body of the request is too long.")

    def _prepared(self, piece: bytes) -> bytes:
        """A piece of a head without what the parser cannot read, or would stop at."""
        if not piece.isascii() and not self.lines:
            piece = _quoted(piece)
        return _OFFER.sub(b"\r\nx-upgrade:", piece) if b"pgrade" in piece.lower() else piece

    def _require_version(self) -> None:
        """Refuse what names no version, as nobody has for thirty years."""
        if self.llhttp.get_http_version() not in ("1.0", "1.1"):
            raise fault(400, _NO_HTTP)

    # --- What llhttp calls ----------------------------------------------------------------------------------

    def on_message_begin(self) -> None:
        self.target, self.in_head = b"", True

    def on_url(self, part: bytes) -> None:
        if not self.unfit:
            self.target += part

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self.in_head:
            # A trailer after a body in chunks.
            return
        named, said = name.decode("latin-1").lower(), value.decode("latin-1")
        self.lines += 1
        if self.unfit and (named != "accept" or self.lines > _SKIMMED * self.most_lines):
            return
        self.headers[named] = f"{self.headers[named]}, {said}" if named in self.headers else said
        if self.lines > self.most_lines:
            many = f"The request has more than {self.most_lines:,} headers, the limit here."
            self.unfit = self.unfit or fault(431, many)

    def on_headers_complete(self) -> None:
        if self.unfit:
            raise self.unfit
        self._require_version()
        self.incoming = Request(
            self.site,
            self.llhttp.get_method().decode("ascii"),
            self._target(),
            self.headers,
            self.client,
            version=self.llhttp.get_http_version(),
            body=self._body(),
            left=self.left,
        )
        self.requests.append(self.incoming)
        self.in_head, self.size = False, 0
        # They are that request's from now on.
        self.headers, self.lines, self.beside = {}, 0, 0

    def on_body(self, part: bytes) -> None:
        self.beside -= (_BESIDE + 1) * len(part)
        if self.rest is not None:
            self.rest -= len(part)
        self.incoming.body.feed(part)

    def on_message_complete(self) -> None:
        self.incoming.last = not self.llhttp.should_keep_alive()
        if self.incoming.body and self.llhttp.should_upgrade():
            # Its offer came in parts, and its body is not read.
            self.incoming.body.break_off()
        elif self.incoming.body:
            self.incoming.body.end()
        self.incoming = None

    def _target(self) -> str:
        """What is asked for, without the host that a client writes there for a proxy."""
        target = self.target.decode("ascii")
        if not target.startswith("/") and "://" in target:
            host, _, path = target.partition("://")[2].partition("/")
            # Of two hosts this one counts (RFC 9112, 3.2.2).
            self.headers["host"] = host
            target = f"/{path}"
        return target.partition("#")[0]

    def _body(self) -> Body | None:
        coding, version = self.headers.get("transfer-encoding"), self.llhttp.get_http_version()
        if coding is not None and (coding.strip().lower() != "chunked" or version == "1.0"):
            raise fault(501, "A body is read in chunks of HTTP/1.1 or as it is, in no other transfer coding.")
        self.rest = int(self.headers.get("content-length", "0")) if coding is None else None
        if self.rest == 0:
            return None
        waits = version == "1.1" and self.headers.get("expect", "").lower() == "100-continue"
        return Body(wanted=self.go_on if waits else None)


def _quoted(piece: bytes) -> bytes:
    """A piece of a head with the raw text quoted that people type into addresses; llhttp would refuse it."""
    line, end, rest = piece.partition(b"\r\n")
    return _RAW.sub(lambda byte: b"%%%02X" % byte[0][0], line) + end + rest
