"""What no shape can see: versions that are not the package's, names in queries that nothing declares."""

import re
from collections.abc import Iterable, Iterator, Sequence

import pyoxigraph as ox

from exoreview import files
from exoreview.checking import documents
from exoreview.checking.documents import Document
from exoreview.knowledge import graphs
from exoreview.problems import Problem
from exoreview.terms import BASE, PREFIXES, curie

RDF_TYPE = ox.NamedNode(PREFIXES["rdf"] + "type")
VERSIONS = {PREFIXES["owl"] + "versionInfo", PREFIXES["dcat"] + "version", PREFIXES["pav"] + "version"}
VERSION_IRI = PREFIXES["owl"] + "versionIRI"
QUERIES = {PREFIXES["sh"] + name for name in ("select", "ask", "construct", "describe")}

# The namespaces of ours in which a name means something only if it is declared.
VOCABULARIES = ("exr", "exs", "exc")
_IN_TEXT = re.compile(r"(?<![\w:/#<-])(" + "|".join(VOCABULARIES) + r"):(\w+)")


def versions(found: Iterable[Document]) -> Iterator[Problem]:
    """Whether every version that the data gives is the package's."""
    version = files.version()
    for document in found:
        for triple in document.triples:
            if not triple.subject.value.startswith(BASE):
                continue
            wrong = (triple.predicate.value in VERSIONS and triple.object.value != version) or (
                triple.predicate.value == VERSION_IRI and not triple.object.value.endswith(f"/{version}")
            )
            if wrong:
                sentence = f"The version is not {version}, the package's; write that."
                yield _problem(document, triple, f"{sentence} Found: {triple.object.value}")


def undeclared(found: Sequence[Document]) -> Iterator[Problem]:
    """Names of our vocabularies in shapes, queries and other generated files that nothing declares.

    What the asserted graphs use is the business of a shape.
    """
    triples = [triple for document in found for triple in document.triples]
    declared = {triple.subject.value for triple in triples if triple.predicate == RDF_TYPE}
    for document in found:
        if document.graph in ("shapes", "queries", "catalog", "inferred"):
            for triple in document.triples:
                for name in sorted(_names(triple) - declared):
                    sentence = f"Nothing declares {curie(name)}; correct its spelling, or declare it."
                    yield _problem(document, triple, sentence)


def _names(triple: ox.Triple) -> set[str]:
    """The names of our vocabularies that a triple uses, in the text of a query too."""
    names = {term.value for term in triple if isinstance(term, ox.NamedNode)}
    if triple.predicate.value in QUERIES:
        names |= {PREFIXES[prefix] + name for prefix, name in _IN_TEXT.findall(triple.object.value)}
    namespaces = tuple(PREFIXES[prefix] for prefix in VOCABULARIES)
    return {name for name in names if name.startswith(namespaces) and name not in namespaces}


def taken(found: Sequence[Document]) -> Iterator[Problem]:
    """Things that an added file describes although the project does so already."""
    described = [document for document in found if document.graph in graphs.ASSERTED]
    for added in (document for document in described if document.added):
        for triple in added.triples:
            if triple.predicate != RDF_TYPE or not isinstance(triple.subject, ox.NamedNode):
                continue
            for other in described:
                if other is not added and triple in other.triples:
                    place = f"{other.shown}:{other.line(triple.subject)}"
                    sentence = f"The id is taken: {place} describes it already; take the next free one."
                    yield _problem(added, triple, sentence)


def queries(found: Iterable[Document]) -> Iterator[Problem]:
    """Whether the queries are SPARQL: the published examples, and those of the shapes."""
    for document in found:
        if document.graph in ("queries", "shapes"):
            for triple in document.triples:
                if triple.predicate.value in QUERIES:
                    yield from _query(document, triple)


def _query(document: Document, triple: ox.Triple) -> Iterator[Problem]:
    try:
        ox.Store().query(triple.object.value, prefixes=dict(PREFIXES))
    except SyntaxError as error:
        reason = " ".join(str(error).split()).rstrip(".")
        yield _problem(document, triple, f"The query is not SPARQL: {reason}.")


def _problem(document: Document, triple: ox.Triple, sentence: str) -> Problem:
    line = document.line(triple.subject, triple.object) or 1
    return Problem(document.shown, line, documents.name_of(triple.subject), sentence)
