"""Whether data has the shape that SHACL demands of it. The only module that loads pySHACL and rdflib.

SPARQL constraints are the slow part of a validation: rdflib parses the query anew for every node. So the
graph that pySHACL walks keeps its terms as they were written, and answers queries from an Oxigraph store that
holds the same triples.
"""

import time
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

import pyoxigraph as ox
import rdflib
from pyshacl import validate as pyshacl_validate
from pyshacl.errors import (
    ConstraintLoadError,
    ReportableRuntimeError,
    ShapeLoadError,
    ValidationFailure,
)
from rdflib.plugins.stores.memory import Memory
from rdflib.query import Result

from exoreview.problems import Refusal
from exoreview.terms import curie

SH = rdflib.SH
TARGETS = (SH.targetClass, SH.targetNode, SH.targetObjectsOf, SH.targetSubjectsOf)


@dataclass(frozen=True)
class Violation:
    """What a constraint has against a node: its sentence, where it looked, and the value found there."""

    focus: ox.NamedNode | ox.BlankNode
    path: str | None
    value: ox.NamedNode | ox.BlankNode | ox.Literal | None
    message: str
    source: str


Progress = Callable[[str, float], None]


def _silent(name: str, seconds: float) -> None:
    """Report nothing."""


def validate(
    data: Iterable[ox.Triple],
    shapes: Iterable[ox.Triple],
    progress: Progress = _silent,
    *,
    only: Collection[str] = (),
    at: Collection[str] = (),
) -> list[Violation]:
    """Everything in the data that a shape refuses; `progress` hears each shape's label and seconds.

    `only` names the shapes to look at, instead of all that have a target; `at` the things, instead of all.
    """
    graph = data if isinstance(data, DataGraph) else DataGraph(data)
    constraints = shapes_graph(shapes)
    violations = []
    for shape in sorted(only) if only else _targeted(constraints):
        began = time.perf_counter()
        violations += _run(graph, constraints, shape, at)
        label = constraints.value(rdflib.URIRef(shape), rdflib.RDFS.label)
        progress(str(label or shape), time.perf_counter() - began)
    return sorted(violations, key=lambda each: (str(each.focus), each.source, str(each.value)))


def _targeted(constraints: rdflib.Graph) -> list[str]:
    return sorted({str(shape) for target in TARGETS for shape in constraints.subjects(target)})


def _run(graph: "DataGraph", constraints: rdflib.Graph, shape: str, at: Collection[str]) -> list[Violation]:
    alone = part(constraints, shape)
    try:
        _, report, _ = pyshacl_validate(graph, shacl_graph=alone, focus_nodes=list(at) or None, inplace=True)
    except (ShapeLoadError, ConstraintLoadError, ReportableRuntimeError, ValidationFailure) as error:
        reason = str(getattr(error, "message", error)).partition("\n")[0].rstrip(".")
        raise Refusal(f"The shape {curie(shape)} cannot be used: {reason}.") from None
    return [_violation(report, result) for result in report.objects(None, SH.result)]


def part(constraints: rdflib.Graph, shape: str) -> rdflib.Graph:
    """A shape with all that it leads to. (pySHACL's own `use_shapes` leaves out the shapes of properties.)"""
    found = rdflib.Graph()
    waiting = [rdflib.URIRef(shape)]
    while waiting:
        for triple in constraints.triples((waiting.pop(), None, None)):
            if triple not in found:
                found.add(triple)
                waiting.append(triple[2])
    return found


def _violation(report: rdflib.Graph, result: rdflib.BNode) -> Violation:
    path = report.value(result, SH.resultPath)
    value = report.value(result, SH.value)
    source = report.value(result, SH.sourceConstraint) or report.value(result, SH.sourceShape)
    return Violation(
        focus=from_rdflib(report.value(result, SH.focusNode)),
        path=str(path) if isinstance(path, rdflib.URIRef) else None,
        value=None if value is None else from_rdflib(value),
        message=str(report.value(result, SH.resultMessage)),
        source=str(source),
    )


class _AnsweredByOxigraph(Memory):
    """An rdflib store whose SPARQL is answered by an Oxigraph store of the same triples."""

    def __init__(self, triples: Iterable[ox.Triple]):
        super().__init__()
        self.answers = ox.Store()
        self.answers.extend(ox.Quad(*triple) for triple in triples)

    def query(self, query, initNs, initBindings, queryGraph, **kwargs):
        """The answer of a SELECT query with some variables bound beforehand."""
        bound = {ox.Variable(str(name)): from_rdflib(term) for name, term in initBindings.items()}
        solutions = self.answers.query(str(query), substitutions=bound)
        names = [variable.value for variable in solutions.variables]
        result = Result("SELECT")
        result.vars = [rdflib.Variable(name) for name in names]
        result.bindings = [
            {rdflib.Variable(name): to_rdflib(row[name]) for name in names if row[name] is not None}
            for row in solutions
        ]
        return result


class DataGraph(rdflib.Graph):
    """Triples as pySHACL walks them; made once, they can be validated again and again."""

    def __init__(self, triples: Iterable[ox.Triple] = ()):
        triples = list(triples)
        super().__init__(store=_AnsweredByOxigraph(triples))
        for triple in triples:
            self.add(tuple(map(to_rdflib, triple)))

    def change(self, *, without: Iterable[ox.Triple] = (), plus: Iterable[ox.Triple] = ()) -> None:
        """Take triples away and add others."""
        for triple in without:
            self.remove(tuple(map(to_rdflib, triple)))
            self.store.answers.remove(ox.Quad(*triple))
        for triple in plus:
            self.add(tuple(map(to_rdflib, triple)))
            self.store.answers.add(ox.Quad(*triple))


def shapes_graph(triples: Iterable[ox.Triple]) -> rdflib.Graph:
    """The shapes as pySHACL reads them."""
    if isinstance(triples, rdflib.Graph):
        return triples
    graph = rdflib.Graph()
    for triple in triples:
        graph.add(tuple(map(to_rdflib, triple)))
    return graph


def to_rdflib(term: ox.NamedNode | ox.BlankNode | ox.Literal) -> rdflib.term.Identifier:
    """The same term for rdflib, its text untouched: rdflib would rewrite a hexBinary in capitals."""
    if isinstance(term, ox.NamedNode):
        return rdflib.URIRef(term.value)
    if isinstance(term, ox.BlankNode):
        return rdflib.BNode(term.value)
    if term.language:
        return rdflib.Literal(term.value, lang=term.language)
    datatype = rdflib.URIRef(term.datatype.value)
    return rdflib.Literal(
        term.value, datatype=None if datatype == rdflib.XSD.string else datatype, normalize=False
    )


def from_rdflib(term: rdflib.term.Identifier) -> ox.NamedNode | ox.BlankNode | ox.Literal:
    """The same term for Oxigraph."""
    if isinstance(term, rdflib.URIRef):
        return ox.NamedNode(term)
    if isinstance(term, rdflib.BNode):
        return ox.BlankNode(term)
    if term.language:
        return ox.Literal(str(term), language=term.language)
    return ox.Literal(str(term), datatype=ox.NamedNode(term.datatype) if term.datatype else None)
