"""Write the dataset, or one of its graphs, to standard output.

Turtle, N-Triples and RDF/XML hold the default graph: what is asserted, as one graph. N-Quads, TriG and
JSON-LD hold all named graphs but the catalog. With --graph it is that graph alone, in any of the formats.
"""

import sys

from exoreview.problems import Refusal

SUMMARY = "write the dataset or one graph to standard output"
EXAMPLE = "exoreview dump --format ttl --graph claims"
FORMATS = ("ttl", "nt", "nq", "trig", "rdf", "jsonld")


def arguments(parser):
    """The format and the graph."""
    parser.add_argument("--format", choices=FORMATS, default="ttl", help="format to write")
    parser.add_argument(
        "--graph", metavar="NAME", help="one graph alone: claims, concepts, annotations, catalog …"
    )


def run(options) -> int:
    """Write the bytes of the dump; the same as the file that `exoreview build` makes."""
    from exoreview import media
    from exoreview.knowledge import graphs
    from exoreview.release import Release, dumps

    if options.graph not in (None, *graphs.BY_NAME):
        raise Refusal(f"There is no graph “{options.graph}”; there are {', '.join(graphs.BY_NAME)}.")
    release = Release.load()
    format = media.BY_NAME[options.format]
    if options.graph is None:
        content = release.bytes(f"exoreview-{release.version}{format.suffix}")
    else:
        graph = dumps.canonical({graphs.iri(options.graph): release.graph(options.graph)})
        one = dumps.Dump([f"Graph {options.graph} of exoreview {release.version}."], *graph.values(), graph)
        content = one.bytes(format)
    sys.stdout.buffer.write(content)
    return 0
