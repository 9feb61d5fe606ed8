"""What machines find in the head of a page: its address of record, its data, and how it is cited."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flask import url_for
from markupsafe import Markup

from exoreview import media
from exoreview.citing import records
from exoreview.media import Format
from exoreview.terms import BASE, DATASET
from exoreview.web.front import REVIEW
from exoreview.web.machines import schemaorg
from exoreview.web.things.describe import Library
from exoreview.web.vocabularies import vocabulary

# The pages that are about something whose document is elsewhere, and those whose data is the catalog too.
PAGES = {
    "": REVIEW,
    "read": REVIEW,
    "map": REVIEW,
    "cite": REVIEW,
    "search": DATASET,
    "link": DATASET,
    "about": DATASET,
    "download": DATASET,
    "sparql": schemaorg.SERVICE,
}
_WITH_CATALOG = ("", "download")


@dataclass(frozen=True)
class Head:
    """The address of record, the JSON-LD, links to data that the page itself does not list, and the tags that
    reference managers and Google Scholar read."""

    canonical: str
    linked: Markup
    alternates: Sequence[tuple[str, Format]]
    tags: Sequence[tuple[str, str]]


def subject(library: Library, path: str) -> str | None:
    """What the page at a path is about, or None where there is no page."""
    if path in PAGES:
        return PAGES[path]
    if book := vocabulary.at(path.removesuffix(media.HTML.suffix)):
        return BASE + book.path
    iri = BASE + path.removesuffix(media.HTML.suffix)
    return iri if path.endswith(media.HTML.suffix) and iri in library.things else None


def head(library: Library, path: str) -> Head | None:
    """What the page at a path has in its head; nothing for the page of an error."""
    iri = subject(library, path)
    if iri is None:
        return None
    catalog = [(url_for("document", path="dataset" + format.suffix), format) for format in media.RDF]
    return Head(
        canonical=BASE + path if path in PAGES else iri,
        # The signs that could end the element are escaped.
        linked=Markup(schemaorg.script(library, iri)),
        alternates=catalog if path in _WITH_CATALOG else (),
        tags=list(tags(library)) if iri == REVIEW else (),
    )


def tags(library: Library) -> Iterator[tuple[str, str]]:
    """The tags of Highwire for the review; there is no PDF of it here."""
    record = records.record(library.graphs, "review")
    first, _, last = record.get("page", "").partition("-")
    yield "citation_title", record["title"]
    for name in record["author"]:
        yield "citation_author", name.get("literal") or f"{name['family']}, {name['given']}"
    values = {
        "citation_publication_date": "/".join(f"{part:02}" for part in record["issued"]["date-parts"][0]),
        "citation_online_date": library.text(REVIEW, "dcterms:available").replace("-", "/"),
        "citation_journal_title": record.get("container-title"),
        "citation_journal_abbrev": record.get("container-title-short"),
        "citation_issn": record.get("ISSN"),
        "citation_volume": record.get("volume"),
        "citation_issue": record.get("issue"),
        "citation_firstpage": first,
        "citation_lastpage": last,
        "citation_doi": record.get("DOI"),
        "citation_language": record.get("language"),
        "citation_keywords": record.get("keyword", "").replace(", ", "; "),
    }
    yield from ((name, value) for name, value in values.items() if value)
