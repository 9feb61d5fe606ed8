"""One table of prefixes, and a path for each IRI of ours."""

import re

import pytest

from exoreview.terms import BASE, PREFIXES, curie, local_path


def test_every_namespace_has_one_prefix():
    assert len(set(PREFIXES.values())) == len(PREFIXES)


@pytest.mark.parametrize(("prefix", "namespace"), PREFIXES.items(), ids=PREFIXES)
def test_a_prefix_is_lower_case_and_its_namespace_ends_where_names_begin(prefix, namespace):
    assert re.fullmatch(r"[a-z][a-z0-9]*", prefix)
    assert re.fullmatch(r"https?://[^\s<>\"{}|^`\\]+[/#_]", namespace)


def test_our_namespaces_are_lower_case():
    ours = [namespace for namespace in PREFIXES.values() if namespace.startswith(BASE)]
    assert len(ours) >= 10
    assert all(namespace == namespace.lower() for namespace in ours)


def test_the_table_cannot_be_changed():
    with pytest.raises(TypeError):
        PREFIXES["new"] = "https://example.org/"


@pytest.mark.parametrize(
    ("iri", "short"),
    [
        pytest.param(BASE + "claim/s04-c6", "claim:s04-c6", id="a-claim"),
        pytest.param(BASE + "ontology#Claim", "exr:Claim", id="a-term"),
        pytest.param(BASE + "review/abstract", "review:abstract", id="a-part"),
        pytest.param(BASE + "review", BASE + "review", id="no-namespace"),
        pytest.param("http://purl.obolibrary.org/obo/GO_0070062", "obo:GO_0070062", id="outside"),
        pytest.param("https://w3id.org/sssom/schema/x", "sssom:schema/x", id="longest-that-fits"),
        pytest.param("https://example.org/a", "https://example.org/a", id="unknown"),
    ],
)
def test_the_short_form(iri, short):
    assert curie(iri) == short


@pytest.mark.parametrize(
    ("iri", "path"),
    [
        pytest.param(BASE + "claim/s04-c6", "claim/s04-c6", id="a-claim"),
        pytest.param(BASE + "ontology#Claim", "ontology", id="a-term-in-its-document"),
        pytest.param(BASE + "review", "review", id="the-review"),
        pytest.param("http://purl.obolibrary.org/obo/GO_0070062", None, id="outside"),
    ],
)
def test_the_path_of_an_iri(iri, path):
    assert local_path(iri) == path
