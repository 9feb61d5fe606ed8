"""What is cited, as a record of CSL-JSON, read from the graphs of a release and from nowhere else.

What the graphs do not say, such as the volume of the review, the record does not have.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from pyoxigraph import NamedNode, Triple

from exoreview.terms import BASE, DATASET, term

# What can be cited, by the word for it.
THINGS = {"review": BASE + "review", "dataset": DATASET}

Record = dict[str, Any]

# The graphs that speak of them.
SOURCES = ("review", "enrichment", "catalog")

_TYPES = {"fabio:JournalArticle": "article-journal", "dcat:Dataset": "dataset"}

# The variables of CSL: those of the thing itself, and those of the issue and the journal that it is part of.
_OWN = {"title": "dcterms:title", "version": "dcat:version", "DOI": "prism:doi"}
_CONTAINER = {
    "container-title": "dcterms:title",
    "container-title-short": "bibo:shortTitle",
    "volume": "bibo:volume",
    "issue": "bibo:issue",
    "ISSN": "prism:issn",
}
_KEYWORDS = ("prism:keyword", "dcat:keyword")


def record(graphs: Mapping[str, Iterable[Triple]], what: str) -> Record:
    """The record of one of THINGS; its `id` is the key of BibTeX, made of name and year."""
    facts = _Facts(triple for name in SOURCES for triple in graphs[name])
    thing = THINGS[what]
    said: Record = {"id": "", "type": facts.type(thing), "author": facts.authors(thing)}
    said |= {variable: facts.text(thing, name) for variable, name in _OWN.items()}
    for container in facts.containers(thing):
        said |= {
            variable: text for variable, name in _CONTAINER.items() if (text := facts.text(container, name))
        }
    said["page"] = "-".join(filter(None, (facts.text(thing, f"bibo:page{end}") for end in ("Start", "End"))))
    said["issued"] = {"date-parts": [[int(part) for part in facts.text(thing, "dcterms:issued").split("-")]]}
    said["publisher"] = facts.text(facts.text(thing, "dcterms:publisher"), "foaf:name")
    said["language"] = facts.text(thing, "dcterms:language").rpartition("/")[2]
    said["keyword"] = ", ".join(facts.keywords(thing))
    said["URL"] = "" if said["DOI"] else thing
    said["id"] = _key(said)
    return {variable: value for variable, value in said.items() if value}


def _key(said: Record) -> str:
    """The family name of the first author, or the first word of what an organization made, and the year."""
    first = said["author"][0].get("family") or said["title"].partition(" ")[0].rstrip(":")
    year = said["issued"]["date-parts"][0][0]
    return "".join(filter(str.isalnum, first.lower())) + str(year)


class _Facts:
    """What is said of things with an IRI."""

    def __init__(self, triples: Iterable[Triple]):
        self._said = defaultdict(set)
        for triple in triples:
            if isinstance(triple.subject, NamedNode):
                self._said[triple.subject.value, triple.predicate.value].add(triple.object)

    def texts(self, thing: str, name: str) -> list[str]:
        """All values of a property, those in English or in no language first."""
        values = self._said.get((thing, term(name).value), ())
        foreign = {value: getattr(value, "language", None) not in (None, "en") for value in values}
        return [value.value for value in sorted(values, key=lambda value: (foreign[value], value.value))]

    def text(self, thing: str, name: str) -> str:
        """The first value of a property, or the empty text."""
        return next(iter(self.texts(thing, name)), "")

    def type(self, thing: str) -> str:
        """The type that CSL has for the thing."""
        classes = self.texts(thing, "rdf:type")
        return next(type for name, type in _TYPES.items() if term(name).value in classes)

    def containers(self, thing: str) -> list[str]:
        """What it is part of, the outermost last."""
        found: list[str] = []
        while (thing := self.text(thing, "dcterms:isPartOf")) and thing not in found:
            found.append(thing)
        return found

    def authors(self, thing: str) -> list[dict[str, str]]:
        """The names in the order of authorship; without one, those of the creators."""
        held = self.texts(thing, "exr:hasAuthorship")
        held.sort(key=lambda authorship: int(self.text(authorship, "exr:position")))
        makers = [self.text(authorship, "exr:heldBy") for authorship in held]
        return [self._name(maker) for maker in makers or self.texts(thing, "dcterms:creator")]

    def keywords(self, thing: str) -> list[str]:
        """The keywords, in alphabetical order."""
        return sorted((text for name in _KEYWORDS for text in self.texts(thing, name)), key=str.casefold)

    def _name(self, maker: str) -> dict[str, str]:
        """A name; of a person's, which the data has as one text, the last word is that of the family."""
        name = self.text(maker, "foaf:name")
        if term("foaf:Person").value not in self.texts(maker, "rdf:type"):
            return {"literal": name}
        given, _, family = name.rpartition(" ")
        return {"family": family, "given": given}
