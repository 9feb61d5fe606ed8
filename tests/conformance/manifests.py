"""The W3C's manifests, read to cases: what is asked, of which data, and what must come back."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin

from rdflib import RDF, RDFS, BNode, Graph, Namespace, URIRef

MF = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
QT = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-query#")
UT = Namespace("http://www.w3.org/2009/sparql/tests/test-update#")
HT = Namespace("http://www.w3.org/2011/http#")
CNT = Namespace("http://www.w3.org/2011/content#")

EVALUATION, POSITIVE, NEGATIVE, PROTOCOL, DESCRIPTION, OTHER = (
    "evaluation",
    "positive syntax",
    "negative syntax",
    "protocol",
    "service description",
    "other",
)
KINDS = {
    MF.QueryEvaluationTest: EVALUATION,
    MF.CSVResultFormatTest: EVALUATION,
    MF.PositiveSyntaxTest: POSITIVE,
    MF.PositiveSyntaxTest11: POSITIVE,
    MF.NegativeSyntaxTest: NEGATIVE,
    MF.NegativeSyntaxTest11: NEGATIVE,
    MF.ProtocolTest: PROTOCOL,
    MF.ServiceDescriptionTest: DESCRIPTION,
}

_FROM = re.compile(r"^[^#]*?\bFROM\s+(?:NAMED\s+)?<([^>]*)>", re.IGNORECASE | re.MULTILINE)
_AS = re.compile(r"\bAS\s+[?$](\w+)", re.IGNORECASE)


@dataclass(frozen=True)
class Request:
    """One request of a protocol case, and what its answer must be."""

    method: str
    address: str
    headers: tuple[tuple[str, str], ...]
    body: bytes | None
    statuses: frozenset[str]
    boolean: bool | None = None
    format: str | None = None


@dataclass(frozen=True)
class Case:
    """One test. A dataset is a set of (name of the graph, file); the default graph has the name ""."""

    suite: str
    iri: str
    name: str
    kind: str
    dataset: frozenset[tuple[str, Path]] = frozenset()
    query: Path | None = None
    base: str = ""
    result: Path | None = None
    lax: bool = False
    requests: tuple[Request, ...] = ()

    @property
    def id(self) -> str:
        """The suite and the name that the test has in its manifest."""
        return f"{self.suite}/{self.iri.rpartition('#')[2]}"

    @property
    def computed(self) -> frozenset[str]:
        """The variables whose values the query computes: `AS ?name`."""
        return frozenset(_AS.findall(self.text()))

    def text(self) -> str:
        """The query, with its base said in it: the protocol has no place for one."""
        return f"BASE <{self.base}>\n" + self.query.read_bytes().decode("utf-8")


class Checkout:
    """A folder of tests; its files have the IRIs of their published copies."""

    ADDRESS = "https://w3c.github.io/rdf-tests/"

    def __init__(self, root: Path):
        self.root = root.resolve()

    def iri(self, path: Path) -> str:
        """The IRI of a file."""
        return self.ADDRESS + path.resolve().relative_to(self.root).as_posix()

    def path(self, iri: str) -> Path:
        """The file that an IRI names; ValueError for an IRI that is not of the checkout."""
        if not iri.startswith(self.ADDRESS):
            raise ValueError(f"{iri} is no file of the checkout")
        return self.root / iri.removeprefix(self.ADDRESS)

    def manifests(self, top: str) -> Iterator[Path]:
        """The manifests that a manifest includes, each once, in its order; itself, if it includes none."""
        path = self.root / top
        manifest = Graph().parse(path, format="turtle", publicID=self.iri(path))
        included = [iri for head in manifest.objects(None, MF.include) for iri in manifest.items(head)]
        for iri in included:
            yield from self.manifests(str(self.path(str(iri)).relative_to(self.root)))
        if not included:
            yield path

    def cases(self, manifest: Path) -> Iterator[Case]:
        """The cases of a manifest, in its order; of those that are about no query, only the names."""
        graph = Graph().parse(manifest, format="turtle", publicID=self.iri(manifest))
        suite = manifest.parent.relative_to(self.root).as_posix().removeprefix("sparql/")
        for entries in graph.objects(None, MF.entries):
            for test in graph.items(entries):
                kind = KINDS.get(graph.value(test, RDF.type), OTHER)
                yield self._case(graph, test, suite, kind)

    def _case(self, graph: Graph, test: URIRef, suite: str, kind: str) -> Case:
        action = graph.value(test, MF.action)
        facts = {"suite": suite, "iri": str(test), "name": str(graph.value(test, MF.name)), "kind": kind}
        if kind == PROTOCOL:
            requests = graph.items(graph.value(action, HT.requests))
            data = frozenset(self._named(graph, node) for node in graph.objects(test, UT.graphData))
            return Case(**facts, dataset=data, requests=tuple(_request(graph, node) for node in requests))
        if kind in (DESCRIPTION, OTHER):
            return Case(**facts)
        query = action if isinstance(action, URIRef) else graph.value(action, QT.query)
        facts |= {"query": self.path(str(query)), "base": str(query)}
        if kind != EVALUATION:
            return Case(**facts)
        return Case(
            **facts,
            dataset=self._dataset(graph, action, str(query)),
            result=self.path(str(graph.value(test, MF.result))),
            lax=graph.value(test, MF.resultCardinality) == MF.LaxCardinality,
        )

    def _dataset(self, graph: Graph, action: BNode, query: str) -> frozenset[tuple[str, Path]]:
        """The data of an action, and the files that the query itself names in FROM."""
        named = {self._named(graph, node) for node in graph.objects(action, QT.graphData)}
        default = {("", self.path(str(iri))) for iri in graph.objects(action, QT.data)}
        text = self.path(query).read_bytes().decode("utf-8", "replace")
        for iri in (urljoin(query, relative) for relative in _FROM.findall(text)):
            if iri.startswith(self.ADDRESS) and self.path(iri).exists():
                named.add((iri, self.path(iri)))
        return frozenset(named | default)

    def _named(self, graph: Graph, node: URIRef | BNode) -> tuple[str, Path]:
        """A named graph: a file under its own IRI, or under the one that stands as its label."""
        if isinstance(node, URIRef):
            return str(node), self.path(str(node))
        return str(graph.value(node, RDFS.label)), self.path(str(graph.value(node, UT.graph)))


def _request(graph: Graph, node: BNode) -> Request:
    headers = graph.items(graph.value(node, HT.headers)) if graph.value(node, HT.headers) else ()
    body, answer = graph.value(node, HT.body), graph.value(node, HT.resp)
    boolean, format = graph.value(answer, MF.expectedBoolean), graph.value(answer, MF.expectedFormat)
    encoding = body and str(graph.value(body, CNT.characterEncoding))
    return Request(
        method=str(graph.value(node, HT.methodName)),
        address=str(graph.value(node, HT.absolutePath)),
        headers=tuple(
            (str(graph.value(header, HT.fieldName)), str(graph.value(header, HT.fieldValue)))
            for header in headers
        ),
        body=body and str(graph.value(body, CNT.chars)).encode(encoding),
        statuses=frozenset(
            str(iri).removeprefix("http://www.w3.org/2011/http-statusCodes#StatusCode")
            for iri in graph.objects(answer, MF.expectedStatus)
        ),
        boolean=None if boolean is None else boolean.toPython(),
        format=None if format is None else str(format),
    )
