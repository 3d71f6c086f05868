"""Matches: a person's, and those of players among themselves."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from arena.cli.arguments import GameId, Json, Options, Reaction, Workers, complete_game, with_reaction
from arena.cli.ending import asked_as_by_ctrl_c
from arena.cli.output import note, say, say_json, table
from arena.cli.showing import PANEL, PLAYERS, Games, Seed, Terminal, game_of, new_seed, show_series
from arena.cli.trusting import Trusted, trust
from arena.errors import UsageError
from arena.store import names
from arena.store.options import key_values
from arena.store.records import in_figures

if TYPE_CHECKING:
    from arena.cli.series import Tally


def add_to(app: typer.Typer) -> None:
    for command in (play, match):
        app.command(rich_help_panel=PANEL)(command)


def play(
    game: Annotated[
        str | None,
        typer.Argument(
            metavar="GAME",
            help="A game's id, as in `arena games`; a run's own when left out.",
            autocompletion=complete_game,
        ),
    ] = None,
    versus: Annotated[
        list[str] | None,
        typer.Option(
            "--vs",
            metavar="PLAYER",
            help=f"Who plays against you: human or human:NAME, {PLAYERS} May be repeated.",
        ),
    ] = None,
    name: Annotated[
        str | None,
        typer.Option("--name", help="Your name on the leaderboard; the launcher's when not given."),
    ] = None,
    games: Games = 1,
    seed: Seed = None,
    option: Options = None,
    reaction: Reaction = None,
    trusted: Trusted = False,
    terminal: Terminal = False,
) -> None:
    """You against them, in a window.

    Without --vs: against the best opponent there is. Two people may share one
    keyboard. H shows the keys, P pauses, I shows what the agents think.

    Against a run you play with what it has learned by the start of the match,
    also while it trains; its name tells the step. The next match is against what
    it knows by then, and within a match it stays the same.

    \b
    Examples:
      arena play maze/race --vs ppo
      arena play --vs ppo-maze-race-s0-0131-0930
      arena play versus/pong --name Ada --vs human:Bob
      arena play maze/coins --vs ppo --vs random --terminal
      arena play versus/pong --vs ppo@atari/pong --reaction-ms 200
    """
    from arena.games import catalog
    from arena.matches import roster
    from arena.tui.playing import default_players

    if game is None:
        game = game_of(versus or [], "arena play maze/race --vs ppo")
    if versus is None:
        chosen = default_players(catalog.find(game), roster.available(game))
        versus = [player for player in chosen[1:] if player is not None]
    me = names.clean(name) if name is not None else None
    if me == "":
        raise UsageError(f"the name '{name}' has no letter in it")
    trust(versus, game, trusted)
    show_series([names.HUMAN, *versus], game, games, seed, with_reaction(option, reaction), terminal, me=me)


def match(
    game: GameId,
    players: Annotated[list[str], typer.Argument(metavar="PLAYER", help=PLAYERS)],
    games: Games = 1,
    seed: Seed = None,
    option: Options = None,
    reaction: Reaction = None,
    workers: Workers = None,
    trusted: Trusted = False,
    window: Annotated[bool, typer.Option("--window", help="Show it in a window.")] = False,
    terminal: Annotated[bool, typer.Option("--terminal", help="Draw it in this terminal.")] = False,
    as_json: Json = False,
) -> None:
    """Players against each other: headless, unless asked to show it.

    A game with seats for all of them is one shared world (versus), and seats are
    swapped from match to match. On a one-seat game each has a copy with the same
    seed (a duel). The same series seed brings the same matches, to the last move,
    with any number of workers; those are begun where it takes more than a moment.

    \b
    Examples:
      arena match maze/race ppo random --games 20 --seed 1
      arena match atari/pong random noop --option sticky=0
      arena match maze/run ppo pathfinder --window
      arena match versus/pong ppo@atari/pong random --games 4
      arena match maze/run ppo sb3:model.zip --games 20 --trust
    """
    from arena.cli.report import ID_LENGTH, as_data, in_words
    from arena.games import catalog

    option = with_reaction(option, reaction)
    catalog.find(game).check_players(len(players))  # before anything heavy is loaded, or is asked
    if any(map(names.is_person, players)) and not (window or terminal):
        raise UsageError("a person cannot play headless; add --window or --terminal, or use `arena play`")
    trust(players, game, trusted)
    if window or terminal:
        if workers is not None:
            raise UsageError("--workers are for what is not shown: a window shows one match at a time")
        show_series(players, game, games, seed, option, terminal, as_json=as_json)
        return
    from arena.cli.series import play_and_keep, tally
    from arena.matches import roster

    seed = new_seed() if seed is None else seed
    options = key_values(option)
    seated = [roster.resolve(name, game, options=options) for name in players]
    for player in seated:
        if player.deliberates:
            note(f"{player.identity.name} explores in a copy of the game before each match, for some seconds")
    played = []
    interrupted = False
    try:
        with asked_as_by_ctrl_c():
            for one in play_and_keep(game, players, seated, games, seed, options, workers):
                played.append(one)
                if not as_json:
                    say(f"{len(played):>{len(str(games))}}/{games}  {in_words(one.result)}")
    except KeyboardInterrupt:
        interrupted = True
    tallies = tally(seated, played)
    if as_json:
        matches = [as_data(one.result) for one in played]
        say_json({"game": game, "seed": seed, "players": _standing(tallies, len(played)), "matches": matches})
    elif len(played) > 1:
        say()
        table(
            ("PLAYER", "WON", "DRAWN", "LOST", "MEAN SCORE"),
            [
                (t.name, str(t.wins), str(t.draws), str(t.losses), in_figures(t.total / len(played)))
                for t in tallies
            ],
            right=(1, 2, 3, 4),
        )
    if interrupted:
        note(
            f"stopped after {len(played)} of {games} matches; those are kept"
            if played
            else "stopped before a match had ended; nothing is kept"
        )
        raise typer.Exit(130)
    note(f"series seed {seed}; `arena leaderboard {game}`, `arena replay {played[-1].result.id[:ID_LENGTH]}`")


def _standing(tallies: "Sequence[Tally]", matches: int) -> list[dict[str, Any]]:
    return [
        {
            "name": t.name,
            "id": t.id,
            "wins": t.wins,
            "draws": t.draws,
            "losses": t.losses,
            "forfeits": t.forfeits,
            "mean_score": t.total / matches if matches else None,
        }
        for t in tallies
    ]
