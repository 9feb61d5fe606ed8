"""Compare this project's server with others: same machine, same data, same queries, in turns.

    python tests/benchmarks/run.py [--quick] [--only PEER …] [--queries NAME …] [--out FOLDER]

README.md beside this file says what is measured and how.
"""

import argparse
import json
import os
import platform
import signal
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks import datasets, load, measures, picture, report
from benchmarks.datasets import Data
from benchmarks.floors import NATIVE
from benchmarks.measures import Plan
from benchmarks.peers import PEERS, Missing, Peer
from benchmarks.queries import QUERIES
from benchmarks.servers import Server

CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "exoreview-benchmarks"

# The quick run: enough to see that everything works, and where a change has made something slow.
QUICK_QUERIES = ("look-up", "star-join", "aggregate", "text", "construct")

PARTS = ("project", "corpus", "growth")

SIZES = (10_000, 100_000, 1_000_000, 10_000_000)
# The largest data is for those that are made for it.
LARGEST = ("memory", "disk", "oxigraph", "oxigraph-disk", "virtuoso")

# With so many triples peers are measured when they are warm.
MANY = 1_000_000

# The load of small queries that a heavy one is asked beside.
SMALL = Plan(4, 3, 8)

# Until its first answer a peer has so long, in seconds: with small data, and with large.
START_S, START_LARGE_S = 90, 120


class Run:
    """One comparison: the peers that can be had, what was found so far, and where that is told."""

    def __init__(self, options: argparse.Namespace):
        self.options = options
        self.begun = time.monotonic()
        self.open = ExitStack()
        self.work = Path(self.open.enter_context(TemporaryDirectory(prefix="exoreview-benchmarks-")))
        self.peers: list[Peer] = []
        self.found = {"machine": machine(), "date": now()}
        self.found |= {"quick": options.quick, "data": {}, "peers": {}, "starts": []}
        self.found |= {"throughput": [], "beside": [], "growth": []}

    def tell(self, line: str) -> None:
        """A line of progress."""
        print(f"{time.monotonic() - self.begun:6.0f} s  {line}", file=sys.stderr, flush=True)

    def install(self) -> None:
        """Install what is not there yet; what cannot be had is noted with its reason."""
        folder = self.options.peers
        folder.mkdir(parents=True, exist_ok=True)
        for peer in PEERS:
            if self.options.only and peer.name not in self.options.only:
                continue
            about = self.found["peers"][peer.name] = {"title": peer.title, "version": None, "reason": None}
            try:
                about["version"] = peer.install(folder)
                self.peers.append(peer)
            except Missing as error:
                about["reason"] = str(error)
            self.tell(f"{peer.title} {about['version'] or about['reason']}")

    def start(self, peer: Peer, data: Data, limit_s: float, opened: ExitStack) -> Server | None:
        """A running peer over data, ended with `opened`; or None, noted with the reason."""
        row = {"peer": peer.name, "data": data.name, "triples": data.triples, "reason": None}
        self.found["starts"].append(row)
        try:
            work = self.work / f"{data.name}-{peer.name}-{len(self.found['starts'])}"
            server = Server(peer, self.options.peers, work, data.file, limit_s)
        except Missing as error:
            row["reason"] = str(error)
            self.tell(f"{data.name}: {peer.title}: {error}")
            return None
        opened.callback(server.stop)
        row |= {"load_s": server.load_s, "start_s": server.start_s, "memory": server.resident()}
        times = f"loaded in {server.load_s:.1f} s, started in {server.start_s:.1f} s"
        self.tell(f"{data.name}: {peer.title} {times}")
        return server

    def compare(
        self, data: Data, plan: Plan, limit_s: float, mixed: tuple[int, ...], small: Plan | None = None
    ) -> None:
        """Every query on every peer over data, then the mixed load, then look-ups beside a heavy query."""
        self.describe(data)
        with ExitStack() as opened:
            started = [self.start(peer, data, limit_s, opened) for peer in self.peers]
            servers = [server for server in started if server]
            if data.triples >= MANY:
                measures.warm(servers, data, plan)
            loads = [(query.name, plan) for query in QUERIES if query.name in self.options.queries]
            loads += [("mixed", Plan(clients, plan.rounds, plan.seconds)) for clients in mixed]
            for name, how in loads:
                rows = measures.throughput(servers, data, name, how)
                self.found["throughput"] += rows
                self.tell(
                    f"{data.name}, {name}, {how.clients} clients: {', '.join(map(measures.shown, rows))}"
                )
            for server in servers if small else ():
                with server.turn():
                    row = measures.beside_heavy(server, data, small)
                self.found["beside"].append(row)
                # Some go on with a query that nobody waits for, at the cost of those who come after them.
                server.stop()
                self.tell(f"{data.name}, beside a heavy query: {report.beside_line(row)}")

    def grow(self, sizes: tuple[int, ...], seconds: float, wanted: Callable[[Peer, int], bool]) -> None:
        """Each peer over ever more data, where it is wanted, until it fails."""
        failed = set()
        for size in sizes:
            data = datasets.generated(self.options.data, triples=size)
            self.describe(data)
            for peer in self.peers:
                if peer.name in failed or not wanted(peer, size):
                    continue
                with ExitStack() as opened:
                    server = self.start(peer, data, START_LARGE_S if size > 1_000_000 else START_S, opened)
                    if server is None:
                        reason = self.found["starts"][-1]["reason"]
                        row = {
                            "data": data.name,
                            "triples": data.triples,
                            "peer": peer.name,
                            "reason": reason,
                        }
                        failed.add(peer.name)
                    else:
                        row = measures.growth(server, data, seconds)
                    self.found["growth"].append(row)

    def describe(self, data: Data) -> None:
        """Note what the data is."""
        about = {"title": data.title, "triples": data.triples, "bytes": data.file.stat().st_size}
        about["date"] = now()
        self.found["data"][data.name] = about


def now() -> str:
    """The time, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def machine() -> dict:
    """What the numbers were got on."""
    cpu = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "cpu": cpu[0].partition(":")[2].strip() if cpu else platform.machine(),
        "cores": len(os.sched_getaffinity(0)),
        "memory": memory,
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
    }


def arguments() -> argparse.Namespace:
    """What the command was given."""
    names = [peer.name for peer in PEERS]
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="few queries, one short round, small data")
    parser.add_argument("--only", nargs="+", choices=names, metavar="PEER", default=[], help=", ".join(names))
    parser.add_argument("--queries", nargs="+", choices=[query.name for query in QUERIES], metavar="NAME")
    parser.add_argument(
        "--parts",
        nargs="+",
        choices=PARTS,
        default=PARTS,
        help="what is measured of a full run; the rest stays in --out",
    )
    parser.add_argument("--out", type=Path, default=Path("benchmark"), help="folder for results and picture")
    parser.add_argument("--peers", type=Path, default=CACHE / "peers", help="folder to install the peers in")
    parser.add_argument("--data", type=Path, default=CACHE / "data", help="folder for the generated data")
    given = parser.parse_args()
    given.queries = given.queries or (QUICK_QUERIES if given.quick else [query.name for query in QUERIES])
    given.peers, given.data = given.peers.resolve(), given.data.resolve()
    return given


def main() -> int:
    """Run the comparison and write what it found."""
    options = arguments()
    options.out.mkdir(parents=True, exist_ok=True)
    options.data.mkdir(parents=True, exist_ok=True)
    # An end from outside goes the way of any other, so that no peer is left behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended from outside"))
    run = Run(options)
    with run.open:
        try:
            load.require_wrk()
        except Missing as error:
            print(f"{error}.", file=sys.stderr)
            return 1
        run.install()
        measure(run)
    run.found["minutes"] = round((time.monotonic() - run.begun) / 60, 1)
    write(run.found, options.out, anew=options.quick or set(options.parts) == set(PARTS))
    print(report.markdown(run.found))
    return 0


def measure(run: Run) -> None:
    """All measurements, quick or full."""
    own = datasets.project(run.options.data)
    if run.options.quick:
        run.compare(own, Plan(8, 1, 1), START_S, (8,), Plan(4, 1, 3))
        run.grow(SIZES[:2], 1, lambda peer, size: peer.ours or peer.name == NATIVE)
        return
    parts = run.options.parts
    if "project" in parts:
        run.compare(own, Plan(8, 3, 1), START_S, (1, 8, 64), SMALL)
    if "corpus" in parts:
        large = datasets.generated(run.options.data, reviews=1_000)
        run.compare(large, Plan(8, 2, 2), START_LARGE_S, (1, 8, 64), SMALL)
    if "growth" in parts:
        run.grow(SIZES, 2, lambda peer, size: size <= 1_000_000 or peer.name in LARGEST)


def write(found: dict, folder: Path, *, anew: bool) -> None:
    """The results, the table and the picture; unless all is anew, what the folder has of other data stays."""
    results = folder / "results.json"
    if results.exists() and not anew:
        join(json.loads(results.read_text("utf-8")), found)
    results.write_text(json.dumps(found, indent=1) + "\n", "utf-8")
    (folder / "results.md").write_text(report.markdown(found), "utf-8")
    (folder / "benchmark.svg").write_text(picture.draw(found), "utf-8")


def join(before: dict, found: dict) -> None:
    """Put what was found before of other data before what was found now."""
    for part in ("starts", "throughput", "beside", "growth"):
        found[part] = [row for row in before[part] if row["data"] not in found["data"]] + found[part]
    for part in ("data", "peers"):
        found[part] = before[part] | found[part]


if __name__ == "__main__":
    sys.exit(main())
