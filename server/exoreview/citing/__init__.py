"""Citations of the review and of the dataset, for reference managers and in the usual styles."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from pyoxigraph import Triple

from exoreview.citing import exchange
from exoreview.citing.records import SOURCES, THINGS, Record, record
from exoreview.citing.styles import STYLES, Style
from exoreview.problems import Refusal

__all__ = ["SOURCES", "THINGS", "Form", "cite", "formats"]


@dataclass(frozen=True)
class Form:
    """A form of citation: its short name, title, media type as DOIs have it, and file suffix."""

    name: str
    title: str
    media_type: str
    suffix: str


_BIBTEX = "application/x-bibtex"

_EXCHANGE: Mapping[Form, Callable[[Iterable[Record]], str]] = {
    Form("bibtex", "BibTeX", _BIBTEX, ".bib"): exchange.bibtex,
    Form("bibtex-utf8", "BibTeX with accents in UTF-8", _BIBTEX, ".utf8.bib"): exchange.bibtex_utf8,
    Form("biblatex", "BibLaTeX", _BIBTEX, ".biblatex.bib"): exchange.biblatex,
    Form("ris", "RIS", "application/x-research-info-systems", ".ris"): exchange.ris,
    Form("csl", "CSL-JSON", "application/vnd.citationstyles.csl+json", ".csl.json"): exchange.csl,
}


def formats() -> tuple[Form, ...]:
    """Every form that is offered by name: those for programs, then the styles."""
    styles = (
        Form(name, style.title, f"text/x-bibliography; style={style.csl}", f".{name}.txt")
        for name, style in STYLES.items()
    )
    return (*_EXCHANGE, *styles)


def cite(
    graphs: Mapping[str, Iterable[Triple]], what: str = "review", form: str = "apa", html: bool = False
) -> str:
    """The citation of `what` (one of THINGS, or "both"), ending in a line end.

    `form` is the name of one of formats(), or of any style of the CSL project. `graphs` are those of a
    release by name; SOURCES are read. With `html` the italics of a style are marked. A form that there is not
    is refused.
    """
    records = [record(graphs, thing) for thing in (THINGS if what == "both" else (what,))]
    for exchanged, write in _EXCHANGE.items():
        if exchanged.name == form:
            return write(records)
    # Loaded when it is needed, because it is slow to load.
    from exoreview.citing import processor

    style = STYLES.get(form) or Style(form)
    try:
        return "\n".join(f"{processor.reference(each, style, html)}\n" for each in records)
    except processor.UnusableStyle:
        raise Refusal(f"The style “{form}” makes no entry of a reference list of this.") from None
    except processor.UnknownStyle:
        named = ", ".join(known.name for known in formats())
        raise Refusal(f"There is no format “{form}”; there are {named}, and all styles of CSL.") from None
