"""Agents get the review's claims with their words, as the review's, by typed tools over the guarded engine.

The clients are those of the package `mcp`: in this process, over standard input and output, and by HTTP.
"""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from anyio.from_thread import start_blocking_portal
from mcp import Client, StdioServerParameters

from examples import NAMES, Example, cells, expected
from exoreview import citing, files, settings
from exoreview.agents.server import server
from exoreview.sparql import service
from exoreview.terms import BASE
from served import release, store
from triples import iri

TOOLS = ("search", "describe", "claims_about", "quote_claim", "query", "example_queries", "cite")
ABSTRACT = files.path("data/source/abstract.txt").read_text("utf-8")
# More rows than there are atoms in a review.
RUNAWAY = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
LINUX = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs the /proc of Linux")


@asynccontextmanager
async def offered(**given):
    """A server of the project's release with processes of its own: itself and its pool."""
    # No answer is late on a busy machine.
    read = settings.read({}, **{"query_timeout_s": 60} | given)
    async with service.running(read, quads=release().quads()) as pool:
        yield server(release(), pool, read), pool


@pytest.fixture(scope="module")
def portal():
    """An event loop in a thread."""
    with start_blocking_portal() as portal:
        yield portal


@pytest.fixture(scope="module")
def agent(portal):
    """A client in this process."""
    with (
        portal.wrap_async_context_manager(offered()) as (made, pool),
        portal.wrap_async_context_manager(Client(made)) as client,
    ):
        yield Agent(portal, client, pool)


class Agent:
    """A client that is asked from a test."""

    def __init__(self, portal, client, pool):
        self.portal, self.client, self.pool = portal, client, pool

    def result(self, tool, **arguments):
        """What a tool answers."""
        return self.portal.call(self.client.call_tool, tool, arguments)

    def __call__(self, tool, **arguments):
        """The structured content of a tool, which is also there as text."""
        result = self.result(tool, **arguments)
        assert not result.is_error, result.content[0].text
        assert json.loads(result.content[0].text) == result.structured_content
        return result.structured_content

    def refusal(self, tool, **arguments):
        """The sentence with which a tool refuses."""
        result = self.result(tool, **arguments)
        assert result.is_error
        [content] = result.content
        return content.text


# --- What is offered ----------------------------------------------------------------------------------------


def test_few_tools_are_offered_each_described_and_typed(agent):
    tools = agent.portal.call(agent.client.list_tools).tools
    assert tuple(tool.name for tool in tools) == TOOLS
    for tool in tools:
        assert tool.title
        assert tool.description.endswith(".")
        assert tool.annotations.read_only_hint
        assert not tool.annotations.open_world_hint
        for parameter in tool.input_schema["properties"].values():
            assert parameter["description"]
            assert parameter["type"] in ("string", "integer")
        assert tool.output_schema["type"] == "object"


def test_the_server_says_what_claims_are(agent):
    assert "neither facts nor opinions" in agent.client.instructions
    assert agent.client.server_info.version == files.version()


@pytest.mark.parametrize("mode", ["legacy", "auto"])
def test_older_and_newer_clients_get_the_same(agent, portal, mode):
    with (
        portal.wrap_async_context_manager(offered()) as (made, _),
        portal.wrap_async_context_manager(Client(made, mode=mode)) as client,
    ):
        other = Agent(portal, client, None)
        assert other("quote_claim", claim="s04-c6") == agent("quote_claim", claim="s04-c6")


WITH_CLAIMS = {
    "search": {"words": "chemoresistance"},
    "describe": {"thing": "claim/s04-c6"},
    "claims_about": {"concept": "chemoresistance"},
    "quote_claim": {"claim": "s04-c6"},
}


@pytest.mark.parametrize(("tool", "arguments"), WITH_CLAIMS.items(), ids=WITH_CLAIMS)
def test_whoever_gets_claims_is_told_whose_they_are_and_how_they_were_read(agent, tool, arguments):
    whose = agent(tool, **arguments)["whose"]
    assert whose.startswith("The claims are the review's, read from its abstract; they are neither facts nor")
    assert "No domain expert has reviewed the reading." in whose


# --- Search -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "thing"),
    [
        ("chemoresistance", "exc:Chemoresistance"),
        ("Tumor-derived exosomes", "exc:TumourDerivedExosome"),
        ("Sillanpaa", "person:mika-sillanpaa"),
        ("GO:0070062", "obo:GO_0070062"),
        ("go_0070062", "obo:GO_0070062"),
        ("claim/s04-c6", "claim:s04-c6"),
    ],
)
def test_the_first_found_is_what_was_meant(agent, words, thing):
    found = agent("search", words=words)
    assert found["results"][0]["iri"] == iri(thing).value
    assert found["count"] >= 1


def test_a_term_of_others_leads_to_our_concepts(agent):
    [hit] = agent("search", words="GO:0070062")["results"]
    assert {"iri": iri("exc:Exosome").value, "label": "exosome", "link": "exact match"} in hit["linked"]


def test_a_search_can_be_for_one_kind(agent):
    found = agent("search", words="exosome", kind="claim")
    assert {hit["iri"].removeprefix(BASE).partition("/")[0] for hit in found["results"]} == {"claim"}


def test_a_search_says_what_it_left_out(agent):
    found = agent("search", words="exosome", most=2)
    assert len(found["results"]) == 2
    assert found["left_out"] == f"2 of {found['count']} are shown; name a kind, or add a word."
    assert "left_out" not in agent("search", words="GO:0070062")


def test_a_word_that_nothing_has_gets_suggestions(agent):
    found = agent("search", words="chemoresistence")
    assert found["results"] == []
    assert "chemoresistance" in found["suggestions"]


# --- Describe -----------------------------------------------------------------------------------------------


def values(description, property):
    """The texts of a property, or the IRIs of things."""
    for fact in description["facts"]:
        if fact["iri"] == iri(property).value:
            return [value.get("iri", value["text"]) for value in fact["values"]]
    return []


@pytest.mark.parametrize(
    "name",
    [
        "https://w3id.org/exoreview/concept/TumourDerivedExosome",
        "exc:TumourDerivedExosome",
        "concept/TumourDerivedExosome",
        "/concept/TumourDerivedExosome",
        "tumour-derived exosome",
        "TDEs",
    ],
)
def test_a_concept_is_known_by_each_of_its_names(agent, name):
    description = agent("describe", thing=name)
    assert description["iri"] == iri("exc:TumourDerivedExosome").value
    assert description["definition"] == "An exosome that a tumour cell has produced."
    assert values(description, "skos:broader") == [iri("exc:Exosome").value]
    assert values(description, "owl:equivalentClass") == ["exosome and (produced by some tumour cell)"]


def test_what_is_inferred_stands_apart(agent):
    """That the claim concerns vesicles is said by a reasoner alone."""
    description = agent("describe", thing="claim:s04-c6")
    concerns = [fact for fact in description["inferred"] if fact["iri"] == iri("exr:concerns").value]
    vesicle = iri("exc:ExtracellularVesicle").value
    assert vesicle in [value["iri"] for fact in concerns for value in fact["values"]]
    assert not values(description, "exr:concerns")


def test_a_claim_is_described_with_its_words(agent):
    [quote] = agent("describe", thing="claim:s04-c6")["quotes"]
    assert quote == {"words": "chemoresistance", "start": 486, "end": 501}


@pytest.mark.parametrize(
    ("thing", "label"),
    [
        ("exr:Claim", "claim"),
        ("sp:contributesTo", "contributes to"),
        ("ontology", "Vocabulary"),
        ("graph:claims", "laims"),
        ("query:fingerprint", "Fingerprint"),
        ("review/abstract", "bstract"),
        ("quote/486-501", "chemoresistance"),
    ],
)
def test_other_things_are_described_too(agent, thing, label):
    description = agent("describe", thing=thing)
    assert label in description["label"]
    assert description["facts"]


def test_a_term_of_others_is_described_with_its_links(agent):
    description = agent("describe", thing="GO:0000178")
    assert description["label"].startswith("exosome (RNase complex)")
    [link] = description["linked"]
    assert link == {"iri": iri("exc:Exosome").value, "label": "exosome", "link": "not exact match"}


def test_the_others_that_are_called_so_are_named(agent):
    description = agent("describe", thing="exosomes")
    assert description["iri"] == iri("exc:Exosome").value
    assert description["also"] == [{"iri": "http://id.nlm.nih.gov/mesh/D055354", "label": "Exosomes"}]


def test_a_description_stays_readable(agent):
    """What hundreds of things point to has some of them, and their number."""
    result = agent.result("describe", thing="ontology")
    facts = [
        fact for part in ("facts", "incoming", "inferred") for fact in result.structured_content.get(part, ())
    ]
    assert max(len(fact["values"]) for fact in facts) == 25
    assert any(fact.get("left_out", 0) > 25 for fact in facts)


# --- Claims about -------------------------------------------------------------------------------------------

OUTSIDE = sorted(
    {row.object.value for row in release().graph("mappings") if row.predicate == iri("owl:annotatedTarget")}
)


@pytest.mark.parametrize("term", OUTSIDE)
def test_an_outside_term_leads_to_the_claims_of_the_published_query(agent, term):
    query = Example("claims-about-an-outside-term").asking(term=f"<{term}>")
    wanted = {row["claim"].value for row in store().query(query)}
    told = agent("claims_about", concept=term, most=60)
    assert {each["iri"] for each in told["statements"] if each["kind"] == "claim"} == wanted


@pytest.mark.parametrize(
    ("concept", "claims"),
    [
        ("exosome", cells("claims-about-exosomes", "claim")),
        ("exc:ExtracellularVesicle", cells("claims-concerning-extracellular-vesicles", "claim")),
        ("MESH:D055354", cells("claims-about-exosomes", "claim")),
        ("chemoresistance", ["claim:s04-c6"]),
    ],
)
def test_the_claims_about_a_concept_are_those_worked_out_by_hand(agent, concept, claims):
    told = agent("claims_about", concept=concept, most=60)
    assert {each["iri"] for each in told["statements"] if each["kind"] == "claim"} == {
        iri(each).value for each in claims
    }


def test_a_claim_says_how_the_text_says_it(agent):
    """“are considered”, “its”, “most cells can release”."""
    told = {name: agent("quote_claim", claim=name) for name in ("s02-c1", "s01-c3", "s03-c1")}
    assert [each["mode"] for each in told.values()] == ["reported consensus", "presupposed", "asserted"]
    assert told["s03-c1"]["hedge"] == "It says that this can mostly be so, not that it is."


def test_statements_stand_in_the_order_of_the_text_and_say_what_is_left_out(agent):
    told = agent("claims_about", concept="exosome", most=5)
    assert len(told["statements"]) == 5
    assert told["left_out"] == f"The first 5 of {told['count']} are shown."
    starts = [each["start"] for each in told["statements"]]
    assert starts == sorted(starts)


def test_what_is_only_about_something_narrower_says_so(agent):
    told = agent("claims_about", concept="exosome", most=60)["statements"]
    direct = {each["id"]: each["direct"] for each in told}
    assert (direct["s04-c6"], direct["s06-c10"]) == (False, True)


def test_a_term_that_means_something_else_has_no_claims(agent):
    told = agent("claims_about", concept="GO:0000178")
    assert (told["count"], told["linked"][0]["link"]) == (0, "not exact match")


TITLE = "Role of exosomes in tumour growth, chemoresistance and immunity: state-of-the-art"

# --- Quotes -------------------------------------------------------------------------------------------------

STATEMENTS = sorted(
    quad.subject.value
    for quad in release().graph("claims")
    if quad.object in (iri("exr:Claim"), iri("exr:ScopeStatement"))
)


@pytest.mark.parametrize("one", STATEMENTS, ids=lambda one: one.rpartition("/")[2])
def test_the_words_of_each_statement_stand_where_they_are_said_to(agent, one):
    told = agent("quote_claim", claim=one)
    assert ABSTRACT[told["start"] : told["end"]] == told["words"]
    assert told["words"] in told["sentence"]
    assert told["sentence"] in ABSTRACT


@pytest.mark.parametrize("name", ["s04-c6", "claim/s04-c6", "claim:s04-c6", BASE + "claim/s04-c6"])
def test_a_claim_is_told_with_all_that_stands_behind_it(agent, name):
    told = agent("quote_claim", claim=name)
    assert told["says"] == "Tumour-derived exosomes play an essential role in chemoresistance."
    slots = {slot["role"]: [each["label"] for each in slot["fillers"]] for slot in told["slots"]}
    assert (slots["subject"], slots["object"]) == (["tumour-derived exosome"], ["chemoresistance"])
    assert "transfer of functional biological cargos" in slots["mechanism"]
    assert (told["mode"], told["strength"]) == ("asserted", "essential")
    assert told["predicate"] == "play essential roles in"
    assert told["evidence"][0]["iri"] == iri("obo:ECO_0007320").value
    assert told["source"] == [{"iri": BASE + "review", "label": TITLE}]
    assert re.fullmatch(rf"{BASE}np/RA[\w-]{{43}}", told["nanopublication"])


def test_readings_and_links_are_told(agent):
    presupposed = agent("quote_claim", claim="s01-c3")
    assert presupposed["notes"][0]["texts"] == ["“its” stands for cancer."]
    [other] = [link for link in presupposed["links"] if "presuppose" in link["relation"]]
    assert [each["iri"] for each in other["statements"]] == [BASE + "claim/s01-c2"]


# --- Queries ------------------------------------------------------------------------------------------------

CLAIMS = "SELECT ?claim { ?claim a <https://w3id.org/exoreview/ontology#Claim> } ORDER BY ?claim"


def test_a_table_has_values_and_what_the_things_are_called(agent):
    told = agent("query", sparql=CLAIMS)
    assert (told["variables"], told["count"], len(told["rows"])) == (["claim"], 54, 54)
    assert told["rows"][0] == {"claim": BASE + "claim/s01-c1"}
    assert told["labels"][BASE + "claim/s01-c1"] == "Cancer is one of the most lethal diseases."


@pytest.mark.parametrize(
    ("query", "answer"),
    [
        ("ASK {}", {"boolean": True}),
        ("ASK { <a:b> <a:b> 1 }", {"boolean": False}),
        ("CONSTRUCT { <a:b> <a:b> 1 } {}", {"graph": "<a:b> <a:b> 1 .\n"}),
        ("SELECT ?a { FILTER(false) }", {"variables": ["a"], "count": 0}),
        ("SELECT ('é' AS ?a) {}", {"variables": ["a"], "rows": [{"a": "é"}], "count": 1}),
    ],
)
def test_each_form_of_query_is_answered(agent, query, answer):
    assert agent("query", sparql=query) == answer


@pytest.mark.parametrize("name", NAMES)
def test_each_example_runs_as_it_is_published(agent, name):
    [example] = agent("example_queries", name=name)["examples"]
    told = agent("query", sparql=example["sparql"], most_rows=1000)
    wanted = expected(name)
    if told.get("variables"):
        assert told["count"] == len(wanted) - 1
    elif "boolean" in told:
        assert [str(told["boolean"]).lower()] == wanted
    else:
        assert told["graph"]


def test_all_examples_are_listed_without_their_texts(agent):
    listed = agent("example_queries")["examples"]
    assert sorted(each["name"] for each in listed) == sorted(NAMES)
    assert all(each["title"] and each["description"] and "sparql" not in each for each in listed)


CUT = {
    "rows": (
        CLAIMS,
        {"most_rows": 10},
        "The first 10 of 54 rows are shown; add LIMIT and OFFSET, or ask for less.",
    ),
    "a long value": (
        'SELECT (REPLACE("aaaaaaaaaaaaaaaaaaaa", "a", "' + "b" * 150 + '") AS ?long) {}',
        {},
        "Values of more than 2,000 characters are cut; these end in “…”.",
    ),
    "many characters": (
        'SELECT ("' + "b" * 1900 + '" AS ?long) { ?s a ?o } LIMIT 100',
        {},
        "The first 21 of 100 rows are shown; add LIMIT and OFFSET, or ask for less.",
    ),
    "a graph": ("CONSTRUCT { ?s ?p ?o } { ?s ?p ?o }", {}, "The first 40,000 of "),
}


@pytest.mark.parametrize(("query", "arguments", "sentence"), CUT.values(), ids=CUT)
def test_a_long_answer_is_cut_and_says_so(agent, query, arguments, sentence):
    result = agent.result("query", sparql=query, **arguments)
    assert result.structured_content["left_out"].startswith(sentence)
    assert len(result.content[0].text) < 60_000


# --- Citations ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "given"),
    [
        ({}, ("both", "apa")),
        ({"what": "review", "style": "bibtex"}, ("review", "bibtex")),
        ({"what": "dataset", "style": "nature"}, ("dataset", "nature")),
    ],
    ids=["usual", "bibtex", "another style"],
)
def test_a_citation_is_that_of_the_command_line(agent, arguments, given):
    assert agent("cite", **arguments)["text"] == citing.cite(release().graphs, *given)


# --- Refusals -----------------------------------------------------------------------------------------------

REFUSED = {
    "no such tool": ("delete", {}, f"There is no tool “delete”; there are {', '.join(TOOLS)}."),
    "no such parameter": (
        "search",
        {"words": "exosome", "limit": 3},
        "search has no parameter “limit”; it has words, kind, most.",
    ),
    "missing": ("search", {}, "“words” is missing."),
    "two mistakes": (
        "search",
        {"words": "a" * 201, "most": 0},
        f"“words” is “{'a' * 59}…”, but it should have at most 200 characters. "
        "“most” is “0”, but it should be greater than or equal to 1.",
    ),
    "no number": (
        "search",
        {"words": "exosome", "most": "ten"},
        "“most” is “ten”, but it should be a valid integer, unable to parse string as an integer.",
    ),
    "too many rows": (
        "query",
        {"sparql": "ASK {}", "most_rows": 1001},
        "“most_rows” is “1001”, but it should be less than or equal to 1000.",
    ),
    "no such kind": (
        "search",
        {"words": "exosome", "kind": "gene"},
        "“kind” is “gene”, but it should be 'all', ",
    ),
    "nothing near": (
        "describe",
        {"thing": "xyzzy"},
        "Nothing here is called “xyzzy”, and nothing comes near; try other words with search.",
    ),
    "no IRI": (
        "describe",
        {"thing": "http://[ <>"},
        "Nothing here is called “http://[ <>”, and nothing comes",
    ),
    "a concept misspelt": (
        "claims_about",
        {"concept": "exosoms"},
        "No concept or outside identifier here is called “exosoms”; the nearest are exc:Exosome (exosome), ",
    ),
    "a claim as concept": (
        "claims_about",
        {"concept": "claim:s04-c6"},
        "“claim:s04-c6” is a claim, not a concept or outside identifier.",
    ),
    "no such claim": (
        "quote_claim",
        {"claim": "s04-c66"},
        "No claim here is called “s04-c66”; the nearest are claim:s04-c6 (Tumour-derived exosomes play",
    ),
    "a concept as claim": ("quote_claim", {"claim": "exosome"}, "“exosome” is a concept, not a claim."),
    "no such example": (
        "example_queries",
        {"name": "fingerprnt"},
        "No query here is called “fingerprnt”; the nearest is query:fingerprint (",
    ),
    "prefixes": ("example_queries", {"name": "prefixes"}, "“prefixes” is no query that can be run."),
    "no such style": (
        "cite",
        {"style": "handwritten"},
        "There is no format “handwritten”; there are bibtex, ",
    ),
    "a mistake in a query": (
        "query",
        {"sparql": "SELECT ?x WHERE {\n ?x rdfs:label ?y }"},
        "line 2, column 5: The prefix “rdfs:” is not declared. Add this line at the top: PREFIX rdfs: <",
    ),
    "an update": (
        "query",
        {"sparql": "DELETE WHERE { ?s ?p ?o }"},
        "line 1, column 1: This is an update (DELETE);",
    ),
    "another endpoint": (
        "query",
        {"sparql": "SELECT * { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }"},
        "line 1, column 12: SERVICE is off: this endpoint fetches nothing from others.",
    ),
    "too deep": (
        "query",
        {"sparql": "ASK " + "{" * 2000 + "}" * 2000},
        "The query nests brackets 2000 deep; at most 128 are read.",
    ),
    "too long": (
        "query",
        {"sparql": "ASK {}" + " " * 200_000},
        "The query is longer than 200,000 bytes, the limit here.",
    ),
}


@pytest.mark.parametrize(("tool", "arguments", "sentence"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_done_is_said_in_a_sentence(agent, tool, arguments, sentence):
    assert agent.refusal(tool, **arguments).startswith(sentence)


def test_settings_are_those_of_the_server(portal):
    read = settings.read(
        {"EXOREVIEW_QUERY_MAX_BYTES": "10", "EXOREVIEW_SERVICE_ALLOW": "https://example.org/sparql"}
    )
    made = server(release(), None, read)
    with portal.wrap_async_context_manager(Client(made)) as client:
        agent = Agent(portal, client, None)
        assert agent.refusal("query", sparql="ASK { ?a ?b ?c }").startswith(
            "The query is longer than 10 bytes"
        )
        hints = {tool.name: tool.annotations.open_world_hint for tool in portal.call(client.list_tools).tools}
    assert [name for name, open_world in hints.items() if open_world] == ["query"]


# --- Runaway queries ----------------------------------------------------------------------------------------


def until(holds):
    """Wait until something holds; a test that waits in vain fails."""
    end = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_a_runaway_query_disturbs_nobody_and_is_ended(portal):
    with (
        portal.wrap_async_context_manager(offered(query_timeout_s=3)) as (made, pool),
        portal.wrap_async_context_manager(Client(made)) as client,
    ):
        agent = Agent(portal, client, pool)
        runaway = portal.start_task_soon(client.call_tool, "query", {"sparql": RUNAWAY})
        until(lambda: pool.busy == 1)
        assert agent("query", sparql="ASK {}") == {"boolean": True}
        assert agent("quote_claim", claim="s04-c6")["id"] == "s04-c6"
        [said] = runaway.result(60).content
        assert said.text.startswith("The query was stopped after 3 seconds, the limit here; narrow it down")
        assert pool.kills["timeout"] == 1
        assert agent("query", sparql=CLAIMS)["count"] == 54


@pytest.mark.parametrize("mode", ["legacy", "auto"])
def test_a_query_that_is_given_up_is_ended(portal, mode):
    with (
        portal.wrap_async_context_manager(offered(workers=1)) as (made, pool),
        portal.wrap_async_context_manager(Client(made, mode=mode)) as client,
    ):
        agent = Agent(portal, client, pool)
        runaway = portal.start_task_soon(client.call_tool, "query", {"sparql": RUNAWAY})
        until(lambda: pool.busy == 1)
        runaway.cancel()
        until(lambda: pool.kills["gone"] == 1)
        assert agent("query", sparql="ASK {}") == {"boolean": True}


# --- The command --------------------------------------------------------------------------------------------


@contextmanager
def temporary():
    """A folder for temporary files, with a name short enough for sockets; it must be empty in the end."""
    with tempfile.TemporaryDirectory(prefix="mcp-", dir="/tmp") as folder:
        yield folder
        until(lambda: not os.listdir(folder) and not processes(folder))  # noqa: PTH208


def processes(folder):
    """The processes that speak of a folder in their arguments or environment."""
    found = []
    for path in Path("/proc").iterdir():
        if path.name.isdigit() and int(path.name) != os.getpid():
            try:
                held = (path / "cmdline").read_bytes() + (path / "environ").read_bytes()
            except OSError:
                continue
            if folder.encode() in held:
                found.append(int(path.name))
    return found


def command(*arguments):
    return [sys.executable, "-m", "exoreview.cli", "mcp", *arguments]


def spoken(folder, **given):
    """The command as a client of the package starts it that is configured as the README says."""
    [configured] = re.findall(r"```json\n(.*?)```", files.path("README.md").read_text("utf-8"), re.DOTALL)
    [said] = json.loads(configured)["mcpServers"].values()
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    return StdioServerParameters(**said, env={"TMPDIR": folder, "PATH": path, **given})


@LINUX
def test_over_standard_input_and_output_nothing_is_left_behind(portal, agent):
    with (
        temporary() as folder,
        portal.wrap_async_context_manager(Client(spoken(folder))) as client,
    ):
        other = Agent(portal, client, None)
        assert processes(folder)
        assert other("quote_claim", claim="s04-c6") == agent("quote_claim", claim="s04-c6")
        assert other("query", sparql=CLAIMS) == agent("query", sparql=CLAIMS)


@LINUX
def test_a_client_that_leaves_while_a_query_runs_leaves_nothing_behind(portal):
    given = {"EXOREVIEW_QUERY_TIMEOUT_S": "600"}
    with temporary() as folder:
        with portal.wrap_async_context_manager(Client(spoken(folder, **given))) as client:
            runaway = portal.start_task_soon(client.call_tool, "query", {"sparql": RUNAWAY})
            assert Agent(portal, client, None)("query", sparql="ASK {}") == {"boolean": True}
        assert runaway.exception(60)


@contextmanager
def started(folder, *arguments):
    """The command as a process, ended if a test did not."""
    process = subprocess.Popen(
        command(*arguments),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": folder},
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "test", "version": "1"},
    },
}


@LINUX
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGKILL])
def test_a_signal_ends_it_and_all_that_it_started(number):
    with temporary() as folder, started(folder) as process:
        process.stdin.write(json.dumps(INITIALIZE) + "\n")
        process.stdin.flush()
        answer = json.loads(process.stdout.readline())
        assert answer["result"]["serverInfo"]["name"] == "exoreview"
        process.send_signal(number)
        assert process.wait(60) == -number
        assert process.stderr.read() == ""


@LINUX
def test_what_is_no_message_is_answered_and_the_next_one_too():
    with temporary() as folder, started(folder) as process:
        out, _ = process.communicate("Hello!\n" + json.dumps(INITIALIZE) + "\n", timeout=60)
        said = [json.loads(line) for line in out.splitlines()]
        assert [each["id"] for each in said if "result" in each] == [1]
        assert process.returncode == 0


@LINUX
def test_by_http_it_answers_agents_of_this_machine_alone(portal, agent):
    with temporary() as folder, started(folder, "--http", "0") as process:
        [address] = re.findall(r"http://127\.0\.0\.1:\d+/mcp", process.stdout.readline())
        with portal.wrap_async_context_manager(Client(address)) as client:
            other = Agent(portal, client, None)
            assert other("quote_claim", claim="s04-c6") == agent("quote_claim", claim="s04-c6")
            assert other.refusal("quote_claim", claim="exosome") == "“exosome” is a concept, not a claim."
        for name, value, status in (("Host", "evil.example", 421), ("Origin", "https://evil.example", 403)):
            assert refused(address, {name: value}) == status
        process.terminate()
        process.wait(60)
        assert process.stderr.read() == ""


def refused(address, headers):
    """The status with which a request is refused."""
    usual = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
    request = Request(address, json.dumps(INITIALIZE).encode(), usual | headers)
    with pytest.raises(HTTPError) as error, urlopen(request):
        pass
    with error.value:
        return error.value.code


@LINUX
@pytest.mark.parametrize("port", ["65536", "taken"])
def test_a_port_that_cannot_be_used_is_refused(port, server):
    port = server.rpartition(":")[2] if port == "taken" else port
    done = subprocess.run(command("--http", port), capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert re.fullmatch(
        rf"exoreview mcp: Port {port} cannot be used \(.+\); choose another with --http\.\n", done.stderr
    )


def test_without_the_package_it_says_what_to_install():
    program = "import sys; sys.modules['mcp'] = None; from exoreview.cli import main; sys.exit(main(['mcp']))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert done.stderr == (
        "exoreview mcp: agents need the Python package mcp; install it with pip install 'exoreview[mcp]'.\n"
    )
