"""An HTTP exchange with a SPARQL endpoint: a query, the reply as it arrives, a sentence for what fails."""

import ssl
import zlib
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from socket import gaierror
from urllib.parse import unquote, urlencode, urljoin, urlsplit

import httpcore

from exoreview.files import version
from exoreview.problems import Refusal
from exoreview.remote.clock import Clock, Network
from exoreview.sparql.outcomes import Unreachable

_BROKE_OFF = "broke off in the middle of its answer"
_PIECE_BYTES = 1 << 16
_MOST_REDIRECTS = 3
_MOVED, _NO_POST = (301, 302, 303, 307, 308), (405, 415, 501)
_BROKEN = (httpcore.NetworkError, httpcore.ProtocolError)


@dataclass(frozen=True)
class Reply:
    """The start of an endpoint's answer: its status, its headers by names in small letters, and the rest."""

    status: int
    headers: Mapping[str, str]
    pieces: Iterator[bytes]

    @property
    def framed(self) -> bool:
        """Whether the answer itself says where it ends; otherwise a lost connection looks like its end."""
        return "content-length" in self.headers or self.headers.get("transfer-encoding", "") == "chunked"

    def start(self, size: int) -> bytes:
        """At most so many bytes of the body, for a look at it."""
        held = bytearray()
        for piece in self.pieces:
            held += piece
            if len(held) >= size:
                break
        return bytes(held[:size])


class Endpoint:
    """A SPARQL endpoint's address, and the connections to it."""

    def __init__(self, url: str):
        """An address with http or https; a name and a password in it are used and not shown."""
        parts = urlsplit(url)
        try:
            usable = parts.scheme in ("http", "https") and parts.hostname.encode("idna") and parts.port != 0
        except (AttributeError, ValueError):
            usable = False
        if not usable:
            raise Refusal(
                f"“{url}” is no address of a SPARQL endpoint; it must begin with http:// or https://."
            )
        self.url = parts._replace(netloc=parts.netloc.rpartition("@")[2], fragment="").geturl()
        self.headers = {"User-Agent": f"exoreview/{version()}", "Accept-Encoding": "identity"}
        if parts.username is not None:
            login = f"{unquote(parts.username)}:{unquote(parts.password or '')}".encode()
            self.headers["Authorization"] = f"Basic {b64encode(login).decode()}"
        self.posts = True
        self.pool = httpcore.ConnectionPool(
            ssl_context=ssl.create_default_context() if parts.scheme == "https" else None,
            max_connections=None,
            keepalive_expiry=5,
            network_backend=Network(),
        )

    def close(self) -> None:
        """Close all connections."""
        self.pool.close()

    @contextmanager
    def asked(self, form: list[tuple[str, str]], accept: str, clock: Clock) -> Iterator[Reply]:
        """The reply to a query; when the block ends, so does the exchange, finished or not.

        Raises Unreachable, and what the clock raises.
        """
        response = None
        try:
            response = self._answered(urlencode(form), accept, clock)
            headers = {
                name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers
            }
            yield Reply(response.status, headers, self._pieces(response, headers))
        except httpcore.TimeoutException:
            raise clock.over() from None
        except _BROKEN as error:
            raise self.unreachable(_reason(error, begun=response is not None)) from None
        finally:
            if response:
                response.close()

    def unreachable(self, reason: str) -> Unreachable:
        """What to raise when this endpoint does not answer as one does."""
        return Unreachable(f"The endpoint {self.url} {reason}.")

    def _answered(self, form: str, accept: str, clock: Clock) -> httpcore.Response:
        """The response after redirects within the endpoint's own origin, by GET where POST is not taken."""
        url, tries = self.url, _MOST_REDIRECTS
        while True:
            response = self._sent(url, form, accept, clock)
            if response.status in _NO_POST and self.posts:
                self.posts = False
            elif response.status in _MOVED:
                url, tries = self._moved(url, response), tries - 1
                if tries < 0:
                    response.close()
                    raise self.unreachable("redirects without end")
            else:
                return response
            response.close()

    def _sent(self, url: str, form: str, accept: str, clock: Clock) -> httpcore.Response:
        headers = {**self.headers, "Accept": accept}
        content = None
        if self.posts:
            content = form.encode()
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            headers["Content-Length"] = str(len(content))
        elif "query=" not in urlsplit(url).query:
            url += ("&" if urlsplit(url).query else "?") + form
        headers["Host"] = urlsplit(url).netloc
        request = httpcore.Request(
            "POST" if self.posts else "GET",
            url,
            headers=headers,
            content=content,
            extensions={"timeout": {"connect": clock, "read": clock, "write": clock, "pool": None}},
        )
        while True:
            clock.connected = False
            try:
                return self.pool.handle_request(request)
            except (httpcore.ReadError, httpcore.WriteError, httpcore.RemoteProtocolError):
                # A connection that was kept may be closed just when it is used again; a new one is not.
                if clock.connected:
                    raise

    def _moved(self, url: str, response: httpcore.Response) -> str:
        locations = [value for name, value in response.headers if name.lower() == b"location"]
        target = urljoin(url, locations[0].decode("latin-1")) if locations else ""
        if urlsplit(target)[:2] != urlsplit(self.url)[:2]:
            response.close()
            raise self.unreachable(
                f"redirects to {target or 'nowhere'}, which is not followed; name that one"
            )
        return target.partition("#")[0]

    def _pieces(self, response: httpcore.Response, headers: Mapping[str, str]) -> Iterator[bytes]:
        coding = headers.get("content-encoding", "identity").strip().lower()
        if coding in ("gzip", "x-gzip", "deflate"):
            return self._inflated(response.iter_stream())
        if coding != "identity":
            raise self.unreachable(f"sends its answer in the coding {coding}, which was not asked for")
        return response.iter_stream()

    def _inflated(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        """What was compressed, never more of it at a time than a piece."""
        inflate = _decompressor()
        try:
            for piece in pieces:
                while piece:
                    # A file of gzip may have several members.
                    inflate = _decompressor() if inflate.eof else inflate
                    yield inflate.decompress(piece, _PIECE_BYTES)
                    piece = inflate.unconsumed_tail or inflate.unused_data
            yield inflate.flush()
        except zlib.error:
            raise self.unreachable("sends compressed bytes that cannot be read") from None
        if not inflate.eof:
            raise self.unreachable(_BROKE_OFF)


def _decompressor():
    return zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)


def _reason(error: Exception, begun: bool) -> str:
    """Why an exchange failed, as the rest of a sentence."""
    cause = error.args[0] if error.args else error
    if isinstance(cause, gaierror):
        return "has a name that is not known"
    if isinstance(cause, ssl.SSLCertVerificationError):
        return f"has a certificate that is not valid ({cause.verify_message})"
    if isinstance(cause, ssl.SSLError):
        return "does not speak TLS as it should"
    if begun:
        return _BROKE_OFF
    if isinstance(error, httpcore.RemoteProtocolError):
        return "ends the connection without an answer in HTTP"
    reason = getattr(cause, "strerror", None)
    return f"cannot be reached ({reason})" if reason else "cannot be reached"
