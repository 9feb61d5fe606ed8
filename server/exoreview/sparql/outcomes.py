"""How a query can end without an answer, each with a plain sentence."""


class QueryError(Exception):
    """A query that cannot be answered as it stands, with the place (from 1) and a hint where one is known."""

    def __init__(self, message: str, line: int | None = None, column: int | None = None, hint: str = ""):
        super().__init__(message)
        self.message, self.line, self.column, self.hint = message, line, column, hint


class ServiceFailed(QueryError):
    """An endpoint that a SERVICE of the query asks gives no answer; the place is that of the SERVICE."""


class Stopped(Exception):
    """A query that was ended because it asked too much; the sentence says of what."""


class Timeout(Stopped):
    """The time was up."""


class TooLarge(Stopped):
    """The result is longer than what is sent."""


class NoRoom(Stopped):
    """The server's disk has no room for so long an answer."""


class Died(Stopped):
    """The process that answered it came to its end."""


class Unread(Stopped):
    """The process came to its end before it had read the query."""


class Busy(Stopped):
    """There was no place, or no process, for it in time."""


class Unreachable(Stopped):
    """The endpoint that answers for this one cannot be reached, or does not answer as one does."""


class Gone(Stopped):
    """Nobody waits for the answer any more."""
