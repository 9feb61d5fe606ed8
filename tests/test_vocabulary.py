"""The pages of the vocabulary, of the concepts and of the shapes say everything that the files say."""

import html
import re
from html.parser import HTMLParser

import pytest
from pyoxigraph import Literal, NamedNode, Triple

import served
from exoreview import files
from exoreview.terms import BASE, PREFIXES, curie, term
from exoreview.web.things.describe import Library
from exoreview.web.things.pages import Pages
from exoreview.web.vocabularies import vocabulary
from exoreview.web.vocabularies.rules import Rules
from served import BROWSER, release

BOOKS = {"ontology": "ontology#", "concepts": "concept/", "shapes": "shapes#"}
SHOWN = {
    "domain": "rdfs:domain",
    "range": "rdfs:range",
    "subclass of": "rdfs:subClassOf",
    "subproperty of": "rdfs:subPropertyOf",
    "inverse of": "owl:inverseOf",
}


class Text(HTMLParser):
    """The text of a page, and the addresses of its links."""

    def __init__(self, page):
        super().__init__()
        self.words, self.links = [], []
        self.feed(page)

    def handle_data(self, data):
        self.words.append(data)

    def handle_starttag(self, tag, attributes):
        if tag == "a":
            self.links.append(dict(attributes).get("href"))

    @property
    def text(self):
        return " ".join(" ".join(self.words).split())


@pytest.fixture(scope="module")
def client():
    return served.client()


@pytest.fixture(scope="module")
def library():
    return Library(release().graphs, release().nanopublications)


@pytest.fixture(scope="module")
def pages(client):
    """The pages by the name of their vocabulary."""
    return {book: client.get(f"/{book}", headers={"Accept": BROWSER}).text for book in BOOKS}


def entries(page):
    """The parts of a page from one anchor of a term to the next."""
    starts = [
        (found[1], found.start()) for found in re.finditer(r'<section class="term[^>]*id="([^"]+)"', page)
    ]
    ends = [start for _, start in starts[1:]] + [len(page)]
    return {html.unescape(name): page[start:end] for (name, start), end in zip(starts, ends, strict=True)}


def row(entry, heading):
    """The value of a fact of an entry."""
    found = re.search(rf"<dt>(?:<a[^>]*>)?{heading}(?:</a>)?</dt>\s*<dd>(.*?)</dd></div>", entry, re.DOTALL)
    return found[1] if found else ""


def named(graph, namespace):
    subjects = {triple.subject for triple in release().graphs[graph] if isinstance(triple.subject, NamedNode)}
    return sorted(node.value for node in subjects if node.value.startswith(BASE + namespace))


def values(library, iri, name):
    return [node for node in library.values(iri, name) if isinstance(node, NamedNode)]


@pytest.mark.parametrize("book", ["ontology", "concepts"])
def test_every_term_stands_at_its_anchor_with_its_definition(pages, library, book):
    found = entries(pages[book])
    for iri in named(book, BOOKS[book]):
        entry = Text(found[iri.removeprefix(BASE + BOOKS[book])]).text
        assert " ".join(library.text(iri, "skos:definition").split()) in entry
        assert library.label(iri) in entry
        assert curie(iri) in entry
        assert all(" ".join(note.value.split()) in entry for note in library.values(iri, "skos:scopeNote"))


@pytest.mark.parametrize("heading", SHOWN)
@pytest.mark.parametrize("book", ["ontology", "concepts"])
def test_every_axiom_between_terms_is_told(pages, library, book, heading):
    found = entries(pages[book])
    for iri in named(book, BOOKS[book]):
        told = row(found[iri.removeprefix(BASE + BOOKS[book])], heading)
        for node in values(library, iri, SHOWN[heading]):
            assert f">{html.escape(library.label(node.value))}</a>" in told, (iri, heading)


def test_an_axiom_is_told_from_the_other_side_too(pages):
    found = entries(pages["ontology"])
    assert "hedged claim" in row(found["Claim"], "superclass of")
    assert "has subject" in row(found["Claim"], "domain of")
    assert "has subject" in row(found["isSubjectOf"], "inverse of")
    assert "asserted" in row(found["AssertionMode"], "members")
    assert "authorship" in row(found["Claim"], "disjoint with") + row(found["Statement"], "disjoint with")


READABLE = {
    "restriction": (
        "ontology",
        "AssertedClaim",
        "equivalent to",
        "claim and (has assertion mode value asserted)",
    ),
    "union": ("ontology", "start", "domain", "passage or sentence"),
    "chain": ("ontology", "concerns", "follows from the chain", "concerns o has broader"),
    "enumeration": (
        *("ontology", "AssertionMode", "equivalent to"),
        "{ asserted , presupposed , reported consensus , exemplified }",
    ),
    "disjoint union": ("ontology", "Passage", "disjoint union of", "quote , connective"),
    "characteristics": ("ontology", "explains", "characteristics", "irreflexive property"),
    "defined concept": (
        *("concepts", "TumourDerivedExosome", "equivalent to"),
        "exosome and ( produced by some tumour cell )",
    ),
}


@pytest.mark.parametrize(("book", "name", "heading", "axiom"), READABLE.values(), ids=READABLE)
def test_an_axiom_is_readable(pages, book, name, heading, axiom):
    told = Text(row(entries(pages[book])[name], heading)).text
    assert axiom.replace(" ", "") in told.replace(" ", "")


USES = {
    "class": ("Claim", "54 times in the data"),
    "inferred class": ("AssertedClaim", "31 times inferred"),
    "object property": ("hasQuote", "57 times in the data"),
    "data property": ("rank", "not in this data"),
}


@pytest.mark.parametrize(("name", "sentence"), USES.values(), ids=USES)
def test_a_term_says_how_often_it_is_used(pages, name, sentence):
    assert sentence in Text(row(entries(pages["ontology"])[name], "used")).text


def test_the_example_of_a_term_is_in_the_data(pages, library):
    """Each as Turtle that says what some graph says."""
    said = {
        (curie(triple.subject.value), curie(triple.predicate.value).replace("rdf:type", "a"))
        for triples in release().graphs.values()
        for triple in triples
        if isinstance(triple.subject, NamedNode)
    }
    found = entries(pages["ontology"])
    examples = {name: row(entry, "example") for name, entry in found.items()}
    assert len([name for name, example in examples.items() if example]) > 60
    for example in filter(None, examples.values()):
        subject, predicate, _ = html.unescape(re.search("<code>(.*?)</code>", example)[1]).split(" ", 2)
        assert (subject.strip("<>"), predicate) in said


_SAID = ("sh:message", "sh:target")


@pytest.mark.parametrize("name", ["hasSubject", "verbatimPredicate", "Quote", "presupposed", "concerns"])
def test_a_term_names_the_rules_that_speak_of_it(pages, name):
    """As the text of the shapes has it: whatever names the term in its path, its values or its query."""
    short = re.compile(rf"exr:{name}(?![\w-])")
    speaking = set()
    for path in files.named("shapes", "*.ttl"):
        for block in path.read_text("utf-8").split("\n\n"):
            head = re.match(r"(exs:\w+)\n    a sh:(PropertyShape|SPARQLConstraint|NodeShape)", block)
            parts = [part for part in re.split(r";\n    (?=sh:|rdfs:)", block) if not part.startswith(_SAID)]
            if head and "sh:message" in block and any(short.search(part) for part in parts):
                speaking.add(head[1])
    told = Text(row(entries(pages["ontology"])[name], "checked")).links
    assert {f"exs:{link.partition('#')[2]}" for link in told} >= speaking


def test_the_head_of_the_ontology(pages):
    head = pages["ontology"].partition('<div class="book">')[0]
    text = Text(head).text
    for fact in (
        *(f"{BASE}ontology", "1.0.0", "CC BY 4.0", "The exoreview developers", "Published 2026-11-23"),
        *(f"{BASE}ontology#", "Imports nothing", f"@prefix exr: <{BASE}ontology#> ."),
        "Is a claim asserted, presupposed, reported as a consensus, or given as an example?",
    ):
        assert fact in re.sub(r"(@prefix \w+:) +", r"\1 ", text), fact
    assert {f"/ontology.{suffix}" for suffix in ("ttl", "rdf", "jsonld", "nt")} <= set(Text(head).links)
    assert f"{BASE}ontology" not in Text(head).links
    assert "/ontology" in Text(pages["concepts"].partition('id="tree"')[0]).links


def test_the_contents_have_every_term_below_what_is_broader(pages):
    contents = re.search('<nav class="contents".*?</nav>', pages["ontology"], re.DOTALL)[0]
    linked = {link.removeprefix("#") for link in Text(contents).links}
    assert {iri.rpartition("#")[2] for iri in named("ontology", "ontology#")} <= linked
    claim = contents[contents.index('href="#Claim"') : contents.index('href="#ScopeStatement"')]
    assert 'href="#HedgedClaim"' in claim
    assert re.search('href="#concerns">.*?<ul>.*?href="#hasSubject"', contents, re.DOTALL)


def test_terms_of_others_are_listed_by_kind_with_their_labels(pages, library):
    others = pages["ontology"].partition('id="others"')[2]
    text = Text(others).text
    assert "Annotation properties" in text
    for name in ("sp:UniversalContext", "bibo:status", "obo:ECO_0007320"):
        assert f"{library.label(term(name).value)} {name}" in text


def test_a_deprecated_term_is_marked():
    """A term that is given up says so and says what replaces it."""
    graphs = {name: list(triples) for name, triples in release().graphs.items()}
    old, new = term("exr:rank"), term("exr:position")
    graphs["ontology"] += [
        Triple(old, term("owl:deprecated"), Literal(True)),
        Triple(old, term("dcterms:isReplacedBy"), new),
    ]
    with served.application().test_request_context("/ontology"):
        pages = Pages(Library(graphs))
        page = vocabulary.page(pages, vocabulary.VOCABULARIES["ontology"], "1.0.0", ["1.0.0"])
    found = entries(page)
    assert "deprecated" in Text(found["rank"]).text
    assert 'href="/ontology#position"' in row(found["rank"], "Is Replaced By")
    assert "deprecated" not in Text(found["position"]).text


# --- Shapes -------------------------------------------------------------------------------------------------


def test_every_shape_is_told_once_with_its_sentence(pages, library):
    anchors = re.findall(r'<section class="term" id="([^"]+)"', pages["shapes"])
    assert sorted(anchors) == sorted(iri.rpartition("#")[2] for iri in named("shapes", "shapes#"))
    found = entries(pages["shapes"])
    for iri in named("shapes", "shapes#"):
        entry = Text(found[iri.rpartition("#")[2]]).text
        assert library.label(iri) in entry
        assert " ".join(library.text(iri, "sh:message").split()) in entry


TOLD = {
    "target": ("Statement", "About everything that is a claim or scope statement."),
    "target by property": ("Deprecated", "About everything that has deprecated."),
    "at least": ("statementLabel", "label: at least one value"),
    "at most": ("statementLabelOnce", "label: at most one value"),
    "class": ("claimSubjectKind", "has subject: each value is a concept"),
    "pattern": ("statementLabelCapital", "label: each value matches the pattern “^[A-Z]”"),
    "list": ("claimUniversalContext", "has context class: each value is one of Universal Context"),
    "disjoint": ("claimSubjectIsNotObject", "has subject: no value is also a value of has object"),
    "other way": ("authorshipReview", "inverse of has authorship: at least one value"),
    "either": ("claimContext", "has context or has context class: at least one value"),
    "not": ("claimNotScope", "not so: it is a scope statement"),
    "datatype": ("textLanguage", "each value is of the datatype lang string"),
    "value": ("replacedDeprecated", "deprecated: one value is true"),
}


@pytest.mark.parametrize(("name", "words"), TOLD.values(), ids=TOLD)
def test_a_constraint_is_told_in_plain_words(pages, name, words):
    found = entries(pages["shapes"])
    if name not in found:
        pytest.fail(f"There is no shape {name}.")
    text = Text(found[name]).text.replace(" .", ".").replace(" :", ":")
    assert words in text


def test_no_constraint_is_left_untold():
    """Each parameter of SHACL that the shapes use has its words."""
    rules = Rules(Library(release().graphs))
    silent = [rule.iri for shape in rules.shapes for rule in shape.rules if not (rule.demands or rule.query)]
    assert not silent
    used = {
        curie(triple.predicate.value)
        for triple in release().graphs["shapes"]
        if triple.predicate.value.startswith(PREFIXES["sh"])
    }
    told = {"sh:minCount", "sh:maxCount", "sh:class", "sh:datatype", "sh:in", "sh:pattern", "sh:minInclusive"}
    told |= {"sh:hasValue", "sh:disjoint", "sh:equals", "sh:lessThan", "sh:not", "sh:or", "sh:uniqueLang"}
    told |= {
        "sh:qualifiedMaxCount",
        "sh:qualifiedValueShape",
        "sh:path",
        "sh:inversePath",
        "sh:alternativePath",
    }
    told |= {"sh:zeroOrMorePath", "sh:targetClass", "sh:targetSubjectsOf", "sh:targetObjectsOf"}
    told |= {"sh:property", "sh:sparql", "sh:select", "sh:message"}
    assert used - told <= {"sh:prefixes", "sh:declare", "sh:prefix", "sh:namespace"}


def test_every_file_that_breaks_a_shape_is_named_at_its_rule(pages, library):
    found = entries(pages["shapes"])
    by_message = {
        library.text(iri, "sh:message"): iri.rpartition("#")[2] for iri in named("shapes", "shapes#")
    }
    broken = {}
    for path in sorted((files.ROOT / "tests" / "invalid").glob("*.ttl")):
        expected = path.read_text("utf-8").partition("\n")[0].removeprefix("# expect: ")
        if expected in by_message:
            broken.setdefault(by_message[expected], []).append(path.name)
    assert sum(map(len, broken.values())) > 150
    for name, names in broken.items():
        assert all(f"<code>{other}</code>" in found[name] for other in names), name
