"""What Virtuoso does in its own way: results that it cuts short, booleans, names of blank nodes."""

import re
from collections.abc import Callable, Iterable, Iterator
from math import isqrt

from pyoxigraph import QueryBoolean, QueryResultsFormat, QuerySolutions, parse_query_results

from exoreview.remote.clock import Clock
from exoreview.remote.exchange import Endpoint, Reply
from exoreview.sparql.outcomes import Timeout, TooLarge

_BOOLEAN = "__ASK_RETVAL"
_LEAST_PROBE = 32

# A blank node's name is written as an address, which no name may be. In a text the quotes would be escaped.
_NODE = re.compile(rb'("type"\s*:\s*"bnode"\s*,\s*"value"\s*:\s*")nodeID://')
_LONGEST_NODE = 64

# LIMIT at the end of a query, in no comment.
_LIMIT = re.compile(r"^[^#\n]*\bLIMIT\s+(\d+)(?:\s+OFFSET\s+\d+)?\s*\Z", re.MULTILINE | re.IGNORECASE)


def is_one(reply: Reply) -> bool:
    """Whether the endpoint is a Virtuoso."""
    return reply.headers.get("server", "").startswith("Virtuoso")


def require_complete(endpoint: Endpoint, reply: Reply, text: str) -> None:
    """Refuse a result of bindings that Virtuoso says it has cut short: for its length, or for its time."""
    if "x-sql-state" in reply.headers or "x-sql-message" in reply.headers:
        raise Timeout(
            f"The endpoint {endpoint.url} ran out of time and sent a part of the result; narrow it down."
        )
    most = reply.headers.get("x-sparql-maxrows", "")
    if most.isdigit():
        # As many rows as the query itself wants are no part of more.
        limit = _LIMIT.search(text)
        if not limit or int(limit[1]) > int(most):
            raise _cut(endpoint, int(most), "rows")


def renamed(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """SPARQL JSON results with proper names for blank nodes."""
    held = b""
    for piece in pieces:
        held = _NODE.sub(rb"\1", held + piece)
        # The start of one may stand at the end.
        ready = max(len(held) - _LONGEST_NODE, 0)
        yield held[:ready]
        held = held[ready:]
    yield held


def boolean(results: QuerySolutions) -> QueryBoolean | QuerySolutions:
    """The answer to ASK, which may be a table with the one cell 1, or with no row."""
    try:
        if [variable.value for variable in results.variables] != [_BOOLEAN]:
            return results
        true = any(row[_BOOLEAN] is not None and row[_BOOLEAN].value in ("1", "true") for row in results)
    finally:
        # As in `remote`: no traceback may keep it.
        del results
    said = b'{"head": {}, "boolean": true}' if true else b'{"head": {}, "boolean": false}'
    return parse_query_results(said, format=QueryResultsFormat.JSON)


class GraphLimit:
    """How many triples a Virtuoso sends at most for CONSTRUCT and DESCRIBE, of which it says nothing.

    It is found out by a CONSTRUCT of so many triples that one that is cut short shows it.
    """

    def __init__(self):
        self.free, self.most = 0, None

    def require_more_than(
        self, count: int, asked: Callable[[str, Clock], int], endpoint: Endpoint, clock: Clock
    ) -> None:
        """Raise TooLarge where a graph of so many triples may have been cut short.

        `asked` gives the number of triples that the endpoint sends for a CONSTRUCT.
        """
        if self.most is None and count > self.free:
            side = max(_LEAST_PROBE, isqrt(2 * count) + 1)
            found = asked(_square(side), clock)
            if found < side * side:
                self.most = found
            else:
                self.free = found
        if self.most is not None and count >= self.most:
            raise _cut(endpoint, self.most, "triples")


def _square(side: int) -> str:
    """A query for the square of so many triples, whatever the data."""
    subjects = " ".join(f"<urn:x:{number}>" for number in range(side))
    objects = " ".join(str(number) for number in range(side))
    return f"CONSTRUCT {{ ?s <urn:x:p> ?o }} WHERE {{ VALUES ?s {{ {subjects} }} VALUES ?o {{ {objects} }} }}"


def _cut(endpoint: Endpoint, most: int, what: str) -> TooLarge:
    return TooLarge(
        f"The endpoint {endpoint.url} ends a result after {most:,} {what}, and this one is longer; "
        "add LIMIT and OFFSET, or ask for less."
    )
