"""Arguments that several commands take, and how their words become values."""

import json
from collections.abc import Iterable
from typing import Annotated, Any

import typer

from arena.errors import UsageError


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


def key_values(words: Iterable[str], what: str) -> dict[str, Any]:
    """`["size=9", "fog=true"]` -> `{"size": 9, "fog": True}`. Raises UsageError for a word without `=`."""
    pairs = {}
    for word in words:
        key, equals, value = word.partition("=")
        if not equals or not key:
            raise UsageError(f"{what} '{word}' is not KEY=VALUE; for example: size=15")
        pairs[key.strip()] = _value(value.strip())
    return pairs


def _value(word: str) -> Any:
    """A number, true or false where the word is one, else the word itself."""
    try:
        value = json.loads(word.lower() if word.lower() in ("true", "false") else word)
    except ValueError:
        return word
    return value if isinstance(value, bool | int | float) else word
