"""What has come from a client and waits to be read: cut where heads and bodies end, so that no reading runs
ahead."""

# What ends the head of a request.
_END = b"\r\n\r\n"
# In a body of chunks the end of a head is looked for beyond so many bytes: what only looks like one shall not
# cut the body into crumbs.
_STRIDE_BYTES = 1 << 12


class Pieces:
    """Bytes in the order in which they came; nothing is copied until it is read."""

    def __init__(self):
        self.data, self.at = b"", 0
        # How the last piece of a head ended, for the end of a head may come in two parts.
        self.before = b""

    def __len__(self) -> int:
        return len(self.data) - self.at

    def add(self, data: bytes) -> None:
        """Take what has come."""
        self.data, self.at = (self.data[self.at :] + data if self.data else data), 0

    def of_head(self) -> bytes:
        """The next piece of a head, and nothing that stands behind it."""
        piece = self._cut(self._begun() or self._found(self.at))
        self.before = (self.before + piece)[-3:]
        return piece

    def of_body(self, rest: int | None) -> bytes:
        """The next piece of a body of which so much is still to come, None where nobody knows."""
        self.before = b""
        return self._cut(self._found(self.at + _STRIDE_BYTES) if rest is None else self.at + rest)

    def _begun(self) -> int:
        """Where a head ends whose end began in the piece before; 0 if none did."""
        for had in (3, 2, 1):
            if self.before.endswith(_END[:had]) and self.data.startswith(_END[had:], self.at):
                return self.at + len(_END) - had
        return 0

    def _found(self, start: int) -> int:
        """Where a head ends at or after a place, or the end of everything."""
        found = self.data.find(_END, start)
        return len(self.data) if found < 0 else found + len(_END)

    def _cut(self, end: int) -> bytes:
        if end >= len(self.data):
            piece, self.data, self.at = self.data[self.at :], b"", 0
        else:
            piece, self.at = self.data[self.at : end], end
        return piece
