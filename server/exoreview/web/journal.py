"""One line for each request, on standard error: for people, or as JSON."""

import json
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote


class Journal:
    """Writes the lines in the form that the settings name."""

    def __init__(self, settings: Mapping[str, Any]):
        self.form, self.with_queries = settings["LOG"], settings["LOG_QUERIES"]
        self.is_kept = self.form != "off"

    def line(self, facts: Mapping[str, Any], query: str | None) -> None:
        """Write what happened; the query's text only where the settings ask for it."""
        said = {"time": datetime.now(UTC).isoformat(timespec="milliseconds"), **facts}
        if query is not None and self.with_queries:
            said["query"] = query
        sys.stderr.write((json.dumps(said) if self.form == "json" else _text(said)) + "\n")


def _text(said: Mapping[str, Any]) -> str:
    line = (
        f"{said['time']} {said['client']} {said['method']} {quote(said['path'])} {said['status']} "
        f"{said['bytes']} B {said['ms']} ms"
    )
    parts = [line, said.get("outcome"), json.dumps(said["query"]) if "query" in said else None]
    return " ".join(part for part in parts if part)
