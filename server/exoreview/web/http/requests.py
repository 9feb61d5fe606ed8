"""A request as the gateway reads it, once: what its reply depends on, and what the log says of it."""

import time
from typing import Any

from exoreview import codings
from exoreview.web.http.cache import Cache


class Request:
    """An RSGI scope under a path prefix, behind a number of trusted proxies."""

    def __init__(self, scope, prefix: str, proxies: int):
        self.scope, self.proxies, self.started = scope, proxies, time.perf_counter()
        self.method, self.query_string = scope.method, scope.query_string
        path = scope.path
        inside = path == prefix or path.startswith(prefix + "/")
        self.path = (path[len(prefix) :] or "/") if inside else None
        self.accept = self.header("accept") or ""
        self.coding = codings.negotiate(self.header("accept-encoding") or "")
        # The text of its query, and what became of that.
        self.query: str | None = None
        self.outcome: str | None = None

    def header(self, name: str) -> str | None:
        """A header by its name in lower case; its lines are one list (RFC 9110, 5.3)."""
        lines = self.scope.headers.get_all(name)
        return ", ".join(lines) if lines else None

    def key(self, *more: str) -> bytes:
        """Everything that the reply to this request depends on."""
        parts = (self.header("host") or "", self.path, self.query_string, self.accept, self.coding or "")
        if self.proxies:
            forwarded = ("x-forwarded-proto", "x-forwarded-host", "x-forwarded-port")
            parts += tuple(self.header(name) or "" for name in forwarded)
        # The vocabularies lead by it to their older versions.
        if when := self.header("accept-datetime"):
            parts += (when,)
        return Cache.key(*parts, *more)

    def hosts(self) -> list[str]:
        """Every host that the request names for this server."""
        named = [self.header("host") or "localhost"]
        if self.proxies:
            forwarded = (self.header("x-forwarded-host") or "").split(",")
            named += [name.strip() for name in forwarded if name.strip()]
        return named

    def facts(self, status: int, length: int) -> dict[str, Any]:
        """What the log says of the request."""
        said = {
            "client": self._client(),
            "method": self.method,
            "path": self.scope.path,
            "status": status,
            "bytes": length,
            "ms": round((time.perf_counter() - self.started) * 1000, 2),
        }
        return said | ({"outcome": self.outcome} if self.outcome else {})

    def _client(self) -> str:
        """The client's address: as many proxies as are trusted have each added who asked them."""
        named = [name.strip() for name in (self.header("x-forwarded-for") or "").split(",")]
        if self.proxies and len(named) >= self.proxies and named[-self.proxies]:
            return named[-self.proxies]
        return self.scope.client.rpartition(":")[0]
