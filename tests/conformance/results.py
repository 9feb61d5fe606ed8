"""Results of queries, read from every format that the suites and the endpoint use.

JSON, XML, CSV and TSV are read here with the standard library, so that the engine does not check itself.
"""

import csv
import io
import json
from collections.abc import Callable
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


Term = NamedNode | BlankNode | Literal


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
    try:
        if format in _READERS:
            return _READERS[format](body)
        quads = parse(body, format=RDF_FORMATS[format], base_iri=base)
        return _from_rs([(quad.subject, quad.predicate, quad.object) for quad in quads])
    except (KeyError, TypeError, SyntaxError, csv.Error) as error:
        raise ValueError(f"{type(error).__name__}: {error}") from None


def _from_json(body: bytes) -> Result:
    document = json.loads(body)
    if "boolean" in document:
        return document["boolean"]
    rows = [{name: _json_term(node) for name, node in row.items()} for row in document["results"]["bindings"]]
    return Table(frozenset(document["head"].get("vars", ())), rows)


def _json_term(node: dict) -> Term:
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
    document = ElementTree.fromstring(body)
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


def _xml_term(node: ElementTree.Element) -> Term:
    text = node.text or ""
    match node.tag.removeprefix(_SRX):
        case "uri":
            return NamedNode(text.strip())
        case "bnode":
            return BlankNode(text.strip())
        case "literal":
            return _literal(text, node.get(_LANG), node.get("datatype"))
    raise ValueError(f"{node.tag} is no element of a term")


def _from_csv(body: bytes) -> Table:
    """Of a term only its text is left, and of a blank node that it is one."""
    header, *lines = csv.reader(io.StringIO(body.decode("utf-8"), newline=""), strict=True)
    return _from_cells(header, lines, _csv_term)


def _csv_term(cell: str) -> Term:
    return BlankNode(cell[2:]) if cell.startswith("_:") else Literal(cell)


def _from_tsv(body: bytes) -> Table:
    text = body.decode("utf-8").replace("\r\n", "\n").removesuffix("\n")
    header, *lines = [line.split("\t") for line in text.split("\n")]
    return _from_cells([name.removeprefix("?") for name in header], lines, _tsv_term)


def _tsv_term(cell: str) -> Term:
    if cell.startswith("_:"):
        return BlankNode(cell[2:])
    [quad] = parse(f"<s:> <p:> {cell} .", format=RdfFormat.TURTLE)
    return quad.object


def _from_cells(header: list[str], lines: list[list[str]], read_term: Callable[[str], Term]) -> Table:
    """A table of cells; an empty cell is an unbound variable, and so is each cell of an empty line."""
    cells = [line or [""] * len(header) for line in lines]
    return Table(
        frozenset(name for name in header if name),
        [{name: read_term(cell) for name, cell in zip(header, line, strict=True) if cell} for line in cells],
    )


_READERS = {
    "json": _from_json,
    "srj": _from_json,
    "xml": _from_xml,
    "srx": _from_xml,
    "csv": _from_csv,
    "tsv": _from_tsv,
}


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
