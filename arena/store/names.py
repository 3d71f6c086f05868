"""People's names, as the leaderboard keeps them."""

import getpass

LONGEST = 24
"""Characters of a name."""


def clean(text: str) -> str:
    """`text` as a name: printable, on one line, not too long; empty where nothing of it is left."""
    return " ".join("".join(c for c in text if c.isprintable()).split())[:LONGEST].strip()


def login() -> str:
    """The name of whoever is logged in; "you" where there is none."""
    try:
        return clean(getpass.getuser()) or "you"
    except (OSError, KeyError, ImportError):  # nobody by that number here; no `pwd` on this system
        return "you"
