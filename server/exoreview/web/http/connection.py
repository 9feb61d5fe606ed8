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
from exoreview.web.http.gateway import GONE, Gateway
from exoreview.web.http.lending import Loan
from exoreview.web.http.parsing import Parser
from exoreview.web.http.pieces import Pieces
from exoreview.web.http.replies import Reply
from exoreview.web.http.requests import Request

# So many bytes are taken before it is their turn to be read; for more the client has to wait.
_HELD_BYTES = 1 << 16
# So many requests of one client are answered before others have their turn.
_AT_A_TIME = 64
# A longer body is not copied behind its head.
_COPIED_BYTES = 1 << 14
# So many clients more than may be connected are told so; others beyond them are not even that.
_REFUSED = 256
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
        # What was not read yet, and whether the client has to wait because that is much.
        self.held, self.paused = Pieces(), False
        self.request: Request | None = None
        # The client sends no more; nothing more is sent to him; no other request is read.
        self.left = self.closing = self.finishing = False
        self.writable = asyncio.Event()
        self.writable.set()
        # Whether it is lent, where that is done at all.
        self.loan = gateway.lending and Loan(gateway.lending, self)
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
        if len(self.others) > self.most + _REFUSED:
            transport.abort()
        elif len(self.others) > self.most:
            full = f"{self.most:,} clients are connected already; try again in a moment."
            self.parser.give_up(fault(503, full, headers={"Retry-After": "1"}))
            self._advance()

    def data_received(self, data: bytes) -> None:
        if self.parser.ended:
            return
        self.held.add(data)
        self._advance()

    def eof_received(self) -> bool:
        """Nothing more comes; who has hung up looks the same as who waits for the rest of his answers."""
        self.left = True
        self._break_off()
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
        """Read and answer until something has to be waited for, or it is somebody else's turn."""
        for _ in range(_AT_A_TIME):
            if not self._step():
                self._pace()
                if self.left and self._is_last and self.request is None and not self.closing:
                    self._end()
                return
        asyncio.get_running_loop().call_soon(self._advance)

    def _step(self) -> bool:
        """Do the next thing, if anything can be done now."""
        parser = self.parser
        if self.closing or self._is_lent or not self.writable.is_set():
            return False
        if self.request is None and parser.requests:
            self._begin(parser.requests.popleft())
        elif self.request is None and parser.fault:
            self._refuse(parser.fault)
        elif self.held and not parser.ended and not self._waits:
            self._read()
        else:
            return False
        return True

    @property
    def _waits(self) -> bool:
        """Whether what was not read yet has to wait for its turn."""
        request, parser = self.request, self.parser
        if parser.requests:
            return True
        if request is None:
            return False
        return parser.incoming is not request or (
            request.body is not None and request.body.unread > _HELD_BYTES
        )

    @property
    def _has_more(self) -> bool:
        """Whether anything is to be answered after the request whose turn it is."""
        parser = self.parser
        return bool(parser.requests or parser.fault or (self.held and not parser.ended))

    def _read(self) -> None:
        """Let the parser read on."""
        if not self.parser.in_head:
            self.since = asyncio.get_running_loop().time()
        in_body = self.parser.incoming is not None
        self.parser.read(self.held.of_body(self.parser.rest) if in_body else self.held.of_head())
        self._break_off()
        if self.finishing and self.parser.incoming is None:
            self.parser.ended = True

    def _break_off(self) -> None:
        """Of a client who sends no more, a body that is not whole now never will be."""
        if self.left and not self.held:
            self.parser.break_off()

    def _pace(self) -> None:
        """Have the client wait while much of what he has sent is not read, or taken, yet."""
        body = self.parser.incoming and self.parser.incoming.body
        much = len(self.held) + (body.unread if body else 0) > _HELD_BYTES
        if much != self.paused and not self.closing:
            self.paused = much
            (self.transport.pause_reading if much else self.transport.resume_reading)()

    def _begin(self, request: Request) -> None:
        self.request = request
        if request.body:
            request.body.taken = self._advance
        reply = self.gateway.at_once(request) if request.body is None else None
        if reply:
            self._send(request, reply)
        else:
            self.task = asyncio.get_running_loop().create_task(self._answer(request))

    async def _answer(self, request: Request) -> None:
        try:
            reply = await self.gateway.reply(request)
            if reply.status == GONE:
                self.gateway.sent(request, reply)
                self.closing = True
                self.transport.close()
            elif reply.file:
                await self._send_file(request, reply)
            else:
                self._send(request, reply)
            self._advance()
        except Exception:
            # Half a reply may have been sent: nothing can follow it.
            self.transport.abort()
            traceback.print_exc(file=sys.stderr)

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
        head, _ = self.gateway.sent(request, reply)
        self._write(request, head, b"")
        if request.method != "HEAD" and head is reply.head:
            for piece in reply.file.pieces(_PIECE_BYTES):
                if self.closing:
                    break
                self.transport.write(piece)
                await self.writable.wait()
                # Others have their turn, however fast this client reads.
                await asyncio.sleep(0)
        self._done()

    def _write(self, request: Request, head: bytes, body: bytes) -> None:
        if self.closing:
            return
        if request.last or self.parser.incoming is request:
            # The rest of a body that nobody wants would be taken for the next request.
            self.parser.ended, self.parser.fault = True, None
            self.parser.requests.clear()
        last = _KEEP if request.version == "1.0" else b"\r\n"
        if self._is_last:
            last = _CLOSE
        start = b"%b%b%b" % (head, dates.line(), last)
        if len(body) > _COPIED_BYTES:
            self.transport.writelines((start, body))
        else:
            self.transport.write(start + body)

    @property
    def _is_last(self) -> bool:
        return (self.parser.ended or self.left) and not self._has_more

    def _done(self) -> None:
        request, self.request = self.request, None
        self.since = asyncio.get_running_loop().time()
        if self._is_last and not self.closing:
            self._end()
        elif self.loan and request:
            self.loan.answered(request)

    def _end(self) -> None:
        """Close, once everything is sent and the client has seen it, or a moment later."""
        self.closing = self.parser.ended = True
        if self.left:
            self.transport.close()
            return
        if self.paused:
            self.transport.resume_reading()
        if self.transport.can_write_eof():
            self.transport.write_eof()
        asyncio.get_running_loop().call_later(_LINGER_S, self.transport.close)

    # --- While others answer on it --------------------------------------------------------------------------

    @property
    def address(self) -> str:
        """Its client's address."""
        return self.parser.client

    @property
    def is_quiet(self) -> bool:
        """Whether nothing is under way: nothing is to be read or answered, and it goes on."""
        begun = self.request or self.held or self.parser.in_head or self.parser.incoming or self._has_more
        ending = self.finishing or self.left or self.parser.ended or self.transport.is_closing()
        return not (begun or self.closing or ending)

    @property
    def _is_lent(self) -> bool:
        return self.loan is not None and self.loan.is_out

    def resume(self, rest: bytes) -> None:
        """Go on with it; `rest` is still to be sent."""
        self.since = asyncio.get_running_loop().time()
        if rest and not self.transport.is_closing():
            self.transport.write(rest)
        if not self.paused and not self.transport.is_closing():
            self.transport.resume_reading()

    # --- What the listener tells ----------------------------------------------------------------------------

    def show_out(self, now: float, wait_s: float) -> None:
        """End it where for too long nothing was received that was to come, or sent that was due."""
        if self._is_lent:
            return
        unsent = self.transport.get_write_buffer_size()
        if unsent != self.unsent:
            self.since, self.unsent = now, unsent
        if now - self.since < wait_s:
            return
        if not self.writable.is_set() or self.closing:
            self.transport.abort()
        elif self.request is None and self.parser.in_head:
            self.parser.give_up(fault(408, "The head of the request did not arrive in time."))
            self._advance()
        elif self.request is None:
            self.transport.abort()

    def finish(self) -> None:
        """Read no further request, give what is owed, and close; to be called until that is done."""
        self.finishing = True
        if self.closing or self._is_lent or self.parser.incoming is not None:
            return
        self.parser.ended = True
        if self.request is None and not self.parser.requests:
            self.transport.close()
