"""How a dump is loaded: the lines for each tool, over the file that suits it."""

from dataclasses import dataclass

from exoreview.terms import BASE, PREFIXES

_CLASS = PREFIXES["exr"] + "Claim"


@dataclass(frozen=True)
class Way:
    """A tool, what there is to know, and the lines; `form` says what these are."""

    tool: str
    note: str
    form: str
    text: str


def ways(version: str, root: str) -> list[Way]:
    """The ways for a release; `root` is the address of the server, ending in a slash."""
    stem = f"exoreview-{version}"
    quads, triples = f"{stem}.nq", f"{stem}.ttl"
    get = "curl -O {}download/{}\n"
    return [
        Way(
            "Get the files",
            "Turtle holds what is asserted, N-Quads all graphs. SHA256SUMS has the checksums of all files.",
            "Commands",
            f"{get.format(root, triples)}{get.format(root, quads)}{get.format(root, 'SHA256SUMS')}"
            "sha256sum --check --ignore-missing SHA256SUMS\n",
        ),
        Way(
            "rdflib",
            "Python; pip install rdflib. For all graphs, parse the N-Quads into a Dataset instead.",
            "Program",
            "from rdflib import Graph\n\n"
            f'data = Graph().parse("{triples}")\n'
            f'query = "SELECT ?claim {{ ?claim a <{_CLASS}> }}"\n'
            "print(len(data.query(query)))\n",
        ),
        Way(
            "pyoxigraph",
            "Python, and the engine of this server; pip install pyoxigraph.",
            "Program",
            "from pyoxigraph import RdfFormat, Store\n\n"
            f'store = Store()\nstore.bulk_load(path="{quads}", format=RdfFormat.N_QUADS)\n'
            f'query = "SELECT ?claim {{ GRAPH <{BASE}graph/claims> {{ ?claim a <{_CLASS}> }} }}"\n'
            "print(len(list(store.query(query))))\n",
        ),
        Way(
            "R",
            "With the package rdflib, which reads Turtle.",
            "Program",
            f'library(rdflib)\n\ndata <- rdf_parse("{triples}", format = "turtle")\n'
            f'claims <- rdf_query(data, "SELECT ?claim WHERE {{ ?claim a <{_CLASS}> }}")\nnrow(claims)\n',
        ),
        Way(
            "Protégé",
            "File, Open from URL, with the first address: the concepts with their axioms. They import the "
            "vocabulary; until the addresses at w3id.org are registered, open it first, by the second.",
            "Addresses",
            f"{root}concepts.rdf\n{root}ontology.rdf\n",
        ),
        Way(
            "Apache Jena Fuseki",
            "A persistent database of all graphs, then the server, which answers at port 3030.",
            "Commands",
            f"tdb2.tdbloader --loc exoreview {quads}\nfuseki-server --tdb2 --loc exoreview /exoreview\n",
        ),
        Way(
            "Any store with the graph store protocol",
            "Put the asserted graph in by HTTP; here Fuseki as it runs above, with --update.",
            "Commands",
            f"curl -X PUT -H 'Content-Type: text/turtle' --data-binary @{triples} "
            "'http://127.0.0.1:3030/exoreview/data?default'\n",
        ),
        Way(
            "Oxigraph",
            "Loads all graphs and serves them.",
            "Commands",
            f"oxigraph load --location exoreview --file {quads}\n"
            "oxigraph serve-read-only --location exoreview\n",
        ),
    ]
