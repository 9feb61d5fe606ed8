"""The picture of a comparison: plain SVG that needs nothing else, readable in light and dark and on a phone.

    python tests/benchmarks/picture.py results.json > benchmark.svg

Above, right answers a second, a row for each query; below, the latency of small queries beside a heavy one.
Both axes are logarithmic, and each peer has a shape as well as a colour.
"""

import json
import math
import sys
from collections.abc import Iterable
from pathlib import Path
from xml.sax.saxutils import escape

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.floors import CLIENTS
from benchmarks.queries import QUERIES

WIDTH, LEFT, RIGHT = 600, 28, 572
ROW, LABEL = 54, 24
# Colours are those of the project's pages.
STYLE = """
  svg { --paper: #fdfcf9; --line: #dcd7cb; --ink: #1b2023; --soft: #535b60;
    --memory: #0a6770; --oxigraph: #a05a00; --virtuoso: #a02a68; --trifid: #5446b5; --other: #6b7073; }
  @media (prefers-color-scheme: dark) {
    svg { --paper: #121618; --line: #343c3f; --ink: #e7e5df; --soft: #a7afb0;
      --memory: #5fc0c9; --oxigraph: #e7a852; --virtuoso: #f08bbd; --trifid: #aa9ff6; --other: #8a9392; }
  }
  text { font: 17px "Hanken Grotesk", system-ui, -apple-system, "Segoe UI", "Noto Sans", sans-serif;
    fill: var(--ink); paint-order: stroke; stroke: var(--paper); stroke-width: 5px; }
  .title { font-size: 22px; font-weight: 600; }
  .soft { font-size: 15px; fill: var(--soft); }
  .line { stroke: var(--line); stroke-width: 1; fill: none; }
  .span { stroke-width: 2.5; fill: none; }
  .mark { stroke: var(--paper); stroke-width: 1.5; }
  .open { fill: var(--paper); stroke-width: 3; }
"""

# How each peer is drawn: its shape, its colour, and whether the shape is hollow.
LOOKS = {
    ("memory", False): ("disc", "memory", False),
    ("memory", True): ("disc", "memory", True),
    ("disk", False): ("disc", "memory", False),
    ("oxigraph", False): ("diamond", "oxigraph", False),
    ("oxigraph-disk", False): ("diamond", "oxigraph", True),
    ("virtuoso", False): ("triangle", "virtuoso", False),
    ("trifid", False): ("square", "trifid", False),
    ("comunica", False): ("cross", "other", False),
    ("rdflib-endpoint", False): ("bar", "other", False),
}

# Who ends so soon, in seconds, a query that never ends has not run it.
REFUSED_S = 2

# Where the picture shows a peer at all, for data that is small enough for every one.
LEFT_OUT = {"disk", "oxigraph-disk"}


class Axis:
    """A logarithmic axis over whole powers of ten, from left to right."""

    def __init__(self, values: Iterable[float], unit: str):
        known = [value for value in values if value]
        self.unit = unit
        self.low = math.floor(math.log10(min(known, default=1)))
        self.high = max(self.low + 1, math.ceil(math.log10(max(known, default=10))))

    def at(self, value: float) -> float:
        """Where a value stands."""
        part = (math.log10(value) - self.low) / (self.high - self.low)
        return round(LEFT + 10 + part * (RIGHT - LEFT - 20), 1)

    def drawn(self, top: float, bottom: float) -> list[str]:
        """Its lines and their numbers, which stand below."""
        made = []
        for power in range(self.low, self.high + 1):
            x = self.at(10**power)
            anchor = "start" if power == self.low else "end" if power == self.high else "middle"
            at = {"start": x - 8, "end": x + 8, "middle": x}[anchor]
            number = f"{10**power:,}" if power >= 0 else f"{10.0**power:g}"
            named = number + self.unit if power == self.high else number
            made.append(f'<path class="line" d="M{x} {top}V{bottom}"/>')
            made.append(text(at, bottom + 20, named, "soft", anchor))
        return made


def draw(found: dict) -> str:
    """The picture of a run's results."""
    body, y = rates(found, 44)
    if found["beside"]:
        more, y = latencies(found, y + 52)
        body += more
    name = "Right answers a second, and latency beside a heavy query, of SPARQL servers"
    y += 16
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y}" width="{WIDTH}" height="{y}"'
            ' role="img" aria-labelledby="name more">',
            f'<title id="name">{escape(name)}</title>',
            f'<desc id="more">{escape(described(found))}</desc>',
            f"<style>{STYLE}</style>",
            f'<rect width="{WIDTH}" height="{y}" rx="12" fill="var(--paper)"/>',
            *body,
            "</svg>\n",
        ]
    )


def small(found: dict) -> str:
    """The data that the picture shows: the first of the run."""
    return next(iter(found["data"]))


def shown(found: dict) -> dict[str, dict[tuple[str, bool], float]]:
    """The throughput of each peer by query; what is repeated is shown for this project alone."""
    made = {}
    for row in found["throughput"]:
        key = row["peer"], row["repeated"]
        here = row["data"] == small(found) and row["clients"] == CLIENTS
        if here and key in LOOKS and key[0] not in LEFT_OUT:
            made.setdefault(row["query"], {})[key] = row["rps"]
    return made


def rates(found: dict, y: float) -> tuple[list[str], float]:
    """Right answers a second, a row for each query."""
    data = found["data"][small(found)]
    by_query = shown(found)
    present = {key for rows in by_query.values() for key in rows}
    peers = [key for key in LOOKS if key in present]
    made = [
        text(LEFT, y, "Right answers a second", "title"),
        text(
            LEFT, y + 26, f"{data['triples']:,} triples, {CLIENTS} clients; further right is faster", "soft"
        ),
    ]
    legend, y = legends(found, peers, y + 58)
    made += legend
    axis = Axis((rate for rows in by_query.values() for rate in rows.values()), "/s")
    rows, top = [], y - 4
    titles = {query.name: query.title for query in QUERIES} | {"mixed": "All of these, mixed"}
    for name in [name for name in titles if name in by_query]:
        rows.append(text(LEFT, y + 17, titles[name]))
        rows.append(f'<path class="line" d="M{LEFT} {y + LABEL + 12}H{RIGHT}"/>')
        # The fastest is drawn first and ours last, so that ours is never hidden.
        order = sorted(by_query[name].items(), key=lambda item: (item[0][0] == "memory", -(item[1] or 0)))
        rows += [mark(axis.at(rate), y + LABEL + 12, *LOOKS[key]) for key, rate in order if rate]
        y += ROW
    return made + axis.drawn(top, y) + rows, y + 28


def latencies(found: dict, y: float) -> tuple[list[str], float]:
    """The 99th percentile of look-ups, quiet and beside a heavy query, a row for each peer."""
    rows = [row for row in found["beside"] if row["peer"] not in LEFT_OUT and row["data"] == small(found)]
    made = [
        text(LEFT, y, "Small queries beside one that never ends", "title"),
        text(LEFT, y + 26, "99th percentile, from quiet (hollow) to beside (full); left is faster", "soft"),
    ]
    y += 44
    times = [row.get(f"{part}_p99_ms") for row in rows for part in ("quiet", "beside") if answered(row, part)]
    axis, top, lines = Axis(times, " ms"), y, []
    for row in rows:
        lines.append(text(LEFT, y + 17, found["peers"][row["peer"]]["title"]))
        lines.append(f'<path class="line" d="M{LEFT} {y + LABEL + 12}H{RIGHT}"/>')
        lines += dumbbell(row, axis, y + LABEL + 12)
        y += ROW
    return made + axis.drawn(top, y) + lines, y + 28


def dumbbell(row: dict, axis: Axis, y: float) -> list[str]:
    """A peer's two latencies, joined; or that it stopped answering."""
    shape, colour, _ = LOOKS[row["peer"], False]
    if not answered(row, "quiet"):
        return [text(LEFT + 10, y - 4, "not measured", "soft")]
    quiet = axis.at(row["quiet_p99_ms"])
    # Shapes that are lines cannot be hollow.
    hollow = mark(quiet, y, "disc" if shape in ("cross", "bar") else shape, colour, True)
    if not answered(row, "beside"):
        to = f'<path class="span" stroke="var(--{colour})" stroke-dasharray="3 6" d="M{quiet} {y}H{RIGHT}"/>'
        return [to, hollow, text(RIGHT, y - 10, "stopped answering", "soft", "end")]
    beside = axis.at(row["beside_p99_ms"])
    line = f'<path class="span" stroke="var(--{colour})" d="M{quiet} {y}H{beside}"/>'
    times = row["beside_p99_ms"] / row["quiet_p99_ms"]
    said = f"{times:.1f} times" if times < 10 else f"{times:,.0f} times"
    if row["heavy"] and row["heavy"]["seconds"] < REFUSED_S:
        said = "refused the heavy query"
    return [line, hollow, mark(beside, y, shape, colour, False), text(RIGHT, y - 10, said, "soft", "end")]


def answered(row: dict, part: str) -> bool:
    """Whether enough came to speak of a latency: answers, and few that came late."""
    answers = row.get(f"{part}_answers") or 0
    return bool(row.get(f"{part}_p99_ms")) and answers > 20 * (row.get(f"{part}_late") or 0)


def legends(found: dict, peers: list[tuple[str, bool]], y: float) -> tuple[list[str], float]:
    """What the marks stand for, two in a row."""
    made = []
    for index, (peer, repeated) in enumerate(peers):
        x = LEFT + 10 + (index % 2) * 276
        name = "… the same, from its cache" if repeated else found["peers"][peer]["title"]
        made += [mark(x, y, *LOOKS[peer, repeated]), text(x + 16, y + 6, name)]
        y += 28 * (index % 2)
    return made, y + 28 * (len(peers) % 2) + 6


def mark(x: float, y: float, shape: str, colour: str, hollow: bool) -> str:
    """A shape at a place."""
    if shape == "cross":
        return f'<path class="span" stroke="var(--{colour})" d="M{x - 6} {y - 6}l12 12m0-12l-12 12"/>'
    if shape == "bar":
        return f'<path class="span" stroke="var(--{colour})" stroke-width="4" d="M{x} {y - 8}v16"/>'
    look = f'class="open" stroke="var(--{colour})"' if hollow else f'class="mark" fill="var(--{colour})"'
    paths = {
        "diamond": f"M{x} {y - 9}l9 9l-9 9l-9-9z",
        "triangle": f"M{x} {y - 9}l9 15h-18z",
        "square": f"M{x - 7} {y - 7}h14v14h-14z",
    }
    if shape == "disc":
        return f'<circle {look} cx="{x}" cy="{y}" r="{7 if hollow else 8.5}"/>'
    return f'<path {look} d="{paths[shape]}"/>'


def text(x: float, y: float, words: str, kind: str = "", anchor: str = "start") -> str:
    """Words at a place."""
    named = f' class="{kind}"' if kind else ""
    return f'<text{named} x="{x}" y="{y}" text-anchor="{anchor}">{escape(words)}</text>'


def described(found: dict) -> str:
    """The numbers in words, for those who do not see the picture."""
    lines = []
    for query, rows in shown(found).items():
        each = [
            f"{found['peers'][peer]['title']}{' asked again' if repeated else ''} {rate:,.0f}"
            for (peer, repeated), rate in rows.items()
            if rate
        ]
        lines.append(f"{query}: {', '.join(each)}")
    return "Right answers a second. " + "; ".join(lines) + "."


if __name__ == "__main__":
    sys.stdout.write(draw(json.loads(Path(sys.argv[1]).read_text("utf-8"))))
