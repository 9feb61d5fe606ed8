"""Triples to Turtle and TriG in the one layout that every file of the project has."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from pyoxigraph import (
    BlankNode,
    CanonicalizationAlgorithm,
    Dataset,
    DefaultGraph,
    Literal,
    NamedNode,
    Quad,
    Triple,
)

from exoreview.notation import Names
from exoreview.ordering import natural, predicate_key
from exoreview.problems import Refusal
from exoreview.terms import PREFIXES

WIDTH = 110
INDENT = "    "

Subject = NamedNode | BlankNode
Term = NamedNode | BlankNode | Literal

_TYPE, _FIRST, _REST, _NIL = (NamedNode(PREFIXES["rdf"] + name) for name in ("type", "first", "rest", "nil"))

# Deeper nesting than this is broken by labels: nobody reads it, and it must not exhaust the stack.
_DEEPEST = 60


class Section(NamedTuple):
    """A ruled section: its title (None before the first), its subjects in order, and its introduction."""

    title: str | None
    subjects: Sequence[Subject]
    introduction: Sequence[str] = ()


def write(
    triples: Iterable[Triple],
    *,
    header: Sequence[str] = (),
    sections: Sequence[Section | tuple] | None = None,
    comments: Mapping[Subject, Sequence[str]] | None = None,
    prefixes: Mapping[str, str] = PREFIXES,
    keep_labels: bool = False,
) -> str:
    """A graph as a Turtle document, the same text for the same graph.

    Subjects that no section names follow the last section in the order of their ids. A blank node that cannot
    be nested gets its label from RDFC-1.0, or keeps its own (`keep_labels`).
    """
    triples = list(triples)
    names = Names(prefixes)
    if not keep_labels and needs_labels(triples):
        triples = [quad.triple for quad in _canonical(Quad(*triple, DefaultGraph()) for triple in triples)]
    body = Graph(triples, names).document([Section(*section) for section in sections or ()], comments or {})
    return _document(header, names, body)


def write_trig(
    graphs: Mapping[str | None, Iterable[Triple]],
    *,
    header: Sequence[str] = (),
    prefixes: Mapping[str, str] = PREFIXES,
) -> str:
    """A dataset as TriG, graphs (by IRI; None is the default graph) in the order given."""
    sets = {iri: list(triples) for iri, triples in graphs.items()}
    shared = _shared(sets.values())
    if shared or any(map(needs_labels, sets.values())):
        sets = _canonical_graphs(sets)
        shared = _shared(sets.values())
    names = Names(prefixes)
    body = []
    for iri, triples in sets.items():
        if iri is None:
            body += Graph(triples, names, shared=shared).document([], {})
            continue
        blocks = Graph(triples, names, shared=shared, level=1).document([], {})
        body += [f"{names.iri(iri)} {{", *blocks, "}"]
    return _document(header, names, body)


def rule(title: str) -> str:
    """The ruled comment line that opens a section."""
    return f"# --- {title} ".ljust(WIDTH - 1, "-") + "-"


def commented(lines: Sequence[str]) -> str:
    """Lines as a comment."""
    return "\n".join(f"# {line}".rstrip() for line in lines)


def needs_labels(triples: Iterable[Triple]) -> bool:
    """Whether some blank node cannot be nested, because it is shared or stands in a cycle."""
    return bool(Graph(triples, Names({})).labelled)


def _document(header: Sequence[str], names: Names, body: Sequence[str]) -> str:
    parts = [commented(header), names.declarations(), *body]
    return "\n\n".join(part for part in parts if part) + "\n"


def _shared(graphs: Iterable[Iterable[Triple]]) -> frozenset[BlankNode]:
    """The blank nodes that stand in more than one graph."""
    homes: Counter[BlankNode] = Counter()
    for triples in graphs:
        homes.update({term for triple in triples for term in triple if isinstance(term, BlankNode)})
    return frozenset(node for node, count in homes.items() if count > 1)


def _canonical_graphs(graphs: Mapping[str | None, Iterable[Triple]]) -> dict[str | None, list[Triple]]:
    names = {iri: NamedNode(iri) if iri else DefaultGraph() for iri in graphs}
    dataset = _canonical(Quad(*triple, names[iri]) for iri, triples in graphs.items() for triple in triples)
    return {iri: [quad.triple for quad in dataset.quads_for_graph_name(names[iri])] for iri in graphs}


def _canonical(quads: Iterable[Quad]) -> Dataset:
    dataset = Dataset(quads)
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return dataset


class Graph:
    """A graph ready to be laid out: what is nested where, and what needs a label."""

    def __init__(
        self, triples: Iterable[Triple], names: Names, *, shared: frozenset = frozenset(), level: int = 0
    ):
        self.names = names
        self.level = level
        self.facts: dict[Subject, dict[NamedNode, set[Term]]] = defaultdict(lambda: defaultdict(set))
        for triple in set(triples):
            self.facts[triple.subject][triple.predicate].add(triple.object)
        self._uses = Counter(
            term
            for predicates in self.facts.values()
            for objects in predicates.values()
            for term in objects
            if isinstance(term, BlankNode)
        )
        self._inline: dict[Term, str] = {}
        self.labelled = {node for node in shared if node in self.facts or node in self._uses}
        self.labelled |= {node for node, count in self._uses.items() if count > 1}
        self.labelled |= set(self._breaks())
        self.subjects = [node for node in self.facts if not self.nested(node)]

    def nested(self, node: Term) -> bool:
        """Whether a blank node is written where it is used."""
        return isinstance(node, BlankNode) and node not in self.labelled and self._uses[node] == 1

    def _breaks(self) -> Iterator[BlankNode]:
        """One blank node of each cycle whose nodes are used once, so that the rest can be nested."""
        reached: set[Subject] = set()
        self._reach((node for node in self.facts if not self.nested(node)), reached)
        for node in sorted(self.facts.keys() - reached, key=lambda node: natural(node.value)):
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
                below = depth if predicate == _REST else depth + 1
                stack += [(term, below) for term in objects if self.nested(term)]

    def document(self, sections: Sequence[Section], comments: Mapping[Subject, Sequence[str]]) -> list[str]:
        """The paragraphs of a document: section titles and subjects."""
        waiting = set(self.subjects)
        parts = []
        for title, subjects, introduction in sections:
            if title is not None:
                parts.append("\n".join(filter(None, [rule(title), commented(introduction)])))
            for subject in subjects:
                if subject in waiting:
                    waiting.remove(subject)
                    parts.append(self._paragraph(subject, comments))
        rest = sorted(waiting, key=self.subject_key)
        return parts + [self._paragraph(subject, comments) for subject in rest]

    def subject_key(self, subject: Subject) -> tuple:
        """IRIs by their ids, then blank nodes by their labels, then those without one by what they say."""
        if isinstance(subject, NamedNode):
            return (0, natural(subject.value))
        if subject in self.labelled:
            return (1, natural(subject.value))
        return (2, natural(self._one_line(subject)))

    def _paragraph(self, subject: Subject, comments: Mapping[Subject, Sequence[str]]) -> str:
        margin = INDENT * self.level
        lines = [margin + line for line in commented(comments.get(subject, ())).split("\n") if line]
        lines += [margin + self._name(subject), self._facts(subject, self.level + 1) + " ."]
        return "\n".join(lines)

    def _name(self, subject: Subject) -> str:
        if isinstance(subject, NamedNode):
            return self.names.iri(subject.value)
        return f"_:{subject.value}" if subject in self.labelled else "[]"

    def _facts(self, subject: Subject, level: int) -> str:
        """Predicates and objects, one predicate a line."""
        margin = INDENT * level
        return " ;\n".join(
            f"{margin}{verb}{self._objects(objects, level, len(margin) + len(verb) + 2)}"
            for verb, objects in self._sorted(subject)
        )

    def _sorted(self, subject: Subject) -> Iterator[tuple[str, list[Term]]]:
        facts = self.facts[subject]
        for predicate in sorted(facts, key=lambda predicate: predicate_key(predicate.value)):
            verb = "a" if predicate == _TYPE else self.names.iri(predicate.value)
            yield verb, sorted(facts[predicate], key=self._object_key)

    def _object_key(self, term: Term) -> tuple:
        if isinstance(term, NamedNode):
            return (0, self.names.key(term))
        if isinstance(term, Literal):
            return (1, natural(term.value), term.language or "", term.datatype.value, str(term))
        return (2, natural(self._one_line(term)))

    def _objects(self, objects: Sequence[Term], level: int, used: int) -> str:
        """All on the line of their predicate if they fit, else one a line; a single one stays there."""
        line = " " + " , ".join(map(self._one_line, objects))
        if _fits(line, used):
            return line
        if len(objects) == 1:
            return " " + self._lines(objects[0], level)
        margin = "\n" + INDENT * (level + 1)
        pieces = []
        for term in objects:
            text = self._one_line(term)
            pieces.append(text if _fits(text, len(margin) + 1) else self._lines(term, level + 1))
        return margin + f" ,{margin}".join(pieces)

    def _one_line(self, term: Term) -> str:
        """A term on one line; a nested blank node with all that it holds."""
        if term not in self._inline:
            self._inline[term] = self._make_line(term)
        return self._inline[term]

    def _make_line(self, term: Term) -> str:
        if isinstance(term, NamedNode):
            return self.names.iri(term.value)
        if isinstance(term, Literal):
            return self.names.literal(term)
        if not isinstance(term, BlankNode):
            raise Refusal(f"A triple that speaks of a triple has no place in the layout: {term}")
        if term in self.labelled:
            return f"_:{term.value}"
        members = self._members(term)
        if members is not None:
            return f"( {' '.join(map(self._one_line, members))} )"
        facts = [f"{verb} {' , '.join(map(self._one_line, terms))}" for verb, terms in self._sorted(term)]
        return f"[ {' ; '.join(facts)} ]" if facts else "[]"

    def _lines(self, term: Term, level: int) -> str:
        """A term over several lines, where it can be broken; its bracket closes at its own level."""
        if not self.nested(term) or not self.facts.get(term):
            return self._one_line(term)
        margin = INDENT * level
        members = self._members(term)
        if members is None:
            return f"[\n{self._facts(term, level + 1)}\n{margin}]"
        inner = margin + INDENT
        texts = (self._member(member, level + 1) for member in members)
        return "(\n" + "".join(f"{inner}{text}\n" for text in texts) + f"{margin})"

    def _member(self, term: Term, level: int) -> str:
        text = self._one_line(term)
        return text if _fits(text, len(INDENT) * level) else self._lines(term, level)

    def _members(self, node: BlankNode) -> list[Term] | None:
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


def _fits(text: str, used: int) -> bool:
    return "\n" not in text and used + len(text) <= WIDTH
