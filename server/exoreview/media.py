"""The one table of formats, and the one function that chooses among them by an Accept header."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from pyoxigraph import QueryResultsFormat, RdfFormat
from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header

# What a format can carry.
GRAPH, DATASET, BINDINGS, BOOLEAN, PAGE, ERROR = "graph", "dataset", "bindings", "boolean", "page", "error"


@dataclass(frozen=True)
class Format:
    """A way to write something down: its short name, file suffix, media type and what it can carry."""

    name: str
    suffix: str
    media_type: str
    carries: frozenset[str]
    title: str
    aliases: tuple[str, ...] = ()
    engine: Any = field(default=None, compare=False)

    @property
    def content_type(self) -> str:
        """The Content-Type header; texts say their charset, the rest is UTF-8 by definition."""
        return f"{self.media_type}; charset=utf-8" if self.media_type.startswith("text/") else self.media_type


def _format(name: str, media_type: str, carries: set[str], title: str, aliases=(), engine=None, suffix=None):
    return Format(name, suffix or f".{name}", media_type, frozenset(carries), title, tuple(aliases), engine)


TURTLE = _format("ttl", "text/turtle", {GRAPH}, "Turtle", ("application/x-turtle",), RdfFormat.TURTLE)
# text/plain is what N-Triples was before it had a media type; rdflib still asks for it so.
NTRIPLES = _format("nt", "application/n-triples", {GRAPH}, "N-Triples", ("text/plain",), RdfFormat.N_TRIPLES)
JSONLD = _format(
    "jsonld", "application/ld+json", {GRAPH, DATASET}, "JSON-LD", ("application/json",), RdfFormat.JSON_LD
)
RDFXML = _format(
    "rdf",
    "application/rdf+xml",
    {GRAPH},
    "RDF/XML",
    ("application/xml", "text/xml"),
    RdfFormat.RDF_XML,
)
TRIG = _format("trig", "application/trig", {GRAPH, DATASET}, "TriG", ("application/x-trig",), RdfFormat.TRIG)
NQUADS = _format("nq", "application/n-quads", {GRAPH, DATASET}, "N-Quads", engine=RdfFormat.N_QUADS)

RESULTS_JSON = _format(
    "json",
    "application/sparql-results+json",
    {BINDINGS, BOOLEAN},
    "JSON",
    ("application/json",),
    QueryResultsFormat.JSON,
    ".srj",
)
RESULTS_XML = _format(
    "xml",
    "application/sparql-results+xml",
    {BINDINGS, BOOLEAN},
    "XML",
    ("application/xml", "text/xml"),
    QueryResultsFormat.XML,
    ".srx",
)
CSV = _format("csv", "text/csv", {BINDINGS, BOOLEAN}, "CSV", engine=QueryResultsFormat.CSV)
TSV = _format("tsv", "text/tab-separated-values", {BINDINGS, BOOLEAN}, "TSV", engine=QueryResultsFormat.TSV)

# Links between addresses (RFC 9264).
LINKSET_JSON = _format(
    "linkset", "application/linkset+json", set(), "linkset in JSON", ("application/json",), suffix=".json"
)
LINKSET = _format("links", "application/linkset", set(), "linkset", ("text/plain",))
LINKSETS = (LINKSET_JSON, LINKSET)

HTML = _format("html", "text/html", {PAGE, ERROR, GRAPH, BINDINGS, BOOLEAN}, "HTML")
TEXT = _format("txt", "text/plain", {ERROR}, "plain text")
PROBLEM = _format("problem", "application/problem+json", {ERROR}, "problem details", ("application/json",))

FORMATS = (
    TURTLE, NTRIPLES, JSONLD, RDFXML, TRIG, NQUADS, RESULTS_JSON, RESULTS_XML, CSV, TSV, HTML, TEXT, PROBLEM,
)  # fmt: skip

# In the order in which the server prefers them where the client does not care.
RDF = (TURTLE, JSONLD, RDFXML, NTRIPLES, TRIG, NQUADS)
RESULTS = (RESULTS_JSON, RESULTS_XML, CSV, TSV)

BY_NAME = {format.name: format for format in FORMATS}
RDF_BY_SUFFIX = {format.suffix: format for format in (*RDF, HTML)}
DATA_SUFFIXES = {
    **{format.suffix: format for format in RDF},
    ".owl": RDFXML,
    ".xml": RDFXML,
    ".json": JSONLD,
    ".turtle": TURTLE,
}


def accepted(header: str) -> MIMEAccept:
    """An Accept header parsed without media-type parameters (`;charset=utf-8`), which match nothing."""
    return MIMEAccept(
        [
            (value.partition(";")[0].strip(), quality)
            for value, quality in parse_accept_header(header, MIMEAccept)
        ]
    )


def negotiate(header: str | None, offered: Iterable[Format], default: Format | None = None) -> Format | None:
    """The offered format that an Accept header asks for; None when it accepts none of them.

    Each offered type has the quality of the most specific range that names it (RFC 9110, 12.5.1); among
    equals the default wins, then the order offered. A client that knows a format by an alias gets that
    media type.
    """
    choices = sorted(offered, key=lambda format: format != default)
    accept = accepted(header or "")
    if not accept:
        return choices[0]
    best, best_rank = None, (0.0, 0)
    for format in choices:
        for candidate in (format, *(replace(format, media_type=alias) for alias in format.aliases)):
            rank = _rank(accept, candidate.media_type)
            # A wildcard never chooses an alias.
            if rank > best_rank and rank[0] and (candidate is format or rank[1] == _NAMED):
                best, best_rank = candidate, rank
    return best


_NAMED = 2


def _rank(accept: MIMEAccept, media_type: str) -> tuple[float, int]:
    """The quality of a media type, and how closely the range that gives it names the type."""
    for value, quality in accept:
        if value.lower() in (media_type, media_type.partition("/")[0] + "/*", "*/*"):
            return quality, _NAMED - value.count("*")
    return 0.0, 0


def listed(offered: Iterable[Format]) -> str:
    """Formats as a sentence names them: `text/turtle, text/html`."""
    return ", ".join(format.media_type for format in offered)
