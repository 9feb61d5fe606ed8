"""The tokens of SPARQL, for a text that may be wrong: every character belongs to one, and none is refused.

Read only when the parser has refused a query. Kinds are the keyword itself (`SELECT`), the punctuation itself
(`{`), or a class: VAR, IRI, NAME (`ex:a`), NAMESPACE (`ex:`), BLANK, STRING, LANG, NUMBER, SIGNED, BOOLEAN,
FUNCTION, AGGREGATE, WORD (no keyword), BAD (nothing that SPARQL has) and END.
"""

import re
from typing import NamedTuple

_KEYWORDS = """
    ADD AS ASC ASK BASE BIND BY CLEAR CONSTRUCT COPY CREATE DELETE DESC DESCRIBE DISTINCT DROP EXISTS
    FILTER FROM GRAPH GROUP HAVING IN INSERT LATERAL LIMIT LOAD MINUS MOVE NAMED NOT OFFSET OPTIONAL
    ORDER PREFIX REDUCED SELECT SEPARATOR SERVICE SILENT UNDEF UNION VALUES VERSION WHERE WITH
"""
_AGGREGATES = "AVG COUNT GROUP_CONCAT MAX MIN SAMPLE SUM"
_FUNCTIONS = """
    ABS ADJUST BNODE BOUND CEIL COALESCE CONCAT CONTAINS DATATYPE DAY ENCODE_FOR_URI FLOOR HASLANG
    HASLANGDIR HOURS IF IRI ISBLANK ISIRI ISLITERAL ISNUMERIC ISTRIPLE ISURI LANG LANGDIR LANGMATCHES
    LCASE MD5 MINUTES MONTH NOW OBJECT PREDICATE RAND REGEX REPLACE ROUND SAMETERM SECONDS SHA1 SHA256
    SHA384 SHA512 STR STRAFTER STRBEFORE STRDT STRENDS STRLANG STRLANGDIR STRLEN STRSTARTS STRUUID
    SUBJECT SUBSTR TIMEZONE TRIPLE TZ UCASE URI UUID YEAR
"""
KEYWORDS = frozenset(_KEYWORDS.split())
AGGREGATES = frozenset(_AGGREGATES.split())
FUNCTIONS = frozenset(_FUNCTIONS.split())
OPENING = {"(": ")", "{": "}", "[": "]", "<<": ">>", "<<(": ")>>", "{|": "|}"}
CLOSING = {closing: opening for opening, closing in OPENING.items()}

# As in `querytext`, what repeats is possessive: one pass over any text. A text in quotes that does not end is
# BAD to the end of its line, or of everything. Words with dots between them (`true.FILTER`) are taken at
# once, since a prefix may have dots too, and are read again when no colon follows.
_WORD = r"""(?P<NUMBER>(?:\d++(?:\.\d++)?+|\.\d++)(?:[eE][+-]?+\d++)?+(?!\w))
    |(?P<SIGNED>[+-](?:\d++(?:\.\d++)?+|\.\d++)(?:[eE][+-]?+\d++)?+(?!\w))
    |(?P<word>\w++)"""
_TOKEN = re.compile(
    rf"""
    (?P<skip>[ \t\r\n]++|\#[^\n\r]*+)
    |(?P<IRI><[^<>"{{}}|^`\\\x00-\x20]*+(?:\\[uU][0-9A-Fa-f]++[^<>"{{}}|^`\\\x00-\x20]*+)*+>)
    |(?P<STRING>\"\"\"(?:[^"\\]|\\.|"(?!""))*+\"\"\"|\'\'\'(?:[^'\\]|\\.|'(?!''))*+\'\'\'
        |(?!\"\"\")"(?:[^"\\\n\r]|\\[^\n\r])*+"|(?!\'\'\')'(?:[^'\\\n\r]|\\[^\n\r])*+')
    |(?P<VAR>[?$]\w[\w\u00B7\u0300-\u036F]*+)
    |(?P<BLANK>_:\w(?:[\w.-]*[\w-])?+)
    |(?P<words>[^\W\d_](?:[\w\u0300-\u036F.-]*[\w\u0300-\u036F-])?+)?+(?P<name>:(?:[.-]*+
        (?:[\w\u00B7\u0300-\u036F:]|%[0-9A-Fa-f]{{2}}|\\[^\w\s]))*+-*+)
    |(?P<chain>[^\W\d_](?:[\w.-]*[\w-])?+)
    |{_WORD}
    |(?P<LANG>@[A-Za-z]++(?:--?[A-Za-z0-9]++)*+)
    |(?P<mark><<\(|\)>>|<<|>>|\{{\||\|\}}|\^\^|&&|\|\||[!<>]=|[(){{}}\[\].;,*/+\-=<>|^!?~])
    |(?P<open>"(?:""[\s\S]*+|(?:[^"\\\n\r]|\\[^\n\r])*+)|'(?:''[\s\S]*+|(?:[^'\\\n\r]|\\[^\n\r])*+))
    |(?P<BAD>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_PART = re.compile(rf"{_WORD}|(?P<mark>.)", re.VERBOSE)


class Token(NamedTuple):
    """A token: its kind, where it starts and ends in the text, and its own text."""

    kind: str
    start: int
    end: int
    text: str


def tokens(text: str) -> list[Token]:
    """All tokens, without blanks and comments, END last."""
    found = []
    for match in _TOKEN.finditer(text):
        group = match.lastgroup
        if group == "chain":
            found.extend(_parts(match))
        elif group != "skip":
            found.append(Token(_kind(group, match[0]), match.start(), match.end(), match[0]))
    found.append(Token("END", len(text), len(text), ""))
    return found


def _parts(chain: re.Match) -> list[Token]:
    start = chain.start()
    return [
        Token(_kind(part.lastgroup, part[0]), start + part.start(), start + part.end(), part[0])
        for part in _PART.finditer(chain[0])
    ]


def _kind(group: str, text: str) -> str:
    if group == "word":
        return _of_word(text)
    if group == "name":
        return "NAMESPACE" if text.endswith(":") and text.count(":") == 1 else "NAME"
    return text if group == "mark" else "BAD" if group == "open" else group


def _of_word(text: str) -> str:
    # `a` is the only word whose case matters.
    if text == "a":
        return "a"
    word = text.upper() if len(text) < 20 else ""
    if word in KEYWORDS:
        return word
    if word in FUNCTIONS:
        return "FUNCTION"
    if word in AGGREGATES:
        return "AGGREGATE"
    return "BOOLEAN" if text in ("true", "false") else "WORD"
