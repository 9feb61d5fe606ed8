"""Which blank nodes of a graph stand inside others, as `[ … ]` or `( … )`, and which need a label."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from exoreview.terms import PREFIXES
from exoreview.turtle.ordering import natural

Subject = NamedNode | BlankNode
Term = NamedNode | BlankNode | Literal

_FIRST, _REST, _NIL = (NamedNode(PREFIXES["rdf"] + name) for name in ("first", "rest", "nil"))

# Deeper nesting than this is broken by labels: nobody reads it, and it must not exhaust the stack.
_DEEPEST = 60


def needs_labels(triples: Iterable[Triple]) -> bool:
    """Whether some blank node cannot be nested, because it is shared or stands in a cycle."""
    return bool(Nesting(triples).labelled)


class Nesting:
    """A graph by subjects and predicates: which blank nodes stand inside others, and which need a label."""

    def __init__(
        self,
        triples: Iterable[Triple],
        shared: frozenset[BlankNode] = frozenset(),
        order: Iterable[Subject] = (),
    ):
        self.facts: dict[Subject, dict[NamedNode, set[Term]]] = {}
        for triple in triples:
            predicates = self.facts.setdefault(triple.subject, {})
            predicates.setdefault(triple.predicate, set()).add(triple.object)
        self._uses = Counter(
            term
            for predicates in self.facts.values()
            for objects in predicates.values()
            for term in objects
            if isinstance(term, BlankNode)
        )
        self.labelled = {node for node in shared if node in self.facts or node in self._uses}
        self.labelled |= {node for node, count in self._uses.items() if count > 1}
        self.labelled |= set(self._breaks({node: rank for rank, node in enumerate(order)}))
        self.subjects = [node for node in self.facts if not self.nested(node)]

    def nested(self, node: Term) -> bool:
        """Whether a blank node is written where it is used."""
        return isinstance(node, BlankNode) and node not in self.labelled and self._uses[node] == 1

    def _breaks(self, ranks: Mapping[Subject, int]) -> Iterator[BlankNode]:
        """One blank node of each cycle whose nodes are used once, so that the rest can be nested."""
        reached: set[Subject] = set()
        self._reach((node for node in self.facts if not self.nested(node)), reached)
        cyclic = self.facts.keys() - reached
        for node in sorted(cyclic, key=lambda node: (ranks.get(node, len(ranks)), natural(node.value))):
            if node not in reached:
                yield node
                self._reach([node], reached)

    def _reach(self, start: Iterable[Subject], reached: set[Subject]) -> None:
        stack = [(node, 0) for node in start]
        while stack:
            node, depth = stack.pop()
            if node in reached:
                continue
            if depth > _DEEPEST:
                self.labelled.add(node)
                depth = 0
            reached.add(node)
            for predicate, objects in self.facts.get(node, {}).items():
                # The rest of a list stands beside its first member, not below it.
                below = depth if predicate == _REST and len(self.facts[node]) == 2 else depth + 1
                stack += [(term, below) for term in objects if self.nested(term)]

    def members(self, node: BlankNode) -> list[Term] | None:
        """The members, if the node is the head of a well-formed list that nothing else points into."""
        members = []
        while node != _NIL:
            facts = self.facts.get(node, {})
            if not self.nested(node) or facts.keys() != {_FIRST, _REST}:
                return None
            if any(len(objects) > 1 for objects in facts.values()):
                return None
            members += facts[_FIRST]
            (node,) = facts[_REST]
        return members
