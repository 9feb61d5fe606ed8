"""The links from our concepts to terms of other vocabularies, and the triples that they stand for.

A row is published twice: as the plain SKOS link, which is what most people ask for, and as a record that says
how the link was made and where the term was read. A negative row (“not an exact match”) has the record alone.
"""

from pathlib import Path

from pyoxigraph import Literal, NamedNode, Triple

from exoreview.files import path as project_file
from exoreview.files import shown
from exoreview.knowledge import sssom
from exoreview.knowledge.slots import COLUMNS, METADATA, Slot
from exoreview.knowledge.sssom import Document, Row
from exoreview.problems import Problem, Refusal
from exoreview.terms import PREFIXES, term

FILE = "data/mappings.sssom.tsv"


class MappingError(Refusal):
    """A mapping file that cannot be used, with everything that is wrong with it."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


def read(path: Path | None = None) -> Document:
    """Read a mapping file, by default the project's own; MappingError says all that is wrong with it."""
    path = path or project_file(FILE)
    try:
        text = path.read_bytes().decode("utf-8")
    except OSError as error:
        raise Refusal(f"{shown(path)} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise Refusal(f"{shown(path)} is not text in UTF-8.") from error
    return parse(text, shown(path))


def parse(text: str, name: str) -> Document:
    """Read the text of a mapping file; MappingError says all that is wrong with it."""
    mapping_set = sssom.parse(text, name)
    if not mapping_set.problems:
        _cross_check(mapping_set)
    if mapping_set.problems:
        raise MappingError(sorted(mapping_set.problems))
    return mapping_set


def format_document(text: str, name: str) -> str:
    """The canonical form of a mapping file's text."""
    document = sssom.parse(text, name)
    if document.problems:
        raise MappingError(sorted(document.problems))
    return sssom.write(document)


def _cross_check(mapping_set: Document) -> None:
    """Note what no cell shows by itself: prefixes and labels that disagree, links given twice.

    Whether an outside term exists is not among it: no list of all terms stands in the project. What can be
    checked is, here the grade of its source and, by a shape, how its identifier is made.
    """
    for prefix, namespace in mapping_set.prefixes.items():
        if PREFIXES.get(prefix, namespace) != namespace:
            sentence = f"The prefix “{prefix}” stands for {PREFIXES[prefix]}, not for {namespace}."
            mapping_set.wrong(1, "header", sentence)
    labels: dict[str, tuple[str, int]] = {}
    links: dict[str, int] = {}
    for row in mapping_set.rows:
        for end in ("subject", "object"):
            identifier, label = row[f"{end}_id"], row[f"{end}_label"]
            first, line = labels.setdefault(identifier, (label, row.line))
            if label != first:
                sentence = f"It is called “{label}” here and “{first}” in line {line}."
                mapping_set.wrong(row.line, identifier, sentence)
        if "grade D" in row["comment"]:
            sentence = (
                "A term seen only in unrelated code (grade D) is not linked; find it in a better source."
            )
            mapping_set.wrong(row.line, f"{row['subject_id']} {row['object_id']}", sentence)
        if not mapping_set.expand(row["subject_id"]).startswith(PREFIXES["exc"]):
            mapping_set.wrong(row.line, row["subject_id"], "The subject is no concept of ours (exc:…).")
        if (line := links.setdefault(record_iri(row), row.line)) != row.line:
            sentence = f"Line {line} links the same two; a pair has one strength (and at most one Not)."
            mapping_set.wrong(row.line, f"{row['subject_id']} {row['object_id']}", sentence)


def record_iri(row: Row) -> str:
    """The IRI of a row's record, made of the two things: a pair has one row, or one and its warning."""
    subject = row["subject_id"].partition(":")[2]
    warning = "not-" if row["predicate_modifier"] else ""
    outside = row["object_id"].replace(":", "_").replace("/", "_")
    return f"{PREFIXES['mapping']}{subject}-{warning}{outside}"


def triples(mapping_set: Document) -> list[Triple]:
    """All triples of a mapping set: itself, the links, the labels of outside terms, a record for each row."""
    found = dict.fromkeys(_about_the_set(mapping_set))
    for row in mapping_set.rows:
        found.update(dict.fromkeys(_about_a_row(mapping_set, row)))
    return list(found)


def _about_the_set(mapping_set: Document) -> list[Triple]:
    the_set = NamedNode(mapping_set.metadata["mapping_set_id"][0])
    title = _text(mapping_set.metadata["mapping_set_title"][0])
    found = [
        Triple(the_set, term("rdf:type"), term("sssom:MappingSet")),
        Triple(the_set, term("rdfs:label"), title),
    ]
    for key, slot in METADATA.items():
        if slot.term:
            values = mapping_set.metadata.get(key, [])
            found += [Triple(the_set, term(slot.term), _value(mapping_set, slot, value)) for value in values]
    records = [NamedNode(record_iri(row)) for row in mapping_set.rows]
    return found + [Triple(the_set, term("sssom:mappings"), record) for record in records]


def _about_a_row(mapping_set: Document, row: Row) -> list[Triple]:
    subject, predicate, outside = (
        NamedNode(mapping_set.expand(row[name])) for name in ("subject_id", "predicate_id", "object_id")
    )
    record = NamedNode(record_iri(row))
    found = [
        Triple(outside, term("rdfs:label"), _text(row["object_label"])),
        # The SSSOM schema equates a mapping with owl:Axiom, but that would assert what a negative row denies.
        Triple(record, term("rdf:type"), term("sssom:Mapping")),
        Triple(record, term("rdfs:label"), _text(_sentence(row))),
    ]
    if not row["predicate_modifier"]:
        found.append(Triple(subject, predicate, outside))
    for name, slot in COLUMNS.items():
        if row[name]:
            found.append(Triple(record, term(slot.term), _value(mapping_set, slot, row[name])))
    return found


def _sentence(row: Row) -> str:
    """A row in words: “exosome: no exact match of exosome (RNase complex), GO:0000178”."""
    strength = row["predicate_id"].partition(":")[2].removesuffix("Match")
    negation = "no " if row["predicate_modifier"] else ""
    return f"{row['subject_label']}: {negation}{strength} match {row['object_label']}, {row['object_id']}"


def _value(mapping_set: Document, slot: Slot, value: str) -> NamedNode | Literal:
    """A value of the header or the table as RDF."""
    if slot.term == "sssom:predicate_modifier":
        return term("sssom:NegatedPredicate")
    if slot.kind == "reference":
        return NamedNode(mapping_set.expand(value))
    if slot.kind == "iri":
        return NamedNode(value)
    if slot.kind == "text":
        return _text(value)
    datatype = {"code": "xsd:string", "date": "xsd:date", "fraction": "xsd:double"}[slot.kind]
    return Literal(value, datatype=term(datatype))


def _text(words: str) -> Literal:
    return Literal(words, language="en")
