"""What is wrong, in words that a person can act on."""

from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that is wrong with a file, at the line where the thing starts (1 is the first)."""

    file: str
    line: int
    thing: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.thing}: {self.sentence}"


class Refusal(Exception):
    """Something that cannot be done, said in one plain sentence for the one who asked."""
