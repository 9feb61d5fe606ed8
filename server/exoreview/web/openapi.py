"""OpenAPI 3.1 of the addresses, from the tables of the server: formats, kinds of things, downloads."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence

from exoreview import citing, files, media
from exoreview.release import CATALOG, CHECKSUMS
from exoreview.terms import BASE, DATASET, PREFIXES, local_path
from exoreview.web import memento, operations, schemas, vocabulary
from exoreview.web.describe import Library
from exoreview.web.operations import MALFORMED, MISSING, SEE, UNACCEPTABLE, Said, in_header, in_path, in_query
from exoreview.web.pages import NANOPUBLICATION

_RESULTS = (*media.RESULTS, *media.RDF, media.HTML)
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
    paths |= _things(library) | _answers(library) | _timemaps() | _sparql()
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


_QUERY = {"type": "string", "contentMediaType": "application/sparql-query"}
_GRAPH = {"type": "array", "items": {"type": "string", "format": "uri"}}
_REFUSED = UNACCEPTABLE | {
    "400": operations.problem("The query is malformed; line, column and a hint are said."),
    "403": operations.problem("An update."),
    "413": operations.problem("The query or its result is too long."),
    "502": operations.problem(
        "Another endpoint that answers for this one, or that is asked by SERVICE, fails."
    ),
    "503": operations.problem("The query took too long or too much, or too many are waiting."),
}
_BY_ADDRESS = {"414": operations.problem("The query is too long for an address: post it.")}
_BY_BODY = {
    "408": operations.problem("The query did not arrive in time."),
    "415": operations.problem("A body that is no query."),
}


def _answers(library: Library) -> Said:
    """The answers of the example queries, beside their descriptions; a page of them is the editor's."""
    iri = min(library.subjects("rdf:type", _SELECTS))
    name = in_path("name", "The name of an example query.", local_path(iri).rpartition("/")[2])
    formats = (*media.RESULTS, *media.RDF)
    found = operations.found(operations.types(formats), {media.RESULTS_JSON.media_type: "Results"})
    stopped = {status: said for status, said in _REFUSED.items() if status != "406"} | MISSING
    described = operations.found(operations.types((*formats, media.HTML))) | stopped
    suffixes = operations.suffix((*media.RDF, *media.RESULTS, media.HTML))
    title = "An example query, or with the suffix of a table its answer."
    return {
        "/query/{name}.{suffix}": operations.get(title, described, [name, suffixes]),
        "/query/{name}/result": operations.get(
            _ANSWER, found | SEE | MISSING | _REFUSED, [name, operations.in_format((*formats, media.HTML))]
        ),
        "/query/{name}/result.{suffix}": operations.get(
            _ANSWER, found | stopped, [name, operations.suffix(formats)]
        ),
    }


_SELECTS = PREFIXES["sh"] + "SPARQLSelectExecutable"
_ANSWER = "The answer of an example query; its parameters, which its page lists, may have other values."


def _sparql() -> Said:
    query = in_query("query", "A query; without any parameter, the description.", "ASK {}")
    graphs = [
        {"name": name, "in": "query", "description": "The IRI of a graph to ask.", "schema": _GRAPH}
        for name in ("default-graph-uri", "named-graph-uri")
    ]
    parameters = [*graphs, operations.in_format(_RESULTS)]
    found = operations.found(operations.types(_RESULTS), {media.RESULTS_JSON.media_type: "Results"})
    title = "A query of SPARQL 1.1, or the description of the endpoint."
    asked = [query | {"schema": _QUERY}, *parameters]
    fields = {"type": "object", "required": ["query"], "properties": {"query": _QUERY}}
    posted = {
        "summary": "A query of SPARQL 1.1.",
        "parameters": parameters,
        "requestBody": {
            "required": True,
            "content": {
                "application/x-www-form-urlencoded": {"schema": fields},
                "application/sparql-query": {"schema": _QUERY},
            },
        },
        "responses": found | _REFUSED | _BY_BODY,
    }
    return {"/sparql": operations.get(title, found | _REFUSED | _BY_ADDRESS, asked) | {"post": posted}}
