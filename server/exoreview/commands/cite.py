"""Cite the review for what it claims, and the dataset for the reading of it.

Formats for programs: bibtex, bibtex-utf8, biblatex, ris, csl. Styles: apa, harvard, vancouver, mla, chicago,
journal, or any other by its name in the repository of the CSL project, such as nature.
"""

import argparse
import sys

SUMMARY = "cite the review or the dataset, for people and programs"
EXAMPLE = "exoreview cite review --format bibtex"


def arguments(parser: argparse.ArgumentParser) -> None:
    """What is cited, and in which form."""
    parser.add_argument(
        "what", choices=("review", "dataset", "both"), nargs="?", default="both", help="what to cite"
    )
    parser.add_argument("--format", metavar="NAME", default="apa", help="format for programs, or style")
    parser.add_argument("--html", action="store_true", help="mark the italics of a style in HTML")


def run(options: argparse.Namespace) -> int:
    """Write the citation."""
    from exoreview import citing
    from exoreview.knowledge import graphs

    citation = citing.cite(graphs.load(names=citing.SOURCES), options.what, options.format, options.html)
    # Bytes, because the line ends of a format are part of it.
    sys.stdout.buffer.write(citation.encode())
    return 0
