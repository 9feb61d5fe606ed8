"""A query that asks too much ends alone: in time, with a sentence, and with nobody disturbed."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest

from exoreview import media, settings
from exoreview.sparql import pool
from exoreview.sparql.engine import Question
from exoreview.sparql.outcomes import Busy, QueryError, Stopped, Timeout, TooLarge
from exoreview.sparql.supervisor import encode

LIMIT_S = 1.0
LINUX = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs the /proc of Linux")


def read(**given):
    return settings.read({}, query_timeout_s=LIMIT_S, query_memory_mb=300, **given)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """Two thousand triples."""
    path = tmp_path_factory.mktemp("data") / "many.nt"
    lines = (f'<http://e.org/s{number}> <http://e.org/p> "{number}" .\n' for number in range(2000))
    path.write_text("".join(lines), "utf-8")
    return path


@pytest.fixture(scope="module")
def service(data):
    """A supervisor over the triples."""
    started = pool.Service([data], read(workers=2))
    started.ready()
    yield started
    started.stop()


@pytest.fixture
def engine(service):
    """A pool of two processes."""
    made = pool.Pool(service.address, read(workers=2, queue_wait_s=3.0))
    yield made
    made.close()


def ask(engine, text, format=media.RESULTS_JSON):
    return engine.query(Question(text, format))


def works(engine):
    return ask(engine, "ASK { ?s ?p '7' }").body == b'{"head":{},"boolean":true}'


def children(pid):
    found = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True).stdout
    return {int(child) for child in found.split()}


def within(seconds, condition):
    """Whether a condition comes true in time."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if condition():
            return True
        time.sleep(0.02)
    return condition()


def test_answers(engine):
    answer = ask(engine, "SELECT ?s { ?s ?p '7' }", media.CSV)
    assert (answer.format, answer.body.split()) == (media.CSV, [b"s", b"http://e.org/s7"])


def test_a_large_answer_comes_whole(engine):
    rows = json.loads(ask(engine, "SELECT * { ?s ?p ?o }").body)["results"]["bindings"]
    assert len(rows) == 2000


def test_a_mistake_keeps_its_place(engine):
    with pytest.raises(QueryError) as caught:
        ask(engine, "SELECT * { ?s exr:p ?o }")
    assert (caught.value.line, caught.value.column) == (1, 15)
    assert "PREFIX exr:" in caught.value.hint


SLOW = {
    "count of a cross product": "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }",
    "filter over a cross product": "ASK { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER(CONCAT(?c, ?f, ?i) = '') }",
    "planning of a long join": "SELECT * { " + "?s ?p ?o . " * 400 + "}",
}
HUNGRY = {
    "ordered cross product": "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?c",
    "text that grows tenfold": "SELECT * { BIND('"
    + "a" * 50_000
    + "' AS ?v0) "
    + " ".join(f"BIND(CONCAT({', '.join([f'?v{n}'] * 10)}) AS ?v{n + 1})" for n in range(5))
    + " }",
}
DEEP = {
    "exclamation marks": "ASK { ?s ?p ?o FILTER(" + "!" * 60_000 + "?o) }",
    "unions": "ASK { " + " UNION ".join(["{ ?s ?p ?o }"] * 9_000) + " }",
    "a path of carets": "ASK { ?s " + "^" * 60_000 + "<http://e.org/p> ?o }",
}


@pytest.mark.parametrize("query", SLOW.values(), ids=SLOW)
def test_a_slow_query_is_stopped_in_time(engine, query):
    start = time.monotonic()
    with pytest.raises(Timeout, match="stopped after 1 seconds, the limit here"):
        ask(engine, query)
    assert LIMIT_S <= time.monotonic() - start < LIMIT_S + 1
    assert works(engine)


@LINUX
@pytest.mark.parametrize("query", HUNGRY.values(), ids=HUNGRY)
def test_a_hungry_query_ends_alone(engine, query):
    with pytest.raises(Stopped, match="memory"):
        ask(engine, query)
    assert works(engine)


@pytest.mark.parametrize("query", DEEP.values(), ids=DEEP)
def test_a_query_that_breaks_its_process_ends_alone(engine, query):
    with suppress(Stopped, QueryError):
        ask(engine, query)
    assert works(engine)


def test_deep_nesting_is_refused_before_the_parser(engine):
    with pytest.raises(QueryError, match="nests brackets 5000 deep; at most 128"):
        ask(engine, "ASK " + "{" * 5000 + "}" * 5000)


def test_a_result_that_is_too_long_is_refused(data):
    with (
        pool.running([data], read(result_max_bytes=10_000)) as small,
        pytest.raises(TooLarge, match=r"longer than 10,000 bytes"),
    ):
        ask(small, "SELECT * { ?s ?p ?o }")


@LINUX
def test_the_processor_is_free_after_a_kill(engine, service):
    with pytest.raises(Timeout):
        ask(engine, SLOW["count of a cross product"])

    def ticks():
        found = 0
        for pid in children(service.process.pid):
            with suppress(OSError):
                found += sum(
                    map(int, Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13])
                )
        return found

    before = ticks()
    time.sleep(0.5)
    assert ticks() - before < 10, "somebody still computes"


def stopped(engine):
    with pytest.raises(Timeout):
        ask(engine, SLOW["count of a cross product"])


def test_neighbours_are_not_disturbed(engine):
    thread = threading.Thread(target=stopped, args=(engine,))
    thread.start()
    answered = 0
    while thread.is_alive():
        assert works(engine)
        answered += 1
    thread.join()
    assert answered > 20


def test_who_waits_too_long_is_turned_away(service):
    one = pool.Pool(service.address, read(workers=1, queue_wait_s=0.1))
    thread = threading.Thread(target=stopped, args=(one,))
    thread.start()
    time.sleep(0.3)
    with pytest.raises(Busy, match="All query processes are busy"):
        ask(one, "ASK {}")
    thread.join()
    assert works(one)
    one.close()


def test_a_process_killed_from_outside_is_replaced(engine):
    assert works(engine)
    process = engine.free.get()
    os.kill(process.pid, signal.SIGKILL)
    time.sleep(0.1)
    engine.free.put(process)
    assert works(engine)


@LINUX
def test_a_process_that_nobody_kills_ends_itself(engine):
    """The web process may die while a query runs; what it started must not run on."""
    assert works(engine)
    process = engine.free.get()
    engine.free.put(None)
    process.connection.sendall(encode(Question(SLOW["count of a cross product"])))
    process.connection.close()
    assert within(LIMIT_S + 2, lambda: not Path(f"/proc/{process.pid}").exists())


def test_processes_cannot_open_anything(engine):
    """What the process may not do is checked from outside, by its limits."""
    assert works(engine)
    process = engine.free.get()
    engine.free.put(process)
    limits = Path(f"/proc/{process.pid}/limits")
    if not limits.exists():
        pytest.skip("needs the /proc of Linux")
    text = limits.read_text()
    assert re.search(r"Max open files +0 +0", text)
    assert re.search(r"Max core file size +0 +0", text)
    assert not re.search(r"Max data size +unlimited", text)


@LINUX
def test_the_supervisor_has_one_thread(service):
    assert len(list(Path(f"/proc/{service.process.pid}/task").iterdir())) == 1


def test_a_dead_supervisor_is_replaced(data):
    started = pool.Service([data], read())
    started.ready()
    started.watch()
    engine = pool.Pool(started.address, read(queue_wait_s=10.0))
    try:
        assert works(engine)
        old = started.process.pid
        family = children(old)
        os.kill(old, signal.SIGKILL)
        assert within(5, lambda: not any(Path(f"/proc/{pid}").exists() for pid in family))
        assert within(10, lambda: started.process.pid != old)
        assert works(engine)
    finally:
        engine.close()
        started.stop()


def test_stopping_leaves_nothing(data):
    started = pool.Service([data], read())
    started.ready()
    assert within(5, lambda: len(children(started.process.pid)) == 3)
    family = children(started.process.pid)
    started.stop()
    assert not started.folder.exists()
    assert within(2, lambda: not any(Path(f"/proc/{pid}").exists() for pid in family))


SCRIPT = """
import sys, time
from pathlib import Path
from exoreview import settings
from exoreview.sparql import pool
started = pool.Service([Path(sys.argv[1])], settings.read({}))
started.ready()
print(started.process.pid, started.folder, flush=True)
time.sleep(60)
"""


def test_a_parent_that_is_killed_leaves_nothing(data):
    parent = subprocess.Popen([sys.executable, "-c", SCRIPT, str(data)], stdout=subprocess.PIPE, text=True)
    pid, folder = parent.stdout.readline().split()
    assert within(5, lambda: len(children(int(pid))) == 3)
    family = {int(pid), *children(int(pid))}
    parent.kill()
    parent.wait()
    parent.stdout.close()
    assert within(5, lambda: not any(Path(f"/proc/{each}").exists() for each in family))
    assert not Path(folder).exists()
