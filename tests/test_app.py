"""Every IRI of ours leads to its document in the format asked for; what is wrong is said in a sentence."""

import html
import json
import re

import pytest
from pyoxigraph import NamedNode, Store, parse

import served
from exoreview import files, media
from exoreview.sparql.engine import Embedded
from exoreview.terms import BASE, PREFIXES, local_path
from exoreview.web import server
from served import BROWSER, release

# One of each kind of thing.
THINGS = {
    "review": "review",
    "part of the review": "review/abstract",
    "claim": "claim/s04-c6",
    "scope statement": "scope/r1",
    "quote": "quote/486-501",
    "sentence": "sentence/s04",
    "person": "person/mika-sillanpaa",
    "authorship": "authorship/1",
    "concept": "concept/TumourDerivedExosome",
    "dataset": "dataset",
    "graph": "graph/claims",
    "mapping": "mapping/TumourDerivedExosome-GO_0070062",
    "query": "query/hedged-claims",
}
BOOKS = {"ontology": media.RDFXML, "concepts": media.TURTLE, "shapes": media.TURTLE}
FOAF = PREFIXES["foaf"]


@pytest.fixture(scope="module")
def client():
    return served.client()


@pytest.fixture(scope="module")
def things():
    """The paths of everything that the graphs speak of."""
    return {
        path
        for triples in release().graphs.values()
        for triple in triples
        if isinstance(triple.subject, NamedNode) and (path := local_path(triple.subject.value))
    }


@pytest.fixture(scope="module", params=THINGS.values(), ids=THINGS)
def thing(request, things):
    """A path of each kind; where the data has no thing of this name, another of the kind."""
    path = request.param
    if path not in things:
        path = min(other for other in things if other.startswith(path.partition("/")[0] + "/"))
    return path


LABEL = NamedNode(PREFIXES["rdfs"] + "label")


def triples(response, format):
    return [quad.triple for quad in parse(response.data, format=format.engine)]


@pytest.mark.parametrize("format", [*media.RDF, media.HTML], ids=lambda format: format.name)
def test_a_thing_leads_to_its_document(client, thing, format):
    response = client.get(f"/{thing}", headers={"Accept": format.media_type})
    assert response.status_code == 303
    assert response.headers["Location"] == f"/{thing}{format.suffix}"
    assert "Accept" in response.vary


@pytest.mark.parametrize("format", media.RDF, ids=lambda format: format.name)
def test_a_document_says_what_it_describes(client, thing, format):
    response = client.get(f"/{thing}{format.suffix}")
    assert (response.status_code, response.mimetype) == (200, format.media_type)
    found = triples(response, format)
    document = NamedNode(f"{BASE}{thing}{format.suffix}")
    topic = NamedNode(FOAF + "primaryTopic")
    topics = [each.object.value for each in found if (each.subject, each.predicate) == (document, topic)]
    assert topics == [BASE + thing]
    assert any(each.subject.value == BASE + thing for each in found if isinstance(each.subject, NamedNode))
    assert any(
        each.subject == document and each.predicate.value == PREFIXES["void"] + "inDataset" for each in found
    )
    [rights] = [
        each.object
        for each in found
        if (each.subject, each.predicate.value) == (document, PREFIXES["dcterms"] + "rights")
    ]
    [words] = [each.object.value for each in found if (each.subject, each.predicate) == (rights, LABEL)]
    assert "belong to the publisher of the review" in words


def test_a_document_as_a_page(client, thing):
    response = client.get(f"/{thing}.html")
    assert (response.status_code, response.mimetype) == (200, "text/html")
    assert f"<code>{BASE}{thing}</code>" in response.text
    assert f'href="/{thing}.ttl"' in response.text


def test_the_formats_of_a_graph_say_the_same(client, thing):
    said = {}
    for format in (media.TURTLE, media.NTRIPLES, media.RDFXML, media.JSONLD):
        found = triples(client.get(f"/{thing}{format.suffix}"), format)
        named = {each for each in found if "_:" not in str(each)}
        said[format.name] = {str(each).replace(f"{thing}{format.suffix}>", f"{thing}>") for each in named}
    assert said["ttl"] == said["nt"] == said["rdf"] == said["jsonld"]


CLAIM = BASE + "claim/s04-c6"


def test_a_claim_comes_with_its_words_and_what_points_to_it(client):
    found = triples(client.get("/claim/s04-c6.nt"), media.NTRIPLES)
    said = {(each.predicate.value.rpartition("#")[2], getattr(each.object, "value", "")) for each in found}
    assert ("exact", "chemoresistance") in said
    assert ("isMechanismOf", CLAIM) in said
    assert any(each.subject.value == BASE + "concept/Chemoresistance" for each in found)


@pytest.mark.parametrize("format", [media.TURTLE, media.JSONLD], ids=lambda format: format.name)
def test_nothing_inferred_stands_among_what_is_asserted(client, format):
    inferred = set(release().graphs["inferred"])
    assert inferred
    assert not inferred & set(triples(client.get(f"/claim/s04-c6{format.suffix}"), format))


@pytest.mark.parametrize("format", [media.TRIG, media.NQUADS], ids=lambda format: format.name)
def test_what_is_inferred_stands_in_its_own_graph(client, format):
    quads = list(parse(client.get(f"/claim/s04-c6{format.suffix}").data, format=format.engine))
    inferred = [each.triple for each in quads if str(each.graph_name) == f"<{BASE}graph/inferred>"]
    causal = NamedNode(PREFIXES["exr"] + "CausalClaim")
    assert causal in {triple.object for triple in inferred}
    assert causal not in {each.object for each in quads if not isinstance(each.graph_name, NamedNode)}


def test_the_page_of_a_claim_sets_the_inferred_apart(client):
    above, _, below = client.get("/claim/s04-c6.html").text.partition("<h2>Inferred</h2>")
    assert "causal claim" in below
    assert "causal claim" not in above


@pytest.mark.parametrize("book", BOOKS)
@pytest.mark.parametrize("version", ["", "/1.0.0"], ids=["current", "by version"])
@pytest.mark.parametrize(
    "format", [media.TURTLE, media.RDFXML, media.NTRIPLES, media.JSONLD], ids=lambda f: f.name
)
def test_a_vocabulary_is_answered_at_its_own_address(client, book, version, format):
    response = client.get(f"/{book}{version}", headers={"Accept": format.media_type})
    assert (response.status_code, response.mimetype) == (200, format.media_type)
    assert "Accept" in response.vary
    found = triples(response, format)
    assert len(set(found)) == len(release().graphs[book])
    assert client.get(f"/{book}{format.suffix}").data == response.data


@pytest.mark.parametrize(("book", "format"), BOOKS.items(), ids=BOOKS)
def test_a_vocabulary_without_an_accept_header(client, book, format):
    assert client.get(f"/{book}").mimetype == format.media_type


@pytest.mark.parametrize("book", BOOKS)
def test_the_page_of_a_vocabulary_has_an_anchor_for_every_term(client, book):
    response = client.get(f"/{book}", headers={"Accept": BROWSER})
    namespace = {"ontology": "ontology#", "concepts": "concept/", "shapes": "shapes#"}[book]
    subjects = {triple.subject for triple in release().graphs[book] if isinstance(triple.subject, NamedNode)}
    names = {node.value for node in subjects if node.value.startswith(BASE + namespace)}
    anchors = re.findall(r'<section class="term" id="([^"]+)"', response.text)
    assert sorted(anchors) == sorted(name.removeprefix(BASE + namespace) for name in names)


def test_the_first_page_is_the_review(client):
    page = client.get("/", headers={"Accept": BROWSER}).text
    assert "Role of exosomes in tumour growth, chemoresistance and immunity: state-of-the-art</h1>" in page
    names = re.findall(r'<a href="/person/[^"]+">([^<]+)</a>', page)
    assert (len(names), names[0], names[-1]) == (9, "Seyedeh Maryam Hosseinikhah", "Amirhossein Sahebkar")
    for fact in (
        "Journal of Drug Targeting",
        "2023",
        "issue 1",
        "32\N{EN DASH}50",
        "14 citations (Scopus)",
        "immunomodulation",
    ):
        assert fact in page, fact
    subjects = {triple.subject.value for triple in release().graphs["claims"]}
    claims = {iri.removeprefix(BASE + "claim/") for iri in subjects if iri.startswith(BASE + "claim/")}
    assert claims <= set(re.findall(r'href="/read\?claim=([^"#]+)#', page))


def test_whoever_asks_for_rdf_at_the_first_page_is_sent_to_the_catalog(client):
    response = client.get("/", headers={"Accept": "text/turtle"})
    assert (response.status_code, response.headers["Location"]) == (303, "/dataset")


NOT_FOUND = {
    "claim": ("/claim/s04-c99", "There is no claim “s04-c99”; the nearest are claim/s04-c9"),
    "document": ("/claim/s04-c99.ttl", "There is no claim “s04-c99”"),
    "concept": ("/concept/Exosom", "There is no concept “Exosom”; the nearest are concept/Exosome"),
    "kind": ("/nonsense/x", "There is nothing at /nonsense/x."),
    "top": ("/revew", "There is nothing at /revew; the nearest is review."),
    "version": ("/ontology/0.9.0", "There is no version 0.9.0 of /ontology; the current one is 1.0.0."),
    "suffix": (
        "/ontology.trig",
        "/ontology is not to be had as .trig; there are .ttl .rdf .jsonld .nt .html.",
    ),
    "file": (
        "/download/nothing.ttl",
        "There is no file “nothing.ttl” in release 1.0.0; there are exoreview-1.0.0.ttl",
    ),
}


@pytest.mark.parametrize(("path", "sentence"), NOT_FOUND.values(), ids=NOT_FOUND)
def test_what_is_not_there(client, path, sentence):
    response = client.get(path)
    assert (response.status_code, response.mimetype) == (404, "text/plain")
    assert response.text.startswith(sentence)


def test_errors_come_in_the_form_of_the_client(client):
    page = client.get("/claim/x", headers={"Accept": BROWSER})
    assert (page.status_code, page.mimetype) == (404, "text/html")
    assert "There is no claim “x”" in page.text
    problem = client.get("/claim/s04-c99", headers={"Accept": "application/json"})
    assert (problem.status_code, problem.mimetype) == (404, "application/problem+json")
    assert problem.json["nearest"][0] == "claim/s04-c9"
    assert {"type", "title", "status", "detail"} <= problem.json.keys()


@pytest.mark.parametrize("path", ["/claim/s04-c6", "/ontology", "/", "/sparql"])
def test_what_cannot_be_had_says_what_can(client, path):
    response = client.get(path, headers={"Accept": "image/png"})
    assert (response.status_code, response.mimetype) == (406, "text/plain")
    assert "text/turtle" in response.text
    assert "text/html" in response.text


@pytest.mark.parametrize(
    "path", ["/claim/s04-c6", "/claim/s04-c6.ttl", "/ontology", "/", "/download", "/health"]
)
def test_only_reading(client, path):
    response = client.post(path)
    assert response.status_code == 405
    assert set(response.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}


CACHED = (
    *("/", "/claim/s04-c6.ttl", "/claim/s04-c6.html", "/ontology", "/concepts.html"),
    *("/download", "/download/catalog.ttl", "/sparql"),
)


@pytest.mark.parametrize("path", CACHED)
def test_what_the_client_has_is_not_sent_again(client, path):
    first = client.get(path)
    tag = first.headers["ETag"]
    assert tag.startswith('"')
    assert first.headers["Last-Modified"] == "Mon, 23 Nov 2026 00:00:00 GMT"
    assert "public" in first.headers["Cache-Control"]
    for headers in ({"If-None-Match": tag}, {"If-Modified-Since": first.headers["Last-Modified"]}):
        again = client.get(path, headers=headers)
        assert (again.status_code, again.data) == (304, b"")
    assert client.get(path, headers={"If-None-Match": '"other"'}).status_code == 200


def test_each_representation_has_its_own_etag(client):
    formats = (*media.RDF, media.HTML)
    tags = {client.get(f"/claim/s04-c6{format.suffix}").headers["ETag"] for format in formats}
    assert len(tags) == len(formats)


def test_the_same_bytes_under_two_media_types_have_two_etags(client):
    types = ("application/ld+json", "application/json")
    answers = [client.get("/ontology", headers={"Accept": accept}) for accept in types]
    assert [answer.mimetype for answer in answers] == list(types)
    assert answers[0].data == answers[1].data
    assert answers[0].headers["ETag"] != answers[1].headers["ETag"]


def test_no_media_type_promises_another_syntax(client):
    """A page is HTML and no XHTML; RDF/XML is not the OWL/XML that application/owl+xml names."""
    assert client.get("/claim/s04-c6", headers={"Accept": "application/xhtml+xml"}).status_code == 406
    assert client.get("/ontology", headers={"Accept": "application/owl+xml"}).status_code == 406


@pytest.mark.parametrize(
    ("path", "accept", "status", "location"),
    [
        ("/download", "text/html", 200, None),
        ("/download", "text/turtle", 303, "/dataset"),
        ("/download", "image/png", 406, None),
        ("/", "text/turtle", 303, "/dataset"),
        ("/", ",,,", 200, None),
    ],
)
def test_a_page_without_data_of_its_own_leads_to_the_catalog(client, path, accept, status, location):
    response = client.get(path, headers={"Accept": accept})
    assert response.status_code == status
    assert response.headers.get("Location") == location


@pytest.mark.parametrize(
    "path", ["/claim/s04-c6", "/claim/s04-c6.ttl", "/ontology", "/", "/download/SHA256SUMS"]
)
def test_head_has_the_headers_of_get(client, path):
    got, head = client.get(path), client.head(path)
    assert (head.status_code, head.data) == (got.status_code, b"")
    for name in ("Content-Type", "Content-Length", "ETag", "Location", "Vary"):
        assert head.headers.get(name) == got.headers.get(name), name


def test_every_download_has_the_bytes_of_the_release(client):
    page = client.get("/download").text
    for name in release().names():
        response = client.get(f"/download/{name}")
        assert (response.status_code, response.data) == (200, release().bytes(name))
        assert response.mimetype == release().media_type(name)
        assert "Content-Encoding" not in response.headers
        assert release().sha256(name) in page


def test_health(client):
    response = client.get("/health")
    assert (response.status_code, response.mimetype) == (200, "application/json")
    said = response.json
    assert (said["status"], said["release"], said["triples"]) == ("ok", "1.0.0", len(release().default_graph))
    assert said["engine"]
    assert response.headers["Cache-Control"] == "no-store"


def status(client, path):
    """The status of an answer, which is closed again: that of a file is not read."""
    with client.get(path, headers={"Accept": "*/*"}) as response:
        return response.status_code


PAGES = (
    "/",
    "/claim/s04-c6.html",
    "/concepts.html",
    "/ontology.html",
    "/shapes.html",
    "/download",
    "/claim/none",
)


@pytest.mark.parametrize("path", [*PAGES, "/sparql"])
def test_a_page_needs_nothing_from_elsewhere(client, path):
    response = client.get(path, headers={"Accept": BROWSER})
    assert response.mimetype == "text/html"
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Referrer-Policy"] == "no-referrer"
    loaded = re.findall(r'(?:src|<link[^>]*rel="(?:stylesheet|icon)"[^>]*href)="([^"]+)"', response.text)
    assert all(address.startswith("/static/") for address in loaded)
    assert " style=" not in response.text
    # Data is no script: a browser never runs it.
    assert set(re.findall("<script(?! src=)[^>]*>", response.text)) <= {'<script type="application/ld+json">'}
    for address in loaded:
        assert status(client, address) == 200


@pytest.mark.parametrize("path", PAGES[:-1])
def test_every_link_of_ours_leads_somewhere(client, path):
    page = client.get(path, headers={"Accept": BROWSER}).text
    links = {link.partition("#")[0] for link in re.findall(r'href="(/[^"]*)"', page)}
    assert len(links) > 5
    broken = [link for link in links if status(client, link) >= 400]
    assert not broken


def test_every_thing_has_a_page(client, things):
    """All of them, once: no kind of thing breaks the page or the Turtle."""
    books = {*BOOKS, *(f"{book}/1.0.0" for book in BOOKS)}
    broken = [
        path + suffix
        for path in sorted(things - books)
        for suffix in (".html", ".ttl")
        if client.get(f"/{path}{suffix}").status_code != 200
    ]
    assert not broken


def test_a_nanopublication_is_had_whole(client):
    address, quads = next(iter(release().nanopublications.items()))
    path = address.removeprefix(BASE)
    assert client.get(f"/{path}").headers["Location"] == f"/{path}.trig"
    for format in (media.TRIG, media.NQUADS, media.JSONLD):
        response = client.get(f"/{path}{format.suffix}")
        assert {str(quad) for quad in parse(response.data, format=format.engine)} == {
            str(quad) for quad in quads
        }
    assert client.get(f"/{path}", headers={"Accept": "text/turtle"}).status_code == 406


def test_under_a_path_prefix_links_and_redirects_keep_it():
    client = served.client_of(server.of_release, release(), Embedded(Store()), path_prefix="/exo/")
    response = client.get("/exo/claim/s04-c6")
    assert response.headers["Location"] == "/exo/claim/s04-c6.ttl"
    assert client.get("/claim/s04-c6").status_code == 404
    page = client.get("/exo/claim/s04-c6.html").text
    links = re.findall(r'href="(/[^"]*)"', page)
    assert links
    assert all(link.startswith("/exo/") for link in links)


def test_a_mistake_of_ours_is_500_in_a_sentence(capsys):
    class Broken(Embedded):
        def write(self, question, out):
            raise KeyError("secret")

    client = served.other_client(Broken(Store()))
    response = client.get("/sparql?query=ASK{}", headers={"Accept": "application/json"})
    assert "KeyError: 'secret'" in capsys.readouterr().err
    assert (response.status_code, response.mimetype) == (500, "application/problem+json")
    assert "secret" not in response.text
    assert "mistake in the server" in json.loads(response.data)["detail"]


def test_each_example_query_is_offered_ready_to_be_asked(client):
    """Every link of the list leads to an answer: the prefixes that a file leaves out are put in."""
    page = client.get("/sparql", headers={"Accept": "text/html"}).text
    links = re.findall(r'<a href="(/sparql\?query=[^"]+)"', page)
    assert len(links) == len(list(files.named("data/queries", "*.ttl"))) - 1  # prefixes.ttl is no query
    for link in links:
        answer = client.get(html.unescape(link), headers={"Accept": "text/html"})
        assert answer.status_code == 200, link


def test_the_page_of_an_example_query_leads_to_its_answer(client):
    page = client.get("/query/authors.html").text
    [link] = re.findall(r'<a class="button first" href="(/sparql\?query=[^"]+)"', page)
    assert "Amirhossein Sahebkar" in client.get(html.unescape(link), headers={"Accept": "text/html"}).text
