"""People's names, as the leaderboard keeps them."""

import getpass

HUMAN = "human"
"""A person among the players; `human:Ada` is one who is called so."""

LONGEST = 24
"""Characters of a name."""


def is_person(player: str) -> bool:
    """Whether a player's name means a person."""
    return player.partition(":")[0] == HUMAN


def called(player: str) -> str | None:
    """How a person among the players is called; None where that is not said."""
    return player.partition(":")[2] if ":" in player else None


def clean(text: str) -> str:
    """`text` as a name: printable, on one line, not too long; empty where nothing of it is left."""
    return " ".join("".join(c for c in text if c.isprintable()).split())[:LONGEST].strip()


def login() -> str:
    """The name of whoever is logged in; "you" where there is none."""
    try:
        return clean(getpass.getuser()) or "you"
    except (OSError, KeyError, ImportError):  # nobody by that number here; no `pwd` on this system
        return "you"
