"""What differs between two releases: the triples that each graph gains and loses.

Blank nodes have no names to compare by. Those that hang together are compared as one structure: one that
stays as it is stays, whatever changes around it; one that changes in one place is lost and gained whole.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from pyoxigraph import BlankNode, CanonicalizationAlgorithm, Dataset, Quad, Triple

# A dataset, by the IRI of the graph; "" is the default graph.
Graphs = dict[str, frozenset[Triple]]


class Change(NamedTuple):
    """What one graph gains and loses."""

    graph: str
    added: frozenset[Triple]
    removed: frozenset[Triple]


def changes(old: Graphs, new: Graphs) -> list[Change]:
    """The graphs that differ, by IRI; both sides as `comparable` makes them."""
    nothing: frozenset[Triple] = frozenset()
    pairs = ((iri, old.get(iri, nothing), new.get(iri, nothing)) for iri in sorted(old.keys() | new.keys()))
    return [Change(iri, after - before, before - after) for iri, before, after in pairs if before != after]


def comparable(quads: Iterable[Quad]) -> Graphs:
    """The graphs of a dataset, with blank nodes named after the structure that they belong to."""
    named, nameless = [], []
    for quad in quads:
        (nameless if any(isinstance(part, BlankNode) for part in quad) else named).append(quad)
    graphs = defaultdict(set)
    for quad in [*named, *_renamed(nameless)]:
        graphs[getattr(quad.graph_name, "value", "")].add(quad.triple)
    return {iri: frozenset(triples) for iri, triples in graphs.items()}


def _renamed(quads: Iterable[Quad]) -> Iterator[Quad]:
    """The quads with a name for each blank node that depends on its own structure alone."""
    seen: Counter[str] = Counter()
    for structure in _structures(quads):
        dataset = Dataset(structure)
        dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
        text = "\n".join(sorted(map(str, dataset)))
        digest = hashlib.sha256(text.encode()).hexdigest()[:16]
        # Of two that are alike, both count.
        seen[digest] += 1
        name = f"b{digest}x{seen[digest]}"
        for quad in dataset:
            yield Quad(
                *(BlankNode(name + part.value) if isinstance(part, BlankNode) else part for part in quad)
            )


def _structures(quads: Iterable[Quad]) -> Iterable[list[Quad]]:
    """The quads in groups that share no blank node."""
    quads = list(quads)
    leader: dict[BlankNode, BlankNode] = {}

    def find(node: BlankNode) -> BlankNode:
        while leader[node] != node:
            leader[node] = leader[leader[node]]
            node = leader[node]
        return node

    for quad in quads:
        first, *others = (part for part in quad if isinstance(part, BlankNode))
        leader.setdefault(first, first)
        for other in others:
            leader.setdefault(other, other)
            leader[find(other)] = find(first)
    groups = defaultdict(list)
    for quad in quads:
        groups[find(next(part for part in quad if isinstance(part, BlankNode)))].append(quad)
    return groups.values()
