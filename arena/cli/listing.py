"""What there is: games, agents, runs, and who is best."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from arena.cli.arguments import Json, complete_game, complete_run
from arena.cli.output import note, room, say, say_json, table
from arena.store.progress import headline

if TYPE_CHECKING:
    from arena.store.runs import Run
    from arena.tournaments.ratings import Standing

PANEL = "What there is"

WHAT = {"human": "person", "builtin": "built-in", "agent": "agent"}


BAR = 24
"""Characters of a rating's bar, where there is room."""


def add_to(app: typer.Typer) -> None:
    app.command(rich_help_panel=PANEL)(games)
    app.command(rich_help_panel=PANEL)(agents)
    app.command(rich_help_panel=PANEL)(runs)
    app.command(rich_help_panel=PANEL)(leaderboard)


def games(
    family: Annotated[
        str | None, typer.Argument(metavar="FAMILY", help="Only these: maze, atari, versus or gym.")
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
        [
            (
                e.id,
                "1, or a duel" if e.seats == (1,) else e.seats_in_words,
                f"not here: {e.missing}" if e.missing else e.summary,
            )
            for e in listed
        ],
    )
    note()
    note(f"{len(listed)} games. `arena play GAME` to play, `arena agents GAME` for who can.")


def agents(
    game: Annotated[
        str | None,
        typer.Argument(metavar="GAME", help="Who can play this game.", autocompletion=complete_game),
    ] = None,
    as_json: Json = False,
) -> None:
    """Who can play: champions with their measured strength, built-in players, runs,
    and the players of others that are installed.

    With GAME everyone who may sit there; without it every champion there is.

    \b
    Examples:
      arena agents
      arena agents maze/run
    """
    if game is None:
        _champions(as_json)
    else:
        _who_may_sit(game, as_json)


def _champions(as_json: bool) -> None:
    from agents.catalog import AGENTS
    from arena.matches.foreign_names import installed
    from arena.store.checkpoints import champions

    found = champions()
    if as_json:
        say_json(
            [
                {
                    "agent": meta.player,
                    "game": meta.game,
                    "id": f"agent:{meta.digest}",
                    "step": meta.step,
                    "card": dict(meta.card),
                }
                for meta in found
            ]
        )
        return
    if found:
        table(
            ("GAME", "CHAMPION", "STRENGTH, 95% INTERVAL", "RANDOM, MEASURED THE SAME WAY", "TRAINED"),
            [
                (
                    meta.game,
                    meta.player,
                    str(meta.card.get("summary", "not measured")),
                    str(meta.card.get("random", {}).get("summary", "")),
                    f"{meta.steps_before + meta.step:,} steps",
                )
                for meta in found
            ],
            right=(4,),
        )
        note()
    else:
        note("no champion yet; `arena train` and `arena promote` make one")
    note(f"What can learn: {', '.join(AGENTS)}. Built in: random, noop, and in mazes pathfinder.")
    if others := installed():
        note(f"Somebody else's: {', '.join(others)}.")


def _who_may_sit(game: str, as_json: bool) -> None:
    from arena.games.published import told
    from arena.matches.roster import available

    choices = available(game, foreign=True)
    if as_json:
        say_json([asdict(choice) for choice in choices])
        return
    table(
        ("PLAYER", "WHAT IT IS"),
        [(c.name, f"not here: {c.why_not}" if c.why_not else c.detail) for c in choices],
    )
    if published := told(game):
        note()
        note(f"Published elsewhere, by other protocols: {published}.")


def runs(
    which: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[RUN]...",
            help="Compare these: runs, or groups of them from `arena train --seeds`.",
            autocompletion=complete_run,
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Every training run: what it learns, how far it is, and whether it is running.

    Where some are named, what they have come to: those that differ by nothing but
    their seed together, with the mean, the interquartile mean (IQM), 95% bootstrap
    intervals over seeds, and how probably one setting is better than another.

    \b
    Examples:
      arena runs
      arena runs ppo-maze-run-x5-0131-0930
      arena runs ppo-gym-CartPole-v1-x5-0131-0930 dqn-gym-CartPole-v1-x5-0131-1012 --json
    """
    if which:
        from arena.cli import comparing

        comparing.compare(which, as_json)
    else:
        _every_run(as_json)


def list_runs(found: "Sequence[Run]") -> None:
    """A line each."""
    table(
        ("RUN", "AGENT", "GAME", "STATE", "STEPS", "DONE", "RETURN"),
        [
            (
                run.id,
                run.agent,
                run.game,
                run.state,
                f"{run.step:,}",
                f"{run.step / run.total_steps:.0%}",
                "" if (best := headline(run.latest)) is None else f"{best:.3g}",
            )
            for run in found
        ],
        right=(4, 5, 6),
    )
    for run in found:
        if run.why:
            note(f"{run.id} {run.state}: {run.why}")


def _every_run(as_json: bool) -> None:
    from arena.store import runs as kept

    found = kept.runs()
    if as_json:
        say_json(
            [
                {
                    "id": run.id,
                    "agent": run.agent,
                    "game": run.game,
                    "options": dict(run.options),
                    "seed": run.seed,
                    "group": run.group,
                    "state": run.state,
                    "why": run.why,
                    "step": run.step,
                    "total_steps": run.total_steps,
                    "created": run.created.isoformat(timespec="seconds"),
                    "checkpoint": None if run.checkpoint is None else str(run.checkpoint),
                    "latest": dict(run.latest),
                }
                for run in found
            ]
        )
        return
    if not found:
        note("no run yet; `arena train ppo maze/run` starts one")
        return
    list_runs(found)
    note()
    note("`arena watch RUN` shows one play, `arena train --resume RUN` goes on with one")
    for group in dict.fromkeys(run.group for run in found if run.group):
        members = [run for run in found if run.group == group]
        done = sum(run.state == "done" for run in members)
        note(
            f"trained together: {group}, {len(members)} runs, {done} done; "
            f"`arena runs {group}` compares them, `arena watch {group}` races them"
        )


def leaderboard(
    game: Annotated[
        str | None,
        typer.Argument(metavar="GAME", help="Only this game.", autocompletion=complete_game),
    ] = None,
    as_json: Json = False,
) -> None:
    """Everyone who has played, people and agents, by rating; one pool a game.

    Ratings are on the Elo scale, with 95% error bars, fitted to all matches of a
    game at once; random is 0. Provisional: fewer than ten matches.

    \b
    Examples:
      arena leaderboard
      arena leaderboard maze/race --json
    """
    from arena.games import catalog
    from arena.tournaments import ratings

    if game is not None:
        catalog.find(game)
        boards = {game: ratings.leaderboard(game)}
    else:
        boards = ratings.leaderboards()
    if as_json:
        say_json({name: [_standing(s) for s in standings] for name, standings in boards.items()})
        return
    for name, standings in boards.items():
        if standings:
            say(name)
            _board(standings)
            say()
    if not any(boards.values()):
        at = f" at {game}" if game else ""
        note(f"no rated match{at} yet, of two different players; `arena play` and `arena match` play some")


def _standing(standing: "Standing") -> dict[str, Any]:
    return {
        "player": standing.player.name,
        "id": standing.player.id,
        "kind": standing.player.kind,
        "detail": standing.player.detail,
        "rating": round(standing.rating, 1),
        "error": round(standing.error, 1),
        "matches": standing.matches,
        "wins": standing.wins,
        "draws": standing.draws,
        "losses": standing.losses,
        "provisional": standing.provisional,
        "superiority": None if standing.superiority is None else round(standing.superiority, 4),
        "last": standing.last.isoformat(timespec="seconds"),
    }


def _board(standings: "Sequence[Standing]") -> None:
    from arena.tui.widgets.ratings import bar, scale

    low, high = scale(standings)
    drawn = min(BAR, room() - 110)  # where there is no room for it, the figures say the same
    table(
        ("", "PLAYER", "WHAT", "RATING", "±95%", "", "MATCHES", "WON", "DRAWN", "LOST", ""),
        [
            (
                str(place),
                s.player.name,
                s.player.detail.removeprefix(f"run {s.player.name.partition('@')[2]} ")
                or WHAT[s.player.kind],
                f"{s.rating:.0f}",
                f"{s.error:.0f}",
                bar(s.rating, s.error, low, high, drawn) if drawn >= BAR // 3 else "",
                *map(str, (s.matches, s.wins, s.draws, s.losses)),
                "provisional" if s.provisional else "",
            )
            for place, s in enumerate(standings, start=1)
        ],
        right=(0, 3, 4, 6, 7, 8, 9),
    )
