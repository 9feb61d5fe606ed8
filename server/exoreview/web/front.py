"""The first page: the review itself, readable by somebody who has never heard of RDF."""

from typing import Any

from flask import render_template

from exoreview.terms import BASE
from exoreview.web.describe import Library
from exoreview.web.pages import href

REVIEW = BASE + "review"


def page(library: Library) -> str:
    """The review with its authors, its text, its claims, and ways to its data."""
    return render_template("front.html", review=review(library), sentences=sentences(library))


def review(library: Library) -> dict[str, Any]:
    """What is known of the review, for people."""
    issue = _first(library, REVIEW, "frbr:partOf", "dcterms:isPartOf")
    journal = _first(library, issue, "frbr:partOf", "dcterms:isPartOf")
    volume = library.text(issue, "prism:volume", "bibo:volume") or library.text(REVIEW, "prism:volume")
    count = _first(library, REVIEW, "c4o:hasGlobalCitationFrequency")
    return {
        "title": library.label(REVIEW),
        "authors": authors(library),
        "abstract": library.text(REVIEW, "dcterms:abstract"),
        "rights": library.text(REVIEW + "/abstract", "dcterms:rights"),
        "journal": journal and library.label(journal),
        "volume": volume,
        "issue": library.text(issue, "prism:issueIdentifier", "bibo:issue"),
        "pages": library.text(REVIEW, "prism:pageRange"),
        "year": library.text(REVIEW, "fabio:hasPublicationYear", "dcterms:issued"),
        "doi": library.text(REVIEW, "prism:doi", "bibo:doi"),
        "keywords": sorted(value.value for value in library.values(REVIEW, "prism:keyword")),
        "citations": library.text(count, "c4o:hasGlobalCountValue"),
        "counted_by": library.label(_first(library, count, "c4o:hasGlobalCountSource")) if count else "",
    }


def authors(library: Library) -> list[tuple[str, str]]:
    """Names and addresses, in printed order."""
    found = []
    for authorship in library.values(REVIEW, "exr:hasAuthorship"):
        person = _first(library, authorship.value, "exr:heldBy")
        place = int(library.text(authorship.value, "exr:position") or 0)
        found.append((place, library.label(person), href(person)))
    return [(name, address) for _, name, address in sorted(found)]


def sentences(library: Library) -> list[dict[str, Any]]:
    """The sentences of the abstract in order, each with the statements whose words stand in it."""
    found = []
    for iri in library.subjects("rdf:type", "http://purl.org/spar/doco/Sentence"):
        quotes = library.subjects("exr:inSentence", iri)
        statements = {name for quote in quotes for name in library.subjects("exr:hasQuote", quote)}
        found.append(
            {
                "position": int(library.text(iri, "exr:position") or 0),
                "text": library.text(iri, "exr:exact"),
                "href": href(iri),
                "statements": [
                    (library.label(name), href(name)) for name in sorted(statements, key=_natural)
                ],
            }
        )
    return sorted(found, key=lambda sentence: sentence["position"])


def _natural(iri: str) -> tuple[str, int]:
    stem = iri.rstrip("0123456789")
    return stem, int(iri[len(stem) :] or 0)


def _first(library: Library, iri: str, *properties: str) -> str:
    for property in properties:
        for value in library.values(iri, property) if iri else ():
            return value.value
    return ""
