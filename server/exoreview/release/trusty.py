"""Trusty IRIs of the module RA: an address that ends in the hash of the RDF that stands there.

Whoever holds the quads can tell from the address alone whether a word of them was changed. The algorithm is
that of the trusty URI specification, version 1, http://trustyuri.net/spec/
"""

import hashlib
import re
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterable

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, Triple

# The artifact code: the module's name, then 43 characters for the 256 bits of the hash.
_CODE = re.compile(r"(?<![A-Za-z0-9_-])RA[A-Za-z0-9_-]{43}\Z")
_IN_CODE = re.compile(r"[A-Za-z0-9_-]")

# What stands for the artifact code while it is computed; no IRI can hold a blank.
_GAP = " "


def draft_text(quads: Iterable[Quad], base: str) -> str:
    """The text that is hashed, of quads that are to be published at `base` and the code of this text.

    In the quads `base` stands for the whole, and `base` with a suffix for its parts. A suffix begins with a
    character that no code holds, so that addresses of others in the same namespace are not taken for parts.
    """
    _refuse_open_end(base)
    return _text(quads, lambda iri: _filled(iri, base, _GAP))


def published_text(quads: Iterable[Quad], iri: str) -> str:
    """The text that is hashed, of quads that are published at a trusty IRI; ValueError if it is none."""
    found = _CODE.search(iri)
    if not found:
        raise ValueError(f"{iri!r} ends in no artifact code.")
    return _text(quads, lambda other: other.replace(found[0], _GAP))


def artifact_code(quads: Iterable[Quad], base: str) -> str:
    """The artifact code of quads that are to be published at `base` and the code (see `draft_text`)."""
    return _code(draft_text(quads, base))


def make(quads: Iterable[Quad], base: str) -> list[Quad]:
    """The quads with the artifact code after `base`, in the whole's own address and in those of its parts."""
    quads = list(quads)
    code = artifact_code(quads, base)

    def named(node):
        return NamedNode(_filled(node.value, base, code)) if isinstance(node, NamedNode) else node

    return [Quad(*(named(node) for node in quad)) for quad in quads]


def is_trusty(iri: str) -> bool:
    """Whether an IRI ends in an artifact code."""
    return bool(_CODE.search(iri))


def verify(quads: Iterable[Quad], iri: str) -> bool:
    """Whether these quads, all of them and no others, are what the trusty IRI names."""
    try:
        return iri.endswith(_code(published_text(quads, iri)))
    except ValueError:
        return False


def is_part(iri: str, base: str) -> bool:
    """Whether an IRI is `base` or, in quads without an artifact code, that of a part."""
    return iri.startswith(base) and not _IN_CODE.match(iri.removeprefix(base))


def _refuse_open_end(base: str) -> None:
    if not base or _IN_CODE.match(base[-1]):
        raise ValueError(f"{base!r} must end in a character that no artifact code holds.")


def _filled(iri: str, base: str, filling: str) -> str:
    """An IRI with the filling after `base`, if it is `base` or that of a part."""
    return base + filling + iri.removeprefix(base) if is_part(iri, base) else iri


def _text(quads: Iterable[Quad], blanked: Callable[[str], str]) -> str:
    """What is hashed: each quad once, in order, with the code blanked in IRIs that have it already."""
    return "".join(map(_line, sorted({_key(quad, blanked) for quad in quads})))


def _code(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return "RA" + urlsafe_b64encode(digest).decode().rstrip("=")


def _key(quad: Quad, blanked: Callable[[str], str]) -> tuple:
    """A quad by the order of the specification, which sorts by Unicode characters as Python does."""
    graph = "" if isinstance(quad.graph_name, DefaultGraph) else _iri(quad.graph_name, blanked)
    subject, predicate = _iri(quad.subject, blanked), _iri(quad.predicate, blanked)
    if not isinstance(quad.object, Literal):
        return (graph, subject, predicate, False, _iri(quad.object, blanked))
    # The engine keeps languages in lower case, which is the canonical form.
    language = quad.object.language or ""
    # By the specification a text with a language stands before one with a datatype.
    datatype = "" if language else quad.object.datatype.value
    return (graph, subject, predicate, True, quad.object.value, datatype, language)


def _iri(node: NamedNode | BlankNode | Triple, blanked: Callable[[str], str]) -> str:
    if not isinstance(node, NamedNode):
        raise ValueError(f"Only IRIs and literals can be hashed, not {node}.")
    return blanked(node.value)


def _line(key: tuple) -> str:
    """A quad as it enters the hash: four lines."""
    *nodes, is_literal, value = key[:5]
    if is_literal:
        datatype, language = key[5:]
        escaped = value.replace("\\", "\\\\").replace("\n", "\\n")
        value = f"@{language} {escaped}" if language else f"^{datatype} {escaped}"
    return "\n".join((*nodes, value, ""))
