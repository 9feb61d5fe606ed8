"""What a thing is in the words of schema.org, for search engines: read from the graphs, as JSON-LD."""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from pyoxigraph import NamedNode

from exoreview.terms import BASE, DATASET, PREFIXES, term
from exoreview.web.things.describe import Library
from exoreview.web.vocabularies import vocabulary

CONTEXT = "https://schema.org"
SERVICE = DATASET + "/service-sparql"

Said = dict[str, Any]

# The types of schema.org by our classes; the first that a thing has counts.
_TYPES = {
    "fabio:JournalArticle": "ScholarlyArticle",
    "fabio:JournalIssue": "PublicationIssue",
    "fabio:Journal": "Periodical",
    "foaf:Person": "Person",
    "foaf:Organization": "Organization",
    "exr:Claim": "Claim",
    "exr:Quote": "Quotation",
    "doco:Sentence": "Quotation",
    "dcat:DataService": "WebAPI",
    "dcat:Distribution": "DataDownload",
    "dcat:Dataset": "Dataset",
    "void:Dataset": "Dataset",
    "owl:Ontology": "DefinedTermSet",
    "sh:SPARQLExecutable": "SoftwareSourceCode",
}
_TERM, _THING, _WORK = "DefinedTerm", "Thing", "CreativeWork"


def type_of(library: Library, iri: str) -> str:
    """The type that schema.org has for a thing; the most general one for most."""
    kinds = set(library.values(iri, "rdf:type"))
    for name, type in _TYPES.items():
        if term(name) in kinds:
            return type if _is_whole(library, iri, type) else _WORK
    if iri in library.published:
        return _WORK
    is_term = any(iri.startswith(book.namespace) for book in vocabulary.VOCABULARIES.values())
    return _TERM if is_term or term("skos:Concept") in kinds else _THING


def _is_whole(library: Library, iri: str, type: str) -> bool:
    """Not a count of VoID, for search engines want datasets described, nor the declarations of prefixes."""
    if type == "Dataset":
        return bool(library.text(iri, "dcterms:description"))
    return type != "DefinedTermSet" or iri.removeprefix(BASE) in vocabulary.VOCABULARIES


def said(library: Library, iri: str) -> Said:
    """All that is said of a thing in schema.org, without the context."""
    type = type_of(library, iri)
    facts = {"@type": type, "@id": iri, "url": iri, "name": library.label(iri)}
    facts |= {name: make(library, iri) for name, make in (*_EVERY, *_ROWS.get(type, ()))}
    return {name: value for name, value in facts.items() if value}


def script(library: Library, iri: str) -> str:
    """The JSON-LD of a thing, fit to stand in a `script` element of a page."""
    text = json.dumps({"@context": CONTEXT, **said(library, iri)}, ensure_ascii=False, indent=1)
    # In JSON these signs can only stand in texts, where an escape means the same.
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


Maker = Callable[[Library, str], Any]


def _text(*properties: str) -> Maker:
    return lambda library, iri: library.text(iri, *properties)


def _texts(*properties: str) -> Maker:
    return lambda library, iri: sorted(
        {value.value for property in properties for value in library.values(iri, property)}
    )


def _things(property: str, tell: Callable[[Library, str], Said]) -> Maker:
    def made(library: Library, iri: str):
        told = [tell(library, node.value) for node in library.values(iri, property)]
        return told[0] if len(told) == 1 else told

    return made


def _named(library: Library, iri: str) -> Said:
    """A thing that is only pointed to; of a dataset with its description, which none must lack."""
    facts = {"@type": type_of(library, iri), "@id": iri, "name": library.label(iri)}
    if facts["@type"] == "Dataset":
        facts["description"] = library.text(iri, "dcterms:description")
    return facts


def _last(property: str) -> Maker:
    """The last step of an address: the code of a language, the media type without its registry."""
    return lambda library, iri: library.text(iri, property).rpartition("/")[2]


def _authors(library: Library, iri: str) -> list[Said]:
    """The authors in printed order."""
    held = [node.value for node in library.values(iri, "exr:hasAuthorship")]
    held.sort(key=lambda authorship: int(library.text(authorship, "exr:position")))
    return [_named(library, library.text(authorship, "exr:heldBy")) for authorship in held]


def _identifier(library: Library, iri: str) -> Said | None:
    doi = library.text(iri, "prism:doi")
    return {"@type": "PropertyValue", "propertyID": "DOI", "value": doi} if doi else None


def _is_open(library: Library, iri: str) -> bool:
    return library.text(iri, "dcterms:accessRights") == DATASET + "/open"


def _sentence(property: str) -> Maker:
    """What a statement of rights says, which is its label."""

    def made(library: Library, iri: str) -> str:
        statement = library.text(iri, property)
        return library.label(statement) if statement else ""

    return made


def _encoding(library: Library, iri: str) -> str:
    kind = library.text(iri, "dcat:compressFormat", "dcat:mediaType")
    return "/".join(kind.split("/")[-2:])


def _size(library: Library, iri: str) -> str:
    return library.text(iri, "dcat:byteSize") + " B"


def _checksum(library: Library, iri: str) -> str:
    return library.text(library.text(iri, "spdx:checksum"), "spdx:checksumValue")


def _endpoint(library: Library, iri: str) -> Said | None:
    """The endpoint as one more way to the data."""
    if iri != DATASET:
        return None
    return said(library, SERVICE)


def _projected(library: Library, iri: str) -> Iterable[tuple[str, Any]]:
    """What the projection into schema.org says of a claim, by property."""
    index = library.projected["schemaorg"]
    for triple in index.about(NamedNode(iri)):
        name = triple.predicate.value.removeprefix(PREFIXES["schema"])
        if name != triple.predicate.value:
            is_thing = isinstance(triple.object, NamedNode)
            yield name, _named(library, triple.object.value) if is_thing else triple.object.value


def _of_projection(name: str) -> Maker:
    def made(library: Library, iri: str):
        values = [value for other, value in _projected(library, iri) if other == name]
        return values[0] if len(values) == 1 else values

    return made


def _terms(library: Library, iri: str) -> list[Said]:
    """The terms of a vocabulary; a document that only declares prefixes has none."""
    book = vocabulary.VOCABULARIES.get(iri.removeprefix(BASE))
    if book is None:
        return []
    subjects = {triple.subject for triple in library.graphs[book.graph]}
    names = (node.value for node in subjects if isinstance(node, NamedNode))
    return [_named(library, name) for name in sorted(names) if name.startswith(book.namespace)]


def _set_of(library: Library, iri: str) -> Said | None:
    found = library.text(iri, "skos:inScheme", "rdfs:isDefinedBy")
    return _named(library, found) if found else None


def _code(_: Library, iri: str) -> str:
    return iri.rpartition("#" if "#" in iri else "/")[2]


def _query_language(_: Library, __: str) -> str:
    return "SPARQL 1.1"


_EVERY = (
    ("description", _text("skos:definition", "dcterms:description", "rdfs:comment")),
    ("license", _text("dcterms:license")),
)
_VERSIONED = (
    ("creator", _things("dcterms:creator", _named)),
    ("publisher", _things("dcterms:publisher", _named)),
    ("version", _text("dcat:version", "owl:versionInfo")),
    ("dateCreated", _text("dcterms:created")),
    ("datePublished", _text("dcterms:issued")),
    ("dateModified", _text("dcterms:modified")),
    ("inLanguage", _last("dcterms:language")),
)
_ROWS: Mapping[str, tuple[tuple[str, Maker], ...]] = {
    "ScholarlyArticle": (
        ("headline", _text("dcterms:title")),
        ("identifier", _identifier),
        ("sameAs", _text("schema:sameAs")),
        ("author", _authors),
        ("abstract", _text("dcterms:abstract")),
        ("datePublished", _text("schema:datePublished")),
        ("isPartOf", _things("schema:isPartOf", said)),
        ("pageStart", _text("schema:pageStart")),
        ("pageEnd", _text("schema:pageEnd")),
        ("pagination", _text("schema:pagination")),
        ("inLanguage", _text("schema:inLanguage")),
        ("keywords", _texts("schema:keywords")),
        ("about", _things("dcterms:subject", _named)),
    ),
    "PublicationIssue": (
        ("issueNumber", _text("schema:issueNumber")),
        ("isPartOf", _things("schema:isPartOf", said)),
    ),
    "Periodical": (("issn", _texts("prism:issn", "prism:eIssn")),),
    "Dataset": (
        ("identifier", _text("dcterms:identifier")),
        *_VERSIONED,
        ("keywords", _texts("dcat:keyword")),
        ("about", _things("dcat:theme", _named)),
        ("citation", _text("dcterms:bibliographicCitation")),
        ("isBasedOn", _things("dcterms:source", _named)),
        ("isPartOf", _things("dcterms:isPartOf", _named)),
        ("isAccessibleForFree", _is_open),
        ("conditionsOfAccess", _sentence("dcterms:accessRights")),
        ("usageInfo", _sentence("dcterms:rights")),
        ("distribution", _things("dcat:distribution", said)),
        ("subjectOf", _endpoint),
    ),
    "DataDownload": (
        ("contentUrl", _text("dcat:downloadURL")),
        ("encodingFormat", _encoding),
        ("contentSize", _size),
        ("sha256", _checksum),
    ),
    "WebAPI": (("documentation", _text("dcat:endpointDescription")),),
    "DefinedTermSet": (*_VERSIONED, ("hasDefinedTerm", _terms)),
    "DefinedTerm": (
        ("termCode", _code),
        ("alternateName", _texts("skos:altLabel")),
        ("sameAs", _texts("skos:exactMatch")),
        ("inDefinedTermSet", _set_of),
    ),
    "Claim": tuple((name, _of_projection(name)) for name in ("text", "inLanguage", "appearance", "about")),
    "Quotation": (("text", _text("exr:exact", "c4o:hasContent")),),
    "SoftwareSourceCode": (
        ("programmingLanguage", _query_language),
        ("keywords", _texts("schema:keywords")),
        ("text", _text("sh:select", "sh:ask", "sh:construct", "spex:describe")),
    ),
}
