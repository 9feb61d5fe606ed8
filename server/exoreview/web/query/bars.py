"""A bar chart of a table that has one column of names and one of numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from exoreview.terms import PREFIXES

Cell = Mapping[str, Any]
Row = Mapping[str, Cell]

_NUMBERS = {
    PREFIXES["xsd"] + name
    for name in ("integer", "decimal", "double", "float", "int", "long", "short", "nonNegativeInteger")
}
# Fewer bars say nothing that the table does not say, and nobody compares more.
_FEWEST, _MOST = 2, 40


@dataclass(frozen=True)
class Bar:
    """The cell that names a bar, its number as written, and its length in percent of the longest."""

    name: Cell
    number: str
    length: float


@dataclass(frozen=True)
class Bars:
    """Bars in the order of the rows, with the columns that they are made of."""

    names: str
    numbers: str
    bars: Sequence[Bar]


def bars(variables: Sequence[str], rows: Sequence[Row]) -> Bars | None:
    """The chart of a table, or None where its columns are not of that kind."""
    if not _FEWEST <= len(rows) <= _MOST:
        return None
    numbers = [name for name in numeric(variables, rows) if all(name in row for row in rows)]
    names = [name for name in variables if name not in numbers]
    naming = next((name for name in (*_texts(names, rows), *names) if _tells_apart(name, rows)), None)
    # An IRI with its label names one thing; what has more columns is no list of named numbers.
    if not numbers or naming is None or len(names) > 2 or len(numbers) > 2:
        return None
    values = [float(row[numbers[0]]["value"]) for row in rows]
    most = max(values)
    if min(values) < 0 or most in (0, float("inf")):
        return None
    made = [
        Bar(row[naming], row[numbers[0]]["value"], round(100 * value / most, 1))
        for row, value in zip(rows, values, strict=True)
    ]
    return Bars(naming, numbers[0], made)


def numeric(variables: Sequence[str], rows: Sequence[Row]) -> list[str]:
    """The columns that hold numbers and nothing else."""
    cells = {name: [row[name] for row in rows if name in row] for name in variables}
    return [name for name, column in cells.items() if column and all(map(_is_number, column))]


def _texts(names: Sequence[str], rows: Sequence[Row]) -> list[str]:
    return [name for name in names if all(row.get(name, {}).get("type") == "literal" for row in rows)]


def _tells_apart(name: str, rows: Sequence[Row]) -> bool:
    return len({row[name]["value"] for row in rows if name in row}) == len(rows)


def _is_number(cell: Cell) -> bool:
    return cell.get("datatype") in _NUMBERS and cell["value"].lower() not in ("nan", "inf", "-inf")
