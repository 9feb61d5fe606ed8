"""Whether XML that arrives in pieces is whole; the parsers of results and of RDF/XML take a part for it."""

from collections.abc import Iterable, Iterator
from xml.parsers import expat


class Malformed(Exception):
    """An answer that is not what it says it is."""


def whole(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The pieces as they are; raises Malformed where the XML is none, or at the end where some is missing."""
    parser = expat.ParserCreate()
    parser.EntityDeclHandler = _refuse
    try:
        for piece in pieces:
            parser.Parse(piece, False)
            yield piece
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise Malformed(expat.ErrorString(error.code)) from None


def _refuse(*_) -> None:
    raise Malformed("it declares entities")
