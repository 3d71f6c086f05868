"""Matches: played, watched, and played again."""

import secrets
from typing import Annotated

import typer

from arena.cli.arguments import GameId, Json, Options, key_values
from arena.cli.output import note, number, say, say_json, settings, table

PANEL = "Play"

Seed = Annotated[
    int | None,
    typer.Option(min=0, max=2**31 - 1, help="The series' seed; a new one each time when not given."),
]
Games = Annotated[int, typer.Option(min=1, max=100_000, help="How many matches.")]


def add_to(app: typer.Typer) -> None:
    app.command(rich_help_panel=PANEL)(match)


def match(
    game: GameId,
    players: Annotated[
        list[str],
        typer.Argument(
            metavar="PLAYER",
            help="random, noop, pathfinder (mazes), an agent's name for its champion (ppo), "
            "ppo@RUN for a run's latest checkpoint, or a checkpoint's folder.",
        ),
    ],
    games: Games = 1,
    seed: Seed = None,
    option: Options = None,
    window: Annotated[bool, typer.Option("--window", help="Show it in a window.")] = False,
    terminal: Annotated[bool, typer.Option("--terminal", help="Show it in this terminal.")] = False,
    as_json: Json = False,
) -> None:
    """Players against each other: headless, unless asked to show it.

    With players enough for its seats a game is one shared world (versus), and seats are swapped from
    match to match. On a one-seat game each player has a copy with the same seed (a duel).

    \b
    Examples:
      arena match maze/race ppo random --games 20 --seed 1
      arena match atari/pong random noop --option sticky=0
      arena match maze/run ppo pathfinder --window
    """
    from arena.cli.report import ID_LENGTH, as_data, in_words
    from arena.cli.series import play_series, tally
    from arena.matches import roster

    if seed is None:
        seed = secrets.randbelow(2**31)
    options = key_values(option or (), "the option")
    seated = [roster.resolve(name, game) for name in players]
    played = []
    interrupted = False
    try:
        for one in play_series(game, seated, games, seed, options):
            played.append(one)
            if not as_json:
                say(f"{len(played):>{len(str(games))}}/{games}  {in_words(one.result)}")
    except KeyboardInterrupt:
        interrupted = True
    tallies = tally(seated, played)
    if as_json:
        say_json(
            {
                "game": game,
                "seed": seed,
                "options": dict(played[0].result.options) if played else options,
                "players": [
                    {
                        "name": t.name,
                        "id": t.id,
                        "wins": t.wins,
                        "draws": t.draws,
                        "losses": t.losses,
                        "forfeits": t.forfeits,
                        "mean_score": t.total / len(played) if played else None,
                    }
                    for t in tallies
                ],
                "matches": [as_data(one.result) for one in played],
            }
        )
    elif len(played) > 1:
        say()
        table(
            ("PLAYER", "WON", "DRAWN", "LOST", "MEAN SCORE"),
            [
                (t.name, str(t.wins), str(t.draws), str(t.losses), number(t.total / len(played)))
                for t in tallies
            ],
            right=(1, 2, 3, 4),
        )
    if interrupted:
        note(f"stopped after {len(played)} of {games} matches; those are kept")
        raise typer.Exit(130)
    note(f"seed {seed}; all kept: `arena leaderboard {game}`, `arena replay {played[-1].result.id[:ID_LENGTH]}`")
