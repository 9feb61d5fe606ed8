"""What people begin with instead of a query: nothing, an update, Turtle, JSON, a page, an address."""

import difflib
import re

from exoreview.diagnosis.faults import Complaint, Sight
from exoreview.sparql.querytext import FORMS, UPDATES

_ENCODED = re.compile(
    r"\A\s*+(?:[?&]?\w+=\S|(?:SELECT|ASK|CONSTRUCT|DESCRIBE|PREFIX)(?:%20|%0A|\+)\S)", re.IGNORECASE
)
_NO_QUERY = "This is no query: there is no SELECT, ASK, CONSTRUCT or DESCRIBE in it."


def explained(sight: Sight, has_form: bool) -> Complaint | None:
    """A complaint about a text that has no query where one should begin, if that is what is wrong."""
    if sight.within("Prologue") and sight.near(-1).kind in ("PREFIX", "NAMESPACE", "BASE", "VERSION"):
        return _declaration(sight)
    if "SELECT" not in sight.expected or sight.inside("Form"):
        return None
    here = sight.here
    if here.kind == "END":
        return _nothing(sight)
    if here.kind in UPDATES:
        return sight.complain(
            f"This is an update ({here.kind}); only queries are answered here.",
            "A query begins with SELECT, ASK, CONSTRUCT or DESCRIBE.",
        )
    if here.kind == "LANG":
        return _turtle(sight)
    if here.kind in (".", ";"):
        return sight.complain("No dot or semicolon stands after a PREFIX in SPARQL.", "Leave it out.")
    if here.kind == "WORD":
        close = difflib.get_close_matches(here.text.upper()[:30], [*FORMS, "PREFIX", "BASE"], 1, 0.6)
        if close:
            return sight.complain(f"“{here.text[:30]}” is no word of SPARQL.", f"Is {close[0]} meant?")
    if not has_form and here.kind not in ("WHERE", "{"):
        return sight.complain(_NO_QUERY)
    shown = here.text if len(here.text) < 30 else "this"
    return sight.complain(
        f"Before {shown} a SELECT, ASK, CONSTRUCT or DESCRIBE is missing.", "As in SELECT * WHERE { … }."
    )


def pasted(sight: Sight) -> Complaint | None:
    """A complaint about a text that is something else altogether."""
    if sight.fault.at > 1:
        return None
    start = sight.text[sight.tokens[0].start :][:200]
    if _ENCODED.match(start):
        return sight.complain(
            "This is a query as it stands in an address, encoded.",
            "Give it decoded: %20 and + are blanks, %3F is ?, and nothing stands before SELECT or PREFIX.",
        )
    if sight.fault.at == 1:
        return None
    if re.match(r"(?i)(?:https?|ftp|file)://", start) or re.match(r"(?i)<https?:[^<>\s]*>\s*\Z", start):
        return sight.complain(
            "This is an address, not a query.", "Ask about a thing with DESCRIBE <…>, its IRI in < >."
        )
    if re.match(r"(?i)<(?:!doctype|html|\?xml|!--|head|body|div|pre|p>|rdf:)", start):
        return sight.complain("This is HTML or XML, not a query.", "Copy only the text of the query.")
    if re.match(r"\{\s*(?:\"|'\w+'\s*:|\})|\[\s*[{\"\]]", start):
        return sight.complain(
            "This is JSON, not a query.",
            "Send the text of the query itself, without quotes and \\n around it.",
        )
    if start.startswith(("```", "~~~")):
        return sight.complain(
            "This begins with the fence of a code block.", "Copy only what stands between the fences."
        )
    if start[:1] in "\"'" and re.match(r"(?i)[\"']+\s*(?:SELECT|ASK|CONSTRUCT|DESCRIBE|PREFIX)\b", start):
        return sight.complain(
            "The query stands in quotation marks.", "Leave out the quotation marks around it."
        )
    return None


def _nothing(sight: Sight) -> Complaint:
    if sight.fault.at == 0:
        return sight.complain(
            "This is no query: the text is empty.",
            "A query is, for example, SELECT * WHERE { ?s ?p ?o } LIMIT 10.",
        )
    return sight.complain(
        "There are only prefixes here; the query itself is missing.",
        "After them comes SELECT, ASK, CONSTRUCT or DESCRIBE.",
    )


def _turtle(sight: Sight) -> Complaint:
    word = sight.here.text[1:].upper()
    if word not in ("PREFIX", "BASE"):
        return sight.complain("No @ stands here.")
    last = 2 if word == "PREFIX" else 1
    hint = f"Write {word} {sight.source(1, last)} without @, and without a dot after it."
    return sight.complain(f"“{sight.here.text}” is Turtle; SPARQL writes {word}.", hint)


def _declaration(sight: Sight) -> Complaint | None:
    """What is wrong within a PREFIX or BASE."""
    here, before = sight.here, sight.near(-1)
    if before.kind == "PREFIX":
        name = here.text.rstrip(":") if here.kind != "IRI" else ""
        if here.kind == "IRI":
            return sight.complain(
                "The name of the prefix is missing.", f"As in PREFIX ex: {sight.source(0, 0)}."
            )
        if here.kind == "NAME":
            return sight.complain(
                "The name of a prefix ends with its only colon.",
                f"As in PREFIX {name.partition(':')[0]}: <…>.",
            )
        if not re.match(r"\w", here.text):
            return sight.complain(
                "After PREFIX the name of a prefix with a colon is expected.", "As in PREFIX ex: <…>."
            )
        if sight.near(1).text == ":":
            return sight.complain(f"No blank stands between {name} and its colon.", f"Write {name}:")
        hint = f"Write PREFIX {name}: {sight.near(1).text if sight.near(1).kind == 'IRI' else '<…>'}"
        return sight.complain(f"After the prefix {name} a colon is missing.", hint)
    if before.kind == "VERSION":
        return sight.complain("After VERSION a text is expected.", 'As in VERSION "1.2".')
    if here.kind == "=":
        return sight.complain(
            "No = stands between a prefix and its IRI.", f"Write PREFIX {before.text} {sight.source(1, 1)}"
        )
    declared = "PREFIX " + before.text if before.kind == "NAMESPACE" else "BASE"
    iri = re.compile(r"[^\s<>\"']*").match(sight.text, here.start + (here.kind in ("STRING", "BAD")))[0]
    hint = f"Write {declared} <{iri}>" if ":" in iri and len(iri) < 150 else f"As in {declared} <http://…>."
    return sight.complain(f"After {declared} an IRI in < > is expected.", hint)
