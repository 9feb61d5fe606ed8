"""Every check of FOOPS! and of F-UJI has our answer, as fetched from the server.

FOOPS! (https://w3id.org/foops) asks 24 questions about a vocabulary, F-UJI 0.8 asks 17 about a dataset. What
only a person can do, such as to register a name, is a row with the words in which the README tells how.
"""

import json
import re
from functools import cache

import pytest
from pyoxigraph import NamedNode, RdfFormat, Store
from signposting.linkheader import find_signposting_http_link

import served
from exoreview import files
from exoreview.terms import BASE, DATASET, PREFIXES, term
from served import BROWSER

ONTOLOGY = NamedNode(BASE + "ontology")
LICENCE = "https://creativecommons.org/licenses/by/4.0/"


@cache
def vocabulary():
    """The vocabulary as an OWL tool gets it: RDF/XML, without saying what it accepts."""
    response = served.client().get("/ontology")
    assert response.mimetype == "application/rdf+xml"
    store = Store()
    store.load(response.data, format=RdfFormat.RDF_XML)
    return store


def said(name):
    """The values of an annotation of the vocabulary."""
    return [quad.object for quad in vocabulary().quads_for_pattern(ONTOLOGY, term(name), None)]


def says(*names):
    """A check that the vocabulary has each of these annotations."""
    return lambda: all(said(name) for name in names)


@cache
def landing(accept=BROWSER):
    """The page of the dataset, by its IRI's path."""
    response = served.client().get("/dataset", headers={"Accept": accept}, follow_redirects=True)
    assert response.status_code == 200
    return response


@cache
def embedded():
    [script] = re.findall(r'<script type="application/ld\+json">(.*?)</script>', landing().text, re.DOTALL)
    return json.loads(script)


def has(*names):
    """A check that the embedded description of the dataset has each of these properties."""
    return lambda: all(embedded().get(name) for name in names)


@cache
def links():
    return find_signposting_http_link(landing().headers.getlist("Link"), "http://localhost/dataset.html")


def downloads():
    return embedded()["distribution"]


def answers(path):
    return lambda: served.client().get(path).status_code == 200


def own(*kinds):
    """The terms of these kinds in the namespace of the vocabulary."""
    found = {
        quad.subject
        for kind in kinds
        for quad in vocabulary().quads_for_pattern(None, term("rdf:type"), term(kind))
    }
    return {node for node in found if str(node).startswith(f"<{PREFIXES['exr']}")}


def described(*names):
    """A check that every term has one of these properties."""

    def check():
        terms = own("owl:Class", "owl:ObjectProperty", "owl:DatatypeProperty")
        told = {q.subject for n in names for q in vocabulary().quads_for_pattern(None, term(n), None)}
        return len(terms) > 40 and terms <= told

    return check


def negotiated():
    page = served.client().get("/ontology", headers={"Accept": BROWSER})
    data = served.client().get("/ontology", headers={"Accept": "text/turtle"})
    return (page.mimetype, data.mimetype) == ("text/html", "text/turtle")


def version_is_its_own():
    [version] = said("owl:versionIRI")
    return version != ONTOLOGY and str(version) == f"<{BASE}ontology/{files.version()}>"


def knows_metadata():
    known = ("dcterms", "schema", "vann", "prov", "bibo", "pav", "foaf", "mod", "owl", "rdfs")
    quads = list(vocabulary().quads_for_pattern(ONTOLOGY, None, None))
    return all(
        quad.predicate.value.startswith(tuple(map(PREFIXES.get, known))) or is_type(quad) for quad in quads
    )


def is_type(quad):
    return quad.predicate == term("rdf:type")


def reuses():
    objects = {
        str(quad.object) for quad in vocabulary().quads_for_pattern(None, term("rdfs:subClassOf"), None)
    }
    return any(iri.startswith(f"<{PREFIXES['obo']}") for iri in objects)


FOOPS = {
    "PURL1": lambda: "w3id.org" in ONTOLOGY.value,
    "URI2": lambda: bool(
        list(vocabulary().quads_for_pattern(ONTOLOGY, term("rdf:type"), term("owl:Ontology")))
    ),
    "VER1": version_is_its_own,
    "VER2": answers(f"/ontology/{files.version()}"),
    "OM1": says(
        *("dcterms:title", "dcterms:description", "dcterms:license"),
        *("owl:versionIRI", "dcterms:creator", "vann:preferredNamespaceUri"),
    ),
    "OM2": says(
        *("vann:preferredNamespacePrefix", "owl:versionInfo"),
        *("dcterms:created", "dcterms:bibliographicCitation"),
    ),
    "OM3": says("dcterms:publisher", "foaf:logo", "bibo:status", "dcterms:source", "dcterms:issued"),
    "OM4.1": says("dcterms:license"),
    "OM4.2": lambda: [node.value for node in said("dcterms:license")] == [LICENCE],
    "OM5.1": says("dcterms:creator", "dcterms:created"),
    "OM5.2": says("dcterms:issued", "dcterms:publisher"),
    "FIND1": lambda: [node.value for node in said("vann:preferredNamespacePrefix")] == ["exr"],
    "HTTP1": lambda: ONTOLOGY.value.startswith("https://"),
    "CN1": negotiated,
    "DOC1": lambda: served.client().get("/ontology", headers={"Accept": BROWSER}).mimetype == "text/html",
    "RDF1": lambda: len(vocabulary()) > 500,
    "VOC1": knows_metadata,
    "VOC2": reuses,
    "VOC3": described("rdfs:label", "skos:prefLabel"),
    "VOC4": described("rdfs:comment", "skos:definition"),
}


def is_open_without_account():
    return (
        embedded()["isAccessibleForFree"] is True
        and "without registration" in embedded()["conditionsOfAccess"]
    )


def data_is_had():
    names = [one["contentUrl"].removeprefix(BASE) for one in downloads()]
    return all(served.client().get(f"/{name}").status_code == 200 for name in names)


def content_is_named():
    items = {str(each.target).removeprefix("http://localhost/") for each in links().items}
    return items >= {one["contentUrl"].removeprefix(BASE) for one in downloads()}


def is_described_by_rdf():
    return {str(each.type) for each in links().describedBy} >= {"text/turtle", "application/ld+json"}


def refers_to_others():
    """References whose kind is said: the review that it is based on, and links to the terms of others."""
    catalog = served.release().graphs["catalog"]
    linksets = [t for t in catalog if t.predicate == term("void:linkPredicate")]
    return embedded()["isBasedOn"]["@id"] == BASE + "review" and len(linksets) > 10


def uses_registered_terms():
    namespaces = {PREFIXES[name] for name in ("dcterms", "dcat", "prov", "foaf", "skos", "void")}
    used = {t.predicate.value for triples in served.release().graphs.values() for t in triples}
    return all(any(iri.startswith(namespace) for iri in used) for namespace in namespaces)


def says_where_it_comes_from():
    quads = landing("application/n-triples").text
    catalog = served.client().get("/graph/claims.nt").text
    return PREFIXES["dcterms"] + "source" in quads and PREFIXES["prov"] + "wasDerivedFrom" in catalog


def is_dcat():
    return (
        f"<{DATASET}> <{PREFIXES['rdf']}type> <{PREFIXES['dcat']}Dataset>"
        in landing("application/n-triples").text
    )


def format_is_open():
    kinds = {one["encodingFormat"] for one in downloads()}
    return {"text/turtle", "application/n-quads", "application/ld+json"} <= kinds


F_UJI = {
    "F1-01MD unique identifier": lambda: embedded()["@id"] == DATASET,
    "F1-02MD persistent identifier": lambda: (
        str(links().citeAs.target) == DATASET and DATASET.startswith("https://w3id.org/")
    ),
    "F2-01M core metadata": has(
        *("creator", "name", "identifier", "datePublished", "publisher", "@type"),
        *("description", "keywords"),
    ),
    "F3-01M names its content": content_is_named,
    "F4-01M found by search engines": lambda: embedded()["@context"] == "https://schema.org",
    "A1-01M access": is_open_without_account,
    "A1-02MD metadata and data are had": data_is_had,
    "A1.1-01MD standard protocol": lambda: DATASET.startswith("https:"),
    "A1.2-01MD protocol with authentication": lambda: DATASET.startswith("https:"),
    "I1-01M structured metadata": is_described_by_rdf,
    "I2-01M registered vocabularies": uses_registered_terms,
    "I3-01M qualified references": refers_to_others,
    "R1-01M type, format and size": lambda: all(
        one["encodingFormat"] and one["contentSize"] for one in downloads()
    ),
    "R1.1-01M licence": lambda: embedded()["license"] == LICENCE == str(links().license.target),
    "R1.2-01M provenance": says_where_it_comes_from,
    "R1.3-01M community standard": is_dcat,
    "R1.3-02D open format": format_is_open,
}


# What only a person can do, and the words with which the README tells how.
FOR_A_PERSON = {
    "URI1": "propose the folder to https://github.com/perma-id/w3id.org as its folder",
    "OM3, DOI": "then write the DOI there, and as `bibo:doi` into `ontology/review.ttl`",
    "FIND2": "at https://prefix.cc/exr the namespace `https://w3id.org/exoreview/ontology#`",
    "FIND3": "suggest `https://w3id.org/exoreview/ontology` at https://lov.linkeddata.es",
    "FIND3bis": "`schema:includedInDataCatalog <https://lov.linkeddata.es/dataset/lov/>`",
    "F1-02MD registered": "write the address of your server into `w3id/.htaccess`",
}


@pytest.mark.parametrize("check", FOOPS.values(), ids=FOOPS)
def test_foops(check):
    assert check()


@pytest.mark.parametrize("check", F_UJI.values(), ids=F_UJI)
def test_f_uji(check):
    assert check()


@pytest.mark.parametrize("words", FOR_A_PERSON.values(), ids=FOR_A_PERSON)
def test_a_person_is_told_what_to_register(words):
    assert words in re.sub(r"\s+", " ", files.path("README.md").read_text("utf-8"))


def test_every_check_has_a_row():
    names = {re.split("[, ]", name)[0] for name in (*FOOPS, *F_UJI, *FOR_A_PERSON)}
    assert len({name for name in names if "-" in name}) == 17
    assert len({name for name in names if "-" not in name}) == 24


def test_the_logo_is_there():
    [logo] = said("foaf:logo")
    response = served.client().get("/" + logo.value.removeprefix(BASE))
    assert (response.status_code, response.mimetype) == (200, "image/svg+xml")
