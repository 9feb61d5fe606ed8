"""The three vocabulary documents: /ontology, /concepts and /shapes, as a page of terms and as RDF."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import render_template
from pyoxigraph import NamedNode, Triple

from exoreview import files, media
from exoreview.media import Format
from exoreview.release import dumps
from exoreview.terms import BASE, curie, term
from exoreview.web.pages import Pages, Row, href

FORMATS = (media.TURTLE, media.RDFXML, media.JSONLD, media.NTRIPLES)


@dataclass(frozen=True)
class Vocabulary:
    """A document of terms: its path, its graph, the namespace of its terms, its default format."""

    path: str
    graph: str
    namespace: str
    default: Format = media.TURTLE


# RDF/XML is the one syntax that every OWL tool reads, and such tools often send no Accept header.
VOCABULARIES = {
    "ontology": Vocabulary("ontology", "ontology", BASE + "ontology#", media.RDFXML),
    "concepts": Vocabulary("concepts", "concepts", BASE + "concept/"),
    "shapes": Vocabulary("shapes", "shapes", BASE + "shapes#"),
}

_KINDS = (
    ("owl:Class", "Classes"),
    ("owl:ObjectProperty", "Object properties"),
    ("owl:DatatypeProperty", "Data properties"),
    ("owl:AnnotationProperty", "Annotation properties"),
    ("rdfs:Datatype", "Datatypes"),
    ("sh:NodeShape", "Shapes"),
    ("sh:PropertyShape", "Property shapes"),
)
_PRIOR = term("owl:priorVersion")
_ABOVE = {
    term(name) for name in ("rdf:type", "rdfs:label", "skos:prefLabel", "skos:definition", "rdfs:isDefinedBy")
}


@dataclass
class Term:
    """A term as the page shows it."""

    anchor: str
    iri: str
    short: str
    label: str
    definition: str
    rows: list[Row]
    messages: list[str]
    href: str


def at(path: str) -> Vocabulary | None:
    """The vocabulary at a path, which may name the current version."""
    return VOCABULARIES.get(path.removesuffix(f"/{files.version()}"))


def rdf(pages: Pages, vocabulary: Vocabulary, format: Format) -> bytes:
    """The whole document in an RDF format, with what the catalog knows of the version before it."""
    library, iri = pages.library, BASE + vocabulary.path
    prior = [Triple(NamedNode(iri), _PRIOR, node) for node in library.values(iri, "owl:priorVersion")]
    triples = dict.fromkeys([*library.graphs[vocabulary.graph], *prior])
    return dumps.write_graph(dumps.canonical({"": triples})[""], format, [library.label(iri)])


def page(pages: Pages, vocabulary: Vocabulary, number: str, numbers: Sequence[str]) -> str:
    """Every term with its definition and axioms, at an anchor that is its local name; `number` is that of the
    version, `numbers` are all that there are, the current one first."""
    library, iri = pages.library, BASE + vocabulary.path
    own = library.described.by_subject.get(NamedNode(iri), [])
    subjects = {triple.subject for triple in library.graphs[vocabulary.graph]}
    named = sorted({node.value for node in subjects if isinstance(node, NamedNode)}, key=str.lower)
    groups: dict[str, list[Term]] = {title: [] for _, title in _KINDS}
    borrowed = []
    for name in named:
        if name.startswith(vocabulary.namespace):
            groups.setdefault(_group(pages, vocabulary, name), []).append(_term(pages, vocabulary, name))
        elif not name.startswith(BASE) and library.label(name) != curie(name):
            borrowed.append((library.label(name), curie(name), name))
    return render_template(
        "vocabulary.html",
        iri=iri,
        title=library.label(iri),
        sentence=library.text(iri, "dcterms:description", "skos:definition", "rdfs:comment"),
        header=pages.rows(triple for triple in own if triple.predicate not in _ABOVE),
        groups={title: terms for title, terms in groups.items() if terms},
        borrowed=borrowed,
        path=vocabulary.path if number == numbers[0] else f"{vocabulary.path}/{number}",
        number=number,
        versions=[(other, f"{href(iri)}/{other}") for other in numbers],
        formats=FORMATS,
    )


def _group(pages: Pages, vocabulary: Vocabulary, iri: str) -> str:
    kinds = pages.library.values(iri, "rdf:type")
    if vocabulary.graph == "concepts":
        # A concept is also a class; what tells concepts apart is their category.
        categories = [kind for kind in kinds if kind.value.startswith(BASE)]
        if categories:
            return pages.library.label(categories[0].value).capitalize() + "s"
    for name, title in _KINDS:
        if term(name) in kinds:
            return title
    return "Individuals"


def _term(pages: Pages, vocabulary: Vocabulary, iri: str) -> Term:
    library = pages.library
    facts: Sequence[Triple] = library.described.by_subject.get(NamedNode(iri), [])
    return Term(
        anchor=iri.removeprefix(vocabulary.namespace),
        iri=iri,
        short=curie(iri),
        label=library.label(iri),
        definition=library.text(iri, "skos:definition", "rdfs:comment", "sh:description"),
        rows=pages.rows(triple for triple in facts if triple.predicate not in _ABOVE | _MESSAGES),
        messages=_messages(pages, iri),
        href=href(iri),
    )


_MESSAGES = {term(name) for name in ("sh:property", "sh:sparql", "sh:message", "sh:description")}


def _messages(pages: Pages, iri: str) -> list[str]:
    """The sentences of a shape's constraints."""
    triples = pages.library.described.about(NamedNode(iri))
    return sorted({triple.object.value for triple in triples if triple.predicate == term("sh:message")})
