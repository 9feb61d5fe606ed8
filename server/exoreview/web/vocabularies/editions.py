"""The vocabulary documents in every version that is here: the release's own and those of its archive."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache

from flask import Response, redirect, request

from exoreview import media
from exoreview.media import Format
from exoreview.release.archive import Archived
from exoreview.web import responses
from exoreview.web.http.faults import fault
from exoreview.web.things.describe import Library
from exoreview.web.things.pages import Pages
from exoreview.web.vocabularies import memento, vocabulary
from exoreview.web.vocabularies.vocabulary import VOCABULARIES, Vocabulary

FORMATS = (*vocabulary.FORMATS, media.HTML)


class Version:
    """A release as far as its vocabularies go; an archived one is read when it is first asked for."""

    def __init__(self, archived: Archived):
        self.archived, self.number, self.since = archived, archived.version, archived.dated

    @cached_property
    def pages(self) -> Pages:
        """What makes its pages."""
        return Pages(Library(self.archived.graphs))


class Current:
    """The release that is served, in the same way."""

    def __init__(self, number: str, since: datetime, pages: Pages):
        self.number, self.since, self.pages = number, since, pages


@dataclass(frozen=True)
class Edition:
    """A vocabulary in a version, which its address may leave out."""

    book: Vocabulary
    number: str | None

    @property
    def path(self) -> str:
        """Its address without a format."""
        return f"{self.book.path}/{self.number}" if self.number else self.book.path


class Editions:
    """Answers with the vocabularies of a release and of its archive."""

    def __init__(self, number: str, since: datetime, pages: Pages, archive: Sequence[Archived]):
        versions = [Current(number, since, pages), *map(Version, archive)]
        self.versions = {version.number: version for version in versions}
        self.current = number
        self._made = lru_cache(maxsize=256)(self._make)

    def at(self, path: str) -> Edition | None:
        """The edition at a path without a suffix, or None."""
        name, slash, number = path.partition("/")
        if name not in VOCABULARIES or (slash and number not in self.versions):
            return None
        return Edition(VOCABULARIES[name], number or None)

    def missing(self, path: str) -> str:
        """Why there is no edition at a path below a vocabulary, or nothing for other paths."""
        name, _, number = path.partition("/")
        if name not in VOCABULARIES or not number:
            return ""
        older = [other for other in self.versions if other != self.current]
        more = f", older ones are {', '.join(older)}" if older else ""
        return f"There is no version {number} of /{name}; the current one is {self.current}{more}."

    def answer(self, edition: Edition, format: Format | None = None) -> Response:
        """The document in a format or, without one, as the request asks for it."""
        asked = request.headers.get(memento.ACCEPT)
        if asked and not edition.number and not format:
            return self._gate(edition.book, asked)
        chosen = format or responses.chosen(FORMATS, edition.book.default)
        version = self.versions[edition.number or self.current]
        query = _query() if chosen == media.HTML and edition.book.searched else ""
        # What people search for is endless, so only whole pages are kept.
        if query:
            body = self._page(edition, query)
        else:
            body = self._made(edition, media.BY_NAME[chosen.name], request.script_root)
        response = responses.reply(body, chosen.content_type, dated=version.since, negotiated=format is None)
        if edition.number:
            response.headers[memento.SENT] = memento.http_date(version.since)
        elif not format:
            response.vary.add(memento.ACCEPT)
        if edition.number or not format:
            response.headers["Link"] = self._links(edition.book)
        return response

    def timemap(self, name: str) -> Response:
        """The versions of a vocabulary with their dates."""
        if name not in VOCABULARIES:
            known = ", ".join(f"/{name}" for name in VOCABULARIES)
            raise fault(404, f"There is no TimeMap of /{name}; there are those of {known}.")
        root = request.url_root.rstrip("/")
        states = self._states(VOCABULARIES[name], root)
        body = memento.text(f"{root}/{name}", f"{root}/timemap/{name}", states)
        return responses.reply(body, memento.LINK_FORMAT, dated=states[-1].since)

    def _gate(self, book: Vocabulary, asked: str) -> Response:
        """The way to the version that was current at a time."""
        state = memento.current(self._states(book, request.script_root), memento.wanted(asked))
        response = redirect(state.address, 302)
        response.vary.add(memento.ACCEPT)
        response.headers["Link"] = self._links(book)
        response.headers["Cache-Control"] = responses.DOCUMENT
        return response

    def _states(self, book: Vocabulary, root: str) -> list[memento.State]:
        return [
            memento.State(f"{root}/{Edition(book, version.number).path}", version.since)
            for version in reversed(self.versions.values())
        ]

    def _links(self, book: Vocabulary) -> str:
        root = request.script_root
        return memento.links(f"{root}/{book.path}", f"{root}/timemap/{book.path}")

    def _make(self, edition: Edition, format: Format, _root: str) -> bytes:
        """The bytes; the place where the application is mounted is part of a page's links."""
        if format == media.HTML:
            return self._page(edition)
        return vocabulary.rdf(self.versions[edition.number or self.current].pages, edition.book, format)

    def _page(self, edition: Edition, query: str = "") -> bytes:
        version = self.versions[edition.number or self.current]
        return vocabulary.page(version.pages, edition.book, version.number, [*self.versions], query).encode()


def _query() -> str:
    """The words that are searched for among the terms."""
    query = " ".join(request.args.get("q", "").split())
    if len(query) > vocabulary.MAX_LENGTH:
        most = vocabulary.MAX_LENGTH
        raise fault(400, f"A search may have {most} characters; this one has {len(query)}.")
    return query
