"""What the dataset says about a thing: outgoing facts, what points to it, the labels of both.

What follows by reasoning and what other vocabularies make of the claims is kept apart from what is asserted.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from difflib import get_close_matches

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, Triple

from exoreview.knowledge import graphs
from exoreview.terms import BASE, DATASET, curie, local_path, term
from exoreview.web.things.spelling import spelt

# Graphs that describe rather than claim; their things have documents like those of the asserted graphs.
DESCRIBING = ("shapes", "queries", "catalog")
INFERRED = "inferred"

_LABELS = ("rdfs:label", "skos:prefLabel", "dcterms:title", "foaf:name", "sh:name", "exr:exact")
_INTRODUCES = NamedNode("http://purl.org/nanopub/x/introduces")
# What is said of these belongs to the thing that has them: a claim is not readable without its words.
_EMBEDDED = ("exr:hasQuote", "exr:hasAuthorship")


@dataclass
class Document:
    """Everything that a page or a file about one thing says, in groups that are never mixed."""

    iri: str
    facts: list[Triple]
    incoming: list[Triple]
    inferred: list[Triple]
    projected: dict[str, list[Triple]]
    labels: list[Triple] = field(default_factory=list)
    # A nanopublication is its quads, no more and no less.
    published: Sequence[Quad] = ()

    @property
    def asserted(self) -> list[Triple]:
        """What a format without graphs may hold."""
        return list(dict.fromkeys([*self.facts, *self.incoming, *self.labels]))


class _Index:
    """Triples by subject and by object."""

    def __init__(self, triples: Iterable[Triple]):
        self.by_subject, self.by_object = defaultdict(list), defaultdict(list)
        for triple in dict.fromkeys(triples):
            self.by_subject[triple.subject].append(triple)
            if not isinstance(triple.object, Literal):
                self.by_object[triple.object].append(triple)

    def about(self, node) -> list[Triple]:
        """The triples of a node, with those of the blank nodes that only it leads to."""
        found, todo, seen = [], [node], set()
        while todo:
            subject = todo.pop()
            if subject in seen:
                continue
            seen.add(subject)
            found += self.by_subject.get(subject, ())
            todo += [triple.object for triple in self.by_subject.get(subject, ()) if _is_blank(triple.object)]
        return found

    def to(self, node) -> list[Triple]:
        """The triples that point to a node from something that has a name."""
        return [triple for triple in self.by_object.get(node, ()) if not _is_blank(triple.subject)]


class Library:
    """The graphs of a release, looked up by thing."""

    def __init__(
        self, named: Mapping[str, Sequence[Triple]], published: Mapping[str, Sequence[Quad]] | None = None
    ):
        """`named` are graphs by short name, `published` the quads of nanopublications by IRI."""
        self.graphs, self.published = named, published or {}
        self.introduced = {
            quad.object.value: iri
            for iri, quads in self.published.items()
            for quad in quads
            if quad.predicate == _INTRODUCES
        }
        described = (*graphs.ASSERTED, *DESCRIBING)
        self.described = _Index(triple for name in described for triple in named.get(name, ()))
        self.inferred = _Index(named.get(INFERRED, ()))
        self.projected = {
            name: _Index(triples)
            for name, triples in named.items()
            if name not in described and name != INFERRED
        }
        self._labels = self._collect_labels()
        self.things = self._collect_things()

    def _collect_labels(self) -> dict[str, str]:
        ranks = {term(property): rank for rank, property in enumerate(_LABELS)}
        best: dict[str, tuple[int, str]] = {}
        for subject, triples in self.described.by_subject.items():
            said = [(ranks[each.predicate], each.object.value) for each in triples if each.predicate in ranks]
            if said and isinstance(subject, NamedNode):
                best[subject.value] = min(said)
        words = ranks[term("exr:exact")]
        labels = {iri: f"“{label}”" if rank == words else label for iri, (rank, label) in best.items()}
        labels |= self._collect_sources()
        for claim, iri in self.introduced.items():
            labels[iri] = f"Nanopublication: {labels.get(claim, curie(claim))}"
        return labels

    def _collect_sources(self) -> dict[str, str]:
        """Other vocabularies, each called by the prefix that its identifiers have in the links to it."""
        found = {}
        for record in self.subjects("rdf:type", term("sssom:Mapping").value):
            for source in self.values(record, "sssom:object_source"):
                identifier = self.text(record, "rdfs:label").rpartition(", ")[2]
                found[source.value] = identifier.partition(":")[0]
        return found

    def _collect_things(self) -> set[str]:
        """The IRIs of ours that have a document: every subject, without fragments."""
        indexes = (self.described, self.inferred, *self.projected.values())
        named = (node for index in indexes for node in index.by_subject if isinstance(node, NamedNode))
        return {BASE + path for node in named if (path := local_path(node.value))} | self.published.keys()

    def label(self, iri: str) -> str:
        """What people call a thing; its name as words, or its short IRI, when nobody said."""
        return self._labels.get(iri) or spelt(iri)

    def text(self, iri: str, *properties: str) -> str:
        """The first text that one of the properties gives, or nothing."""
        for property in properties:
            for triple in self.described.by_subject.get(NamedNode(iri), ()):
                if triple.predicate == term(property):
                    return triple.object.value
        return ""

    def values(self, iri: str, property: str) -> list:
        """All values of a property of a thing."""
        facts = self.described.by_subject.get(NamedNode(iri), ())
        return [triple.object for triple in facts if triple.predicate == term(property)]

    def subjects(self, property: str, iri: str) -> list[str]:
        """The things that have the property with this value."""
        facts = self.described.to(NamedNode(iri))
        return [triple.subject.value for triple in facts if triple.predicate == term(property)]

    def date(self) -> datetime | None:
        """When the data was last changed, as its catalog says."""
        said = self.text(DATASET, "dcterms:modified", "dcterms:issued")
        return datetime.fromisoformat(said).replace(tzinfo=UTC) if said else None

    def nearest(self, path: str) -> list[str]:
        """The paths of things of the same kind whose names come near."""
        folder, _, name = path.rpartition("/")
        start = f"{folder}/" if folder else ""
        known = [thing.removeprefix(BASE) for thing in self.things]
        known = [other for other in known if other.startswith(start) and "/" not in other[len(start) :]]
        close = get_close_matches(name, sorted(other[len(start) :] for other in known), n=4, cutoff=0.5)
        return [start + other for other in close]

    def describe(self, iri: str) -> Document | None:
        """The document about a thing, or None when the dataset says nothing of it."""
        if iri not in self.things and NamedNode(iri) not in self.described.by_subject:
            return None
        if quads := self.published.get(iri):
            return Document(
                iri, [quad.triple for quad in quads if quad.subject.value == iri], [], [], {}, [], quads
            )
        node = NamedNode(iri)
        facts = self.described.about(node)
        for property in _EMBEDDED:
            for part in self.values(iri, property):
                facts += self.described.about(part)
        incoming = [triple for triple in self.described.to(node) if triple.subject != node]
        known = {*facts, *incoming}
        inferred = [*self.inferred.about(node), *self.inferred.to(node)]
        document = Document(
            iri,
            list(dict.fromkeys(facts)),
            incoming,
            [triple for triple in dict.fromkeys(inferred) if triple not in known],
            {name: found for name, index in self.projected.items() if (found := _within(index, iri))},
        )
        document.labels = self._labels_for(document)
        return document

    def _labels_for(self, document: Document) -> list[Triple]:
        """The labels of the terms in what is asserted; whoever reads the rest has the vocabulary."""
        told = {*document.facts, *document.incoming}
        nodes = {node for triple in told for node in triple if isinstance(node, NamedNode)}
        labels = [
            triple
            for node in sorted(nodes, key=str)
            for triple in self.described.by_subject.get(node, ())
            if triple.predicate == term("rdfs:label")
        ]
        return [triple for triple in labels if triple not in told]


def _within(index: _Index, iri: str) -> list[Triple]:
    """What is said of a thing or of a fragment of its document."""
    nodes = [
        node
        for node in index.by_subject
        if isinstance(node, NamedNode) and (node.value == iri or node.value.startswith(iri + "#"))
    ]
    return [triple for node in nodes for triple in index.about(node)]


def _is_blank(node) -> bool:
    return isinstance(node, BlankNode)
