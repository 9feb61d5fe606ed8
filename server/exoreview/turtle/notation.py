"""IRIs and literals as Turtle writes them."""

import re
from collections.abc import Mapping

from pyoxigraph import Literal, NamedNode

from exoreview.terms import PREFIXES
from exoreview.turtle.ordering import natural

_XSD = PREFIXES["xsd"]
_LOCAL_NAME = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_-])?")
_SHORT_LITERALS = {
    _XSD + "integer": re.compile(r"0|-?[1-9][0-9]*"),
    _XSD + "boolean": re.compile(r"true|false"),
    _XSD + "decimal": re.compile(r"-?(?:0|[1-9][0-9]*)\.(?:0|[0-9]*[1-9])"),
}
_ESCAPES = str.maketrans(
    {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}
)
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


class Names:
    """IRIs and literals as Turtle writes them, and which prefixes were needed."""

    def __init__(self, prefixes: Mapping[str, str]):
        self._prefixes = prefixes
        self._rank = {prefix: rank for rank, prefix in enumerate(prefixes)}
        self._by_length = sorted(prefixes.items(), key=lambda row: -len(row[1]))
        self._known: dict[str, tuple[str, str]] = {}
        self._used: set[str] = set()

    def iri(self, iri: str) -> str:
        """The prefixed name, where Turtle has one without escapes, otherwise the IRI in brackets."""
        prefix, text = self._split(iri)
        self._used.add(prefix)
        return text

    def key(self, term: NamedNode) -> tuple:
        """The place of an IRI among the objects of a predicate: by the table of prefixes, then by name."""
        return (self._rank.get(self._split(term.value)[0], len(self._rank)), natural(term.value))

    def _split(self, iri: str) -> tuple[str, str]:
        if iri not in self._known:
            self._known[iri] = ("", f"<{iri}>")
            for prefix, namespace in self._by_length:
                if iri.startswith(namespace) and _LOCAL_NAME.fullmatch(iri, len(namespace)):
                    self._known[iri] = (prefix, f"{prefix}:{iri[len(namespace) :]}")
                    break
        return self._known[iri]

    def literal(self, literal: Literal) -> str:
        """A literal; text of several lines stays readable."""
        short = _SHORT_LITERALS.get(literal.datatype.value)
        if short and short.fullmatch(literal.value):
            return literal.value
        text = _quoted(literal.value)
        if literal.language:
            direction = getattr(literal, "direction", None)
            return f"{text}@{literal.language}" + (f"--{direction.value}" if direction else "")
        if literal.datatype.value == _XSD + "string":
            return text
        return f"{text}^^{self.iri(literal.datatype.value)}"

    def declarations(self) -> str:
        """The prefixes that were needed, aligned, in the order of the table."""
        used = [prefix for prefix in self._prefixes if prefix in self._used]
        width = max(map(len, used), default=0) + 1
        return "\n".join(f"@prefix {prefix + ':':{width}} <{self._prefixes[prefix]}> ." for prefix in used)


def _quoted(text: str) -> str:
    if "\n" not in text:
        return f'"{_CONTROLS.sub(_code, text.translate(_ESCAPES))}"'
    text = text.replace("\\", "\\\\").replace('"""', '\\"\\"\\"').replace("\r", "\\r")
    if text.endswith('"'):
        text = text[:-1] + '\\"'
    return f'"""{_CONTROLS.sub(_code, text)}"""'


def _code(match: re.Match) -> str:
    return f"\\u{ord(match[0]):04X}"
