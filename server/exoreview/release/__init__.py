"""A release: every graph that is published, and every file to download, made from the project's files."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from itertools import chain
from pathlib import Path
from types import MappingProxyType

from pyoxigraph import DefaultGraph, NamedNode, Quad, Triple

from exoreview import files, media
from exoreview.knowledge import graphs, projections
from exoreview.release import bundles, catalog, dumps, lineage, nanopublications, structure
from exoreview.release.archive import Archived
from exoreview.release.dumps import CATALOG as CATALOG
from exoreview.release.dumps import CHECKSUMS as CHECKSUMS
from exoreview.terms import BASE

# The example queries under the name by which editors of queries look for them, beside their own graph.
EXAMPLES = BASE + ".well-known/sparql-examples"


class Release:
    """All graphs and all files of one version; each file is made when it is first asked for, and kept."""

    def __init__(
        self,
        loaded: Mapping[str, Sequence[Triple]],
        version: str,
        previous: Iterable[Quad] = (),
        archive: Sequence[Archived] = (),
    ):
        """`loaded` are the graphs of the files by name, the hand-written part of the catalog among them.

        `previous` is a dump of the release before this one, whose nanopublications these supersede; where
        there is none, that is the first of the `archive`, the older releases from the newest on.
        """
        self.version, self.archive = version, tuple(archive)
        if self.archive:
            previous = previous or self.archive[0].quads
        self._written = [*loaded["catalog"], *lineage.triples(loaded, self.archive)]
        asserted = [triple for name in graphs.ASSERTED for triple in loaded[name]]
        store = projections.store_of(asserted)
        projected = projections.project(store)
        made = {**loaded, **projected}
        losses = projections.losses(store, projected)
        self._comments = {graphs.iri(name): str(loss) for name, loss in losses.items()}
        self._named = dumps.canonical(
            {graph.iri: made[graph.name] for graph in graphs.GRAPHS if graph.name != "catalog"}
        )
        self.nanopublications = _nanopublications(loaded, bundles.by_claim(previous))
        self._published = _by_graph(self.nanopublications.values())
        self._union = {triple for name in graphs.ASSERTED for triple in self._named[graphs.iri(name)]}
        self._bytes: dict[str, bytes] = {}

    @classmethod
    def load(
        cls,
        overrides: Mapping[str, Path] = MappingProxyType({}),
        extra: Sequence[Path] = (),
        previous: Iterable[Quad] = (),
        archive: Sequence[Archived] = (),
    ) -> "Release":
        """The release of the project's files, some perhaps replaced or added; the rest as above."""
        return cls(graphs.load(overrides, extra), files.version(), previous, archive)

    @cached_property
    def graphs(self) -> dict[str, list[Triple]]:
        """Every named graph by its short name, canonical and sorted; the catalog is made and stands last."""
        return {graph.name: self.graph(graph.name) for graph in graphs.GRAPHS}

    def graph(self, name: str) -> list[Triple]:
        """One of the graphs; all but the catalog are there without making a dump."""
        return self._catalog if name == "catalog" else self._named[graphs.iri(name)]

    @cached_property
    def default_graph(self) -> list[Triple]:
        """The union of the asserted graphs, with the blank nodes that they have there."""
        return sorted(self._union, key=str)

    def named_quads(self) -> list[Quad]:
        """Every named graph but the catalog, as the dumps hold them that can hold graphs."""
        return self._dump.quads

    def quads(self) -> list[Quad]:
        """Everything that the endpoint holds: the default graph and every named graph, those of the
        nanopublications among them."""
        quads = [Quad(*triple, DefaultGraph()) for triple in self.default_graph]
        also = {graphs.iri("catalog"): self._catalog, EXAMPLES: self.graph("queries")}
        named = [Quad(*triple, NamedNode(iri)) for iri, triples in also.items() for triple in triples]
        return [*quads, *self.named_quads(), *named]

    def names(self) -> tuple[str, ...]:
        """The files to download, in the order to show them."""
        return (*self._formats, CATALOG, CHECKSUMS)

    def bytes(self, name: str) -> bytes:
        """The content of a file; KeyError for a name that is none of the release's."""
        if name not in self._bytes:
            self._bytes[name] = self._make(name)
        return self._bytes[name]

    def sha256(self, name: str) -> str:
        """The SHA-256 of a file in hexadecimal digits."""
        return hashlib.sha256(self.bytes(name)).hexdigest()

    def media_type(self, name: str) -> str:
        """The media type with which a file is sent."""
        return dumps.media_type(name)

    def triples(self, name: str) -> int | None:
        """How many triples or quads a file holds; None for the list of checksums."""
        if name == CATALOG:
            return len(self._catalog)
        return self._dump.size(self._formats[name]) if name in self._formats else None

    def title(self, name: str) -> str:
        """What a file is, for the page of downloads."""
        if name == CATALOG:
            return "The catalog in Turtle: counts, sizes and checksums in VoID and DCAT"
        if name == CHECKSUMS:
            return "The SHA-256 of every file"
        format = self._formats[name]
        held = "All graphs but the catalog" if dumps.holds_dataset(format) else "The asserted graphs as one"
        return f"{held} in {format.title}" + (", compressed by gzip" if name.endswith(".gz") else "")

    @cached_property
    def _formats(self) -> dict[str, media.Format]:
        return dumps.names(self.version)

    @cached_property
    def _dump(self) -> dumps.Dump:
        union = dumps.canonical({"": self._union})[""]
        header = [f"exoreview {self.version}. What it holds and under which licence: {catalog.DATASET}"]
        return dumps.Dump(header, union, {**self._named, **self._published})

    @cached_property
    def _catalog(self) -> list[Triple]:
        described = [
            catalog.File(
                name=name,
                key=name.removeprefix(f"exoreview-{self.version}."),
                title=self.title(name),
                media_type=format.media_type,
                compressed=name.endswith(".gz"),
                size=len(self.bytes(name)),
                sha256=self.sha256(name),
            )
            for name, format in self._formats.items()
        ]
        # The nanopublications have four graphs each; the catalog describes them as one part of the dataset.
        published = [triple for triples in self._published.values() for triple in triples]
        counted = {**self._named, nanopublications.PART: published}
        built = catalog.build(self._written, counted, self.default_graph, described, self._comments)
        return dumps.canonical({"": built})[""]

    def _make(self, name: str) -> bytes:
        if name == CATALOG:
            return dumps.write_graph(
                self._catalog, media.TURTLE, [f"The catalog of exoreview {self.version}."]
            )
        if name == CHECKSUMS:
            listed = [other for other in self.names() if other != CHECKSUMS]
            return "".join(f"{self.sha256(other)}  {other}\n" for other in listed).encode()
        format = self._formats[name]
        if name.endswith(".gz"):
            return dumps.compress(self.bytes(name.removesuffix(".gz")))
        return self._dump.bytes(format)


def _nanopublications(
    loaded: Mapping[str, Sequence[Triple]], previous: Mapping[str, Sequence[Quad]]
) -> dict[str, list[Quad]]:
    """The nanopublications of all claims and last their index, each by its IRI."""
    of_claims = nanopublications.assemble(loaded, previous)
    index = nanopublications.index(of_claims, loaded, previous.get(bundles.INDEX))
    every = [*of_claims.values(), index]
    return {structure.address(quads).value: quads for quads in every}


def _by_graph(published: Iterable[Sequence[Quad]]) -> dict[str, list[Triple]]:
    """The triples of each graph, sorted; blank nodes, which would need canonical labels, there are none."""
    held: dict[str, list[Triple]] = {}
    for quad in chain.from_iterable(published):
        held.setdefault(quad.graph_name.value, []).append(quad.triple)
    return {iri: sorted(triples, key=str) for iri, triples in sorted(held.items())}
