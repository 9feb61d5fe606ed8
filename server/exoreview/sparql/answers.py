"""An answer on its way out: its limits, its content coding, its digest, and where it is kept.

An engine writes into a `Writing`. What is short stays in memory; what is long goes on in pieces, so memory
stays flat. Nothing that was written is an answer before `finish`.
"""

import errno
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from exoreview import codings
from exoreview.media import Format
from exoreview.sparql.outcomes import NoRoom, TooLarge
from exoreview.sparql.rows import Rows, are_counted

# An answer up to this size is kept and sent as one piece.
PIECE_BYTES = 1 << 18


class Stored:
    """Bytes in a file without a name: closed, or held by nobody any more, they are gone.

    What has failed is to be closed: its exception may hold it for long, as exceptions go in circles.
    """

    def __init__(self, folder: Path):
        # Set first, for the end comes also to what could not be opened.
        self._file = None
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115

    def __del__(self):
        self.close()

    def close(self) -> None:
        """Throw them away now, whoever holds them."""
        # What could not be written fails once more when the file is closed.
        with suppress(OSError):
            if self._file:
                self._file.close()

    def add(self, piece: bytes) -> None:
        """Put a piece at the end; raises OSError."""
        self._file.write(piece)
        self._file.flush()

    def fileno(self) -> int:
        """The file's descriptor."""
        return self._file.fileno()

    def free_bytes(self) -> int:
        """How much room its disk has left."""
        disk = os.fstatvfs(self.fileno())
        return disk.f_bavail * disk.f_frsize

    def pieces(self, size: int) -> Iterator[bytes]:
        """All of it, in pieces of a size; many may read at once."""
        at = 0
        while piece := os.pread(self.fileno(), size, at):
            yield piece
            at += len(piece)

    def opened(self) -> BinaryIO:
        """All of it as a file, for one reader at a time."""
        content = os.fdopen(os.dup(self.fileno()), "rb")
        content.seek(0)
        return content


class Answer(NamedTuple):
    """A complete answer: in memory or, when it is long, in a file."""

    digest: str
    coding: str | None
    size: int
    body: bytes = b""
    file: Stored | None = None

    def opened(self) -> BinaryIO:
        """The content as a file, for one reader at a time."""
        return self.file.opened() if self.file else BytesIO(self.body)


# A digest tells answers apart by so many digits of its 64.
_DIGITS = 32

# So much of the disk stays free, for others than slow readers of long answers.
RESERVE_BYTES = 1 << 28


class Spool:
    """The file in a folder that the pieces of a long answer go to."""

    def __init__(self, folder: Path):
        self.folder, self.file = folder, None

    def add(self, piece: bytes) -> None:
        """Put a piece at the end; raises NoRoom where the disk has none."""
        try:
            self.file = self.file or Stored(self.folder)
            self.file.add(piece)
            if self.file.free_bytes() < RESERVE_BYTES:
                raise OSError(errno.ENOSPC, "No space left on device")
        except OSError as error:
            self.drop()
            reason = f"There is no room for the answer on the server's disk ({error.strerror})."
            raise NoRoom(reason) from None

    def drop(self) -> None:
        """Throw away what is there."""
        if file := self.take():
            file.close()

    def take(self) -> Stored | None:
        """The file, which is the taker's from now on; None where there is none."""
        file, self.file = self.file, None
        return file


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
        # What has not been looked through for rows yet.
        self.rows = Rows(format, self.max_rows) if are_counted(format) else None
        self.uncounted: list[bytes] = []
        self.coding, self.compressor = coding, None
        self.onward, self.held = onward, bytearray()
        self.taken = self.size = 0
        self.digest = sha256()

    def write(self, data: bytes) -> int:
        """Take a part of the answer."""
        self.taken += len(data)
        if self.taken > self.max_bytes:
            raise TooLarge(f"The result is longer than {self.max_bytes:,} bytes; add LIMIT, or ask for less.")
        if self.rows:
            self.uncounted.append(data)
            # No row is without a byte, so most answers need not be looked through.
            if self.taken > self.max_rows:
                self.rows.add(b"".join(self.uncounted))
                self.uncounted.clear()
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
