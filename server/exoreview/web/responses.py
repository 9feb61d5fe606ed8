"""What the application answers: a body with its validators, or the form in which a mistake is told."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from hashlib import blake2b
from typing import Any

from flask import Response, redirect, request, url_for

from exoreview import media
from exoreview.media import Format
from exoreview.web.http import faults
from exoreview.web.http.faults import fault as fault
from exoreview.web.http.replies import DOCUMENT
from exoreview.web.http.replies import RESULT as RESULT
from exoreview.web.http.replies import VERSIONED as VERSIONED


def reply(
    body: bytes | str,
    content_type: str,
    *,
    dated: datetime | None = None,
    negotiated: bool = False,
    caching: str = DOCUMENT,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """A complete answer with a strong ETag of its bytes and type."""
    content = body.encode() if isinstance(body, str) else body
    response = Response(content, content_type=content_type)
    # The same bytes under two media types are two representations.
    response.set_etag(blake2b(content, digest_size=16, key=content_type.encode()[:64]).hexdigest())
    if dated:
        response.last_modified = dated
    response.headers["Cache-Control"] = caching
    if negotiated:
        response.vary.add("Accept")
    response.headers.update(headers or {})
    return response


def see(address: str) -> Response:
    """The way to the document that an Accept header asks for."""
    response = redirect(address, 303)
    response.vary.add("Accept")
    response.headers["Cache-Control"] = DOCUMENT
    return response


def catalog() -> Response | None:
    """The way to the catalog for whoever asks a page without data of its own for RDF."""
    if chosen((media.HTML, *media.RDF), media.HTML) == media.HTML:
        return None
    return see(url_for("document", path="dataset"))


def chosen(offered: Iterable[Format], default: Format | None = None) -> Format:
    """The offered format that the request accepts, or 406 with the list of them."""
    return faults.chosen(request.headers.get("Accept"), offered, default)


def error_format() -> Format:
    """How the client wants to read an error: a browser as a page, a JSON client as problem details."""
    named = media.accepted(request.headers.get("Accept", ""))
    html = max((quality for value, quality in named if value.endswith("html")), default=0)
    problem = max((quality for value, quality in named if value.endswith("json")), default=0)
    if html and html >= problem:
        return media.HTML
    return media.PROBLEM if problem else media.TEXT


def preflighted(response: Response) -> Response:
    """What a browser wants to know before it lets a page of another site ask."""
    if request.method == "OPTIONS":
        response.headers["Access-Control-Allow-Methods"] = response.headers.get("Allow", "GET, HEAD, OPTIONS")
        response.headers["Access-Control-Allow-Headers"] = (
            "Accept, Accept-Datetime, Content-Type, If-None-Match"
        )
        response.headers["Access-Control-Max-Age"] = "86400"
    return response


def json_text(said: Mapping[str, Any]) -> str:
    """JSON for people too."""
    return json.dumps(said, ensure_ascii=False, indent=2) + "\n"
