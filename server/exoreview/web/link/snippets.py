"""What somebody writes in her own ontology or data to link to a thing of ours, in the usual notations."""

import json
from dataclasses import dataclass

from exoreview.terms import PREFIXES, curie
from exoreview.web.things.describe import Library

_PROJECT = "exoreview"
_OWL, _MINE = PREFIXES["owl"], "https://example.org/my"
# How OWL says of each kind of term that two are the same, that one is narrower, and what it is.
_KINDS = {
    "Class": ("owl:equivalentClass", "rdfs:subClassOf", "EquivalentClasses", "SubClassOf"),
    "ObjectProperty": (
        "owl:equivalentProperty",
        "rdfs:subPropertyOf",
        "EquivalentObjectProperties",
        "SubObjectPropertyOf",
    ),
    "DatatypeProperty": (
        "owl:equivalentProperty",
        "rdfs:subPropertyOf",
        "EquivalentDataProperties",
        "SubDataPropertyOf",
    ),
}
_FUNCTIONAL_NAME = {"DatatypeProperty": "DataProperty"}


@dataclass(frozen=True)
class Snippet:
    """A text to copy: what it is for, its notation, and itself."""

    title: str
    notation: str
    text: str


@dataclass(frozen=True)
class Term:
    """A thing of ours as a snippet names it."""

    iri: str
    label: str
    # The module that defines it, and that module's address for good.
    module: str
    version: str
    # One of the kinds of OWL, or nothing for what is an individual.
    kind: str

    @property
    def prefix(self) -> str:
        """The prefix of its short IRI; what is in no namespace of its own has that of the project."""
        return _PROJECT if curie(self.iri) == self.iri else curie(self.iri).partition(":")[0]

    @property
    def short(self) -> str:
        """Its short IRI."""
        return f"{self.prefix}:{self.iri.removeprefix(self.namespace)}"

    @property
    def namespace(self) -> str:
        """What its prefix stands for."""
        return PREFIXES.get(self.prefix) or self.iri[: self.iri.rindex("/") + 1]

    @property
    def mine(self) -> str:
        """The name of the reader's own counterpart."""
        name = "".join(filter(str.isalnum, self.iri.removeprefix(self.namespace)))
        return f"My{name[:1].upper()}{name[1:]}"


def term_of(library: Library, iri: str) -> Term:
    """The thing of this IRI."""
    types = {node.value.removeprefix(_OWL) for node in library.values(iri, "rdf:type")}
    kind = next((kind for kind in _KINDS if kind in types), "")
    module = next((node.value for node in library.values(iri, "rdfs:isDefinedBy")), "")
    version = next((node.value for node in library.values(module, "owl:versionIRI")), "") if module else ""
    return Term(iri, library.label(iri), module, version, kind)


def prefixes(term: Term) -> list[Snippet]:
    """The prefix in the notations that have prefixes."""
    pair = (term.prefix, term.namespace)
    return [
        Snippet("Prefix", "Turtle", "@prefix {}: <{}> .\n".format(*pair)),
        Snippet("Prefix", "SPARQL", "PREFIX {}: <{}>\n".format(*pair)),
        Snippet("Prefix map", "JSON-LD context", json.dumps({"@context": dict([pair])}, indent=2) + "\n"),
    ]


def imports(term: Term) -> list[Snippet]:
    """The whole module, by import."""
    if not term.module or not term.kind:
        return []
    turtle = f"{_head('owl')}\n<{_MINE}>\n    a owl:Ontology ;\n    owl:imports <{term.module}> .\n"
    functional = f"Ontology(<{_MINE}>\nImport(<{term.module}>)\n)\n"
    return [
        Snippet("The whole vocabulary, by import", "Turtle", turtle),
        Snippet("The whole vocabulary, by import", "functional notation", functional),
    ]


def declaration(term: Term) -> list[Snippet]:
    """The term alone, without what is said of it."""
    if not term.kind:
        return []
    text = (
        f"{_head('owl', 'rdfs', term.prefix)}\n{term.short}\n    a owl:{term.kind} ;\n"
        f"    rdfs:label {_quoted(term.label)}@en ;\n    rdfs:isDefinedBy <{term.module}> .\n"
    )
    return [Snippet("Only the term", "Turtle", text)]


def axioms(term: Term) -> list[Snippet]:
    """That the reader's own term is the same, or narrower."""
    if not term.kind:
        return []
    same, narrower, functional_same, functional_narrower = _KINDS[term.kind]
    made = []
    for title, predicate, functional in (
        ("Yours is the same", same, functional_same),
        ("Yours is narrower", narrower, functional_narrower),
    ):
        turtle = (
            f"{_head('owl', 'rdfs', term.prefix)}@prefix my: <{_MINE}#> .\n\n"
            # Without knowing of which kind ours is, programs read no axiom of properties.
            f"{term.short} a owl:{term.kind} .\n\n"
            f"my:{term.mine}\n    a owl:{term.kind} ;\n    {predicate} {term.short} .\n"
        )
        made += [
            Snippet(title, "Turtle", turtle),
            Snippet(title, "functional notation", _functional(term, functional)),
            Snippet(title, "Manchester notation", _manchester(term, same_as=predicate == same)),
        ]
    return made


def _functional(term: Term, axiom: str) -> str:
    kind = _FUNCTIONAL_NAME.get(term.kind, term.kind)
    return (
        f"Prefix(my:=<{_MINE}#>)\nPrefix({term.prefix}:=<{term.namespace}>)\n\nOntology(<{_MINE}>\n"
        f"Declaration({kind}(my:{term.mine}))\nDeclaration({kind}({term.short}))\n"
        f"{axiom}(my:{term.mine} {term.short})\n)\n"
    )


def _manchester(term: Term, *, same_as: bool) -> str:
    kind = _FUNCTIONAL_NAME.get(term.kind, term.kind)
    keyword = (
        ("EquivalentTo" if same_as else "SubClassOf")
        if term.kind == "Class"
        else ("EquivalentTo" if same_as else "SubPropertyOf")
    )
    return (
        f"Prefix: my: <{_MINE}#>\nPrefix: {term.prefix}: <{term.namespace}>\n\nOntology: <{_MINE}>\n\n"
        f"{kind}: {term.short}\n\n{kind}: my:{term.mine}\n    {keyword}: {term.short}\n"
    )


def mappings(term: Term) -> list[Snippet]:
    """That they correspond, without an axiom."""
    if not term.kind:
        return []
    row = {
        "subject_id": f"my:{term.mine}",
        "subject_label": f"my {term.label}",
        "predicate_id": "skos:exactMatch",
        "object_id": term.short,
        "object_label": term.label,
        "mapping_justification": "semapv:ManualMappingCuration",
    }
    names = sorted({"my", "skos", "semapv", term.prefix})
    known = {"my": _MINE + "#", **PREFIXES}
    header = "".join(f"#  {name}: {known[name]}\n" for name in names)
    table = "".join("\t".join(cells) + "\n" for cells in (row, row.values()))
    sssom = (
        f"#curie_map:\n{header}#mapping_set_id: {_MINE}/mappings\n"
        "#mapping_set_title: Links from my terms\n"
        "#license: https://creativecommons.org/publicdomain/zero/1.0/\n"
        f"{table}"
    )
    skos = (
        f"{_head('skos', term.prefix)}@prefix my: <{_MINE}#> .\n\n"
        f"my:{term.mine} skos:exactMatch {term.short} .\n"
    )
    return [Snippet("A mapping", "SSSOM", sssom), Snippet("A mapping", "SKOS in Turtle", skos)]


def statements(term: Term) -> list[Snippet]:
    """A statement in JSON-LD and, for what is no term, in Turtle: yours is about this thing."""
    property = "skos:exactMatch" if term.kind else "dcterms:references"
    name = property.partition(":")[0]
    linked = {
        "@context": {name: PREFIXES[name], term.prefix: term.namespace, property: {"@type": "@id"}},
        "@id": f"{_MINE}#{term.mine}",
        property: term.short,
    }
    made = [Snippet("A link", "JSON-LD", json.dumps(linked, indent=2, ensure_ascii=False) + "\n")]
    if not term.kind:
        turtle = f"{_head('dcterms')}@prefix my: <{_MINE}#> .\n\nmy:paper dcterms:references <{term.iri}> .\n"
        made.insert(0, Snippet("A link", "Turtle", turtle))
    return made


def _head(*names: str) -> str:
    return "".join(f"@prefix {name}: <{PREFIXES[name]}> .\n" for name in names)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
