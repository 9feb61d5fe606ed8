"""Where the knowledge stands: ontology/, shapes/ and data/, in a checkout or inside an installed wheel."""

import shutil
import tomllib
from functools import cache
from importlib import metadata
from pathlib import Path

from exoreview.problems import Refusal

_PACKAGE = Path(__file__).resolve().parent
_CHECKOUT = _PACKAGE.parent.parent

# The wheel carries these folders inside the package; a checkout has them beside server/.
ROOT = _PACKAGE if (_PACKAGE / "ontology").is_dir() else _CHECKOUT


def path(name: str) -> Path:
    """The path of one of the project's files, named from the root: `data/claims.ttl`."""
    return ROOT / name


def named(folder: str, pattern: str) -> list[Path]:
    """The files of a folder that match a pattern, in the order of their names."""
    return sorted((ROOT / folder).glob(pattern))


def query_files() -> list[Path]:
    """The published example queries, one file each."""
    return named("data/queries", "*.ttl")


def refused_files() -> list[Path]:
    """The files that the shapes must refuse, each with the sentence that it gets in its first line."""
    return named("tests/invalid", "*.ttl") or named("invalid", "*.ttl")


def projection_files() -> list[Path]:
    """The projections of the claims, one CONSTRUCT query each."""
    return named("ontology/projections", "*.rq")


def shown(path: Path) -> str:
    """A path as a person wants to read it: from the project's root, or from where they stand."""
    for base in (ROOT, Path.cwd()):
        if path.resolve().is_relative_to(base):
            return path.resolve().relative_to(base).as_posix()
    return path.as_posix()


def replace(path: Path, text: str) -> None:
    """Write beside a file and move there, so that a full disk leaves the old one as it was."""
    beside = path.with_name(f".{path.name}.new")
    try:
        beside.write_bytes(text.encode())
        if path.exists():
            shutil.copymode(path, beside)
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise Refusal(f"{path} cannot be written: {(error.strerror or 'no reason given').lower()}.") from None


@cache
def version() -> str:
    """The one version of package, ontology and data; it stands in pyproject.toml alone."""
    pyproject = _CHECKOUT / "pyproject.toml"
    if ROOT == _CHECKOUT and pyproject.is_file():
        return tomllib.loads(pyproject.read_text("utf-8"))["project"]["version"]
    return metadata.version("exoreview")
