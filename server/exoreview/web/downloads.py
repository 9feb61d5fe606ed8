"""The files of the release and of older ones, byte by byte, and what has changed from those to this one."""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from flask import Response, render_template, request
from werkzeug.exceptions import HTTPException

from exoreview import media
from exoreview.problems import Refusal
from exoreview.release import CATALOG, CHECKSUMS, changelog, difference, dumps
from exoreview.release.archive import Archived
from exoreview.web import loading, responses
from exoreview.web.http.faults import fault
from exoreview.web.vocabularies.vocabulary import VOCABULARIES

_LOG = "text/plain; charset=utf-8"


class Downloads:
    """Answers with the files of a release, which was last changed at a date, and of its archive."""

    def __init__(self, release, dated: datetime | None):
        self.release, self.dated = release, dated
        self.older = {older.version: older for older in release.archive}
        # By the names that say their version; the others stand below it.
        self.named = {
            name: older
            for older in release.archive
            for name in older.names()
            if name not in (CATALOG, CHECKSUMS)
        }
        self._compared = lru_cache(maxsize=64)(self._compare)

    def page(self) -> Response:
        """The files with size, checksum and content; the catalog for whoever asks for RDF."""
        if elsewhere := responses.catalog():
            return elsewhere
        listed = [
            {
                "name": name,
                "title": self.release.title(name),
                "size": len(self.release.bytes(name)),
                "triples": self.release.triples(name),
                "sha256": self.release.sha256(name),
            }
            for name in self.release.names()
        ]
        page = render_template(
            "download.html",
            files=listed,
            older=[self._facts(version) for version in self.older],
            ways=loading.ways(self.release.version, request.url_root),
        )
        return responses.reply(page, media.HTML.content_type, dated=self.dated, negotiated=True)

    def file(self, name: str) -> Response:
        """A file by a name of its own."""
        if name in self.release.names():
            caching = responses.VERSIONED if self.release.version in name else responses.DOCUMENT
            return responses.reply(
                self.release.bytes(name), _content_type(name), dated=self.dated, caching=caching
            )
        if name in self.named:
            return self._archived(self.named[name], name)
        known = ", ".join(self.release.names())
        raise fault(
            404,
            f"There is no file “{name}” in release {self.release.version}; there are {known}.{self._more()}",
        )

    def below(self, version: str, name: str) -> Response:
        """A file of an older release whose name is the same in each."""
        older = self._found(version)
        if name not in (CATALOG, CHECKSUMS):
            raise fault(404, f"Below /download/{version} there are {CATALOG} and {CHECKSUMS}.")
        return self._archived(older, name)

    def changes(self, version: str) -> Response:
        """The change log from an older release to this one."""
        _, log = self._compared(self._found(version))
        return responses.reply(log, _LOG, dated=self.dated)

    def _found(self, version: str) -> Archived:
        if version not in self.older:
            raise self._no_version(version)
        return self.older[version]

    def _no_version(self, version: str) -> HTTPException:
        here = self.release.version
        return fault(404, f"There is no older release {version}; the current one is {here}.{self._more()}")

    def _more(self) -> str:
        return f" Older releases are {', '.join(self.older)}." if self.older else ""

    def _archived(self, older: Archived, name: str) -> Response:
        try:
            content = older.bytes(name)
        except Refusal:
            lost = f"The file {name} of release {older.version} is damaged on this server, so it is not sent."
            raise fault(500, lost) from None
        return responses.reply(content, _content_type(name), dated=older.dated, caching=responses.VERSIONED)

    def _facts(self, version: str) -> Mapping[str, Any]:
        """What the page says of an older release."""
        older = self.older[version]
        graphs, _ = self._compared(older)
        return {
            "version": version,
            "day": older.dated.date(),
            "files": [name for name, held in self.named.items() if held is older],
            "lists": (CATALOG, CHECKSUMS),
            "books": tuple(VOCABULARIES),
            "changes": graphs,
        }

    def _compare(self, older: Archived) -> tuple[Mapping[str, tuple[int, int]], str]:
        """How many triples each graph has gained and lost since a release, and the change log."""
        before, after = (difference.comparable(quads) for quads in (older.quads, self.release.named_quads()))
        found = difference.changes(before, after)
        return changelog.counts(found), changelog.text(found, before, after)


def _content_type(name: str) -> str:
    kind = dumps.media_type(name)
    return f"{kind}; charset=utf-8" if kind.startswith("text/") else kind
