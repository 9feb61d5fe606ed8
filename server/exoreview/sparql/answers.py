"""An answer on its way out: its limits, its content coding, its digest, and where it is kept.

An engine writes into a `Writing`. What is short stays in memory; what is long goes on in pieces, so memory
stays flat. Nothing that was written is an answer before `finish`.
"""

import errno
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from exoreview import codings, media
from exoreview.media import Format
from exoreview.sparql.outcomes import Stopped, TooLarge

# An answer up to this size is kept and sent as one piece.
PIECE_BYTES = 1 << 18

# What stands at each row, and how many rows there are beyond those marks. In a value a mark is escaped, but
# for a line break in a quoted cell of CSV, which counts as one more row.
_ROW_MARKS = {
    media.RESULTS_JSON.name: (b'}},{"', 1),
    media.RESULTS_XML.name: (b"<result>", 0),
    media.CSV.name: (b"\n", -1),
    media.TSV.name: (b"\n", -1),
}


class Answer(NamedTuple):
    """A complete answer: in memory or, when it is long, in a file that its taker deletes."""

    digest: str
    coding: str | None
    size: int
    body: bytes = b""
    file: Path | None = None

    @contextmanager
    def opened(self) -> Iterator[BinaryIO]:
        """The content to read, once: a file is deleted afterwards."""
        if self.file is None:
            yield BytesIO(self.body)
            return
        try:
            with self.file.open("rb") as content:
                yield content
        finally:
            self.file.unlink(missing_ok=True)


# A digest tells answers apart by so many digits of its 64.
_DIGITS = 32

# So much of the disk stays free, for others than slow readers of long answers.
_RESERVE_BYTES = 1 << 28


class Spool:
    """The file in a folder that the pieces of a long answer go to."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.file = None

    def add(self, piece: bytes) -> None:
        """Put a piece at the end; raises Stopped where the disk has no room."""
        try:
            self.file = self.file or tempfile.NamedTemporaryFile(dir=self.folder, delete=False)  # noqa: SIM115
            self.file.write(piece)
            self.file.flush()
            disk = os.fstatvfs(self.file.fileno())
            if disk.f_bavail * disk.f_frsize < _RESERVE_BYTES:
                raise OSError(errno.ENOSPC, "No space left on device")
        except OSError as error:
            self.drop()
            reason = f"There is no room for the answer on the server's disk ({error.strerror})."
            raise Stopped(reason) from None

    def drop(self) -> None:
        """Throw away what is there."""
        if path := self.take():
            path.unlink()

    def take(self) -> Path | None:
        """The file, which is the taker's from now on; None where there is none."""
        if self.file is None:
            return None
        file, self.file = self.file, None
        # What could not be written fails once more when the file is closed.
        with suppress(OSError):
            file.close()
        return Path(file.name)


class Writing:
    """A binary file that an engine writes an answer into; raises TooLarge beyond its limits."""

    def __init__(
        self,
        format: Format,
        coding: str | None,
        settings: Mapping[str, Any],
        onward: Callable[[bytes], None],
    ):
        """Pieces that are too long to be kept go `onward`."""
        self.max_bytes, self.max_rows = settings["RESULT_MAX_BYTES"], settings["RESULT_MAX_ROWS"]
        self.mark, self.rows = _ROW_MARKS.get(format.name, (b"", 0))
        # The end of what was looked through for marks, which may be the start of one, and what was not yet.
        self.tail, self.uncounted = b"", []
        self.coding, self.compressor = coding, None
        self.onward, self.held = onward, bytearray()
        self.taken = self.size = 0
        self.digest = sha256()

    def write(self, data: bytes) -> int:
        """Take a part of the answer."""
        self.taken += len(data)
        if self.taken > self.max_bytes:
            raise TooLarge(f"The result is longer than {self.max_bytes:,} bytes; add LIMIT, or ask for less.")
        if self.mark:
            self.uncounted.append(data)
            # No row is without a byte, so most answers need not be looked through.
            if self.taken > self.max_rows:
                self._count()
        self.held += self.compressor.compress(data) if self.compressor else data
        # Whether compressing pays is known once there is enough.
        if self.coding and not self.compressor and len(self.held) >= codings.LEAST_BYTES:
            self.compressor = codings.BY_NAME[self.coding].compressor()
            self.held = bytearray(self.compressor.compress(bytes(self.held)))
        if len(self.held) >= PIECE_BYTES:
            self._pass_on()
        return len(data)

    def flush(self) -> None:
        """Nothing is held back that could be sent: an answer counts when it is complete."""

    def finish(self) -> tuple[str, str | None, int, bytes]:
        """The digest, the coding, the size in bytes, and what has not gone onward."""
        if self.compressor:
            self.held += self.compressor.flush()
        self.size += len(self.held)
        self.digest.update(self.held)
        coding = self.coding if self.compressor else None
        return self.digest.hexdigest()[:_DIGITS], coding, self.size, bytes(self.held)

    def _pass_on(self) -> None:
        piece, self.held = bytes(self.held), bytearray()
        self.size += len(piece)
        self.digest.update(piece)
        self.onward(piece)

    def _count(self) -> None:
        data = b"".join([self.tail, *self.uncounted])
        self.uncounted.clear()
        self.rows += data.count(self.mark)
        # So much cannot be a mark by itself, but may be the start of one.
        self.tail = data[1 - len(self.mark) :] if len(self.mark) > 1 else b""
        if self.rows > self.max_rows:
            raise TooLarge(f"The result has more than {self.max_rows:,} rows; add LIMIT, or ask for less.")
