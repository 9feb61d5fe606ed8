"""One line for each request, on standard error: for people, or as JSON."""

import asyncio
import json
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from exoreview.remembering import remembered
from exoreview.web.http.requests import Request

# Requests that follow each other within so many seconds have their lines written together: a write for each
# would take longer than many an answer.
_TOGETHER_S = 0.1


class Journal:
    """Writes the lines in the form that the settings name."""

    def __init__(self, settings: Mapping[str, Any]):
        self.form, self.with_queries = _FORMS.get(settings["LOG"]), settings["LOG_QUERIES"]
        self.is_kept = self.form is not None
        self.lines: list[str] = []
        self.timer: asyncio.TimerHandle | None = None

    def text(self, request: Request, status: int, length: int) -> str:
        """What happened, in a line; with the text of a query only where the settings ask for it."""
        query = request.query if self.with_queries else None
        return self.form(_stamp(time.time()), request, status, length, query)

    def add(self, line: str) -> None:
        """Write a line, now or in a moment."""
        self.lines.append(line)
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
        # A log that cannot be written, or is closed, keeps nobody from his answer.
        with suppress(OSError, ValueError, AttributeError):
            sys.stderr.write("".join(line + "\n" for line in lines))


def _text(stamp: str, request: Request, status: int, length: int, query: str | None) -> str:
    line = (
        f"{stamp} {request.address} {request.method} {_path(request.asked_path)} {status} {length} B "
        f"{request.age_s * 1000:.2f} ms"
    )
    if request.outcome:
        line += f" {request.outcome}"
    return line if query is None else f"{line} {json.dumps(query)}"


def _json(stamp: str, request: Request, status: int, length: int, query: str | None) -> str:
    said = {
        "time": stamp,
        "client": request.address,
        "method": request.method,
        "path": request.asked_path,
        "status": status,
        "bytes": length,
        "ms": round(request.age_s * 1000, 2),
        "outcome": request.outcome,
        "query": query,
    }
    return json.dumps({name: value for name, value in said.items() if value is not None})


# How a line is written in each form of the log.
_FORMS = {"text": _text, "json": _json}


def _stamp(seconds: float) -> str:
    """A time in ISO 8601, to the millisecond."""
    whole, thousandths = divmod(int(seconds * 1000), 1000)
    return f"{_second(whole)}.{thousandths:03}+00:00"


@lru_cache(maxsize=2)
def _second(seconds: int) -> str:
    """Most lines stand in the same second as the one before; writing it anew takes longer than the rest."""
    return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None).isoformat()


@remembered(1024)
def _path(path: str) -> str:
    """A path that breaks no line and begins no other field."""
    return quote(path)
