"""Agents at play, watched: also while they learn."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from arena.cli import filming
from arena.cli.arguments import Options, complete_game, complete_run
from arena.cli.beside import screen_is_missing, watch_apart
from arena.cli.output import announce, note
from arena.cli.showing import PANEL, PLAYERS, Seed, Terminal, game_of, new_seed, show_series
from arena.cli.trusting import Trusted, trust
from arena.errors import UsageError


def add_to(app: typer.Typer) -> None:
    app.command(rich_help_panel=PANEL)(watch)


def _complete_watched(incomplete: str) -> list[str]:
    return complete_run(incomplete) + complete_game(incomplete)


def watch(
    names: Annotated[
        list[str],
        typer.Argument(
            metavar="RUN... | GROUP | PLAYER... GAME",
            help=f"One to four, to be seen side by side: a run's id, a group's for its runs, or {PLAYERS} "
            "Then the game, if no run tells it.",
            autocompletion=_complete_watched,
        ),
    ],
    seed: Seed = None,
    option: Options = None,
    trusted: Trusted = False,
    terminal: Terminal = False,
    export: Annotated[
        Path | None,
        typer.Option(
            "--export",
            metavar="FILE",
            help="Make a film instead, FILE.mp4 or FILE.gif; of a run that explores, how its map grew.",
        ),
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
    four race on the same seed; of a group (`arena train --seeds`) the first that
    have learned something. Where a game needs more seats, the same agent sits in
    all of them.

    \b
    Examples:
      arena watch ppo-maze-run-s0-0131-0930
      arena watch ppo-maze-run-s0-0131-0930 dqn-maze-run-s0-0131-0931
      arena watch dqn-gym-CartPole-v1-x5-0131-0932
      arena watch ppo maze/run
      arena watch random atari/breakout
      arena watch ppo maze/run --export ppo.mp4 --show values
    """
    from arena.games import catalog
    from arena.matches import roster

    if show is not None and export is None:
        raise UsageError("--show is for films, with --export; in the window S and O show the same")
    *others, last = names
    is_game = "/" in last and not Path(last).is_dir()
    players, game = (others, last) if is_game else (names, None)
    if not players:
        raise UsageError(f"name who is to be watched, before the game: arena watch ppo {game}")
    players = _members_named(players)
    if len(players) > catalog.MOST_PLAYERS:
        raise UsageError(f"{catalog.MOST_PLAYERS} can be watched side by side, and {len(players)} were named")
    if game is None:
        game = game_of(players, f"arena watch {players[0]} maze/run")
    trust(players, game, trusted)
    if len(players) == 1:
        players = players * roster.seats(game, roster.run_of(players[0]))
    if export is not None:
        catalog.find(game).check_players(len(players))
        filming.may_be_written(export, force)
        told = [roster.run_of(name) for name in players if roster.game_of(name) is not None]
        if explored := [run for run in told if run is not None and not run.has_policy]:
            if len(players) > 1 or show is not None:
                odd = f"--show {show}" if show is not None else f"{len(players)} of them"
                raise UsageError(f"run {explored[0].id} has a map, which is filmed alone: leave out {odd}")
            filming.film_of_exploring(explored[0], export, seconds)
            return
        announce(game)
        filming.film_of_watching(
            players, game, new_seed() if seed is None else seed, option, export, seconds, show
        )
        return
    if not terminal and _is_training(players) and not screen_is_missing():
        watch_apart(players, game, new_seed() if seed is None else seed, option or ())
        return
    show_series(players, game, 1, seed, option, terminal, kept=False, endless=True)


def _members_named(players: Sequence[str]) -> list[str]:
    """The players, a group's runs in its place: as many as there is room for beside the others, by seed.

    Raises UsageError for a group of which none has learned anything.
    """
    from arena.games import catalog
    from arena.store import runs

    groups = {name: members for name in players if (members := runs.of_group(name))}
    several = sum(name in groups for name in players)
    room = catalog.MOST_PLAYERS - (len(players) - several)
    named: list[str] = []
    for name in players:
        if name not in groups:
            named.append(name)
            continue
        able = [run for run in groups[name] if run.checkpoint is not None or run.state == "running"]
        if not able:
            raise UsageError(
                f"none of the {len(groups[name])} runs of {name} has a checkpoint yet; "
                f"`arena train --resume {name}` goes on with them"
            )
        most = catalog.find(able[0].game).players[-1] if able[0].has_policy else 1  # a map is looked at alone
        chosen = able[: max(1, min(room, most) // several)]
        if len(chosen) < len(groups[name]):
            seeds, every = (", ".join(str(run.seed) for run in some) for some in (chosen, groups[name]))
            note(f"{name} has runs of the seeds {every}; here are {seeds}; name runs to watch others")
        named += [run.id for run in chosen]
    return named


def _is_training(players: Sequence[str]) -> bool:
    """Whether some of them learn just now."""
    from arena.matches import roster

    told = [roster.run_of(name) for name in players if roster.game_of(name) is not None]
    return any(run is not None and run.state == "running" for run in told)
