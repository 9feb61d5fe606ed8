"""A thing as a page and as RDF, both from its one `Document`."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flask import has_request_context, request
from pyoxigraph import Literal, NamedNode, Triple, serialize

from exoreview import media, turtle
from exoreview.knowledge import graphs
from exoreview.media import Format
from exoreview.release import dumps
from exoreview.terms import BASE, DATASET, PREFIXES, curie, local_path, term
from exoreview.web.things import axioms
from exoreview.web.things.describe import INFERRED, Document, Library

# Shown above the facts, so not among them.
_SHOWN_ABOVE = {term(name) for name in ("rdfs:label", "skos:prefLabel", "skos:definition", "rdf:type")}
_NOT_SHOWN = _SHOWN_ABOVE | {term("rdfs:isDefinedBy")}
_QUOTED = {term("exr:hasQuote")}
_SENTENCES = ("skos:definition", "dcterms:description", "rdfs:comment", "skos:scopeNote")


@dataclass(frozen=True)
class Value:
    """A value of a row: pieces of text with the addresses they lead to, and the language of a text."""

    pieces: list[tuple[str, str | None, str | None]]
    language: str | None = None


@dataclass
class Row:
    """A property with its values, as a page shows it."""

    label: str
    iri: str
    href: str
    values: list[Value]


def _told_apart(values: list[Value]) -> list[Value]:
    """Things of one label, each with its short IRI behind it: several vocabularies have a “statement”."""
    labels = Counter(value.pieces[0][0].casefold() for value in values if len(value.pieces) == 1)

    def told(value: Value) -> Value:
        label, _, short = value.pieces[0]
        if len(value.pieces) > 1 or not short or labels[label.casefold()] == 1:
            return value
        return Value([*value.pieces, (f" ({short})", None, None)], value.language)

    return [told(value) for value in values]


def href(iri: str) -> str:
    """Where a link to an IRI leads: ours to this server, wherever it is mounted, another's to itself; all of
    them to themselves where no page is made."""
    path = local_path(iri)
    if path is None or not has_request_context():
        return iri
    fragment = iri.partition("#")[2]
    return f"{request.script_root}/{path}" + (f"#{fragment}" if fragment else "")


def document_rdf(library: Library, document: Document, format: Format) -> bytes:
    """A document in an RDF format; what is inferred or projected stands in its own graphs or not at all."""
    if document.published:
        return _published(document, format)
    asserted = [*document.asserted, *_about_document(library, document.iri + format.suffix, document.iri)]
    header = [f"{library.label(document.iri)}: {document.iri}"]
    if format not in (media.TRIG, media.NQUADS):
        triples = dumps.canonical({"": asserted})[""]
        return dumps.write_graph(triples, format, header)
    apart = {INFERRED: document.inferred, **document.projected}
    named = {graphs.iri(name): triples for name, triples in apart.items() if triples}
    if format == media.TRIG:
        return turtle.write_trig({None: asserted, **named}, header=header).encode()
    canonical = dumps.canonical({"": asserted, **named})
    lines = [_nquad(triple, iri) for iri, triples in canonical.items() for triple in triples]
    return "".join(sorted(lines)).encode()


def formats(library: Library, iri: str) -> tuple[Format, ...]:
    """The formats of RDF in which a thing's document is to be had."""
    return NANOPUBLICATION if iri in library.published else media.RDF


# Formats that can hold the four graphs of a nanopublication.
NANOPUBLICATION = (media.TRIG, media.NQUADS, media.JSONLD)


def _published(document: Document, format: Format) -> bytes:
    named: dict[str | None, list[Triple]] = {}
    for quad in document.published:
        named.setdefault(quad.graph_name.value, []).append(quad.triple)
    if format == media.TRIG:
        return turtle.write_trig(named).encode()
    return serialize(sorted(document.published, key=str), format=format.engine)


def _nquad(triple: Triple, graph: str) -> str:
    return f"{triple} <{graph}> .\n" if graph else f"{triple} .\n"


def _about_document(library: Library, address: str, iri: str) -> list[Triple]:
    """What the document says of itself: what it is about, of which dataset it is part, who may use it."""
    document = NamedNode(address)
    about = [
        Triple(document, term("rdf:type"), term("foaf:Document")),
        Triple(document, term("foaf:primaryTopic"), NamedNode(iri)),
        Triple(document, term("void:inDataset"), NamedNode(DATASET)),
    ]
    for property in ("dcterms:license", "dcterms:rights"):
        for value in library.values(DATASET, property):
            about.append(Triple(document, term(property), value))
            # Rights are said in the document itself; who keeps it need not ask again.
            about += [
                Triple(value, term("rdfs:label"), label)
                for label in library.values(value.value, "rdfs:label")
            ]
    return about


# Of a claim first what it says, then how the text says it, then how it hangs together with others.
_ORDER = [
    PREFIXES["exr"] + name
    for name in (
        *("hasSubject", "hasQualifier", "hasRelation", "hasObject", "hasMechanism", "hasContext"),
        *("hasAssertionMode", "hasRoleStrength", "verbatimPredicate", "alternativeReading", "addedByReading"),
    )
]


def _place(row: Row) -> tuple:
    rank = _ORDER.index(row.iri) if row.iri in _ORDER else len(_ORDER)
    return rank, not row.iri.startswith(BASE), row.label.casefold()


class Pages:
    """Tells of things in rows of labels, as their pages and those of the vocabulary show them."""

    def __init__(self, library: Library):
        self.library = library
        self.inverses = self._inverses()

    def _inverses(self) -> dict[NamedNode, NamedNode]:
        pairs = {}
        for triples in self.library.described.by_subject.values():
            for triple in triples:
                if triple.predicate == term("owl:inverseOf") and isinstance(triple.object, NamedNode):
                    pairs[triple.subject] = triple.object
                    pairs[triple.object] = triple.subject
        return pairs

    def facts(self, document: Document) -> dict[str, Any]:
        """What the page of a thing says."""
        iri, library = document.iri, self.library
        sentence = library.text(iri, *_SENTENCES)
        own = [
            triple
            for triple in document.facts
            if triple.subject.value == iri and triple.object != Literal(sentence, language="en")
        ]
        return {
            "iri": iri,
            "short": curie(iri),
            "title": library.label(iri),
            "kinds": [self._link(kind) for kind in library.values(iri, "rdf:type")],
            "sentence": sentence,
            "quotes": self._quotes(iri),
            "facts": self.rows(triple for triple in own if triple.predicate not in _NOT_SHOWN | _QUOTED),
            "incoming": self._incoming(document.incoming),
            "inferred": self._inferred(document),
            "projected": self._projected(document),
            "nanopublication": href(library.introduced[iri]) if iri in library.introduced else None,
            "formats": formats(library, iri),
            "path": local_path(iri),
        }

    def rows(self, triples: Iterable[Triple], *, of_subject: bool = False) -> list[Row]:
        """Triples by property, those of the vocabulary's first, each with its values in order."""
        rows: dict[NamedNode, Row] = {}
        for triple in triples:
            property = triple.predicate
            if property not in rows:
                rows[property] = Row(*self._property(property, inverse=of_subject), [])
            rows[property].values.append(self.value(triple.subject if of_subject else triple.object))
        for row in rows.values():
            row.values = _told_apart(row.values)
            row.values.sort(key=lambda value: [piece[0] for piece in value.pieces])
        return sorted(rows.values(), key=_place)

    def value(self, node) -> Value:
        """A node as a page shows it: labels that lead to what they stand for."""
        if isinstance(node, Literal):
            href_ = node.value if node.datatype.value.endswith("#anyURI") else None
            return Value([(node.value, href_, None)], node.language)
        pieces = axioms.expression(self.library, node)
        linked = [(text, iri and href(iri), iri and curie(iri)) for text, iri in pieces]
        return Value(linked)

    def _property(self, property: NamedNode, *, inverse: bool) -> tuple[str, str, str]:
        """Label, IRI and address of a property, or of its inverse where the vocabulary has a word for it."""
        if inverse and (other := self.inverses.get(property)) is not None:
            property, inverse = other, False
        label = self.library.label(property.value)
        return (f"is “{label}” of" if inverse else label), property.value, href(property.value)

    def _link(self, node) -> tuple[str, str]:
        return self.library.label(node.value), href(node.value)

    def _incoming(self, triples: list[Triple]) -> list[Row]:
        return self.rows(triples, of_subject=True)

    def _inferred(self, document: Document) -> list[Row]:
        """What follows, without the inverses of what stands above."""
        told = {
            (triple.object, self.inverses.get(triple.predicate), triple.subject)
            for triple in [*document.facts, *document.incoming]
        }
        out = [
            triple
            for triple in document.inferred
            if triple.subject.value == document.iri and tuple(triple) not in told
        ]
        into = [
            triple
            for triple in document.inferred
            if triple.subject.value != document.iri and tuple(triple) not in told
        ]
        shown = {(triple.object, self.inverses.get(triple.predicate), triple.subject) for triple in out}
        return self.rows(out) + self._incoming([triple for triple in into if tuple(triple) not in shown])

    def _projected(self, document: Document) -> list[tuple[str, str, int]]:
        return [
            (self.library.label(graphs.iri(name)), href(graphs.iri(name)), len(triples))
            for name, triples in document.projected.items()
        ]

    def _quotes(self, iri: str) -> list[dict]:
        """The words of a statement with their place in the text."""
        return [
            {
                "exact": self.library.text(quote.value, "exr:exact"),
                "start": self.library.text(quote.value, "exr:start"),
                "end": self.library.text(quote.value, "exr:end"),
                "iri": quote.value,
                "href": href(quote.value),
            }
            for quote in self.library.values(iri, "exr:hasQuote")
        ]
