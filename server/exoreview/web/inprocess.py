"""One request without a server: a WSGI application in front of the gateway, for a client in this process."""

import asyncio
from collections.abc import Iterable
from http import HTTPStatus
from types import SimpleNamespace
from typing import Any

from werkzeug.datastructures import EnvironHeaders
from werkzeug.test import Client


class Front:
    """Answers WSGI requests by an RSGI application, in an event loop of its own."""

    def __init__(self, gateway):
        self.gateway = gateway
        self.runner = asyncio.Runner()

    def __call__(self, environ: dict[str, Any], start_response) -> Iterable[bytes]:
        proto = _Protocol(environ)
        self.runner.run(self.gateway(_scope(environ), proto))
        start_response(f"{proto.status} {HTTPStatus(proto.status).phrase}", proto.headers)
        return [b"" if environ["REQUEST_METHOD"] == "HEAD" else proto.body]

    def close(self) -> None:
        """End the engine and the loop."""
        self.gateway.__rsgi_del__(self.runner.get_loop())
        self.runner.close()


def client(gateway) -> Client:
    """A client of an RSGI application; its `application` is to be closed."""
    return Client(Front(gateway))


def _scope(environ: dict[str, Any]):
    return SimpleNamespace(
        method=environ["REQUEST_METHOD"],
        path=environ["PATH_INFO"].encode("latin-1").decode("utf-8", "replace"),
        query_string=environ["QUERY_STRING"],
        headers=_Headers(environ),
        scheme=environ["wsgi.url_scheme"],
        client=f"{environ.get('REMOTE_ADDR', '127.0.0.1')}:0",
        http_version="1.1",
    )


class _Headers:
    """Headers as RSGI has them, their names in lower case."""

    def __init__(self, environ: dict[str, Any]):
        self.values = {name.lower(): value for name, value in EnvironHeaders(environ)}

    def get(self, name: str, default: str | None = None) -> str | None:
        return self.values.get(name, default)

    def get_all(self, name: str) -> list[str]:
        return [self.values[name]] if name in self.values else []

    def keys(self) -> list[str]:
        return list(self.values)


class _Protocol:
    """The other half of a request: its body, and where the reply goes."""

    def __init__(self, environ: dict[str, Any]):
        length = int(environ.get("CONTENT_LENGTH") or 0)
        self.parts = [environ["wsgi.input"].read(length)] if length else []
        self.status, self.headers, self.body = 500, [], b""

    async def client_disconnect(self) -> None:
        await asyncio.get_running_loop().create_future()

    def __aiter__(self):
        return self

    async def __anext__(self) -> bytes:
        if not self.parts:
            raise StopAsyncIteration
        return self.parts.pop()

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.status, self.headers, self.body = status, [*headers, ("content-length", str(len(body)))], body

    def response_empty(self, status: int, headers: list[tuple[str, str]]) -> None:
        self.status, self.headers = status, headers

    def response_file(self, status: int, headers: list[tuple[str, str]], path: str) -> None:
        with open(path, "rb") as file:  # noqa: PTH123 (as the web server does it)
            self.status, self.headers, self.body = status, headers, file.read()
