"""Older releases: a folder with one folder for each, named by its version, as `exoreview build` writes it.

Nothing of them is made anew. Each file is compared with the checksums of its release before it is used.
"""

import hashlib
import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from pyoxigraph import Quad, Triple

from exoreview import media
from exoreview.knowledge import graphs
from exoreview.problems import Refusal
from exoreview.release import dumps, reading
from exoreview.terms import DATASET, term

_VERSION = re.compile(r"(0|[1-9][0-9]{0,8})(\.(0|[1-9][0-9]{0,8})){2}")
_SUM = re.compile(r"([0-9a-f]{64})  (\S+)")


@dataclass(frozen=True, eq=False)
class Archived:
    """An older release: its version, its folder, and the SHA-256 of each of its files by name."""

    version: str
    folder: Path
    sums: Mapping[str, str]

    @property
    def dump(self) -> str:
        """The name of the file that holds all its graphs but the catalog."""
        return f"exoreview-{self.version}{media.NQUADS.suffix}"

    def names(self) -> tuple[str, ...]:
        """Its files, the list of checksums last."""
        return (*self.sums, dumps.CHECKSUMS)

    def bytes(self, name: str) -> bytes:
        """A file as it was released; KeyError for another name, Refusal for what has changed since."""
        digest = None if name == dumps.CHECKSUMS else self.sums[name]
        path = self.folder / name
        try:
            content = path.read_bytes()
        except OSError as error:
            reason = (error.strerror or "no reason given").lower()
            raise Refusal(f"{path}: it cannot be read: {reason}.") from None
        if digest not in (None, hashlib.sha256(content).hexdigest()):
            raise Refusal(
                f"{path}: this is not what {dumps.CHECKSUMS} says; take it from a copy of that release."
            )
        return content

    @cached_property
    def quads(self) -> list[Quad]:
        """All its graphs but the catalog, those of its nanopublications among them."""
        return reading.read(self.folder / self.dump)

    @cached_property
    def catalog(self) -> list[Triple]:
        """Its catalog."""
        return [quad.triple for quad in reading.read(self.folder / dumps.CATALOG)]

    @cached_property
    def graphs(self) -> dict[str, list[Triple]]:
        """Its graphs by their short names, the catalog among them; nanopublications are left out."""
        held: dict[str, list[Triple]] = defaultdict(list)
        names = {graphs.iri(name): name for name in graphs.BY_NAME}
        for quad in self.quads:
            if name := names.get(getattr(quad.graph_name, "value", "")):
                held[name].append(quad.triple)
        return {**held, "catalog": self.catalog}

    def said(self, *properties: str) -> str:
        """The first text that its catalog says of the dataset by one of the properties, or nothing."""
        for property in properties:
            for triple in self.catalog:
                if triple.subject.value == DATASET and triple.predicate == term(property):
                    return triple.object.value
        return ""

    @cached_property
    def dated(self) -> datetime:
        """When it was released, as its catalog says, in UTC."""
        said = self.said("dcterms:modified", "dcterms:issued")
        return datetime.fromisoformat(said).replace(tzinfo=UTC)


def read(folder: Path, version: str) -> tuple[Archived, ...]:
    """The releases in a folder, the newest first, each older than `version`; refused where one is damaged."""
    if not folder.is_dir():
        raise Refusal(f"{folder}: there is no such folder; name one that holds older releases.")
    # Hidden ones are of others, or half made.
    found = [path for path in folder.iterdir() if path.is_dir() and not path.name.startswith(".")]
    for path in sorted(found):
        if not _VERSION.fullmatch(path.name):
            raise Refusal(
                f"{path}: this name is no version; a folder of the archive is named as 0.9.0 is, after what "
                "it holds."
            )
    newest = sorted(found, key=lambda path: _place(path.name), reverse=True)
    if newest and _place(newest[0].name) >= _place(version):
        raise Refusal(
            f"{newest[0]}: this is not older than {version}; an archive holds older releases alone."
        )
    return tuple(map(_archived, newest))


def _archived(folder: Path) -> Archived:
    """One release, all of whose files are as they were."""
    release = Archived(folder.name, folder, _sums(folder))
    for name in release.sums:
        release.bytes(name)
    if not release.said("dcterms:modified", "dcterms:issued"):
        raise Refusal(f"{folder / dumps.CATALOG}: it does not say when the dataset was issued.")
    return release


def _sums(folder: Path) -> dict[str, str]:
    """The checksums of a release, which name the files of its version and no others."""
    path = folder / dumps.CHECKSUMS
    try:
        lines = path.read_text("utf-8", "replace").splitlines()
    except OSError:
        raise Refusal(f"{path}: it cannot be read; “exoreview build” writes one with each release.") from None
    known = {*dumps.names(folder.name), dumps.CATALOG}
    sums = {}
    for number, line in enumerate(lines, 1):
        match = _SUM.fullmatch(line)
        if not match or match[2] not in known:
            raise Refusal(f"{path}:{number}: this is no checksum of a file of release {folder.name}.")
        sums[match[2]] = match[1]
    for name in (f"exoreview-{folder.name}{media.NQUADS.suffix}", dumps.CATALOG):
        if name not in sums:
            raise Refusal(f"{path}: there is no checksum of {name}.")
    return sums


def _place(version: str) -> list[int]:
    """What versions are ordered by: their numbers."""
    return [int(number) for number in re.match(r"\d+(?:\.\d+)*", version)[0].split(".")]
