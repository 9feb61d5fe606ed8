"""Asks other endpoints for the queries here: those that are allowed, at public addresses, under limits.

It runs in the web process's event loop and hands bytes on; what they say is read where the query is answered,
in a process that can be killed.
"""

import asyncio
import re
import socket
import ssl
import zlib
from collections.abc import Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from functools import cached_property, partial
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpcore
from werkzeug.urls import iri_to_uri

from exoreview import files
from exoreview.federation import calls
from exoreview.federation.calls import Call, Reply

# Decompressing more at once would hold up the event loop.
_STEP_BYTES = 1 << 18
_ZLIB_OR_GZIP = 47

# IPv6 addresses that carry an IPv4 address in their last four bytes: NAT64 and “compatible”.
_EMBEDDING = (IPv6Network("64:ff9b::/96"), IPv6Network("::/96"))
# Not public either, whatever the version of Python says: protocol assignments, shared by carriers, 6to4
# relays, NAT64 of a site's own, and addresses of sites.
_RESERVED = tuple(
    map(ip_network, ("192.0.0.0/24", "100.64.0.0/10", "192.88.99.0/24", "64:ff9b:1::/48", "fec0::/10"))
)

_FOUR_NUMBERS = re.compile(rb"\d+(?:\.\d+){3}")

_RESULTS = (calls.RESULTS_JSON, calls.RESULTS_XML)


class _Failed(Exception):
    """Why an endpoint gave no answer; the rest of a sentence that starts with “it”."""


class Relay:
    """Asks the endpoints that the settings allow."""

    def __init__(self, settings: Mapping[str, Any]):
        self.allowed = {iri: _url(iri) for iri in calls.endpoints(settings["SERVICE_ALLOW"])}
        self.secure = any(url.scheme == b"https" for url in self.allowed.values())
        self.timeout, self.max_bytes = settings["SERVICE_TIMEOUT_S"], settings["SERVICE_MAX_BYTES"]
        self.private = bool(settings["SERVICE_PRIVATE"])

    async def answered(self, content: bytes) -> bytes:
        """The packed replies to packed calls."""
        asked = calls.unpack_calls(content)[: calls.MOST_CALLS]
        return calls.pack_replies(await asyncio.gather(*map(self.asked, asked)))

    async def asked(self, call: Call) -> Reply:
        """What an endpoint answers, or why it does not."""
        if call.endpoint not in self.allowed:
            return Reply("may not be asked here")
        try:
            async with asyncio.timeout(self.timeout):
                return await self._fetched(call)
        except _Failed as error:
            return Reply(str(error))
        except (TimeoutError, httpcore.TimeoutException):
            return Reply(f"took longer than {self.timeout:g} seconds")
        except httpcore.ConnectError as error:
            return Reply(f"cannot be reached ({_said(error)})")
        except (httpcore.NetworkError, httpcore.ProtocolError, OSError) as error:
            return Reply(f"broke off its answer ({_said(error)})")

    async def close(self) -> None:
        """Let go of all connections."""
        if "_pool" in vars(self):
            await self._pool.aclose()
            self._resolvers.shutdown(wait=False)

    @cached_property
    def _resolvers(self) -> Executor:
        # Threads of their own: where names take long to resolve, nobody else shall wait for a thread.
        return ThreadPoolExecutor(4, "exoreview-names")

    @cached_property
    def _pool(self) -> httpcore.AsyncConnectionPool:
        # No proxy is used: the address that is checked is the one that is asked.
        return httpcore.AsyncConnectionPool(
            # Loading all authorities takes a while.
            ssl_context=ssl.create_default_context() if self.secure else None,
            max_connections=None,
            # A connection that is used again may just be closed by the other side.
            max_keepalive_connections=0,
            network_backend=_Checked(self.private, self._resolvers),
        )

    async def _fetched(self, call: Call) -> Reply:
        headers = {
            "Accept": ", ".join(_RESULTS),
            "Accept-Encoding": "gzip",
            "Content-Type": "application/x-www-form-urlencoded",
            "User-Agent": f"exoreview/{files.version()} (SPARQL federated query)",
        }
        content = urlencode({"query": call.query}, errors="replace").encode()
        # The whole time is limited elsewhere; connecting has to know it, so as to try all addresses.
        limits = {"timeout": {"connect": self.timeout}}
        async with self._pool.stream(
            "POST", self.allowed[call.endpoint], headers=headers, content=content, extensions=limits
        ) as response:
            said = {
                name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers
            }
            media_type = _media_type(response.status, said)
            return Reply("", media_type, await self._body(response, said.get("content-encoding", "")))

    async def _body(self, response: httpcore.Response, coding: str) -> bytes:
        coding = coding.strip().lower()
        if coding not in ("", "identity", "gzip", "deflate"):
            raise _Failed(f"answered in the content coding “{coding[:40]}”, which was not asked for")
        unzip = zlib.decompressobj(_ZLIB_OR_GZIP) if coding in ("gzip", "deflate") else None
        body = bytearray()
        async for data in response.aiter_stream():
            if unzip is None:
                self._take(body, data)
                continue
            try:
                while data:
                    self._take(body, unzip.decompress(data, _STEP_BYTES))
                    data = unzip.unconsumed_tail
                    await asyncio.sleep(0)
            except zlib.error:
                raise _Failed(f"answered with broken {coding}") from None
        if unzip and not unzip.eof:
            raise _Failed(f"broke off its answer in {coding}")
        return bytes(body)

    def _take(self, body: bytearray, data: bytes) -> None:
        body += data
        if len(body) > self.max_bytes:
            raise _Failed(
                f"answers with more than {self.max_bytes:,} bytes; its pattern is asked alone, without the "
                "bindings found here, so narrow it down or put VALUES into it"
            )


def _url(iri: str) -> httpcore.URL:
    try:
        parts = urlsplit(iri_to_uri(iri))
        host, port = parts.hostname.encode("idna"), parts.port
        if _FOUR_NUMBERS.fullmatch(host):
            # Some resolvers take more for addresses, such as 0177.0.0.1.
            ip_address(host.decode())
    except (AttributeError, ValueError):
        raise calls.unusable(iri) from None
    target = parts._replace(scheme="", netloc="", path=parts.path or "/", fragment="").geturl()
    return httpcore.URL(scheme=parts.scheme.encode(), host=host, port=port, target=target.encode())


def _media_type(status: int, headers: Mapping[str, str]) -> str:
    """The media type of an answer that can be one."""
    if 300 <= status < 400:
        raise _Failed(f"redirects elsewhere (status {status}), where nothing is asked")
    if status != 200:
        raise _Failed(f"answered with status {status}")
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type not in _RESULTS:
        raise _Failed(f"answered with {media_type[:80] or 'no media type'} instead of SPARQL results")
    return media_type


class _Checked(httpcore.AsyncNetworkBackend):
    """Connects to the addresses that were checked, and to no others."""

    def __init__(self, private: bool, resolvers: Executor):
        self.private, self.resolvers, self.inner = private, resolvers, httpcore.AnyIOBackend()

    async def connect_tcp(self, host, port, timeout=None, local_address=None, socket_options=None):
        addresses = await self._resolved(host, port)
        if not self.private and not all(map(is_public, addresses)):
            # One that is private spoils all: whoever answers for the name would choose the one that is asked.
            raise _Failed("has an address that is not a public one")
        failure = None
        for address in addresses:
            try:
                return await self.inner.connect_tcp(
                    address, port, timeout / len(addresses), local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = failure or error
        raise failure

    async def sleep(self, seconds):
        await self.inner.sleep(seconds)

    async def _resolved(self, host: str, port: int) -> list[str]:
        """The addresses of a name, or of an address in whatever notation."""
        look_up = partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
        try:
            found = await asyncio.get_running_loop().run_in_executor(self.resolvers, look_up)
        except (socket.gaierror, UnicodeError):
            raise _Failed("has a name that cannot be resolved") from None
        return list(dict.fromkeys(address[0] for *_, address in found))


def is_public(text: str) -> bool:
    """Whether an IP address, and every IPv4 address that it carries, is one of the public internet."""
    address = ip_address(text)
    embedded = _embedded(address) if isinstance(address, IPv6Address) else []
    return all(map(_is_global, embedded)) if embedded else _is_global(address)


def _is_global(address: IPv4Address | IPv6Address) -> bool:
    if any(address in network for network in _RESERVED):
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved)


def _embedded(address: IPv6Address) -> list[IPv4Address]:
    found = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    if any(address in network for network in _EMBEDDING):
        found.append(IPv4Address(address.packed[-4:]))
    return [each for each in found if each is not None]


def _said(error: Exception) -> str:
    return (str(error) or type(error).__name__).splitlines()[0].rstrip(".")[:200]
