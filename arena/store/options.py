"""Options, settings and numbers as they are typed: `size=9`, `200k`."""

import json
import math
from collections.abc import Iterable

from arena.errors import UsageError
from arena.store.records import Option

UNITS = {"k": 10**3, "m": 10**6, "b": 10**9}


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


def whole_number(name: str, text: str, least: int, most: int) -> int | None:
    """A whole number as people type it (`200k`, `5M`, `1,000`); None for nothing.

    Raises UsageError for anything else, and outside `least` to `most`.
    """
    plain = text.strip().lower().replace(",", "").replace("_", "").replace(" ", "")
    if not plain:
        return None
    unit = UNITS.get(plain[-1], 1)
    digits = plain[:-1] if plain[-1] in UNITS else plain
    try:
        value = float(digits) * unit
    except ValueError:
        raise UsageError(f"{name}: '{text}' is no number; type one like 200k") from None
    if not value.is_integer() or not least <= value <= most:
        raise UsageError(f"{name}: '{text}' is not a whole number from {least:,} to {most:,}")
    return int(value)
