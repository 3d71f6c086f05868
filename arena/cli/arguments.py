"""Arguments that several commands take, and how their words become values."""

import json
from collections.abc import Iterable
from typing import Annotated

import typer

from arena.errors import UsageError
from arena.store.records import Option


def complete_game(incomplete: str) -> list[str]:
    from arena.games import catalog

    return [entry.id for entry in catalog.entries() if entry.id.startswith(incomplete)]


GameId = Annotated[
    str,
    typer.Argument(metavar="GAME", help="A game's id, as in `arena games`.", autocompletion=complete_game),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON on stdout instead of words.")]
Options = Annotated[
    list[str] | None,
    typer.Option("--option", "-o", metavar="KEY=VALUE", help="An option of the game; may be repeated."),
]


def pairs(words: Iterable[str], what: str) -> dict[str, str]:
    """`["size=9"]` -> `{"size": "9"}`. Raises UsageError for a word that is not KEY=VALUE."""
    found = {}
    for word in words:
        key, equals, value = word.partition("=")
        if not equals or not key.strip():
            raise UsageError(f"{what} '{word}' is not KEY=VALUE; for example: size=15")
        found[key.strip()] = value.strip()
    return found


def key_values(words: Iterable[str], what: str) -> dict[str, Option]:
    """`["size=9", "fog=true"]` -> `{"size": 9, "fog": True}`. Raises UsageError as `pairs`."""
    return {key: _value(value) for key, value in pairs(words, what).items()}


def _value(word: str) -> Option:
    """A number, true or false where the word is one, else the word itself."""
    try:
        value = json.loads(word.lower() if word.lower() in ("true", "false") else word)
    except ValueError:
        return word
    return value if isinstance(value, bool | int | float) else word
