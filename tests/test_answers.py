"""An answer keeps within its limits, and whoever gets it gets all of it."""

import gzip
import os
from contextlib import nullcontext
from io import BytesIO

import pytest
from pyoxigraph import Literal, NamedNode, Quad, Store

from exoreview import codings, media, settings
from exoreview.sparql.answers import PIECE_BYTES, Answer, Spool, Writing
from exoreview.sparql.engine import Embedded, Question
from exoreview.sparql.outcomes import NoRoom, TooLarge

ROWS = 40


@pytest.fixture(scope="module")
def engine():
    """Forty triples, whose objects hold what stands between the rows of other formats."""
    store = Store()
    texts = ('"}},{"', "a\nb", "<result>", "\r\n", "[{},{}]", '\\",{}\n"', '""\n""', "{}\\")
    for number in range(ROWS):
        value = Literal(texts[number % len(texts)] * (1 + number % 3) + str(number))
        store.add(Quad(NamedNode(f"http://e.org/{number}"), NamedNode("http://e.org/p"), value))
    return Embedded(store)


def written(engine, query, format, coding=None, **given):
    pieces = []
    out = Writing(format, coding, settings.read({}, **given), pieces.append)
    engine.write(Question(query, format), out)
    return pieces, out.finish()


EVERYTHING = "SELECT * { ?s ?p ?o }"


SOME = "SELECT ?o { ?s ?p ?x OPTIONAL { ?s ?p ?o FILTER(STRLEN(?o) > 6) } }"
# Queries with forty rows each: whatever stands in them, nothing at all, and some of both.
FORTY = {
    "values": EVERYTHING,
    "a value each": "SELECT ?o { ?s ?p ?o }",
    "nothing": "SELECT ?none { ?s ?p ?o }",
    "nothing or a value": SOME,
    "at first nothing": f"{SOME} ORDER BY ?o",
    "at last nothing": f"{SOME} ORDER BY DESC(?o)",
}


@pytest.mark.parametrize("format", media.RESULTS, ids=lambda format: format.name)
@pytest.mark.parametrize("query", FORTY.values(), ids=FORTY)
def test_as_many_rows_as_are_allowed(engine, format, query):
    written(engine, query, format, result_max_rows=ROWS)
    with pytest.raises(TooLarge, match="more than 39 rows"):
        written(engine, query, format, result_max_rows=ROWS - 1)


@pytest.mark.parametrize("format", media.RDF, ids=lambda format: format.name)
def test_as_many_triples_as_are_allowed(engine, format):
    for most in (ROWS, ROWS - 1):
        limited = Embedded(engine.store, max_rows=most)
        with nullcontext() if most == ROWS else pytest.raises(TooLarge, match="more than 39 triples"):
            written(limited, "CONSTRUCT WHERE { ?s ?p ?o }", format, result_max_rows=most)


@pytest.mark.parametrize("format", media.RESULTS, ids=lambda format: format.name)
@pytest.mark.parametrize("query", FORTY.values(), ids=FORTY)
def test_rows_are_counted_however_the_text_is_cut(engine, format, query):
    content = BytesIO()
    engine.write(Question(query, format), content)
    whole = content.getvalue()
    for size in (1, 2, 3, 7):
        pieces = [whole[start : start + size] for start in range(0, len(whole), size)]
        for most in (ROWS, ROWS - 1):
            out = Writing(format, None, settings.read({}, result_max_rows=most), lambda piece: None)
            with nullcontext() if most == ROWS else pytest.raises(TooLarge):
                for piece in pieces:
                    out.write(piece)


@pytest.mark.parametrize("format", [*media.RESULTS, media.TURTLE], ids=lambda format: format.name)
def test_as_many_bytes_as_are_allowed(engine, format):
    query = "CONSTRUCT WHERE { ?s ?p ?o }" if format is media.TURTLE else EVERYTHING
    _, (_, _, size, _) = written(engine, query, format)
    written(engine, query, format, result_max_bytes=size)
    with pytest.raises(TooLarge, match="longer than"):
        written(engine, query, format, result_max_bytes=size - 1)


def test_what_is_long_goes_on_in_pieces(engine):
    pieces = []
    out = Writing(media.CSV, None, settings.read({}), pieces.append)
    for _ in range(10):
        out.write(b"x" * 100_000)
    digest, coding, size, rest = out.finish()
    assert (size, coding, len(digest)) == (1_000_000, None, 32)
    assert b"".join(pieces) + rest == b"x" * 1_000_000
    assert all(len(piece) < PIECE_BYTES + 100_000 for piece in pieces)


def test_what_is_long_is_compressed_and_what_is_short_is_not(engine):
    pieces, (_, coding, size, rest) = written(engine, EVERYTHING, media.RESULTS_JSON, "gzip")
    plain, (_, _, length, _) = written(engine, EVERYTHING, media.RESULTS_JSON)
    assert (coding, plain) == ("gzip", [])
    assert size < length / 4
    assert len(gzip.decompress(b"".join(pieces) + rest)) == length
    _, (_, coding, _, _) = written(engine, "ASK {}", media.RESULTS_JSON, "gzip")
    assert coding is None


def test_two_answers_differ_in_their_digest(engine):
    digests = {written(engine, f"SELECT ({n} AS ?n) {{}}", media.CSV)[1][0] for n in (1, 2, 2)}
    assert len(digests) == 2


def test_a_long_answer_has_no_name_and_may_be_read_by_many(tmp_path):
    spool = Spool(tmp_path)
    spool.add(b"one ")
    spool.add(b"two")
    answer = Answer("", None, 7, file=spool.take())
    assert (spool.file, list(tmp_path.iterdir())) == (None, [])
    first, second = answer.file.pieces(4), answer.file.pieces(100)
    assert [next(first), next(second), next(first)] == [b"one ", b"one two", b"two"]
    for _ in range(2):
        with answer.opened() as content:
            assert content.read() == b"one two"


def test_a_long_answer_is_gone_when_nobody_holds_it(tmp_path):
    spool = Spool(tmp_path)
    spool.add(b"one")
    answer = Answer("", None, 3, file=spool.take())
    descriptor = answer.file.fileno()
    assert os.fstat(descriptor).st_size == 3
    del answer
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(descriptor)


def test_a_folder_that_cannot_be_written_ends_the_query(tmp_path):
    spool = Spool(tmp_path / "nowhere")
    with pytest.raises(NoRoom, match=r"no room for the answer on the server's disk \(No such file"):
        spool.add(b"x")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")  # noqa: PTH110
def test_a_full_disk_ends_the_query(tmp_path):
    spool = Spool(tmp_path)
    spool.add(b"x")
    full = os.open("/dev/full", os.O_WRONLY)
    os.dup2(full, spool.file.fileno())
    os.close(full)
    with pytest.raises(NoRoom, match="No space left on device"):
        spool.add(b"y" * 100_000)
    assert list(tmp_path.iterdir()) == []


ACCEPTED = {
    "nothing said": ("", None),
    "gzip": ("gzip", "gzip"),
    "a browser": ("gzip, deflate, br, zstd", "zstd"),
    "gzip preferred": ("gzip;q=1.0, zstd;q=0.5", "gzip"),
    "anything": ("*", "zstd"),
    "anything but zstd": ("*, zstd;q=0", "gzip"),
    "none": ("identity", None),
    "plain preferred": ("identity;q=1, gzip;q=0.5", None),
    "refused": ("gzip;q=0", None),
    "unknown": ("br, compress", None),
    "capitals": ("GZIP", "gzip"),
}


@pytest.mark.parametrize(("header", "coding"), ACCEPTED.values(), ids=ACCEPTED)
def test_the_coding(header, coding):
    assert codings.negotiate(header) == coding
