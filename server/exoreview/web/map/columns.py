"""In which column of a drawing each thing stands: the most linked in the middle, effects on its right."""

from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True)
class Link:
    """A line to draw from one thing to another, under a heading; one that leads onward goes to the right."""

    start: str
    end: str
    heading: str
    onward: bool

    def other(self, name: str) -> str:
        """The thing at the other end."""
        return self.end if name == self.start else self.start


def parts(links: Sequence[Link]) -> list[list[Link]]:
    """The links in groups that share nothing, the largest first."""
    group = {name: name for link in links for name in (link.start, link.end)}

    def root(name: str) -> str:
        while group[name] != name:
            name = group[name]
        return name

    for link in links:
        group[root(link.end)] = root(link.start)
    found: dict[str, list[Link]] = {}
    for link in links:
        found.setdefault(root(link.start), []).append(link)
    return sorted(found.values(), key=len, reverse=True)


def middle(links: Sequence[Link], preferred: str = "") -> str:
    """The thing that a part is drawn around: the preferred one or the most linked."""
    counts = Counter(name for link in links for name in (link.start, link.end))
    return preferred if preferred in counts else counts.most_common(1)[0][0]


def columns(links: Sequence[Link], middle: str) -> dict[str, int]:
    """The columns of the things of one part: 0 is the middle, negative ones are to its left.

    To the right stands what follows onward from the middle, to the left what leads to it and what only tells
    what it is. Who is further from the middle than another by a link stands in a column further out.
    """
    sides, inner = _sides(links, middle)
    for link in links:
        if sides[link.start] == sides[link.end] != 0:
            pair = (link.start, link.end) if sides[link.start] > 0 else (link.end, link.start)
            if not _within(inner, pair[0], pair[1]):
                inner[pair[1]].add(pair[0])

    @cache
    def depth(name: str) -> int:
        return 1 + max(map(depth, inner[name])) if inner[name] else 0

    return {name: side * depth(name) for name, side in sides.items()}


def _sides(links: Sequence[Link], middle: str) -> tuple[dict[str, int], dict[str, set[str]]]:
    """On which side each thing is (-1, 0, 1), and from which it was reached."""
    leading = {link.start for link in links}
    sides, inner, todo = {middle: 0}, {middle: set()}, deque([middle])
    while todo:
        name = todo.popleft()
        for link in links:
            if name not in (link.start, link.end) or (other := link.other(name)) in sides:
                continue
            onward = link.start == name and (link.onward or other in leading)
            sides[other] = sides[name] or (1 if onward else -1)
            inner[other] = {name}
            todo.append(other)
    return sides, inner


def _within(inner: dict[str, set[str]], name: str, other: str) -> bool:
    """Whether a thing stands further out than another, or is it."""
    return name == other or any(_within(inner, each, other) for each in inner[name])
