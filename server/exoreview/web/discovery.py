"""The addresses that programs look for by name, to find out what there is on a server."""

from datetime import datetime

from flask import Blueprint, Response, request

from exoreview import media
from exoreview.web import responses, signposting
from exoreview.web.faults import fault
from exoreview.web.signposting import Signposts


def blueprint(posts: Signposts, dated: datetime | None) -> Blueprint:
    """The addresses over a release that was last changed at a date."""

    def said(body: bytes | str, content_type: str, *, negotiated: bool = False) -> Response:
        return responses.reply(body, content_type, dated=dated, negotiated=negotiated)

    def linkset(path: str) -> Response:
        """All links of a thing and its files."""
        anchors = posts.anchors(path)
        if not anchors:
            raise fault(404, f"There is no linkset of /{path}, because there is nothing at /{path}.")
        format = responses.chosen(media.LINKSETS, media.LINKSET_JSON)
        write = signposting.as_json if format.name == media.LINKSET_JSON.name else signposting.as_text
        return said(write(anchors, _root()), format.content_type, negotiated=True)

    routes = Blueprint("discovery", __name__)
    routes.add_url_rule("/linkset", "dataset_linkset", linkset, defaults={"path": "dataset"})
    routes.add_url_rule("/linkset/<path:path>", "linkset", linkset)
    return routes


def _root() -> str:
    """The address of this server as the client sees it, without a last slash."""
    return request.url_root.rstrip("/")
