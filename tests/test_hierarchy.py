"""The tree of the concepts and the claims of each are what SPARQL says; the tree can be searched."""

import html
import re

import pytest
from pyoxigraph import NamedNode, Triple

import served
from exoreview.terms import BASE, PREFIXES
from exoreview.web.read.statements import Statements
from exoreview.web.things.describe import Library
from exoreview.web.things.hierarchy import Hierarchy
from served import BROWSER, release, store

EXC = PREFIXES["exc"]
PROLOGUE = "".join(f"PREFIX {name}: <{PREFIXES[name]}>\n" for name in ("exr", "exc", "skos", "rdfs", "graph"))
SLOTS = "(exr:hasSubject|exr:hasObject|exr:hasContext|exr:hasMechanism)"


@pytest.fixture(scope="module")
def client():
    return served.client()


@pytest.fixture(scope="module")
def hierarchy():
    library = Library(release().graphs)
    return Hierarchy(library, Statements(library))


def asked(query):
    """The answers as a set of tuples of texts."""
    return {tuple(value.value for value in solution) for solution in store().query(PROLOGUE + query)}


def branches(members):
    for branch in members:
        yield branch
        yield from branches(branch.below)


def all_branches(hierarchy, query=""):
    return [branch for _, members in hierarchy.tree(query) for branch in branches(members)]


def test_what_is_below_is_what_is_narrower(hierarchy):
    pairs = {(below.iri, branch.iri) for branch in all_branches(hierarchy) for below in branch.below}
    assert pairs == asked("SELECT ?narrower ?broader { ?narrower skos:broader ?broader }")


def test_every_concept_is_in_the_tree(hierarchy):
    concepts = asked("SELECT DISTINCT ?concept { ?concept a/rdfs:subClassOf exr:Concept }")
    assert {(branch.iri,) for branch in all_branches(hierarchy)} == concepts
    assert set(hierarchy.concepts) == {iri for (iri,) in concepts}


@pytest.mark.parametrize("which", ["own", "with narrower"])
def test_claims_are_counted_as_sparql_counts_them(hierarchy, which):
    path = SLOTS if which == "own" else f"{SLOTS}/skos:broader*"
    counts = "SELECT ?concept (COUNT(DISTINCT ?claim) AS ?n)"
    query = f"{counts} {{ ?claim a exr:Claim ; {path} ?concept }} GROUP BY ?concept"
    counted = {concept: int(number) for concept, number in asked(query) if concept.startswith(EXC)}
    place = 0 if which == "own" else 1
    told = {iri: hierarchy.claims(iri)[place] for iri in hierarchy.concepts}
    assert {iri: number for iri, number in told.items() if number} == counted


def test_what_is_rolled_up_is_what_is_inferred(hierarchy):
    """Own and rolled-up statements together are those that the reasoner says concern the concept."""
    inferred = asked("SELECT ?concept ?one { GRAPH graph:inferred { ?one exr:concerns ?concept } }")
    told = set()
    for iri in hierarchy.concepts:
        own = {each.iri for _, members in hierarchy.own(iri) for each in members}
        rolled_up = {each.iri for each, _ in hierarchy.rolled_up(iri)}
        assert not own & rolled_up
        told |= {(iri, one) for one in own | rolled_up}
    assert told == inferred


def test_a_rolled_up_claim_says_through_which_concept(hierarchy):
    for each, by in hierarchy.rolled_up(EXC + "ExtracellularVesicle"):
        assert by
        assert set(by) <= each.concepts & hierarchy.below(EXC + "ExtracellularVesicle")


PATHS = {
    "at the top": ("Lipid", []),
    "one way": ("PeptideStuddedExosome", [["ExtracellularVesicle", "Exosome", "LigandStuddedExosome"]]),
    "two ways": (
        "IntelligentExosomeBasedCarrier",
        [["CarrierSystem", "ExosomeBasedCarrier"], ["CarrierSystem", "IntelligentCarrierSystem"]],
    ),
}


@pytest.mark.parametrize(("name", "expected"), PATHS.values(), ids=PATHS)
def test_the_ways_from_the_top(hierarchy, name, expected):
    found = [[iri.removeprefix(EXC) for iri in path] for path in hierarchy.paths(EXC + name)]
    assert sorted(found) == expected


def test_a_circle_is_cut():
    graphs = {name: list(triples) for name, triples in release().graphs.items()}
    broader = NamedNode(PREFIXES["skos"] + "broader")
    graphs["concepts"].append(
        Triple(NamedNode(EXC + "ExtracellularVesicle"), broader, NamedNode(EXC + "Exosome"))
    )
    library = Library(graphs)
    made = Hierarchy(library, Statements(library))
    assert list(made.paths(EXC + "TumourDerivedExosome"))
    assert EXC + "Exosome" in made.below(EXC + "ExtracellularVesicle")
    assert made.tree()


# What is typed, what it finds, and a concept that is shown because it leads there.
SEARCHES = {
    "a name": ("metastasis", {"Metastasis"}, {"CancerPathogenesis"}),
    "the beginning of a word": ("metasta", {"Metastasis"}, {"CancerPathogenesis"}),
    "the end of a word": (
        "resistance",
        {"Chemoresistance", "TherapyResistance"},
        {"TherapyResistance"},
    ),
    "capitals": ("METASTASIS", {"Metastasis"}, {"CancerPathogenesis"}),
    "American spelling": (
        "tumor-derived exosome",
        {"TumourDerivedExosome"},
        {"ExtracellularVesicle", "Exosome"},
    ),
    "a plural": ("tumour-derived exosomes", {"TumourDerivedExosome"}, {"ExtracellularVesicle", "Exosome"}),
    "a synonym": ("TDE", {"TumourDerivedExosome"}, {"ExtracellularVesicle", "Exosome"}),
    "two words in any order": (
        "carrier drug",
        {"DrugCarrier", "UseAsDrugCarrier"},
        {"CarrierSystem", "UseAsCarrierSystem"},
    ),
    "below two": (
        "intelligent exosome",
        {"IntelligentExosomeBasedCarrier"},
        {"CarrierSystem", "ExosomeBasedCarrier", "IntelligentCarrierSystem"},
    ),
    "nothing": ("zebra", set(), set()),
}


@pytest.mark.parametrize(("query", "found", "leading"), SEARCHES.values(), ids=SEARCHES)
def test_a_search_opens_the_branches_that_lead_to_what_is_found(hierarchy, query, found, leading):
    shown = {branch.iri.removeprefix(EXC): branch for branch in all_branches(hierarchy, query)}
    assert {name for name, branch in shown.items() if branch.found} == found
    assert shown.keys() == found | leading
    assert all(shown[name].open for name in leading)


@pytest.mark.parametrize(("query", "found", "leading"), SEARCHES.values(), ids=SEARCHES)
def test_the_page_answers_a_search_without_a_script(client, query, found, leading):
    response = client.get("/concepts", query_string={"q": query}, headers={"Accept": BROWSER})
    assert (response.status_code, response.mimetype) == (200, "text/html")
    tree = response.text.partition('<div class="kinds-of">')[2].partition("</article>")[0]
    links = set(re.findall(r'href="/concept/(\w+)"', tree))
    assert links == found | leading
    assert set(re.findall(r'href="/concept/(\w+)" class="found"', tree)) == found
    assert tree.count("<details open>") == tree.count("<details")
    assert f"{len(found) or 'None'} of 77 concepts" in response.text
    assert f'value="{html.escape(query)}"' in response.text


def test_a_search_is_no_document(client):
    """RDF of the concepts is whole, whatever is searched for; too long a text is refused."""
    whole = client.get("/concepts", headers={"Accept": "text/turtle"}).data
    assert client.get("/concepts?q=lipid", headers={"Accept": "text/turtle"}).data == whole
    refused = client.get("/concepts", query_string={"q": "x" * 201}, headers={"Accept": BROWSER})
    assert refused.status_code == 400
    assert "A search may have 200 characters; this one has 201." in refused.text


def test_markup_in_a_search_is_text(client):
    page = client.get(
        "/concepts", query_string={"q": "<script>alert(1)</script>"}, headers={"Accept": BROWSER}
    )
    assert "<script>alert" not in page.text


def test_the_page_says_the_numbers_of_claims(client, hierarchy):
    page = client.get("/concepts", headers={"Accept": BROWSER}).text
    for branch in all_branches(hierarchy):
        path = branch.iri.removeprefix(BASE)
        [said] = set(
            re.findall(rf'href="/{path}">[^<]*</a> ?(?:<small class="count">([^<]*)</small>)?</p>', page)
        )
        numbers = [int(number) for number in re.findall(r"\d+", said)]
        assert numbers == [
            number for number in dict.fromkeys((branch.own, branch.rolled_up)) if branch.rolled_up
        ]
