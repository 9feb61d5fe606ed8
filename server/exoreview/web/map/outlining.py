"""Draws arrows between things in one column, for narrow screens: what a thing leads to stands below it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from exoreview.web.map.columns import Link, columns, middle, parts
from exoreview.web.map.figures import LINE, PAD_X, PAD_Y, Box, Drawing, Label, Part, Track, measure, wrapped
from exoreview.web.map.hops import Line
from exoreview.web.map.stacks import GAP, GROUP_GAP, HEADING, nested

# As wide as a usual phone; for many lanes wider, so that this is left for the things.
WIDTH, _LEAST = 350.0, 280.0
_TRUNK, _SECOND, _INDENT, _NARROWER, _LANE = 9.0, 10.0, 33.0, 12.0, 11.0
_PART_GAP, _EDGE = 26.0, 3.0


@dataclass
class _Branch:
    """A thing with those that hang on it, by heading, whether arrows lead from it, and whether onward."""

    name: str
    groups: dict[tuple[str, bool, bool], list["_Branch"]] = field(default_factory=dict)


def outlined(
    lines: Sequence[Line],
    text: Callable[[str], str],
    broader: Callable[[str], Iterable[str]],
    preferred: str = "",
) -> Drawing:
    """The drawing of lines; `text` tells the words of a thing, the `preferred` one stands above others."""
    drawing = Drawing()
    for links in parts(list(dict.fromkeys(line.link for line in lines))):
        outline = _Outline(links, [line for line in lines if line.link in links], text, preferred)
        part = Part(outline.root, drawing.height)
        part.height = outline.draw(part, broader) + _PART_GAP
        drawing.parts.append(part)
        drawing.width = max(drawing.width, outline.width)
    return drawing


class _Outline:
    """Draws one part."""

    def __init__(
        self, links: Sequence[Link], lines: Sequence[Line], text: Callable[[str], str], preferred: str
    ):
        self.links, self.lines, self.text = links, lines, text
        self.leading = {link.start for link in links}
        depths = {name: abs(column) for name, column in columns(links, middle(links, preferred)).items()}
        self.branches = {name: _Branch(name) for name in depths}
        self.root = next(name for name, depth in depths.items() if not depth)
        hung, self.others = {}, []
        for link in links:
            inner, outer = sorted((link.start, link.end), key=lambda name: depths[name])
            if depths[outer] == depths[inner] + 1:
                hung.setdefault(outer, link)
        for link in links:
            outer = max((link.start, link.end), key=lambda name: depths[name])
            if hung.get(outer) == link:
                key = (link.heading, outer == link.end, link.onward)
                self.branches[link.other(outer)].groups.setdefault(key, []).append(self.branches[outer])
            else:
                self.others.append(link)
        self.beside = [line for line in lines if line.link in self.others]
        # What leads to the same thing comes there on one lane, but for a second claim of the same.
        self.lanes = list(dict.fromkeys(map(self._lane, self.beside)))
        self.width = max(WIDTH, _LEAST + _LANE * len(self.lanes))
        self.boxes: dict[str, Box] = {}

    def _lane(self, line: Line) -> tuple[str, int]:
        same = [other for other in self.lines if other.link == line.link]
        return line.link.end, same.index(line)

    def draw(self, drawn: Part, broader: Callable[[str], Iterable[str]]) -> float:
        """Draws everything, and tells how much room it took."""
        top = drawn.top + _PART_GAP / 2
        bottom = self._put(drawn, self.branches[self.root], broader, _EDGE, top)
        drawn.tracks += [Track(line.name, self._way(line)) for line in self.beside]
        drawn.boxes += self.boxes.values()
        return bottom - top

    def _put(self, drawn: Part, branch: _Branch, broader, x: float, y: float) -> float:
        """Draws a thing at a place and what hangs on it below, and tells where that ends."""
        box = self.boxes[branch.name] = self._box(branch.name, x, y)
        y += box.height
        for key in sorted(branch.groups, key=lambda key: (not key[1], not key[2])):
            (heading, away, _), group = key, branch.groups[key]
            y += GROUP_GAP + HEADING
            drawn.labels.append(Label(heading, x + _INDENT, y - 5, "start"))
            ranked = sorted(group, key=lambda each: bool(each.groups))
            for name, depth in nested([each.name for each in ranked], broader):
                child = self.branches[name]
                below = self._put(drawn, child, broader, x + _INDENT + depth * _NARROWER, y)
                self._join(drawn, branch.name, name, heading, away)
                y = below + GAP
            y -= GAP
        return y

    def _box(self, name: str, x: float, y: float) -> Box:
        free = self.width - _EDGE - _LANE * len(self.lanes) - x - 2 * PAD_X
        words = wrapped(self.text(name), free)
        width = max(map(measure, words)) + 2 * PAD_X
        height = max(len(words) * LINE + 2 * PAD_Y, len(self._meeting(name)) * _LANE + 6)
        return Box(name, x, y, width, height, words, "start", name in self.leading)

    def _join(self, drawn: Part, parent: str, child: str, heading: str, away: bool) -> None:
        """The arrows between a thing and one that hangs on it; those to the upper have their own trunk."""
        above, below = self.boxes[parent], self.boxes[child]
        start, end = (parent, child) if away else (child, parent)
        joining = [line for line in self.lines if line.link == Link(start, end, heading, line.link.onward)]
        for place, line in enumerate(joining):
            x = above.x + _TRUNK + (0 if away else _SECOND - place * _LANE / 2)
            y = below.y + below.height / 2 + (place - (len(joining) - 1) / 2) * _LANE * 0.8
            points = [(x, above.y + above.height), (x, y), (below.x, y)]
            drawn.tracks.append(Track(line.name, points if away else points[::-1]))

    def _meeting(self, name: str) -> list[tuple]:
        """The lanes that end at a thing and the lines that begin there for a lane."""
        ends = [lane for lane in self.lanes if lane[0] == name]
        return [*ends, *(line for line in self.beside if line.link.start == name)]

    def _way(self, line: Line) -> list[tuple[float, float]]:
        """The way of an arrow between things that do not hang on each other: along the right edge."""
        lane, ends = self._lane(line), []
        for name, port in ((line.link.start, line), (line.link.end, lane)):
            box, meeting = self.boxes[name], self._meeting(name)
            y = box.y + box.height / 2 + (meeting.index(port) - (len(meeting) - 1) / 2) * _LANE
            ends.append((box.x + box.width, y))
        x = self.width - _EDGE - _LANE * (len(self.lanes) - 1 - self.lanes.index(lane))
        return [ends[0], (x, ends[0][1]), (x, ends[1][1]), ends[1]]
