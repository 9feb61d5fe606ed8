"""Triples to Turtle and TriG in the one layout that every file of the project has."""

from collections import Counter
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

from exoreview.problems import Refusal
from exoreview.terms import PREFIXES
from exoreview.turtle.nesting import Nesting, Subject, Term, needs_labels
from exoreview.turtle.notation import Names
from exoreview.turtle.ordering import natural, predicate_key, subject_key

WIDTH = 110
INDENT = "    "


_TYPE, _NIL = (NamedNode(PREFIXES["rdf"] + name) for name in ("type", "nil"))


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
    parts = [Section(*section) for section in sections or ()]
    order = [subject for part in parts for subject in part.subjects]
    try:
        body = Layout(Nesting(triples, order=order), names).document(parts, comments or {})
    except RecursionError:
        raise Refusal("A blank node is nested too deeply to be written.") from None
    return _document(header, names, body)


def write_trig(
    graphs: Mapping[str | None, Iterable[Triple]],
    *,
    header: Sequence[str] = (),
    prefixes: Mapping[str, str] = PREFIXES,
    keep_labels: bool = False,
) -> str:
    """A dataset as TriG, graphs (by IRI; None is the default graph) in the order given.

    A blank node that cannot be nested gets its label from RDFC-1.0, or keeps its own (`keep_labels`).
    """
    sets = {iri: list(triples) for iri, triples in graphs.items()}
    shared = _shared(sets.values())
    if not keep_labels and (shared or any(map(needs_labels, sets.values()))):
        sets = _canonical_graphs(sets)
        shared = _shared(sets.values())
    names = Names(prefixes)
    body = []
    for iri, triples in sets.items():
        if iri is None:
            body += Layout(Nesting(triples, shared), names).document([], {})
            continue
        blocks = Layout(Nesting(triples, shared), names, level=1).document([], {})
        body += [f"{names.iri(iri)} {{", *blocks, "}"]
    return _document(header, names, body)


def rule(title: str) -> str:
    """The ruled comment line that opens a section."""
    return f"# --- {title} ---".ljust(WIDTH, "-")


def commented(lines: Sequence[str]) -> str:
    """Lines as a comment."""
    return "\n".join(f"# {line}".rstrip() for line in lines)


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


class Layout:
    """The paragraphs of a graph."""

    def __init__(self, graph: Nesting, names: Names, level: int = 0):
        self.graph = graph
        self.names = names
        self.level = level
        self._inline: dict[Term, str] = {}

    def document(self, sections: Sequence[Section], comments: Mapping[Subject, Sequence[str]]) -> list[str]:
        """The paragraphs of a document: section titles and subjects."""
        waiting = set(self.graph.subjects)
        parts = []
        for title, subjects, introduction in sections:
            if title is not None:
                parts.append("\n".join(filter(None, [rule(title), commented(introduction)])))
            for subject in subjects:
                if subject in waiting:
                    waiting.remove(subject)
                    parts.append(self._paragraph(subject, comments))
        rest = sorted(waiting, key=self._subject_key)
        return parts + [self._paragraph(subject, comments) for subject in rest]

    def _subject_key(self, subject: Subject) -> tuple:
        """IRIs by their ids, then blank nodes by their labels, then those without one by what they say."""
        if isinstance(subject, NamedNode):
            return (0, subject_key(subject.value))
        if subject in self.graph.labelled:
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
        return f"_:{subject.value}" if subject in self.graph.labelled else "[]"

    def _facts(self, subject: Subject, level: int) -> str:
        """Predicates and objects, one predicate a line."""
        margin = INDENT * level
        return " ;\n".join(
            f"{margin}{verb}{self._objects(objects, level, len(margin) + len(verb) + 2)}"
            for verb, objects in self._sorted(subject)
        )

    def _sorted(self, subject: Subject) -> Iterator[tuple[str, list[Term]]]:
        facts = self.graph.facts.get(subject, {})
        for predicate in sorted(facts, key=lambda predicate: predicate_key(predicate.value)):
            verb = "a" if predicate == _TYPE else self.names.iri(predicate.value)
            objects = list(facts[predicate])
            # Most predicates have one object, and a key of a long text is dear.
            yield verb, sorted(objects, key=self._object_key) if len(objects) > 1 else objects

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
            return "()" if term == _NIL else self.names.iri(term.value)
        if isinstance(term, Literal):
            return self.names.literal(term)
        if not isinstance(term, BlankNode):
            raise Refusal(f"A triple that speaks of a triple has no place in the layout: {term}")
        if term in self.graph.labelled:
            return f"_:{term.value}"
        members = self.graph.members(term)
        if members is not None:
            return f"( {' '.join(map(self._one_line, members))} )"
        facts = [f"{verb} {' , '.join(map(self._one_line, terms))}" for verb, terms in self._sorted(term)]
        return f"[ {' ; '.join(facts)} ]" if facts else "[]"

    def _lines(self, term: Term, level: int) -> str:
        """A term over several lines, where it can be broken; its bracket closes at its own level."""
        if not self.graph.nested(term) or not self.graph.facts.get(term):
            return self._one_line(term)
        margin = INDENT * level
        members = self.graph.members(term)
        if members is None:
            return f"[\n{self._facts(term, level + 1)}\n{margin}]"
        inner = margin + INDENT
        texts = (self._member(member, level + 1) for member in members)
        return "(\n" + "".join(f"{inner}{text}\n" for text in texts) + f"{margin})"

    def _member(self, term: Term, level: int) -> str:
        text = self._one_line(term)
        return text if _fits(text, len(INDENT) * level) else self._lines(term, level)


def _fits(text: str, used: int) -> bool:
    return "\n" not in text and used + len(text) <= WIDTH
