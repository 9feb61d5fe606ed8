"""One nanopublication a claim, and an index of them all: generated from the claims, never written by hand.

A nanopublication is four graphs: a head that names the other three, the assertion, its provenance, and what
is said of the publication itself. Its address ends in the hash of all four.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType

from pyoxigraph import Literal, NamedNode, Quad, Triple

from exoreview.problems import Refusal
from exoreview.release import trusty
from exoreview.release.structure import address, is_a, objects
from exoreview.terms import BASE, DATASET, PREFIXES, term
from exoreview.turtle.ordering import natural

# Where the nanopublications stand; the artifact code follows.
NAMESPACE = BASE + "np/"

# All of them as a part of the dataset, for the catalog.
PART = BASE + "dataset/nanopublications"

HEAD, ASSERTION, PROVENANCE, PUBINFO = (
    NamedNode(f"{NAMESPACE}#{part}") for part in ("Head", "assertion", "provenance", "pubinfo")
)

_WHOLE = NamedNode(NAMESPACE)
_CLAIMS = PREFIXES["graph"] + "claims"

# Of the graphs of a release those that a nanopublication is made from.
_SOURCES = ("ontology", "review", "enrichment", "claims", "catalog")

# What the super-pattern says, in its terms; a mechanism is a slot that it lacks.
_SLOTS = {
    "rdfs:label": "rdfs:label",
    "exr:hasContext": "sp:hasContextClass",
    "sp:hasContextClass": "sp:hasContextClass",
    "exr:hasSubject": "sp:hasSubjectClass",
    "exr:hasQualifier": "sp:hasQualifier",
    "exr:hasRelation": "sp:hasRelation",
    "exr:hasObject": "sp:hasObjectClass",
    "exr:hasMechanism": "exr:hasMechanism",
}

# Whose claim it is, and how the text says it.
_READING = (
    *("exr:statedIn", "exr:hasQuote", "exr:hasEvidenceType", "exr:hasAssertionMode", "exr:hasRoleStrength"),
    *("exr:verbatimPredicate", "exr:addedByReading", "exr:alternativeReading"),
)
_WORDS = ("exr:exact", "exr:start", "exr:end")

_NOT_OURS = (
    "The claim is made by the source, and was read from its words. That it is published here does not say "
    "that it is true, nor that the publishers of this nanopublication hold it."
)

Facts = Mapping[tuple[str, str], Sequence[NamedNode | Literal]]


def assemble(
    graphs: Mapping[str, Iterable[Triple]], previous: Mapping[str, Sequence[Quad]] = MappingProxyType({})
) -> dict[str, list[Quad]]:
    """The nanopublication of each claim, by the claim's IRI; `graphs` are those of a release, by name.

    `previous` are those of the release before it, likewise. What a claim says as it did then keeps its
    address; what it says otherwise supersedes what it said.
    """
    facts = _facts(graphs)
    typed = [triple.subject for triple in graphs["claims"] if is_a(triple, "exr:Claim")]
    claims = [node.value for node in typed if isinstance(node, NamedNode)]
    return {
        claim: _renewed(list(_of_claim(claim, facts)), previous.get(claim))
        for claim in sorted(claims, key=natural)
    }


def index(
    assembled: Mapping[str, Sequence[Quad]],
    graphs: Mapping[str, Iterable[Triple]],
    previous: Sequence[Quad] | None = None,
) -> list[Quad]:
    """The nanopublication that lists those of all claims, the set that a version publishes.

    `previous` is the index of the release before it.
    """
    facts = _facts(graphs)
    # The version stands here alone: the address of a claim that a new version leaves as it was stays too.
    said = (("rdfs:label", "dcterms:title"), ("pav:version", "dcat:version"))
    said = [(name, facts[DATASET, source]) for name, source in said]
    draft = [
        *_head(),
        *_say(ASSERTION, _WHOLE, ("npx:includesElement", [address(each) for each in assembled.values()])),
        *_say(PROVENANCE, ASSERTION, ("rdf:type", [term("npx:IndexAssertion")])),
        *_say(PUBINFO, _WHOLE, ("rdf:type", [term("npx:NanopubIndex")]), *said),
        *_publication(facts),
    ]
    return _renewed(draft, previous)


def _renewed(draft: Sequence[Quad], old: Sequence[Quad] | None) -> list[Quad]:
    """What is published in the place of an older nanopublication: the same one, or one that supersedes it."""
    if old is None:
        return _published(draft)
    # The old one may say itself what it has superseded, which is no reason for a new one.
    for superseded in (objects(old, "npx:supersedes"), [address(old)]):
        made = _published([*draft, *_say(PUBINFO, _WHOLE, ("npx:supersedes", superseded))])
        if address(made) == address(old):
            break
    return made


def _published(quads: Iterable[Quad]) -> list[Quad]:
    try:
        return sorted(trusty.make(quads, NAMESPACE), key=str)
    except ValueError as error:
        raise Refusal(f"A claim cannot become a nanopublication. {error}") from None


def _facts(graphs: Mapping[str, Iterable[Triple]]) -> Facts:
    """What is said of things with an IRI, by subject and shortened predicate, each in one order."""
    facts = defaultdict(set)
    short = {term(name): name for name in _names()}
    for name in _SOURCES:
        for triple in graphs[name]:
            if triple.predicate in short and isinstance(triple.subject, NamedNode):
                facts[triple.subject.value, short[triple.predicate]].add(triple.object)
    return defaultdict(tuple, {key: tuple(sorted(values, key=str)) for key, values in facts.items()})


def _names() -> Iterator[str]:
    """The properties that are read."""
    yield from (*_SLOTS, *_READING, *_WORDS, "exr:superPatternRelation", "exr:inSentence", "schema:sameAs")
    yield from ("dcterms:isPartOf", "dcterms:title", "dcterms:issued", "dcterms:creator", "dcterms:license")
    yield from ("dcterms:rights", "dcat:version", "foaf:name", "prov:wasGeneratedBy")


def _of_claim(claim: str, facts: Facts) -> Iterator[Quad]:
    node = NamedNode(claim)
    kind = term("sp:SuperPatternInstance")
    yield from _head()
    yield from _say(ASSERTION, node, ("rdf:type", [kind]))
    for ours, theirs in _SLOTS.items():
        yield from _say(ASSERTION, node, (theirs, [_coarse(value, facts) for value in facts[claim, ours]]))
    yield from _provenance(claim, facts)
    yield from _say(
        PUBINFO,
        _WHOLE,
        ("rdfs:label", facts[claim, "rdfs:label"]),
        ("npx:introduces", [node]),
        ("npx:hasNanopubType", [kind]),
    )
    yield from _publication(facts)
    # In words, for a nanopublication travels alone.
    for statement in facts[_CLAIMS, "dcterms:rights"]:
        yield from _say(PUBINFO, PROVENANCE, ("dcterms:rights", facts[statement.value, "rdfs:label"]))


def _coarse(value: NamedNode | Literal, facts: Facts) -> NamedNode | Literal:
    """A relation of ours as the super-pattern states it; everything else as it is."""
    return next(iter(facts[value.value, "exr:superPatternRelation"]), value)


def _provenance(claim: str, facts: Facts) -> Iterator[Quad]:
    """Whose claim it is and which words make it; the assertion itself is derived from them."""
    quotes = facts[claim, "exr:hasQuote"]
    works = facts[claim, "exr:statedIn"]
    yield from _say(
        PROVENANCE,
        ASSERTION,
        ("rdfs:comment", [Literal(_NOT_OURS, language="en")]),
        ("prov:wasDerivedFrom", quotes),
        ("prov:hadPrimarySource", [same for work in works for same in _elsewhere(work, facts)]),
        ("prov:wasGeneratedBy", facts[_CLAIMS, "prov:wasGeneratedBy"]),
    )
    reading = [(name, facts[claim, name]) for name in _READING]
    yield from _say(PROVENANCE, NamedNode(claim), *reading)
    for quote in quotes:
        sentences = facts[quote.value, "exr:inSentence"]
        texts = [text for sentence in sentences for text in facts[sentence.value, "dcterms:isPartOf"]]
        words = [(name, facts[quote.value, name]) for name in _WORDS]
        yield from _say(PROVENANCE, quote, *words, ("prov:wasQuotedFrom", texts))


def _elsewhere(work: NamedNode, facts: Facts) -> Sequence[NamedNode]:
    """The public identifier of a work, its DOI, or the work itself if it has none."""
    return facts[work.value, "schema:sameAs"] or (work,)


def _publication(facts: Facts) -> Iterator[Quad]:
    """When and by whom it was made, and who may use it: as the catalog says of the dataset."""
    makers = facts[DATASET, "dcterms:creator"]
    yield from _say(
        PUBINFO,
        _WHOLE,
        ("dcterms:created", facts[DATASET, "dcterms:issued"]),
        ("dcterms:creator", makers),
        ("dcterms:license", facts[DATASET, "dcterms:license"]),
    )
    for maker in makers:
        yield from _say(PUBINFO, maker, ("foaf:name", facts[maker.value, "foaf:name"]))


def _head() -> Iterator[Quad]:
    return _say(
        HEAD,
        _WHOLE,
        ("rdf:type", [term("np:Nanopublication")]),
        ("np:hasAssertion", [ASSERTION]),
        ("np:hasProvenance", [PROVENANCE]),
        ("np:hasPublicationInfo", [PUBINFO]),
    )


def _say(
    graph: NamedNode, subject: NamedNode, *facts: tuple[str, Iterable[NamedNode | Literal]]
) -> Iterator[Quad]:
    for name, values in facts:
        for value in values:
            yield Quad(subject, term(name), value, graph)
