"""Every example query has its exact answer at its own address, also with other values, and with no others."""

import csv
import io

import pytest
from pyoxigraph import RdfFormat, parse, parse_query_results

import served
from examples import NAMES, Example, answer, expected
from exoreview import media
from exoreview.terms import BASE
from exoreview.web.query.examples import Example as Shown
from exoreview.web.query.published import Published, parameters
from served import BROWSER
from test_queries import ASKED_OTHERWISE

TABLES = [name for name in NAMES if Example(name).property in ("sh:select", "sh:ask")]
GRAPHS = [name for name in NAMES if name not in TABLES]


@pytest.fixture(scope="module")
def client():
    return served.client()


def cells(response):
    """The rows of a table in JSON, by their terms."""
    return parse_query_results(response.data, format=media.RESULTS_JSON.engine)


# --- The answers --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", TABLES)
def test_the_answer_of_a_table_is_exact(client, name):
    response = client.get(f"/query/{name}.json")
    assert (response.status_code, response.mimetype) == (200, "application/sparql-results+json")
    assert answer(cells(response)) == expected(name)


@pytest.mark.parametrize("name", GRAPHS)
def test_the_answer_of_a_graph_is_exact(client, name):
    response = client.get(f"/query/{name}/result.nt")
    assert (response.status_code, response.mimetype) == (200, "application/n-triples")
    assert {quad.triple for quad in parse(response.data, format=RdfFormat.N_TRIPLES)} == expected(name)


SUFFIXES = {
    ".csv": "text/csv",
    ".tsv": "text/tab-separated-values",
    ".srj": "application/sparql-results+json",
    ".json": "application/sparql-results+json",
    ".srx": "application/sparql-results+xml",
    ".xml": "application/sparql-results+xml",
}


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_table_is_had_in_each_format(client, suffix):
    response = client.get(f"/query/authors{suffix}")
    assert (response.status_code, response.mimetype) == (200, SUFFIXES[suffix])
    assert "Sillanpää" in response.text
    assert client.get(f"/query/authors/result{suffix}").data == response.data
    by_accept = client.get("/query/authors/result", headers={"Accept": SUFFIXES[suffix]})
    assert (by_accept.mimetype, by_accept.data) == (SUFFIXES[suffix], response.data)
    sent = client.get("/query/authors", headers={"Accept": SUFFIXES[suffix]})
    assert sent.status_code == 303
    assert client.get(sent.headers["Location"]).data == response.data


@pytest.mark.parametrize("format", media.RDF, ids=lambda format: format.name)
def test_a_graph_is_had_in_each_format(client, format):
    response = client.get(f"/query/direct-triples/result{format.suffix}")
    assert (response.status_code, response.mimetype) == (200, format.media_type)
    by_accept = client.get("/query/direct-triples/result", headers={"Accept": format.media_type})
    assert by_accept.data == response.data


@pytest.mark.parametrize("name", ["authors", "direct-triples"])
@pytest.mark.parametrize("format", media.RDF, ids=lambda format: format.name)
def test_the_query_itself_is_described_as_before(client, name, format):
    response = client.get(f"/query/{name}", headers={"Accept": format.media_type})
    assert (response.status_code, response.headers["Location"]) == (303, f"/query/{name}{format.suffix}")
    assert BASE + f"query/{name}" in client.get(f"/query/{name}{format.suffix}").text


def test_an_answer_is_checked_like_every_other(client):
    """With ETag, coding, cache and the format that a parameter names."""
    path, packed = "/query/claims-in-text-order.csv", {"Accept-Encoding": "gzip"}
    first = client.get(path, headers=packed)
    assert first.headers["Content-Encoding"] == "gzip"
    again = client.get(path, headers=packed | {"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert client.head("/query/authors.csv").status_code == 200
    assert client.get("/query/authors/result?format=tsv").mimetype == "text/tab-separated-values"
    assert client.get("/query/authors/result?format=ttl").mimetype == "application/sparql-results+json"
    assert client.post("/query/authors.csv").status_code == 405


@pytest.mark.parametrize("name", ["authors", "direct-triples"])
def test_a_browser_is_led_to_the_editor(client, name):
    for arguments in ({"headers": {"Accept": BROWSER}}, {"query_string": {"format": "html"}}):
        response = client.get(f"/query/{name}/result", **arguments)
        assert response.status_code == 303
        assert response.headers["Location"].startswith("/sparql?query=PREFIX")
    page = client.get(response.headers["Location"], headers={"Accept": BROWSER})
    assert page.status_code == 200
    assert "What is wrong" not in page.text


# --- Values -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_what_the_file_calls_a_parameter_is_one(name):
    text = Example(name).text
    assert len(parameters(text)) == text.count("# Parameter ")


@pytest.mark.parametrize(
    ("name", "values", "variable", "wanted"),
    ASKED_OTHERWISE,
    ids=["-".join([row[0], *row[1].values()]) for row in ASKED_OTHERWISE],
)
def test_other_values_give_their_answer(client, name, values, variable, wanted):
    response = client.get(f"/query/{name}.json", query_string=values)
    assert response.status_code == 200
    lines = answer(cells(response))
    column = lines[0].split("\t").index(f"?{variable}")
    assert [line.split("\t")[column] for line in lines[1:]] == wanted


WAYS = {
    "by prefix": "claim:s05-c3",
    "by name": "s05-c3",
    "in full": BASE + "claim/s05-c3",
    "in brackets": f"<{BASE}claim/s05-c3>",
    "with blanks around": " claim:s05-c3 ",
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_an_iri_is_written_in_any_usual_way(client, way):
    response = client.get("/query/words-of-a-claim.csv", query_string={"claim": way})
    [row] = csv.DictReader(io.StringIO(response.text))
    assert row["words"] == "drug carriers"


def test_values_come_along(client):
    response = client.get("/query/words-of-a-claim?claim=s05-c3", headers={"Accept": "text/csv"})
    assert response.headers["Location"] == "/query/words-of-a-claim.csv?claim=s05-c3"
    response = client.get("/query/words-of-a-claim/result?claim=s05-c3", headers={"Accept": BROWSER})
    assert "claim:s05-c3" not in response.headers["Location"]
    page = client.get(response.headers["Location"], headers={"Accept": BROWSER})
    assert "drug carriers" in page.text


def test_the_page_offers_formats_and_values(client):
    page = client.get("/query/claims-in-a-range.html").text
    assert 'href="/query/claims-in-a-range.csv"' in page
    assert 'action="/query/claims-in-a-range/result"' in page
    assert '<label for="to">The character after the last</label>' in page
    assert 'name="from" value="659"' in page
    assert 'href="/query/direct-triples/result.ttl"' in client.get("/query/direct-triples.html").text
    assert "<form" not in client.get("/query/authors.html").text.partition("<main")[2]


CLAIM, RANGE = "/query/words-of-a-claim.csv", "/query/claims-in-a-range.csv"
AS_WRITTEN = "; write it as claim:s04-c6 is written."
REFUSED = {
    "no parameters": ("/query/authors.csv?x=1", "The query authors has no parameter “x”; it has none."),
    "another": (CLAIM + "?x=1", "The query words-of-a-claim has no parameter “x”; it has claim."),
    "a variable that is no parameter": (CLAIM + "?words=x", "The query words-of-a-claim has no parameter"),
    "a query": (CLAIM + "?query=ASK%7B%7D", "The query words-of-a-claim has no parameter “query”"),
    "a graph": (CLAIM + "?default-graph-uri=a:b", "The query words-of-a-claim has no parameter"),
    "an update": (CLAIM + "?update=CLEAR%20ALL", None),
    "twice": (CLAIM + "?claim=s01-c1&claim=s01-c2", "Each parameter has one value."),
    "nothing": (CLAIM + "?claim=", "The parameter claim is “”, which is no IRI" + AS_WRITTEN),
    "words": (CLAIM + "?claim=a%20b", "The parameter claim is “a b”, which is no IRI" + AS_WRITTEN),
    "the end of the block": (CLAIM + "?claim=a:x%7D", "The parameter claim is “a:x}”, which is no IRI"),
    "the end of the IRI": (
        CLAIM + "?claim=a:b%3E%20%7D%20SERVICE%20%3Chttp://x%3E%20%7B%7D",
        "The parameter claim is “a:b> } SERVICE <http://x> {}”, which is no IRI",
    ),
    "an escape": (CLAIM + "?claim=a:%5Cu003E", "The parameter claim is “a:\\u003E”, which is no IRI"),
    "a new line": (CLAIM + "?claim=a:b%0Ac", "The parameter claim is “a:b\nc”, which is no IRI"),
    "a text": (CLAIM + "?claim=%22x%22@en", "The parameter claim is “\"x\"@en”, which is no IRI"),
    "no number": (RANGE + "?from=first", "The parameter from is “first”, which is no whole number; write it"),
    "a fraction": (RANGE + "?from=1.5", "The parameter from is “1.5”, which is no whole number"),
    "a long number": (RANGE + "?from=" + "9" * 50, "The parameter from is “999"),
    "a number and more": (RANGE + "?from=1%20%7D", "The parameter from is “1 }”, which is no whole number"),
    "no UTF-8": (CLAIM + "?claim=%FF", "The parameters in the address are not UTF-8."),
}  # fmt: skip


@pytest.mark.parametrize(("path", "sentence"), REFUSED.values(), ids=REFUSED)
@pytest.mark.parametrize("place", ["data", "page"])
def test_nothing_else_can_be_put_in(client, path, sentence, place):
    if place == "page":
        path = path.replace(".csv", "/result") + "&format=html"
    response = client.get(path)
    assert response.status_code == (400 if sentence else 403)
    assert response.text.startswith(sentence or "The data is read-only here")


@pytest.mark.parametrize("name", NAMES)
def test_a_value_changes_nothing_else(name):
    """Whatever is put in, the query is the same but for this one word."""
    text = Example(name).text
    published = Published({f"{BASE}query/{name}": Shown("", text)})
    for parameter in parameters(text):
        value = "17" if parameter.value.isdigit() else "https://example.org/SERVICE"
        written = value if parameter.value.isdigit() else f"<{value}>"
        usual, made = text.split(), published.text(name, f"{parameter.name}={value}").split()
        differing = [(old, new) for old, new in zip(usual, made, strict=True) if old != new]
        integer = "^^<http://www.w3.org/2001/XMLSchema#integer>"
        assert differing in ([(parameter.value, written)], [(parameter.value, f'"{value}"{integer}')])


MISSING = {
    "RDF of a table": (
        "/query/authors/result.ttl",
        "The answer of the query authors is a table, at /query/authors/result; there are .srj .srx .csv .tsv",
    ),
    "a table of RDF": (
        "/query/direct-triples.csv",
        "The answer of the query direct-triples is RDF, at /query/direct-triples/result; there are .ttl",
    ),
    "no query": ("/query/nothing/result", "There is no query “nothing”"),
    "prefixes": ("/query/prefixes/result", "There is no query “prefixes”"),
    "another suffix": ("/query/authors.pdf", "There is no query “authors.pdf”"),
}


@pytest.mark.parametrize(("path", "sentence"), MISSING.values(), ids=MISSING)
def test_what_is_not_there_is_said(client, path, sentence):
    response = client.get(path)
    assert (response.status_code, response.mimetype) == (404, "text/plain")
    assert response.text.startswith(sentence)


def test_nothing_else_is_accepted(client):
    response = client.get("/query/authors/result", headers={"Accept": "image/png"})
    assert response.status_code == 406
    assert "text/csv" in response.text
