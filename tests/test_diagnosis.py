"""A wrong query is answered with what is wrong, at its own line and column, and what would be right."""

import random
import time

import pytest
from pyoxigraph import Store

from examples import NAMES, Example
from exoreview.diagnosis import syntax_error
from exoreview.diagnosis.tokens import tokens
from exoreview.sparql import querytext

# name: the query with ¦ before the character at which the mistake is to be named, sentence, hint.
WRONG = {
    "brace not closed": ("SELECT * ¦{ ?s ?p ?o", "The { that opens here is never closed", "Add a }"),
    "inner brace": ("SELECT * ¦{ ?s ?p ?o OPTIONAL { ?s ?q ?r }", "The { that opens here", ""),
    "parenthesis": ("ASK { ?s ?p ?o FILTER(?o > 1 ¦}", "a ) is missing: the ( of line 1, column 22", ""),
    "bracket": ("ASK { [ ?p ?o ¦}", "a ] is missing: the [ of line 1, column 7", ""),
    "brace too many": ("ASK { ?s ?p ?o } ¦}", "closes nothing", "Leave it out"),
    "parenthesis too many": ("ASK { ?s ?p ?o ¦) }", "This ) closes nothing", "Leave it out"),
    "dot missing": ("ASK { ?s ?p ?o\n ¦?x ?y ?z }", "Before “?x” a dot is missing", "Write ."),
    "semicolon missing": ("ASK { ?s a ?c ¦<x:l> ?l }", "a semicolon is missing", "Write ;"),
    "comma missing": ("ASK { ?s a ?c ¦?d . }", "a comma is missing", "Write ,"),
    "dot twice": ("ASK { ?s ?p ?o . ¦. }", "This dot is one too many", "Leave it out"),
    "comma twice": ("ASK { ?s ?p ?o ,¦, ?r }", "This comma is one too many", ""),
    "semicolon after dot": ("ASK { ?s ?p ?o . ¦; ?q ?r }", "This semicolon follows a dot", ""),
    "dot first": ("ASK { ¦. ?s ?p ?o }", "This dot has no triple before it", ""),
    "where without brace": ("SELECT ?s WHERE ¦?s ?p ?o }", "After WHERE a { is missing", "WHERE {"),
    "text without end": ('ASK { ?s ?p ¦"abc . }', 'has no closing " on its line', '"""'),
    "long text without end": ("ASK { ?s ?p ¦'''abc . }", "has no closing '''", ""),
    "iri without end": ("ASK { ?s ¦<http://x.org/p ?o }", "has no closing >", "<http://x.org/p>"),
    "iri with a blank": ("ASK { ?s <http://x.org/a¦ b> ?o }", "The IRI has a blank in it", "%20"),
    "iri with a brace": ("ASK { ?s <http://x.org/¦{b> ?o }", "The IRI has “{” in it", "%7B"),
    "iri without < >": ("ASK { ?s ¦http://x.org/p ?o }", "An IRI stands in < >", "<http://x.org/p>"),
    "known prefix": ("ASK { ?s ¦exr:a ?o }", "“exr:” is not declared", "PREFIX exr: <https://w3id"),
    "near prefix": ("ASK { ?s ¦rfds:label ?o }", "“rfds:” is not declared", "Is rdfs: meant? Add this"),
    "unknown prefix": ("ASK { ?s ¦zzzz:label ?o }", "“zzzz:” is not declared", "PREFIX zzzz: <…>"),
    "turtle prefix": ("¦@prefix e: <x:y> .\nASK {}", "is Turtle", "PREFIX e: <x:y> without @"),
    "prefix with a dot": ("PREFIX e: <x:y> ¦.\nASK {}", "No dot or semicolon", "Leave it out"),
    "prefix without colon": ("PREFIX ¦e <x:y> ASK {}", "a colon is missing", "PREFIX e: <x:y>"),
    "prefix with a blank": ("PREFIX ¦e : <x:y> ASK {}", "No blank stands between e and its colon", "e:"),
    "prefix without name": ("PREFIX ¦<x:y> ASK {}", "name of the prefix is missing", "PREFIX ex: <x:y>"),
    "prefix without < >": ("PREFIX e: ¦http://x.org/ ASK {}", "an IRI in < >", "e: <http://x.org/>"),
    "SELCT": ("¦SELCT * { ?s ?p ?o }", "“SELCT” is no word", "SELECT"),
    "FLITER": ("ASK { ?s ?p ?o ¦FLITER(?o > 1) }", "“FLITER” is no word", "FILTER"),
    "OPTONAL": ("ASK { ?s ?p ?o . ¦OPTONAL { ?s ?q ?r } }", "“OPTONAL” is no word", "OPTIONAL"),
    "GROUPBY": ("SELECT ?s { ?s ?p ?o } ¦GROUPPBY ?s", "is no word of SPARQL", "GROUP"),
    "GROUP without BY": ("SELECT ?s { ?s ?p ?o } ¦GROUP ?s", "the word BY is missing", "GROUP BY"),
    "BY alone": ("SELECT ?s { ?s ?p ?o } ¦BY ?s", "GROUP or ORDER is missing", ""),
    "LIMIT alone": ("SELECT * { ?s ?p ?o } ¦LIMIT", "After LIMIT a whole number", "LIMIT 10"),
    "LIMIT of a word": ("SELECT * { ?s ?p ?o } LIMIT ¦x", "a whole number is expected, not “x”", "LIMIT 10"),
    "LIMIT of a text": ('SELECT * { ?s ?p ?o } LIMIT ¦"5"', 'expected, not “"5"”', "LIMIT 10"),
    "LIMIT of a variable": ("SELECT * { ?s ?p ?o } LIMIT ¦?n", "expected, not a variable", "LIMIT 10"),
    "HAVING of a word": ("SELECT ?s { ?s ?p ?o } GROUP BY ?s HAVING ¦x", "a condition in paren", "HAVING("),
    "HAVING bare": ("SELECT ?s { ?s ?p ?o } GROUP BY ?s HAVING COUNT(?o) ¦> 1", "in parentheses", "HAVING("),
    "FILTER negated": ("ASK { ?s ?p ?o FILTER ¦!(?o > 1) }", "in parentheses", "Write FILTER(!(?o > 1))"),
    "FILTER negative": ("ASK { ?s ?p ?o FILTER ¦-(?o) > 1 }", "in parentheses", "Write FILTER(-(?o) > 1)"),
    "FILTER in braces": ("ASK { ?s ?p ?o FILTER ¦{ ?a ?b ?c } }", "in parentheses", "FILTER(?x > 1)"),
    "BIND with div": ("ASK { ?s ?p ?x BIND(?x ¦div 2 AS ?y) }", "“div” has no place here; expected is", ""),
    "SELECT with div": ("SELECT (?x ¦div 2 AS ?n) { ?s ?p ?x }", "expected is an operator", ""),
    "COUNT with a word": ("SELECT (COUNT(?x) ¦total) { ?x ?p ?o }", "an AS with a new", "AS ?total)"),
    "word before a brace": ("SELECT * ¦foo { ?s ?p ?o }", "“foo” has no place before {", "Leave it out"),
    "LIMIT with a sign": ("SELECT * { ?s ?p ?o } LIMIT ¦+5", "expected, not “+5”", ""),
    "LIMIT negative": ("SELECT * { ?s ?p ?o } LIMIT ¦-5", "not a negative one", ""),
    "LIMIT with a part": ("SELECT * { ?s ?p ?o } LIMIT ¦1.5", "a whole number", ""),
    "SQL": ("SELECT * FROM ¦people", "SPARQL has no tables", "WHERE {"),
    "SQL columns": ("SELECT ¦name FROM people", "“name” is no variable", "?name"),
    "COUNT bare": ("SELECT ¦COUNT(?x) AS ?n { ?x ?p ?o }", "in parentheses", "(COUNT(?x) AS ?n)"),
    "COUNT without AS": ("SELECT (COUNT(?x)¦) { ?x ?p ?o }", "an AS with a new variable", "AS ?new"),
    "COUNT with a name": ("SELECT (COUNT(?x) ¦?n) { ?x ?p ?o }", "Before ?n AS is missing", "AS ?n)"),
    "AS without ?": ("SELECT (COUNT(*) AS ¦n) { ?x ?p ?o }", "After AS a new variable", "?n"),
    "BIND with =": ("ASK { BIND(?n ¦= 2 + 1) }", "with AS, not with =", "BIND(2 + 1 AS ?n)"),
    "BIND without AS": ("ASK { ?s ?p ?o BIND(?o + 1¦) }", "an AS with a new variable", "AS ?new"),
    "LIKE": ("ASK { ?s ?p ?o FILTER(?o ¦LIKE 'a%') }", "SPARQL has no LIKE", "REGEX"),
    "not equal": ("ASK { ?s ?p ?o FILTER(?o ¦<> 1) }", "“<>” is no operator", "!="),
    "single &": ("ASK { ?s ?p ?o FILTER(?o > 1 ¦& ?o < 3) }", "A single &", "&&"),
    "single |": ("ASK { ?s ?p ?o FILTER(?o > 1 ¦| ?o < 3) }", "A single |", "||"),
    "double =": ("ASK { ?s ?p ?o FILTER(?o ¦== 1) }", "is a single =", ""),
    "AND": ("ASK { ?s ?p ?o FILTER(?o > 1 ¦AND ?o < 3) }", "SPARQL has no AND", "&&"),
    "LENGTH": ("ASK { ?s ?p ?o FILTER(¦LENGTH(?o) > 1) }", "no function LENGTH", "STRLEN"),
    "no GROUP": ("SELECT ¦?p (COUNT(?s) AS ?n) { ?s ?p ?o }", "neither grouped", "GROUP BY"),
    "not grouped": ("SELECT ?s ¦?p { ?s ?p ?o } GROUP BY ?s", "?p stands after SELECT", "SAMPLE(?p)"),
    "* grouped": ("SELECT ¦* { ?s ?p ?o } GROUP BY ?s", "SELECT * cannot stand", ""),
    "AS in use": ("SELECT (1 AS ¦?s) { ?s ?p ?o }", "?s is already in use", "?s2"),
    "BIND in use": ("ASK { ?s ?p ?o BIND(1 AS ¦?s) }", "?s is already in use", ""),
    "column twice": ("SELECT ?x ¦?x { ?x ?p ?o }", "?x stands twice", ""),
    "aggregate in FILTER": ("ASK { ?s ?p ?o FILTER(¦COUNT(?s) > 1) }", "COUNT stands only", "HAVING"),
    "FILTER outside": ("SELECT * { ?s ?p ?o } ¦FILTER(?o > 1)", "belongs inside", "column 21"),
    "FILTER bare": ("ASK { ?s ?p ?o FILTER ¦?o > 1 }", "condition of FILTER", "FILTER(?o > 1)"),
    "LIMIT inside": ("SELECT * { ?s ?p ?o ¦LIMIT 10 }", "LIMIT stands after the closing }", ""),
    "brace before LIMIT": ("SELECT * { ?s ?p ?o ¦LIMIT 10", "the { of line 1, column 10", ""),
    "OPTIONAL bare": ("ASK { ?s ?p ?o OPTIONAL ¦?s ?q ?r }", "After OPTIONAL a {", "OPTIONAL {"),
    "UNION right": ("ASK { { ?s ?p ?o } UNION ¦?s ?q ?r }", "After UNION a {", ""),
    "UNION left": ("ASK { ?s ?p ?o ¦UNION { ?s ?q ?r } }", "Both sides of UNION", "UNION {"),
    "empty": ("¦", "This is no query: the text is empty", "SELECT"),
    "a comment": ("¦ # only this", "This is no query: the text is empty", ""),
    "prefixes": ("PREFIX e: <x:y>¦\n", "only prefixes", "SELECT"),
    "update": ("¦INSERT DATA { <x:a> <x:b> 1 }", "This is an update (INSERT)", "SELECT"),
    "two queries": ("SELECT * {}\n¦SELECT * {}", "A second query begins here", "one query"),
    "json": ('¦{"query": "SELECT * {}"}', "This is JSON", ""),
    "html": ("¦<!DOCTYPE html><html><body>", "This is HTML", ""),
    "address": ("¦https://example.org/sparql?query=SELECT", "This is an address", ""),
    "encoded": ("SELECT¦%20%2A%20WHERE", "as it stands in an address", "%20"),
    "form": ("¦query=SELECT", "as it stands in an address", ""),
    "smart quotes": ("ASK { ?s ?p ¦\u201ctext\u201d }", "left double quotation mark, U+201C", 'Write "'),
    "smart apostrophe": ("ASK { ?s ?p ¦\u2018x\u2019 }", "U+2018", "Write '"),
    "dash": ("ASK { ?s ?p ¦\u20131 }", "en dash, U+2013", "Write -"),
    "hard blank": ("SELECT *¦\u00a0{ ?s ?p ?o }", "no-break space, U+00A0", "blank"),
    "byte order mark": ("¦\ufeffASK { ?s ?p ?o }", "byte order mark", "Delete it"),
    "? alone": ("ASK { ¦? ?p ?o }", "? alone is no variable", "?name"),
    "$ alone": ("ASK { ¦$ ?p ?o }", "$ alone is no variable", "$name"),
    "number as predicate": ("ASK { ?s ¦5 ?o }", "A number cannot be a predicate", ""),
    "text as predicate": ("ASK { ?s ¦'x' ?o }", "A text cannot be a predicate", ""),
    "underscore": ("ASK { ?s ?p 'x'¦@en_US }", "hyphens, not underscores", "@en-US"),
    "datatype with ^": ("ASK { ?s ?p '5'¦^<x:y> }", "not with a single ^", "^^"),
    "datatype of a number": ("ASK { ?s ?p 5¦^^<x:y> }", "Only a text in quotation marks", '"5"'),
    "A": ("ASK { ?s ¦A ?o }", "in lower case", "Write a"),
    "TRUE": ("ASK { ?s ?p ¦TRUE }", "true is written in lower case", "true"),
    "GRAPH without name": ("ASK { ¦GRAPH { ?s ?p ?o } }", "GRAPH has no name", "GRAPH ?g"),
    "cells": ("ASK { VALUES (?a ?b) { ¦(1) } }", "1 value for 2 variables", "UNDEF"),
    "cells without row": ("ASK { VALUES (?a) { ¦1 } }", "each row of VALUES", "(1 2)"),
    "cells with commas": ("ASK { VALUES ?a { 1¦, 2 } }", "without commas", ""),
    "label twice": ("ASK { _:a ?p ?o . GRAPH ?g { ¦_:a ?q ?r } }", "in two patterns", "variable"),
    "select bare": ("ASK { ?s ?p ?o ¦SELECT ?s { ?s ?q ?r } }", "in braces of its own", "{ SELECT"),
    "columns with commas": ("SELECT ?a¦, ?b { ?a ?p ?b }", "without commas", ""),
    "DESC behind": ("SELECT * { ?s ?p ?o } ORDER BY ?s ¦DESC", "DESC stands before", "DESC(?s)"),
    "LIMIT first": ("SELECT * { ?s ?p ?o } LIMIT 5 ¦ORDER BY ?s", "stands too late", ""),
    "no object": ("ASK { ?s ?p ¦}", "The object of the triple is missing", "subject, predicate"),
    "no predicate": ("ASK { ?s ¦}", "A predicate and an object are missing", ""),
    "chain": ("ASK { FILTER(?a < ?b ¦< ?c) }", "comparisons form no chain", "&&"),
    "escape": ('ASK { ?s ?p "C:¦\\path" }', "an escape “\\p”", "\\\\"),
    "relative": ("ASK { ¦<a> ?p ?o }", "is relative, and there is no BASE", ""),
    "hello": ("¦hello", "This is no query: there is no SELECT", ""),
    "path in template": ("CONSTRUCT { ?s <x:p>¦/<x:q> ?o } {}", "has no paths", "WHERE"),
    # Places count characters as typed, and the first of two mistakes is named.
    "after astral characters": ("ASK { ?s ?p '𝒳é' ¦5 ?x }", "“5”", ""),
    "after lines of windows": ("ASK {\r\n\t?s ¦5 ?o }", "A number cannot", ""),
    "after an escape": ("ASK { ?s ?p '\\u0041' . ?s ¦5 ?o }", "A number cannot", ""),
    "the first of two": ("ASK { ?s ¦5 ?o . ?x zz:a 'b }", "A number cannot", ""),
    "a prefix before a brace": ("ASK { ?s ¦zz:a ?o", "“zz:” is not declared", ""),
}


# name: the query with ¦ where a word has no place, and what is said to be expected there.
MISPLACED = {
    "a pattern": ("ASK ¦x", "As in WHERE {"),
    "where": ("SELECT * WHERE ¦x", "As in WHERE {"),
    "optional": ("ASK { ?s ?p ?o OPTIONAL ¦x }", "As in OPTIONAL {"),
    "union": ("ASK { { ?s ?p ?o } UNION ¦x }", "As in UNION {"),
    "minus": ("ASK { ?s ?p ?o MINUS ¦x }", "As in MINUS {"),
    "exists": ("ASK { FILTER EXISTS ¦x }", "As in EXISTS {"),
    "condition": ("ASK { FILTER ¦x }", "As in FILTER("),
    "comparison": ("ASK { FILTER(?x ¦x ?y) }", "expected is an operator, ), IN or NOT."),
    "argument": ('ASK { FILTER(REGEX(?x ¦x "a")) }', "expected is an operator, a comma, ), IN or NOT."),
    "list": ("ASK { FILTER(?x IN ¦x) }", "As in ?x IN (1, 2)."),
    "bind": ("ASK { BIND ¦x }", "As in BIND("),
    "as": ("ASK { BIND(1 ¦x) }", "an AS with a new variable is missing. As in BIND(1 AS ?new)."),
    "end of as": ("ASK { BIND(1 AS ?x ¦x) }", "expected is )."),
    "count": ("SELECT (COUNT(?s) ¦x ?n) { ?s ?p ?o }", "Write (COUNT(?s) AS ?n)."),
    "values": ("ASK { VALUES ?x ¦x }", "As in VALUES ?x {"),
    "value": ("ASK { VALUES ?x { ¦x } }", "expected is an IRI, a text, a number, UNDEF or }."),
    "separator": ("SELECT (GROUP_CONCAT(?x; ¦x) AS ?y) {}", "expected is SEPARATOR."),
    "equals": ("SELECT (GROUP_CONCAT(?x; SEPARATOR ¦x) AS ?y) {}", "expected is =."),
    "text": ("SELECT (GROUP_CONCAT(?x; SEPARATOR = ¦x) AS ?y) {}", "expected is a text."),
    "template": ("CONSTRUCT ¦x", "As in CONSTRUCT {"),
    "graph": ("SELECT * FROM NAMED ¦x {}", "expected is an IRI."),
    "order": ("SELECT * { ?s ?p ?o } ¦ORDER x", "Write ORDER BY."),
}


def refused(text):
    """The error for a text, or None where the parser takes it."""
    try:
        Store().query(text)
    except SyntaxError as error:
        return syntax_error(text, str(error), querytext.scan(text))
    return None


@pytest.mark.parametrize(("marked", "sentence", "hint"), WRONG.values(), ids=WRONG)
def test_the_mistake_is_named_at_its_place(marked, sentence, hint):
    text, offset = marked.replace("¦", ""), marked.index("¦")
    error = refused(text)
    assert sentence in error.message
    assert hint in error.hint
    if text.strip() and not text.lstrip().startswith("#"):
        assert (error.line, error.column) == querytext.position(text, offset)
    assert error.message.endswith(".")


@pytest.mark.parametrize(("marked", "expected"), MISPLACED.values(), ids=MISPLACED)
def test_a_word_without_a_place_is_told_what_would_have_one(marked, expected):
    error = refused(marked.replace("¦", ""))
    assert expected in f"{error.message} {error.hint}"
    assert (error.line, error.column) == (1, marked.index("¦") + 1)


def test_a_deleted_token_gives_a_sentence_with_a_place():
    chosen, named, count = random.Random(3), 0, 0
    for text in (Example(name).asking() for name in NAMES):
        found = tokens(text)[:-1]
        assert refused(text) is None
        body = [token for token in found if token.start > text.rindex("PREFIX")][4:]
        for token in chosen.sample(body, 8):
            error = refused(text[: token.start] + " " + text[token.end :])
            if error:
                assert error.line
                assert error.column
                assert "cannot be read" not in error.message
                count += 1
                named += "no place here" not in error.message
    assert named > 0.9 * count > 100


HOSTILE = ("(", '"', "<", "\\", "'", ":", "a.", "<a", "?", "{", "[", "'''", "_:a.", "a:.", "1=", "@a-", "{}")


@pytest.mark.parametrize("repeated", HOSTILE)
@pytest.mark.parametrize("begun", ["", "ASK {", "ASK { ?s ?p ?o FILTER("], ids=["", "pattern", "condition"])
def test_no_text_takes_long(begun, repeated):
    text = begun + repeated * (100_000 // len(repeated))
    seen, start = querytext.scan(text), time.process_time()
    assert syntax_error(text, "error at 1:1: expected x", seen).line
    assert time.process_time() - start < 5
