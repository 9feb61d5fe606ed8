"""What is wrong with a query that the parser refused, in words and with its place.

The parser says where it gave up, which is seldom where the mistake is; so the text is read once more here. Of
several mistakes the first is named. What the parser says counts only where nothing else is found.
"""

import difflib
import re
from collections.abc import Iterator

from exoreview.diagnosis import beginnings, characters, clauses, particulars, patterns, scopes, words
from exoreview.diagnosis.faults import Complaint, Sight, quoted
from exoreview.diagnosis.reading import Reading, read
from exoreview.diagnosis.tokens import Token, tokens
from exoreview.sparql import querytext
from exoreview.sparql.outcomes import QueryError

_PLACE = re.compile(r"error at (\d+):(\d+): (.*)", re.DOTALL)
_ADDRESS = re.compile(r"[^\s<>\"{};,]++")
_SCHEME = re.compile(r"<[A-Za-z][A-Za-z0-9+.-]*:")


# The first that knows the mistake explains it.
_EXPLANATIONS = (
    words.explained,
    patterns.literal,
    patterns.values,
    clauses.incomplete_clause,
    patterns.comparison,
    clauses.projection,
    clauses.misplaced_clause,
    clauses.missing_brace,
    clauses.after_the_end,
    patterns.bracket,
    patterns.mark_too_many,
    patterns.incomplete_triple,
    patterns.missing_mark,
    patterns.operand,
    patterns.misplaced,
)


def syntax_error(text: str, error: str, seen: querytext.Scan) -> QueryError:
    """The mistake for which the parser refused a text with this error, with its place and a hint."""
    complaint = _found(text, seen) or _of_parser(text, error)
    return QueryError(complaint.message, *querytext.position(text, complaint.offset), complaint.hint)


def told(error: QueryError, text: str) -> str:
    """A mistake with its place, its hint, and the line where it is."""
    if not error.line:
        return " ".join(part for part in (error.message, error.hint) if part)
    place = f"line {error.line}, column {error.column}:"
    sentences = " ".join(part for part in (place, error.message, error.hint) if part)
    line = querytext.line_of(text, error.line)
    return f"{sentences}\n{querytext.marked(line, error.line, error.column)}" if line else sentences


def _found(text: str, seen: querytext.Scan) -> Complaint | None:
    found = tokens(text)
    reading = read(found)
    # All of these stand before the fault.
    complaints = list(_details(text, found, reading))
    if not complaints and reading.fault:
        return _of_fault(Sight(text, found, reading.fault), seen)
    if not complaints:
        complaints = [*scopes.complaints(found, reading), *particulars.complaints(found, reading)]
    return min(complaints, key=lambda each: each.offset, default=None)


def _of_fault(sight: Sight, seen: querytext.Scan) -> Complaint:
    return (
        beginnings.pasted(sight)
        or characters.explained(sight)
        or beginnings.explained(sight, seen.form is not None)
        or next(filter(None, (explain(sight) for explain in _EXPLANATIONS)), None)
        or _expectation(sight)
    )


def _details(text: str, found: list[Token], reading: Reading) -> Iterator[Complaint]:
    """The first undeclared prefix, relative IRI and unknown escape before the fault."""
    declared, based = set(), False
    for at, token in enumerate(found[: reading.fault.at if reading.fault else None]):
        before = found[at - 1].kind if at else ""
        if token.kind in ("NAME", "NAMESPACE"):
            prefix = token.text.partition(":")[0]
            if before == "PREFIX":
                declared.add(prefix)
            elif prefix not in declared:
                yield _undeclared(text, token, prefix, declared)
                return
        elif token.kind == "IRI":
            if not based and not _SCHEME.match(token.text):
                yield Complaint(
                    f"The IRI {quoted(token)} is relative, and there is no BASE.",
                    token.start,
                    "Write the whole IRI, as in <http://…>.",
                )
                return
            based |= before == "BASE"
        elif token.kind == "STRING" and (wrong := characters.wrong_escape(token)):
            yield wrong
            return


def _undeclared(text: str, token: Token, prefix: str, declared: set[str]) -> Complaint:
    if prefix.lower() in ("http", "https", "urn", "mailto"):
        iri = _ADDRESS.match(text, token.start, token.start + 200)[0].rstrip(".)")
        return Complaint("An IRI stands in < >.", token.start, f"Write <{iri}>.")
    known = {*declared, *querytext.known_prefixes()}
    close = difflib.get_close_matches(prefix, sorted(known), 1, 0.6) if 0 < len(prefix) < 30 else []
    hint = querytext.prefix_hint(prefix)
    if not hint and close:
        line = "" if close[0] in declared else f" {querytext.prefix_hint(close[0])}"
        hint = f"Is {close[0]}: meant?{line}"
    return Complaint(
        f"The prefix “{prefix}:” is not declared.",
        token.start,
        hint or f"Add a line at the top: PREFIX {prefix}: <…>",
    )


_OPERATORS = frozenset(("=", "!=", "<", "<=", ">", ">=", "+", "-", "*", "/", "&&", "||"))
_CLASSES = (
    ({"VAR"}, "a variable"),
    ({"IRI", "NAME", "NAMESPACE"}, "an IRI"),
    ({"STRING"}, "a text"),
    ({"NUMBER"}, "a number"),
    ({"FUNCTION"}, "a function"),
    (_OPERATORS, "an operator"),
    ({","}, "a comma"),
    ({";"}, "a semicolon"),
    ({"."}, "a dot"),
)
# Of these the classes tell enough.
_PLAIN = frozenset(("VAR", "IRI", "NAME", "NAMESPACE", "STRING", "NUMBER", "SIGNED", "BOOLEAN"))
_PLAIN |= frozenset(("FUNCTION", "AGGREGATE", "BLANK", "LANG", "END", "<<", "<<("))


def _expectation(sight: Sight) -> Complaint:
    """What stands at the fault and what could stand there."""
    here = sight.here
    classes = [(kinds, words) for kinds, words in _CLASSES if kinds <= sight.expected]
    could = [words for _, words in classes]
    could += sorted(sight.expected.difference(_PLAIN, *(kinds for kinds, _ in classes)))
    said = "The query ends too early" if here.kind == "END" else f"{quoted(here)} has no place here"
    if not 0 < len(could) <= 6:
        return sight.complain(said + ".")
    listed = " or ".join(filter(None, (", ".join(could[:-1]), could[-1])))
    return sight.complain(f"{said}; expected is {listed}.")


def _of_parser(text: str, error: str) -> Complaint:
    """What the parser says, where nothing is found that is wrong."""
    match = _PLACE.match(error)
    if not match:
        return Complaint(sentence(error), 0)
    lines = text.splitlines(keepends=True)[: int(match[1])]
    offset = min(sum(map(len, lines[:-1])) + int(match[2]) - 1, len(text))
    sayings = [item for item in re.split(r", (?=[A-Z\[\"'])", match[3]) if re.search(r"[a-z] [a-z]", item)]
    said = [re.sub(r"^expected (one of )?", "", item) for item in sayings if "..=" not in item]
    return Complaint(sentence(said[0]) if said else "The query cannot be read from here on.", offset)


def sentence(message: str) -> str:
    """A message of a library as a sentence: a capital at its start, a full stop at its end."""
    message = message.strip() or "The query cannot be evaluated"
    return message[0].upper() + message[1:] + ("" if message.endswith((".", "?", "!")) else ".")
