"""The one handler of errors: each is said in the form that the client reads, and none shows a stack trace."""

from collections.abc import Mapping
from typing import Any

from flask import Response, current_app, render_template, request
from werkzeug.exceptions import HTTPException, InternalServerError

from exoreview import media
from exoreview.sparql import querytext
from exoreview.web import responses


def unexpected(error: Exception) -> Response:
    """A mistake of ours: said plainly to the client, and in full to the log."""
    current_app.logger.exception("%s %s", request.method, request.path)
    return explained(InternalServerError("This is a mistake in the server; it was written to its log."))


def explained(error: HTTPException) -> Response:
    """An error in the form that the client reads."""
    facts = dict(getattr(error, "facts", {}))
    if error.code == 404 and not hasattr(error, "facts"):
        error.description = f"There is nothing at {request.path}."
    allowed = ", ".join(sorted(dict(error.get_headers()).get("Allow", "").split(", ")))
    if error.code == 405 and allowed:
        error.description = f"{request.method} is not possible at {request.path}; there are {allowed}."
    query = facts.pop("query", None)
    said = {"title": error.name, "status": error.code, "detail": error.description, **facts}
    format = responses.error_format()
    if format is media.PROBLEM:
        body = responses.json_text({"type": "about:blank", **said})
    elif format is media.HTML:
        said["caret"] = _caret(facts)
        body = render_template("sparql.html" if query is not None else "error.html", error=said, query=query)
    else:
        parts = [error.description, _caret(facts), facts.get("hint")]
        body = "\n".join(part for part in parts if part) + "\n"
    response = Response(body, error.code, content_type=format.content_type)
    response.headers.update({"Allow": allowed} if allowed else {})
    response.headers.update(getattr(error, "more_headers", {}))
    response.headers["Cache-Control"] = "no-store"
    response.vary.add("Accept")
    return response


def _caret(facts: Mapping[str, Any]) -> str:
    """The line of a query where the mistake is, with a mark under the place."""
    if not facts.get("text") or not facts.get("column"):
        return ""
    return querytext.marked(facts["text"], facts["line"], facts["column"])
