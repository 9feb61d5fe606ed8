"""A store in a folder: built once, opened read-only by all who ask it.

The folder holds `quads/`, which is RocksDB's; a manifest of what it was built from, by which version, and how
large its graphs are, so that nothing is counted at the start; and a sample of its quads. It is built beside
its place, under a hidden name, and moved there when it is complete: what stands in its place is whole.
"""

import fcntl
import json
import os
import random
import shutil
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from importlib import metadata
from itertools import islice
from pathlib import Path

from pyoxigraph import Quad, Store, parse, serialize

from exoreview import files, media
from exoreview.problems import Refusal
from exoreview.sparql import sources
from exoreview.sparql.stores import format_of, quads_of, reason, sizes

# The layout of the folder; another number is not read.
_FORMAT = 1
_MANIFEST, _QUADS, _SAMPLE = "exoreview-store.json", "quads", "sample.nq"
# So many quads are kept, and at most so many are looked up before it is seen which files are still closed.
_SAMPLE_QUADS, _TOUCHED_QUADS = 4096, 64
_PROGRESS_S = 10.0


@dataclass(frozen=True)
class Manifest:
    """What a folder says of itself; `sizes` are triples by graph, the default graph under the empty text."""

    format: int
    engine: str
    sources: tuple[sources.Source, ...]
    sizes: dict[str, int]


def holds(directory: Path) -> bool:
    """Whether there is anything in a folder: where not, a store can be built."""
    return directory.exists() and not (directory.is_dir() and next(directory.iterdir(), None) is None)


def build(
    directory: Path,
    paths: Sequence[Path] = (),
    *,
    quads: Iterable[Quad] = (),
    name: str = "quads",
    note: Callable[[str], None] = lambda line: print(line, file=sys.stderr, flush=True),
) -> Manifest:
    """Build a store in a folder that is empty or not there yet, from files and from quads under a name.

    `note` is given a line every few seconds. A Refusal says what failed; nothing is left then.
    """
    quads = list(quads)
    if holds(directory):
        raise Refusal(f"{files.shown(directory)} is not empty; name an empty folder, or a new one.")
    for path in paths:
        format_of(path)
    try:
        with _beside(directory) as building:
            manifest = _filled(building, paths, quads, name, note)
            _written(building / _MANIFEST, json.dumps(asdict(manifest), indent=2))
            building.rename(directory)
    except (OSError, RuntimeError) as error:
        raise Refusal(f"{files.shown(directory)}: the store cannot be built: {reason(error)}") from None
    return manifest


def check(
    directory: Path,
    paths: Sequence[Path] | None = None,
    *,
    quads: Iterable[Quad] = (),
    name: str = "quads",
) -> Manifest:
    """What a folder says of itself; a Refusal where it holds no store that can be read, or was built from
    other things than these. Without `paths` it may be of anything."""
    shown = files.shown(directory)
    again = f"name another folder, or delete {shown} to build it again."
    manifest = _manifest(directory)
    if not manifest or _series(manifest.engine) != _series(_engine()):
        raise Refusal(f"{shown} was built by another version of exoreview; {again}")
    if paths is None:
        return manifest
    quads = list(quads)
    wanted = [*(str(path.resolve()) for path in paths), *([name] if quads else [])]
    held = [source.name for source in manifest.sources]
    if len(wanted) != len(held):
        raise Refusal(f"{shown} was built from {_listed(held)}, not from {_listed(wanted)}; {again}")
    now = [sources.as_before(source, path) for source, path in zip(manifest.sources, paths, strict=False)]
    now += [sources.of_quads(name, quads)] if quads else []
    for source, found in zip(manifest.sources, now, strict=True):
        if source.sha256 != found.sha256:
            if source.name == found.name:
                raise Refusal(f"{Path(found.name).name} has changed since {shown} was built; {again}")
            raise Refusal(f"{shown} was built from {_listed(held)}, not from {_listed(wanted)}; {again}")
    return manifest


def open_read_only(directory: Path) -> Store:
    """Open a store that was checked; any number of processes may, also where nothing can be written.

    Its files are opened now, as far as can be, so that a process which may open none can answer.
    """
    try:
        store = Store.read_only(str(directory / _QUADS))
        quads = parse(path=directory / _SAMPLE, format=media.NQUADS.engine)
        while unopened(directory) and (some := list(islice(quads, _TOUCHED_QUADS))):
            _touch(store, some)
        return store
    # What RocksDB finds damaged is a RuntimeError.
    except (OSError, RuntimeError) as error:
        raise _damaged(directory, error) from None


def read_whole(directory: Path) -> Store:
    """What a store that was checked holds, in memory."""
    store = Store()
    try:
        store.extend(Store.read_only(str(directory / _QUADS)))
    except (OSError, RuntimeError) as error:
        raise _damaged(directory, error) from None
    return store


def unopened(directory: Path) -> int:
    """How many files of an open store this process has not opened yet, and will when a query needs them."""
    folder = directory.resolve() / _QUADS
    opened = set()
    for descriptor in Path("/proc/self/fd").iterdir():
        # The descriptor that lists the folder is gone by now.
        with suppress(FileNotFoundError):
            opened.add(descriptor.readlink())
    return sum(file not in opened for file in folder.glob("*.sst"))


def _damaged(directory: Path, error: OSError | RuntimeError) -> Refusal:
    return Refusal(f"{files.shown(directory)}: the store cannot be opened: {reason(error)}")


def _touch(store: Store, quads: Iterable[Quad]) -> None:
    """Look where quads stand in every index: RocksDB opens sixteen files by itself, the others on demand."""
    next(store.named_graphs(), None)
    for subject, predicate, object, graph in quads:
        for within in (graph, None):
            next(store.quads_for_pattern(subject, None, None, within), None)
            next(store.quads_for_pattern(subject, None, object, within), None)
            next(store.quads_for_pattern(None, predicate, object, within), None)


class _Sample:
    """Quads at random among all that pass; the same of the same."""

    def __init__(self) -> None:
        self.quads: list[Quad] = []
        self.chance, self.random = 1.0, random.Random(0)

    def passing(self, quads: Iterable[Quad]) -> Iterator[Quad]:
        for quad in quads:
            if self.random.random() < self.chance:
                self.quads.append(quad)
                if len(self.quads) == _SAMPLE_QUADS:
                    self.quads = self.random.sample(self.quads, _SAMPLE_QUADS // 2)
                    self.chance /= 2
            yield quad


def _filled(
    folder: Path, paths: Sequence[Path], quads: list[Quad], name: str, note: Callable[[str], None]
) -> Manifest:
    """Build RocksDB's part; the sources are described first, so that a change meanwhile is seen."""
    held = [sources.of_file(path) for path in paths] + ([sources.of_quads(name, quads)] if quads else [])
    store = Store(str(folder / _QUADS))
    sample = _Sample()
    for path in paths:
        store.bulk_extend(sample.passing(_counted(quads_of(path), files.shown(path), note)))
    store.bulk_extend(sample.passing(quads))
    serialize(sample.quads, folder / _SAMPLE, format=media.NQUADS.engine)
    if paths:
        note("The store is being put in order.")
    store.optimize()
    store.flush()
    return Manifest(_FORMAT, _engine(), tuple(held), sizes(store))


def _counted(quads: Iterable[Quad], shown: str, note: Callable[[str], None]) -> Iterator[Quad]:
    started = said = time.monotonic()
    for number, quad in enumerate(quads, 1):
        yield quad
        if number % 10_000 == 0 and (now := time.monotonic()) - said > _PROGRESS_S:
            said = now
            note(f"{shown}: {number:,} quads read, {number / (now - started):,.0f} a second.")


@contextmanager
def _beside(directory: Path) -> Iterator[Path]:
    """A new hidden folder beside a place, locked for as long as it is built; it is removed where that fails.

    What a killed process left there is removed first, but nothing that is not a store's.
    """
    place = directory.resolve()
    building = place.with_name(f".{place.name}.building")
    building.mkdir(parents=True, exist_ok=True)
    handle = os.open(building, os.O_RDONLY | os.O_DIRECTORY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            mine = building.exists() and os.path.samestat(os.fstat(handle), building.stat())
        except BlockingIOError:
            mine = False
        if not mine:
            raise Refusal(f"{files.shown(directory)} is being built by another process; wait for its end.")
        if strange := {entry.name for entry in building.iterdir()} - {_QUADS, _MANIFEST, _SAMPLE}:
            raise Refusal(f"{building} is in the way: it holds {min(strange)}, which is no store's.")
        try:
            _empty(building)
            yield building
        except BaseException:
            shutil.rmtree(building, ignore_errors=True)
            raise
    finally:
        os.close(handle)


def _empty(folder: Path) -> None:
    shutil.rmtree(folder / _QUADS, ignore_errors=True)
    for name in (_MANIFEST, _SAMPLE):
        (folder / name).unlink(missing_ok=True)


def _manifest(directory: Path) -> Manifest | None:
    """What a folder says of itself; None where it has another layout."""
    shown = files.shown(directory)
    try:
        said = json.loads((directory / _MANIFEST).read_text("utf-8"))
        if said["format"] != _FORMAT:
            return None
        return Manifest(**{**said, "sources": tuple(sources.Source(**source) for source in said["sources"])})
    except (FileNotFoundError, NotADirectoryError):
        raise Refusal(f"{shown} holds no store; name an empty folder, or a new one.") from None
    except OSError as error:
        raise Refusal(f"{shown} cannot be read: {reason(error)}") from None
    except (ValueError, KeyError, TypeError):
        raise Refusal(
            f"{shown}: {_MANIFEST} is not as it was written; delete {shown} to build it again."
        ) from None


def _written(path: Path, text: str) -> None:
    """Write a file and its folder through to the disk."""
    with path.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _listed(names: Sequence[str]) -> str:
    return ", ".join(Path(name).name for name in names) or "nothing"


def _engine() -> str:
    return f"pyoxigraph {metadata.version('pyoxigraph')}"


def _series(engine: str) -> str:
    """Versions that read each other's files: 0.5 of 0.5.13."""
    return ".".join(engine.split(".")[:2])
