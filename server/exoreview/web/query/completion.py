"""What an editor of queries offers while somebody types: the terms of the data, from its VoID partitions."""

from collections.abc import Mapping, Sequence
from typing import Any

from pyoxigraph import Triple

from exoreview.terms import BASE, DATASET, PREFIXES, curie, term
from exoreview.web.things.describe import Library

# A partition of the dataset, the term that it is about, and the number of its things or triples.
_PARTITIONS = {
    "classes": ("void:classPartition", "void:class", "void:entities"),
    "properties": ("void:propertyPartition", "void:property", "void:triples"),
}
_DEFINITIONS = ("skos:definition", "rdfs:comment", "dcterms:description")


def terms(library: Library | None) -> dict[str, Any]:
    """Prefixes, and classes, properties and concepts with label and definition, ours first and then
    the most used; of data that says nothing about itself, the prefixes alone."""
    offered: dict[str, Any] = {"prefixes": dict(PREFIXES), "classes": [], "properties": [], "concepts": []}
    if library is None:
        return offered
    for name, partition in _PARTITIONS.items():
        counted = _counted(library.graphs.get("catalog", ()), *partition)
        offered[name] = [_told(library, iri, count) for iri, count in counted.items()]
    concepts = sorted(iri for iri in library.things if iri.startswith(PREFIXES["exc"]))
    offered["concepts"] = [_told(library, iri) for iri in concepts]
    return offered


def _counted(catalog: Sequence[Triple], partition: str, about: str, size: str) -> dict[str, int]:
    """The terms that the partitions of the dataset are about, with their sizes, in the order of an editor."""
    facts: Mapping[Any, dict[Any, Any]] = {}
    parts = []
    for triple in catalog:
        facts.setdefault(triple.subject, {})[triple.predicate] = triple.object
        if triple.subject.value == DATASET and triple.predicate == term(partition):
            parts.append(triple.object)
    found = {facts[part][term(about)].value: int(facts[part][term(size)].value) for part in parts}
    return dict(sorted(found.items(), key=lambda item: (not item[0].startswith(BASE), -item[1], item[0])))


def _told(library: Library, iri: str, count: int | None = None) -> dict[str, Any]:
    """A term for an editor; what nobody said is left out."""
    said = {
        "iri": iri,
        "short": curie(iri),
        "label": library.label(iri),
        "definition": library.text(iri, *_DEFINITIONS),
        "count": count,
    }
    return {name: value for name, value in said.items() if value}
