"""Mistakes in triples, texts, values and conditions, and in the brackets around them.

Each function explains one kind of mistake at the first token without a place, or gives None.
"""

from exoreview.diagnosis.faults import TERMS, Complaint, Sight, quoted
from exoreview.diagnosis.tokens import CLOSING, KEYWORDS, OPENING

_COMPARING = ("<", ">", "=", "!=", "<=", ">=", "&&", "||")
_DOTS = {".": "dot", ";": "semicolon", ",": "comma"}


def bracket(sight: Sight) -> Complaint | None:
    """A bracket that is never closed, or by another."""
    here, opener = sight.here, sight.opener
    if not opener or here.kind not in (*CLOSING, "END"):
        return None
    closing = OPENING[opener.kind]
    wanted = CLOSING.get(here.kind)
    if wanted and all(sight.tokens[at].kind != wanted for at in sight.fault.brackets[-200:]):
        return sight.complain(f"This {here.text} closes nothing: no {wanted} is open here.", "Leave it out.")
    if here.kind != closing and closing in sight.expected:
        if here.kind == "END":
            return sight.complain(
                f"The {opener.text} that opens here is never closed.", f"Add a {closing}.", opener
            )
        message = f"Before this {here.text} a {closing} is missing: "
        message += f"the {opener.text} of {sight.where(opener)} is not closed."
        return sight.complain(message)
    return None


def mark_too_many(sight: Sight) -> Complaint | None:
    """A dot, semicolon or comma too many, or where something else is missing."""
    here, before = sight.here, sight.near(-1)
    if here.kind not in _DOTS or sight.computing:
        return None
    name = _DOTS[here.kind]
    if before.kind in _DOTS:
        if before.kind == here.kind:
            return sight.complain(f"This {name} is one too many: there is one just before.", "Leave it out.")
        return sight.complain(f"This {name} follows a {_DOTS[before.kind]}; only one of them can stand here.")
    if before.kind in ("{", "}"):
        return sight.complain(f"This {name} has no triple before it.", "Leave it out.")
    return None


def incomplete_triple(sight: Sight) -> Complaint | None:
    """A triple of which a part is missing."""
    here, before = sight.here, sight.near(-1)
    if sight.computing or not sight.within("Triples", "Predicates", "Objects", "Path", "Bracket"):
        return None
    ends = here.kind in (*CLOSING, *_DOTS, "END", *KEYWORDS)
    shown = "here" if here.kind == "END" else f"before {quoted(here)}"
    if "^" in sight.expected and "VAR" in sight.expected and not ends:
        return _no_predicate(sight)
    if ends and "^" in sight.expected and not sight.within("Path"):
        return sight.complain(
            f"A predicate and an object are missing {shown}.", "A triple is subject, predicate, object."
        )
    if ends and sight.within("Objects", "Predicates") and sight.expected >= {"VAR", "STRING"}:
        more = "another object is" if before.kind == "," else "the object of the triple is"
        hint = "" if before.kind == "," else "A triple is subject, predicate, object."
        return sight.complain(f"{more[0].upper()}{more[1:]} missing {shown}.", hint)
    if sight.within("Path") and sight.expected >= {"IRI", "a"}:
        return sight.complain(f"After {quoted(before)} in a path an IRI is expected.", "As in ex:a/ex:b.")
    return None


_NO_PREDICATE = {
    "STRING": "A text",
    "NUMBER": "A number",
    "SIGNED": "A number",
    "BOOLEAN": "A boolean",
    "BLANK": "A blank node",
    "[": "A blank node",
    "BAD": "",
}


def _no_predicate(sight: Sight) -> Complaint | None:
    said = _NO_PREDICATE.get(sight.here.kind)
    if not said:
        return None
    hint = "A triple is subject, predicate, object; a predicate is an IRI, a variable or a path."
    return sight.complain(f"{said} cannot be a predicate.", hint)


def missing_mark(sight: Sight) -> Complaint | None:
    """A dot, semicolon or comma missing after a triple that is complete."""
    here = sight.here
    if sight.computing or not (sight.expected >= {";", ","}) or here.kind not in (TERMS | {"a", "^"}):
        return None
    before = sight.near(-1)
    count = 0
    while count < 6 and sight.near(count).kind in (TERMS | {"a"}) - {"(", "[", "<<", "<<("}:
        count += 1
    mark = {2: ";", 1: ","}.get(count, ".")
    if here.kind in ("a", "^") or (mark == "," and sight.near(1).kind in ("/", "*", "+", "|")):
        mark = ";"
    elif mark == ";" and here.kind in ("BLANK", "STRING", "NUMBER", "BOOLEAN"):
        mark = "."
    if mark == "." and "." not in sight.expected:
        mark = ";"
    does = {
        ".": "another triple begins",
        ";": "another predicate of the same subject follows",
        ",": "another object follows",
    }[mark]
    hint = f"Write {mark} before it if {does}."
    return sight.complain(
        f"Before {quoted(here)} a {_DOTS[mark]} is missing: {quoted(before)} ends a triple.", hint
    )


def literal(sight: Sight) -> Complaint | None:
    """Languages, datatypes and quotation marks of texts."""
    here, before, earlier = sight.here, sight.near(-1), sight.near(-2)
    if before.kind == "LANG" and sight.glued:
        if here.kind == "WORD" and here.text.startswith("_"):
            tag = before.text + here.text
            return sight.complain(
                "A language has hyphens, not underscores.", f"Write {tag.replace('_', '-')}.", before
            )
        if here.kind in ("NAME", "NAMESPACE"):
            return sight.complain(
                "A datatype is written with ^^, not with @.", f"Write ^^{before.text[1:]}{here.text}.", before
            )
    if before.kind == "^^":
        return sight.complain("After ^^ the IRI of a datatype is expected.", 'As in "5"^^xsd:integer.')
    if here.kind in ("^", "^^") and before.kind in ("STRING", "^", "^^"):
        if here.kind == "^" and before.kind == "STRING":
            return sight.complain("A datatype is written with ^^, not with a single ^.", "Write ^^.")
        return sight.complain("A datatype is written with ^^, once.")
    if here.kind == "^^":
        return sight.complain(
            "Only a text in quotation marks can have a datatype.", f'As in "{before.text}"^^…'
        )
    if here.kind == "LANG":
        return sight.complain("A language stands only right behind a text.", 'As in "exosome"@en.')
    if (
        sight.glued
        and (before.kind == "STRING" or (earlier.kind == "STRING" and before.end == here.start))
        and here.kind in ("WORD", "STRING", "a", "BAD")
    ):
        return sight.complain(
            "The text ended before this; a quotation mark within a text is escaped.", 'Write \\" for it.'
        )
    return None


def comparison(sight: Sight) -> Complaint | None:
    """Conditions outside FILTER, and operators of other languages."""
    here, before = sight.here, sight.near(-1)
    if here.kind == "IRI" and here.text == "<>" and sight.computing:
        return sight.complain("“<>” is no operator of SPARQL.", "Write != for “not equal”.")
    if here.kind == "=" and before.kind in ("=", "!=", "<", ">", "<=", ">=") and sight.glued:
        return sight.complain("“Equal” is a single =, “not equal” is !=.", "", before)
    if here.kind == "|" and sight.computing:
        return sight.complain("A single | is no operator in a condition.", "Write || for “or”.")
    if here.kind in ("&&", "||") and before.kind == here.kind:
        return sight.complain(f"This {here.text} is one too many.")
    if here.kind == "?" and not sight.computing:
        return sight.complain("? alone is no variable: its name must follow at once.", "As in ?name.")
    if here.kind == "?":
        return sight.complain(
            "? alone is no variable: its name must follow at once.", "SPARQL has IF(…, …, …) for a choice."
        )
    if here.kind in _COMPARING and not sight.computing and sight.inside("Group"):
        return sight.complain(
            f"“{here.text}” compares; a comparison stands in FILTER(…).", "As in FILTER(?x > 1)."
        )
    if here.kind in _COMPARING and not sight.computing and _follows_having(sight):
        return sight.complain(
            "The condition of HAVING stands in parentheses.", "As in HAVING(COUNT(?x) > 1)."
        )
    return None


def _follows_having(sight: Sight) -> bool:
    """Whether the clause that is being read is HAVING."""
    earlier = (token.kind for token in reversed(sight.tokens[: sight.fault.at]))
    return next((kind for kind in earlier if kind in ("HAVING", "BY", "}")), "") == "HAVING"


def values(sight: Sight) -> Complaint | None:
    """What stands in VALUES."""
    here = sight.here
    if not sight.inside("Data"):
        return None
    if here.kind == ",":
        return sight.complain("Values are separated by blanks, without commas.", "Leave the comma out.")
    if here.kind in ("VAR", "BLANK", "["):
        return sight.complain("In VALUES stand only IRIs, texts, numbers and UNDEF.")
    if "(" in sight.expected and sight.within("Data"):
        return sight.complain(
            "With variables in parentheses each row of VALUES stands in parentheses too.",
            "As in VALUES (?x ?y) { (1 2) }.",
        )
    if here.kind == "(":
        return sight.complain(
            "With a single variable the values of VALUES stand without parentheses.",
            "As in VALUES ?x { 1 2 }.",
        )
    return None


def operand(sight: Sight) -> Complaint | None:
    """What is missing in an expression."""
    here, before, opener = sight.here, sight.near(-1), sight.opener
    if before.kind in ("AGGREGATE", "FUNCTION") and "(" in sight.expected:
        return sight.complain(
            f"After {before.text.upper()} a ( is missing.", f"As in {before.text.upper()}(…)."
        )
    if before.kind == "BIND":
        return sight.complain("What BIND computes stands in parentheses.", "As in BIND(?x + 1 AS ?y).")
    if before.kind == "IN" and "(" in sight.expected:
        return sight.complain("After IN a list in parentheses is expected.", "As in ?x IN (1, 2).")
    if not sight.computing and not sight.within(
        "Arguments", "Aggregate", "Constraint", "As", "OrderKey", "GroupKey"
    ):
        return None
    if sight.expected >= {"VAR", "STRING", "FUNCTION"} and here.kind != "WORD":
        return sight.complain(
            f"After {quoted(before)} a value is missing.",
            "A variable, an IRI, a text, a number or a function call.",
        )
    if opener and opener.kind == "(" and ")" in sight.expected and here.kind not in ("WORD", "AS"):
        extra = "a comma, " if "," in sight.expected else ""
        message = f"Before {quoted(here)} {extra}an operator or a ) is missing: "
        message += f"the ( of {sight.where(opener)} is open."
        return sight.complain(message)
    return None


def misplaced(sight: Sight) -> Complaint | None:
    """What lacks the word, the subject or the bracket that would give it a place."""
    here, before, opener = sight.here, sight.near(-1), sight.opener
    if here.kind == "BY":
        return sight.complain("Before BY the word GROUP or ORDER is missing.")
    if here.kind == "NOT" and not sight.computing:
        return sight.complain("NOT EXISTS stands in a FILTER.", "Write FILTER NOT EXISTS { … }.")
    if here.kind == "a" and "STRING" in sight.expected:
        return sight.complain("The triple has no subject before “a”.")
    if here.kind in ("/", "|", "*", "+", "^") and sight.expected & {"IRI", "^"}:
        return sight.complain(f"Before {quoted(here)} the IRI of the path, or the subject, is missing.")
    if here.kind == "{" and before.kind in TERMS and "a" in sight.expected:
        message = f"Before {quoted(before)} a word is missing that gives its braces a meaning."
        return sight.complain(message, "As in GRAPH ?g { … } or VALUES ?x { … }.", before)
    if here.kind == "{" and before.kind == "VALUES":
        return sight.complain("VALUES has no variable.", "As in VALUES ?x { 1 2 }.", before)
    if here.kind in KEYWORDS and opener and OPENING[opener.kind] in sight.expected:
        message = f"Before {here.kind} a {OPENING[opener.kind]} is missing: "
        return sight.complain(message + f"the {opener.text} of {sight.where(opener)} is not closed.")
    return None
