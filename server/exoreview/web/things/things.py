"""The page of a thing: what it is, what is said of it, where that comes from, and how to link to it."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from flask import render_template
from pyoxigraph import NamedNode, Triple

from exoreview.knowledge import graphs
from exoreview.terms import DATASET, PREFIXES, term
from exoreview.web.link import snippets
from exoreview.web.read import telling
from exoreview.web.read.statements import Statement, Statements
from exoreview.web.read.telling import Named
from exoreview.web.things.concepts import Concepts
from exoreview.web.things.describe import DESCRIBING, Document, Library
from exoreview.web.things.hierarchy import Hierarchy
from exoreview.web.things.leads import Leads
from exoreview.web.things.pages import Pages, Row

_NANOPUBLICATIONS = DATASET + "/nanopublications"
_LOOK = "SELECT * WHERE {{\n  GRAPH <{}> {{ ?subject ?predicate ?object }}\n}}\nLIMIT 100"


@dataclass(frozen=True)
class Origin:
    """A graph that speaks of a thing, the step that made the graph, and what it was made from."""

    graph: Named
    steps: list[Named]
    sources: list[Named]


class Things:
    """Makes the pages of things."""

    def __init__(self, pages: Pages, statements: Statements):
        self.pages, self.library, self.statements = pages, pages.library, statements
        self.leads = Leads(self.library, statements)
        self.hierarchy = Hierarchy(self.library, statements)
        self.concepts = Concepts(pages, self.hierarchy)
        self._graphs = _graphs(self.library)

    def page(self, document: Document) -> str:
        """The page of a thing."""
        iri = document.iri
        said = self.pages.facts(document) | {"lead": self.leads.lead(iri)}
        named = snippets.term_of(self.library, iri)
        said |= {
            "notes": self._notes(iri),
            "deprecated": self.library.text(iri, "owl:deprecated") == "true",
            "instead": [
                telling.named(self.library, node.value)
                for node in self.library.values(iri, "dcterms:isReplacedBy")
            ],
            "origins": self.origins(iri),
            "curie": named.short,
            "text": self._text(iri),
            "stated": self._stated(iri),
            "told": self._told(iri),
            "look": _LOOK.format(iri) if iri.startswith(PREFIXES["graph"]) else None,
            "concept": None,
            "kinds": _once(said["kinds"]),
            "parts_of": self._parts(document),
        }
        said["facts"] = self.pages.rows(
            triple
            for triple in document.facts
            if triple.subject.value == iri and triple.predicate not in _SHOWN | self._lead_from(iri)
        )
        if iri in self.hierarchy.concepts:
            said |= self.concepts.told(document) | {"snippets": _for_ontologies(named)}
        for part in ("facts", "incoming"):
            said[part] = _merged(said[part])
        return render_template("thing.html", **said)

    def origins(self, iri: str) -> list[Origin]:
        """The graphs that speak of a thing, each with how it was made."""
        if iri in self.library.published:
            return [self._origin(_NANOPUBLICATIONS)]
        return [self._origin(graphs.iri(name)) for name in self._graphs.get(iri, ())]

    def _parts(self, document: Document) -> list[tuple[str, list[tuple[Named, list[Row]]]]]:
        """The graphs of a nanopublication, each with what it says of other things, by subject."""
        found: dict[str, dict[str, list[Triple]]] = {}
        for quad in document.published:
            if quad.subject.value == document.iri:
                continue
            by_subject = found.setdefault(quad.graph_name.value, {})
            by_subject.setdefault(quad.subject.value, []).append(quad.triple)
        return [
            (
                self.library.label(graph),
                [
                    (telling.named(self.library, subject), self.pages.rows(triples))
                    for subject, triples in sorted(found[graph].items())
                ],
            )
            for graph in sorted(found)
        ]

    def _origin(self, graph: str) -> Origin:
        def named(property: str) -> list[Named]:
            found = (node.value for node in self.library.values(graph, property))
            return sorted((telling.named(self.library, each) for each in found), key=lambda each: each.label)

        return Origin(
            telling.named(self.library, graph), named("prov:wasGeneratedBy"), named("prov:wasDerivedFrom")
        )

    def _notes(self, iri: str) -> list[str]:
        return sorted(node.value for node in self.library.values(iri, "skos:scopeNote"))

    def _lead_from(self, iri: str) -> set[NamedNode]:
        """The properties whose text stands as the lead."""
        lead = self.leads.lead(iri)
        said = ("skos:definition", "dcterms:description", "rdfs:comment")
        return {term(name) for name in said if self.library.text(iri, name) == lead}

    def _text(self, iri: str) -> str:
        """The words of a sentence, of a passage or of the abstract itself."""
        return self.library.text(iri, "exr:exact", "c4o:hasContent")

    def _stated(self, iri: str) -> list[Statement]:
        """The statements that a sentence makes."""
        passages = set(self.library.subjects("exr:inSentence", iri))
        return [
            each
            for each in self.statements.all
            if any(quote.value in passages for quote in self.library.values(each.iri, "exr:hasQuote"))
        ]

    def _told(self, iri: str) -> dict[str, Any] | None:
        """How the text makes a statement."""
        one = self.statements.by_iri.get(iri)
        return telling.told(self.library, self.statements, one) if one else None


# Shown above the facts, so not among them.
_SHOWN = {
    term(name)
    for name in (
        *(
            "rdf:type",
            "rdfs:label",
            "rdfs:isDefinedBy",
            "skos:prefLabel",
            "skos:definition",
            "skos:scopeNote",
        ),
        *("exr:hasQuote", "exr:exact", "c4o:hasContent"),
    )
}


def _once(kinds: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The kinds of a thing without those that other vocabularies call the same."""
    found: dict[str, tuple[str, str]] = {}
    for label, address in kinds:
        found.setdefault(label.casefold(), (label, address))
    return list(found.values())


def _merged(rows: list[Row]) -> list[Row]:
    """The rows without those that say the same under the same name, in another vocabulary."""
    found: dict[str, Row] = {}
    for row in rows:
        found.setdefault(f"{row.label.casefold()} {[value.pieces for value in row.values]}", row)
    return list(found.values())


def _for_ontologies(named: snippets.Term) -> list[snippets.Snippet]:
    """The lines that an ontologist looks for: that hers is the same, or narrower, and a mapping."""
    made = [*snippets.axioms(named), *snippets.mappings(named)]
    return [each for each in made if each.notation in ("Turtle", "SSSOM")]


def _graphs(library: Library) -> dict[str, list[str]]:
    """The names of the graphs that have a thing as subject, by thing."""
    found = defaultdict(list)
    for name in (*graphs.ASSERTED, *DESCRIBING):
        subjects = {triple.subject for triple in library.graphs.get(name, ())}
        for subject in subjects:
            if isinstance(subject, NamedNode):
                found[subject.value].append(name)
    return found
