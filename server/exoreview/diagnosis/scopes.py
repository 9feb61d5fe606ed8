"""Variables and blank nodes that the grammar allows where SPARQL does not.

One pass over the tokens, with a scope for each pair of braces.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from exoreview.diagnosis.faults import Complaint
from exoreview.diagnosis.reading import Reading
from exoreview.diagnosis.tokens import Token

_BREAKING = frozenset(("OPTIONAL", "MINUS", "GRAPH", "SERVICE", "BIND", "VALUES", "LATERAL", "UNION"))


@dataclass
class _Column:
    """A column of a SELECT: its variable, and the span of its expression, if it has one."""

    variable: Token
    first: int = 0
    end: int = 0


@dataclass
class _Scope:
    """A pair of braces, or the whole query: the variables that are seen outside, and its SELECT."""

    dropped: bool = False
    visible: set[str] = field(default_factory=set)
    stretch: int = 0
    columns: list[_Column] | None = None
    star: Token | None = None
    keys: set[str] = field(default_factory=set)
    grouped: bool = False


def complaints(found: list[Token], reading: Reading) -> Iterator[Complaint]:
    """What is wrong with the variables and blank nodes of a query that keeps to the grammar."""
    return _Walk(found, reading).complaints()


def _name(token: Token) -> str:
    return token.text[1:]


class _Walk:
    """The pass over the tokens; `complaints` gives all that it meets."""

    def __init__(self, found: list[Token], reading: Reading):
        self.found = found
        self.ends = {(rule, first): end for rule, first, end in reading.spans}
        self.scopes = [_Scope()]
        self.labels: dict[str, tuple[int, int]] = {}

    def complaints(self) -> Iterator[Complaint]:
        """All complaints, in the order of the places where they are seen."""
        at = 0
        while at < len(self.found):
            kind, scope = self.found[at].kind, self.scopes[-1]
            if kind == "SELECT" and (end := self.ends.get(("Projection", at))):
                self._projection(at, end)
                at = end
                continue
            if (end := self.ends.get(("Template", at))) or (end := self.ends.get(("GroupKey", at))):
                if kind != "{":
                    self._key(at, end)
                at = end
                continue
            if end := self.ends.get(("Expression", at)):
                yield from self._aggregate(at, end)
                at = end
                continue
            yield from self._token(at, kind, scope)
            at += 1
        yield from self._leave(self.scopes[0])

    def _token(self, at: int, kind: str, scope: _Scope) -> Iterator[Complaint]:
        token = self.found[at]
        if kind == "{":
            before = self.found[at - 1].kind if at else ""
            self.scopes.append(_Scope(dropped=before in ("MINUS", "EXISTS")))
        elif kind == "}":
            closed = self.scopes.pop()
            yield from self._leave(closed)
            self.scopes[-1].stretch += 1
            if not closed.dropped:
                self.scopes[-1].visible |= closed.visible
        elif kind in _BREAKING:
            scope.stretch += 1
        elif kind == "VAR" and scope.columns is None:
            if self.found[at - 1].kind == "AS" and _name(token) in scope.visible:
                yield _in_use(token)
            scope.visible.add(_name(token))
        elif kind == "BLANK":
            place = (id(scope), scope.stretch)
            if self.labels.setdefault(token.text, place) != place:
                yield Complaint(
                    f"The blank node {token.text[:40]} stands in two patterns; its label holds for one only.",
                    token.start,
                    "Use a variable to join the two.",
                )

    def _projection(self, at: int, end: int) -> None:
        scope = self.scopes[-1]
        scope.columns = []
        at += 1
        while at < end:
            token = self.found[at]
            if token.kind == "*":
                scope.star = token
            elif token.kind == "VAR":
                scope.columns.append(_Column(token))
            elif close := self.ends.get(("As", at)):
                scope.columns.append(_Column(self.found[close - 2], at + 1, close - 3))
                at = close - 1
            at += 1

    def _key(self, at: int, end: int) -> None:
        scope = self.scopes[-1]
        scope.grouped = True
        inner = [token for token in self.found[at:end] if token.kind not in "()"]
        if inner and (len(inner) == 1 or inner[-2].kind == "AS") and inner[-1].kind == "VAR":
            scope.keys.add(_name(inner[-1]))

    def _aggregate(self, at: int, end: int) -> Iterator[Complaint]:
        if self.scopes[-1].columns is not None or len(self.scopes) == 1:
            return
        for token in self.found[at:end]:
            if token.kind == "SELECT":
                return
            if token.kind == "AGGREGATE":
                name = token.text.upper()
                yield Complaint(
                    f"{name} stands only after SELECT, HAVING and ORDER BY, not in FILTER or BIND.",
                    token.start,
                    "Compare it with HAVING after GROUP BY, or compute it in { SELECT … }.",
                )

    def _leave(self, scope: _Scope) -> Iterator[Complaint]:
        """What is wrong with the SELECT of a scope, and which variables it shows."""
        if scope.columns is None:
            return
        body, shown = scope.visible, set()
        totals = any(self._has_aggregate(column) for column in scope.columns)
        if scope.star and (scope.grouped or totals):
            yield Complaint(
                "SELECT * cannot stand with GROUP BY.",
                scope.star.start,
                "Name the variables that are grouped.",
            )
        for column in scope.columns:
            name = _name(column.variable)
            if scope.grouped or totals:
                yield from self._ungrouped(column, scope.keys | shown)
            if name in shown:
                yield Complaint(f"?{name} stands twice after SELECT.", column.variable.start)
            elif column.end and name in body:
                yield _in_use(column.variable)
            shown.add(name)
        scope.visible = body if scope.star else shown

    def _has_aggregate(self, column: _Column) -> bool:
        return any(token.kind == "AGGREGATE" for token in self.found[column.first : column.end])

    def _ungrouped(self, column: _Column, known: set[str]) -> Iterator[Complaint]:
        """Variables of a column that are neither grouped nor within an aggregate."""
        if not column.end:
            if _name(column.variable) not in known:
                yield _not_grouped(column.variable)
            return
        depth, hidden = 0, 0
        for before, token in zip(
            self.found[column.first - 1 : column.end], self.found[column.first : column.end], strict=False
        ):
            depth += {"(": 1, ")": -1}.get(token.kind, 0)
            # All up to the parenthesis that closes an aggregate is within it.
            if token.kind == "(" and before.kind == "AGGREGATE" and not hidden:
                hidden = depth
            elif depth < hidden:
                hidden = 0
            if token.kind == "VAR" and not hidden and _name(token) not in known:
                yield _not_grouped(token)


def _in_use(variable: Token) -> Complaint:
    message = f"{variable.text} is already in use; AS needs a new variable."
    return Complaint(message, variable.start, f"Choose another name, such as {variable.text}2.")


def _not_grouped(variable: Token) -> Complaint:
    return Complaint(
        f"{variable.text} stands after SELECT, but is neither grouped nor within an aggregate.",
        variable.start,
        f"Add it to GROUP BY, or take one value: (SAMPLE({variable.text}) AS ?any).",
    )
