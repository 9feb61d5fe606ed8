"""A trusty IRI names its quads to the letter: the hash is that of the specification, and any change shows."""

import hashlib
from base64 import urlsafe_b64encode

import pytest
from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, RdfFormat, parse, serialize

from exoreview.release import trusty

BASE = "https://example.org/np/"
STRING = "http://www.w3.org/2001/XMLSchema#string"
INTEGER = "http://www.w3.org/2001/XMLSchema#integer"

# A published example of the specification has the same form: base, code, suffix.
SOMEBODY = "https://example.org/np/RAcbjcRIQozo2wBMq4WcCYkFAjRz0AX-Ux3PquZZrC68s"

# Each text has a property of its own: the program of others that checks this, nanopub-sign 0.2.0, sorts the
# texts of one property by how N-Triples writes them. What the specification says is worked out below.
NANOPUBLICATION = r"""
@prefix this: <https://example.org/np/> .
@prefix sub:  <https://example.org/np/#> .
@prefix ex:   <https://example.org/> .
@prefix np:   <http://www.nanopub.org/nschema#> .

sub:Head {
    this: a np:Nanopublication ; np:hasAssertion sub:assertion ; np:hasProvenance sub:provenance ;
        np:hasPublicationInfo sub:pubinfo .
}
sub:assertion {
    ex:claim ex:german "zuerst"@de ; ex:british "in English"@en-GB ; ex:plain "plain" ; ex:number 7 ;
        ex:escaped "Ende\\\n\"so\""@de ; ex:controls "tab\tand return\r" ; ex:beyond "the plane 😀" ;
        ex:nothing "" ; ex:things ex:thing , this: , ex:another .
}
sub:provenance {
    sub:assertion ex:from <https://example.org/np/RAcbjcRIQozo2wBMq4WcCYkFAjRz0AX-Ux3PquZZrC68s> .
}
sub:pubinfo { this: ex:made "2026-11-23"^^<http://www.w3.org/2001/XMLSchema#date> }
"""


def quads_of(trig):
    return list(parse(trig, format=RdfFormat.TRIG))


def code_of(text):
    """The artifact code of what enters the hash, as the specification defines it."""
    return "RA" + urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode()[:43]


def expected(*lines):
    return code_of("".join(line + "\n" for line in lines))


# What enters the hash, written out by hand: graph, subject, predicate and object, each with its newline.
WORKED_OUT = {
    "self-reference": (
        "<{B}#g> { <{B}> <{B}#p> <{B}#part> }",
        ("{B} #g", "{B} ", "{B} #p", "{B} #part"),
    ),
    "address-of-another-is-no-part": (
        f"<{{B}}#g> {{ <{{B}}> <https://e/p> <{SOMEBODY}> }}",
        ("{B} #g", "{B} ", "https://e/p", SOMEBODY),
    ),
    "default-graph": (
        "<https://e/s> <https://e/p> <https://e/o> .",
        ("", "https://e/s", "https://e/p", "https://e/o"),
    ),
    "text-without-datatype": (
        '<https://e/s> <https://e/p> "x" .',
        ("", "https://e/s", "https://e/p", f"^{STRING} x"),
    ),
    "number-keeps-its-form": (
        f'<https://e/s> <https://e/p> "007"^^<{INTEGER}> .',
        ("", "https://e/s", "https://e/p", f"^{INTEGER} 007"),
    ),
    "language-in-lower-case": (
        '<https://e/s> <https://e/p> "x"@en-GB .',
        ("", "https://e/s", "https://e/p", "@en-gb x"),
    ),
    "escapes": (
        r'<https://e/s> <https://e/p> "a\\n\nb\r\t\"" .',
        ("", "https://e/s", "https://e/p", f'^{STRING} a\\\\n\\nb\r\t"'),
    ),
    "base-in-a-text-stays": (
        '<https://e/s> <https://e/p> "{B}" .',
        ("", "https://e/s", "https://e/p", f"^{STRING} {{B}}"),
    ),
    "order-graph-subject-predicate": (
        "<https://e/s2> <https://e/p1> <https://e/o> ."
        "<https://e/s1> <https://e/p2> <https://e/o> , <https://e/n> ."
        "<https://e/g> { <https://e/a> <https://e/a> <https://e/a> }",
        (
            *("", "https://e/s1", "https://e/p2", "https://e/n"),
            *("", "https://e/s1", "https://e/p2", "https://e/o"),
            *("", "https://e/s2", "https://e/p1", "https://e/o"),
            *("https://e/g", "https://e/a", "https://e/a", "https://e/a"),
        ),
    ),
    "order-iri-then-text-language-then-datatype": (
        f'<https://e/s> <https://e/p> "x" , "x"@en , "x"^^<{INTEGER}> , "w" , <https://e/z> , "x"@de .',
        (
            *("", "https://e/s", "https://e/p", "https://e/z"),
            *("", "https://e/s", "https://e/p", f"^{STRING} w"),
            *("", "https://e/s", "https://e/p", "@de x"),
            *("", "https://e/s", "https://e/p", "@en x"),
            *("", "https://e/s", "https://e/p", f"^{INTEGER} x"),
            *("", "https://e/s", "https://e/p", f"^{STRING} x"),
        ),
    ),
    "order-language-before-any-datatype": (
        '<https://e/s> <https://e/p> "x"@en , "x"^^<http://a/b> .',
        (
            *("", "https://e/s", "https://e/p", "@en x"),
            *("", "https://e/s", "https://e/p", "^http://a/b x"),
        ),
    ),
    "order-by-characters-not-by-utf-16": (
        '<https://e/s> <https://e/p> "\\U0001F600" , "\\uFF5E" .',
        (
            *("", "https://e/s", "https://e/p", f"^{STRING} \uff5e"),
            *("", "https://e/s", "https://e/p", f"^{STRING} \U0001f600"),
        ),
    ),
    "order-by-the-text-before-it-is-escaped": (
        r'<https://e/s> <https://e/p> "a\n" , "aB" .',
        (
            *("", "https://e/s", "https://e/p", f"^{STRING} a\\n"),
            *("", "https://e/s", "https://e/p", f"^{STRING} aB"),
        ),
    ),
    "nothing": ("", ()),
}


@pytest.mark.parametrize(("trig", "lines"), WORKED_OUT.values(), ids=WORKED_OUT)
def test_code_is_the_hash_of_what_the_specification_says(trig, lines):
    quads = quads_of(trig.replace("{B}", BASE))
    code = expected(*(line.replace("{B}", BASE) for line in lines))
    assert trusty.artifact_code(quads, BASE) == code
    assert trusty.verify(trusty.make(quads, BASE), BASE + code)


def test_a_quad_twice_counts_once():
    quads = quads_of(NANOPUBLICATION)
    assert trusty.artifact_code(quads + quads[:3], BASE) == trusty.artifact_code(quads, BASE)


def test_order_of_the_quads_is_indifferent():
    quads = quads_of(NANOPUBLICATION)
    assert trusty.artifact_code(reversed(quads), BASE) == trusty.artifact_code(quads, BASE)


def test_the_code_stands_in_the_whole_and_in_its_parts_alone():
    quads = quads_of(NANOPUBLICATION)
    code = trusty.artifact_code(quads, BASE)
    made = serialize(trusty.make(quads, BASE), format=RdfFormat.N_QUADS).decode()
    given = serialize(quads, format=RdfFormat.N_QUADS).decode()
    assert made == given.replace(f"<{BASE}>", f"<{BASE}{code}>").replace(f"<{BASE}#", f"<{BASE}{code}#")
    assert f"<{SOMEBODY}>" in made


def test_a_program_of_others_finds_it_valid():
    independent = pytest.importorskip("nanopub_sign", reason="is published for Python up to 3.12")
    made = serialize(trusty.make(quads_of(NANOPUBLICATION), BASE), format=RdfFormat.TRIG).decode()
    independent.Nanopub(made).check()
    with pytest.raises(Exception, match="hash of the nanopublication is different"):
        independent.Nanopub(made.replace("zuerst", "zuers")).check()


OTHER = Quad(
    NamedNode("https://example.org/claim"),
    NamedNode("https://example.org/says"),
    Literal("more"),
    NamedNode("https://example.org/np/#assertion"),
)


def changed(quad, **parts):
    return Quad(
        parts.get("subject", quad.subject),
        parts.get("predicate", quad.predicate),
        parts.get("object", quad.object),
        parts.get("graph", quad.graph_name),
    )


TAMPERED = {
    "one-letter": lambda quads, text: [changed(text, object=Literal("zuersT", language="de")), *quads],
    "other-language": lambda quads, text: [changed(text, object=Literal("zuerst", language="nl")), *quads],
    "no-language": lambda quads, text: [changed(text, object=Literal("zuerst")), *quads],
    "blank-at-the-end": lambda quads, text: [changed(text, object=Literal("zuerst ", language="de")), *quads],
    "one-triple-more": lambda quads, text: [*quads, text, OTHER],
    "one-triple-less": lambda quads, text: quads,
    "in-another-graph": lambda quads, text: [changed(text, graph=NamedNode(BASE + "#other")), *quads],
    "in-no-graph": lambda quads, text: [changed(text, graph=DefaultGraph()), *quads],
    "other-subject": lambda quads, text: [changed(text, subject=NamedNode("https://example.org/x")), *quads],
    "other-predicate": lambda quads, text: [changed(text, predicate=NamedNode("https://e.org/x")), *quads],
    "text-for-iri": lambda quads, text: [changed(text, object=NamedNode("https://e.org/x")), *quads],
    "blank-node-more": lambda quads, text: [*quads, text, changed(text, object=BlankNode("b"))],
}


@pytest.mark.parametrize("tamper", TAMPERED.values(), ids=TAMPERED)
def test_what_was_changed_is_found(tamper):
    quads = trusty.make(quads_of(NANOPUBLICATION), BASE)
    iri = BASE + trusty.artifact_code(quads_of(NANOPUBLICATION), BASE)
    assert trusty.verify(quads, iri)
    text = next(quad for quad in quads if quad.object == Literal("zuerst", language="de"))
    rest = [quad for quad in quads if quad != text]
    assert not trusty.verify(tamper(rest, text), iri)


ADDRESSES = {
    "one-letter-of-the-hash": lambda iri: iri[:-1] + ("A" if iri[-1] != "A" else "E"),
    "no-code": lambda iri: iri[:-45],
    "code-too-short": lambda iri: iri[:-1],
    "code-too-long": lambda iri: iri + "A",
    "code-in-a-longer-word": lambda iri: iri[:-45] + "x" + iri[-45:],
    "other-module": lambda iri: iri[:-45] + "FA" + iri[-43:],
    "a-part": lambda iri: iri + "#assertion",
    "nothing": lambda iri: "",
}


@pytest.mark.parametrize("change", ADDRESSES.values(), ids=ADDRESSES)
def test_another_address_does_not_name_it(change):
    quads = trusty.make(quads_of(NANOPUBLICATION), BASE)
    iri = BASE + trusty.artifact_code(quads_of(NANOPUBLICATION), BASE)
    assert not trusty.verify(quads, change(iri))


@pytest.mark.parametrize("base", ["", "https://example.org/np", "https://example.org/np_", "https://e.org/-"])
def test_a_base_into_which_the_code_would_run_is_refused(base):
    with pytest.raises(ValueError, match="must end in a character"):
        trusty.make([OTHER], base)


@pytest.mark.parametrize(
    "quad",
    [
        pytest.param(changed(OTHER, subject=BlankNode("b")), id="subject"),
        pytest.param(changed(OTHER, object=BlankNode("b")), id="object"),
        pytest.param(changed(OTHER, graph=BlankNode("b")), id="graph"),
    ],
)
def test_a_blank_node_is_refused(quad):
    with pytest.raises(ValueError, match="Only IRIs and literals"):
        trusty.make([quad], BASE)
