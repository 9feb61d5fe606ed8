"""OpenAPI 3.1 of the addresses, from the tables of the server: formats, kinds of things, downloads."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from exoreview import citing, files, media
from exoreview.media import Format
from exoreview.terms import DATASET, local_path
from exoreview.web import vocabulary
from exoreview.web.describe import Library
from exoreview.web.pages import NANOPUBLICATION

Said = dict[str, Any]

_RESULTS = (*media.RESULTS, *media.RDF, media.HTML)
_DOCUMENTS = (*media.RDF, media.HTML)
_JSON = "application/json"
_NAME = "The last part of its IRI."
_SUFFIX = "The format."

# Addresses without parameters: what is there, and the media types of the answer.
_FIXED: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "/health": ("State of the server.", (_JSON,)),
    "/metrics": ("Measurements in the form of Prometheus.", ("text/plain",)),
    "/robots.txt": ("What crawlers may read.", ("text/plain",)),
    "/sitemap.xml": ("Every page with its date.", ("application/xml",)),
    "/llms.txt": ("The way around for language models.", ("text/markdown",)),
    "/cite": ("How to cite the review and the dataset.", ("text/html",)),
    "/link": ("How to link to what is here.", ("text/html",)),
    "/about": ("What this is and how it was made.", ("text/html",)),
    "/openapi.json": ("This description.", (_JSON,)),
    "/context.jsonld": ("The context of JSON-LD.", ("application/ld+json",)),
    "/mappings.sssom.tsv": ("The links to other vocabularies in SSSOM.", ("text/tab-separated-values",)),
    "/ro-crate-metadata.json": ("The release as an RO-Crate.", ("application/ld+json",)),
    "/linkset": ("The links of the dataset and its files.", tuple(f.media_type for f in media.LINKSETS)),
}
# Addresses of RDF that send a browser to a page.
_GRAPHS = {
    "/.well-known/void": "The catalog of the dataset in VoID and DCAT.",
    "/.well-known/sparql-examples": "The example queries.",
    "/prefixes": "The prefixes of the example queries.",
}
# Pages that send whoever asks for RDF to the catalog.
_PAGES = {"/": "The review.", "/download": "The files to download."}
_READ = {
    "at": ("A character or a stretch of the text.", "486-500"),
    "claim": ("A statement.", "s04-c6"),
    "concept": ("A concept.", "Exosome"),
}


def text(library: Library, downloads: Mapping[str, str], root: str) -> str:
    """The description as a document; `downloads` are media types by name, `root` is the address."""
    return json.dumps(description(library, downloads, root), ensure_ascii=False, indent=1) + "\n"


def description(library: Library, downloads: Mapping[str, str], root: str) -> Said:
    """Every address that there is, with an example for each parameter."""
    paths = {path: _get(said, _found(types)) for path, (said, types) in _FIXED.items()}
    rdf, html = _types(media.RDF), (media.HTML.media_type,)
    paths |= {path: _get(said, _found(rdf) | _SEE) for path, said in _GRAPHS.items()}
    paths |= {path: _get(said, _found(html) | _SEE) for path, said in _PAGES.items()}
    shown = [_parameter(name, "query", *said, required=False) for name, said in _READ.items()]
    paths["/read"] = _get("The abstract with the words of every claim marked.", _found(html), shown)
    asked = _parameter("q", "query", "Words, or an identifier of others.", "exosome", required=False)
    paths["/search"] = _get("Things by their names and identifiers.", _found((*html, _JSON)), [asked])
    cited = [f"{what}{form.suffix}" for what in citing.THINGS for form in citing.formats()]
    name = _parameter(
        "name", "path", "What is cited, in which form.", cited[0], choices=[*citing.THINGS, *cited]
    )
    forms = dict.fromkeys(form.media_type.partition(";")[0] for form in citing.formats())
    paths["/cite/{name}"] = _get("A citation.", _found(forms) | _MISSING, [name])
    for book in vocabulary.VOCABULARIES.values():
        paths |= _vocabulary(library, book)
    paths |= _things(library)
    name = _parameter("name", "path", "The name of a file.", next(iter(downloads)), choices=[*downloads])
    kinds = tuple(dict.fromkeys(downloads.values()))
    paths["/download/{name}"] = _get("A file of the release.", _found(kinds) | _MISSING, [name])
    paths["/sparql"] = _sparql()
    return {
        "openapi": "3.1.0",
        "info": {
            "title": library.label(DATASET),
            "summary": "A scientific review as linked data",
            "description": library.text(DATASET, "dcterms:description"),
            "version": files.version(),
            "license": {"name": "CC BY 4.0", "url": library.text(DATASET, "dcterms:license")},
        },
        "servers": [{"url": root}],
        "paths": dict(sorted(paths.items())),
        "components": {"schemas": {"Problem": _PROBLEM}},
    }


_PROBLEM = {
    "type": "object",
    "description": "An error (RFC 9457).",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What is wrong and what would be right."},
        "line": {"type": "integer"},
        "column": {"type": "integer"},
        "text": {"type": "string"},
        "hint": {"type": "string"},
    },
    "required": ["type", "title", "status", "detail"],
}


def _problem(sentence: str) -> Said:
    schema = {"schema": {"$ref": "#/components/schemas/Problem"}}
    types = (media.PROBLEM.media_type, media.TEXT.media_type, media.HTML.media_type)
    told = {type: schema if type == types[0] else {"schema": {"type": "string"}} for type in types}
    return {"description": sentence, "content": told}


_SEE = {
    "303": {
        "description": "The way to the document in the format that is asked for.",
        "headers": {"Location": {"schema": {"type": "string"}}},
    }
}
_MISSING = {"404": _problem("There is nothing of this name.")}
_REFUSED = {
    "400": _problem("The query is malformed; line, column and a hint are said."),
    "403": _problem("An update."),
    "406": _problem("None of the formats is accepted."),
    "413": _problem("The query or its result is too long."),
    "415": _problem("A body that is no query."),
    "503": _problem("The query took too long or too much, or too many are waiting."),
}


def _types(formats: Iterable[Format]) -> tuple[str, ...]:
    return tuple(format.media_type for format in formats)


def _found(types: Iterable[str]) -> Said:
    return {"200": {"description": "What is there.", "content": {type: {} for type in types}}}


def _get(summary: str, responses: Said, parameters: Sequence[Said] = ()) -> Said:
    return {"get": {"summary": summary, "parameters": list(parameters), "responses": responses}}


def _parameter(
    name: str, place: str, sentence: str, example: str, *, required: bool = True, choices: Sequence[str] = ()
) -> Said:
    schema = {"type": "string"} | ({"enum": list(choices)} if choices else {})
    said = {"name": name, "in": place, "description": sentence, "required": required}
    return said | {"schema": schema, "example": example}


def _suffix(formats: Iterable[Format]) -> Said:
    choices = [format.suffix.removeprefix(".") for format in formats]
    return _parameter("suffix", "path", _SUFFIX, choices[0], choices=choices)


def _vocabulary(library: Library, book: vocabulary.Vocabulary) -> Said:
    title = library.label(f"{DATASET.rpartition('/')[0]}/{book.path}") + "."
    formats = (*vocabulary.FORMATS, media.HTML)
    found = _found(_types(formats))
    return {
        f"/{book.path}": _get(title, found),
        f"/{book.path}/{files.version()}": _get(title, found),
        f"/{book.path}.{{suffix}}": _get(title, found, [_suffix(formats)]),
    }


def _things(library: Library) -> Said:
    """The things by kind, each kind with the first of it as the example."""
    kinds = defaultdict(list)
    for path in sorted(filter(None, map(local_path, library.things))):
        if not vocabulary.at(path):
            kind, slash, name = path.rpartition("/")
            kinds[kind + slash].append(name)
    said: Said = {}
    for kind, names in kinds.items():
        if kind:
            said |= _kind(f"/{kind}{{name}}", f"A thing of the kind {kind.strip('/')}.", kind, names[0])
        else:
            for name in names:
                said |= _kind(f"/{name}", library.label(f"{DATASET.rpartition('/')[0]}/{name}") + ".", "", "")
    return said


def _kind(path: str, summary: str, kind: str, example: str) -> Said:
    formats = (*NANOPUBLICATION, media.HTML) if kind == "np/" else _DOCUMENTS
    name = [_parameter("name", "path", _NAME, example)] if example else []
    document = _get(f"Document: {summary}", _found(_types(formats)) | _MISSING, [*name, _suffix(formats)])
    return {path: _get(summary, _SEE | _MISSING, name), f"{path}.{{suffix}}": document}


def _sparql() -> Said:
    query = _parameter("query", "query", "A query; without one, the description.", "ASK {}", required=False)
    graph = [
        _parameter(name, "query", "The IRI of a graph to ask.", "", required=False)
        for name in ("default-graph-uri", "named-graph-uri")
    ]
    for each in graph:
        each |= {"schema": {"type": "array", "items": {"type": "string", "format": "uri"}}}
        del each["example"]
    responses = _found(_types(_RESULTS)) | _REFUSED
    asked = _get("A query of SPARQL 1.1, or the description of the endpoint.", responses, [query, *graph])
    fields = {"type": "object", "required": ["query"], "properties": {"query": {"type": "string"}}}
    body = {
        "application/x-www-form-urlencoded": {"schema": fields},
        "application/sparql-query": {"schema": {"type": "string"}},
    }
    posted = {
        "summary": "A query of SPARQL 1.1.",
        "parameters": graph,
        "requestBody": {"required": True, "content": body},
        "responses": responses,
    }
    return asked | {"post": posted}
