"""Load by `wrk`: many requests at once, each from the next text of a list.

wrk is written in C and costs little beside the servers, with which it shares the machine; a loop in Python
would be slower than some of them.
"""

import json
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from urllib.parse import quote

from benchmarks.peers import Missing
from benchmarks.servers import BINDINGS, CLIENT_S, Server

SCRIPT = Path(__file__).resolve().parent / "load.lua"

# No two rounds of a run share a mark, so that no text is ever asked twice.
_MARKS = count(1)


@dataclass(frozen=True)
class Round:
    """What one round gave: right answers a second, their latency in milliseconds, and what was no answer."""

    rps: float
    p50_ms: float | None
    p99_ms: float | None
    max_ms: float | None
    answers: int
    refused: int
    broken: int
    late: int


def require_wrk() -> None:
    """Refuse to go on without the load generator."""
    if shutil.which("wrk") is None:
        raise Missing("wrk is not installed; Debian's package wrk brings it")


def measure(
    server: Server,
    texts: Sequence[str],
    *,
    clients: int,
    seconds: float,
    accept: str = BINDINGS,
    unique: bool = True,
    rest_ms: int = 0,
    late_s: float = CLIENT_S,
    path: str | None = None,
) -> Round:
    """Ask a server for some seconds with so many clients; `unique` gives each request a text of its own, and
    the text follows the path, by default that of the peer's queries."""
    asked = server.place.work / "asked"
    asked.write_text("".join(quote(text, safe="") + "\n" for text in texts), "ascii")
    mark = f"{next(_MARKS)}" if unique else ""
    command = [
        *("wrk", "--threads", "1", "--connections", str(clients), "--duration", f"{max(1, round(seconds))}s"),
        *("--timeout", f"{late_s:.0f}s", "--latency", "--script", str(SCRIPT)),
        *(f"http://127.0.0.1:{server.place.port}/", "--"),
        *(str(asked), path or f"{server.peer.path}?query=", accept, mark, str(rest_ms)),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=seconds + CLIENT_S + 30)
    try:
        said = json.loads(done.stdout.strip().splitlines()[-1])
    except (ValueError, IndexError):
        raise Missing(f"wrk failed: {(done.stderr or done.stdout).strip()[-160:]}") from None
    answers = said["requests"] - said["refused"]
    known = said["requests"] > 0
    return Round(
        rps=answers / said["seconds"],
        p50_ms=said["p50_ms"] if known else None,
        p99_ms=said["p99_ms"] if known else None,
        max_ms=said["max_ms"] if known else None,
        answers=answers,
        **{name: said[name] for name in ("refused", "broken", "late")},
    )
