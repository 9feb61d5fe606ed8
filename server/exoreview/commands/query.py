"""Ask the dataset, or files of RDF, a SPARQL query, under the same limits as on the server."""

import argparse
import asyncio
import json
import re
import shutil
import sys
from pathlib import Path
from typing import Any

from exoreview.problems import Refusal
from exoreview.terms import curie

SUMMARY = "ask a SPARQL query"
EXAMPLE = "exoreview query 'SELECT ?c { ?c a <https://w3id.org/exoreview/ontology#Claim> } LIMIT 3'"
FORMATS = ("table", "json", "xml", "csv", "tsv", "ttl", "nt", "nq", "trig", "rdf", "jsonld")

# Every query has one of these: a blank, a brace, an IRI, a variable or a prefix.
_QUERY = re.compile(r"[\s{<?$:]")

# Wider cells are cut, so that a row stays a line or two of a terminal.
_WIDEST = 70


def arguments(parser: argparse.ArgumentParser) -> None:
    """The query, the format, and other data."""
    parser.add_argument("query", metavar="QUERY", help="the query, a file that holds it, or - to read it")
    parser.add_argument("--format", choices=FORMATS, help="format of the answer; on a terminal a table")
    parser.add_argument("--data", metavar="FILE", nargs="+", type=Path, default=[], help="ask these files")
    parser.add_argument("--timeout", metavar="SECONDS", help="stop the query after so long")


def run(options: argparse.Namespace) -> int:
    """Print the answer, or the mistake with its line and column."""
    from exoreview import diagnosis, media, settings
    from exoreview.sparql import querytext
    from exoreview.sparql.engine import Question
    from exoreview.sparql.outcomes import QueryError, Stopped

    text = _text(options.query)
    carried = querytext.FORMS.get(querytext.form(text), media.BINDINGS)
    wanted = options.format or ("table" if sys.stdout.isatty() else None)
    usual = media.TURTLE if carried == media.GRAPH else media.RESULTS_JSON
    format = media.BY_NAME.get(wanted, usual)
    if carried not in format.carries:
        raise Refusal(f"{querytext.form(text)} queries cannot be answered as {wanted}.")
    [limit] = [each for each in settings.SETTINGS if each.name == "QUERY_TIMEOUT_S"]
    timeout = None if options.timeout is None else limit.read(options.timeout, "--timeout")
    read = settings.read(query_timeout_s=timeout)
    as_table = wanted == "table" and format is media.RESULTS_JSON
    try:
        asyncio.run(_asked(Question(text, format), options.data, read, as_table))
    except QueryError as error:
        raise Refusal(diagnosis.told(error, text)) from None
    except Stopped as error:
        raise Refusal(str(error)) from None
    return 0


async def _asked(question, data: list[Path], read: dict[str, Any], as_table: bool) -> None:
    from exoreview.sparql import service

    async with service.running(read, data) as engine:
        answer = await engine.ask(question)
        with answer.opened() as content:
            if as_table:
                print(_table(content.read()))
            else:
                shutil.copyfileobj(content, sys.stdout.buffer)
    if sys.stdout.isatty() and not as_table:
        print()


def _text(given: str) -> str:
    """The text of the query, from where it was named."""
    if given == "-":
        return _utf8(sys.stdin.buffer.read(), "The query on standard input")
    if not given.strip():
        raise Refusal("The query is empty.")
    if not _exists(given):
        if not _QUERY.search(given):
            raise Refusal(f"“{given}” is neither a query nor a file.")
        return _utf8(given.encode("utf-8", "surrogateescape"), "The query")
    try:
        return Path(given).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8"
        raise Refusal(f"{given} cannot be read: {reason}.") from None


def _utf8(data: bytes, named: str) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise Refusal(f"{named} is not UTF-8.") from None


def _table(result: bytes) -> str:
    """SPARQL JSON results as aligned columns, or the word for a boolean."""
    said = json.loads(result)
    if "boolean" in said:
        return "yes" if said["boolean"] else "no"
    names = said["head"]["vars"]
    rows = [[_cell(row.get(name)) for name in names] for row in said["results"]["bindings"]]
    widths = [max(map(len, column)) for column in zip(names, *rows, strict=True)] if names else []
    lines = [names, ["-" * width for width in widths], *rows]
    text = [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    ]
    return "\n".join([*text, f"({len(rows)} {'row' if len(rows) == 1 else 'rows'})"])


def _cell(value: dict | None) -> str:
    if value is None:
        return ""
    text = curie(value["value"]) if value["type"] == "uri" else str(value["value"])
    text = " ".join(text.split())
    return text if len(text) <= _WIDEST else text[: _WIDEST - 1] + "…"


def _exists(name: str) -> bool:
    try:
        return Path(name).exists()
    except (OSError, ValueError):
        # A query is longer than a name may be, or has characters that no name has.
        return False
