"""Several nanopublications in one dataset: told apart, and found by the claim that each publishes."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from pyoxigraph import DefaultGraph, NamedNode, Quad

from exoreview.release import structure
from exoreview.terms import term

_LINKS = {term(f"np:{name}") for name in ("hasAssertion", "hasProvenance", "hasPublicationInfo")}

# The trusty IRI at the beginning of its own or that of a part.
_TRUSTY = re.compile(r".*(?<![A-Za-z0-9_-])RA[A-Za-z0-9_-]{43}(?![A-Za-z0-9_-])")

# In the place of a claim's IRI.
INDEX = ""

Bundle = dict[str, list[Quad]]


def separate(quads: Iterable[Quad]) -> tuple[Bundle, list[Quad]]:
    """The nanopublications of a dataset, each by its IRI, and the quads that belong to none of them.

    To a nanopublication belong the graph that calls it one, those that its head names, and those whose names
    begin with its own. A dataset with a single one holds nothing else, so all of it is that one's.
    """
    quads = list(quads)
    wholes = {quad.subject.value for quad in quads if _declares(quad)}
    if len(wholes) == 1:
        return {wholes.pop(): quads}, []
    owners = {quad.graph_name: quad.subject.value for quad in quads if _declares(quad)}
    for quad in quads:
        if quad.predicate in _LINKS and owners.get(quad.graph_name) == getattr(quad.subject, "value", None):
            owners.setdefault(quad.object, quad.subject.value)
    for graph in {quad.graph_name for quad in quads} - owners.keys():
        # Also without a head, whose loss shall be noticed.
        if owner := whole_of(graph):
            owners[graph] = owner
    bundle: Bundle = defaultdict(list)
    rest = []
    for quad in quads:
        (bundle[owners[quad.graph_name]] if quad.graph_name in owners else rest).append(quad)
    return dict(sorted(bundle.items())), rest


def by_claim(quads: Iterable[Quad]) -> dict[str, list[Quad]]:
    """The nanopublication of each claim in a dataset, by the claim's IRI; their index stands under INDEX.

    Where a dataset keeps one that another has superseded, the newer one is found.
    """
    bundle, _ = separate(quads)
    replaced = {
        node.value for quads in bundle.values() for node in structure.objects(quads, "npx:supersedes")
    }
    found = {}
    for iri, held in bundle.items():
        if iri not in replaced:
            claims = [node.value for node in structure.objects(held, "npx:introduces")]
            indexes = [INDEX] if structure.objects(held, "npx:includesElement") else []
            found |= dict.fromkeys(claims or indexes, held)
    return found


def ordered(bundle: Mapping[str, Sequence[Quad]]) -> list[str]:
    """The IRIs of nanopublications, each after all those that it mentions."""
    mentions = {
        iri: {whole_of(part) for quad in quads for part in quad} & bundle.keys() - {iri}
        for iri, quads in bundle.items()
    }
    order: dict[str, None] = {}
    while len(order) < len(bundle):
        free = [iri for iri in bundle if iri not in order and mentions[iri] <= order.keys()]
        # No address can be in the content that it is the hash of, unless it is not a hash.
        order |= dict.fromkeys(free or bundle)
    return list(order)


def whole_of(node: object) -> str:
    """The trusty IRI of the nanopublication that a node is or is a part of, or the empty text."""
    found = _TRUSTY.match(node.value) if isinstance(node, NamedNode) else None
    return found[0] if found else ""


def _declares(quad: Quad) -> bool:
    """Whether it calls something a nanopublication, in a named graph."""
    return (
        quad.predicate == term("rdf:type")
        and quad.object == term("np:Nanopublication")
        and isinstance(quad.subject, NamedNode)
        and not isinstance(quad.graph_name, DefaultGraph)
    )
