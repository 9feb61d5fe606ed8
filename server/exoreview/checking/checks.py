"""Whether the data can be published: notation, layout, shapes, the frozen text, versions, names, queries."""

import hashlib
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path

import pyoxigraph as ox

from exoreview import files, turtle
from exoreview.checking import documents, hygiene, shapes
from exoreview.checking.documents import Document
from exoreview.knowledge import graphs
from exoreview.knowledge.mappings import MappingError
from exoreview.problems import Problem, Refusal
from exoreview.terms import BASE, PREFIXES, curie

ABSTRACT = "data/source/abstract.txt"
THAWED = "The file has another SHA-256 than the data gives; the text is frozen, so restore it."
LAYOUT = "The layout is not the canonical one"
MARKS = {
    documents.BYTE_ORDER_MARK: "The file begins with a byte order mark, which no file has here",
    "\r\n": "The lines end as on Windows, with CR and LF, and not with LF alone",
}
FOUND = " Found: "
FIX = "exoreview check --fix"
MISSING = "The file with the text is missing; restore it."
NAMES = (hygiene.untyped, hygiene.foreign, hygiene.undeclared, hygiene.stale, hygiene.taken)
RDFS_LABEL = ox.NamedNode(PREFIXES["rdfs"] + "label")
RDF_TYPE = ox.NamedNode(PREFIXES["rdf"] + "type")
SHA256 = ox.NamedNode(PREFIXES["exr"] + "sha256")

Progress = Callable[[str, float], None]


@dataclass
class Outcome:
    """What a check found: problems in order, and how many things of each kind were looked at."""

    problems: list[Problem] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)


def check(paths: Sequence[Path] = (), progress: Progress = lambda name, seconds: None) -> Outcome:
    """Check the project's data, or the given files together with all of it.

    Of given files their own problems are reported; and, in one sentence for each, which of the project's
    files they would break.
    """
    text = next(filter(_is_text, paths), None)
    found = documents.find([path for path in paths if not _is_text(path)])
    with _timed("reading", progress):
        problems = documents.read(found)
    if problems:
        return Outcome([problem for problem in problems if _is_own(problem, found)] or problems)
    steps = {
        "layout": lambda: [problem for document in found for problem in layout(document)],
        "frozen text": lambda: frozen(found, text),
        "versions": lambda: hygiene.versions(found),
        "names": lambda: [problem for named in NAMES for problem in named(found)],
        "texts": lambda: [*hygiene.empty(found), *hygiene.english(found)],
        "queries": lambda: hygiene.queries(found),
        "shapes": lambda: conformance(found, progress),
    }
    for name, step in steps.items():
        with _timed(name, progress):
            found_here = list(step())
        problems += found_here
        if name == "queries" and found_here:
            break  # shapes cannot be used while a query of theirs is broken
    if paths:
        problems = _of_given(problems, [files.shown(path) for path in paths], progress)
    return Outcome(sorted(set(problems)), _counts(found))


def fix(path: Path) -> bool:
    """Put a file into the canonical layout; whether that changed it. A file that cannot be read stays."""
    if _is_text(path):
        raise Refusal(f"{path} is the text that the data freezes; it is never changed.")
    document = next(each for each in documents.find([path]) if each.given)
    problems = documents.read([document])
    if problems:
        raise Unfixable(problems)
    try:
        canonical = document.canonical
    except turtle.TurtleError as error:
        raise Unfixable([_at(document, error)]) from None
    if canonical != document.raw:
        files.replace(document.path, canonical)
    return canonical != document.raw


class Unfixable(Exception):
    """A file that cannot be put into the canonical layout before its problems are solved."""

    def __init__(self, problems: list[Problem]):
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


def layout(document: Document) -> Iterator[Problem]:
    """Whether a file stands in the canonical layout."""
    try:
        canonical = document.canonical
    except turtle.TurtleError as error:
        yield _at(document, error)
        return
    except MappingError as error:
        yield from error.problems
        return
    if canonical != document.raw:
        pairs = zip_longest(document.text.splitlines(), canonical.splitlines())
        line = next((n for n, (is_, should) in enumerate(pairs, start=1) if is_ != should), 1)
        sentence = next((sentence for mark, sentence in MARKS.items() if mark in document.raw), LAYOUT)
        yield Problem(document.shown, line, "layout", f"{sentence}; repair it with: {FIX} {document.shown}")


def _is_text(path: Path) -> bool:
    """Whether a person gives the text of the abstract rather than data."""
    return path.name == Path(ABSTRACT).name


def frozen(found: Iterable[Document], path: Path | None = None) -> Iterator[Problem]:
    """Whether the file of the text is the one that the data freezes by its SHA-256."""
    path = path or files.path(ABSTRACT)
    digest = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None
    sentence = THAWED if digest else MISSING
    for document in found:
        for triple in document.triples:
            if triple.predicate == SHA256 and triple.object.value != digest:
                yield Problem(files.shown(path), 1, curie(triple.subject.value), sentence)


def conformance(found: Sequence[Document], progress: Progress) -> list[Problem]:
    """What the shapes have against the data, each with the file and line where the thing stands."""
    data = documents.asserted(found)
    labels = {each.subject.value: each.object.value for each in data if each.predicate == RDFS_LABEL}
    constraints = documents.of(found, ["shapes"])
    violations = shapes.validate(data, constraints, lambda name, seconds: progress(f"  {name}", seconds))
    owners = {each.object: each.subject for each in data if isinstance(each.object, ox.BlankNode)}
    return [_problem(violation, found, labels, owners) for violation in violations]


def _problem(
    violation: shapes.Violation,
    found: Sequence[Document],
    labels: dict[str, str],
    owners: dict[ox.BlankNode, ox.NamedNode | ox.BlankNode],
) -> Problem:
    focus = violation.focus
    while focus in owners:
        focus = owners[focus]
    value = violation.value
    sentence = violation.message
    if value is not None and value not in (focus, violation.focus) and not isinstance(value, ox.BlankNode):
        shown = curie(value.value) if isinstance(value, ox.NamedNode) else f"“{value.value}”"
        sentence += f"{FOUND}{documents.shortened(shown, 80)}"
    document, line = _place(focus, value, found)
    return Problem(document.shown, line, documents.name_of(focus, labels), sentence)


def _place(
    focus: ox.NamedNode | ox.BlankNode, value: object, found: Sequence[Document]
) -> tuple[Document, int]:
    """The file and line of a thing: in a given file if it is there, in a mapping if that links the two."""
    asserted = [each for each in found if each.graph in graphs.ASSERTED]
    places = [(each, line) for each in asserted if (line := each.line(focus, value))]
    places.sort(key=lambda place: (not place[0].given, not place[0].links(focus, value)))
    return places[0] if places else (found[0], 1)


def _of_given(problems: Iterable[Problem], given: Sequence[str], progress: Progress) -> list[Problem]:
    """The given files' own problems; and for each other file that they break, one that says so."""
    own = [problem for problem in problems if problem.file in given]
    told = {(each.thing.partition(" (")[0], each.sentence.partition(FOUND)[0]) for each in own}
    # Two things that exclude each other are told once: where the given one stands.
    others = [
        problem
        for problem in problems
        if problem.file not in given and tuple(reversed(problem.sentence.split(FOUND))) not in told
    ]
    if others:
        before = set(check((), progress).problems)
        broken = Counter(problem.file for problem in others if problem not in before)
        for file, number in sorted(broken.items()):
            first = min(problem for problem in others if problem.file == file and problem not in before)
            sentence = f"With this file {file} would have {_plural(number, 'problem')}, the first: {first}"
            own.append(Problem(given[0], 1, "effect on others", sentence))
    return own


def _is_own(problem: Problem, found: Iterable[Document]) -> bool:
    return any(document.given and document.shown == problem.file for document in found)


def _at(document: Document, error: turtle.TurtleError) -> Problem:
    return Problem(document.shown, error.line, f"column {error.column}", error.message)


KINDS = {"claim": "exr:Claim", "scope statement": "exr:ScopeStatement", "mapping": "sssom:Mapping"}


def _counts(found: Iterable[Document]) -> dict[str, int]:
    data = documents.asserted(found)
    types = Counter(curie(triple.object.value) for triple in data if triple.predicate == RDF_TYPE)
    scheme = ox.NamedNode(PREFIXES["skos"] + "inScheme")
    schemes = Counter(triple.object.value for triple in data if triple.predicate == scheme)
    counts = {name: types[kind] for name, kind in KINDS.items()}
    return {**counts, "concept": schemes[BASE + "concepts"], "triple": len(data)}


def _plural(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def summary(outcome: Outcome, seconds: float) -> str:
    """The outcome in one line."""
    looked_at = ", ".join(_plural(number, noun) for noun, number in outcome.counts.items())
    verdict = _plural(len(outcome.problems), "problem") if outcome.problems else "no problems"
    return f"{looked_at} checked in {seconds:.1f} s: {verdict}" if looked_at else verdict


@contextmanager
def _timed(name: str, progress: Progress) -> Iterator[None]:
    began = time.perf_counter()
    yield
    progress(name, time.perf_counter() - began)
