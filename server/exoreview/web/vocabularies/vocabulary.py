"""The three vocabulary documents: /ontology, /concepts and /shapes, as a page of terms and as RDF."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from flask import render_template
from pyoxigraph import NamedNode, Triple

from exoreview import files, media
from exoreview.media import Format
from exoreview.release import dumps
from exoreview.terms import BASE, PREFIXES, curie, term
from exoreview.web.read.statements import Statements
from exoreview.web.things.describe import Library
from exoreview.web.things.hierarchy import Hierarchy
from exoreview.web.things.pages import Pages, Row, href
from exoreview.web.vocabularies import contents
from exoreview.web.vocabularies.glossary import Entry, Glossary
from exoreview.web.vocabularies.rules import Rules

FORMATS = (media.TURTLE, media.RDFXML, media.JSONLD, media.NTRIPLES)
MAX_LENGTH = 200


@dataclass(frozen=True)
class Vocabulary:
    """A document of terms: its path, its graph, the namespace of its terms, its default format."""

    path: str
    graph: str
    namespace: str
    default: Format = media.TURTLE
    # Whether its page shows what has the words of a parameter `q`.
    searched: bool = False


# RDF/XML is the one syntax that every OWL tool reads, and such tools often send no Accept header.
VOCABULARIES = {
    "ontology": Vocabulary("ontology", "ontology", BASE + "ontology#", media.RDFXML),
    "concepts": Vocabulary("concepts", "concepts", BASE + "concept/", searched=True),
    "shapes": Vocabulary("shapes", "shapes", BASE + "shapes#"),
}

_KINDS = (
    ("owl:Class", "Classes"),
    ("owl:ObjectProperty", "Object properties"),
    ("owl:DatatypeProperty", "Data properties"),
    ("owl:AnnotationProperty", "Annotation properties"),
    ("rdfs:Datatype", "Datatypes"),
    ("skos:ConceptScheme", "Concept schemes"),
    ("owl:NamedIndividual", "Individuals"),
)
_PRIOR = term("owl:priorVersion")
# The facts of a document that stand first, each under the heading that people look for.
_HEADER = (
    ("Version", ("owl:versionInfo",)),
    ("This version", ("owl:versionIRI",)),
    ("Before it", ("owl:priorVersion",)),
    ("Licence", ("dcterms:license",)),
    ("Authors", ("dcterms:creator",)),
    ("Published", ("dcterms:issued",)),
    ("Changed", ("dcterms:modified",)),
    ("Status", ("bibo:status",)),
    ("Prefix", ("vann:preferredNamespacePrefix",)),
    ("Namespace", ("vann:preferredNamespaceUri",)),
    ("Imports", ("owl:imports",)),
)
_ABOVE = {
    term(name)
    for name in (
        *("rdf:type", "rdfs:label", "dcterms:title", "dcterms:description", "rdfs:isDefinedBy", "sh:declare"),
        *(name for _, names in _HEADER for name in names),
    )
}


def at(path: str) -> Vocabulary | None:
    """The vocabulary at a path, which may name the current version."""
    return VOCABULARIES.get(path.removesuffix(f"/{files.version()}"))


def rdf(pages: Pages, vocabulary: Vocabulary, format: Format) -> bytes:
    """The whole document in an RDF format, with what the catalog knows of the version before it."""
    library, iri = pages.library, BASE + vocabulary.path
    prior = [Triple(NamedNode(iri), _PRIOR, node) for node in library.values(iri, "owl:priorVersion")]
    triples = dict.fromkeys([*library.graphs[vocabulary.graph], *prior])
    return dumps.write_graph(dumps.canonical({"": triples})[""], format, [library.label(iri)])


def page(pages: Pages, vocabulary: Vocabulary, number: str, numbers: Sequence[str], query: str = "") -> str:
    """Every term with its definition and axioms, at an anchor that is its local name; `number` is that of the
    version, `numbers` are all that there are, the current one first. Of concepts a `query` shows some."""
    library, iri = pages.library, BASE + vocabulary.path
    said = {
        "iri": iri,
        "title": library.label(iri),
        "sentence": library.text(iri, "dcterms:description", "skos:definition", "rdfs:comment"),
        "path": vocabulary.path if number == numbers[0] else f"{vocabulary.path}/{number}",
        "number": number,
        "versions": [(other, f"{href(iri)}/{other}") for other in numbers],
        "formats": FORMATS,
        "header": _header(pages, iri),
        "more": _more(pages, iri),
        "prefixes": _prefixes(library, vocabulary),
        "query": query,
    }
    make = {"ontology": _terms, "concepts": _concepts, "shapes": _shapes}[vocabulary.path]
    return render_template(f"{vocabulary.path}.html", **said, **make(pages, vocabulary, query))


def _terms(pages: Pages, vocabulary: Vocabulary, _query: str) -> dict[str, Any]:
    glossary = _glossary(pages)
    groups: dict[str, list[Entry]] = {title: [] for _, title in _KINDS}
    for iri in own(pages.library, vocabulary):
        groups[_group(pages.library, iri)].append(glossary.entry(iri, vocabulary.namespace))
    groups = {title: sorted(entries, key=_by_label) for title, entries in groups.items() if entries}
    listed = {title: contents.nested(pages.library, entries) for title, entries in groups.items()}
    return {"groups": groups, "contents": listed, "borrowed": _borrowed(pages.library, vocabulary)}


def _concepts(pages: Pages, vocabulary: Vocabulary, query: str) -> dict[str, Any]:
    tree = hierarchy(pages)
    found = {
        "tree": tree.tree(query),
        "found": len(tree.found(query)),
        "count": len(tree.concepts),
        "most": MAX_LENGTH,
    }
    if query:
        return found
    glossary = _glossary(pages)
    groups: dict[str, list[Entry]] = {}
    for iri in sorted(own(pages.library, vocabulary), key=pages.library.label):
        groups.setdefault(tree.kind(iri), []).append(glossary.entry(iri, vocabulary.namespace))
    claims = {iri: tree.claims(iri) for iri in tree.concepts}
    return found | {"groups": groups, "claims": claims, "borrowed": _borrowed(pages.library, vocabulary)}


def _shapes(pages: Pages, _vocabulary: Vocabulary, _query: str) -> dict[str, Any]:
    shapes = _glossary(pages).rules.shapes
    return {"shapes": shapes, "count": len({rule.iri for shape in shapes for rule in shape.rules})}


@lru_cache(maxsize=8)
def _glossary(pages: Pages) -> Glossary:
    return Glossary(pages, Rules(pages.library))


@lru_cache(maxsize=8)
def hierarchy(pages: Pages) -> Hierarchy:
    """The concepts of a release, made once."""
    return Hierarchy(pages.library, Statements(pages.library))


def own(library: Library, vocabulary: Vocabulary) -> list[str]:
    """The terms that a vocabulary defines, in the order of its file."""
    subjects = dict.fromkeys(triple.subject for triple in library.graphs[vocabulary.graph])
    named = (node.value for node in subjects if isinstance(node, NamedNode))
    return [iri for iri in named if iri.startswith(vocabulary.namespace)]


def _header(pages: Pages, iri: str) -> list[Row]:
    """The facts that people look for first, each under its heading."""
    rows = []
    for heading, names in _HEADER:
        values = [pages.value(node) for name in names for node in pages.library.values(iri, name)]
        if values:
            property = term(names[0]).value
            rows.append(Row(heading, property, href(property), values))
    return rows


def _more(pages: Pages, iri: str) -> list[Row]:
    facts = pages.library.described.by_subject.get(NamedNode(iri), ())
    return pages.rows(triple for triple in facts if triple.predicate not in _ABOVE)


def _prefixes(library: Library, vocabulary: Vocabulary) -> str:
    """The prefixes of all terms in a document, as lines of Turtle."""
    nodes = {
        node.value
        for triple in library.graphs[vocabulary.graph]
        for node in triple
        if isinstance(node, NamedNode)
    }
    used = {curie(iri).partition(":")[0] for iri in nodes if curie(iri) != iri}
    lines = [(f"@prefix {name}:", namespace) for name, namespace in PREFIXES.items() if name in used]
    width = max((len(start) for start, _ in lines), default=0)
    return "".join(f"{start:{width}} <{namespace}> .\n" for start, namespace in lines)


def _group(library: Library, iri: str) -> str:
    kinds = library.values(iri, "rdf:type")
    return next(
        (title for name, title in _KINDS if term(name) in kinds and _tells(name, kinds)), "Individuals"
    )


def _tells(name: str, kinds: list) -> bool:
    """Whether a kind tells a term apart: a scheme is an individual that is listed as a scheme."""
    return name != "owl:NamedIndividual" or term("skos:ConceptScheme") not in kinds


def _borrowed(library: Library, vocabulary: Vocabulary) -> dict[str, list[tuple[str, str, str]]]:
    """The terms of others that a document declares, by kind: label, short IRI, IRI."""
    groups: dict[str, list[tuple[str, str, str]]] = {title: [] for _, title in _KINDS}
    subjects = {triple.subject for triple in library.graphs[vocabulary.graph]}
    for iri in sorted(node.value for node in subjects if isinstance(node, NamedNode)):
        if not iri.startswith(BASE) and curie(iri) != iri:
            groups[_group(library, iri)].append((library.label(iri), curie(iri), iri))
    return {title: sorted(terms, key=str) for title, terms in groups.items() if terms}


def _by_label(entry: Entry) -> str:
    return entry.label.casefold()
