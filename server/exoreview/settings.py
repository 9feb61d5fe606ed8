"""Every setting in one table, read from defaults, then the environment, then arguments."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from exoreview.problems import Refusal


@dataclass(frozen=True)
class Setting:
    """A setting: its name with the unit, its default, which gives the type, what it does, and its bounds."""

    name: str
    default: Any
    help: str
    least: float = 1
    most: float = 1
    choices: tuple[str, ...] = ()
    pattern: str = ""

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
            if value == "" != self.default:
                raise ValueError
        except ValueError:
            raise Refusal(f"{named} is “{text}”, but it must be {_KINDS[kind]}.") from None
        # Written so that nan, which is a number to Python and no limit at all, is outside.
        if self.choices and value not in self.choices:
            raise Refusal(f"{named} is “{text}”, but it must be one of {', '.join(self.choices)}.")
        if self.pattern and not re.fullmatch(self.pattern, value):
            raise Refusal(f"{named} is “{text}”, but it must look like {self.default}data.")
        if kind is not str and not self.least <= value <= self.most:
            raise Refusal(
                f"{named} is “{text}”, but it must be {_KINDS[kind]} from {self.least:,} to {self.most:,}."
            )
        return value


_KINDS = {int: "a whole number", float: "a number", str: "a text of at least one character"}

SETTINGS = (
    Setting("HOST", "127.0.0.1", "Address to listen on; the default is reached from this machine alone."),
    Setting("PORT", 8000, "Port to listen on.", most=65_535),
    Setting("WORKERS", 6, "Processes that answer queries, each one query at a time.", most=256),
    Setting(
        "CLIENT_QUERIES",
        5,
        "Queries of one client that are answered at a time; one less than WORKERS keeps a place for others.",
        most=256,
    ),
    Setting(
        "ATTENDANTS",
        2,
        "Processes that connections are lent to while one quick query follows another; 0 for none.",
        least=0,
        most=256,
    ),
    Setting(
        "STORE_MEMORY_MAX",
        100_000,
        "Most triples of a store on disk that are read into memory at the start, and answered from there.",
        least=0,
        most=10**9,
    ),
    Setting("WEB_THREADS", 8, "Pages that are made at the same time.", most=256),
    Setting("WEB_QUEUE_MAX", 1_000, "Pages that wait to be made before more are turned away.", most=100_000),
    Setting("QUEUE_MAX", 200, "Queries that wait for their turn before more are turned away.", most=100_000),
    Setting(
        "QUEUE_WAIT_S",
        5.0,
        "Seconds that a query waits for its turn before it is turned away.",
        least=0.1,
        most=600,
    ),
    Setting(
        "QUERY_TIMEOUT_S",
        10.0,
        "Seconds after which a query is stopped and its process ended.",
        least=0.1,
        most=3_600,
    ),
    Setting(
        "QUERY_MAX_BYTES",
        200_000,
        "Longest query that is read, when it is posted.",
        most=100_000_000,
    ),
    Setting("QUERY_MAX_NESTING", 128, "Deepest nesting of brackets in a query.", most=1_000),
    Setting(
        "QUERY_MEMORY_MB",
        1024,
        "Memory that one query may take beyond the loaded data.",
        least=16,
        most=1_000_000,
    ),
    Setting(
        "SERVICE_ALLOW", "", "Endpoints that SERVICE may ask, by their addresses; without any it is off."
    ),
    Setting(
        "SERVICE_TIMEOUT_S", 5.0, "Seconds that another endpoint has for its answer.", least=0.1, most=3_600
    ),
    Setting(
        "SERVICE_MAX_BYTES", 5_000_000, "Longest answer that is taken from another endpoint.", most=10**9
    ),
    Setting(
        "SERVICE_PRIVATE",
        0,
        "Whether allowed endpoints may have private addresses, as in an intranet: 1 for yes.",
        least=0,
    ),
    Setting("RESULT_MAX_BYTES", 100_000_000, "Longest result that is sent.", most=10**12),
    Setting("RESULT_MAX_ROWS", 1_000_000, "Most rows, or triples, of a result that is sent.", most=10**12),
    Setting(
        "HEAD_MAX_BYTES",
        200_000,
        "Longest head of a request, and so the longest query in an address.",
        least=1_000,
        most=100_000_000,
    ),
    Setting("HEAD_MAX_LINES", 100, "Most headers of a request.", least=10, most=10_000),
    Setting(
        "IDLE_WAIT_S",
        60.0,
        "Seconds after which a connection is closed on which nothing moves while no query runs.",
        least=0.1,
        most=3_600,
    ),
    Setting(
        "BODY_WAIT_S",
        10.0,
        "Seconds in which the body of a request must arrive.",
        least=0.1,
        most=3_600,
    ),
    Setting(
        "CACHE_MAX_BYTES", 64_000_000, "Memory for answers that were given before.", least=0, most=10**12
    ),
    Setting(
        "CACHE_DISK_MAX_BYTES",
        400_000_000,
        "Disk for long ones of these, in the folder for temporary files (TMPDIR), if that is on a disk.",
        least=0,
        most=10**12,
    ),
    Setting(
        "LOG",
        "text",
        "Form of the log, a line for each request on standard error: text, json or off.",
        choices=("text", "json", "off"),
    ),
    Setting("LOG_QUERIES", 0, "Whether the log holds the text of queries: 1 for yes.", least=0),
    Setting(
        "PATH_PREFIX",
        "/",
        "Path at which the server stands; a proxy passes it on with the rest.",
        pattern=r"/|(/[\w.~-]+)+/?",
    ),
    Setting(
        "TRUST_PROXY",
        0,
        "Proxies in front whose X-Forwarded-For, -Proto, -Host and -Port are believed; "
        "with 0 all who come by one are one client.",
        least=0,
        most=10,
    ),
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
