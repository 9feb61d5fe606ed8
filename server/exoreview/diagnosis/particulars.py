"""Rows, numbers, comparisons and templates that the grammar allows and SPARQL does not."""

import re
from bisect import bisect_left
from collections.abc import Iterator
from itertools import pairwise

from exoreview.diagnosis.faults import Complaint
from exoreview.diagnosis.reading import Reading
from exoreview.diagnosis.tokens import Token

_COMPARING = frozenset(("=", "!=", "<", ">", "<=", ">="))
_PATHS = frozenset(("/", "|", "^", "!", "*", "+", "?"))


def complaints(found: list[Token], reading: Reading) -> Iterator[Complaint]:
    """What is wrong with the particulars of a query that keeps to the grammar."""
    yield from _data(found, reading)
    yield from _chains(found, reading)
    yield from _details(found, reading)


def _data(found: list[Token], reading: Reading) -> Iterator[Complaint]:
    """Rows of VALUES with a wrong number of cells, and variables that stand twice."""
    tables = sorted((first, end) for rule, first, end in reading.spans if rule == "Data")
    rows = sorted((first, end) for rule, first, end in reading.spans if rule == "Row")
    for first, end in tables:
        if found[first].kind != "(":
            continue
        names = []
        while found[first + 1 + len(names)].kind == "VAR":
            token = found[first + 1 + len(names)]
            names.append(token.text)
        if len(set(names)) < len(names):
            yield Complaint("A variable stands twice in VALUES.", found[first].start)
        for start, stop in rows[bisect_left(rows, (first, 0)) : bisect_left(rows, (end, 0))]:
            count = _cells(found[start + 1 : stop - 1])
            if count != len(names):
                values, variables = _counted(count, "value"), _counted(len(names), "variable")
                message = f"This row of VALUES has {values} for {variables}."
                yield Complaint(message, found[start].start, "Write UNDEF where a value is not known.")
                return


def _counted(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def _cells(tokens: list[Token]) -> int:
    count = 0
    for before, token in zip([None, *tokens], tokens, strict=False):
        datatype = before is not None and before.kind == "^^"
        count += token.kind not in ("LANG", "^^") and not datatype
    return count


def _chains(found: list[Token], reading: Reading) -> Iterator[Complaint]:
    """Comparisons in a chain: ?a < ?b < ?c."""
    reach = 0
    for first, end in sorted((first, end) for rule, first, end in reading.spans if rule == "Expression"):
        if first < reach:
            continue
        reach, compared = end, [False]
        for token in found[first:end]:
            if token.kind in ("(", "{"):
                compared.append(False)
            elif token.kind in (")", "}") and len(compared) > 1:
                compared.pop()
            elif token.kind in ("&&", "||", ","):
                compared[-1] = False
            elif token.kind in _COMPARING and found[first].kind != "{":
                if compared[-1]:
                    hint = "Write two comparisons with && between them."
                    yield Complaint(
                        f"A second {token.text} cannot follow: comparisons form no chain.", token.start, hint
                    )
                    return
                compared[-1] = True


def _details(found: list[Token], reading: Reading) -> Iterator[Complaint]:
    """Numbers of LIMIT that are not whole, and paths in a template."""
    for before, token in pairwise(found):
        if before.kind in ("LIMIT", "OFFSET") and not re.fullmatch(r"\d{1,18}", token.text):
            yield Complaint(
                f"After {before.kind} a whole number is expected, and not a giant one.", token.start
            )
    for first, end in (span[1:] for span in reading.spans if span[0] == "Template"):
        for token in found[first:end]:
            if token.kind in _PATHS:
                hint = "Use the path in WHERE, and a plain predicate here."
                yield Complaint("The template of CONSTRUCT has no paths.", token.start, hint)
                return
