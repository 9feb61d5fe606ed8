"""/read: the abstract with the words of every claim marked, and what a reader chose in it."""

import re
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, render_template, request, url_for
from werkzeug.datastructures import MultiDict

from exoreview import media
from exoreview.knowledge import graphs
from exoreview.terms import BASE
from exoreview.web import responses
from exoreview.web.read.passages import Passage, Segment, coverage, cut, lanes
from exoreview.web.read.statements import Statement, Statements
from exoreview.web.read.telling import Named, asked, named, told
from exoreview.web.responses import fault
from exoreview.web.things.describe import Library

ABSTRACT = BASE + "review/abstract"
_SENTENCE = "http://purl.org/spar/doco/Sentence"
_CLAIMS = graphs.iri("claims")
_CONNECTIVE = BASE + "ontology#Connective"


@dataclass(frozen=True)
class Choice:
    """What a reader chose: a place or a stretch of the text, a statement, and which claims to mark."""

    at: tuple[int, int] | None = None
    claim: Statement | None = None
    concept: Named | None = None
    narrower: bool = False
    mode: Named | None = None
    kind: Named | None = None

    @property
    def filters(self) -> bool:
        """Whether some statements are left out."""
        return bool(self.concept or self.mode or self.kind)

    def holds(self, one: Statement) -> bool:
        """Whether a statement is among those to mark."""
        concepts = one.concerned if self.narrower else one.concepts
        return (
            (not self.concept or self.concept.iri in concepts)
            and (not self.mode or self.mode.iri == one.mode)
            and (not self.kind or self.kind.iri in one.kinds | {one.kind})
        )

    def address(self, **changes: Any) -> str:
        """The shareable address of this choice after some changes."""
        made = replace(self, **changes)
        at = made.at and "-".join(str(place) for place in dict.fromkeys((made.at[0], made.at[1] - 1)))
        said = {
            "at": at,
            "claim": made.claim and made.claim.name,
            "concept": made.concept and made.concept.name,
            "narrower": "yes" if made.narrower and made.concept else None,
            "mode": made.mode and made.mode.name,
            "kind": made.kind and made.kind.name,
        }
        place = made.claim.start if made.claim else made.at[0] if made.at else None
        values = {name: value for name, value in said.items() if value}
        return url_for("reading.read", **values, _anchor=None if place is None else f"w{place}")


class Reading:
    """The text of a release and what is stated in it."""

    def __init__(self, library: Library):
        self.library, self.statements = library, Statements(library)
        self.text = library.text(ABSTRACT, "c4o:hasContent")
        self.passages = {each.iri: Passage(each.name, each.start, each.end) for each in self.statements.all}
        self.lanes = lanes(self.passages.values())
        self.sentences = sorted(self._passages(_SENTENCE), key=lambda each: each.start)
        edges = [edge for each in self.sentences for edge in (each.start, each.end)]
        self.segments = cut(self.text, self.passages.values(), edges)
        self.covered = self._coverage()
        self.process = self._process()

    def _passages(self, kind: str) -> list[Passage]:
        library = self.library
        return [
            Passage(iri, int(library.text(iri, "exr:start")), int(library.text(iri, "exr:end")))
            for iri in library.subjects("rdf:type", kind)
        ]

    def _coverage(self) -> list[tuple[str, int]]:
        layers = (
            [self.passages[each.iri] for each in self.statements.claims],
            [self.passages[each.iri] for each in self.statements.all if not each.is_claim],
            self._passages(_CONNECTIVE),
        )
        names = ("in claims", "in what the review says of itself", "that only join words", "in nothing")
        return list(zip(names, coverage(len(self.text), layers), strict=True))

    def _process(self) -> str:
        """How the claims were made, as the catalog says."""
        step = next((node.value for node in self.library.values(_CLAIMS, "prov:wasGeneratedBy")), "")
        return self.library.text(step, "dcterms:description") if step else ""

    def blocks(self) -> list[tuple[int, list[Segment]]]:
        """The segments by sentence, numbered from 1, and those between sentences under 0."""
        found: list[tuple[int, list[Segment]]] = []
        for segment in self.segments:
            inside = (n for n, each in enumerate(self.sentences, 1) if each.start <= segment.start < each.end)
            number = next(inside, 0)
            if not found or found[-1][0] != number:
                found.append((number, []))
            found[-1][1].append(segment)
        return found

    def chosen(self, said: MultiDict) -> Choice:
        """What a query string asks for; a mistake in it is said in a sentence."""
        kinds = [kind for kind, _ in self.statements.kinds()]
        modes = [mode for mode, _ in self.statements.modes()]
        concepts = [thing for thing in self.library.things if thing.startswith(BASE + "concept/")]
        return Choice(
            self._place(said.get("at", "").strip()),
            self._claim(said.get("claim", "").strip()),
            asked(self.library, "concept", said.get("concept", "").strip(), concepts),
            bool(said.get("narrower")),
            asked(self.library, "mode", said.get("mode", "").strip(), modes),
            asked(self.library, "kind", said.get("kind", "").strip(), kinds),
        )

    def _place(self, said: str) -> tuple[int, int] | None:
        if not said:
            return None
        match = re.fullmatch(r"([0-9]{1,9})(?:-([0-9]{1,9}))?", said)
        start, last = (int(match[1]), int(match[2] or match[1])) if match else (0, -1)
        if not start <= last < len(self.text):
            most = len(self.text) - 1
            raise fault(
                404, f"“{said}” is no place in the text: say at=N, or at=M-N, with numbers from 0 to {most}."
            )
        return start, last + 1

    def _claim(self, name: str) -> Statement | None:
        if name and name not in self.statements.by_name:
            nearest = self.library.nearest(f"claim/{name}")
            raise fault(404, f"There is no claim “{name}” in this text.", nearest=nearest)
        return self.statements.by_name.get(name)

    def _more(self, choice: Choice, held: list[Statement]) -> int:
        """How many statements more are about something narrower than the chosen concept."""
        wider = replace(choice, narrower=True)
        return sum(wider.holds(each) for each in self.statements.all) - len(held)

    def _quoted(self, stretch: tuple[int, int]) -> str:
        """The chosen words: a single place stands for the segment that it lies in."""
        if stretch[1] - stretch[0] > 1:
            return self.text[slice(*stretch)].strip()
        return next(each.text.strip() for each in self.segments if each.start <= stretch[0] < each.end)

    def page(self, choice: Choice) -> str:
        """The page of a choice."""
        statements = self.statements
        held = [each for each in statements.all if choice.holds(each)]
        stretch = choice.at
        words = [each for each in held if stretch and each.start < stretch[1] and stretch[0] < each.end]
        return render_template(
            "read.html",
            reading=self,
            choice=choice,
            held=held,
            words=words,
            more=self._more(choice, held),
            claim=told(self.library, statements, choice.claim) if choice.claim else None,
            quoted=self._quoted(stretch) if stretch else "",
            review=self.library.label(BASE + "review"),
            modes=[(named(self.library, mode), count) for mode, count in statements.modes()],
            kinds=[(named(self.library, kind), count) for kind, count in statements.kinds()],
            concepts=sorted(
                ((named(self.library, iri), count) for iri, count in statements.concepts()),
                key=lambda pair: pair[0].label,
            ),
        )


def blueprint(reading: Reading, dated: datetime | None) -> Blueprint:
    """The page of a reading, for each choice."""

    def read() -> Response:
        responses.chosen((media.HTML,), media.HTML)
        page = reading.page(reading.chosen(request.args))
        return responses.reply(page, media.HTML.content_type, dated=dated)

    routes = Blueprint("reading", __name__)
    routes.add_url_rule("/read", "read", read)
    return routes
