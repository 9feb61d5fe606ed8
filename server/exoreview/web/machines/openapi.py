"""OpenAPI 3.1 of the addresses, from the tables of the server: formats, kinds of things, downloads."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence

from exoreview import citing, files, media
from exoreview.release import CATALOG, CHECKSUMS
from exoreview.terms import BASE, DATASET, local_path
from exoreview.web.machines import inquiries, operations, schemas
from exoreview.web.machines.operations import (
    MALFORMED,
    MISSING,
    SEE,
    UNACCEPTABLE,
    Said,
    in_header,
    in_path,
    in_query,
)
from exoreview.web.things.describe import Library
from exoreview.web.things.pages import NANOPUBLICATION
from exoreview.web.vocabularies import memento, vocabulary

_DOCUMENTS = (*media.RDF, media.HTML)
_PAGE = (media.HTML.media_type,)
_JSON = "application/json"

# Addresses without parameters: what is there, and the media type of the answer.
_FIXED = {
    "/metrics": ("Measurements in the form of Prometheus.", "text/plain"),
    "/robots.txt": ("What crawlers may read.", "text/plain"),
    "/sitemap.xml": ("Every page with its date.", "application/xml"),
    "/llms.txt": ("The way around for language models.", "text/markdown"),
    "/openapi.json": ("This description.", _JSON),
    "/context.jsonld": ("The context of JSON-LD.", "application/ld+json"),
    "/completion.json": ("What an editor of queries can offer.", _JSON),
    "/mappings.sssom.tsv": ("The links to other vocabularies in SSSOM.", "text/tab-separated-values"),
    "/ro-crate-metadata.json": ("The release as an RO-Crate.", "application/ld+json"),
}
# Pages, and nothing else.
_READABLE = {
    "/cite": "How to cite the review and the dataset.",
    "/about": "What this is and how it was made.",
}
# Pages that send whoever asks for RDF to the catalog.
_PAGES = {"/": "The review.", "/download": "The files to download."}
# Addresses of RDF that send a browser to a page.
_GRAPHS = {
    "/.well-known/void": "The catalog of the dataset in VoID and DCAT.",
    "/.well-known/sparql-examples": "The example queries.",
    "/prefixes": "The prefixes of the example queries.",
}
_READ = (
    in_query("at", "A character or a stretch of the text.", "486-500"),
    in_query("claim", "A statement.", "s04-c6"),
    in_query("concept", "Only what is about this concept.", "Exosome"),
    in_query("narrower", "With anything: also what is about narrower concepts.", "yes"),
    in_query("mode", "Only claims of this mode.", "asserted"),
    in_query("kind", "Only statements of this class.", "CausalClaim"),
)

_MAP = (
    in_query("q", "Only what is called so, and claims about it.", "chemoresistance"),
    in_query("concept", "Only claims around this concept and narrower ones.", "TumourDerivedExosome"),
    in_query("steps", "How many claims away from the concept.", "2"),
    in_query("relation", "Only claims of this relation.", "contributesTo"),
    in_query("mode", "Only claims of this mode.", "asserted"),
    in_query("follow", "The concept from which causal claims are followed.", "Cell"),
    in_query("to", "With follow: the concept at which the chains end.", "DrugTargeting"),
)


def text(library: Library, downloads: Mapping[str, str], older: Sequence[str], root: str) -> str:
    """The description as a document; `downloads` are media types by name, `older` the versions of older
    releases, `root` is the address."""
    return json.dumps(description(library, downloads, older, root), ensure_ascii=False, indent=1) + "\n"


def description(library: Library, downloads: Mapping[str, str], older: Sequence[str], root: str) -> Said:
    """Every address that there is, with an example for each parameter."""
    paths = _fixed() | _read() | _found() | _citations() | _linksets() | _downloads(downloads)
    paths |= _older(older) if older else {}
    for book in vocabulary.VOCABULARIES.values():
        paths |= _vocabulary(library, book)
    paths |= _things(library) | inquiries.answers(library) | _timemaps() | inquiries.sparql()
    return {
        "openapi": "3.1.0",
        "info": {
            "title": library.label(DATASET),
            "summary": "A scientific review as linked data",
            "description": f"{library.text(DATASET, 'dcterms:description')}\n\n{_EVERYWHERE}",
            "version": files.version(),
            "license": {"name": "CC BY 4.0", "url": library.text(DATASET, "dcterms:license")},
        },
        "servers": [{"url": root}],
        "paths": dict(sorted(paths.items())),
        "components": {"schemas": dict(schemas.SCHEMAS)},
    }


_EVERYWHERE = (
    "HEAD and OPTIONS are answered wherever GET is; other methods are refused (405). Answers have an ETag "
    "and a date where they can: ask with If-None-Match or If-Modified-Since for 304 if nothing has changed."
)
_HEALTHY = "State of the server."


def _fixed() -> Said:
    paths = {path: operations.get(said, operations.found([type])) for path, (said, type) in _FIXED.items()}
    return paths | {"/health": operations.get(_HEALTHY, operations.found([_JSON], {_JSON: "Health"}))}


def _read() -> Said:
    paths = {path: operations.get(said, operations.chosen(_PAGE)) for path, said in _READABLE.items()}
    for path, said in _PAGES.items():
        paths[path] = operations.get(said, operations.chosen(_PAGE) | SEE)
    for path, said in _GRAPHS.items():
        paths[path] = operations.get(said, operations.chosen(operations.types(media.RDF)) | SEE)
    marked = "The abstract with the words of every claim marked."
    paths["/read"] = operations.get(marked, operations.chosen(_PAGE) | MISSING, _READ)
    chart = "The claims as arrows between concepts, drawn and as a table."
    return paths | {"/map": operations.get(chart, operations.chosen(_PAGE) | MISSING | MALFORMED, _MAP)}


def _found() -> Said:
    asked = [
        in_query("q", "Words, or an identifier of others.", "exosome"),
        in_query("format", "The format.", "json", ("html", "json")),
    ]
    iri = in_query("iri", "An IRI, a short IRI or a name.", "exc:Exosome")
    found = operations.chosen((*_PAGE, _JSON), {_JSON: "Search"}) | MALFORMED
    return {
        "/search": operations.get("Things by their names and identifiers.", found, asked),
        "/link": operations.get("How to link to a thing.", operations.chosen(_PAGE) | MALFORMED, [iri]),
    }


def _citations() -> Said:
    cited = [f"{what}{form.suffix}" for what in citing.THINGS for form in citing.formats()]
    parameters = [
        in_path("name", "What is cited, in which form.", cited[0], [*citing.THINGS, *cited]),
        in_query("style", "Without a form: the name of a style of the CSL project.", "nature"),
    ]
    forms = dict.fromkeys(form.media_type.partition(";")[0] for form in citing.formats())
    return {"/cite/{name}": operations.get("A citation.", operations.found(forms) | MISSING, parameters)}


def _linksets() -> Said:
    links = operations.chosen(operations.types(media.LINKSETS))
    path = in_path("path", "The path of a thing, its slash encoded.", "claim%2Fs04-c6")
    return {
        "/linkset": operations.get("The links of the dataset and its files.", links),
        "/linkset/{path}": operations.get("The links of a thing and its documents.", links | MISSING, [path]),
    }


def _downloads(downloads: Mapping[str, str]) -> Said:
    name = in_path("name", "The name of a file.", next(iter(downloads)), [*downloads])
    found = operations.found(dict.fromkeys(downloads.values())) | MISSING
    return {"/download/{name}": operations.get("A file of the release.", found, [name])}


def _older(versions: Sequence[str]) -> Said:
    version = in_path("version", "The version of an older release.", versions[0], versions)
    same = in_path("name", "The name of a file that each release has.", CATALOG, (CATALOG, CHECKSUMS))
    kinds = (media.TURTLE.media_type, media.TEXT.media_type)
    log = operations.found((media.TEXT.media_type,)) | MISSING
    return {
        "/download/{version}/{name}": operations.get(
            "A file of an older release.", operations.found(kinds) | MISSING, [version, same]
        ),
        "/changes/{version}": operations.get("What has changed since an older release.", log, [version]),
    }


def _timemaps() -> Said:
    books = [*vocabulary.VOCABULARIES]
    found = operations.found((memento.LINK_FORMAT,)) | MISSING
    name = in_path("name", "A vocabulary.", books[0], books)
    return {"/timemap/{name}": operations.get("The versions of a vocabulary in time.", found, [name])}


_WHEN = "Sat, 31 Jan 2026 12:00:00 GMT"
_THEN = {"302": SEE["303"] | {"description": "The way to the version that was current at that time."}}


def _vocabulary(library: Library, book: vocabulary.Vocabulary) -> Said:
    title = library.label(BASE + book.path) + "."
    formats = (*vocabulary.FORMATS, media.HTML)
    types = operations.types(formats)
    in_a_format = operations.get(title, operations.found(types) | MISSING, [operations.suffix(formats)])
    when = in_header(memento.ACCEPT, "A time, for the version that was current then (RFC 7089).", _WHEN)
    words = in_query("q", "Only the terms with these words in a name, in the page.", "exosome")
    asked = [when, words] if book.searched else [when]
    return {
        f"/{book.path}": operations.get(title, operations.chosen(types) | _THEN | MALFORMED, asked),
        f"/{book.path}/{files.version()}": operations.get(title, operations.chosen(types)),
        f"/{book.path}.{{suffix}}": in_a_format,
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
                said |= _kind(f"/{name}", library.label(BASE + name) + ".", "", "")
    return said


def _kind(path: str, summary: str, kind: str, example: str) -> Said:
    formats = (*NANOPUBLICATION, media.HTML) if kind == "np/" else _DOCUMENTS
    name = [in_path("name", "The last part of its IRI.", example)] if example else []
    found = operations.found(operations.types(formats)) | MISSING
    document = operations.get(f"Document: {summary}", found, [*name, operations.suffix(formats)])
    thing = operations.get(summary, SEE | MISSING | UNACCEPTABLE, name)
    return {path: thing, f"{path}.{{suffix}}": document}
