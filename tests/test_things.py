"""The page of each thing says what it is, where that comes from and how to link to it, in labels."""

import html
import re
from html.parser import HTMLParser

import pytest
from pyoxigraph import Literal, NamedNode, Triple

import served
from exoreview.knowledge import mappings
from exoreview.terms import BASE, PREFIXES, curie, local_path, term
from exoreview.web.read.statements import Statements
from exoreview.web.things import spelling
from exoreview.web.things.describe import Library
from exoreview.web.things.leads import Leads
from exoreview.web.things.pages import Pages
from exoreview.web.things.things import Things
from served import release, store

# One of each kind, and what its page says it is.
LEADS = {
    "claim": (
        "claim/s04-c6",
        "A claim of the review, in sentence 4 of the abstract. The text says it as the point",
    ),
    "presupposed claim": ("claim/s04-c10", "The text takes it for granted in saying something else."),
    "scope statement": ("scope/r1", "What the review says of itself, in sentence 9 of the abstract."),
    "concept": ("concept/TumourDerivedExosome", "An exosome that a tumour cell has produced."),
    "class of claims": (
        "concept/TumourPromotionClaim",
        "A claim that something promotes cancer pathogenesis",
    ),
    "person": ("person/mika-sillanpaa", "The 6th of the 9 authors of the review, in printed order."),
    "authorship": ("authorship/1", "Seyedeh Maryam Hosseinikhah is the 1st of the 9 authors of the review."),
    "sentence": ("sentence/s04", "The 4th of the 11 sentences of the abstract, which makes 10 statements."),
    "quote": (
        "quote/486-501",
        "Words in sentence 4 of the abstract, with which it states: “Tumour-derived exosomes",
    ),
    "connective": ("quote/1072-1077", "only join what stands before and after them, and state nothing."),
    "review": ("review", "A review article by 9 authors in the Journal of Drug Targeting, 2023"),
    "abstract": (
        "review/abstract",
        "The text from which every claim here was read: 11 sentences that make 54 claims.",
    ),
    "work": ("review/work", "The work apart from any publication of it"),
    "issue": ("review/issue", "The issue of the journal in which the review stands."),
    "journal": ("review/journal", "The journal in which the review was published."),
    "record": ("review/record", "The portal's page about the review, line by line"),
    "line of the record": ("review/record-pages", "A line of the portal's record: 32-50"),
    "fact": ("review/fact-doi", "A fact about the review that is not on its portal's page"),
    "source": ("review/source-publisher-page", "from which facts about the review were read."),
    "citations": ("review/citations-scopus", "as Scopus counts."),
    "who counts": ("review/scopus", "Scopus counts how often publications are cited."),
    "subject area": ("review/subject-pharmaceutical-science", "one of the ASJC Scopus subject areas."),
    "list of subjects": (
        "review/subject-areas",
        "The list from which the subject area of the review is taken.",
    ),
    "institution": ("review/portal-institution", "University of Johannesburg, whose portal keeps the record"),
    "dataset": ("dataset", "A scientific review of the role of exosomes"),
    "count of a class": ("dataset/class-exr-Claim", "How many things here are of the class “claim”: 54."),
    "count of a property": ("dataset/property-exr-hasQuote", "the property “has quote”: 57."),
    "step": ("dataset/step-projection", "One CONSTRUCT query a projection"),
    "download": ("dataset/dump-jsonld", "A file to download: all graphs but the catalog in JSON-LD."),
    "checksum": ("dataset/checksum-jsonld", "by which one can tell whether a copy is the same."),
    "linkset": ("dataset/linkset-CHEBI-exactMatch", "have terms of CHEBI as exact match; there are 7."),
    "endpoint": ("dataset/service-sparql", "Where the data can be asked in SPARQL 1.1."),
    "rights": ("dataset/open", "Who may use the data: it is open to everybody, without registration."),
    "developers": ("dataset/developers", "Who made this dataset and its vocabularies"),
    "graph": ("graph/aida", "The sentence of each claim"),
    "mapping": (
        "mapping/TumourDerivedExosome-GO_0070062",
        "The concept “tumour-derived exosome” has “extracellular exosome”, a term of GO, as a broad match.",
    ),
    "warning": (
        "mapping/Exosome-not-GO_0000178",
        "A warning: “exosome” is no exact match of “exosome (RNase complex)”",
    ),
    "mapping set": ("mappings", "Each row links a concept"),
    "query": ("query/hedged-claims", None),
}


class Page(HTMLParser):
    """The text, the texts of links with their addresses, and the parts by their id."""

    def __init__(self, page):
        super().__init__()
        self.words, self.links, self._link = [], [], None
        self.source = page
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        if tag == "a":
            self._link = [dict(attributes).get("href", ""), ""]

    def handle_data(self, data):
        self.words.append(data)
        if self._link:
            self._link[1] += data

    def handle_endtag(self, tag):
        if tag == "a" and self._link:
            self.links.append(tuple(self._link))
            self._link = None

    @property
    def text(self):
        return " ".join(" ".join(self.words).split())

    @property
    def lead(self):
        return Page(re.search(r'<p class="lead">(.*?)</p>', self.source, re.DOTALL)[1]).text

    def part(self, name):
        """The section with a heading of this id, up to the next section."""
        return Page(self.source.partition(f'<h2 id="{name}">')[2].partition("</section>")[0])


@pytest.fixture(scope="module")
def client():
    return served.client()


@pytest.fixture(scope="module")
def library():
    return Library(release().graphs, release().nanopublications)


def page(client, path):
    response = client.get(f"/{path}.html")
    assert response.status_code == 200
    return Page(response.text)


@pytest.mark.parametrize(("path", "sentence"), LEADS.values(), ids=LEADS)
def test_a_thing_says_what_it_is(client, library, path, sentence):
    assert (sentence or library.text(BASE + path, "rdfs:comment")) in page(client, path).lead


def test_everything_says_what_it_is(library):
    """In whole sentences that are no mere names."""
    leads = Leads(library, Statements(library))
    for iri in library.things:
        lead = leads.lead(iri)
        assert lead[0].isupper() or not lead[0].isalpha() or lead[0] == "“", (iri, lead)
        assert lead.endswith((".", "?", "!", ".”")), (iri, lead)
        assert lead.rstrip(".") != library.label(iri), iri
        assert not re.search(r"None|^\s|\s{2}|“”", lead), (iri, lead)


def test_a_nanopublication_says_what_it_is(client, library):
    [index] = library.published.keys() - set(library.introduced.values())
    assert "list of all nanopublications" in page(client, local_path(index)).lead
    claim = BASE + "claim/s04-c6"
    assert library.label(claim) in page(client, local_path(library.introduced[claim])).lead


@pytest.mark.parametrize("path", [path for path, _ in LEADS.values()], ids=LEADS)
def test_a_thing_says_where_it_comes_from_and_how_to_link_to_it(client, path):
    links = dict(page(client, path).links)
    assert any(address.startswith("/graph/") for address in links)
    assert any(address.startswith("/link?iri=") for address in links)
    for suffix in (".ttl", ".jsonld", ".rdf", ".nt", ".trig", ".nq"):
        assert f"/{path}{suffix}" in links


@pytest.mark.parametrize("path", ["claim/s04-c6", "concept/Exosome", "review", "dataset", "graph/claims"])
def test_the_way_to_link_leads_to_lines_for_the_same_thing(client, path):
    [address] = {address for address, _ in page(client, path).links if address.startswith("/link?iri=")}
    response = client.get(address, headers={"Accept": "text/html"})
    assert response.status_code == 200
    assert f"{BASE}{path}" in response.text


def test_no_link_is_an_iri_where_a_label_is_known(client, library):
    """On a page of every kind, and on those of all claims and concepts."""
    paths = {path for path, _ in LEADS.values()} | {"ontology", "concepts", "shapes"}
    paths |= {local_path(iri) for iri in library.things if re.match(BASE + "(claim|concept|review)/", iri)}
    labelled = library._labels
    bare = {
        (path, text)
        for path in paths
        for _, text in page(client, path).links
        if text in labelled or (":" in text and _expanded(text) in labelled)
    }
    assert not bare


def _expanded(short):
    prefix, _, local = short.partition(":")
    return PREFIXES.get(prefix, "?") + local


@pytest.mark.parametrize(
    ("path", "label", "address"),
    [
        ("review", "peer reviewed", "http://purl.org/ontology/bibo/status/peerReviewed"),
        ("review", "published", "http://purl.org/ontology/bibo/status/published"),
        ("dataset", "dataset", "http://purl.org/dc/dcmitype/Dataset"),
        ("claim/s01-c1", "Universal Context", PREFIXES["sp"] + "UniversalContext"),
        ("dataset", "CC BY 4.0", "https://creativecommons.org/licenses/by/4.0/"),
        ("mapping/TumourDerivedExosome-GO_0070062", "GO", PREFIXES["obo"] + "go.owl"),
        ("concept/TumourDerivedExosome", "extracellular exosome", PREFIXES["obo"] + "GO_0070062"),
    ],
)
def test_a_term_of_others_has_its_label_and_its_address(client, path, label, address):
    assert (address, label) in page(client, path).links


def test_things_of_one_label_are_told_apart(client):
    shown = page(client, "claim/s04-c6").text
    assert "statement (exr:Statement)" in shown
    assert "causal claim (" not in shown


SPELT = {
    "words": (PREFIXES["skos"] + "broadMatch", "broad match"),
    "below a path": (PREFIXES["bibo"] + "status/peerReviewed", "peer reviewed"),
    "underscores": (PREFIXES["biolink"] + "agent_type", "agent type"),
    "an acronym first": (PREFIXES["sh"] + "SPARQLSelectExecutable", "SPARQL select executable"),
    "an acronym last": (PREFIXES["dcat"] + "accessURL", "access URL"),
    "a code": (PREFIXES["obo"] + "ECO_0000303", "ECO:0000303"),
    "a sentence": ("http://purl.org/aida/Exosomes+are+stable.", "Exosomes are stable."),
    "a media type": ("https://www.iana.org/assignments/media-types/text/turtle", "text/turtle"),
    "a type of DCMI": ("http://purl.org/dc/dcmitype/StillImage", "still image"),
    "a licence": ("https://creativecommons.org/licenses/by-sa/3.0/", "CC BY-SA 3.0"),
    "no word": (PREFIXES["prism"] + "eIssn", "prism:eIssn"),
    "nothing known": ("https://example.org/x", "https://example.org/x"),
}


@pytest.mark.parametrize(("iri", "name"), SPELT.values(), ids=SPELT)
def test_a_name_is_spelt_out(iri, name):
    assert spelling.spelt(iri) == name


# --- Concepts -----------------------------------------------------------------------------------------------

CONCEPTS = (
    "TumourDerivedExosome",
    "Exosome",
    "ExtracellularVesicle",
    "IntelligentExosomeBasedCarrier",
    "Cancer",
)


@pytest.mark.parametrize("name", CONCEPTS)
def test_a_concept_has_its_names_and_its_place(client, library, name):
    iri = PREFIXES["exc"] + name
    shown = page(client, f"concept/{name}")
    for synonym in library.values(iri, "skos:altLabel"):
        assert synonym.value in shown.text
    place = {address for address, _ in shown.part("place").links}
    for other in [node.value for node in library.values(iri, "skos:broader")] + library.subjects(
        "skos:broader", iri
    ):
        assert f"/{local_path(other)}" in place
    for other in library.values(iri, "skos:related"):
        assert f"/{local_path(other.value)}" in place


@pytest.mark.parametrize("name", CONCEPTS)
def test_a_concept_has_its_links_by_strength(client, name):
    """As the file of links has them: label, identifier and, apart from them, the warnings."""
    shown = page(client, f"concept/{name}").part("links")
    sections = shown.source.split("<h3>")[1:]
    by_strength = {
        html.unescape(re.search(r"<a[^>]*>(.*?)</a>", each)[1]).lower(): Page(each) for each in sections
    }
    document = mappings.read()
    rows = [row for row in document.rows if row["subject_id"] == f"exc:{name}"]
    assert rows
    for row in rows:
        strength = row["predicate_id"].removeprefix("skos:").removesuffix("Match") + " match"
        told = by_strength["no match" if row["predicate_modifier"] else strength]
        assert (document.expand(row["object_id"]), row["object_label"]) in told.links
        assert row["object_id"] in told.text
    assert sum(each.source.count("<li>") for each in by_strength.values()) == len(rows)
    assert not any(", ·" in each.text for each in by_strength.values())
    order = ("exact match", "close match", "broad match", "narrow match", "related match", "no match")
    assert list(by_strength) == [each for each in order if each in by_strength]


@pytest.mark.parametrize("name", CONCEPTS)
def test_a_concept_has_its_claims_and_those_of_narrower_ones(client, name):
    prologue = "".join(f"PREFIX {prefix}: <{PREFIXES[prefix]}>\n" for prefix in ("exr", "exc", "skos"))
    slots = "(exr:hasSubject|exr:hasObject|exr:hasContext|exr:hasMechanism|exr:hasTopic)"

    def asked(path):
        rows = store().query(f"{prologue}SELECT DISTINCT ?one {{ ?one {path} exc:{name} }}")
        return {f"/{local_path(solution[0].value)}" for solution in rows}

    own, everything = asked(slots), asked(f"{slots}/skos:broader*")
    shown = page(client, f"concept/{name}").part("claims")
    above, _, below = shown.source.partition('<div class="inferred">')
    assert {address for address, _ in Page(above).links if address.startswith(("/claim/", "/scope/"))} == own
    rolled_up = {address for address, _ in Page(below).links if address.startswith(("/claim/", "/scope/"))}
    assert rolled_up == everything - own
    if rolled_up:
        assert "follows from the hierarchy" in Page(below).text
        presupposed = {
            f"/{local_path(solution[0].value)}"
            for solution in store().query(
                f"{prologue}SELECT ?one {{ ?one exr:hasAssertionMode exr:presupposed }}"
            )
        }
        assert below.count("<small>presupposed</small>") == len(rolled_up & presupposed)


def test_a_concept_has_lines_for_an_ontology(client):
    shown = page(client, "concept/TumourDerivedExosome").part("yours")
    assert "owl:equivalentClass exc:TumourDerivedExosome ." in shown.text
    assert "rdfs:subClassOf exc:TumourDerivedExosome ." in shown.text


def test_a_sentence_has_its_statements(client):
    stated = {address for address, _ in page(client, "sentence/s04").part("stated").links}
    expected = {
        f"/{local_path(each.iri)}"
        for each in Statements(Library(release().graphs)).all
        if "/s04-" in each.iri
    }
    assert stated == expected


def test_short_iris_are_those_of_the_prefixes(client):
    for path, _ in LEADS.values():
        if curie(BASE + path) != BASE + path:
            assert f"<code>{curie(BASE + path)}</code>" in page(client, path).source


def test_a_nanopublication_shows_what_it_holds(client, library):
    """What is claimed, in its own graph; no address stands for a graph of it."""
    shown = page(client, local_path(library.introduced[BASE + "claim/s04-c6"]))
    assertion = Page(shown.source.partition('<section id="assertion"')[2].partition("</section>")[0])
    assert ("/concept/TumourDerivedExosome", "tumour-derived exosome") in assertion.links
    assert ("/concept/Chemoresistance", "chemoresistance") in assertion.links
    assert {"assertion", "provenance", "pubinfo"} <= {text for _, text in shown.links}
    assert any(address.startswith("/dataset/step-") for address, _ in shown.links)


def test_a_deprecated_thing_says_so_and_what_to_use_instead():
    graphs = {name: list(triples) for name, triples in release().graphs.items()}
    old, new = (NamedNode(PREFIXES["exc"] + name) for name in ("DrugCarrier", "CarrierSystem"))
    graphs["concepts"] += [
        Triple(old, term("owl:deprecated"), Literal(True)),
        Triple(old, term("dcterms:isReplacedBy"), new),
    ]
    changed = Library(graphs)
    made = Things(Pages(changed), Statements(changed))
    with served.application().test_request_context("/concept/DrugCarrier.html"):
        given_up, other = (Page(made.page(changed.describe(each.value))) for each in (old, new))
    assert "deprecated Use carrier system instead." in given_up.text
    assert "deprecated" not in other.lead
    assert "deprecated Use" not in other.text
