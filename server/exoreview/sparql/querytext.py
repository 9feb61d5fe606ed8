"""What can be seen in the text of a query before the engine's parser reads it.

A recursive parser ends its process on deep nesting, a SERVICE would leave this machine, and the parser's own
messages know nothing of the prefixes that a person forgot. One pass over the tokens finds all three.
"""

import re
from collections import deque
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

# pyoxigraph wants no boundary after a keyword: `SERVICEx:y`, `trueSERVICE<…>` and `x:.SERVICE<…>` reach out.
# What cannot be missed is the shape: keyword, endpoint, opening brace.
_SERVICE_END = re.compile(r"SERVICE(?:SILENT)?\Z", re.IGNORECASE)
_BEFORE_A_GRAPH = ("GRAPH", "FROM", "NAMED", "DESCRIBE")
_TERMS = ("iri", "variable", "name", "bare")

FORMS = {"SELECT": "bindings", "ASK": "boolean", "CONSTRUCT": "graph", "DESCRIBE": "graph"}
UPDATES = ("INSERT", "DELETE", "LOAD", "CLEAR", "CREATE", "DROP", "COPY", "MOVE", "ADD", "WITH")


@dataclass
class Service:
    """A SERVICE in a text: its endpoint as written, and offsets of keyword, endpoint and pattern.

    `closes` is the offset after the closing brace, 0 where there is none. A nested one stands in the pattern
    of another.
    """

    at: int
    endpoint: str
    starts: int
    ends: int
    opens: int
    silent: bool
    nested: bool
    closes: int = 0


@dataclass
class Scan:
    """What a query's text shows: its form, how deep it nests, its prefixes, and where it would reach out.

    A text that reads differently once its code-point escapes are resolved, as far as SERVICE goes, is
    `ambiguous`.
    """

    form: str | None = None
    depth: int = 0
    prefixes: dict[str, str] = field(default_factory=dict)
    undeclared: tuple[str, int] | None = None
    service: int | None = None
    services: list[Service] = field(default_factory=list)
    ambiguous: bool = False
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
    """Look through a query.

    SPARQL allows code-point escapes in keywords and resolves them first; engines resolve them in texts and
    names alone, where `"\\u0022"` ends no text. A query is looked through in both readings.
    """
    seen = _scan(text)
    if "\\u" in text or "\\U" in text:
        resolved = _scan(_unescaped(text))
        if seen.form is None or resolved.is_update:
            seen.form, seen.form_at = resolved.form, resolved.form_at
        seen.depth = max(seen.depth, resolved.depth)
        if seen.service is None:
            seen.service = resolved.service
        endpoints = [service.endpoint for service in seen.services]
        seen.ambiguous = endpoints != [service.endpoint for service in resolved.services]
    return seen


def _scan(text: str) -> Scan:
    seen, depth, previous, declaring = Scan(), 0, "", None
    recent, open_services = deque(maxlen=3), []
    for token in _TOKEN.finditer(text):
        kind = token.lastgroup
        if kind == "skip":
            continue
        if kind == "open":
            depth += 1
            seen.depth = max(seen.depth, depth)
            if token[0] == "{" and (service := _service(recent, token.start(), bool(open_services))):
                seen.services.append(service)
                open_services.append((depth, service))
        elif kind == "close":
            if open_services and open_services[-1][0] == depth:
                open_services.pop()[1].closes = token.end()
            depth -= 1
        recent.append(token)
        if kind == "words":
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
    if seen.service is None and seen.services:
        seen.service = seen.services[0].at
    return seen


def _service(recent: deque[re.Match], opens: int, nested: bool) -> Service | None:
    """The SERVICE whose pattern opens after these tokens, if it is one."""
    if not recent or recent[-1].lastgroup not in _TERMS:
        return None
    *before, endpoint = recent
    keyword = _keyword(before)
    if keyword is None and "SERVICE" in (endpoint["words"] or "").upper():
        # Glued to the endpoint, unless it is the name of a graph.
        keyword = None if before and before[-1][0].upper().endswith(_BEFORE_A_GRAPH) else endpoint
    if keyword is None:
        return None
    silent = any(token[0].upper().endswith("SILENT") for token in before)
    return Service(keyword.start(), endpoint[0], endpoint.start(), endpoint.end(), opens, silent, nested)


def _keyword(before: list[re.Match]) -> re.Match | None:
    """The token that ends in SERVICE, perhaps with SILENT after it."""
    if len(before) > 1 and before[-1][0].upper() == "SILENT":
        before = before[:-1]
    if not before or before[-1].lastgroup not in ("words", "name", "bare"):
        return None
    found = _SERVICE_END.search(before[-1][0])
    # A name that ends so is none, unless a dot ended the name already.
    if not found or (before[-1].lastgroup != "words" and before[-1][0][found.start() - 1] != "."):
        return None
    return before[-1]


def _word(seen: Scan, word: str, position: int) -> None:
    if seen.form is None and (word in FORMS or word in UPDATES):
        seen.form, seen.form_at = word, position
    elif word == "SERVICE" and seen.service is None:
        seen.service = position


def position(text: str, offset: int) -> tuple[int, int]:
    """Line and column, both from 1, of an offset."""
    before = text[:offset]
    return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1


def line_of(text: str, number: int | None) -> str | None:
    """A line, counted as `position` counts it; None where there is none of that number."""
    lines = text.split("\n")
    return lines[number - 1].rstrip("\r") if number and number <= len(lines) else None


def marked(line: str, number: int, column: int) -> str:
    """A line, or the part of it around a column, with a mark under that column."""
    start = max(0, column - 60)
    return f"{line[start : start + 100]}\n{' ' * (column - 1 - start)}^ line {number}, column {column}"


def prefix_hint(prefix: str) -> str:
    """How to declare a prefix, when it is one that we know."""
    namespace = PREFIXES.get(prefix) or _COMMON.get(prefix)
    return f"Add this line at the top: PREFIX {prefix}: <{namespace}>" if namespace else ""


def known_prefixes() -> list[str]:
    """The prefixes whose namespaces we know."""
    return [*PREFIXES, *filter(None, _COMMON)]


_COMMON = {
    "dc": "http://purl.org/dc/elements/1.1/",
    "dct": "http://purl.org/dc/terms/",
    "wd": "http://www.wikidata.org/entity/",
    "wdt": "http://www.wikidata.org/prop/direct/",
    "np": "http://www.nanopub.org/nschema#",
    "": "https://w3id.org/exoreview/ontology#",
}


def is_plain(text: str, max_nesting: int) -> bool:
    """Whether it is seen without looking at each token that a query neither nests too deeply nor reaches out;
    most are seen so in a hundredth of the time."""
    brackets = text.count("{") + text.count("(") + text.count("[")
    return brackets <= max_nesting and "\\" not in text and "SERVICE" not in text.upper()


# Comments, prefixes and a form, as nearly all queries begin; what begins otherwise is read token by token.
_USUAL_START = re.compile(
    r"(?:\s++|#[^\n\r]*+|PREFIX\s++[A-Za-z][\w-]*+:\s*+<[^<>\\\s]*+>)*+"
    r"(SELECT|ASK|CONSTRUCT|DESCRIBE)(?![\w.:-])",
    re.IGNORECASE,
)


def form(text: str) -> str | None:
    """The first keyword that says what a query is; reads no further than that."""
    if usual := _USUAL_START.match(text):
        return usual[1].upper()
    if "\\u" in text or "\\U" in text:
        text = _unescaped(text)
    for token in _TOKEN.finditer(text):
        if token.lastgroup == "words":
            for word in _PART.finditer(token[0]):
                if word[0].upper() in FORMS or word[0].upper() in UPDATES:
                    return word[0].upper()
    return None


_DECLARED = re.compile(r"#[^\n\r]*+|PREFIX\s++([\w-]++):\s*+<([^<>\\\s]*+)>", re.IGNORECASE)


def prefixes(text: str) -> dict[str, str]:
    """The prefixes that a query declares."""
    usual = _USUAL_START.match(text)
    if usual is None or "\\" in text:
        return scan(text).prefixes
    return {found[1]: found[2] for found in _DECLARED.finditer(usual[0]) if found[1]}


# The search for words is slow; most queries do not even have their letters.
_VOLATILE_LETTERS = ("NOW", "RAND", "UUID", "BNODE", "SERVICE", "\\U")
_VOLATILE = re.compile(r"\b(?:NOW|RAND|UUID|STRUUID|BNODE|SERVICE)\b|\\u", re.IGNORECASE)


def volatile(text: str) -> bool:
    """Whether a query may be answered differently each time though the data here stays."""
    upper = text.upper()
    return any(letters in upper for letters in _VOLATILE_LETTERS) and _VOLATILE.search(text) is not None
