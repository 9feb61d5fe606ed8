"""What is measured: right answers, throughput, small queries beside a heavy one, and how peers grow."""

import statistics
import time
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from threading import Thread

from benchmarks import load, queries
from benchmarks.datasets import CHECKED, Data
from benchmarks.peers import LIMIT_S, Missing
from benchmarks.servers import BINDINGS, GRAPHS, Server

# A round is made longer for slow answers, but no longer than this, in seconds.
ROUND_MAX_S = 8

# In the latency measurements each client rests so long between two requests.
SMALL_REST_MS = 20

# Of much data every peer answers these, and has so many seconds of rest, before all are compared.
WARM, REST_S = ("look-up", "chain-join"), 60

# After a round the peer may finish what its clients no longer wait for.
SETTLE_S = 12

# What is at work for longer than this is never quiet.
CALM_S = 60

# So long a client waits for the heavy query: a little longer than the limit.
HEAVY_S = LIMIT_S + 3


def accept_of(name: str) -> str:
    """The Accept header for a query."""
    return GRAPHS if any(query.name == name and query.constructs for query in queries.QUERIES) else BINDINGS


def wrong(server: Server, data: Data, name: str) -> tuple[str | None, float]:
    """Why a peer's answers to a query are not right, or None; and the time of the slowest, in seconds."""
    slowest = 0.0
    for text, size in zip(data.texts[name][:CHECKED], data.sizes[name], strict=False):
        reply = server.ask(text, accept_of(name))
        slowest = max(slowest, reply.seconds)
        found = reply.count()
        if found is None:
            return f"no answer: {reply.said()}", slowest
        if found != size:
            return f"{found:,} rows instead of {size:,}", slowest
    return None, slowest


@dataclass(frozen=True)
class Plan:
    """How a load is measured: clients, rounds, and the seconds of a round of short answers."""

    clients: int
    rounds: int
    seconds: float


def warm(servers: list[Server], data: Data, plan: Plan) -> None:
    """Have every peer read what short queries read, by a load of each, and then all rest for a minute: in it
    they may do what they do when nobody asks."""
    with ExitStack() as resting:
        for server in servers:
            with server.turn():
                for name in WARM:
                    row = {"query": name, "clients": plan.clients, "repeated": False, "rounds": []}
                    one_round(server, data, row, plan.seconds)
        for server in servers:
            resting.enter_context(server.turn())
        time.sleep(REST_S)


def throughput(servers: list[Server], data: Data, name: str, plan: Plan) -> list[dict]:
    """Answers a second of every peer to a query, in turns; each text its own, and for some repeated."""
    entries = []
    for server in servers:
        with server.turn():
            reason, slowest = reached(server, data, name)
        for repeated in (False, True) if repeats(server) else (False,):
            row = {"data": data.name, "query": name, "clients": plan.clients, "peer": server.peer.name}
            row |= {"repeated": repeated, "reason": reason, "rounds": []}
            entries.append((server, row, min(ROUND_MAX_S, max(plan.seconds, slowest * plan.clients))))
    for _ in range(plan.rounds):
        for server, row, seconds in entries:
            if not row["reason"]:
                with server.turn():
                    one_round(server, data, row, seconds)
    for _, row, _ in entries:
        summarise(row)
    return [row for _, row, _ in entries]


def one_round(server: Server, data: Data, row: dict, seconds: float) -> None:
    """Put what one round gave into a row, or why there was none."""
    texts, accept = data.texts[row["query"]], accept_of(row["query"])
    try:
        server.require_alive()
        given = load.measure(
            server, texts, clients=row["clients"], seconds=seconds, accept=accept, unique=not row["repeated"]
        )
        row["rounds"].append(asdict(given))
        server.settle(SETTLE_S)
    except Missing as error:
        row["reason"] = str(error)


def reached(server: Server, data: Data, name: str) -> tuple[str | None, float]:
    """Why a peer cannot be measured with a query, or None; and the time of its slowest answer."""
    try:
        server.require_alive()
    except Missing as error:
        return str(error), 0.0
    return wrong(server, data, name)


def repeats(server: Server) -> bool:
    """Whether a peer is also asked the same texts again: ours, which keeps answers, and the fastest other."""
    return server.peer.ours or server.peer.name == "oxigraph"


def summarise(row: dict) -> None:
    """Put medians and spread of the rounds into a row."""
    rates = [given["rps"] for given in row["rounds"]]
    row["rps"] = statistics.median(rates) if rates else None
    row["spread"] = (max(rates) - min(rates)) / row["rps"] if rates and row["rps"] else None
    for name in ("p50_ms", "p99_ms"):
        known = [given[name] for given in row["rounds"] if given[name] is not None]
        row[name] = statistics.median(known) if known else None
    if rates and not row["rps"] and not row["reason"]:
        row["reason"] = "no right answer under load"
    row["refused"] = sum(given["refused"] for given in row["rounds"])


def shown(row: dict) -> str:
    """A row for the terminal."""
    name = row["peer"] + (" repeated" if row["repeated"] else "")
    return f"{name} {row['rps']:,.4g}/s" if row["rps"] else f"{name}: ({row['reason']})"


def beside_heavy(server: Server, data: Data, plan: Plan) -> dict:
    """Latency of look-ups, quiet and while a query runs that never ends; and what became of that one.

    Several rounds, but one for a peer that it leaves busy or broken. Before them it may finish what its
    clients of before no longer wait for."""
    rows = []
    server.settle(CALM_S)
    while len(rows) < plan.rounds:
        row = {"data": data.name, "peer": server.peer.name, "reason": None, "heavy": None}
        rows.append(row | beside_once(server, data.texts["look-up"], plan))
        if rows[-1]["reason"] or rows[-1]["still_busy"] or not rows[-1]["answers_after"]:
            break
    return in_the_middle(rows)


def beside_once(server: Server, texts: list[str], plan: Plan) -> dict:
    """One round of look-ups quiet, and one beside a heavy query."""
    row = {}
    try:
        server.require_alive()
        row |= named("quiet", small(server, texts, plan))
        said = []
        heavy = Thread(target=lambda: said.append(server.ask(queries.HEAVY, seconds=HEAVY_S)))
        heavy.start()
        time.sleep(0.5)
        row |= named("beside", small(server, texts, plan))
        heavy.join()
        row["heavy"] = {"said": said[0].said(), "seconds": round(said[0].seconds, 2)}
        row["still_busy"] = not server.settle(3)
        row["answers_after"] = server.ask(texts[0], seconds=5).count() is not None
        server.require_alive()
    except Missing as error:
        row["reason"] = str(error)
    return row


def in_the_middle(rows: list[dict]) -> dict:
    """What the last round says, but for latencies the medians of all rounds, and the longest of all."""
    row = rows[-1]
    for part in ("quiet", "beside"):
        for name, of in (("p50_ms", statistics.median), ("p99_ms", statistics.median), ("max_ms", max)):
            known = [each[f"{part}_{name}"] for each in rows if each.get(f"{part}_{name}") is not None]
            if known:
                row[f"{part}_{name}"] = of(known)
    return row | {"rounds": len(rows)}


def small(server: Server, texts: list[str], plan: Plan) -> load.Round:
    """A light load of look-ups, far from what the peer can do, so that latency is what is seen."""
    return load.measure(
        server, texts, clients=plan.clients, seconds=plan.seconds, rest_ms=SMALL_REST_MS, late_s=2
    )


def named(part: str, given: load.Round) -> dict:
    """What a round gave, under names that begin with its part."""
    return {f"{part}_{name}": value for name, value in asdict(given).items()}


def growth(server: Server, data: Data, seconds: float) -> dict:
    """What a peer needs for data of a size: time to load and start, memory, and the latency of a look-up."""
    reason, _ = wrong(server, data, "look-up")
    row = {
        "data": data.name,
        "triples": data.triples,
        "peer": server.peer.name,
        "load_s": server.load_s,
        "start_s": server.start_s,
        "memory": server.resident(),
        "reason": reason,
    }
    if reason is None:
        given = load.measure(server, data.texts["look-up"], clients=1, seconds=seconds)
        row |= {"p50_ms": given.p50_ms, "p99_ms": given.p99_ms}
    return row
