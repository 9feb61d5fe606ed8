"""A text with marked passages: cut where one begins or ends, each passage on a line of its own beneath it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True)
class Passage:
    """A named stretch of a text, from one character to another (code points, end exclusive)."""

    name: str
    start: int
    end: int


@dataclass(frozen=True)
class Segment:
    """A stretch of text that the same passages cover from its first character to its last."""

    start: int
    end: int
    text: str
    names: tuple[str, ...]

    @property
    def has_words(self) -> bool:
        """Whether it is more than a full stop or a blank, and so large enough to be pointed at."""
        return any(character.isalnum() for character in self.text)


def cut(text: str, passages: Iterable[Passage], at: Iterable[int] = ()) -> list[Segment]:
    """The whole text in segments, also cut at the offsets `at`; joined again they are the text."""
    passages = list(passages)
    edges = {0, len(text), *at, *(edge for passage in passages for edge in (passage.start, passage.end))}
    return [
        Segment(start, end, text[start:end], tuple(_covering(passages, start, end)))
        for start, end in pairwise(sorted(edges))
    ]


def _covering(passages: Sequence[Passage], start: int, end: int) -> Iterable[str]:
    return (passage.name for passage in passages if passage.start <= start and end <= passage.end)


def lanes(passages: Iterable[Passage]) -> dict[str, int]:
    """For each passage the line beneath the text, 1 the nearest, on which no other passage meets it.

    Longer ones come nearer to the text than those that lie within them.
    """
    ends: list[int] = []
    found: dict[str, int] = {}
    for passage in sorted(passages, key=lambda each: (each.start, -each.end)):
        free = next((lane for lane, end in enumerate(ends) if end <= passage.start), len(ends))
        ends[free:] = [passage.end, *ends[free + 1 :]]
        found[passage.name] = free + 1
    return found


def coverage(size: int, layers: Sequence[Iterable[Passage]]) -> list[int]:
    """How many of `size` characters lie in each layer and in none before it, and last how many in none."""
    left, counts = set(range(size)), []
    for layer in layers:
        inside = {place for passage in layer for place in range(passage.start, passage.end)} & left
        counts.append(len(inside))
        left -= inside
    return [*counts, len(left)]
