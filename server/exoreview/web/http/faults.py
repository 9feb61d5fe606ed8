"""What is wrong with a request: an HTTP error with its sentence and, for JSON clients, its facts."""

from collections.abc import Iterable, Mapping

from werkzeug.exceptions import HTTPException, default_exceptions

from exoreview import media
from exoreview.media import Format
from exoreview.sparql import querytext
from exoreview.sparql.outcomes import Busy, NoRoom, QueryError, ServiceFailed, Stopped, TooLarge, Unreachable


def fault(status: int, sentence: str, *, headers: Mapping[str, str] | None = None, **facts) -> HTTPException:
    """An HTTP error; a fact that is None or empty is left out."""
    error = default_exceptions[status](description=sentence)
    error.facts = {name: value for name, value in facts.items() if value not in (None, "")}
    error.more_headers = dict(headers or {})
    return error


def chosen(accept: str | None, offered: Iterable[Format], default: Format | None = None) -> Format:
    """The offered format that an Accept header asks for, or 406 with the list of them."""
    offered = tuple(offered)
    format = media.negotiate(accept, offered, default)
    if format is None:
        raise fault(406, f"This is to be had as {media.listed(offered)}.", available=media.listed(offered))
    return format


def of_query(error: QueryError | Stopped, text: str) -> HTTPException:
    """Why a query has no answer: its own mistake with the line where it is, or the limit that it met."""
    if isinstance(error, QueryError):
        line = querytext.line_of(text, error.line)
        place = {"line": error.line, "column": error.column, "text": line}
        status = 502 if isinstance(error, ServiceFailed) else 400
        return fault(status, error.message, **place, hint=error.hint, query=text)
    if isinstance(error, TooLarge):
        return fault(413, str(error), query=text)
    if isinstance(error, Unreachable):
        return fault(502, str(error), query=text)
    waiting = {"Retry-After": "1"} if isinstance(error, Busy | NoRoom) else {}
    return fault(503, str(error), headers=waiting, query=text)
