"""What agents look up in a release: search, descriptions, statements with their words, examples, citations.

Each public method of `Desk` is a tool, and its docstring is what agents read of it.
"""

from contextlib import suppress

from exoreview import citing
from exoreview.agents import forms
from exoreview.agents.names import Names
from exoreview.problems import Refusal
from exoreview.terms import PREFIXES, curie
from exoreview.web.query.examples import examples
from exoreview.web.read.reading import Reading
from exoreview.web.read.statements import Statement
from exoreview.web.read.telling import told
from exoreview.web.search import folding
from exoreview.web.search.entries import KINDS, Entry, entries
from exoreview.web.search.finding import Hit, Index
from exoreview.web.things.describe import Document, Library
from exoreview.web.things.pages import Pages, Row

_VALUES_SHOWN, _LONGEST_VALUE = 25, 4000
# The strengths of a link from which what is said of a concept is said of the term too.
_FOLLOWED = ("exactMatch", "closeMatch", "broadMatch")


class Desk:
    """Answers from a release without a query."""

    def __init__(self, release):
        self.graphs = release.graphs
        self.library = Library(release.graphs, release.nanopublications)
        self.pages, self.reading = Pages(self.library), Reading(self.library)
        self.statements = self.reading.statements
        self.names = Names(self.library, Index(entries(self.library)))
        self.examples = examples(self.library)
        self.published = {_name(iri): iri for iri in self.examples}
        self.followed = {self.library.label(PREFIXES["skos"] + name) for name in _FOLLOWED}
        self.whose = (
            "The claims are the review's, read from its abstract; they are neither facts nor opinions of "
            f"those who read it. {self.reading.process}"
        )

    def search(self, words: forms.Words, kind: forms.OfKind = "all", most: forms.Most = 10) -> forms.Hits:
        """Find concepts, claims, people, terms of other vocabularies and example queries by words (with
        synonyms, plurals and American spellings) or by an identifier in any usual writing. Start here."""
        found = self.names.index.find(words)
        hits = [hit for of, group, _ in found.groups for hit in group if kind in ("all", of)]
        count = sum(number for of, _, number in found.groups if kind in ("all", of))
        shown = [self._hit(hit, found.stems) for hit in hits[:most]]
        less = f"{len(shown)} of {count} are shown; name a kind, or add a word." if len(shown) < count else ""
        return forms.Hits(
            count=count,
            partly=found.partly,
            suggestions=found.suggestions,
            results=shown,
            left_out=less,
            whose=self.whose,
        )

    def _hit(self, hit: Hit, stems: list[str]) -> forms.Hit:
        entry = hit.entry
        where, text = hit.texts[0] if hit.texts else ("identifier", curie(entry.iri))
        return forms.Hit(
            iri=entry.iri,
            label=entry.label,
            kind=KINDS[entry.kind],
            exact=hit.named,
            where=where,
            text="".join(piece for piece, _ in folding.excerpt(text, stems)),
            linked=self._linked(entry),
        )

    def describe(self, thing: forms.Thing) -> forms.Description:
        """Everything that the dataset says of one thing: a concept, claim, person, term of the vocabulary,
        graph, nanopublication, or a term of another vocabulary with the concepts linked to it. What is
        asserted and what a reasoner infers stand apart."""
        iri, called = self.names.iri(thing.strip()), []
        if (document := self._document(iri)) is None:
            called = self.names.entries(thing)
            iri = called[0].iri
            document = self._document(iri)
        entry = self.names.index.by_iri.get(iri)
        facts = self.pages.facts(document) if document else {}
        return forms.Description(
            iri=iri,
            label=entry.label if entry else self.library.label(iri),
            short=curie(iri),
            kinds=[forms.Named(iri=kind, label=label) for label, kind in facts.get("kinds", ())],
            definition=facts.get("sentence", ""),
            quotes=[
                forms.Place(words=each["exact"], start=each["start"], end=each["end"])
                for each in facts.get("quotes", ())
            ],
            **{part: list(map(_fact, facts.get(part, ()))) for part in ("facts", "incoming", "inferred")},
            linked=self._linked(entry) if entry else [],
            also=[forms.Named(iri=other.iri, label=other.label) for other in called[1:]],
            whose=self.whose,
        )

    def claims_about(self, concept: forms.Concept, most: forms.Most = 20) -> forms.Statements:
        """What the review states about a concept or about anything narrower, each statement with the exact
        words and their place in the abstract, its mode and its hedge. An identifier of another vocabulary
        stands for the concepts that are linked to it as an exact, close or broad match."""
        called = self.names.entries(concept, ("concept", "outside"), "concept or outside identifier")
        entry, linked = called[0], []
        concepts = [entry.iri]
        if entry.kind == "outside":
            linked = self._linked(entry)
            concepts = [each.iri for each in linked if each.link in self.followed]
        held = [each for each in self.statements.all if not each.concerned.isdisjoint(concepts)]
        shown = [
            forms.About(**self._brief(each), direct=not each.concepts.isdisjoint(concepts))
            for each in held[:most]
        ]
        return forms.Statements(
            about=[forms.Named(iri=iri, label=self.library.label(iri)) for iri in concepts],
            linked=linked,
            count=len(held),
            statements=shown,
            left_out=f"The first {most} of {len(held)} are shown." if most < len(held) else "",
            whose=self.whose,
        )

    def quote_claim(self, claim: forms.ClaimId) -> forms.Quoted:
        """One claim with its evidence in the text: the exact words with their place, the sentence around
        them, mode and hedge, subject, relation, object and mechanism, alternative readings, and the claims
        that it explains, specialises or presupposes."""
        one = self._statement(claim.strip())
        facts = told(self.library, self.statements, one)
        sentence, strength = facts["sentence"], facts["strength"]
        return forms.Quoted(
            **self._brief(one),
            sentence="".join(sentence["parts"]),
            sentence_iri=sentence["href"],
            mode_means=facts["mode"].definition,
            slots=[forms.Slot(role=slot.role, fillers=_named(slot.fillers)) for slot in facts["slots"]],
            strength=strength.label if strength else "",
            predicate=facts["predicate"],
            notes=[forms.Note(what=what, texts=texts) for what, texts in facts["notes"] if texts],
            links=[
                forms.Link(relation=relation, statements=_named(others))
                for relation, others in facts["links"]
            ],
            evidence=_named(facts["evidence"]),
            source=_named(facts["source"]),
            nanopublication=facts["nanopublication"] or "",
            whose=self.whose,
        )

    def example_queries(self, name: forms.ExampleName = "") -> forms.Examples:
        """The published SPARQL queries: without a name a list of what they answer; with a name the text of
        one, to be run with query as it is or with other values where its comments name a parameter."""
        chosen = self.published
        if name:
            iri = self.names.entries(name, ("query",), "query", "query")[0].iri
            if iri not in self.examples:
                raise Refusal(f"“{name}” is no query that can be run.")
            chosen = {_name(iri): iri}
        return forms.Examples(
            examples=[
                forms.Example(
                    name=short,
                    title=self.examples[iri].label,
                    description=self.library.text(iri, "rdfs:comment"),
                    sparql=self.examples[iri].text if name else "",
                )
                for short, iri in chosen.items()
            ]
        )

    def cite(self, what: forms.Cited = "both", style: forms.Style = "apa") -> forms.Citation:
        """How to cite the review and the dataset, in the style of a journal or for a reference manager."""
        return forms.Citation(text=citing.cite(self.graphs, what, style))

    def _document(self, iri: str) -> Document | None:
        # What is no IRI is the name of nothing.
        with suppress(ValueError):
            return self.library.describe(iri)

    def _statement(self, name: str) -> Statement:
        if one := self.statements.by_name.get(name):
            return one
        return self.statements.by_iri[self.names.entries(name, ("claim", "scope"), "claim", "claim")[0].iri]

    def _brief(self, one: Statement) -> dict:
        facts = told(self.library, self.statements, one)
        return {
            "id": one.name,
            "iri": one.iri,
            "kind": self.library.label(one.kind),
            "says": one.label,
            "words": one.words,
            "start": one.start,
            "end": one.end,
            "mode": facts["mode"].label,
            "hedge": facts["hedge"],
        }

    def _linked(self, entry: Entry) -> list[forms.Linked]:
        return [forms.Linked(iri=iri, label=self.library.label(iri), link=link) for iri, link in entry.linked]


def _name(iri: str) -> str:
    return curie(iri).partition(":")[2]


def _named(things) -> list[forms.Named]:
    return [forms.Named(iri=each.iri, label=each.label) for each in things]


def _fact(row: Row) -> forms.Fact:
    values = [
        forms.Value(
            text=_short("".join(text for text, _, _ in value.pieces)),
            iri=(value.pieces[0][1] or "") if len(value.pieces) == 1 else "",
            language=value.language or "",
        )
        for value in row.values[:_VALUES_SHOWN]
    ]
    return forms.Fact(
        property=row.label, iri=row.iri, values=values, left_out=max(0, len(row.values) - _VALUES_SHOWN)
    )


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST_VALUE else text[:_LONGEST_VALUE] + "…"
