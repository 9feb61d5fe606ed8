"""What the page of a concept tells: its place, its names, its links to other vocabularies, and its claims."""

from dataclasses import dataclass
from typing import Any

from pyoxigraph import NamedNode, Triple

from exoreview.terms import curie, term
from exoreview.web.read.statements import SLOTS
from exoreview.web.read.telling import Named, named
from exoreview.web.things.describe import Document
from exoreview.web.things.hierarchy import Hierarchy
from exoreview.web.things.pages import Pages, href

# The strengths of a link, the strongest first, and what the term of the other vocabulary then is.
_STRENGTHS = {
    "skos:exactMatch": "means the same",
    "skos:closeMatch": "means nearly the same",
    "skos:broadMatch": "means something broader",
    "skos:narrowMatch": "means something narrower",
    "skos:relatedMatch": "means something that has to do with it",
}
_WARNING = "has a like name and means something else"
_SLOTS = {
    term(name) for name in (*SLOTS, "exr:hasTopic", "skos:broader", "skos:related", "owl:annotatedSource")
}
_OWN = {
    term(name)
    for name in (
        *("rdf:type", "rdfs:label", "rdfs:isDefinedBy", "skos:prefLabel", "skos:altLabel", "skos:definition"),
        *("skos:scopeNote", "skos:broader", "skos:related", "skos:inScheme", *_STRENGTHS),
    )
}
# What follows from the hierarchy is told as the claims of narrower concepts.
_FOLLOWING = {term(f"exr:{name}") for name in ("concerns", "isTopicOf", "objectConcerns", "isObjectTopicOf")}


@dataclass(frozen=True)
class Link:
    """A term of another vocabulary to which a concept is linked, and the record that says why."""

    iri: str
    label: str
    identifier: str
    vocabulary: str
    version: str
    record: str


@dataclass(frozen=True)
class Strength:
    """The links of one strength; its label, its property, and what it says."""

    label: str
    href: str
    short: str
    meaning: str
    links: list[Link]


class Concepts:
    """Tells of concepts."""

    def __init__(self, pages: Pages, hierarchy: Hierarchy):
        self.pages, self.hierarchy, self.library = pages, hierarchy, pages.library

    def told(self, document: Document) -> dict[str, Any]:
        """What the page of a concept has beside that of any other thing."""
        iri, tree = document.iri, self.hierarchy
        own, rolled_up = tree.claims(iri)
        following = [triple for triple in document.inferred if triple.predicate not in _FOLLOWING | _SLOTS]
        return {
            "concept": {
                "synonyms": tree.synonyms(iri),
                "paths": [[named(self.library, each) for each in path] for path in tree.paths(iri)],
                "narrower": tree.branch(iri).below,
                "related": self._related(iri),
                "strengths": self.strengths(iri),
                "roles": tree.own(iri),
                "rolled_up": [
                    (each, [named(self.library, narrower) for narrower in by])
                    for each, by in tree.rolled_up(iri)
                ],
                "claims": own,
                "all_claims": rolled_up,
            },
            "facts": self.pages.rows(
                triple
                for triple in document.facts
                if triple.subject.value == iri and triple.predicate not in _OWN
            ),
            "incoming": self.pages.rows(
                (triple for triple in document.incoming if triple.predicate not in _SLOTS), of_subject=True
            ),
            "inferred": self._inferred(iri, following),
        }

    def strengths(self, iri: str) -> list[Strength]:
        """The links of a concept to other vocabularies, the strongest first, then the warnings."""
        found: dict[str, list[Link]] = {}
        for record in self.library.subjects("owl:annotatedSource", iri):
            property = self.library.values(record, "owl:annotatedProperty")[0].value
            warns = bool(self.library.values(record, "sssom:predicate_modifier"))
            found.setdefault("" if warns else curie(property), []).append(self._link(record))
        made = []
        for name in (*_STRENGTHS, ""):
            if links := sorted(found.get(name, ()), key=lambda link: (link.vocabulary, link.label.lower())):
                property = term(name or "skos:exactMatch").value
                label = self.library.label(property) if name else "no match"
                made.append(Strength(label, href(property), name, _STRENGTHS.get(name, _WARNING), links))
        return made

    def _link(self, record: str) -> Link:
        library = self.library
        target = library.values(record, "owl:annotatedTarget")[0].value
        source = library.values(record, "sssom:object_source")
        return Link(
            target,
            library.text(record, "sssom:object_label") or library.label(target),
            library.text(record, "rdfs:label").rpartition(", ")[2],
            library.label(source[0].value) if source else "",
            library.text(record, "sssom:object_source_version"),
            href(record),
        )

    def _related(self, iri: str) -> list[Named]:
        said = {node.value for node in self.library.values(iri, "skos:related")}
        both = said | set(self.library.subjects("skos:related", iri))
        return sorted((named(self.library, each) for each in both), key=lambda each: each.label)

    def _inferred(self, iri: str, following: list[Triple]) -> list:
        node = NamedNode(iri)
        out = [triple for triple in following if triple.subject == node]
        into = [triple for triple in following if triple.subject != node]
        return self.pages.rows(out) + self.pages.rows(into, of_subject=True)
