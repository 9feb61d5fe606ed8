"""From the gateway to the application in Flask: a request as a WSGI environment, and the call."""

import io
import re
import sys
from collections.abc import Callable
from typing import Any

from exoreview.remembering import remembered
from exoreview.web.http.requests import Request

# What the gateway decides for every reply.
_CONDITIONS = {"if-none-match", "if-modified-since", "if-match", "if-unmodified-since", "if-range", "range"}

# The name of a host, or an address of IPv6, and a port.
_HOST = re.compile(
    r"([\w-]{1,63}(?:\.[\w-]{1,63}){0,126}\.?|\[[0-9A-Fa-f:.]{2,45}\])(?::([0-9]{1,5}))?", re.ASCII
)


@remembered(256)
def is_host(text: str) -> bool:
    """Whether a text may stand in a Host header."""
    return _HOST.fullmatch(text) is not None


def environ(request: Request, prefix: str) -> dict[str, Any]:
    """The environment of a request that has no body; `prefix` is the path at which the application stands."""
    host = request.header("host") or "localhost"
    # The page that says what is wrong with a host has to name one.
    host = host if is_host(host) else "localhost"
    name, port = _HOST.fullmatch(host).groups("80")
    made = {
        # The gateway keeps one reply for both, and sends no body where none is wanted.
        "REQUEST_METHOD": "GET" if request.method == "HEAD" else request.method,
        "SCRIPT_NAME": prefix,
        "PATH_INFO": _bytes(request.asked_path[len(prefix) :]),
        "QUERY_STRING": _bytes(request.query_string),
        "SERVER_NAME": name,
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": f"HTTP/{request.version}",
        "REMOTE_ADDR": request.client,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": request.scheme,
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for header in request.headers.keys() - _CONDITIONS:
        made["HTTP_" + header.upper().replace("-", "_")] = request.headers[header]
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
