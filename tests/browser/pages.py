"""The pages that the product has: each that has a template of its own, and one page of each kind of thing."""

from urllib.parse import quote

_CLAIMS = "SELECT ?claim { ?claim a <https://w3id.org/exoreview/ontology#Claim> } ORDER BY ?claim LIMIT 20"

PAGES = {
    "front": "/",
    "read": "/read",
    "read-place": "/read?at=486",
    "read-claim": "/read?claim=s04-c6",
    "read-filter": "/read?concept=ExtracellularVesicle&narrower=yes",
    "map": "/map",
    "concepts": "/concepts",
    "ontology": "/ontology",
    "shapes": "/shapes",
    "sparql": "/sparql",
    "sparql-result": f"/sparql?query={quote(_CLAIMS)}",
    "search": "/search",
    "search-hits": "/search?q=tumor+exosomes",
    "search-identifier": "/search?q=GO:0070062",
    "search-nothing": "/search?q=chemoresistence",
    "link": "/link",
    "link-claim": "/link?iri=claim/s04-c6",
    "link-many": "/link?iri=exosom",
    "cite": "/cite",
    "download": "/download",
    "about": "/about",
}
THINGS = {
    "review": "/review.html",
    "claim": "/claim/s04-c6.html",
    "scope": "/scope/r1.html",
    "sentence": "/sentence/s04.html",
    "quote": "/quote/0-41.html",
    "concept": "/concept/TumourDerivedExosome.html",
    "person": "/person/amirhossein-sahebkar.html",
    "mapping": "/mapping/AdvancedCancer-MESH_D009367.html",
    "query": "/query/contributions.html",
    "graph": "/graph/claims.html",
    "dataset": "/dataset.html",
}
# Those that answer with an error, and with which.
ERRORS = {
    "nothing-there": ("/concept/Exosom", 404),
    "no-such-place": ("/read?at=99999", 404),
    "no-query": (f"/sparql?query={quote('SELECT ?claim { ?claim a')}", 400),
}

ALL = {name: (path, 200) for name, path in (PAGES | THINGS).items()} | ERRORS
