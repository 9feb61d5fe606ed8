"""The gateway: what every request passes. It answers queries itself and lets the application make the pages.

What Flask does, it does in threads and without waiting for anybody: bodies have been read and queries
answered before. Whatever is sent gets its validators, its coding, its headers, its line of log and its count
here, and nowhere else.
"""

import asyncio
import json
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from werkzeug.exceptions import HTTPException, InternalServerError, NotAcceptable

from exoreview import media
from exoreview.sparql import querytext
from exoreview.sparql.answers import Answer
from exoreview.sparql.outcomes import Gone, NoRoom, QueryError, Stopped
from exoreview.sparql.waiting import WATCH_AFTER_S
from exoreview.web.http import metrics, protocol, replies, wsgi
from exoreview.web.http.cache import Cache
from exoreview.web.http.faults import fault, of_query
from exoreview.web.http.journal import Journal
from exoreview.web.http.lending import Lending
from exoreview.web.http.receiving import Receiving
from exoreview.web.http.replies import Reply
from exoreview.web.http.requests import Request, Site
from exoreview.web.query.results import Shown

# The status that a log shows for a client who has not waited; it is not sent.
GONE = 499

# A graph that is nowhere.
_NOWHERE = "urn:exoreview:nothing"

_MISTAKE = "This is a mistake in the server; it was written to its log."


class Gateway:
    """Answers requests, by an engine and a WSGI application."""

    def __init__(
        self,
        application: Callable,
        engine,
        settings: Mapping[str, Any],
        *,
        health: Mapping[str, Any],
        dated: str | None = None,
        constant: bool = True,
        published=None,
    ):
        """`health` is said at /health, `dated` is the Last-Modified of answers, only what is `constant` is
        kept; queries that are `published` are asked by their names too."""
        self.application, self.engine, self.settings = application, engine, settings
        self.site = Site(settings["PATH_PREFIX"].rstrip("/"), settings["TRUST_PROXY"])
        self.published = published
        self.health, self.dated, self.constant = health, dated, constant
        self.cache = Cache(settings)
        self.metrics = metrics.Metrics(engine, self.cache, settings["WORKERS"])
        self.journal = Journal(settings)
        self.threads = ThreadPoolExecutor(settings["WEB_THREADS"], "page")
        # What lends connections, if anything does.
        self.lending: Lending | None = None
        self.receiving = Receiving(settings)
        # Pages that are being made or wait for it.
        self.making = 0

    def lend_by(self, lending: Lending) -> None:
        """Have connections lent from now on."""
        self.lending = self.metrics.lending = lending
        lending.dated, lending.told = self.dated, self._told

    def call_back(self) -> None:
        """Have no connection lent any more."""
        if self.lending:
            self.lending.call_back()

    def _told(self, seconds: float, line: str) -> None:
        """Count and write to the log what was answered on a connection that is lent."""
        self.metrics.count("GET", 200)
        self.metrics.queries["answered"] += 1
        self.metrics.seconds.observe(seconds)
        if line:
            self.journal.add(line)

    def at_once(self, request: Request) -> Reply | None:
        """The reply to a request without a body, if it was kept."""
        if request.method not in ("GET", "HEAD"):
            return None
        request.key = request.key_with()
        reply = self.cache.get(request.key)
        if reply:
            request.outcome = "cached"
        return reply

    async def reply(self, request: Request) -> Reply:
        """The reply to any other request, or the page that says why there is none."""
        try:
            return (await self._reply(request)).ready()
        except HTTPException as error:
            return await self.refusal(request, error)
        except Exception:
            traceback.print_exc(file=sys.stderr)
            return await self.refusal(request, InternalServerError(_MISTAKE))

    async def refusal(self, request: Request, error: HTTPException) -> Reply:
        """The page that says why a request has no answer."""
        try:
            return await self._page(request, {"exoreview.fault": error})
        except Exception:
            traceback.print_exc(file=sys.stderr)
            return replies.of_text(500, _MISTAKE)

    def sent(self, request: Request, reply: Reply) -> tuple[bytes, bytes]:
        """Head and body as they are sent, counted and written to the log; a body in a file is not in them."""
        status, head, body, length = reply.status, reply.head, reply.body, reply.length
        if self._has(request, reply):
            status, head, body, length = 304, reply.unchanged, b"", 0
        elif request.method == "HEAD":
            body = b""
        self.metrics.count(request.method, status)
        if request.outcome:
            self.metrics.queries[request.outcome] += 1
        if self.journal.is_kept:
            self.journal.add(self.journal.text(request, status, length))
        return head, body

    async def close(self) -> None:
        """The end of the web process."""
        if self.lending:
            self.lending.close()
        await self.engine.close()
        self.journal.close()
        self.threads.shutdown(wait=False, cancel_futures=True)

    async def _reply(self, request: Request) -> Reply:
        if request.path is None:
            raise fault(404, f"There is nothing outside {self.site.prefix}/.")
        if request.path.startswith("//"):
            # The application would take it for one slash.
            raise fault(404, f"There is nothing at {request.path}.")
        if request.path in ("/health", "/metrics"):
            return self._watched(request)
        if request.path == "/sparql" and request.method == "POST":
            return await self._posted(request)
        if request.method not in ("GET", "HEAD"):
            return await self._page(request)
        request.key = request.key or request.key_with()
        if not all(map(wsgi.is_host, request.hosts())):
            raise fault(400, "The Host header names no host.")
        if request.path == "/sparql" and request.query_string:
            return await self._asked(request, protocol.parameters(request.query_string))
        if self.published and (pairs := self.published.asked(request)):
            return await self._asked(request, pairs)
        reply = await self._page(request)
        if self.constant:
            self.cache.keep(request.key, reply)
        return reply

    def _watched(self, request: Request) -> Reply:
        """What is asked by those who watch over the server, whatever else it is doing."""
        allowed = {"Allow": "GET, HEAD, OPTIONS"}
        if request.method == "OPTIONS":
            return Reply(204, list(allowed.items()))
        if request.method not in ("GET", "HEAD"):
            raise fault(405, f"{request.path} is only read.", headers=allowed)
        if request.path == "/health":
            queries = {"running": self.engine.busy, "waiting": self.engine.queued}
            said = json.dumps({**self.health, "queries": queries}, ensure_ascii=False, indent=2) + "\n"
            kind, body = "application/json", said.encode()
        else:
            kind, body = metrics.CONTENT_TYPE, self.metrics.text()
        return Reply(200, [("content-type", kind), ("cache-control", "no-store")], body, length=len(body))

    async def _posted(self, request: Request) -> Reply:
        kind = protocol.body_kind(request.header("content-type") or "")
        protocol.require_plain(request.header("content-encoding"))
        body = await self.receiving.whole(request)
        request.key = request.key_with(kind, body.decode("latin-1"))
        if reply := self.cache.get(request.key):
            request.outcome = "cached"
            return reply
        return await self._asked(request, protocol.parameters(request.query_string, kind, body))

    async def _asked(self, request: Request, pairs: protocol.Pairs) -> Reply:
        """The answer to a query; the same query may have come in another way, under another key, before."""
        if not protocol.is_query(pairs) and request.method != "POST":
            return await self._page(request)
        try:
            asked = protocol.asked(pairs, request.method, request.accept, request.coding, self.settings)
        except NotAcceptable:
            if await self._checked(request, pairs) is None:
                return Reply(GONE, [])
            # What was answered is not sent.
            request.outcome = None
            raise
        request.query = asked.question.text
        key_of_query = asked.key()
        if reply := self.cache.get(key_of_query):
            request.outcome = "cached"
            if reply.file is None:
                self.cache.keep(request.key, reply)
            return reply
        answer = await self._answer(request, asked)
        if answer is None:
            return Reply(GONE, [])
        is_lasting = not querytext.volatile(asked.question.text)
        kept = self.constant and is_lasting
        if asked.format is media.HTML:
            try:
                page = await self._page(request, {"exoreview.shown": Shown(asked.question, answer)})
            finally:
                # The application's own references go in circles, and would hold a file for long.
                if answer.file:
                    answer.file.close()
            if kept:
                self.cache.keep(request.key, page)
            return page
        reply = replies.of_answer(answer, asked.format, self.dated if is_lasting else None, kept=kept)
        self.cache.keep(key_of_query, reply)
        return reply

    async def _checked(self, request: Request, pairs: protocol.Pairs) -> Answer | None:
        """The fault of a query that has one, before anything is said of formats: of a query that cannot be
        read, nobody knows what it should give. As the answer is not wanted, it is asked of an empty graph."""
        asked = protocol.asked(pairs, request.method, None, None, self.settings)
        # Not of an engine elsewhere: nobody knows what that makes of a graph that it does not have.
        if self.constant:
            empty = asked.question._replace(default_graphs=(_NOWHERE,), named_graphs=())
            asked = asked._replace(question=empty)
        return await self._answer(request, asked)

    async def _answer(self, request: Request, asked: protocol.Asked) -> Answer | None:
        """The answer of the engine, None when nobody waits for it any more, or the fault of the query."""
        started = time.perf_counter()
        try:
            answer = await self._evaluated(request, asked)
            request.outcome = "answered"
            return answer
        except Gone:
            request.outcome = "gone"
            return None
        except (QueryError, Stopped) as error:
            request.outcome = type(error).__name__.lower()
            raise of_query(error, asked.question.text) from None
        finally:
            self.metrics.seconds.observe(time.perf_counter() - started)

    async def _evaluated(self, request: Request, asked: protocol.Asked) -> Answer:
        question, left, client = asked.question, request.left, request.network
        try:
            return await self.engine.ask(question, left, client)
        except NoRoom:
            if not self.cache.drop_files():
                raise
        # What was kept had taken the room.
        return await self.engine.ask(question, left, client)

    async def _page(self, request: Request, more: Mapping[str, Any] | None = None) -> Reply:
        """What the application makes of a request; `more` goes along in its environment."""
        environ = wsgi.environ(request, self.site.prefix if request.path is not None else "") | (more or {})
        if self.making >= self.settings["WEB_THREADS"] + self.settings["WEB_QUEUE_MAX"]:
            busy = "Too many pages are being made; try again in a moment."
            return replies.of_text(503, busy, {"retry-after": "1"})
        self.making += 1
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self.threads, self._made, environ, request)
        finally:
            self.making -= 1

    def _made(self, environ: dict[str, Any], request: Request) -> Reply:
        if request.left and request.age_s > WATCH_AFTER_S and request.left():
            return Reply(GONE, [])
        made = wsgi.call(self.application, environ)
        return replies.of_page(*made, request.coding, constant=self.constant)

    def _has(self, request: Request, reply: Reply) -> bool:
        """Whether the client has this reply already."""
        if request.method not in ("GET", "HEAD"):
            return False
        tags, date = request.header("if-none-match"), request.header("if-modified-since")
        return bool(tags or date) and replies.is_unchanged(reply, tags, date)
