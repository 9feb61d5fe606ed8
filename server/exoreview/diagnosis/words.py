"""Words that SPARQL does not have: misspelt ones, those of SQL, and names without a prefix."""

import difflib

from exoreview.diagnosis.faults import Complaint, Sight
from exoreview.diagnosis.tokens import AGGREGATES, FUNCTIONS, KEYWORDS

# What a person who knows SQL or another language writes, and what SPARQL has for it.
_OTHERS = {
    "LIKE": 'CONTAINS(?x, "…") or REGEX(?x, "…", "i")',
    "ILIKE": 'REGEX(?x, "…", "i")',
    "RLIKE": 'REGEX(?x, "…")',
    "AND": "&& in a condition; between triples a dot",
    "OR": "|| in a condition; between patterns { … } UNION { … }",
    "XOR": "!= between two booleans",
    "MOD": "?x - ?y * FLOOR(?x / ?y)",
    "IS": "= for a value, and BOUND(?x) or !BOUND(?x) for NULL",
    "NULL": "BOUND(?x) or !BOUND(?x)",
    "ISNULL": "!BOUND(?x)",
    "NOTNULL": "BOUND(?x)",
    "BETWEEN": "?x >= 1 && ?x <= 9",
    "CASE": "IF(condition, one, other)",
    "JOIN": "a variable that two triples share",
    "INNER": "a variable that two triples share",
    "LEFT": "OPTIONAL { … }",
    "ON": "a variable that two triples share",
    "TOP": "LIMIT 10 at the end",
    "EXCEPT": "MINUS { … }",
    "INTERSECT": "two patterns in the same braces",
    "ALL": "SELECT *; UNION keeps duplicates by itself",
    "LENGTH": "STRLEN",
    "LEN": "STRLEN",
    "SIZE": "STRLEN",
    "LOWER": "LCASE",
    "TOLOWER": "LCASE",
    "UPPER": "UCASE",
    "TOUPPER": "UCASE",
    "SUBSTRING": "SUBSTR",
    "IFNULL": "COALESCE",
    "NVL": "COALESCE",
    "CEILING": "CEIL",
    "CAST": "a datatype as a function: xsd:integer(?x)",
    "STARTSWITH": "STRSTARTS",
    "ENDSWITH": "STRENDS",
    "AVERAGE": "AVG",
    "MEAN": "AVG",
    "FIRST": "SAMPLE",
    "CONTAINSIGNORECASE": "CONTAINS(LCASE(?x), …)",
}
_GLUED = {
    "GROUPBY": "GROUP BY",
    "ORDERBY": "ORDER BY",
    "NOTEXISTS": "NOT EXISTS",
    "FILTERNOT": "FILTER NOT",
    "NOTIN": "NOT IN",
    "FROMNAMED": "FROM NAMED",
    "SELECTDISTINCT": "SELECT DISTINCT",
    "GROUPCONCAT": "GROUP_CONCAT",
    "ISURL": "ISURI",
}


def explained(sight: Sight) -> Complaint | None:
    """A complaint about the word at the fault, if it is one that SPARQL does not have."""
    here = sight.here
    if here.kind != "WORD":
        return None
    text, word = here.text, here.text.upper()
    if len(text) > 40:
        return sight.complain("This word is none of SPARQL.")
    if text == "A" and "a" in sight.expected:
        return sight.complain("The predicate “a” is written in lower case.", "Write a, or rdf:type.")
    if word in ("TRUE", "FALSE"):
        return sight.complain(f"{word.lower()} is written in lower case.", f"Write {word.lower()}.")
    if sight.near(-1).kind == "FROM" and not sight.inside("Group"):
        hint = "Patterns of triples stand in WHERE { … }; FROM <…> would name a graph."
        return sight.complain(f"SPARQL has no tables such as “{text}”.", hint)
    if sight.near(-1).kind in ("LANG", "STRING", "NUMBER") and sight.glued:
        return None
    if sight.near(-1).kind == "AS":
        return None
    return function_complaint(sight) or _keyword(sight) or _name(sight)


def function_complaint(sight: Sight) -> Complaint | None:
    """A complaint about a word before a parenthesis: a function that SPARQL does not have."""
    word = sight.here.text.upper()
    if sight.near(1).kind != "(" or word in _GLUED or not sight.expected & {"FUNCTION", "AGGREGATE", "("}:
        return None
    if "FUNCTION" not in sight.expected and word not in _OTHERS:
        return None
    message = f"SPARQL has no function {sight.here.text[:40]}."
    if word in _OTHERS:
        return sight.complain(message, f"Write {_OTHERS[word]}.")
    close = difflib.get_close_matches(word[:30], sorted(FUNCTIONS | AGGREGATES | {"EXISTS"}), 1, 0.7)
    return sight.complain(message, f"Is {close[0]} meant?" if close else "")


def _keyword(sight: Sight) -> Complaint | None:
    text, word = sight.here.text, sight.here.text.upper()
    if word in _GLUED:
        return (
            sight.complain(f"“{text}” is two words.", f"Write {_GLUED[word]}.")
            if " " in _GLUED[word]
            else sight.complain(f"“{text}” is no word of SPARQL.", f"Write {_GLUED[word]}.")
        )
    if word in _OTHERS:
        return sight.complain(f"SPARQL has no {word}.", f"Instead there is {_OTHERS[word]}.")
    expected = sorted(kind for kind in sight.expected if kind in KEYWORDS)
    # Words that would be right here first, then all: a person may have misplaced a word and misspelt it.
    chosen = sight.within("Projection", "Select", "SubSelect")
    for known, least in ((expected, 0.65), ([] if chosen else sorted(KEYWORDS), 0.75)):
        close = difflib.get_close_matches(word[:30], known, 1, least)
        if close and len(word) > 2:
            return sight.complain(f"“{text}” is no word of SPARQL.", f"Is {close[0]} meant?")
    return None


def _name(sight: Sight) -> Complaint | None:
    text = sight.here.text
    chosen = sight.within("Projection", "Select", "SubSelect") or sight.expected <= {"VAR", "*", "("}
    if chosen and "VAR" in sight.expected:
        return sight.complain(f"“{text}” is no variable.", f"Write ?{text}.")
    if "VAR" in sight.expected or ";" in sight.expected:
        hint = f'A variable is ?{text}, an IRI <…> or prefix:{text}, a text "{text}".'
        return sight.complain(f"“{text}” alone is neither a variable nor an IRI nor a text.", hint)
    if "END" in sight.expected:
        return sight.complain(f"“{text}” stands after the end of the query.", "Leave it out.")
    return None
