"""What the project wants to reach at least, and whether a run reached it."""

import statistics
from dataclasses import dataclass

from benchmarks.peers import PEERS
from benchmarks.queries import ENGINE, QUERIES, TRIVIAL

OURS = [peer.name for peer in PEERS if peer.ours]
# What all is compared with, and for the floors like with like: what is read from disk with the same.
NATIVE = "oxigraph"
ALIKE = {"memory": NATIVE, "disk": "oxigraph-disk"}

# Of native Oxigraph's throughput, uncached by the kind of query, and cached.
UNCACHED = {ENGINE: 0.6, TRIVIAL: 0.25}
CACHED = 1.2

# The 99th percentile of small queries beside a heavy one, in those of a quiet server.
BESIDE = 3

# The load that is judged: so many clients at once.
CLIENTS = 8


@dataclass(frozen=True)
class Floor:
    """A floor: what is compared, what it should be at least, what it was, and whether it is reached."""

    what: str
    wanted: float
    found: float | None
    reached: bool


def rate(results: dict, data: str, query: str, peer: str, repeated: bool = False) -> float | None:
    """The median throughput with eight clients that a run found, or None."""
    for row in results["throughput"]:
        key = (row["data"], row["query"], row["peer"], row["repeated"], row["clients"])
        if key == (data, query, peer, repeated, CLIENTS):
            return row["rps"]
    return None


def ratios(results: dict, data: str, ours: str, peer: str, kind: str = "", repeated: bool = False) -> list:
    """Our throughput in that of a peer, by query of a kind that the peer answered; 0 if ours did not."""
    names = [query.name for query in QUERIES if not kind or query.kind == kind]
    pairs = [[rate(results, data, name, each, repeated) for each in (ours, peer)] for name in names]
    return [(mine or 0) / theirs for mine, theirs in pairs if theirs]


def judge(results: dict) -> list[Floor]:
    """Every floor, for each kind of data and each of our engines that was measured."""
    found = []
    for data in dict.fromkeys(row["data"] for row in results["throughput"]):
        for ours in OURS:
            if any(row["peer"] == ours and row["data"] == data for row in results["throughput"]):
                found += _of_others(results, data, ours) + _of_native(results, data, ours)
    for row in results["beside"]:
        if row["peer"] in OURS and row.get("quiet_p99_ms") and row.get("beside_p99_ms"):
            grown = row["beside_p99_ms"] / row["quiet_p99_ms"]
            what = f"{row['data']}: p99 of {row['peer']} beside a heavy query, times that of a quiet server"
            found.append(Floor(what, BESIDE, grown, grown <= BESIDE))
    return found


def _of_others(results: dict, data: str, ours: str) -> list[Floor]:
    """Ahead on every query, and by how much in the median."""
    found = []
    for peer in PEERS:
        each = ratios(results, data, ours, peer.name)
        if peer.floor is None or not each:
            continue
        middle, least, to = statistics.median(each), min(each), f"{data}: {ours} to {peer.title}"
        found.append(Floor(f"{to}, median", peer.floor, middle, middle >= peer.floor))
        found.append(Floor(f"{to}, least", 1, least, least > 1))
    return found


def _of_native(results: dict, data: str, ours: str) -> list[Floor]:
    """The least part of native Oxigraph's throughput, by the kind of query, and cached on all."""
    found = []
    for kind, wanted in UNCACHED.items():
        each = ratios(results, data, ours, ALIKE[ours], kind)
        if each:
            what = f"{data}: {ours} to Oxigraph, uncached, queries {kind}, least"
            found.append(Floor(what, wanted, min(each), min(each) >= wanted))
    each = ratios(results, data, ours, ALIKE[ours], repeated=True)
    if each:
        what = f"{data}: {ours} to Oxigraph, cached, least"
        found.append(Floor(what, CACHED, min(each), min(each) >= CACHED))
    return found
