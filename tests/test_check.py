"""`exoreview check` says of every mistake where it stands, what it is and what would be right."""

import re

import pytest

from exoreview import files
from exoreview.checking import checks, documents, hygiene
from exoreview.cli import main
from exoreview.knowledge import graphs

CLAIM = """# Claims that a curator adds.

@prefix rdfs:     <http://www.w3.org/2000/01/rdf-schema#> .
@prefix obo:      <http://purl.obolibrary.org/obo/> .
@prefix sp:       <https://w3id.org/linkflows/superpattern/terms/> .
@prefix exr:      <https://w3id.org/exoreview/ontology#> .
@prefix exc:      <https://w3id.org/exoreview/concept/> .
@prefix claim:    <https://w3id.org/exoreview/claim/> .
@prefix sentence: <https://w3id.org/exoreview/sentence/> .
@prefix quote:    <https://w3id.org/exoreview/quote/> .

claim:s04-c99
    a exr:Claim ;
    rdfs:label "Exosomes transfer functional biological cargos."@en ;
    exr:hasContext exc:Cancer ;
    exr:hasSubject exc:Exosome ;
    exr:hasQualifier sp:sometimesQualifier ;
    exr:hasRelation sp:enables ;
    exr:hasObject exc:CargoTransfer ;
    exr:hasAssertionMode exr:asserted ;
    exr:verbatimPredicate "transferring"@en ;
    exr:hasQuote quote:505-545 ;
    exr:statedIn <https://w3id.org/exoreview/review> ;
    exr:hasEvidenceType obo:ECO_0007320 .

quote:505-545
    a exr:Quote ;
    exr:exact "transferring functional biological cargo"@en ;
    exr:start 505 ;
    exr:end 545 ;
    exr:inSentence sentence:s04 .
"""

# A mistake in the curator's file, and how the answer begins after the file's name.
MISTAKES = {
    "quote altered": (
        'cargo"@en',
        'cargu"@en',
        "26: quote:505-545: The quote is not what the abstract has",
    ),
    "unknown relation": (
        "sp:enables",
        "sp:cooccursWith",
        "12: claim:s04-c99 (Exosomes transfer functional biological cargos): The relation of the claim is",
    ),
    "no full stop": (
        'cargos."',
        'cargos"',
        "12: claim:s04-c99 (Exosomes transfer functional biological cargos): The sentence of the statement",
    ),
    "no language": (
        '"transferring"@en',
        '"transferring"',
        "12: claim:s04-c99 (Exosomes transfer functional biological cargos): The text has no language",
    ),
    "layout": (
        "    a exr:Quote ;",
        "  a exr:Quote ;",
        "27: layout: The layout is not the canonical one; repair it with: exoreview check --fix ",
    ),
}


@pytest.fixture
def here(tmp_path, monkeypatch):
    """An empty folder to stand in, so that files are shown by their bare names."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def check(capsys):
    """Run the command: exit status, lines on standard output, lines on standard error."""

    def run(*arguments):
        status = main(["check", *map(str, arguments)])
        out, err = capsys.readouterr()
        return status, out.splitlines(), err.splitlines()

    return run


def copied(name, here, *change):
    """A file of the project, here, with something replaced."""
    text = files.path(name).read_text("utf-8")
    if change:
        assert change[0] in text
        text = text.replace(*change)
    path = here / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def read(*paths):
    found = documents.find(paths)
    assert documents.read(found) == []
    return found


def test_the_data_has_no_problems(check):
    status, out, err = check("--verbose")
    assert status == 0
    assert re.fullmatch(
        r"\d+ claims, \d+ scope statements, \d+ mappings, \d+ concepts, [\d,]+ triples"
        r" checked in \d+\.\d s: no problems",
        out[-1],
    )
    steps = [line.split(" s  ")[1].strip() for line in err]
    assert {"reading", "layout", "shapes", "claim", "concept", "passage"} <= set(steps)


def test_a_claim_that_is_right_is_added_without_problems(check, here):
    (here / "mine.ttl").write_text(CLAIM, "utf-8")
    status, out, err = check("mine.ttl")
    assert (status, err) == (0, [])
    assert out[-1].endswith(": no problems")


def test_each_mistake_in_a_file_is_told_with_its_line_and_thing(check, here):
    text = CLAIM
    for before, after, _ in MISTAKES.values():
        assert before in text
        text = text.replace(before, after)
    (here / "mine.ttl").write_text(text, "utf-8")
    status, out, err = check("mine.ttl")
    assert status == 1
    for _, _, answer in MISTAKES.values():
        assert [line for line in err if line.startswith(f"mine.ttl:{answer}")], answer
    assert all(line.startswith("mine.ttl:") for line in err)
    assert [int(line.split(":")[1]) for line in err] == sorted(int(line.split(":")[1]) for line in err)
    assert out[-1].endswith(f": {len(err)} problems")


def test_an_id_that_is_taken_is_told_with_its_place(check, here):
    (here / "mine.ttl").write_text(CLAIM.replace("s04-c99", "s04-c7"), "utf-8")
    status, _, err = check("mine.ttl")
    assert status == 1
    assert any(
        re.fullmatch(r"mine\.ttl:12: claim:s04-c7: The id is taken: data/claims\.ttl:\d+ describes .*", line)
        for line in err
    )


def test_what_a_file_breaks_elsewhere_is_told(check, here):
    lines = files.path("ontology/concepts.ttl").read_text("utf-8")
    before, _, rest = lines.partition("\nexc:Exocytosis\n")
    (here / "concepts.ttl").write_text(before + rest.partition(" .\n")[2], "utf-8")
    status, _, err = check("concepts.ttl")
    assert status == 1
    told = [
        line
        for line in err
        if line.startswith("concepts.ttl:1: effect on others: With this file data/claims.ttl")
    ]
    assert len(told) == 1
    assert "of ontology/concepts.ttl" in told[0]
    assert all(line.startswith("concepts.ttl:") for line in err)


def test_a_link_is_told_with_the_line_of_its_row(check, here):
    path = copied("data/mappings.sssom.tsv", here, "GO:0070062", "GO:70062")
    row = next(
        n
        for n, line in enumerate(path.read_text().splitlines(), 1)
        if line.startswith("exc:Exosome\t") and "GO:70062" in line
    )
    status, _, err = check(path)
    assert status == 1
    answer = f"data/mappings.sssom.tsv:{row}: exc:Exosome (exosome): The IRI of the other term fits"
    assert [line for line in err if line.startswith(answer)]


@pytest.mark.parametrize(
    ("content", "answer"),
    [
        pytest.param(
            b"@prefix a: <http://a/> .\na:b a:c [ ;\n",
            "mine.ttl:2: column 11: ",
            id="syntax",
        ),
        pytest.param(
            b"a:b a:c a:d .\n", "mine.ttl:1: column 1: The prefix a: has not been declared", id="prefix"
        ),
        pytest.param(
            b"# \xfcber\n",
            "mine.ttl:1: text: The file is not UTF-8; save it in that encoding.",
            id="encoding",
        ),
        pytest.param(b'{"a": 1}\n', "mine.ttl:1: column 1: ", id="JSON"),
        pytest.param(b"\x89PNG\r\n\x1a\n", "mine.ttl:1: text: The file is not UTF-8", id="picture"),
    ],
)
@pytest.mark.parametrize("arguments", [(), ("--fix",)], ids=["check", "fix"])
def test_a_file_that_is_no_turtle_is_told_and_kept(content, answer, arguments, check, here):
    (here / "mine.ttl").write_bytes(content)
    status, _, err = check(*arguments, "mine.ttl")
    assert status == 1
    assert len(err) == 1
    assert err[0].startswith(answer)
    assert (here / "mine.ttl").read_bytes() == content


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        pytest.param("mine.ttl", "exoreview check: There is no file mine.ttl.", id="missing"),
        pytest.param("folder", "exoreview check: folder is a folder; name the files in it.", id="folder"),
        pytest.param("/dev/null", "exoreview check: /dev/null is no plain file.", id="device"),
    ],
)
def test_what_is_no_file_is_refused_in_one_sentence(name, answer, check, here):
    (here / "folder").mkdir()
    assert check(name) == (1, [], [answer])


def test_a_shape_that_cannot_be_used_is_refused_in_one_sentence(check, here):
    status, out, err = check(copied("shapes/claim.ttl", here, "sh:minCount 1", "sh:minCount true"))
    assert (status, out, len(err)) == (1, [], 1)
    assert err[0].startswith("exoreview check: The shape exs:Claim cannot be used: ")


def test_an_unknown_option_is_wrong_usage(check):
    with pytest.raises(SystemExit) as ended:
        check("--mend")
    assert ended.value.code == 2


def test_fix_puts_a_file_into_the_layout_and_leaves_it_there(check, here):
    path = here / "mine.ttl"
    path.write_text(CLAIM.replace("    a exr", "  a exr"), "utf-8")
    assert check("--fix", path.name) == (0, ["mine.ttl: put into the canonical layout"], [])
    assert path.read_text("utf-8") == CLAIM
    assert check("--fix", path.name) == (0, ["mine.ttl: was right already"], [])
    assert [each.name for each in here.iterdir()] == ["mine.ttl"]


@pytest.mark.parametrize("document", documents.find(()), ids=lambda document: document.name)
def test_the_files_of_the_project_stand_in_the_canonical_layout(document):
    documents.read([document])
    assert [str(problem) for problem in checks.layout(document)] == []


def test_a_text_that_was_changed_is_told(here):
    path = copied("data/review.ttl", here, '"97bce23e', '"07bce23e')
    assert [str(problem) for problem in checks.frozen(read(path))] == [
        f"data/source/abstract.txt:1: review:abstract: {checks.THAWED}"
    ]


@pytest.mark.parametrize(
    ("name", "change"),
    [
        pytest.param("ontology/review.ttl", ('owl:versionInfo "', 'owl:versionInfo "0.'), id="version"),
        pytest.param("ontology/concepts.ttl", ("/concepts/1.", "/concepts/2."), id="version IRI"),
        pytest.param("shapes/about.ttl", ('owl:versionInfo "', 'owl:versionInfo "0.'), id="shapes"),
    ],
)
def test_a_version_that_is_not_the_package_s_is_told(name, change, here):
    assert list(hygiene.versions(read())) == []
    problems = list(hygiene.versions(read(copied(name, here, *change))))
    assert [problem.sentence.partition(";")[0] for problem in problems] == [
        f"The version is not {files.version()}, the package's"
    ]


@pytest.mark.parametrize(
    ("name", "change"),
    [
        pytest.param("shapes/claim.ttl", ("sh:path exr:hasMechanism ", "sh:path exr:hasMeans "), id="shape"),
        pytest.param("data/queries/mechanisms.ttl", ("exr:hasMechanism", "exr:hasMeans"), id="query"),
    ],
)
def test_a_name_that_nothing_declares_is_told(name, change, here):
    assert list(hygiene.undeclared(read())) == []
    problems = list(hygiene.undeclared(read(copied(name, here, *change))))
    assert {problem.sentence for problem in problems} == {
        "Nothing declares exr:hasMeans; correct its spelling, or declare it."
    }


BY_SENTENCE = {
    "no type": (
        hygiene.untyped,
        ("    a exr:Claim ;\n", ""),
        "It has no type, without which nothing that is said of it is checked; add: a exr:Claim.",
    ),
    "type of another kind": (
        hygiene.untyped,
        ("a exr:Quote", "a exr:Claim"),
        "It has no type, without which nothing that is said of it is checked; "
        "add: a exr:Quote or exr:Connective.",
    ),
    "term of others with a meaning of ours": (
        hygiene.foreign,
        ("claim:s04-c99\n", "obo:GO_0070062 rdfs:subClassOf exc:Cell .\n\nclaim:s04-c99\n"),
        "It is a term of others, who say what it means; state here only things of ours, and in "
        "ontology/borrowed.ttl its type, label and source. Found: rdfs:subClassOf",
    ),
    "property that others do not have": (
        hygiene.foreign,
        ("exr:hasAssertionMode", "sp:hasMechanism exc:CargoTransfer ;\n    exr:hasAssertionMode"),
        "Nothing declares sp:hasMechanism; correct its spelling, or add it to ontology/borrowed.ttl.",
    ),
    "class that others do not have": (
        hygiene.foreign,
        ("a exr:Claim", "a exr:Claim , sp:Pattern"),
        "Nothing declares sp:Pattern; correct its spelling, or add it to ontology/borrowed.ttl.",
    ),
    "empty text": (
        hygiene.empty,
        ('"transferring"', '""'),
        "The text of exr:verbatimPredicate is empty; write it, or leave it out.",
    ),
    "blank text": (
        hygiene.empty,
        ('"transferring"', '" "'),
        "The text of exr:verbatimPredicate is empty; write it, or leave it out.",
    ),
    "no English": (
        hygiene.english,
        ('cargos."@en', 'cargos."@fr'),
        "The text of rdfs:label is not there in English; add it with @en.",
    ),
}


@pytest.mark.parametrize(("rule", "change", "sentence"), BY_SENTENCE.values(), ids=BY_SENTENCE)
def test_what_no_shape_sees_is_told(rule, change, sentence, here):
    assert change[0] in CLAIM
    (here / "mine.ttl").write_text(CLAIM, "utf-8")
    assert list(rule(read(here / "mine.ttl"))) == []
    (here / "mine.ttl").write_text(CLAIM.replace(*change), "utf-8")
    assert [problem.sentence for problem in rule(read(here / "mine.ttl"))] == [sentence]


def test_what_was_inferred_of_a_thing_that_is_gone_is_told(here):
    assert list(hygiene.stale(read())) == []
    path = copied("data/claims.ttl", here, "claim:s04-c6\n", "claim:s04-c96\n")
    problems = list(hygiene.stale(read(path)))
    assert {problem.file for problem in problems} == {"data/inferred.ttl"}
    assert [problem.sentence for problem in problems] == [
        "It speaks of claim:s04-c6, which is no more; run: exoreview reason"
    ]


def test_two_claims_that_say_the_same_are_told_once(check, here):
    first = files.path("data/claims.ttl").read_text("utf-8").partition("\n    rdfs:label")[2]
    slots = re.search(r"    exr:hasContext.*?exr:hasObject [^\n]+\n", first, re.DOTALL)[0]
    text = re.sub(r"    exr:hasContext.*?exr:hasObject [^\n]+\n", lambda _: slots, CLAIM, flags=re.DOTALL)
    (here / "mine.ttl").write_text(text, "utf-8")
    told = [line for line in check("mine.ttl")[2] if "Another claim has the same context" in line]
    assert [line.partition(" (")[0] for line in told] == ["mine.ttl:12: claim:s04-c99"]


def test_a_term_without_a_definition_is_told_once(check, here):
    text = files.path("ontology/concepts.ttl").read_text("utf-8")
    before, name, rest = text.partition("\nexc:Exocytosis\n")
    path = copied("ontology/concepts.ttl", here)
    path.write_text(before + name + re.sub(r"    skos:definition .*\n", "", rest, count=1), "utf-8")
    _, _, err = check(path)
    assert len(err) == 1
    assert "The term has no skos:definition" in err[0]


MARKED = {
    "byte order mark": (lambda text: "\ufeff" + text, "The file begins with a byte order mark, "),
    "ends of lines": (lambda text: text.replace("\n", "\r\n"), "The lines end as on Windows, "),
}


@pytest.mark.parametrize(("mark", "sentence"), MARKED.values(), ids=MARKED)
@pytest.mark.parametrize("name", ["data/claims.ttl", "data/mappings.sssom.tsv"])
def test_what_an_editor_of_windows_adds_is_told_once_and_repaired(name, mark, sentence, check, here):
    path = copied(name, here)
    right = path.read_bytes()
    path.write_bytes(mark(right.decode()).encode())
    (document,) = [each for each in read(path) if each.given]
    assert [problem.sentence[: len(sentence)] for problem in checks.layout(document)] == [sentence]
    assert check("--fix", path)[0] == 0
    assert path.read_bytes() == right


def test_the_text_is_compared_with_its_hash(check, here):
    path = copied("data/source/abstract.txt", here)
    assert check(path)[::2] == (0, [])
    path.write_text("Exosomes.", "utf-8")
    assert check(path)[::2] == (1, [f"data/source/abstract.txt:1: review:abstract: {checks.THAWED}"])
    assert check("--fix", path)[0] == 1
    assert path.read_text("utf-8") == "Exosomes."


def test_another_language_beside_english_is_welcome(here):
    text = CLAIM.replace('cargos."@en', 'cargos."@en , "Les exosomes transportent."@fr')
    (here / "mine.ttl").write_text(text, "utf-8")
    assert list(hygiene.english(read(here / "mine.ttl"))) == []


@pytest.mark.parametrize("name", ["data/queries/authors.ttl", "shapes/claim.ttl"])
def test_a_query_that_is_no_sparql_is_told(name, here):
    assert list(hygiene.queries(read())) == []
    problems = list(hygiene.queries(read(copied(name, here, "WHERE {", "WHERE {{"))))
    assert {problem.sentence.partition(":")[0] for problem in problems} == {"The query is not SPARQL"}
    assert min(problem.line for problem in problems) > 1


def test_every_graph_with_files_is_read():
    assert {document.graph for document in documents.find(())} == set(graphs.LOADED)
