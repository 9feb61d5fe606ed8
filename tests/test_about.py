"""What /about and /download say is counted from the data, and what they tell people to type works."""

import html
import re

import pytest

import served
from exoreview import files
from exoreview.terms import PREFIXES
from exoreview.web import loading
from served import BROWSER, release

COUNTS = {
    "Claims about the subject": "?x a exr:Claim",
    "What the review says of itself": "?x a exr:ScopeStatement",
    "Concepts": "?x skos:inScheme <https://w3id.org/exoreview/concepts>",
    "Links to other vocabularies": (
        "?x skos:exactMatch|skos:closeMatch|skos:broadMatch|skos:narrowMatch|skos:relatedMatch ?y"
    ),
}
PYTHON = {
    way.tool: way.text for way in loading.ways(files.version(), "") if way.tool in ("rdflib", "pyoxigraph")
}


@pytest.fixture(scope="module")
def client():
    return served.client()


@pytest.fixture(scope="module")
def about(client):
    response = client.get("/about", headers={"Accept": BROWSER})
    assert (response.status_code, response.mimetype) == (200, "text/html")
    return html.unescape(response.text)


@pytest.mark.parametrize(("title", "pattern"), COUNTS.items(), ids=COUNTS)
def test_figures_are_those_of_the_data(about, title, pattern):
    prologue = "".join(f"PREFIX {name}: <{PREFIXES[name]}>\n" for name in ("exr", "skos"))
    distinct = "DISTINCT ?x" if "?y" not in pattern else "*"
    query = f"{prologue} SELECT (COUNT({distinct}) AS ?n) WHERE {{ {pattern} }}"
    [row] = served.store().query(query)
    assert re.search(rf"{title}</th><td>([\d,]+)<", about)[1] == row["n"].value


def test_every_step_of_the_catalog_is_told(about):
    steps = [
        triple.object.value
        for triple in release().graphs["catalog"]
        if "/step-" in str(triple.subject) and triple.predicate.value == PREFIXES["dcterms"] + "description"
    ]
    assert len(steps) > 5
    assert all(step in about for step in steps)


def test_the_page_says_what_the_reading_is_not(about):
    assert "No expert of the field has reviewed the reading yet." in about
    assert "@" not in re.sub(r"<script.*?</script>", "", about, flags=re.S)


@pytest.mark.parametrize("text", PYTHON.values(), ids=PYTHON)
def test_python_snippets_count_the_claims(client, text, tmp_path, monkeypatch, capsys):
    name = re.search(r'"(exoreview-[^"]+)"', text)[1]
    (tmp_path / name).write_bytes(client.get(f"/download/{name}").data)
    monkeypatch.chdir(tmp_path)
    exec(compile(text, "snippet", "exec"), {})
    claims = sum(str(triple.object) == f"<{PREFIXES['exr']}Claim>" for triple in release().graphs["claims"])
    assert int(capsys.readouterr().out) == claims


def test_what_the_snippets_fetch_is_there(client):
    page = html.unescape(client.get("/download", headers={"Accept": BROWSER}).text)
    addresses = re.findall(r"http://[^/\s]+(/(?:download/|concepts|ontology)[^\s<\"']*)", page)
    assert len(addresses) >= 4
    for address in addresses:
        with client.get(address) as response:
            assert response.status_code == 200
