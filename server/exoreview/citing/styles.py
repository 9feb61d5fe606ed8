"""The usual styles: the name of each in the repository of the CSL project, and what its manual asks for."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class Style:
    """A style of the CSL project by its name there, and what its manual asks for that the style leaves open.

    With `publisher_once` an organization that is the author is not named again as publisher.
    """

    csl: str
    title: str = ""
    locale: str | None = None
    capital_subtitle: bool = False
    publisher_once: bool = False


STYLES: Mapping[str, Style] = MappingProxyType(
    {
        # The British locale has “data set” in two words, as the manual does; nothing else differs here.
        "apa": Style("apa", "APA, 7th edition", "en-GB", capital_subtitle=True, publisher_once=True),
        "harvard": Style(
            "harvard-cite-them-right", "Harvard (Cite Them Right, 12th edition)", "en-GB", publisher_once=True
        ),
        "vancouver": Style("nlm-citation-sequence", "Vancouver (NLM, Citing Medicine)"),
        "mla": Style("modern-language-association", "MLA, 9th edition", publisher_once=True),
        "chicago": Style("chicago-notes-bibliography-17th-edition", "Chicago, 17th edition"),
        # Of the publisher's styles the one for its medical journals.
        "journal": Style(
            "taylor-and-francis-national-library-of-medicine", "The journal (Taylor & Francis, NLM)"
        ),
    }
)
