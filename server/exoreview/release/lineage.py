"""Which releases came before this one, as the catalog says it.

It belongs there and not in what curators write: it follows from the archive that the release is made with.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

from pyoxigraph import Literal, NamedNode, Triple

from exoreview.release.archive import Archived
from exoreview.terms import BASE, DATASET, term

_PRIOR = term("owl:priorVersion")
# What an older release says of the dataset as it was then, and not as it is.
_OF_ITS_TIME = (
    *("dcterms:issued", "dcterms:modified", "dcterms:creator", "dcterms:publisher"),
    *("dcterms:license", "dcterms:rights", "dcat:version"),
)


def triples(loaded: Mapping[str, Iterable[Triple]], archive: Sequence[Archived]) -> Iterator[Triple]:
    """The datasets before this one, the newest first, and before each ontology in `loaded` its version."""
    dataset = [NamedNode(DATASET), *(NamedNode(iri(each)) for each in archive)]
    for newer, older in pairwise(dataset):
        yield Triple(newer, term("dcat:previousVersion"), older)
        yield Triple(newer, term("prov:wasRevisionOf"), older)
    for node, each in zip(dataset[1:], archive, strict=True):
        yield Triple(dataset[0], term("dcat:hasVersion"), node)
        yield from _described(node, each)
    if archive:
        yield from _prior_versions(loaded, archive[0])


def iri(release: Archived) -> str:
    """The dataset as it was in an older release."""
    return f"{DATASET}/{release.version}"


def _described(node: NamedNode, release: Archived) -> Iterator[Triple]:
    title = f"{release.said('dcterms:title')}, version {release.version}"
    for kind in ("dcat:Dataset", "void:Dataset"):
        yield Triple(node, term("rdf:type"), term(kind))
    for property in ("rdfs:label", "dcterms:title"):
        yield Triple(node, term(property), Literal(title, language="en"))
    yield Triple(node, term("dcat:isVersionOf"), NamedNode(DATASET))
    yield Triple(node, term("dcat:landingPage"), NamedNode(BASE + "download"))
    for name in release.sums:
        if name.startswith("exoreview-"):
            yield Triple(node, term("void:dataDump"), NamedNode(f"{BASE}download/{name}"))
    taken = {term(property) for property in _OF_ITS_TIME}
    for triple in release.catalog:
        if triple.subject.value == DATASET and triple.predicate in taken:
            yield Triple(node, triple.predicate, triple.object)


def _prior_versions(loaded: Mapping[str, Iterable[Triple]], older: Archived) -> Iterator[Triple]:
    """Of each ontology the version before, unless its file says one."""
    said = {triple.subject for graph in loaded.values() for triple in graph if triple.predicate == _PRIOR}
    before = dict(_versions(older.graphs))
    for ontology, version in _versions(loaded):
        prior = before.get(ontology)
        if prior not in (None, version) and ontology not in said:
            yield Triple(ontology, _PRIOR, prior)


def _versions(named: Mapping[str, Iterable[Triple]]) -> Iterator[tuple[NamedNode, NamedNode]]:
    """The ontologies with their version IRIs."""
    for graph in named.values():
        for triple in graph:
            if triple.predicate == term("owl:versionIRI"):
                yield triple.subject, triple.object
