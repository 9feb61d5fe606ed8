"""One line for each request, on standard error: for people, or as JSON."""

import asyncio
import json
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from urllib.parse import quote

# Requests that follow each other within so many seconds have their lines written together: a write for each
# would take longer than many an answer.
_TOGETHER_S = 0.1


class Journal:
    """Writes the lines in the form that the settings name."""

    def __init__(self, settings: Mapping[str, Any]):
        self.form, self.with_queries = settings["LOG"], settings["LOG_QUERIES"]
        self.is_kept = self.form != "off"
        self.lines: list[str] = []
        self.timer: asyncio.TimerHandle | None = None

    def line(self, facts: Mapping[str, Any], query: str | None) -> None:
        """Write what happened, now or in a moment; the query's text only where the settings ask for it."""
        said = {"time": datetime.now(UTC).isoformat(timespec="milliseconds"), **facts}
        if query is not None and self.with_queries:
            said["query"] = query
        self.lines.append(json.dumps(said) if self.form == "json" else _text(said))
        if self.timer is None:
            self._write()

    def close(self) -> None:
        """Write what was not written yet."""
        if self.timer:
            self.timer.cancel()
        self._put()

    def _write(self) -> None:
        self.timer = None
        if self.lines:
            self._put()
            self.timer = asyncio.get_running_loop().call_later(_TOGETHER_S, self._write)

    def _put(self) -> None:
        lines, self.lines = self.lines, []
        sys.stderr.write("".join(line + "\n" for line in lines))


def _text(said: Mapping[str, Any]) -> str:
    line = (
        f"{said['time']} {said['client']} {said['method']} {_path(said['path'])} {said['status']} "
        f"{said['bytes']} B {said['ms']} ms"
    )
    parts = [line, said.get("outcome"), json.dumps(said["query"]) if "query" in said else None]
    return " ".join(part for part in parts if part)


@lru_cache(maxsize=1024)
def _path(path: str) -> str:
    """A path that breaks no line and begins no other field."""
    return quote(path)
