"""What other public pages add to the review: each fact has its source, and nothing is from memory."""

import re

import pytest

from exoreview.terms import BASE
from triples import Triples, iri, short

RECORD = (
    "https://pure.uj.ac.za/en/publications/role-of-exosomes-in-tumour-growth-chemoresistance-and-immunity-st"
)

# (id, subject, predicate, object, source)
ADDED = [
    ("DOI", "review", "prism:doi", "10.1080/1061186X.2022.2114000", "publisher-page"),
    ("DOI address", "review", "schema:sameAs", "<https://doi.org/10.1080/1061186X.2022.2114000>",
     "publisher-page"),
    ("received", "review", "dcterms:dateSubmitted", "2022-04-28^date", "publisher-page"),
    ("accepted", "review", "dcterms:dateAccepted", "2022-08-10^date", "publisher-page"),
    ("published online", "review", "dcterms:available", "2022-08-21^date", "publisher-page"),
    ("Crossref", "review", "c4o:hasGlobalCitationFrequency", "review:citations-crossref", "publisher-page"),
    ("printed ISSN", "review:journal", "prism:issn", "1061-186X", "publication-lists"),
    ("online ISSN", "review:journal", "prism:eIssn", "1029-2330", "publication-lists"),
    ("short title", "review:journal", "bibo:shortTitle", "J Drug Target", "short-titles"),
    ("ASJC code", "review:subject-pharmaceutical-science", "skos:notation", "3003", "asjc-list"),
    ("address of the record", "review:record", "foaf:page", f"<{RECORD}>", "portal-page"),
    ("institution", "review:record", "dcterms:publisher", "review:portal-institution", "portal-page"),
]  # fmt: skip

# Facts that could be read nowhere: numbers of volume and PubMed, ORCIDs, the publisher's name.
UNREAD = re.compile(r"orcid|2\.0/volume|bibo/volume|volumeNumber|JournalVolume|pmid|pubmed|Taylor", re.I)


@pytest.fixture(scope="module")
def enrichment():
    return Triples("data/enrichment.ttl")


@pytest.fixture(scope="module")
def facts(enrichment):
    """The added triples with their sources, as the rdf:Statements of the graph tell them."""
    names = ("rdf:subject", "rdf:predicate", "rdf:object", "prov:hadPrimarySource")
    return [
        tuple(next(iter(enrichment.objects(node, name))) for name in names)
        for node in enrichment.instances("rdf:Statement")
    ]


@pytest.mark.parametrize("row", ADDED, ids=[row[0] for row in ADDED])
def test_added_fact_has_its_source(enrichment, facts, row):
    _, subject, predicate, expected, source = row
    assert {short(term) for term in enrichment.objects(subject, predicate)} == {expected}
    told = {tuple(short(term) for term in fact) for fact in facts}
    assert (subject, predicate, expected, f"review:source-{source}") in told


def test_every_added_fact_has_a_source(enrichment, facts):
    of_the_review = Triples("data/review.ttl").subjects
    added = {tuple(triple) for triple in enrichment if triple.subject in of_the_review}
    assert added == {fact[:3] for fact in facts}
    assert len(facts) == len(ADDED)


def test_every_source_says_of_what_kind_it_is_and_how_certain(enrichment):
    sources = {triple.object for triple in enrichment.uses("prov:hadPrimarySource")}
    assert sources == enrichment.instances("prov:Entity")
    for source in sources:
        assert enrichment.value(source, "dcterms:description").startswith("Kind: ")
        assert enrichment.value(source, "skos:note").startswith("Certainty: ")


@pytest.mark.parametrize("issn", ["1061-186X", "1029-2330"])
def test_check_digit_of_the_issn(issn):
    *digits, check = issn.replace("-", "")
    weighted = sum(int(digit) * weight for digit, weight in zip(digits, range(8, 1, -1), strict=True))
    assert "0123456789X"[-weighted % 11] == check


def test_second_citation_count_has_value_and_source_but_no_date(enrichment):
    count = iri("review:citations-crossref")
    assert enrichment.value(count, "c4o:hasGlobalCountValue") == "5"
    assert enrichment.value(count, "c4o:hasGlobalCountSource") == BASE + "review/crossref"
    assert enrichment.uses("c4o:hasGlobalCountDate") == []


@pytest.mark.parametrize("name", ["review", "enrichment", "catalog"])
def test_nothing_is_from_memory(name):
    # What a note of ours says is left out is not a fact, so only facts are searched.
    facts = [triple for triple in Triples(f"data/{name}.ttl") if short(triple.predicate) != "skos:note"]
    assert [str(triple) for triple in facts if UNREAD.search(str(triple))] == []
