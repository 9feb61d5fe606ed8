"""A store in a folder is whole or not there, belongs to what it was built from, and answers as in memory."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from io import BytesIO
from multiprocessing import get_context
from resource import RLIMIT_NOFILE, setrlimit

import pytest
from pyoxigraph import Literal, NamedNode, Quad, Store

import served
from examples import NAMES, Example
from exoreview import media
from exoreview.problems import Refusal
from exoreview.sparql import disk
from exoreview.sparql.engine import Embedded, Question

P = NamedNode("http://example.org/p")
FORMATS = {"sh:select": media.TSV, "sh:ask": media.CSV}
FORMATS |= dict.fromkeys(("sh:construct", "spex:describe"), media.NTRIPLES)
EVERYTHING = "SELECT * { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } }"


def silent(_):
    """Progress that nobody reads."""


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "a.nq"
    lines = (f"<http://example.org/{n}> {P} <http://example.org/{n + 1}> .\n" for n in range(500))
    path.write_text("".join(lines) + f"_:b {P} _:c <http://example.org/g> .\n", "utf-8")
    return path


@pytest.fixture
def place(tmp_path):
    return tmp_path / "store"


@pytest.fixture
def built(place, source):
    disk.build(place, [source], note=silent)
    return place


@pytest.fixture(scope="module")
def release_on_disk(tmp_path_factory):
    place = tmp_path_factory.mktemp("release") / "store"
    disk.build(place, quads=served.release().quads(), name="the release", note=silent)
    return Embedded(disk.open_read_only(place))


def refusal(call, *given, **named):
    """The one sentence with which something is refused."""
    with pytest.raises(Refusal) as caught:
        call(*given, **named)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def written(engine, text, format):
    out = BytesIO()
    engine.write(Question(text, format), out)
    return out.getvalue()


# --- As in memory -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_an_example_has_the_answer_that_it_has_in_memory(release_on_disk, name):
    example = Example(name)
    text, format = example.asking(), FORMATS[example.property]
    ours, theirs = (written(engine, text, format) for engine in (release_on_disk, Embedded(served.store())))
    assert sorted(ours.splitlines()) == sorted(theirs.splitlines())


def test_the_sizes_are_those_of_the_graphs(built, source):
    manifest = disk.check(built, [source])
    assert manifest.sizes == {"": 500, "http://example.org/g": 1}


def test_a_process_that_may_open_nothing_answers(built):
    store = disk.open_read_only(built)
    assert disk.unopened(built) == 0
    assert in_processes(_asked_without_files, [store] * 4) == [501] * 4


def test_tables_that_rocksdb_leaves_closed_are_opened(built):
    writable = Store(str(built / "quads"))
    for batch in range(6):
        lines = [
            f"<http://example.org/{batch}/{n}> {P} <http://example.org/{batch}/{n}/o> ." for n in range(9)
        ]
        writable.bulk_load("\n".join(lines), media.NTRIPLES.engine)
        with (built / "sample.nq").open("a", encoding="utf-8") as sample:
            sample.write("\n".join(lines) + "\n")
    del writable
    left = Store.read_only(str(built / "quads"))
    assert disk.unopened(built) > 0
    del left
    store = disk.open_read_only(built)
    assert disk.unopened(built) == 0
    assert in_processes(_asked_without_files, [store]) == [501 + 54]


def _asked_without_files(store):
    setrlimit(RLIMIT_NOFILE, (0, 0))
    return len(list(store.query(EVERYTHING)))


def in_processes(function, arguments):
    """What a function returns in forked processes that run at the same time."""
    context, running = get_context("fork"), []
    for argument in arguments:
        ours, theirs = context.Pipe(duplex=False)
        process = context.Process(target=lambda to, given: to.send(function(given)), args=(theirs, argument))
        process.start()
        theirs.close()
        running.append((process, ours))
    results = []
    for process, ours in running:
        with ours:
            results.append(ours.recv())
        process.join()
    return results


def test_each_of_many_processes_may_open_it_itself(built):
    assert in_processes(_opened_and_asked, [built] * 4) == [501] * 4


def _opened_and_asked(place):
    return len(list(disk.open_read_only(place).query(EVERYTHING)))


# --- Whole or not there -------------------------------------------------------------------------------------


def test_a_killed_build_leaves_no_store_and_is_repeated(tmp_path, place):
    pipe = tmp_path / "a.nt"
    os.mkfifo(pipe)
    script = "import sys; from pathlib import Path; from exoreview.sparql import disk; "
    # The sum of a pipe cannot be taken twice: what describes the file is left out.
    script += "disk.sources.of_file = lambda path: None; disk.build(Path(sys.argv[1]), [Path(sys.argv[2])])"
    process = subprocess.Popen([sys.executable, "-c", script, place, pipe])
    with pipe.open("w", encoding="utf-8") as slow:
        slow.write(f"<http://example.org/s> {P} 'o' .\n")
        slow.flush()
        assert "being built" in refusal(disk.build, place, quads=[Quad(P, P, P)], note=silent)
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert not place.exists()
    assert (tmp_path / ".store.building").exists()
    disk.build(place, quads=[Quad(P, P, P)], note=silent)
    assert len(disk.open_read_only(place)) == 1
    assert not (tmp_path / ".store.building").exists()


def test_a_source_that_breaks_off_leaves_nothing(tmp_path, place):
    broken = tmp_path / "a.ttl"
    broken.write_text(f"{P} {P} {P} .\n{P} {P}", "utf-8")
    assert "a.ttl:2: this is no Turtle" in refusal(disk.build, place, [broken], note=silent)
    assert list(tmp_path.iterdir()) == [broken]


@contextmanager
def small_disk(folder, options="size=6m"):
    """A file system of its own, where that is allowed."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder]
    if os.geteuid() != 0 or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("no file system can be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def test_a_full_disk_is_said_and_nothing_is_left(tmp_path):
    with small_disk(tmp_path / "small") as folder:
        quads = (Quad(P, P, Literal(f"{n} " + "x" * 500)) for n in range(60_000))
        said = refusal(disk.build, folder / "store", quads=quads, note=silent)
        assert said.endswith("the store cannot be built: The disk is full.")
        assert list(folder.iterdir()) == []


def fill(path):
    with path.open("wb", buffering=0) as rest:
        while rest.write(bytes(1 << 16)):
            pass


def test_a_full_disk_that_cannot_be_written_is_read(tmp_path, source):
    with small_disk(tmp_path / "small") as folder:
        disk.build(folder / "store", [source], note=silent)
        with pytest.raises(OSError, match="No space"):
            fill(folder / "rest")
        assert subprocess.run(["mount", "-o", "remount,ro", folder], check=False).returncode == 0
        before = sorted((folder / "store" / "quads").iterdir())
        assert in_processes(_opened_and_asked, [folder / "store"] * 2) == [501] * 2
        assert sorted((folder / "store" / "quads").iterdir()) == before
        said = refusal(disk.build, folder / "other", quads=[Quad(P, P, P)], note=silent)
        assert said.endswith("the store cannot be built: Read-only file system.")


def test_progress_is_said_for_what_takes_long(monkeypatch, place, source):
    monkeypatch.setattr(disk, "_PROGRESS_S", 0)
    lines = []
    source.write_text("".join(f"<http://example.org/{n}> {P} {P} .\n" for n in range(20_000)), "utf-8")
    disk.build(place, [source], note=lines.append)
    assert "20,000 quads read" in lines[1]


# --- Whose it is --------------------------------------------------------------------------------------------


def test_a_folder_of_others_is_neither_built_in_nor_read(tmp_path, source):
    folder = tmp_path / "photos"
    folder.mkdir()
    (folder / "cat.jpg").write_bytes(b"cat")
    assert "is not empty" in refusal(disk.build, folder, [source], note=silent)
    assert "holds no store" in refusal(disk.check, folder, [source])
    assert (folder / "cat.jpg").read_bytes() == b"cat"


def test_what_stands_where_it_is_built_is_not_removed(tmp_path, place, source):
    folder = tmp_path / ".store.building"
    folder.mkdir()
    (folder / "cat.jpg").write_bytes(b"cat")
    assert "it holds cat.jpg" in refusal(disk.build, place, [source], note=silent)
    assert (folder / "cat.jpg").read_bytes() == b"cat"


def test_a_store_is_not_built_over(built, source):
    assert "is not empty" in refusal(disk.build, built, [source], note=silent)
    assert disk.check(built, [source])


def test_an_empty_folder_can_be_built_in(place, source):
    place.mkdir()
    assert not disk.holds(place)
    disk.build(place, [source], note=silent)
    assert disk.holds(place)


def test_a_source_with_another_time_alone_is_the_same(built, source):
    os.utime(source, (time.time(), 1))
    assert disk.check(built, [source]).sources[0].name == str(source)


def test_a_changed_source_is_said(built, source):
    source.write_text("", "utf-8")
    assert "a.nq has changed since" in refusal(disk.check, built, [source])


def test_another_source_is_said(built, source, tmp_path):
    other = tmp_path / "b.nt"
    other.write_text("", "utf-8")
    assert "was built from a.nq, not from b.nt; name another" in refusal(disk.check, built, [other])
    assert "was built from a.nq, not from a.nq, b.nt" in refusal(disk.check, built, [source, other])
    quads = [Quad(P, P, P)]
    assert "not from the release" in refusal(disk.check, built, [], quads=quads, name="the release")


def test_the_quads_of_a_store_are_known_by_what_they_say(place):
    disk.build(place, quads=[Quad(P, P, P)], name="the release", note=silent)
    assert disk.check(place, [], quads=[Quad(P, P, P)], name="the release")
    other = [Quad(P, P, Literal("x"))]
    assert "the release has changed since" in refusal(disk.check, place, [], quads=other, name="the release")


MANIFESTS = {
    "format": ({"format": 2}, "another version"),
    "engine": ({"engine": "pyoxigraph 0.4.2"}, "another version"),
    "sources": ({"sources": 1}, "not as it was written"),
}


@pytest.mark.parametrize(("change", "sentence"), MANIFESTS.values(), ids=MANIFESTS)
def test_a_manifest_that_is_not_ours_is_said(built, change, sentence):
    path = built / "exoreview-store.json"
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | change), "utf-8")
    assert sentence in refusal(disk.check, built)


def shortened(folder):
    for file in folder.glob("*.sst"):
        os.truncate(file, 100)


DAMAGES = {
    "all gone": lambda folder: [file.unlink() for file in folder.iterdir()],
    "a table gone": lambda folder: next(folder.glob("*.sst")).unlink(),
    "tables cut off": shortened,
    "no list of tables": lambda folder: os.truncate(next(folder.glob("MANIFEST-*")), 0),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_store_is_said(built, damage):
    damage(built / "quads")
    assert "the store cannot be opened: " in refusal(disk.open_read_only, built)


def test_a_store_that_is_deleted_while_it_is_served_answers_on(built):
    store = disk.open_read_only(built)
    for file in (built / "quads").iterdir():
        file.unlink()
    assert len(list(store.query(EVERYTHING))) == 501
