"""Records for reference managers: BibTeX, BibLaTeX, RIS and CSL-JSON."""

import json
import re
from collections.abc import Iterable, Iterator, Sequence

from pylatexenc.latexencode import UnicodeToLatexEncoder

from exoreview.citing.records import Record

# What TeX reads as a command, and how it is written to be read as itself.
_SPECIAL = str.maketrans(
    {
        **{sign: f"\\{sign}" for sign in "&%$#_{}"},
        **{"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"},
    }
)
_ASCII = UnicodeToLatexEncoder(non_ascii_only=True, replacement_latex_protection="braces-all")

# A word that a style must not put into lower case: a capital that is not the first letter of the title or of
# a subtitle, where styles leave it.
_CAPITALS = re.compile(r"(?<!\A)(?<!: )\b\w*[A-ZÀ-ÖØ-Þ]\w*|\A\w+[A-ZÀ-ÖØ-Þ]\w*|(?<=: )\w+[A-ZÀ-ÖØ-Þ]\w*")

_LANGUAGES = {"en": "english"}


def bibtex(records: Iterable[Record]) -> str:
    """BibTeX in ASCII: accents are written as commands, which every version and style understands."""
    return _ASCII.unicode_to_latex(bibtex_utf8(records))


def bibtex_utf8(records: Iterable[Record]) -> str:
    """BibTeX with accents as they are."""
    return "\n".join(map(_bibtex, records))


def biblatex(records: Iterable[Record]) -> str:
    """BibLaTeX, which is read as UTF-8."""
    return "\n".join(map(_biblatex, records))


def ris(records: Iterable[Record]) -> str:
    """RIS, with the line ends that its definition asks for."""
    return "".join(f"{tag}  - {value}\r\n" for record in records for tag, value in _tags(record))


def csl(records: Iterable[Record]) -> str:
    """CSL-JSON: a list of records, as its schema has it."""
    return json.dumps(list(records), ensure_ascii=False, indent=2) + "\n"


def _bibtex(record: Record) -> str:
    fields = {
        **_makers(record),
        "journal": _tex(record.get("container-title")),
        "year": str(record["issued"]["date-parts"][0][0]),
        **_place(record),
        # The oldest styles know no field for an address.
        "howpublished": rf"\url{{{record['URL']}}}" if "URL" in record else None,
        "note": f"Version {_tex(record['version'])}" if "version" in record else None,
        "keywords": _tex(record.get("keyword")),
    }
    return _entry("article" if "container-title" in record else "misc", record["id"], fields)


def _biblatex(record: Record) -> str:
    fields = {
        **_makers(record),
        "journaltitle": _tex(record.get("container-title")),
        "shortjournal": _tex(record.get("container-title-short")),
        "date": "-".join(f"{part:02}" for part in record["issued"]["date-parts"][0]),
        **_place(record),
        "version": _tex(record.get("version")),
        "publisher": _tex(record.get("publisher")),
        "url": record.get("URL"),
        "langid": _LANGUAGES.get(record.get("language", "")),
        "keywords": _tex(record.get("keyword")),
    }
    return _entry("article" if "container-title" in record else record["type"], record["id"], fields)


def _makers(record: Record) -> dict[str, str | None]:
    """Who made it and what it is called."""
    return {
        "author": " and ".join(map(_name, record["author"])),
        "title": _CAPITALS.sub(r"{\g<0>}", record["title"].translate(_SPECIAL)),
    }


def _place(record: Record) -> dict[str, str | None]:
    """Where it stands in print and by identifier."""
    return {
        "volume": record.get("volume"),
        "number": record.get("issue"),
        "pages": record["page"].replace("-", "--") if "page" in record else None,
        "issn": record.get("ISSN"),
        "doi": record.get("DOI"),
    }


def _name(name: dict[str, str]) -> str:
    """A name; braces keep that of an organization in one piece."""
    return _tex(f"{name['family']}, {name['given']}") if "family" in name else f"{{{_tex(name['literal'])}}}"


def _tex(text: str | None) -> str | None:
    """A text that TeX is to set as it is."""
    return text and text.translate(_SPECIAL)


def _entry(kind: str, key: str, fields: dict[str, str | None]) -> str:
    present = {name: value for name, value in fields.items() if value}
    width = max(map(len, present))
    lines = (f"  {name:{width}} = {{{value}}},\n" for name, value in present.items())
    return f"@{kind}{{{key},\n{''.join(lines)}}}\n"


def _tags(record: Record) -> Iterator[tuple[str, str]]:
    yield "TY", "JOUR" if "container-title" in record else "DATA"
    for name in record["author"]:
        yield "AU", name.get("literal") or f"{name['family']}, {name['given']}"
    yield "TI", record["title"]
    first, _, last = record.get("page", "").partition("-")
    values = {
        "T2": record.get("container-title"),
        "J2": record.get("container-title-short"),
        "VL": record.get("volume"),
        "IS": record.get("issue"),
        "SP": first,
        "EP": last,
        "ET": record.get("version"),
        "PB": record.get("publisher"),
        **_dates(record["issued"]["date-parts"][0]),
        "SN": record.get("ISSN"),
        "DO": record.get("DOI"),
        "UR": record.get("URL") or f"https://doi.org/{record['DOI']}",
        "LA": record.get("language"),
    }
    yield from ((tag, value) for tag, value in values.items() if value)
    for keyword in filter(None, record.get("keyword", "").split(", ")):
        yield "KW", keyword
    yield "ER", ""


def _dates(parts: Sequence[int]) -> dict[str, str]:
    """The year; and the whole date, if it is known."""
    year, *rest = parts
    return {"PY": str(year), "DA": "/".join(f"{part:02}" for part in parts) + "/" if rest else ""}
