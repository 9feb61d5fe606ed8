"""What makes a nanopublication one: its graphs, how they hang together, and the hash in its address."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from pyoxigraph import DefaultGraph, NamedNode, Quad, Triple

from exoreview.release import trusty
from exoreview.terms import term


def address(quads: Iterable[Quad]) -> NamedNode:
    """The IRI of a nanopublication."""
    return next(quad.subject for quad in quads if is_a(quad, "np:Nanopublication"))


def objects(quads: Iterable[Quad], name: str) -> list[NamedNode]:
    """The things with an IRI that a property leads to."""
    found = (quad.object for quad in quads if quad.predicate == term(name))
    return [node for node in found if isinstance(node, NamedNode)]


def faults(quads: Iterable[Quad]) -> list[str]:
    """What is wrong with a nanopublication, a sentence each; none if it is well-formed and unchanged."""
    quads = list(quads)
    heads = [quad for quad in quads if is_a(quad, "np:Nanopublication")]
    if len(heads) != 1 or isinstance(heads[0].graph_name, DefaultGraph):
        return ["There must be exactly one head, a named graph that says what is a nanopublication."]
    whole, head = heads[0].subject, heads[0].graph_name
    links = {name: [] for name in ("np:hasAssertion", "np:hasProvenance", "np:hasPublicationInfo")}
    for quad in quads:
        if quad.graph_name == head and quad.subject == whole:
            for name in links:
                links[name] += [quad.object] if quad.predicate == term(name) else []
    if any(len(found) != 1 for found in links.values()):
        return ["The head must name one assertion, one provenance and one publication info."]
    parts = [head, *(found[0] for found in links.values())]
    return [sentence for sentence, wrong in _rules(quads, whole, parts) if wrong]


def _rules(quads: Sequence[Quad], whole: NamedNode, parts: Sequence[NamedNode]) -> Iterator[tuple[str, bool]]:
    """What must not be, and whether it is; `parts` are the graphs in the order of their roles."""
    head, assertion, provenance, pubinfo = parts
    held = defaultdict(list)
    for quad in quads:
        held[quad.graph_name].append(quad)

    def mentioned(node, graph):
        return any(node in (quad.subject, quad.object) for quad in held[graph])

    yield "The four graphs must have four names.", len(set(parts)) < 4
    # Older ones also say there what kind each part is.
    kinds = zip((assertion, provenance, pubinfo), ("Assertion", "Provenance", "PublicationInfo"), strict=True)
    typed = {Quad(part, term("rdf:type"), term(f"np:{kind}"), head) for part, kind in kinds}
    yield "The head must hold nothing but its four triples.", len(set(held[head]) - typed) != 4
    yield "No graph may be empty.", not all(held[part] for part in parts)
    yield "Every triple must stand in one of the four graphs.", not held.keys() <= set(parts)
    yield "The provenance must speak of the assertion.", not mentioned(assertion, provenance)
    yield "The publication info must speak of the nanopublication.", not mentioned(whole, pubinfo)
    named = all(getattr(part, "value", "").startswith(whole.value) for part in parts)
    yield "The names of the graphs must begin with that of the nanopublication.", not named
    yield (
        "The address must end in the hash of the content, as a trusty IRI.",
        not trusty.is_trusty(whole.value),
    )
    changed = trusty.is_trusty(whole.value) and not trusty.verify(quads, whole.value)
    yield "The content is not the one that the address names: something was changed.", changed


def is_a(statement: Triple | Quad, kind: str) -> bool:
    """Whether a statement says that something is of a class."""
    return statement.predicate == term("rdf:type") and statement.object == term(kind)
