"""One request without a server: a WSGI application in front of the gateway, for a client in this process."""

import asyncio
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from werkzeug.datastructures import EnvironHeaders
from werkzeug.test import Client

from exoreview.web.http.bodies import Body
from exoreview.web.http.gateway import Gateway
from exoreview.web.http.requests import Request, Site


class Front:
    """Answers WSGI requests by a gateway, in an event loop of its own."""

    def __init__(self, gateway: Gateway):
        self.gateway = gateway
        self.runner = asyncio.Runner()

    def __call__(self, environ: dict[str, Any], start_response) -> Iterable[bytes]:
        head, body = self.runner.run(self._answered(environ))
        first, *lines = head.decode("latin-1").removesuffix("\r\n").split("\r\n")
        start_response(first.removeprefix("HTTP/1.1 "), [tuple(line.split(": ", 1)) for line in lines])
        return [body]

    async def _answered(self, environ: dict[str, Any]) -> tuple[bytes, bytes]:
        request = _request(environ, self.gateway.site)
        reply = (None if request.body else self.gateway.at_once(request)) or await self.gateway.reply(request)
        head, body = self.gateway.sent(request, reply)
        if reply.file:
            whole = request.method != "HEAD" and head is reply.head
            body = b"".join(reply.file.pieces(1 << 20)) if whole else b""
        return head, body

    def close(self) -> None:
        """End the engine and the loop."""
        self.runner.run(self.gateway.close())
        self.runner.close()


def client(gateway: Gateway) -> Client:
    """A client of a gateway; its `application` is to be closed."""
    return Client(Front(gateway))


def _request(environ: dict[str, Any], site: Site) -> Request:
    length = int(environ.get("CONTENT_LENGTH") or 0)
    query = environ["QUERY_STRING"]
    path = quote(environ["PATH_INFO"].encode("latin-1"))
    return Request(
        site,
        environ["REQUEST_METHOD"],
        f"{path}?{query}" if query else path,
        {name.lower(): value for name, value in EnvironHeaders(environ)},
        environ.get("REMOTE_ADDR", "127.0.0.1"),
        scheme=environ["wsgi.url_scheme"],
        body=Body(environ["wsgi.input"].read(length)) if length else None,
    )
