"""The claims as arrows from subject to object: what lies around a concept, and what follows from what."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from exoreview.terms import term
from exoreview.web.read.statements import Statement, Statements
from exoreview.web.things.axioms import members
from exoreview.web.things.describe import Library
from exoreview.web.things.hierarchy import Hierarchy


@dataclass(frozen=True)
class Arrow:
    """A claim with the IRIs of its subject, relation and object."""

    claim: Statement
    start: str
    relation: str
    end: str
    # Whether the relation says that the subject makes a difference to the object.
    causal: bool
    # How generally, and whether only possibly; nothing where it is simply said to be generally so.
    how: str


# The arrows that lead from one concept to the next, and the steps one after the other.
Step = tuple[Arrow, ...]
Chain = tuple[Step, ...]


class Arrows:
    """All claims of a release as arrows, in the order of the text."""

    def __init__(self, library: Library, statements: Statements):
        self.library, self.hierarchy = library, Hierarchy(library, statements)
        self.causal = frozenset(_members(library, "exr:CausalRelation"))
        self.all = [self._arrow(claim) for claim in statements.claims]
        self.concepts = list(dict.fromkeys(end for each in self.all for end in (each.start, each.end)))

    def _arrow(self, claim: Statement) -> Arrow:
        slots = ("exr:hasSubject", "exr:hasRelation", "exr:hasObject", "exr:hasQualifier")
        start, relation, end, qualifier = (self.library.values(claim.iri, slot)[0].value for slot in slots)
        how = self.library.label(qualifier).removesuffix(" qualifier").removesuffix("generally").strip()
        return Arrow(claim, start, relation, end, relation in self.causal, how)

    def relations(self) -> list[tuple[str, int]]:
        """The relations with their numbers of claims, the most frequent first."""
        return Counter(each.relation for each in self.all).most_common()

    def broader(self, concept: str) -> set[str]:
        """The concepts above one in the hierarchy, at any distance."""
        return {above for above, below in self._below.items() if concept in below}

    @cached_property
    def _below(self) -> dict[str, set[str]]:
        return {concept: self.hierarchy.below(concept) for concept in self.hierarchy.concepts}

    def around(self, concept: str, steps: int) -> list[Arrow]:
        """The arrows within so many steps of a concept or of one that is narrower."""
        near, found = {concept} | self.hierarchy.below(concept), []
        for _ in range(steps):
            found = [each for each in self.all if each.start in near or each.end in near]
            near |= {end for each in found for end in (each.start, each.end)}
        return found

    def chains(self, start: str, end: str = "", among: Iterable[Arrow] | None = None) -> list[Chain]:
        """The ways from a concept along causal arrows as far as they lead or, with `end`, to there."""
        causal = [each for each in (self.all if among is None else among) if each.causal]
        return list(_chains(causal, start, end, ()))


def _chains(causal: Sequence[Arrow], here: str, end: str, gone: Chain) -> Iterator[Chain]:
    been = {step[0].start for step in gone} | {here}
    following = dict.fromkeys(each.end for each in causal if each.start == here and each.end not in been)
    if gone and (here == end or not (end or following)):
        yield gone
    elif here != end:
        for next in following:
            step = tuple(each for each in causal if (each.start, each.end) == (here, next))
            yield from _chains(causal, next, end, (*gone, step))


def _members(library: Library, kind: str) -> list[str]:
    """The individuals that a class is said to consist of."""
    made = [
        triple.object
        for node in library.values(term(kind).value, "owl:equivalentClass")
        for triple in library.described.by_subject.get(node, ())
        if triple.predicate == term("owl:oneOf")
    ]
    return [member.value for node in made for member in members(library, node)]
