"""What is said of each thing in schema.org is what Google's guide to datasets and its type ask for.

https://developers.google.com/search/docs/appearance/structured-data/dataset: a dataset has a name and a
description of 50 to 5,000 characters, and should have more; a download has an address and a format.
"""

import re

import pytest

from exoreview.terms import DATASET, PREFIXES
from exoreview.web.machines import schemaorg
from exoreview.web.things.describe import Library
from served import release

# What a thing of a type must have wherever it stands, and what more on the page that is about it.
REQUIRED = {
    "Dataset": {"name", "description"},
    "DataDownload": {"contentUrl", "encodingFormat"},
    "Person": {"name"},
    "Organization": {"name"},
    "DefinedTerm": {"name"},
    "DefinedTermSet": {"name"},
    "ScholarlyArticle": {"name"},
    "PropertyValue": {"propertyID", "value"},
}
OF_ITS_OWN_PAGE = {
    "Dataset": {"license", "creator", "url"},
    "ScholarlyArticle": {"headline", "identifier", "author", "abstract", "datePublished", "isPartOf"},
    "DefinedTerm": {"termCode", "inDefinedTermSet"},
    "DefinedTermSet": {"description", "license", "hasDefinedTerm"},
    "Claim": {"text", "appearance", "about"},
    "Quotation": {"text"},
    "SoftwareSourceCode": {"description", "programmingLanguage", "text"},
}
RECOMMENDED = {
    *("creator", "publisher", "license", "identifier", "keywords", "version", "isAccessibleForFree"),
    *("distribution", "datePublished", "dateModified", "inLanguage", "citation"),
}


@pytest.fixture(scope="module")
def library():
    return Library(release().graphs, release().nanopublications)


@pytest.fixture(scope="module")
def said(library):
    """What is said of each thing that has a page."""
    return {iri: schemaorg.said(library, iri) for iri in library.things}


def inside(value):
    """Each thing in what is said, that on top among them."""
    if isinstance(value, list):
        for one in value:
            yield from inside(one)
    elif isinstance(value, dict):
        yield value
        for other in value.values():
            yield from inside(other)


def test_each_thing_has_what_its_type_requires(said):
    lacking = {
        (each.get("@id"), name)
        for facts in said.values()
        for each in inside(facts)
        for name in REQUIRED.get(each["@type"], set()) - each.keys()
    }
    assert not lacking


@pytest.mark.parametrize("type", OF_ITS_OWN_PAGE)
def test_what_a_page_is_about_has_more(said, type):
    about = {iri: facts for iri, facts in said.items() if facts["@type"] == type and "#" not in iri}
    assert about
    lacking = {
        (iri, name)
        for iri, facts in about.items()
        for name in OF_ITS_OWN_PAGE[type] - facts.keys()
        # An issue, the abstract and the work are articles by their class, but not the one that is published.
        if type != "ScholarlyArticle" or iri.endswith("/review")
    }
    assert not lacking


def test_each_concept_is_defined(said):
    concepts = [facts for iri, facts in said.items() if iri.startswith(PREFIXES["exc"])]
    assert len(concepts) > 70
    assert not [facts["@id"] for facts in concepts if "description" not in facts]


def test_a_dataset_is_described_at_the_length_that_is_asked_for(said):
    datasets = [each for facts in said.values() for each in inside(facts) if each["@type"] == "Dataset"]
    assert 15 < len({each["@id"] for each in datasets}) < 30, "counts of VoID are no datasets of their own"
    assert not [each["@id"] for each in datasets if not 50 <= len(each["description"]) <= 5000]


def test_the_dataset_has_what_is_recommended(said):
    facts = said[DATASET]
    assert facts.keys() >= RECOMMENDED
    assert facts["isAccessibleForFree"] is True
    assert facts["license"].startswith("https://")
    assert all(each["@type"] == "DataDownload" for each in facts["distribution"])


def test_dates_and_addresses_are_such(said):
    for facts in said.values():
        for each in inside(facts):
            for name in ("datePublished", "dateModified", "dateCreated"):
                assert re.fullmatch(r"\d{4}(-\d\d-\d\d)?", each.get(name, "2026")), (each["@id"], name)
            for name in ("@id", "url", "contentUrl", "license", "sameAs"):
                values = each.get(name, [])
                for value in values if isinstance(values, list) else [values]:
                    assert re.fullmatch(r"https?://\S+", value), (each["@id"], name)
