"""Files as RDF, and a store of them in memory."""

import errno
from collections.abc import Iterator, Sequence
from pathlib import Path
from xml.parsers import expat

from pyoxigraph import NamedNode, Quad, Store, parse

from exoreview import diagnosis, files, media
from exoreview.problems import Refusal


def store_of_files(paths: Sequence[Path]) -> Store:
    """A store of what files hold, read by suffix; its default graph is what the files put there."""
    store = Store()
    for path in paths:
        store.extend(quads_of(path))
    return store


def quads_of(path: Path) -> Iterator[Quad]:
    """What a file holds, read by suffix; a Refusal says at which line it cannot be read."""
    format = format_of(path)
    try:
        if format is media.RDFXML:
            _require_xml(path)
        base = path.resolve().as_uri()
        yield from parse(path=path, format=format.engine, rename_blank_nodes=True, base_iri=base)
    except (SyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None)
        place = f":{line}" if line else ""
        raise Refusal(
            f"{files.shown(path)}{place}: this is no {format.title}: {diagnosis.sentence(_said(error))}"
        ) from None
    except OSError as error:
        raise Refusal(f"{files.shown(path)}: it cannot be read: {reason(error)}") from None


def sizes(store: Store) -> dict[str, int]:
    """The number of triples of every graph by its IRI; the default graph's stands under the empty text."""
    query = "SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g ORDER BY ?g"
    named = list(store.query(query)) if any(store.named_graphs()) else []
    default = len(store) - sum(int(row["n"].value) for row in named)
    return {"": default} | {
        row["g"].value: int(row["n"].value) for row in named if type(row["g"]) is NamedNode
    }


def format_of(path: Path) -> media.Format:
    """The format of a file by its suffix; a Refusal where there is no such file or format."""
    if path.is_dir():
        raise Refusal(f"{files.shown(path)}: this is a folder; name the files in it.")
    if not path.exists():
        raise Refusal(f"{files.shown(path)}: there is no such file.")
    if format := media.DATA_SUFFIXES.get(path.suffix.lower()):
        return format
    known = " ".join(media.DATA_SUFFIXES)
    raise Refusal(f"{files.shown(path)}: this suffix names no RDF format; known are {known}.")


def reason(error: OSError | RuntimeError) -> str:
    """Why the system, or RocksDB, could not: a sentence."""
    message = getattr(error, "strerror", None) or str(error).splitlines()[0]
    if getattr(error, "errno", None) == errno.ENOSPC or "No space left" in message:
        return "The disk is full."
    return diagnosis.sentence(message)


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
