"""Every setting in one table, read from defaults, then the environment, then arguments."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from exoreview.problems import Refusal


@dataclass(frozen=True)
class Setting:
    """A setting: its name with the unit, its default, which gives the type, and what it does."""

    name: str
    default: Any
    help: str

    @property
    def variable(self) -> str:
        """The environment variable that sets it."""
        return f"EXOREVIEW_{self.name}"

    @property
    def option(self) -> str:
        """The argument that sets it."""
        return "--" + self.name.lower().replace("_", "-")

    def read(self, text: str, named: str | None = None) -> Any:
        """The value that a text stands for; an unusable text is refused with a sentence."""
        named = named or self.variable
        kind = type(self.default)
        try:
            value = kind(text)
        except ValueError:
            raise Refusal(f"{named} is “{text}”, but it must be {_KINDS[kind]}.") from None
        if value != value:  # nan is a number to Python, and no limit at all
            raise Refusal(f"{named} is “{text}”, but it must be {_KINDS[kind]}.")
        if kind is not str and value < 0:
            raise Refusal(f"{named} is “{text}”, but it must not be negative.")
        return value


_KINDS = {int: "a whole number", float: "a number", str: "a text"}

SETTINGS = (
    Setting("HOST", "127.0.0.1", "Address to listen on; the default is reached from this machine alone."),
    Setting("PORT", 8000, "Port to listen on."),
    Setting("WORKERS", 2, "Processes that answer queries, each one query at a time."),
    Setting(
        "WEB_THREADS",
        16,
        "Requests that are worked on at the same time; those for queries wait for a process.",
    ),
    Setting("QUEUE_WAIT_S", 5.0, "Seconds that a query waits for a free process before it is turned away."),
    Setting("QUERY_TIMEOUT_S", 10.0, "Seconds after which a query is stopped and its process ended."),
    Setting("QUERY_MAX_BYTES", 200_000, "Longest query that is read."),
    Setting("QUERY_MAX_NESTING", 128, "Deepest nesting of brackets in a query."),
    Setting("QUERY_MEMORY_MB", 1024, "Memory that one query may take beyond the loaded data."),
    Setting("RESULT_MAX_BYTES", 100_000_000, "Longest result that is sent."),
)


def read(environment: Mapping[str, str] = os.environ, **arguments: Any) -> dict[str, Any]:
    """All settings by name; an argument wins over the environment, which wins over the default."""
    values = {}
    for setting in SETTINGS:
        given = arguments.get(setting.name.lower())
        if given is None and setting.variable in environment:
            given = setting.read(environment[setting.variable])
        values[setting.name] = setting.default if given is None else given
    return values
