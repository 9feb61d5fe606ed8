"""SERVICE under control: what a query asks of other endpoints is asked for it, before it is evaluated.

A query process can open nothing. It hands each SERVICE as a query of its own to the server's relay, which
asks the endpoints that are allowed; the answers then stand in the query as data. So each pattern is asked
once, as SPARQL defines it: alone, without the bindings found here.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pyoxigraph import NamedNode, Store

from exoreview.federation import inline
from exoreview.federation.calls import MOST_CALLS, Call, Reply
from exoreview.federation.inline import Terms, Unusable
from exoreview.sparql import querytext
from exoreview.sparql.outcomes import QueryError, ServiceFailed
from exoreview.sparql.querytext import Scan, Service

_PLACE = re.compile(r"error at (\d+):(\d+)")
# An endpoint that the engine's parser takes and that cannot be asked.
_NOWHERE = "<x:>"


@dataclass(frozen=True)
class Rewritten:
    """A query without SERVICE, and the functions that it calls."""

    text: str
    functions: dict[NamedNode, Callable]


class Federation:
    """Answers the SERVICEs of a query by asking `ask`, which gets all calls of a query at once."""

    def __init__(self, allowed: Sequence[str], ask: Callable[[Sequence[Call]], Sequence[Reply]]):
        self.allowed, self.ask = tuple(allowed), ask
        # Queries are read, not answered, over a store of nothing.
        self.nothing = Store()

    def rewritten(self, text: str, seen: Scan) -> Rewritten:
        """The query with answers in place of its SERVICEs.

        Raises QueryError where a SERVICE may not be asked, or fails without SILENT; SyntaxError where the
        query is wrong, as the engine does, with the place in `text`. Nothing is asked before both are known.
        """
        _require_plain(text, seen)
        self._require_syntax(text, seen.services)
        prologue = text[: seen.form_at]
        addresses = self._addresses(text, prologue, seen.services)
        calls, variables = [], []
        for service, address in zip(seen.services, addresses, strict=True):
            pattern = text[service.opens : service.closes]
            columns = self._variables(text, prologue, service, pattern)
            projection = " ".join(f"?{name}" for name in columns) or "*"
            calls.append(Call(address, f"{prologue}SELECT {projection} WHERE {pattern}"))
            variables.append(columns)
        asked = list(dict.fromkeys(calls))
        replies = dict(zip(asked, self.ask(asked) if asked else (), strict=True))
        terms = Terms()
        pieces = []
        for service, call, columns in zip(seen.services, calls, variables, strict=True):
            block = _block(text, service, call.endpoint, replies[call], columns, terms)
            pieces.append((service.at, service.closes, block))
        return Rewritten(_replaced(text, pieces), terms.functions())

    def _require_syntax(self, text: str, services: list[Service]) -> None:
        """Read the whole query as it stands, but with endpoints that lead nowhere."""
        pieces = [(service.starts, service.ends, _NOWHERE) for service in services]
        tried = _replaced(text, pieces)
        try:
            self.nothing.query(tried)
        except SyntaxError as error:
            raise SyntaxError(_moved(str(error), text, tried, pieces)) from None
        except (OSError, RuntimeError, ValueError):
            # ASK is evaluated at once, and may come to its SERVICE.
            return

    def _addresses(self, text: str, prologue: str, services: list[Service]) -> list[str]:
        """The endpoints as the engine resolves them by BASE and prefixes, all of them allowed."""
        found = []
        for service in services:
            try:
                [row] = self.nothing.query(f"{prologue}SELECT ({service.endpoint} AS ?endpoint) {{}}")
            except SyntaxError:
                line, column = querytext.position(text, service.starts)
                raise SyntaxError(
                    f"error at {line}:{column}: The endpoint of this SERVICE cannot be resolved"
                ) from None
            found.append(row["endpoint"].value)
            if found[-1] not in self.allowed:
                raise _refused(
                    text,
                    service,
                    f"SERVICE may not ask <{found[-1]}> here.",
                    "It may ask " + ", ".join(f"<{iri}>" for iri in self.allowed) + ".",
                )
        return found

    def _variables(self, text: str, prologue: str, service: Service, pattern: str) -> list[str]:
        """The variables that the pattern binds outside itself."""
        try:
            found = self.nothing.query(f"{prologue}SELECT * {pattern}").variables
        except SyntaxError:
            raise _refused(text, service, "The pattern of this SERVICE is no query by itself.") from None
        return sorted(variable.value for variable in found)


def _require_plain(text: str, seen: Scan) -> None:
    """Refuse what no endpoint could be asked for."""
    if seen.ambiguous:
        raise QueryError(
            "The query hides a SERVICE or its endpoint behind \\u escapes.",
            hint="Write the characters themselves.",
        )
    for service in seen.services:
        if service.endpoint[0] in "?$":
            raise _refused(
                text,
                service,
                f"SERVICE {service.endpoint} would ask whatever the data names.",
                "Name the endpoint itself.",
            )
        if service.nested:
            raise _refused(
                text,
                service,
                "A SERVICE inside a SERVICE would have the other endpoint ask a third one.",
                "Put it beside the other SERVICE.",
            )
    if len(seen.services) > MOST_CALLS:
        raise _refused(
            text, seen.services[MOST_CALLS], f"The query has more than {MOST_CALLS} SERVICEs, the limit here."
        )


def _refused(text: str, service: Service, message: str, hint: str = "") -> QueryError:
    return QueryError(message, *querytext.position(text, service.at), hint=hint)


def _replaced(text: str, pieces: Sequence[tuple[int, int, str]]) -> str:
    """The text with some of its slices, in order, replaced."""
    parts, end = [], 0
    for start, stop, new in pieces:
        parts += [text[end:start], new]
        end = stop
    return "".join([*parts, text[end:]])


def _moved(message: str, text: str, tried: str, pieces: Sequence[tuple[int, int, str]]) -> str:
    """The parser's message with the place in the text that pieces of it were replaced in."""
    match = _PLACE.search(message)
    if not match:
        return message
    line, column = int(match[1]), int(match[2])
    offset = sum(len(each) + 1 for each in tried.split("\n")[: line - 1]) + column - 1
    for start, stop, new in pieces:
        if offset < start:
            break
        # An error in a piece, or within the piece's length after it, is one at its start.
        offset = start if offset < start + len(new) else offset - len(new) + stop - start
    line, column = querytext.position(text, offset)
    return f"{message[: match.start()]}error at {line}:{column}{message[match.end() :]}"


def _block(
    text: str, service: Service, endpoint: str, reply: Reply, variables: list[str], terms: Terms
) -> str:
    """What stands in place of a SERVICE."""
    try:
        if reply.failure:
            raise Unusable(reply.failure)
        return inline.data(reply, variables, terms)
    except Unusable as error:
        if service.silent:
            return inline.nothing(variables)
        message = f"SERVICE <{endpoint}> failed: it {error}."
        raise ServiceFailed(message, *querytext.position(text, service.at)) from None
