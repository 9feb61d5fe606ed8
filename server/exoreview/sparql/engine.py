"""The engine: answers a read-only SPARQL query in a format, or says at which line and column it cannot.

`Engine` is what the protocol needs of any store. `Embedded` is pyoxigraph in memory, in this process; it
cannot be interrupted, so a server reaches it only through `pool`, in processes that can be killed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from xml.parsers import expat

from pyoxigraph import DefaultGraph, NamedNode, QueryBoolean, QueryTriples, Store, parse, serialize

from exoreview import files, media
from exoreview.media import Format
from exoreview.problems import Refusal
from exoreview.sparql import complaints, querytext
from exoreview.sparql.outcomes import QueryError, Stopped, TooLarge


@dataclass(frozen=True)
class Question:
    """A query with what belongs to it: the format of the answer and, from the protocol, the dataset."""

    text: str
    format: Format | None = None
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Answer:
    """A complete answer, written in the format that was asked for."""

    body: bytes
    format: Format


class Engine(Protocol):
    """What answers queries."""

    name: str

    def query(self, question: Question) -> Answer:
        """Answer a question; raises QueryError or Stopped."""


class Embedded:
    """pyoxigraph over a store in memory, in this process."""

    name = "embedded"

    def __init__(self, store: Store, max_bytes: int = 100_000_000, max_nesting: int = 128):
        self.store, self.max_bytes, self.max_nesting = store, max_bytes, max_nesting

    def size(self) -> int:
        """How many triples stand in the default graph."""
        return sum(1 for _ in self.store.quads_for_pattern(None, None, None, DefaultGraph()))

    def query(self, question: Question) -> Answer:
        seen = examine(question.text, self.max_nesting)
        try:
            results = self.store.query(question.text, **_dataset(question))
            return self._written(results, question, seen)
        except SyntaxError as error:
            raise complaints.syntax_error(question.text, str(error), seen) from None
        except MemoryError:
            raise Stopped("The query needs more memory than one query may have.") from None
        except (RuntimeError, ValueError, OSError) as error:
            raise QueryError(complaints.sentence(str(error))) from None

    def _written(self, results, question: Question, seen: querytext.Scan) -> Answer:
        carried = carries(results)
        format = question.format
        if format is None or carried not in format.carries or format.engine is None:
            format = media.TURTLE if carried == media.GRAPH else media.RESULTS_JSON
        out = _Bounded(self.max_bytes)
        if carried == media.GRAPH:
            serialize(results, out, format=format.engine, prefixes=seen.prefixes)
        else:
            results.serialize(out, format=format.engine)
        return Answer(bytes(out.content), format)


def carries(results) -> str:
    """What a result is: a graph, a boolean or bindings."""
    if isinstance(results, QueryTriples):
        return media.GRAPH
    return media.BOOLEAN if isinstance(results, QueryBoolean) else media.BINDINGS


def examine(text: str, max_nesting: int) -> querytext.Scan:
    """Look at a query before the parser does, and refuse what must not reach it."""
    seen = querytext.scan(text)
    if seen.is_update:
        place = querytext.position(text, seen.form_at)
        raise QueryError(f"This is an update ({seen.form}); only queries are answered here.", *place)
    if seen.depth > max_nesting:
        raise QueryError(f"The query nests brackets {seen.depth} deep; at most {max_nesting} are read.")
    if seen.service is not None:
        place = querytext.position(text, seen.service)
        raise QueryError(
            "SERVICE is off: this endpoint fetches nothing from others.",
            *place,
            hint="Ask the other endpoint yourself, or name this one in a SERVICE from there.",
        )
    return seen


def _dataset(question: Question) -> dict:
    """The dataset that the protocol names, which wins over FROM; graphs that are not here are empty."""
    if not question.default_graphs and not question.named_graphs:
        return {}
    return {
        "default_graph": [NamedNode(iri) for iri in question.default_graphs],
        "named_graphs": [NamedNode(iri) for iri in question.named_graphs],
    }


class _Bounded:
    """A file in memory that refuses to grow beyond a size."""

    def __init__(self, limit: int):
        self.content, self.limit = bytearray(), limit

    def write(self, data: bytes) -> int:
        if len(self.content) + len(data) > self.limit:
            raise TooLarge(f"The result is longer than {self.limit:,} bytes; add LIMIT, or ask for less.")
        self.content += data
        return len(data)

    def flush(self) -> None:
        """Nothing is held back."""


def store_of_files(paths: Sequence[Path]) -> Store:
    """A store of what files hold, read by suffix; its default graph is what the files put there."""
    store = Store()
    for path in paths:
        format = media.DATA_SUFFIXES.get(path.suffix.lower())
        if path.is_dir():
            raise Refusal(f"{files.shown(path)}: this is a folder; name the files in it.")
        if not path.exists():
            raise Refusal(f"{files.shown(path)}: there is no such file.")
        if format is None:
            known = " ".join(media.DATA_SUFFIXES)
            raise Refusal(f"{files.shown(path)}: this suffix names no RDF format; known are {known}.")
        try:
            if format is media.RDFXML:
                _require_xml(path)
            store.extend(
                parse(
                    path=path, format=format.engine, rename_blank_nodes=True, base_iri=path.resolve().as_uri()
                )
            )
        except (SyntaxError, ValueError) as error:
            line = getattr(error, "lineno", None)
            place = f":{line}" if line else ""
            raise Refusal(
                f"{files.shown(path)}{place}: this is no {format.title}: {complaints.sentence(_said(error))}"
            ) from None
        except OSError as error:
            raise Refusal(
                f"{files.shown(path)}: it cannot be read: {complaints.sentence(error.strerror or str(error))}"
            ) from None
    return store


def _require_xml(path: Path) -> None:
    """The parser of RDF/XML takes an empty file, or one that breaks off, for whole, and names no lines."""
    parser = expat.ParserCreate(namespace_separator=" ")

    def start(name: str, _) -> None:
        if " " not in name:
            raise SyntaxError(f"the element {name} has no namespace", _at(path, parser.CurrentLineNumber))

    parser.StartElementHandler = start
    try:
        with path.open("rb") as file:
            parser.ParseFile(file)
    except expat.ExpatError as error:
        raise SyntaxError(expat.ErrorString(error.code), _at(path, error.lineno)) from None


def _at(path: Path, line: int) -> tuple:
    return str(path), line, None, None


def _said(error: Exception) -> str:
    """The first line of a parser's message, without the place, which it repeats in words."""
    message = str(error.args[0] if error.args else error).splitlines()[0]
    return message.partition(": ")[2] if message.startswith("Parser error at") else message
