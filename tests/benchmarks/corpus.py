"""A corpus of invented reviews in the model of this project: seeded, byte-identical from run to run.

    python tests/benchmarks/corpus.py [--reviews 1000] [--triples N] > corpus.nt

Concepts form a hierarchy and are drawn like words of a language, a few often and most seldom; reviews differ
in authors, sentences, quotes and claims. Every class and property is one that the project's data has.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.notation import concept, english, integer, iri, ntriples, person, pick, year, zipf

SEED = 20230
REVIEWS = 1_000

# A review has this many triples on average: with it the number of concepts and people grows.
PER_REVIEW = 5_500

# What a statement is made of, each with how often it is drawn.
RELATIONS = {
    "sp:contributesTo": 27,
    "sp:includes": 6,
    "sp:causes": 4,
    "sp:enables": 4,
    "exr:isKindOf": 4,
    "exr:isUsedAs": 4,
    "exr:hasQuality": 4,
    "sp:increases": 1,
}
QUALIFIERS = {
    "sp:generallyQualifier": 37,
    "sp:canGenerallyQualifier": 13,
    "sp:frequentlyQualifier": 2,
    "sp:canMostlyQualifier": 2,
}
MODES = {"exr:asserted": 31, "exr:presupposed": 15, "exr:exemplified": 7, "exr:reportedConsensus": 1}
STRENGTHS = {"exr:essential": 6, "exr:important": 2, "exr:wide": 2, "exr:pivotal": 1, "exr:efficient": 1}
CATEGORIES = {
    "exr:ProcessConcept": 37,
    "exr:MaterialEntityConcept": 29,
    "exr:QualityConcept": 6,
    "exr:DiseaseConcept": 3,
    "exr:ConditionConcept": 2,
}

PREDICATES = (
    *("contributes to", "plays an essential role in", "is widely used as", "can be generated from"),
    *("triggers", "includes", "is one of", "could release", "offers various advantages in", "could impair"),
)
SYLLABLES = (
    *("ba", "ce", "di", "fo", "gu", "ha", "je", "ki", "lo", "mu", "na", "pe", "ri", "so", "tu", "va"),
    *("xe", "yi", "zo", "stra", "pho", "lym", "cyt", "gen", "some", "ase"),
)
COMMON = (
    *("the", "of", "in", "and", "by", "with", "tumour", "cells", "exosomes", "cancer", "therapy"),
    *("drug", "delivery", "immune", "role", "for", "as"),
)
LINKS = ("exr:specialises", "exr:isMechanismOf", "exr:isPresupposedBy")

# The scheme that all concepts stand in.
SCHEME = iri("exc:").replace("concept/", "concepts")


def statements(reviews: int | None = None, triples: int | None = None) -> Iterator[str]:
    """The corpus a piece at a time: so many reviews, or whole reviews until there are so many triples."""
    expected = reviews or -(-(triples or 0) // PER_REVIEW)
    world = World(max(1, expected))
    piece = world.shared()
    written, number = piece.count("\n"), 0
    yield piece
    while number < reviews if reviews is not None else written < (triples or 0):
        number += 1
        piece = world.review(number)
        written += piece.count("\n")
        yield piece


class World:
    """What reviews share: words, concepts and people, as many as befit a number of reviews."""

    def __init__(self, reviews: int):
        drawn = Random(f"{SEED} world")
        made = dict.fromkeys("".join(drawn.choices(SYLLABLES, k=drawn.randint(2, 4))) for _ in range(4_000))
        self.words = [*COMMON, *made]
        self.word_weights = zipf(len(self.words))
        self.size = min(20_000, 60 + 8 * reviews)
        self.concept_weights = zipf(self.size)
        names = tuple(made)
        self.labels = [" ".join(drawn.choices(names, k=2)) + f" {number}" for number in range(self.size)]
        self.people = min(20_000, 20 + 4 * reviews)

    def text(self, drawn: Random, count: int) -> str:
        """So many words, beginning with a capital."""
        joined = " ".join(drawn.choices(self.words, cum_weights=self.word_weights, k=count))
        return joined[0].upper() + joined[1:]

    def shared(self) -> str:
        """What stands once: the people, and the concepts in a hierarchy, with synonyms and links."""
        drawn = Random(f"{SEED} shared")
        lines = []
        for number, label in enumerate(self.labels):
            lines += [
                (concept(number), "rdf:type", iri("owl:Class")),
                (concept(number), "rdf:type", pick(drawn, CATEGORIES)),
                (concept(number), "rdfs:label", english(label)),
                (concept(number), "skos:prefLabel", english(label)),
                (concept(number), "skos:altLabel", english(label + "s")),
                (concept(number), "skos:definition", english(self.text(drawn, 12) + ".")),
                (concept(number), "skos:inScheme", SCHEME),
                (concept(number), "skos:closeMatch", iri(f"obo:NCIT_C{1_000 + number}")),
            ]
            if number:
                # A number below its own half keeps the hierarchy shallow and without cycles.
                above = concept(drawn.randrange((number + 1) // 2))
                lines += [(concept(number), name, above) for name in ("skos:broader", "rdfs:subClassOf")]
        for number in range(self.people):
            name = english(f"Person {number}")
            lines += [
                (person(number), "rdf:type", iri("foaf:Person")),
                (person(number), "rdfs:label", name),
                (person(number), "foaf:name", name),
            ]
        return ntriples(lines)

    def review(self, number: int) -> str:
        """A review: what it is, who wrote it, its sentences, and the claims that they make."""
        return Review(self, number).ntriples()


class Review:
    """One review, drawn from a seed of its own, so that it does not depend on those before it."""

    def __init__(self, world: World, number: int):
        self.world, self.number, self.drawn = world, number, Random(f"{SEED} review {number}")
        self.node = iri(f"review:b{number}")
        self.lines: list[tuple[str, str, str]] = []

    def ntriples(self) -> str:
        """All of it."""
        drawn = self.drawn
        sentences = drawn.randint(20, 60)
        claims = drawn.randint(sentences * 5, sentences * 8)
        self._describe(sentences)
        self._authors(drawn.randint(1, 12))
        mentioned = iter(
            drawn.choices(range(self.world.size), cum_weights=self.world.concept_weights, k=claims * 5)
        )
        for claim in range(1, claims + 1):
            self._claim(claim, drawn.randint(1, sentences), mentioned)
        return ntriples(self.lines)

    def _describe(self, sentences: int) -> None:
        drawn, world, title = self.drawn, self.world, english(self.world.text(self.drawn, 9))
        abstract = iri(f"review:b{self.number}/abstract")
        first = drawn.randint(1, 900)
        self._say(
            self.node,
            ("rdf:type", iri("fabio:JournalArticle")),
            ("rdf:type", iri("bibo:AcademicArticle")),
            ("rdfs:label", title),
            ("dcterms:title", title),
            ("dcterms:issued", year(drawn.randint(1995, 2026))),
            ("prism:startingPage", f'"{first}"'),
            ("prism:endingPage", f'"{first + drawn.randint(4, 40)}"'),
            ("dcterms:type", iri("fabio:ReviewArticle")),
            ("dcterms:hasPart", abstract),
        )
        topics = drawn.choices(range(world.size), cum_weights=world.concept_weights, k=5)
        self._say(self.node, *(("dcterms:subject", concept(topic)) for topic in sorted(set(topics))))
        self._say(abstract, ("rdf:type", iri("doco:Abstract")), ("dcterms:isPartOf", self.node))
        start = 0
        for position in range(1, sentences + 1):
            text = world.text(drawn, drawn.randint(10, 32)) + "."
            self._say(
                self._sentence(position),
                ("rdf:type", iri("doco:Sentence")),
                ("rdfs:label", english(f"Sentence {position} of the abstract")),
                ("dcterms:isPartOf", abstract),
                ("exr:exact", english(text)),
                ("exr:position", integer(position)),
                ("exr:start", integer(start)),
                ("exr:end", integer(start + len(text))),
            )
            start += len(text) + 1

    def _authors(self, count: int) -> None:
        people = dict.fromkeys(self.drawn.randrange(self.world.people) for _ in range(count))
        for position, number in enumerate(people, 1):
            held = iri(f"authorship:b{self.number}-{position}")
            self._say(self.node, ("dcterms:creator", person(number)), ("exr:hasAuthorship", held))
            self._say(
                held,
                ("rdf:type", iri("exr:Authorship")),
                ("exr:heldBy", person(number)),
                ("exr:position", integer(position)),
            )

    def _claim(self, number: int, position: int, mentioned: Iterator[int]) -> None:
        drawn, world = self.drawn, self.world
        claim = iri(f"claim:b{self.number}-c{number}")
        quote = iri(f"quote:b{self.number}-q{number}")
        subject, object_, context, mechanism, other = (next(mentioned) for _ in range(5))
        words, predicate = world.text(drawn, drawn.randint(4, 14)), drawn.choice(PREDICATES)
        start = drawn.randint(0, 4_000)
        sentence = f"{world.labels[subject].capitalize()} {predicate} {world.labels[object_]}."
        said = [
            ("rdf:type", iri("exr:Claim")),
            ("rdfs:label", english(sentence)),
            ("exr:hasSubject", concept(subject)),
            ("exr:hasQualifier", pick(drawn, QUALIFIERS)),
            ("exr:hasRelation", pick(drawn, RELATIONS)),
            ("exr:hasObject", concept(object_)),
            ("exr:hasAssertionMode", pick(drawn, MODES)),
            ("exr:verbatimPredicate", english(predicate)),
            ("exr:hasQuote", quote),
            ("exr:statedIn", self.node),
            ("exr:hasEvidenceType", iri("obo:ECO_0007320")),
            ("exr:addedByReading", english(f"“{words.lower()}” stands for {world.labels[other]}.")),
        ]
        if drawn.random() < 0.5:
            said.append(("exr:hasContext", concept(context)))
        else:
            said.append(("sp:hasContextClass", iri("sp:UniversalContext")))
        if drawn.random() < 0.4:
            said.append(("exr:hasMechanism", concept(mechanism)))
        if drawn.random() < 0.25:
            said.append(("exr:hasRoleStrength", pick(drawn, STRENGTHS)))
        if drawn.random() < 0.35:
            said.append(("exr:alternativeReading", english(world.text(drawn, 9) + ".")))
        if number > 1 and drawn.random() < 0.6:
            earlier = iri(f"claim:b{self.number}-c{drawn.randrange(1, number)}")
            said.append((drawn.choice(LINKS), earlier))
        self._say(claim, *said)
        self._say(
            quote,
            ("rdf:type", iri("exr:Quote")),
            ("exr:exact", english(words)),
            ("exr:inSentence", self._sentence(position)),
            ("exr:start", integer(start)),
            ("exr:end", integer(start + len(words))),
        )

    def _sentence(self, position: int) -> str:
        return iri(f"sentence:b{self.number}-s{position:02}")

    def _say(self, subject: str, *facts: tuple[str, str]) -> None:
        self.lines += [(subject, predicate, object_) for predicate, object_ in facts]


def write(path: Path, reviews: int | None = None, triples: int | None = None) -> int:
    """Write a corpus to a file and say how many triples it has."""
    count = 0
    with path.open("w", encoding="utf-8", newline="\n") as out:
        for piece in statements(reviews, triples):
            out.write(piece)
            count += piece.count("\n")
    return count


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--reviews", type=int, default=REVIEWS)
    parser.add_argument("--triples", type=int, help="whole reviews until there are so many triples")
    given = parser.parse_args()
    sys.stdout.reconfigure(encoding="utf-8", newline="\n")
    for piece in statements(None if given.triples else given.reviews, given.triples):
        sys.stdout.write(piece)
