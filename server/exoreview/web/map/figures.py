"""What a drawing consists of: boxes with words, tracks of arrows, labels. In sixteenths of a rem."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

# The height of a line of words, and the sizes of letters; that of headings is smaller.
LINE, SIZE, SMALL = 17.0, 14.0, 12.0
PAD_X, PAD_Y = 9.0, 3.5
_CORNER = 6.0


# The widths of letters in ems, a little more than those of our face and as in a wide one.
_WIDE, _THIN, _LETTER = (frozenset("mwMW"), 0.93), (frozenset("fijlrt -.,:"), 0.35), 0.62


def measure(text: str, size: float = SIZE) -> float:
    """The width that a line of text may take in letters of a size."""
    return size * sum(next((em for signs, em in (_WIDE, _THIN) if sign in signs), _LETTER) for sign in text)


def wrapped(text: str, room: float) -> list[str]:
    """A text in as few lines as fit into a width, with their words whole."""
    lines = [text]
    for most in range(len(text), max(map(len, text.split()), default=1) - 1, -1):
        lines = textwrap.wrap(text, most) or lines
        if max(map(measure, lines)) <= room:
            break
    return lines


@dataclass(frozen=True)
class Box:
    """A thing with its words in lines; `x` and `y` are its upper left corner."""

    name: str
    x: float
    y: float
    width: float
    height: float
    lines: Sequence[str]
    # Where the words stand: start, middle or end, as SVG calls it.
    anchor: str
    # Whether an arrow begins there.
    leads: bool

    @property
    def words_x(self) -> float:
        """Where the words begin, have their middle, or end."""
        return self.x + {"start": PAD_X, "middle": self.width / 2, "end": self.width - PAD_X}[self.anchor]

    def baseline(self, number: int) -> float:
        """Where the words of a line stand."""
        return self.y + self.height / 2 + (number - (len(self.lines) - 1) / 2) * LINE + 4.7


@dataclass(frozen=True)
class Label:
    """Words beside a line; `anchor` is the end at which `x` is."""

    text: str
    x: float
    y: float
    anchor: str

    @property
    def left(self) -> float:
        """Where it begins."""
        return self.x - self.width if self.anchor == "end" else self.x

    @property
    def width(self) -> float:
        """How much room it may take."""
        return measure(self.text, SMALL)


@dataclass(frozen=True)
class Track:
    """The way of an arrow: its corners, from its start to its tip."""

    name: str
    points: Sequence[tuple[float, float]]

    @property
    def tip(self) -> tuple[float, float]:
        """Where it ends."""
        return self.points[-1]

    @property
    def path(self) -> str:
        """The line with round corners, as SVG writes it."""
        pieces = [f"M{_written(self.points[0])}"]
        for (before, here), (_, after) in pairwise(pairwise(self.points)):
            near, far = _towards(here, before), _towards(here, after)
            pieces.append(f"L{_written(near)}Q{_written(here)} {_written(far)}")
        return "".join((*pieces, f"L{_written(self.tip)}"))

    @property
    def turn(self) -> int:
        """How its head is turned, in degrees: 0 for one that points to the right, 90 downward."""
        (x, y), (to_x, to_y) = self.points[-2:]
        if abs(to_x - x) > abs(to_y - y):
            return 0 if to_x > x else 180
        return 90 if to_y > y else 270

    @property
    def branch(self) -> tuple[float, float, float, float]:
        """The room around the part of it that it shares with no other: left, upper edge, width, height."""
        (x, y), (to_x, to_y) = self.points[-2:]
        return min(x, to_x) - 4, min(y, to_y) - 4, abs(to_x - x) + 8, abs(to_y - y) + 8


@dataclass
class Part:
    """What hangs together, around one thing: a strip of the drawing from a height on."""

    around: str
    top: float
    height: float = 0
    boxes: list[Box] = field(default_factory=list)
    tracks: list[Track] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)


@dataclass
class Drawing:
    """Strips one below the other, in a field that begins at 0, 0."""

    width: float = 0
    parts: list[Part] = field(default_factory=list)

    @property
    def height(self) -> float:
        """Where the last strip ends."""
        return self.parts[-1].top + self.parts[-1].height if self.parts else 0


def _towards(corner: tuple[float, float], other: tuple[float, float]) -> tuple[float, float]:
    """The point on the way from a corner where its rounding ends."""
    length = max(abs(corner[0] - other[0]), abs(corner[1] - other[1]))
    share = min(_CORNER, length / 2) / length
    return corner[0] + (other[0] - corner[0]) * share, corner[1] + (other[1] - corner[1]) * share


def _written(point: tuple[float, float]) -> str:
    return " ".join(f"{number:.1f}".removesuffix(".0") for number in point)
