"""The files that a check looks at: what each says, line by line, or why it cannot be read."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

import pyoxigraph as ox

from exoreview import files, turtle
from exoreview.knowledge import graphs, mappings
from exoreview.problems import Problem, Refusal
from exoreview.terms import curie
from exoreview.turtle.outline import Block

MAPPINGS = ".sssom.tsv"
BYTE_ORDER_MARK = "\ufeff"


@dataclass
class Document:
    """A file as it was read: the project's name for it, its graph, whether a person gave or even added it."""

    name: str
    path: Path
    graph: str
    given: bool
    added: bool
    raw: str = ""
    triples: list[ox.Triple] = field(default_factory=list)
    lines: dict[str, int] = field(default_factory=dict)
    pairs: dict[tuple[str, str], int] = field(default_factory=dict)
    nameless: list[Block] = field(default_factory=list)

    @property
    def shown(self) -> str:
        """The file's path as a person wants to read it."""
        return files.shown(self.path)

    @property
    def text(self) -> str:
        """What the file says, whatever an editor of Windows put around it."""
        return self.raw.removeprefix(BYTE_ORDER_MARK).replace("\r\n", "\n")

    @property
    def canonical(self) -> str:
        """The text in the canonical layout."""
        form = mappings.format_document if self.name.endswith(MAPPINGS) else turtle.format_document
        return form(self.text, self.name)

    def line(self, subject: ox.NamedNode | ox.BlankNode, value: object = None) -> int | None:
        """Where the file speaks of a subject; in a mapping, of a subject and the term it is linked to."""
        if isinstance(subject, ox.BlankNode):
            return self._line_of_nameless(subject, value)
        if self.links(subject, value):
            return self.pairs[subject.value, value.value]
        return self.lines.get(subject.value)

    def links(self, subject: ox.NamedNode | ox.BlankNode, value: object) -> bool:
        """Whether a row of the mappings links a subject to a term."""
        return isinstance(value, ox.NamedNode) and (subject.value, value.value) in self.pairs

    def _line_of_nameless(self, subject: ox.BlankNode, value: object) -> int | None:
        """Blank nodes have other labels in the outline: the block is known by the value that it has."""
        if all(triple.subject != subject for triple in self.triples):
            return None
        having = (each.line for each in self.nameless if value in {triple.object for triple in each.triples})
        return next(having, 1)


def find(paths: Sequence[Path], names: Collection[str] = graphs.LOADED) -> list[Document]:
    """The project's files, with the given ones in the place of those whose names they have, or added."""
    for path in paths:
        _refuse(path)
    overrides, extra = graphs.sort_out(paths)
    return [
        Document(source.name, source.path, graph, source.path in paths, source.path in extra)
        for graph, sources in graphs.sources(overrides, extra, names).items()
        for source in sources
    ]


def read(documents: Iterable[Document]) -> list[Problem]:
    """Read the files; the problems are those of their notation."""
    return sorted(problem for document in documents for problem in _read(document))


def asserted(documents: Iterable[Document]) -> list[ox.Triple]:
    """The triples of the default graph, each once."""
    return of(documents, graphs.ASSERTED)


def of(documents: Iterable[Document], names: Collection[str]) -> list[ox.Triple]:
    """The triples of some graphs, each once."""
    return list(dict.fromkeys(triple for each in documents if each.graph in names for triple in each.triples))


def _refuse(path: Path) -> None:
    """Say at once what cannot be read at all."""
    if path.is_dir():
        raise Refusal(f"{path} is a folder; name the files in it.")
    if not path.exists():
        raise Refusal(f"There is no file {path}.")
    if not path.is_file():
        raise Refusal(f"{path} is no plain file.")


def _read(document: Document) -> Iterator[Problem]:
    try:
        document.raw = document.path.read_bytes().decode("utf-8")
        if document.name.endswith(MAPPINGS):
            _read_mappings(document)
        else:
            document.triples = turtle.parse(document.text, document.shown)
            outline = turtle.outline(document.text, document.shown)
            document.lines = outline.lines
            document.nameless = [each for each in outline.blocks if isinstance(each.subject, ox.BlankNode)]
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        yield Problem(document.shown, line, "text", "The file is not UTF-8; save it in that encoding.")
    except OSError as error:
        reason = (error.strerror or "no reason given").lower()
        yield Problem(document.shown, 1, "file", f"The file cannot be read: {reason}.")
    except turtle.TurtleError as error:
        yield Problem(document.shown, error.line, f"column {error.column}", error.message)
    except mappings.MappingError as error:
        yield from error.problems


def _read_mappings(document: Document) -> None:
    mapping_set = mappings.parse(document.text, document.shown)
    document.triples = list(mappings.triples(mapping_set))
    for row in mapping_set.rows:
        subject, outside = mapping_set.expand(row["subject_id"]), mapping_set.expand(row["object_id"])
        for name in (subject, outside, mappings.record_iri(row)):
            document.lines.setdefault(name, row.line)
        document.pairs[subject, outside] = row.line


def name_of(thing: ox.NamedNode | ox.BlankNode, labels: Mapping[str, str] = MappingProxyType({})) -> str:
    """A thing for a reader: its short name and, in brackets, its label."""
    if isinstance(thing, ox.BlankNode):
        return "a thing without a name"
    label = labels.get(thing.value, "").removesuffix(".")
    return f"{curie(thing.value)} ({shortened(label, 60)})" if label else curie(thing.value)


def shortened(text: str, width: int) -> str:
    """A text cut at a word, so that it fits a line."""
    if len(text) <= width:
        return text
    return text[: text.rfind(" ", 0, width) if " " in text[:width] else width] + " …"
