"""Every version of a vocabulary has its address, dumps stay as they were released, a time leads to a version.

Memento is that of RFC 7089: the original is its own TimeGate (pattern 1.1), each version a Memento.
"""

import hashlib
import re
import shutil
from urllib.request import urlopen

import pytest
from pyoxigraph import NamedNode, RdfFormat, Store, Triple, parse

import older
import served
from conftest import serving
from exoreview import cli, files, media
from exoreview.release import Release, archive
from exoreview.sparql.engine import Embedded
from exoreview.terms import BASE, term
from exoreview.web import server
from served import BROWSER

HERE = "http://localhost"
NOW = files.version()
BOOKS = ("ontology", "concepts", "shapes")
DATES = {
    "0.9.0": "Tue, 01 Sep 2026 00:00:00 GMT",
    "0.10.0": "Thu, 01 Oct 2026 00:00:00 GMT",
    NOW: "Mon, 23 Nov 2026 00:00:00 GMT",
}
LINK = re.compile(r'<([^>]*)>((?:; \w+="[^"]*")+)')


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return older.archive(tmp_path_factory.mktemp("archive"))


@pytest.fixture(scope="module")
def client(folder):
    release = Release.load(archive=archive.read(folder, NOW))
    store = Store()
    store.extend(release.quads())
    return served.client_of(server.of_release, release, Embedded(store))


@pytest.fixture(scope="module")
def alone():
    """A server without older releases."""
    return served.client()


def links(text):
    """The targets and parameters of a Link header or of a document in link-format."""
    return [(target, dict(re.findall(r'(\w+)="([^"]*)"', said))) for target, said in LINK.findall(text)]


def of(response, rel):
    """Where the links of a relation lead."""
    return [target for target, said in links(response.headers["Link"]) if rel in said["rel"].split()]


def triples(response):
    return {quad.triple for quad in parse(response.data, format=media.DATA_SUFFIXES[".ttl"].engine)}


# --- Addresses ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("book", BOOKS)
@pytest.mark.parametrize("version", older.DAYS)
def test_an_older_version_is_what_was_released(client, book, version):
    then = older.release(version)
    response = client.get(f"/{book}/{version}", headers={"Accept": "text/turtle"})
    assert (response.status_code, response.mimetype) == (200, "text/turtle")
    held = triples(response)
    assert (
        Triple(NamedNode(BASE + book), term("owl:versionIRI"), NamedNode(f"{BASE}{book}/{version}")) in held
    )
    assert len(held) == len(then.graphs[book])


@pytest.mark.parametrize("format", [media.TURTLE, media.RDFXML, media.JSONLD, media.NTRIPLES, media.HTML])
@pytest.mark.parametrize("version", ["0.9.0", NOW])
def test_a_version_is_had_in_each_format_by_accept_and_by_suffix(client, format, version):
    by_accept = client.get(f"/concepts/{version}", headers={"Accept": format.media_type})
    by_suffix = client.get(f"/concepts/{version}{format.suffix}")
    assert (by_accept.status_code, by_suffix.status_code) == (200, 200)
    assert by_accept.mimetype == by_suffix.mimetype == format.media_type
    assert by_accept.data == by_suffix.data


def test_the_page_of_an_older_version_says_so(client):
    page = client.get("/ontology/0.9.0", headers={"Accept": BROWSER}).text
    assert f'This is version 0.9.0, as it was released. The current one is <a href="/ontology/{NOW}">' in page
    assert 'href="/ontology/0.9.0.ttl"' in page
    for current in ("/ontology", f"/ontology/{NOW}"):
        page = client.get(current, headers={"Accept": BROWSER}).text
        assert 'older: <a href="/ontology/0.10.0">0.10.0</a>, <a href="/ontology/0.9.0">0.9.0</a>' in page
        assert "This is version" not in page


@pytest.mark.parametrize("book", BOOKS)
def test_a_vocabulary_names_the_version_before_it(client, alone, book):
    prior = Triple(NamedNode(BASE + book), term("owl:priorVersion"), NamedNode(f"{BASE}{book}/0.10.0"))
    for path in (f"/{book}.ttl", f"/{book}/{NOW}.ttl"):
        assert prior in triples(client.get(path))
        assert "priorVersion" not in alone.get(path).text


def test_the_endpoint_names_it_in_the_catalog_alone(client):
    prefix = "PREFIX owl: <http://www.w3.org/2002/07/owl#> "
    query = prefix + "SELECT DISTINCT ?g { GRAPH ?g { ?o owl:priorVersion ?v } }"
    response = client.get("/sparql", query_string={"query": query, "format": "csv"})
    assert response.text.split() == ["g", BASE + "graph/catalog"]
    query = prefix + "ASK { ?o owl:priorVersion ?v }"
    assert client.get("/sparql", query_string={"query": query, "format": "csv"}).text == "false"


CURRENT, OLDER = f"the current one is {NOW}", "0.10.0, 0.9.0."
MISSING = {
    "version": (
        "/ontology/0.8.0",
        f"There is no version 0.8.0 of /ontology; {CURRENT}, older ones are {OLDER}",
    ),
    "version with a suffix": (
        "/shapes/0.8.0.ttl",
        f"There is no version 0.8.0 of /shapes; {CURRENT}, older ones are {OLDER}",
    ),
    "format": (
        "/concepts/0.9.0.trig",
        "/concepts/0.9.0 is not to be had as .trig; there are .ttl .rdf .jsonld .nt .html.",
    ),
    "dump": (
        "/download/exoreview-0.8.0.nq",
        f"There is no file “exoreview-0.8.0.nq” in release {NOW}; there are exoreview-{NOW}.ttl",
    ),
    "changes": (
        "/changes/0.8.0",
        f"There is no older release 0.8.0; {CURRENT}. Older releases are {OLDER}",
    ),
    "changes since now": (
        f"/changes/{NOW}",
        f"There is no older release {NOW}; {CURRENT}. Older releases are {OLDER}",
    ),
    "file": (
        "/download/0.9.0/exoreview-0.9.0.nq",
        "Below /download/0.9.0 there are catalog.ttl and SHA256SUMS.",
    ),
    "time map": (
        "/timemap/review",
        "There is no TimeMap of /review; there are those of /ontology, /concepts, /shapes.",
    ),
}


@pytest.mark.parametrize(("path", "sentence"), MISSING.values(), ids=MISSING)
def test_what_is_not_there_says_which_versions_are(client, path, sentence):
    response = client.get(path)
    assert (response.status_code, response.mimetype) == (404, "text/plain")
    assert response.text.startswith(sentence)
    assert not path.startswith("/download/exo") or f"Older releases are {OLDER}" in response.text


# --- Downloads ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", older.DAYS)
def test_older_files_are_sent_as_they_were_released(client, folder, version):
    for path in (folder / version).iterdir():
        own_name = version in path.name
        response = client.get(f"/download/{path.name}" if own_name else f"/download/{version}/{path.name}")
        assert response.status_code == 200
        assert hashlib.sha256(response.data).digest() == hashlib.sha256(path.read_bytes()).digest()
        assert response.headers["Last-Modified"] == DATES[version]
        assert "immutable" in response.headers["Cache-Control"]


def test_a_file_that_was_spoiled_meanwhile_is_not_sent(folder, tmp_path):
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    release = Release.load(archive=archive.read(tmp_path, NOW))
    client = served.client_of(server.of_release, release, Embedded(Store()))
    (tmp_path / "0.9.0" / "exoreview-0.9.0.ttl").write_text("")
    response = client.get("/download/exoreview-0.9.0.ttl")
    assert response.status_code == 500
    assert response.text.startswith("The file exoreview-0.9.0.ttl of release 0.9.0 is damaged on this server")
    assert str(tmp_path) not in response.text


def test_the_page_counts_what_has_changed(client):
    page = client.get("/download", headers={"Accept": BROWSER}).text
    section = page.partition('id="older"')[2]
    assert re.findall(r"<h3>([\d.]+) <small>([\d-]+)</small>", section)[:2] == [
        ("0.10.0", "2026-10-01"),
        ("0.9.0", "2026-09-01"),
    ]
    # Only the older releases lack a claim; the last row of a graph is that of the oldest.
    rows = dict(re.findall(r'<th scope="row">(\w+)</th><td>\+([\d,]+)</td>', section))
    before, after = older.release("0.9.0"), served.release()
    wanted = set(after.graphs["claims"]) - set(before.graphs["claims"])
    assert rows["claims"] == f"{len(wanted)}"
    assert rows["direct"] == "1"


def test_the_change_log_is_that_of_the_command(client, folder, tmp_path, capsys):
    assert cli.main(["build", "--out", str(tmp_path / "new"), "--archive", str(folder)]) == 0
    capsys.readouterr()
    assert cli.main(["diff", str(folder / "0.9.0"), str(tmp_path / "new")]) == 1
    response = client.get("/changes/0.9.0")
    assert (response.status_code, response.mimetype) == (200, "text/plain")
    assert response.text == capsys.readouterr().out


def test_without_older_releases_nothing_is_said_of_any(alone):
    assert "Older releases" not in alone.get("/download", headers={"Accept": BROWSER}).text
    assert alone.get("/changes/0.9.0").status_code == 404


def test_the_description_has_what_the_archive_adds(client):
    paths = client.get("/openapi.json").json["paths"]
    assert {"/changes/{version}", "/download/{version}/{name}", "/timemap/{name}"} <= paths.keys()


# --- Memento ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("book", BOOKS)
def test_the_original_says_that_it_is_its_own_time_gate(client, book):
    response = client.get(f"/{book}")
    assert response.status_code == 200
    assert "Memento-Datetime" not in response.headers
    assert "accept-datetime" in [name.lower() for name in response.vary]
    assert of(response, "original") == of(response, "timegate") == [f"/{book}"]
    assert of(response, "timemap") == [f"/timemap/{book}"]
    assert of(response, "cite-as") == [BASE + book]


@pytest.mark.parametrize("suffix", ["", ".ttl", ".html"], ids=["by accept", "Turtle", "page"])
@pytest.mark.parametrize("version", DATES)
def test_each_version_is_a_memento(client, version, suffix):
    response = client.get(f"/ontology/{version}{suffix}")
    assert response.headers["Memento-Datetime"] == DATES[version]
    assert of(response, "original") == of(response, "timegate") == ["/ontology"]
    assert of(response, "timemap") == ["/timemap/ontology"]
    assert "accept-datetime" not in [name.lower() for name in response.vary]


THEN = {
    "before all": ("Thu, 01 Jan 1970 00:00:00 GMT", "0.9.0"),
    "the first day": ("Tue, 01 Sep 2026 00:00:00 GMT", "0.9.0"),
    "a second before the second": ("Wed, 30 Sep 2026 23:59:59 GMT", "0.9.0"),
    "the second": ("Thu, 01 Oct 2026 00:00:00 GMT", "0.10.0"),
    "between": ("Sun, 22 Nov 2026 12:00:00 GMT", "0.10.0"),
    "after all": ("Fri, 31 Dec 2100 00:00:00 GMT", NOW),
}


@pytest.mark.parametrize(("when", "version"), THEN.values(), ids=THEN)
def test_a_time_leads_to_the_version_that_was_current(client, when, version):
    # What is asked without a time first is kept, and must not be the answer to the second question.
    assert client.get("/ontology").status_code == 200
    response = client.get("/ontology", headers={"Accept-Datetime": when})
    assert (response.status_code, response.headers["Location"]) == (302, f"/ontology/{version}")
    assert "accept-datetime" in [name.lower() for name in response.vary]
    assert of(response, "original") == of(response, "timegate") == ["/ontology"]
    assert "Memento-Datetime" not in response.headers
    there = client.get(response.headers["Location"], headers={"Accept-Datetime": when})
    assert there.headers["Memento-Datetime"] == DATES[version]
    assert client.get("/ontology").status_code == 200


@pytest.mark.parametrize(
    "when", ["yesterday", "2026-10-01", "Thu, 01 Oct 2026 00:00:00 CET", "Thu, 99 Oct 2026 00:00:00 GMT"]
)
def test_what_is_no_time_is_refused(client, when):
    response = client.get("/ontology", headers={"Accept-Datetime": when})
    assert response.status_code == 400
    assert response.text.startswith(f"Accept-Datetime is “{when}”, which is no date of the form ")


def test_the_time_map_lists_every_version(client):
    response = client.get("/timemap/concepts")
    assert (response.status_code, response.mimetype) == (200, "application/link-format")
    [original, itself, *mementos] = links(response.text)
    assert original == (f"{HERE}/concepts", {"rel": "original timegate"})
    assert itself[0] == f"{HERE}/timemap/concepts"
    assert itself[1] == {
        "rel": "self",
        "type": "application/link-format",
        "from": DATES["0.9.0"],
        "until": DATES[NOW],
    }
    places = ("first memento", "memento", "last memento")
    assert mementos == [
        (f"{HERE}/concepts/{version}", {"rel": place, "datetime": DATES[version]})
        for version, place in zip(DATES, places, strict=True)
    ]


def test_with_one_version_it_is_still_true(alone):
    assert alone.get(f"/shapes/{NOW}").headers["Memento-Datetime"] == DATES[NOW]
    response = alone.get("/shapes", headers={"Accept-Datetime": DATES["0.9.0"]})
    assert (response.status_code, response.headers["Location"]) == (302, f"/shapes/{NOW}")
    last = links(alone.get("/timemap/shapes").text)[-1]
    assert last == (f"{HERE}/shapes/{NOW}", {"rel": "first last memento", "datetime": DATES[NOW]})


@pytest.mark.parametrize("path", ["/", "/review", "/claim/s04-c6", "/download", "/sparql"])
def test_what_has_no_versions_has_no_time(client, path):
    response = client.get(path, headers={"Accept-Datetime": DATES["0.9.0"]})
    assert "Memento-Datetime" not in response.headers
    assert "timegate" not in response.headers.get("Link", "")


def test_a_served_archive_is_had_over_http(folder):
    with serving("--archive", folder) as address:
        name = "exoreview-0.10.0.nq"
        with urlopen(f"{address}/download/{name}") as response:
            assert response.read() == (folder / "0.10.0" / name).read_bytes()
        with urlopen(f"{address}/ontology/0.10.0.ttl") as response:
            assert response.headers["Memento-Datetime"] == DATES["0.10.0"]
            assert b"ontology/0.10.0>" in response.read()
        with urlopen(f"{address}/download/exoreview-{NOW}.nq") as response:
            quads = list(parse(response.read(), format=RdfFormat.N_QUADS))
        assert sum(quad.predicate == term("npx:supersedes") for quad in quads) == 54
