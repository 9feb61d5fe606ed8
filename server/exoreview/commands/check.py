"""Check the project's data, or files of yours together with all of it before you commit them.

A file named like one of the project's replaces it, any other is added. Of your files their own problems are
reported, each as `file:line: thing: sentence`; the exit status is 0 if there are none and 1 if there are.
"""

import sys
import time
from pathlib import Path

SUMMARY = "check data: notation, layout, shapes, quotes against the text"
EXAMPLE = "exoreview check data/claims.ttl"


def arguments(parser):
    """The files to check."""
    help_files = "Turtle or SSSOM; without any, all of the project's"
    parser.add_argument("files", metavar="FILE", nargs="*", type=Path, help=help_files)
    parser.add_argument("--fix", action="store_true", help="put the files into the canonical layout instead")
    parser.add_argument("--verbose", action="store_true", help="say what each step took, also in a pipe")


def run(options) -> int:
    """Check, or put into the canonical layout."""
    return _fix(options) if options.fix else _check(options)


def _check(options) -> int:
    from exoreview.checking import checks

    began = time.perf_counter()
    heard = options.verbose or sys.stderr.isatty()
    outcome = checks.check(options.files, _say if heard else lambda name, seconds: None)
    for problem in outcome.problems:
        print(problem, file=sys.stderr)
    print(checks.summary(outcome, time.perf_counter() - began))
    return 1 if outcome.problems else 0


def _fix(options) -> int:
    from exoreview.checking import checks, documents

    paths = options.files or [document.path for document in documents.find([])]
    status = 0
    for path in paths:
        try:
            print(f"{path}: {'put into the canonical layout' if checks.fix(path) else 'was right already'}")
        except checks.Unfixable as unfixable:
            print(unfixable, file=sys.stderr)
            status = 1
    return status


def _say(name: str, seconds: float) -> None:
    print(f"{seconds:6.2f} s  {name}", file=sys.stderr)
