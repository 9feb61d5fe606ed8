"""The canonical layout of the project's Turtle files: read, outline, write, and put a file into it."""

from collections.abc import Mapping
from pathlib import Path, PurePosixPath

import pyoxigraph as ox

from exoreview import files
from exoreview.problems import Refusal
from exoreview.terms import PREFIXES
from exoreview.turtle.layout import Section, write, write_trig
from exoreview.turtle.ordering import subject_key
from exoreview.turtle.outline import Outline, TurtleError, outline

__all__ = [
    "Outline",
    "Section",
    "TurtleError",
    "format_document",
    "outline",
    "parse",
    "read",
    "write",
    "write_trig",
]


def parse(data: bytes | str, name: str = "") -> list[ox.Triple]:
    """The triples of a document; no two documents share a blank node."""
    try:
        return [quad.triple for quad in ox.parse(data, format=ox.RdfFormat.TURTLE, rename_blank_nodes=True)]
    except SyntaxError as error:
        raise _refused(error, name) from None


def read(path: Path) -> list[ox.Triple]:
    """The triples of a file."""
    return parse(path.read_bytes(), files.shown(path))


def format_document(text: str, name: str) -> str:
    """The canonical form of a document.

    Header, sections and the comment before a subject stay. In data/ the subjects of a section stand in the
    order of their ids, elsewhere in the order of the document. A comment anywhere else is refused, not lost.
    """
    parse(text, name)
    document = outline(text, name)
    comments = _comments(document)
    _refuse_strays(document, name)
    sort = PurePosixPath(name).parts[:1] == ("data",)
    seen: set[ox.NamedNode | ox.BlankNode] = set()
    sections = []
    for part in document.parts:
        subjects = [block.subject for block in part.blocks if block.subject and block.subject not in seen]
        seen.update(subjects)
        if sort:
            subjects.sort(key=_by_id)
        sections.append(Section(part.title, list(dict.fromkeys(subjects)), part.introduction))
    try:
        return write(
            document.triples,
            header=document.header,
            sections=sections,
            comments=comments,
            prefixes=_prefixes(document),
            keep_labels=True,
        )
    except Refusal as refusal:
        raise TurtleError(1, 1, str(refusal), name) from None


def _by_id(node: ox.NamedNode | ox.BlankNode) -> tuple:
    """IRIs by their ids; blank nodes, which have none, stay in the order of the document."""
    return (0, subject_key(node.value)) if isinstance(node, ox.NamedNode) else (1,)


def _refused(error: SyntaxError, name: str) -> TurtleError:
    """A syntax error as a sentence: the parser repeats the place in its words."""
    message = str(error.msg).partition(": ")[2] or str(error.msg)
    message = message[:1].upper() + message[1:]
    return TurtleError(error.lineno or 1, error.offset or 1, message.rstrip(".") + ".", name)


def _refuse_strays(document: Outline, name: str) -> None:
    """A comment that the layout has no place for would be lost."""
    if document.strays:
        line, text = min(document.strays)
        sentence = (
            f"The comment “{text.lstrip('# ')}” would be lost: put it before a subject or into an annotation."
        )
        raise TurtleError(line, 1, sentence, name)


def _comments(document: Outline) -> dict[ox.NamedNode | ox.BlankNode, list[str]]:
    comments: dict[ox.NamedNode | ox.BlankNode, list[str]] = {}
    objects = {triple.object for triple in document.triples}
    for block in document.blocks:
        if block.comments and block.subject in objects and isinstance(block.subject, ox.BlankNode):
            document.strays.append((block.line, block.comments[0]))
        elif block.comments and block.subject:
            comments.setdefault(block.subject, []).extend(block.comments)
    return comments


def _prefixes(document: Outline) -> Mapping[str, str]:
    """The project's prefixes, and those of the document for namespaces that the table does not name."""
    known = set(PREFIXES.values())
    own = {
        prefix: namespace
        for prefix, namespace in document.prefixes.items()
        if namespace not in known and prefix not in PREFIXES
    }
    return {**PREFIXES, **own}
