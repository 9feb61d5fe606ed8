"""The queries of the comparison: the files of `queries/`, asked with many values of their parameters.

`$claim` in a file stands for a value; the values are drawn evenly from the data, so that every peer is asked
for the same ones. The same queries serve the project's data and the corpus.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import QueryTriples, Store

FOLDER = Path(__file__).resolve().parent / "queries"
HEAVY = (FOLDER / "heavy.rq").read_text("utf-8")

# How many values of a parameter are asked for in turn.
VALUES = 48

EXR = "https://w3id.org/exoreview/ontology#"
SKOS = "http://www.w3.org/2004/02/skos/core#"

# Where the values of a parameter come from. The few that stand in a great part of the claims are left out,
# so that a query asks for much the same work whichever value is next.
PARAMETERS = {
    "claim": f"SELECT ?value WHERE {{ ?value a <{EXR}Claim> }} ORDER BY ?value",
    "review": f"SELECT DISTINCT ?value WHERE {{ ?claim <{EXR}statedIn> ?value }} ORDER BY ?value",
    "person": f"SELECT DISTINCT ?value WHERE {{ ?held <{EXR}heldBy> ?value }} ORDER BY ?value",
    "concept": f"SELECT ?value WHERE {{ ?claim <{EXR}hasSubject> ?value }} GROUP BY ?value"
    " HAVING(COUNT(*) <= 300) ORDER BY ?value",
    "broad": f"SELECT DISTINCT ?value WHERE {{ ?claim <{EXR}hasObject>/<{SKOS}broader> ?value }}"
    " ORDER BY ?value",
    "relation": f"SELECT ?value WHERE {{ ?claim <{EXR}hasRelation> ?value }} GROUP BY ?value"
    " HAVING(COUNT(*) <= 25000) ORDER BY DESC(COUNT(*)) ?value LIMIT 3",
    "mode": f"SELECT DISTINCT ?value WHERE {{ ?claim <{EXR}hasAssertionMode> ?value }} ORDER BY ?value",
    "word": 'SELECT ?value WHERE { VALUES ?value { "role" "contribut" "used" "various" "generated" } }',
}

ENGINE, TRIVIAL, OTHER = "bound by the engine", "that are trivial", "between"


@dataclass(frozen=True)
class Query:
    """A query: its name, its title, how much of its time is the engine's, and its text with parameters."""

    name: str
    title: str
    kind: str

    @property
    def text(self) -> str:
        """The text as the file has it."""
        return (FOLDER / f"{self.name}.rq").read_text("utf-8")

    @property
    def constructs(self) -> bool:
        """Whether the answer is a graph."""
        return "CONSTRUCT" in self.text

    def asked(self, store: Store) -> list[str]:
        """The texts to ask, one for each value of the parameter, in a fixed order."""
        text = re.sub(r"^#.*\n", "", self.text)
        found = re.search(r"\$(\w+)", text)
        if found is None:
            return [text]
        values = [str(row["value"]) for row in store.query(PARAMETERS[found[1]])]
        step = max(1, len(values) // VALUES)
        return [text.replace(found[0], value) for value in values[::step][:VALUES]]


QUERIES = (
    Query("look-up", "Look-up of one claim", TRIVIAL),
    Query("star-join", "Join: claims of a concept", OTHER),
    Query("chain-join", "Join: person to concepts", OTHER),
    Query("path", "Property path", OTHER),
    Query("paging", "Paging, in order", OTHER),
    Query("aggregate", "Group and count", ENGINE),
    Query("text", "Text: contains a word", ENGINE),
    Query("pattern", "Text: regular expression", ENGINE),
    Query("order", "Order by", ENGINE),
    Query("construct", "Construct", ENGINE),
)

# A mixed load: each query as often as people ask for such things.
MIXED = {"look-up": 10, "star-join": 6, "chain-join": 3, "path": 3, "paging": 2, "aggregate": 1}


def named(names: Iterable[str]) -> list[Query]:
    """The queries of these names, or all."""
    wanted = set(names)
    return [query for query in QUERIES if not wanted or query.name in wanted]


def mixed(store: Store) -> list[str]:
    """The texts of a mixed load, so interleaved that each stretch of them holds some of each."""
    spread = []
    for name, share in MIXED.items():
        asked = named([name])[0].asked(store)
        count = share * 8
        spread += [((index + 0.5) / count, name, asked[index % len(asked)]) for index in range(count)]
    return [text for _, _, text in sorted(spread)]


def size(store: Store, text: str) -> int:
    """How many rows, or triples, the right answer has."""
    results = store.query(text)
    return len(set(results)) if isinstance(results, QueryTriples) else sum(1 for _ in results)
