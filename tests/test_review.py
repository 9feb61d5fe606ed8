"""The review's graph says what the portal page prints, all of it and nothing else."""

import hashlib
import re
from itertools import pairwise

import pytest
from pyoxigraph import Literal

from exoreview import files
from exoreview.terms import BASE
from triples import Triples, iri, short

TITLE = "Role of exosomes in tumour growth, chemoresistance and immunity: state-of-the-art"
AUTHORS = [
    "Seyedeh Maryam Hosseinikhah",
    "Fatemeh Gheybi",
    "Seyedeh Alia Moosavian",
    "Mohammad Ali Shahbazi",
    "Mahmoud Reza Jaafari",
    "Mika Sillanpää",
    "Prashant Kesharwani",
    "Seyedeh Hoda Alavizadeh",
    "Amirhossein Sahebkar",
]
KEYWORDS = ["Tumour-derived exosomes", "chemoresistance", "diagnosis", "drug delivery", "immunomodulation"]
ABSTRACT = files.path("data/source/abstract.txt").read_text("utf-8")
ABSTRACT_SHA256 = "97bce23e62fdf1fcb5bfbfeaf4312fc90c38952deef76097f370877452a45152"

# What the page prints besides the abstract, from top to bottom: (heading or None, text).
PRINTED = [
    (None, TITLE),
    (None, ", ".join(AUTHORS)),
    ("Research output", "Contribution to journal"),
    ("Research output", "Review article"),
    ("Research output", "peer-review"),
    (None, "14 Citations (Scopus)"),
    ("Original language", "English"),
    ("Pages (from-to)", "32-50"),
    ("Number of pages", "19"),
    ("Journal", "Journal of Drug Targeting"),
    ("Issue number", "1"),
    ("Publication status", "Published - 2023"),
    ("Externally published", "Yes"),
    *((None, keyword) for keyword in KEYWORDS),
    ("ASJC Scopus subject areas", "Pharmaceutical Science"),
]

# Each fact of the page as data: (id, subject, predicate, objects), all of them that the subject has.
FACTS = [
    ("title", "review", "dcterms:title", {TITLE}),
    ("title in schema.org", "review", "schema:name", {TITLE}),
    ("kind of document", "review", "rdf:type",
     {"bibo:AcademicArticle", "fabio:JournalArticle", "foaf:Document", "schema:ScholarlyArticle"}),
    ("publication type", "review", "dcterms:type", {"fabio:ReviewArticle"}),
    ("work", "review", "frbr:realizationOf", {"review:work"}),
    ("kind of work", "review:work", "rdf:type", {"fabio:ReviewPaper"}),
    ("published and peer-reviewed", "review", "bibo:status",
     {"bibo:status/peerReviewed", "bibo:status/published"}),
    ("year", "review", "fabio:hasPublicationYear", {"2023^gYear"}),
    ("date of issue", "review", "dcterms:issued", {"2023^gYear"}),
    ("date in schema.org", "review", "schema:datePublished", {"2023^gYear"}),
    ("language", "review", "dcterms:language", {"<http://id.loc.gov/vocabulary/iso639-1/en>"}),
    ("language in schema.org", "review", "schema:inLanguage", {"en"}),
    ("first page", "review", "prism:startingPage", {"32"}),
    ("last page", "review", "prism:endingPage", {"50"}),
    ("pages", "review", "prism:pageRange", {"32-50"}),
    ("first page in BIBO", "review", "bibo:pageStart", {"32"}),
    ("last page in BIBO", "review", "bibo:pageEnd", {"50"}),
    ("first page in schema.org", "review", "schema:pageStart", {"32"}),
    ("last page in schema.org", "review", "schema:pageEnd", {"50"}),
    ("pages in schema.org", "review", "schema:pagination", {"32-50"}),
    ("number of pages", "review", "fabio:hasPageCount", {"19^integer"}),
    ("number of pages in BIBO", "review", "bibo:numPages", {"19^integer"}),
    ("issue of the article", "review", "frbr:partOf", {"review:issue"}),
    ("issue in Dublin Core", "review", "dcterms:isPartOf", {"review:issue"}),
    ("issue in schema.org", "review", "schema:isPartOf", {"review:issue"}),
    ("number of the issue", "review:issue", "prism:issueIdentifier", {"1"}),
    ("number of the issue in BIBO", "review:issue", "bibo:issue", {"1"}),
    ("number of the issue in schema.org", "review:issue", "schema:issueNumber", {"1"}),
    ("journal of the issue", "review:issue", "frbr:partOf", {"review:journal"}),
    ("journal", "review:journal", "dcterms:title", {"Journal of Drug Targeting"}),
    ("keywords", "review", "prism:keyword", set(KEYWORDS)),
    ("keywords in schema.org", "review", "schema:keywords", set(KEYWORDS)),
    ("concepts and subject area", "review", "dcterms:subject",
     {"exc:TumourDerivedExosome", "exc:Chemoresistance", "exc:Diagnosis", "exc:DrugDelivery",
      "exc:Immunomodulation", "review:subject-pharmaceutical-science"}),
    ("subject area", "review", "fabio:hasSubjectTerm", {"review:subject-pharmaceutical-science"}),
    ("name of the subject area", "review:subject-pharmaceutical-science", "skos:prefLabel",
     {"Pharmaceutical Science"}),
    ("name of the subject areas", "review:subject-areas", "skos:prefLabel", {"ASJC Scopus subject areas"}),
    ("citation count", "review", "c4o:hasGlobalCitationFrequency", {"review:citations-scopus"}),
    ("citations", "review:citations-scopus", "c4o:hasGlobalCountValue", {"14^integer"}),
    ("source of the citations", "review:citations-scopus", "c4o:hasGlobalCountSource", {"review:scopus"}),
    ("name of that source", "review:scopus", "rdfs:label", {"Scopus"}),
    ("abstract", "review", "dcterms:abstract", {ABSTRACT}),
    ("abstract as a part", "review", "dcterms:hasPart", {"review:abstract"}),
    ("text of the abstract", "review:abstract", "c4o:hasContent", {ABSTRACT}),
    ("hash of the abstract", "review:abstract", "exr:sha256", {ABSTRACT_SHA256 + "^hexBinary"}),
    ("externally published", "review:record", "exr:externallyPublished", {"true^boolean"}),
    ("what the record is of", "review:record", "foaf:primaryTopic", {"review"}),
]  # fmt: skip

# What stands on other pages and thus not in this graph.
ELSEWHERE = re.compile(
    r"doi\.org|10\.1080/|\d{4}-\d{3}[\dX]|orcid|pubmed|volume|Taylor|Informa\b|Johannesburg|3003", re.I
)

# Words of ours, about the data: they are not the page's.
OURS = {"rdfs:label", "skos:note", "dcterms:rights"}


@pytest.fixture(scope="module")
def review():
    return Triples("data/review.ttl")


@pytest.mark.parametrize(
    ("subject", "predicate", "expected"), [row[1:] for row in FACTS], ids=[row[0] for row in FACTS]
)
def test_fact_of_the_page(review, subject, predicate, expected):
    assert {short(term) for term in review.objects(subject, predicate)} == expected


def test_every_property_of_the_review_is_checked(review):
    said = {short(triple.predicate) for triple in review if triple.subject == iri("review")}
    checked = {predicate for _, subject, predicate, _ in FACTS if subject == "review"}
    assert said == checked | {"rdfs:label", "exr:hasAuthorship", "dcterms:creator", "schema:author"}


def test_page_count_fits_the_pages(review):
    first, last, count = (
        int(review.value("review", name))
        for name in ("prism:startingPage", "prism:endingPage", "fabio:hasPageCount")
    )
    assert last - first + 1 == count


def test_authors_in_printed_order(review):
    authorships = review.objects("review", "exr:hasAuthorship")
    assert authorships == review.instances("exr:Authorship")
    held = sorted((int(review.value(a, "exr:position")), review.value(a, "exr:heldBy")) for a in authorships)
    assert [position for position, _ in held] == list(range(1, 10))
    assert [review.value(f"<{person}>", "foaf:name") for _, person in held] == AUTHORS
    people = {iri(f"<{person}>") for _, person in held}
    for person in people:
        assert len({review.value(person, name) for name in ("foaf:name", "schema:name", "rdfs:label")}) == 1
    assert people == review.instances("foaf:Person")
    assert people == review.objects("review", "dcterms:creator") == review.objects("review", "schema:author")


def test_record_keeps_the_words_of_the_page_in_their_order(review):
    parts = review.objects("review:record", "dcterms:hasPart")
    assert parts == review.instances("schema:PropertyValue")
    found = []
    for part in sorted(parts, key=lambda part: int(review.value(part, "schema:position"))):
        heading = review.values(part, "schema:name") or {None}
        found.append((*heading, review.value(part, "schema:value")))
    assert found == PRINTED


def test_record_names_properties_that_state_the_same(review):
    used = {triple.predicate for triple in review}
    for part, _, named in review.uses("schema:propertyID"):
        assert named in used, f"{part}: nothing has {named}"


def test_abstract_is_the_frozen_text():
    assert hashlib.sha256(ABSTRACT.encode()).hexdigest() == ABSTRACT_SHA256
    assert len(ABSTRACT) == 1810
    assert ABSTRACT.isascii()


def test_sentences_tile_the_abstract(review):
    sentences = sorted(review.instances("doco:Sentence"), key=lambda node: node.value)
    assert [node.value.removeprefix(BASE) for node in sentences] == [
        f"sentence/s{n:02}" for n in range(1, 12)
    ]
    spans = []
    for number, node in enumerate(sentences, 1):
        start, end = int(review.value(node, "exr:start")), int(review.value(node, "exr:end"))
        assert int(review.value(node, "exr:position")) == number
        assert review.value(node, "exr:exact") == ABSTRACT[start:end]
        assert review.value(node, "dcterms:isPartOf") == BASE + "review/abstract"
        assert ABSTRACT[end - 1] == "."
        spans.append((start, end))
    assert spans[0][0] == 0
    assert spans[-1][1] == len(ABSTRACT)
    gaps = [ABSTRACT[end:start] for (_, end), (start, _) in pairwise(spans)]
    assert gaps == [" "] * 10


def test_rights_of_the_publisher_are_said(review):
    [rights] = review.objects("review:abstract", "dcterms:rights")
    assert "belongs to the publisher" in rights.value
    assert rights.language == "en"


def test_nothing_from_elsewhere(review):
    found = [str(triple) for triple in review if ELSEWHERE.search(str(triple))]
    assert found == []
    assert review.uses("c4o:hasGlobalCountDate") == []


def test_every_text_is_the_page_s(review):
    page = "\n".join([*(f"{heading or ''}\n{text}" for heading, text in PRINTED), ABSTRACT])
    for subject, predicate, text in review:
        if isinstance(text, Literal) and text.language and short(predicate) not in OURS:
            assert text.value in page, f"{subject} {predicate}: the page does not say {text.value!r}"
