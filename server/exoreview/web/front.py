"""The first page: the review itself, readable by somebody who has never heard of RDF."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import render_template

from exoreview.terms import BASE
from exoreview.web.read.statements import Statements
from exoreview.web.read.telling import named
from exoreview.web.things.describe import Library
from exoreview.web.things.pages import href

REVIEW = BASE + "review"
# From so many claims on, a concept has a bar of its own in the fingerprint.
_DISCUSSED = 3


@dataclass(frozen=True)
class Bar:
    """A concept with the number of claims that name it, and that number in percent of the largest."""

    name: str
    label: str
    claims: int
    weight: int


def page(library: Library, statements: Statements) -> str:
    """The review with its authors, its text, its claims, and ways to its data."""
    bars = fingerprint(library, statements)
    return render_template(
        "front.html",
        review=review(library),
        count=len(statements.claims),
        fingerprint=[bar for bar in bars if bar.claims >= _DISCUSSED],
        fewer=[
            (count, [bar for bar in bars if bar.claims == count]) for count in range(_DISCUSSED - 1, 0, -1)
        ],
        topics=statements.topics(),
        modes=[(named(library, mode), count) for mode, count in statements.modes()],
    )


def fingerprint(library: Library, statements: Statements) -> list[Bar]:
    """The concepts of the claims, the most discussed first."""
    counted = statements.concepts()
    most = counted[0][1] if counted else 1
    return [
        Bar(iri.rpartition("/")[2], library.label(iri), claims, round(100 * claims / most))
        for iri, claims in counted
    ]


def review(library: Library) -> dict[str, Any]:
    """What is known of the review, for people."""
    issue = _first(library, REVIEW, "frbr:partOf", "dcterms:isPartOf")
    journal = _first(library, issue, "frbr:partOf", "dcterms:isPartOf")
    volume = library.text(issue, "prism:volume", "bibo:volume") or library.text(REVIEW, "prism:volume")
    kind, online = _first(library, REVIEW, "dcterms:type"), library.text(REVIEW, "dcterms:available")
    return {
        "title": library.label(REVIEW),
        "kind": library.label(kind).capitalize() if kind else "An article",
        "authors": authors(library),
        "abstract": library.text(REVIEW, "dcterms:abstract"),
        "rights": library.text(REVIEW + "/abstract", "dcterms:rights"),
        "journal": journal and library.label(journal),
        "issn": journal and library.text(journal, "prism:issn", "prism:eIssn"),
        "volume": volume,
        "issue": library.text(issue, "prism:issueIdentifier", "bibo:issue"),
        "pages": library.text(REVIEW, "prism:pageRange"),
        "year": library.text(REVIEW, "fabio:hasPublicationYear", "dcterms:issued"),
        "online": date.fromisoformat(online) if online else None,
        "doi": library.text(REVIEW, "prism:doi", "bibo:doi"),
        "subjects": [_link(library, node.value) for node in library.values(REVIEW, "fabio:hasSubjectTerm")],
        "keywords": keywords(library),
        "citations": citations(library),
        "record": record(library),
    }


def authors(library: Library) -> list[tuple[str, str]]:
    """Names and addresses, in printed order."""
    found = []
    for authorship in library.values(REVIEW, "exr:hasAuthorship"):
        person = _first(library, authorship.value, "exr:heldBy")
        place = int(library.text(authorship.value, "exr:position") or 0)
        found.append((place, *_link(library, person)))
    return [(name, address) for _, name, address in sorted(found)]


def keywords(library: Library) -> list[tuple[str, str]]:
    """The keywords, each with the name of the concept of the review that is called so, if one is."""
    called = {
        name.value.casefold(): concept.value.rpartition("/")[2]
        for concept in library.values(REVIEW, "dcterms:subject")
        if concept.value.startswith(BASE + "concept/")
        for label in ("skos:prefLabel", "skos:altLabel")
        for name in library.values(concept.value, label)
    }
    words = sorted(value.value for value in library.values(REVIEW, "prism:keyword"))
    return [(word, called.get(word.casefold(), "")) for word in words]


def citations(library: Library) -> list[tuple[int, str]]:
    """How often the review was cited, and who counted, the most first."""
    counts = [node.value for node in library.values(REVIEW, "c4o:hasGlobalCitationFrequency")]
    found = [
        (
            int(library.text(count, "c4o:hasGlobalCountValue")),
            library.label(_first(library, count, "c4o:hasGlobalCountSource")),
        )
        for count in counts
    ]
    return sorted(found, reverse=True)


def record(library: Library) -> dict[str, list[str]]:
    """What the portal's record prints under each of its headings, in its order."""
    parts = [node.value for node in library.values(REVIEW + "/record", "dcterms:hasPart")]
    found: dict[str, list[str]] = {}
    for part in sorted(parts, key=lambda part: int(library.text(part, "schema:position") or 0)):
        if heading := library.text(part, "schema:name"):
            found.setdefault(heading, []).append(library.text(part, "schema:value"))
    return found


def _link(library: Library, iri: str) -> tuple[str, str]:
    return library.label(iri), href(iri)


def _first(library: Library, iri: str, *properties: str) -> str:
    for property in properties:
        for value in library.values(iri, property) if iri else ():
            return value.value
    return ""
