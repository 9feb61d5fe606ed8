"""One connection of a client: HTTP/1.1 as llhttp reads it, one request answered after the other.

What was kept is answered at once, in the turn of the event loop in which it was asked; for anything else a
task asks the gateway. Requests that come before their turn stay unread. Whatever cannot be read is told so
in a sentence, and its connection ends.
"""

import asyncio
import re
import sys
import traceback
from collections import deque
from collections.abc import Mapping
from typing import Any

from httptools import (
    HttpParserCallbackError,
    HttpParserError,
    HttpParserInvalidMethodError,
    HttpParserUpgrade,
    HttpRequestParser,
)
from werkzeug.exceptions import HTTPException

from exoreview.web.http import dates, replies
from exoreview.web.http.bodies import Body
from exoreview.web.http.faults import fault
from exoreview.web.http.replies import Reply
from exoreview.web.http.requests import Request

# What ends the head of a request.
_END = b"\r\n\r\n"
# So many bytes of later requests are taken before their turn; for more the client has to wait.
_HELD_BYTES = 1 << 16
# A long answer goes from its file in pieces of this size.
_PIECE_BYTES = 1 << 18
# What a client still sends when it has been told off is thrown away for so long, in seconds: it would not
# see the reply if the connection were reset at once.
_LINGER_S = 2.0
# A first line that is one but for its method.
_METHOD = re.compile(rb"([A-Z-]{1,30}) \S+ HTTP/1\.[01]\r?\n")
_RAW = re.compile(rb"[\x80-\xff]")
_NO_HTTP = "This cannot be read as a request of HTTP/1.1."
_CLOSE = b"connection: close\r\n\r\n"
_KEEP = b"connection: keep-alive\r\n\r\n"


class Connection(asyncio.Protocol):
    """A connection from its first byte to its last, for a gateway; `others` counts it among all."""

    def __init__(self, gateway, others: set["Connection"], most: int, settings: Mapping[str, Any]):
        """Among `most` connections at a time."""
        self.gateway, self.others, self.most = gateway, others, most
        self.head_bytes, self.head_lines = settings["HEAD_MAX_BYTES"], settings["HEAD_MAX_LINES"]
        self.parser = HttpRequestParser(self)
        self.transport: asyncio.Transport | None = None
        self.client = ""
        # The head that is being read: its target, its headers, how many lines those were, how many bytes it is.
        self.target, self.headers, self.lines, self.size, self.in_head = b"", {}, 0, 0, False
        # What has come and was not read yet, and requests that were read and have to wait for their turn.
        self.held, self.paused, self.parsed = b"", False, deque()
        # The request that is being answered, the one whose body is still coming, and why nothing more is read.
        self.request: Request | None = None
        self.incoming: Request | None = None
        self.refusal: HTTPException | None = None
        # No further request is read; nothing more is sent.
        self.ended = self.closing = False
        self.left, self.writable = False, asyncio.Event()
        self.writable.set()
        # The loop itself remembers tasks only weakly.
        self.task: asyncio.Task | None = None
        # When there was progress last, and what was not sent then: whoever makes none is shown out.
        self.since, self.unsent = asyncio.get_running_loop().time(), 0

    @property
    def is_idle(self) -> bool:
        """Whether nothing is owed to the client."""
        return self.request is None and not self.parsed and self.writable.is_set()

    def has_left(self) -> bool:
        """Whether the client has hung up, as far as can be seen."""
        return self.left

    # --- What the event loop tells --------------------------------------------------------------------------

    def connection_made(self, transport) -> None:
        self.transport = transport
        peer = transport.get_extra_info("peername")
        self.client = peer[0] if peer else ""
        self.others.add(self)
        if len(self.others) > self.most:
            full = f"{self.most:,} clients are connected already; try again in a moment."
            self._give_up(fault(503, full, headers={"Retry-After": "1"}))
            self._advance()

    def data_received(self, data: bytes) -> None:
        if self.ended:
            return
        self.held = self.held + data if self.held else data
        self._advance()
        if len(self.held) > _HELD_BYTES and not self.paused:
            self.paused = True
            self.transport.pause_reading()

    def eof_received(self) -> bool:
        """The client sends no more; who has closed the connection looks the same as who waits for the rest."""
        self.left = True
        self.ended = True
        if self.incoming and self.incoming.body:
            self.incoming.body.break_off()
        return not self.is_idle

    def connection_lost(self, _) -> None:
        self.others.discard(self)
        self.ended = self.closing = True
        self.left = True
        self.writable.set()
        if self.incoming and self.incoming.body:
            self.incoming.body.break_off()

    def pause_writing(self) -> None:
        self.writable.clear()
        self.since = asyncio.get_running_loop().time()

    def resume_writing(self) -> None:
        self.writable.set()
        self._advance()

    # --- What the parser tells ------------------------------------------------------------------------------

    def on_message_begin(self) -> None:
        self.target, self.headers, self.lines, self.in_head = b"", {}, 0, True
        self.since = asyncio.get_running_loop().time()

    def on_url(self, part: bytes) -> None:
        self.target += part

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self.in_head:
            # A trailer after a body in chunks.
            return
        named, said = name.decode("latin-1").lower(), value.decode("latin-1")
        self.headers[named] = f"{self.headers[named]}, {said}" if named in self.headers else said
        self.lines += 1
        if self.lines > self.head_lines:
            raise fault(431, f"The request has more than {self.head_lines:,} headers, the limit here.")

    def on_headers_complete(self) -> None:
        self.in_head, self.size = False, 0
        headers = self.headers
        body = None
        if "transfer-encoding" in headers or headers.get("content-length", "0").strip("0"):
            waits = headers.get("expect", "").lower() == "100-continue"
            body = Body(wanted=self._go_on if waits else None)
        self.incoming = Request(
            self.gateway.site,
            self.parser.get_method().decode("ascii"),
            self._target(),
            headers,
            self.client,
            version=self.parser.get_http_version(),
            body=body,
            left=self.has_left,
        )
        self.parsed.append(self.incoming)

    def on_body(self, part: bytes) -> None:
        self.incoming.body.feed(part)

    def on_message_complete(self) -> None:
        self.incoming.last = not self.parser.should_keep_alive()
        if self.incoming.body:
            self.incoming.body.end()
        self.incoming = None

    def _go_on(self) -> None:
        """Tell a client who asks first that his body is wanted."""
        if not self.closing:
            self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def _target(self) -> str:
        """What is asked for, without the host that a client writes there for a proxy."""
        target = self.target.decode("ascii")
        if not target.startswith("/") and "://" in target:
            host, _, path = target.partition("://")[2].partition("/")
            # Of two hosts this one counts (RFC 9112, 3.2.2).
            self.headers["host"] = host
            target = f"/{path}"
        return target.partition("#")[0]

    # --- Reading --------------------------------------------------------------------------------------------

    def _advance(self) -> None:
        """Read and answer until something has to be waited for."""
        while self.writable.is_set() and not self.closing:
            if self.request is None and self.parsed:
                self._begin(self.parsed.popleft())
            elif self.request is None and self.refusal:
                self._refuse(self.refusal)
            elif self.held and not self.ended and not self._waits:
                self._read()
            else:
                return

    @property
    def _waits(self) -> bool:
        """Whether the next request has to wait for its turn."""
        return bool(self.parsed) or (self.request is not None and self.incoming is not self.request)

    def _read(self) -> None:
        """Let the parser read on to the end of a head, so that it does not run ahead."""
        end = self.held.find(_END) + len(_END)
        if end < len(_END) or end == len(self.held):
            piece, self.held = self.held, b""
            self._resume()
        else:
            piece, self.held = self.held[:end], self.held[end:]
        try:
            if self.incoming is None:
                self._require_short(piece)
                if not piece.isascii() and not self.lines:
                    piece = _quoted(piece)
            self.parser.feed_data(piece)
            if self.in_head and self.parser.get_http_version() == "0.9":
                raise fault(400, _NO_HTTP)
        except HttpParserUpgrade:
            # Nothing else is spoken here; what follows the request would be.
            self.ended = True
        except HttpParserCallbackError as error:
            if not isinstance(error.__context__, HTTPException):
                raise
            self._give_up(error.__context__)
        except HTTPException as error:
            self._give_up(error)
        except HttpParserInvalidMethodError:
            if unknown := _METHOD.match(piece):
                self._give_up(fault(501, f"The method {unknown[1].decode()} is not known here."))
            else:
                self._give_up(fault(400, _NO_HTTP))
        except HttpParserError:
            self._give_up(fault(400, _NO_HTTP))

    def _require_short(self, piece: bytes) -> None:
        """Refuse a head that is longer than it may be, whether or not its end has come."""
        self.size += len(piece)
        if self.size > self.head_bytes:
            limit = f"is longer than {self.head_bytes:,} bytes, the limit here"
            if not self.headers and b"\n" not in piece:
                raise fault(414, f"The address {limit}; a query can be posted.")
            raise fault(431, f"The head of the request {limit}.")

    def _resume(self) -> None:
        if self.paused:
            self.paused = False
            self.transport.resume_reading()

    def _give_up(self, reason: HTTPException) -> None:
        self.ended = True
        if self.incoming and self.incoming.body:
            # Whoever reads the body will say so.
            self.incoming.body.break_off()
        else:
            self.refusal = reason

    # --- Answering ------------------------------------------------------------------------------------------

    def _begin(self, request: Request) -> None:
        self.request = request
        reply = self.gateway.at_once(request) if request.body is None else None
        if reply:
            self._send(request, reply)
        else:
            self.task = asyncio.get_running_loop().create_task(self._answer(request))

    async def _answer(self, request: Request) -> None:
        reply = await self.gateway.reply(request)
        try:
            if reply.file:
                await self._send_file(request, reply)
            else:
                self._send(request, reply)
            self._advance()
        except Exception:
            # Half a reply may have been sent: nothing can follow it.
            traceback.print_exc(file=sys.stderr)
            self.transport.abort()

    def _send(self, request: Request, reply: Reply) -> None:
        head, body = self.gateway.sent(request, reply)
        self._write(request, head, body)
        self._done(request)

    async def _send_file(self, request: Request, reply: Reply) -> None:
        """Send what lies in a file piece by piece, as fast as the client takes it."""
        with reply.file.open("rb") as file:
            # Whatever happens now, nobody has to tidy up.
            reply.file.unlink()
            head, _ = self.gateway.sent(request, reply)
            self._write(request, head, b"")
            if request.method != "HEAD" and head is reply.head:
                while not self.closing and (piece := file.read(_PIECE_BYTES)):
                    self.transport.write(piece)
                    self.since = asyncio.get_running_loop().time()
                    await self.writable.wait()
        self._done(request)

    def _write(self, request: Request, head: bytes, body: bytes) -> None:
        if self.closing:
            return
        # The rest of a body that nobody wants would be taken for the next request.
        if request.last or self.incoming is request:
            self.ended = True
            self.parsed.clear()
        if self.ended and not self.parsed and not self.refusal:
            last = _CLOSE
        else:
            last = _KEEP if request.version == "1.0" else b"\r\n"
        self.transport.write(b"%b%b%b%b" % (head, dates.line(), last, body))

    def _done(self, request: Request) -> None:
        self.request = None
        self.since = asyncio.get_running_loop().time()
        if self.ended and not self.parsed and not self.refusal and not self.closing:
            self._end(lingers=self.incoming is request)

    def _refuse(self, reason: HTTPException) -> None:
        """Say why something is no request."""
        self.refusal = None
        request = Request(self.gateway.site, "-", "/", {}, self.client)
        head, body = self.gateway.sent(request, replies.of_text(reason.code, reason.description))
        self._write(request, head, body)
        self._end(lingers=True)

    def _end(self, lingers: bool = False) -> None:
        """Close, once everything is sent; a client that may still be sending gets a moment to see it."""
        self.ended = self.closing = True
        if not lingers or self.left:
            self.transport.close()
            return
        self._resume()
        if self.transport.can_write_eof():
            self.transport.write_eof()
        asyncio.get_running_loop().call_later(_LINGER_S, self.transport.close)

    # --- What the listener tells ----------------------------------------------------------------------------

    def show_out(self, now: float, wait_s: float) -> None:
        """End a connection on which for too long nothing was received that was to come, or sent that was due."""
        unsent = self.transport.get_write_buffer_size()
        if unsent != self.unsent:
            self.since, self.unsent = now, unsent
        if now - self.since < wait_s:
            return
        if self.in_head and not self.closing:
            self._give_up(fault(408, "The head of the request did not arrive in time."))
            self._advance()
        elif self.request is None or not self.writable.is_set():
            self.transport.abort()

    def finish(self) -> None:
        """Read no further request, give what is owed, and close."""
        self.ended = True
        if self.is_idle:
            self._end()


def _quoted(piece: bytes) -> bytes:
    """A piece of a head whose address has raw text in it, as people type it, which the parser would refuse."""
    line, end, rest = piece.partition(b"\r\n")
    return _RAW.sub(lambda byte: b"%%%02X" % byte[0][0], line) + end + rest
