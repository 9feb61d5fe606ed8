"""/map: concepts and the claims between them as a drawing and as a table, and what a reader chose of them."""

from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from flask import Blueprint, Response, render_template, request, url_for
from werkzeug.datastructures import MultiDict

from exoreview import media
from exoreview.terms import BASE
from exoreview.web import responses
from exoreview.web.map.arrows import Arrow, Arrows, Chain
from exoreview.web.map.columns import Link
from exoreview.web.map.drawing import drawn
from exoreview.web.map.figures import Drawing
from exoreview.web.map.hops import Line
from exoreview.web.map.outlining import outlined
from exoreview.web.read.statements import Statements
from exoreview.web.read.telling import Named, asked, named
from exoreview.web.responses import fault
from exoreview.web.search import folding
from exoreview.web.search.finding import Index
from exoreview.web.search.searching import MAX_LENGTH
from exoreview.web.things.describe import Library
from exoreview.web.things.pages import href

STEPS = range(1, 5)

# The texts of a thing by which it is found here.
_NAMES = ("label", "synonym")

# The head of an arrow, by the name of its relation.
_HEADS = {
    **dict.fromkeys(("contributesTo", "enables", "increases", "causes"), "promotes"),
    **dict.fromkeys(("inhibits", "prevents", "decreases"), "hinders"),
    **dict.fromkeys(("affects", "requires", "hasCausalRelationWith"), "touches"),
    **dict.fromkeys(("isKindOf", "isSameAs"), "kind"),
    **dict.fromkeys(("includes", "isIncludedIn"), "includes"),
    "hasQuality": "quality",
    "isUsedAs": "use",
}


@dataclass(frozen=True)
class Choice:
    """What a reader chose: words to find, a concept and how far around it, kinds of claims, a chain."""

    q: str = ""
    concept: Named | None = None
    steps: int = 1
    relation: Named | None = None
    mode: Named | None = None
    follow: Named | None = None
    to: Named | None = None

    @property
    def filters(self) -> bool:
        """Whether some claims are left out."""
        return bool(self.q or self.concept or self.relation or self.mode)

    def address(self, **changes: Any) -> str:
        """The shareable address of this choice after some changes."""
        made = replace(self, **changes)
        chosen = {name: getattr(made, name) for name in ("concept", "relation", "mode", "follow", "to")}
        said = {"q": made.q} | {name: each and each.name for name, each in chosen.items()}
        said["steps"] = made.steps if made.concept and made.steps > 1 else None
        return url_for("charting.map", **{name: value for name, value in said.items() if value})


class Chart:
    """The claims of a release as a graph, for each choice."""

    def __init__(self, library: Library, statements: Statements, index: Index):
        self.library, self.statements, self.index = library, statements, index
        self.arrows = Arrows(library, statements)
        # Nothing of the data changes, and drawing takes some milliseconds.
        self.drawn = lru_cache(maxsize=64)(self._drawn)

    def chosen(self, said: MultiDict) -> Choice:
        """What a query string asks for; a mistake in it is said in a sentence."""
        concepts = [thing for thing in self.library.things if thing.startswith(BASE + "concept/")]
        relations = [relation for relation, _ in self.arrows.relations()]
        modes = [mode for mode, _ in self.statements.modes()]

        def one(name: str, what: str, iris: list[str]) -> Named | None:
            return asked(self.library, what, said.get(name, "").strip(), iris)

        choice = Choice(
            _words(said.get("q", "")),
            one("concept", "concept", concepts),
            _steps(said.get("steps", "").strip()),
            one("relation", "relation", relations),
            one("mode", "mode", modes),
            one("follow", "concept", concepts),
            one("to", "concept", concepts),
        )
        if choice.to and not choice.follow:
            raise fault(400, f"Where does the chain to “{choice.to.label}” begin? Say follow=CONCEPT too.")
        return choice

    def held(self, choice: Choice) -> list[Arrow]:
        """The arrows that a choice leaves on the map, in the order of the text."""
        near = self.arrows.around(choice.concept.iri, choice.steps) if choice.concept else self.arrows.all
        found = self._found(choice.q) if choice.q else set()
        return [
            each
            for each in near
            if (not choice.relation or each.relation == choice.relation.iri)
            and (not choice.mode or each.claim.mode == choice.mode.iri)
            and (not choice.q or not found.isdisjoint((each.claim.iri, each.start, each.end)))
        ]

    def _found(self, words: str) -> set[str]:
        """What has the words, or words that begin so, in its name or a synonym, or has them as identifier."""
        stems, identifier = tuple(folding.words(words)), folding.identifier(words)
        found: set[str] = set()
        for entry in self.index.entries:
            names = [folding.words(text) for what, text, _ in entry.texts if what in _NAMES]
            if any(identifier == folding.identifier(written) for written in entry.identifiers) or any(
                all(any(word.startswith(stem) for word in name) for stem in stems) for name in names
            ):
                found |= {entry.iri, *(iri for iri, _ in entry.linked)}
        return found

    def _drawn(self, held: tuple[Arrow, ...], preferred: str) -> tuple[Drawing, Drawing]:
        """The drawing for wide screens and paper, and that for narrow ones."""
        lines = [Line(each.claim.name, self._link(each)) for each in held]
        given = lines, self.library.label, self.arrows.broader, preferred
        return drawn(*given), outlined(*given)

    def _link(self, arrow: Arrow) -> Link:
        return Link(arrow.start, arrow.end, self.verb(arrow), arrow.causal)

    def verb(self, arrow: Arrow) -> str:
        """The relation and, unless it is simply said to hold, how it is said to."""
        relation = self.library.label(arrow.relation)
        return f"{arrow.how}: {relation}" if arrow.how else relation

    def page(self, choice: Choice) -> str:
        """The page of a choice."""
        held = self.held(choice)
        chains = (
            self.arrows.chains(choice.follow.iri, choice.to.iri if choice.to else "", held)
            if choice.follow
            else []
        )
        library = self.library
        drawing, outline = self.drawn(tuple(held), choice.concept.iri if choice.concept else "")
        return render_template(
            "map.html",
            chart=self,
            choice=choice,
            held=held,
            by_name={each.claim.name: each for each in held},
            drawing=drawing,
            outline=outline,
            chains=chains,
            lit={arrow.claim.name for chain in chains for step in chain for arrow in step},
            on_chain=_concepts(chains),
            heads={
                relation: _HEADS.get(named(library, relation).name, "other")
                for relation, _ in self.arrows.relations()
            },
            relations=[(named(library, iri), count) for iri, count in self.arrows.relations()],
            modes=[(named(library, iri), count) for iri, count in self.statements.modes()],
            concepts=self._named(self.arrows.concepts),
            starts=self._named([each.start for each in self.arrows.all if each.causal]),
            ends=self._named([each.end for each in self.arrows.all if each.causal]),
            steps=STEPS,
            most=MAX_LENGTH,
            href=href,
        )

    def _named(self, iris: list[str]) -> list[Named]:
        return sorted((named(self.library, iri) for iri in dict.fromkeys(iris)), key=lambda each: each.label)


def _words(said: str) -> str:
    words = " ".join(said.split())
    if len(words) > MAX_LENGTH:
        raise fault(400, f"A search may have {MAX_LENGTH} characters; this one has {len(words)}.")
    return words


def _steps(said: str) -> int:
    if said and said not in map(str, STEPS):
        raise fault(
            400, f"“{said}” is no number of steps: say steps=N with a number from {STEPS[0]} to {STEPS[-1]}."
        )
    return int(said or STEPS[0])


def _concepts(chains: list[Chain]) -> set[str]:
    return {end for chain in chains for step in chain for end in (step[0].start, step[0].end)}


def blueprint(chart: Chart, dated: datetime | None) -> Blueprint:
    """The page of a chart, for each choice."""

    def map() -> Response:
        responses.chosen((media.HTML,), media.HTML)
        page = chart.page(chart.chosen(request.args))
        return responses.reply(page, media.HTML.content_type, dated=dated)

    routes = Blueprint("charting", __name__)
    routes.add_url_rule("/map", "map", map)
    return routes
