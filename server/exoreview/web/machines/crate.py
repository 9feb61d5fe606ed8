"""The release as an RO-Crate 1.2, whose root is the root of the server: /ro-crate-metadata.json."""

import json
from typing import Any

from exoreview import media
from exoreview.terms import BASE, DATASET
from exoreview.web.machines import schemaorg
from exoreview.web.things.describe import Library
from exoreview.web.vocabularies import vocabulary

NAME = "ro-crate-metadata.json"
# Of every version, for links, and of this one.
PROFILE = "https://w3id.org/ro/crate"
_VERSION = PROFILE + "/1.2"
_ROOT = "./"

Entity = dict[str, Any]


def text(library: Library, release) -> str:
    """The metadata of the crate."""
    said = {"@context": f"{_VERSION}/context", "@graph": graph(library, release)}
    return json.dumps(said, ensure_ascii=False, indent=1) + "\n"


def graph(library: Library, release) -> list[Entity]:
    """The entities: the description itself, the dataset as the root, its files, and what these refer to."""
    dataset = schemaorg.said(library, DATASET)
    del dataset["distribution"]
    parts = [_file(release, name) for name in release.names()]
    parts += [_book(library, book) for book in vocabulary.VOCABULARIES.values()]
    # A crate's citation is an address; how to credit the dataset is a text.
    dataset["creditText"] = dataset.pop("citation")
    entities: dict[str, Entity] = {}
    root = _entity(dataset, entities) | {"@id": _ROOT, "hasPart": [{"@id": part["@id"]} for part in parts]}
    allowed = {"@type": "CreativeWork", "name": "CC BY 4.0", "description": _ALLOWED}
    about = {
        "@id": NAME,
        "@type": "CreativeWork",
        "about": {"@id": _ROOT},
        "conformsTo": {"@id": _VERSION},
    }
    return [about, root, *parts, root["license"] | allowed, *entities.values()]


_ALLOWED = "Everybody may use, change and share the data, and names where it comes from."


def _file(release, name: str) -> Entity:
    return {
        "@id": f"download/{name}",
        "@type": "File",
        "name": name,
        "description": release.title(name),
        "encodingFormat": release.media_type(name),
        "contentSize": str(len(release.bytes(name))),
        "sha256": release.sha256(name),
    }


def _book(library: Library, book: vocabulary.Vocabulary) -> Entity:
    iri = BASE + book.path
    return {
        "@id": book.path + media.TURTLE.suffix,
        "@type": "File",
        "name": library.label(iri),
        "description": library.text(iri, "dcterms:description"),
        "encodingFormat": media.TURTLE.media_type,
    }


def _entity(facts: Entity, entities: dict[str, Entity]) -> Entity:
    """An entity with references; what schema.org says by the address of a licence is one here."""
    return {
        name: {"@id": value} if name == "license" else _flat(value, entities) for name, value in facts.items()
    }


def _flat(value: Any, entities: dict[str, Entity]) -> Any:
    """A value with each thing in it as a reference; the things themselves join the entities."""
    if isinstance(value, list):
        return [_flat(one, entities) for one in value]
    if not isinstance(value, dict):
        return value
    entities.setdefault(value["@id"], _entity(value, entities))
    return {"@id": value["@id"]}
