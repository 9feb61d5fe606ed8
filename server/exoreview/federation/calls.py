"""What a query process and the relay say to each other: queries for other endpoints, and their replies."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from exoreview.problems import Refusal

# Each is a request to others, which a short text could ask for in thousands.
MOST_CALLS = 8

RESULTS_JSON = "application/sparql-results+json"
RESULTS_XML = "application/sparql-results+xml"


@dataclass(frozen=True)
class Call:
    """A query for an endpoint."""

    endpoint: str
    query: str


@dataclass(frozen=True)
class Reply:
    """What came of a call: SPARQL results of a media type, or why there are none, as the rest of a sentence
    that starts with the endpoint."""

    failure: str = ""
    media_type: str = ""
    body: bytes = b""


def endpoints(setting: str) -> tuple[str, ...]:
    """The IRIs of a setting, between commas or blanks; one that is no address for HTTP is refused."""
    found = tuple(dict.fromkeys(setting.replace(",", " ").split()))
    for iri in found:
        try:
            parts = urlsplit(iri)
            usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
        except ValueError:
            usable = False
        if not usable or parts.username is not None or parts.fragment:
            raise unusable(iri)
    return found


def unusable(iri: str) -> Refusal:
    """The sentence for what is no endpoint's address."""
    return Refusal(
        f"SERVICE_ALLOW names “{iri}”, but an endpoint's address looks like https://example.org/sparql."
    )


def pack_calls(calls: Sequence[Call]) -> bytes:
    """Calls as bytes."""
    return json.dumps([[call.endpoint, call.query] for call in calls]).encode()


def unpack_calls(content: bytes) -> list[Call]:
    """The calls in bytes."""
    return [Call(*parts) for parts in json.loads(content)]


def pack_replies(replies: Sequence[Reply]) -> bytes:
    """Replies as bytes: a line that tells of all, then their bodies."""
    told = [[reply.failure, reply.media_type, len(reply.body)] for reply in replies]
    return b"".join([json.dumps(told).encode(), b"\n", *(reply.body for reply in replies)])


def unpack_replies(content: bytes) -> list[Reply]:
    """The replies in bytes."""
    line, _, rest = content.partition(b"\n")
    replies, start = [], 0
    for failure, media_type, size in json.loads(line):
        replies.append(Reply(failure, media_type, rest[start : start + size]))
        start += size
    return replies
