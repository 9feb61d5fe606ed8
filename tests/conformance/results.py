"""Results of queries, read from every format that the suites and the endpoint use.

JSON, XML, CSV and TSV are read here with the standard library, so that the engine does not check itself.
"""

import csv
import io
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, parse

RS = "http://www.w3.org/2001/sw/DataAccess/tests/result-set#"
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_SRX = "{http://www.w3.org/2005/sparql-results#}"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"

RDF_FORMATS = {
    "ttl": RdfFormat.TURTLE,
    "turtle": RdfFormat.TURTLE,
    "n-triples": RdfFormat.N_TRIPLES,
    "rdf": RdfFormat.RDF_XML,
    "rdf+xml": RdfFormat.RDF_XML,
}


@dataclass
class Table:
    """Solutions: rows of terms by variable. `indexed` where the order of the rows is part of the result."""

    variables: frozenset[str]
    rows: list[dict]
    indexed: bool = False


@dataclass
class Triples:
    """A graph."""

    triples: list[tuple]


Result = bool | Table | Triples


def read_file(path: Path, base: str) -> Result:
    """An expected result, by the suffix of its file."""
    return read(path.read_bytes(), path.suffix[1:], base)


def read(body: bytes, format: str, base: str = "http://example.org/") -> Result:
    """A result in a format: json, xml, csv, tsv, or the suffix or subtype of an RDF format.

    An RDF graph that describes a result set is read as that result set. Raises ValueError where the body is
    not of its format.
    """
    match format:
        case "json" | "srj":
            return _from_json(json.loads(body))
        case "xml" | "srx":
            return _from_xml(body)
        case "csv":
            return _from_csv(body.decode("utf-8"))
        case "tsv":
            return _from_tsv(body.decode("utf-8"))
    try:
        triples = [
            (quad.subject, quad.predicate, quad.object)
            for quad in parse(body, format=RDF_FORMATS[format], base_iri=base)
        ]
    except SyntaxError as error:
        raise ValueError(str(error)) from None
    return _from_rs(triples)


def _from_json(document: dict) -> Result:
    if "boolean" in document:
        return document["boolean"]
    rows = [{name: _json_term(node) for name, node in row.items()} for row in document["results"]["bindings"]]
    return Table(frozenset(document["head"].get("vars", ())), rows)


def _json_term(node: dict):
    match node["type"]:
        case "uri":
            return NamedNode(node["value"])
        case "bnode":
            return BlankNode(node["value"])
        case "literal" | "typed-literal":
            return _literal(node["value"], node.get("xml:lang"), node.get("datatype"))
    raise ValueError(f"{node['type']} is no type of a term")


def _literal(value: str, language: str | None, datatype: str | None) -> Literal:
    if language:
        return Literal(value, language=language)
    return Literal(value, datatype=NamedNode(datatype)) if datatype else Literal(value)


def _from_xml(body: bytes) -> Result:
    try:
        document = ElementTree.fromstring(body)
    except ElementTree.ParseError as error:
        raise ValueError(str(error)) from None
    boolean = document.findtext(f"{_SRX}boolean")
    if boolean is not None:
        return {"true": True, "false": False}[boolean.strip()]
    rows = [
        {binding.get("name"): _xml_term(binding[0]) for binding in result}
        for result in document.iterfind(f"{_SRX}results/{_SRX}result")
    ]
    return Table(
        frozenset(node.get("name") for node in document.iterfind(f"{_SRX}head/{_SRX}variable")), rows
    )


def _xml_term(node: ElementTree.Element):
    text = node.text or ""
    match node.tag.removeprefix(_SRX):
        case "uri":
            return NamedNode(text.strip())
        case "bnode":
            return BlankNode(text.strip())
        case "literal":
            return _literal(text, node.get(_LANG), node.get("datatype"))
    raise ValueError(f"{node.tag} is no element of a term")


def _from_csv(text: str) -> Table:
    """Of a term only its text is left, and of a blank node that it is one; nothing is an unbound variable."""
    header, *lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    _require_width(header, lines)
    return Table(
        frozenset(header),
        [
            {name: _csv_term(cell) for name, cell in zip(header, line, strict=True) if cell}
            for line in _without_line_end(header, lines)
        ],
    )


def _without_line_end(header: list[str], lines: list[list[str]]) -> Iterable[list[str]]:
    """csv reads the empty line of the one solution without variables, or of one unbound one, as no cell."""
    return [line or [""] * len(header) for line in lines]


def _require_width(header: list[str], lines: list[list[str]]) -> None:
    for line in lines:
        if len(line) != len(header) and not (len(header) < 2 and not line):
            raise ValueError(f"a row has {len(line)} cells under {len(header)} variables")


def _csv_term(cell: str):
    return BlankNode(cell[2:]) if cell.startswith("_:") else Literal(cell)


def _from_tsv(text: str) -> Table:
    header, *lines = [line.removesuffix("\r").split("\t") for line in text.removesuffix("\n").split("\n")]
    _require_width(header, lines)
    names = [name.removeprefix("?") for name in header if name]
    return Table(
        frozenset(names),
        [
            {name: _tsv_term(cell) for name, cell in zip(names, line, strict=False) if cell.strip()}
            for line in lines
        ],
    )


def _tsv_term(cell: str):
    if cell.startswith("_:"):
        return BlankNode(cell[2:].strip())
    [quad] = parse(f"<s:> <p:> {cell} .", format=RdfFormat.TURTLE)
    return quad.object


def _from_rs(triples: list[tuple]) -> Result:
    """The result set that a graph describes in the vocabulary rs:, or else the graph."""
    facts: dict = {}
    for subject, predicate, value in triples:
        facts.setdefault(subject, {}).setdefault(predicate.value, []).append(value)
    sets = [
        node for node, said in facts.items() if NamedNode(f"{RS}ResultSet") in said.get(f"{_RDF}type", ())
    ]
    if not sets:
        return Triples(triples)
    said = facts[sets[0]]
    if f"{RS}boolean" in said:
        return said[f"{RS}boolean"][0].value in ("true", "1")
    solutions = [facts.get(node, {}) for node in said.get(f"{RS}solution", ())]
    indexed = any(f"{RS}index" in solution for solution in solutions)
    if indexed:
        solutions.sort(key=lambda solution: int(solution[f"{RS}index"][0].value))
    rows = []
    for solution in solutions:
        bindings = [facts[node] for node in solution.get(f"{RS}binding", ())]
        rows.append({node[f"{RS}variable"][0].value: node[f"{RS}value"][0] for node in bindings})
    return Table(frozenset(name.value for name in said.get(f"{RS}resultVariable", ())), rows, indexed)
