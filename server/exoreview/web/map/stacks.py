"""The order and the heights of things in the columns of a drawing, so that none covers another.

A link that passes a column has a lane there, as if it were a thing. Heights are in the units of the drawing,
downwards; `y` is the middle of a thing.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from exoreview.web.map.columns import Link

GAP, GROUP_GAP, HEADING, LANE, INDENT = 4.0, 8.0, 18.0, 12.0, 14.0
_SWEEPS = 6


@dataclass(eq=False)
class Item:
    """A thing or a lane in a column."""

    name: str
    column: int
    height: float
    lane: bool = False
    y: float = 0.0
    # Free space above it, with the heading that stands there.
    above: float = 0.0
    heading: str = ""
    # How deep it stands below a broader thing under the same heading.
    depth: int = 0
    inner: list["Item"] = field(default_factory=list)
    outer: list["Item"] = field(default_factory=list)


@dataclass(frozen=True, eq=False)
class Route:
    """A link with what it passes, from its start to its end."""

    link: Link
    items: Sequence[Item]


@dataclass(frozen=True, eq=False)
class Stacked:
    """The things and lanes of one part, and the ways of its links."""

    items: Sequence[Item]
    routes: Sequence[Route]


def stacked(
    links: Sequence[Link],
    columns: Mapping[str, int],
    heights: Mapping[str, float],
    broader: Callable[[str], Iterable[str]],
) -> Stacked:
    """The part of a drawing that links make, in columns; `broader` tells what stands above others."""
    things = {name: Item(name, column, heights[name]) for name, column in columns.items()}
    routes = [_route(link, things) for link in links]
    items = list(dict.fromkeys([*things.values(), *(each for route in routes for each in route.items)]))
    for route in routes:
        _join(route.items)
    stacks = {0: [each for each in items if each.column == 0]}
    for side in (1, -1):
        column = side
        while found := [each for each in items if each.column == column]:
            stacks[column] = _ordered(found, stacks[column - side], routes, broader)
            column += side
    _settle(stacks)
    return Stacked(items, routes)


def _route(link: Link, things: Mapping[str, Item]) -> Route:
    start, end = things[link.start], things[link.end]
    step = 1 if start.column < end.column else -1
    passed = range(start.column + step, end.column, step)
    name = f"{link.start} {link.heading} {link.end}"
    return Route(link, [start, *(Item(name, column, LANE, lane=True) for column in passed), end])


def _join(items: Sequence[Item]) -> None:
    for one, other in pairwise(items):
        inner, outer = sorted((one, other), key=lambda each: abs(each.column))
        if inner.column != outer.column and outer not in inner.outer:
            inner.outer.append(outer)
            outer.inner.append(inner)


def _ordered(found: list[Item], before: list[Item], routes: Sequence[Route], broader) -> list[Item]:
    """A column in order: by what leads there, then by heading, then in the order of the links."""
    places = {item: place for place, item in enumerate(before)}
    headings = _headings(routes)
    groups: dict[tuple, list[Item]] = {}
    for item in found:
        from_ = max(item.inner, key=lambda each: (not each.lane, places[each]))
        groups.setdefault((from_, *headings[from_, item]), []).append(item)

    def rank(key: tuple) -> tuple:
        leads = any(each.outer and not each.lane for each in groups[key])
        return places[key[0]], leads, found.index(groups[key][0])

    ordered = []
    for key in sorted(groups, key=rank):
        mean = {item: sum(places[each] for each in item.inner) / len(item.inner) for item in groups[key]}
        group = _in_order(sorted(groups[key], key=lambda item: (item.lane, mean[item])), broader)
        group[0].above = GROUP_GAP
        if key[2]:
            group[0].above += HEADING
            group[0].heading = key[1]
        ordered += group
    return ordered


def _headings(routes: Sequence[Route]) -> dict[tuple[Item, Item], tuple[str, bool]]:
    """For an item and the next one outward the heading of the link, and whether the link leads outward."""
    found = {}
    for route in routes:
        for one, other in pairwise(route.items):
            found.setdefault((one, other), (route.link.heading, True))
            found.setdefault((other, one), (route.link.heading, False))
    return found


def _in_order(group: list[Item], broader: Callable[[str], Iterable[str]]) -> list[Item]:
    """A group with what is narrower below what is broader, and last its lanes."""
    things = {item.name: item for item in group if not item.lane}
    ordered = nested(list(things), broader)
    for name, depth in ordered:
        things[name].depth = depth
    return [things[name] for name, _ in ordered] + [item for item in group if item.lane]


def nested(names: Sequence[str], broader: Callable[[str], Iterable[str]]) -> list[tuple[str, int]]:
    """Names with what is narrower than another of them right below that; each with how deep it stands."""
    above = {name: set(broader(name)) & set(names) for name in names}
    ordered: dict[str, int] = {}

    def put(name: str, depth: int) -> None:
        ordered[name] = depth
        for other in names:
            if other not in ordered and name in above[other]:
                put(other, depth + 1)

    for name in sorted(names, key=lambda each: bool(above[each])):
        if name not in ordered:
            put(name, 0)
    return list(ordered.items())


def _settle(stacks: Mapping[int, list[Item]]) -> None:
    """Moves everything as near to what it is linked with as its column allows."""
    outward = sorted(stacks, key=abs)
    for _ in range(_SWEEPS):
        for column in outward:
            _place(stacks[column], lambda item: item.inner)
        for column in reversed(outward):
            _place(stacks[column], lambda item: item.outer)
    for column in outward[1:]:
        _place(stacks[column], lambda item: item.outer if item.lane else item.inner)


def _place(stack: Sequence[Item], of: Callable[[Item], Sequence[Item]]) -> None:
    """The heights nearest to the wanted ones that keep order and distance: an isotonic regression.

    Without the distances that must be kept the heights may not fall; where the wanted ones do, those that
    disagree share their mean.
    """
    offset, wanted = 0.0, []
    for place, item in enumerate(stack):
        if place:
            offset += stack[place - 1].height / 2 + GAP + item.above + item.height / 2
        near = of(item)
        wanted.append((sum(each.y for each in near) / len(near) if near else item.y) - offset)
    blocks: list[list[float]] = []
    for value in wanted:
        blocks.append([value])
        while len(blocks) > 1 and _mean(blocks[-2]) > _mean(blocks[-1]):
            blocks[-2:] = [blocks[-2] + blocks[-1]]
    settled = [_mean(block) for block in blocks for _ in block]
    offset = 0.0
    for place, item in enumerate(stack):
        if place:
            offset += stack[place - 1].height / 2 + GAP + item.above + item.height / 2
        item.y = settled[place] + offset


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
