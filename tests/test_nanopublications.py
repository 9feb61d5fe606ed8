"""Each claim has one nanopublication: well-formed, true to the claim and its words, hashed as others do."""

import random
import re

import pytest
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, RdfFormat, Store, Triple, parse, serialize

from exoreview import files, graphs, nanopublications, trusty
from exoreview.terms import BASE, PREFIXES

PUBLISHED = re.compile(re.escape(BASE) + r"np/RA[A-Za-z0-9_-]{43}")

DECLARED = "".join(f"@prefix {prefix}: <{namespace}> .\n" for prefix, namespace in PREFIXES.items())
ASKED = "".join(f"PREFIX {prefix}: <{namespace}>\n" for prefix, namespace in PREFIXES.items())

RIGHTS = (
    "The abstract of the review and the quotations from it belong to the publisher of the review. They stand "
    "here as quotations, so that each claim can be compared with its words, and the licence does not cover "
    "them."
)

NOT_OURS = (
    "The claim is made by the source, and was read from its words. That it is published here does not say "
    "that it is true, nor that the publishers of this nanopublication hold it."
)

# A nanopublication written by hand, but for its address: a universal context, and a relation of ours.
BY_HAND = f"""
{DECLARED}
@prefix this: <ADDRESS> .
@prefix sub:  <ADDRESS#> .

sub:Head {{
    this: a np:Nanopublication ;
        np:hasAssertion sub:assertion ;
        np:hasProvenance sub:provenance ;
        np:hasPublicationInfo sub:pubinfo .
}}
sub:assertion {{
    claim:s01-c1
        a sp:SuperPatternInstance ;
        rdfs:label "Cancer is one of the most lethal diseases."@en ;
        sp:hasContextClass sp:UniversalContext ;
        sp:hasSubjectClass exc:Cancer ;
        sp:hasQualifier sp:generallyQualifier ;
        sp:hasRelation sp:isSameAs ;
        sp:hasObjectClass exc:HighlyLethalDisease .
}}
sub:provenance {{
    sub:assertion
        rdfs:comment "{NOT_OURS}"@en ;
        prov:hadPrimarySource <https://doi.org/10.1080/1061186X.2022.2114000> ;
        prov:wasDerivedFrom quote:0-41 ;
        prov:wasGeneratedBy <https://w3id.org/exoreview/dataset/step-reading> .
    claim:s01-c1
        exr:statedIn <https://w3id.org/exoreview/review> ;
        exr:hasQuote quote:0-41 ;
        exr:hasEvidenceType obo:ECO_0007320 ;
        exr:hasAssertionMode exr:asserted ;
        exr:verbatimPredicate "is one of"@en .
    quote:0-41
        exr:exact "Cancer is one of the most lethal diseases"@en ;
        exr:start 0 ;
        exr:end 41 ;
        prov:wasQuotedFrom review:abstract .
}}
sub:pubinfo {{
    this:
        rdfs:label "Cancer is one of the most lethal diseases."@en ;
        npx:introduces claim:s01-c1 ;
        npx:hasNanopubType sp:SuperPatternInstance ;
        dcterms:created "2026-11-23"^^xsd:date ;
        dcterms:creator <https://w3id.org/exoreview/dataset/developers> ;
        dcterms:license <https://creativecommons.org/licenses/by/4.0/> ;
        pav:version "{files.version()}" .
    sub:provenance dcterms:rights "{RIGHTS}"@en .
    <https://w3id.org/exoreview/dataset/developers> foaf:name "The exoreview developers"@en .
}}
"""


@pytest.fixture(scope="module")
def loaded():
    return graphs.load(names=[name for name in graphs.LOADED if name != "queries"])


@pytest.fixture(scope="module")
def assembled(loaded):
    return nanopublications.assemble(loaded)


@pytest.fixture(scope="module")
def index(assembled, loaded):
    return nanopublications.index(assembled, loaded)


@pytest.fixture(scope="module")
def every(assembled, index):
    return [*assembled.values(), index]


@pytest.fixture(scope="module")
def store(loaded, every):
    """What is asserted in the default graph, the nanopublications in their own."""
    store = Store()
    store.bulk_extend(Quad(*triple, DefaultGraph()) for triple in graphs.asserted(loaded))
    for quads in every:
        store.bulk_extend(quads)
    return store


def rows(store, text):
    return [tuple(value and value.value for value in row) for row in store.query(ASKED + text)]


def trig(quads):
    return serialize(quads, format=RdfFormat.TRIG).decode()


def test_each_claim_has_one(store, assembled):
    claims = {claim for (claim,) in rows(store, "SELECT ?claim { ?claim a exr:Claim }")}
    assert assembled.keys() == claims
    introduced = rows(store, "SELECT ?claim ?np { GRAPH ?g { ?np npx:introduces ?claim } }")
    assert sorted(introduced) == sorted(
        (claim, nanopublications.address(quads).value) for claim, quads in assembled.items()
    )
    assert len({address for _, address in introduced}) == len(claims)


def test_it_says_what_was_written_by_hand(assembled):
    quads = assembled[BASE + "claim/s01-c1"]
    address = nanopublications.address(quads).value
    by_hand = list(parse(BY_HAND.replace("ADDRESS", address), format=RdfFormat.TRIG))
    assert {str(quad) for quad in quads} == {str(quad) for quad in by_hand}
    assert trusty.verify(by_hand, address)


def test_all_are_well_formed_and_unchanged(every):
    assert [nanopublications.faults(quads) for quads in every] == [[]] * len(every)


def test_a_program_of_others_finds_all_of_them_valid(every):
    independent = pytest.importorskip("nanopub_sign", reason="is published for Python up to 3.12")
    for quads in every:
        independent.Nanopub(trig(quads)).check()
    with pytest.raises(Exception, match="hash of the nanopublication is different"):
        independent.Nanopub(trig(every[0]).replace("most lethal", "least lethal")).check()


def test_graphs_and_things_are_named_by_iris_of_the_nanopublication(every):
    for quads in every:
        address = nanopublications.address(quads).value
        assert PUBLISHED.fullmatch(address)
        names = {quad.graph_name.value for quad in quads}
        assert names == {f"{address}#{part}" for part in ("Head", "assertion", "provenance", "pubinfo")}
        assert not any("_:" in str(node) for quad in quads for node in quad if not isinstance(node, Literal))


SLOTS = {
    "sentence": ("rdfs:label", "rdfs:label"),
    "context": ("(exr:hasContext|sp:hasContextClass)", "sp:hasContextClass"),
    "subject": ("exr:hasSubject", "sp:hasSubjectClass"),
    "qualifier": ("exr:hasQualifier", "sp:hasQualifier"),
    "object": ("exr:hasObject", "sp:hasObjectClass"),
    "mechanism": ("exr:hasMechanism", "exr:hasMechanism"),
}


@pytest.mark.parametrize(("ours", "theirs"), SLOTS.values(), ids=SLOTS)
def test_an_assertion_has_the_slot_of_the_claim(store, ours, theirs):
    said = rows(store, f"SELECT ?claim ?value {{ ?claim a exr:Claim ; {ours} ?value }}")
    published = rows(
        store,
        f"""SELECT ?claim ?value {{
            GRAPH ?head {{ ?np np:hasAssertion ?assertion }}
            GRAPH ?assertion {{ ?claim a sp:SuperPatternInstance ; {theirs} ?value }}
        }}""",
    )
    assert said
    assert sorted(published) == sorted(said)


def test_the_relation_is_one_of_the_super_pattern(store):
    said = dict(rows(store, "SELECT ?claim ?value { ?claim a exr:Claim ; exr:hasRelation ?value }"))
    published = dict(rows(store, "SELECT ?claim ?value { GRAPH ?g { ?claim sp:hasRelation ?value } }"))
    coarse = {"isKindOf": "isSameAs", "isUsedAs": "isSameAs", "hasQuality": "includes"}
    ours = {PREFIXES["exr"] + fine: PREFIXES["sp"] + name for fine, name in coarse.items()}
    assert published == {claim: ours.get(relation, relation) for claim, relation in said.items()}
    assert set(ours) <= set(said.values())


def test_the_words_are_those_of_the_abstract(store):
    abstract = files.path("data/source/abstract.txt").read_text("utf-8")
    quoted = rows(
        store,
        """SELECT ?assertion ?words ?start ?end ?from ?source {
            GRAPH ?provenance {
                ?assertion prov:wasDerivedFrom ?quote ; prov:hadPrimarySource ?source .
                ?quote exr:exact ?words ; exr:start ?start ; exr:end ?end ; prov:wasQuotedFrom ?from
            }
        }""",
    )
    assert len(quoted) == len({assertion for assertion, *_ in quoted}) > 50
    for _, words, start, end, text, source in quoted:
        assert words == abstract[int(start) : int(end)]
        assert text == BASE + "review/abstract"
        assert source == "https://doi.org/10.1080/1061186X.2022.2114000"


def test_the_claim_stays_the_review_s(store, assembled):
    """Whose it is, on what evidence, in which mode; and nowhere a plain triple between concepts."""
    held = rows(
        store,
        """SELECT ?claim {
            GRAPH ?provenance {
                ?claim exr:statedIn <https://w3id.org/exoreview/review> ;
                    exr:hasEvidenceType obo:ECO_0007320 ;
                    exr:hasAssertionMode ?mode .
                ?assertion rdfs:comment ?whose
            }
        }""",
    )
    assert {claim for (claim,) in held} == assembled.keys()
    concepts = NamedNode(PREFIXES["exc"]).value
    bare = [quad for quads in assembled.values() for quad in quads if quad.subject.value.startswith(concepts)]
    assert not bare


def test_index_lists_each_in_its_place(assembled, index, loaded):
    address = nanopublications.address(index).value
    elements = {quad.object for quad in index if quad.predicate.value == PREFIXES["npx"] + "includesElement"}
    assert elements == {nanopublications.address(quads) for quads in assembled.values()}
    by_hand = f"""
        {DECLARED}
        @prefix this: <{address}> .
        @prefix sub:  <{address}#> .
        sub:Head {{
            this: a np:Nanopublication ; np:hasAssertion sub:assertion ; np:hasProvenance sub:provenance ;
                np:hasPublicationInfo sub:pubinfo .
        }}
        sub:assertion {{ this: npx:includesElement {" , ".join(map(str, elements))} }}
        sub:provenance {{ sub:assertion a npx:IndexAssertion }}
        sub:pubinfo {{
            this: a npx:NanopubIndex ;
                rdfs:label "exoreview: the claims of a review of exosomes in cancer"@en ;
                dcterms:created "2026-11-23"^^xsd:date ;
                dcterms:creator <https://w3id.org/exoreview/dataset/developers> ;
                dcterms:license <https://creativecommons.org/licenses/by/4.0/> ;
                pav:version "{files.version()}" .
            <https://w3id.org/exoreview/dataset/developers> foaf:name "The exoreview developers"@en .
        }}
    """
    assert {str(quad) for quad in index} == {str(quad) for quad in parse(by_hand, format=RdfFormat.TRIG)}


def test_order_of_what_was_loaded_is_indifferent(loaded, assembled, index):
    shuffled = {name: random.Random(7).sample(triples, len(triples)) for name, triples in loaded.items()}
    again = nanopublications.assemble(shuffled)
    assert list(again.items()) == list(assembled.items())
    assert nanopublications.index(again, shuffled) == index


def test_only_the_claim_that_changed_gets_another_address(loaded, assembled):
    changed = BASE + "claim/s01-c1"
    sentence = Literal("Cancer is one of the least lethal diseases.", language="en")
    claims = [
        Triple(triple.subject, triple.predicate, sentence)
        if triple.subject.value == changed and triple.predicate.value == PREFIXES["rdfs"] + "label"
        else triple
        for triple in loaded["claims"]
    ]
    again = nanopublications.assemble({**loaded, "claims": claims})
    assert {claim for claim in again if again[claim] != assembled[claim]} == {changed}


FORMATS = {"nq": RdfFormat.N_QUADS, "trig": RdfFormat.TRIG, "jsonld": RdfFormat.JSON_LD}


@pytest.mark.parametrize("format", FORMATS.values(), ids=FORMATS)
def test_every_format_carries_it_unchanged(every, format):
    for quads in every:
        read = list(parse(serialize(quads, format=format), format=format))
        assert trusty.verify(read, nanopublications.address(read).value)


def test_the_store_gives_it_back_unchanged(store, every):
    for quads in every:
        address = nanopublications.address(quads).value
        names = {quad.graph_name for quad in quads}
        kept = [quad for name in names for quad in store.quads_for_pattern(None, None, None, name)]
        assert trusty.verify(kept, address)


EXAMPLE = "https://example.org/np/"

WELL_FORMED = f"""
@prefix this: <{EXAMPLE}> .
@prefix sub:  <{EXAMPLE}#> .
@prefix ex:   <https://example.org/> .
@prefix np:   <{PREFIXES["np"]}> .

sub:Head {{
    this: a np:Nanopublication .
    this: np:hasAssertion sub:assertion .
    this: np:hasProvenance sub:provenance .
    this: np:hasPublicationInfo sub:pubinfo .
}}
sub:assertion {{ ex:exosome ex:carries ex:cargo . }}
sub:provenance {{ sub:assertion ex:from ex:review . }}
sub:pubinfo {{ this: ex:by ex:somebody . }}
"""

ONE_HEAD = "There must be exactly one head, a named graph that says what is a nanopublication."
ONE_OF_EACH = "The head must name one assertion, one provenance and one publication info."
UNCHANGED = "The content is not the one that the address names: something was changed."

# What is replaced before the address is made, and the one sentence that says so.
MALFORMED = {
    "no-head": ("a np:Nanopublication", "a np:Assertion", ONE_HEAD),
    "two-heads": ("ex:by ex:somebody", "ex:by ex:somebody ; a np:Nanopublication", ONE_HEAD),
    "no-assertion": ("this: np:hasAssertion sub:assertion .", "", ONE_OF_EACH),
    "two-provenances": ("this: np:hasProvenance", "this: np:hasProvenance sub:other , ", ONE_OF_EACH),
    "info-named-elsewhere": (
        "this: np:hasPublicationInfo sub:pubinfo .\n}",
        "}\nsub:assertion { this: np:hasPublicationInfo sub:pubinfo }",
        ONE_OF_EACH,
    ),
    "one-graph-twice": (
        "np:hasProvenance sub:provenance .",
        "np:hasProvenance sub:assertion .",
        "The four graphs must have four names.",
    ),
    "head-says-more": (
        "sub:Head {",
        "sub:Head { ex:exosome a ex:Vesicle .",
        "The head must hold nothing but its four triples.",
    ),
    "empty-assertion": ("ex:exosome ex:carries ex:cargo .", "", "No graph may be empty."),
    "fifth-graph": (
        "sub:pubinfo {",
        "ex:other { ex:a ex:b ex:c } sub:pubinfo {",
        "Every triple must stand in one of the four graphs.",
    ),
    "no-graph": (
        "sub:pubinfo {",
        "ex:a ex:b ex:c . sub:pubinfo {",
        "Every triple must stand in one of the four graphs.",
    ),
    "provenance-of-something-else": (
        "sub:assertion ex:from",
        "ex:something ex:from",
        "The provenance must speak of the assertion.",
    ),
    "info-on-something-else": (
        "this: ex:by",
        "ex:something ex:by",
        "The publication info must speak of the nanopublication.",
    ),
    "graph-named-by-others": (
        "sub:pubinfo",
        "ex:pubinfo",
        "The names of the graphs must begin with that of the nanopublication.",
    ),
}


def made(text):
    return trusty.make(parse(text, format=RdfFormat.TRIG), EXAMPLE)


def test_the_example_is_well_formed():
    assert nanopublications.faults(made(WELL_FORMED)) == []


@pytest.mark.parametrize(("before", "after", "sentence"), MALFORMED.values(), ids=MALFORMED)
def test_what_is_malformed_is_said(before, after, sentence):
    text = WELL_FORMED.replace(before, after)
    assert text != WELL_FORMED
    assert sentence in nanopublications.faults(made(text))


def test_a_head_without_a_name_is_no_head():
    quads = [Quad(*quad.triple, DefaultGraph()) for quad in made(WELL_FORMED)]
    assert nanopublications.faults(quads) == [ONE_HEAD]


CHANGED = {
    "word": ("lethal diseases", "harmless diseases"),
    "slot": ("concept/HighlyLethalDisease", "concept/Chemoresistance"),
    "number": ('"41"', '"42"'),
    "date": ("2026-11-23", "2026-11-24"),
    "licence": ("by/4.0", "by-nc/4.0"),
    "source": ("10.1080", "10.1081"),
}


@pytest.mark.parametrize(("before", "after"), CHANGED.values(), ids=CHANGED)
def test_a_changed_word_is_said(assembled, before, after):
    lines = serialize(assembled[BASE + "claim/s01-c1"], format=RdfFormat.N_QUADS).decode()
    assert before in lines
    quads = parse(lines.replace(before, after, 1), format=RdfFormat.N_QUADS)
    assert nanopublications.faults(quads) == [UNCHANGED]
