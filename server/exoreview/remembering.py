"""What was made of a short text is remembered: clients send the same few headers and paths, over and over."""

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any

# Longer texts, in characters, are read anew each time: they would fill the memory that others save time with.
_LONGEST = 300


def remembered(most: int) -> Callable[[Callable], Callable]:
    """A decorator for a function of a text, and perhaps more: its results for that many are remembered."""

    def decorate(function: Callable) -> Callable:
        kept = lru_cache(maxsize=most)(function)

        @wraps(function)
        def made(text: str, *more: Any) -> Any:
            return kept(text, *more) if len(text) <= _LONGEST else function(text, *more)

        return made

    return decorate
