"""The release as an RO-Crate 1.2, whose root is the root of the server: /ro-crate-metadata.json."""

import json
from collections.abc import Mapping
from typing import Any

from exoreview import media
from exoreview.terms import BASE, DATASET
from exoreview.web import schemaorg, vocabulary
from exoreview.web.describe import Library

NAME = "ro-crate-metadata.json"
_PROFILE = "https://w3id.org/ro/crate/1.2"
_ROOT = "./"

Entity = dict[str, Any]


def text(library: Library, downloads: Mapping[str, str]) -> str:
    """The metadata of the crate; `downloads` are the media types of the files of the release by name."""
    said = {"@context": f"{_PROFILE}/context", "@graph": graph(library, downloads)}
    return json.dumps(said, ensure_ascii=False, indent=1) + "\n"


def graph(library: Library, downloads: Mapping[str, str]) -> list[Entity]:
    """The entities: the description itself, the dataset as the root, its files, and what these refer to."""
    dataset = schemaorg.said(library, DATASET)
    dumps = {one["contentUrl"].removeprefix(BASE): one for one in dataset.pop("distribution")}
    parts = [_file(library, f"download/{name}", kind, dumps) for name, kind in downloads.items()]
    parts += [_book(library, book) for book in vocabulary.VOCABULARIES.values()]
    license = dataset.pop("license")
    # A crate's citation is an address; how to credit the dataset is a text.
    dataset["creditText"] = dataset.pop("citation")
    entities: dict[str, Entity] = {}
    root = {name: _flat(value, entities) for name, value in dataset.items()}
    root |= {
        "@id": _ROOT,
        "license": {"@id": license},
        "hasPart": [{"@id": part["@id"]} for part in parts],
    }
    about = {
        "@id": NAME,
        "@type": "CreativeWork",
        "about": {"@id": _ROOT},
        "conformsTo": {"@id": _PROFILE},
    }
    allowed = {"@id": license, "@type": "CreativeWork", "name": "CC BY 4.0", "description": _ALLOWED}
    return [about, root, *parts, allowed, *entities.values()]


_ALLOWED = "Everybody may use, change and share the data, and names where it comes from."


def _file(library: Library, path: str, kind: str, dumps: Mapping[str, Entity]) -> Entity:
    described = dumps.get(path, {})
    kept = ("name", "contentSize", "sha256")
    facts = {name: described[name] for name in kept if name in described}
    name = facts.pop("name", f"{path.rpartition('/')[2]} of {library.label(DATASET)}")
    return {"@id": path, "@type": "File", "name": name, "encodingFormat": kind, **facts}


def _book(library: Library, book: vocabulary.Vocabulary) -> Entity:
    iri = BASE + book.path
    return {
        "@id": book.path + media.TURTLE.suffix,
        "@type": "File",
        "name": library.label(iri),
        "description": library.text(iri, "dcterms:description"),
        "encodingFormat": media.TURTLE.media_type,
    }


def _flat(value: Any, entities: dict[str, Entity]) -> Any:
    """A value with each thing in it as a reference; the things themselves join the entities."""
    if isinstance(value, list):
        return [_flat(one, entities) for one in value]
    if not isinstance(value, dict):
        return value
    entities.setdefault(value["@id"], {name: _flat(other, entities) for name, other in value.items()})
    return {"@id": value["@id"]}
