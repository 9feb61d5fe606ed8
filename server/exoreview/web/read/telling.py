"""One statement in plain English: what it says, how the text says it, and what stands behind it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from pyoxigraph import NamedNode

from exoreview.terms import local_path, term
from exoreview.web.http.faults import fault
from exoreview.web.read.statements import Statement, Statements
from exoreview.web.things.describe import Library
from exoreview.web.things.pages import href

_LINE = (
    "exr:hasSubject",
    "exr:hasRelation",
    "exr:hasObject",
    "exr:hasMechanism",
    "exr:hasContext",
    "exr:hasTopic",
)
_SAID = ("exr:alternativeReading", "exr:addedByReading")
_EVERYWHERE = "sp:hasContextClass"


@dataclass(frozen=True)
class Named:
    """A term with its label, its definition if it has one, and the address of its page."""

    iri: str
    label: str
    definition: str
    href: str

    @property
    def name(self) -> str:
        """The last part of its IRI."""
        return self.iri.replace("#", "/").rpartition("/")[2]


@dataclass(frozen=True)
class Slot:
    """A slot of a claim and what fills it; only concepts can be asked for their claims."""

    role: str
    fillers: list[Named]
    concepts: bool


def named(library: Library, iri: str) -> Named:
    """A term as a page shows it."""
    return Named(iri, library.label(iri), library.text(iri, "skos:definition"), href(iri))


def asked(library: Library, what: str, name: str, iris: Iterable[str]) -> Named | None:
    """The term of a request by its name, None without a name; another name is a mistake."""
    if not name:
        return None
    known = {iri.replace("#", "/").rpartition("/")[2]: iri for iri in iris}
    if name not in known:
        nearest = library.nearest(f"{what}/{name}")
        raise fault(404, f"There is no {what} “{name}” to read by.", nearest=nearest)
    return named(library, known[name])


def told(library: Library, statements: Statements, one: Statement) -> dict[str, Any]:
    """Everything that the page of a reading says of a statement."""
    strength = library.values(one.iri, "exr:hasRoleStrength")
    path = local_path(one.iri)
    return {
        "statement": one,
        "href": href(one.iri),
        "path": path,
        "sentence": _sentence(library, one),
        "slots": list(_slots(library, one)),
        # What is no claim has no mode, so its kind is told.
        "mode": named(library, one.mode or one.kind),
        "hedge": _hedge(library, one),
        "strength": named(library, strength[0].value) if strength else None,
        "predicate": library.text(one.iri, "exr:verbatimPredicate"),
        "notes": [_note(library, one, property) for property in _SAID],
        "links": _links(library, statements, one),
        "kinds": [named(library, kind) for kind, _ in statements.kinds() if kind in one.kinds],
        "evidence": [named(library, node.value) for node in library.values(one.iri, "exr:hasEvidenceType")],
        "source": [named(library, node.value) for node in library.values(one.iri, "exr:statedIn")],
        "nanopublication": href(library.introduced[one.iri]) if one.iri in library.introduced else None,
    }


def _sentence(library: Library, one: Statement) -> dict[str, Any]:
    """The sentence around the words, in three parts."""
    quote = library.values(one.iri, "exr:hasQuote")[0].value
    iri = library.values(quote, "exr:inSentence")[0].value
    text, start = library.text(iri, "exr:exact"), int(library.text(iri, "exr:start"))
    parts = text[: one.start - start], one.words, text[one.end - start :]
    return {"label": library.label(iri), "href": href(iri), "parts": parts}


def _slots(library: Library, one: Statement) -> Iterator[Slot]:
    for property in _LINE:
        nodes = library.values(one.iri, property)
        role = library.label(term(property).value).removeprefix("has ")
        if nodes:
            fillers = sorted((named(library, node.value) for node in nodes), key=lambda each: each.label)
            yield Slot(role, fillers, property != "exr:hasRelation")
        elif property == "exr:hasContext" and (anywhere := library.values(one.iri, _EVERYWHERE)):
            yield Slot(role, [named(library, node.value) for node in anywhere], False)


def _hedge(library: Library, one: Statement) -> str:
    """How generally, and how certainly, the text says it."""
    for node in library.values(one.iri, "exr:hasQualifier"):
        how = library.label(node.value).removesuffix(" qualifier")
        if how.startswith("can "):
            return f"It says that this {how} be so, not that it is."
        return f"It says that this is {how} so."
    return ""


def _note(library: Library, one: Statement, property: str) -> tuple[str, list[str]]:
    values = sorted(value.value for value in library.values(one.iri, property))
    return library.label(term(property).value), values


def _links(library: Library, statements: Statements, one: Statement) -> list[tuple[str, list[Statement]]]:
    """The other statements that it hangs together with, by the name of the relation from here to there."""
    node, found = NamedNode(one.iri), {}
    for triple in library.described.by_subject.get(node, ()):
        if isinstance(triple.object, NamedNode) and triple.object.value in statements.by_iri:
            found.setdefault(triple.predicate.value, []).append(statements.by_iri[triple.object.value])
    for triple in library.described.to(node):
        if triple.subject.value in statements.by_iri:
            inverse = _inverse(library, triple.predicate.value)
            found.setdefault(inverse, []).append(statements.by_iri[triple.subject.value])
    order = {each.iri: place for place, each in enumerate(statements.all)}
    return [
        (library.label(property), sorted(others, key=lambda each: order[each.iri]))
        for property, others in sorted(found.items())
    ]


def _inverse(library: Library, property: str) -> str:
    """The property that says the same from the other side."""
    forth = [node.value for node in library.values(property, "owl:inverseOf")]
    return next(iter(forth + library.subjects("owl:inverseOf", property)), property)
