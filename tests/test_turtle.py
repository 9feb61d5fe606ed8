"""Every Turtle file has one layout: the same text for the same graph, and nothing is lost."""

import os
import subprocess
import sys
from itertools import chain, pairwise
from random import Random

import pyoxigraph as ox
import pytest

from exoreview import files, turtle
from exoreview.problems import Refusal
from exoreview.terms import PREFIXES
from exoreview.turtle.layout import WIDTH, rule
from exoreview.turtle.ordering import natural

HEAD = """
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix prov: <http://www.w3.org/ns/prov#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix exr: <https://w3id.org/exoreview/ontology#> .
@prefix exc: <https://w3id.org/exoreview/concept/> .
@prefix quote: <https://w3id.org/exoreview/quote/> .
@prefix claim: <https://w3id.org/exoreview/claim/> .
@prefix sentence: <https://w3id.org/exoreview/sentence/> .
@prefix : <urn:x:> .
"""

NASTY = {
    "empty": "",
    "quotes-of-all-kinds": r""":s :p "a\"b", 'c"d', '''e"'f''', '''g
h''', "i'j".""",
    "long-text-with-quotes": '''
:s :p """one "two" \\"""three\\""" \\\\ end
"q\\"""" .''',
    "text-that-ends-with-backslash": r''':s :p "end\\", """two
lines\\""" .''',
    "control-characters": r''':s :p "\u0000\u0001\t\b\n\r\f\u007F", "\u0085\u2028\uFEFF", """x\u0002
y\r""" .''',
    "unicode": ':s :p "Sillanpää “quoted” — 🧬 \U0001f9ec"@fi ; :Größe "x" ; <urn:x:ü> <urn:x:名> .',
    "unicode-escapes": r""":s :p "\u00e4\U0001F9EC" ; <urn:x:\u00e4> :o .""",
    "hash-in-text-and-iri": ':s :p "# no comment", <urn:x#y> .',
    "languages": ':s :p "a", "a"@en, "a"@en-GB, "b"@de, "a"^^xsd:token .',
    "numbers": ":s :p 1, 01, -5, +5, 1.0, 1.50, -0.5, .5, 1e3, true, false .",
    "literals-without-short-form": ':s :p "yes"^^xsd:boolean, "1.0"^^xsd:integer, ""^^xsd:decimal .',
    "statement-ends-touch": ":a :p <urn:x:b>.:c :p 5 .:d :p true.<urn:x:e> :p 'x'@en.:f :p 4.5 .",
    "local-names": r":a-1 :p :486-501, :a.b.c, :, :a\,b, :a%20b, :a:b, :1, :_x .",
    "no-local-names": "<urn:x:-x> <urn:x:.x> <urn:x:x.> , <urn:x:a/b> , <urn:x:> , <urn:x:a?b> .",
    "nested-nodes": ":a :p [ :q [ :r [ :s 1 ] , [ :s 2 ] ] ] , [] , [ ] .",
    "twins": ":a :p [ :q 1 ] , [ :q 1 ] , [] , [] .",
    "nested-lists": ":a :p ( 1 ( 2 ( ) ) [ :q ( [ :r () ] ) ] ) , () .",
    "list-as-subject": "( 1 2 ) :p 3 . ( ) :p 4 . [ :p 5 ] :q 6 . [ :p 7 ] .",
    "broken-lists": """:a :p [ rdf:first 1 ] , [ rdf:rest () ] , [ rdf:first 1 , 2 ; rdf:rest () ] ,
        [ a rdf:List ; rdf:first 1 ; rdf:rest () ] , [ rdf:first 1 ; rdf:rest _:shared ] .
        _:shared rdf:first 2 ; rdf:rest () . :b :p _:shared .""",
    "cyclic-list": "_:a rdf:first 1 ; rdf:rest _:b . _:b rdf:first 2 ; rdf:rest _:a . :a :p _:a .",
    "shared-node": ":a :p _:x . :b :p _:x . _:x :q [ :r _:x ] .",
    "labelled-used-once": "_:x :q 1 . :a :p _:x .",
    "cycle": "_:x :p _:y . _:y :p _:z . _:z :p _:x . _:own :p _:own .",
    "two-equal-cycles": "_:x :p _:y . _:y :p _:x . _:u :p _:v . _:v :p _:u .",
    "deep": ":a :p " + "[ :p " * 90 + "1" + " ]" * 90 + " .",
    "wide": ":a :p " + " , ".join(f'"{number:030}"' for number in range(40)) + " .",
    "subject-twice": ":a :p 1 . :b :p 1 . :a :p 2 ; :q 1 .",
    "directives-anywhere": "@prefix e: <urn:one:> . e:a :p e:b . PREFIX e: <urn:two:> e:a :p e:b .\n"
    "@base <http://example.org/x/> . <y> :p <../z> , <#f> . BASE <http://example.org/> <y> :p <> .",
    "nil": ":a :p rdf:nil . rdf:nil :p :a ; a rdf:List .",
    "restriction": """exc:TumourDerivedExosome owl:equivalentClass [ a owl:Class ;
        owl:intersectionOf ( exc:Exosome [ a owl:Restriction ; owl:someValuesFrom exc:TumourCell ;
          owl:onProperty <http://purl.obolibrary.org/obo/RO_0003001> ] ) ] .""",
}


def canonical(triples):
    """What two graphs share exactly when they are isomorphic."""
    dataset = ox.Dataset(ox.Quad(*triple) for triple in triples)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return set(dataset)


@pytest.fixture(params=NASTY.values(), ids=NASTY)
def nasty(request):
    return HEAD + request.param


def test_writing_loses_nothing(nasty):
    triples = turtle.parse(nasty)
    assert canonical(turtle.parse(turtle.write(triples))) == canonical(triples)


def test_writing_again_gives_the_same_text(nasty):
    """Blank nodes have other labels at each parse, so this also says that none reaches the text."""
    once = turtle.write(turtle.parse(nasty))
    assert turtle.write(reversed(turtle.parse(nasty))) == once
    assert turtle.write(turtle.parse(once)) == once


def test_formatting_loses_nothing_and_settles_at_once(nasty):
    for name in ("ontology/x.ttl", "data/x.ttl"):
        once = turtle.format_document(nasty, name)
        assert canonical(turtle.parse(once)) == canonical(turtle.parse(nasty))
        assert turtle.format_document(once, name) == once


@pytest.mark.parametrize("seed", range(150))
def test_random_graphs_are_written_alike_whatever_their_labels_and_order(seed):
    random = Random(seed)
    triples = random_graph(random)
    text = turtle.write(triples)
    assert canonical(turtle.parse(text)) == canonical(triples)
    again = turtle.parse(ox.serialize(triples, format=ox.RdfFormat.TURTLE))
    random.shuffle(again)
    assert turtle.write(again) == text
    settled = turtle.format_document(text, "data/x.ttl")
    assert canonical(turtle.parse(settled)) == canonical(triples)
    assert turtle.format_document(settled, "data/x.ttl") == settled


def random_graph(random):
    """A dozen triples over few nodes, so that cycles, shared nodes and broken lists are common."""
    names = [*(f"urn:x:{letter}" for letter in "pqr"), *(PREFIXES["rdf"] + name for name in LIST)]
    nodes = [*map(ox.NamedNode, names[:3]), ox.NamedNode(PREFIXES["rdf"] + "nil")]
    nodes += [ox.BlankNode(f"b{number}") for number in range(random.randint(1, 5))]

    def value():
        text = "".join(random.choices("ab\"'\\\n\r\t#.;,[]()<>@^_: é🧬\x00\x7f\u2028", k=random.randrange(8)))
        return random.choice([ox.Literal(text), ox.Literal(text, language="en"), *nodes, *nodes])

    return [
        ox.Triple(random.choice(nodes), ox.NamedNode(random.choice(names)), value())
        for _ in range(random.randrange(12))
    ]


LIST = ("first", "rest", "type")


def test_trig_loses_nothing(nasty):
    triples = turtle.parse(nasty)
    graphs = {None: triples[:2], "https://w3id.org/exoreview/graph/claims": triples, "urn:x:empty": []}
    text = turtle.write_trig(graphs, header=["A dump"])
    given = [
        ox.Quad(*triple, ox.NamedNode(name) if name else ox.DefaultGraph())
        for name, triples in graphs.items()
        for triple in triples
    ]
    read = list(ox.parse(text, format=ox.RdfFormat.TRIG))
    assert canonical_quads(read) == canonical_quads(given)
    again = {name: [] for name in graphs}
    for quad in ox.parse(text, format=ox.RdfFormat.TRIG, rename_blank_nodes=True):
        again[getattr(quad.graph_name, "value", None)].append(quad.triple)
    assert turtle.write_trig(again, header=["A dump"]) == text


def canonical_quads(quads):
    dataset = ox.Dataset(quads)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return set(dataset)


def test_text_is_the_same_in_every_process():
    """Hash seeds order sets differently; no order may depend on one."""
    script = "import sys; from exoreview.turtle import *; sys.stdout.write(write(parse(sys.stdin.read())))"
    text = HEAD + NASTY["two-equal-cycles"] + NASTY["numbers"] + NASTY["shared-node"].replace(":a", ":k")
    written = {
        subprocess.run(
            [sys.executable, "-c", script],
            input=text,
            capture_output=True,
            text=True,
            check=True,
            env=os.environ | {"PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert written == {turtle.write(turtle.parse(text))}


LAYOUT = [
    pytest.param(
        'quote:486-501 exr:inSentence sentence:s04; exr:exact "chemoresistance"@en; a exr:Quote;'
        "exr:start '486'^^xsd:nonNegativeInteger.",
        """quote:486-501
    a exr:Quote ;
    exr:exact "chemoresistance"@en ;
    exr:start "486"^^xsd:nonNegativeInteger ;
    exr:inSentence sentence:s04 .""",
        id="a-quote",
    ),
    pytest.param(
        """exc:A rdfs:isDefinedBy exc: ; dcterms:created "2026-11-23"^^xsd:date ; skos:scopeNote "n"@en ;
        :fact 1 ; skos:broader exc:B ; rdfs:subClassOf exc:B ; skos:definition "d"@en ; rdfs:domain exc:D ;
        skos:altLabel "x"@en ; rdfs:label "l"@en ; owl:disjointWith exc:C ; a owl:Class , exr:Thing ;
        prov:wasDerivedFrom exc:E ; exr:verbatimPredicate "v"@en ; exr:hasSubject exc:S ;
        exr:hasContext exc:X .""",
        """exc:A
    a owl:Class , exr:Thing ;
    rdfs:label "l"@en ;
    skos:altLabel "x"@en ;
    skos:definition "d"@en ;
    rdfs:subClassOf exc:B ;
    owl:disjointWith exc:C ;
    rdfs:domain exc:D ;
    skos:broader exc:B ;
    exr:hasContext exc:X ;
    exr:hasSubject exc:S ;
    exr:verbatimPredicate "v"@en ;
    <urn:x:fact> 1 ;
    skos:scopeNote "n"@en ;
    prov:wasDerivedFrom exc:E ;
    dcterms:created "2026-11-23"^^xsd:date ;
    rdfs:isDefinedBy <https://w3id.org/exoreview/concept/> .""",
        id="order-of-predicates",
    ),
    pytest.param(
        "claim:s10-c1 a :T. claim:s04-c10 a :T. claim:s04-c2 a :T. quote:486-501 a :T. quote:41-47 a :T. "
        "<urn:a> a :T. [] a :T.",
        "\n\n".join(
            f"{subject}\n    a <urn:x:T> ."
            for subject in (
                *("claim:s04-c2", "claim:s04-c10", "claim:s10-c1", "quote:41-47", "quote:486-501"),
                *("<urn:a>", "[]"),
            )
        ),
        id="order-of-subjects",
    ),
    pytest.param(
        NASTY["restriction"],
        """exc:TumourDerivedExosome
    owl:equivalentClass [
        a owl:Class ;
        owl:intersectionOf (
            exc:Exosome
            [ a owl:Restriction ; owl:onProperty obo:RO_0003001 ; owl:someValuesFrom exc:TumourCell ]
        )
    ] .""",
        id="a-restriction",
    ),
    pytest.param(
        """exr:S a sh:NodeShape ; sh:property [ sh:minCount 1 ; sh:message "A claim has one subject."@en ;
        sh:path exr:hasSubject ] , [ sh:path exr:hasObject ; sh:maxCount 1 ] ; sh:targetClass exr:Claim .""",
        """exr:S
    a sh:NodeShape ;
    sh:targetClass exr:Claim ;
    sh:property
        [ sh:path exr:hasObject ; sh:maxCount 1 ] ,
        [ sh:path exr:hasSubject ; sh:message "A claim has one subject."@en ; sh:minCount 1 ] .""",
        id="a-shape",
    ),
    pytest.param(
        'exr:Q sh:select "SELECT ?x\\nWHERE {\\n    ?x a \\"y\\" .\\t\\n}" ; rdfs:label "q"@en.',
        '''exr:Q
    rdfs:label "q"@en ;
    sh:select """SELECT ?x
WHERE {
    ?x a "y" .\t
}""" .''',
        id="a-query",
    ),
    pytest.param(
        "exr:a owl:members (exr:b exr:c) , () ; exr:n 1, 2.5, true, '1.50'^^xsd:decimal, 10, 9 .",
        """exr:a
    owl:members () , ( exr:b exr:c ) ;
    exr:n 1 , "1.50"^^xsd:decimal , 2.5 , 9 , 10 , true .""",
        id="lists-and-numbers",
    ),
]


@pytest.mark.parametrize(("given", "expected"), LAYOUT)
def test_layout(given, expected):
    text = turtle.write(turtle.parse(HEAD + given))
    assert text.partition("\n\n")[2] == expected + "\n"


def test_prefixes_are_aligned_in_the_order_of_the_table_and_all_used():
    text = turtle.write(turtle.parse(HEAD + 'exr:a a owl:Class ; sh:x "1"^^xsd:byte ; dcterms:y exc:Z .'))
    assert text.startswith(
        "@prefix owl:     <http://www.w3.org/2002/07/owl#> .\n"
        "@prefix xsd:     <http://www.w3.org/2001/XMLSchema#> .\n"
        "@prefix dcterms: <http://purl.org/dc/terms/> .\n"
        "@prefix sh:      <http://www.w3.org/ns/shacl#> .\n"
        "@prefix exr:     <https://w3id.org/exoreview/ontology#> .\n"
        "@prefix exc:     <https://w3id.org/exoreview/concept/> .\n\nexr:a\n"
    )


def test_header_and_sections_are_written():
    triples = turtle.parse(HEAD + "exr:a exr:p 1 . exr:b exr:p 1 . exr:c exr:p 1 .")
    b, c = (ox.NamedNode(PREFIXES["exr"] + name) for name in "bc")
    text = turtle.write(
        triples, header=["What it holds.", "", "More."], sections=[("One", [c]), ("Two", [b])]
    )
    assert text == (
        "# What it holds.\n#\n# More.\n\n@prefix exr: <https://w3id.org/exoreview/ontology#> .\n\n"
        f"{rule('One')}\n\nexr:c\n    exr:p 1 .\n\n"
        f"{rule('Two')}\n\nexr:b\n    exr:p 1 .\n\nexr:a\n    exr:p 1 .\n"
    )
    assert len(rule("One")) == WIDTH == 110


def test_nothing_gives_an_empty_document():
    assert turtle.write([]) == "\n"
    assert turtle.write([], header=["Nothing yet."]) == "# Nothing yet.\n"


def test_the_tree_of_labels_is_stable():
    """A node that cannot be nested has the label that RDFC-1.0 gives it."""
    text = turtle.write(turtle.parse(HEAD + "exr:a exr:p _:x . exr:b exr:p _:x . _:x exr:q 1 ."))
    assert "_:c14n0\n    exr:q 1 ." in text


DOCUMENT = (
    """# What the file holds,
# in two lines.

# And a second paragraph.
@prefix o: <http://www.w3.org/2002/07/owl#> .
@prefix claim: <https://w3id.org/exoreview/claim/> .
@prefix own: <urn:own:> .

# ===== First =====
# An introduction.

# About ten.
claim:s01-c10 own:p "# not a comment" ; a o:Thing .
claim:s01-c2 own:p '''two
lines''' .
#--------- Second ---------#
[ a o:AllDisjointClasses ; o:members ( claim:s01-c2 ) ] .
claim:s02-c1 own:p 1 . claim:s01-c2 own:p 2 .
# ----- Empty -----
# Nothing yet.
""".replace("---------#", "---------"),
    f"""# What the file holds,
# in two lines.
#
# And a second paragraph.

@prefix owl:   <http://www.w3.org/2002/07/owl#> .
@prefix claim: <https://w3id.org/exoreview/claim/> .
@prefix own:   <urn:own:> .

{rule("First")}
# An introduction.

# About ten.
claim:s01-c10
    a owl:Thing ;
    own:p "# not a comment" .

claim:s01-c2
    own:p
        2 ,
        \"\"\"two
lines\"\"\" .

{rule("Second")}

[]
    a owl:AllDisjointClasses ;
    owl:members ( claim:s01-c2 ) .

claim:s02-c1
    own:p 1 .

{rule("Empty")}
# Nothing yet.
""",
)


def test_a_document_keeps_header_sections_comments_and_order():
    given, expected = DOCUMENT
    assert turtle.format_document(given, "ontology/x.ttl") == expected
    assert turtle.format_document(expected, "ontology/x.ttl") == expected


def test_in_data_the_subjects_of_a_section_are_sorted_with_their_comments():
    text = turtle.format_document(DOCUMENT[0], "data/x.ttl")
    assert text.index("claim:s01-c2\n") < text.index("# About ten.\nclaim:s01-c10\n") < text.index("Second")
    assert text.index("claim:s02-c1\n") < text.index("[]\n") < text.index("Empty")


STRAY = {
    "inside-a-block": ("exr:a exr:p 1 ;\n  # why\n  exr:q 2 .", 2),
    "after-a-statement": ("exr:a exr:p 1 . # why\nexr:b exr:p 1 .", 1),
    "at-the-end": ("exr:a exr:p 1 .\n\n# why", 3),
    "before-a-later-title": ("exr:a exr:p 1 .\n# why\n\n# --- Title ---\n", 2),
    "among-prefixes": ("# why\n@prefix z: <urn:z:> .", 1),
    "after-a-prefix": ("@prefix z: <urn:z:> . # why", 1),
    "before-a-node-that-is-nested": ("exr:a exr:p _:x .\n# why\n_:x exr:p 1 .", 3),
}


@pytest.mark.parametrize(("given", "line"), STRAY.values(), ids=STRAY)
def test_a_comment_without_a_place_is_refused_with_its_line(given, line):
    with pytest.raises(turtle.TurtleError, match="“why” would be lost") as error:
        turtle.format_document(HEAD.strip() + "\n" + given, "data/x.ttl")
    assert error.value.line == HEAD.strip().count("\n") + 1 + line
    assert str(error.value).startswith(f"data/x.ttl:{error.value.line}:1: The comment")


def test_the_outline_knows_the_line_of_every_subject():
    outline = turtle.outline(DOCUMENT[0])
    claims = PREFIXES["claim"]
    assert outline.lines == {f"{claims}s01-c10": 13, f"{claims}s01-c2": 14, f"{claims}s02-c1": 18}
    assert outline.subjects == [f"{claims}s01-c10", f"{claims}s01-c2", f"{claims}s02-c1"]
    assert outline.header[0] == "What the file holds,"
    assert [part.title for part in outline.parts] == [None, "First", "Second", "Empty"]


@pytest.mark.parametrize(
    ("before", "line"),
    [
        pytest.param('exr:b exr:p """\n\n# x\n.\n""" .\n', 6, id="long-text"),
        pytest.param("exr:b exr:p '''\n'\n''' , 'a' .\n", 4, id="long-text-in-single-quotes"),
        pytest.param("exr:b exr:p [\n exr:q ( 1\n 2 ) ] .\n", 4, id="brackets"),
        pytest.param("exr:b exr:p <urn:x;.#y> .\n", 2, id="full-stop-in-iri"),
        pytest.param('exr:b exr:p "a\\".b" , "é\u2028\u0085" .\n', 2, id="escapes-and-odd-separators"),
        pytest.param("exr:b exr:p exr:c.d .\n\r\n\t", 3, id="full-stop-in-name"),
        pytest.param("exr:b exr:p 1.5 . exr:c exr:p true. ", 1, id="same-line"),
    ],
)
def test_lines_are_counted_through(before, line):
    outline = turtle.outline(HEAD.strip() + "\n" + before + "exr:a exr:p 1 .")
    assert outline.lines[PREFIXES["exr"] + "a"] == HEAD.strip().count("\n") + 1 + line


@pytest.mark.parametrize(
    ("given", "line", "sentence"),
    [
        pytest.param("exr:a exr:p 1 .\nexr:b exr:p", 3, "", id="unfinished"),
        pytest.param(
            "\n\nnope:a exr:p 1 .", 4, "The prefix nope: has not been declared.", id="unknown-prefix"
        ),
        pytest.param("exr:a exr:p <x> .", 2, "No scheme found in an absolute IRI.", id="relative-iri"),
        pytest.param('exr:a exr:p "x .', 2, "", id="open-quote"),
    ],
)
def test_a_syntax_error_names_line_and_column(given, line, sentence):
    with pytest.raises(turtle.TurtleError) as error:
        turtle.parse("@prefix exr: <urn:exr:> .\n" + given, "data/x.ttl")
    assert str(error.value).startswith(f"data/x.ttl:{line}:")
    assert error.value.column >= 1
    assert error.value.message.endswith(sentence or ".")
    assert isinstance(error.value, Refusal)


def test_a_long_list_is_no_deep_nesting():
    text = turtle.write(turtle.parse(HEAD + ":a :p ( " + "1 2 [ :q ( 3 ) ] " * 500 + " ) ."))
    assert "_:" not in text
    assert turtle.write(turtle.parse(text)) == text


def test_a_nesting_without_end_is_refused_in_a_sentence():
    """A long list that does not end in rdf:nil is nested cell by cell."""
    cells = [ox.BlankNode() for _ in range(1500)]
    first, rest = (ox.NamedNode(PREFIXES["rdf"] + name) for name in ("first", "rest"))
    triples = [ox.Triple(cell, first, ox.Literal("x")) for cell in cells]
    triples += [ox.Triple(cell, rest, below) for cell, below in pairwise(cells)]
    with pytest.raises(Refusal, match="nested too deeply"):
        turtle.write(triples)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        pytest.param("exr:a exr:b exr:c {| exr:d exr:e |} .", "has no place in the layout", id="annotation"),
        pytest.param(
            "exr:a exr:b <<( exr:c exr:d exr:e )>> .", "has no place in the layout", id="triple-term"
        ),
    ],
)
def test_what_the_layout_cannot_show_is_refused_with_the_file(given, sentence):
    with pytest.raises(turtle.TurtleError, match=rf"data/x\.ttl:\d+:\d+: .*{sentence}"):
        turtle.format_document(HEAD + given, "data/x.ttl")


def test_two_documents_share_no_blank_node():
    text = HEAD + ":a :p _:x ."
    nodes = {triple.object for triple in chain(turtle.parse(text), turtle.parse(text))}
    assert len(nodes) == 2


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param(["s04-c10", "s04-c2"], ["s04-c2", "s04-c10"], id="ordinals"),
        pytest.param(["486-501", "41-47"], ["41-47", "486-501"], id="offsets"),
        pytest.param(["a", "1", "b", "10", "9"], ["1", "9", "10", "a", "b"], id="mixed"),
    ],
)
def test_ids_sort_as_a_person_does(given, expected):
    assert sorted(given, key=natural) == expected


COMMITTED = [path for folder in ("ontology", "shapes", "data") for path in files.path(folder).rglob("*.ttl")]


@pytest.mark.parametrize("path", COMMITTED, ids=files.shown)
def test_every_file_is_in_the_layout(path):
    name = files.shown(path)
    text = path.read_text("utf-8")
    assert turtle.format_document(text, name) == text, f"repair it with: exoreview check --fix {name}"
