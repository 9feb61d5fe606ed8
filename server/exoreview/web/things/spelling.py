"""What to call a term that nobody labelled here: its own name, spelt out as words. No label is made up."""

import re
from urllib.parse import unquote_plus

from exoreview.terms import BASE, curie

# Where a new word begins: after a small letter or digit, and before the last capital of an acronym.
_SEAM = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|[_-]")
_NAME = re.compile(r"[A-Za-z]{2,}[A-Za-z_-]*")
_CODE = re.compile(r"[A-Z][A-Za-z]*_[A-Z]?\d+")
# IRIs that are made of the very words that they stand for.
_AIDA = "http://purl.org/aida/"
_DCMI_TYPE = "http://purl.org/dc/dcmitype/"
_MEDIA_TYPE = "https://www.iana.org/assignments/media-types/"
_LICENCE = re.compile(r"https://creativecommons\.org/licenses/([a-z-]+)/([\d.]+)/")


def spelt(iri: str) -> str:
    """The name of a thing as words, where its IRI has one; else its short IRI: `skos:broadMatch` is “broad
    match”, `bibo:status/peerReviewed` is “peer reviewed”, `obo:ECO_0000303` is “ECO:0000303”."""
    if iri.startswith(_AIDA):
        return unquote_plus(iri.removeprefix(_AIDA))
    if iri.startswith(_MEDIA_TYPE):
        return iri.removeprefix(_MEDIA_TYPE)
    if iri.startswith(_DCMI_TYPE):
        return _SEAM.sub(" ", iri.removeprefix(_DCMI_TYPE)).lower()
    if licence := _LICENCE.fullmatch(iri):
        return f"CC {licence[1].upper()} {licence[2]}"
    short = curie(iri)
    prefix, _, local = short.partition(":")
    if short == iri:
        own = iri.startswith(BASE) and (iri.rpartition("#")[2] if "#" in iri else iri.removeprefix(BASE))
        return own or iri
    if prefix == "obo" and _CODE.fullmatch(local):
        return local.replace("_", ":", 1)
    name = re.split("[#/]", local)[-1]
    words = _SEAM.sub(" ", name).split()
    if not _NAME.fullmatch(name) or any(len(word) == 1 for word in words):
        return short
    return " ".join(word if word.isupper() else word.lower() for word in words)
