"""Namespaces and terms: the one table of prefixes, and how an IRI of ours maps to a path."""

from types import MappingProxyType

from pyoxigraph import NamedNode

BASE = "https://w3id.org/exoreview/"
DATASET = BASE + "dataset"

_OURS = {
    "exr": BASE + "ontology#",
    "exc": BASE + "concept/",
    "exs": BASE + "shapes#",
    "review": BASE + "review/",
    "claim": BASE + "claim/",
    "scope": BASE + "scope/",
    "sentence": BASE + "sentence/",
    "quote": BASE + "quote/",
    "person": BASE + "person/",
    "authorship": BASE + "authorship/",
    "query": BASE + "query/",
    "graph": BASE + "graph/",
    "mapping": BASE + "mapping/",
}

_STANDARD = {
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "dcterms": "http://purl.org/dc/terms/",
    "dcat": "http://www.w3.org/ns/dcat#",
    "void": "http://rdfs.org/ns/void#",
    "prov": "http://www.w3.org/ns/prov#",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "oa": "http://www.w3.org/ns/oa#",
    "sd": "http://www.w3.org/ns/sparql-service-description#",
    "sh": "http://www.w3.org/ns/shacl#",
    "vann": "http://purl.org/vocab/vann/",
}

_FIELD = {
    "biolink": "https://w3id.org/biolink/vocab/",
    "bibo": "http://purl.org/ontology/bibo/",
    "c4o": "http://purl.org/spar/c4o/",
    "cito": "http://purl.org/spar/cito/",
    "doco": "http://purl.org/spar/doco/",
    "fabio": "http://purl.org/spar/fabio/",
    "frbr": "http://purl.org/vocab/frbr/core#",
    "hycl": "http://purl.org/petapico/o/hycl#",
    "mod": "https://w3id.org/mod#",
    "mp": "http://purl.org/mp/",
    "np": "http://www.nanopub.org/nschema#",
    "npx": "http://purl.org/nanopub/x/",
    "obo": "http://purl.obolibrary.org/obo/",
    "pav": "http://purl.org/pav/",
    "prism": "http://prismstandard.org/namespaces/basic/2.0/",
    "schema": "https://schema.org/",
    "semapv": "https://w3id.org/semapv/vocab/",
    "sp": "https://w3id.org/linkflows/superpattern/terms/",
    "spdx": "http://spdx.org/rdf/terms#",
    "spex": "https://purl.expasy.org/sparql-examples/ontology#",
    "sssom": "https://w3id.org/sssom/",
}

# The order is the order of prefixes in every Turtle file: standard ones, those of the field, ours.
PREFIXES = MappingProxyType(_STANDARD | _FIELD | _OURS)


def term(name: str) -> NamedNode:
    """The node of a short IRI: `rdfs:label`."""
    prefix, _, local = name.partition(":")
    return NamedNode(PREFIXES[prefix] + local)


def local_path(iri: str) -> str | None:
    """The path under which an IRI of ours is served (`claim/s04-c6`), or None for another's IRI."""
    if not iri.startswith(BASE):
        return None
    return iri.removeprefix(BASE).partition("#")[0]


def curie(iri: str) -> str:
    """The short form of an IRI by the longest namespace that fits, or the IRI itself."""
    fits = [(namespace, prefix) for prefix, namespace in PREFIXES.items() if iri.startswith(namespace)]
    if not fits:
        return iri
    namespace, prefix = max(fits, key=lambda pair: len(pair[0]))
    return f"{prefix}:{iri.removeprefix(namespace)}"
