"""A table of names and numbers is drawn as bars, with the lengths of its numbers; no other table is."""

import pytest

from exoreview.terms import PREFIXES
from exoreview.web.query.bars import bars, numeric


def text(value):
    return {"type": "literal", "value": value, "datatype": PREFIXES["xsd"] + "string"}


def number(value, kind="integer"):
    return {"type": "literal", "value": value, "datatype": PREFIXES["xsd"] + kind}


def iri(value):
    return {"type": "uri", "value": f"https://example.org/{value}"}


def table(*rows, names=("name", "n")):
    return names, [{name: cell for name, cell in zip(names, row, strict=True) if cell} for row in rows]


THREE = ((text("a"), number("8")), (text("b"), number("2")), (text("c"), number("0")))


def test_the_longest_number_has_the_whole_length_and_the_rows_keep_their_order():
    chart = bars(*table(*THREE))
    assert (chart.names, chart.numbers) == ("name", "n")
    assert [(bar.name["value"], bar.number, bar.length) for bar in chart.bars] == [
        ("a", "8", 100.0),
        ("b", "2", 25.0),
        ("c", "0", 0.0),
    ]


def test_the_label_names_the_bar_where_there_is_an_iri_too():
    rows = [(iri("a"), text("A"), number("1")), (iri("b"), text("B"), number("2"))]
    assert bars(*table(*rows, names=("thing", "label", "n"))).names == "label"


def test_an_iri_alone_names_the_bar():
    assert bars(*table((iri("a"), number("1")), (iri("b"), number("2")))).names == "name"


@pytest.mark.parametrize("kind", ["integer", "decimal", "double", "float"])
def test_every_kind_of_number_is_one(kind):
    assert bars(*table((text("a"), number("1.5", kind)), (text("b"), number("3", kind))))


UNDRAWN = {
    "one row": table((text("a"), number("1"))),
    "too many rows": table(*((text(str(n)), number("1")) for n in range(41))),
    "no numbers": table((text("a"), text("1")), (text("b"), text("2"))),
    "years": table((text("a"), number("2023", "gYear")), (text("b"), number("2024", "gYear"))),
    "no names": table((number("1"), number("2")), (number("3"), number("4"))),
    "a name twice": table((text("a"), number("1")), (text("a"), number("2"))),
    "a number missing": table((text("a"), number("1")), (text("b"), None)),
    "a name missing": table((None, number("1")), (None, number("2"))),
    "below zero": table((text("a"), number("-1")), (text("b"), number("2"))),
    "nothing but zero": table((text("a"), number("0")), (text("b"), number("0"))),
    "not a number": table((text("a"), number("NaN", "double")), (text("b"), number("2", "double"))),
    "without end": table((text("a"), number("INF", "double")), (text("b"), number("2", "double"))),
    "three columns of names": table(
        (iri("a"), text("A"), text("x"), number("1")),
        (iri("b"), text("B"), text("y"), number("2")),
        names=("thing", "label", "more", "n"),
    ),
    "three columns of numbers": table(
        (text("a"), number("1"), number("1"), number("1")),
        (text("b"), number("2"), number("2"), number("2")),
        names=("name", "n", "m", "k"),
    ),
}


@pytest.mark.parametrize("made", UNDRAWN.values(), ids=UNDRAWN)
def test_other_tables_are_not_drawn(made):
    assert bars(*made) is None


def test_a_column_with_a_gap_is_one_of_numbers_still():
    assert numeric(*table((text("a"), number("1")), (text("b"), None))) == ["n"]
    assert numeric(("name", "n"), []) == []
