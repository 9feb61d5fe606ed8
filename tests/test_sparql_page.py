"""The page of queries works without a script: form, questions, table with labels, chart, formats, code."""

import html
import re

import pytest
from pyoxigraph import Store

import served
from exoreview.sparql.engine import Embedded
from exoreview.web import assets
from served import BROWSER

PREFIX = "PREFIX exr: <https://w3id.org/exoreview/ontology#>\n"
MODES = PREFIX + "SELECT ?mode (COUNT(?c) AS ?claims) { ?c exr:hasAssertionMode ?mode } GROUP BY ?mode"
CLAIM = PREFIX + "SELECT ?claim { ?claim a exr:Claim } ORDER BY ?claim LIMIT 1"
GRAPH = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o } LIMIT 3"
WRONG = "SELECT * {\n  ?s ?p }"
FORMATS = {MODES: ("json", "xml", "csv", "tsv"), GRAPH: ("ttl", "jsonld", "rdf", "nt", "trig", "nq")}


def page(query=None, client=None, **more):
    asked = {"query": query, **more} if query else {}
    return (client or served.client()).get("/sparql", query_string=asked, headers={"Accept": BROWSER})


def test_a_cell_shows_the_label_and_leads_to_the_thing():
    [cell] = re.findall(r"<td>(.*?)</td>", page(CLAIM).text)
    found = re.fullmatch(
        r'<a href="(/claim/[^"]+)" title="(https://w3id.org/exoreview/claim/[^"]+)">(.+)</a>', cell
    )
    assert found[2].endswith(found[1])
    assert found[3].endswith(".")


def test_names_with_numbers_are_drawn_and_stand_in_the_table_too():
    text = page(MODES).text
    drawn = re.findall(
        r'<span class="name">(.*?)</span><svg.*?<rect width="([\d.]+)%".*?"count">(\d+)<', text
    )
    rows = re.findall(r'<td>.*?">(.*?)</a></td><td class="number"><span>(\d+)</span></td>', text)
    assert [(name, count) for name, _, count in drawn] == rows
    most = max(int(count) for _, count in rows)
    for _, length, count in drawn:
        assert float(length) == pytest.approx(100 * int(count) / most, abs=0.05)


def test_the_drawing_is_said_once_only():
    assert '<div class="bars" aria-hidden="true">' in page(MODES).text
    assert 'class="bars"' not in page(CLAIM).text


@pytest.mark.parametrize("query", FORMATS, ids=["SELECT", "CONSTRUCT"])
def test_an_answer_is_one_click_from_every_format(query):
    found = re.findall(r'<a href="(/sparql\?query=[^"]+format=(\w+))" type="([^"]+)"', page(query).text)
    assert tuple(name for _, name, _ in found) == FORMATS[query]
    for address, _, kind in found:
        assert served.client().get(html.unescape(address)).mimetype == kind


@pytest.mark.parametrize(
    "title", ["Link to this query", "Ask it in a shell", "Ask it in Python", "Ask it in R"]
)
def test_an_answer_is_shared_and_asked_elsewhere(title):
    assert f"<figcaption>{title}" in page(CLAIM).text


def test_a_mistake_has_its_place_for_the_editor():
    response = page(WRONG)
    assert response.status_code == 400
    assert 'data-line="2" data-column="9"' in response.text
    assert "<figcaption>" not in response.text


def test_a_fault_without_a_place_has_none():
    response = page("ASK {}" + "#" * 300_000)
    assert response.status_code in (413, 414)
    assert "data-line" not in response.text


def test_no_rows_are_said_in_a_sentence():
    text = page("SELECT ?x { ?x <urn:none> ?y }").text
    assert "Nothing in the data is as the query says." in text
    assert "<table>" not in text


def test_the_questions_stand_open_where_nothing_was_asked():
    assert '<details class="examples" id="examples" open>' in page().text
    assert '<details class="examples" id="examples">' in page(CLAIM).text


def test_other_data_has_the_page_without_questions():
    client = served.other_client(Embedded(Store()))
    text = page(client=client).text
    assert "<textarea" in text
    assert "questions that people ask" not in text.lower()
    assert "Nothing in the data" in page("SELECT * { ?s ?p ?o }", client=client).text


def test_the_editor_is_loaded_where_the_build_brought_it():
    text, is_there = page().text, "yasgui.min.js" in assets.names()
    for part in ("vendor/yasgui.min.js", "vendor/yasgui.min.css", "sparql.js", "data-terms="):
        assert (part in text) == is_there, part


def test_without_the_editor_the_form_is_all(monkeypatch):
    """As a copy that was built without npm has it."""
    monkeypatch.setattr(assets, "names", frozenset)
    client = served.other_client(Embedded(Store()))
    text = page(client=client).text
    assert "<textarea" in text
    assert "vendor/" not in text
    assert "data-terms" not in text
