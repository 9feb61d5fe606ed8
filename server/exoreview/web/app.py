"""The application: `create_app`, and what each address answers."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from flask import Flask, Response, render_template, request, url_for
from werkzeug.exceptions import HTTPException

from exoreview import files, media
from exoreview.knowledge import graphs
from exoreview.release import EXAMPLES
from exoreview.terms import BASE, curie
from exoreview.web import about, assets, citations, errors, front, responses
from exoreview.web.downloads import Downloads
from exoreview.web.link import linking
from exoreview.web.machines import discovery, heads
from exoreview.web.machines.signposting import Signposts
from exoreview.web.map import charting
from exoreview.web.query import endpoint, examples
from exoreview.web.query.published import Published
from exoreview.web.read import reading
from exoreview.web.responses import fault, reply
from exoreview.web.search import searching
from exoreview.web.search.entries import entries
from exoreview.web.search.finding import Index
from exoreview.web.things import pages, things
from exoreview.web.things.describe import Library
from exoreview.web.vocabularies.editions import FORMATS, Editions

_EXAMPLE = """PREFIX exr: <https://w3id.org/exoreview/ontology#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>

SELECT ?claim ?sentence WHERE {
  ?claim a exr:Claim ;
    rdfs:label ?sentence .
}
ORDER BY ?claim
LIMIT 20"""

_ANY = "SELECT * WHERE {\n  ?subject ?predicate ?object .\n}\nLIMIT 20"


def create_app(
    release=None,
    *,
    sizes: Mapping[str, int | None] = MappingProxyType({"": 0}),
    names: Sequence[str] = (),
    federates: bool = False,
) -> Flask:
    """The application over a release or, without one, an endpoint alone over graphs of so many triples; the
    size of the default graph stands under the empty text. It `federates` where SERVICE is answered."""
    app = Flask("exoreview.web")
    # Two slashes are not one: the gateway would take the one for the endpoint and not the other.
    app.url_map.merge_slashes = False
    site = app.extensions["exoreview"] = Site(release, sizes, names)
    app.register_blueprint(
        endpoint.blueprint(site.size, site.sizes, site.dated, federates=federates, library=site.library)
    )
    app.add_url_rule("/", "front", site.front)
    if release:
        app.register_blueprint(
            discovery.blueprint(site.library, release, site.examples, site.signposts, site.dated)
        )
        app.after_request(site.signposted)
        app.register_blueprint(reading.blueprint(site.reading, site.dated))
        app.register_blueprint(charting.blueprint(site.chart, site.dated))
        app.register_blueprint(searching.blueprint(site.library, site.index, site.dated))
        app.register_blueprint(linking.blueprint(site.library, site.index, site.dated))
        app.register_blueprint(citations.blueprint(citations.Citations(release.graphs), site.dated))
        app.register_blueprint(about.blueprint(site.library, site.reading, site.dated))
        files = Downloads(release, site.dated)
        app.add_url_rule("/download", "downloads", files.page)
        app.add_url_rule("/download/<name>", "download", files.file)
        if release.archive:
            app.add_url_rule("/download/<version>/<name>", "older", files.below)
            app.add_url_rule("/changes/<version>", "changes", files.changes)
        app.add_url_rule("/timemap/<name>", "timemap", site.editions.timemap)
        app.add_url_rule("/query/<name>/result", "result", site.result)
        app.add_url_rule("/<path:path>", "document", site.document)
    app.add_template_filter(site.label, "label")
    app.add_template_filter(lambda path: site.label(BASE + path), "called")
    app.add_template_filter(pages.href if release else str, "address")
    app.context_processor(site.context)
    app.register_error_handler(HTTPException, errors.explained)
    app.register_error_handler(Exception, errors.unexpected)
    app.before_request(_interrupted)
    app.after_request(responses.preflighted)
    return app


def _interrupted() -> None:
    """What the gateway found wrong with a request is said here."""
    if fault := request.environ.get("exoreview.fault"):
        raise fault


class Site:
    """What the addresses answer."""

    def __init__(self, release, sizes: Mapping[str, int | None], names: Sequence[str]):
        self.release, self.names = release, names
        self.size, self.sizes = sizes[""], {iri: size for iri, size in sizes.items() if iri}
        self.dated, self.library, self.examples = None, None, {}
        if release:
            self.library = Library(release.graphs, release.nanopublications)
            self.pages = pages.Pages(self.library)
            self.signposts = Signposts(
                self.library, {name: release.media_type(name) for name in release.names()}
            )
            self.reading = reading.Reading(self.library)
            self.things = things.Things(self.pages, self.reading.statements)
            self.examples = examples.examples(self.library)
            self.published = Published(self.examples)
            self.index = Index(entries(self.library))
            self.chart = charting.Chart(self.library, self.reading.statements, self.index)
            self.size = len(release.default_graph)
            self.sizes = {graphs.iri(name): len(triples) for name, triples in release.graphs.items()}
            self.sizes[EXAMPLES] = len(release.graphs["queries"])
            self.dated = self.library.date()
            self.editions = Editions(release.version, self.dated, self.pages, release.archive)
        # The data never changes while it is served, so an answer is made once.
        self._made = lru_cache(maxsize=2048)(self._make)

    def context(self) -> dict[str, Any]:
        """What every page needs."""
        paths = [("protocol.sparql", {}, "SPARQL")]
        if self.release:
            paths = [
                ("front", {}, "Review"),
                ("reading.read", {}, "Read"),
                ("charting.map", {}, "Map"),
                ("document", {"path": "concepts"}, "Concepts"),
                ("document", {"path": "ontology"}, "Vocabulary"),
                ("document", {"path": "shapes"}, "Shapes"),
                *paths,
                ("downloads", {}, "Downloads"),
                ("searching.search", {}, "Search"),
            ]
        return {
            "navigation": [(url_for(name, **values), title) for name, values, title in paths],
            "release": self.release,
            "head": heads.head(self.library, request.path.removeprefix("/")) if self.release else None,
            "version": files.version(),
            "assets": assets.names(),
            "example_query": _EXAMPLE if self.release else _ANY,
            "examples": self.examples,
            "published": self.published if self.release else None,
            "result_formats": media.RESULTS,
            "rdf_formats": media.RDF,
        }

    def signposted(self, response: Response) -> Response:
        """What is found at its address has links to its neighbours."""
        if response.status_code in (200, 303):
            header = self.signposts.header(request.path.removeprefix("/"), request.script_root)
            if header:
                response.headers["Link"] = ", ".join(filter(None, [response.headers.get("Link"), header]))
        return response

    def label(self, iri: str) -> str:
        """The label of a thing, or its short IRI."""
        return self.library.label(iri) if self.release else curie(iri)

    def front(self) -> Response:
        """The review as a page; the catalog for whoever asks for RDF."""
        if not self.release:
            responses.chosen((media.HTML,), media.HTML)
            page = render_template("other.html", size=self.size, names=self.names)
            return self._page(page)
        return responses.catalog() or self._page(front.page(self.library, self.reading.statements))

    def document(self, path: str) -> Response:
        """A thing by 303 to its document, a document by its suffix, or a vocabulary."""
        if edition := self.editions.at(path):
            return self.editions.answer(edition)
        if BASE + path in self.library.things:
            return self._redirected(path)
        stem, dot, suffix = path.rpartition(".")
        format = media.RDF_BY_SUFFIX.get(dot + suffix)
        if format is None:
            raise self._unknown(path)
        edition, known = self.editions.at(stem), BASE + stem in self.library.things
        formats = FORMATS if edition else (*pages.formats(self.library, BASE + stem), media.HTML)
        if (edition or known) and format not in formats:
            had = " ".join(other.suffix for other in formats)
            raise fault(404, f"/{stem} is not to be had as {format.suffix}; there are {had}.")
        if edition:
            return self.editions.answer(edition, format)
        if known:
            return self._reply(BASE + stem, format)
        raise self._unknown(stem)

    def result(self, name: str) -> Response:
        """The way to the editor with a published query; its answers as data are given by the gateway."""
        text = self.published.text(name, request.query_string.decode("latin-1"))
        if text is None:
            raise self._unknown(f"query/{name}")
        return responses.see(url_for("protocol.sparql", query=text))

    def _redirected(self, path: str) -> Response:
        formats = pages.formats(self.library, BASE + path)
        cited, tables = citations.formats(path), self.published.tables(path)
        format = responses.chosen((*formats, media.HTML, *tables, *cited), formats[0])
        if format in tables:
            # The values of its parameters come along.
            values = request.query_string.decode("latin-1")
            address = f"{request.script_root}/{path}{format.suffix}"
            return responses.see(f"{address}?{values}" if values else address)
        if format in cited:
            return responses.see(citations.address(path, format))
        return responses.see(url_for("document", path=path + format.suffix))

    def _reply(self, what: str, format: media.Format) -> Response:
        body = self._made(what, media.BY_NAME[format.name], request.script_root)
        return reply(body, format.content_type, dated=self.dated)

    def _make(self, what: str, format: media.Format, _root: str) -> bytes:
        """The bytes of a document; the place where the application is mounted is part of a page's links."""
        document = self.library.describe(what)
        if format == media.HTML:
            return self.things.page(document).encode()
        return pages.document_rdf(self.library, document, format)

    def _page(self, page: str) -> Response:
        return reply(page, media.HTML.content_type, dated=self.dated, negotiated=True)

    def _unknown(self, path: str) -> HTTPException:
        kind, _, name = path.partition("/")
        if sentence := self.editions.missing(path):
            return fault(404, sentence)
        nearest = self.library.nearest(path)
        if name and any(thing.startswith(f"{BASE}{kind}/") for thing in self.library.things):
            sentence = f"There is no {kind} “{name}”"
        else:
            sentence = f"There is nothing at /{path}"
        if nearest:
            sentence += "; the nearest " + ("is " if len(nearest) == 1 else "are ") + ", ".join(nearest)
        return fault(404, sentence + ".", nearest=nearest)
