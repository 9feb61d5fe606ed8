"""Ontologists meet the running server: owlready2 loads it, and a foreign ontology links to it.

The foreign ontology is the README's own: what it promises its author is what a reasoner concludes here.
"""

import re
from urllib.request import Request, urlopen

import owlready2
import pyoxigraph as ox
import pytest

from exoreview import files
from exoreview.problems import Refusal
from exoreview.reasoning import hermit
from exoreview.terms import PREFIXES

EXC, OBO, MY = PREFIXES["exc"], PREFIXES["obo"], "https://example.org/my#"


def snippet(language):
    """The code of the README's one block in a language."""
    [code] = re.findall(rf"```{language}\n(.*?)```", files.path("README.md").read_text("utf-8"), re.DOTALL)
    return code


@pytest.fixture(scope="module")
def world(server):
    """The ontologies as owlready2 loads them from the server's local addresses."""
    world = owlready2.World()
    for name in ("ontology", "concepts"):
        world.get_ontology(f"{server}/{name}").load()
    return world


def test_owlready2_loads_the_ontology_under_its_own_iri(world):
    assert {"https://w3id.org/exoreview/ontology#", EXC.removesuffix("/concept/") + "/concepts/"} <= set(
        world.ontologies
    )


def test_owlready2_sees_the_definition_of_tumour_derived_exosomes(world):
    [definition] = world[EXC + "TumourDerivedExosome"].equivalent_to
    assert world[EXC + "Exosome"] in definition.Classes


def test_owlready2_sees_the_label_of_a_term_of_others(world):
    assert [str(label) for label in world[OBO + "GO_0070062"].label] == ["extracellular exosome"]


@pytest.fixture(scope="module")
def ours(server):
    """The vocabulary and the concepts as the server sends them."""
    triples = []
    for name in ("ontology", "concepts"):
        request = Request(f"{server}/{name}", headers={"Accept": "application/n-triples"})
        with urlopen(request) as answer:
            triples += _parsed(answer.read())
    return triples


def _parsed(turtle):
    parsed = ox.parse(turtle, format=ox.RdfFormat.TURTLE, rename_blank_nodes=True)
    return [quad.triple for quad in parsed]


def _is_a(narrower, wider):
    return ox.Triple(*map(ox.NamedNode, (narrower, PREFIXES["rdfs"] + "subClassOf", wider)))


@pytest.fixture(scope="module")
def entailed(ours):
    """What HermiT concludes from the README's ontology and ours; it refuses what cannot be true."""
    return set(hermit.classify(ours + _parsed(snippet("turtle"))))


@pytest.mark.parametrize(
    "term",
    [OBO + "GO_0070062", OBO + "GO_1903561", EXC + "Exosome"],
    ids=lambda term: term.rpartition("/")[2],
)
def test_the_foreign_class_is_what_its_author_expects(entailed, term):
    assert _is_a(MY + "CancerExosome", term) in entailed


def test_the_foreign_class_is_not_put_below_what_was_not_said(entailed):
    assert _is_a(MY + "CancerExosome", EXC + "LigandStuddedExosome") not in entailed


def test_a_foreign_class_that_contradicts_ours_is_refused_by_name(ours):
    """Its author says of one class that it is a tumour-derived exosome and no exosome of GO's."""
    odd = f"""
        @prefix owl: <{PREFIXES["owl"]}> .
        @prefix rdfs: <{PREFIXES["rdfs"]}> .
        <{MY}Odd> a owl:Class ;
            rdfs:subClassOf <{EXC}TumourDerivedExosome> ;
            owl:disjointWith <{OBO}GO_0070062> .
    """
    with pytest.raises(Refusal, match="Odd"):
        hermit.check_classes(ours + _parsed(odd))


def test_the_folder_opens_with_its_catalog():
    """Every address that the ontologies import or are known by leads to a file of the folder."""
    catalog = files.path("ontology/catalog-v001.xml").read_text("utf-8")
    leads = dict(re.findall(r'<uri name="([^"]+)" uri="([^"]+)"', catalog))
    for name in ("review.ttl", "concepts.ttl"):
        for quad in ox.parse(path=str(files.path(f"ontology/{name}")), format=ox.RdfFormat.TURTLE):
            if quad.predicate.value.endswith(("#imports", "#versionIRI")):
                assert files.path(f"ontology/{leads[quad.object.value]}").is_file()
