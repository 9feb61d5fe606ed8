"""The engine behind `--engine`: any SPARQL 1.1 endpoint, its answers read and written anew as they arrive.

The endpoint is asked in the formats that every one has; what it sends passes through a parser and a
serialiser, so each format works, memory stays flat, and an answer that is cut off or malformed is noticed.
"""

import io
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, BinaryIO

from pyoxigraph import (
    DefaultGraph,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    Store,
    parse,
    parse_query_results,
    serialize,
)

from exoreview import diagnosis, media
from exoreview.federation.wellformed import Malformed, whole
from exoreview.media import Format
from exoreview.remote import refusals, virtuoso
from exoreview.remote.clock import Clock
from exoreview.remote.exchange import Endpoint, Reply
from exoreview.sparql import querytext
from exoreview.sparql.engine import Question, examine
from exoreview.sparql.outcomes import TooLarge
from exoreview.sparql.waiting import out_of_time

# What is asked for, the best first: N-Triples is parsed line by line, JSON keeps every character of a text.
_RESULTS = (media.RESULTS_JSON, media.RESULTS_XML)
_GRAPHS = (media.NTRIPLES, media.TURTLE, media.RDFXML)

# So much is read at most before a row of it, or some rows, are complete.
_UNFINISHED_BYTES = 1 << 25


class Remote:
    """A SPARQL endpoint somewhere else, as an engine; may be asked by several threads at once."""

    def __init__(self, url: str, settings: Mapping[str, Any]):
        """Refuses what is no address with http or https; connects to nothing yet."""
        self.endpoint = Endpoint(url)
        self.name = f"the SPARQL endpoint {self.endpoint.url}"
        self.timeout, self.max_nesting = settings["QUERY_TIMEOUT_S"], settings["QUERY_MAX_NESTING"]
        self.unfinished = min(settings["RESULT_MAX_BYTES"], _UNFINISHED_BYTES)
        self.limit = virtuoso.GraphLimit()

    def write(self, question: Question, out: BinaryIO) -> None:
        """Write the whole answer; raises QueryError or Stopped, and what was written then is none.

        While nothing comes, `out` is written nothing, so that it can end the wait.
        """
        seen = examine(question.text, self.max_nesting)
        _require_standard(question.text, seen)
        clock = Clock(self.timeout, partial(out_of_time, self.timeout), partial(out.write, b""))
        self._convert(question, seen, out, clock)

    def close(self) -> None:
        """Close all connections to the endpoint."""
        self.endpoint.close()

    def _convert(self, question: Question, seen: querytext.Scan, out: BinaryIO, clock: Clock) -> None:
        carried = querytext.FORMS[seen.form]
        offered = _GRAPHS if carried == media.GRAPH else _RESULTS
        accept = ", ".join(f"{each.media_type};q={1 - place / 10}" for place, each in enumerate(offered))
        with self.endpoint.asked(_form(question), accept, clock) as reply:
            if reply.status != 200:
                raise refusals.refusal(self.endpoint, reply)
            virtuoso.require_complete(self.endpoint, reply, question.text)
            format = self._format(reply, offered)
            flow = _Flow(self._checked(reply, format), out, self.unfinished)
            try:
                if carried == media.GRAPH:
                    triples = _graph(flow, format, question.format, seen.prefixes)
                else:
                    _results(flow, format, question.format, carried)
                flow.drain()
            except (SyntaxError, ValueError, OSError, Malformed) as error:
                raise self.endpoint.unreachable(_malformed(format, error)) from None
        if carried == media.GRAPH and virtuoso.is_one(reply):
            self.limit.require_more_than(triples, self._triples, self.endpoint, clock)

    def _triples(self, text: str, clock: Clock) -> int:
        """How many triples the endpoint sends for a CONSTRUCT."""
        with self.endpoint.asked([("query", text)], media.NTRIPLES.media_type, clock) as reply:
            if reply.status != 200:
                raise self.endpoint.unreachable("does not let find out how long a graph it sends at most")
            flow = _Flow(reply.pieces, io.BytesIO(), self.unfinished)
            return sum(1 for _ in parse(flow, format=media.NTRIPLES.engine))

    def _format(self, reply: Reply, offered: tuple[Format, ...]) -> Format:
        """What the endpoint says that it sends."""
        said = reply.headers.get("content-type", "").partition(";")[0].strip().lower()
        for format in offered:
            if said in (format.media_type, *format.aliases):
                break
        else:
            kind = f"with {said}" if said else "without saying in which format"
            raise self.endpoint.unreachable(f"answers {kind}, not with {media.listed(offered)}")
        # Lines and sentences that are missing at the end are missed by nobody.
        if format in (media.NTRIPLES, media.TURTLE) and not reply.framed:
            raise self.endpoint.unreachable(f"does not say where its answer in {format.title} ends")
        return format

    def _checked(self, reply: Reply, format: Format) -> Iterator[bytes]:
        """The body as the parser is to have it."""
        if format.engine == QueryResultsFormat.JSON and virtuoso.is_one(reply):
            return virtuoso.renamed(reply.pieces)
        return whole(reply.pieces) if format in (media.RESULTS_XML, media.RDFXML) else reply.pieces


def _require_standard(text: str, seen: querytext.Scan) -> None:
    """Let through a query of SPARQL 1.1 and nothing else: no pragma, nothing after the query."""
    try:
        # Parsed, it is refused for its arguments, before anything is planned or evaluated.
        Store().query(text, use_default_graph_as_union=True, default_graph=DefaultGraph())
    except SyntaxError as error:
        raise diagnosis.syntax_error(text, str(error), seen) from None
    except ValueError:
        return
    raise AssertionError("the parser has evaluated a query")


def _form(question: Question) -> list[tuple[str, str]]:
    return [
        ("query", question.text),
        *(("default-graph-uri", iri) for iri in question.default_graphs),
        *(("named-graph-uri", iri) for iri in question.named_graphs),
    ]


def _graph(flow: "_Flow", format: Format, wanted: Format, prefixes: dict[str, str]) -> int:
    """Write a graph anew, and count its triples."""
    count = 0

    def triples():
        nonlocal count
        for quad in parse(flow, format=format.engine):
            count += 1
            yield quad.triple

    serialize(triples(), flow, format=wanted.engine, prefixes=prefixes)
    return count


def _results(flow: "_Flow", format: Format, wanted: Format, carried: str) -> None:
    """Write bindings or a boolean anew."""
    results = parse_query_results(flow, format=format.engine)
    try:
        if carried == media.BOOLEAN and isinstance(results, QuerySolutions):
            results = virtuoso.boolean(results)
        if isinstance(results, QueryBoolean) != (carried == media.BOOLEAN):
            raise Malformed("it answers another kind of question")
        results.serialize(flow, format=wanted.engine)
    finally:
        # What a traceback keeps may be thrown away by another thread, and this must not be.
        del results


def _malformed(format: Format, error: Exception) -> str:
    """What is wrong with an answer, as the rest of a sentence."""
    said = str(error.args[0] if error.args else error).strip().splitlines()[0].rstrip(".")
    return f"sends what is no whole {format.title} ({said})"


class _Flow:
    """Both ends of a conversion: a file to read the endpoint's answer from, and one to write ours to."""

    def __init__(self, pieces: Iterator[bytes], out: BinaryIO, unfinished: int):
        self.pieces, self.out, self.unfinished = pieces, out, unfinished
        self.piece, self.waiting = memoryview(b""), 0

    def read(self, size: int = -1) -> bytes:
        """At most so many bytes, at least one unless the end is reached."""
        while not self.piece:
            piece = next(self.pieces, None)
            if piece is None:
                return b""
            self.piece = memoryview(piece)
            self.waiting += len(piece)
            if self.waiting > self.unfinished:
                raise TooLarge(f"A row of the result is longer than {self.unfinished:,} bytes.")
        size = len(self.piece) if size < 0 else size
        taken, self.piece = self.piece[:size], self.piece[size:]
        return bytes(taken)

    def write(self, data: bytes) -> int:
        """Pass on a part of our answer."""
        self.waiting = 0
        return self.out.write(data)

    def flush(self) -> None:
        """What is held back is held by the one who is written to."""

    def drain(self) -> None:
        """Read to the end, which tells whether the answer was whole."""
        while self.read(1 << 16):
            pass
