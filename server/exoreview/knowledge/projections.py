"""The claims in the words of other vocabularies: one CONSTRUCT query each, with what it loses counted.

A projection is a file in ontology/projections/. Its header says, a line each, its title, what it makes, which
properties of a claim can be read back from what it makes, and what is lost.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pyoxigraph import DefaultGraph, NamedNode, Quad, Store, Triple

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
    """What a projection of the claims makes, and how many facts about them are in it or not."""

    claims: int
    triples: int
    kept: int
    lost: Mapping[str, int]

    @property
    def facts(self) -> int:
        """How many facts about the claims there are."""
        return self.kept + sum(self.lost.values())

    def __str__(self) -> str:
        lost = ", ".join(f"{label} {count}" for label, count in self.lost.items())
        return (
            f"{self.triples} triples, made from {self.claims} claims. Of {self.facts} facts about the claims,"
            f" {self.kept} can be read back for each claim. Lost are: {lost}."
        )


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


def losses(asserted: Store, projected: Mapping[str, Sequence[Triple]]) -> dict[str, Loss]:
    """For each projection, how much of what the claims say it keeps, and the number of each thing lost."""
    claims = len(list(asserted.query("SELECT ?claim { ?claim a exr:Claim }", prefixes=_prefixes())))
    facts = {
        row["property"].value: int(row["count"].value) for row in asserted.query(_FACTS, prefixes=_prefixes())
    }
    labels = {property: _label(asserted, property) for property in facts}
    often = sorted(facts, key=lambda property: (-facts[property], labels[property]))
    return {
        made.name: Loss(
            claims,
            len(projected[made.name]),
            sum(facts[kept] for kept in made.keeps),
            {labels[property]: facts[property] for property in often if property not in made.keeps},
        )
        for made in read()
    }


def _label(asserted: Store, property: str) -> str:
    """What a property is called; the last part of its name for one of RDF itself."""
    said = asserted.quads_for_pattern(NamedNode(property), NamedNode(PREFIXES["rdfs"] + "label"), None)
    return min((quad.object.value for quad in said), default=property.rpartition("#")[2])


def _prefixes() -> dict[str, str]:
    return dict(PREFIXES)


def _expand(curie: str) -> str:
    prefix, _, name = curie.partition(":")
    return PREFIXES[prefix] + name
