"""Words as search compares them: without case, accents, plurals and American spellings."""

import re
import unicodedata
from functools import lru_cache

_WORD = re.compile(r"\w+")
# The parts of an address that say nothing of which thing it names.
_SCHEME = re.compile(r"https?://(?:dx\.)?(?:www\.)?")
_ANNOUNCED = re.compile(r"(?:doi|orcid|issn)\s*[:/ ]\s*|(?:doi|orcid)\.org/")


def plain(text: str) -> str:
    """A text without case and accents."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in apart if not unicodedata.combining(sign))


@lru_cache(maxsize=8192)
def stem(word: str) -> str:
    """What a word has in common with its plural and its American spelling: “Tumours” is `tumor`."""
    bare = plain(word)
    if len(bare) > 3 and bare.endswith("s") and not bare.endswith(("ss", "is", "us")):
        bare = bare[:-1]
    if len(bare) > 4:
        bare = bare.replace("our", "or").replace("isation", "ization").replace("ise", "ize")
    return bare


def split(text: str) -> list[str]:
    """The words of a text, in order."""
    return _WORD.findall(unicodedata.normalize("NFC", text))


def words(text: str) -> list[str]:
    """The stems of the words of a text, in order."""
    return [stem(word) for word in split(text)]


def identifier(text: str) -> str:
    """One writing for all of an identifier: `GO:0070062`, `go_0070062` and `GO 0070062` are `go0070062`."""
    bare = _SCHEME.sub("", plain(text).strip(), count=1)
    return re.sub(r"[\W_]+", "", _ANNOUNCED.sub("", bare, count=1))


def marked(text: str, stems: list[str]) -> list[tuple[str, bool]]:
    """A text in pieces, each with whether it is a word that begins with one of the stems."""
    pieces, end = [], 0
    for found in _WORD.finditer(text):
        if any(stem(found[0]).startswith(each) for each in stems):
            pieces += [(text[end : found.start()], False), (found[0], True)]
            end = found.end()
    return [piece for piece in (*pieces, (text[end:], False)) if piece[0]]


def excerpt(text: str, stems: list[str], most: int = 240) -> list[tuple[str, bool]]:
    """The pieces of a text or, if it has more characters than `most`, of the part around its first hit."""
    if len(text) <= most:
        return marked(text, stems)
    first = next((each.start() for each in _WORD.finditer(text) if stem(each[0]).startswith(tuple(stems))), 0)
    start = text.rfind(" ", 0, max(0, first - most // 3)) + 1
    end = text.rfind(" ", 0, start + most) if start + most < len(text) else len(text)
    pieces = marked(text[start:end], stems)
    return [*([("… ", False)] if start else []), *pieces, *([(" …", False)] if end < len(text) else [])]
