"""The comparison with other servers: its corpus, its queries and its picture, without any of the servers."""

import xml.etree.ElementTree as ElementTree
from functools import cache
from hashlib import sha256

import pytest
from pyoxigraph import DefaultGraph, Quad, RdfFormat, Store, parse

from benchmarks import corpus, floors, measures, picture, queries, report, run
from exoreview.knowledge import graphs
from exoreview.terms import PREFIXES

TRIPLES = 3_000
TYPE = PREFIXES["rdf"] + "type"


@cache
def project():
    """What the project asserts, which is what the servers are given."""
    made = Store()
    made.extend(
        Quad(*triple, DefaultGraph()) for triple in graphs.asserted(graphs.load(names=graphs.ASSERTED))
    )
    return made


@cache
def text():
    return "".join(corpus.statements(triples=TRIPLES))


@cache
def generated():
    made = Store()
    made.load(text(), format=RdfFormat.N_TRIPLES)
    return made


def used(triples):
    """The properties and the classes that triples use."""
    return {
        *(triple.predicate.value for triple in triples),
        *(triple.object.value for triple in triples if triple.predicate.value == TYPE),
    }


def test_the_corpus_is_the_same_every_time():
    assert text() == "".join(corpus.statements(triples=TRIPLES))
    # A change of the corpus is a change of every number that was got with it.
    assert sha256(text().encode()).hexdigest()[:16] == "36694a8e61bde72e"


def test_the_corpus_is_as_large_as_asked_and_says_nothing_twice():
    lines = text().splitlines()
    assert len(lines) == len(set(lines)) == len(generated())
    assert TRIPLES <= len(lines) < 3 * TRIPLES


def test_a_review_does_not_depend_on_those_before_it():
    world = corpus.World(3)
    assert world.review(2) == corpus.World(3).review(2)
    assert world.review(1) != world.review(2)


def test_the_corpus_uses_only_terms_that_the_project_has():
    known = used(quad.triple for quad in project())
    assert used(quad.triple for quad in parse(text(), format=RdfFormat.N_TRIPLES)) <= known


@pytest.mark.parametrize("data", [project, generated], ids=["project", "corpus"])
@pytest.mark.parametrize("query", queries.QUERIES, ids=lambda query: query.name)
def test_each_query_has_an_answer(query, data):
    asked = query.asked(data())
    assert asked
    assert all(queries.size(data(), one) for one in asked[:3])


def test_a_mixed_load_holds_every_kind_from_its_start():
    texts = queries.mixed(project())
    shares = sum(queries.MIXED.values())
    assert len(texts) == 8 * shares
    known = {name: set(queries.named([name])[0].asked(project())) for name in queries.MIXED}
    assert all(known[name] & set(texts[: 2 * shares]) for name in known)


def row(peer, query, rps, repeated=False):
    return {"data": "project", "query": query, "clients": 8, "peer": peer, "repeated": repeated} | {
        **{"rps": rps, "spread": 0.1, "reason": None if rps else "no answer", "refused": 0, "rounds": []},
    }


def small(peer, quiet, beside):
    made = {"data": "project", "peer": peer, "reason": None, "still_busy": False, "answers_after": True}
    made["heavy"] = {"said": "503 too long", "seconds": 10.0}
    for part, p99 in (("quiet", quiet), ("beside", beside)):
        made |= {f"{part}_p50_ms": p99, f"{part}_p99_ms": p99, f"{part}_max_ms": p99}
        made |= {f"{part}_answers": 500 if p99 else 0, f"{part}_late": 0}
    return made


def test_rounds_beside_a_heavy_query_give_medians_and_the_longest():
    rows = [small("memory", 1.0, 9.0), small("memory", 2.0, 3.0), small("memory", 4.0, None)]
    given = measures.in_the_middle(rows)
    assert [given[f"quiet_{name}"] for name in ("p50_ms", "p99_ms", "max_ms")] == [2.0, 2.0, 4.0]
    assert [given[f"beside_{name}"] for name in ("p50_ms", "p99_ms", "max_ms")] == [6.0, 6.0, 9.0]
    assert (given["rounds"], given["beside_answers"]) == (3, 0)


RESULTS = {
    "machine": {"cpu": "a <cpu>", "cores": 2, "memory": 2**33, "system": "Linux", "python": "3.11"},
    "date": "2026-11-23T12:00:00+00:00",
    "quick": False,
    "data": {
        "project": {
            "title": "This project's data",
            "triples": 8_296,
            "bytes": 1,
            "date": "2026-11-23T12:00:00+00:00",
        }
    },
    "peers": {
        name: {"title": name, "version": "1", "reason": None}
        for name in ("memory", "oxigraph", "virtuoso", "trifid")
    },
    "starts": [{"peer": "trifid", "data": "project", "triples": 8_296, "reason": "it did not start"}],
    "throughput": [
        row("memory", "aggregate", 700),
        row("memory", "aggregate", 4_000, repeated=True),
        row("oxigraph", "aggregate", 1_000),
        row("oxigraph", "aggregate", 1_000, repeated=True),
        row("virtuoso", "aggregate", 400),
        row("trifid", "aggregate", None),
    ],
    "beside": [small("memory", 2.0, 8.0), small("virtuoso", 3.0, None)],
    "growth": [],
}


def test_a_part_that_is_measured_anew_replaces_that_part_alone():
    other = {"data": "other", "peer": "memory"}
    before = {
        **{"data": {"other": "as it was", "project": "as it was"}, "peers": {"trifid": 1, "memory": 1}},
        **{"starts": [], "growth": [other], "beside": [small("memory", 1.0, 1.0), other]},
        **{"throughput": [row("memory", "aggregate", 5), other]},
    }
    found = {
        **{"data": {"project": "anew"}, "peers": {"memory": 2}, "starts": [], "growth": []},
        **{"beside": [], "throughput": [row("memory", "aggregate", 7)]},
    }
    run.join(before, found)
    assert found["data"] == {"other": "as it was", "project": "anew"}
    assert found["peers"] == {"trifid": 1, "memory": 2}
    assert (found["growth"], found["beside"]) == ([other], [other])
    assert found["throughput"] == [other, row("memory", "aggregate", 7)]


def test_the_picture_is_xml_and_holds_every_peer_that_answered():
    root = ElementTree.fromstring(picture.draw(RESULTS))
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    words = [node.text for node in root.iter("{http://www.w3.org/2000/svg}text")]
    assert {"memory", "oxigraph", "virtuoso", "stopped answering", "Group and count"} <= set(words)


def test_nothing_in_the_picture_stands_outside_of_it():
    root = ElementTree.fromstring(picture.draw(RESULTS))
    _, _, width, height = map(float, root.get("viewBox").split())
    for node in root.iter():
        for name, most in (("x", width), ("cx", width), ("y", height), ("cy", height)):
            assert 0 <= float(node.get(name, 0)) <= most


def test_floors_are_judged_by_the_ratio_of_medians():
    judged = {floor.what: (round(floor.found, 2), floor.reached) for floor in floors.judge(RESULTS)}
    assert judged == {
        "project: memory to Virtuoso, median": (1.75, False),
        "project: memory to Virtuoso, least": (1.75, True),
        "project: memory to Oxigraph, uncached, queries bound by the engine, least": (0.7, True),
        "project: memory to Oxigraph, cached, least": (4.0, True),
        "project: p99 of memory beside a heavy query, times that of a quiet server": (4.0, False),
    }


def test_a_query_that_only_a_peer_answers_is_lost():
    more = [*RESULTS["throughput"], row("memory", "order", None), row("virtuoso", "order", 1)]
    judged = {floor.what: floor.found for floor in floors.judge(RESULTS | {"throughput": more})}
    assert judged["project: memory to Virtuoso, least"] == 0


def test_the_page_names_what_could_not_be_measured():
    page = report.markdown(RESULTS)
    assert "trifid with 8,296 triples: it did not start." in page
    assert "trifid, Group and count (project, 8 clients): no answer." in page
