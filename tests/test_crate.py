"""The release is an RO-Crate 1.2: what the specification requires holds, and every file is there."""

import hashlib
import re

import pytest

import served
from exoreview.terms import DATASET
from served import release


@pytest.fixture(scope="module")
def crate():
    response = served.client().get("/ro-crate-metadata.json")
    assert (response.status_code, response.mimetype) == (200, "application/ld+json")
    return response.get_json(force=True)


@pytest.fixture(scope="module")
def entities(crate):
    found = {entity["@id"]: entity for entity in crate["@graph"]}
    assert len(found) == len(crate["@graph"]), "each entity stands once"
    return found


def test_it_describes_itself(crate, entities):
    assert crate["@context"] == "https://w3id.org/ro/crate/1.2/context"
    about = entities["ro-crate-metadata.json"]
    assert about["@type"] == "CreativeWork"
    assert about["about"] == {"@id": "./"}
    assert about["conformsTo"] == {"@id": "https://w3id.org/ro/crate/1.2"}


def test_the_root_has_what_is_required(entities):
    root = entities["./"]
    assert root["@type"] == "Dataset"
    assert root["name"]
    assert root["description"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", root["datePublished"])
    assert root["license"] == {"@id": "https://creativecommons.org/licenses/by/4.0/"}
    assert root["identifier"] == DATASET
    assert DATASET in root["creditText"]
    assert "citation" not in root, "it would have to be an address"


def references(value):
    if isinstance(value, list):
        for one in value:
            yield from references(one)
    elif isinstance(value, dict):
        assert value.keys() == {"@id"}, "the graph is flat"
        yield value["@id"]


def test_every_reference_is_to_an_entity(entities):
    for entity in entities.values():
        for name, value in entity.items():
            if name != "conformsTo":
                assert set(references(value)) <= entities.keys(), name
        assert entity["@type"]


def test_every_file_is_there_as_described(entities):
    client = served.client()
    parts = [part["@id"] for part in entities["./"]["hasPart"]]
    assert {name for name, each in entities.items() if each["@type"] == "File"} == set(parts)
    assert {f"download/{name}" for name in release().names()} < set(parts)
    for name in parts:
        response = client.get(f"/{name}")
        assert (response.status_code, response.mimetype) == (200, entities[name]["encodingFormat"])
        if "sha256" in entities[name]:
            assert hashlib.sha256(response.data).hexdigest() == entities[name]["sha256"]
