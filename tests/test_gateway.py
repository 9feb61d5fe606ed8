"""Every reply passes the gateway: validators, codings, the cache, proxies, and what watchers read."""

import gc
import gzip
import json
import resource
import sys
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Quad, Store

import served
from exoreview.sparql.answers import PIECE_BYTES
from exoreview.sparql.engine import Embedded
from exoreview.sparql.outcomes import NoRoom, Stopped, TooLarge
from exoreview.web import server
from served import BROWSER, release

if sys.version_info >= (3, 14):
    from compression.zstd import decompress
else:
    from backports.zstd import decompress

SPARQL = "/sparql?query="
EVERYTHING = SPARQL + "SELECT%20*%20%7B?s%20?p%20?o%7D"
PATHS = {
    "a page": "/claim/s04-c6.html",
    "a document": "/claim/s04-c6.ttl",
    "a dump": "/download/SHA256SUMS",
    "a style sheet": "/static/style.css",
    "a query": EVERYTHING + "%20LIMIT%20100",
    "a page of a query": EVERYTHING + "%20LIMIT%20100&format=html",
}


@pytest.fixture(scope="module")
def client():
    return served.client()


class Counting(Embedded):
    """An engine that counts what it is asked."""

    def __init__(self, size=3):
        super().__init__(Store())
        subject, predicate = NamedNode("a:s"), NamedNode("a:p")
        self.store.extend(Quad(subject, predicate, Literal(str(number))) for number in range(size))
        self.asked, self.fails, self.fails_after = 0, 0, None

    def write(self, question, out):
        self.asked += 1
        if self.fails:
            self.fails -= 1
            raise NoRoom("There is no room for the answer.")
        super().write(question, out)
        if self.fails_after:
            raise self.fails_after


def other(engine, **given):
    return served.other_client(engine, **given)


@pytest.fixture
def engine():
    return Counting()


@pytest.mark.parametrize("path", PATHS.values(), ids=PATHS)
def test_who_has_it_gets_304(client, path):
    whole = client.get(path)
    assert (whole.status_code, whole.headers["ETag"][0]) == (200, '"')
    for tag in (whole.headers["ETag"], f'"other", {whole.headers["ETag"]}', "*"):
        again = client.get(path, headers={"If-None-Match": tag})
        assert (again.status_code, again.data) == (304, b"")
        assert again.headers["ETag"] == whole.headers["ETag"]
        assert again.headers["Vary"] == whole.headers["Vary"]
    assert client.get(path, headers={"If-None-Match": '"other"'}).status_code == 200


@pytest.mark.parametrize("path", PATHS.values(), ids=PATHS)
@pytest.mark.parametrize(("coding", "opened"), [("gzip", gzip.decompress), ("zstd", decompress)])
def test_what_is_long_comes_compressed(client, path, coding, opened):
    plain = client.get(path)
    packed = client.get(path, headers={"Accept-Encoding": coding})
    assert packed.headers["Content-Encoding"] == coding
    assert len(packed.data) < len(plain.data)
    assert opened(packed.data) == plain.data
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert "Accept-Encoding" in plain.headers["Vary"]
    assert packed.headers["ETag"] != plain.headers["ETag"]
    tag = {"Accept-Encoding": coding, "If-None-Match": packed.headers["ETag"]}
    assert client.get(path, headers=tag).status_code == 304


def test_what_is_short_comes_as_it_is(client):
    response = client.get(SPARQL + "ASK{}", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in response.headers


def test_a_file_that_is_compressed_is_not_compressed_again(client):
    name = next(name for name in release().names() if name.endswith(".gz"))
    response = client.get(f"/download/{name}", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in response.headers
    assert response.data == release().bytes(name)


ASKED_AGAIN = {
    "the same": (EVERYTHING, {}),
    "with another client": (EVERYTHING, {"User-Agent": "other"}),
    "with other words for the format": (EVERYTHING, {"Accept": "application/sparql-results+json"}),
    "by the other name of the host": (EVERYTHING, {"Host": "localhost"}),
}


@pytest.mark.parametrize(("path", "headers"), ASKED_AGAIN.values(), ids=ASKED_AGAIN)
def test_what_was_answered_is_not_asked_again(engine, path, headers):
    client = other(engine)
    first = client.get(EVERYTHING)
    second = client.get(path, headers=headers)
    assert (first.data, engine.asked) == (second.data, 1)


def test_a_posted_query_is_kept_too(engine):
    client = other(engine)
    for _ in range(2):
        client.post("/sparql", data="SELECT * { ?s ?p ?o }", content_type="application/sparql-query")
    client.post("/sparql", data={"query": "SELECT * { ?s ?p ?o }"})
    assert engine.asked == 1


ASKED_ANEW = {
    "another query": (EVERYTHING + "%20", {}),
    "another format": (EVERYTHING, {"Accept": "text/csv"}),
    "another media type of the same bytes": (EVERYTHING, {"Accept": "application/json"}),
    "another dataset": (EVERYTHING + "&default-graph-uri=a:g", {}),
    "a page": (EVERYTHING, {"Accept": BROWSER}),
}


@pytest.mark.parametrize(("path", "headers"), ASKED_ANEW.values(), ids=ASKED_ANEW)
def test_what_differs_is_asked(engine, path, headers):
    client = other(engine)
    first, second = client.get(EVERYTHING), client.get(path, headers=headers)
    assert engine.asked == 2
    assert (first.data, first.mimetype) != (second.data, second.mimetype) or "%20" in path


APART = {
    "default and named graph": (
        "default-graph-uri=a:g&named-graph-uri=a:h",
        "default-graph-uri=a:h&named-graph-uri=a:g",
    ),
    "a graph named named": (
        "default-graph-uri=named:&default-graph-uri=a:g",
        "named-graph-uri=a:g&named-graph-uri=named:",
    ),
}


@pytest.mark.parametrize(("one", "two"), APART.values(), ids=APART)
def test_no_two_requests_are_one(engine, one, two):
    client = other(engine)
    for more in (one, two):
        client.get(f"{EVERYTHING}&{more}")
    assert engine.asked == 2


@pytest.mark.parametrize("function", ["NOW()", "RAND()", "UUID()", "STRUUID()", "bnode()"])
@pytest.mark.parametrize("accept", ["*/*", BROWSER], ids=["a result", "a page"])
def test_what_changes_each_time_is_asked_each_time(engine, function, accept):
    client = other(engine)
    for _ in range(2):
        response = client.get(SPARQL + f"SELECT ({function} AS ?x) {{}}", headers={"Accept": accept})
        assert response.status_code == 200
    assert engine.asked == 2


def test_mistakes_are_not_kept(engine):
    client = other(engine)
    for _ in range(2):
        assert client.get(SPARQL + "SELECT").status_code == 400
    assert engine.asked == 2


def test_the_cache_keeps_to_its_size():
    engine = Counting(20)
    client = other(engine, cache_max_bytes=40_000)
    for number in range(100):
        client.get(f"{EVERYTHING}%23{number}")
    assert client.application.gateway.cache.size <= 40_000
    client.get(f"{EVERYTHING}%2399")
    assert engine.asked == 100
    client.get(f"{EVERYTHING}%230")
    assert engine.asked == 101


@pytest.fixture
def many():
    """An engine whose answer to EVERYTHING is too long for memory."""
    return Counting(3000)


def test_a_long_answer_is_kept_too(many):
    client = other(many)
    first = client.get(EVERYTHING)
    again = client.get(EVERYTHING)
    posted = client.post("/sparql", data={"query": "SELECT * {?s ?p ?o}"})
    assert len(first.data) > PIECE_BYTES
    assert first.data == again.data == posted.data
    assert first.headers == again.headers == posted.headers
    assert client.head(EVERYTHING).headers["Content-Length"] == str(len(first.data))
    unchanged = client.get(EVERYTHING, headers={"If-None-Match": first.headers["ETag"]})
    assert (unchanged.status_code, unchanged.data) == (304, b"")
    assert many.asked == 1
    compressed = client.get(EVERYTHING, headers={"Accept-Encoding": "gzip"})
    assert gzip.decompress(compressed.data) == first.data
    assert many.asked == 2


def test_long_answers_keep_to_their_size(many):
    length = len(other(many).get(EVERYTHING).data)
    client = other(many, cache_disk_max_bytes=5 * length)
    cache, many.asked = client.application.gateway.cache, 0
    for number in range(10):
        client.get(f"{EVERYTHING}%23{number}")
        assert cache.disk <= 5 * length
    assert cache.disk > 3 * length
    client.get(f"{EVERYTHING}%239")
    assert many.asked == 10
    client.get(f"{EVERYTHING}%230")
    assert many.asked == 11


def test_no_more_long_answers_are_kept_than_files_may_be_open(many):
    client = other(many)
    cache = client.application.gateway.cache
    most = min(256, resource.getrlimit(resource.RLIMIT_NOFILE)[0] // 8)
    for number in range(most + 10):
        client.get(f"{EVERYTHING}%20OFFSET%20{number}")
    assert len(cache) == len(cache.long.replies) == most


@pytest.mark.parametrize("given", [{"cache_disk_max_bytes": 0}, {"cache_disk_max_bytes": 1_000_000}])
def test_an_answer_that_is_too_long_to_be_kept_is_given_all_the_same(many, given):
    client = other(many, **given)
    assert client.get(EVERYTHING).data == client.get(EVERYTHING).data
    assert many.asked == 2
    assert len(client.application.gateway.cache) == 0


def test_kept_answers_make_room(many):
    client = other(many)
    client.get(EVERYTHING)
    cache = client.application.gateway.cache
    assert cache.disk > PIECE_BYTES
    many.asked, many.fails = 0, 1
    assert client.get(f"{EVERYTHING}%231").status_code == 200
    assert many.asked == 2
    many.asked, many.fails = 0, 2
    said = client.get(f"{EVERYTHING}%232")
    assert (said.status_code, "no room" in said.text, said.headers["Retry-After"]) == (503, True, "1")
    assert (many.asked, cache.disk) == (2, 0)
    many.asked, many.fails = 0, 1
    assert client.get(f"{EVERYTHING}%233").status_code == 503
    assert many.asked == 1


@pytest.mark.parametrize("reason", [NoRoom("There is no room."), TooLarge("It is too long."), Stopped("No.")])
def test_of_an_answer_that_fails_nothing_is_held(many, reason):
    """Whatever circles its exception has got into."""
    client = other(many)
    folder = str(client.application.gateway.engine.folder)
    gc.collect()
    gc.disable()
    try:
        many.fails_after = reason
        assert client.get(EVERYTHING).status_code in (413, 503)
        held = [str(path.resolve()) for path in Path("/proc/self/fd").glob("*")]
        assert not [name for name in held if name.startswith(folder)]
    finally:
        gc.enable()


def test_a_head_is_no_shorter_page(client):
    path = "/concept/Exosome.html"
    length = client.head(path).headers["Content-Length"]
    assert len(client.get(path).data) == int(length)


def test_data_that_may_change_is_not_kept():
    engine = Counting()
    client = served.client_of(lambda *given: server.of_graphs(*given, constant=False), {"": 3}, engine)
    assert client.get(EVERYTHING).data == client.get(EVERYTHING).data
    assert engine.asked == 2


def test_health(client):
    said = client.get("/health")
    assert (said.status_code, said.mimetype, said.headers["Cache-Control"]) == (
        200,
        "application/json",
        "no-store",
    )
    assert said.json["status"] == "ok"
    assert said.json["release"] == release().version
    assert said.json["triples"] == len(release().default_graph)
    assert said.json["queries"] == {"running": 0, "waiting": 0}


def test_metrics(engine):
    client = other(engine)
    for query in ("ASK{}", "ASK{}", "ASK{", "ASK{?s ?p ?o}"):
        client.get(SPARQL + query)
    found = client.get("/metrics")
    assert found.mimetype == "text/plain"
    lines = set(found.text.splitlines())
    assert lines >= {
        'exoreview_queries_total{outcome="answered"} 2.0',
        'exoreview_queries_total{outcome="cached"} 1.0',
        'exoreview_queries_total{outcome="queryerror"} 1.0',
        'exoreview_requests_total{method="GET",status="200"} 3.0',
        'exoreview_requests_total{method="GET",status="400"} 1.0',
        "exoreview_query_seconds_count 3.0",
        "exoreview_cache_disk_bytes 0.0",
        'exoreview_workers{state="busy"} 0.0',
        'exoreview_workers{state="free"} 6.0',
        'exoreview_query_kills_total{reason="timeout"} 0.0',
    }


FORWARDED = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "example.org", "X-Forwarded-Prefix": "/exo"}


def described(client):
    return client.get("/sparql", headers={"Accept": "text/turtle", **FORWARDED}).text


def test_a_proxy_is_believed_only_where_it_is_trusted():
    assert "https://example.org/" not in described(other(Counting()))
    assert "https://example.org/sparql" in described(other(Counting(), trust_proxy=1))


def test_nobody_but_the_setting_says_the_path():
    """What a client may name would stand in every link, for everybody, where a proxy keeps answers."""
    client = other(Counting(), trust_proxy=1, path_prefix="/data")
    page = client.get("/data/sparql", headers={"Accept": BROWSER, "X-Forwarded-Prefix": "//evil.example"})
    assert "evil" not in page.text
    assert 'action="/data/sparql"' in page.text


@pytest.mark.parametrize("header", ["Host", "X-Forwarded-Host"])
@pytest.mark.parametrize("host", ["a b", "a/b", "a@b", "x:999999", "-" * 70])
def test_a_host_that_is_none_is_400(header, host):
    response = other(Counting(), trust_proxy=1).get("/sparql", headers={header: host})
    assert (response.status_code, response.text) == (400, "The Host header names no host.\n")


def test_two_hosts_behind_a_trusted_proxy_get_their_own_addresses():
    client = other(Counting(), trust_proxy=1)
    one, two = (
        client.get("/sparql", headers={"Accept": "text/turtle", "X-Forwarded-Host": host}).text
        for host in ("one.org", "two.org")
    )
    assert "http://one.org/sparql" in one
    assert "http://two.org/sparql" in two


@pytest.mark.parametrize(
    ("proxies", "header", "client"),
    [(0, "1.1.1.1", "127.0.0.1"), (1, "9.9.9.9, 1.1.1.1", "1.1.1.1"), (2, "1.1.1.1, 2.2.2.2", "1.1.1.1")],
    ids=["nobody trusted", "one trusted", "two trusted"],
)
def test_the_log_names_whom_a_trusted_proxy_names(capsys, proxies, header, client):
    made = other(Counting(), trust_proxy=proxies, log="json")
    made.get(SPARQL + "ASK{}", headers={"X-Forwarded-For": header})
    assert json.loads(capsys.readouterr().err)["client"] == client


def test_under_a_prefix_everything_stands_there():
    client = other(Counting(), path_prefix="/data")
    assert client.get("/data/health").status_code == 200
    assert client.get("/data" + EVERYTHING).status_code == 200
    assert client.get("/data/", headers={"Accept": BROWSER}).status_code == 200
    for path in ("/health", "/database", "/"):
        response = client.get(path)
        assert (response.status_code, response.text) == (404, "There is nothing outside /data/.\n")


@pytest.mark.parametrize("path", ["/health", "/metrics"])
def test_what_is_watched_is_only_read(client, path):
    assert client.post(path).status_code == 405
    assert client.options(path).headers["Allow"] == "GET, HEAD, OPTIONS"
    assert client.head(path).data == b""


def test_only_reading_is_answered_by_304(client):
    response = client.post("/sparql", data={"query": "ASK {}"}, headers={"If-None-Match": "*"})
    assert (response.status_code, response.json["boolean"]) == (200, True)


@pytest.mark.parametrize("path", ["//sparql", "//review"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_two_slashes_are_not_taken_for_one(client, path, method):
    # A client would read //sparql as the name of a host.
    response = client.open("/", method=method, environ_overrides={"PATH_INFO": path})
    assert (response.status_code, response.text) == (404, f"There is nothing at {path}.\n")


def test_a_body_that_is_compressed_is_refused(client):
    response = client.post(
        "/sparql",
        data=gzip.compress(b"ASK {}"),
        content_type="application/sparql-query",
        headers={"Content-Encoding": "gzip"},
    )
    assert (response.status_code, response.headers["Accept-Encoding"]) == (415, "identity")


def test_what_has_no_date_claims_none(engine):
    client = other(engine)
    for path in ("/", "/sparql", EVERYTHING, EVERYTHING + "&format=html"):
        assert "Last-Modified" not in client.get(path).headers, path


def test_parameters_of_others_are_no_query(client):
    assert client.get("/sparql?utm_source=mail", headers={"Accept": BROWSER}).status_code == 200


def test_what_is_not_possible_is_said(client):
    response = client.delete("/claim/s04-c6")
    assert (response.status_code, response.text) == (
        405,
        "DELETE is not possible at /claim/s04-c6; there are GET, HEAD, OPTIONS.\n",
    )


def test_invented_methods_invent_no_metrics(engine):
    client = other(engine)
    for method in ("BREW", "SHOUT"):
        client.open("/", method=method)
    found = client.get("/metrics").text
    assert 'method="other",status="405"} 2.0' in found
    assert "BREW" not in found
