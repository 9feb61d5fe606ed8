"""The terms of a vocabulary as a list of contents, in which the narrower stand below the broader."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from pyoxigraph import NamedNode

from exoreview.web.things.axioms import members
from exoreview.web.things.describe import Library
from exoreview.web.vocabularies.glossary import Entry

_BROADER = ("rdfs:subClassOf", "rdfs:subPropertyOf")


@dataclass
class Listed:
    """A term in the list of contents, with those below it."""

    anchor: str
    label: str
    below: list["Listed"] = field(default_factory=list)


def nested(library: Library, entries: Sequence[Entry]) -> list[Listed]:
    """The entries as a list of contents: what is narrower stands below what is broader."""
    listed = {entry.iri: Listed(entry.anchor, entry.label) for entry in entries}
    top = []
    for entry in entries:
        above = {
            node.value
            for name in _BROADER
            for node in library.values(entry.iri, name)
            if isinstance(node, NamedNode)
        }
        above |= {whole for whole in listed if entry.iri in _disjoint(library, whole)}
        places = [listed[iri] for iri in sorted(above) if iri in listed and iri != entry.iri]
        for place in places[:1]:
            place.below.append(listed[entry.iri])
        if not places:
            top.append(listed[entry.iri])
    return top


def _disjoint(library: Library, iri: str) -> set[str]:
    """The classes that a class is the disjoint union of."""
    return {
        each.value for node in library.values(iri, "owl:disjointUnionOf") for each in members(library, node)
    }
