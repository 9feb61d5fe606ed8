"""The data that peers are compared on, with the queries to ask of it and the sizes of the right answers.

Data is made once and kept in a folder. The right answers are pyoxigraph's, worked out in a process of
its own, so that the comparison itself stays small.
"""

import json
import subprocess
import sys
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from pyoxigraph import RdfFormat, Store

from benchmarks import corpus, queries

HERE = Path(__file__).resolve().parent
MADE_S = 900

# How many of the texts of each query are checked on every peer.
CHECKED = 4


@dataclass(frozen=True)
class Data:
    """A file of N-Triples, the texts of each query, and the size of the right answer to the first of them."""

    name: str
    title: str
    file: Path
    triples: int
    texts: dict[str, list[str]]
    sizes: dict[str, list[int]]


def project(folder: Path) -> Data:
    """What this project asserts: the default graph."""
    made = subprocess.run(
        [sys.executable, "-m", "exoreview.cli", "dump", "--format", "nt"], capture_output=True, check=True
    )
    file = folder / "project.nt"
    file.write_bytes(made.stdout)
    return _described("project", "This project's data", file)


def generated(folder: Path, *, reviews: int | None = None, triples: int | None = None) -> Data:
    """A corpus of so many reviews or triples; a file that was made by the same code is used again."""
    size = f"{reviews}-reviews" if reviews else f"{triples}-triples"
    stamp = sha256(b"".join((HERE / name).read_bytes() for name in ("corpus.py", "notation.py"))).hexdigest()[
        :12
    ]
    file = folder / f"corpus-{size}-{stamp}.nt"
    if not file.exists():
        for old in folder.glob(f"corpus-{size}-*"):
            old.unlink()
        part = file.with_suffix(".part")
        corpus.write(part, reviews, triples)
        part.rename(file)
    return _described(size, f"{reviews:,} generated reviews" if reviews else f"{triples:,} triples", file)


def _described(name: str, title: str, file: Path) -> Data:
    sources = [HERE / "queries.py", Path(__file__), *sorted(queries.FOLDER.glob("*.rq"))]
    digest = sha256(b"".join(path.read_bytes() for path in sources) + str(file.stat().st_size).encode())
    kept = file.with_suffix(".json")
    if not kept.exists() or json.loads(kept.read_text())["of"] != digest.hexdigest():
        command = [sys.executable, "-m", "benchmarks.datasets", str(file)]
        given = {"cwd": HERE.parent, "timeout": MADE_S, "capture_output": True, "text": True}
        made = subprocess.run(command, check=True, **given)
        kept.write_text(json.dumps(json.loads(made.stdout) | {"of": digest.hexdigest()}))
    found = json.loads(kept.read_text())
    return Data(name, title, file, found["triples"], found["texts"], found["sizes"])


def describe(file: Path) -> dict:
    """The queries for the data of a file, and the sizes of their right answers."""
    store = Store()
    store.bulk_load(path=file, format=RdfFormat.N_TRIPLES)
    texts = {query.name: query.asked(store) for query in queries.QUERIES} | {"mixed": queries.mixed(store)}
    sizes = {name: [queries.size(store, text) for text in asked[:CHECKED]] for name, asked in texts.items()}
    return {"triples": len(store), "texts": texts, "sizes": sizes}


if __name__ == "__main__":
    print(json.dumps(describe(Path(sys.argv[1]))))
