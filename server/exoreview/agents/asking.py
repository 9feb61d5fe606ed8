"""Queries of agents: asked where they can be killed, answered in a size that an agent can read."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from exoreview import diagnosis, media
from exoreview.agents import forms
from exoreview.problems import Refusal
from exoreview.sparql import querytext
from exoreview.sparql.answers import Answer
from exoreview.sparql.engine import Question
from exoreview.sparql.outcomes import QueryError, Stopped
from exoreview.sparql.pool import Pool
from exoreview.terms import curie
from exoreview.web.http import protocol
from exoreview.web.query.results import Shown
from exoreview.web.things.describe import Library

# So many characters of an answer are returned, and of one value in it.
_MOST, _LONGEST = 40_000, 2_000


class Asking:
    """Answers queries from a pool of processes; its public method is a tool."""

    def __init__(self, library: Library, pool: Pool, settings: Mapping[str, Any]):
        self.library, self.pool, self.settings = library, pool, settings

    async def query(self, sparql: forms.Sparql, most_rows: forms.Rows = 100) -> forms.Result:
        """Run a read-only SPARQL query. The default graph holds what is asserted; what a reasoner adds is in
        GRAPH <https://w3id.org/exoreview/graph/inferred>. Claims in the answer are the review's, not facts. A
        query is stopped at the limits of time, memory and size; a mistake is told with its line, its column
        and often the cure. Take an example from example_queries to start with."""
        if len(sparql.encode("utf-8", "surrogatepass")) > self.settings["QUERY_MAX_BYTES"]:
            raise Refusal(protocol.too_long(self.settings, "POST").description)
        carried = querytext.FORMS.get(querytext.form(sparql), media.BINDINGS)
        question = Question(sparql, media.TURTLE if carried == media.GRAPH else media.RESULTS_JSON)
        try:
            shown = Shown(question, await self._answer(question), most_rows, _MOST)
        except QueryError as error:
            raise Refusal(diagnosis.told(error, sparql)) from None
        except Stopped as error:
            raise Refusal(str(error)) from None
        return await asyncio.to_thread(self._result, shown)

    async def _answer(self, question: Question) -> Answer:
        """The answer; where nobody waits for it any more, the query is ended."""
        left = asyncio.Event()
        task = asyncio.ensure_future(self.pool.ask(question, left.is_set))
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            left.set()
            task.add_done_callback(_dropped)
            raise

    def _result(self, shown: Shown) -> forms.Result:
        facts = shown.facts()
        if "boolean" in facts:
            return forms.Result(boolean=facts["boolean"])
        if "graph" in facts:
            size = (
                f"The first {_MOST:,} of {shown.answer.size:,} bytes are shown, which may end in the middle."
            )
            return forms.Result(graph=facts["graph"], left_out="" if facts["whole"] else size)
        return self._table(**facts)

    def _table(self, variables: list[str], rows: list[dict], count: int, **_) -> forms.Result:
        made, labels, room, cut = [], {}, _MOST, False
        for row in rows:
            texts = {name: cell["value"] for name, cell in row.items()}
            cut |= any(len(text) > _LONGEST for text in texts.values())
            texts = {
                name: text if len(text) <= _LONGEST else text[:_LONGEST] + "…" for name, text in texts.items()
            }
            room -= sum(len(name) + len(text) for name, text in texts.items())
            if made and room < 0:
                break
            made.append(texts)
            labels |= {
                cell["value"]: self.library.label(cell["value"])
                for cell in row.values()
                if cell["type"] == "uri"
            }
        sentences = []
        if len(made) < count:
            sentences.append(
                f"The first {len(made):,} of {count:,} rows are shown; add LIMIT and OFFSET, or ask for less."
            )
        if cut:
            sentences.append(f"Values of more than {_LONGEST:,} characters are cut; these end in “…”.")
        labels = {iri: label for iri, label in labels.items() if label != curie(iri)}
        return forms.Result(
            variables=variables, rows=made, count=count, labels=labels, left_out=" ".join(sentences)
        )


def _dropped(task: asyncio.Task) -> None:
    """Nobody reads the answer, or hears why there is none."""
    with suppress(QueryError, Stopped, asyncio.CancelledError):
        task.result()
