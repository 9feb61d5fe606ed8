"""The cases about the service description: it is RDF, names its endpoint, and keeps to the vocabulary."""

from pyoxigraph import Literal, NamedNode, parse

from conformance.asking import send
from conformance.manifests import Case
from conformance.results import RDF_FORMATS

SD = "http://www.w3.org/ns/sparql-service-description#"
_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"

CLASSES = {"Service", "Dataset", "Graph", "NamedGraph", "GraphCollection", "Function", "Aggregate"}
# Each property with the values that the specification names, or None where any resource may stand.
PROPERTIES = {
    "endpoint": None,
    "supportedLanguage": {"SPARQL10Query", "SPARQL11Query", "SPARQL11Update"},
    "feature": {
        "DereferencesURIs",
        "UnionDefaultGraph",
        "RequiresDataset",
        "EmptyGraphs",
        "BasicFederatedQuery",
    },
    "resultFormat": None,
    "inputFormat": None,
    "languageExtension": None,
    "propertyFeature": None,
    "extensionFunction": None,
    "extensionAggregate": None,
    "defaultEntailmentRegime": None,
    "entailmentRegime": None,
    "defaultSupportedEntailmentProfile": None,
    "supportedEntailmentProfile": None,
    "defaultDataset": None,
    "availableGraphs": None,
    "defaultGraph": None,
    "namedGraph": None,
    "name": None,
    "graph": None,
}
OF_A_SERVICE = ("endpoint", "supportedLanguage", "defaultDataset", "availableGraphs")


def wrong(case: Case, address: str) -> str | None:
    """What is wrong with the description, of what a case looks at, or None."""
    endpoint = f"{address}/sparql"
    reply = send(address, "GET", "/sparql")
    format = RDF_FORMATS.get(reply.media_type.partition("/")[2])
    if reply.status != 200 or format is None:
        return f"GET without a query gives no RDF: {reply}"
    try:
        triples = {
            (quad.subject, quad.predicate.value, quad.object)
            for quad in parse(reply.body, format=format, base_iri=endpoint)
        }
    except SyntaxError as error:
        return f"the description cannot be read: {error}"
    match case.iri.rpartition("#")[2]:
        case "returns-rdf":
            return None if triples else "the description is empty"
        case "has-endpoint-triple":
            named = {value for _, predicate, value in triples if predicate == f"{SD}endpoint"}
            return None if named == {NamedNode(endpoint)} else f"sd:endpoint is {named}, not {endpoint}"
        case "conforms-to-schema":
            return _outside(triples)
    return "this case is not known here"


def _outside(triples: set[tuple]) -> str | None:
    """The first thing that the vocabulary of service descriptions does not have, or None."""
    kinds = {(subject, value.value) for subject, predicate, value in triples if predicate == _TYPE}
    if not any(kind == f"{SD}Service" for _, kind in kinds):
        return "nothing is an sd:Service"
    for _, kind in kinds:
        if kind.startswith(SD) and kind.removeprefix(SD) not in CLASSES:
            return f"{kind} is no class of the vocabulary"
    for subject, predicate, value in triples:
        if not predicate.startswith(SD):
            continue
        name = predicate.removeprefix(SD)
        if name not in PROPERTIES:
            return f"{predicate} is no property of the vocabulary"
        if isinstance(value, Literal):
            return f"{predicate} has the literal {value}"
        if PROPERTIES[name] and value.value.removeprefix(SD) not in PROPERTIES[name]:
            return f"{predicate} has the value {value}, which the specification does not name"
        if (
            name in ("endpoint", "supportedLanguage", "defaultDataset")
            and (subject, f"{SD}Service") not in kinds
        ):
            return f"{predicate} is said of something else than an sd:Service"
    return None
