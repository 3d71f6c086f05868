"""Tournaments: begun, gone on with, and told."""

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from arena.cli.arguments import Json, Options, Workers, complete_game, complete_tournament
from arena.cli.ending import asked_as_by_ctrl_c
from arena.cli.output import announce, note, say, say_json, table
from arena.cli.showing import PLAYERS, Seed, new_seed
from arena.cli.trusting import Trusted, trust
from arena.errors import ArenaError, UsageError
from arena.games.processes import cores
from arena.store import names
from arena.store.options import key_values

if TYPE_CHECKING:
    from arena.store.tournaments import Plan
    from arena.tournaments.engines import Engine
    from arena.tournaments.lots import Job
    from arena.tournaments.tournament import Tournament

PANEL = "Play"

ENGINES = ("local", "ray")


def add_to(app: typer.Typer) -> None:
    app.command(rich_help_panel=PANEL)(tournament)


def tournament(
    games: Annotated[
        list[str] | None,
        typer.Argument(metavar="GAME...", help="Ids, as in `arena games`.", autocompletion=complete_game),
    ] = None,
    players: Annotated[
        str | None,
        typer.Option(
            "--players",
            "-p",
            metavar="A,B,C",
            help="Who enters, parted by commas, the strongest first, which decides byes and ties. "
            f"human:NAME, {PLAYERS}",
        ),
    ] = None,
    format: Annotated[
        str | None,
        typer.Option(
            "--format",
            "-f",
            metavar="FORMAT",
            help="round-robin (if not said), swiss, gauntlet (the first against each), knockout or "
            "double-elimination.",
        ),
    ] = None,
    pairs: Annotated[
        int | None,
        typer.Option(
            "--games",
            "-g",
            metavar="N",
            help="Seeds of an encounter at each game, 1 if not said; each from every seat of a shared game.",
        ),
    ] = None,
    rounds: Annotated[
        int | None,
        typer.Option(
            "--rounds", metavar="N", help="Of swiss; of round-robin and gauntlet, how often all of it."
        ),
    ] = None,
    seats: Annotated[
        int | None, typer.Option("--seats", metavar="N", help="Players in a match, 2 to 4; 2 if not said.")
    ] = None,
    seed: Seed = None,
    option: Options = None,
    workers: Workers = None,
    engine: Annotated[
        str, typer.Option("--engine", metavar="local|ray", help="This machine, or a Ray cluster.")
    ] = "local",
    address: Annotated[
        str | None,
        typer.Option("--address", metavar="ADDRESS", help="Of the Ray cluster; without it one is begun."),
    ] = None,
    seconds: Annotated[
        float, typer.Option("--seconds", min=0.01, help="For a decision of somebody else's player.")
    ] = 5.0,
    megabytes: Annotated[
        float, typer.Option("--megabytes", min=16, help="Memory of somebody else's player.")
    ] = 2048.0,
    resume: Annotated[
        str | None,
        typer.Option(
            "--resume",
            metavar="ID",
            help="Go on with a tournament, exactly where it stopped; `last` is the latest.",
            autocompletion=complete_tournament,
        ),
    ] = None,
    show: Annotated[
        str | None,
        typer.Option(
            "--show",
            metavar="ID",
            help="Tell of a tournament, and play nothing.",
            autocompletion=complete_tournament,
        ),
    ] = None,
    page: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Write it as one page, for a browser.")
    ] = None,
    csv: Annotated[
        Path | None, typer.Option("--csv", metavar="FILE", help="Write the standings as a CSV file.")
    ] = None,
    trusted: Trusted = False,
    as_json: Json = False,
) -> None:
    """Who is best? Everybody meets, in one of five formats, at one game or several.

    Without arguments: the tournaments there are. Each encounter is played on
    seeds that all of its round share, from every seat; every match is kept the
    moment it ends, and a tournament that was stopped, by Ctrl-C or by force, goes
    on with --resume. The same tournament seed brings the same standings, with any
    number of workers.

    \b
    Examples:
      arena tournament maze/run maze/race --players ppo,dqn,random --seed 1
      arena tournament maze/race -p ppo,random,noop,pathfinder --format swiss --rounds 3
      arena tournament versus/pong -p ppo,ppo@atari/pong,random --games 4
      arena tournament --resume last --html standings.html
    """
    if engine not in ENGINES:
        raise UsageError(f"there is no engine '{engine}'; there are {' and '.join(ENGINES)}")
    if address is not None and engine != "ray":
        raise UsageError("--address is of a Ray cluster: add --engine ray")
    if engine == "ray" and show is None:
        from arena.tournaments.ray_engine import check_installed

        check_installed()  # before there is a tournament that nobody plays
    from arena.store import tournaments

    for path in (page, csv):
        if path is not None:
            _check_place(path)
    if page is not None and page == csv:
        raise UsageError(f"--html and --csv both name {page}; give each a file of its own")
    planned = {
        "games": games,
        "--players": players,
        "--format": format,
        "--games": pairs,
        "--rounds": rounds,
        "--seats": seats,
        "--seed": seed,
        "--option": option,
    }
    said = [name for name, value in planned.items() if value is not None and value != []]
    if show is not None or resume is not None:
        if show is not None and resume is not None:
            raise UsageError("--show tells of a tournament and --resume goes on with it: take one of them")
        if said:
            raise UsageError(f"a tournament that there is has its plan: leave {' and '.join(said)} out")
        plan = tournaments.find(show if show is not None else resume or "")
    elif not said and page is None and csv is None:
        _list(as_json)
        return
    else:
        if not games or players is None:
            raise UsageError("name games and --players, as in `arena tournament maze/race -p ppo,random`")
        pairs, seats = 1 if pairs is None else pairs, 2 if seats is None else seats
        plan = _planned(games, players, format or "round-robin", pairs, rounds, seats, seed, option, trusted)
        if not as_json:
            note(f"tournament {plan.id}, seed {plan.seed}; Ctrl-C stops it, --resume {plan.id} goes on")
    from arena.tournaments.tournament import Tournament

    known = Tournament.load(plan)
    stopped = False
    if show is None and not known.over:
        if resume is not None:
            agents = [entrant.name for entrant in plan.entrants if not entrant.human]
            trust(agents, ", ".join(plan.games), trusted)
        known, stopped = _play(plan, engine, address, workers, seconds, megabytes, quiet=as_json)
    _tell(known, page, csv, as_json)
    if stopped:
        done, total = known.matches
        note(f"stopped after {done:,} of {total:,} matches; `arena tournament --resume {plan.id}` goes on")
        raise typer.Exit(130)


def _check_place(path: Path) -> None:
    """Raises ArenaError where no file can be written: better now than when all has been played."""
    if str(path) == "-":
        raise UsageError("- is no file; --json prints on stdout")
    if path.is_dir() or not os.access(path if path.exists() else path.absolute().parent, os.W_OK):
        raise ArenaError(f"cannot write {path}; choose a file in a folder that there is")


def _planned(
    games: list[str],
    players: str,
    format: str,
    pairs: int,
    rounds: int | None,
    seats: int,
    seed: int | None,
    option: list[str] | None,
    trusted: bool,
) -> "Plan":
    from arena.tournaments.entering import enter
    from arena.tui import settings

    entered = [name.strip() for name in players.split(",")]
    if not all(entered):
        raise UsageError(f"--players {players}: there is a name missing between two commas, or at an end")
    trust([name for name in entered if not names.is_person(name)], ", ".join(games), trusted)
    for game in games:
        announce(game)
    return enter(
        format=format,
        games=games,
        players=entered,
        options=key_values(option or ()),
        seats=seats,
        pairs=pairs,
        rounds=rounds,
        seed=new_seed() if seed is None else seed,
        me=settings.load().me,
    )


def _play(
    plan: "Plan",
    engine: str,
    address: str | None,
    workers: int | None,
    seconds: float,
    megabytes: float,
    *,
    quiet: bool,
) -> "tuple[Tournament, bool]":
    """Play it, and show how it goes. Returns how it stands then, and whether it was stopped."""
    from arena.cli.tournament_view import View
    from arena.matches.foreign import Limits
    from arena.store import tournaments
    from arena.tournaments.runner import job, run
    from arena.tournaments.tournament import Tournament

    at_work = cores() if workers is None else workers
    limited = job(plan, Limits(seconds, megabytes))
    with tournaments.lock(plan), asked_as_by_ctrl_c():
        known = Tournament.load(plan)  # until now another process may have played it
        with View(known, quiet=quiet) as view:
            try:
                with contextlib.closing(_engine(engine, address, at_work, limited)) as engaged:
                    run(known, engaged, view.show)
            except KeyboardInterrupt:
                return known, True
    return known, False


def _engine(engine: str, address: str | None, workers: int, job: "Job") -> "Engine":
    if engine == "ray":
        from arena.tournaments.ray_engine import OnRay

        return OnRay(job, workers, address)
    from arena.tournaments.engines import Local

    return Local(job, workers)


def _tell(known: "Tournament", page: Path | None, csv: Path | None, as_json: bool) -> None:
    from arena.cli.tournament_view import in_words
    from arena.tournaments import report

    if page is not None:
        from arena.tournaments.page import write

        write(known, page)
        note(f"written: {page}")
    if csv is not None:
        report.write_csv(known, csv)
        note(f"written: {csv}")
    if as_json:
        say_json(report.as_json(known))
        return
    in_words(known)
    if waiting := known.waiting():
        people = sorted(
            {
                known.plan.entrants[one].name
                for place in waiting
                for one in known.rounds[place.round][place.encounter]
                if known.plan.entrants[one].human
            }
        )
        many = "1 match waits" if len(waiting) == 1 else f"{len(waiting):,} matches wait"
        note(f"{many} for {' and '.join(people)}: open `arena`, press 3, then p")


def _list(as_json: bool) -> None:
    from arena.store import tournaments
    from arena.tournaments import report
    from arena.tournaments.tournament import Tournament, check

    found = []
    for plan in tournaments.tournaments():
        try:
            check(plan)
        except ArenaError as error:
            note(str(error))
        else:
            found.append(Tournament.load(plan))
    if as_json:
        say_json([report.summary(one) for one in found])
        return
    if not found:
        note("no tournament yet: arena tournament maze/race --players ppo,random,noop")
        return
    rows = []
    for one in found:
        told = report.summary(one)
        rows.append(
            (
                str(told["id"]),
                ", ".join(one.plan.games),
                str(len(one.plan.entrants)),
                f"{told['played']:,}/{told['matches']:,}",
                str(told["state"]),
                str(told["leader"] or ""),
            )
        )
    table(("TOURNAMENT", "GAMES", "PLAYERS", "MATCHES", "STATE", "FIRST"), rows, right=(2, 3))
    say()
    note("`arena tournament --show ID` tells one, `--resume ID` goes on; the beginning of an ID is enough")
