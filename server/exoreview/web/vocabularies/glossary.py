"""The terms of a vocabulary as its page tells them: axioms, constraints, uses, and an example of each."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from exoreview.knowledge import graphs
from exoreview.terms import BASE, PREFIXES, curie, term
from exoreview.web.things import axioms
from exoreview.web.things.describe import INFERRED, Library
from exoreview.web.things.pages import Pages, Row, Value, href
from exoreview.web.vocabularies.rules import Rule, Rules, Shape

# The axioms in the order in which they are read: the heading, the property, and whether from the other side.
_AXIOMS = (
    ("equivalent to", "owl:equivalentClass", False),
    ("equivalent to", "owl:equivalentProperty", False),
    ("subclass of", "rdfs:subClassOf", False),
    ("superclass of", "rdfs:subClassOf", True),
    ("disjoint union of", "owl:disjointUnionOf", False),
    ("disjoint with", "owl:disjointWith", False),
    ("disjoint with", "owl:disjointWith", True),
    ("subproperty of", "rdfs:subPropertyOf", False),
    ("superproperty of", "rdfs:subPropertyOf", True),
    ("domain", "rdfs:domain", False),
    ("range", "rdfs:range", False),
    ("inverse of", "owl:inverseOf", False),
    ("inverse of", "owl:inverseOf", True),
    ("follows from the chain", "owl:propertyChainAxiom", False),
    ("domain of", "rdfs:domain", True),
    ("range of", "rdfs:range", True),
    ("in scheme", "skos:inScheme", False),
    ("members", "rdf:type", True),
    ("members", "skos:inScheme", True),
)
_CHAIN = "owl:propertyChainAxiom"
_ABOVE = ("rdf:type", "rdfs:label", "skos:prefLabel", "skos:definition", "rdfs:isDefinedBy", "skos:scopeNote")
_SAID = {term(name) for name in (*_ABOVE, "owl:deprecated", *(name for _, name, _ in _AXIOMS))}
# Kinds that every term has and that stand as the heading over it.
_PLAIN = (
    *(
        "owl:Class",
        "owl:ObjectProperty",
        "owl:DatatypeProperty",
        "owl:AnnotationProperty",
        "owl:NamedIndividual",
    ),
    *("sh:NodeShape", "sh:PropertyShape", "sh:SPARQLConstraint", "skos:ConceptScheme"),
)
# How axioms and statements about statements name a term without using it.
_SPOKEN_OF = {
    term(name)
    for name in (
        *("rdf:subject", "rdf:predicate", "rdf:object", "rdf:first", "owl:onProperty", "owl:someValuesFrom"),
        *("owl:annotatedProperty", "rdfs:isDefinedBy", "rdfs:subClassOf"),
    )
}


@dataclass(frozen=True)
class Example:
    """A statement of the data that uses a term, in three parts."""

    parts: tuple[Value, Value, Value]
    turtle: str


@dataclass
class Entry:
    """A term as the page shows it."""

    anchor: str
    iri: str
    short: str
    label: str
    definition: str
    href: str
    notes: list[str] = field(default_factory=list)
    deprecated: bool = False
    rows: list[Row] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    shapes: list[Shape] = field(default_factory=list)
    asserted: int = 0
    inferred: int = 0
    example: Example | None = None


class Glossary:
    """Makes the entries of terms."""

    def __init__(self, pages: Pages, rules: Rules):
        self.pages, self.library, self.rules = pages, pages.library, rules
        asserted = [self.library.graphs.get(name, ()) for name in graphs.ASSERTED]
        # The vocabulary does not use itself.
        data = [
            triples for name, triples in zip(graphs.ASSERTED, asserted, strict=True) if name != "ontology"
        ]
        self._asserted = _uses(triple for triples in data for triple in triples)
        self._inferred = _uses(self.library.graphs.get(INFERRED, ()))
        self._examples = _examples(self.library)
        self._apart = _apart(self.library)

    def entry(self, iri: str, namespace: str) -> Entry:
        """A term of a namespace with everything that is said of it."""
        library = self.library
        return Entry(
            anchor=iri.removeprefix(namespace),
            iri=iri,
            short=curie(iri),
            label=library.label(iri),
            definition=library.text(iri, "skos:definition", "rdfs:comment", "sh:description"),
            href=href(iri),
            notes=sorted(node.value for node in library.values(iri, "skos:scopeNote")),
            deprecated=library.text(iri, "owl:deprecated") == "true",
            rows=self.rows(iri),
            rules=self.rules.by_term.get(iri, []),
            shapes=self._shapes(iri),
            asserted=self._asserted[iri],
            inferred=self._inferred[iri],
            example=self._example(iri),
        )

    def rows(self, iri: str) -> list[Row]:
        """The axioms of a term in the order in which they are read, then whatever else is said of it."""
        rows: dict[str, Row] = {}
        for heading, name, backwards in (("characteristics", "rdf:type", False), *_AXIOMS):
            property = term(name)
            for node in self._values(iri, name, backwards):
                if heading == "characteristics" and node.value.startswith(BASE):
                    heading = "kind"
                row = rows.setdefault(heading, Row(heading, property.value, href(property.value), []))
                row.values.append(self._chain(node) if name == _CHAIN else self.pages.value(node))
        for other in self._apart.get(iri, ()):
            property = term("owl:disjointWith").value
            row = rows.setdefault("disjoint with", Row("disjoint with", property, href(property), []))
            row.values.append(self.pages.value(NamedNode(other)))
        for row in rows.values():
            row.values.sort(key=lambda value: [piece[0] for piece in value.pieces])
        facts = self.library.described.by_subject.get(NamedNode(iri), ())
        rest = self.pages.rows(
            triple
            for triple in facts
            if triple.predicate not in _SAID and not triple.predicate.value.startswith(PREFIXES["sh"])
        )
        return [*rows.values(), *rest]

    def _values(self, iri: str, name: str, backwards: bool) -> Iterator:
        if backwards:
            own = iri.partition("#")[0] if "#" in iri else PREFIXES["exc"]
            for other in self.library.subjects(name, iri):
                # The members of a class are those of its document; all others are data.
                if name != "rdf:type" or other.startswith(own + "#"):
                    yield NamedNode(other)
            return
        document = self.library.values(iri, "rdfs:isDefinedBy")
        for node in self.library.values(iri, name):
            if node not in document and (name != "rdf:type" or curie(node.value) not in _PLAIN):
                yield node

    def _chain(self, node) -> Value:
        parts: list[axioms.Part] = []
        for each in axioms.members(self.library, node):
            parts += [(" o ", None)] if parts else []
            parts += axioms.expression(self.library, each)
        return Value([(text, iri and href(iri), iri and curie(iri)) for text, iri in parts])

    def _shapes(self, iri: str) -> list[Shape]:
        """The shapes that are about what has a term, or about the concept itself by its kind."""
        found = list(self.rules.by_target.get(iri, []))
        if iri.startswith(PREFIXES["exc"]):
            for kind in self.library.values(iri, "rdf:type"):
                for above in (kind, *self.library.values(kind.value, "rdfs:subClassOf")):
                    if isinstance(above, NamedNode) and above.value.startswith(BASE):
                        found += self.rules.by_target.get(above.value, [])
        return list({shape.iri: shape for shape in found}.values())

    def _example(self, iri: str) -> Example | None:
        triple = self._examples.get(iri)
        if triple is None:
            return None
        first, second, third = (self.pages.value(node) for node in triple)
        return Example((first, second, third), " ".join(_turtle(node) for node in triple) + " .")


def _uses(triples: Iterable[Triple]) -> Counter:
    """How often each term is used: a property by statements, others by what has them as a class or value.

    Where a statement is spoken of as a thing, its parts are no uses of them.
    """
    found: Counter = Counter()
    for triple in triples:
        found[triple.predicate.value] += 1
        if isinstance(triple.object, NamedNode) and triple.predicate not in _SPOKEN_OF:
            found[triple.object.value] += 1
    return found


def _examples(library: Library) -> dict[str, Triple]:
    """For each term the first statement that uses it: of a claim where one does, asserted if any is."""
    found: dict[str, Triple] = {}
    for name in ("claims", "review", "enrichment", "concepts", INFERRED):
        triples = [triple for triple in library.graphs.get(name, ()) if isinstance(triple.subject, NamedNode)]
        for triple in sorted(
            triples, key=lambda triple: (triple.subject.value, triple.predicate.value, str(triple.object))
        ):
            if isinstance(triple.object, BlankNode):
                continue
            for node in (triple.predicate, triple.object):
                if isinstance(node, NamedNode):
                    found.setdefault(node.value, triple)
    return found


def _apart(library: Library) -> dict[str, list[str]]:
    """The classes that no instance of a class is in, as far as lists of disjoint classes say."""
    found: dict[str, list[str]] = {}
    for triples in library.described.by_subject.values():
        for triple in triples:
            if triple.predicate == term("owl:members"):
                together = [node.value for node in axioms.members(library, triple.object)]
                for one in together:
                    found.setdefault(one, []).extend(other for other in together if other != one)
    return found


def _turtle(node) -> str:
    if isinstance(node, Literal):
        text = node.value if len(node.value) < 80 else node.value[:77] + "…"
        quoted = text.replace("\\", "\\\\").replace('"', '\\"')
        datatype = curie(node.datatype.value)
        if datatype in ("xsd:integer", "xsd:boolean"):
            return text
        kind = "" if datatype in ("xsd:string", "rdf:langString") else f"^^{datatype}"
        return f'"{quoted}"' + (f"@{node.language}" if node.language else kind)
    short = curie(node.value)
    return "a" if short == "rdf:type" else short if short != node.value else f"<{node.value}>"
