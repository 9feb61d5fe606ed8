"""The format that a client gets is the one that RFC 9110 says it asked for."""

import pytest
from pyoxigraph import QueryResultsFormat, RdfFormat

from exoreview import media

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
OWLAPI = "application/rdf+xml, application/xml; q=0.7, text/xml; q=0.6, text/plain; q=0.1, */*; q=0.09"
RDFLIB = "application/rdf+xml,text/n3;q=0.9,text/turtle;q=0.8,application/xhtml+xml;q=0.5"

CHOICES = {
    "no header": (None, "ttl", "text/turtle"),
    "empty header": ("", "ttl", "text/turtle"),
    "anything": ("*/*", "ttl", "text/turtle"),
    "a browser": (BROWSER, "html", "text/html"),
    "the OWL API": (OWLAPI, "rdf", "application/rdf+xml"),
    "rdflib": (RDFLIB, "rdf", "application/rdf+xml"),
    "charset parameter": ("text/turtle;charset=utf-8", "ttl", "text/turtle"),
    "profile parameter": ('application/ld+json;profile="http://x.org/"', "jsonld", "application/ld+json"),
    "capitals": ("TEXT/Turtle", "ttl", "text/turtle"),
    "quality": ("text/turtle;q=0.4, application/trig;q=0.9", "trig", "application/trig"),
    "quality beats order": ("text/turtle;q=0.1, application/n-triples", "nt", "application/n-triples"),
    "type with wildcard": ("application/*", "jsonld", "application/ld+json"),
    "specific beats wildcard": ("text/*;q=0.2, text/html;q=0.1", "ttl", "text/turtle"),
    "q=0 excludes": ("text/turtle;q=0, */*;q=0.5", "jsonld", "application/ld+json"),
    "named beats wildcard of the same quality": (
        "application/n-quads, */*",
        "nq",
        "application/n-quads",
    ),
    "alias keeps its name": ("application/json, text/plain, */*", "jsonld", "application/json"),
    "alias of RDF/XML": ("application/xml", "rdf", "application/xml"),
    "N-Triples as rdflib asks for it": ("text/plain, */*;q=0.1", "nt", "text/plain"),
    "alias excluded": ("application/xml;q=0", None, None),
    "nothing fits": ("image/png", None, None),
    "all excluded": ("*/*;q=0", None, None),
    "nonsense": ("nonsense", None, None),
}


@pytest.mark.parametrize(("header", "name", "media_type"), CHOICES.values(), ids=CHOICES)
def test_negotiation(header, name, media_type):
    chosen = media.negotiate(header, (*media.RDF, media.HTML), media.TURTLE)
    assert (chosen and chosen.name, chosen and chosen.media_type) == (name, media_type)


@pytest.mark.parametrize("format", [*media.RDF, media.HTML], ids=lambda format: format.name)
def test_every_document_format_is_had_by_its_own_name(format):
    assert media.negotiate(format.media_type, (*media.RDF, media.HTML), media.TURTLE) == format


@pytest.mark.parametrize("format", media.RESULTS, ids=lambda format: format.name)
def test_every_result_format_is_had_by_its_own_name(format):
    assert media.negotiate(format.media_type, (*media.RESULTS, media.HTML)) == format


def test_the_default_wins_among_equals():
    assert media.negotiate("*/*", (*media.RDF, media.HTML), media.RDFXML) == media.RDFXML


def test_names_suffixes_and_media_types_are_unique():
    for column in ("name", "suffix", "media_type"):
        values = [getattr(format, column) for format in media.FORMATS]
        assert len(values) == len(set(values)), column


@pytest.mark.parametrize("format", media.FORMATS, ids=lambda format: format.name)
def test_the_engine_knows_the_format_by_the_same_media_type(format):
    if format.engine:
        kind = RdfFormat if isinstance(format.engine, RdfFormat) else QueryResultsFormat
        assert kind.from_media_type(format.media_type) == format.engine


@pytest.mark.parametrize("format", media.RDF, ids=lambda format: format.name)
def test_a_format_holds_datasets_where_the_engine_says_so(format):
    assert (media.DATASET in format.carries) == format.engine.supports_datasets


def test_only_text_says_its_charset():
    assert media.TURTLE.content_type == "text/turtle; charset=utf-8"
    assert media.JSONLD.content_type == "application/ld+json"
