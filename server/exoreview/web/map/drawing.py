"""Draws arrows between things: what follows on the right, what leads there on the left, none on another."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence

from exoreview.web.map.columns import columns, middle, parts
from exoreview.web.map.figures import PAD_X, SMALL, Box, Drawing, Label, Part, Track, measure, wrapped
from exoreview.web.map.hops import PORT, Hop, Line, hops, room, spacing
from exoreview.web.map.stacks import GAP, HEADING, INDENT, Item, Stacked, stacked

_WIDEST, _WIDEST_MIDDLE = 200.0, 120.0
_STUB, _LANE, _BRANCH, _LABELLED = 11.0, 9.0, 30.0, 8.0
_PART_GAP, _EDGE = 30.0, 3.0


def drawn(
    lines: Sequence[Line],
    text: Callable[[str], str],
    broader: Callable[[str], Iterable[str]],
    preferred: str = "",
) -> Drawing:
    """The drawing of lines; `text` tells the words of a thing, the `preferred` one stands in the middle."""
    pens = []
    for links in parts(list(dict.fromkeys(line.link for line in lines))):
        placed = columns(links, middle(links, preferred))
        own = [line for line in lines if line.link.start in placed]
        words = {
            name: wrapped(text(name), _WIDEST if column else _WIDEST_MIDDLE)
            for name, column in placed.items()
        }
        heights = {name: room(name, own, placed, words[name]) for name in placed}
        pens.append(_Pen(stacked(links, placed, heights, broader), own, words))
    if not pens:
        return Drawing()
    frame = _Frame(pens)
    drawing = Drawing(width=frame.width)
    for pen in pens:
        part = Part(pen.around, drawing.height)
        part.height = pen.draw(part, frame) + _PART_GAP
        drawing.parts.append(part)
    return drawing


class _Pen:
    """Draws one part."""

    def __init__(self, part: Stacked, lines: Sequence[Line], words: Mapping[str, Sequence[str]]):
        self.part, self.words = part, words
        self.around = next(item.name for item in part.items if not item.column and not item.lane)
        self.leading = {line.link.start for line in lines}
        self.ways = [(line, route) for route in part.routes for line in lines if line.link == route.link]
        self.hops = [hop for line, route in self.ways for hop in hops(line, route.items)]
        self.trunks = self._trunks()
        self.ports = self._ports()

    def box_width(self, item: Item) -> float:
        """The width of a thing without its indent."""
        return max(map(measure, self.words[item.name])) + 2 * PAD_X

    def _trunks(self) -> dict[tuple, int]:
        """The place of each bundle's trunk in its gap, so that no two lie on each other."""
        extents = defaultdict(list)
        for hop in self.hops:
            extents[hop.bundle] += [hop.inner.y, hop.outer.y]
        found, used = {}, defaultdict(list)
        side = {hop.bundle: hop.gap for hop in self.hops}
        # What ends nearest to the inner thing turns off last, so that lines do not cross.
        for bundle in sorted(extents, key=lambda each: max(extents[each]) - min(extents[each]), reverse=True):
            low, high = min(extents[bundle]), max(extents[bundle])
            taken = {n for n, start, end in used[side[bundle]] if low <= end and start <= high}
            found[bundle] = next(n for n in range(len(extents) + 1) if n not in taken)
            used[side[bundle]].append((found[bundle], low, high))
        return found

    def _ports(self) -> dict[tuple, float]:
        """How far above or below the middle of a thing each of its lines meets it."""
        meeting: dict[tuple, dict[tuple, list[float]]] = defaultdict(lambda: defaultdict(list))
        said = defaultdict(set)
        for hop in self.hops:
            meeting[hop.inner, hop.gap][hop.bundle].append(hop.outer.y)
            meeting[hop.outer, hop.gap][hop.line.name,].append(hop.inner.y)
            if hop.first and not hop.outward:
                said[hop.outer].add(hop.line.link.heading)
        found = {}
        for (item, gap), lines in meeting.items():
            ordered = sorted(lines, key=lambda each: sum(lines[each]) / len(lines[each]))
            free = (item.height - 6) / max(len(ordered) - 1, 1)
            step = 0 if item.lane else min(spacing(said[item]), free)
            for place, each in enumerate(ordered):
                found[item, gap, each] = (place - (len(ordered) - 1) / 2) * step
        return found

    def draw(self, drawn: Part, frame: "_Frame") -> float:
        """Draws everything, and tells how much room it took."""
        items = self.part.items
        offset = drawn.top + _PART_GAP / 2 - min(each.y - each.height / 2 - each.above for each in items)
        # In the order of reading, which is that of the keyboard: outward from the middle, downward.
        for item in sorted(items, key=lambda each: (abs(each.column), each.column < 0, each.y)):
            if item.heading:
                drawn.labels.append(frame.heading(item, offset))
            if not item.lane:
                x, width = frame.left(item, self.box_width(item)), self.box_width(item)
                y, lead = item.y - item.height / 2 + offset, item.name in self.leading
                anchor = ("middle", "start", "end")[(item.column > 0) - (item.column < 0)]
                drawn.boxes.append(
                    Box(item.name, x, y, width, item.height, self.words[item.name], anchor, lead)
                )
        for line, route in self.ways:
            points: list[tuple[float, float]] = []
            for hop in hops(line, route.items):
                points += self._bent(hop, frame, offset)
                if hop.first and not hop.outward and (label := self._beside(hop, points, drawn)):
                    drawn.labels.append(label)
            drawn.tracks.append(Track(line.name, _straight(points)))
        return max(each.y + each.height / 2 for each in items) + offset - drawn.top - _PART_GAP / 2

    def _bent(self, hop: Hop, frame: "_Frame", offset: float) -> list[tuple[float, float]]:
        if hop.inner is hop.outer:
            return self._loop(hop, frame, offset)
        side = 1 if hop.outer.column > hop.inner.column else -1
        start, end = frame.edge(hop.inner, side, self), frame.edge(hop.outer, -side, self)
        trunk = frame.rim(hop.inner.column, side) + side * (_STUB + _LANE * self.trunks[hop.bundle])
        from_ = hop.inner.y + self.ports[hop.inner, hop.gap, hop.bundle] + offset
        to = hop.outer.y + self.ports[hop.outer, hop.gap, (hop.line.name,)] + offset
        points = [(start, from_), (trunk, from_), (trunk, to), (end, to)]
        return points if hop.outward else points[::-1]

    def _loop(self, hop: Hop, frame: "_Frame", offset: float) -> list[tuple[float, float]]:
        """From a thing to itself."""
        side = -1 if hop.inner.column < 0 else 1
        x, y = frame.edge(hop.inner, side, self), hop.inner.y + offset
        return [
            (x, y - PORT / 2),
            (x + side * _STUB, y - PORT / 2),
            (x + side * _STUB, y + PORT / 2),
            (x, y + PORT / 2),
        ]

    def _beside(self, hop: Hop, points: Sequence[tuple[float, float]], drawn: Part) -> Label | None:
        """The heading of a line that leads inward; of several such lines side by side the first has it."""
        x, y = points[0]
        right = points[1][0] > x
        label = Label(hop.line.link.heading, x + (5 if right else -5), y - 5, "start" if right else "end")
        same = [each for each in drawn.labels if (each.text, each.x) == (label.text, label.x)]
        return None if any(abs(each.y - y) < HEADING + GAP for each in same) else label


class _Frame:
    """Where the columns of all parts stand."""

    def __init__(self, pens: Sequence[_Pen]):
        widths, gaps = defaultdict(float), defaultdict(float)
        for pen in pens:
            for item in pen.part.items:
                wide = 0 if item.lane else pen.box_width(item) + item.depth * INDENT
                label = measure(item.heading, SMALL)
                widths[item.column] = max(widths[item.column], wide, label)
            for hop in pen.hops:
                label = (
                    0 if hop.outward or not hop.first else measure(hop.line.link.heading, SMALL) + _LABELLED
                )
                room = _STUB + _LANE * pen.trunks[hop.bundle] + max(_BRANCH, label)
                gaps[hop.gap] = max(gaps[hop.gap], room)
        self.lefts, self.widths, x = {}, widths, _EDGE + gaps[min(widths) - 1, min(widths)]
        for column in range(min(widths), max(widths) + 1):
            self.lefts[column] = x
            x += widths[column] + gaps[column, column + 1]
        self.width = x + _EDGE

    def rim(self, column: int, side: int) -> float:
        """The left or right edge of a column."""
        return self.lefts[column] + (self.widths[column] if side > 0 else 0)

    def left(self, item: Item, width: float) -> float:
        """Where the box of a thing begins: at the edge nearer to the middle, or in the middle itself."""
        left, room = self.lefts[item.column], self.widths[item.column]
        if item.column == 0:
            return left + (room - width) / 2
        indent = item.depth * INDENT
        return left + indent if item.column > 0 else left + room - width - indent

    def edge(self, item: Item, side: int, pen: _Pen) -> float:
        """The left or right edge of a thing; a lane takes the whole column."""
        if item.lane:
            return self.rim(item.column, side)
        width = pen.box_width(item)
        return self.left(item, width) + (width if side > 0 else 0)

    def heading(self, item: Item, offset: float) -> Label:
        """The heading above an item."""
        x = self.rim(item.column, -1 if item.column > 0 else 1)
        return Label(
            item.heading, x, item.y - item.height / 2 + offset - 6, "start" if item.column > 0 else "end"
        )


def _straight(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """The corners alone."""
    found: list[tuple[float, float]] = []
    for point in points:
        while len(found) > 1 and any(_same(found[-2][n], found[-1][n], point[n]) for n in (0, 1)):
            found.pop()
        if not found or not all(_same(found[-1][n], point[n]) for n in (0, 1)):
            found.append(point)
    return found


def _same(*numbers: float) -> bool:
    return max(numbers) - min(numbers) < 0.05
