"""Rows in the text of a result, counted while it is written: the serializers of the engine tell nobody.

A row is known by marks. In a value these would be escaped; where they would not, they count outside of quotes
alone.
"""

from exoreview import media
from exoreview.media import Format
from exoreview.sparql.outcomes import TooLarge


def too_many(most: int, what: str) -> TooLarge:
    """What is said of a result that has more rows, or triples, than may be."""
    return TooLarge(f"The result has more than {most:,} {what}; add LIMIT, or ask for less.")


class Marks:
    """Finds a mark, wherever the text is cut."""

    def __init__(self, mark: bytes):
        self.mark, self.tail = mark, b""

    def count(self, data: bytes) -> int:
        """How many more there are with the next part of the text."""
        data = self.tail + data
        # So much cannot be a mark by itself, but may be the start of one.
        self.tail = data[1 - len(self.mark) :] if len(self.mark) > 1 else b""
        return data.count(self.mark)


class MarksOutside:
    """Finds a mark outside of quotes; a quote within quotes is doubled, or stands after a sign of escape."""

    def __init__(self, mark: bytes, escape: bytes):
        self.mark, self.escape, self.in_quotes, self.rest = mark, escape, False, b""

    def count(self, data: bytes) -> int:
        """How many more there are with the next part of the text."""
        data = self.rest + data
        # What may be the start of a mark or of an escape waits for what comes next.
        starts = self.mark[:-1] + self.escape
        ready = data.rstrip(starts) if starts else data
        self.rest = data[len(ready) :]
        if self.escape and self.escape in ready:
            ready = ready.replace(2 * self.escape, b"").replace(self.escape + b'"', b"")
        # Looking at each quote takes long, and most texts have no such mark anywhere.
        found = 0
        if self.mark in ready:
            found = sum(part.count(self.mark) for part in ready.split(b'"')[self.in_quotes :: 2])
        self.in_quotes ^= ready.count(b'"') % 2 == 1
        return found


# How many marks stand at the head, before all rows, and which marks there are, with the sign of escape where
# they count outside of quotes. A row of JSON has a name at its start, or nothing at all.
_MARKS = {
    media.RESULTS_JSON.name: (0, (Marks, b',{"'), (Marks, b'[{"'), (MarksOutside, b"{}", b"\\")),
    media.RESULTS_XML.name: (0, (Marks, b"<result>")),
    media.CSV.name: (1, (MarksOutside, b"\n", b"")),
    media.TSV.name: (1, (Marks, b"\n")),
    media.NTRIPLES.name: (0, (Marks, b"\n")),
    media.NQUADS.name: (0, (Marks, b"\n")),
}


def are_counted(format: Format) -> bool:
    """Whether rows can be told in the text of a format."""
    return format.name in _MARKS


class Rows:
    """Counts the rows of a text of a format; raises TooLarge beyond the most that may be."""

    def __init__(self, format: Format, most: int):
        head, *kinds = _MARKS[format.name]
        self.most, self.what = most, "triples" if format in media.RDF else "rows"
        self.found = -head
        self.marks = [kind(*given) for kind, *given in kinds]

    def add(self, data: bytes) -> None:
        """Take the next part of the text."""
        self.found += sum(marks.count(data) for marks in self.marks)
        if self.found > self.most:
            raise too_many(self.most, self.what)
