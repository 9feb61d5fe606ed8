"""Say what differs between two releases: the triples that each graph gains and loses, and of which things.

A release is a dump, a folder that `exoreview build --out` made, or . for the present data. The exit status is
0 if they are the same, 1 if they differ, and 2 if they could not be compared.
"""

import argparse
import sys
from pathlib import Path

from exoreview.problems import Refusal

SUMMARY = "say what differs between two releases"
EXAMPLE = "exoreview diff release ."

_PRESENT = "."


def arguments(parser: argparse.ArgumentParser) -> None:
    """The two releases, and the format."""
    what = "dump (.nq .trig .jsonld, also .gz), folder of a build, or ."
    parser.add_argument("old", metavar="A", help=f"the older release: {what}")
    parser.add_argument("new", metavar="B", help="the newer one, likewise")
    parser.add_argument(
        "--format",
        choices=("text", "nq"),
        default="text",
        help="text for people; nq for programs: N-Quads, each after + or -",
    )


def run(options: argparse.Namespace) -> int:
    """Compare, and print the differences."""
    from exoreview.release import changelog, difference

    try:
        old, new = (difference.comparable(_quads(given)) for given in (options.old, options.new))
        if ("" in old) != ("" in new) and old and new:
            raise Refusal(f"{options.old} and {options.new}: only one of them has named graphs.")
    except Refusal as refusal:
        print(f"exoreview diff: {refusal}", file=sys.stderr)
        return 2
    changes = difference.changes(old, new)
    if options.format == "nq":
        sys.stdout.writelines(_lines(changes))
    else:
        sys.stdout.write(changelog.text(changes, old, new))
    return 1 if changes else 0


def _quads(given: str):
    """The named graphs of a release, all but the catalog, which holds checksums of the others."""
    from exoreview.knowledge import graphs
    from exoreview.release import Release, reading

    if given == _PRESENT:
        return Release.load().named_quads()
    path = Path(given)
    if not path.exists():
        raise Refusal(f"{path}: no such file or directory.")
    quads = reading.read(_dump(path) if path.is_dir() else path)
    catalog = graphs.iri("catalog")
    return [quad for quad in quads if getattr(quad.graph_name, "value", "") != catalog]


def _dump(folder: Path) -> Path:
    """The dump in a folder that a build made."""
    found = sorted(folder.glob("exoreview-*.nq")) or sorted(folder.glob("exoreview-*.nq.gz"))
    if len(found) != 1:
        many = (
            f"there are {', '.join(path.name for path in found)}; name one" if found else "there is no dump"
        )
        raise Refusal(f"{folder}: {many}. A build makes one: exoreview build --out {folder}")
    return found[0]


def _lines(changes) -> list[str]:
    """What is gained after + and what is lost after -, as N-Quads, sorted."""
    lines = []
    for change in changes:
        graph = f" <{change.graph}>" if change.graph else ""
        for sign, triples in (("+", change.added), ("-", change.removed)):
            lines += [f"{sign} {triple}{graph} .\n" for triple in triples]
    return sorted(lines, key=lambda line: (line[2:], line[0]))
