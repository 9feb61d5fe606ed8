"""Terms as N-Triples writes them, with names in place of long addresses, and draws from weighted names."""

from itertools import accumulate
from random import Random

from exoreview.terms import PREFIXES

INTEGER = PREFIXES["xsd"] + "integer"
YEAR = PREFIXES["xsd"] + "gYear"


def iri(name: str) -> str:
    """The IRI of a short name, as N-Triples writes it."""
    prefix, _, local = name.partition(":")
    return f"<{PREFIXES[prefix]}{local}>"


def zipf(count: int) -> list[float]:
    """Cumulative weights of which the n-th is drawn 1/n as often as the first."""
    return list(accumulate(1 / rank for rank in range(1, count + 1)))


def pick(drawn: Random, weighted: dict[str, int]) -> str:
    """One of the names, as often as its weight says."""
    return iri(drawn.choices(tuple(weighted), weights=weighted.values())[0])


def concept(number: int) -> str:
    """The IRI of a concept."""
    return f"<{PREFIXES['exc']}B{number}>"


def person(number: int) -> str:
    """The IRI of a person."""
    return f"<{PREFIXES['person']}p{number}>"


def english(text: str) -> str:
    """A text of words, which need no escapes."""
    return f'"{text}"@en'


def integer(number: int) -> str:
    """A whole number."""
    return f'"{number}"^^<{INTEGER}>'


def year(number: int) -> str:
    """A year."""
    return f'"{number}"^^<{YEAR}>'


def ntriples(lines: list[tuple[str, str, str]]) -> str:
    """Triples as lines of N-Triples."""
    return "".join([f"{subject} {iri(predicate)} {object_} .\n" for subject, predicate, object_ in lines])
