"""The pieces of an OpenAPI description: operations, their parameters and their answers."""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from exoreview import media
from exoreview.media import Format
from exoreview.web.machines import schemas

Said = dict[str, Any]


def types(formats: Iterable[Format]) -> tuple[str, ...]:
    """The media types of formats."""
    return tuple(format.media_type for format in formats)


def problem(sentence: str) -> Said:
    """An error, in each of the forms in which errors are said."""
    told = {type: {"schema": {"type": "string"}} for type in types((media.TEXT, media.HTML))}
    told[media.PROBLEM.media_type] = schemas.reference("Problem")
    return {"description": sentence, "content": told}


SEE = {
    "303": {
        "description": "The way to the document in the format that is asked for.",
        "headers": {"Location": {"schema": {"type": "string"}}},
    }
}
MISSING = {"404": problem("There is nothing of this name.")}
UNACCEPTABLE = {"406": problem("None of the formats is accepted; those that there are are said.")}
MALFORMED = {"400": problem("A parameter is too long, or none of those that there are.")}


def found(media_types: Iterable[str], shapes: Mapping[str, str] = MappingProxyType({})) -> Said:
    """What is there, in media types, some of them with the name of a schema."""
    content = {type: schemas.reference(shapes[type]) if type in shapes else {} for type in media_types}
    return {"200": {"description": "What is there.", "content": content}}


def chosen(media_types: Iterable[str], shapes: Mapping[str, str] = MappingProxyType({})) -> Said:
    """What is there, in the media type that is accepted."""
    return found(media_types, shapes) | UNACCEPTABLE


def get(summary: str, responses: Said, parameters: Sequence[Said] = ()) -> Said:
    """An address that is read."""
    return {"get": {"summary": summary, "parameters": list(parameters), "responses": responses}}


def in_path(name: str, sentence: str, example: str, choices: Sequence[str] = ()) -> Said:
    """A part of an address."""
    return _parameter("path", name, sentence, choices) | {"required": True, "example": example}


def in_query(name: str, sentence: str, example: str, choices: Sequence[str] = ()) -> Said:
    """A parameter that may be left out."""
    return _parameter("query", name, sentence, choices) | {"required": False, "example": example}


def in_header(name: str, sentence: str, example: str) -> Said:
    """A header with a time that may be left out."""
    said = _parameter("header", name, sentence, ()) | {"required": False, "example": example}
    return said | {"schema": {"type": "string", "format": "http-date"}}


def in_format(formats: Iterable[Format]) -> Said:
    """The parameter that names a format; other values are passed over, so they are no mistake."""
    names = [format.name for format in formats]
    sentence = f"The format, where no Accept header can be set: {', '.join(names)}. Another is passed over."
    return in_query("format", sentence, names[0])


def _parameter(place: str, name: str, sentence: str, choices: Sequence[str]) -> Said:
    schema = {"type": "string"} | ({"enum": list(choices)} if choices else {})
    return {"name": name, "in": place, "description": sentence, "schema": schema}


def suffix(formats: Iterable[Format]) -> Said:
    """The end of an address that names the format."""
    choices = [format.suffix.removeprefix(".") for format in formats]
    return in_path("suffix", "The format.", choices[0], choices)
