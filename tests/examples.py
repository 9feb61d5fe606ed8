"""The published example queries as the tests ask them: on two engines, and with other values."""

import re
from pathlib import Path

import rdflib
from pyoxigraph import (
    DefaultGraph,
    NamedNode,
    Quad,
    QueryBoolean,
    QueryResultsFormat,
    QueryTriples,
    RdfFormat,
    Store,
    parse,
    parse_query_results,
)

from exoreview import files, turtle
from exoreview.knowledge import graphs, projections
from exoreview.release import nanopublications
from exoreview.terms import PREFIXES
from exoreview.turtle.notation import Names
from triples import Triples, short

ANSWERS = Path(__file__).parent / "answers"
PREFIX_FILE = "data/queries/prefixes.ttl"
NAMES = [path.stem for path in files.query_files() if path != files.path(PREFIX_FILE)]

# The property that holds a query's text, and the word with which the text begins.
WORDS = {"sh:select": "SELECT", "sh:ask": "ASK", "sh:construct": "CONSTRUCT", "spex:describe": "DESCRIBE"}

# Nobody works out a hash by hand.
HASH = re.compile(r"/np/RA[A-Za-z0-9_-]{43}")


class Example:
    """A published example query as its file describes it."""

    def __init__(self, name):
        self.name = name
        self.facts = Triples(f"data/queries/{name}.ttl")
        [(self.iri, held)] = [(t.subject, t.predicate) for t in self.facts if short(t.predicate) in WORDS]
        self.property = short(held)
        self.text = self.facts.value(self.iri, self.property)
        self.title = self.facts.value(self.iri, "rdfs:label")

    def asking(self, **values):
        """The query with other values for its parameters, and with its prefixes."""
        text = self.text
        for name, value in values.items():
            text, count = re.subn(rf"(VALUES \?{name} \{{) \S+ \}}", rf"\1 {value} }}", text)
            assert count == 1, f"{self.name} has no parameter {name}"
        return "".join(f"PREFIX {prefix}: <{space}>\n" for prefix, space in declared().items()) + text


def declared():
    """The prefixes that the queries rely on, from the one place that declares them."""
    facts = Triples(PREFIX_FILE)
    nodes = sorted(facts.objects("query:prefixes", "sh:declare"), key=str)
    return {facts.value(node, "sh:prefix"): facts.value(node, "sh:namespace") for node in nodes}


def dataset():
    """The asserted, inferred and projected graphs and the nanopublications, as the endpoint holds them."""
    loaded = graphs.load(names=[*graphs.ASSERTED, "inferred", "catalog"])
    store = Store()
    store.extend(Quad(*triple, DefaultGraph()) for triple in graphs.asserted(loaded))
    store.extend(graphs.quads(loaded))
    store.extend(graphs.quads(projections.project(store)))
    for quads in nanopublications.assemble(loaded).values():
        store.extend(quads)
    return store


def written(term):
    """A term as Turtle writes it with the project's prefixes; nothing for no term."""
    if term is None:
        return ""
    names = Names(PREFIXES)
    return names.iri(term.value) if isinstance(term, NamedNode) else names.literal(term)


def answer(results):
    """A result as the files of answers hold it: the lines of a table, or triples; hashes are left out."""
    if isinstance(results, QueryTriples):
        return set(results)
    if isinstance(results, QueryBoolean):
        return ["true" if results else "false"]
    head = "\t".join(f"?{variable.value}" for variable in results.variables)
    rows = ("\t".join(written(row[variable]) for variable in results.variables) for row in results)
    return [head, *(HASH.sub("/np/RA…", row) for row in rows)]


def second_dataset(store):
    """The same quads in rdflib."""
    return rdflib.Dataset().parse(data=store.dump(format=RdfFormat.N_QUADS), format="nquads")


def second_answer(result):
    """A result of rdflib, in the form of `answer`."""
    if result.type in ("CONSTRUCT", "DESCRIBE"):
        return {quad.triple for quad in parse(result.serialize(format="nt"), format=RdfFormat.N_TRIPLES)}
    return answer(parse_query_results(result.serialize(format="json"), format=QueryResultsFormat.JSON))


def expected(name):
    """The answer that was worked out by hand."""
    table = ANSWERS / f"{name}.tsv"
    if table.exists():
        return table.read_text("utf-8").splitlines()
    return set(turtle.read(ANSWERS / f"{name}.ttl"))


def cells(name, variable):
    """A column of an expected answer."""
    head, *rows = (line.split("\t") for line in expected(name))
    return [row[head.index(f"?{variable}")] for row in rows]
