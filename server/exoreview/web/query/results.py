"""The answer of a query as a page shows it."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Any, BinaryIO

from pyoxigraph import BlankNode, Literal, NamedNode, QueryBoolean, parse_query_results

from exoreview import media
from exoreview.sparql.answers import Answer
from exoreview.sparql.engine import Question

# A browser shows so many rows or bytes; all of them are one click away in another format.
_ROWS_SHOWN, _BYTES_SHOWN = 1000, 200_000


@dataclass(frozen=True)
class Shown:
    """A question and its answer, which was asked as JSON or Turtle, so far as a page shows it."""

    question: Question
    answer: Answer
    most_rows: int = _ROWS_SHOWN
    most_bytes: int = _BYTES_SHOWN

    def facts(self) -> dict[str, Any]:
        """What the template needs; can be had once."""
        with self.answer.opened() as content:
            is_graph = self.question.format is media.TURTLE
            made = self._graph(content) if is_graph else self._table(content)
        return {"query": self.question.text, **made}

    def _graph(self, content: BinaryIO) -> dict[str, Any]:
        start = content.read(self.most_bytes)
        # A character at the cut may have lost its end.
        return {"graph": start.decode("utf-8", "ignore"), "whole": len(start) == self.answer.size}

    def _table(self, content: BinaryIO) -> dict[str, Any]:
        results = parse_query_results(content, format=media.RESULTS_JSON.engine)
        if isinstance(results, QueryBoolean):
            return {"boolean": bool(results)}
        names = [variable.value for variable in results.variables]
        rows = [_row(names, solution) for solution in islice(results, self.most_rows)]
        return {"variables": names, "rows": rows, "count": len(rows) + sum(1 for _ in results)}


def _row(names: Iterable[str], solution) -> dict[str, Any]:
    return {name: _cell(solution[name]) for name in names if solution[name] is not None}


def _cell(term) -> dict[str, Any]:
    """A term as the table shows it: a link only to a web address, a triple in words."""
    if isinstance(term, NamedNode):
        is_web = term.value.startswith(("http://", "https://"))
        return {"type": "uri" if is_web else "address", "value": term.value}
    if isinstance(term, Literal):
        datatype = None if term.language else term.datatype.value
        return {"type": "literal", "value": term.value, "xml:lang": term.language, "datatype": datatype}
    if isinstance(term, BlankNode):
        return {"type": "bnode", "value": term.value}
    parts = (_cell(part)["value"] for part in (term.subject, term.predicate, term.object))
    return {"type": "triple", "value": f"<<( {' '.join(parts)} )>>"}
