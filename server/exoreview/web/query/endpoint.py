"""/sparql as the application shows it: its description, its form, and the answer of a query as a page."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, render_template, request

from exoreview import media
from exoreview.release import dumps
from exoreview.web import responses
from exoreview.web.http import protocol
from exoreview.web.http.faults import fault
from exoreview.web.query import asking, completion, service
from exoreview.web.query.bars import Row, bars, numeric
from exoreview.web.query.results import Shown
from exoreview.web.things.describe import Library

_METHODS = ["GET", "HEAD", "POST"]


def blueprint(
    size: int | None,
    graphs: Mapping[str, int],
    dated: datetime | None,
    *,
    federates: bool,
    library: Library | None,
) -> Blueprint:
    """The endpoint over `size` triples in the default graph, and named graphs with their sizes; the terms of
    the data are looked up in the `library`."""

    def sparql() -> Response:
        """An answer that the gateway brings along, or without a query the form or the description."""
        if shown := request.environ.get("exoreview.shown"):
            return responses.reply(
                _answer(shown, graphs),
                media.HTML.content_type,
                dated=dated,
                negotiated=True,
                caching=responses.RESULT,
            )
        format = responses.chosen((*media.RDF, media.HTML), media.TURTLE)
        if format is media.HTML:
            page = render_template("sparql.html", query="", graphs=graphs)
            return responses.reply(page, format.content_type, dated=dated, negotiated=True)
        described = service.description(request.base_url, size, graphs, federates=federates)
        triples = dumps.canonical({"": described})[""]
        body = dumps.write_graph(triples, format, ["What this SPARQL endpoint can do."])
        return responses.reply(body, format.content_type, dated=dated, negotiated=True)

    offered = responses.json_text(completion.terms(library))

    def terms() -> Response:
        """What the editor offers while somebody types."""
        return responses.reply(offered, "application/json", dated=dated)

    routes = Blueprint("protocol", __name__)
    routes.add_url_rule("/sparql", "sparql", sparql, methods=_METHODS)
    routes.add_url_rule("/completion.json", "terms", terms)
    routes.add_url_rule("/update", "update", _refuse_update, methods=[*_METHODS, "PUT", "DELETE", "PATCH"])
    return routes


def _answer(shown: Shown, graphs: Mapping[str, int]) -> str:
    """The page of an answer."""
    facts = shown.facts()
    return render_template(
        "sparql.html",
        graphs=graphs,
        **(_drawn(facts["variables"], facts["rows"]) if "rows" in facts else {}),
        snippets=asking.snippets(facts["query"], request.base_url),
        **facts,
    )


def _drawn(variables: Sequence[str], rows: Sequence[Row]) -> dict[str, Any]:
    """What is seen of the numbers in a table."""
    return {"numeric": numeric(variables, rows), "chart": bars(variables, rows)}


def _refuse_update() -> Response:
    raise fault(403, protocol.READ_ONLY)
