"""The order of subjects, predicates and objects in every Turtle file."""

import re
from functools import lru_cache

from exoreview.terms import BASE, curie

_FIRST = ("rdf:type",)
_LABELS = ("rdfs:label", "skos:prefLabel", "skos:altLabel", "dcterms:title", "dcterms:alternative")
_DEFINITIONS = ("skos:definition", "rdfs:comment", "dcterms:description", "dcterms:abstract")
_AXIOMS = (
    "rdfs:subClassOf",
    "rdfs:subPropertyOf",
    "owl:onProperty",
    "owl:annotatedSource",
    "owl:annotatedProperty",
    "owl:annotatedTarget",
    "owl:*",
    "rdfs:domain",
    "rdfs:range",
    "skos:broader",
    "skos:related",
    "skos:exactMatch",
    "skos:closeMatch",
    "skos:broadMatch",
    "skos:narrowMatch",
    "skos:relatedMatch",
    "skos:inScheme",
    "skos:topConceptOf",
)
_FACTS = (
    # Whom a shape concerns, and what it says when it is not met.
    *("sh:targetClass", "sh:targetNode", "sh:targetSubjectsOf", "sh:targetObjectsOf", "sh:target"),
    *("sh:path", "sh:message", "sh:severity"),
    # The slots of a claim as the super-pattern reads, then how the text says it, then its links.
    *("exr:hasContext", "sp:hasContextClass", "exr:hasSubject", "exr:hasQualifier", "exr:hasRelation"),
    *("exr:hasObject", "exr:hasTopic", "exr:hasMechanism", "exr:hasAssertionMode", "exr:hasRoleStrength"),
    *("exr:verbatimPredicate", "exr:alternativeReading", "exr:addedByReading", "exr:explains"),
    *("exr:specialises", "exr:isPresupposedBy", "exr:isMechanismOf"),
    # A passage: its place in the order, its words, its offsets.
    *("exr:position", "exr:exact", "exr:start", "exr:end", "exr:hasQuote", "exr:inSentence"),
    *("exr:statedIn", "exr:hasEvidenceType", "exr:hasAuthorship", "exr:heldBy"),
    "*",
    # What is long or nested stands last.
    *("sh:property", "sh:sparql", "sh:prefixes", "sh:ask", "sh:construct", "sh:describe", "sh:select"),
)
_NOTES = ("skos:note", "skos:*Note", "skos:example", "rdfs:seeAlso")
_PROVENANCE = (
    "prov:*",
    "pav:*",
    "dcterms:creator",
    "dcterms:contributor",
    "dcterms:publisher",
    "dcterms:source",
    "dcterms:provenance",
    "dcterms:created",
    "dcterms:issued",
    "dcterms:modified",
    "dcterms:license",
    "dcterms:rights",
    "dcterms:rightsHolder",
    "dcterms:accessRights",
)
_LAST = ("rdfs:isDefinedBy",)

_ORDER = (*_FIRST, *_LABELS, *_DEFINITIONS, *_AXIOMS, *_FACTS, *_NOTES, *_PROVENANCE, *_LAST)
_RANK = {row: rank for rank, row in enumerate(_ORDER)}


@lru_cache(maxsize=1024)
def predicate_key(iri: str) -> tuple:
    """The place of a predicate within a subject: by the table, then by the alphabet."""
    name = curie(iri)
    prefix, _, local = name.partition(":")
    note = "skos:*Note" if prefix == "skos" and local.endswith("Note") else ""
    for row in (name, note, f"{prefix}:*", "*"):
        if row in _RANK:
            return (_RANK[row], natural(name))
    raise AssertionError("the table has a row for every predicate")


def subject_key(iri: str) -> tuple:
    """The place of a subject among others: ours before those of others, each by their ids."""
    return (not iri.startswith(BASE), natural(iri))


def natural(text: str) -> tuple:
    """A key that sorts as a person does: `s04-c2` before `s04-c10`, `41-47` before `486-501`."""
    parts = re.split(r"([0-9]+)", text)
    parts[1::2] = [int(number) for number in parts[1::2]]
    return (tuple(parts), text)
