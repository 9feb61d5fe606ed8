"""The description of the addresses is valid OpenAPI 3.1, complete, and every answer is as described."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator
from werkzeug.http import parse_options_header

import served

HERE = "http://localhost"


@pytest.fixture(scope="module")
def client():
    return served.client()


@pytest.fixture(scope="module")
def said(client):
    response = client.get("/openapi.json")
    assert (response.status_code, response.mimetype) == (200, "application/json")
    return response.json


def test_it_is_valid(said):
    assert said["openapi"] == "3.1.0"
    assert said["servers"] == [{"url": HERE}]
    OpenAPIV31SpecValidator(said).validate()


def test_it_is_complete(said):
    """What the application routes is described; the files of pages and refused updates are not for others."""
    known = {re.sub(r"\{[^}]+\}", "{}", path) for path in said["paths"]}
    for rule in served.application().url_map.iter_rules():
        path = re.sub(r"<[^>]+>", "{}", str(rule))
        if path not in ("/static/{}", "/update", "/{}"):
            assert path in known, path
    parameters = {each["name"] for each in said["paths"]["/sparql"]["get"]["parameters"]}
    assert parameters == {"query", "format", "default-graph-uri", "named-graph-uri"}


def examples(operation, path):
    """The address with the example of every parameter in the path, once for each choice of a suffix."""
    addresses = [path]
    for each in operation["parameters"]:
        if each["in"] == "path":
            values = each["schema"].get("enum") or [each["example"]]
            addresses = [
                address.replace(f"{{{each['name']}}}", value) for address in addresses for value in values
            ]
    return addresses


def test_every_address_answers_as_described(client, said):
    for path, operations in said["paths"].items():
        described = operations["get"]["responses"]
        for address in examples(operations["get"], path):
            response = client.get(address)
            assert str(response.status_code) in described, address
            types = described[str(response.status_code)].get("content", {})
            if types:
                kind = parse_options_header(response.headers["Content-Type"])[0]
                assert kind in types, address


def test_what_nobody_accepts_is_refused_as_described(client, said):
    """An address that chooses a format says so; a file, whose address names the format, is sent as it is."""
    for path, operations in said["paths"].items():
        described = operations["get"]["responses"]
        [address, *_] = examples(operations["get"], path)
        response = client.get(address, headers={"Accept": "image/png"})
        assert response.status_code == (406 if "406" in described else 200), address


@pytest.mark.parametrize("path", ["/read", "/search", "/link"])
def test_every_parameter_of_a_page_is_read(client, said, path):
    """Each example is understood, and changes what is shown."""
    plain = client.get(path)
    for each in said["paths"][path]["get"]["parameters"]:
        asked = {each["name"]: each["example"]} | (
            {"concept": "Exosome"} if each["name"] == "narrower" else {}
        )
        response = client.get(path, query_string=asked)
        assert response.status_code == 200, each["name"]
        assert response.data != plain.data, each["name"]


def test_every_format_without_a_suffix_is_had(client, said):
    """What an address describes as its formats is chosen by Accept; a thing sends to its document."""
    for path, operations in said["paths"].items():
        found = operations["get"]["responses"].get("200", {}).get("content", {})
        if "{" not in path and len(found) > 1 and path != "/sparql":
            for kind in found:
                response = client.get(path, headers={"Accept": kind})
                assert (response.status_code, response.mimetype) == (200, kind), path


QUERIES = {"ASK {}": "application/sparql-results+json", "CONSTRUCT WHERE {}": "text/turtle"}


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize("body", ["application/x-www-form-urlencoded", "application/sparql-query"])
def test_a_query_is_posted_in_each_form(client, said, query, body):
    assert body in said["paths"]["/sparql"]["post"]["requestBody"]["content"]
    data = {"query": query} if "form" in body else query
    response = client.post("/sparql", data=data, content_type=body)
    assert (response.status_code, response.mimetype) == (200, QUERIES[query])


REFUSED = {
    "414": ({"query_string": {"query": "#" * 200_001}}, "get"),
    "400": ({"query_string": {"query": "SELECT"}}, "get"),
    "403": ({"data": {"update": "CLEAR ALL"}}, "post"),
    "406": ({"query_string": {"query": "ASK {}"}, "headers": {"Accept": "image/png"}}, "get"),
    "415": ({"data": "x", "content_type": "text/csv"}, "post"),
}


@pytest.mark.parametrize("status", REFUSED)
def test_what_is_refused_is_a_problem_as_described(client, said, status):
    arguments, method = REFUSED[status]
    headers = {"Accept": "application/json"} | arguments.get("headers", {})
    response = client.open("/sparql", method=method.upper(), **{**arguments, "headers": headers})
    assert str(response.status_code) == status
    assert status in said["paths"]["/sparql"][method]["responses"]
    if response.mimetype == "application/problem+json":
        schema = said["components"]["schemas"]["Problem"]
        assert set(schema["required"]) <= response.json.keys() <= schema["properties"].keys()


def test_what_is_missing_is_described(client, said):
    for path in (
        *("/claim/{name}", "/claim/{name}.{suffix}", "/download/{name}", "/linkset/{path}"),
        *("/ontology.{suffix}", "/cite/{name}"),
    ):
        assert "404" in said["paths"][path]["get"]["responses"]
        missing = path.replace("{name}", "none").replace("{path}", "none").replace("{suffix}", "no")
        assert client.get(missing).status_code == 404


# What no schema says: any text fits that of a query, and few texts are one; the end of a chain needs its
# beginning; and a day has its month.
CONFIGURATION = """
[[operations]]
include-path-regex = "^/(sparql|map|ontology|concepts|shapes)$"
checks.positive_data_acceptance.enabled = false
"""


def test_a_program_of_others_finds_no_answer_that_is_not_described(server, tmp_path):
    """Schemathesis makes addresses, parameters and bodies from the description, right and wrong ones."""
    (tmp_path / "schemathesis.toml").write_text(CONFIGURATION, "utf-8")
    command = Path(sys.executable).with_name("schemathesis")
    options = ("--phases=examples,coverage,fuzzing", "--max-examples=3", "--seed=1", "--no-shrink")
    done = subprocess.run(
        [command, "run", f"{server}/openapi.json", *options, "--continue-on-failure", "--no-color"],
        cwd=tmp_path,
        env={**os.environ, "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout
    assert re.search(r"Tested: [0-9]{2}", done.stdout)
