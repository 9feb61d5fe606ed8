"""The catalog: what the dataset holds and where it is downloaded, in VoID and DCAT.

What a person writes stands in data/catalog.ttl. Everything here is a count, a size or a checksum; there is no
date but the hand-written ones, so the same data gives the same catalog.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode, Triple

from exoreview.terms import BASE, DATASET, PREFIXES, curie, term

ENDPOINT = BASE + "sparql"
DOWNLOAD = BASE + "download"

_IANA = "https://www.iana.org/assignments/media-types/"
_SPACE = re.compile(r"(.*[/#])([A-Za-z]+_)?")
_MATCHES = tuple(f"skos:{strength}Match" for strength in ("exact", "close", "broad", "narrow", "related"))

# What the distributions and the service take over from the hand-written description of the dataset.
_INHERITED = ("dcterms:license", "dcterms:rights", "dcterms:issued", "dcterms:modified", "dcterms:publisher")


@dataclass(frozen=True)
class File:
    """A file to download, as the catalog describes it."""

    name: str
    key: str
    title: str
    media_type: str
    compressed: bool
    size: int
    sha256: str


def build(
    written: Iterable[Triple],
    graphs: Mapping[str, Sequence[Triple]],
    default: Sequence[Triple],
    files: Iterable[File],
    comments: Mapping[str, str],
) -> list[Triple]:
    """The catalog: what is written by hand, then the counts of graphs (by IRI), links and files.

    `comments` are sentences about graphs, by IRI; `default` is the default graph, the one that VoID counts.
    """
    written = list(written)
    triples = set(written)
    triples.update(_graphs(graphs, comments))
    triples.update(_statistics(default))
    triples.update(_classes(default))
    triples.update(_properties(default))
    triples.update(_linksets(graphs[PREFIXES["graph"] + "mappings"]))
    inherited = [fact for fact in written if _is_inherited(fact)]
    for file in files:
        triples.update(distribution(file, inherited))
        triples.update(_say(DATASET, ("void:dataDump", NamedNode(f"{DOWNLOAD}/{file.name}"))))
    triples.update(_service(inherited))
    # The catalog is itself a graph; its size is known when all else is said, this triple included.
    catalog = PREFIXES["graph"] + "catalog"
    return [*triples, *_say(catalog, ("void:triples", len(triples) + 1))]


def space(iri: str) -> str:
    """The namespace of a term; one of the kind `GO_0070062` belongs to it as far as its underscore."""
    return _SPACE.match(iri)[0]


def _say(subject: str, *facts: tuple[str, NamedNode | Literal | int | str]) -> Iterator[Triple]:
    """Triples about one subject; a text is English, a number an xsd:integer."""
    for name, value in facts:
        if isinstance(value, str):
            value = Literal(value, language="en")
        elif isinstance(value, int):
            value = Literal(str(value), datatype=term("xsd:integer"))
        yield Triple(NamedNode(subject), term(name), value)


def _part(kind: str, name: str) -> str:
    """The IRI of a part of the dataset; no dot, because what follows a dot is the format of a document."""
    return f"{DATASET}/{kind}-" + re.sub(r"[^A-Za-z0-9_]+", "-", name).strip("-")


def _titled(kind: str, title: str) -> list[tuple[str, NamedNode | str]]:
    return [("rdf:type", term(kind)), ("rdfs:label", title), ("dcterms:title", title)]


def _graphs(graphs: Mapping[str, Sequence[Triple]], comments: Mapping[str, str]) -> Iterator[Triple]:
    for iri, triples in graphs.items():
        yield from _say(
            iri,
            ("rdf:type", term("void:Dataset")),
            ("dcterms:isPartOf", NamedNode(DATASET)),
            ("void:triples", len(triples)),
        )
        yield from _say(DATASET, ("void:subset", NamedNode(iri)))
    for iri, comment in comments.items():
        yield from _say(iri, ("rdfs:comment", comment))


def _statistics(default: Sequence[Triple]) -> Iterator[Triple]:
    """The size of the default graph, which is what a query without GRAPH sees."""
    typed = [triple for triple in default if triple.predicate == term("rdf:type")]
    yield from _say(
        DATASET,
        ("void:triples", len(default)),
        ("void:entities", len({triple.subject for triple in typed})),
        ("void:classes", len({triple.object for triple in typed})),
        ("void:properties", len({triple.predicate for triple in default})),
        ("void:distinctSubjects", len({triple.subject for triple in default})),
        ("void:distinctObjects", len({triple.object for triple in default})),
        ("void:sparqlEndpoint", NamedNode(ENDPOINT)),
    )
    for iri in {triple.predicate.value for triple in default} | {
        triple.object.value for triple in typed if isinstance(triple.object, NamedNode)
    }:
        yield from _say(DATASET, ("void:vocabulary", NamedNode(iri[: re.search("[^/#]*$", iri).start()])))


def _classes(default: Sequence[Triple]) -> Iterator[Triple]:
    members = defaultdict(set)
    for triple in default:
        if triple.predicate == term("rdf:type") and isinstance(triple.object, NamedNode):
            members[triple.object].add(triple.subject)
    for kind, subjects in members.items():
        name = curie(kind.value)
        yield from _say(DATASET, ("void:classPartition", NamedNode(_part("class", name))))
        yield from _say(
            _part("class", name),
            *_titled("void:Dataset", f"Things of the class {name}"),
            ("void:class", kind),
            ("void:entities", len(subjects)),
        )
        yield from _properties_of(name, [triple for triple in default if triple.subject in subjects])


def _properties_of(kind: str, triples: Iterable[Triple]) -> Iterator[Triple]:
    """Which properties the things of a class have, and in how many triples: what an editor can offer."""
    of_class = _part("class", kind)
    for property, count in Counter(triple.predicate for triple in triples).items():
        name = curie(property.value)
        part = f"{of_class}-{_part('property', name).rpartition('/')[2]}"
        yield from _say(of_class, ("void:propertyPartition", NamedNode(part)))
        yield from _say(
            part,
            ("rdf:type", term("void:Dataset")),
            ("rdfs:label", f"Triples with the property {name} of things of the class {kind}"),
            ("void:property", property),
            ("void:triples", count),
        )


def _properties(default: Sequence[Triple]) -> Iterator[Triple]:
    uses = defaultdict(list)
    for triple in default:
        uses[triple.predicate].append(triple)
    for property, triples in uses.items():
        name = curie(property.value)
        yield from _say(DATASET, ("void:propertyPartition", NamedNode(_part("property", name))))
        yield from _say(
            _part("property", name),
            *_titled("void:Dataset", f"Triples with the property {name}"),
            ("void:property", property),
            ("void:triples", len(triples)),
            ("void:distinctSubjects", len({triple.subject for triple in triples})),
            ("void:distinctObjects", len({triple.object for triple in triples})),
        )


def _linksets(mappings: Sequence[Triple]) -> Iterator[Triple]:
    """One linkset for each strength of match and each vocabulary that is matched."""
    strengths = {term(name): name for name in _MATCHES}
    links = defaultdict(list)
    for triple in mappings:
        if triple.predicate in strengths:
            links[triple.predicate, space(triple.object.value)].append(triple)
    for (predicate, target), triples in links.items():
        name = _target_name(target)
        strength = strengths[predicate]
        linkset = _part("linkset", f"{name}-{strength.removeprefix('skos:')}")
        yield from _say(
            _part("target", name),
            *_titled("void:Dataset", f"Terms of {name}"),
            ("void:uriSpace", Literal(target)),
        )
        yield from _say(DATASET, ("void:subset", NamedNode(linkset)))
        yield from _say(
            linkset,
            *_titled("void:Linkset", f"Links to {name} by {strength}"),
            ("void:subjectsTarget", NamedNode(DATASET)),
            ("void:objectsTarget", NamedNode(_part("target", name))),
            ("void:linkPredicate", predicate),
            ("void:triples", len(triples)),
        )


def _target_name(target: str) -> str:
    """What a vocabulary is called in its field: the last part of its namespace (GO, MESH, SIO)."""
    return re.split(r"[/#]", target.rstrip("/#_"))[-1].upper()


def _is_inherited(triple: Triple) -> bool:
    return triple.subject.value == DATASET and curie(triple.predicate.value) in _INHERITED


def _inherit(subject: str, inherited: Iterable[Triple]) -> Iterator[Triple]:
    for triple in inherited:
        yield Triple(NamedNode(subject), triple.predicate, triple.object)


def distribution(file: File, inherited: Iterable[Triple], dataset: str = DATASET) -> Iterator[Triple]:
    """A file of a dataset; what is `inherited` is said of the file too."""
    dump, checksum = _part("dump", file.key), _part("checksum", file.key)
    url = NamedNode(f"{DOWNLOAD}/{file.name}")
    yield from _say(dataset, ("dcat:distribution", NamedNode(dump)))
    yield from _say(
        dump,
        *_titled("dcat:Distribution", file.title),
        ("dcat:accessURL", NamedNode(DOWNLOAD)),
        ("dcat:downloadURL", url),
        ("dcat:mediaType", NamedNode(_IANA + file.media_type)),
        ("dcat:byteSize", Literal(str(file.size), datatype=term("xsd:nonNegativeInteger"))),
        ("spdx:checksum", NamedNode(checksum)),
    )
    if file.compressed:
        yield from _say(dump, ("dcat:compressFormat", NamedNode(_IANA + "application/gzip")))
    yield from _inherit(dump, inherited)
    yield from _say(
        checksum,
        ("rdf:type", term("spdx:Checksum")),
        ("rdfs:label", f"SHA-256 of {file.name}"),
        ("spdx:algorithm", term("spdx:checksumAlgorithm_sha256")),
        ("spdx:checksumValue", Literal(file.sha256, datatype=term("xsd:hexBinary"))),
    )


def _service(inherited: Iterable[Triple]) -> Iterator[Triple]:
    service = _part("service", "sparql")
    yield from _say(
        service,
        *_titled("dcat:DataService", "SPARQL endpoint"),
        ("dcat:endpointURL", NamedNode(ENDPOINT)),
        ("dcat:endpointDescription", NamedNode(ENDPOINT)),
        ("dcat:servesDataset", NamedNode(DATASET)),
        ("dcterms:conformsTo", NamedNode("https://www.w3.org/TR/sparql11-protocol/")),
    )
    yield from _inherit(service, inherited)
