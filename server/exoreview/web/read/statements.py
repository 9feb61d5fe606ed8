"""What the review states, claim by claim: words, slots, mode, what it is about, and how it hangs together."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from pyoxigraph import NamedNode

from exoreview.terms import BASE, PREFIXES, local_path, term
from exoreview.web.things.describe import Library

EXR = PREFIXES["exr"]
CLAIM, SCOPE, STATEMENT = EXR + "Claim", EXR + "ScopeStatement", EXR + "Statement"

# The slots of a claim in the order in which they make a sentence, and what takes their place elsewhere.
SLOTS = ("exr:hasContext", "exr:hasSubject", "exr:hasObject", "exr:hasMechanism")
_TOPICS = (*SLOTS, "exr:hasTopic")


@dataclass(frozen=True)
class Statement:
    """A claim, or what the review says of itself, and the words that make it (code points, end exclusive)."""

    iri: str
    name: str
    label: str
    kind: str
    start: int
    end: int
    words: str
    # The IRI of the mode, or nothing for what is no claim.
    mode: str
    # The concepts that it names, and those with all that is broader than them.
    concepts: frozenset[str]
    concerned: frozenset[str] = field(repr=False)
    # The classes that a reasoner found it to be in.
    kinds: frozenset[str] = field(repr=False)

    @property
    def is_claim(self) -> bool:
        """Whether it is about the subject of the review, not about the review."""
        return self.kind == CLAIM


class Statements:
    """All statements of a release, in the order of the text."""

    def __init__(self, library: Library):
        self.library = library
        iris = [iri for kind in (CLAIM, SCOPE) for iri in library.subjects("rdf:type", kind)]
        self.all = sorted((self._statement(iri) for iri in iris), key=_place)
        self.by_name = {each.name: each for each in self.all}
        self.by_iri = {each.iri: each for each in self.all}
        self.claims = [each for each in self.all if each.is_claim]

    def _statement(self, iri: str) -> Statement:
        library = self.library
        kind = CLAIM if NamedNode(CLAIM) in library.values(iri, "rdf:type") else SCOPE
        quote = next(iter(library.values(iri, "exr:hasQuote"))).value
        mode = library.values(iri, "exr:hasAssertionMode")
        concepts = {node.value for slot in _TOPICS for node in library.values(iri, slot)}
        follows = library.inferred.by_subject.get(NamedNode(iri), ())
        concerned = {each.object.value for each in follows if each.predicate == term("exr:concerns")}
        return Statement(
            iri,
            local_path(iri).rpartition("/")[2],
            library.label(iri),
            kind,
            int(library.text(quote, "exr:start")),
            int(library.text(quote, "exr:end")),
            library.text(quote, "exr:exact"),
            mode[0].value if mode else "",
            frozenset(concepts),
            frozenset(concepts | concerned),
            frozenset(each.object.value for each in follows if each.predicate == term("rdf:type")),
        )

    def modes(self) -> list[tuple[str, int]]:
        """The modes with their numbers of claims, the most frequent first."""
        return _counted(each.mode for each in self.claims)

    def concepts(self) -> list[tuple[str, int]]:
        """The concepts that claims name, each with the number of these claims, the most discussed first."""
        counted = _counted(concept for each in self.claims for concept in each.concepts)
        return sorted(counted, key=lambda pair: (-pair[1], self.library.label(pair[0])))

    def kinds(self) -> list[tuple[str, int]]:
        """Claims, scope statements, and the kinds of claims that say more than kind and mode do."""
        by_mode = {
            frozenset(each.iri for each in self.claims if each.mode == mode) for mode, _ in self.modes()
        }
        members = defaultdict(set)
        for each in self.all:
            for kind in each.kinds:
                if kind.startswith(BASE) and kind not in (STATEMENT, CLAIM, SCOPE):
                    members[kind].add(each.iri)
        found = [(kind, len(iris)) for kind, iris in members.items() if frozenset(iris) not in by_mode]
        own = [(CLAIM, len(self.claims)), (SCOPE, len(self.all) - len(self.claims))]
        return own + sorted(found, key=lambda pair: -pair[1])

    def topics(self) -> list[tuple[str, list[Statement]]]:
        """The claims under the concept that most tells what each is about, the largest group first.

        That is the broadest concept over the object where claims share one, else subject, else context.
        """
        left, groups = list(self.claims), defaultdict(list)
        for least, of in (
            (2, self._root_of_object),
            (2, self._subject),
            (2, self._context),
            (1, self._subject),
        ):
            shared = _counted(of(each) for each in left)
            large = {topic for topic, count in shared if topic and (count >= least or topic in groups)}
            for each in left:
                if of(each) in large:
                    groups[of(each)].append(each)
            left = [each for each in left if of(each) not in large]
        ordered = [(topic, sorted(members, key=_place)) for topic, members in groups.items()]
        return sorted(ordered, key=lambda group: (-len(group[1]), group[1][0].start))

    def _subject(self, claim: Statement) -> str:
        return self._one(claim, "exr:hasSubject")

    def _context(self, claim: Statement) -> str:
        return self._one(claim, "exr:hasContext")

    def _root_of_object(self, claim: Statement) -> str:
        concept, seen = self._one(claim, "exr:hasObject"), set()
        while concept not in seen and (broader := self.library.values(concept, "skos:broader")):
            seen.add(concept)
            concept = broader[0].value
        return concept

    def _one(self, claim: Statement, slot: str) -> str:
        return next((node.value for node in self.library.values(claim.iri, slot)), "")


def _counted(values: Iterable[str]) -> list[tuple[str, int]]:
    counts: dict[str, int] = defaultdict(int)
    for value in values:
        counts[value] += 1
    return sorted(counts.items(), key=lambda pair: -pair[1])


def _place(statement: Statement) -> tuple:
    """In the order of the text, what holds more words first; the tenth claim after the ninth."""
    number = int(re.search(r"\d*$", statement.name)[0] or 0)
    return statement.start, -statement.end, statement.kind != CLAIM, number
