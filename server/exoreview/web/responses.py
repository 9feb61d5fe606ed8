"""What every answer has: validators, caching, and, when something is wrong, a sentence."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from hashlib import blake2b
from typing import Any

from flask import Response, request
from werkzeug.exceptions import HTTPException, default_exceptions

from exoreview import media
from exoreview.media import Format

# A document of a release changes with the next release; a browser may ask again after five minutes.
DOCUMENT, RESULT, VERSIONED = "public, max-age=300", "public, no-cache", "public, max-age=31536000, immutable"


_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)


def reply(
    body: bytes | str,
    content_type: str,
    *,
    dated: datetime | None = None,
    negotiated: bool = False,
    caching: str = DOCUMENT,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """A complete answer with a strong ETag of its bytes and type, or 304 when the client has them."""
    content = body.encode() if isinstance(body, str) else body
    response = Response(content, content_type=content_type)
    # The same bytes under two media types are two representations.
    response.set_etag(blake2b(content, digest_size=16, key=content_type.encode()[:64]).hexdigest())
    response.last_modified = dated
    response.headers["Cache-Control"] = caching
    if negotiated:
        response.vary.add("Accept")
    response.headers.update(headers or {})
    return response.make_conditional(request)


def chosen(offered: Iterable[Format], default: Format | None = None) -> Format:
    """The offered format that the request accepts, or 406 with the list of them."""
    offered = tuple(offered)
    format = media.negotiate(request.headers.get("Accept"), offered, default)
    if format is None:
        raise fault(406, f"This is to be had as {media.listed(offered)}.", available=media.listed(offered))
    return format


def fault(status: int, sentence: str, *, headers: Mapping[str, str] | None = None, **facts) -> HTTPException:
    """An HTTP error with its sentence and, for clients that read JSON, its facts."""
    error = default_exceptions[status](description=sentence)
    error.facts = {name: value for name, value in facts.items() if value not in (None, "")}
    error.more_headers = dict(headers or {})
    return error


def error_format() -> Format:
    """How the client wants to read an error: a browser as a page, a JSON client as problem details."""
    named = media.accepted(request.headers.get("Accept", ""))
    html = max((quality for value, quality in named if value.endswith("html")), default=0)
    problem = max((quality for value, quality in named if value.endswith("json")), default=0)
    if html and html >= problem:
        return media.HTML
    return media.PROBLEM if problem else media.TEXT


def guarded(response: Response) -> Response:
    """Headers that every answer has."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Access-Control-Expose-Headers"] = "ETag, Last-Modified, Location, Retry-After"
    if request.method == "OPTIONS":
        response.headers["Access-Control-Allow-Methods"] = response.headers.get("Allow", "GET, HEAD, OPTIONS")
        response.headers["Access-Control-Allow-Headers"] = "Accept, Content-Type, If-None-Match"
        response.headers["Access-Control-Max-Age"] = "86400"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Content-Security-Policy"] = _POLICY
    return response


def json_text(said: Mapping[str, Any]) -> str:
    """JSON for people too."""
    return json.dumps(said, ensure_ascii=False, indent=2) + "\n"
