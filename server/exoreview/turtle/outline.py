"""What a reader sees of a Turtle document besides triples: header, sections, subjects, comments, lines."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import pyoxigraph as ox

from exoreview.problems import Refusal

_TOKEN = re.compile(
    r'''
      (?P<newline>\n)
    | (?P<blank>[ \t\r]+)
    | (?P<comment>\#[^\n\r]*)
    | (?P<text>"""(?:[^"\\]|\\.|"(?!""))*+""" | \'\'\'(?:[^'\\]|\\.|'(?!''))*+\'\'\'
              | "(?:[^"\\\n\r]|\\.)*+" | '(?:[^'\\\n\r]|\\.)*+')
    | (?P<iri><[^<>"{}|^`\x00-\x20]*+>)
    | (?P<open>[\[(])
    | (?P<close>[\])])
    | (?P<join>[;,])
    | (?P<word>@[A-Za-z]+(?:-+[A-Za-z0-9]+)*+
              | (?!\.[^0-9])(?:\\.|\.(?=[^\s<>"'()\[\];,\#\\])|[^\s<>"'()\[\];,\#\\.])++)
    | (?P<stop>\.)
    '''.replace(r"\'", "'"),
    re.VERBOSE | re.DOTALL,
)
_TITLE = re.compile(r"#\s*[-=─]{2,}\s+(\S.*?)\s+[-=─]{2,}\s*")
_DIRECTIVES = {"prefix": 2, "base": 1, "version": 1}
_MARK = "urn:exoreview:block"


class TurtleError(Refusal):
    """What is wrong with a Turtle document, in one sentence, and where (lines and columns start at 1)."""

    def __init__(self, line: int, column: int, message: str, file: str = ""):
        super().__init__(f"{file or 'Turtle'}:{line}:{column}: {message}")
        self.line, self.column, self.message, self.file = line, column, message, file


@dataclass
class Block:
    """The statements about one subject: where they start, the comment before them, and their triples."""

    line: int
    start: int
    end: int = 0
    comments: list[str] = field(default_factory=list)
    subject: ox.NamedNode | ox.BlankNode | None = None
    triples: list[ox.Triple] = field(default_factory=list)


@dataclass
class Part:
    """A section: its ruled title (None before the first), the comment under the title, its blocks."""

    title: str | None
    line: int
    introduction: list[str] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)


@dataclass
class Outline:
    """A document as a reader sees it; `strays` are the comments (line, text) that belong to no subject."""

    header: list[str] = field(default_factory=list)
    prefixes: dict[str, str] = field(default_factory=dict)
    parts: list[Part] = field(default_factory=list)
    strays: list[tuple[int, str]] = field(default_factory=list)

    @property
    def blocks(self) -> list[Block]:
        """All blocks in the order of the document."""
        return [block for part in self.parts for block in part.blocks]

    @property
    def subjects(self) -> list[str]:
        """The IRIs of all subjects in the order of the document, each once."""
        return list(self.lines)

    @property
    def lines(self) -> dict[str, int]:
        """The line where each subject (by IRI) first starts."""
        lines: dict[str, int] = {}
        for block in self.blocks:
            if isinstance(block.subject, ox.NamedNode):
                lines.setdefault(block.subject.value, block.line)
        return lines

    @property
    def triples(self) -> list[ox.Triple]:
        """All triples; blank nodes keep the labels of the document."""
        return [triple for block in self.blocks for triple in block.triples]


def outline(text: str, file: str = "") -> Outline:
    """The outline of a document that is known to be correct Turtle."""
    reader = _Reader(text, file)
    reader.read()
    try:
        reader.resolve()
    except SyntaxError as error:
        raise TurtleError(error.lineno or 1, 1, "This is not Turtle.", file) from None
    return reader.outline


class _Reader:
    """Goes through a document once; what stands between two statements is decided at the second."""

    def __init__(self, text: str, file: str):
        self.text, self.file = text, file
        self.outline = Outline(parts=[Part(None, 1)])
        self.statements: list[Block | str] = []
        self.waiting: list[tuple[int, str]] = []
        self.untouched = True  # nothing but comments so far: they are the header

    def tokens(self) -> Iterator[tuple[str, str, int, int]]:
        """Kind, text, offset and line of every token but blanks."""
        at, line = 0, 1
        while at < len(self.text):
            match = _TOKEN.match(self.text, at)
            if not match:
                column = at - self.text.rfind("\n", 0, at)
                raise TurtleError(line, column, "This notation has no place in the layout.", self.file)
            kind = match.lastgroup or ""
            if kind not in ("newline", "blank"):
                yield kind, match[0], at, line
            line += match[0].count("\n")
            at = match.end()

    def read(self) -> None:
        """Cut the document into directives, blocks and comments."""
        tokens = self.tokens()
        last_line = 0
        for kind, token, start, line in tokens:
            if kind != "comment":
                last_line = self._statement(kind, token, start, line, tokens)
            elif line == last_line:
                self.outline.strays.append((line, token))
            elif title := _TITLE.fullmatch(token):
                self._close_part()
                self.outline.parts.append(Part(title[1], line))
            else:
                self.waiting.append((line, token))
        self._close_part()

    def _statement(self, kind: str, token: str, start: int, line: int, tokens: Iterator) -> int:
        """Read to the end of a directive or block; the line where it ends."""
        name = token.removeprefix("@").lower()
        if kind == "word" and name in _DIRECTIVES:
            self._before_directive()
            end, last_line = self._end(kind, tokens, start, line, 0 if token[0] == "@" else _DIRECTIVES[name])
            self.statements.append(self.text[start:end])
        else:
            block = Block(line, start, comments=self._before_block(line))
            self.outline.parts[-1].blocks.append(block)
            end, last_line = self._end(kind, tokens, start, line, 0)
            block.end = end
            self.statements.append(block)
        self.untouched = False
        return last_line

    def _end(self, kind: str, tokens: Iterator, end: int, line: int, words: int) -> tuple[int, int]:
        """Offset and line after the full stop that ends a statement, or after so many words."""
        depth = 1 if kind == "open" else 0
        for kind, token, start, line in tokens:
            if kind == "comment":
                self.outline.strays.append((line, token))
                continue
            end = start + len(token)
            line += token.count("\n")
            depth += {"open": 1, "close": -1}.get(kind, 0)
            words -= 1
            if words == 0 or (kind == "stop" and not depth):
                break
        return end, line

    def _before_directive(self) -> None:
        if self.untouched and len(self.outline.parts) == 1:
            self.outline.header = _joined(self.waiting)
        else:
            self.outline.strays += self.waiting
        self.waiting = []

    def _before_block(self, line: int) -> list[str]:
        """The comment that belongs to the block at a line; an earlier one may be header or introduction."""
        groups = _groups(self.waiting)
        self.waiting = []
        part = self.outline.parts[-1]
        if self.untouched and len(self.outline.parts) == 1 and groups:
            self.outline.header = _joined(groups.pop(0))
        elif part.title is not None and not part.blocks:
            apart = len(groups) if groups and groups[-1][-1][0] < line - 1 else len(groups) - 1
            part.introduction = _joined([row for group in groups[:apart] for row in group])
            groups = groups[max(apart, 0) :]
        return [_plain(text) for group in groups for _, text in group]

    def _close_part(self) -> None:
        """A comment before a title or the end belongs to nobody, unless it introduces a section."""
        part = self.outline.parts[-1]
        if self.untouched and len(self.outline.parts) == 1:
            self.outline.header = _joined(self.waiting)
        elif part.title is not None and not part.blocks:
            part.introduction = _joined(self.waiting)
        else:
            self.outline.strays += self.waiting
        self.waiting = []

    def resolve(self) -> None:
        """Let the RDF parser say which triples each block holds: a mark before each keeps them apart."""
        blocks = [statement for statement in self.statements if isinstance(statement, Block)]
        marked = "\n".join(part if isinstance(part, str) else self._marked(part) for part in self.statements)
        parser = ox.parse(marked, format=ox.RdfFormat.TURTLE)
        reached = -1
        for quad in parser:
            if quad.predicate.value == _MARK:
                reached += 1
                blocks[reached].subject = quad.subject if quad.subject.value != _MARK else None
            else:
                blocks[reached].triples.append(quad.triple)
        for block in blocks:
            block.subject = block.subject or _root(block.triples)
        self.outline.prefixes = dict(parser.prefixes)

    def _marked(self, block: Block) -> str:
        text = self.text[block.start : block.end]
        subject = f"<{_MARK}>" if text[0] in "[(" else _TOKEN.match(text)[0]
        return f"{subject} <{_MARK}> 0 .\n{text}"


def _root(triples: Sequence[ox.Triple]) -> ox.BlankNode | None:
    """The subject of a block that starts with a bracket: the one that is nobody's object."""
    objects = {triple.object for triple in triples}
    return next((triple.subject for triple in triples if triple.subject not in objects), None)


def _groups(comments: Sequence[tuple[int, str]]) -> list[list[tuple[int, str]]]:
    """Comments (line, text) in paragraphs: a line between two parts them."""
    groups: list[list[tuple[int, str]]] = []
    for row in comments:
        if groups and groups[-1][-1][0] == row[0] - 1:
            groups[-1].append(row)
        else:
            groups.append([row])
    return groups


def _joined(comments: Sequence[tuple[int, str]]) -> list[str]:
    """The text of comments, an empty line between paragraphs."""
    lines: list[str] = []
    for group in _groups(comments):
        lines += ([""] if lines else []) + [_plain(text) for _, text in group]
    return lines


def _plain(comment: str) -> str:
    return comment[1:].removeprefix(" ").rstrip()
