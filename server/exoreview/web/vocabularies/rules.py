"""Shapes in plain words: what each is about, what it demands, the sentence a curator gets, what breaks it."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from pyoxigraph import BlankNode, Literal, NamedNode

from exoreview import files
from exoreview.terms import curie, term
from exoreview.web.things import axioms
from exoreview.web.things.axioms import Part
from exoreview.web.things.describe import Library

_TARGETS = {
    "sh:targetClass": "everything that is a ",
    "sh:targetSubjectsOf": "everything that has ",
    "sh:targetObjectsOf": "everything that is a value of ",
    "sh:targetNode": "",
}
# What a constraint demands of each value of a path, or of the thing itself.
_DEMANDS = {
    "sh:class": "{it} is a ",
    "sh:datatype": "{it} is of the datatype ",
    "sh:in": "{it} is one of ",
    "sh:pattern": "{it} matches the pattern ",
    "sh:minInclusive": "{it} is at least ",
    "sh:hasValue": "one value is ",
    "sh:disjoint": "no value is also a value of ",
    "sh:equals": "the values are the same as those of ",
    "sh:lessThan": "{it} is less than the value of ",
    "sh:not": "not so: ",
}
_NUMBERS = ("no", "one", "two", "three", "four", "five")
_WORD = re.compile(r"[a-z]+:[A-Za-z][\w-]*")
_EXPECTS = "# expect: "


@dataclass(frozen=True)
class Rule:
    """A constraint: what it demands, its sentence, and the files that break it in the project's own tests."""

    iri: str
    anchor: str
    label: str
    demands: list[Part]
    query: str
    message: str
    breakers: list[str]
    # The terms that it speaks of.
    terms: frozenset[str] = field(repr=False)


@dataclass(frozen=True)
class Shape:
    """A shape of nodes: what it is about, and its constraints; itself one of them if it has a sentence."""

    iri: str
    anchor: str
    short: str
    label: str
    targets: list[Part]
    target_terms: frozenset[str]
    rules: list[Rule]


class Rules:
    """The shapes of a release, in the order of their files."""

    def __init__(self, library: Library):
        self.library = library

    @cached_property
    def shapes(self) -> list[Shape]:
        """All shapes of nodes."""
        return [self._shape(iri) for iri in self._subjects() if self._is(iri, "sh:NodeShape")]

    @cached_property
    def by_term(self) -> dict[str, list[Rule]]:
        """The constraints that speak of a term, by term."""
        found = defaultdict(list)
        for rule in dict.fromkeys(rule.iri for shape in self.shapes for rule in shape.rules):
            for each in self._rules[rule].terms:
                found[each].append(self._rules[rule])
        return found

    @cached_property
    def by_target(self) -> dict[str, list[Shape]]:
        """The shapes that are about what has a class or a property, by class or property."""
        found = defaultdict(list)
        for shape in self.shapes:
            for each in shape.target_terms:
                found[each].append(shape)
        return found

    @cached_property
    def _rules(self) -> dict[str, Rule]:
        return {rule.iri: rule for shape in self.shapes for rule in shape.rules}

    @cached_property
    def _breakers(self) -> dict[str, list[str]]:
        return breakers()

    def _subjects(self) -> list[str]:
        graph = self.library.graphs.get("shapes", ())
        return list(
            dict.fromkeys(each.subject.value for each in graph if isinstance(each.subject, NamedNode))
        )

    def _is(self, iri: str, kind: str) -> bool:
        return term(kind) in self.library.values(iri, "rdf:type")

    def _facts(self, node) -> dict[str, list]:
        """What is said of a node, by the short form of the property."""
        found = defaultdict(list)
        for triple in self.library.described.by_subject.get(node, ()):
            found[curie(triple.predicate.value)].append(triple.object)
        return found

    def _shape(self, iri: str) -> Shape:
        facts = self._facts(NamedNode(iri))
        below = [node.value for name in ("sh:property", "sh:sparql") for node in facts.get(name, ())]
        order = {each: place for place, each in enumerate(self._subjects())}
        own = [iri] if facts.get("sh:message") else []
        targets = [(name, node) for name in _TARGETS for node in facts.get(name, ())]
        return Shape(
            iri,
            iri.rpartition("#")[2],
            curie(iri),
            self.library.label(iri),
            self._targets(targets),
            frozenset(node.value for _, node in targets),
            [self._rule(each) for each in (*own, *sorted(below, key=lambda each: order.get(each, 0)))],
        )

    def _targets(self, targets: list) -> list[Part]:
        parts: list[Part] = []
        for name, words in _TARGETS.items():
            nodes = [node for other, node in targets if other == name]
            labels = sorted((self.library.label(node.value), node.value) for node in nodes)
            for place, part in enumerate(labels):
                before = (words if not parts else "; " + words) if place == 0 else " or "
                parts += [(before, None), part]
        return parts

    def _rule(self, iri: str) -> Rule:
        facts = self._facts(NamedNode(iri))
        query = next((node.value for name in ("sh:select", "sh:ask") for node in facts.get(name, ())), "")
        message = next((node.value for node in facts.get("sh:message", ())), "")
        demands = list(self._demands(facts))
        terms = {part for _, part in demands if part} | set(_named(query))
        return Rule(
            iri,
            iri.rpartition("#")[2],
            self.library.label(iri),
            demands,
            query,
            message,
            self._breakers.get(message, []),
            frozenset(terms),
        )

    def _demands(self, facts: dict[str, list]) -> Iterator[Part]:
        """What a shape demands, in words; the label of its path stands before."""
        if path := facts.get("sh:path"):
            yield from self._path(path[0])
            yield ": ", None
        it, first = ("each value" if path else "it"), True
        for phrase in self._phrases(facts, it):
            if not first:
                yield "; ", None
            yield from phrase
            first = False

    def _phrases(self, facts: dict[str, list], it: str) -> Iterator[list[Part]]:
        low, high = (
            int(facts[name][0].value) if name in facts else None for name in ("sh:minCount", "sh:maxCount")
        )
        if low is not None and low == high:
            yield [(f"exactly {_many(low)}", None)]
        else:
            yield from ([(f"at least {_many(low)}", None)] for _ in range(low is not None))
            yield from (
                [(f"at most {_many(high)}" if high else "no value", None)] for _ in range(high is not None)
            )
        for name, words in _DEMANDS.items():
            for node in facts.get(name, ()):
                yield [(words.format(it=it), None), *self._object(name, node)]
        if facts.get("sh:uniqueLang"):
            yield [("at most one value in each language", None)]
        for node in facts.get("sh:qualifiedValueShape", ()):
            most = int(facts["sh:qualifiedMaxCount"][0].value)
            yield [(f"at most {_many(most)} of which holds: ", None), *self._demands(self._facts(node))]
        for node in facts.get("sh:or", ()):
            yield self._either(node)

    def _either(self, node) -> list[Part]:
        parts: list[Part] = []
        for each in axioms.members(self.library, node):
            parts += [(", or ", None)] if parts else [("either ", None)]
            parts += self._demands(self._facts(each))
        return parts

    def _object(self, name: str, node) -> list[Part]:
        if name == "sh:not":
            return list(self._demands(self._facts(node)))
        if name == "sh:in":
            inner = [axioms.expression(self.library, each) for each in axioms.members(self.library, node)]
            return [
                part for place, each in enumerate(inner) for part in ([(", ", None)] * (place > 0) + each)
            ]
        if isinstance(node, Literal) and name == "sh:pattern":
            return [(f"“{node.value}”", None)]
        return axioms.expression(self.library, node)

    def _path(self, node) -> list[Part]:
        """A path in words: “inverse of has quote”, “label or title”."""
        if not isinstance(node, BlankNode):
            return [(self.library.label(node.value), node.value)]
        facts = self._facts(node)
        if "rdf:first" in facts:
            return self._joined(node, ", then ")
        for name, words in (
            ("sh:inversePath", "inverse of "),
            ("sh:zeroOrMorePath", "any number of steps of "),
        ):
            if name in facts:
                return [(words, None), *self._path(facts[name][0])]
        return self._joined(facts["sh:alternativePath"][0], " or ")

    def _joined(self, node, between: str) -> list[Part]:
        parts: list[Part] = []
        for each in axioms.members(self.library, node):
            parts += ([(between, None)] if parts else []) + self._path(each)
        return parts


def breakers() -> dict[str, list[str]]:
    """The names of the files that the shapes must refuse, by the sentence that each must get."""
    found = defaultdict(list)
    for path in files.refused_files():
        with path.open(encoding="utf-8") as lines:
            first = lines.readline().rstrip("\n")
        if first.startswith(_EXPECTS):
            found[first.removeprefix(_EXPECTS)].append(path.name)
    return found


def _named(query: str) -> Iterator[str]:
    """The terms that the text of a query names."""
    for short in set(_WORD.findall(query)):
        try:
            yield term(short).value
        except KeyError:
            continue


def _many(number: int) -> str:
    word = _NUMBERS[number] if number < len(_NUMBERS) else str(number)
    return f"{word} value" if number == 1 else f"{word} values"
