"""What an explanation of a fault looks at, and what it gives: a sentence, a place and a hint."""

from dataclasses import dataclass
from typing import NamedTuple

from exoreview.diagnosis.reading import Fault
from exoreview.diagnosis.tokens import Token
from exoreview.sparql.querytext import position

# What a triple can begin with.
TERMS = frozenset(("VAR", "IRI", "NAME", "NAMESPACE", "BLANK", "STRING", "NUMBER", "SIGNED", "BOOLEAN"))
TERMS |= frozenset(("(", "[", "<<", "<<("))

# The rules in which values are computed, and those in which patterns stand again.
_EXPRESSION = frozenset(("Expression", "Arguments", "Aggregate", "BuiltIn", "Constraint", "As"))
_EXPRESSION |= frozenset(("GroupKey", "OrderKey"))
_PATTERN = frozenset(("Group", "Template", "Data"))


class Complaint(NamedTuple):
    """What is wrong, where (an offset in the text) and what would be right, where that is known."""

    message: str
    offset: int
    hint: str = ""


@dataclass
class Sight:
    """A text, its tokens, and the first of them that has no place in a query."""

    text: str
    tokens: list[Token]
    fault: Fault

    @property
    def here(self) -> Token:
        """The token that has no place."""
        return self.tokens[self.fault.at]

    @property
    def expected(self) -> frozenset[str]:
        """The kinds of tokens that would have a place instead."""
        return self.fault.expected

    @property
    def opener(self) -> Token | None:
        """The innermost bracket that is open, if one is."""
        return self.tokens[self.fault.brackets[-1]] if self.fault.brackets else None

    @property
    def glued(self) -> bool:
        """Whether no blank stands before the token."""
        return self.near(-1).end == self.here.start

    def near(self, steps: int) -> Token:
        """The token so many before (negative) or after the one that has no place; an empty one outside."""
        at = self.fault.at + steps
        return self.tokens[at] if 0 <= at < len(self.tokens) else Token("", 0, 0, "")

    def within(self, *rules: str) -> bool:
        """Whether the innermost of the rules that are open is one of these."""
        return bool(self.fault.rules) and self.fault.rules[-1] in rules

    def inside(self, rule: str) -> bool:
        """Whether a rule is open."""
        return rule in self.fault.rules

    @property
    def computing(self) -> bool:
        """Whether an expression is being read rather than a pattern."""
        inner = next((rule for rule in reversed(self.fault.rules) if rule in _PATTERN | _EXPRESSION), "")
        return inner in _EXPRESSION

    def complain(self, message: str, hint: str = "", at: Token | None = None) -> Complaint:
        """A complaint about the token that has no place, or about another."""
        token = at or self.here
        # The end is where the last token ends, not after the blanks behind it.
        return Complaint(message, self.near(-1).end if token.kind == "END" else token.start, hint)

    def where(self, token: Token) -> str:
        """A token's place in words."""
        line, column = position(self.text, token.start)
        return f"line {line}, column {column}"

    def matching(self, steps: int) -> int:
        """How many steps away the bracket closes that opens so many steps away; the same if it does not."""
        depth = 0
        for step in range(steps, min(steps + 200, len(self.tokens) - self.fault.at)):
            depth += {"(": 1, ")": -1}.get(self.near(step).kind, 0)
            if not depth:
                return step
        return steps

    def source(self, first: int, last: int) -> str:
        """The text from one step to another, both included, on one line and not long."""
        taken = " ".join(self.text[self.near(first).start : self.near(last).end].split())
        return taken if len(taken) <= 80 else "…"


def quoted(token: Token) -> str:
    """A token as it stands in a sentence."""
    text = " ".join(token.text.split())
    return f"“{text if len(text) <= 40 else text[:39] + '…'}”"
