"""The Date header, made once a second."""

import time

from werkzeug.http import http_date

_made: tuple[int, bytes] = (0, b"")


def line() -> bytes:
    """The header of now, as it stands in a reply."""
    global _made
    now = int(time.time())
    if now != _made[0]:
        _made = (now, f"date: {http_date(now)}\r\n".encode("ascii"))
    return _made[1]
