"""The answer of a published example query at an address of its own, with other values for its parameters.

`/query/NAME.csv` and its like are the table of a SELECT or ASK; `/query/NAME/result` is the answer of every
form, by Accept or with a suffix. A parameter is a variable with one value, below a comment that says what it
stands for: `# Parameter ?claim: the claim.`
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode, parse

from exoreview import media
from exoreview.media import Format
from exoreview.sparql import querytext
from exoreview.terms import BASE, PREFIXES
from exoreview.web.http import faults, protocol
from exoreview.web.http.faults import fault
from exoreview.web.query.examples import Example

_ADDRESS = re.compile(r"/query/([\w-]+?)(/result)?(\.\w+)?")
_PARAMETER = re.compile(r"# Parameter \?(\w+): ([^\n]+)\.\n\s*VALUES \?\1 \{ (\S+) \}")
_PREFIXED = "".join(f"@prefix {prefix}: <{namespace}> .\n" for prefix, namespace in PREFIXES.items())
_SHORT = re.compile(r"([A-Za-z][\w-]*):(?!//)(.*)", re.DOTALL)
_INTEGER = re.compile(r"[+-]?[0-9]{1,18}")

_TABLES = {format.suffix: format for format in media.RESULTS} | {
    ".json": media.RESULTS_JSON,
    ".xml": media.RESULTS_XML,
}
_TURTLE = media.TURTLE.engine
_GRAPHS = {format.suffix: format for format in media.RDF}


@dataclass(frozen=True)
class Parameter:
    """A variable of a query whose value may be another: what it stands for, its value, and where that is."""

    name: str
    said: str
    value: str
    start: int
    end: int


def parameters(text: str) -> list[Parameter]:
    """The parameters of a query, in the order of its text."""
    return [Parameter(*match.groups(), *match.span(3)) for match in _PARAMETER.finditer(text)]


def suffixes(text: str) -> Mapping[str, Format]:
    """The formats of a query's answer by suffix, some by two."""
    return _GRAPHS if querytext.FORMS.get(querytext.form(text)) == media.GRAPH else _TABLES


class Published:
    """The example queries by name, as addresses of their answers."""

    def __init__(self, examples: Mapping[str, Example]):
        self.texts = {iri.removeprefix(f"{BASE}query/"): each.text for iri, each in examples.items()}

    def asked(self, request) -> protocol.Pairs | None:
        """What a request asks the endpoint; None where it asks for something else, or for a page."""
        match = _ADDRESS.fullmatch(request.path)
        if not match or match[1] not in self.texts:
            return None
        name, result, suffix = match.groups()
        text = self.texts[name]
        if not result and suffix not in _TABLES:
            # That is the query, or its description.
            return None
        formats = suffixes(text)
        if suffix and (suffix not in formats or (formats is _GRAPHS and not result)):
            raise fault(404, _elsewhere(name, formats))
        given = protocol.parameters(request.query_string)
        offered = {each.name: each for each in (*formats.values(), media.HTML)}
        format = formats[suffix].name if suffix else dict(given).get("format")
        format = format if format in offered else None
        if (format or faults.chosen(request.accept, offered.values()).name) == media.HTML.name:
            return None
        pairs = [("query", self._text(name, given))]
        return pairs if format is None else [*pairs, ("format", format)]

    def text(self, name: str, query_string: str) -> str | None:
        """The query of a name with the values that a request gives its parameters; None for no such name."""
        return self._text(name, protocol.parameters(query_string)) if name in self.texts else None

    def tables(self, path: str) -> tuple[Format, ...]:
        """The formats of tables in which the answer of the query at a path is to be had."""
        text = self.texts.get(path.removeprefix("query/"))
        return media.RESULTS if text and suffixes(text) is _TABLES else ()

    def parameters(self, name: str) -> list[Parameter]:
        """What a query can be asked with."""
        return parameters(self.texts[name])

    def answers(self, name: str) -> Iterator[tuple[str, Format]]:
        """The path of a query's answer in each of its formats."""
        formats = suffixes(self.texts[name])
        for suffix, format in formats.items():
            if suffix == format.suffix:
                yield f"query/{name}{'/result' if formats is _GRAPHS else ''}{suffix}", format

    def _text(self, name: str, given: protocol.Pairs) -> str:
        text = self.texts[name]
        values = [(parameter, value) for parameter, value in given if parameter != "format"]
        known = {parameter.name: parameter for parameter in parameters(text)}
        for parameter, _ in values:
            if parameter not in known:
                has = ", ".join(known) or "none"
                raise fault(400, f"The query {name} has no parameter “{parameter}”; it has {has}.")
        if len(dict(values)) < len(values):
            raise fault(400, "Each parameter has one value.")
        # From the end on, so that places stay as they are.
        for parameter in sorted(known.values(), key=lambda parameter: parameter.start, reverse=True):
            if (value := dict(values).get(parameter.name)) is not None:
                text = text[: parameter.start] + str(_term(parameter, value)) + text[parameter.end :]
        return text


def _term(parameter: Parameter, value: str) -> NamedNode | Literal:
    """The value as a term of the kind that the query has there; whatever it is, it is written as one term."""
    [usual] = (quad.object for quad in parse(f"{_PREFIXED}<a:s> <a:p> {parameter.value} .", format=_TURTLE))
    if isinstance(usual, NamedNode):
        return _node(parameter, value.strip())
    if usual.datatype.value == PREFIXES["xsd"] + "integer" and not _INTEGER.fullmatch(value.strip()):
        raise _wrong(parameter, value, "no whole number")
    if usual.language:
        return Literal(value, language=usual.language)
    return Literal(value.strip(), datatype=usual.datatype)


def _node(parameter: Parameter, value: str) -> NamedNode:
    """An IRI in full, in angle brackets or not, by its prefix, or by its name alone where the usual value has
    a prefix."""
    iri = value[1:-1] if value.startswith("<") and value.endswith(">") else value
    short = _SHORT.fullmatch(value)
    if short and short[1] in PREFIXES:
        iri = PREFIXES[short[1]] + short[2]
    elif re.fullmatch(r"[\w-]+", value) and (usual := _SHORT.fullmatch(parameter.value)):
        iri = PREFIXES[usual[1]] + value
    try:
        return NamedNode(iri)
    except ValueError:
        raise _wrong(parameter, value, "no IRI") from None


def _wrong(parameter: Parameter, value: str, what: str):
    said = f"The parameter {parameter.name} is “{value}”, which is {what}"
    return fault(400, f"{said}; write it as {parameter.value} is written.")


def _elsewhere(name: str, formats: Mapping[str, Format]) -> str:
    kind = "RDF" if formats is _GRAPHS else "a table"
    return (
        f"The answer of the query {name} is {kind}, at /query/{name}/result; there are {' '.join(formats)}."
    )
