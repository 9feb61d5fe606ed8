"""Older releases as `exoreview build` makes them, of files with an older version and date, a claim less."""

from functools import cache

from pyoxigraph import Literal, NamedNode, Triple

from exoreview import files
from exoreview.knowledge import graphs
from exoreview.release import Release
from exoreview.terms import BASE

# The versions with the days of their release; text says that 0.9.0 is newer than 0.10.0.
DAYS = {"0.9.0": "2026-09-01", "0.10.0": "2026-10-01"}
# What both older releases lack.
CLAIM = BASE + "claim/s04-c6"


def archive(folder):
    """The folder, with both older releases in it."""
    for version in DAYS:
        made = release(version)
        (folder / version).mkdir()
        for name in made.names():
            (folder / version / name).write_bytes(made.bytes(name))
    return folder


@cache
def release(version):
    """The project's release as it might have been then."""
    then = {}
    for name, triples in graphs.load().items():
        kept = [each for each in triples if name != "claims" or NamedNode(CLAIM) not in each]
        then[name] = [Triple(*(_then(part, version) for part in each)) for each in kept]
    return Release(then, version)


def _then(part, version):
    if isinstance(part, NamedNode):
        return NamedNode(part.value.replace(f"/{files.version()}", f"/{version}"))
    if isinstance(part, Literal):
        text = part.value.replace(files.version(), version).replace("2026-11-23", DAYS[version])
        return (
            Literal(text, language=part.language) if part.language else Literal(text, datatype=part.datatype)
        )
    return part
