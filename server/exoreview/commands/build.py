"""Make the release: every dump, compressed too, the catalog, and the checksums, in one folder.

All files are written beside their place and moved there together when the last one is finished; other files
in the folder stay as they are. The same data gives the same bytes.

An archive is a folder with older releases, one folder for each, named by its version, as this command wrote
it. The new release says that it comes after the newest of them, and its nanopublications supersede those.
"""

import argparse
import os
import shutil
import signal
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from exoreview.problems import Refusal

SUMMARY = "make the release: dumps, catalog, checksums"
EXAMPLE = "exoreview build --out release"


def arguments(parser):
    """Where the files go, and where those of older releases are."""
    parser.add_argument(
        "--out", metavar="DIR", type=_folder, default=Path("release"), help="folder for the files"
    )
    parser.add_argument(
        "--archive", metavar="DIR", type=_folder, help="folder of older releases: DIR/0.9.0/…"
    )


def run(options) -> int:
    """Write the release and list its files."""
    from exoreview import files
    from exoreview.release import Release, archive

    _refuse(options.out)
    older = archive.read(options.archive, files.version()) if options.archive else ()
    release = Release.load(archive=older)
    _refuse_others_files(options.out, release.names())
    rows = []
    with _ending_cleanly(), _together(options.out) as folder:
        for name in release.names():
            print(f"writing {name}", file=sys.stderr)
            (folder / name).write_bytes(release.bytes(name))
            rows.append((name, len(release.bytes(name)), release.triples(name)))
    print(table(rows))
    print(f"{len(rows)} files in {options.out}")
    return 0


def table(rows: list[tuple[str, int, int | None]]) -> str:
    """The files with their sizes in bytes and their triples, in columns."""
    lines = [("file", "bytes", "triples")]
    lines += [(name, f"{size:,}", "" if count is None else f"{count:,}") for name, size, count in rows]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        f"{name:{widths[0]}}  {size:>{widths[1]}}  {count:>{widths[2]}}".rstrip()
        for name, size, count in lines
    )


def _folder(name: str) -> Path:
    if not name:
        raise argparse.ArgumentTypeError("it is empty; name a folder, such as release")
    return Path(name)


def _refuse_others_files(out: Path, names: Iterable[str]) -> None:
    """Replace only what an earlier build made, which its list of checksums names."""
    from exoreview.release import CATALOG, CHECKSUMS

    sums = out / CHECKSUMS
    lines = sums.read_text("utf-8", "replace").splitlines() if sums.is_file() else []
    made = {line.partition("  ")[2] for line in lines}
    # The list does not name itself; every build's names the catalog.
    if CATALOG in made:
        made.add(CHECKSUMS)
    for name in names:
        if (out / name).is_file() and name not in made:
            raise Refusal(f"{out / name} was not made by a build, so it stays; name another folder.")


def _refuse(out: Path) -> None:
    """Say at once what would fail in the end."""
    if out.exists() and not out.is_dir():
        raise Refusal(f"{out} is a file; the release needs a folder, and nothing was written.")
    if not out.parent.is_dir():
        raise Refusal(f"There is no folder {out.parent} to make {out.name} in.")


@contextmanager
def _ending_cleanly() -> Iterator[None]:
    """A signal that ends this process does so as an exception, so that nothing half-made stays behind."""

    def end(number: int, _) -> None:
        raise SystemExit(128 + number)

    numbers = [
        number for number in (signal.SIGTERM, signal.SIGHUP) if signal.getsignal(number) == signal.SIG_DFL
    ]
    for number in numbers:
        signal.signal(number, end)
    try:
        yield
    finally:
        for number in numbers:
            signal.signal(number, signal.SIG_DFL)


@contextmanager
def _together(out: Path) -> Iterator[Path]:
    """A folder to write into; its files are moved into `out` if all goes well, else `out` stays as it was."""
    # Inside an existing folder the move never crosses file systems, even if that folder is a mount.
    hidden = (out if out.is_dir() else out.parent) / f".{out.name or 'release'}-{os.getpid()}"
    try:
        hidden.mkdir()
        yield hidden
        if not out.is_dir():
            hidden.rename(out)
            return
        written = list(hidden.iterdir())
        for path in written:
            if (out / path.name).is_dir():
                raise IsADirectoryError(0, "a folder is in the way", str(out / path.name))
        for path in written:
            path.replace(out / path.name)
    except OSError as error:
        reason = f"{error.strerror} ({error.filename})" if error.filename else error.strerror
        raise Refusal(
            f"The release could not be written to {out}: {reason}. What was there is unchanged."
        ) from None
    finally:
        shutil.rmtree(hidden, ignore_errors=True)
