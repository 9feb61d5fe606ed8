"""The real data has the shape that it must have; each constraint has its sentence and refuses what it is for.

A file in tests/invalid/ is the real data with one mistake: triples taken away (`# without: subject property`,
or `*` for all of the subject) and the file's own added. Its first line is the sentence that must answer it.
"""

import re
from pathlib import Path

import pyoxigraph as ox
import pyrudof
import pytest
import rdflib
import rdflib.collection

from exoreview import files, turtle
from exoreview.checking import documents, shapes
from exoreview.knowledge import graphs
from exoreview.terms import BASE, PREFIXES, curie

SH_IN = rdflib.SH["in"]
SHAPES = shapes.shapes_graph(
    triple for path in files.named("shapes", "*.ttl") for triple in turtle.read(path)
)
INVALID = sorted((Path(__file__).parent / "invalid").glob("*.ttl"))
EXPECT = {path: path.read_text("utf-8").split("\n")[0].removeprefix("# expect: ") for path in INVALID}

# What describes a constraint; everything else on its node is the constraint itself.
_ABOUT = {
    rdflib.RDF.type,
    rdflib.RDFS.label,
    rdflib.RDFS.isDefinedBy,
    rdflib.SH.message,
    rdflib.SH.path,
    rdflib.SH.prefixes,
    *shapes.TARGETS,
}

# pyrudof 0.3.35 writes the focus node into the text of a query, which no blank node survives.
NOT_FOR_PYRUDOF = {"exs:Declared", "exs:Described", "exs:Listed"}


@pytest.fixture(scope="module")
def data():
    """The real data, and the graph of it that pySHACL walks."""
    found = documents.find((), graphs.ASSERTED)
    assert documents.read(found) == []
    triples = documents.asserted(found)
    return triples, shapes.DataGraph(triples)


@pytest.fixture(scope="module")
def rudof(data):
    engine = pyrudof.Rudof(pyrudof.RudofConfig())
    text = ox.serialize(data[0], format=ox.RdfFormat.N_TRIPLES).decode()
    engine.read_data(text, format=pyrudof.RDFFormat.NTriples)
    return engine


def turtle_of(graph):
    return graph.serialize(format="turtle")


def expand(name):
    prefix, _, local = name.partition(":")
    return name[1:-1] if name.startswith("<") else PREFIXES[prefix] + local


def change(path, triples):
    """What a file takes away from the data, and what it adds."""
    text = path.read_text("utf-8")
    taken = []
    for subject, *rest in (line.split() for line in re.findall(r"^# without: (.+)$", text, re.MULTILINE)):
        fits = [
            triple
            for triple in triples
            if triple.subject == ox.NamedNode(expand(subject))
            and (rest[0] == "*" or triple.predicate.value == expand(rest[0]))
            and (len(rest) < 2 or triple.object == ox.NamedNode(expand(rest[1])))
        ]
        assert fits, f"{path.name}: there is nothing to take away from {subject}"
        taken += fits
    return taken, turtle.parse(text, path.name)


def constraint_of(sentence):
    """The node that says a sentence, and the shape with the target that leads to it."""
    node = SHAPES.value(None, rdflib.SH.message, rdflib.Literal(sentence, lang="en"))
    assert node is not None, f"no constraint says: {sentence}"
    owner = SHAPES.value(None, rdflib.SH.property, node) or SHAPES.value(None, rdflib.SH.sparql, node)
    return node, owner or node


def alone(node, owner):
    """The shapes with but one constraint of the owner."""
    changed = rdflib.Graph() + SHAPES
    for link in (rdflib.SH.property, rdflib.SH.sparql):
        for other in SHAPES.objects(owner, link):
            if other != node:
                changed.remove((owner, link, other))
    return changed


def without(node):
    """The shapes with one constraint removed."""
    changed = rdflib.Graph() + SHAPES
    if (node, rdflib.SH.select, None) in SHAPES:
        changed.remove((None, rdflib.SH.sparql, node))
    else:
        for triple in SHAPES.triples((node, None, None)):
            if triple[1] not in _ABOUT:
                changed.remove(triple)
    return changed


def for_rudof(path):
    """A case for the second engine; what that cannot do is known by name."""
    _, owner = constraint_of(EXPECT[path])
    known = pytest.mark.xfail(raises=pyrudof.ShaclError, strict=True, reason="queries at no blank node")
    return pytest.param(path, id=path.stem, marks=[known] if curie(str(owner)) in NOT_FOR_PYRUDOF else [])


def test_the_real_data_conforms(data):
    graph = data[1]
    assert [f"{curie(each.focus.value)}: {each.message}" for each in shapes.validate(graph, SHAPES)] == []


@pytest.mark.parametrize("path", INVALID, ids=lambda path: path.stem)
def test_a_mistake_is_answered_by_its_sentence_and_by_no_other_constraint_with_it(path, data):
    """Remove the constraint that says the sentence, and nobody says it of that thing any more."""
    triples, graph = data
    sentence = EXPECT[path]
    node, owner = constraint_of(sentence)
    taken, added = change(path, triples)
    graph.change(without=taken, plus=added)
    try:
        found = shapes.validate(graph, alone(node, owner), only=[str(owner)])
        assert {violation.message for violation in found} == {sentence}
        things = [each.focus.value for each in found if isinstance(each.focus, ox.NamedNode)]
        rest = shapes.validate(graph, without(node), only=[str(owner)], at=things)
        assert sentence not in {violation.message for violation in rest}
    finally:
        graph.change(without=added, plus=taken)


@pytest.mark.parametrize("path", [for_rudof(path) for path in INVALID])
def test_a_second_engine_refuses_the_same_things(path, data, rudof):
    triples, graph = data
    node, owner = constraint_of(EXPECT[path])
    constraint = alone(node, owner)
    taken, added = change(path, triples)
    graph.change(without=taken, plus=added)
    refused = {each.focus.value for each in shapes.validate(graph, constraint, only=[str(owner)])}
    graph.change(without=added, plus=taken)
    rudof.read_shacl(turtle_of(shapes.part(constraint, str(owner))))
    with rudof.staging():
        rudof.remove_triples([tuple(map(str, triple)) for triple in taken])
        rudof.add_triples([tuple(map(str, triple)) for triple in added])
        assert {each.focus_node for each in rudof.validate_shacl().violations} == refused
        rudof.rollback_staging()


def test_the_real_data_conforms_in_the_second_engine(rudof):
    graph = rdflib.Graph() + SHAPES
    for name in NOT_FOR_PYRUDOF:
        for target in shapes.TARGETS:
            graph.remove((rdflib.URIRef(expand(name)), target, None))
    rudof.read_shacl(turtle_of(graph))
    report = rudof.validate_shacl()
    assert [(each.focus_node, each.message) for each in report.violations] == []


def test_every_sentence_is_provoked_by_some_file():
    sentences = [str(each) for each in SHAPES.objects(None, rdflib.SH.message)]
    assert sorted(set(sentences)) == sorted(sentences), "a sentence belongs to two constraints"
    assert set(sentences) == set(EXPECT.values())


@pytest.mark.parametrize("node", sorted(SHAPES.subjects(rdflib.SH.message)), ids=lambda node: curie(node))
def test_a_sentence_belongs_to_one_constraint(node):
    components = {predicate for predicate in SHAPES.predicates(node) if predicate not in _ABOUT}
    if rdflib.SH.qualifiedMaxCount in components:
        components.remove(rdflib.SH.qualifiedValueShape)
    assert len(components) == 1
    assert [each.language for each in SHAPES.objects(node, rdflib.SH.message)] == ["en"]


def test_every_shape_has_a_name_and_a_label():
    kinds = (rdflib.SH.NodeShape, rdflib.SH.PropertyShape, rdflib.SH.SPARQLConstraint)
    for node in {node for kind in kinds for node in SHAPES.subjects(rdflib.RDF.type, kind)}:
        assert str(node).startswith(PREFIXES["exs"])
        assert [each.language for each in SHAPES.objects(node, rdflib.RDFS.label)] == ["en"], node
        assert SHAPES.value(node, rdflib.RDFS.isDefinedBy) == rdflib.URIRef(BASE + "shapes"), node


def test_the_header_of_the_shapes_is_complete():
    header = rdflib.URIRef(BASE + "shapes")
    assert str(SHAPES.value(header, rdflib.OWL.versionInfo)) == files.version()
    assert str(SHAPES.value(header, rdflib.OWL.versionIRI)) == f"{BASE}shapes/{files.version()}"
    for term in ("title", "description", "license", "creator", "created"):
        assert SHAPES.value(header, rdflib.DCTERMS[term]), term


@pytest.mark.parametrize(
    ("shape", "kind"), [("claimQualifierKind", "Qualifier"), ("claimRelationKind", "Relation")]
)
def test_a_list_of_names_is_that_of_the_vocabulary(shape, kind, data):
    graph = data[1]
    listed = rdflib.collection.Collection(SHAPES, SHAPES.value(rdflib.URIRef(expand(f"exs:{shape}")), SH_IN))
    path = rdflib.OWL.equivalentClass / rdflib.OWL.oneOf
    defined = graph.value(rdflib.URIRef(expand(f"exr:{kind}")), path)
    assert set(listed) == set(rdflib.collection.Collection(graph, defined))


def test_a_prefix_of_a_query_is_that_of_the_project():
    header = rdflib.URIRef(BASE + "shapes")
    declared = {
        str(SHAPES.value(each, rdflib.SH.prefix)): str(SHAPES.value(each, rdflib.SH.namespace))
        for each in SHAPES.objects(header, rdflib.SH.declare)
    }
    assert declared.items() <= PREFIXES.items()
