"""What is seen in a query before the parser is right, whatever the text, and nothing hides in it."""

import random
import time

import pytest
from pyoxigraph import Literal, NamedNode, Quad, Store

from examples import NAMES, Example
from exoreview.sparql import querytext
from exoreview.sparql.engine import carries

SERVICES = {
    "plain": "SELECT * { SERVICE <http://x.org/> { ?s ?p ?o } }",
    "lower case": "SELECT * { service silent <http://x.org/> { } }",
    "escaped": "SELECT * { \\u0053ERVICE <http://x.org/> { } }",
    "by prefixed name": "PREFIX e: <http://x.org/> SELECT * { SERVICE e:s { } }",
    "by variable": "SELECT * { SERVICE ?where { } }",
    "after a number": "SELECT * { ?s ?p 1.SERVICE <http://x.org/> { } }",
    "after a boolean": "SELECT * { ?s ?p true.SERVICE <http://x.org/> { } }",
    "after a language": 'SELECT * { ?s ?p "a"@en.SERVICE <http://x.org/> { } }',
    "after less than": "SELECT * { FILTER(1<2)SERVICE<http://x.org/>{ } }",
    "after a comment": "SELECT * { # comment\nSERVICE <http://x.org/> { } }",
    "after a carriage return": "SELECT * { # comment\rSERVICE <http://x.org/> { } }",
    "after a quote in a comment": "SELECT * { # it's\nSERVICE <http://x.org/> { } }",
    "after an empty text": 'SELECT * { ?s ?p "" . SERVICE <http://x.org/> { } }',
    "after a text with an escaped quote": 'SELECT * { ?s ?p "a\\"" . SERVICE <http://x.org/> { } }',
    "after a long text": 'SELECT * { ?s ?p """a"b""c""" . SERVICE <http://x.org/> { } }',
    "after a long text that ends in quotes": 'SELECT * { ?s ?p """a\\"""" . SERVICE <http://x.org/> { } }',
    "glued to its endpoint": "PREFIX x: <http://x.org/> SELECT * { SERVICEx:y { } }",
    "glued to a bare name": "PREFIX : <http://x.org/> SELECT * { SERVICE:y { } }",
    "glued to SILENT": "SELECT * { SERVICESILENT<http://x.org/> { } }",
    "glued to SILENT and its endpoint": "PREFIX x: <http://x.org/> SELECT * { SERVICESILENTx:y { } }",
    "glued to a boolean": "SELECT * { ?s ?p trueSERVICE<http://x.org/> { } }",
    "glued to a double": "SELECT * { ?s ?p 1e5SERVICE<http://x.org/> { } }",
    "glued to a name that is a namespace": "PREFIX x: <x:> SELECT * { ?s ?p x:.SERVICE<http://x.org/> { } }",
    "between escaped quotes": r'SELECT * { ?s ?p "\u0022" SERVICE <http://x.org/> { ?s ?p "\u0022" } }',
}
NO_SERVICES = {
    "in a text": 'SELECT * { ?s ?p "SERVICE <http://x.org/> {}" }',
    "in a long text": "SELECT * { ?s ?p '''it's SERVICE <http://x.org/> {}''' }",
    "in a comment": "SELECT * { # SERVICE <http://x.org/> {}\n }",
    "in an IRI": "SELECT * { ?s ?p <http://x.org/SERVICE> }",
    "in a variable": "SELECT * { ?service ?p $SERVICE }",
    "in a name": "PREFIX e: <http://x.org/> SELECT * { ?s e:SERVICE e:a.SERVICE }",
    "in a blank node": "SELECT * { _:SERVICE ?p ?o }",
    "in the name of a graph": "PREFIX service: <x:> SELECT * { GRAPH service:a { ?s ?p ?o } }",
    "in the name of a dataset": "PREFIX service: <x:> SELECT * FROM service:a { ?s service:b ?o }",
    "in a name before another": "PREFIX e: <x:> DESCRIBE e:SERVICE <http://x.org/> { }",
    "in a selected variable": "SELECT ?service ?other { }",
}


@pytest.mark.parametrize("text", SERVICES.values(), ids=SERVICES)
def test_a_service_is_seen(text):
    assert querytext.scan(text).service is not None


@pytest.mark.parametrize("text", NO_SERVICES.values(), ids=NO_SERVICES)
def test_the_word_alone_is_no_service(text):
    assert querytext.scan(text).service is None


def test_services_are_found_with_their_places():
    text = "SELECT * {\n SERVICE # of\n <x:a> { ?s ?p '}' { service silent e:b{} } } SERVICE ?x {"
    outer, inner, last = querytext.scan(text).services
    assert [service.endpoint for service in (outer, inner, last)] == ["<x:a>", "e:b", "?x"]
    assert text[outer.at : outer.closes] == "SERVICE # of\n <x:a> { ?s ?p '}' { service silent e:b{} } }"
    assert text[outer.opens : outer.closes].startswith("{ ?s ?p")
    assert text[inner.at : inner.closes] == "service silent e:b{}"
    assert text[inner.starts : inner.ends] == "e:b"
    assert [service.silent for service in (outer, inner, last)] == [False, True, False]
    assert [service.nested for service in (outer, inner, last)] == [False, True, False]
    assert last.closes == 0


def test_a_service_that_escapes_hide_or_change_is_ambiguous():
    hidden = r'SELECT * { ?s ?p "\u0022" SERVICE <x:a> { ?s ?p "\u0022" } }'
    assert querytext.scan(hidden).ambiguous
    assert querytext.scan(r"SELECT * { \u0053ERVICE <x:a> { } }").ambiguous
    assert querytext.scan(r"SELECT * { SERVICE <x:\u0061> { } }").ambiguous
    assert not querytext.scan(r'SELECT * { SERVICE <x:a> { ?s ?p "\u00e9" } }').ambiguous


PARTS = (
    *(
        "true",
        "1",
        "1.",
        "1e5",
        '"a"',
        "@en",
        "@en-",
        "x:.",
        "x:a.",
        ":.",
        "_:",
        "?s ?p ?o",
        "?s x:p true",
        "GRAPH x:g",
    ),
    *(
        r"\u0022",
        '"',
        r'"\u0022"',
        '"""',
        "'",
        "'''",
        "\\",
        "#",
        "# c\n",
        "<",
        ">",
        "(1<2)",
        "FILTER(?s<?o)",
        "SERVICE",
    ),
    *(
        "SILENT",
        "{",
        "}",
        "{ }",
        ".",
        ";",
        ",",
        "(",
        ")",
        "[",
        "]",
        "\u00a0",
        "\u2028",
        "\ufeff",
        "\r",
        "$",
        "é",
        "\\",
    ),
    *("FILTER EXISTS", "OPTIONAL", "VALUES ?v {", "BIND(", "AS ?z)", "UNION", " ", " ", "\n"),
)
ENDPOINTS = ("<x:y>", "x:y", ":y", "x:", ":", "SERVICE:y", "?where")
PATTERNS = ("{ }", "{ ?s ?p ?o }", "{?s:p?o}", r'{ ?s ?p "\u0022" }', "{ ?s ?p '''\"''' }")


def test_whatever_the_engine_takes_for_a_service_is_seen():
    """The engine says so by complaining of the endpoint, which no query here could reach."""
    store, chance, reached = Store(), random.Random(3), 0
    store.add(Quad(NamedNode("x:s"), NamedNode("x:p"), Literal("o"), NamedNode("x:g")))
    store.add(Quad(NamedNode("x:s"), NamedNode("x:p"), Literal("o")))
    for _ in range(20_000):
        before, after = (
            "".join(chance.choice(PARTS) + chance.choice(("", " ")) for _ in range(chance.randrange(5)))
            for _ in range(2)
        )
        keyword = chance.choice(("SERVICE", "sErViCe", "SERVICE ", "SERVICE\n")) + chance.choice(("", "#{\n"))
        service = keyword + chance.choice(ENDPOINTS) + chance.choice(("", "#}\n")) + chance.choice(PATTERNS)
        text = f"PREFIX : <x:> PREFIX x: <x:> PREFIX SERVICE: <x:> SELECT * {{ {before}{service}{after} }}"
        try:
            list(store.query(text))
        except (SyntaxError, ValueError):
            continue
        except (OSError, RuntimeError):
            reached += 1
            assert querytext.scan(text).services, text
            assert all(service.closes for service in querytext.scan(text).services), text
    assert reached > 200


FORMS = {
    "SELECT": ("PREFIX ask: <x:> # CONSTRUCT\nselect * {}", "bindings"),
    "ASK": ("BASE <http://select/> ASK {}", "boolean"),
    "CONSTRUCT": ("CONSTRUCT { ?s ?p 'SELECT' } { SELECT * {} }", "graph"),
    "DESCRIBE": ("DESCRIBE <x:y>", "graph"),
}


@pytest.mark.parametrize(("form", "text", "carried"), [(k, *v) for k, v in FORMS.items()], ids=FORMS)
def test_the_form(form, text, carried):
    assert querytext.scan(text).form == form
    assert querytext.FORMS[form] == carried


UPDATES = (
    "INSERT DATA {}",
    "PREFIX a: <b:> DELETE WHERE {}",
    "LOAD <x:y>",
    "CLEAR ALL",
    "WITH <x:y> DELETE {}",
)


@pytest.mark.parametrize("text", UPDATES)
def test_an_update_is_told_from_a_query(text):
    assert querytext.scan(text).is_update
    assert not querytext.scan(f"SELECT * {{ # {text}\n }}").is_update


@pytest.mark.parametrize(
    ("text", "depth"),
    [("SELECT * {}", 1), ("{[()]}", 3), ("{}{}", 1), ('{ "{{{" # {{{\n }', 1), ("{" * 5000, 5000)],
    ids=["one", "three", "side by side", "in texts and comments", "five thousand"],
)
def test_depth(text, depth):
    assert querytext.scan(text).depth == depth


def test_prefixes():
    text = "PREFIX a: <x:> prefix : <y:> SELECT * { a:b :c d.e:f ; g:h _:i }"
    seen = querytext.scan(text)
    assert seen.prefixes == {"a": "x:", "": "y:"}
    assert seen.undeclared == ("d.e", text.index("d.e"))


@pytest.mark.parametrize(
    ("text", "prefixes"),
    {
        "none": ("ASK { ?s ?p ?o }", {}),
        "two": (
            "PREFIX a: <x:> prefix b-c:<y:#>\nCONSTRUCT { ?s ?p ?o } WHERE { }",
            {"a": "x:", "b-c": "y:#"},
        ),
        "the empty one": ("PREFIX : <x:> DESCRIBE <x:a>", {"": "x:"}),
        "after a base": ("BASE <x:> PREFIX a: <y> DESCRIBE <a>", {"a": "y"}),
        "one in a comment": ("# PREFIX a: <x:>\nPREFIX b: <y:> DESCRIBE <y:b>", {"b": "y:"}),
        "one twice": ("PREFIX a: <x:> PREFIX a: <y:> DESCRIBE <y:b>", {"a": "y:"}),
        "escaped": ("\\u0050REFIX a: <x:> DESCRIBE <x:a>", {}),
    }.values(),
)
def test_the_prefixes_that_a_query_declares(text, prefixes):
    assert querytext.prefixes(text) == prefixes


HOSTILE = {
    "open brackets": "(" * 200_000,
    "quote and backslash": '"\\' * 100_000,
    "three quotes": '"""' * 66_667,
    "long text with quotes": '"""' + 'a""' * 66_000,
    "less than": "<a" * 100_000,
    "dots": "a." * 100_000,
    "only dots": "a" + "." * 200_000,
    "colons and dots": "a:" + "." * 200_000,
    "names with dots": "a....b " * 28_000,
    "percent": ":a%" * 66_000,
    "hyphens": "a-" * 100_000,
    "question marks": "?" * 200_000,
    "escapes": "\\u0041" * 33_000,
    "services": "SERVICE" * 28_000,
    "services that open": "SERVICE <x:a> {" * 13_000,
    "services in one another": "SERVICE x:a.SERVICE { } }" * 8_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_no_text_takes_long(text):
    start = time.process_time()
    querytext.scan(text)
    assert time.process_time() - start < 2


def test_a_place_is_a_line_and_a_column():
    assert querytext.position("a\nbcd", 0) == (1, 1)
    assert querytext.position("a\nbcd", 4) == (2, 3)


def test_the_hint_names_the_prefix_that_we_know():
    assert "PREFIX exr: <https://w3id.org/exoreview/ontology#>" in querytext.prefix_hint("exr")
    assert querytext.prefix_hint("nobody") == ""


@pytest.mark.parametrize("name", NAMES)
def test_the_form_of_a_published_query_is_that_of_its_result(name):
    text = Example(name).asking()
    assert querytext.FORMS[querytext.form(text)] == carries(Store().query(text))
    assert querytext.form(text) == querytext.scan(text).form


PLAIN = {
    "a query": ("SELECT * { ?s ?p ?o }", True),
    "as many brackets as may be": ("ASK " + "{" * 8 + "}" * 8, True),
    "more brackets": ("ASK " + "{" * 9 + "}" * 9, False),
    "brackets of all kinds": ("ASK {{{ ((( [[[", False),
    "a service": ("ASK { SeRvIcE <a:b> {} }", False),
    "an escape": ("ASK { \\u0053ERVICE <a:b> {} }", False),
}


@pytest.mark.parametrize(("text", "is_plain"), PLAIN.values(), ids=PLAIN)
def test_what_needs_no_closer_look(text, is_plain):
    assert querytext.is_plain(text, 8) is is_plain


USUAL = {
    "nothing before": ("SELECT * {}", "SELECT"),
    "prefixes and comments": ("# ASK\nPREFIX a: <b:c#ASK>\nprefix d:<e:>\nconstruct WHERE {}", "CONSTRUCT"),
    "a prefix called select": ("PREFIX select: <a:b> ASK {}", "ASK"),
    "a base": ("BASE <a:b> DESCRIBE <c>", "DESCRIBE"),
    "an empty prefix": ("PREFIX : <a:b> ASK {}", "ASK"),
    "a name that begins like a form": ("PREFIX ask: <a:b> ask:x SELECT", "SELECT"),
    "an update": ("PREFIX a: <b:> INSERT DATA {}", "INSERT"),
    "nothing": ("# SELECT", None),
}


@pytest.mark.parametrize(("text", "form"), USUAL.values(), ids=USUAL)
def test_the_form_is_found_after_any_start(text, form):
    assert querytext.form(text) == form


CHANGING = {
    "now": ("SELECT (NOW() AS ?t) {}", True),
    "rand": ("SELECT (rand() AS ?t) {}", True),
    "a service": ("SELECT * { SERVICE <a:b> {} }", True),
    "an escape": ("SELECT (\\u004eOW() AS ?t) {}", True),
    "who knows": ("SELECT * { ?s foaf:knows ?o }", False),
    "a brand": ("SELECT * { ?s ?p 'brand' }", False),
}


@pytest.mark.parametrize(("text", "volatile"), CHANGING.values(), ids=CHANGING)
def test_what_may_change_each_time(text, volatile):
    assert querytext.volatile(text) is volatile
