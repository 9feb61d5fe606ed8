"""Requests that ask one plain, new query and nothing more: what can be answered on a lent connection."""

import re
from collections.abc import Mapping
from typing import Any

from exoreview.web.http import wsgi
from exoreview.web.http.parsing import Parser
from exoreview.web.http.requests import Request, Site

# So many queries are remembered. Who asks one again is better served from the web process's cache.
_REMEMBERED = 50_000
_END = b"\r\n\r\n"
# A first line that needs no second look: what it asks for is all printable, and has no fragment.
_LINE = re.compile(rb"GET (/[!\"$-~]*+) HTTP/1\.1")
# Headers of requests whose reply is more than an answer.
_CONDITIONS = ("if-none-match", "if-modified-since", "expect", "upgrade")


class Unsuitable(Exception):
    """What the web process has to answer."""


class Plain:
    """Reads the requests of one client."""

    def __init__(self, site: Site, address: str, settings: Mapping[str, Any], asked: set[int]):
        """The client has an address; what was `asked` is known of all clients together."""
        self.site, self.asked = site, asked
        self.parser = Parser(site, address, settings, left=lambda: False, go_on=lambda: None)
        # The last request, and what stood below its first line.
        self.before: tuple[Request, bytes] | None = None

    def read(self, seen: bytes) -> Request:
        """The request that has come, where it is one plain query, all of it, and new; else Unsuitable."""
        mark = hash(seen)
        if mark in self.asked or not seen.startswith(b"GET ") or seen.find(_END) != len(seen) - len(_END):
            raise Unsuitable
        if len(self.asked) >= _REMEMBERED:
            self.asked.clear()
        self.asked.add(mark)
        line, _, below = seen.partition(b"\r\n")
        # Some first lines say something of the host, or are not to be read so easily.
        usual = _LINE.fullmatch(line) if len(seen) <= self.parser.most_bytes else None
        # Most clients say the same below each first line, and reading it takes longer than all the rest.
        if usual and self.before and self.before[1] == below:
            before = self.before[0]
            request = Request(self.site, "GET", usual[1].decode("ascii"), before.headers, before.client)
        else:
            request = self._parsed(seen)
            self.before = (request, below) if usual else None
        if request.path != "/sparql":
            raise Unsuitable
        return request

    def _parsed(self, seen: bytes) -> Request:
        """One request whose headers ask for nothing more than an answer."""
        self.parser.read(seen)
        if self.parser.fault or self.parser.ended or len(self.parser.requests) != 1:
            raise Unsuitable
        request = self.parser.requests.popleft()
        is_plain = request.body is None and request.version == "1.1" and not request.last
        if not is_plain or any(name in request.headers for name in _CONDITIONS):
            raise Unsuitable
        if not all(map(wsgi.is_host, request.hosts())):
            raise Unsuitable
        return request
