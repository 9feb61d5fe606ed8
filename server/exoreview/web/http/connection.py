"""One connection of a client: one request is answered after the other, in the order in which they came.

What was kept is answered at once, in the turn of the event loop in which it was asked; for anything else a
task asks the gateway. Requests that come before their turn stay unread.
"""

import asyncio
import sys
import traceback
from collections.abc import Mapping
from typing import Any

from werkzeug.exceptions import HTTPException

from exoreview.web.http import dates, replies
from exoreview.web.http.faults import fault
from exoreview.web.http.gateway import Gateway
from exoreview.web.http.parsing import Parser
from exoreview.web.http.replies import Reply
from exoreview.web.http.requests import Request

# What ends the head of a request.
_END = b"\r\n\r\n"
# So many bytes of later requests are taken before their turn; for more the client has to wait.
_HELD_BYTES = 1 << 16
# A long answer goes from its file in pieces of this size.
_PIECE_BYTES = 1 << 18
# So long a client may take to see the last reply, in seconds: what he still sends is thrown away meanwhile,
# for if the connection were reset at once he would not see it.
_LINGER_S = 2.0
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_CLOSE, _KEEP = b"connection: close\r\n\r\n", b"connection: keep-alive\r\n\r\n"


class Connection(asyncio.Protocol):
    """A connection from its first byte to its last."""

    def __init__(self, gateway: Gateway, others: set["Connection"], most: int, settings: Mapping[str, Any]):
        """One of `most` at a time, who all stand in `others`."""
        self.gateway, self.others, self.most, self.settings = gateway, others, most, settings
        self.transport: asyncio.Transport | None = None
        self.parser: Parser | None = None
        # What has come and was not read yet, and whether the client has to wait because that is much.
        self.held, self.paused = b"", False
        self.request: Request | None = None
        # The client sends no more; nothing more is sent to him.
        self.left = self.closing = False
        self.writable = asyncio.Event()
        self.writable.set()
        # The loop itself remembers tasks only weakly.
        self.task: asyncio.Task | None = None
        # When there was progress last, and what was not sent then.
        self.since, self.unsent = asyncio.get_running_loop().time(), 0

    # --- What the event loop tells --------------------------------------------------------------------------

    def connection_made(self, transport) -> None:
        self.transport = transport
        peer = transport.get_extra_info("peername")
        self.parser = Parser(
            self.gateway.site,
            peer[0] if peer else "",
            self.settings,
            left=lambda: self.left,
            go_on=lambda: self.closing or transport.write(_CONTINUE),
        )
        self.others.add(self)
        if len(self.others) > self.most:
            full = f"{self.most:,} clients are connected already; try again in a moment."
            self.parser.give_up(fault(503, full, headers={"Retry-After": "1"}))
            self._advance()

    def data_received(self, data: bytes) -> None:
        if self.parser.ended:
            return
        self.held = self.held + data if self.held else data
        self._advance()
        if len(self.held) > _HELD_BYTES and not self.paused:
            self.paused = True
            self.transport.pause_reading()

    def eof_received(self) -> bool:
        """Nothing more comes; who has hung up looks the same as who waits for the rest of his answers."""
        self.left = True
        self.parser.break_off()
        return self.request is not None or self._has_more or not self.writable.is_set()

    def connection_lost(self, _) -> None:
        self.others.discard(self)
        self.left = self.closing = self.parser.ended = True
        self.parser.break_off()
        self.writable.set()

    def pause_writing(self) -> None:
        self.writable.clear()
        self.since = asyncio.get_running_loop().time()

    def resume_writing(self) -> None:
        self.writable.set()
        self._advance()

    # --- Reading and answering ------------------------------------------------------------------------------

    def _advance(self) -> None:
        """Read and answer until something has to be waited for."""
        parser = self.parser
        while self.writable.is_set() and not self.closing:
            if self.request is None and parser.requests:
                self._begin(parser.requests.popleft())
            elif self.request is None and parser.fault:
                self._refuse(parser.fault)
            elif self.held and not parser.ended and not self._waits:
                self._read()
            else:
                return

    @property
    def _waits(self) -> bool:
        """Whether the next request has to wait for its turn."""
        return bool(self.parser.requests) or (
            self.request is not None and self.parser.incoming is not self.request
        )

    @property
    def _has_more(self) -> bool:
        """Whether anything is to be answered after the request whose turn it is."""
        parser = self.parser
        return bool(parser.requests or parser.fault or (self.held and not parser.ended))

    def _read(self) -> None:
        """Let the parser read on, to the end of a head at most, so that it does not run ahead."""
        end = self.held.find(_END) + len(_END)
        if end < len(_END) or end == len(self.held):
            piece, self.held = self.held, b""
            self._resume()
        else:
            piece, self.held = self.held[:end], self.held[end:]
        if not self.parser.in_head:
            self.since = asyncio.get_running_loop().time()
        self.parser.read(piece)

    def _resume(self) -> None:
        if self.paused:
            self.paused = False
            self.transport.resume_reading()

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

    def _refuse(self, reason: HTTPException) -> None:
        """Say why something is no request."""
        self.parser.fault = None
        request = Request(self.gateway.site, "-", "/", {}, self.parser.client)
        self._send(request, replies.of_text(reason.code, reason.description, reason.more_headers))

    # --- Sending --------------------------------------------------------------------------------------------

    def _send(self, request: Request, reply: Reply) -> None:
        head, body = self.gateway.sent(request, reply)
        self._write(request, head, body)
        self._done()

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
                    await self.writable.wait()
        self._done()

    def _write(self, request: Request, head: bytes, body: bytes) -> None:
        if self.closing:
            return
        if request.last or self.parser.incoming is request:
            # The rest of a body that nobody wants would be taken for the next request.
            self.parser.ended = True
            self.parser.requests.clear()
        last = _KEEP if request.version == "1.0" else b"\r\n"
        if self._is_last:
            last = _CLOSE
        self.transport.write(b"%b%b%b%b" % (head, dates.line(), last, body))

    @property
    def _is_last(self) -> bool:
        return (self.parser.ended or self.left) and not self._has_more

    def _done(self) -> None:
        self.request = None
        self.since = asyncio.get_running_loop().time()
        if self._is_last and not self.closing:
            self._end()

    def _end(self) -> None:
        """Close, once everything is sent and the client has seen it, or a moment later."""
        self.closing = self.parser.ended = True
        if self.left:
            self.transport.close()
            return
        self._resume()
        if self.transport.can_write_eof():
            self.transport.write_eof()
        asyncio.get_running_loop().call_later(_LINGER_S, self.transport.close)

    # --- What the listener tells ----------------------------------------------------------------------------

    def show_out(self, now: float, wait_s: float) -> None:
        """End it where for too long nothing was received that was to come, or sent that was due."""
        unsent = self.transport.get_write_buffer_size()
        if unsent != self.unsent:
            self.since, self.unsent = now, unsent
        if now - self.since < wait_s:
            return
        if self.request is None and self.parser.in_head and not self.closing:
            self.parser.give_up(fault(408, "The head of the request did not arrive in time."))
            self._advance()
        elif self.request is None or not self.writable.is_set():
            self.transport.abort()

    def finish(self) -> None:
        """Read no further request, give what is owed, and close."""
        self.parser.ended = True
        if self.request is None and not self.parser.requests:
            self.transport.close()
