"""The engine: answers a read-only SPARQL query in a format, or says at which line and column it cannot.

`Engine` is what the protocol needs of any store. `Embedded` is pyoxigraph in memory, in this process; it
cannot be interrupted, so a server reaches it only through `pool`, in processes that can be killed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol
from xml.parsers import expat

from pyoxigraph import NamedNode, QueryBoolean, QueryTriples, Store, parse, serialize

from exoreview import files, media
from exoreview.media import Format
from exoreview.problems import Refusal
from exoreview.sparql import complaints, querytext
from exoreview.sparql.outcomes import QueryError, Stopped


@dataclass(frozen=True)
class Question:
    """A query with what belongs to it: a format that fits its form, the dataset that the protocol names, and
    the content coding for an answer that is worth it."""

    text: str
    format: Format
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    coding: str | None = None


class Engine(Protocol):
    """What answers queries."""

    name: str

    def write(self, question: Question, out: BinaryIO) -> None:
        """Write the whole answer; raises QueryError or Stopped, and what was written then is none."""


class Embedded:
    """pyoxigraph over a store, in this process."""

    name = "pyoxigraph"

    def __init__(self, store: Store, max_nesting: int = 128):
        self.store, self.max_nesting = store, max_nesting

    def write(self, question: Question, out: BinaryIO) -> None:
        """Write the whole answer; raises QueryError or Stopped, and what was written then is none."""
        seen = examine(question.text, self.max_nesting)
        try:
            results = self.store.query(question.text, **_dataset(question))
            if carries(results) == media.GRAPH:
                serialize(results, out, format=question.format.engine, prefixes=seen.prefixes)
            else:
                results.serialize(out, format=question.format.engine)
        except SyntaxError as error:
            raise complaints.syntax_error(question.text, str(error), seen) from None
        except MemoryError:
            raise Stopped("The query needs more memory than one query may have.") from None
        except (RuntimeError, ValueError, OSError) as error:
            raise QueryError(complaints.sentence(str(error))) from None


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
