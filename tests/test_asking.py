"""What a page offers to copy gives, in each language, the answer that the page shows."""

import shutil
import subprocess
import sys

import pytest

from exoreview.web.query.asking import snippets

SELECT = """PREFIX exr: <https://w3id.org/exoreview/ontology#>
SELECT (COUNT(?claim) AS ?n) ("it's \\"$HOME\\"" AS ?text) ('é`date`' AS ?more) {
  ?claim a exr:Claim # QUERY )-"
}"""
GRAPH = 'CONSTRUCT { ?s ?p "claim" } WHERE { ?s ?p "claim"@en } LIMIT 1'
ENDPOINT = "http://127.0.0.1:1/sparql"


def of(query, endpoint):
    return {snippet.notation: snippet.text for snippet in snippets(query, endpoint)}


def run(*command, text=None):
    done = subprocess.run(command, capture_output=True, text=True, input=text, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def in_a_shell(text):
    return run("bash", "-euo", "pipefail", "-c", text)


def in_python(text):
    return run(sys.executable, "-W", "error", "-c", text)


def in_r(text):
    return run("Rscript", "--vanilla", "-", text=text)


NEEDED = {"curl": ("curl", in_a_shell), "Python": (sys.executable, in_python), "R": ("Rscript", in_r)}


@pytest.mark.parametrize("notation", NEEDED)
@pytest.mark.parametrize(
    ("query", "facts"),
    [(SELECT, ("54", "$HOME", "é`date`")), (GRAPH, ("claim",))],
    ids=["SELECT", "CONSTRUCT"],
)
def test_a_snippet_gives_the_answer(server, notation, query, facts):
    program, ways = NEEDED[notation]
    if not shutil.which(program):
        pytest.skip(f"{program} is not installed")
    answer = ways(of(query, f"{server}/sparql")[notation])
    assert not [fact for fact in facts if fact not in answer], answer


def test_the_address_is_the_query_and_nothing_else():
    assert of("ASK { ?s ?p 'a&b' }", ENDPOINT)["address"] == (
        "http://127.0.0.1:1/sparql?query=ASK%20%7B%20%3Fs%20%3Fp%20%27a%26b%27%20%7D\n"
    )


def test_an_address_that_would_be_cut_somewhere_is_not_offered():
    assert "address" in of("ASK {}" + "#" * 1000, ENDPOINT)
    assert "address" not in of("ASK {}" + "#" * 4000, ENDPOINT)


def test_a_query_cannot_end_its_own_text_early():
    query = 'ASK { ?s ?p """x""" } # QUERY\nQUERY\nQUERY_\n)-" )--"'
    made = of(query, ENDPOINT)
    assert made["curl"].rstrip().endswith("QUERY__")
    assert made["R"].startswith('query <- r"---(')
    assert repr(query) in made["Python"]
