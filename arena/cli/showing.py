"""What matches that people see have in common on the command line."""

import secrets
from collections.abc import Sequence
from typing import Annotated

import typer

from arena.cli.output import note, say, say_json
from arena.errors import UsageError
from arena.store.names import HUMAN
from arena.store.options import key_values
from arena.store.records import LARGEST_SEED

PANEL = "Play"

PLAYERS = (
    "random, noop, pathfinder (mazes), an agent's name for its champion (ppo), "
    "a run's id (or ppo@RUN), a checkpoint's folder, or somebody else's: "
    "sb3:FILE.zip (Stable-Baselines3) or entry:NAME (`arena agents`)."
)

Seed = Annotated[
    int | None,
    typer.Option(min=0, max=LARGEST_SEED, help="The series seed; a new one each time when not given."),
]
Games = Annotated[int, typer.Option(min=1, max=100_000, help="How many matches.")]
Terminal = Annotated[
    bool,
    typer.Option("--terminal", help="Draw it in this terminal; done by itself where there is no display."),
]


def show_series(
    players: Sequence[str],
    game: str,
    games: int,
    seed: int | None,
    option: Sequence[str] | None,
    terminal: bool,
    *,
    me: str | None = None,
    kept: bool = True,
    endless: bool = False,
    as_json: bool = False,
) -> None:
    """Play a series where people can see it, then print the results of what was kept."""
    from arena.cli.report import as_data, in_words
    from arena.games import catalog
    from arena.tui import settings

    catalog.find(game).check_players(len(players))  # before a window opens, or anything heavy is loaded
    remembered = settings.load()
    if HUMAN in players and me is None and not remembered.name:
        note(
            f"you play as {remembered.me}, your login name; `arena play --name NAME` takes another for once, "
            "n in the launcher for good"
        )
    from arena.window import session

    setup = session.Setup(
        game=game,
        players=tuple(players),
        games=games,
        seed=new_seed() if seed is None else seed,
        options=key_values(option or ()),
        me=me or remembered.me,
        kept=kept,
        endless=endless,
    )
    results = session.play(setup, terminal=terminal)
    if as_json:
        say_json({"game": game, "seed": setup.seed, "matches": [as_data(result) for result in results]})
    elif kept:
        for result in results:
            say(in_words(result))
        if results:
            note(f"series seed {setup.seed}")


def game_of(players: Sequence[str], example: str) -> str:
    """The game that the runs (or checkpoints) among the players learn.

    Raises UsageError where there is none among them, or they learn different ones.
    """
    from arena.matches import roster

    learned: dict[str, str] = {}
    for name in players:
        if (game := roster.game_of(name)) is not None:
            learned.setdefault(game, name)
    if not learned:
        raise UsageError(f"name the game too: {example}")
    if len(learned) > 1:
        told = " and ".join(f"{name} learns {game}" for game, name in learned.items())
        raise UsageError(f"{told}: they can only be seen together at one game")
    return next(iter(learned))


def new_seed() -> int:
    return secrets.randbelow(LARGEST_SEED + 1)
