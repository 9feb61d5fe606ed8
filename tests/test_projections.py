"""A projection says the claims in another vocabulary: what it keeps can be read back, the rest is lost.

Kept is shown by reading back from the projection alone and comparing with what is asserted; lost, by changing
what is asserted and getting the same projection.
"""

from collections import Counter
from urllib.parse import unquote_plus

import pytest
from pyoxigraph import BlankNode, NamedNode, Store

from exoreview.knowledge import graphs, projections
from exoreview.problems import Refusal
from exoreview.terms import BASE, PREFIXES

NAMES = ("aida", "annotations", "biolink", "direct", "schemaorg")

# How to read each kept property back: from the projection's triples alone to claim and value.
READ_BACK = {
    ("annotations", "exr:exact"): "?a oa:hasBody ?claim; oa:hasTarget/oa:hasSelector/oa:exact ?value",
    ("annotations", "exr:start"): "?a oa:hasBody ?claim; oa:hasTarget/oa:hasSelector/oa:start ?value",
    ("annotations", "exr:end"): "?a oa:hasBody ?claim; oa:hasTarget/oa:hasSelector/oa:end ?value",
    ("aida", "rdfs:label"): "?claim npx:asSentence/rdfs:label ?value",
    ("aida", "exr:statedIn"): "?claim npx:asSentence/prov:wasDerivedFrom ?value",
    ("biolink", "exr:hasSubject"): "?a prov:wasDerivedFrom ?claim; rdf:subject ?value",
    ("biolink", "exr:hasObject"): "?a prov:wasDerivedFrom ?claim; rdf:object ?value",
    ("biolink", "exr:hasRelation"): "?a prov:wasDerivedFrom ?claim; biolink:original_predicate ?value",
    ("biolink", "exr:hasEvidenceType"): """
        VALUES (?agent ?value) {
          (agent:automated_agent obo:ECO_0007320)
          (agent:manual_validation_of_automated_agent obo:ECO_0000303)
        }
        ?a prov:wasDerivedFrom ?claim; biolink:agent_type ?agent""",
    ("biolink", "exr:exact"): "?a prov:wasDerivedFrom ?claim; biolink:supporting_text ?value",
    ("biolink", "exr:statedIn"): "?a prov:wasDerivedFrom ?claim; biolink:publications ?value",
    ("schemaorg", "rdfs:label"): "?claim schema:text ?value",
    ("schemaorg", "exr:statedIn"): "?claim schema:appearance ?value",
}

# What each projection does not show: a change of the claims that leaves it as it was.
SWAP = """DELETE { ?c exr:hasSubject ?s ; exr:hasObject ?o }
INSERT { ?c exr:hasSubject ?o ; exr:hasObject ?s }
WHERE { ?c exr:hasSubject ?s ; exr:hasObject ?o }"""
CONTEXT = """DELETE { ?c exr:hasContext ?x } INSERT { ?c sp:hasContextClass sp:UniversalContext }
WHERE { ?c exr:hasContext ?x }"""
HEDGE = """DELETE { ?c exr:hasQualifier ?q } INSERT { ?c exr:hasQualifier sp:canSometimesQualifier }
WHERE { ?c exr:hasQualifier ?q }"""
MECHANISM = "DELETE WHERE { ?c exr:hasMechanism ?m }"
MODE = "DELETE WHERE { ?c exr:hasAssertionMode ?m }"
STRENGTH = "DELETE WHERE { ?c exr:hasRoleStrength ?s }"
LINKS = """DELETE { ?c ?p ?o }
WHERE { VALUES ?p { exr:explains exr:specialises exr:isPresupposedBy exr:isMechanismOf } ?c ?p ?o }"""
SENTENCE = """DELETE { ?c rdfs:label ?l } INSERT { ?c rdfs:label "Other words."@en }
WHERE { ?c a exr:Claim ; rdfs:label ?l }"""
WORDS = 'DELETE { ?q exr:exact ?e } INSERT { ?q exr:exact "other words"@en } WHERE { ?q exr:exact ?e }'
OFFSETS = "DELETE { ?q exr:start ?s } INSERT { ?q exr:start 7 } WHERE { ?q a exr:Quote ; exr:start ?s }"

CHANGES = {
    "subject and object swapped": SWAP,
    "context": CONTEXT,
    "hedge and frequency": HEDGE,
    "mechanism": MECHANISM,
    "mode": MODE,
    "strength": STRENGTH,
    "links": LINKS,
    "sentence": SENTENCE,
    "words": WORDS,
    "offsets": OFFSETS,
}
HOW_IT_IS_SAID = {"mode", "strength", "links"}
LOST = {
    "annotations": HOW_IT_IS_SAID
    | {"subject and object swapped", "context", "hedge and frequency", "mechanism", "sentence"},
    "aida": HOW_IT_IS_SAID
    | {"subject and object swapped", "context", "hedge and frequency", "mechanism", "words", "offsets"},
    "biolink": HOW_IT_IS_SAID | {"context", "hedge and frequency", "mechanism", "sentence", "offsets"},
    "direct": HOW_IT_IS_SAID
    | {"context", "hedge and frequency", "mechanism", "sentence", "words", "offsets"},
    "schemaorg": HOW_IT_IS_SAID | {"subject and object swapped", "hedge and frequency", "words", "offsets"},
}

NEGATIONS = ("never", "generallyNot", "mostlyNot", "frequentlyNot", "sometimesNot")
NEGATIVE = [*NEGATIONS, *(f"can{name[0].upper()}{name[1:]}" for name in NEGATIONS)]


@pytest.fixture(scope="module")
def triples():
    """What is asserted, as triples."""
    return graphs.asserted(graphs.load(names=set(graphs.ASSERTED) - {"mappings"}))


@pytest.fixture(scope="module")
def asserted(triples):
    return projections.store_of(triples)


@pytest.fixture(scope="module")
def projected(asserted):
    return projections.project(asserted)


@pytest.fixture
def changed(triples):
    """A copy of what is asserted that a test may change."""
    return projections.store_of(triples)


def rows(store, pattern):
    """The pairs of claim and value that a pattern finds, each as often as it is found."""
    found = store.query(f"SELECT ?claim ?value WHERE {{ {pattern} }}", prefixes=prefixes())
    return Counter((row["claim"].value, row["value"].value) for row in found)


def prefixes():
    return {
        **PREFIXES,
        "agent": "https://w3id.org/biolink/vocab/AgentTypeEnum#",
        "npx": "http://purl.org/nanopub/x/",
    }


def number(store, query):
    [row] = store.query(query, prefixes=prefixes())
    return int(row[0].value)


def test_every_projection_of_the_model_is_there(projected):
    assert tuple(projected) == NAMES


@pytest.mark.parametrize("projection", projections.read(), ids=lambda projection: projection.name)
def test_header_says_what_it_is(projection):
    assert projection.title
    assert projection.makes.endswith(".")
    assert projection.loses.endswith(".")
    assert projection.query.count("CONSTRUCT") == 1


@pytest.mark.parametrize(
    ("text", "line"),
    [
        pytest.param("", 1, id="nothing"),
        pytest.param("CONSTRUCT WHERE { ?s ?p ?o }", 1, id="no header"),
        pytest.param("# Title: a\n# Makes: b\n# Loses: c\n", 3, id="one line missing"),
    ],
)
def test_header_out_of_form_is_refused(text, line):
    with pytest.raises(Refusal, match=f"ontology/projections/x.rq: line {line} must start with"):
        projections.parse("x", text)


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_blank(projected, name):
    assert projected[name]
    assert not [triple for triple in projected[name] if BlankNode in map(type, triple)]


def test_every_kept_property_has_its_way_back():
    kept = {(each.name, property) for each in projections.read() for property in each.keeps}
    assert {(name, PREFIXES[p.split(":")[0]] + p.split(":")[1]) for name, p in READ_BACK} == kept


@pytest.mark.parametrize(("name", "property"), READ_BACK, ids=" ".join)
def test_what_is_kept_can_be_read_back(asserted, projected, name, property):
    way = property if property not in ("exr:exact", "exr:start", "exr:end") else f"exr:hasQuote/{property}"
    expected = rows(asserted, f"?claim a exr:Claim ; {way} ?value")
    assert expected
    assert rows(projections.store_of(projected[name]), READ_BACK[name, property]) == expected


@pytest.mark.parametrize("name", NAMES)
def test_what_is_lost_does_not_show(triples, asserted, projected, name):
    unseen = set()
    for change, update in CHANGES.items():
        store = projections.store_of(triples)
        store.update(update, prefixes=prefixes())
        assert set(store) != set(asserted), f"“{change}” must change the claims"
        if projections.project(store)[name] == projected[name]:
            unseen.add(change)
    assert unseen == LOST[name]


def test_loss_is_counted(triples, asserted, projected):
    """Counted once more without SPARQL: each claim's own facts, and the words and place of its quote."""
    kind, claim_class = NamedNode(PREFIXES["rdf"] + "type"), NamedNode(PREFIXES["exr"] + "Claim")
    claims = {t.subject for t in triples if t.predicate == kind and t.object == claim_class}
    quotes = {t.subject: t.object for t in triples if t.predicate.value == PREFIXES["exr"] + "hasQuote"}
    structure = {PREFIXES["rdf"] + "type", PREFIXES["exr"] + "hasQuote"}
    facts = Counter(
        t.predicate.value for t in triples if t.subject in claims and t.predicate.value not in structure
    )
    for claim in claims:
        facts.update(
            t.predicate.value
            for t in triples
            if t.subject == quotes[claim]
            and t.predicate.value in {PREFIXES["exr"] + name for name in ("exact", "start", "end")}
        )
    labels = {
        t.subject.value: t.object.value for t in triples if t.predicate.value == PREFIXES["rdfs"] + "label"
    }
    labels[PREFIXES["rdfs"] + "label"] = "label"
    for projection in projections.read():
        loss = projections.losses(asserted, projected)[projection.name]
        lost = {property: count for property, count in facts.items() if property not in projection.keeps}
        assert loss.lost == {labels[property]: count for property, count in lost.items()}
        assert (loss.claims, loss.facts) == (len(claims), facts.total())
        assert loss.kept == sum(facts[property] for property in projection.keeps)
        assert loss.triples == len(projected[projection.name])


def test_loss_is_said_in_numbers(asserted, projected):
    """The direct triples are fewer than the claims, for what tells two claims apart is not in them."""
    said = str(projections.losses(asserted, projected)["direct"])
    claims, triples = (
        len(rows(asserted, "?claim a exr:Claim . BIND(?claim AS ?value)")),
        len(projected["direct"]),
    )
    assert triples < claims
    assert said.startswith(f"{triples} triples, made from {claims} claims. ")
    for property, label in (("Context", "has context"), ("Qualifier", "has qualifier")):
        count = number(asserted, f"SELECT (COUNT(*) AS ?n) {{ ?c a exr:Claim ; exr:has{property} ?v }}")
        assert f" {label} {count}," in said


def test_annotation_quotes_the_abstract_to_the_character(projected):
    store = projections.store_of(projected["annotations"])
    text = (graphs.files.path("data/source/abstract.txt")).read_text("utf-8")
    found = list(
        store.query(
            """SELECT ?prefix ?exact ?suffix ?start ?end ?source WHERE {
              ?target oa:hasSource ?source ; oa:hasSelector ?quote , ?position .
              ?quote a oa:TextQuoteSelector ; oa:prefix ?prefix ; oa:exact ?exact ; oa:suffix ?suffix .
              ?position a oa:TextPositionSelector ; oa:start ?start ; oa:end ?end }""",
            prefixes=prefixes(),
        )
    )
    assert len(found) == number(store, "SELECT (COUNT(*) AS ?n) WHERE { ?a a oa:Annotation }")
    for row in found:
        start, end = int(row["start"].value), int(row["end"].value)
        assert row["prefix"].value == text[max(0, start - 32) : start]
        assert row["exact"].value == text[start:end]
        assert row["suffix"].value == text[end : end + 32]
        assert row["source"].value == BASE + "review/abstract"


def test_annotation_has_one_way_to_its_claim(asserted, projected):
    store = projections.store_of(projected["annotations"])
    claims = {
        row["claim"] for row in asserted.query("SELECT ?claim { ?claim a exr:Claim }", prefixes=prefixes())
    }
    bodies = [
        quad.object for quad in store.quads_for_pattern(None, NamedNode(PREFIXES["oa"] + "hasBody"), None)
    ]
    assert Counter(bodies) == Counter(claims)


@pytest.mark.parametrize(
    ("sentence", "local"),
    [
        pytest.param("Exosomes contain lipids.", "Exosomes+contain+lipids.", id="plain"),
        pytest.param("A, b (c) & d.", "A%2C+b+%28c%29+%26+d.", id="punctuation"),
        pytest.param("TGF-β rises by 50%.", "TGF-%CE%B2+rises+by+50%25.", id="beyond ASCII"),
        pytest.param("A+B differs from A B.", "A%2BB+differs+from+A+B.", id="a plus of its own"),
        pytest.param("Why?/#.", "Why%3F%2F%23.", id="delimiters of IRIs"),
    ],
)
def test_aida_iri_is_the_sentence(sentence, local):
    store = Store()
    store.update(
        f"""INSERT DATA {{ <x:c> a exr:Claim ; rdfs:label "{sentence}"@en ; exr:statedIn <x:r> }}""",
        prefixes=prefixes(),
    )
    [link] = [t for t in projections.project(store)["aida"] if t.predicate.value.endswith("asSentence")]
    assert link.object.value == "http://purl.org/aida/" + local
    assert unquote_plus(local) == sentence


def test_aida_iris_of_the_claims_decode_to_their_sentences(asserted, projected):
    links = {
        t.subject.value: t.object.value for t in projected["aida"] if t.predicate.value.endswith("asSentence")
    }
    decoded = {claim: unquote_plus(iri.removeprefix("http://purl.org/aida/")) for claim, iri in links.items()}
    assert Counter(decoded.items()) == rows(asserted, "?claim a exr:Claim ; rdfs:label ?value")


# Biolink 4.4.4. biolink:enables would be RO:0002327, which is not what sp:enables says.
BIOLINK = {
    "exr:isKindOf": "subclass_of",
    "exr:isUsedAs": "related_to",
    "exr:hasQuality": "related_to",
    "sp:includes": "has_part",
    "sp:causes": "produces",
    "sp:increases": "contributes_to",
    "sp:contributesTo": "contributes_to",
    "sp:enables": "causes",
}


def test_every_claim_is_one_biolink_association(asserted, projected):
    store = projections.store_of(projected["biolink"])
    associations = rows(store, "?value a biolink:Association ; prov:wasDerivedFrom ?claim")
    claims = rows(asserted, "?claim a exr:Claim . BIND(?claim AS ?value)")
    assert {claim for claim, _ in associations} == {claim for claim, _ in claims}
    assert len(associations) == len(claims)


def test_biolink_predicates_are_those_of_the_table(projected):
    store = projections.store_of(projected["biolink"])
    found = rows(store, "?a biolink:original_predicate ?claim ; rdf:predicate ?value")
    assert dict(found.keys()) == {
        projections._expand(relation): PREFIXES["biolink"] + predicate
        for relation, predicate in BIOLINK.items()
    }


def test_no_biolink_edge_of_the_data_is_negated(projected):
    assert not [triple for triple in projected["biolink"] if triple.predicate.value.endswith("/negated")]


@pytest.mark.parametrize("qualifier", NEGATIVE)
def test_a_denial_is_no_positive_edge(changed, qualifier):
    claim = f"<{BASE}claim/s02-c3>"
    changed.update(
        f"""DELETE {{ {claim} exr:hasQualifier ?q }}
        INSERT {{ {claim} exr:hasQualifier sp:{qualifier}Qualifier }}
        WHERE {{ {claim} exr:hasQualifier ?q }}""",
        prefixes=prefixes(),
    )
    made = projections.project(changed)
    store = projections.store_of(made["biolink"])
    negated = rows(store, "?a prov:wasDerivedFrom ?claim ; biolink:negated ?value")
    assert negated == {(f"{BASE}claim/s02-c3", "true"): 1}
    exosome, lipid = (NamedNode(PREFIXES["exc"] + name) for name in ("Exosome", "Lipid"))
    assert not [triple for triple in made["direct"] if triple.subject == exosome and triple.object == lipid]


def test_direct_triples_are_fewer_than_claims(asserted, projected):
    """Claims that differ only in context, mechanism or mode become one triple."""
    claims = asserted.query(
        "SELECT ?s ?r ?o { ?c a exr:Claim ; exr:hasSubject ?s ; exr:hasRelation ?r ; exr:hasObject ?o }",
        prefixes=prefixes(),
    )
    triples = Counter((row["s"].value, row["r"].value, row["o"].value) for row in claims)
    assert {tuple(term.value for term in triple) for triple in projected["direct"]} == set(triples)
    assert len(projected["direct"]) < triples.total()
    release = (PREFIXES["exc"] + "Cell", PREFIXES["sp"] + "causes", PREFIXES["exc"] + "Exosome")
    assert triples[release] == 2, (
        "cells release exosomes under physiological and under pathological conditions"
    )


def test_schema_claims_are_about_every_concept_of_their_slots(asserted, projected):
    slots = "exr:hasSubject|exr:hasObject|exr:hasContext|exr:hasMechanism"
    expected = set(rows(asserted, f"?claim a exr:Claim ; {slots} ?value"))
    assert set(rows(projections.store_of(projected["schemaorg"]), "?claim schema:about ?value")) == expected
