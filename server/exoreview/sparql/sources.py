"""What a store was built from, and whether that is still the same."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import Quad

from exoreview.sparql.stores import format_of


@dataclass(frozen=True)
class Source:
    """What quads were read from: a file, or what goes by a name."""

    name: str
    size: int
    modified_ns: int
    sha256: str


def of_file(path: Path) -> Source:
    """A file as it is now."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    status = path.stat()
    return Source(str(path.resolve()), status.st_size, status.st_mtime_ns, digest)


def of_quads(name: str, quads: list[Quad]) -> Source:
    """Quads under a name, in whatever order."""
    lines = sorted(str(quad) for quad in quads)
    return Source(name, len(lines), 0, hashlib.sha256("\n".join(lines).encode()).hexdigest())


def as_before(source: Source, path: Path) -> Source:
    """A file as it is now; where neither its time nor its size has changed, it is not read again."""
    format_of(path)
    status = path.stat()
    same = (str(path.resolve()), status.st_size, status.st_mtime_ns)
    return source if same == (source.name, source.size, source.modified_ns) else of_file(path)
