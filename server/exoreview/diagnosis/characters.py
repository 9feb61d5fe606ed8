"""Characters that SPARQL does not have, and texts and IRIs that do not end."""

import re
import unicodedata

from exoreview.diagnosis.faults import Complaint, Sight
from exoreview.diagnosis.tokens import Token

# What word processors and some keyboards write, and what is meant.
_PLAIN = {
    **dict.fromkeys("\u201c\u201d\u201e\u201f\u00ab\u00bb\u2033", '"'),
    **dict.fromkeys("\u2018\u2019\u201a\u201b\u00b4\u2032", "'"),
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"),
    **{"\u2264": "<=", "\u2265": ">=", "\u2260": "!=", "\u00d7": "*", "\u00f7": "/", "\u2026": "..."},
    **{chr(code + 0xFEE0): chr(code) for code in range(0x21, 0x7F)},
}
_IRI = re.compile(r'<[^<>"{}|^`\\\x00-\x20]*+')
_ESCAPE = re.compile(r"\\(?![tbnrf\"'\\]|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8})")


def explained(sight: Sight) -> Complaint | None:
    """A complaint about the characters at the fault, if they are what is wrong."""
    here = sight.here
    if here.kind == "BAD":
        return _unended(sight) if here.text[0] in "\"'" else _character(sight)
    if here.kind in ("<", "<<") and not sight.text[here.start + 1 : here.start + 2].isspace():
        return _broken_iri(sight)
    return None


def wrong_escape(token: Token) -> Complaint | None:
    """A complaint about an escape in a text that SPARQL does not have."""
    match = _ESCAPE.search(token.text)
    if not match:
        return None
    shown = token.text[match.start() : match.start() + 2]
    hint = 'Write \\\\ for a backslash; as in a regular expression: "\\\\d+".'
    return Complaint(
        f"The text has an escape “{shown}” that SPARQL does not know.", token.start + match.start(), hint
    )


def _unended(sight: Sight) -> Complaint:
    quote = sight.here.text[0]
    if sight.here.text.startswith(quote * 3):
        return sight.complain(f"The text that begins here has no closing {quote * 3}.")
    hint = f"Close it with {quote} before the line ends; a text of several lines stands in {quote * 3}."
    return sight.complain(f"The text that begins here has no closing {quote} on its line.", hint)


def _character(sight: Sight) -> Complaint:
    character = sight.here.text
    code = f"U+{ord(character):04X}"
    name = unicodedata.name(character, "").lower()
    named = f"{name}, {code}" if name else code
    if character == "\ufeff":
        message = f"Here stands a byte order mark ({code}), which is invisible and no part of a query."
        return sight.complain(message, "Delete it, or save the text as UTF-8 without it.")
    if unicodedata.category(character) in ("Zs", "Zl", "Zp", "Cf", "Cc"):
        message = f"Here stands an invisible character that is no ordinary blank ({named})."
        return sight.complain(message, "Replace it with a blank; it often comes from a document or web page.")
    if character in _PLAIN:
        message = f"Here stands {character} ({named}), which is no character of SPARQL."
        return sight.complain(message, f"Write {_PLAIN[character]} instead; word processors replace it.")
    message, hint = _MARKS.get(character, (f"“{character}” has no meaning in SPARQL at this place.", ""))
    return sight.complain(message, hint)


_MARKS = {
    "&": ("A single & is no operator.", "Write && for “and”."),
    "$": ("$ alone is no variable: its name must follow at once.", "Write $name or ?name."),
    "@": ("After @ a language is expected, right behind a text.", 'As in "exosome"@en.'),
    "\\": ("A backslash can stand only within texts, IRIs and names.", ""),
    "`": ("SPARQL has no backticks.", "An IRI stands in < >, a text in quotation marks."),
    "%": ("“%” is no operator of SPARQL, and no part of a query that is decoded.", ""),
    "_": ("“_” alone is nothing.", "A blank node is written _:name."),
}


def _broken_iri(sight: Sight) -> Complaint | None:
    start = sight.here.start
    match = _IRI.match(sight.text, start)
    stop, line_end = match.end(), re.compile(r"$|[\r\n]").search(sight.text, match.end()).start()
    following = sight.text[stop : stop + 1]
    closing = sight.text.find(">", stop, min(line_end, stop + 500))
    if stop == start + 1 and following in ("", "=", "<", ">", "("):
        return None
    if closing < 0 or following in ("<", "", "\n", "\r"):
        return sight.complain("The IRI that begins here with < has no closing >.", _iri_hint(match[0]))
    if sight.computing and sight.text[stop:closing].count("?"):
        return None
    shown = {" ": "a blank", "\t": "a tab"}.get(following, f"“{following}”")
    encoded = "".join(f"%{byte:02X}" for byte in following.encode())
    return Complaint(
        f"The IRI has {shown} in it.", stop, f"An IRI cannot have one: leave it out, or write {encoded}."
    )


def _iri_hint(begun: str) -> str:
    return f"Write {begun}>." if 1 < len(begun) <= 100 else ""
