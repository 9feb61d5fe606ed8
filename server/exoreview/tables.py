"""The result of a query as a table of plain text."""

import json

from exoreview.terms import curie

# Wider cells are cut, so that a row stays a line or two of a terminal.
_WIDEST = 70


def table(result: bytes) -> str:
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
