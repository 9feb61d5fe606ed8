"""Queries that ask for too much, each with the statuses that are due and a pattern of the sentence."""

NS = "http://e.org/"
ALL3 = "?a ?b ?c . ?d ?e ?f . ?g ?h ?i"
ALL2 = "?a ?b ?c . ?d ?e ?f"

# How many triples the attacked data has: a ring, which is what paths get lost in, and texts.
RING, TEXTS = 1000, 2000

IN_TIME = (503, r"stopped after 0\.5 seconds, the limit here")
# Which limit is met first depends on the machine.
ANY_LIMIT = (
    (413, 503),
    r"stopped after 0\.5 seconds|more memory|longer than [\d,]+ bytes|more than [\d,]+ rows",
)
BROKEN = ((400, 503), r"stopped after 0\.5 seconds|came to its end|more memory|nests|nested|deep")
NESTED = (400, r"nests brackets \d+ deep; at most 128 are read")
# A query that only looks bad has a right answer; where the machine is slow, it is stopped.
ANSWERED = ((200, 503), r"\A\{|stopped after 0\.5 seconds")
# Whether the process survives depends on how much stack its platform gives it.
DEEP = ((200, 400, 503), r"\A\{|stopped after 0\.5 seconds|came to its end|more memory|nest|deep|line \d")


def data():
    """The triples, as N-Triples."""
    for number in range(RING):
        yield f"<{NS}n{number}> <{NS}next> <{NS}n{(number + 1) % RING}> .\n"
    for number in range(TEXTS):
        yield f'<{NS}s{number}> <{NS}p> "{"a" * 60}{number}" .\n'


def _nested(head: str, tail: str, depth: int = 5000, inner: str = "") -> str:
    return "ASK { " + head * depth + inner + tail * depth + " }"


def _doubled(expression: str, start: str = "'" + "a" * 1000 + "'", steps: int = 40) -> str:
    steps = "".join(f" BIND({expression.format(f'?v{n}')} AS ?v{n + 1})" for n in range(steps))
    return f"SELECT * {{ BIND({start} AS ?v0){steps} }}"


def _product(ways: int, values: int) -> str:
    listed = " ".join(map(str, range(values)))
    return " ".join(f"VALUES ?v{n} {{ {listed} }}" for n in range(ways))


def _join(pattern: str, count: int) -> str:
    return "SELECT * { " + " ".join(pattern.format(n=n, m=n + 1) for n in range(count)) + " }"


CROSS = {
    "rows": (f"SELECT * {{ {ALL3} }}", *ANY_LIMIT),
    "count": (f"SELECT (COUNT(*) AS ?n) {{ {ALL3} }}", *IN_TIME),
    "count of distinct": (f"SELECT (COUNT(DISTINCT *) AS ?n) {{ {ALL3} }}", *ANY_LIMIT),
    "order": (f"SELECT * {{ {ALL3} }} ORDER BY ?c ?f ?i", *ANY_LIMIT),
    "order and limit": (f"SELECT * {{ {ALL3} }} ORDER BY ?i LIMIT 1", *ANY_LIMIT),
    "distinct": (f"SELECT DISTINCT * {{ {ALL3} }}", *ANY_LIMIT),
    "reduced": (f"SELECT REDUCED ?a {{ {ALL3} }}", *ANY_LIMIT),
    "groups": (f"SELECT ?a ?d ?g (COUNT(*) AS ?n) {{ {ALL3} }} GROUP BY ?a ?d ?g", *ANY_LIMIT),
    "construct": (f"CONSTRUCT {{ ?a <{NS}x> ?f }} WHERE {{ {ALL3} }}", *ANY_LIMIT),
    "construct of blank nodes": (f"CONSTRUCT {{ [] <{NS}x> ?a }} WHERE {{ {ALL3} }}", *ANY_LIMIT),
    "describe": (f"DESCRIBE ?a ?d ?g {{ {ALL3} }}", *ANY_LIMIT),
    "offset": (f"SELECT * {{ {ALL3} }} OFFSET 9999999999", *IN_TIME),
    "minus": (f"SELECT (COUNT(*) AS ?n) {{ {ALL3} MINUS {{ ?x ?y ?z . ?u ?v ?w }} }}", *ANY_LIMIT),
    "exists": (f"ASK {{ {ALL2} FILTER NOT EXISTS {{ {ALL2} . ?g ?h ?a }} FILTER(?a = ?x) }}", *ANY_LIMIT),
    "optional": (
        f"SELECT (COUNT(*) AS ?n) {{ {ALL2} OPTIONAL {{ ?x ?y ?z FILTER(?z != ?c) }} }}",
        *ANY_LIMIT,
    ),
    "lateral filter": (f"ASK {{ {ALL3} FILTER(STRLEN(CONCAT(STR(?c), STR(?f), STR(?i))) = 1) }}", *IN_TIME),
}

PATHS = {
    "all pairs": (f"SELECT (COUNT(*) AS ?n) {{ ?a <{NS}next>+ ?b . ?c <{NS}next>+ ?d }}", *ANY_LIMIT),
    "star of a star": (
        f"SELECT (COUNT(*) AS ?n) {{ ?a ((<{NS}next>*)*)* ?b . ?b <{NS}next>* ?c }}",
        *ANY_LIMIT,
    ),
    "to and fro": (f"SELECT * {{ ?a (<{NS}next>|^<{NS}next>)* ?b . ?c (<{NS}p>|!<{NS}p>)* ?d }}", *ANY_LIMIT),
    "long sequence of stars": (
        f"SELECT (COUNT(*) AS ?n) {{ ?a {'/'.join([f'<{NS}next>*'] * 20)} ?b }}",
        *ANY_LIMIT,
    ),
    "negated": (
        f"SELECT (COUNT(*) AS ?n) {{ ?a (!(<{NS}x>|^<{NS}y>))* ?b . ?b (!<{NS}x>)* ?c }}",
        *ANY_LIMIT,
    ),
}

REGEX = {
    "backtracking": ('ASK { ?s ?p ?o FILTER REGEX(STR(?o), "^(a+)+$|(a|a)*b|(.*.*)*x") }', *ANSWERED),
    "nested counts": ('ASK { ?s ?p ?o FILTER REGEX(STR(?o), "(((a{1,900}){1,900}){1,900})x") }', *ANSWERED),
    "counted classes": (r'ASK { ?s ?p ?o FILTER REGEX(STR(?o), "(\\p{L}{0,500}){20}\\d{50}") }', *ANSWERED),
    "a pattern for each row": (
        f'ASK {{ {ALL2} FILTER REGEX(STR(?c), CONCAT("(\\\\w{{1,90}}){{9}}", STR(?f))) }}',
        *ANSWERED,
    ),
    "long alternation": (
        'ASK { ?s ?p ?o FILTER REGEX(STR(?o), "' + "|".join(f".*{n}" for n in range(9000)) + '") }',
        *ANSWERED,
    ),
    "deep pattern": ('ASK { ?s ?p ?o FILTER REGEX(STR(?o), "' + "(" * 9000 + ")" * 9000 + '") }', *ANSWERED),
    "replacement that grows": (_doubled('REPLACE({}, "(.)", "$1$1$1$1$1$1$1$1")'), *ANY_LIMIT),
}

NESTS = {
    "groups": (_nested("{", "}"), *NESTED),
    "parentheses": (_nested("(", ")", inner="1").replace("{ ", "{ FILTER ", 1), *NESTED),
    "unclosed groups": ("ASK " + "{" * 9000, *NESTED),
    "subselects": (_nested("{ SELECT * {", "} }", 3000), *NESTED),
    "unions in unions": (_nested("{ {} UNION {", "} }"), *NESTED),
    "optionals": (_nested("OPTIONAL {", "}"), *NESTED),
    "exists": (_nested("FILTER EXISTS {", "}"), *NESTED),
    "property lists": (_nested(f"[ <{NS}p> ", " ] .", 4000, "1"), *NESTED),
    "collections": (_nested("(", ")", inner="1") + " ", *NESTED),
    "calls": ("SELECT (" + "STR(" * 5000 + "1" + ")" * 5000 + " AS ?x) {}", *NESTED),
    "path groups": (f"ASK {{ ?s {'(' * 5000}<{NS}p>{')*' * 5000} ?o }}", *NESTED),
    "just deep enough": (_nested("{", "}", 127, "?s ?p ?o"), *ANSWERED),
    "reified triples": (_nested("<< ", f" <{NS}p> 1 >>", 4000, f"<{NS}s>") + " ", *DEEP),
    "triple terms": (_nested(f"<<( <{NS}s> <{NS}p> ", ")>>", 3000, "1"), *NESTED),
    "unions in a row": ("ASK { " + " UNION ".join(["{ ?s ?p ?o }"] * 9000) + " }", *DEEP),
    "exclamation marks": ("ASK { ?s ?p ?o FILTER(" + "!" * 90_000 + "?o) }", *DEEP),
    "minus signs": ("SELECT (" + "-" * 90_000 + "1 AS ?x) {}", *DEEP),
    "sum": ("SELECT (" + "1+" * 60_000 + "1 AS ?x) {}", *DEEP),
    "disjunction": ("ASK { FILTER(" + "false||" * 25_000 + "true) }", *DEEP),
    "carets": (f"ASK {{ ?s {'^' * 90_000}<{NS}p> ?o }}", *DEEP),
    "long path": ("ASK { ?s " + "/".join([f"<{NS}p>"] * 9000) + " ?o }", *DEEP),
    "path of choices": ("ASK { ?s " + "|".join([f"<{NS}p>"] * 9000) + " ?o }", *DEEP),
    "predicates": (f"ASK {{ ?s ?p ?o {f'; <{NS}p> ?o ' * 6000} }}", *DEEP),
    "bindings": ("SELECT * { " + "".join(f"BIND({n} AS ?v{n}) " for n in range(8000)) + "}", *DEEP),
    "list of values": ("ASK { ?s ?p ?o FILTER(?o IN (" + ",".join(map(str, range(25_000))) + ")) }", *DEEP),
    "optionals in a row": ("SELECT * { " + "OPTIONAL { ?s ?p ?o } " * 8000 + "}", *DEEP),
    "filters": ("ASK { ?s ?p ?o " + "FILTER(?o != 1) " * 12_000 + "}", *DEEP),
    "prefixes": ("".join(f"PREFIX p{n}: <{NS}{n}/> " for n in range(5000)) + "ASK {}", *DEEP),
}

JOINS = {
    "unbound patterns": (_join("?s ?p ?o .", 400), *BROKEN),
    "chain": (_join("?v{n} ?p{n} ?v{m} .", 400), *BROKEN),
    "star": (_join(f"?s <{NS}p> ?v{{n}} .", 400), *BROKEN),
    "no variable shared": (_join("?a{n} ?b{n} ?c{n} .", 400), *BROKEN),
    "subselects": (_join("{{ SELECT * {{ ?v{n} ?p ?v{m} }} LIMIT 9 }}", 400), *DEEP),
    "optionals": (_join("OPTIONAL {{ ?v{n} ?p ?v{m} }}", 400), *DEEP),
}

RESULTS = {
    "group_concat": (
        f'SELECT (GROUP_CONCAT(STR(?c); separator="{"x" * 9000}") AS ?x) {{ {ALL3} }}',
        *ANY_LIMIT,
    ),
    "group_concat of distinct": (
        f"SELECT (GROUP_CONCAT(DISTINCT CONCAT(?c, ?f)) AS ?x) {{ {ALL2} }}",
        *ANY_LIMIT,
    ),
    "doubling": (_doubled("CONCAT({0}, {0})"), *ANY_LIMIT),
    "doubling, seen by its length": (
        _doubled("CONCAT({0}, {0})").replace("*", "(STRLEN(?v40) AS ?x)"),
        *ANY_LIMIT,
    ),
    "tripling by escapes": (_doubled("ENCODE_FOR_URI(CONCAT('%', {0}, {0}))"), *ANY_LIMIT),
    "one long text in each row": (
        "SELECT ?v9 ?s { ?s ?p ?o { " + _doubled("CONCAT({0}, {0})", steps=9) + " } }",
        *ANY_LIMIT,
    ),
    "product of values": (f"SELECT * {{ {_product(8, 200)} }}", *ANY_LIMIT),
    "count of a product of values": (f"SELECT (COUNT(*) AS ?n) {{ {_product(12, 99)} }}", *ANY_LIMIT),
    "new names": (f"SELECT DISTINCT (STRUUID() AS ?x) {{ {ALL3} }}", *ANY_LIMIT),
    "large template": (
        "CONSTRUCT { " + "".join(f"?a <{NS}{n}> ?f . " for n in range(3000)) + f"}} WHERE {{ {ALL2} }}",
        *ANY_LIMIT,
    ),
    "many columns": (
        "SELECT " + " ".join(f"(?c AS ?x{n})" for n in range(3000)) + f" {{ {ALL2} }}",
        *ANY_LIMIT,
    ),
}

ATTACKS = {
    f"{kind}: {name}": attack
    for kind, attacks in {
        "cross product": CROSS,
        "path": PATHS,
        "regex": REGEX,
        "nesting": NESTS,
        "join": JOINS,
        "result": RESULTS,
    }.items()
    for name, attack in attacks.items()
}

# Texts that try to write, or to reach out to an address, “HERE”, that nobody may ask.
UPDATE = (400, "This is an update")
SERVICE_OFF = (400, "SERVICE is off")
MISTAKE = (400, "line 1")
EMPTY = (200, r'"boolean":false|"bindings":\[\]|"n":\{[^}]*"value":"0"')

_TRIPLE = f"{{ <{NS}new> <{NS}p> 1 }}"

DISGUISES = {
    "insert": (f"INSERT DATA {_TRIPLE}", *UPDATE),
    "odd case": (f"iNsErT dAtA {_TRIPLE}", *UPDATE),
    "first letter escaped": (f"\\u0049NSERT DATA {_TRIPLE}", *UPDATE),
    "all letters escaped": ("".join(f"\\U{ord(c):08X}" for c in "INSERT") + f" DATA {_TRIPLE}", *UPDATE),
    "escaped twice": (f"\\u005Cu0049NSERT DATA {_TRIPLE}", 400, ""),
    "behind a query": (f"ASK {{}} ; INSERT DATA {_TRIPLE}", *MISTAKE),
    "before a query": (f"INSERT DATA {_TRIPLE} ; ASK {{}}", *UPDATE),
    "behind a comment": (f"# ASK {{}}\rINSERT DATA {_TRIPLE}", *UPDATE),
    "behind a prefix": (f"PREFIX ask: <{NS}ASK> INSERT DATA {_TRIPLE}", *UPDATE),
    "behind a prefix named ask": (f"PREFIX ASK: <{NS}> INSERT DATA {_TRIPLE}", *UPDATE),
    "behind a byte order mark": (f"\ufeffINSERT DATA {_TRIPLE}", *UPDATE),
    "in a group": (f"ASK {{ INSERT DATA {_TRIPLE} }}", *MISTAKE),
    "in a subselect": ("SELECT * { { DELETE WHERE { ?s ?p ?o } } }", *MISTAKE),
    "delete": ("DELETE WHERE { ?s ?p ?o }", *UPDATE),
    "with": (f"WITH <{NS}g> DELETE {{ ?s ?p ?o }} WHERE {{ ?s ?p ?o }}", *UPDATE),
    "load": ("LOAD <HERE>", *UPDATE),
    "load silently": ("LOAD SILENT <HERE> INTO GRAPH <HERE>", *UPDATE),
    "load a file": ("LOAD <file:///etc/passwd>", *UPDATE),
    "clear": ("CLEAR ALL", *UPDATE),
    "drop": ("DROP SILENT DEFAULT", *UPDATE),
    "copy": (f"COPY DEFAULT TO <{NS}g>", *UPDATE),
    "service": ("ASK { SERVICE <HERE> { ?s ?p ?o } }", *SERVICE_OFF),
    "service, odd case": ("ASK { sErViCe <HERE> { ?s ?p ?o } }", *SERVICE_OFF),
    "service, no space": ("ASK{SERVICE<HERE>{?s ?p ?o}}", *SERVICE_OFF),
    "service, silent": ("ASK { SERVICE SILENT <HERE> { ?s ?p ?o } }", *SERVICE_OFF),
    "service, silent and glued": ("ASK { SERVICESILENT<HERE> { ?s ?p ?o } }", *SERVICE_OFF),
    "service, glued to a word": ("ASK { BIND(1 AS ?x) ?s ?p true.SERVICE<HERE> { ?s ?p ?o } }", *SERVICE_OFF),
    "service, glued without a dot": ("ASK { ?s ?p trueSERVICE<HERE> { ?s ?p ?o } }", 400, ""),
    "service, glued to a number": ("ASK { ?s ?p 1.SERVICE<HERE> { ?s ?p ?o } }", 400, ""),
    "service, glued to a name": (
        f"PREFIX x: <{NS}> ASK {{ ?s ?p x:.SERVICE<HERE> {{ ?s ?p ?o }} }}",
        400,
        "",
    ),
    "service, by a prefix": ("PREFIX x: <HERE> ASK { SERVICE x: { ?s ?p ?o } }", *SERVICE_OFF),
    "service, glued to a prefix": ("PREFIX x: <HERE> ASK { SERVICEx: { ?s ?p ?o } }", 400, ""),
    "service, by a variable": ("ASK { VALUES ?x { <HERE> } SERVICE ?x { ?s ?p ?o } }", *SERVICE_OFF),
    "service, a comment between": ("ASK { SERVICE#\n<HERE> { ?s ?p ?o } }", *SERVICE_OFF),
    "service, behind a text": ("ASK { ?s ?p '#' SERVICE <HERE> { ?s ?p ?o } }", *SERVICE_OFF),
    "service, behind a long text": (
        "ASK { ?s ?p '''\n'\"# ''' . SERVICE <HERE> { ?s ?p ?o } }",
        *SERVICE_OFF,
    ),
    "service, behind an escaped quote": (r"ASK { ?s ?p 'a\'#' . SERVICE <HERE> { ?s ?p ?o } }", *SERVICE_OFF),
    "service, behind half a text": (r"ASK { ?s ?p '\u0027 . SERVICE <HERE> { ?s ?p ?o } #' }", *SERVICE_OFF),
    "service, a letter escaped": (r"ASK { \u0053ERVICE <HERE> { ?s ?p ?o } }", *SERVICE_OFF),
    "service, its brace escaped": (r"ASK { SERVICE <HERE> \u007B ?s ?p ?o \u007D }", *SERVICE_OFF),
    "service, in exists": ("ASK { FILTER EXISTS { SERVICE <HERE> { ?s ?p ?o } } }", *SERVICE_OFF),
    "service, in a file": ("ASK { SERVICE <file:///etc/passwd> { ?s ?p ?o } }", *SERVICE_OFF),
    "from": ("ASK FROM <HERE> { ?s ?p ?o }", *EMPTY),
    "from a file": ("SELECT * FROM <file:///etc/passwd> { ?s ?p ?o }", *EMPTY),
    "from named": ("ASK FROM NAMED <HERE> { GRAPH ?g { ?s ?p ?o } }", *EMPTY),
    "graph": ("ASK { GRAPH <HERE> { ?s ?p ?o } }", *EMPTY),
    "graph of a file": ("ASK { GRAPH <file:///etc/passwd> { ?s ?p ?o } }", *EMPTY),
    "describe": ("DESCRIBE <HERE>", 200, ""),
    "a function's name": ("SELECT (<HERE>(1) AS ?x) {}", (200, 400), ""),
    "a base": ("BASE <HERE> ASK { GRAPH <data> { ?s ?p ?o } }", *EMPTY),
}
