"""/link: how to link to a thing of ours, with the lines to copy."""

from datetime import datetime

from flask import Blueprint, Response, render_template, request

from exoreview import media
from exoreview.terms import BASE, DATASET, PREFIXES, local_path
from exoreview.web import responses
from exoreview.web.link import snippets
from exoreview.web.responses import fault
from exoreview.web.search import folding
from exoreview.web.search.finding import Hit, Index
from exoreview.web.things import pages
from exoreview.web.things.describe import Library
from exoreview.web.vocabularies import vocabulary

MAX_LENGTH = 300


def blueprint(library: Library, index: Index, dated: datetime | None) -> Blueprint:
    """The page for each thing."""

    def link() -> Response:
        responses.chosen((media.HTML,), media.HTML)
        asked = request.args.get("iri", "").strip()
        if len(asked) > MAX_LENGTH:
            raise fault(
                400, f"An IRI or a name here may have {MAX_LENGTH} characters; this has {len(asked)}."
            )
        iri, others = chosen(library, index, asked)
        term = snippets.term_of(library, iri) if iri else None
        page = render_template(
            "link.html",
            asked=asked,
            term=term,
            others=others,
            most=MAX_LENGTH,
            groups=groups(term) if term else [],
            formats=_formats(library, iri) if iri else (),
            path=local_path(iri) if iri else "",
        )
        return responses.reply(page, media.HTML.content_type, dated=dated)

    routes = Blueprint("linking", __name__)
    routes.add_url_rule("/link", "link", link)
    return routes


def groups(term: snippets.Term) -> list[tuple[str, str, list[snippets.Snippet]]]:
    """The snippets for a term: what one wants to say, in a sentence, and how."""
    found = [
        ("Name it", "A prefix makes its address short.", snippets.prefixes(term)),
        (
            "Say how yours relates to it",
            "In OWL, so that a reasoner draws conclusions. “my:” begins the name of your own term.",
            snippets.axioms(term),
        ),
        (
            "Bring it in",
            "Import everything, and reasoners know its definition; or declare the term alone.",
            [*snippets.imports(term), *snippets.declaration(term)],
        ),
        ("Map to it", "Without consequences for reasoning.", snippets.mappings(term)),
        ("Point to it", "From your data.", snippets.statements(term)),
    ]
    return [group for group in found if group[2]]


def chosen(library: Library, index: Index, asked: str) -> tuple[str | None, list[Hit]]:
    """The thing that an IRI, a short IRI, a path or a name means; else those that it may mean."""
    if not asked:
        return _example(library), []
    prefix, colon, name = asked.partition(":")
    path = asked.strip("/")
    for iri in (asked, BASE + path, PREFIXES[prefix] + name if colon and prefix in PREFIXES else ""):
        for known in (iri, iri.removesuffix(media.HTML.suffix)):
            if known in index.by_iri or known in library.things:
                return known, []
    found = index.find(asked)
    if found.only and found.only.entry.iri.startswith(BASE):
        return found.only.entry.iri, []
    hits = [hit for _, hits, _ in found.groups for hit in hits if hit.entry.kind != "outside"]
    same = [hit for hit in hits if folding.words(hit.entry.label) == folding.words(asked)]
    if len(same) == 1:
        return same[0].entry.iri, []
    return None, hits[:10]


def _example(library: Library) -> str:
    """What the catalog names as an example of the data."""
    return min(
        (node.value for node in library.values(DATASET, "void:exampleResource")),
        key=lambda iri: not iri.startswith(PREFIXES["exc"]),
    )


def _formats(library: Library, iri: str):
    path = local_path(iri)
    return vocabulary.FORMATS if vocabulary.at(path) else pages.formats(library, BASE + path)
