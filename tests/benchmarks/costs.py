"""What a request costs, part by part: CPU time of each process, with eight clients at a time.

    python tests/benchmarks/costs.py [--seconds 3]

Needs wrk. The first rows are floors: what Python takes to answer anything at all, and what the engine takes
for the query without a server; the others are requests to `exoreview serve`.
"""

import argparse
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from pyoxigraph import QueryResultsFormat, RdfFormat, Store

from benchmarks import datasets, load
from benchmarks.datasets import Data
from benchmarks.peers import PEERS, Missing, Peer, ours, serve_memory
from benchmarks.servers import BINDINGS, Server

# A server of a fixed text that speaks the protocols, with nothing in between.
BARE = """
import asyncio, sys
import httptools, uvloop

BODY = b'{"head":{"vars":["s"]},"results":{"bindings":[{"s":{"type":"uri","value":"a:b"}}]}}'
HEAD = b"HTTP/1.1 200 OK\\r\\ncontent-type: application/sparql-results+json\\r\\n"
REPLY = HEAD + b"content-length: %d\\r\\n\\r\\n%b"

class Bare(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport, self.parser = transport, httptools.HttpRequestParser(self)
    def data_received(self, data):
        self.parser.feed_data(data)
    def on_message_complete(self):
        self.transport.write(REPLY % (len(BODY), BODY))

async def main():
    server = await asyncio.get_running_loop().create_server(Bare, "127.0.0.1", int(sys.argv[1]))
    await server.serve_forever()

uvloop.run(main())
"""
CLIENTS = 8
# What is asked of a server: the row's title, the texts, whether each is new, the path before them, and in
# which format.
LOOK_UP = ("look-up, each new", "look-up", True, "/sparql?query=", BINDINGS)
FLOOR = (("uvloop and llhttp alone", "look-up", True, "/?", BINDINGS),)
NOT_LENT = (("look-up, each new, nothing lent", *LOOK_UP[1:]),)
ASKED = (
    ("from the cache", "look-up", False, "/sparql?query=", BINDINGS),
    ("a page by Flask, each new", "look-up", True, "/sparql?of=", "text/html"),
    ("a query for nothing, each new", "nothing", True, "/sparql?query=", BINDINGS),
    LOOK_UP,
    ("group and count, each new", "aggregate", True, "/sparql?query=", BINDINGS),
)


def bare(place) -> list[str]:
    """How the bare server is started."""
    return [sys.executable, "-c", BARE, str(place.port)]


def not_lent(place) -> list[str]:
    """How this project is started so that each question goes from the web process to another."""
    return [*serve_memory(place), "--attendants", "0"]


def measured(peer: Peer, data: Data, work: Path, seconds: float, rows: tuple) -> None:
    """Print, for each row, answers a second and the microseconds of CPU that an answer took."""
    server = Server(peer, work, work / peer.name, data.file, 60)
    try:
        for title, name, unique, path, accept in rows:
            texts = data.texts.get(name, ["ASK {}"])
            how = {"clients": CLIENTS, "unique": unique, "path": path, "accept": accept}
            load.measure(server, texts, seconds=1, **how)
            before = by_role(server)
            given = load.measure(server, texts, seconds=seconds, **how)
            spent = {role: used - before.get(role, 0) for role, used in by_role(server).items()}
            print(line(title, given.rps, {role: used / given.answers for role, used in spent.items()}))
    finally:
        server.stop()


def by_role(server: Server) -> dict[str, float]:
    """Seconds of CPU of the server's processes, those that answer queries apart from the rest."""
    found: dict[str, float] = {}
    for pid in server.processes():
        with suppress(OSError):
            role = "query" if b"http.attending" in Path(f"/proc/{pid}/cmdline").read_bytes() else "web"
            found[role] = found.get(role, 0) + server.cpu_s([pid])
    return found


def alone(data: Data, name: str) -> None:
    """Print what a query takes in pyoxigraph, parsed, evaluated and written as JSON."""
    store = Store()
    store.bulk_load(path=data.file, format=RdfFormat.N_TRIPLES)
    texts, count = data.texts[name], 1000
    spent = best(
        lambda: [
            store.query(f"#{n}\n{texts[n % len(texts)]}").serialize(format=QueryResultsFormat.JSON)
            for n in range(count)
        ]
    )
    print(line(f"{name} in pyoxigraph, no server", count / spent, {"query": spent / count}))


def best(work: Callable[[], object]) -> float:
    """The least CPU time of five turns, in seconds."""
    found = []
    for _ in range(5):
        begun = time.process_time()
        work()
        found.append(time.process_time() - begun)
    return min(found)


def line(title: str, rate: float, seconds: dict[str, float]) -> str:
    """A row of the table."""
    cells = [f"{seconds[role] * 1e6:.0f}" if role in seconds else "" for role in ("web", "query")]
    return f"| {title} | {rate:,.0f} | {' | '.join(cells)} |"


def main() -> int:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=3, help="how long each row is measured")
    seconds = parser.parse_args().seconds
    try:
        load.require_wrk()
    except Missing as error:
        print(f"{error}.", file=sys.stderr)
        return 1
    with TemporaryDirectory(prefix="exoreview-costs-") as folder:
        work = Path(folder)
        data = datasets.project(work)
        print("| request | a second | µs, web process | µs, query processes |")
        print("| --- | ---: | ---: | ---: |")
        measured(Peer("bare", "bare", "/", ours, bare), data, work, seconds, FLOOR)
        for name in ("look-up", "aggregate"):
            alone(data, name)
        memory = next(peer for peer in PEERS if peer.name == "memory")
        measured(memory, data, work, seconds, ASKED)
        measured(replace(memory, name="not-lent", command=not_lent), data, work, seconds, NOT_LENT)
    return 0


if __name__ == "__main__":
    sys.exit(main())
