"""A case of a query over HTTP: the requests, and what is wrong with the answers."""

from dataclasses import dataclass
from http.client import HTTPConnection
from urllib.parse import urlsplit

from pyoxigraph import QueryResultsFormat, QueryTriples, Store

from conformance import comparison, results
from conformance.manifests import EVALUATION, POSITIVE, Case
from conformance.results import Table, Triples

SECONDS = 60
QUERY = "application/sparql-query"

# The formats that are asked for: what a file of results is in, else two that keep every term.
TABLES = {
    "json": "application/sparql-results+json",
    "xml": "application/sparql-results+xml",
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
}
GRAPHS = {"n-triples": "application/n-triples", "turtle": "text/turtle", "rdf+xml": "application/rdf+xml"}

# Of a test of syntax only this is expected; of an evaluation, a result.
TAKEN, REFUSED = "taken", "refused"
Due = results.Result | str


@dataclass(frozen=True)
class Reply:
    """An answer to a request; `media_type` without its parameters."""

    status: int
    media_type: str
    body: bytes

    def __str__(self) -> str:
        return f"{self.status} {self.media_type}: {self.body[:300].decode('utf-8', 'replace').strip()}"


def send(address: str, method: str, path: str, headers=(), body: bytes | None = None) -> Reply:
    """One request, with no header but those given and what HTTP itself needs."""
    connection = HTTPConnection(urlsplit(address).netloc, timeout=SECONDS)
    try:
        connection.request(method, path, body, dict(headers))
        response = connection.getresponse()
        kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        return Reply(response.status, kind, response.read())
    finally:
        connection.close()


def due(case: Case) -> Due:
    """What must come back of a case."""
    if case.kind == EVALUATION:
        return results.read_file(case.result, case.base)
    return TAKEN if case.kind == POSITIVE else REFUSED


def wrong(case: Case, address: str, expected: Due) -> str | None:
    """What is wrong with the answers to a case where something is expected, or None."""
    if isinstance(expected, str):
        reply = _ask(address, case, "*/*")
        right = reply.status == (200 if expected == TAKEN else 400)
        return None if right else f"the query must be {expected}; the answer is {reply}"
    for format, media_type in _formats(case, expected).items():
        reply = _ask(address, case, media_type)
        if (reply.status, reply.media_type) != (200, media_type):
            return f"asked for {media_type}: {reply}"
        try:
            actual = results.read(reply.body, format)
        except ValueError as error:
            return f"the answer is no {media_type}: {error}"
        differs = unlike(case, actual, expected)
        if differs:
            return f"in {media_type} {differs}"
    return None


def unlike(case: Case, actual: Due, expected: Due) -> str | None:
    """What differs between two outcomes of a case, or None."""
    if isinstance(actual, str) or isinstance(expected, str):
        return None if actual is expected else f"the query is {actual if isinstance(actual, str) else TAKEN}"
    return comparison.difference(actual, expected, computed=case.computed, lax=case.lax)


def _formats(case: Case, expected: results.Result) -> dict[str, str]:
    if isinstance(expected, Triples):
        return GRAPHS
    suffix = case.result.suffix[1:]
    if suffix == "csv":
        return {suffix: TABLES[suffix]}
    return {format: TABLES[format] for format in TABLES if format in ("json", "xml", suffix)}


def _ask(address: str, case: Case, accept: str) -> Reply:
    headers = (("Content-Type", QUERY), ("Accept", accept))
    return send(address, "POST", "/sparql", headers, case.text().encode())


def alone(case: Case, store: Store) -> Due:
    """What comes back of a case from pyoxigraph itself, with no server around it."""
    try:
        answer = store.query(case.text())
        if case.kind != EVALUATION:
            return TAKEN
        if isinstance(answer, QueryTriples):
            return Triples([(triple.subject, triple.predicate, triple.object) for triple in answer])
        name = "csv" if case.result.suffix == ".csv" else "json"
        format = QueryResultsFormat.CSV if name == "csv" else QueryResultsFormat.JSON
        result = results.read(answer.serialize(format=format), name)
    except (SyntaxError, ValueError, RuntimeError, OSError):
        return REFUSED
    if isinstance(result, Table):
        result.indexed = getattr(due(case), "indexed", False)
    return result
