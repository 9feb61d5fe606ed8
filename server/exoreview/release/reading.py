"""Files of RDF read as quads: the dumps of a release, or what others made."""

import gzip
import zlib
from pathlib import Path

from pyoxigraph import Quad, parse

from exoreview import media
from exoreview.problems import Refusal

COMPRESSED = ".gz"


def read(path: Path) -> list[Quad]:
    """The quads of a file in the format that its suffix names, each once; .gz after it is decompressed."""
    format = format_of(path)
    if path.is_dir():
        raise Refusal(f"{path}: this is a folder; name a file in it.")
    try:
        content = path.read_bytes()
        if path.suffix == COMPRESSED:
            content = gzip.decompress(content)
        return list(dict.fromkeys(parse(content, format=format.engine, base_iri=path.resolve().as_uri())))
    except (gzip.BadGzipFile, EOFError, zlib.error):
        raise Refusal(f"{path}: this is no whole file of gzip.") from None
    except (SyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None)
        raise Refusal(f"{path}{f':{line}' if line else ''}: this is no {format.title}.") from None
    except OSError as error:
        raise Refusal(
            f"{path}: it cannot be read: {(error.strerror or 'no reason given').lower()}."
        ) from None


def format_of(path: Path) -> media.Format:
    """The format that the suffix of a file names, which stands before .gz."""
    suffix = Path(path.stem).suffix if path.suffix == COMPRESSED else path.suffix
    format = media.DATA_SUFFIXES.get(suffix.lower())
    if format is None:
        known = " ".join(media.DATA_SUFFIXES)
        raise Refusal(f"{path}: this suffix names no RDF format; known are {known}.")
    return format
