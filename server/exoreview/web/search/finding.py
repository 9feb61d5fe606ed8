"""Finding things by words or identifier in an index that is made once from a release."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from heapq import nsmallest

from exoreview.web.search import folding
from exoreview.web.search.entries import KINDS, Entry

# What is added to the weight of a text for a word that stands there whole, and for a text that is the query.
_WHOLE, _EXACT, _IDENTIFIED = 2, 100, 200
_SHOWN, _SUGGESTED = 12, 5
_ORDER = list(KINDS)


@dataclass(frozen=True)
class Hit:
    """An entry with its rank and the texts that hold what was asked for, the weightiest first."""

    entry: Entry
    rank: int
    texts: tuple[tuple[str, str], ...]
    # Whether the query is its name or one of its identifiers.
    named: bool = False


@dataclass(frozen=True)
class Found:
    """What was found: hits by kind, best first; how many there are; words that may have been meant."""

    groups: tuple[tuple[str, list[Hit], int], ...]
    count: int
    stems: list[str]
    # Where no entry has all words, those that have some are found.
    partly: bool
    suggestions: list[str]

    @property
    def only(self) -> Hit | None:
        """The one thing that is called exactly so, if there is one and not more."""
        named = [hit for _, hits, _ in self.groups for hit in hits if hit.named]
        return named[0] if len(named) == 1 else None


class Index:
    """The words and identifiers of entries."""

    def __init__(self, entries: Iterable[Entry]):
        self.entries = sorted(entries, key=lambda entry: (entry.label, entry.iri))
        self.by_iri = {entry.iri: entry for entry in self.entries}
        self._words: dict[str, dict[int, int]] = defaultdict(dict)
        self._names, self._identifiers = defaultdict(set), defaultdict(set)
        self._spelt: dict[str, str] = {}
        for number, entry in enumerate(self.entries):
            self._add(number, entry)
        self._sorted = sorted(self._words)

    def _add(self, number: int, entry: Entry) -> None:
        for what, text, weight in entry.texts:
            stems = folding.words(text)
            if what in ("label", "synonym"):
                self._names[" ".join(stems)].add(number)
            for word, stem in zip(folding.split(text), stems, strict=True):
                self._spelt.setdefault(stem, word.lower())
                self._words[stem][number] = max(weight, self._words[stem].get(number, 0))
        for written in entry.identifiers:
            self._identifiers[folding.identifier(written)].add(number)

    def find(self, query: str) -> Found:
        """Everything that has all the words of a query, or is called so."""
        stems = list(dict.fromkeys(folding.words(query)))
        by_word = [self._having(stem) for stem in stems]
        ranks = _all(by_word)
        if partly := not ranks and len(stems) > 1:
            ranks = _some(by_word)
        named = self._identifiers.get(folding.identifier(query), set())
        called = self._names.get(" ".join(folding.words(query)), set())
        if named:
            ranks, partly = (ranks if not partly else {}), False
        for number in called | named:
            ranks[number] = ranks.get(number, 0) + (_IDENTIFIED if number in named else _EXACT)
        suggestions = [] if ranks and not partly else self._suggested(stems, by_word)
        return Found(self._grouped(ranks, stems, called | named), len(ranks), stems, partly, suggestions)

    def _having(self, stem: str) -> dict[int, int]:
        """The entries with a word that begins so, each with the weight of the best place."""
        found: dict[int, int] = {}
        place = bisect_left(self._sorted, stem)
        while place < len(self._sorted) and (word := self._sorted[place]).startswith(stem):
            for number, weight in self._words[word].items():
                found[number] = max(found.get(number, 0), weight + _WHOLE * (word == stem))
            place += 1
        return found

    def _grouped(
        self, ranks: dict[int, int], stems: list[str], named: set[int]
    ) -> tuple[tuple[str, list[Hit], int], ...]:
        """The best hits by kind, and how many of the kind there are; what is called so has its kind first."""
        groups: dict[str, list[int]] = defaultdict(list)
        for number in ranks:
            groups[self.entries[number].kind].append(number)
        kinds = sorted(groups, key=lambda kind: (named.isdisjoint(groups[kind]), _ORDER.index(kind)))
        made = []
        for kind in kinds:
            best = nsmallest(_SHOWN, groups[kind], key=lambda number: (-ranks[number], number))
            hits = [self._hit(number, ranks[number], stems, number in named) for number in best]
            made.append((kind, hits, len(groups[kind])))
        return tuple(made)

    def _hit(self, number: int, rank: int, stems: list[str], named: bool) -> Hit:
        entry = self.entries[number]
        ordered = sorted(entry.texts, key=lambda text: -text[2])
        begins = tuple(stems)
        holding = (
            (what, text)
            for what, text, _ in ordered
            if any(word.startswith(begins) for word in folding.words(text))
        )
        return Hit(entry, rank, tuple(holding), named)

    def _suggested(self, stems: list[str], by_word: list[dict[int, int]]) -> list[str]:
        """The query with each word that nothing has put right in the ways that come nearest."""
        options = [
            [stem] if found else get_close_matches(stem, self._sorted, n=_SUGGESTED, cutoff=0.7)
            for stem, found in zip(stems, by_word, strict=True)
        ]
        if len(stems) != 1:
            known = [self._spelt.get(each[0], each[0]) for each in options if each]
            return [" ".join(known)] if known and len(known) == len(stems) and not all(by_word) else []
        return [self._spelt[stem] for stem in options[0]]


def _all(by_word: list[dict[int, int]]) -> dict[int, int]:
    if not by_word:
        return {}
    shared = set.intersection(*(set(found) for found in by_word))
    return {number: sum(found[number] for found in by_word) for number in shared}


def _some(by_word: list[dict[int, int]]) -> dict[int, int]:
    """The entries that have the most of the words."""
    counts: dict[int, list[int]] = defaultdict(list)
    for found in by_word:
        for number, weight in found.items():
            counts[number].append(weight)
    most = max(map(len, counts.values()), default=0)
    return {number: sum(weights) for number, weights in counts.items() if len(weights) == most}
