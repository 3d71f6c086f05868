"""Matches that were kept: listed, shown again, proved, filmed."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from arena.cli import filming
from arena.cli.arguments import Json
from arena.cli.output import announce, note, say, say_json, table
from arena.cli.showing import PANEL, Terminal
from arena.errors import ArenaError

if TYPE_CHECKING:
    from arena.store.records import Replay

RECENT = 20
"""Matches that `arena replay` lists."""


def add_to(app: typer.Typer) -> None:
    app.command(rich_help_panel=PANEL)(replay)


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
