"""/search: things by their words or identifiers, as a page or as JSON."""

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, render_template, request

from exoreview import media
from exoreview.terms import local_path
from exoreview.web import responses
from exoreview.web.responses import fault
from exoreview.web.search import entries, folding
from exoreview.web.search.finding import Found, Hit, Index
from exoreview.web.things.describe import Library
from exoreview.web.things.pages import href

MAX_LENGTH = 200
_JSON = media.Format("json", ".json", "application/json", frozenset(), "JSON")
_EXAMPLES = (
    ("chemoresistance", "a word"),
    ("Sillanpaa", "a name, with or without its accents"),
    ("GO:0070062", "an identifier of others, in any usual writing"),
)


def blueprint(library: Library, index: Index, dated: datetime | None) -> Blueprint:
    """The search over an index."""

    def search() -> Response:
        query = " ".join(request.args.get("q", "").split())
        if len(query) > MAX_LENGTH:
            raise fault(400, f"A search may have {MAX_LENGTH} characters; this one has {len(query)}.")
        found = index.find(query) if query else None
        if _wanted() == _JSON:
            body = responses.json_text(_said(library, query, found))
            return responses.reply(body, _JSON.media_type, dated=dated, negotiated=True)
        page = render_template(
            "search.html",
            query=query,
            found=found,
            kinds=entries.KINDS,
            examples=_EXAMPLES,
            most=MAX_LENGTH,
            mark=lambda text: folding.excerpt(text, found.stems),
            path=local_path,
        )
        return responses.reply(page, media.HTML.content_type, dated=dated, negotiated=True)

    routes = Blueprint("searching", __name__)
    routes.add_url_rule("/search", "search", search)
    return routes


def _wanted() -> media.Format:
    """The form that the parameter `format` or, without it, the Accept header asks for."""
    named = request.args.get("format", "")
    if named and named not in ("json", "html"):
        raise fault(400, f"There is no format “{named}” of a search; there are html and json.")
    if named:
        return _JSON if named == "json" else media.HTML
    return responses.chosen((media.HTML, _JSON), media.HTML)


def _said(library: Library, query: str, found: Found | None) -> dict[str, Any]:
    groups = found.groups if found else ()
    return {
        "query": query,
        "count": found.count if found else 0,
        "partly": bool(found and found.partly),
        "suggestions": found.suggestions if found else [],
        "groups": [
            {
                "kind": kind,
                "title": entries.KINDS[kind],
                "count": count,
                "results": [_result(library, hit) for hit in hits],
            }
            for kind, hits, count in groups
        ],
    }


def _result(library: Library, hit: Hit) -> dict[str, Any]:
    return {
        "iri": hit.entry.iri,
        "label": hit.entry.label,
        "page": href(hit.entry.iri),
        "exact": hit.named,
        "matched": [{"in": what, "text": text} for what, text in hit.texts],
        "linked": [{"iri": iri, "label": library.label(iri), "link": link} for iri, link in hit.entry.linked],
    }
