"""What is wrong with a query that the parser refused, in words and with its place."""

import re

from exoreview.sparql import querytext
from exoreview.sparql.outcomes import QueryError

_PLACE = re.compile(r"error at (\d+):(\d+): (.*)", re.DOTALL)


def syntax_error(text: str, error: str, seen: querytext.Scan) -> QueryError:
    """The parser's complaint with its place, in words."""
    # The parser often complains of something else where it could not resolve a prefix.
    if seen.undeclared:
        prefix, offset = seen.undeclared
        place = querytext.position(text, offset)
        return QueryError(f"The prefix “{prefix}:” is not declared.", *place, querytext.prefix_hint(prefix))
    match = _PLACE.match(error)
    if not match:
        return QueryError(sentence(error))
    line, column, rest = int(match[1]), int(match[2]), match[3]
    if seen.form is None:
        return QueryError(
            "This is no query: there is no SELECT, ASK, CONSTRUCT or DESCRIBE in it.", line, column
        )
    return QueryError(_expectation(rest), line, column)


def _expectation(rest: str) -> str:
    """`expected one of …` with character classes left out; a message of the parser's own stands as it is."""
    items = [
        item.strip()
        for item in re.split(r", (?![^\[]*\])", rest.removeprefix("expected ").removeprefix("one of "))
    ]
    sayings = [item for item in items if re.match(r"[A-Z][a-z]+ [a-z]|The ", item)]
    if sayings:
        return sentence(sayings[0])
    plain = [item.replace('"', "") for item in items if item and not item.startswith("[")]
    # Keywords alone are what the parser tried last, not what is missing (LATERAL after a lone subject).
    if all(item.isupper() for item in plain) or len(plain) > 12:
        return "The query cannot be read from here on."
    return f"Here {' or '.join(plain) if len(plain) < 3 else 'one of ' + ', '.join(plain)} is expected."


def sentence(message: str) -> str:
    """A message of a library as a sentence: a capital at its start, a full stop at its end."""
    message = message.strip() or "The query cannot be evaluated"
    return message[0].upper() + message[1:] + ("" if message.endswith((".", "?", "!")) else ".")
