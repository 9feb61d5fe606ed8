"""The keys and columns of SSSOM that are used here: their terms in RDF, and which values they take."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Slot:
    """A key of the header or a column of the table: its term in RDF, and which values it takes."""

    term: str
    kind: str  # reference (a CURIE), iri, text (English), code (text without a language), date or fraction
    required: bool = False
    many: bool = False
    allowed: tuple[str, ...] = ()


def _named(pattern: str, names: str) -> tuple[str, ...]:
    return tuple(pattern.format(name) for name in names.split())


_PREDICATES = _named("skos:{}Match", "exact close broad narrow related")
_JUSTIFICATIONS = _named(
    "semapv:{}",
    "BackgroundKnowledgeBasedMatching CompositeMatching InstanceBasedMatching LexicalMatching "
    "LexicalSimilarityThresholdMatching LogicalReasoning ManualMappingCuration MappingChaining "
    "MappingInversion MappingReview SemanticSimilarityThresholdMatching StructuralMatching "
    "UnspecifiedMatching",
)

# The order is that of the SSSOM schema, and the order in which keys and columns are written.
METADATA = {
    "mapping_set_id": Slot("", "iri", required=True),
    "mapping_set_version": Slot("owl:versionInfo", "code"),
    "mapping_set_title": Slot("dcterms:title", "text", required=True),
    "mapping_set_description": Slot("dcterms:description", "text"),
    "creator_id": Slot("dcterms:creator", "reference", many=True),
    "creator_label": Slot("sssom:creator_label", "text", many=True),
    "license": Slot("dcterms:license", "iri", required=True),
    "subject_source": Slot("sssom:subject_source", "reference"),
    "mapping_date": Slot("dcterms:created", "date"),
    "comment": Slot("rdfs:comment", "text"),
}
COLUMNS = {
    "subject_id": Slot("owl:annotatedSource", "reference", required=True),
    "subject_label": Slot("sssom:subject_label", "text", required=True),
    "predicate_id": Slot("owl:annotatedProperty", "reference", required=True, allowed=_PREDICATES),
    "predicate_modifier": Slot("sssom:predicate_modifier", "code", allowed=("Not",)),
    "object_id": Slot("owl:annotatedTarget", "reference", required=True),
    "object_label": Slot("sssom:object_label", "text", required=True),
    "mapping_justification": Slot(
        "sssom:mapping_justification", "reference", required=True, allowed=_JUSTIFICATIONS
    ),
    "object_source": Slot("sssom:object_source", "reference"),
    "object_source_version": Slot("sssom:object_source_version", "code"),
    "mapping_date": Slot("dcterms:created", "date"),
    "confidence": Slot("sssom:confidence", "fraction"),
    "comment": Slot("rdfs:comment", "text"),
}

_CURIE = re.compile(r"(?P<prefix>[A-Za-z][\w.-]*):(?P<local>[\w./-]+)", re.ASCII)
_IRI = re.compile(r"https?://[^\s<>\"{}|\\^`]+")


def wrong_value(name: str, slot: Slot, value: str, prefixes: Mapping[str, str]) -> str | None:
    """What is wrong with a value of the header or the table, in a sentence, or None."""
    if not value:
        return f"{name} is empty." if slot.required else None
    if value != value.strip():
        return f"{name} begins or ends with a blank."
    if slot.allowed and value not in slot.allowed:
        return f"{name} is “{value}”; it can be {listed(slot.allowed, 'or')}."
    if slot.kind == "reference":
        return _wrong_reference(name, value, prefixes)
    if slot.kind == "iri" and not is_iri(value):
        return f"{name} is “{value}”, which is no IRI."
    if slot.kind == "date" and not _is_date(value):
        return f"{name} is “{value}”, which is no date like 2026-11-23."
    if slot.kind == "fraction" and not re.fullmatch(r"0(\.\d+)?|1(\.0+)?", value):
        return f"{name} is “{value}”, which is no number from 0 to 1."
    return None


def _wrong_reference(name: str, value: str, prefixes: Mapping[str, str]) -> str | None:
    match = _CURIE.fullmatch(value)
    if not match:
        return f"{name} is “{value}”, which is no CURIE like GO:0070062."
    if match["prefix"] not in prefixes:
        return f"{name} is “{value}”, but curie_map has no prefix “{match['prefix']}”."
    return None


def is_iri(value: str) -> bool:
    """Whether a value is an absolute IRI of the web."""
    return _IRI.fullmatch(value) is not None


def _is_date(value: str) -> bool:
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def listed(words: Iterable[str], last: str = "and") -> str:
    """Words as a person lists them."""
    words = list(words)
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}"
