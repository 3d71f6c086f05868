"""Whether somebody else's code may run: asked before any of it does."""

from collections.abc import Sequence
from typing import Annotated

import typer

from arena.cli.output import agree
from arena.matches.foreign_names import find, is_foreign

Trusted = Annotated[
    bool,
    typer.Option("--trust", help="Run the code of players that are somebody else's (sb3:, entry:) unasked."),
]


def trust(players: Sequence[str], game: str, trusted: bool) -> None:
    """Go on where no player is somebody else's, where `trusted`, or where the person at the terminal says so.

    Raises UsageError for a player of somebody else's that there is not, and ArenaError where the answer is no
    or there is nobody to ask. Every command that lets players play calls it before it resolves any of them.
    """
    found = [find(name) for name in dict.fromkeys(players) if is_foreign(name)]
    if not found or trusted:
        return
    what = " and ".join(f"{one.name} ({one.identity.detail})" for one in found)
    theirs = f"{what} {'is' if len(found) == 1 else 'are'} somebody else's"
    agree(
        f"{theirs}. To play {game}, code from there runs on this machine, and may do all that you may do. "
        "Do you trust it?",
        f"{theirs}: code from there may do all that you may do; if you trust it, add --trust",
    )
