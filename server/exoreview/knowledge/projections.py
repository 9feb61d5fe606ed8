"""The claims in the words of other vocabularies: one CONSTRUCT query each, with what it loses counted.

A projection is a file in ontology/projections/. Its header says, a line each, its title, what it makes, which
properties of a claim can be read back from what it makes, and what is lost.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from pyoxigraph import DefaultGraph, Quad, Store, Triple

from exoreview import files
from exoreview.problems import Refusal
from exoreview.terms import PREFIXES

HEADER = ("Title", "Makes", "Keeps", "Loses")

# What is said of one claim: its own properties, and its words with their place.
_FACTS = """
PREFIX exr: <https://w3id.org/exoreview/ontology#>
SELECT ?property (COUNT(*) AS ?count) WHERE {
  ?claim a exr:Claim .
  { ?claim ?property ?value . FILTER(?property NOT IN (rdf:type, exr:hasQuote)) }
  UNION
  {
    ?claim exr:hasQuote ?quote .
    ?quote ?property ?value .
    FILTER(?property IN (exr:exact, exr:start, exr:end))
  }
}
GROUP BY ?property
"""


@dataclass(frozen=True)
class Projection:
    """One way to say the claims in another vocabulary."""

    name: str
    title: str
    makes: str
    keeps: tuple[str, ...]
    loses: str
    query: str


@dataclass(frozen=True)
class Loss:
    """How many of the facts about the claims can be read back from a projection."""

    claims: int
    facts: int
    kept: int

    def __str__(self) -> str:
        return f"{self.kept} of {self.facts} facts about {self.claims} claims can be read back."


def read() -> list[Projection]:
    """The projections, in the order of their names."""
    return [parse(path.stem, path.read_text("utf-8")) for path in files.projection_files()]


def parse(name: str, query: str) -> Projection:
    """The projection that a query file describes; a header out of form is refused."""
    lines = query.splitlines()
    header = []
    for number, key in enumerate(HEADER):
        start = f"# {key}:"
        if number >= len(lines) or not lines[number].startswith(start):
            raise Refusal(f"ontology/projections/{name}.rq: line {number + 1} must start with “{start}”.")
        header.append(lines[number].removeprefix(start).strip())
    title, makes, keeps, loses = header
    properties = tuple(_expand(curie) for curie in keeps.split())
    return Projection(name, title, makes, properties, loses, query)


def project(asserted: Store) -> dict[str, list[Triple]]:
    """The triples of each projection, made from a store whose default graph holds what is asserted."""
    return {made.name: sorted(set(asserted.query(made.query)), key=str) for made in read()}


def store_of(triples: Iterable[Triple]) -> Store:
    """A store in memory whose default graph holds these triples."""
    store = Store()
    store.bulk_extend(Quad(*triple, DefaultGraph()) for triple in triples)
    return store


def losses(asserted: Store) -> dict[str, Loss]:
    """For each projection, how much of what the claims say it keeps."""
    claims = len(list(asserted.query("SELECT ?claim { ?claim a exr:Claim }", prefixes=_prefixes())))
    facts = {
        row["property"].value: int(row["count"].value) for row in asserted.query(_FACTS, prefixes=_prefixes())
    }
    return {
        made.name: Loss(claims, sum(facts.values()), sum(facts.get(kept, 0) for kept in made.keeps))
        for made in read()
    }


def _prefixes() -> dict[str, str]:
    return dict(PREFIXES)


def _expand(curie: str) -> str:
    prefix, _, name = curie.partition(":")
    return PREFIXES[prefix] + name
