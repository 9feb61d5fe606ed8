"""Stores: of files in memory."""

from collections.abc import Sequence
from pathlib import Path
from xml.parsers import expat

from pyoxigraph import Store, parse

from exoreview import files, media
from exoreview.problems import Refusal
from exoreview.sparql import complaints


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
