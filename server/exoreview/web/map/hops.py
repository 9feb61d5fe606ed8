"""Arrows as they go from one column of a drawing to the next, and the room that they need at a thing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from exoreview.web.map.columns import Link
from exoreview.web.map.figures import LINE, PAD_Y
from exoreview.web.map.stacks import Item

PORT, _LABELLED_PORT = 9.0, 14.0


@dataclass(frozen=True)
class Line:
    """An arrow to draw: the name by which it is known, the things that it joins, and how they are linked."""

    name: str
    link: Link


@dataclass(frozen=True, eq=False)
class Hop:
    """The stretch of an arrow from one column to the next."""

    line: Line
    inner: Item
    outer: Item
    outward: bool
    first: bool

    @property
    def bundle(self) -> tuple:
        """What lines share a trunk: those that lead from one thing under one heading."""
        return (self.inner, self.line.link.heading if self.outward else self.line.name)

    @property
    def gap(self) -> tuple[int, int]:
        """The columns between which a hop lies; from a thing to itself it lies on the outer side."""
        columns = {self.inner.column, self.outer.column}
        if len(columns) == 1:
            columns.add(self.inner.column + (-1 if self.inner.column < 0 else 1))
        return min(columns), max(columns)


def hops(line: Line, items: Sequence[Item]) -> list[Hop]:
    """The way of an arrow along things and lanes, from its start to its end."""
    found = []
    for place, (one, other) in enumerate(pairwise(items)):
        outward = abs(one.column) < abs(other.column)
        inner, outer = (one, other) if outward else (other, one)
        found.append(Hop(line, inner, outer, outward, place == 0))
    return found


def room(name: str, lines: Sequence[Line], placed: Mapping[str, int], words: Sequence[str]) -> float:
    """The height of a thing, with room for its words and for the lines that meet it."""
    begin = [line.link for line in lines if line.link.start == name]
    inward = [link for link in begin if abs(placed[link.end]) < abs(placed[name])]
    arriving = sum(line.link.end == name for line in lines)
    meeting = max(arriving + len({link.heading for link in begin}), len(inward))
    return max(len(words) * LINE + 2 * PAD_Y, meeting * spacing(link.heading for link in inward) + 6)


def spacing(headings: Iterable[str]) -> float:
    """How far lines are apart where they meet a thing; those that say each what they are need more."""
    return _LABELLED_PORT if len(set(headings)) > 1 else PORT
