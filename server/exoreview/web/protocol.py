"""The SPARQL 1.1 protocol, for queries: /sparql."""

import json
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from functools import cached_property
from threading import BoundedSemaphore
from typing import Any
from urllib.parse import parse_qsl

from flask import Blueprint, Response, render_template, request
from pyoxigraph import NamedNode

from exoreview import media
from exoreview.media import Format
from exoreview.release import dumps
from exoreview.sparql import querytext
from exoreview.sparql.engine import Answer, Engine, Question
from exoreview.sparql.outcomes import Busy, QueryError, Stopped, TooLarge
from exoreview.web import responses, service

FORM, QUERY, UPDATE = (
    "application/x-www-form-urlencoded",
    "application/sparql-query",
    "application/sparql-update",
)

# A browser shows so many rows; all of them are one click away in another format.
_ROWS_SHOWN = 1000
_MOST_PARAMETERS = 1000
_METHODS = ["GET", "HEAD", "POST"]


def blueprint(
    engine: Engine,
    settings: Mapping[str, Any],
    *,
    graphs: Mapping[str, int],
    size: int,
    dated: datetime | None,
) -> Blueprint:
    """The endpoint over an engine; `graphs` are the named graphs with their sizes, for the description."""
    endpoint = Endpoint(engine, settings, graphs, size, dated)
    routes = Blueprint("protocol", __name__)
    routes.add_url_rule("/sparql", "sparql", endpoint.answer, methods=_METHODS)
    routes.add_url_rule("/update", "update", _refuse_update, methods=[*_METHODS, "PUT", "DELETE", "PATCH"])
    return routes


def _refuse_update() -> Response:
    raise responses.fault(403, "The data is read-only here; updates are refused.")


class Endpoint:
    """Answers requests to /sparql."""

    def __init__(self, engine, settings, graphs, size, dated):
        self.engine, self.settings, self.graphs = engine, settings, graphs
        self.size, self.dated = size, dated
        threads = settings["WEB_THREADS"]
        self.gate = BoundedSemaphore(threads - max(1, threads // 8))

    def answer(self) -> Response:
        """A query's result, or without a query the form for a browser and the description for others."""
        # Of other people's data the description asks the engine too, so it goes through the gate.
        if self.graphs and not request.query_string and request.method in ("GET", "HEAD"):
            return self._described()
        # Nobody waits here: the threads beyond the gate are for those that ask no query.
        if not self.gate.acquire(blocking=False):
            raise responses.fault(
                503, "Too many queries are waiting; try again in a moment.", headers={"Retry-After": "1"}
            )
        try:
            return self._answered(self._parameters())
        finally:
            self.gate.release()

    def _answered(self, pairs: list[tuple[str, str]]) -> Response:
        if not pairs and request.method in ("GET", "HEAD"):
            return self._described()
        text = _query(pairs)
        if len(text.encode("utf-8", "surrogatepass")) > self.settings["QUERY_MAX_BYTES"]:
            raise self._too_long()
        seen = querytext.scan(text)
        format = _format(pairs, seen.form)
        question = Question(
            text,
            _engine_format(format, seen.form),
            tuple(value for name, value in pairs if name == "default-graph-uri"),
            tuple(value for name, value in pairs if name == "named-graph-uri"),
        )
        answer = self._asked(question)
        if format is media.HTML:
            return self._page(answer, text)
        return responses.reply(
            answer.body,
            format.content_type if format else answer.format.content_type,
            dated=self.dated,
            negotiated=True,
            caching=responses.RESULT,
        )

    def _asked(self, question: Question) -> Answer:
        try:
            return self.engine.query(question)
        except QueryError as error:
            raise _wrong(error, question.text) from None
        except Busy as error:
            raise responses.fault(
                503, str(error), headers={"Retry-After": "1"}, query=question.text
            ) from None
        except TooLarge as error:
            raise responses.fault(413, str(error), query=question.text) from None
        except Stopped as error:
            raise responses.fault(503, str(error), query=question.text) from None

    def _too_long(self):
        limit = f"The query is longer than {self.settings['QUERY_MAX_BYTES']:,} bytes, the limit here."
        return responses.fault(413 if request.method == "POST" else 414, limit)

    def _parameters(self) -> list[tuple[str, str]]:
        """Every parameter, wherever the protocol allows it, strictly as UTF-8."""
        pairs = _decoded(request.query_string, "address")
        if request.method != "POST":
            return _checked(pairs)
        kind = request.mimetype
        if kind == UPDATE:
            raise responses.fault(403, "The data is read-only here; updates are refused.")
        if kind not in (FORM, QUERY):
            said = f"not {kind}" if kind else "and the request names none"
            raise responses.fault(415, f"A query is posted as {FORM} or {QUERY}, {said}.")
        charset = request.mimetype_params.get("charset", "utf-8").lower()
        if charset not in ("utf-8", "utf8", "us-ascii"):
            raise responses.fault(415, f"A query is read in UTF-8, not in {charset}.")
        # A form needs up to three bytes for one of the query.
        body = self._body(3 * self.settings["QUERY_MAX_BYTES"] + 10_000)
        if kind == FORM:
            return _checked(pairs + _decoded(body, "form"))
        if any(name == "query" for name, _ in pairs):
            raise responses.fault(400, "There are two queries, one in the address and one in the body.")
        try:
            return _checked([*pairs, ("query", body.decode("utf-8"))])
        except UnicodeDecodeError as error:
            raise responses.fault(400, f"The query is not UTF-8 (byte {error.start + 1}).") from None

    def _body(self, limit: int) -> bytes:
        if (request.content_length or 0) > limit:
            raise self._too_long()
        body = request.stream.read(limit + 1)
        if len(body) > limit:
            raise self._too_long()
        return body

    def _described(self) -> Response:
        format = responses.chosen((*media.RDF, media.HTML), media.TURTLE)
        if format is media.HTML:
            page = render_template("sparql.html", query="", graphs=self.graphs)
            return responses.reply(page, format.content_type, dated=self.dated, negotiated=True)
        facts = service.description(request.base_url, self.size, self._named_graphs())
        triples = dumps.canonical({"": facts})[""]
        return responses.reply(
            dumps.write_graph(triples, format, ["What this SPARQL endpoint can do."]),
            format.content_type,
            dated=self.dated,
            negotiated=True,
        )

    def _named_graphs(self) -> Mapping[str, int]:
        """The named graphs with their sizes; none where the engine cannot count them in its time."""
        with suppress(Stopped):
            return self.graphs or self._counted
        return {}

    @cached_property
    def _counted(self) -> dict[str, int]:
        """The named graphs of other people's data, as the engine counts them; kept only once it could."""
        question = Question(
            "SELECT ?graph (COUNT(*) AS ?size) { GRAPH ?graph { ?s ?p ?o } } GROUP BY ?graph ORDER BY ?graph",
            media.RESULTS_JSON,
        )
        rows = json.loads(self.engine.query(question).body)["results"]["bindings"]
        named = [row for row in rows if row.get("graph", {}).get("type") == "uri"]
        return {row["graph"]["value"]: int(row["size"]["value"]) for row in named}

    def _page(self, answer: Answer, query: str) -> Response:
        shown: dict[str, Any] = {"query": query, "graphs": self.graphs}
        if answer.format is media.TURTLE:
            shown["graph"] = answer.body.decode()
        else:
            result = json.loads(answer.body)
            rows = result.get("results", {}).get("bindings", [])
            shown |= {
                "boolean": result.get("boolean"),
                "variables": result["head"].get("vars", []),
                "rows": [{name: _cell(term) for name, term in row.items()} for row in rows[:_ROWS_SHOWN]],
                "count": len(rows),
            }
        page = render_template("sparql.html", **shown)
        return responses.reply(
            page, media.HTML.content_type, dated=self.dated, negotiated=True, caching=responses.RESULT
        )


def _cell(node: dict[str, Any]) -> dict[str, Any]:
    """A term of a result as the table shows it: a triple term in words, and a link only to a web address."""
    if node["type"] == "triple":
        parts = (_cell(node["value"][part])["value"] for part in ("subject", "predicate", "object"))
        return {"type": "triple", "value": f"<<( {' '.join(parts)} )>>"}
    if node["type"] == "uri" and not node["value"].startswith(("http://", "https://")):
        return {"type": "address", "value": node["value"]}
    return node


def _decoded(data: bytes, place: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(
            data.decode("utf-8"), keep_blank_values=True, errors="strict", max_num_fields=_MOST_PARAMETERS
        )
    except UnicodeDecodeError:
        raise responses.fault(400, f"The parameters in the {place} are not UTF-8.") from None
    except ValueError:
        raise responses.fault(400, f"There are too many parameters in the {place}.") from None


def _checked(pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    names = [name for name, _ in pairs]
    if "update" in names:
        raise responses.fault(403, "The data is read-only here; updates are refused.")
    if names.count("query") > 1:
        raise responses.fault(400, "The parameter query is there more than once.")
    if any(name.startswith("using-") and name.endswith("graph-uri") for name in names):
        raise responses.fault(400, "using-graph-uri belongs to updates; a query has default-graph-uri.")
    for name, value in pairs:
        if name in ("default-graph-uri", "named-graph-uri"):
            _require_iri(name, value)
    return pairs


def _require_iri(name: str, value: str) -> None:
    try:
        NamedNode(value)
    except ValueError:
        raise responses.fault(400, f"The parameter {name} is no absolute IRI: “{value}”.") from None


def _query(pairs: list[tuple[str, str]]) -> str:
    for name, value in pairs:
        if name == "query":
            return value
    raise responses.fault(400, "The parameter query is missing.")


def _format(pairs: list[tuple[str, str]], form: str | None) -> Format | None:
    """The format of the answer; the parameter `format`, for where no header can be set, wins if it fits."""
    if form not in querytext.FORMS:
        return None
    carried = querytext.FORMS[form]
    offered = (*(media.RDF if carried == media.GRAPH else media.RESULTS), media.HTML)
    for name, value in pairs:
        if name == "format" and media.BY_NAME.get(value) in offered:
            return media.BY_NAME[value]
    return responses.chosen(offered)


def _engine_format(format: Format | None, form: str | None) -> Format | None:
    if format is None or format.engine:
        return format
    return media.TURTLE if querytext.FORMS[form] == media.GRAPH else media.RESULTS_JSON


def _wrong(error: QueryError, text: str):
    """A query's mistake with the line where it is, as 400."""
    lines = text.splitlines() or [""]
    line = lines[error.line - 1] if error.line and error.line <= len(lines) else None
    return responses.fault(
        400,
        error.message,
        line=error.line,
        column=error.column,
        text=line,
        hint=error.hint,
        query=text,
    )
