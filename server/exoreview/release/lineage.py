"""Which releases came before this one, as the catalog says it.

It belongs there and not in what curators write: it follows from the archive that the release is made with.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

from pyoxigraph import Literal, NamedNode, Triple

from exoreview.release import catalog, dumps
from exoreview.release.archive import Archived
from exoreview.terms import DATASET, term

_PRIOR = term("owl:priorVersion")
# What the catalog of an older release says of the dataset, and what is said anew of what it was then.
_SAME = (
    *("dcterms:description", "dcterms:language", "dcterms:issued", "dcterms:modified", "dcat:version"),
    *("dcterms:creator", "dcterms:publisher", "dcterms:license", "dcterms:rights", "dcterms:accessRights"),
    *("dcat:keyword", "dcat:theme", "dcterms:source"),
)
# What its files have of that.
_INHERITED = ("dcterms:license", "dcterms:rights", "dcterms:issued", "dcterms:modified", "dcterms:publisher")


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
    # VoID would say where its graphs are queried, which they no longer are.
    yield Triple(node, term("rdf:type"), term("dcat:Dataset"))
    for property in ("rdfs:label", "dcterms:title"):
        yield Triple(node, term(property), Literal(title, language="en"))
    yield Triple(node, term("dcterms:identifier"), Literal(node.value))
    yield Triple(node, term("dcat:isVersionOf"), NamedNode(DATASET))
    yield Triple(node, term("dcat:landingPage"), NamedNode(catalog.DOWNLOAD))
    told = [triple for triple in release.catalog if triple.subject.value == DATASET]
    for triple in _of(told, _SAME):
        yield Triple(node, triple.predicate, triple.object)
    for file in _files(release):
        yield from catalog.distribution(file, _of(told, _INHERITED), node.value)


def _of(triples: Iterable[Triple], properties: Iterable[str]) -> list[Triple]:
    wanted = {term(property) for property in properties}
    return [triple for triple in triples if triple.predicate in wanted]


def _files(release: Archived) -> Iterator[catalog.File]:
    """The dumps of a release as the catalog describes files."""
    for name, format in dumps.names(release.version).items():
        if name in release.sums:
            packed = ", compressed by gzip" if name.endswith(".gz") else ""
            yield catalog.File(
                name=name,
                key=name.removeprefix("exoreview-"),
                title=f"Version {release.version} in {format.title}{packed}",
                media_type=format.media_type,
                compressed=bool(packed),
                size=(release.folder / name).stat().st_size,
                sha256=release.sums[name],
            )


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
