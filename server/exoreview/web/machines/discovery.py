"""The addresses that programs look for by name, to find out what there is on a server."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from flask import Blueprint, Response, request
from pyoxigraph import Triple

from exoreview import files, media
from exoreview.release import dumps
from exoreview.terms import PREFIXES
from exoreview.web import responses
from exoreview.web.http.faults import fault
from exoreview.web.machines import context, crate, listing, openapi, signposting
from exoreview.web.machines.signposting import Signposts
from exoreview.web.query.examples import Example
from exoreview.web.things.describe import Library

_PREFIXES = PREFIXES["query"] + "prefixes"
_MAPPINGS = "data/mappings.sssom.tsv"
_PLAIN, _MARKDOWN = "text/plain; charset=utf-8", "text/markdown; charset=utf-8"


def blueprint(
    library: Library, release, examples: Mapping[str, Example], posts: Signposts, dated: datetime | None
) -> Blueprint:
    """The addresses over a release that was last changed at a date."""
    routes = Blueprint("discovery", __name__)

    def said(body: bytes | str, content_type: str, *, negotiated: bool = False) -> Response:
        return responses.reply(body, content_type, dated=dated, negotiated=negotiated)

    def add(path: str, content_type: str, make: Callable[[str], str]) -> None:
        """An address that answers in one way, made from the address of the server."""
        routes.add_url_rule(
            path, path.strip("/").replace(".", "_"), lambda: said(make(_root()), content_type)
        )

    add("/robots.txt", _PLAIN, listing.robots)
    add("/sitemap.xml", "application/xml", lambda root: listing.sitemap(library, root))
    add("/llms.txt", _MARKDOWN, lambda root: listing.for_models(library, examples, [*posts.files], root))

    add(f"/{crate.NAME}", media.JSONLD.content_type, lambda _: crate.text(library, release))
    older = [archived.version for archived in release.archive]
    add("/openapi.json", "application/json", lambda root: openapi.text(library, posts.files, older, root))
    add("/mappings.sssom.tsv", media.TSV.content_type, lambda _: files.path(_MAPPINGS).read_text("utf-8"))
    add("/context.jsonld", media.JSONLD.content_type, lambda _: context.text(library))

    def document(path: str, page: str, title: str, triples: Sequence[Triple]) -> None:
        """An address of RDF by Accept; a browser is sent to a page."""
        held = dumps.canonical({"": triples})[""]

        def answer() -> Response:
            format = responses.chosen((*media.RDF, media.HTML), media.TURTLE)
            if format == media.HTML:
                return responses.see(request.script_root + page)
            return said(dumps.write_graph(held, format, [title]), format.content_type, negotiated=True)

        routes.add_url_rule(path, path.strip("/").replace(".", "_"), answer)

    queries = library.graphs["queries"]
    declared = [triple for triple in queries if triple.subject.value.startswith(_PREFIXES)]
    document("/.well-known/void", "/dataset.html", "What the dataset holds.", library.graphs["catalog"])
    document("/.well-known/sparql-examples", "/sparql", "Example queries.", queries)
    document("/prefixes", "/query/prefixes.html", "Prefixes of the example queries.", declared)

    def linkset(path: str) -> Response:
        """All links of a thing and its files."""
        anchors = posts.anchors(path)
        if not anchors:
            raise fault(404, f"There is no linkset of /{path}, because there is nothing at /{path}.")
        format = responses.chosen(media.LINKSETS, media.LINKSET_JSON)
        write = signposting.as_json if format.name == media.LINKSET_JSON.name else signposting.as_text
        return said(write(anchors, _root()), format.content_type, negotiated=True)

    routes.add_url_rule("/linkset", "dataset_linkset", linkset, defaults={"path": "dataset"})
    routes.add_url_rule("/linkset/<path:path>", "linkset", linkset)
    return routes


def _root() -> str:
    """The address of this server as the client sees it, without a last slash."""
    return request.url_root.rstrip("/")
