"""The shape of what the server says in JSON, as JSON Schema: errors, search, health, results of queries."""

from collections.abc import Mapping
from typing import Any

Schema = dict[str, Any]

_TEXT: Schema = {"type": "string"}
_NUMBER: Schema = {"type": "integer", "minimum": 0}


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _object(optional: tuple[str, ...] = (), /, **properties: Schema) -> Schema:
    """An object that has these properties and no others, each but the optional ones."""
    required = [name for name in properties if name not in optional]
    return {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


_PROBLEM = _object(
    ("line", "column", "text", "hint", "nearest", "available"),
    type=_TEXT,
    title=_TEXT,
    status={"type": "integer", "minimum": 400},
    detail={"type": "string", "description": "What is wrong and what would be right."},
    line={"type": "integer", "minimum": 1, "description": "Where a query is wrong, from 1."},
    column={"type": "integer", "minimum": 1, "description": "Likewise, in code points from 1."},
    text={"type": "string", "description": "The line of the query that is wrong."},
    hint={"type": "string", "description": "What is probably meant."},
    nearest=_list(_TEXT) | {"description": "Paths of things with nearly the name that was asked for."},
    available={"type": "string", "description": "The media types that there are."},
)
_HEALTH = _object(
    status={"const": "ok"},
    release={"type": ["string", "null"]},
    triples={"type": ["integer", "null"], "description": "In the default graph, where that is known."},
    engine=_TEXT,
    queries=_object(running=_NUMBER, waiting=_NUMBER),
)
_RESULT = _object(
    iri={"type": "string", "format": "uri"},
    label=_TEXT,
    page=_TEXT,
    exact={"type": "boolean", "description": "Whether this is the thing's name or identifier."},
    matched=_list(_object(**{"in": _TEXT, "text": _TEXT})),
    linked=_list(_object(iri={"type": "string", "format": "uri"}, label=_TEXT, link=_TEXT)),
)
_SEARCH = _object(
    query=_TEXT,
    count=_NUMBER,
    partly={"type": "boolean", "description": "Whether nothing has all the words, so these have some."},
    suggestions=_list(_TEXT),
    groups=_list(_object(kind=_TEXT, title=_TEXT, count=_NUMBER, results=_list(_RESULT))),
)
_BINDING = {
    "type": "object",
    "properties": {"type": {"enum": ["uri", "literal", "bnode"]}, "value": _TEXT},
    "required": ["type", "value"],
}
_RESULTS = {
    "type": "object",
    "description": "The results of SELECT or ASK (SPARQL 1.1 Query Results JSON Format).",
    "properties": {
        "head": {"type": "object", "properties": {"vars": _list(_TEXT)}},
        "boolean": {"type": "boolean"},
        "results": _object(bindings=_list({"type": "object", "additionalProperties": _BINDING})),
    },
    "required": ["head"],
    "oneOf": [{"required": ["boolean"]}, {"required": ["results"]}],
}

SCHEMAS: Mapping[str, Schema] = {
    "Problem": {"description": "An error (RFC 9457)."} | _PROBLEM,
    "Health": _HEALTH,
    "Search": _SEARCH,
    "Results": _RESULTS,
}


def reference(name: str) -> Schema:
    """The schema of one of these, where the description of an answer has it."""
    return {"schema": {"$ref": f"#/components/schemas/{name}"}}
