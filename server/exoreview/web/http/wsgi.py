"""From the gateway to the application in Flask: an RSGI request as a WSGI environment, and the call."""

import io
import re
import sys
from collections.abc import Callable
from typing import Any

# What the gateway decides for every reply.
_CONDITIONS = {"if-none-match", "if-modified-since", "if-match", "if-unmodified-since", "if-range", "range"}

# The name of a host, or an address of IPv6, and a port.
_HOST = re.compile(
    r"([\w-]{1,63}(?:\.[\w-]{1,63}){0,126}\.?|\[[0-9A-Fa-f:.]{2,45}\])(?::([0-9]{1,5}))?", re.ASCII
)


def is_host(text: str) -> bool:
    """Whether a text may stand in a Host header."""
    return _HOST.fullmatch(text) is not None


def environ(scope, prefix: str) -> dict[str, Any]:
    """The environment of a request that has no body; `prefix` is the path at which the application stands."""
    host = scope.headers.get("host") or "localhost"
    # The page that says what is wrong with a host has to name one.
    host = host if is_host(host) else "localhost"
    name, port = _HOST.fullmatch(host).groups("80")
    made = {
        # The gateway keeps one reply for both, and sends no body where none is wanted.
        "REQUEST_METHOD": "GET" if scope.method == "HEAD" else scope.method,
        "SCRIPT_NAME": prefix,
        "PATH_INFO": _bytes(scope.path[len(prefix) :]),
        "QUERY_STRING": _bytes(scope.query_string),
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
        made["HTTP_" + header.upper().replace("-", "_")] = ", ".join(scope.headers.get_all(header))
    made["HTTP_HOST"] = host
    return made


def _bytes(text: str) -> str:
    """WSGI carries bytes as characters of Latin-1."""
    return text.encode("utf-8", "surrogatepass").decode("latin-1")


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
