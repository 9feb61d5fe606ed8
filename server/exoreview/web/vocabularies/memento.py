"""Versions of a document in time: the headers and the TimeMap of Memento (RFC 7089).

The document without a version is its own TimeGate (pattern 1.1 of section 4): asked with Accept-Datetime it
leads by 302 to the version that was current then; each version is a Memento with an address of its own.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from werkzeug.http import http_date

from exoreview.web.http.faults import fault

ACCEPT, SENT = "Accept-Datetime", "Memento-Datetime"
LINK_FORMAT = "application/link-format"

_FORM = "%a, %d %b %Y %H:%M:%S GMT"


class State(NamedTuple):
    """A version: its address, and since when it was current."""

    address: str
    since: datetime


def wanted(header: str) -> datetime:
    """The time that Accept-Datetime names; 400 for what is none (section 4.5.3)."""
    try:
        return datetime.strptime(header.strip(), _FORM).replace(tzinfo=UTC)
    except ValueError:
        example = http_date(datetime(2026, 1, 31, 12, tzinfo=UTC))
        raise fault(400, f"{ACCEPT} is “{header}”, which is no date of the form {example}.") from None


def current(states: Sequence[State], when: datetime) -> State:
    """Of the states, the oldest first, that which was current at a time; before all of them the first."""
    return [state for state in states if state.since <= when][-1] if states[0].since <= when else states[0]


def links(original: str, timemap: str) -> str:
    """The Link header of the original, which is the TimeGate too, and of every Memento."""
    return f'<{original}>; rel="original timegate", <{timemap}>; rel="timemap"; type="{LINK_FORMAT}"'


def text(original: str, timemap: str, states: Sequence[State]) -> str:
    """The TimeMap of the states, the oldest first; all addresses are absolute."""
    span = f'from="{http_date(states[0].since)}"; until="{http_date(states[-1].since)}"'
    lines = [
        f'<{original}>; rel="original timegate"',
        f'<{timemap}>; rel="self"; type="{LINK_FORMAT}"; {span}',
    ]
    for number, state in enumerate(states):
        places = ["first"] * (number == 0) + ["last"] * (number == len(states) - 1)
        rel = " ".join([*places, "memento"])
        lines.append(f'<{state.address}>; rel="{rel}"; datetime="{http_date(state.since)}"')
    return ",\n".join(lines) + "\n"
