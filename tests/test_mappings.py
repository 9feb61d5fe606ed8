"""The mapping file is valid SSSOM in canonical form, agrees with the concepts, and yields its triples."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from importlib.resources import files as resources

import pytest
import yaml
from pyoxigraph import Literal, NamedNode, Triple

from exoreview import files, turtle
from exoreview.knowledge import mappings, sssom
from exoreview.knowledge.slots import COLUMNS, METADATA
from exoreview.problems import Refusal
from exoreview.terms import PREFIXES, curie

FILE = files.path(mappings.FILE)
SKOS_LINKS = {f"{strength}Match" for strength in ("exact", "close", "broad", "narrow", "related")}


@pytest.fixture(scope="module")
def mapping_set() -> sssom.Document:
    return mappings.read()


@pytest.fixture(scope="module")
def triples(mapping_set) -> list[Triple]:
    return mappings.triples(mapping_set)


@pytest.fixture(scope="module")
def concepts() -> list[Triple]:
    return list(turtle.read(files.path("ontology/concepts.ttl")))


def term(name: str) -> NamedNode:
    prefix, _, local = name.partition(":")
    return NamedNode(PREFIXES[prefix] + local)


def of(triples: Iterable[Triple], predicate: str) -> list[Triple]:
    return [triple for triple in triples if triple.predicate == term(predicate)]


def links(triples: Iterable[Triple]) -> list[Triple]:
    return [t for t in triples if curie(t.predicate.value).removeprefix("skos:") in SKOS_LINKS]


# --- The file -----------------------------------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
def test_the_reference_implementation_finds_nothing_wrong(mapping_set):
    from sssom.parsers import parse_sssom_table
    from sssom.validators import validate

    parsed = parse_sssom_table(FILE)
    reports = validate(parsed, fail_on_error=False)
    assert [result.message for report in reports.values() for result in report.results] == []
    read = [{k: str(v) for k, v in row.items() if k in COLUMNS and v} for row in parsed.df.to_dict("records")]
    ours = [row.cells | {"mapping_date": mapping_set.metadata["mapping_date"][0]} for row in mapping_set.rows]
    assert read == ours


def test_the_file_is_in_canonical_form():
    text = FILE.read_bytes().decode()
    assert text == mappings.format_document(text, FILE.name), "write it anew with mappings.format_document"


def test_its_version_is_the_version_of_the_project(mapping_set):
    assert mapping_set.metadata["mapping_set_version"] == [files.version()]


def test_every_prefix_is_used(mapping_set):
    used = {
        row[name].partition(":")[0]
        for row in mapping_set.rows
        for name, slot in COLUMNS.items()
        if slot.kind == "reference"
    }
    used |= {
        value.partition(":")[0]
        for key, slot in METADATA.items()
        if slot.kind == "reference"
        for value in mapping_set.metadata[key]
    }
    assert used - {""} == set(mapping_set.prefixes)


def test_every_subject_is_a_concept_by_its_label(mapping_set, concepts):
    labels = {t.subject.value: t.object for t in of(concepts, "skos:prefLabel")}
    wrong = [
        row["subject_id"]
        for row in mapping_set.rows
        if labels.get(mapping_set.expand(row["subject_id"])) != Literal(row["subject_label"], language="en")
    ]
    assert wrong == []


def test_no_term_is_the_exact_match_of_two_concepts(mapping_set):
    exact = [
        r for r in mapping_set.rows if r["predicate_id"] == "skos:exactMatch" and not r["predicate_modifier"]
    ]
    assert [term for term, count in Counter(row["object_id"] for row in exact).items() if count > 1] == []


def test_every_positive_row_says_where_the_term_was_read(mapping_set):
    wrong = [
        row.line
        for row in mapping_set.rows
        if not row["predicate_modifier"]
        and not (
            row["comment"].startswith(tuple(f"grade {g}; read in " for g in "ABC"))
            and row["object_source_version"]
        )
    ]
    assert wrong == []


def test_a_row_that_is_not_exact_says_why(mapping_set):
    exact = {"skos:exactMatch"}
    unexplained = [
        r.line for r in mapping_set.rows if r["predicate_id"] not in exact and r["comment"].count("; ") < 2
    ]
    assert unexplained == []


def test_the_homonym_of_exosome_is_a_warning(mapping_set):
    (row,) = [r for r in mapping_set.rows if r["object_id"] == "GO:0000178"]
    assert (row["subject_id"], row["predicate_id"], row["predicate_modifier"], row["object_label"]) == (
        "exc:Exosome",
        "skos:exactMatch",
        "Not",
        "exosome (RNase complex)",
    )


def test_no_related_term_is_also_broader_or_narrower(concepts, triples):
    """SKOS S27: skos:related is disjoint with skos:broaderTransitive, exact matches counted as one."""
    above, same = defaultdict(set), defaultdict(set)
    for t in [*concepts, *triples]:
        name = curie(t.predicate.value)
        if name in ("skos:broader", "skos:broadMatch"):
            above[t.subject].add(t.object)
        elif name == "skos:narrowMatch":
            above[t.object].add(t.subject)
        elif name == "skos:exactMatch":
            same[t.subject].add(t.object)
            same[t.object].add(t.subject)

    def all_above(thing) -> set:
        found, todo = set(), [thing, *same[thing]]
        while todo:
            here = todo.pop()
            new = {other for broader in above[here] for other in (broader, *same[broader])} - found
            found |= new
            todo += new
        return found

    related = [*of(concepts, "skos:related"), *of(triples, "skos:relatedMatch")]
    assert [t for t in related if t.object in all_above(t.subject) or t.subject in all_above(t.object)] == []


# --- The triples --------------------------------------------------------------------------------------------


def test_a_positive_row_is_one_link_and_a_negative_row_none(mapping_set, triples):
    expected = [
        Triple(
            *(
                NamedNode(mapping_set.expand(row[name]))
                for name in ("subject_id", "predicate_id", "object_id")
            )
        )
        for row in mapping_set.rows
        if not row["predicate_modifier"]
    ]
    assert Counter(links(triples)) == Counter(expected)


def test_the_triples_say_all_that_the_file_says(mapping_set, triples):
    namespaces = sorted(mapping_set.prefixes.items(), key=lambda item: -len(item[1]))

    def cell(value: NamedNode | Literal) -> str:
        if value == term("sssom:NegatedPredicate"):
            return "Not"
        if isinstance(value, Literal):
            return value.value
        prefix, namespace = next(item for item in namespaces if value.value.startswith(item[1]))
        return f"{prefix}:{value.value.removeprefix(namespace)}"

    columns = {term(slot.term): name for name, slot in COLUMNS.items()}
    records = {t.subject: {} for t in of(triples, "rdf:type") if t.object == term("sssom:Mapping")}
    for triple in triples:
        if triple.subject in records and triple.predicate in columns:
            records[triple.subject][columns[triple.predicate]] = cell(triple.object)
    assert list(records.values()) == [row.cells for row in mapping_set.rows]


def test_no_triple_stands_twice_and_each_outside_term_has_one_label(mapping_set, triples):
    assert len(set(triples)) == len(triples)
    outside = {NamedNode(mapping_set.expand(row["object_id"])) for row in mapping_set.rows}
    labels = Counter(t.subject for t in of(triples, "rdfs:label") if t.subject in outside)
    assert set(labels) == outside
    assert set(labels.values()) == {1}


def test_the_set_names_its_records(mapping_set, triples):
    the_set = NamedNode(mapping_set.metadata["mapping_set_id"][0])
    assert Triple(the_set, term("rdf:type"), term("sssom:MappingSet")) in triples
    assert len(of(triples, "sssom:mappings")) == len(mapping_set.rows)
    assert {curie(t.predicate.value) for t in triples if t.subject == the_set} >= {
        "dcterms:title",
        "dcterms:license",
    }


def test_text_is_english_and_only_codes_have_no_language(triples):
    plain = {
        curie(t.predicate.value) for t in triples if isinstance(t.object, Literal) and not t.object.language
    }
    assert plain == {"owl:versionInfo", "sssom:object_source_version", "dcterms:created"}
    assert {t.object.language for t in triples if isinstance(t.object, Literal)} == {None, "en"}


def test_every_term_is_that_of_the_sssom_schema():
    schema = yaml.safe_load((resources("sssom_schema") / "schema/sssom_schema.yaml").read_text("utf-8"))
    for name, slot in (METADATA | COLUMNS).items():
        assert name in schema["slots"]
        if slot.term:
            assert slot.term == schema["slots"][name].get("slot_uri", f"sssom:{name}")
    allowed = schema["slots"]["mapping_justification"]["pattern"]
    assert sorted(COLUMNS["mapping_justification"].allowed) == sorted(
        f"semapv:{name}" for name in allowed.removeprefix("^semapv:(").removesuffix(")$").split("|")
    )
    negation = schema["enums"]["predicate_modifier_enum"]["permissible_values"]["Not"]
    assert negation["meaning"] == "sssom:NegatedPredicate"


# --- What is refused ----------------------------------------------------------------------------------------

GOOD = """\
#curie_map:
#  GO: http://purl.obolibrary.org/obo/GO_
#  exc: https://w3id.org/exoreview/concept/
#  semapv: https://w3id.org/semapv/vocab/
#  skos: http://www.w3.org/2004/02/skos/core#
#mapping_set_id: https://example.org/mappings
#mapping_set_title: "Links: an example"
#license: https://creativecommons.org/licenses/by/4.0/
subject_id\tsubject_label\tpredicate_id\tpredicate_modifier\tobject_id\tobject_label\tmapping_justification
exc:Exosome\texosome\tskos:closeMatch\tNot\tGO:0000178\texosome (RNase complex)\tsemapv:ManualMappingCuration
exc:Exosome\texosome\tskos:exactMatch\t\tGO:0070062\textracellular exosome\tsemapv:ManualMappingCuration
"""
LAST = GOOD.splitlines(keepends=True)[-1]
PAIR = "exc:Exosome GO:0070062"
WAYS_TO_MATCH = "skos:exactMatch, skos:closeMatch, skos:broadMatch, skos:narrowMatch or skos:relatedMatch"

BAD = {
    "header line": (
        "#license:",
        "#licence =",
        "8: header",
        "“licence = https://creativecommons.org/licenses/by/4.0/” is",
    ),
    "unknown key": (
        "#license:",
        "#licence:",
        "8: header",
        "“licence” is not a known key; known are curie_map, ",
    ),
    "no licence": (
        "#license: https://creativecommons.org/licenses/by/4.0/\n",
        "",
        "1: header",
        "The header has no license.",
    ),
    "key twice": ("#license:", "#license: x\n#license:", "9: header", "“license” stands twice."),
    "licence is no IRI": (
        "#license: https://",
        "#license: ",
        "8: header",
        "license is “creativecommons.org/licenses/by/4.0/”, ",
    ),
    "prefix twice": ("#  GO:", "#  exc:", "3: header", "The prefix “exc” stands twice in curie_map."),
    "namespace is no IRI": (
        "GO: http://",
        "GO: ",
        "2: header",
        "The prefix “GO” stands for “purl.obolibrary.org/obo/GO_”, ",
    ),
    "prefix means another": (
        "core#",
        "core/",
        "1: header",
        "The prefix “skos” stands for http://www.w3.org/2004/02/skos/core#, not for http://www.w3.org/2004/02/skos/core/.",
    ),
    "no table": (GOOD[GOOD.index("subject_id") :], "", "8: table", "There is no table below the header."),
    "unknown column": (
        "object_label\t",
        "object_name\t",
        "9: table",
        "“object_name” is not a known column; known are ",
    ),
    "missing column": ("object_label\t", "comment\t", "9: table", "The column object_label is missing."),
    "column twice": ("object_label\t", "object_id\t", "9: table", "The column object_id stands twice."),
    "too few cells": (
        "\t\tGO:0070062",
        "\tGO:0070062",
        "11: exc:Exosome",
        "The row has 6 cells, but the table has 7 columns.",
    ),
    "too many cells": (
        "\t\tGO:0070062",
        "\t\t\tGO:0070062",
        "11: exc:Exosome",
        "The row has 8 cells, but the table has 7 col",
    ),
    "blank line": (LAST, "\n", "11: row", "The row has 0 cells, but the table has 7 columns."),
    "open quotation": (
        "\textracellular",
        '\t"extracellular',
        "11: row",
        "A cell begins with a quotation mark and has none",
    ),
    "no justification": (
        "extracellular exosome\tsemapv:ManualMappingCuration",
        "extracellular exosome\t",
        f"11: {PAIR}",
        "mapping_justification is empty.",
    ),
    "unknown justification": (
        "extracellular exosome\tsemapv:Manual",
        "extracellular exosome\tsemapv:Manuel",
        f"11: {PAIR}",
        "mapping_justification is “semapv:ManuelMappingCuration”; it can be ",
    ),
    "unknown predicate": (
        "skos:exactMatch\t\t",
        "skos:sameMatch\t\t",
        f"11: {PAIR}",
        f"predicate_id is “skos:sameMatch”; it can be {WAYS_TO_MATCH}.",
    ),
    "unknown modifier": (
        "\tNot\t",
        "\tnot\t",
        "10: exc:Exosome GO:0000178",
        "predicate_modifier is “not”; it can be Not.",
    ),
    "unknown prefix": (
        "GO:0070062",
        "GOO:0070062",
        "11: exc:Exosome GOO:0070062",
        "object_id is “GOO:0070062”, but curie_map has no prefix “GOO”.",
    ),
    "no CURIE": (
        "GO:0070062",
        "0070062",
        "11: exc:Exosome 0070062",
        "object_id is “0070062”, which is no CURIE like ",
    ),
    "blank at the end": (
        "extracellular exosome",
        "extracellular exosome ",
        f"11: {PAIR}",
        "object_label begins or ends with ",
    ),
    "no concept of ours": (
        LAST,
        LAST.replace("exc:Exosome", "GO:0031982"),
        "11: GO:0031982",
        "The subject is no concept of ours (exc:…).",
    ),
    "pair twice": (
        LAST,
        LAST + LAST.replace("exact", "close"),
        f"12: {PAIR}",
        "Line 11 links the same two; a pair has one strength (and at most one Not).",
    ),
    "grade D": (
        GOOD[GOOD.index("subject_id") :],
        GOOD[GOOD.index("subject_id") :]
        .replace("justification\n", "justification\tcomment\n")
        .replace("Curation\n", "Curation\tgrade D; read in x\n"),
        f"11: {PAIR}",
        "A term seen only in unrelated code (grade D) is not linked; find it in a better source.",
    ),
    "two labels": (
        LAST,
        LAST.replace("exosome\tskos", "vesicle\tskos"),
        "11: exc:Exosome",
        "It is called “vesicle” here and “exosome” in line 10.",
    ),
}


def test_the_example_is_good(tmp_path):
    path = tmp_path / "good.sssom.tsv"
    path.write_text(GOOD, "utf-8")
    read = mappings.read(path)
    assert sssom.write(read) == GOOD
    assert len(links(mappings.triples(read))) == 1


@pytest.mark.parametrize(("old", "new", "place", "sentence"), BAD.values(), ids=BAD)
def test_a_bad_file_is_refused_in_a_sentence(tmp_path, old, new, place, sentence):
    assert old in GOOD
    path = tmp_path / "bad.sssom.tsv"
    path.write_text(GOOD.replace(old, new, 1), "utf-8")
    with pytest.raises(mappings.MappingError) as refusal:
        mappings.read(path)
    found = [str(problem) for problem in refusal.value.problems]
    assert any(problem.startswith(f"{path}:{place}: {sentence}") for problem in found), found


@pytest.mark.parametrize(
    ("column", "value", "sentence"),
    [
        ("mapping_date", "23.11.2026", "mapping_date is “23.11.2026”, which is no date like 2026-11-23."),
        ("confidence", "1.5", "confidence is “1.5”, which is no number from 0 to 1."),
    ],
    ids=["date", "confidence"],
)
def test_a_bad_value_of_an_optional_column_is_refused(column, value, sentence):
    lines = GOOD.splitlines()
    lines = [*lines[:8], f"{lines[8]}\t{column}", f"{lines[9]}\t", f"{lines[10]}\t{value}"]
    document = sssom.parse("\n".join(lines), "bad.sssom.tsv")
    assert [str(problem) for problem in document.problems] == [f"bad.sssom.tsv:11: {PAIR}: {sentence}"]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(None, "cannot be read: No such file or directory."), (b"\xff", "is not text in UTF-8.")],
    ids=["missing", "not UTF-8"],
)
def test_a_file_that_is_no_text_is_refused(tmp_path, content, sentence):
    path = tmp_path / "bad.sssom.tsv"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(Refusal, match=sentence):
        mappings.read(path)
