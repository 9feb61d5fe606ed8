"""A query that asks too much ends alone: in time, with a sentence, and with nobody disturbed."""

import asyncio
import gc
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from conftest import within
from exoreview import media, settings
from exoreview.sparql import frames
from exoreview.sparql.engine import Question
from exoreview.sparql.outcomes import Busy, Died, Gone, QueryError, Stopped, Timeout, TooLarge, Unread
from exoreview.sparql.pool import Pool
from exoreview.sparql.process import Process
from exoreview.sparql.service import Service

LIMIT_S = 1.0
# One more than can be busy.
PROCESSES = settings.read()["WORKERS"] + 1
LINUX = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs the /proc of Linux")


def read(**given):
    return settings.read({}, **{"query_timeout_s": LIMIT_S, "query_memory_mb": 300} | given)


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
    started = Service([data], read(workers=2))
    started.ready()
    yield started
    started.stop()


@contextmanager
def watched(data, **given):
    """A service over data of its own, whose supervisor is replaced when it dies."""
    started = Service([data], read(**given))
    try:
        started.ready()
        started.watch()
        yield started
    finally:
        started.stop()


class Blocking:
    """A pool in an event loop of its own, asked from any thread."""

    def __init__(self, service, settings, **facts):
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever)
        self.thread.start()
        self.pool = Pool(service.address, settings, **facts)

    def run(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(60)

    def close(self):
        self.run(self.pool.close())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()

    def idle(self):
        """The process that has answered last."""
        return self.pool.idle[-1]


@contextmanager
def pool(service, *, copies=False, **given):
    made = Blocking(service, read(**{"workers": 2, "queue_wait_s": 3.0} | given), copies=copies)
    try:
        yield made
    finally:
        made.close()


@pytest.fixture
def engine(service):
    """A pool of two processes."""
    with pool(service) as made:
        yield made


def ask(engine, text, format=media.RESULTS_JSON, left=None):
    answer = engine.run(engine.pool.ask(Question(text, format), left))
    with answer.opened() as content:
        return content.read()


def works(engine):
    return ask(engine, "ASK { ?s ?p '7' }") == b'{"head":{},"boolean":true}'


def children(pid):
    found = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True).stdout
    return {int(child) for child in found.split()}


def test_answers(engine):
    assert ask(engine, "SELECT ?s { ?s ?p '7' }", media.CSV).split() == [b"s", b"http://e.org/s7"]


def test_a_large_answer_comes_whole(engine):
    rows = json.loads(ask(engine, "SELECT * { ?s ?p ?o }"))["results"]["bindings"]
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
LONG = "SELECT ?a ?c ?e { ?a ?b ?c . ?d ?b ?e } LIMIT 200000"
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


PATIENT = {"query_timeout_s": 60.0, "query_memory_mb": 100}


@pytest.fixture(scope="module")
def patient_service(data):
    """A supervisor whose queries have time, but little memory."""
    started = Service([data], read(**PATIENT))
    started.ready()
    yield started
    started.stop()


@pytest.fixture
def patient(patient_service):
    """A pool that has time, but little memory."""
    with pool(patient_service, **PATIENT) as made:
        yield made


@LINUX
@pytest.mark.parametrize("query", HUNGRY.values(), ids=HUNGRY)
def test_a_hungry_query_ends_alone(patient, query):
    with pytest.raises(Stopped, match="memory"):
        ask(patient, query)
    assert works(patient)


@pytest.mark.parametrize("query", DEEP.values(), ids=DEEP)
def test_a_query_that_breaks_its_process_ends_alone(engine, query):
    with suppress(Stopped, QueryError):
        ask(engine, query)
    assert works(engine)


def test_deep_nesting_is_refused_before_the_parser(engine):
    with pytest.raises(QueryError, match="nests brackets 5000 deep; at most 128"):
        ask(engine, "ASK " + "{" * 5000 + "}" * 5000)


def test_an_answer_that_is_too_long_is_refused(data):
    started = Service([data], read(result_max_bytes=10_000))
    try:
        started.ready()
        with pool(started) as small, pytest.raises(TooLarge, match=r"longer than 10,000 bytes"):
            ask(small, "SELECT * { ?s ?p ?o }")
    finally:
        started.stop()


def test_a_long_answer_comes_in_a_file(engine, service):
    answer = engine.run(engine.pool.ask(Question(LONG, media.CSV)))
    with answer.opened() as content:
        text = content.read()
    assert len(text) == answer.size > 5_000_000
    assert text.count(b"\n") == 1 + 2000 * 100
    assert works(engine)


def test_a_long_answer_that_is_stopped_leaves_no_file(engine, service):
    # On a fast machine the rows come to their limit before the time.
    with pytest.raises(Stopped):
        ask(engine, LONG.replace("LIMIT 200000", ""), media.CSV)
    gc.collect()
    held = [str(path.resolve()) for path in Path("/proc/self/fd").glob("*")]
    assert not [name for name in held if name.startswith(str(service.folder))]
    assert [path.name for path in service.folder.iterdir()] == ["queries"]


def after(seconds):
    """What says that a client has left, so long from now."""
    until = time.monotonic() + seconds
    return lambda: time.monotonic() > until


# By whether processes have copies of much data, when a query ends that nobody waits for, in seconds.
ENDS = {"usually": (False, 1, 3), "where a new process has much to copy": (True, 5, 8)}


@LINUX
@pytest.mark.parametrize(("copies", "least", "most"), ENDS.values(), ids=ENDS)
def test_a_query_ends_when_its_client_hangs_up(copies, least, most, patient_service):
    with pool(patient_service, copies=copies, **PATIENT) as patient:
        start = time.monotonic()
        with pytest.raises(Gone):
            ask(patient, SLOW["count of a cross product"], left=after(0.3))
        assert least <= time.monotonic() - start < most
        assert patient.pool.kills == {"gone": 1}
        assert busy_ticks(patient_service) < 10, "somebody still computes"
        assert works(patient)


def test_a_query_that_is_answered_is_not_ended_by_a_client_who_goes(engine):
    assert ask(engine, "ASK {}", left=after(0)) == b'{"head":{},"boolean":true}'
    assert not engine.pool.kills


@LINUX
def test_a_query_that_nobody_waits_for_makes_way_for_one_that_somebody_does(patient_service, monkeypatch):
    monkeypatch.setattr("exoreview.sparql.pool._ABANDONED_S", 30.0)
    given = PATIENT | {"workers": 1, "queue_wait_s": 30.0}
    with pool(patient_service, **given) as one, ThreadPoolExecutor() as threads:
        start = time.monotonic()
        left = threads.submit(ask, one, SLOW["count of a cross product"], left=after(0.1))
        assert within(5, lambda: one.pool.busy == 1)
        assert works(one)
        assert time.monotonic() - start < 10
        assert isinstance(left.exception(), Gone)


def test_who_hangs_up_while_waiting_gives_the_place_free(service):
    with pool(service, workers=1, queue_wait_s=30.0) as one:
        thread = threading.Thread(target=stopped, args=(one,))
        thread.start()
        time.sleep(0.1)
        with pytest.raises(Gone):
            ask(one, "ASK {}", left=after(0.1))
        assert one.pool.queued == 0
        thread.join()
        assert works(one)


def test_no_more_wait_than_may(service):
    with pool(service, workers=1, queue_max=1, queue_wait_s=30.0) as one, ThreadPoolExecutor() as threads:
        running = threads.submit(stopped, one)
        time.sleep(0.1)
        waiting = threads.submit(works, one)
        time.sleep(0.1)
        with pytest.raises(Busy, match="1 query is waiting already"):
            ask(one, "ASK {}")
        assert waiting.result()
        running.result()


def test_who_came_first_is_answered_first(service):
    order = []
    with pool(service, workers=1, queue_wait_s=30.0) as one, ThreadPoolExecutor() as threads:
        running = threads.submit(stopped, one)
        time.sleep(0.1)

        async def asked(number):
            await one.pool.ask(Question("ASK {}", media.RESULTS_JSON))
            order.append(number)

        waiting = [asyncio.run_coroutine_threadsafe(asked(number), one.loop) for number in range(5)]
        running.result()
        for each in waiting:
            each.result(30)
    assert order == [0, 1, 2, 3, 4]


@LINUX
def test_the_processor_is_free_after_a_kill(engine, service):
    with pytest.raises(Timeout):
        ask(engine, SLOW["count of a cross product"])

    assert busy_ticks(service) < 10, "somebody still computes"


def busy_ticks(service):
    """What the processes of a service take of the processor in half a second, in hundredths of a second."""

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
    return ticks() - before


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
    with pool(service, workers=1, queue_wait_s=0.1) as one:
        thread = threading.Thread(target=stopped, args=(one,))
        thread.start()
        time.sleep(0.3)
        with pytest.raises(Busy, match="All places for queries are taken"):
            ask(one, "ASK {}")
        thread.join()
        assert works(one)


def test_a_process_killed_from_outside_is_replaced(engine):
    assert works(engine)
    os.kill(engine.idle().pid, signal.SIGKILL)
    time.sleep(0.1)
    assert works(engine)


@LINUX
def test_a_process_killed_while_it_works_is_a_sentence(engine):
    assert works(engine)
    pid = engine.idle().pid
    threading.Timer(0.3, os.kill, (pid, signal.SIGKILL)).start()
    with pytest.raises(Died, match="came to its end"):
        ask(engine, SLOW["count of a cross product"])
    assert engine.pool.kills == {"died": 1}
    assert works(engine)


@LINUX
def test_a_process_that_nobody_kills_ends_itself(engine):
    """The web process may die while a query runs; what it started must not run on."""
    assert works(engine)
    process = engine.idle()
    question = frames.question(Question(SLOW["count of a cross product"], media.RESULTS_JSON))
    engine.loop.call_soon_threadsafe(process.transport.write, question)
    time.sleep(0.2)
    engine.loop.call_soon_threadsafe(process.transport.abort)
    assert within(LIMIT_S + 2, lambda: not Path(f"/proc/{process.pid}").exists())


def test_processes_cannot_open_anything(engine):
    """What the process may not do is checked from outside, by its limits."""
    assert works(engine)
    limits = Path(f"/proc/{engine.idle().pid}/limits")
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
    with watched(data) as started, pool(started, queue_wait_s=10.0) as engine:
        assert works(engine)
        old = started.process.pid
        family = children(old)
        os.kill(old, signal.SIGKILL)
        assert within(5, lambda: not any(Path(f"/proc/{pid}").exists() for pid in family))
        assert within(10, lambda: started.process.pid != old)
        assert works(engine)


@LINUX
def test_a_query_that_nobody_has_read_is_asked_again(data):
    """It was sent to a process that ended with its supervisor, before it was seen to end."""
    with (
        watched(data) as started,
        pool(started, queue_wait_s=10.0) as engine,
        ThreadPoolExecutor() as threads,
    ):
        assert works(engine)
        old, asked = started.process.pid, engine.idle()
        os.kill(asked.pid, signal.SIGSTOP)
        os.kill(old, signal.SIGKILL)
        assert within(10, lambda: started.process.pid != old)
        answered = threads.submit(works, engine)
        assert within(5, lambda: asked.awaited)
        os.kill(asked.pid, signal.SIGCONT)
        assert answered.result(20)
        assert not engine.pool.kills
        assert len(engine.pool.owned) == len(engine.pool.idle) == 1


@pytest.mark.parametrize(("asks", "ending"), [(False, Unread), (True, Died)], ids=["its question", "replies"])
def test_what_a_process_left_unread(asks, ending, tmp_path):
    """A question that was read is asked once, though replies of other endpoints were not read."""

    async def replied(calls):
        return b"x" * 1_000_000

    async def scenario():
        here, there = socket.socketpair()
        loop = asyncio.get_running_loop()
        _, process = await loop.create_unix_connection(
            lambda: Process(tmp_path, replied, lambda _: None), sock=here
        )
        answer = process.ask(frames.question(Question("ASK {}", media.RESULTS_JSON)))
        await asyncio.sleep(0.05)
        if asks:
            there.recv(1000)
            there.send(frames.pack(frames.CALLS, b""))
            await asyncio.sleep(0.05)
        there.close()
        with pytest.raises(ending):
            await answer

    asyncio.run(scenario())


@LINUX
def test_a_process_that_ends_before_its_first_word_is_followed_by_another(data):
    with (
        watched(data, workers=1) as started,
        pool(started, workers=1, queue_wait_s=10.0) as one,
        ThreadPoolExecutor() as threads,
    ):
        old = started.process.pid
        family = children(old)
        for pid in family:
            os.kill(pid, signal.SIGSTOP)
        answered = threads.submit(works, one)
        assert within(5, lambda: one.pool.owned)
        os.kill(old, signal.SIGKILL)
        for pid in family:
            os.kill(pid, signal.SIGKILL)
        assert answered.result(20)
        assert len(one.pool.owned) == len(one.pool.idle) == 1


@LINUX
def test_who_has_waited_for_a_place_does_not_wait_as_long_for_a_process(data):
    started = Service([data], read(workers=1, query_timeout_s=30))
    started.ready()
    given = {"workers": 1, "queue_wait_s": 4.0, "query_timeout_s": 30}
    try:
        with pool(started, **given) as one, ThreadPoolExecutor() as threads:
            running = threads.submit(ask, one, SLOW["count of a cross product"])
            assert within(5, lambda: one.pool.owned and any(each.awaited for each in one.pool.owned))
            begun = time.monotonic()
            waiting = threads.submit(works, one)
            time.sleep(3)
            os.kill(started.process.pid, signal.SIGSTOP)
            for pid in children(started.process.pid):
                os.kill(pid, signal.SIGKILL)
            assert isinstance(running.exception(), Died)
            assert isinstance(waiting.exception(), Busy)
            assert time.monotonic() - begun < 6
            os.kill(started.process.pid, signal.SIGCONT)
            assert within(5, lambda: works(one))
    finally:
        started.stop()


@LINUX
def test_a_query_whose_process_comes_late_is_stopped_all_the_same(data):
    """While nothing runs nobody looks; what then begins must be looked at."""
    started = Service([data], read(workers=1))
    started.ready()
    try:
        with pool(started, workers=1, queue_wait_s=10.0) as one, ThreadPoolExecutor() as threads:
            assert works(one)
            os.kill(started.process.pid, signal.SIGSTOP)
            for pid in children(started.process.pid):
                os.kill(pid, signal.SIGKILL)
            assert within(5, lambda: not one.pool.idle)
            late = threads.submit(stopped, one)
            time.sleep(0.5)
            os.kill(started.process.pid, signal.SIGCONT)
            late.result(LIMIT_S + 5)
    finally:
        started.stop()


def test_stopping_leaves_nothing(data):
    started = Service([data], read())
    started.ready()
    assert within(5, lambda: len(children(started.process.pid)) == PROCESSES)
    family = children(started.process.pid)
    started.stop()
    assert not started.folder.exists()
    assert within(2, lambda: not any(Path(f"/proc/{pid}").exists() for pid in family))


SCRIPT = """
import sys, time
from pathlib import Path
from exoreview import settings
from exoreview.sparql.service import Service
started = Service([Path(sys.argv[1])], settings.read({}))
started.ready()
print(started.process.pid, started.folder, flush=True)
time.sleep(60)
"""


def test_a_parent_that_is_killed_leaves_nothing(data):
    parent = subprocess.Popen([sys.executable, "-c", SCRIPT, str(data)], stdout=subprocess.PIPE, text=True)
    pid, folder = parent.stdout.readline().split()
    assert within(5, lambda: len(children(int(pid))) == PROCESSES)
    family = {int(pid), *children(int(pid))}
    parent.kill()
    parent.wait()
    parent.stdout.close()
    assert within(5, lambda: not any(Path(f"/proc/{each}").exists() for each in family))
    assert not Path(folder).exists()


def priority(number):
    """Of a thread, or of a process, by its number; of none that is gone."""
    with suppress(ProcessLookupError):
        return os.getpriority(os.PRIO_PROCESS, number)


@pytest.fixture
def soon(monkeypatch):
    """Queries count as long much sooner, so that also a fast machine has long ones."""
    monkeypatch.setattr("exoreview.sparql.pool._LONG_S", 0.05)


@LINUX
def test_a_long_query_goes_behind_the_others(engine):
    assert works(engine)
    quick = engine.idle().thread
    assert priority(quick) == priority(0)
    with ThreadPoolExecutor() as threads:
        running = threads.submit(stopped, engine)
        assert within(LIMIT_S, lambda: priority(quick) > priority(0))
        running.result()


# Long enough to go behind the others, and short enough to be answered.
BEHIND = "SELECT (COUNT(*) AS ?n) { { SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } LIMIT 8000000 } }"


@LINUX
def test_a_process_that_went_behind_comes_back_with_all_that_it_has_read(patient_service, soon):
    with pool(patient_service, workers=1, query_timeout_s=60.0) as one:
        assert works(one)
        process, first = one.idle(), one.idle().thread
        with ThreadPoolExecutor() as threads:
            running = threads.submit(ask, one, BEHIND)
            assert within(20, lambda: priority(first) != priority(0))
            assert b'"8000000"' in running.result()
        assert works(one)
        assert one.idle() is process
        assert process.thread != first
        assert priority(process.thread) == priority(0)
        assert not one.pool.kills


def resident(pid):
    """MB that a process holds, with what it shares."""
    return int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text("ascii"))[1]) // 1024


# By the memory that a query may have, whether a process is asked again whose query took about 270 MB: half of
# it must be free for the next, and the system keeps the addresses.
AGAIN = {"much more": (1000, True), "little more": (350, False)}


@LINUX
@pytest.mark.parametrize(("memory_mb", "again"), AGAIN.values(), ids=AGAIN)
def test_a_long_query_keeps_no_memory(memory_mb, again, data, soon):
    given = {"query_timeout_s": 60.0, "query_memory_mb": memory_mb, "workers": 1}
    rows = "SELECT DISTINCT ?a ?d (CONCAT(?c, ?f) AS ?x) { ?a ?b ?c . ?d ?e ?f } LIMIT 1500000"
    started = Service([data], read(**given))
    started.ready()
    try:
        with pool(started, **given) as one:
            assert works(one)
            process, before = one.idle(), resident(one.idle().pid)
            assert b'"1500000"' in ask(one, f"SELECT (COUNT(*) AS ?n) {{ {{ {rows} }} }}")
            assert works(one)
            assert (one.idle() is process) == again
            assert within(5, lambda: resident(one.idle().pid) < before + 30)
    finally:
        started.stop()


# With no memory left for a thread of its own.
NO_THREAD = """
import os, resource, socket
from exoreview.sparql import room, worker
from exoreview import settings
here, there = socket.socketpair()
most = room.data() + 1_000_000
resource.setrlimit(resource.RLIMIT_DATA, (most, most))
worker.answer_all(here, os.pipe()[0], type("Engine", (), {})(), settings.read({}))
print("ended")
"""


@LINUX
def test_a_process_that_gets_no_thread_ends():
    run = subprocess.run([sys.executable, "-c", NO_THREAD], capture_output=True, text=True, timeout=30)
    assert (run.stdout, run.stderr) == ("ended\n", "")
