"""What no shape can see: things without a type, terms of others redefined, texts that say nothing, versions
that are not the package's, names in queries that nothing declares.
"""

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

# What a thing must be, by its namespace: shapes look only at things that say so.
KINDS = {
    "claim": ("exr:Claim",),
    "scope": ("exr:ScopeStatement",),
    "quote": ("exr:Quote", "exr:Connective"),
    "sentence": ("doco:Sentence",),
    "person": ("foaf:Person",),
    "authorship": ("exr:Authorship",),
}
EXACT = ox.NamedNode(PREFIXES["exr"] + "exact")  # a connective may be a blank between two sentences
NAMES = ("skos:altLabel", "foaf:name", "schema:name")  # what need not have a name in English too
BORROWED = "ontology/borrowed.ttl"
SAID_OF_OTHERS = {PREFIXES["rdf"] + "type", PREFIXES["rdfs"] + "label", PREFIXES["dcterms"] + "source"}
OWL = tuple(PREFIXES[prefix] for prefix in ("rdf", "rdfs", "owl", "xsd"))
NOT_OF_MEANING = {PREFIXES["rdfs"] + name for name in ("seeAlso", "isDefinedBy")} | {
    PREFIXES["owl"] + name for name in ("imports", "versionIRI", "priorVersion")
}

# The namespaces of ours in which a name means something only if it is declared.
VOCABULARIES = ("exr", "exs", "exc")
_IN_TEXT = re.compile(r"(?<![\w:/#<-])(" + "|".join(VOCABULARIES) + r"):(\w+)")


def untyped(found: Iterable[Document]) -> Iterator[Problem]:
    """Things of ours that do not say what they are, so that no shape looks at them."""
    stated = [document for document in found if document.graph != "inferred"]
    types: dict[str, set[str]] = {}
    for triple in (triple for document in stated for triple in document.triples):
        if triple.predicate == RDF_TYPE:
            types.setdefault(triple.subject.value, set()).add(curie(triple.object.value))
    for document in stated:
        for triple in {triple.subject: triple for triple in document.triples}.values():
            name = triple.subject.value
            wanted = KINDS.get(curie(name).partition(":")[0], ())
            has = types.get(name, set())
            if name.startswith(BASE) and not (has & set(wanted) if wanted else has):
                remedy = f"add: a {' or '.join(wanted)}" if wanted else "say with a … what it is"
                sentence = f"It has no type, without which nothing that is said of it is checked; {remedy}."
                yield _problem(document, triple, sentence)


def foreign(found: Sequence[Document]) -> Iterator[Problem]:
    """Terms of others of which we say more than what they are called, or which nothing declares."""
    borrowed = [triple for document in found if document.name == BORROWED for triple in document.triples]
    declared = {triple.subject.value for triple in borrowed if triple.predicate == RDF_TYPE}
    for document in found:
        if document.graph not in ("ontology", "concepts", "claims"):
            continue
        for triple in document.triples:
            may = document.name == BORROWED and triple.predicate.value in SAID_OF_OTHERS
            if not may and isinstance(triple.subject, ox.NamedNode) and not _is_known(triple.subject.value):
                sentence = (
                    "It is a term of others, who say what it means; state here only things of ours, and in "
                    f"{BORROWED} its type, label and source."
                )
                yield _problem(document, triple, f"{sentence} Found: {curie(triple.predicate.value)}")
            for name in _meant(triple):
                if not _is_known(name) and name not in declared:
                    sentence = (
                        f"Nothing declares {curie(name)}; correct its spelling, or add it to {BORROWED}."
                    )
                    yield _problem(document, triple, sentence)


def _is_known(name: str) -> bool:
    """Whether a term is ours, or one of the languages that everything is written in."""
    return name.startswith((BASE, *OWL))


def _meant(triple: ox.Triple) -> list[str]:
    """The terms that a triple uses for what they mean: its property, and the value of one of OWL or ours."""
    predicate = triple.predicate.value
    has_term = isinstance(triple.object, ox.NamedNode) and _is_known(predicate)
    return [predicate, triple.object.value] if has_term and predicate not in NOT_OF_MEANING else [predicate]


def empty(found: Iterable[Document]) -> Iterator[Problem]:
    """Texts that say nothing."""
    for document in found:
        for triple in document.triples:
            text = triple.object.value if isinstance(triple.object, ox.Literal) else "text"
            if not (text if triple.predicate == EXACT else text.strip()):
                sentence = f"The text of {curie(triple.predicate.value)} is empty; write it, or leave it out."
                yield _problem(document, triple, sentence)


def english(found: Sequence[Document]) -> Iterator[Problem]:
    """Texts that are there in other languages, but not in the one that every text must be there in."""
    texts = [
        (document, triple)
        for document in found
        for triple in document.triples
        if isinstance(triple.object, ox.Literal) and triple.object.language
    ]
    there = {(triple.subject, triple.predicate) for _, triple in texts if triple.object.language == "en"}
    for document, triple in texts:
        if (triple.subject, triple.predicate) not in there and curie(triple.predicate.value) not in NAMES:
            sentence = (
                f"The text of {curie(triple.predicate.value)} is not there in English; add it with @en."
            )
            yield _problem(document, triple, sentence)


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
    """Names of our vocabularies in shapes, queries and the catalog that nothing declares.

    What the asserted graphs use is the business of a shape.
    """
    triples = [triple for document in found for triple in document.triples]
    declared = {triple.subject.value for triple in triples if triple.predicate == RDF_TYPE}
    for document in found:
        if document.graph in ("shapes", "queries", "catalog"):
            for triple in document.triples:
                for name in sorted(_names(triple) - declared):
                    sentence = f"Nothing declares {curie(name)}; correct its spelling, or declare it."
                    yield _problem(document, triple, sentence)


def stale(found: Sequence[Document]) -> Iterator[Problem]:
    """Things of ours of which the file of inferences speaks, although they are gone."""
    typed = [triple for each in found if each.graph != "inferred" for triple in each.triples]
    there = {triple.subject.value for triple in typed if triple.predicate == RDF_TYPE}
    for document in (each for each in found if each.graph == "inferred"):
        gone: dict[str, ox.Triple] = {}
        for triple in document.triples:
            for term in triple:
                if isinstance(term, ox.NamedNode) and term.value.startswith(BASE) and term.value not in there:
                    gone.setdefault(term.value, triple)
        for name, triple in gone.items():
            sentence = f"It speaks of {curie(name)}, which is no more; run: exoreview reason"
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
