"""The differences between two releases as a person reads them: graph by graph, the things that changed."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

from pyoxigraph import BlankNode, NamedNode, Triple

from exoreview.release.bundles import whole_of
from exoreview.release.difference import Change, Graphs
from exoreview.terms import PREFIXES, curie, term

_LABELS = tuple(term(name).value for name in ("rdfs:label", "skos:prefLabel", "dcterms:title"))

# The nanopublications, of which each has four graphs of its own, are told as one.
_NANOPUBLICATIONS = "nanopublications"
_DEFAULT = "default graph"
_NAMELESS = "(without a name)"


def text(changes: Sequence[Change], old: Graphs, new: Graphs) -> str:
    """The change log; one sentence if nothing differs."""
    if not changes:
        size = sum(map(len, new.values()))
        return f"No difference in {size:,} {_plural('triple', size)}.\n"
    labels, numbers, lines = _labels(old) | _labels(new), counts(changes), []
    for name, parts in _merged(changes).items():
        lines += [f"{name}: {_counts(*numbers[name])}", *_things(parts, old, new, labels), ""]
    total = map(sum, zip(*numbers.values(), strict=True))
    graphs = f"{len(numbers)} {_plural('graph', len(numbers))}"
    return "\n".join([*lines, f"{_counts(*total)} triples in {graphs}.", ""])


def counts(changes: Sequence[Change]) -> dict[str, tuple[int, int]]:
    """How many triples each graph gains and loses, by the name that the change log has for it."""
    return {
        name: (sum(len(part.added) for part in parts), sum(len(part.removed) for part in parts))
        for name, parts in _merged(changes).items()
    }


def _merged(changes: Iterable[Change]) -> dict[str, list[Change]]:
    """The changes by the name of the graph, or of the graphs that are told as one."""
    merged: dict[str, list[Change]] = defaultdict(list)
    for change in changes:
        merged[_shown(change.graph)].append(change)
    return merged


def _things(parts: Iterable[Change], old: Graphs, new: Graphs, labels: dict[str, str]) -> Iterator[str]:
    """A line for each thing that a graph, or what is told as one, says something else of."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    before, after = set(), set()
    for part in parts:
        for sign, triples in (("+", part.added), ("-", part.removed)):
            for name in _subjects(triples, part.graph):
                counts[name][sign] += 1
        before |= {_subject(triple, part.graph) for triple in old.get(part.graph, ())}
        after |= {_subject(triple, part.graph) for triple in new.get(part.graph, ())}
    for name in sorted(counts):
        word = "changed" if name in before & after else "new" if name in after else "gone"
        shown = " ".join(filter(None, (curie(name), labels.get(name) and f"“{labels[name]}”")))
        yield f"  {word:7}  {shown}: {_counts(counts[name]['+'], counts[name]['-'])}"


def _subjects(triples: Iterable[Triple], graph: str) -> Iterator[str]:
    """Of each triple the thing that it is about; of a blank node that which leads to it."""
    triples = sorted(triples, key=str)
    leading = {triple.object: triple for triple in triples if isinstance(triple.object, BlankNode)}
    for triple in triples:
        passed = set()
        while isinstance(triple.subject, BlankNode) and triple.subject in leading.keys() - passed:
            passed.add(triple.subject)
            triple = leading[triple.subject]
        yield _subject(triple, graph)


def _subject(triple: Triple, graph: str) -> str:
    if whole := whole_of(NamedNode(graph)) if graph else "":
        return whole
    return triple.subject.value if isinstance(triple.subject, NamedNode) else _NAMELESS


def _labels(graphs: Graphs) -> dict[str, str]:
    """What things are called, by the first property that says so."""
    found: dict[str, tuple[int, str]] = {}
    for triples in graphs.values():
        for triple in triples:
            if triple.predicate.value in _LABELS and isinstance(triple.subject, NamedNode):
                rank = (_LABELS.index(triple.predicate.value), triple.object.value)
                found[triple.subject.value] = min(rank, found.get(triple.subject.value, rank))
    return {name: label for name, (_, label) in found.items()}


def _shown(graph: str) -> str:
    """The name of a graph as the commands take it."""
    if not graph:
        return _DEFAULT
    return _NANOPUBLICATIONS if whole_of(NamedNode(graph)) else graph.removeprefix(PREFIXES["graph"])


def _counts(added: int, removed: int) -> str:
    return f"+{added:,} −{removed:,}"  # noqa: RUF001


def _plural(word: str, count: int) -> str:
    return word if count == 1 else f"{word}s"
