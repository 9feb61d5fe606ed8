"""What can be found: each thing with the texts and identifiers by which people look for it."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from pyoxigraph import Literal, NamedNode

from exoreview.terms import BASE, DATASET, PREFIXES, curie, local_path
from exoreview.web.things.describe import Library

# What a text says of a thing, and how much a word in it weighs.
NAME, SYNONYM, DEFINITION, WORDS, NOTE, LINK = 10, 8, 4, 4, 2, 3

_SYNONYMS = ("skos:prefLabel", "skos:altLabel", "foaf:name", "dcterms:title")
_FIELDS = {
    "skos:definition": ("definition", DEFINITION),
    "dcterms:description": ("description", DEFINITION),
    "rdfs:comment": ("description", DEFINITION),
    "exr:exact": ("words", WORDS),
    "c4o:hasContent": ("words", WORDS),
    "exr:verbatimPredicate": ("words", WORDS),
    "exr:alternativeReading": ("alternative reading", NOTE),
    "exr:addedByReading": ("note", NOTE),
    "skos:scopeNote": ("note", NOTE),
    "skos:note": ("note", NOTE),
    "prism:keyword": ("keyword", NOTE),
}
_IDENTIFIERS = (
    "prism:doi",
    "prism:issn",
    "prism:eIssn",
    "dcterms:identifier",
    "skos:notation",
    "schema:sameAs",
)
# The kinds in the order in which they are shown: the folder of a thing's IRI and what its members are called.
KINDS = {
    "concept": "Concepts",
    "claim": "Claims",
    "scope": "What the review says of itself",
    "sentence": "Sentences",
    "person": "People",
    "review": "The review and its record",
    "term": "Terms of the vocabulary",
    "outside": "Terms of others, and the concepts linked with them",
    "query": "Example queries",
    "dataset": "The dataset and its parts",
}
_FOLDERS = ("concept", "claim", "scope", "sentence", "person", "query")
_PARTS = ("review", "review/abstract", "review/journal", "review/issue", "review/work")


@dataclass(frozen=True)
class Entry:
    """A thing with its texts, each with what it is and its weight, and its identifiers as written."""

    iri: str
    kind: str
    label: str
    texts: tuple[tuple[str, str, int], ...]
    identifiers: tuple[str, ...] = ()
    # Of a term of others: the concepts linked with it, each with the kind of link.
    linked: tuple[tuple[str, str], ...] = field(default=())


def entries(library: Library) -> Iterator[Entry]:
    """Everything that can be found in a release."""
    outside = _outside(library)
    links: dict[str, list[Entry]] = {}
    for each in outside:
        for concept, _ in each.linked:
            links.setdefault(concept, []).append(each)
    for iri in sorted(library.things | _terms(library)):
        if kind := _kind(iri):
            yield _entry(library, iri, kind, links.get(iri, ()))
    yield from outside


def _kind(iri: str) -> str | None:
    path = local_path(iri)
    if "#" in iri:
        return "term"
    folder, _, name = path.partition("/")
    if folder in _FOLDERS and name:
        return folder
    if path in _PARTS:
        return "review"
    return "dataset" if iri == DATASET or folder == "graph" else None


def _terms(library: Library) -> set[str]:
    """The terms of the vocabulary, and the shapes that have a name."""
    subjects = (node.value for node in library.described.by_subject if isinstance(node, NamedNode))
    return {iri for iri in subjects if iri.startswith(PREFIXES["exr"])}


def _entry(library: Library, iri: str, kind: str, links) -> Entry:
    label = library.label(iri)
    texts = [("label", label, NAME)]
    for name in _SYNONYMS:
        texts += [
            ("synonym", node.value, SYNONYM) for node in library.values(iri, name) if node.value != label
        ]
    facts = [library.described.by_subject.get(NamedNode(iri), ())]
    facts += [library.described.by_subject.get(node, ()) for node in library.values(iri, "exr:hasQuote")]
    for triple in (triple for group in facts for triple in group):
        name = curie(triple.predicate.value)
        if name in _FIELDS and isinstance(triple.object, Literal):
            what, weight = _FIELDS[name]
            texts.append((what, triple.object.value, weight))
    texts += [("linked term", other.label, LINK) for other in links]
    own = (iri, curie(iri), local_path(iri))
    said = (node.value for name in _IDENTIFIERS for node in library.values(iri, name))
    return Entry(iri, kind, label, tuple(dict.fromkeys(texts)), (*own, *said))


def _outside(library: Library) -> list[Entry]:
    """The terms of others to which concepts are linked."""
    found: dict[str, tuple[str, str, list[tuple[str, str]]]] = {}
    for iri in sorted(library.subjects("rdf:type", PREFIXES["sssom"] + "Mapping")):
        concept, target = (_one(library, iri, f"owl:annotated{end}") for end in ("Source", "Target"))
        link = library.label(_one(library, iri, "owl:annotatedProperty"))
        if library.values(iri, "sssom:predicate_modifier"):
            link = f"not {link}"
        short = iri.removeprefix(BASE).partition("-")[2].replace("_", ":", 1)
        label = library.text(iri, "sssom:object_label") or short
        found.setdefault(target, (label, short, []))[2].append((concept, link))
    return [
        Entry(
            target,
            "outside",
            label,
            (("label", label, LINK), ("identifier", short, NOTE)),
            (target, short, target.rpartition("/")[2].rpartition("#")[2], short.partition(":")[2]),
            tuple(sorted(linked)),
        )
        for target, (label, short, linked) in sorted(found.items())
    ]


def _one(library: Library, iri: str, property: str) -> str:
    return next(node.value for node in library.values(iri, property))
