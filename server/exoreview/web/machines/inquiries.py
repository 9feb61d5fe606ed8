"""The operations of an OpenAPI description that answer queries: the endpoint, and the example queries."""

from exoreview import media
from exoreview.terms import PREFIXES, local_path
from exoreview.web.machines import operations
from exoreview.web.machines.operations import MISSING, SEE, UNACCEPTABLE, Said, in_path, in_query
from exoreview.web.things.describe import Library

_RESULTS = (*media.RESULTS, *media.RDF, media.HTML)
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


def answers(library: Library) -> Said:
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


def sparql() -> Said:
    """The endpoint: a query in the address or in a body."""
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
