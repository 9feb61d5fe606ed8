"""FAIR Signposting (signposting.org/FAIR): typed links from what there is to its neighbours.

Level 1 are the Link headers (RFC 8288), level 2 the same links of a thing and all its files in one linkset
(RFC 9264). Identifiers are our IRIs; what is to be fetched has an address on this server.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from exoreview import media
from exoreview.media import Format
from exoreview.terms import BASE, DATASET, local_path
from exoreview.web.machines import crate, heads, schemaorg
from exoreview.web.things import pages
from exoreview.web.things.describe import Library
from exoreview.web.vocabularies import vocabulary

_SCHEMA = "https://schema.org/"
# The text of the review and who and what it names are not ours to license.
_OTHERS = {
    "ScholarlyArticle",
    "PublicationIssue",
    "Periodical",
    "Quotation",
    "Person",
    "Organization",
    "Thing",
}


@dataclass(frozen=True)
class Link:
    """A typed link; a target without a scheme is a path on this server."""

    rel: str
    target: str
    type: str = ""
    profile: str = ""


class Signposts:
    """The links of every address of a release."""

    def __init__(self, library: Library, files: Mapping[str, str]):
        """`files` are the media types of the downloads by name."""
        self.library, self.files = library, files

    def links(self, path: str) -> list[Link]:
        """The links of what is answered at a path; none where there is nothing."""
        folder, _, name = path.partition("/")
        if folder == "download" and name in self.files:
            return self._file()
        stem, dot, suffix = path.rpartition(".")
        format = media.RDF_BY_SUFFIX.get(dot + suffix)
        if format and format is not media.HTML and (iri := self._thing(stem)):
            return self._document(iri)
        iri = heads.PAGES.get(path) if path in ("", "download") else self._thing(path.removesuffix(".html"))
        return list(self._landing(iri)) if iri else []

    def header(self, path: str, root: str) -> str:
        """The Link header of a path, for a server mounted at `root`."""
        return ", ".join(_header(link, root) for link in self.links(path))

    def anchors(self, path: str) -> dict[str, list[Link]]:
        """All links of a thing: those of its page, of each of its documents and, of the dataset, of each
        download; empty for what is not there."""
        iri = self._thing(path)
        if iri is None:
            return {}
        own = local_path(iri)
        addresses = [own, *(own + format.suffix for format in (media.HTML, *self._formats(iri)))]
        if iri == DATASET:
            addresses += [f"download/{name}" for name in self.files]
        return {address: self.links(address) for address in addresses}

    def _thing(self, path: str) -> str | None:
        if book := vocabulary.at(path):
            return BASE + book.path
        return BASE + path if BASE + path in self.library.things else None

    def _formats(self, iri: str) -> tuple[Format, ...]:
        return vocabulary.FORMATS if vocabulary.at(local_path(iri)) else pages.formats(self.library, iri)

    def _landing(self, iri: str) -> Iterator[Link]:
        type, path = schemaorg.type_of(self.library, iri), local_path(iri)
        yield Link("cite-as", iri)
        yield Link("type", _SCHEMA + type)
        yield Link("type", _SCHEMA + "AboutPage")
        yield from (Link("author", author) for author in self._authors(iri))
        if license := self._license(iri, type):
            yield Link("license", license)
        for other in self.library.values(iri, "schema:sameAs"):
            yield Link("related", other.value)
        for format in self._formats(iri):
            yield Link("describedby", f"/{path}{format.suffix}", format.media_type)
        if iri == DATASET:
            yield Link("describedby", f"/{crate.NAME}", media.JSONLD.media_type, crate.PROFILE)
            yield from (Link("item", f"/download/{name}", kind) for name, kind in self.files.items())
        else:
            yield Link("collection", "/dataset.html", media.HTML.media_type)
        yield from _linksets(path)

    def _document(self, iri: str) -> list[Link]:
        path = local_path(iri)
        license = self.library.text(DATASET, "dcterms:license")
        page = Link("describes", f"/{path}.html", media.HTML.media_type)
        return [page, Link("license", license), *_linksets(path)]

    def _file(self) -> list[Link]:
        dataset = local_path(DATASET)
        return [
            Link("collection", f"/{dataset}.html", media.HTML.media_type),
            Link("license", self.library.text(DATASET, "dcterms:license")),
            *_linksets(dataset),
        ]

    def _authors(self, iri: str) -> list[str]:
        held = self.library.values(iri, "exr:hasAuthorship")
        if held:
            return [author["@id"] for author in schemaorg.said(self.library, iri)["author"]]
        return [node.value for node in self.library.values(iri, "dcterms:creator")]

    def _license(self, iri: str, type: str) -> str:
        """The licence of a thing: its own or, for what is added to the review, that of the dataset."""
        own = self.library.text(iri, "dcterms:license")
        return own or ("" if type in _OTHERS else self.library.text(DATASET, "dcterms:license"))


def as_json(anchors: Mapping[str, Iterable[Link]], root: str) -> str:
    """A linkset as application/linkset+json; `root` is the address of the server, without a last slash."""
    contexts = []
    for address, links in anchors.items():
        context: dict[str, Any] = defaultdict(list)
        for link in links:
            said = {"href": _absolute(link, root), "type": link.type, "profile": link.profile}
            context[link.rel].append({name: value for name, value in said.items() if value})
        contexts.append({"anchor": f"{root}/{address}", **context})
    return json.dumps({"linkset": contexts}, ensure_ascii=False, indent=1) + "\n"


def as_text(anchors: Mapping[str, Iterable[Link]], root: str) -> str:
    """A linkset as application/linkset."""
    return ",\n".join(
        f'{_header(link, root)}; anchor="{root}/{address}"'
        for address, links in anchors.items()
        for link in links
    )


def _linksets(path: str) -> Iterator[Link]:
    yield from (Link("linkset", f"/linkset/{path}", format.media_type) for format in media.LINKSETS)


def _absolute(link: Link, root: str) -> str:
    return root + link.target if link.target.startswith("/") else link.target


def _header(link: Link, root: str) -> str:
    facts = {"rel": link.rel, "type": link.type, "profile": link.profile}
    said = (f'{name}="{value}"' for name, value in facts.items() if value)
    return "; ".join([f"<{_absolute(link, root)}>", *said])
