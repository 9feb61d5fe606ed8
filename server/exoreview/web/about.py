"""/about: how the data was made, what it is worth, and what is kept of those who ask for it."""

from datetime import datetime

from flask import Blueprint, Response, render_template
from pyoxigraph import NamedNode

from exoreview import media
from exoreview.knowledge import graphs
from exoreview.terms import BASE, DATASET, PREFIXES
from exoreview.web import responses
from exoreview.web.read.reading import Reading
from exoreview.web.read.telling import named
from exoreview.web.things.describe import INFERRED, Library
from exoreview.web.things.pages import href

_SCHEME = NamedNode(BASE + "concepts")
_OURS = "https://w3id.org/exoreview/dataset/step-"
_LINKS = ("exactMatch", "closeMatch", "broadMatch", "narrowMatch", "relatedMatch")


def blueprint(library: Library, reading: Reading, dated: datetime | None) -> Blueprint:
    """The page over a release and the reading of its text."""

    def about() -> Response:
        responses.chosen((media.HTML,), media.HTML)
        page = render_template(
            "about.html",
            figures=figures(library, reading),
            modes=[(named(library, mode), count) for mode, count in reading.statements.modes()],
            covered=reading.covered,
            length=len(reading.text),
            steps=steps(library),
            links=links(library),
            documents=documents(library),
            rights=library.label(library.text(DATASET, "dcterms:rights")),
            license=library.text(DATASET, "dcterms:license"),
            inferred=graphs.iri(INFERRED),
            issued=library.text(DATASET, "dcterms:issued"),
        )
        return responses.reply(page, media.HTML.content_type, dated=dated)

    routes = Blueprint("about", __name__)
    routes.add_url_rule("/about", "about", about)
    return routes


def figures(library: Library, reading: Reading) -> dict[str, int]:
    """How much there is, counted."""
    statements = reading.statements
    asserted = {triple for name in graphs.ASSERTED for triple in library.graphs[name]}
    return {
        "sentences": len(reading.sentences),
        "claims": len(statements.claims),
        "scope": len(statements.all) - len(statements.claims),
        "concepts": sum(_SCHEME in library.values(iri, "skos:inScheme") for iri in library.things),
        "mappings": sum(count for _, count in links(library)),
        "two_readings": sum(
            bool(library.text(each.iri, "exr:alternativeReading")) for each in statements.all
        ),
        "asserted": len(asserted),
        "inferred": len(library.graphs[INFERRED]),
    }


def links(library: Library) -> list[tuple[str, int]]:
    """How many links to other vocabularies there are of each strength."""
    counted = {
        name: sum(triple.predicate.value == PREFIXES["skos"] + name for triple in library.graphs["mappings"])
        for name in _LINKS
    }
    return [(library.label(PREFIXES["skos"] + name), count) for name, count in counted.items() if count]


def steps(library: Library) -> list[tuple[str, str]]:
    """What was done, by whom or what, as the catalog says."""
    nodes = {triple.subject for triple in library.graphs["catalog"]}
    iris = sorted(
        node.value for node in nodes if isinstance(node, NamedNode) and node.value.startswith(_OURS)
    )
    return [(library.label(iri), library.text(iri, "dcterms:description")) for iri in iris]


def documents(library: Library) -> list[tuple[str, str, str]]:
    """The dataset and the vocabularies with the address and the version of each."""
    found = [(DATASET, library.text(DATASET, "dcat:version"))]
    for name in ("ontology", "concepts", "shapes"):
        iri = PREFIXES["exr"].removesuffix("ontology#") + name
        if version := library.text(iri, "owl:versionInfo"):
            found.append((iri, version))
    return [(library.label(iri), href(iri), version) for iri, version in found]
