"""What another endpoint answered, as data of a query."""

from collections import deque
from collections.abc import Callable, Iterable
from uuid import uuid4

from pyoxigraph import (
    BlankNode,
    Literal,
    NamedNode,
    QueryResultsFormat,
    QuerySolutions,
    Triple,
    parse_query_results,
)

from exoreview.federation.calls import RESULTS_JSON, RESULTS_XML, Reply
from exoreview.federation.wellformed import Malformed, whole

_FORMATS = {RESULTS_JSON: QueryResultsFormat.JSON, RESULTS_XML: QueryResultsFormat.XML}


class Unusable(Exception):
    """An answer that is none, and why: the rest of a sentence that starts with “it”."""


def nothing(variables: list[str]) -> str:
    """One solution without bindings, with columns nevertheless."""
    return f"{{VALUES ({_names(variables)}) {{({' '.join('UNDEF' for _ in variables)})}}}}"


class Terms:
    """Terms that cannot be written as data in a query, under IRIs that a function turns back into them."""

    def __init__(self):
        self.name = NamedNode(uuid4().urn)
        self.terms: list[BlankNode | Triple] = []
        self.known: dict = {}

    def written(self, term, nodes: dict[str, BlankNode]) -> str:
        """A term for a VALUES block; blank nodes are those of one answer."""
        if term is None:
            return "UNDEF"
        if isinstance(term, NamedNode | Literal):
            return str(term)
        term = _renamed(term, nodes)
        if term not in self.known:
            self.known[term] = f"<{self.name.value}:{len(self.terms)}>"
            self.terms.append(term)
        return self.known[term]

    def functions(self) -> dict[NamedNode, Callable]:
        """The function that turns stand-ins into terms, if there are any."""
        return {self.name: self._read} if self.terms else {}

    def _read(self, term):
        if isinstance(term, NamedNode) and term.value.startswith(self.name.value + ":"):
            return self.terms[int(term.value.rpartition(":")[2])]
        return term


def _renamed(term, nodes: dict[str, BlankNode]):
    """A term whose blank nodes are none of this store's."""
    if isinstance(term, BlankNode):
        return nodes.setdefault(term.value, BlankNode())
    if isinstance(term, Triple):
        return Triple(*(_renamed(part, nodes) for part in term))
    return term


def data(reply: Reply, variables: list[str], terms: Terms) -> str:
    """A reply as data of a query; columns that the pattern does not have are left out."""
    nodes: dict[str, BlankNode] = {}
    try:
        if reply.media_type == RESULTS_XML:
            deque(whole([reply.body]), maxlen=0)
        solutions = parse_query_results(reply.body, format=_FORMATS[reply.media_type])
        if not isinstance(solutions, QuerySolutions):
            raise Unusable("answered yes or no instead of rows")
        places = {variable.value: index for index, variable in enumerate(solutions.variables)}
        columns = [places.get(name) for name in variables]
        rows = [
            [terms.written(None if at is None else row[at], nodes) for at in columns] for row in solutions
        ]
    except (Malformed, SyntaxError, ValueError, OSError) as error:
        said = str(error).partition("\n")[0].rstrip(".")
        raise Unusable(f"answered with broken {reply.media_type} ({said})") from None
    except MemoryError:
        # So the engine complains of a single text of more than 8 MB too.
        raise Unusable("answered with more than there is memory for") from None
    # A column may need the function where any of its cells is a stand-in.
    mark = f"<{terms.name.value}:"
    needs = {
        name
        for index, name in enumerate(variables)
        if terms.terms and any(row[index].startswith(mark) for row in rows)
    }
    inner = {name: _unused(name, variables) if name in needs else name for name in variables}
    cells = " ".join(f"({' '.join(row)})" for row in rows)
    data = f"VALUES ({_names(inner[name] for name in variables)}) {{{cells}}}"
    if not needs:
        return f"{{{data}}}"
    projection = " ".join(
        f"({terms.name}(?{inner[name]}) AS ?{name})" if name in needs else f"?{name}" for name in variables
    )
    return f"{{SELECT {projection} {{{data}}}}}"


def _names(variables: Iterable[str]) -> str:
    return " ".join(f"?{name}" for name in variables)


def _unused(name: str, variables: list[str]) -> str:
    while name in variables:
        name += "_"
    return name
