"""The cases of the SPARQL 1.1 protocol over HTTP, and what a read-only endpoint makes of updates."""

from urllib.parse import parse_qsl, urlsplit

from conformance import results
from conformance.asking import Reply, send
from conformance.manifests import Case, Request
from conformance.results import Table, Triples

# What each expected format may come as, and how it is read.
FORMATS = {
    "boolean": {"application/sparql-results+json": "json", "application/sparql-results+xml": "xml"},
    "tabular": {
        "application/sparql-results+json": "json",
        "application/sparql-results+xml": "xml",
        "text/csv": "csv",
        "text/tab-separated-values": "tsv",
    },
    "RDF": {"application/rdf+xml": "rdf+xml", "text/turtle": "turtle", "application/n-triples": "n-triples"},
}
KINDS = {"boolean": bool, "tabular": Table, "RDF": Triples}
REFUSED = (400, 403)


def wrong(case: Case, address: str) -> str | None:
    """What is wrong with the answers to a case, or None.

    An update that the case expects to work must be refused, and a query after it find nothing written.
    """
    written = False
    for number, request in enumerate(case.requests, 1):
        path = request.address.replace("/sparql/", "/sparql", 1)
        reply = send(address, request.method, path, request.headers, request.body)
        if _is_update(request) and "2xx" in request.statuses:
            written = True
            told = None if reply.status in REFUSED else "an update must be refused with 400 or 403"
        else:
            told = _told(request, reply, nothing=written)
        if told:
            return f"request {number}: {told}; the answer is {reply}"
    return None


def _is_update(request: Request) -> bool:
    """Whether a request is an update as the protocol has it: by media type or by parameter."""
    kinds = [value for name, value in request.headers if name.lower() == "content-type"]
    if any(kind.startswith("application/sparql-update") for kind in kinds):
        return True
    form = "application/x-www-form-urlencoded" in kinds and (request.body or b"").decode("utf-8", "replace")
    pairs = parse_qsl(urlsplit(request.address).query) + parse_qsl(form or "")
    return any(name == "update" for name, _ in pairs)


def _told(request: Request, reply: Reply, *, nothing: bool) -> str | None:
    if f"{reply.status // 100}xx" not in request.statuses:
        return f"the status must be one of {' '.join(sorted(request.statuses))}"
    if request.format is None:
        return None
    format = FORMATS[request.format].get(reply.media_type)
    if format is None:
        return f"the media type must be one of {' '.join(FORMATS[request.format])}"
    try:
        result = results.read(reply.body, format)
    except ValueError as error:
        return f"the answer is no {reply.media_type} ({error})"
    if not isinstance(result, KINDS[request.format]):
        return f"the answer is no {request.format}"
    due = False if nothing else request.boolean
    return f"the answer must be {due}".lower() if due is not None and result is not due else None
