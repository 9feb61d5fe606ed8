"""The dumps: graphs as files in every RDF format, the same bytes in every process and on every machine.

Blank nodes get the labels of RDFC-1.0 and everything is sorted, so the dumps in N-Triples and N-Quads are the
canonical form of what they hold.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import deflate
from pyoxigraph import CanonicalizationAlgorithm, Dataset, DefaultGraph, NamedNode, Quad, Triple, serialize

from exoreview import media, turtle
from exoreview.terms import PREFIXES

# The dumps of a release, in the order of the download page. The first three hold the default graph alone.
FORMATS = (media.TURTLE, media.NTRIPLES, media.RDFXML, media.NQUADS, media.TRIG, media.JSONLD)

# What stands in a release beside the dumps: what they hold, and the SHA-256 of every file.
CATALOG, CHECKSUMS = "catalog.ttl", "SHA256SUMS"

_TYPE = PREFIXES["rdf"] + "type"

# 6 of 12: higher levels gain five per cent and take up to a hundred times as long, at each start.
_COMPRESSION = 6


@dataclass(frozen=True)
class Dump:
    """What goes into the dumps of a release: the default graph, and every named graph by its IRI."""

    header: Sequence[str]
    default: Sequence[Triple]
    named: Mapping[str, Sequence[Triple]]

    def size(self, format: media.Format) -> int:
        """The triples or quads that a dump in this format holds."""
        return sum(map(len, self.named.values())) if holds_dataset(format) else len(self.default)

    @cached_property
    def quads(self) -> list[Quad]:
        """The named graphs as quads."""
        return [Quad(*triple, NamedNode(iri)) for iri, triples in self.named.items() for triple in triples]

    def bytes(self, format: media.Format) -> bytes:
        """The dump in this format."""
        if format == media.TRIG:
            return turtle.write_trig(self.named, header=self.header, keep_labels=True).encode()
        if format == media.NQUADS:
            return _lines(f"{triple} <{iri}>" for iri, triples in self.named.items() for triple in triples)
        if format == media.JSONLD:
            return serialize(self.quads, format=format.engine)
        return write_graph(self.default, format, self.header)


def holds_dataset(format: media.Format) -> bool:
    """Whether a dump in this format holds all named graphs, not the default graph."""
    return media.DATASET in format.carries


def names(version: str) -> dict[str, media.Format]:
    """The names of the dumps of a version, in the order to show them, each with its format."""
    stem = f"exoreview-{version}"
    return {stem + format.suffix + packed: format for format in FORMATS for packed in ("", ".gz")}


def media_type(name: str) -> str:
    """The media type with which a file of a release is sent, by its name."""
    if name == CHECKSUMS:
        return "text/plain"
    suffix = "." + name.rpartition(".")[2]
    return "application/gzip" if suffix == ".gz" else media.DATA_SUFFIXES[suffix].media_type


def canonical(graphs: Mapping[str, Iterable[Triple]]) -> dict[str, list[Triple]]:
    """The same graphs, by IRI ("" is the default graph), with canonical blank nodes, each sorted."""
    dataset = Dataset(
        Quad(*triple, NamedNode(iri) if iri else DefaultGraph())
        for iri, triples in graphs.items()
        for triple in triples
    )
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    sets: dict[str, list[Triple]] = {iri: [] for iri in graphs}
    for quad in dataset:
        sets[getattr(quad.graph_name, "value", "")].append(quad.triple)
    return {iri: sorted(triples, key=str) for iri, triples in sets.items()}


def write_graph(triples: Sequence[Triple], format: media.Format, header: Sequence[str] = ()) -> bytes:
    """One graph in a format; triples are canonical and sorted."""
    if format == media.TURTLE:
        return turtle.write(triples, header=header, keep_labels=True).encode()
    if format == media.NTRIPLES:
        return _lines(map(str, triples))
    return serialize(triples, format=format.engine, prefixes=_prefixes_of(triples))


def compress(content: bytes) -> bytes:
    """gzip without name and date, by one implementation: the zlib of Python differs from system to system."""
    return bytes(deflate.gzip_compress(content, _COMPRESSION))


def _lines(statements: Iterable[str]) -> bytes:
    """Statements in the order of code points, one a line."""
    return "".join(sorted(f"{statement} .\n" for statement in statements)).encode()


def _prefixes_of(triples: Iterable[Triple]) -> dict[str, str]:
    """The prefixes that properties and classes use: RDF/XML writes nothing else by prefix."""
    names = {triple.predicate.value for triple in triples}
    names |= {getattr(triple.object, "value", "") for triple in triples if triple.predicate.value == _TYPE}
    return {
        prefix: namespace
        for prefix, namespace in PREFIXES.items()
        if any(name.startswith(namespace) for name in names)
    }
