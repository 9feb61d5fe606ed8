"""What agents may ask and what they are answered, as types, of which the schemas are made that they read."""

import re
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, ValidationError, model_serializer

__all__ = ["ValidationError"]

Kind = Literal[
    "all", "concept", "claim", "scope", "sentence", "person", "review", "term", "outside", "query", "dataset"
]

Words = Annotated[
    str, Field(max_length=200, description="Words, a name, or an identifier in any usual writing.")
]
OfKind = Annotated[
    Kind,
    Field(
        description="Find only things of this kind; scope is what the review says of itself, "
        "outside are terms of other vocabularies."
    ),
]
Most = Annotated[int, Field(ge=1, le=60, description="How many to return at most.")]
Thing = Annotated[
    str,
    Field(
        max_length=500,
        description="An IRI, a short IRI (exc:Exosome), a path (concept/Exosome), an outside identifier "
        "(GO:0070062) or a name.",
    ),
]
Concept = Annotated[
    str,
    Field(
        max_length=500,
        description="A concept by name or IRI (exosome, exc:Exosome), or an identifier of another "
        "vocabulary (GO:0070062, MESH:D055354).",
    ),
]
ClaimId = Annotated[str, Field(max_length=500, description="The id of a claim (s04-c6), or its IRI.")]
Sparql = Annotated[
    str, Field(description="One SPARQL 1.1 query: SELECT, ASK, CONSTRUCT or DESCRIBE, with its prefixes.")
]
Rows = Annotated[int, Field(ge=1, le=1000, description="How many rows of a table to return at most.")]
ExampleName = Annotated[
    str, Field(max_length=200, description="The name of one, to get its text; empty to list all of them.")
]
Cited = Annotated[
    Literal["review", "dataset", "both"],
    Field(description="The review for what it claims; the dataset for the reading of it as data."),
]
Style = Annotated[
    str,
    Field(
        max_length=100,
        description="bibtex, biblatex, ris or csl; apa, harvard, vancouver, mla, chicago, journal, or any "
        "other style of the CSL project by its name.",
    ),
]

LeftOut = Annotated[str, Field(description="What is not shown here, in a sentence.")]
Whose = Annotated[str, Field(description="Whose claims these are, and how they were read.")]


class Form(BaseModel):
    """What is as usual is not said: a field that has its default is left out."""

    @model_serializer(mode="wrap")
    def _brief(self, write) -> dict[str, Any]:
        usual = {name: field.default for name, field in type(self).model_fields.items()}
        return {name: value for name, value in write(self).items() if value != usual[name]}


class Named(Form):
    """A thing with its name."""

    iri: str
    label: str


class Linked(Named):
    """A concept that a term of another vocabulary is linked to."""

    link: str = Field(description="How: exact, close, broad, narrow or related match, or that it is none.")


class Hit(Named):
    """Something that was found."""

    kind: str
    exact: bool = Field(False, description="Whether it is called exactly so, or has this identifier.")
    where: str = Field(description="Where the words stand, such as its label or its definition.")
    text: str = Field(description="The text there, or the part around the words.")
    linked: list[Linked] = Field(
        [], description="Of a term of another vocabulary: the concepts linked to it."
    )


class Hits(Form):
    """What was found, the best first within each kind."""

    count: int = Field(description="How many things there are in all.")
    partly: bool = Field(
        False, description="Whether nothing has all the words, and these have the most of them."
    )
    suggestions: list[str] = Field([], description="Words that may have been meant.")
    results: list[Hit]
    left_out: LeftOut = ""
    whose: Whose


class Value(Form):
    """A value: the label of a thing with its IRI, or a text."""

    text: str
    iri: str = ""
    language: str = ""


class Fact(Form):
    """A property with its values."""

    property: str
    iri: str
    values: list[Value]
    left_out: int = Field(0, description="How many values more there are.")


class Place(Form):
    """Words of the abstract: characters from start (from 0) to before end, counted in code points."""

    words: str
    start: int
    end: int


class Description(Named):
    """What the dataset says of a thing."""

    short: str = Field(description="Its short IRI.")
    kinds: list[Named] = []
    definition: str = ""
    quotes: list[Place] = Field([], description="The words of the abstract that make it.")
    facts: list[Fact] = []
    incoming: list[Fact] = Field([], description="What is said of it elsewhere: things that point to it.")
    inferred: list[Fact] = Field([], description="What a reasoner adds; nobody asserts it.")
    linked: list[Linked] = Field(
        [], description="Of a term of another vocabulary: the concepts linked to it."
    )
    also: list[Named] = Field([], description="Other things that are called so.")
    whose: Whose


class Statement(Place):
    """A claim of the review, or what the review says of itself, with the words that make it."""

    id: str
    iri: str
    kind: str
    says: str = Field(description="What it says, as one English sentence of those who read the text.")
    mode: str = Field(description="How the text says it: asserted, presupposed, reported consensus, …")
    hedge: str = Field("", description="How generally, and how certainly, the text says it.")


class About(Statement):
    """A statement about what was asked for."""

    direct: bool = Field(description="Whether it names the concept itself, not only something narrower.")


class Statements(Form):
    """The statements about a concept or about something narrower, in the order of the text."""

    about: list[Named] = Field([], description="The concepts that these statements are about.")
    linked: list[Linked] = Field(
        [], description="Of an outside identifier: each concept linked to it, and how."
    )
    count: int
    statements: list[About]
    left_out: LeftOut = ""
    whose: Whose


class Slot(Form):
    """A part of a claim and what fills it."""

    role: str
    fillers: list[Named]


class Note(Form):
    """What those who read the text remark."""

    what: str
    texts: list[str]


class Link(Form):
    """Statements that hang together with this one."""

    relation: str
    statements: list[Named]


class Quoted(Statement):
    """A statement with everything that stands behind it."""

    sentence: str = Field(description="The whole sentence of the abstract.")
    sentence_iri: str
    mode_means: str = ""
    slots: list[Slot] = []
    strength: str = Field("", description="The grade that the text gives, such as essential.")
    predicate: str = Field("", description="The words of the text that join subject and object.")
    notes: list[Note] = []
    links: list[Link] = []
    evidence: list[Named] = Field([], description="On what it rests that the review says this.")
    source: list[Named] = []
    nanopublication: str = Field("", description="The address of its nanopublication.")
    whose: Whose


class Result(Form):
    """The answer of a query: a table, a boolean, or a graph."""

    variables: list[str] = []
    rows: list[dict[str, str]] = Field([], description="Values by variable; IRIs are written in full.")
    count: int | None = Field(None, description="How many rows there are in all.")
    boolean: bool | None = None
    graph: str = Field("", description="A graph in Turtle.")
    labels: dict[str, str] = Field({}, description="What the things in the rows are called, by IRI.")
    left_out: LeftOut = ""


class Example(Form):
    """A published example query."""

    name: str
    title: str
    description: str
    sparql: str = Field("", description="Its text, if one was asked for; parameters stand in its comments.")


class Examples(Form):
    """Published example queries, each tested against its exact answer."""

    examples: list[Example]


class Citation(Form):
    """How to cite."""

    text: str


def wrong(error: ValidationError) -> str:
    """What is wrong with the arguments, a sentence each."""
    return " ".join(map(_sentence, error.errors()))


def _sentence(error: dict) -> str:
    name = ".".join(map(str, error["loc"]))
    if error["type"] == "missing":
        return f"“{name}” is missing."
    given = str(error["input"])
    given = given if len(given) <= 60 else given[:59] + "…"
    rest = re.sub(r"^\w+ should", "it should", error["msg"])
    return f"“{name}” is “{given}”, but {rest}."
