"""Mistakes in the clauses of a query: SELECT, FILTER, BIND, GROUP BY, LIMIT and the braces of patterns.

Each function explains one kind of mistake at the first token without a place, or gives None.
"""

from exoreview.diagnosis import words
from exoreview.diagnosis.faults import TERMS, Complaint, Sight, quoted
from exoreview.diagnosis.tokens import CLOSING, OPENING

_MODIFIERS = ("GROUP", "HAVING", "ORDER", "LIMIT", "OFFSET")
_PATTERNS = ("FILTER", "OPTIONAL", "BIND", "MINUS", "UNION", "GRAPH", "SERVICE", "LATERAL")
_DOTS = {".": "dot", ";": "semicolon", ",": "comma"}


def after_the_end(sight: Sight) -> Complaint | None:
    """What follows a pattern whose braces are all closed."""
    here = sight.here
    if "END" not in sight.expected or here.kind == "END":
        return None
    if here.kind in CLOSING:
        return sight.complain(
            f"This {here.text} closes nothing: every bracket before it is closed.", "Leave it out."
        )
    if here.kind in _DOTS:
        return sight.complain(f"No {_DOTS[here.kind]} stands after the end of a query.", "Leave it out.")
    if here.kind in ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE", "PREFIX", "BASE"):
        return sight.complain(f"A second query begins here ({here.text}).", "Send one query at a time.")
    if here.kind in ("GROUP", "HAVING", "ORDER", "LIMIT", "OFFSET"):
        message = (
            f"{here.kind} stands too late or twice: the order is GROUP BY, HAVING, ORDER BY, LIMIT, OFFSET."
        )
        return sight.complain(message)
    if here.kind == "FROM":
        return sight.complain("FROM stands before WHERE.")
    if here.kind == ",":
        return sight.complain("Here variables are separated by blanks, without commas.")
    if here.kind in _PATTERNS or (here.kind in TERMS and sight.near(-1).kind == "}"):
        message = f"{quoted(here)} stands after the closing }} of the pattern; it belongs inside."
        return (
            sight.complain(message, f"Move the }} of {sight.where(sight.near(-1))} behind it.")
            if sight.near(-1).kind == "}"
            else sight.complain(message)
        )
    return None


def incomplete_clause(sight: Sight) -> Complaint | None:
    """Keywords that lack what belongs to them."""
    here, before = sight.here, sight.near(-1)
    if sight.expected == {"BY"}:
        return sight.complain(
            f"After {before.text} the word BY is missing.", f"Write {before.kind} BY.", before
        )
    if "NUMBER" in sight.expected and before.kind in ("LIMIT", "OFFSET"):
        message, hint = f"After {before.kind} a whole number is expected", f"As in {before.kind} 10."
        if here.kind == "END":
            return sight.complain(f"{message}.", hint, before)
        said = "a variable" if here.kind == "VAR" else quoted(here)
        said = "a negative one" if here.text.startswith("-") else said
        return sight.complain(f"{message}, not {said}.", hint)
    if before.kind in ("ASC", "DESC") and "(" in sight.expected:
        earlier = sight.near(-2)
        name = here.text if here.kind == "VAR" else earlier.text if earlier.kind == "VAR" else "?x"
        return sight.complain(
            f"{before.kind} stands before its variable, which is in parentheses.",
            f"Write {before.kind}({name}).",
            before,
        )
    if sight.within("GroupKey", "OrderKey", "Modifiers", "Form", "Select", "Projection") and here.kind == ",":
        return sight.complain(
            "Variables are separated by blanks here, without commas.", "Leave the comma out."
        )
    if before.kind == "BY" and here.kind != "WORD":
        return sight.complain(
            f"After {sight.near(-2).kind} BY a variable or an expression in parentheses is expected.",
            "",
            before,
        )
    if before.kind == "HAVING" and "(" in sight.expected:
        message = "After HAVING a condition in parentheses is expected."
        return sight.complain(message, "As in HAVING(COUNT(?x) > 1).")
    if before.kind == "FILTER" and "(" in sight.expected:
        return _bare_filter(sight)
    if before.kind == "NOT":
        return sight.complain(
            "NOT stands only before EXISTS and IN.", "Write ! to negate, as in !BOUND(?x).", before
        )
    if before.kind == "FROM" and here.kind != "WORD":
        return sight.complain("After FROM the IRI of a graph is expected.", "As in FROM <http://…>.")
    if here.kind in ("PREFIX", "BASE") and "END" not in sight.expected:
        return sight.complain(f"{here.kind} stands before SELECT, at the top of the query.")
    if here.kind == "FROM":
        return sight.complain("FROM stands between SELECT … and WHERE.")
    return None


def _bare_filter(sight: Sight) -> Complaint:
    last = 0
    while last < 40 and sight.near(last + 1).kind not in (
        "}",
        ".",
        "END",
        "",
        ";",
        "FILTER",
        "OPTIONAL",
        "BIND",
    ):
        last += 1
    example = "As in FILTER(?x > 1)."
    if sight.here.kind in ("END", "}"):
        return sight.complain("FILTER has no condition.", example, sight.near(-1))
    is_word = sight.here.kind == "WORD"
    if is_word and (known := words.function_complaint(sight)):
        return known
    is_none = is_word or sight.here.kind in OPENING or sight.here.kind in _DOTS
    hint = example if is_none else f"Write FILTER({sight.source(0, last)})."
    return sight.complain("The condition of FILTER stands in parentheses.", hint)


def projection(sight: Sight) -> Complaint | None:
    """What stands after SELECT, and AS."""
    here, before = sight.here, sight.near(-1)
    if "AS" in sight.expected and sight.inside("As") and not (here.kind == "WORD" and _has_as(sight)):
        return _no_as(sight)
    if here.kind == "DISTINCT" and sight.inside("As"):
        return sight.complain(
            "DISTINCT stands right after SELECT, without parentheses, or in COUNT(DISTINCT ?x)."
        )
    if before.kind == "AS" and sight.expected == {"VAR"}:
        hint = (
            f"Write ?{here.text}."
            if here.kind == "WORD" or here.text.isidentifier()
            else "As in (COUNT(?x) AS ?n)."
        )
        return sight.complain("After AS a new variable is expected.", hint)
    if here.kind == "AS":
        if sight.inside("As") or sight.inside("Group"):
            return sight.complain("AS stands only at the end of BIND(… AS ?x) and of (… AS ?x) after SELECT.")
        shown = f"({before.text} AS {sight.near(1).text})" if before.kind == "VAR" else "(COUNT(?x) AS ?n)"
        return sight.complain("An expression with AS stands in parentheses.", f"Write {shown}.")
    if (
        not sight.expected >= {"VAR", "("}
        or sight.computing
        or not sight.within("Projection", "Select", "SubSelect")
    ):
        return None
    if here.kind in ("AGGREGATE", "FUNCTION"):
        end = sight.matching(1)
        new = sight.near(end + 2).text if sight.near(end + 1).kind == "AS" else "?n"
        message = "After SELECT an expression stands in parentheses, with AS and a new variable."
        return sight.complain(message, f"Write ({sight.source(0, end)} AS {new}).")
    if before.kind in ("SELECT", "DISTINCT", "REDUCED") and here.kind != "WORD":
        return sight.complain(
            f"After {before.kind} variables are expected, or * for all.", "As in SELECT ?x ?y or SELECT *."
        )
    return None


def _has_as(sight: Sight) -> bool:
    """Whether an AS follows before the parenthesis closes."""
    depth = 0
    for token in sight.tokens[sight.fault.at :]:
        if token.kind == "AS" and not depth:
            return True
        depth += (token.kind in OPENING) - (token.kind in CLOSING)
        if depth < 0:
            break
    return False


def _no_as(sight: Sight) -> Complaint:
    here, before = sight.here, sight.near(-1)
    where = "BIND" if sight.inside("Pattern") and not sight.inside("Projection") else "SELECT"
    step = -1
    while step > -60 and sight.near(step).start > sight.opener.start:
        step -= 1
    inner = step + 1
    if here.kind == "VAR":
        return sight.complain(
            f"Before {here.text} AS is missing.", f"Write ({sight.source(inner, -1)} AS {here.text})."
        )
    if where == "BIND":
        equals = sight.near(inner).kind == "VAR" and sight.near(inner + 1).kind == "="
        hint = (
            f"Write BIND({sight.source(inner + 2, -1)} AS {sight.near(inner).text})."
            if equals
            else f"As in BIND({sight.source(inner, -1)} AS ?new)."
        )
        said = (
            "BIND names a new variable with AS, not with =."
            if equals
            else "In BIND an AS with a new variable is missing."
        )
        return sight.complain(said, hint, sight.near(inner + 1) if equals else here)
    if inner == -1 and before.kind == "VAR":
        return sight.complain(
            "A variable alone stands without parentheses, or with AS and a new one.",
            f"Write {before.text}.",
            sight.opener,
        )
    named = here.text if here.kind == "WORD" and here.text.isidentifier() else "new"
    new = sight.near(1).text if sight.near(1).kind == "VAR" else f"?{named}"
    return sight.complain(
        "In the parentheses an AS with a new variable is missing.",
        f"Write ({sight.source(inner, -1)} AS {new}).",
    )


def missing_brace(sight: Sight) -> Complaint | None:
    """A brace that has to open."""
    here, before = sight.here, sight.near(-1)
    if before.kind == "GRAPH" and here.kind == "{":
        return sight.complain("GRAPH has no name: an IRI or a variable.", "As in GRAPH ?g { … }.", before)
    if here.kind == "UNION" and sight.inside("Group"):
        return sight.complain("Both sides of UNION stand in braces.", "As in { … } UNION { … }.")
    if (
        sight.within("Group")
        and sight.expected >= {"VALUES", "LIMIT"}
        and here.kind in TERMS | set(_PATTERNS)
    ):
        message = "A SELECT stands alone in its braces; what it is joined with stands outside of them."
        return sight.complain(message, "As in { { SELECT … } ?s ?p ?o }.")
    if here.kind == "SELECT" and sight.inside("Group"):
        hint = "Write { SELECT … }."
        if sight.opener and not _closes_later(sight):
            hint = f"Or is this a second query? Then the {{ of {sight.where(sight.opener)} is not closed."
        return sight.complain("A SELECT within a query stands in braces of its own.", hint)
    if "{" not in sight.expected or sight.expected & {"}", ".", ";"}:
        return None
    if here.kind == "WORD" and sight.near(1).kind == "{":
        return sight.complain(f"{quoted(here)} has no place before {{.", "Leave it out.")
    if here.kind in _MODIFIERS:
        return sight.complain(
            f"Before {here.kind} the pattern in braces is missing.", "As in WHERE { ?s ?p ?o }."
        )
    if before.kind == "CONSTRUCT":
        return sight.complain(
            "After CONSTRUCT a { with the triples to make is missing.",
            "As in CONSTRUCT { ?s ?p ?o } WHERE { … }.",
        )
    if before.kind in ("OPTIONAL", "UNION", "MINUS", "EXISTS", "WHERE", "LATERAL"):
        return sight.complain(f"After {before.kind} a {{ is missing.", f"As in {before.kind} {{ … }}.")
    if sight.inside("Values") or sight.inside("Data"):
        return sight.complain(
            "After the variables of VALUES a { with the values is missing.", "As in VALUES ?x { 1 2 }."
        )
    if here.kind == "END":
        return sight.complain(
            "The query ends before its pattern: a { … } is missing.", "As in WHERE { ?s ?p ?o }."
        )
    return sight.complain("The { that opens the pattern is missing.", "As in WHERE { ?s ?p ?o }.")


def _closes_later(sight: Sight) -> bool:
    """Whether the brackets that are open close again in what follows."""
    depth = len(sight.fault.brackets)
    for token in sight.tokens[sight.fault.at :]:
        depth += (token.kind in OPENING) - (token.kind in CLOSING)
    return depth <= 0


def misplaced_clause(sight: Sight) -> Complaint | None:
    """A clause of the end of a query within its braces."""
    here, opener = sight.here, sight.opener
    if here.kind not in _MODIFIERS or not opener or opener.kind != "{":
        return None
    if "}" in sight.expected and not _closes_later(sight):
        message = f"Before {here.kind} a }} is missing: the {{ of {sight.where(opener)} is not closed."
        return sight.complain(message)
    name = f"{here.kind} BY" if here.kind in ("GROUP", "ORDER") else here.kind
    return sight.complain(f"{name} stands after the closing }} of the pattern, not inside.")
