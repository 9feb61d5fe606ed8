"""The service description of the endpoint, from the tables that the server itself works by."""

from collections.abc import Mapping

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from exoreview import media
from exoreview.terms import term

_FORMATS = "http://www.w3.org/ns/formats/"


def description(
    address: str, size: int | None, graphs: Mapping[str, int], *, federates: bool = False
) -> list[Triple]:
    """What the endpoint at an address can do: its formats, and its graphs with their numbers of triples."""
    service, dataset, default = NamedNode(address), BlankNode(), BlankNode()
    described = [
        _fact(service, "rdf:type", term("sd:Service")),
        _fact(service, "sd:endpoint", service),
        _fact(service, "sd:supportedLanguage", term("sd:SPARQL11Query")),
        _fact(service, "sd:defaultDataset", dataset),
        _fact(dataset, "rdf:type", term("sd:Dataset")),
        _fact(dataset, "sd:defaultGraph", default),
        _fact(default, "rdf:type", term("sd:Graph")),
    ]
    if federates:
        described.append(_fact(service, "sd:feature", term("sd:BasicFederatedQuery")))
    if size is not None:
        described.append(_fact(default, "void:triples", _number(size)))
    for format in (*media.RESULTS, *media.RDF):
        # The engine knows a format by the address that the W3C gave it.
        name = NamedNode(_FORMATS + format.engine.iri.rpartition("/")[2])
        described.append(_fact(service, "sd:resultFormat", name))
    for iri, count in graphs.items():
        named, graph = BlankNode(), BlankNode()
        described += [
            _fact(dataset, "sd:namedGraph", named),
            _fact(named, "rdf:type", term("sd:NamedGraph")),
            _fact(named, "sd:name", NamedNode(iri)),
            _fact(named, "sd:graph", graph),
            _fact(graph, "rdf:type", term("sd:Graph")),
            _fact(graph, "void:triples", _number(count)),
        ]
    return described


def _fact(subject: NamedNode | BlankNode, predicate: str, value: NamedNode | BlankNode | Literal) -> Triple:
    return Triple(subject, term(predicate), value)


def _number(count: int) -> Literal:
    return Literal(str(count), datatype=term("xsd:integer"))
