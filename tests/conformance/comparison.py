"""Whether two results are the same: bags of solutions, or in order, and graphs, up to blank-node labels."""

from collections import Counter
from collections.abc import Container, Hashable, Sequence
from decimal import Decimal, InvalidOperation

from pyoxigraph import BlankNode, Literal

from conformance.results import Result, Table, Term, Triples

# A row is a tuple of terms, with the names of the variables where it is a solution.
Row = tuple

_XSD = "http://www.w3.org/2001/XMLSchema#"
_NUMBERS = {
    f"{_XSD}integer": Decimal,
    f"{_XSD}decimal": Decimal,
    f"{_XSD}double": float,
    f"{_XSD}float": float,
}


def difference(
    actual: Result, expected: Result, *, computed: Container[str] = (), lax: bool = False
) -> str | None:
    """What differs, in words, or None where the results are the same.

    A number of a `computed` variable may be spelt in any way, as the specification leaves that open; all
    other terms must come back as they are. Under `lax` (REDUCED) solutions may be there fewer times than
    expected, but each at least once.
    """
    if type(actual) is not type(expected):
        return f"the answer is a {type(actual).__name__.lower()}, not a {type(expected).__name__.lower()}"
    if isinstance(expected, bool):
        return None if actual == expected else f"the answer is {actual}, not {expected}".lower()
    if isinstance(expected, Triples):
        return _told(list(dict.fromkeys(actual.triples)), list(dict.fromkeys(expected.triples)), "triples")
    if actual.variables != expected.variables:
        return f"the variables are {_names(actual)}, not {_names(expected)}"
    had, due = (_rows(table, computed) for table in (actual, expected))
    if expected.indexed:
        had, due = ([(place, *row) for place, row in enumerate(rows)] for rows in (had, due))
    if lax:
        return _lax(had, due)
    return _told(had, due, "solutions")


def _names(table: Table) -> str:
    return " ".join(f"?{name}" for name in sorted(table.variables)) or "none"


def _rows(table: Table, computed: Container[str]) -> list[Row]:
    return [
        tuple(
            part
            for name in sorted(row)
            for part in (name, _value(row[name]) if name in computed else row[name])
        )
        for row in table.rows
    ]


def _value(term: Term) -> Hashable:
    """A number as its value and datatype; any other term as it is."""
    number = _NUMBERS.get(term.datatype.value) if isinstance(term, Literal) else None
    try:
        return (number(term.value), term.datatype) if number else term
    except (ValueError, InvalidOperation):
        return term


def _lax(actual: list[Row], expected: list[Row]) -> str | None:
    told = _told(list(dict.fromkeys(actual)), list(dict.fromkeys(expected)), "distinct solutions")
    if told is None and len(actual) > len(expected):
        return f"there are {len(actual)} solutions, and at most {len(expected)} may be"
    return told


def _told(actual: list[Row], expected: list[Row], what: str) -> str | None:
    if same(actual, expected):
        return None
    if len(actual) != len(expected):
        return f"there are {len(actual)} {what}, not {len(expected)}"
    extra = Counter(_coloured(actual)) - Counter(_coloured(expected))
    first = next((row for row, shape in zip(actual, _coloured(actual), strict=True) if extra[shape]), ())
    return f"one of the {what} is not expected: {' '.join(map(_shown, first)) or 'blank nodes differ'}"


def _shown(part: Hashable) -> str:
    return " as ".join(map(str, part)) if isinstance(part, tuple) else str(part)


def same(actual: Sequence[Row], expected: Sequence[Row]) -> bool:
    """Whether two bags of rows are equal under a renaming of blank nodes, one to one."""
    had, due = _coloured(actual), _coloured(expected)
    if Counter(had) != Counter(due):
        return False
    open_rows = [(row, shape) for row, shape in zip(actual, had, strict=True) if _blank(row)]
    candidates: dict[Hashable, list[Row]] = {}
    for row, shape in zip(expected, due, strict=True):
        candidates.setdefault(shape, []).append(row)
    open_rows.sort(key=lambda pair: len(candidates[pair[1]]))
    return _matched(open_rows, candidates, {})


def _matched(open_rows: list, candidates: dict, names: dict) -> bool:
    """Backtracking: the first row that is still open becomes each of the rows that look like it.

    Every expected row is taken once and there are as many blank nodes as expected, so that no two of them
    can get one name.
    """
    if not open_rows:
        return True
    row, shape = open_rows[0]
    for place, other in enumerate(candidates[shape]):
        pairs = {(a, b) for a, b in zip(row, other, strict=True) if isinstance(a, BlankNode)}
        renamed = dict(pairs) | names
        if all(renamed[a] == b for a, b in pairs):
            left = candidates[shape][:place] + candidates[shape][place + 1 :]
            if _matched(open_rows[1:], candidates | {shape: left}, renamed):
                return True
    return False


def _blank(row: Row) -> bool:
    return any(isinstance(term, BlankNode) for term in row)


def _coloured(rows: Sequence[Row]) -> list[Hashable]:
    """Each row with its blank nodes replaced by what can be said of them without their labels.

    A blank node's colour is where it stands in which rows, refined as often as there are blank nodes to
    tell apart; equal colours do not prove that two are alike, different ones prove that they are not.
    """
    colours = {term: 0 for row in rows for term in row if isinstance(term, BlankNode)}
    for _ in range(min(len(colours), 8)):
        places: dict[BlankNode, list] = {term: [] for term in colours}
        for row in rows:
            shape = _shape(row, colours)
            for place, term in enumerate(row):
                if isinstance(term, BlankNode):
                    places[term].append(hash((place, shape)))
        colours = {term: hash((colours[term], *sorted(seen))) for term, seen in places.items()}
    return [_shape(row, colours) for row in rows]


def _shape(row: Row, colours: dict) -> Hashable:
    """A row with colours for blank nodes; a blank node that is there twice is marked as the same one."""
    return tuple(
        ("blank", colours[term], row.index(term)) if isinstance(term, BlankNode) else term for term in row
    )
