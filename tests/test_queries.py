"""Every published example query says what it answers and answers it exactly, on two engines.

The answers in tests/answers were worked out from the text and from the page, not from the output. Their cells
are terms as the project's Turtle writes them.
"""

import re

import pytest
from pyoxigraph import Quad, Store

from examples import (
    ANSWERS,
    NAMES,
    WORDS,
    Example,
    answer,
    cells,
    dataset,
    declared,
    expected,
    second_answer,
    second_dataset,
    written,
)
from exoreview.release import structure
from exoreview.terms import BASE, PREFIXES
from triples import iri, short

# The classes of queries, as sparql-examples has them, and the properties that hold the text.
FORMS = {
    "sh:SPARQLSelectExecutable": "sh:select",
    "sh:SPARQLAskExecutable": "sh:ask",
    "sh:SPARQLConstructExecutable": "sh:construct",
    "spex:SPARQLDescribeExecutable": "spex:describe",
}

# A value that may be replaced: a comment names it, and the next line gives it its one value.
PARAMETER = re.compile(r"# Parameter \?(\w+): [^\n]+\.\n\s*VALUES \?\1 \{ \S+ \}\n")
SINGLE_VALUE = re.compile(r"VALUES \?(\w+) \{ \S+ \}")

# rdflib warns of names of its own that it uses.
WARNS_OF_ITSELF = pytest.mark.filterwarnings(
    r"ignore:Dataset\.(default_context|contexts) :DeprecationWarning"
)


@pytest.fixture(scope="module")
def store():
    return dataset()


@pytest.fixture(scope="module")
def second_engine(store):
    return second_dataset(store)


# --- The answers --------------------------------------------------------------------------------------------


def test_each_query_has_an_answer_and_each_answer_a_query():
    assert sorted(path.stem for path in ANSWERS.iterdir()) == sorted(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_answer(name, store):
    assert answer(store.query(Example(name).asking())) == expected(name)


@WARNS_OF_ITSELF
@pytest.mark.parametrize("name", NAMES)
def test_answer_of_a_second_engine(name, second_engine):
    assert second_answer(second_engine.query(Example(name).asking())) == expected(name)


def mesh(number):
    return f"<http://id.nlm.nih.gov/mesh/{number}>"


EXOSOME_CLAIMS = cells("claims-about-exosomes", "claim")
AUTHORS = cells("authors", "person")
AT_THE_COMMA = "claim:s01-c1 claim:s01-c4 claim:s01-c2"
CASCADES = (
    "claim:s04-c1 claim:s04-c2 claim:s04-c3 claim:s04-c4 claim:s04-c5 claim:s04-c6 claim:s04-c8 claim:s04-c9"
)
IMMUNE = "claim:s05-c7 claim:s05-c4"

# Other values for parameters: query, values, column, what stands in it.
ASKED_OTHERWISE = [
    ("claims-about-an-outside-term", {"term": "obo:GO_0070062"}, "claim", EXOSOME_CLAIMS),
    ("claims-about-an-outside-term", {"term": mesh("D055354")}, "claim", EXOSOME_CLAIMS),
    ("claims-about-an-outside-term", {"term": mesh("D063646")}, "claim", ["claim:s04-c1"]),
    ("claims-about-an-outside-term", {"term": "obo:CHEBI_18059"}, "claim", ["claim:s02-c3"]),
    ("claims-about-an-outside-term", {"term": "obo:NCIT_C15438"}, "claim", IMMUNE.split()),
    ("claims-about-an-outside-term", {"term": "obo:GO_0000178"}, "claim", []),
    ("contributions", {"subject": "exc:ExosomeStability"}, "object", ["exc:DiagnosticAgentDelivery"]),
    ("mechanisms", {"subject": "exc:Cell"}, "mechanismClaim", ["claim:s03-c3"] * 2),
    ("claims-about-exosomes", {"concept": "exc:TherapyResistance"}, "start", ["486", "1296"]),
    ("claims-touching-immunity", {"topic": "exc:Biomarker"}, "start", ["615", "659"]),
    ("claims-mentioning-a-therapy", {"topic": "exc:Chemotherapy"}, "start", ["486", "825"]),
    ("words-of-a-claim", {"claim": "claim:s05-c3"}, "words", ['"drug carriers"@en']),
    ("claims-in-a-range", {"from": "0", "to": "1"}, "claim", ["claim:s01-c1"]),
    ("claims-in-a-range", {"from": "41", "to": "47"}, "claim", []),
    ("claims-in-a-range", {"from": "40", "to": "48"}, "claim", AT_THE_COMMA.split()),
    ("outside-links-of-a-concept", {"concept": "exc:Exosome"}, "denied", ["false", "false", "true", "true"]),
    (
        "claim-for-an-aida-sentence",
        {"aida": "<http://purl.org/aida/Exosomes+are+stable.>"},
        "claim",
        ["claim:s06-c10"],
    ),
    (
        "claims-concerning-extracellular-vesicles",
        {"concept": "exc:SignallingCascade"},
        "claim",
        CASCADES.split(),
    ),
    ("who-claims-it", {"claim": "scope:r1"}, "person", AUTHORS),
    ("extracellular-vesicles-by-go", {"class": "obo:GO_0070062"}, "said", ['"asserted"@en', '"inferred"@en']),
]


@pytest.mark.parametrize(
    ("name", "values", "variable", "wanted"),
    ASKED_OTHERWISE,
    ids=["-".join([row[0], *row[1].values()]) for row in ASKED_OTHERWISE],
)
def test_parameters_can_be_replaced(name, values, variable, wanted, store):
    rows = store.query(Example(name).asking(**values))
    assert [written(row[variable]) for row in rows] == wanted


@pytest.mark.parametrize("claim", ["s01-c1", "s04-c6", "s11-c3"])
def test_the_nanopublication_is_that_of_the_claim(claim, store):
    [row] = store.query(Example("nanopublication-of-a-claim").asking(claim=f"claim:{claim}"))
    parts = [row[name] for name in ("head", "assertion", "provenance", "publicationInfo")]
    quads = [quad for part in parts for quad in store.quads_for_pattern(None, None, None, part)]
    assert structure.address(quads) == row["nanopublication"]
    assert structure.faults(quads) == []
    assert (
        Quad(iri(f"claim:{claim}"), iri("rdf:type"), iri("sp:SuperPatternInstance"), row["assertion"])
        in quads
    )


# How an answer changes with a fact (subject, predicate, object, graph): query, facts removed, facts added,
# how the lines begin that go, and those that come.
ROLE = "claim:s09-c1 exr:hasRoleStrength exr:important"
PROMOTES = "claim:s09-c2 rdf:type exc:TumourPromotionClaim graph:inferred"
EDGE = "claim:s01-c1#association rdf:predicate biolink:subclass_of graph:biolink"
LINK = "exc:PeptideStuddedExosome skos:closeMatch obo:GO_0070062"
REVIEWED = "review bibo:status <http://purl.org/ontology/bibo/status/peerReviewed>"
ALL_COVERED = "1810\t1567\t142\t101\t0"
CHANGED = [
    ("contributions", [ROLE], [], ["claim:s09-c1"], ["claim:s09-c1"]),
    ("grading-words", [ROLE], [], ["3\texr:important"], []),
    (
        "text-coverage",
        ["quote:480-486 rdf:type exr:Connective"],
        [],
        [ALL_COVERED],
        ["1810\t1567\t142\t95\t6"],
    ),
    (
        "text-coverage",
        ["claim:s01-c1 exr:hasQuote quote:0-41"],
        [],
        [ALL_COVERED],
        ["1810\t1526\t142\t101\t41"],
    ),
    ("is-peer-reviewed", [REVIEWED], [], ["true"], ["false"]),
    ("tumour-promotion-claims", [PROMOTES], [], ["claim:s09-c2"], []),
    ("tumour-promotion-claims", [], [PROMOTES.replace("s09-c2", "s10-c1")], [], ["claim:s10-c1"]),
    ("biolink-edges", [EDGE], [], ["claim:s01-c1"], []),
    ("concepts-without-outside-links", [], [LINK], ["exc:PeptideStuddedExosome"], []),
    ("explanations", [], ["claim:s06-c10 exr:explains claim:s06-c9"], [], ["claim:s06-c10"]),
    ("hedged-claims", ["claim:s02-c1 exr:hasAssertionMode exr:reportedConsensus"], [], ["claim:s02-c1"], []),
    ("hedged-claims", ["claim:s10-c3 exr:hasQualifier sp:canGenerallyQualifier"], [], ["claim:s10-c3"], []),
]


def quad(fact):
    subject, predicate, value, *graph = fact.split()
    return Quad(iri(subject), iri(predicate), iri(value), *map(iri, graph or []))


@pytest.mark.parametrize(
    ("name", "removed", "added", "before", "after"),
    CHANGED,
    ids=["-".join([row[0], *row[1], *row[2]]).replace(" ", "-") for row in CHANGED],
)
def test_a_changed_fact_changes_the_answer(name, removed, added, before, after, store):
    lines = answer(changed(store, removed, added).query(Example(name).asking()))
    gone = [line for line in expected(name) if line not in lines]
    come = [line for line in lines if line not in expected(name)]
    assert [line.startswith(start) for line, start in zip(gone, before, strict=True)] == [True] * len(before)
    assert [line.startswith(start) for line, start in zip(come, after, strict=True)] == [True] * len(after)


def test_a_sentence_without_a_statement_is_found(store):
    facts = ["quote:252-355 exr:inSentence sentence:s03", "quote:279-310 exr:inSentence sentence:s03"]
    lines = answer(changed(store, facts, []).query(Example("sentences-without-a-statement").asking()))
    assert [line.split("\t")[0] for line in lines] == ["?sentence", "sentence:s03"]


def changed(store, removed, added):
    """A copy of the dataset without some facts and with others."""
    copy = Store()
    copy.extend(store)
    for fact in removed:
        assert quad(fact) in copy, f"not in the data: {fact}"
        copy.remove(quad(fact))
    copy.extend(map(quad, added))
    return copy


# --- The descriptions ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_description(name):
    example = Example(name)
    assert example.iri == iri(f"query:{name}")
    assert example.facts.subjects == {example.iri}
    texts = {
        p: example.facts.objects(example.iri, p) for p in ("rdfs:label", "rdfs:comment", "schema:keywords")
    }
    assert all(text.language == "en" and text.value.strip() for held in texts.values() for text in held)
    assert len(texts["rdfs:label"]) == len(texts["rdfs:comment"]) == 1
    assert len(texts["schema:keywords"]) >= 2
    assert not example.title.endswith(".")
    assert example.facts.value(example.iri, "rdfs:comment").endswith(".")


@pytest.mark.parametrize("name", NAMES)
def test_form(name):
    example = Example(name)
    types = {short(kind) for kind in example.facts.objects(example.iri, "rdf:type")}
    [form] = types - {"sh:SPARQLExecutable"}
    assert FORMS[form] == example.property
    assert example.text.startswith(WORDS[example.property])
    assert example.facts.values(example.iri, "schema:target") == {f"{BASE}sparql"}
    assert example.facts.objects(example.iri, "sh:prefixes") == {iri("query:prefixes")}


@pytest.mark.parametrize("name", NAMES)
def test_text(name):
    text = Example(name).text
    assert text == text.strip()
    assert not re.search(r"\b(PREFIX|BASE|SERVICE|FROM)\b", text)
    assert "ORDER BY" in text or not text.startswith("SELECT") or len(expected(name)) == 2


@pytest.mark.parametrize("name", NAMES)
def test_what_is_inferred_says_so(name):
    example = Example(name)
    assert ("graph:inferred" in example.text) == example.title.endswith("(inferred)")


@pytest.mark.parametrize("name", NAMES)
def test_a_value_to_replace_is_a_parameter(name):
    text = Example(name).text
    assert SINGLE_VALUE.findall(text) == PARAMETER.findall(text)


def test_titles_differ():
    titles = [Example(name).title for name in NAMES]
    assert len(set(titles)) == len(titles)


def test_prefixes_are_ours_and_those_used():
    """Ours are there even if no query uses them: a value that someone puts in may."""
    wanted = {prefix for prefix, namespace in PREFIXES.items() if namespace.startswith(BASE)}
    for name in NAMES:
        bare = re.sub(r'<[^>\s]*>|"[^"]*"|#[^\n]*', "", Example(name).text)
        wanted |= set(re.findall(r"(?<![\w?$])([a-z][a-z0-9]*):", bare))
    assert declared() == {prefix: PREFIXES[prefix] for prefix in wanted}
