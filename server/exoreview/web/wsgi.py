"""From the gateway to the application in Flask: an RSGI request as a WSGI environment, and the call."""

import io
import sys
from collections.abc import Callable
from typing import Any

# What the gateway decides for every reply.
_CONDITIONS = {"if-none-match", "if-modified-since", "if-match", "if-unmodified-since", "if-range", "range"}


def environ(scope, prefix: str) -> dict[str, Any]:
    """The environment of a request that has no body; `prefix` is the path at which the application stands."""
    host = scope.headers.get("host") or "localhost"
    name, _, port = host.rpartition(":") if host.rpartition(":")[2].isdigit() else (host, "", "80")
    made = {
        # The gateway keeps one reply for both, and sends no body where none is wanted.
        "REQUEST_METHOD": "GET" if scope.method == "HEAD" else scope.method,
        "SCRIPT_NAME": prefix,
        # WSGI carries the bytes of a path as characters of Latin-1.
        "PATH_INFO": scope.path[len(prefix) :].encode("utf-8", "surrogatepass").decode("latin-1"),
        "QUERY_STRING": scope.query_string,
        "SERVER_NAME": name,
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "REMOTE_ADDR": scope.client.rpartition(":")[0],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for header in set(scope.headers.keys()) - _CONDITIONS:
        made["HTTP_" + header.upper().replace("-", "_")] = scope.headers.get(header)
    made["HTTP_HOST"] = host
    return made


def call(application: Callable, environment: dict[str, Any]) -> tuple[int, list[tuple[str, str]], bytes]:
    """Status, headers and the whole body of what an application answers."""
    started: list[Any] = []

    def start_response(status: str, headers: list[tuple[str, str]], _=None) -> None:
        started[:] = [int(status.split(" ", 1)[0]), headers]

    parts = application(environment, start_response)
    try:
        body = b"".join(parts)
    finally:
        if hasattr(parts, "close"):
            parts.close()
    return started[0], started[1], body
