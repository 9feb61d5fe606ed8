"""/sparql as the application shows it: its description, its form, and the answer of a query as a page."""

from collections.abc import Mapping
from datetime import datetime

from flask import Blueprint, Response, render_template, request

from exoreview import media
from exoreview.release import dumps
from exoreview.web import protocol, responses, service
from exoreview.web.faults import fault

_METHODS = ["GET", "HEAD", "POST"]


def blueprint(
    size: int | None, graphs: Mapping[str, int], dated: datetime | None, *, federates: bool
) -> Blueprint:
    """The endpoint over `size` triples in the default graph, and named graphs with their sizes."""

    def sparql() -> Response:
        """An answer that the gateway brings along, or without a query the form or the description."""
        if shown := request.environ.get("exoreview.shown"):
            page = render_template("sparql.html", graphs=graphs, **shown.facts())
            return responses.reply(
                page, media.HTML.content_type, dated=dated, negotiated=True, caching=responses.RESULT
            )
        format = responses.chosen((*media.RDF, media.HTML), media.TURTLE)
        if format is media.HTML:
            page = render_template("sparql.html", query="", graphs=graphs)
            return responses.reply(page, format.content_type, dated=dated, negotiated=True)
        described = service.description(request.base_url, size, graphs, federates=federates)
        triples = dumps.canonical({"": described})[""]
        body = dumps.write_graph(triples, format, ["What this SPARQL endpoint can do."])
        return responses.reply(body, format.content_type, dated=dated, negotiated=True)

    routes = Blueprint("protocol", __name__)
    routes.add_url_rule("/sparql", "sparql", sparql, methods=_METHODS)
    routes.add_url_rule("/update", "update", _refuse_update, methods=[*_METHODS, "PUT", "DELETE", "PATCH"])
    return routes


def _refuse_update() -> Response:
    raise fault(403, protocol.READ_ONLY)
