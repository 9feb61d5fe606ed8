"""Reads tokens as a query and finds the first that has no place in one.

A query that the parser refused is read again here, because a parser with backtracking reports the last thing
that it tried. The first token without a place is where a person would see the mistake.
"""

from dataclasses import dataclass, field

from exoreview.diagnosis.grammar import rules as grammar
from exoreview.diagnosis.tokens import CLOSING, OPENING, Token


@dataclass(frozen=True)
class Fault:
    """The first token that has no place: its number, the kinds that had one, and the rules and (as numbers of
    tokens) the brackets that were open."""

    at: int
    expected: frozenset[str]
    rules: tuple[str, ...]
    brackets: tuple[int, ...]


@dataclass
class Reading:
    """What the grammar makes of tokens: the spans (rule, first, end) of rules, and the fault, if any."""

    spans: list[tuple[str, int, int]] = field(default_factory=list)
    fault: Fault | None = None


# The rules that explanations ask about.
_RULES = """
    Prologue Form Projection As Construct Template Dataset Modifiers GroupKey OrderKey Slice Constraint Group
    Pattern Values Data Row Triples Predicates Objects Path Expression Arguments Aggregate BuiltIn Select
    SubSelect Describe Ask Bracket List
"""
_MARKED = frozenset(_RULES.split())


def read(found: list[Token]) -> Reading:
    """Read tokens as a query, as far as they are one."""
    reading, stack, brackets = Reading(), [grammar()["Query"]], []
    rules: list[tuple[str, int]] = []
    at, tried = 0, set()
    while stack:
        node = stack.pop()
        kind = found[at].kind
        if node is None:
            name, begun = rules.pop()
            reading.spans.append((name, begun, at))
        elif node.sort == "token":
            if node.name != kind:
                break
            _track(brackets, kind, at)
            at, tried = at + 1, set()
        elif node.empty and kind not in node.first:
            tried |= node.first
        elif not node.empty and kind not in node.first:
            break
        elif node.sort == "rule":
            if node.name in _MARKED:
                rules.append((node.name, at))
                stack.append(None)
            stack.append(node.parts[0])
        elif node.sort == "sequence":
            stack.extend(reversed(node.parts))
        elif node.sort == "choice":
            stack.append(next(part for part in node.parts if kind in part.first))
        else:
            if node.sort == "many":
                stack.append(node)
            stack.append(node.parts[0])
    else:
        return reading
    names = tuple(name for name, _ in rules)
    reading.fault = Fault(at, frozenset(tried | node.first), names, tuple(brackets))
    return reading


def _track(brackets: list[int], kind: str, at: int) -> None:
    if kind in OPENING:
        brackets.append(at)
    elif kind in CLOSING:
        brackets.pop()
