"""One connection of a client: one request is answered after the other, in the order in which they came.

What was kept is answered at once, in the turn of the event loop in which it was asked; for anything else a
task asks the gateway. Requests that come before their turn stay unread.
"""

import asyncio
import sys
import traceback
from collections.abc import Awaitable, Mapping
from typing import Any

from werkzeug.exceptions import HTTPException

from exoreview.web.http import dates, replies
from exoreview.web.http.faults import fault
from exoreview.web.http.gateway import GONE, Gateway
from exoreview.web.http.lending import Loan
from exoreview.web.http.parsing import Parser
from exoreview.web.http.reading import Reading
from exoreview.web.http.replies import Reply
from exoreview.web.http.requests import Request
from exoreview.web.http.sending import PIECE_BYTES, Sending

# So many requests of one client are answered before others have their turn.
_AT_A_TIME = 64
# So many clients more than may be connected are told so; others beyond them are not even that.
_REFUSED = 256
# So long a client may take to see the last reply, in seconds: what he still sends is thrown away meanwhile,
# for if the connection were reset at once he would not see it.
_LINGER_S = 2.0
# So long the rest of a head may take that is refused, in seconds.
_SKIM_S = 1.0
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_CLOSE, _KEEP = b"connection: close\r\n\r\n", b"connection: keep-alive\r\n\r\n"


class Connection(asyncio.Protocol):
    """A connection from its first byte to its last."""

    def __init__(self, gateway: Gateway, others: set["Connection"], most: int, settings: Mapping[str, Any]):
        """One of `most` at a time, who all stand in `others`."""
        self.gateway, self.others, self.most, self.settings = gateway, others, most, settings
        self.transport: asyncio.Transport | None = None
        self.parser: Parser | None = None
        self.reading: Reading | None = None
        self.sending: Sending | None = None
        self.request: Request | None = None
        # Whether it is lent, where that is done at all.
        self.loan = gateway.lending and Loan(gateway.lending, self)
        # The loop itself remembers tasks only weakly.
        self.task: asyncio.Task | None = None
        # What ends the wait for the rest of a head that is refused.
        self.skimming: asyncio.TimerHandle | None = None
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
            left=lambda: self.reading.left,
            go_on=lambda: self.sending.ended or transport.write(_CONTINUE),
        )
        self.reading, self.sending = Reading(self.parser, transport), Sending(transport)
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
        self.reading.add(data)
        self._advance()

    def eof_received(self) -> bool:
        """Nothing more comes; who has hung up looks the same as who waits for the rest of his answers."""
        self.reading.end()
        if self.parser.unfit:
            self._give_up()
        return self.request is not None or self.reading.has_more or self.sending.is_full

    def connection_lost(self, _) -> None:
        self.others.discard(self)
        self.reading.left = self.parser.ended = True
        self.parser.break_off()
        self.sending.end()
        # Who waits for room need not wait any more.
        self.sending.resume()

    def pause_writing(self) -> None:
        self.sending.pause()
        self.since = asyncio.get_running_loop().time()

    def resume_writing(self) -> None:
        self.sending.resume()
        self._advance()

    # --- Reading and answering ------------------------------------------------------------------------------

    def _advance(self) -> None:
        """Read and answer until something has to be waited for, or it is somebody else's turn."""
        for _ in range(_AT_A_TIME):
            if not self._step():
                if not self.sending.ended:
                    self.reading.pace()
                    if self.reading.left and self._is_last and self.request is None:
                        self._end()
                return
        asyncio.get_running_loop().call_soon(self._advance)

    def _step(self) -> bool:
        """Do the next thing, if anything can be done now."""
        parser = self.parser
        if self.sending.ended or self.sending.is_full or self._is_lent:
            return False
        if self.request is None and parser.requests:
            self._begin(parser.requests.popleft())
        elif self.request is None and parser.fault:
            self._refuse(parser.fault)
        elif self.reading.can_read(self.request):
            if not parser.in_head:
                self.since = asyncio.get_running_loop().time()
            self.reading.read()
            if parser.unfit and not self.skimming:
                self.skimming = asyncio.get_running_loop().call_later(_SKIM_S, self._give_up)
        else:
            return False
        return True

    def _begin(self, request: Request) -> None:
        self.request = request
        if request.body:
            request.body.taken = self._advance
        reply = self.gateway.at_once(request) if request.body is None else None
        if reply:
            self._send(request, reply)
        else:
            self.task = asyncio.get_running_loop().create_task(
                self._answer(request, self.gateway.reply(request))
            )

    async def _answer(self, request: Request, made: Awaitable[Reply]) -> None:
        try:
            reply = await made
            if reply.status == GONE:
                self.gateway.sent(request, reply)
                self.sending.end()
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

    def _give_up(self) -> None:
        """Wait no longer for the end of a head that is refused."""
        if not self.parser.ended:
            self.parser.give_up(self.parser.unfit)
            self._advance()

    def _refuse(self, reason: HTTPException) -> None:
        """Say why something is no request, in the form that is asked for where that could be read."""
        self.parser.fault = None
        site, method = self.gateway.site, "HEAD" if self.parser.asks_no_body else "-"
        request = Request(site, method, f"{site.prefix}/", self.parser.headers, self.parser.client)
        if request.accept:
            self.request = request
            made = self.gateway.refusal(request, reason)
            self.task = asyncio.get_running_loop().create_task(self._answer(request, made))
        else:
            self._send(request, replies.of_text(reason.code, reason.description, reason.more_headers))

    # --- Sending --------------------------------------------------------------------------------------------

    def _send(self, request: Request, reply: Reply) -> None:
        head, body = self.gateway.sent(request, reply)
        self._write(request, head, body)
        self._done()

    async def _send_file(self, request: Request, reply: Reply) -> None:
        head, _ = self.gateway.sent(request, reply)
        self._write(request, head, b"")
        if request.method != "HEAD" and head is reply.head:
            await self.sending.write_pieces(reply.file.pieces(PIECE_BYTES))
        self._done()

    def _write(self, request: Request, head: bytes, body: bytes) -> None:
        if self.sending.ended:
            return
        if request.last or self.parser.incoming is request:
            # The rest of a body that nobody wants would be taken for the next request.
            self.parser.ended, self.parser.fault = True, None
            self.parser.requests.clear()
        last = _KEEP if request.version == "1.0" else b"\r\n"
        if self._is_last:
            last = _CLOSE
        self.sending.write(b"".join((head, dates.line(), last)), body)

    @property
    def _is_last(self) -> bool:
        return (self.parser.ended or self.reading.left) and not self.reading.has_more

    def _done(self) -> None:
        request, self.request = self.request, None
        self.since = asyncio.get_running_loop().time()
        if self._is_last and not self.sending.ended:
            self._end()
        elif self.loan and request:
            self.loan.answered(request)

    def _end(self) -> None:
        """Close, once everything is sent and the client has seen it, or a moment later."""
        self.sending.end()
        self.parser.ended = True
        if self.reading.left:
            self.transport.close()
            return
        if self.reading.paused:
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
        ending = self.sending.ended or self.transport.is_closing()
        return self.request is None and self.reading.is_quiet and not ending

    @property
    def _is_lent(self) -> bool:
        return self.loan is not None and self.loan.is_out

    def resume(self, rest: bytes) -> None:
        """Go on with it; `rest` is still to be sent."""
        self.since = asyncio.get_running_loop().time()
        if rest and not self.transport.is_closing():
            self.transport.write(rest)
        if not self.reading.paused and not self.transport.is_closing():
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
        if self.sending.is_full or self.sending.ended:
            self.transport.abort()
        elif self.request is None and self.parser.in_head:
            self.parser.give_up(fault(408, "The head of the request did not arrive in time."))
            self._advance()
        elif self.request is None:
            self.transport.abort()

    def finish(self) -> None:
        """Read no further request, give what is owed, and close; to be called until that is done."""
        self.reading.finishing = True
        if self.sending.ended or self._is_lent or self.parser.incoming is not None:
            return
        self.parser.ended = True
        if self.request is None and not self.parser.requests:
            self.transport.close()
