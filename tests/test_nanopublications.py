"""Each claim has one nanopublication: well-formed, true to the claim and its words, hashed as others do."""

import random
import re

import pytest
from pyoxigraph import (
    BlankNode,
    DefaultGraph,
    Literal,
    NamedNode,
    Quad,
    RdfFormat,
    Store,
    Triple,
    parse,
    serialize,
)

from exoreview import files
from exoreview.knowledge import graphs
from exoreview.problems import Refusal
from exoreview.release import Release, nanopublications, structure, trusty
from exoreview.terms import BASE, PREFIXES
from triples import iri

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

# Two claims as their nanopublications say them, written by hand: one in a universal context and by a relation
# of ours, one with mechanisms and a role. A row: the assertion, the reading, the quote, what the quote says.
SAID = {
    "claim:s01-c1": (
        """
        rdfs:label "Cancer is one of the most lethal diseases."@en ;
        sp:hasContextClass sp:UniversalContext ;
        sp:hasSubjectClass exc:Cancer ;
        sp:hasQualifier sp:generallyQualifier ;
        sp:hasRelation sp:isSameAs ;
        sp:hasObjectClass exc:HighlyLethalDisease .
        """,
        'exr:verbatimPredicate "is one of"@en .',
        "quote:0-41",
        'exr:exact "Cancer is one of the most lethal diseases"@en ; exr:start 0 ; exr:end 41 .',
    ),
    "claim:s04-c6": (
        """
        rdfs:label "Tumour-derived exosomes play an essential role in chemoresistance."@en ;
        sp:hasContextClass exc:Cancer ;
        sp:hasSubjectClass exc:TumourDerivedExosome ;
        sp:hasQualifier sp:generallyQualifier ;
        sp:hasRelation sp:contributesTo ;
        sp:hasObjectClass exc:Chemoresistance ;
        exr:hasMechanism exc:CargoTransfer , exc:AutocrineSignallingCascade , exc:ParacrineSignallingCascade .
        """,
        """
        exr:verbatimPredicate "play essential roles in"@en ;
        exr:hasRoleStrength exr:essential ;
        exr:addedByReading "That this holds in cancer is understood."@en .
        claim:s04-c6 exr:addedByReading
    "“Tumour-derived exosomes … play essential roles in” is carried over from the start of the sentence."@en.
        """,
        "quote:486-501",
        'exr:exact "chemoresistance"@en ; exr:start 486 ; exr:end 501 .',
    ),
}

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
sub:assertion {{ CLAIM a sp:SuperPatternInstance ; ASSERTION }}
sub:provenance {{
    sub:assertion
        rdfs:comment "{NOT_OURS}"@en ;
        prov:hadPrimarySource <https://doi.org/10.1080/1061186X.2022.2114000> ;
        prov:wasDerivedFrom QUOTE ;
        prov:wasGeneratedBy <https://w3id.org/exoreview/dataset/step-reading> .
    CLAIM
        exr:statedIn <https://w3id.org/exoreview/review> ;
        exr:hasQuote QUOTE ;
        exr:hasEvidenceType obo:ECO_0007320 ;
        exr:hasAssertionMode exr:asserted ;
        READING
    QUOTE prov:wasQuotedFrom review:abstract ; WORDS
}}
sub:pubinfo {{
    this:
        rdfs:label SENTENCE ;
        npx:introduces CLAIM ;
        npx:hasNanopubType sp:SuperPatternInstance ;
        dcterms:created "2026-11-23"^^xsd:date ;
        dcterms:creator <https://w3id.org/exoreview/dataset/developers> ;
        dcterms:license <https://creativecommons.org/licenses/by/4.0/> .
    sub:provenance dcterms:rights "{RIGHTS}"@en .
    <https://w3id.org/exoreview/dataset/developers> foaf:name "The exoreview developers"@en .
}}
"""


def by_hand(claim, address):
    """The quads of a nanopublication as written by hand, at an address."""
    assertion, reading, quote, words = SAID[claim]
    text = BY_HAND.replace("ASSERTION", assertion).replace("READING", reading).replace("WORDS", words)
    text = text.replace("SENTENCE", re.search('".+?"@en', assertion)[0])
    text = text.replace("QUOTE", quote).replace("CLAIM", claim).replace("ADDRESS", address)
    return list(parse(text, format=RdfFormat.TRIG))


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
        (claim, structure.address(quads).value) for claim, quads in assembled.items()
    )
    assert len({address for _, address in introduced}) == len(claims)


@pytest.mark.parametrize("claim", SAID)
def test_it_says_what_was_written_by_hand(assembled, claim):
    quads = assembled[iri(claim).value]
    address = structure.address(quads).value
    assert {str(quad) for quad in quads} == {str(quad) for quad in by_hand(claim, address)}
    assert trusty.verify(by_hand(claim, address), address)


@pytest.mark.parametrize("claim", SAID)
def test_a_program_of_others_finds_the_same_address_by_hand(assembled, claim):
    independent = pytest.importorskip("nanopub_sign", reason="is published for Python up to 3.12")
    address = structure.address(assembled[iri(claim).value]).value
    independent.Nanopub(trig(by_hand(claim, address))).check()


def test_all_are_well_formed_and_unchanged(every):
    assert [structure.faults(quads) for quads in every] == [[]] * len(every)


def test_a_program_of_others_finds_all_of_them_valid(every):
    independent = pytest.importorskip("nanopub_sign", reason="is published for Python up to 3.12")
    for quads in every:
        independent.Nanopub(trig(quads)).check()
    with pytest.raises(Exception, match="hash of the nanopublication is different"):
        independent.Nanopub(trig(every[0]).replace("most lethal", "least lethal")).check()


def test_graphs_and_things_are_named_by_iris_of_the_nanopublication(every):
    for quads in every:
        address = structure.address(quads).value
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


def test_an_address_stays_when_only_the_version_changes(loaded, assembled):
    version = NamedNode(PREFIXES["dcat"] + "version")
    later = [triple for triple in loaded["catalog"] if triple.predicate != version]
    assert nanopublications.assemble({**loaded, "catalog": later}) == assembled


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
    address = structure.address(index).value
    elements = {quad.object for quad in index if quad.predicate.value == PREFIXES["npx"] + "includesElement"}
    assert elements == {structure.address(quads) for quads in assembled.values()}
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


@pytest.fixture(scope="module")
def release():
    return Release.load()


DUMPS = {"nq": RdfFormat.N_QUADS, "trig": RdfFormat.TRIG, "jsonld": RdfFormat.JSON_LD}


@pytest.fixture(scope="module", params=["store", *DUMPS])
def held(request, release):
    """All quads as the endpoint holds them, or as a dump does."""
    if request.param == "store":
        store = Store()
        store.bulk_extend(release.quads())
        return list(store)
    name = f"exoreview-{release.version}.{request.param}"
    return list(parse(release.bytes(name), format=DUMPS[request.param]))


def test_endpoint_and_dumps_hold_all_of_them_unchanged(held, every):
    found = {}
    for quad in held:
        if address := PUBLISHED.match(getattr(quad.graph_name, "value", "")):
            found.setdefault(address[0], []).append(quad)
    assert found.keys() == {structure.address(quads).value for quads in every}
    assert [structure.faults(quads) for quads in found.values()] == [[]] * len(every)


def test_release_has_them_by_their_address(release, assembled, index):
    expected = [*assembled.values(), index]
    assert list(release.nanopublications.values()) == expected
    assert list(release.nanopublications) == [structure.address(quads).value for quads in expected]


def test_the_default_graph_knows_nothing_of_them(release):
    assert not any(nanopublications.NAMESPACE in str(triple) for triple in release.default_graph)
    assert not any(PREFIXES["np"] in str(triple) for triple in release.default_graph)


def test_the_catalog_counts_them(release):
    facts = [triple for triple in release.graphs["catalog"] if triple.subject.value == nanopublications.PART]
    [count] = [
        triple.object.value for triple in facts if triple.predicate.value == PREFIXES["void"] + "triples"
    ]
    assert int(count) == sum(map(len, release.nanopublications.values()))
    said = {triple.predicate.value for triple in facts}
    assert {PREFIXES["dcterms"] + name for name in ("title", "license", "isPartOf", "rights")} <= said


def test_a_claim_that_cannot_be_hashed_is_refused(loaded):
    mechanism = NamedNode(PREFIXES["exr"] + "hasMechanism")
    nameless = Triple(NamedNode(BASE + "claim/s01-c1"), mechanism, BlankNode("b"))
    with pytest.raises(Refusal, match="Only IRIs and literals can be hashed"):
        nanopublications.assemble({**loaded, "claims": [*loaded["claims"], nameless]})


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
    assert structure.faults(made(WELL_FORMED)) == []


@pytest.mark.parametrize(("before", "after", "sentence"), MALFORMED.values(), ids=MALFORMED)
def test_what_is_malformed_is_said(before, after, sentence):
    text = WELL_FORMED.replace(before, after)
    assert text != WELL_FORMED
    assert sentence in structure.faults(made(text))


def test_a_head_without_a_name_is_no_head():
    quads = [Quad(*quad.triple, DefaultGraph()) for quad in made(WELL_FORMED)]
    assert structure.faults(quads) == [ONE_HEAD]


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
    assert structure.faults(quads) == [UNCHANGED]
