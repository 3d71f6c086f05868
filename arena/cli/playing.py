"""Matches: played, watched, and played again."""

import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from arena.cli import filming
from arena.cli.arguments import GameId, Json, Options, complete_game
from arena.cli.beside import screen_is_missing, watch_apart
from arena.cli.output import announce, note, say, say_json, table
from arena.errors import ArenaError, UsageError
from arena.store import names
from arena.store.options import key_values
from arena.store.records import LARGEST_SEED, in_figures

if TYPE_CHECKING:
    from arena.cli.series import Tally
    from arena.store.records import Replay

PANEL = "Play"

RECENT = 20
"""Matches that `arena replay` lists."""

PLAYERS = (
    "random, noop, pathfinder (mazes), an agent's name for its champion (ppo), "
    "a run's id (or ppo@RUN), or a checkpoint's folder."
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


def _complete_watched(incomplete: str) -> list[str]:
    from arena.store.runs import runs

    return [run.id for run in runs() if run.id.startswith(incomplete)] + complete_game(incomplete)


def add_to(app: typer.Typer) -> None:
    for command in (play, match, watch, replay):
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
            "--vs", metavar="PLAYER", help=f"Who plays against you: human, {PLAYERS} May be repeated."
        ),
    ] = None,
    name: Annotated[
        str | None,
        typer.Option("--name", help="Your name on the leaderboard; the launcher's when not given."),
    ] = None,
    games: Games = 1,
    seed: Seed = None,
    option: Options = None,
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
      arena play atari/pong --vs human --name Ada
      arena play maze/coins --vs ppo --vs random --terminal
    """
    from arena.games import catalog
    from arena.matches import roster
    from arena.tui.playing import HUMAN, default_players

    if game is None:
        game = _game_of(versus or [], "arena play maze/race --vs ppo")
    if versus is None:
        chosen = default_players(catalog.find(game), roster.available(game))
        versus = [player for player in chosen[1:] if player is not None]
    me = names.clean(name) if name is not None else None
    if me == "":
        raise UsageError(f"the name '{name}' has no letter in it")
    _show([HUMAN, *versus], game, games, seed, option, terminal, me=me)


def match(
    game: GameId,
    players: Annotated[list[str], typer.Argument(metavar="PLAYER", help=PLAYERS)],
    games: Games = 1,
    seed: Seed = None,
    option: Options = None,
    window: Annotated[bool, typer.Option("--window", help="Show it in a window.")] = False,
    terminal: Annotated[bool, typer.Option("--terminal", help="Draw it in this terminal.")] = False,
    as_json: Json = False,
) -> None:
    """Players against each other: headless, unless asked to show it.

    A game with seats for all of them is one shared world (versus), and seats are
    swapped from match to match. On a one-seat game each has a copy with the same
    seed (a duel). The same series seed brings the same matches, to the last move.

    \b
    Examples:
      arena match maze/race ppo random --games 20 --seed 1
      arena match atari/pong random noop --option sticky=0
      arena match maze/run ppo pathfinder --window
    """
    from arena.cli.report import ID_LENGTH, as_data, in_words
    from arena.games import catalog

    if window or terminal:
        _show(players, game, games, seed, option, terminal, as_json=as_json)
        return
    catalog.find(game).check_players(len(players))  # before anything heavy is loaded
    if "human" in players:
        raise UsageError("a person cannot play headless; add --window or --terminal, or use `arena play`")
    from arena.cli.series import play_series, tally
    from arena.matches import roster

    seed = _new_seed() if seed is None else seed
    seated = [roster.resolve(name, game) for name in players]
    played = []
    interrupted = False
    try:
        for one in play_series(game, seated, games, seed, key_values(option or ())):
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
        note(f"stopped after {len(played)} of {games} matches; those are kept")
        raise typer.Exit(130)
    note(f"series seed {seed}; `arena leaderboard {game}`, `arena replay {played[-1].result.id[:ID_LENGTH]}`")


def watch(
    names: Annotated[
        list[str],
        typer.Argument(
            metavar="RUN... | PLAYER... GAME",
            help=f"One to four, to be seen side by side: a run's id, or {PLAYERS} Then the game, if no run "
            "tells it.",
            autocompletion=_complete_watched,
        ),
    ],
    seed: Seed = None,
    option: Options = None,
    terminal: Terminal = False,
    export: Annotated[
        Path | None,
        typer.Option("--export", metavar="FILE", help="Make a film instead: FILE.mp4 or FILE.gif."),
    ] = None,
    seconds: Annotated[float, typer.Option(min=1.0, max=3600.0, help="How long the film is at most.")] = 30.0,
    show: Annotated[
        filming.Shown | None,
        typer.Option(
            help="What lies over the boards in the film: what mattered for the choice or for the value, or "
            "in a maze every tile's value or the visits.",
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over FILE.")] = False,
) -> None:
    """A window on agents that play alone, until you leave. Nothing of it is rated.

    A run that trains is shown as it gets better: its weights are taken up as
    they come, every few seconds. Beside the board stand its curve, its speed,
    the value of what it sees and its actions. S lights up what mattered to it;
    in a maze O shows the value of every tile, then where it has been. Two to
    four race on the same seed. Where a game needs more seats, the same agent
    sits in all of them.

    \b
    Examples:
      arena watch ppo-maze-run-s0-0131-0930
      arena watch ppo-maze-run-s0-0131-0930 dqn-maze-run-s0-0131-0931
      arena watch ppo maze/run
      arena watch random atari/breakout
      arena watch ppo maze/run --export ppo.mp4 --show values
    """
    from arena.games import catalog

    if show is not None and export is None:
        raise UsageError("--show is for films, with --export; in the window S and O show the same")
    *others, last = names
    is_game = "/" in last and not Path(last).is_dir()
    players, game = (others, last) if is_game else (names, None)
    if not players:
        raise UsageError(f"name who is to be watched, before the game: arena watch ppo {game}")
    if len(players) > catalog.MOST_PLAYERS:
        raise UsageError(f"{catalog.MOST_PLAYERS} can be watched side by side, and {len(players)} were named")
    if game is None:
        game = _game_of(players, f"arena watch {players[0]} maze/run")
    if len(players) == 1:
        players = players * catalog.find(game).seats[0]
    if export is not None:
        catalog.find(game).check_players(len(players))
        filming.may_be_written(export, force)
        announce(game)
        filming.film_of_watching(
            players, game, _new_seed() if seed is None else seed, option, export, seconds, show
        )
        return
    if not terminal and _is_training(players) and not screen_is_missing():
        watch_apart(players, game, _new_seed() if seed is None else seed, option or ())
        return
    _show(players, game, 1, seed, option, terminal, kept=False, endless=True)


def _is_training(players: Sequence[str]) -> bool:
    """Whether some of them learn just now."""
    from arena.matches import roster

    told = [roster.run_of(name) for name in players if roster.game_of(name) is not None]
    return any(run is not None and run.state == "running" for run in told)


def _game_of(players: Sequence[str], example: str) -> str:
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


def replay(
    match_id: Annotated[
        str | None,
        typer.Argument(metavar="MATCH", help="A match's id or its beginning, `last`, or a .replay file."),
    ] = None,
    verify: Annotated[
        bool, typer.Option("--verify", help="Play it again unseen, and prove that it is the same.")
    ] = False,
    export: Annotated[
        Path | None, typer.Option("--export", metavar="FILE", help="Make a film of it: FILE.mp4 or FILE.gif.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over FILE.")] = False,
    terminal: Terminal = False,
    as_json: Json = False,
) -> None:
    """A match played again, exactly; without MATCH, the matches played last.

    \b
    Examples:
      arena replay
      arena replay last
      arena replay 3f2a --verify
      arena replay last --export match.mp4
    """
    from arena.cli.report import as_data, in_words

    if match_id is None:
        _recent(as_json)
        return
    recorded = _recorded(match_id)
    if export is not None:
        filming.may_be_written(export, force)
    if verify or export is not None:
        announce(recorded.result.game)
    if verify:
        from arena.matches.playback import verify as prove

        prove(recorded)
        note(f"verified: {recorded.result.ticks:,} ticks again, and every digest is the same")
    if export is not None:
        filming.film(recorded, export)
    if as_json:
        say_json(as_data(recorded.result))
    elif verify or export is not None:
        say(in_words(recorded.result))
    else:
        from arena.window import session

        session.replay(recorded, terminal=terminal)


def _show(
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
    from arena.tui.playing import HUMAN

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
        seed=_new_seed() if seed is None else seed,
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


def _new_seed() -> int:
    return secrets.randbelow(LARGEST_SEED + 1)


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


def _recorded(match_id: str) -> "Replay":
    from arena.store import replays
    from arena.store.database import Database

    if match_id == "last":
        with Database.open() as database:
            latest = database.matches(limit=1)
        if not latest:
            raise ArenaError("no match has been played yet; `arena play` and `arena match` play some")
        match_id = latest[0].result.id
    path = Path(match_id)
    return replays.read(path) if path.suffix == ".replay" else replays.load(match_id)


def _recent(as_json: bool) -> None:
    from arena.cli.report import ID_LENGTH, as_data, outcome
    from arena.store.database import Database

    with Database.open() as database:
        kept = database.matches(limit=RECENT)
    if as_json:
        say_json([{"ended": one.ended.isoformat(timespec="seconds"), **as_data(one.result)} for one in kept])
        return
    if not kept:
        note("no match has been played yet; `arena play` and `arena match` play some")
        return
    table(
        ("MATCH", "ENDED", "GAME", "RESULT"),
        [
            (
                one.result.id[:ID_LENGTH],
                f"{one.ended.astimezone():%Y-%m-%d %H:%M}",
                one.result.game,
                outcome(one.result),
            )
            for one in kept
        ],
    )
    note()
    note("`arena replay MATCH` shows one, --verify proves it, --export FILE.mp4 makes a film")
