"""Parsed files of the project as the tests ask them: terms by short name, triples by pattern.

The triples are kept as they are written: a Store would turn xsd:positiveInteger into xsd:integer.
"""

from pyoxigraph import NamedNode, RdfFormat, parse

from exoreview import files
from exoreview.terms import BASE, PREFIXES


def iri(name):
    """`review:abstract` by prefix, `review` from the base, `<https://…>` in full."""
    if name.startswith("<"):
        return NamedNode(name[1:-1])
    prefix, colon, local = name.partition(":")
    return NamedNode(PREFIXES[prefix] + local) if colon else NamedNode(BASE + name)


def short(term):
    """A term as the tables write it: text bare, other literals with their datatype, IRIs with prefix."""
    if isinstance(term, NamedNode):
        if term == iri("review"):
            return "review"
        fits = [prefix for prefix, namespace in PREFIXES.items() if term.value.startswith(namespace)]
        return f"{fits[0]}:{term.value.removeprefix(PREFIXES[fits[0]])}" if fits else str(term)
    datatype = term.datatype.value.rpartition("#")[2]
    return term.value if datatype in ("string", "langString") else f"{term.value}^{datatype}"


class Triples:
    """The triples of one file."""

    def __init__(self, name):
        self.all = [quad.triple for quad in parse(path=str(files.path(name)), format=RdfFormat.TURTLE)]
        self.subjects = {triple.subject for triple in self.all}

    def __iter__(self):
        return iter(self.all)

    def objects(self, subject, predicate):
        subject = iri(subject) if isinstance(subject, str) else subject
        return {t.object for t in self.all if t.subject == subject and t.predicate == iri(predicate)}

    def value(self, subject, predicate):
        """The value of the one object that there is."""
        [term] = self.objects(subject, predicate)
        return term.value

    def values(self, subject, predicate):
        return {term.value for term in self.objects(subject, predicate)}

    def instances(self, class_name):
        return {t.subject for t in self.all if t.predicate == iri("rdf:type") and t.object == iri(class_name)}

    def uses(self, predicate):
        return [t for t in self.all if t.predicate == iri(predicate)]
