"""What can be seen in the text of a query before the engine's parser reads it.

A recursive parser ends its process on deep nesting, a SERVICE would leave this machine, and the parser's own
messages know nothing of the prefixes that a person forgot. One pass over the tokens finds all three.
"""

import re
from dataclasses import dataclass, field

from exoreview.terms import PREFIXES

# Every alternative that repeats is possessive and takes an unterminated text to its end: one pass, whatever
# comes.
_TOKEN = re.compile(
    r"""
    (?P<skip>\s++|\#[^\n\r]*+)
    |(?P<iri><[^<>"{}|^`\\\x00-\x20]*+>)
    |(?P<string>\"\"\"(?:[^"\\]|\\.|"(?!""))*+(?:\"\"\")?|'''(?:[^'\\]|\\.|'(?!''))*+(?:''')?
        |"(?:[^"\\\n\r]|\\.)*+"?|'(?:[^'\\\n\r]|\\.)*+'?)
    |(?P<variable>[?$]\w++)
    |(?P<words>[^\W\d_](?:[\w.-]*[\w-])?+)(?P<name>:(?:[\w.:%\\-]*[\w:%-])?+)?+
    |(?P<bare>:(?:[\w.:%\\-]*[\w:%-])?+)
    |(?P<open>[({\[])
    |(?P<close>[)}\]])
    |(?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")

# A keyword may be glued to what stands before it: `true.SERVICE`.
_PART = re.compile(r"\w+")

FORMS = {"SELECT": "bindings", "ASK": "boolean", "CONSTRUCT": "graph", "DESCRIBE": "graph"}
UPDATES = ("INSERT", "DELETE", "LOAD", "CLEAR", "CREATE", "DROP", "COPY", "MOVE", "ADD", "WITH")


@dataclass
class Scan:
    """What a query's text shows: its form, how deep it nests, its prefixes, and where it would reach out."""

    form: str | None = None
    depth: int = 0
    prefixes: dict[str, str] = field(default_factory=dict)
    undeclared: tuple[str, int] | None = None
    service: int | None = None
    form_at: int = 0

    @property
    def is_update(self) -> bool:
        """Whether the text is an update rather than a query."""
        return self.form in UPDATES


def _unescaped(text: str) -> str:
    def character(match: re.Match) -> str:
        code = int(match[1] or match[2], 16)
        return chr(code) if code < 0x110000 and not 0xD800 <= code < 0xE000 else match[0]

    return _ESCAPE.sub(character, text)


def scan(text: str) -> Scan:
    """Look through a query; code-point escapes are read first, since SPARQL allows them in keywords too."""
    if "\\u" in text or "\\U" in text:
        text = _unescaped(text)
    seen, depth, previous, declaring = Scan(), 0, "", None
    for token in _TOKEN.finditer(text):
        kind = token.lastgroup
        if kind == "skip":
            continue
        if kind == "open":
            depth += 1
            seen.depth = max(seen.depth, depth)
        elif kind == "close":
            depth -= 1
        elif kind == "words":
            for word in _PART.finditer(token[0]):
                _word(seen, word[0].upper(), token.start() + word.start())
        elif kind == "iri" and declaring is not None:
            seen.prefixes[declaring] = token[0][1:-1]
        elif kind in ("name", "bare") and previous != "_":
            prefix = token["words"] or ""
            if previous == "PREFIX":
                declaring, previous = prefix, ""
                continue
            if prefix not in seen.prefixes and seen.undeclared is None:
                seen.undeclared = (prefix, token.start())
        declaring = None
        previous = token[0].upper()
    return seen


def _word(seen: Scan, word: str, position: int) -> None:
    if seen.form is None and (word in FORMS or word in UPDATES):
        seen.form, seen.form_at = word, position
    elif word == "SERVICE" and seen.service is None:
        seen.service = position


def position(text: str, offset: int) -> tuple[int, int]:
    """Line and column, both from 1, of an offset."""
    before = text[:offset]
    return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1


def prefix_hint(prefix: str) -> str:
    """How to declare a prefix, when it is one that we know."""
    namespace = PREFIXES.get(prefix) or _COMMON.get(prefix)
    return f"Add this line at the top: PREFIX {prefix}: <{namespace}>" if namespace else ""


_COMMON = {
    "dc": "http://purl.org/dc/elements/1.1/",
    "dct": "http://purl.org/dc/terms/",
    "wd": "http://www.wikidata.org/entity/",
    "wdt": "http://www.wikidata.org/prop/direct/",
    "np": "http://www.nanopub.org/nschema#",
    "": "https://w3id.org/exoreview/ontology#",
}
