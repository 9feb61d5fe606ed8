"""Class expressions and lists as a person reads them: `exosome and produced by some tumour cell`."""

from pyoxigraph import BlankNode, Literal, NamedNode

from exoreview.terms import term
from exoreview.web.things.describe import Library

Part = tuple[str, str | None]

_QUANTIFIED = {
    "owl:someValuesFrom": "some",
    "owl:allValuesFrom": "only",
    "owl:hasValue": "value",
    "owl:minCardinality": "min",
    "owl:maxCardinality": "max",
    "owl:cardinality": "exactly",
    "owl:minQualifiedCardinality": "min",
    "owl:maxQualifiedCardinality": "max",
    "owl:qualifiedCardinality": "exactly",
}
_COMBINED = {"owl:intersectionOf": " and ", "owl:unionOf": " or ", "owl:oneOf": ", "}
# A shape or an axiom that leads in a circle, or too deep to be read, is cut here.
_DEEPEST = 8


def expression(library: Library, node, depth: int = 0) -> list[Part]:
    """The expression as pieces of text, each with the IRI that it stands for or None."""
    if isinstance(node, NamedNode):
        return [(library.label(node.value), node.value)]
    if isinstance(node, Literal):
        return [(node.value, None)]
    if depth > _DEEPEST:
        return [("…", None)]
    facts = {triple.predicate: triple.object for triple in library.described.by_subject.get(node, ())}
    for build in (_list, _combination, _complement, _restriction, _inverse):
        if pieces := build(library, facts, depth):
            return pieces
    return _other(library, facts, depth)


def members(library: Library, node) -> list:
    """The members of an RDF list."""
    found = []
    while isinstance(node, BlankNode) and len(found) < 1000:
        facts = {triple.predicate: triple.object for triple in library.described.by_subject.get(node, ())}
        if term("rdf:first") not in facts:
            break
        found.append(facts[term("rdf:first")])
        node = facts.get(term("rdf:rest"))
    return found


def _joined(library: Library, nodes: list, separator: str, depth: int) -> list[Part]:
    pieces: list[Part] = []
    for node in nodes:
        inner = expression(library, node, depth + 1)
        nested = isinstance(node, BlankNode) and len(inner) > 1
        pieces += [(separator, None)] if pieces else []
        pieces += [("(", None), *inner, (")", None)] if nested else inner
    return pieces


def _list(library: Library, facts: dict, depth: int) -> list[Part]:
    if term("rdf:first") not in facts:
        return []
    rest = facts.get(term("rdf:rest"))
    return _joined(library, [facts[term("rdf:first")], *members(library, rest)], ", ", depth)


def _combination(library: Library, facts: dict, depth: int) -> list[Part]:
    for property, word in _COMBINED.items():
        if term(property) in facts:
            pieces = _joined(library, members(library, facts[term(property)]), word, depth)
            return [("{", None), *pieces, ("}", None)] if property == "owl:oneOf" else pieces
    return []


def _complement(library: Library, facts: dict, depth: int) -> list[Part]:
    inner = facts.get(term("owl:complementOf"))
    return [("not ", None), *expression(library, inner, depth + 1)] if inner is not None else []


def _restriction(library: Library, facts: dict, depth: int) -> list[Part]:
    property = facts.get(term("owl:onProperty"))
    if property is None:
        return []
    pieces = expression(library, property, depth + 1)
    for quantifier, word in _QUANTIFIED.items():
        if term(quantifier) in facts:
            pieces = [*pieces, (f" {word} ", None), *_joined(library, [facts[term(quantifier)]], "", depth)]
    if (filler := facts.get(term("owl:onClass"))) is not None:
        pieces = [*pieces, (" ", None), *expression(library, filler, depth + 1)]
    return pieces


def _inverse(library: Library, facts: dict, depth: int) -> list[Part]:
    inner = facts.get(term("owl:inverseOf"))
    return [("inverse of ", None), *expression(library, inner, depth + 1)] if inner is not None else []


def _other(library: Library, facts: dict, depth: int) -> list[Part]:
    """Any other nameless thing, a shape say: its sentence if it has one, else its facts."""
    if (message := facts.get(term("sh:message"))) is not None:
        return [(message.value, None)]
    pieces: list[Part] = []
    for property, value in facts.items():
        pieces += [("; ", None)] if pieces else []
        pieces += [
            (library.label(property.value) + " ", property.value),
            *expression(library, value, depth + 1),
        ]
    return pieces
