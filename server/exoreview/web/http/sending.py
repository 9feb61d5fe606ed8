"""What is sent to a client on a connection, as fast as he takes it."""

import asyncio
from collections.abc import Iterable

# A longer body is not copied behind its head.
_COPIED_BYTES = 1 << 14
# What lies in a file is sent in pieces of this size.
PIECE_BYTES = 1 << 18


class Sending:
    """Sends until it is ended."""

    def __init__(self, transport: asyncio.Transport):
        self.transport, self.ended = transport, False
        self.room = asyncio.Event()
        self.room.set()

    @property
    def is_full(self) -> bool:
        """Whether the client has yet to take much of what was sent."""
        return not self.room.is_set()

    def pause(self) -> None:
        """The client has to take something first."""
        self.room.clear()

    def resume(self) -> None:
        """He has."""
        self.room.set()

    def end(self) -> None:
        """Send nothing more."""
        self.ended = True

    def write(self, head: bytes, body: bytes) -> None:
        """Send the start of a reply, or all of it."""
        if len(body) > _COPIED_BYTES:
            self.transport.writelines((head, body))
        else:
            self.transport.write(head + body)

    async def write_pieces(self, pieces: Iterable[bytes]) -> None:
        """Send what follows, each piece once there is room for it."""
        for piece in pieces:
            if self.ended:
                return
            self.transport.write(piece)
            await self.room.wait()
            # Others have their turn, however fast this client reads.
            await asyncio.sleep(0)
