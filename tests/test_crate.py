"""The release is an RO-Crate 1.2: what the specification requires holds, and every file is there.

`rocrate-validator`, a program of others, finds all that is required, and all that is recommended but a few.
It reads the context of JSON-LD from its cache, as it does without a network; that of the next version of
RO-Crate is put there, which the package `rocrate` brings and which has every term of 1.2.
"""

import hashlib
import io
import json
import os
import re
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import pytest
import requests
from requests_cache import CachedSession
from urllib3 import HTTPResponse

import served
from exoreview.terms import DATASET
from served import release

CONTEXT = "https://w3id.org/ro/crate/1.2/context"


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
    assert crate["@context"] == CONTEXT
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
        if name.startswith("download/"):
            assert hashlib.sha256(response.data).hexdigest() == entities[name]["sha256"]
            assert str(len(response.data)) == entities[name]["contentSize"]


# What is recommended and not so here, by what it is about and the words of the validator.
NOT_SO = {
    (None, f"The Root Data Entity identifier '{DATASET}' SHOULD resolve"),
    ("./", "The Root Data Entity SHOULD use PropertyValue entities for identifiers"),
    ("./", "At least one author or publisher Person/Organization SHOULD have a contactPoint"),
    (f"{DATASET}/developers", "The organization SHOULD have a URL"),
    (f"{DATASET}/developers", "An Organization entity SHOULD have a ROR identifier"),
    (f"{DATASET}/developers", "An Organization's contactPoint SHOULD reference a ContactPoint"),
    ("./ontology.ttl", "File Data Entities SHOULD have a `contentSize`"),
    ("./concepts.ttl", "File Data Entities SHOULD have a `contentSize`"),
    ("./shapes.ttl", "File Data Entities SHOULD have a `contentSize`"),
}


@pytest.fixture(scope="module")
def validated(tmp_path_factory):
    """What the validator says of a crate in a folder: the severity, the thing and the words of each issue."""
    here = tmp_path_factory.mktemp("validator")
    keep_context(here / "cache")

    def run(folder, severity="recommended"):
        command = [Path(sys.executable).with_name("rocrate-validator"), "--no-interactive", "validate"]
        options = ["--offline", "--cache-path", here / "cache", "--output-format=json"]
        options += ["--output-file", here / "said.json", f"--requirement-severity={severity}"]
        options += ["--no-auto-profile", "--profile-identifier=ro-crate-1.2", folder]
        environment = {**os.environ, "HOME": str(here)}
        done = subprocess.run([*command, *options], env=environment, capture_output=True, text=True)
        assert done.returncode in (0, 1), done.stdout + done.stderr
        said = json.loads((here / "said.json").read_text("utf-8"))
        return [(each["severity"], each["violatingEntity"], each["message"]) for each in said["issues"]]

    return run


def keep_context(cache):
    """The context of JSON-LD in the cache of the validator, under its address."""
    body = files("rocrate").joinpath("data/ro-crate.jsonld").read_bytes()
    kept = requests.Response()
    kept.status_code, kept.url, kept.headers["Content-Type"] = 200, CONTEXT, "application/ld+json"
    kept.request = requests.Request("GET", CONTEXT, headers={}).prepare()
    kept.raw = HTTPResponse(io.BytesIO(body), dict(kept.headers), 200, preload_content=False)
    with CachedSession(str(cache), backend="sqlite", expire_after=-1) as session:
        session.cache.save_response(kept)
        session.cache.close()


@pytest.fixture
def folder(tmp_path, crate, entities):
    """The crate as a folder with all of its files, as the server sends them."""
    client = served.client()
    for part in entities["./"]["hasPart"]:
        place = tmp_path / part["@id"]
        place.parent.mkdir(exist_ok=True)
        place.write_bytes(client.get(f"/{part['@id']}").data)
    write(tmp_path, crate)
    return tmp_path


def write(folder, crate):
    (folder / "ro-crate-metadata.json").write_text(json.dumps(crate), "utf-8")


def test_a_program_of_others_finds_it_valid(validated, folder):
    issues = validated(folder)
    assert {severity for severity, _, _ in issues} <= {"RECOMMENDED"}, issues
    unknown = [
        (thing, words)
        for _, thing, words in issues
        if not any(thing == known and words.startswith(start) for known, start in NOT_SO)
    ]
    assert not unknown
    assert len(issues) == len(NOT_SO)


def test_that_program_finds_what_is_missing(validated, folder, crate):
    root = next(each for each in crate["@graph"] if each["@id"] == "./")
    write(
        folder,
        crate
        | {
            "@graph": [each for each in crate["@graph"] if each is not root]
            + [{name: value for name, value in root.items() if name != "license"}]
        },
    )
    (folder / "ontology.ttl").unlink()
    required = [words for severity, _, words in validated(folder, "required") if severity == "REQUIRED"]
    assert any("license" in words for words in required)
    assert any("ontology.ttl" in words for words in required)
