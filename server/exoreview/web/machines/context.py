"""The context of JSON-LD at /context.jsonld: every prefix, and every term of the vocabulary by its name."""

import json
from typing import Any

from pyoxigraph import NamedNode

from exoreview.terms import PREFIXES, term
from exoreview.web.things.describe import Library

_OWN = PREFIXES["exr"]
# Text in a language; all that is written here is English.
_TEXT = PREFIXES["rdf"] + "PlainLiteral"


def text(library: Library) -> str:
    """The context as a document."""
    return json.dumps({"@context": context(library)}, ensure_ascii=False, indent=1) + "\n"


def context(library: Library) -> dict[str, Any]:
    """The prefixes, then the terms; a value of an object property is an IRI, another has its datatype."""
    said: dict[str, Any] = {"@version": 1.1, "id": "@id", "type": "@type"}
    said |= {prefix: {"@id": namespace, "@prefix": True} for prefix, namespace in PREFIXES.items()}
    said["label"] = {"@id": "rdfs:label", "@language": "en"}
    subjects = {triple.subject for triple in library.graphs["ontology"]}
    for iri in sorted(node.value for node in subjects if isinstance(node, NamedNode)):
        name = iri.removeprefix(_OWN)
        if iri != name and name not in said:
            said[name] = _term(library, iri, name)
    return said


def _term(library: Library, iri: str, name: str) -> str | dict[str, str]:
    short, kinds = f"exr:{name}", library.values(iri, "rdf:type")
    if term("owl:ObjectProperty") in kinds:
        return {"@id": short, "@type": "@id"}
    range = library.text(iri, "rdfs:range")
    if term("owl:DatatypeProperty") not in kinds or not range:
        return short
    return {"@id": short, "@language": "en"} if range == _TEXT else {"@id": short, "@type": range}
