"""The hierarchy of the concepts, and the claims that each has, its own and those of what is narrower."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from exoreview.terms import BASE, PREFIXES, curie, term
from exoreview.web.read.statements import SLOTS, Statement, Statements
from exoreview.web.search import folding
from exoreview.web.things.describe import Library

_ROLES = (*SLOTS[1:], SLOTS[0], "exr:hasTopic")
# The kinds of concepts as the heading over many of them; another kind is called by its label.
_MANY = {
    "exr:MaterialEntityConcept": "Material entities",
    "exr:ProcessConcept": "Processes",
    "exr:QualityConcept": "Qualities",
    "exr:ConditionConcept": "Conditions",
    "exr:DiseaseConcept": "Diseases",
}


@dataclass
class Branch:
    """A concept in the tree: how many claims name it, how many with what is narrower, and what is below."""

    iri: str
    label: str
    synonyms: list[str]
    words: str
    own: int
    rolled_up: int
    below: list["Branch"] = field(default_factory=list)
    # Whether it is what was searched for, or leads there.
    found: bool = False
    open: bool = False


class Hierarchy:
    """The concepts by `skos:broader`, with the statements about them."""

    def __init__(self, library: Library, statements: Statements):
        self.library, self.statements = library, statements
        # A class of claims is defined beside the concepts and is none of them.
        self.concepts = sorted((iri for iri in _named(library) if _category(library, iri)), key=library.label)
        self._counts = {iri: self._count(iri) for iri in self.concepts}

    def broader(self, iri: str) -> list[str]:
        """The concepts directly above, by name."""
        found = {node.value for node in self.library.values(iri, "skos:broader")}
        return sorted(found, key=self.library.label)

    def narrower(self, iri: str) -> list[str]:
        """The concepts directly below, by name."""
        return sorted(set(self.library.subjects("skos:broader", iri)), key=self.library.label)

    def paths(self, iri: str, below: tuple[str, ...] = ()) -> Iterator[list[str]]:
        """The ways from the top down to a concept, without the concept; a circle is cut."""
        above = [each for each in self.broader(iri) if each not in (*below, iri)]
        if not above and below:
            yield [iri]
        for each in above:
            for path in self.paths(each, (*below, iri)):
                yield [*path, iri] if below else path

    def below(self, iri: str) -> set[str]:
        """Everything narrower, at any depth."""
        found, todo = set(), [iri]
        while todo:
            todo += (new := set(self.narrower(todo.pop())) - found - {iri})
            found |= new
        return found

    def own(self, iri: str) -> list[tuple[str, list[Statement]]]:
        """The statements that name a concept, by the role in which they do; each role with its label."""
        found = []
        for role in _ROLES:
            naming = set(self.library.subjects(role, iri))
            if members := [each for each in self.statements.all if each.iri in naming]:
                found.append((self.library.label(term(role).value).removeprefix("has "), members))
        return found

    def rolled_up(self, iri: str) -> list[tuple[Statement, list[str]]]:
        """The statements that name only what is narrower, each with the narrower concepts that it names."""
        below = self.below(iri)
        return [
            (each, sorted(each.concepts & below, key=self.library.label))
            for each in self.statements.all
            if iri not in each.concepts and each.concepts & below
        ]

    def claims(self, iri: str) -> tuple[int, int]:
        """How many claims name a concept, and how many name it or something narrower."""
        return self._counts.get(iri, (0, 0))

    def _count(self, iri: str) -> tuple[int, int]:
        wanted = self.below(iri) | {iri}
        claims = self.statements.claims
        return sum(iri in each.concepts for each in claims), sum(
            bool(each.concepts & wanted) for each in claims
        )

    def tree(self, query: str = "") -> list[tuple[str, list[Branch]]]:
        """The concepts without a broader one by kind, the largest kind first, each with what is below.

        With a query only what has all its words in a name or a synonym, and what leads there, which is open.
        """
        stems, kinds = folding.words(query), defaultdict(list)
        for iri in self.concepts:
            if not self.broader(iri) and (branch := self.branch(iri, stems)):
                kinds[self.kind(iri)].append(branch)
        sizes = Counter(self.kind(iri) for iri in self.concepts)
        return sorted(kinds.items(), key=lambda kind: -sizes[kind[0]])

    def found(self, query: str) -> list[str]:
        """The concepts that a query finds."""
        stems = folding.words(query)
        return [iri for iri in self.concepts if stems and _has(self._words(iri), stems)]

    def kind(self, iri: str) -> str:
        """The kind of a concept, as the heading over many."""
        category = _category(self.library, iri)
        if not category:
            return "Classes of claims"
        return _MANY.get(curie(category)) or self.library.label(category).capitalize()

    def synonyms(self, iri: str) -> list[str]:
        """Its other names."""
        return sorted((node.value for node in self.library.values(iri, "skos:altLabel")), key=str.casefold)

    def branch(self, iri: str, stems: Sequence[str] = (), above: tuple[str, ...] = ()) -> Branch | None:
        """A concept with all that is below it, as far as the words of a query lead there."""
        words = self._words(iri)
        below = [
            branch
            for each in self.narrower(iri)
            if each not in above and (branch := self.branch(each, stems, (*above, iri)))
        ]
        found = bool(stems) and _has(words, stems)
        if stems and not found and not below:
            return None
        own, rolled_up = self.claims(iri)
        leads = bool(stems) and bool(below)
        return Branch(
            iri,
            self.library.label(iri),
            self.synonyms(iri),
            " ".join(words),
            own,
            rolled_up,
            below,
            found,
            leads,
        )

    def _words(self, iri: str) -> list[str]:
        names = [self.library.label(iri), *self.synonyms(iri)]
        return list(dict.fromkeys(word for name in names for word in folding.words(name)))


def _named(library: Library) -> Iterator[str]:
    return (thing for thing in library.things if thing.startswith(PREFIXES["exc"]))


def _category(library: Library, iri: str) -> str:
    """The kind of concept that a concept is an individual of, or nothing for another class."""
    kinds = (node.value for node in library.values(iri, "rdf:type"))
    return next((kind for kind in kinds if kind.startswith(BASE)), "")


def _has(words: Sequence[str], stems: Sequence[str]) -> bool:
    return all(any(stem in word for word in words) for stem in stems)
