"""Mapping files in SSSOM: tab-separated rows below a header in YAML, of which `#` opens every line.

The header is understood in the plain form that such files use (`key: value`, lists of values, the table of
prefixes), so that no YAML library is needed. What is not understood is a problem, never passed over.
"""

import csv
import io
import json
import re
from dataclasses import dataclass, field

from exoreview.knowledge.slots import COLUMNS, METADATA, is_iri, listed, wrong_value
from exoreview.problems import Problem

_KEY = re.compile(r"(?P<key>\w+):(?: (?P<value>.+))?")
_ITEM = re.compile(r"  - (?P<value>.+)")
_PREFIX = re.compile(r"  (?P<key>[A-Za-z][\w.-]*): (?P<value>.+)")


@dataclass(frozen=True)
class Row:
    """One row of the table: the line that it stands on, and its cells that are not empty."""

    line: int
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")


@dataclass
class Document:
    """A mapping file as it was read, and what is wrong with it."""

    name: str
    prefixes: dict[str, str] = field(default_factory=dict)
    metadata: dict[str, list[str]] = field(default_factory=dict)
    columns: list[str] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def expand(self, curie: str) -> str:
        """The IRI that a CURIE of this file stands for."""
        prefix, _, local = curie.partition(":")
        return self.prefixes[prefix] + local

    def wrong(self, line: int, thing: str, sentence: str) -> None:
        """Note a problem."""
        self.problems.append(Problem(self.name, line, thing, sentence))


def parse(text: str, name: str) -> Document:
    """Read a mapping file; what is wrong with it stands in the document's problems."""
    document = Document(name)
    lines = text.removesuffix("\n").split("\n")
    head = next((i for i, line in enumerate(lines) if not line.startswith("#")), len(lines))
    _read_header(document, [line[1:] for line in lines[:head]])
    if head == len(lines):
        document.wrong(head, "table", "There is no table below the header.")
        return document
    if _read_columns(document, _cells(lines[head]) or [], head + 1):
        for number, line in enumerate(lines[head + 1 :], start=head + 2):
            _read_row(document, line, number)
    return document


def _read_header(document: Document, lines: list[str]) -> None:
    """Read the lines above the table, without their `#`."""
    key = None
    for number, line in enumerate(lines, start=1):
        if match := _KEY.fullmatch(line):
            key = match["key"]
            _read_key(document, key, match["value"], number)
        elif key == "curie_map" and (match := _PREFIX.fullmatch(line)):
            _read_prefix(document, match["key"], match["value"], number)
        elif key in METADATA and METADATA[key].many and (match := _ITEM.fullmatch(line)):
            document.metadata.setdefault(key, []).append(_scalar(match["value"]))
        else:
            document.wrong(number, "header", f"“{line.strip()}” is not a line that a header can have here.")
    for key, slot in METADATA.items():
        values = document.metadata.get(key, [])
        if slot.required and not values:
            document.wrong(1, "header", f"The header has no {key}.")
        for value in values:
            if sentence := wrong_value(key, slot, value, document.prefixes):
                document.wrong(_line_of(key, lines), "header", sentence)


def _line_of(key: str, lines: list[str]) -> int:
    return next(i for i, line in enumerate(lines, start=1) if line.startswith(f"{key}:"))


def _read_key(document: Document, key: str, value: str | None, number: int) -> None:
    if key not in METADATA and key != "curie_map":
        known = listed(["curie_map", *METADATA])
        document.wrong(number, "header", f"“{key}” is not a known key; known are {known}.")
    elif key in document.metadata:
        document.wrong(number, "header", f"“{key}” stands twice.")
    elif value is not None:
        document.metadata[key] = [_scalar(value)]


def _read_prefix(document: Document, prefix: str, namespace: str, number: int) -> None:
    if prefix in document.prefixes:
        document.wrong(number, "header", f"The prefix “{prefix}” stands twice in curie_map.")
    if not is_iri(namespace):
        document.wrong(number, "header", f"The prefix “{prefix}” stands for “{namespace}”, which is no IRI.")
    document.prefixes[prefix] = namespace


def _scalar(value: str) -> str:
    """A value of the header: bare, or in double quotes where YAML would misread it."""
    try:
        return json.loads(value) if value.startswith('"') else value
    except json.JSONDecodeError:
        return value


def _read_columns(document: Document, names: list[str], number: int) -> bool:
    """Read the first row of the table; whether the rows below can be read too."""
    before = len(document.problems)
    for name in dict.fromkeys(names):
        if name not in COLUMNS:
            document.wrong(number, "table", f"“{name}” is not a known column; known are {listed(COLUMNS)}.")
        elif names.count(name) > 1:
            document.wrong(number, "table", f"The column {name} stands twice.")
    for name, slot in COLUMNS.items():
        if slot.required and name not in names:
            document.wrong(number, "table", f"The column {name} is missing.")
    document.columns = names
    return len(document.problems) == before


def _read_row(document: Document, line: str, number: int) -> None:
    values = _cells(line)
    if values is None:
        document.wrong(number, "row", "A cell begins with a quotation mark and has none at its end.")
        return
    if len(values) != len(document.columns):
        sentence = f"The row has {len(values)} cells, but the table has {len(document.columns)} columns."
        document.wrong(number, values[0] if values else "row", sentence)
        return
    row = Row(number, {name: value for name, value in zip(document.columns, values, strict=True) if value})
    thing = f"{row['subject_id']} {row['object_id']}".strip() or "row"
    for name in document.columns:
        if sentence := wrong_value(name, COLUMNS[name], row[name], document.prefixes):
            document.wrong(number, thing, sentence)
    document.rows.append(row)


def _cells(line: str) -> list[str] | None:
    """The cells of one line, or None if a quotation mark is left open: a cell never spans lines."""
    try:
        return next(csv.reader([line], delimiter="\t", strict=True), [])
    except csv.Error:
        return None


def write(document: Document) -> str:
    """The canonical text of a mapping file: keys and columns in their order, prefixes and rows sorted."""
    lines = ["#curie_map:", *(f"#  {prefix}: {iri}" for prefix, iri in sorted(document.prefixes.items()))]
    for key, slot in METADATA.items():
        values = [_quoted(value) for value in document.metadata.get(key, [])]
        if slot.many and values:
            lines += [f"#{key}:", *(f"#  - {value}" for value in values)]
        else:
            lines += [f"#{key}: {value}" for value in values]
    columns = [name for name in COLUMNS if name in document.columns]
    table = io.StringIO()
    rows = sorted([row[name] for name in columns] for row in document.rows)
    csv.writer(table, delimiter="\t", lineterminator="\n").writerows([columns, *rows])
    return "\n".join(lines) + "\n" + table.getvalue()


def _quoted(value: str) -> str:
    plain = not re.search(r": |:$| #", value) and not re.match(r"[-?:,\[\]{}#&*!|>'\"%@`]", value)
    return value if plain else json.dumps(value, ensure_ascii=False)
