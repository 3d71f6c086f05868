"""Options and settings as they are typed: `size=9`."""

import json
import math
from collections.abc import Iterable

from arena.errors import UsageError
from arena.store.records import Option


def pairs(words: Iterable[str], what: str) -> dict[str, str]:
    """`["size=9"]` -> `{"size": "9"}`. Raises UsageError for a word that is not KEY=VALUE."""
    found = {}
    for word in words:
        key, equals, value = word.partition("=")
        if not equals or not key.strip():
            raise UsageError(f"{what} '{word}' is not KEY=VALUE; for example: size=15")
        found[key.strip()] = value.strip()
    return found


def key_values(words: Iterable[str], what: str = "the option") -> dict[str, Option]:
    """`["size=9", "fog=true"]` -> `{"size": 9, "fog": True}`. Raises UsageError as `pairs`."""
    return {key: _value(value) for key, value in pairs(words, what).items()}


def _value(word: str) -> Option:
    """A finite number, true or false where the word is one, else the word itself."""
    try:
        value = json.loads(word.lower() if word.lower() in ("true", "false") else word)
    except (ValueError, RecursionError):
        return word
    if isinstance(value, float) and not math.isfinite(value):
        return word
    return value if isinstance(value, int | float) else word
