"""The SPARQL 1.1 protocol, for queries: what a request to /sparql asks, or what is wrong with it."""

from binascii import a2b_qp
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import unquote_plus

from pyoxigraph import NamedNode
from werkzeug.http import parse_options_header

from exoreview import media
from exoreview.media import Format
from exoreview.remembering import remembered
from exoreview.sparql import querytext
from exoreview.sparql.engine import Question
from exoreview.web.http.cache import Key
from exoreview.web.http.faults import chosen, fault

FORM, QUERY, UPDATE = (
    "application/x-www-form-urlencoded",
    "application/sparql-query",
    "application/sparql-update",
)
READ_ONLY = "The data is read-only here; updates are refused."

_MOST_PARAMETERS = 1000
_PARAMETERS = ("query", "default-graph-uri", "named-graph-uri", "format")

Pairs = list[tuple[str, str]]


class Asked(NamedTuple):
    """What a request asks: a question, and the format that the client reads, which may be a page."""

    question: Question
    format: Format

    def key(self) -> Key:
        """Everything that the answer depends on."""
        text, _, default, named, coding = self.question
        graphs = (*default, None, *named) if default or named else ()
        return ("answer", text, self.format.media_type, coding, *graphs)


def body_kind(content_type: str) -> str:
    """FORM or QUERY, the kinds of body that can be read; 415 or 403 for others."""
    kind, options = parse_options_header(content_type)
    kind = kind.lower()
    if kind == UPDATE:
        raise fault(403, READ_ONLY)
    if kind not in (FORM, QUERY):
        said = f"not {kind}" if kind else "and the request names none"
        raise fault(415, f"A query is posted as {FORM} or {QUERY}, {said}.")
    charset = options.get("charset", "utf-8").lower()
    if charset not in ("utf-8", "utf8", "us-ascii"):
        raise fault(415, f"A query is read in UTF-8, not in {charset}.")
    return kind


def require_plain(coding: str | None) -> None:
    """415 for a body in a content coding."""
    if (coding or "identity").strip().lower() != "identity":
        raise fault(415, "A query is read as it is, not compressed.", headers={"Accept-Encoding": "identity"})


def body_limit(settings: Mapping[str, Any]) -> int:
    """The longest body in bytes; a form needs up to three for one of the query."""
    return 3 * settings["QUERY_MAX_BYTES"] + 10_000


def too_long(settings: Mapping[str, Any], method: str):
    """The fault of a query beyond the limit."""
    limit = f"The query is longer than {settings['QUERY_MAX_BYTES']:,} bytes, the limit here."
    return fault(413 if method == "POST" else 414, limit)


def parameters(query_string: str, kind: str | None = None, body: bytes = b"") -> Pairs:
    """Every parameter, wherever the protocol allows it, strictly as UTF-8."""
    pairs = _decoded(query_string, "address")
    if kind == FORM:
        try:
            return _checked(pairs + _decoded(body.decode("utf-8"), "form"))
        except UnicodeDecodeError:
            raise fault(400, "The parameters in the form are not UTF-8.") from None
    if kind is None:
        return _checked(pairs)
    if any(name == "query" for name, _ in pairs):
        raise fault(400, "There are two queries, one in the address and one in the body.")
    try:
        return _checked([*pairs, ("query", body.decode("utf-8"))])
    except UnicodeDecodeError as error:
        raise fault(400, f"The query is not UTF-8 (byte {error.start + 1}).") from None


def is_query(pairs: Pairs) -> bool:
    """Whether any parameter of the protocol is there; others, such as those of a newsletter, are no query."""
    return any(name in _PARAMETERS for name, _ in pairs)


def asked(
    pairs: Pairs, method: str, accept: str | None, coding: str | None, settings: Mapping[str, Any]
) -> Asked:
    """What the parameters of a request ask."""
    text = _query(pairs)
    if len(text.encode("utf-8", "surrogatepass")) > settings["QUERY_MAX_BYTES"]:
        raise too_long(settings, method)
    form = querytext.form(text)
    format = _format(pairs, form, accept)
    question = Question(
        text,
        _engine_format(format, form),
        _values(pairs, "default-graph-uri"),
        _values(pairs, "named-graph-uri"),
        None if format is media.HTML else coding,
    )
    return Asked(question, format)


def _values(pairs: Pairs, name: str) -> tuple[str, ...]:
    """Each value of a parameter once: the engine would read a graph that is named twice twice."""
    return tuple(dict.fromkeys(value for other, value in pairs if other == name))


def _decoded(text: str, place: str) -> Pairs:
    if text.count("&") >= _MOST_PARAMETERS:
        raise fault(400, f"There are too many parameters in the {place}.")
    fields = [field.partition("=") for field in text.split("&") if field]
    try:
        return [(_unquoted(name), _unquoted(value)) for name, _, value in fields]
    except UnicodeDecodeError:
        raise fault(400, f"The parameters in the {place} are not UTF-8.") from None


def _unquoted(text: str) -> str:
    """A name or a value as it was before it was quoted, or UnicodeDecodeError. Quoted-printable, which the
    standard library reads in C, is the same code with another sign; `urllib.parse.unquote_plus` takes longer
    than all the rest of the protocol."""
    if "%" not in text and "+" not in text:
        return text
    raw = text.encode()
    data = a2b_qp(raw.replace(b"+", b" ").replace(b"=", b"=3D").replace(b"%", b"="))
    # A code is three characters for one. A percent sign that is only itself makes nothing that much shorter,
    # but for one before the end of a line, which would be that of quoted-printable.
    if len(data) != len(raw) - 2 * raw.count(b"%") or b"\n" in raw or b"\r" in raw:
        return unquote_plus(text, errors="strict")
    return data.decode()


def _checked(pairs: Pairs) -> Pairs:
    queries = 0
    for name, value in pairs:
        if name == "query":
            queries += 1
        elif name == "update":
            raise fault(403, READ_ONLY)
        elif name in ("default-graph-uri", "named-graph-uri"):
            _require_iri(name, value)
        elif name.startswith("using-") and name.endswith("graph-uri"):
            raise fault(400, "using-graph-uri belongs to updates; a query has default-graph-uri.")
    if queries > 1:
        raise fault(400, "The parameter query is there more than once.")
    return pairs


def _require_iri(name: str, value: str) -> None:
    try:
        NamedNode(value)
    except ValueError:
        raise fault(400, f"The parameter {name} is no absolute IRI: “{value}”.") from None


def _query(pairs: Pairs) -> str:
    for name, value in pairs:
        if name == "query":
            return value
    raise fault(400, "The parameter query is missing.")


def _format(pairs: Pairs, form: str | None, accept: str | None) -> Format:
    """The format of the answer; the parameter `format`, for where no header can be set, wins if it fits. Some
    clients send names of their own there, besides a header."""
    if form not in querytext.FORMS:
        # This is no query, so whatever is asked for, the engine will say what is wrong.
        return media.RESULTS_JSON
    carried = querytext.FORMS[form]
    for name, value in pairs:
        if name == "format" and media.BY_NAME.get(value) in _OFFERED[carried]:
            return media.BY_NAME[value]
    return _negotiated(accept or "", carried)


_TABLES = (*media.RESULTS, media.HTML)
_OFFERED = {
    media.GRAPH: (*media.RDF, media.HTML),
    media.BINDINGS: _TABLES,
    media.BOOLEAN: _TABLES,
}


@remembered(256)
def _negotiated(accept: str, carried: str) -> Format:
    """Clients send few headers, and reading one takes longer than all the rest of a request."""
    return chosen(accept, _OFFERED[carried])


def _engine_format(format: Format, form: str | None) -> Format:
    """What the engine writes: for a page the format that it is made from."""
    if format.engine:
        return format
    return media.TURTLE if querytext.FORMS[form] == media.GRAPH else media.RESULTS_JSON
