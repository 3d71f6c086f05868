"""What there is: games, agents, runs, and who is best."""

from typing import Annotated

import typer

from arena.cli.arguments import GameId, Json, complete_game
from arena.cli.output import note, number, say, say_json, settings, table

PANEL = "What there is"


def add_to(app: typer.Typer) -> None:
    app.command(rich_help_panel=PANEL)(games)
    app.command(rich_help_panel=PANEL)(agents)
    app.command(rich_help_panel=PANEL)(runs)
    app.command(rich_help_panel=PANEL)(leaderboard)


def games(
    family: Annotated[
        str | None, typer.Argument(metavar="FAMILY", help="Only these: maze, atari or gym.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Every game, family by family.

    \b
    Examples:
      arena games
      arena games maze
      arena games --json
    """
    from arena.errors import UsageError
    from arena.games import catalog

    if family is not None and family not in catalog.FAMILIES:
        raise UsageError(f"no family is called '{family}'; there are {', '.join(catalog.FAMILIES)}")
    listed = [e for e in catalog.entries() if family in (None, e.family)]
    if as_json:
        say_json(
            [
                {
                    "id": e.id,
                    "title": e.title,
                    "summary": e.summary,
                    "seats": list(e.seats),
                    "pathfinder": e.pathfinder,
                    "missing": e.missing,
                }
                for e in listed
            ]
        )
        return
    table(
        ("GAME", "PLAYERS", "WHAT IT IS"),
        [(e.id, _players(e.seats), f"not here: {e.missing}" if e.missing else e.summary) for e in listed],
    )
    note()
    note(f"{len(listed)} games. `arena play GAME` to play, `arena agents GAME` for who can.")


def _players(seats: tuple[int, ...]) -> str:
    """How many may play: a one-seat game also takes up to four at a copy each."""
    if seats == (1,):
        return "1, or a duel"
    return f"{seats[0]} to {seats[-1]}" if len(seats) > 1 else str(seats[0])


def agents(
    game: Annotated[
        str | None,
        typer.Argument(metavar="GAME", help="Who can play this game.", autocompletion=complete_game),
    ] = None,
    as_json: Json = False,
) -> None:
    """Who can play: champions with their measured strength, and the built-in players.

    \b
    Examples:
      arena agents
      arena agents maze/run
    """


def runs(as_json: Json = False) -> None:
    """Every training run: what it learns, how far it is, and whether it is running."""


def leaderboard(
    game: Annotated[
        str | None,
        typer.Argument(metavar="GAME", help="Only this game.", autocompletion=complete_game),
    ] = None,
    as_json: Json = False,
) -> None:
    """Everyone who has played, people and agents, by rating; one pool a game.

    \b
    Examples:
      arena leaderboard
      arena leaderboard maze/race --json
    """
