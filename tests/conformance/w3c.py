"""Run the W3C's tests of SPARQL queries, their results and their protocol against `exoreview serve --data`.

    python tests/conformance/w3c.py PATH [--only PATTERN]

PATH is a checkout of https://github.com/w3c/rdf-tests. README.md beside this file says what is run and how.
"""

import argparse
import csv
import re
import shlex
import sys
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from pyoxigraph import Quad

from conformance import asking, datasets, description, protocol
from conformance.manifests import DESCRIPTION, OTHER, PROTOCOL, Case, Checkout
from conftest import serving

HERE = Path(__file__).resolve().parent
TOPS = ("sparql/sparql10/manifest.ttl", "sparql/sparql11/manifest-all.ttl")
PASSED, KNOWN, FAILED = "passed", "known", "failed"

# What is left out, with the reason; any other folder is run.
NO_SERVICE = "SERVICE is off unless an endpoint is allowed, and those of the tests do not exist"
READ_ONLY = "the endpoint is read-only"
LEFT_OUT = {
    "sparql11/entailment": "the endpoint answers under simple entailment",
    "sparql11/service": NO_SERVICE,
    "sparql11/syntax-fed": NO_SERVICE,
    "sparql11/delete-insert": READ_ONLY,
}


@dataclass(frozen=True)
class Outcome:
    """How a case ended, and why if it did not pass."""

    case: Case
    status: str
    why: str = ""


def known_failures() -> dict[str, str]:
    """The failures that are the engine's own: the test and the reason."""
    with (HERE / "known.tsv").open(encoding="utf-8", newline="") as file:
        return {row["test"]: row["reason"] for row in csv.DictReader(file, delimiter="\t")}


def judged(case: Case, address: str, data: list[Quad], known: dict[str, str]) -> Outcome:
    """Run a case and say how it ended; a known failure must give exactly what pyoxigraph alone gives."""
    if case.kind in (PROTOCOL, DESCRIPTION):
        told = (protocol if case.kind == PROTOCOL else description).wrong(case, address)
        return Outcome(case, FAILED, told) if told else Outcome(case, PASSED)
    due = asking.due(case)
    told = asking.wrong(case, address, due)
    if not told and case.id in known:
        return Outcome(case, FAILED, "it passes, but stands in known.tsv; take it out there")
    if not told:
        return Outcome(case, PASSED)
    alone = asking.alone(case, datasets.store(data))
    engine = asking.unlike(case, alone, due)
    if case.id not in known:
        return Outcome(case, FAILED, f"{told}. pyoxigraph alone: {engine or 'right, so the mistake is ours'}")
    if not engine:
        return Outcome(case, FAILED, f"{told}. It stands in known.tsv, but pyoxigraph alone is right")
    ours = asking.wrong(case, address, alone)
    if ours:
        return Outcome(case, FAILED, f"it stands in known.tsv, but the answer is not pyoxigraph's: {ours}")
    return Outcome(case, KNOWN, known[case.id])


def run(cases: list[Case], checkout: Checkout, known: dict[str, str]) -> list[Outcome]:
    """Run cases, one server for each dataset among them and two servers side by side."""
    groups = defaultdict(list)
    for case in cases:
        groups[case.dataset].append(case)
    done = []
    with TemporaryDirectory() as folder:
        pool = ThreadPoolExecutor(2)
        try:
            jobs = [
                pool.submit(_served, group, Path(folder, f"{number}.nq"), checkout, known)
                for number, group in enumerate(groups.values())
            ]
            for number, job in enumerate(jobs, 1):
                done += job.result()
                if sys.stderr.isatty():
                    print(f"\r{number} of {len(jobs)} datasets", end="", file=sys.stderr, flush=True)
        finally:
            pool.shutdown(cancel_futures=True)
    if sys.stderr.isatty():
        print("\r" + " " * 40, end="\r", file=sys.stderr)
    return done


def _served(cases: list[Case], path: Path, checkout: Checkout, known: dict[str, str]) -> list[Outcome]:
    data = datasets.quads(cases[0].dataset, checkout)
    datasets.write(data, path)
    with serving("--data", path, EXOREVIEW_LOG="off") as address:
        return [_answered(case, address, data, known) for case in cases]


def _answered(case: Case, address: str, data: list[Quad], known: dict[str, str]) -> Outcome:
    """How a case ended; a connection that breaks is a failure of that case, not of the run."""
    try:
        return judged(case, address, data, known)
    except (ConnectionError, TimeoutError, HTTPException) as error:
        return Outcome(case, FAILED, f"there is no answer: {error!r}")


def selected(checkout: Checkout, only: str | None) -> list[Case]:
    """The cases whose name, IRI or id matches, those that are left out among them."""
    return [
        case
        for top in TOPS
        for manifest in checkout.manifests(top)
        for case in checkout.cases(manifest)
        if only is None or any(re.search(only, text) for text in (case.id, case.iri, case.name))
    ]


def reason(case: Case) -> str | None:
    """Why a case is left out, or None."""
    return LEFT_OUT.get(case.suite) or (READ_ONLY if case.kind == OTHER else None)


def report(outcomes: list[Outcome], left_out: list[Case], path: str) -> int:
    """Print a line for each suite, what is left out, each unexpected failure and the sum; the exit status."""
    counts = defaultdict(Counter)
    for outcome in outcomes:
        counts[outcome.case.suite][outcome.status] += 1
    for suite, row in sorted(counts.items()):
        print(f"{suite:36} {row[PASSED]:4} passed {row[KNOWN]:4} known {row[FAILED]:4} failed")
    reasons = defaultdict(Counter)
    for case in left_out:
        reasons[reason(case)][case.suite.rpartition("/")[2]] += 1
    for why, suites in reasons.items():
        print(f"left out: {suites.total()} of {', '.join(suites)}: {why}")
    for outcome in outcomes:
        if outcome.status == FAILED:
            case = outcome.case
            print(f"\n{case.id} ({case.kind}, “{case.name}”, {case.iri}):\n    {outcome.why}")
            print(f"    alone: python tests/conformance/w3c.py {shlex.quote(path)} --only '{case.id}$'")
    total = sum(counts.values(), Counter())
    skipped = f", {total[KNOWN]} skipped" if total[KNOWN] else ""
    print(f"\n{total[PASSED]} passed, {total[FAILED]} failed{skipped}")
    return 1 if total[FAILED] else 0


def main(arguments: list[str] | None = None) -> int:
    """The command line; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("path", help="a checkout of https://github.com/w3c/rdf-tests")
    parser.add_argument("--only", metavar="PATTERN", help="regular expression: suite, IRI or name of a test")
    options = parser.parse_args(arguments)
    checkout = Checkout(Path(options.path))
    missing = [top for top in TOPS if not (checkout.root / top).exists()]
    if missing:
        parser.error(f"{options.path} is no checkout of w3c/rdf-tests: it has no {missing[0]}")
    found = selected(checkout, options.only)
    cases = [case for case in found if not reason(case)]
    known = known_failures()
    gone = known.keys() - {case.id for case in cases} if options.only is None else ()
    for test in sorted(gone):
        print(f"{test} stands in known.tsv, but is no test that is run", file=sys.stderr)
    if not cases:
        print("No test that is run matches.", file=sys.stderr)
    left_out = [case for case in found if reason(case)]
    status = report(run(cases, checkout, known), left_out, options.path)
    return 1 if gone or not cases else status


if __name__ == "__main__":
    sys.exit(main())
