"""The published example queries as pages offer them: complete, with their prefixes, ready to be asked."""

from dataclasses import dataclass

from exoreview.sparql import querytext
from exoreview.terms import PREFIXES
from exoreview.web.things.describe import Library

_TEXTS = ("sh:select", "sh:ask", "sh:construct", "spex:describe")


@dataclass(frozen=True)
class Example:
    """A published query: what it is called, and its whole text."""

    label: str
    text: str


def examples(library: Library) -> dict[str, Example]:
    """The example queries by IRI, in the order of their names."""
    kind = PREFIXES["sh"] + "SPARQLExecutable"
    found = {
        iri: Example(library.label(iri), _declared(library.text(iri, *_TEXTS)))
        for iri in library.subjects("rdf:type", kind)
    }
    return dict(sorted(found.items(), key=lambda item: item[1].label.lower()))


def _declared(text: str) -> str:
    """The query with a line for each prefix that it uses: the files declare theirs once for all."""
    declared = ""
    while (missing := querytext.scan(declared + text).undeclared) and missing[0] in PREFIXES:
        declared += f"PREFIX {missing[0]}: <{PREFIXES[missing[0]]}>\n"
    return f"{declared}\n{text}" if declared else text
