"""Which thing an agent means by an IRI, a path, an outside identifier or a name; or a refusal that helps."""

from collections.abc import Collection

from exoreview.problems import Refusal
from exoreview.terms import BASE, PREFIXES, curie, local_path
from exoreview.web.search.entries import Entry
from exoreview.web.search.finding import Found, Hit, Index
from exoreview.web.things.describe import Library

_NEAREST = 4
# What things of a kind are called in a sentence.
CALLED = {
    "concept": "a concept",
    "claim": "a claim",
    "scope": "a statement of the review about itself",
    "sentence": "a sentence of the abstract",
    "person": "a person",
    "review": "a part of the review's record",
    "term": "a term of the vocabulary",
    "outside": "a term of another vocabulary",
    "query": "an example query",
    "dataset": "a part of the dataset",
}


class Names:
    """The names of everything in a release."""

    def __init__(self, library: Library, index: Index):
        self.library, self.index = library, index

    def iri(self, text: str) -> str:
        """The IRI that a text is or stands for, whether or not there is such a thing."""
        if "://" in text:
            return text
        prefix, colon, local = text.partition(":")
        return PREFIXES[prefix] + local if colon and prefix in PREFIXES else BASE + text.lstrip("/")

    def entries(
        self, text: str, kinds: Collection[str] = CALLED, wanted: str = "", folder: str = ""
    ) -> list[Entry]:
        """The things of some kinds that are called so, the likeliest first; a refusal where there is none.

        What lies in the folder may be named without it.
        """
        text = " ".join(text.split())
        path = f"{folder}/{text}" if folder else local_path(self.iri(text)) or ""
        exact = self.index.by_iri.get(self.iri(text)) or self.index.by_iri.get(BASE + path)
        found = self.index.find(text)
        hits = _hits(found)
        named = [exact] if exact else [hit.entry for hit in hits if hit.named]
        if fitting := [entry for entry in named if entry.kind in kinds]:
            return fitting
        if named:
            raise Refusal(f"“{text}” is {CALLED[named[0].kind]}, not a {wanted}.")
        hits += [hit for other in found.suggestions for hit in _hits(self.index.find(other))]
        near = [self.index.by_iri.get(BASE + other) for other in self.library.nearest(path)]
        near = [entry for entry in (*near, *(hit.entry for hit in hits)) if entry and entry.kind in kinds]
        listed = [f"{curie(entry.iri)} ({entry.label})" for entry in dict.fromkeys(near)]
        missing = f"No {wanted}" if wanted else "Nothing"
        raise Refusal(f"{missing} here is called “{text}”{_nearest(listed)}.")


def _hits(found: Found) -> list[Hit]:
    return [hit for _, group, _ in found.groups for hit in group]


def _nearest(listed: list[str]) -> str:
    if not listed:
        return ", and nothing comes near; try other words with search"
    return f"; the nearest {'is' if len(listed) == 1 else 'are'} {', '.join(listed[:_NEAREST])}"
