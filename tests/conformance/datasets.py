"""The data of a case: one N-Quads file for the server, and the same quads for the engine alone."""

from pathlib import Path

from pyoxigraph import DefaultGraph, NamedNode, Quad, RdfFormat, Store, parse, serialize

from conformance.manifests import Checkout
from conformance.results import RDF_FORMATS

Dataset = frozenset[tuple[str, Path]]


def quads(dataset: Dataset, checkout: Checkout) -> list[Quad]:
    """The quads of a dataset; blank nodes of different files are different."""
    found = []
    for graph, path in sorted(dataset):
        name = NamedNode(graph) if graph else DefaultGraph()
        format = RDF_FORMATS.get(path.suffix[1:], RdfFormat.N_TRIPLES)
        for quad in parse(path=path, format=format, base_iri=checkout.iri(path), rename_blank_nodes=True):
            found.append(Quad(quad.subject, quad.predicate, quad.object, name))
    return found


def write(data: list[Quad], path: Path) -> None:
    """Write quads to a file that the server loads."""
    serialize(data, path, format=RdfFormat.N_QUADS)


def store(data: list[Quad]) -> Store:
    """The engine over quads, with nothing of the server around it."""
    made = Store()
    made.extend(data)
    return made
