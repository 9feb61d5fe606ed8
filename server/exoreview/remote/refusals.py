"""What an endpoint's refusal means: the query is wrong, it takes too long, or the endpoint is not well."""

import json
import re

from exoreview import diagnosis
from exoreview.remote.exchange import Endpoint, Reply
from exoreview.sparql.outcomes import Busy, QueryError, Stopped, Timeout

_READ_BYTES = 1 << 16
_LONGEST = 300

# Words by which engines that answer 500 for everything say that a query took too long.
_SLOW = re.compile(
    r"time[sd]?[ -]?out|timeout|deadline|took too long|time limit|killed by SQLCancel|S1T00"
    r"|estimated execution time",
    re.IGNORECASE,
)
# Virtuoso answers 500 for a mistake of the query too; the class of the SQL state tells.
_VIRTUOSO_MISTAKE = re.compile(r"Virtuoso (?:22|37)\w{3} Error")

# What stands before the sentence: states and classes of errors, the query itself.
_BEFORE = re.compile(
    r"(?:Virtuoso \w{5} Error(?: \w+)?: ?|(?:[a-z]\w*\.)+[A-Z][\w$]*: ?|(?:Error \d+|Parse error|ERROR): ?)+"
)
_NO_SENTENCE = ("SPARQL-QUERY:", "at ", "<", "{")

_MEANINGS = {
    401: "wants a name and a password, or others; put them into its address",
    403: "forbids the query",
    404: "is not there (status 404)",
    406: "has none of the formats that are read here (status 406)",
    410: "is not there any more (status 410)",
}


def refusal(endpoint: Endpoint, reply: Reply) -> Exception:
    """What to raise for a reply that is no answer."""
    status = reply.status
    said = _text(reply)
    sentence = _sentence(said, reply.headers.get("content-type", ""))
    if status in (408, 504) or (status >= 500 and _SLOW.search(said)):
        return Timeout(f"The endpoint {endpoint.url} stopped the query, which took too long; narrow it down.")
    if status == 206:
        return Stopped(f"The endpoint {endpoint.url} sent a part of the result; narrow the query down.")
    if status in (400, 422) or _VIRTUOSO_MISTAKE.match(said):
        return QueryError(
            f"The endpoint {endpoint.url} cannot answer the query: {sentence}"
            if sentence
            else f"The endpoint {endpoint.url} cannot answer the query and does not say why."
        )
    if status in (413, 414):
        return QueryError(f"The query is too long for the endpoint {endpoint.url}.")
    if status in (429, 503):
        return Busy(f"The endpoint {endpoint.url} has too much to do; try again in a moment.")
    if status in _MEANINGS:
        return endpoint.unreachable(_MEANINGS[status])
    return endpoint.unreachable(f"fails (status {status}){': ' + sentence.rstrip('.') if sentence else ''}")


def _text(reply: Reply) -> str:
    return reply.start(_READ_BYTES).decode("utf-8", "replace")


def _sentence(said: str, kind: str) -> str:
    """The endpoint's complaint in a line: no names of classes, traces of calls, pages, nor the query."""
    if "html" in kind:
        return ""
    if "json" in kind:
        said = _described(said)
    for line in said.splitlines():
        line = _BEFORE.sub("", line.strip(), count=1).strip()
        if line and not line.startswith(_NO_SENTENCE):
            return diagnosis.sentence(line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…")
    return ""


def _described(said: str) -> str:
    """The sentence in an object of JSON, under the names that engines use."""
    try:
        members = json.loads(said)
    except ValueError:
        return ""
    if not isinstance(members, dict):
        return ""
    for name in ("detail", "exception", "detailedMessage", "message", "error", "title"):
        if isinstance(members.get(name), str):
            return members[name]
    return ""
