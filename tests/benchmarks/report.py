"""A comparison as a page of Markdown: medians, ratios, floors, and what could not be measured."""

from collections.abc import Iterable

from benchmarks import floors
from benchmarks.queries import QUERIES

# The order of data, queries and peers in tables is that of the results.
TITLES = {query.name: query.title for query in QUERIES} | {"mixed": "Mixed load"}


def markdown(found: dict) -> str:
    """The whole page."""
    parts = ["# How fast, compared", about(found)]
    for data, described in found["data"].items():
        rows = [row for row in found["throughput"] if row["data"] == data]
        if rows:
            parts += [f"## {described['title']}: {described['triples']:,} triples", throughput(found, rows)]
            parts += [f"Measured from {described['date']} on."]
    parts += ["## Look-ups beside a query that never ends", beside(found)]
    parts += ["## Growth", growth(found), "## Floors", judged(found), "## Not measured", missing(found)]
    return "\n\n".join(part for part in parts if part) + "\n"


def about(found: dict) -> str:
    """The machine and the versions."""
    machine, peers = found["machine"], found["peers"]
    versions = ", ".join(f"{peer['title']} {peer['version']}" for peer in peers.values() if peer["version"])
    return (
        f"{found['date']}, {machine['cpu']}, {machine['cores']} cores shared by the peer and the load, "
        f"{machine['memory'] / 2**30:.0f} GB, {machine['system']}, Python {machine['python']}. {versions}."
        f"{' A quick run.' if found['quick'] else ''}"
    )


def throughput(found: dict, rows: list[dict]) -> str:
    """Right answers a second, median of the rounds and their spread, and each peer in native Oxigraph's."""
    columns = list(dict.fromkeys((row["peer"], row["repeated"]) for row in rows))
    lines = list(dict.fromkeys((row["query"], row["clients"]) for row in rows))
    cells = {(row["query"], row["clients"], row["peer"], row["repeated"]): row for row in rows}
    made = [["query, clients", *(title(found, *column) for column in columns)]]
    for query, clients in lines:
        base = cells.get((query, clients, floors.NATIVE, False))
        line = [f"{TITLES[query]}, {clients}"]
        line += [cell(cells.get((query, clients, *column)), base) for column in columns]
        made.append(line)
    said = "Right answers a second (ratio to Oxigraph in memory; ± half the spread of rounds)."
    return f"{said}\n\n{table(made)}"


def title(found: dict, peer: str, repeated: bool) -> str:
    """The head of a column."""
    return found["peers"][peer]["title"] + (", repeated" if repeated else "")


def cell(row: dict | None, base: dict | None) -> str:
    """A cell of the table of throughput."""
    if row is None:
        return ""
    if not row["rps"]:
        return "none"
    ratio = f" ({row['rps'] / base['rps']:.2g})" if base and base["rps"] else ""
    return f"{row['rps']:,.{0 if row['rps'] >= 10 else 1}f}{ratio} ±{50 * row['spread']:.0f} %"


def beside(found: dict) -> str:
    """Latency of look-ups, quiet and beside a heavy query, by the data that was asked."""
    tables = []
    for name, about in found["data"].items():
        rows = [row for row in found["beside"] if row["data"] == name]
        if rows:
            tables.append(f"### {about['title']}\n\n{_beside(found, rows)}")
    return "\n\n".join(tables) or "Not measured in this run."


def _beside(found: dict, rows: list[dict]) -> str:
    head = ["peer", "quiet p50 / p99, ms", "beside p50 / p99, ms", "longest, ms", "late", "the heavy query"]
    made = [[*head, "after it"]]
    for row in rows:
        name = found["peers"][row["peer"]]["title"]
        if "beside_answers" not in row:
            made.append([name, row["reason"] or "", *[""] * 5])
            continue
        heavy = row["heavy"] or {"said": row["reason"], "seconds": 0}
        made.append(
            [
                name,
                both(row, "quiet"),
                both(row, "beside"),
                f"{row['beside_max_ms']:,.0f}" if row["beside_max_ms"] is not None else "",
                str(row["beside_late"]),
                f"{heavy['said'][:70]}, {heavy['seconds']:.0f} s".replace("|", " "),
                after(row),
            ]
        )
    return table(made)


def after(row: dict) -> str:
    """What became of a peer after the heavy query's client had left."""
    if row["reason"]:
        return row["reason"]
    return ("answers" if row["answers_after"] else "does not answer") + (
        ", still busy" if row["still_busy"] else ", idle"
    )


def both(row: dict, part: str) -> str:
    """Median and 99th percentile, or that nothing was answered."""
    if not row[f"{part}_answers"]:
        return "no answer"
    return f"{row[f'{part}_p50_ms']:.1f} / {row[f'{part}_p99_ms']:.1f}"


def beside_line(row: dict) -> str:
    """A peer beside a heavy query, for the terminal."""
    if "beside_answers" not in row:
        return f"{row['peer']}: {row['reason']}"
    return f"{row['peer']} quiet {both(row, 'quiet')} ms, beside {both(row, 'beside')} ms; {after(row)}"


def growth(found: dict) -> str:
    """Time to load and start, memory and look-up latency by size."""
    made = [["triples", "peer", "load, s", "start, s", "memory, MB", "look-up p50 / p99, ms"]]
    for row in found["growth"]:
        name = found["peers"][row["peer"]]["title"]
        if row.get("p50_ms") is None:
            made.append([f"{row['triples']:,}", name, row["reason"] or "", "", "", ""])
            continue
        made.append(
            [
                f"{row['triples']:,}",
                name,
                f"{row['load_s']:.1f}",
                f"{row['start_s']:.1f}",
                f"{row['memory'] / 10**6:,.0f}",
                f"{row['p50_ms']:.2f} / {row['p99_ms']:.2f}",
            ]
        )
    return table(made) if len(made) > 1 else "Not measured in this run."


def judged(found: dict) -> str:
    """Every floor, reached or not."""
    made = [["floor", "wanted", "found", ""]]
    for floor in floors.judge(found):
        sign = "≤" if floor.what.endswith("quiet server") else "≥"
        word = "reached" if floor.reached else "**not reached**"
        made.append([floor.what, f"{sign} {floor.wanted:g}", f"{floor.found:.2f}", word])
    return table(made)


def missing(found: dict) -> str:
    """Peers that could not be installed or started, and queries that they did not answer rightly."""
    titles = {name: peer["title"] for name, peer in found["peers"].items()}
    lines = [f"{peer['title']}: {peer['reason']}" for peer in found["peers"].values() if peer["reason"]]
    for row in found["starts"]:
        if row["reason"]:
            lines.append(f"{titles[row['peer']]} with {row['triples']:,} triples: {row['reason']}")
    for row in found["throughput"]:
        if row["reason"] and not row["repeated"]:
            what = f"{titles[row['peer']]}, {TITLES[row['query']]}"
            lines.append(f"{what} ({row['data']}, {row['clients']} clients): {row['reason']}")
    return "\n".join(f"- {line}." for line in dict.fromkeys(lines)) or "Nothing."


def table(rows: Iterable[list[str]]) -> str:
    """A table of Markdown; its first row is the head, and all but the first column are numbers."""
    head, *body = rows
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *body]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
