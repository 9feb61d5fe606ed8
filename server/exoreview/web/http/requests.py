"""A request as the gateway reads it, once: what its reply depends on, and what the log says of it."""

import time
from collections.abc import Mapping
from contextlib import suppress
from ipaddress import IPv6Address, IPv6Network
from typing import NamedTuple
from urllib.parse import unquote

from exoreview import codings
from exoreview.sparql.waiting import Left
from exoreview.web.http.bodies import Body
from exoreview.web.http.cache import Key

# What a proxy says that stands in links.
_FORWARDED = ("x-forwarded-proto", "x-forwarded-host", "x-forwarded-port")


class Site(NamedTuple):
    """Where the server stands: under a path prefix, behind so many proxies that are trusted."""

    prefix: str = ""
    proxies: int = 0


class Request:
    """The head of a request, and its body if it has one."""

    def __init__(
        self,
        site: Site,
        method: str,
        target: str,
        headers: Mapping[str, str],
        client: str,
        *,
        version: str = "1.1",
        scheme: str = "http",
        body: Body | None = None,
        left: Left | None = None,
    ):
        """Headers have names in lower case, and the lines of one name are one list (RFC 9110, 5.3); `left`
        says whether the client has hung up."""
        self.started = time.perf_counter()
        self.method, self.headers, self.client, self.proxies = method, headers, client, site.proxies
        self.version, self.scheme, self.body, self.left = version, scheme, body, left
        path, _, self.query_string = target.partition("?")
        # As it was asked for, and below the prefix; None where that is not the server's.
        self.asked_path = unquote(path, errors="replace") if "%" in path else path
        self.path = _below(site.prefix, self.asked_path)
        self.accept = headers.get("accept", "")
        self.coding = codings.negotiate(headers.get("accept-encoding", ""))
        # Whether its client wants no other on this connection.
        self.last = False
        # What its reply is kept under, the text of its query, and what became of that.
        self.key: Key | None = None
        self.query: str | None = None
        self.outcome: str | None = None

    def header(self, name: str) -> str | None:
        """A header by its name in lower case."""
        return self.headers.get(name)

    def key_with(self, *more: str) -> Key:
        """What the reply to this request is kept under: everything that it depends on."""
        headers = self.headers
        forwarded = tuple(map(headers.get, _FORWARDED)) if self.proxies else ()
        # The vocabularies lead by the date to their older versions.
        named = (headers.get("host"), headers.get("accept-datetime"), *forwarded)
        return ("request", self.path, self.query_string, self.accept, self.coding, *named, *more)

    def hosts(self) -> list[str]:
        """Every host that the request names for this server."""
        # From HTTP/1.1 on every request has a host, which may be empty (RFC 9112, 3.2).
        host = self.header("host")
        is_lacking = host is None and self.version != "1.0"
        named = ["" if is_lacking else host or "localhost"]
        if self.proxies:
            forwarded = (self.header("x-forwarded-host") or "").split(",")
            named += [name.strip() for name in forwarded if name.strip()]
        return named

    @property
    def age_s(self) -> float:
        """Seconds since it came."""
        return time.perf_counter() - self.started

    @property
    def address(self) -> str:
        """The client's address: as many proxies as are trusted have each added who asked them."""
        if self.proxies:
            named = [name.strip() for name in self.headers.get("x-forwarded-for", "").split(",")]
            if len(named) >= self.proxies and named[-self.proxies]:
                return named[-self.proxies]
        return self.client

    @property
    def network(self) -> str:
        """What counts as one client: an address, or a network of 64 bits, which one has of IPv6."""
        address = self.address
        if ":" not in address:
            return address
        with suppress(ValueError):
            given = IPv6Address(address)
            return str(given.ipv4_mapped or IPv6Network((given, 64), strict=False))
        return address


def _below(prefix: str, path: str) -> str | None:
    """A path as the application knows it; None outside the prefix."""
    if not prefix:
        return path
    return (path[len(prefix) :] or "/") if path == prefix or path.startswith(prefix + "/") else None
