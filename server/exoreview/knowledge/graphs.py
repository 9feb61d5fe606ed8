"""The named graphs of the dataset, and how the project's files fill them."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import pyoxigraph as ox

from exoreview import files, turtle
from exoreview.knowledge import mappings
from exoreview.problems import Refusal
from exoreview.terms import BASE


class Graph(NamedTuple):
    """A named graph: its source files (patterns from the root), and whether it is asserted.

    A graph that may be empty needs no file to match its pattern.
    """

    name: str
    files: tuple[str, ...]
    asserted: bool = False
    may_be_empty: bool = False

    @property
    def iri(self) -> str:
        """The name of the graph in the dataset."""
        return iri(self.name)


# The default graph is the union of the asserted ones; a graph without files is generated.
GRAPHS = (
    Graph("ontology", ("ontology/review.ttl", "ontology/borrowed.ttl"), asserted=True),
    Graph("concepts", ("ontology/concepts.ttl",), asserted=True),
    Graph("review", ("data/review.ttl",), asserted=True),
    Graph("enrichment", ("data/enrichment.ttl",), asserted=True),
    Graph("claims", ("data/claims.ttl",), asserted=True),
    Graph("mappings", ("data/mappings.sssom.tsv",), asserted=True),
    Graph("annotations", ()),
    Graph("aida", ()),
    Graph("biolink", ()),
    Graph("direct", ()),
    Graph("schemaorg", ()),
    Graph("inferred", ("data/inferred.ttl",)),
    Graph("shapes", ("shapes/*.ttl",)),
    Graph("queries", ("data/queries/*.ttl",), may_be_empty=True),
    Graph("catalog", ("data/catalog.ttl",)),
)
BY_NAME = MappingProxyType({graph.name: graph for graph in GRAPHS})
ASSERTED = tuple(graph.name for graph in GRAPHS if graph.asserted)
LOADED = tuple(graph.name for graph in GRAPHS if graph.files)

# A file that is none of the project's joins the graph that curators extend.
ADDED_TO = "claims"

_HOW_TO_MAKE = {"data/inferred.ttl": "make it with: exoreview reason"}


class Source(NamedTuple):
    """A file of a graph: the project's name for it, and where it is read (elsewhere when replaced)."""

    name: str
    path: Path


def iri(name: str) -> str:
    """The IRI of a graph: `claims` is https://w3id.org/exoreview/graph/claims."""
    return f"{BASE}graph/{name}"


def load(
    overrides: Mapping[str, Path] = MappingProxyType({}),
    extra: Sequence[Path] = (),
    names: Collection[str] = LOADED,
) -> dict[str, list[ox.Triple]]:
    """The triples of each graph that has files, by the name of the graph.

    `overrides` are files to read instead of the project's (`data/claims.ttl`, or `claims.ttl` where that is
    clear), `extra` further ones, as `sort_out` tells them apart. A file that is missing or wrong is refused.
    """
    by_graph = sources(overrides, extra, names)
    return {
        name: list(dict.fromkeys(triple for source in given for triple in _read(source)))
        for name, given in by_graph.items()
    }


def quads(graphs: Mapping[str, Iterable[ox.Triple]]) -> Iterator[ox.Quad]:
    """The graphs as quads, each triple in its named graph."""
    for name, triples in graphs.items():
        graph_name = ox.NamedNode(iri(name))
        for triple in triples:
            yield ox.Quad(*triple, graph_name)


def asserted(graphs: Mapping[str, Iterable[ox.Triple]]) -> list[ox.Triple]:
    """The default graph: the union of the asserted graphs, each triple once."""
    return list(dict.fromkeys(triple for name in ASSERTED for triple in graphs.get(name, ())))


def sources(
    overrides: Mapping[str, Path] = MappingProxyType({}),
    extra: Sequence[Path] = (),
    names: Collection[str] = LOADED,
) -> dict[str, list[Source]]:
    """The files of each graph, in the order in which they are read."""
    replaced = {_project_name(name): path for name, path in overrides.items()}
    by_graph = {}
    for graph in GRAPHS:
        if graph.name in names and graph.files:
            given = [name for pattern in graph.files for name in _names(pattern)]
            if not given and not graph.may_be_empty:
                raise Refusal(f"There are no files {' or '.join(graph.files)}.")
            by_graph[graph.name] = [Source(name, replaced.get(name, files.path(name))) for name in given]
    if ADDED_TO in by_graph:
        by_graph[ADDED_TO] += [Source(files.shown(path), path) for path in extra]
    return by_graph


def sort_out(paths: Iterable[Path]) -> tuple[dict[str, Path], list[Path]]:
    """Files that a person gives: which replace one of the project's (by their name), and which are added."""
    overrides: dict[str, Path] = {}
    extra = []
    for path in paths:
        fits = _fits(path.resolve().as_posix())
        if not fits:
            extra.append(path)
        elif len(fits) > 1 or fits[0] in overrides:
            raise Refusal(_unclear(files.shown(path), fits))
        else:
            overrides[fits[0]] = path
    return overrides, extra


def _read(source: Source) -> Iterable[ox.Triple]:
    if not source.path.is_file():
        remedy = _HOW_TO_MAKE.get(source.name)
        raise Refusal(f"{files.shown(source.path)} is missing" + (f"; {remedy}" if remedy else "."))
    if source.path.suffix == ".tsv":
        return mappings.triples(mappings.read(source.path))
    return turtle.read(source.path)


def _names(pattern: str) -> list[str]:
    """The project's files that a pattern names; a plain name stands even when its file is missing."""
    if "*" not in pattern:
        return [pattern]
    folder, _, wanted = pattern.rpartition("/")
    return [f"{folder}/{path.name}" for path in files.named(folder, wanted)]


def _fits(path: str) -> list[str]:
    """The project's files that a path may stand for: by folder and name if one fits so, else by name.

    The name alone never means one of the files of a pattern, whose names repeat those of others.
    """
    patterns = [pattern for graph in GRAPHS for pattern in graph.files]
    known = [name for pattern in patterns for name in _names(pattern)]
    exact = [name for name in known if f"/{path}".endswith(f"/{name}")]
    return exact or [name for name in patterns if name.rpartition("/")[2] == path.rpartition("/")[2]]


def _project_name(name: str) -> str:
    fits = _fits(name)
    if not fits:
        raise Refusal(f"{name} is none of the project's files.")
    if len(fits) > 1:
        raise Refusal(_unclear(name, fits))
    return fits[0]


def _unclear(shown: str, fits: Sequence[str]) -> str:
    if len(fits) == 1:
        return f"{shown} is a second file for {fits[0]}; give one."
    folders = " or ".join(name.rpartition("/")[0] for name in fits)
    return f"{shown} may stand for {' or '.join(fits)}; put it into a folder {folders} to say which."
