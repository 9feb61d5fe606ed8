"""Ontology, concepts, claims and authorships together are OWL 2 DL without one violation; all is declared."""

import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

import pyoxigraph as ox
import pytest

from exoreview import reasoning, turtle
from exoreview.terms import PREFIXES, curie

PROGRAM = Path(__file__).with_name("Profile.java")
PROLOGUE = "".join(f"@prefix {prefix}: <{namespace}> .\n" for prefix, namespace in PREFIXES.items())

# Two versions of the checker: that of Debian's package libowlapi-java, and the old one in HermiT's archive.
CHECKERS = {
    "OWLAPI 5": ("/usr/share/java/*", Path("/usr/share/java/owlapi-apibinding.jar")),
    "OWLAPI 3": (jar := str(Path(find_spec("owlready2").origin).parent / "hermit/HermiT.jar"), Path(jar)),
}

DEFECTS = {
    "an undeclared class": ("exr:Claim rdfs:subClassOf exr:Undeclared .", "undeclared class"),
    "an undeclared annotation property": ('exr:Claim exr:remark "x"@en .', "undeclared annotation property"),
    "an undeclared object property": (
        "exr:Claim rdfs:subClassOf"
        " [ a owl:Restriction ; owl:onProperty exr:by ; owl:someValuesFrom exr:Claim ] .",
        "undeclared object property",
    ),
    "a date as data": ("exr:start rdfs:range xsd:date .", "undeclared datatype"),
    "a functional property with a chain": ("exr:concerns a owl:FunctionalProperty .", "non-simple property"),
    "a property of two kinds": ("exr:concerns a owl:DatatypeProperty .", "pun between properties"),
}

MISSED = {("OWLAPI 3", "a date as data")}


@pytest.fixture(scope="module")
def module():
    triples = reasoning.joined(reasoning.module(reasoning.sources()))
    return [triple for triple in triples if curie(triple.predicate.value) != "owl:imports"]


@pytest.fixture(scope="module", params=CHECKERS)
def report(request, module, tmp_path_factory):
    """The violations of the module and of each defective one, by its name, from one start of Java."""
    classes, needed = CHECKERS[request.param]
    # The program is compiled as it starts, which a Java without a compiler cannot do.
    if not shutil.which("javac"):
        pytest.skip("needs a Java development kit (Debian: default-jdk-headless)")
    if not needed.exists():
        pytest.skip("needs OWLAPI (Debian: libowlapi-java)")
    folder = tmp_path_factory.mktemp("profile")
    variants = {"module": ""} | {name: added for name, (added, _) in DEFECTS.items()}
    for name, added in variants.items():
        ox.serialize(module + turtle.parse(PROLOGUE + added), folder / name, format=ox.RdfFormat.N_TRIPLES)
    command = ["java", "-cp", classes, str(PROGRAM), *variants]
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    lines = [line.split(": ", 1) for line in result.stdout.splitlines()]
    return {name: [text for file, text in lines if file == name] for name in variants}


def test_there_is_no_violation_of_owl_2_dl(report):
    axioms, *violations = report["module"]
    assert int(axioms.removesuffix(" axioms")) > 2000
    assert violations == []


@pytest.mark.parametrize("defect", DEFECTS)
def test_the_checker_finds_a_defect(request, report, defect):
    if (request.node.callspec.params["report"], defect) in MISSED:
        request.applymarker(pytest.mark.xfail(reason="the old checker ignores datatypes", strict=True))
    _, expected = DEFECTS[defect]
    assert expected in " ".join(report[defect]).lower()


# Without Java -----------------------------------------------------------------------------------------------

KINDS = ("owl:ObjectProperty", "owl:DatatypeProperty", "owl:AnnotationProperty")
# OWL declares the annotation properties of RDFS and its own; the rest of these is its syntax.
BUILT_IN = ("owl:", "rdf:", "rdfs:")


@pytest.fixture(scope="module")
def types(module):
    """The types of each named term, as CURIEs."""
    found = {}
    for triple in module:
        if curie(triple.predicate.value) == "rdf:type" and isinstance(triple.subject, ox.NamedNode):
            found.setdefault(curie(triple.subject.value), set()).add(curie(triple.object.value))
    return found


def test_each_property_is_declared_as_one_kind(module, types):
    used = {curie(triple.predicate.value) for triple in module}
    kinds = {name: [kind for kind in KINDS if kind in types.get(name, ())] for name in used}
    assert {n: k for n, k in kinds.items() if len(k) != 1 and not n.startswith(BUILT_IN)} == {}


def test_each_class_that_has_members_is_declared(types):
    classes = {kind for kinds in types.values() for kind in kinds if not kind.startswith(BUILT_IN)}
    assert {name for name in classes if "owl:Class" not in types.get(name, ())} == set()


def test_each_term_of_ours_that_is_used_exists(module, types):
    terms = {curie(term.value) for triple in module for term in triple if isinstance(term, ox.NamedNode)}
    ours = {term for term in terms if term.startswith(("exr:", "exc:", "claim:", "scope:", "quote:", "sp:"))}
    assert ours - types.keys() == set()
