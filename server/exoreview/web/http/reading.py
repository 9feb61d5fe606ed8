"""What a client sends on a connection: it waits for its turn, and is read into requests."""

import asyncio

from exoreview.web.http.parsing import Parser
from exoreview.web.http.pieces import Pieces
from exoreview.web.http.requests import Request

# So many bytes are taken before it is their turn to be read; for more the client has to wait.
_HELD_BYTES = 1 << 16


class Reading:
    """Reads no further than to the request whose turn it is, and has the client wait with the rest."""

    def __init__(self, parser: Parser, transport: asyncio.Transport):
        self.parser, self.transport = parser, transport
        # What was not read yet, and whether the client has to wait because that is much.
        self.held, self.paused = Pieces(), False
        # The client sends no more; no other request is read.
        self.left = self.finishing = False

    @property
    def has_more(self) -> bool:
        """Whether anything is to be answered after the request whose turn it is."""
        parser = self.parser
        return bool(parser.requests or parser.fault or (self.held and not parser.ended))

    @property
    def is_quiet(self) -> bool:
        """Whether nothing has begun to come, and more may."""
        parser = self.parser
        begun = self.held or parser.in_head or parser.incoming or self.has_more
        return not (begun or self.left or self.finishing or parser.ended)

    def add(self, data: bytes) -> None:
        """Take what has come."""
        self.held.add(data)

    def end(self) -> None:
        """Nothing more will come."""
        self.left = True
        self._break_off()

    def can_read(self, request: Request | None) -> bool:
        """Whether there is anything to read whose turn it is, while a request, or none, is answered."""
        parser = self.parser
        if not self.held or parser.ended or parser.requests:
            return False
        if request is None:
            return True
        # All that is read beside it is its own body, no faster than that is taken.
        return parser.incoming is request and not (request.body and request.body.unread > _HELD_BYTES)

    def read(self) -> None:
        """Let the parser read on."""
        in_body = self.parser.incoming is not None
        self.parser.read(self.held.of_body(self.parser.rest) if in_body else self.held.of_head())
        self._break_off()
        if self.finishing and self.parser.incoming is None:
            self.parser.ended = True

    def pace(self) -> None:
        """Have the client wait while much of what he has sent is not read, or taken, yet."""
        body = self.parser.incoming and self.parser.incoming.body
        much = len(self.held) + (body.unread if body else 0) > _HELD_BYTES
        if much != self.paused:
            self.paused = much
            (self.transport.pause_reading if much else self.transport.resume_reading)()

    def _break_off(self) -> None:
        """Of a client who sends no more, a body that is not whole now never will be."""
        if self.left and not self.held:
            self.parser.break_off()
