"""The engine: answers a read-only SPARQL query in a format, or says at which line and column it cannot.

`Engine` is what the protocol needs of any store. `Embedded` is pyoxigraph in memory, in this process; it
cannot be interrupted, so a server reaches it only through `pool`, in processes that can be killed.
"""

from itertools import islice
from typing import BinaryIO, NamedTuple, Protocol

from pyoxigraph import NamedNode, QueryBoolean, QueryTriples, RdfFormat, Store, serialize

from exoreview import diagnosis, media
from exoreview.federation import Federation, Rewritten
from exoreview.media import Format
from exoreview.sparql import querytext, rows
from exoreview.sparql.outcomes import QueryError, Stopped

# Formats of graphs that have prefixes.
_ABBREVIATE = (RdfFormat.TURTLE, RdfFormat.TRIG, RdfFormat.RDF_XML)

# How an error of RocksDB begins.
_DAMAGE = ("Corruption", "IO error")


class Question(NamedTuple):
    """A query with what belongs to it: a format that fits its form, the dataset that the protocol names, and
    the content coding for an answer that is worth it."""

    text: str
    format: Format
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    coding: str | None = None


class Engine(Protocol):
    """What answers queries."""

    name: str

    def write(self, question: Question, out: BinaryIO) -> None:
        """Write the whole answer; raises QueryError or Stopped, and what was written then is none."""


class Embedded:
    """pyoxigraph over a store, in this process."""

    name = "pyoxigraph"

    def __init__(
        self,
        store: Store,
        max_nesting: int = 128,
        *,
        base: str | None = None,
        max_rows: int | None = None,
        federation: Federation | None = None,
    ):
        """`base` is what relative IRIs are resolved by; a graph may have `max_rows` triples; without a
        federation SERVICE is refused."""
        self.store, self.max_nesting, self.max_rows = store, max_nesting, max_rows
        self.base, self.federation = base, federation

    def write(self, question: Question, out: BinaryIO) -> None:
        """Write the whole answer; raises QueryError or Stopped, and what was written then is none."""
        try:
            seen, asked = None, Rewritten(question.text, {})
            if not querytext.is_plain(question.text, self.max_nesting):
                seen = self._examined(question.text)
                if seen.service is not None:
                    asked = self.federation.rewritten(question.text, seen)
            results = self.store.query(
                asked.text, base_iri=self.base, custom_functions=asked.functions, **_dataset(question)
            )
            if rows.are_counted(question.format) or carries(results) != media.GRAPH:
                results.serialize(out, format=question.format.engine)
            else:
                self._write_graph(results, question, out)
        except SyntaxError as error:
            seen = seen or self._examined(question.text)
            raise diagnosis.syntax_error(question.text, str(error), seen) from None
        except MemoryError:
            raise Stopped("The query needs more memory than one query may have.") from None
        except (RuntimeError, ValueError, OSError) as error:
            if str(error).startswith(_DAMAGE):
                raise Stopped(
                    "The store on the server's disk is damaged or gone; it must be built anew."
                ) from None
            raise QueryError(diagnosis.sentence(str(error))) from None

    def _write_graph(self, results: QueryTriples, question: Question, out: BinaryIO) -> None:
        """Write a graph whose text does not show how many triples it has."""
        format = question.format.engine
        prefixes = querytext.prefixes(question.text) if format in _ABBREVIATE else None
        serialize(islice(results, self.max_rows), out, format=format, prefixes=prefixes)
        if next(results, None) is not None:
            raise rows.too_many(self.max_rows, "triples")

    def _examined(self, text: str) -> querytext.Scan:
        return examine(text, self.max_nesting, federates=self.federation is not None)


def carries(results) -> str:
    """What a result is: a graph, a boolean or bindings."""
    if isinstance(results, QueryTriples):
        return media.GRAPH
    return media.BOOLEAN if isinstance(results, QueryBoolean) else media.BINDINGS


def examine(text: str, max_nesting: int, *, federates: bool = False) -> querytext.Scan:
    """Look at a query before the parser does, and refuse what must not reach it."""
    seen = querytext.scan(text)
    if seen.is_update:
        place = querytext.position(text, seen.form_at)
        raise QueryError(
            f"This is an update ({seen.form}); only queries are answered here.",
            *place,
            hint="Download the data to change a copy of your own.",
        )
    if seen.depth > max_nesting:
        raise QueryError(f"The query nests brackets {seen.depth} deep; at most {max_nesting} are read.")
    if seen.service is not None and not federates:
        place = querytext.position(text, seen.service)
        raise QueryError(
            "SERVICE is off: this endpoint fetches nothing from others.",
            *place,
            hint="Ask the other endpoint yourself, or name this one in a SERVICE from there.",
        )
    return seen


def _dataset(question: Question) -> dict:
    """The dataset that the protocol names, which wins over FROM; graphs that are not here are empty."""
    if not question.default_graphs and not question.named_graphs:
        return {}
    return {
        "default_graph": [NamedNode(iri) for iri in question.default_graphs],
        "named_graphs": [NamedNode(iri) for iri in question.named_graphs],
    }
