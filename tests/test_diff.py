"""The difference of two releases is exact: what one has more and less, in each graph, with or without names.

Blank nodes count by what they are part of; the exit status is that of diff: 0 same, 1 different, 2 trouble.
"""

# ruff: noqa: RUF001

import gzip
import random
import re

import pytest
from pyoxigraph import BlankNode, Quad, RdfFormat, parse, serialize

from exoreview import cli
from exoreview.release import Release, difference


@pytest.fixture(scope="module")
def release():
    return Release.load()


@pytest.fixture
def diff(capsys):
    """The command: its status, output and errors."""

    def run(*arguments):
        status = cli.main(["diff", *map(str, arguments)])
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return run


@pytest.fixture
def dump(tmp_path):
    """Write a dump in TriG under a name, with the prefixes that the tests use."""

    def write(name, text):
        prefixes = {
            "graph": "https://w3id.org/exoreview/graph/",
            "claim": "https://w3id.org/exoreview/claim/",
            "exc": "https://w3id.org/exoreview/concept/",
            "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
            "owl": "http://www.w3.org/2002/07/owl#",
            "dcterms": "http://purl.org/dc/terms/",
            "ex": "https://example.org/",
        }
        declared = "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in prefixes.items())
        path = tmp_path / name
        path.write_text(declared + text, "utf-8")
        return path

    return write


def changed(old, new):
    """The N-Quads that two dumps in TriG gain and lose, without their blank nodes."""
    sides = (difference.comparable(parse(text, format=RdfFormat.TRIG)) for text in (old, new))
    return [(len(change.added), len(change.removed)) for change in difference.changes(*sides)]


# --- The same ---


@pytest.mark.parametrize("suffix", ["nq", "nq.gz", "trig", "jsonld.gz"])
def test_each_dump_of_the_present_data_is_the_present_data(diff, tmp_path, release, suffix):
    path = tmp_path / f"exoreview-{release.version}.{suffix}"
    path.write_bytes(release.bytes(path.name))
    count = sum(1 for _ in release.named_quads())
    assert diff(path, ".") == (0, f"No difference in {count:,} triples.\n", "")
    assert diff(".", path, "--format", "nq") == (0, "", "")


def test_a_folder_of_a_build_is_read(diff, tmp_path, capsys):
    folder = tmp_path / "release"
    assert cli.main(["build", "--out", str(folder)]) == 0
    capsys.readouterr()
    assert diff(folder, ".")[0] == 0
    (folder / "exoreview-1.0.0.nq").unlink()
    assert diff(".", folder)[0] == 0


def test_order_and_labels_are_indifferent(release):
    quads = release.named_quads()
    names = {}

    def renamed(part):
        return names.setdefault(part, BlankNode()) if isinstance(part, BlankNode) else part

    again = [Quad(*map(renamed, quad)) for quad in random.Random(5).sample(quads, len(quads))]
    assert names
    assert difference.comparable(again) == difference.comparable(quads)


# --- What differs ---

OLD = """
graph:claims {
    claim:s01-c1 rdfs:label "Cancer is lethal."@en ; ex:mode ex:asserted .
    claim:s01-c2 rdfs:label "It stays."@en .
    claim:s01-c3 rdfs:label "It goes."@en ; ex:mode ex:asserted .
}
graph:concepts { exc:Cancer a owl:Class . }
graph:catalog { ex:dataset ex:size 1 . }
"""
NEW = """
graph:claims {
    claim:s01-c1 rdfs:label "Cancer is very lethal."@en ; ex:mode ex:asserted , ex:reported .
    claim:s01-c2 rdfs:label "It stays."@en .
    claim:s01-c4 dcterms:title "It comes."@en .
}
graph:concepts { exc:Cancer a owl:Class . }
graph:shapes { ex:shape a ex:Shape . }
graph:catalog { ex:dataset ex:size 2 . }
"""

TEXT = """\
claims: +3 −3
  changed  claim:s01-c1 “Cancer is very lethal.”: +2 −1
  gone     claim:s01-c3 “It goes.”: +0 −2
  new      claim:s01-c4 “It comes.”: +1 −0

shapes: +1 −0
  new      https://example.org/shape: +1 −0

+4 −3 triples in 2 graphs.
"""

CLAIM = "<https://w3id.org/exoreview/claim/s01-c"
LABEL = "<http://www.w3.org/2000/01/rdf-schema#label>"
IN_CLAIMS = "<https://w3id.org/exoreview/graph/claims> ."
NQ = f"""\
+ <https://example.org/shape> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <https://example.org/Shape> \
<https://w3id.org/exoreview/graph/shapes> .
- {CLAIM}1> {LABEL} "Cancer is lethal."@en {IN_CLAIMS}
+ {CLAIM}1> {LABEL} "Cancer is very lethal."@en {IN_CLAIMS}
+ {CLAIM}1> <https://example.org/mode> <https://example.org/reported> {IN_CLAIMS}
- {CLAIM}3> {LABEL} "It goes."@en {IN_CLAIMS}
- {CLAIM}3> <https://example.org/mode> <https://example.org/asserted> {IN_CLAIMS}
+ {CLAIM}4> <http://purl.org/dc/terms/title> "It comes."@en {IN_CLAIMS}
"""


def test_people_read_which_things_changed(diff, dump):
    assert diff(dump("a.trig", OLD), dump("b.trig", NEW)) == (1, TEXT, "")


def test_programs_read_what_is_gained_and_lost(diff, dump):
    assert diff(dump("a.trig", OLD), dump("b.trig", NEW), "--format", "nq") == (1, NQ, "")


def test_backwards_it_is_the_opposite(diff, dump):
    _, forth, _ = diff(dump("a.trig", OLD), dump("b.trig", NEW), "--format", "nq")
    _, back, _ = diff(dump("b.trig", NEW), dump("a.trig", OLD), "--format", "nq")
    opposite = {"+": "-", "-": "+"}
    assert {opposite[line[0]] + line[1:] for line in back.splitlines()} == set(forth.splitlines())


def test_an_empty_dump_has_nothing(diff, dump):
    status, out, _ = diff(dump("a.trig", ""), dump("b.trig", OLD), "--format", "nq")
    assert (status, out.count("+ "), out.count("\n- ")) == (1, 6, 0)


def test_single_graphs_can_be_compared(diff, dump):
    a, b = dump("a.ttl", 'ex:a rdfs:label "A" .'), dump("b.ttl", 'ex:a rdfs:label "B" ; a ex:Thing .')
    assert diff(a, b)[1] == (
        "default graph: +2 −1\n  changed  https://example.org/a “B”: +2 −1\n\n+2 −1 triples in 1 graph.\n"
    )
    assert f'- <https://example.org/a> {LABEL} "A" .\n' in diff(a, b, "--format", "nq")[1]


# --- Blank nodes ---

EX = "@prefix ex: <https://example.org/> . @prefix owl: <http://www.w3.org/2002/07/owl#> .\n"
RESTRICTION = "[ a owl:Restriction ; owl:onProperty ex:p ; owl:someValuesFrom ex:C ]"
BLANK = {
    "another-beside-it": (
        f"ex:A ex:is {RESTRICTION} .",
        f"ex:A ex:is {RESTRICTION} . ex:B ex:is {RESTRICTION.replace('ex:C', 'ex:A')} .",
        [(4, 0)],
    ),
    "renamed": ("_:x ex:p _:y . _:y ex:q 1 .", "_:b ex:p _:a . _:a ex:q 1 .", []),
    "one-of-two-alike": (
        f"ex:A ex:is {RESTRICTION} , {RESTRICTION} .",
        f"ex:A ex:is {RESTRICTION} .",
        [(0, 4)],
    ),
    "changed-inside": (
        f"ex:A ex:is {RESTRICTION} ; ex:q 1 .",
        f"ex:A ex:is {RESTRICTION.replace('ex:C', 'ex:D')} ; ex:q 1 .",
        [(4, 4)],
    ),
    "list-that-grows": ("ex:A ex:is (1 2) .", "ex:A ex:is (1 2 3) .", [(7, 5)]),
    "moved-to-another-graph": (
        f"ex:g {{ ex:A ex:is {RESTRICTION} }}",
        f"ex:h {{ ex:A ex:is {RESTRICTION} }}",
        [(0, 4), (4, 0)],
    ),
    "shared-by-graphs": (
        "ex:g { ex:A ex:p _:x } ex:h { _:x ex:q 1 }",
        "ex:g { ex:A ex:p _:x } ex:h { _:x ex:q 2 }",
        [(1, 1), (1, 1)],
    ),
    "cycle": ("_:x ex:p _:y . _:y ex:p _:x .", "_:x ex:p _:y . _:y ex:p _:z . _:z ex:p _:x .", [(3, 2)]),
}


@pytest.mark.parametrize(("old", "new", "counts"), BLANK.values(), ids=BLANK)
def test_blank_nodes_count_by_what_they_are_part_of(old, new, counts):
    assert changed(EX + old, EX + new) == counts
    assert changed(EX + new, EX + old) == [(removed, added) for added, removed in counts]


def test_what_is_said_of_a_blank_node_is_said_of_what_leads_to_it(diff, dump):
    restriction = "[ a owl:Restriction ; owl:someValuesFrom [ owl:unionOf ( ex:C ex:D ) ] ]"
    new = dump(
        "b.trig", f"graph:concepts {{ exc:Cancer rdfs:subClassOf {restriction} . [] a owl:AllDifferent }}"
    )
    _, out, _ = diff(dump("a.trig", "graph:concepts { exc:Cancer ex:p 1 }"), new)
    assert "  changed  exc:Cancer: +8 −1\n" in out
    assert "  new      (without a name): +1 −0\n" in out


def test_what_is_gained_and_lost_makes_one_of_the_other(diff, tmp_path, release):
    """A patch by the lines for programs, over all the data with a part of it changed."""
    lines = serialize(release.named_quads(), format=RdfFormat.N_QUADS).decode().splitlines(keepends=True)
    cut = [
        line for line in lines if not re.search("Chemoresistance>|TumourDerivedExosome> .*subClassOf", line)
    ]
    more = "<https://example.org/a> <https://example.org/b> _:z <https://w3id.org/exoreview/graph/shapes> .\n"
    (tmp_path / "b.nq").write_text("".join([*cut, more]), "utf-8")
    status, out, _ = diff(".", tmp_path / "b.nq", "--format", "nq")
    sides = {"+": set(), "-": set()}
    for line in out.splitlines():
        sides[line[0]].add(line[2:])
    assert status == 1

    def lines_of(quads):
        return {
            f"{triple}{f' <{iri}>' if iri else ''} ."
            for iri, triples in difference.comparable(quads).items()
            for triple in triples
        }

    before = lines_of(release.named_quads())
    after = lines_of(parse(path=tmp_path / "b.nq", format=RdfFormat.N_QUADS))
    assert sides["-"] <= before
    assert not sides["+"] & before
    assert (before - sides["-"]) | sides["+"] == after


def test_the_four_graphs_of_a_nanopublication_are_told_as_one(diff, tmp_path, release):
    iri, quads = next(iter(release.nanopublications.items()))
    kept = [quad for quad in release.named_quads() if not quad.graph_name.value.startswith(iri)]
    path = tmp_path / "a.nq"
    path.write_bytes(serialize(kept, format=RdfFormat.N_QUADS))
    _, out, _ = diff(path, ".")
    label = next(quad.object.value for quad in quads if quad.predicate.value.endswith("#label"))
    assert out == (
        f"nanopublications: +{len(quads)} −0\n"
        f"  new      {iri} “{label}”: +{len(quads)} −0\n\n"
        f"+{len(quads)} −0 triples in 1 graph.\n"
    )


# --- Trouble ---


def missing(folder):
    return folder / "missing.nq", "no such file or directory."


def no_folder(folder):
    return folder / "missing", "missing: no such file or directory."


def broken(folder):
    (folder / "broken.nq").write_text("<x:a> <x:b>")
    return folder / "broken.nq", "broken.nq:1: this is no N-Quads."


def half(folder):
    (folder / "half.nq.gz").write_bytes(gzip.compress(b"<x:a> <x:b> <x:c> <x:g> .\n")[:-4])
    return folder / "half.nq.gz", "this is no whole file of gzip."


def unknown(folder):
    (folder / "data.csv").write_text("a,b\n")
    return folder / "data.csv", "this suffix names no RDF format; known are .ttl"


def no_dump(folder):
    return folder, "there is no dump. A build makes one: exoreview build --out "


def two_dumps(folder):
    for version in ("1.0.0", "1.1.0"):
        (folder / f"exoreview-{version}.nq").write_text("")
    return folder, "there are exoreview-1.0.0.nq, exoreview-1.1.0.nq; name one."


def one_graph(folder):
    (folder / "one.ttl").write_text("<x:a> <x:b> <x:c> .\n")
    return folder / "one.ttl", "only one of them has named graphs."


@pytest.mark.parametrize(
    "prepare", [missing, no_folder, broken, half, unknown, no_dump, two_dumps, one_graph]
)
def test_trouble_is_a_sentence_and_status_2(diff, tmp_path, prepare):
    given, sentence = prepare(tmp_path)
    (tmp_path / "other.trig").write_text("<x:g> { <x:a> <x:b> <x:c> }")
    for pair in ((given, tmp_path / "other.trig"), (tmp_path / "other.trig", given)):
        status, out, err = diff(*pair)
        assert (status, out) == (2, "")
        assert err.startswith("exoreview diff: ")
        assert sentence in err
        assert err.count("\n") == 1
