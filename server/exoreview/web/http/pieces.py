"""What has come from a client and waits to be read: cut where a head ends, so that no reading runs ahead."""

# What ends the head of a request.
_END = b"\r\n\r\n"
# In a body the end of a head is looked for beyond so many bytes: what only looks like one shall not cut the
# body into crumbs.
_STRIDE_BYTES = 1 << 12


class Pieces:
    """Bytes in the order in which they came; nothing is copied until it is read."""

    def __init__(self):
        self.data, self.at = b"", 0

    def __len__(self) -> int:
        return len(self.data) - self.at

    def add(self, data: bytes) -> None:
        """Take what has come."""
        self.data, self.at = (self.data[self.at :] + data if self.data else data), 0

    def next(self, *, in_body: bool) -> bytes:
        """The next piece: to the end of a head at most, or all there is."""
        end = self.data.find(_END, self.at + (_STRIDE_BYTES if in_body else 0)) + len(_END)
        if end < len(_END) or end == len(self.data):
            piece, self.data, self.at = self.data[self.at :], b"", 0
        else:
            piece, self.at = self.data[self.at : end], end
        return piece
