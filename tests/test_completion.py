"""An editor is offered the terms that the data uses, with what they mean, and no term of anybody else."""

import json

import pytest
from pyoxigraph import Store

import served
from exoreview.sparql.engine import Embedded
from exoreview.terms import PREFIXES

KINDS = ("classes", "properties", "concepts")


@pytest.fixture(scope="module")
def offered():
    response = served.client().get("/completion.json")
    assert (response.status_code, response.mimetype) == (200, "application/json")
    return json.loads(response.data)


def asked(query):
    return {solution[0].value for solution in served.store().query(query)}


def iris(terms):
    return {term["iri"] for term in terms}


def test_every_class_that_has_things_is_offered(offered):
    assert iris(offered["classes"]) == asked("SELECT DISTINCT ?c { ?s a ?c FILTER(isIRI(?c)) }")


def test_every_property_in_use_is_offered(offered):
    assert iris(offered["properties"]) == asked("SELECT DISTINCT ?p { ?s ?p ?o }")


def test_every_concept_is_offered(offered):
    assert iris(offered["concepts"]) == asked(
        f'SELECT ?c {{ ?c a owl:Class FILTER(STRSTARTS(STR(?c), "{PREFIXES["exc"]}")) }}'.replace(
            "owl:Class", f"<{PREFIXES['owl']}Class>"
        )
    )


@pytest.mark.parametrize("kind", KINDS)
def test_a_term_has_a_label_and_a_short_form_that_is_its_iri(offered, kind):
    for term in offered[kind]:
        prefix, _, name = term["short"].partition(":")
        assert offered["prefixes"][prefix] + name == term["iri"]
        assert term["label"]


def test_a_term_of_ours_has_its_definition(offered):
    ours = [term for kind in KINDS for term in offered[kind] if "exoreview" in term["iri"]]
    assert ours
    assert not [term["iri"] for term in ours if not term.get("definition")]


@pytest.mark.parametrize("kind", ["classes", "properties"])
def test_ours_come_first_and_the_most_used_before_others(offered, kind):
    order = [("exoreview" not in term["iri"], -term["count"]) for term in offered[kind]]
    assert order == sorted(order)
    assert not order[0][0]


def test_a_count_is_that_of_the_data(offered):
    counts = {term["short"]: term["count"] for term in offered["classes"]}
    [solution] = served.store().query(f"SELECT (COUNT(*) AS ?n) {{ ?c a <{PREFIXES['exr']}Claim> }}")
    assert counts["exr:Claim"] == int(solution["n"].value)


def test_of_other_data_there_are_the_prefixes():
    client = served.other_client(Embedded(Store()))
    offered = json.loads(client.get("/completion.json").data)
    assert offered == {"prefixes": dict(PREFIXES), "classes": [], "properties": [], "concepts": []}
