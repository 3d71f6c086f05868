"""The window as a child process: events as JSON lines on stdout, "quit" on stdin (or its end) closes it.

    python -m arena.window play --game G --player P [--player P ...] [--games N] [--seed S] [--option k=v]
                                [--me NAME] [--unrated] [--endless] [--terminal [--events FILE]]
    python -m arena.window fixture TOURNAMENT ROUND ENCOUNTER GAME PAIR TURN [--terminal [--events FILE]]
    python -m arena.window replay ID [--terminal [--events FILE]]
    python -m arena.window film ID FILE
    python -m arena.window preview GAME [--player P] --columns C --rows R
    python -m arena.window display

Events: `started`, `result`, `error` (with a message for people), `closed` (with frame times), for a preview
`picture`, for a film `progress` (the share that is `done`) and `finished` (with its `codec`), for a display
`display` (`why_not`: why no window can be opened here, empty where one can). With --terminal stdout is the
screen: events go to the end of --events FILE, or nowhere.
"""

import argparse
import contextlib
import json
import os
import secrets
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from arena import parent
from arena.errors import ArenaError
from arena.store import faults
from arena.store.options import key_values
from arena.store.records import LARGEST_SEED

if TYPE_CHECKING:
    from arena.window.session import Report


def report(event: dict[str, Any]) -> None:
    """Write one event. A reader who has gone is told nothing."""
    try:
        print(json.dumps(event), flush=True)
    except BrokenPipeError:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115, PTH123 - for the rest of the process


def main(arguments: list[str] | None = None) -> int:
    parser = _parser()
    chosen = parser.parse_args(arguments)
    drawn_here = getattr(chosen, "terminal", False)
    tell: Report | None = _into(chosen.events) if drawn_here else report
    if not drawn_here:
        parent.on_quit(lambda: signal.raise_signal(signal.SIGTERM))
    try:
        if chosen.what == "preview":
            from arena.window import preview

            preview.run(chosen.game, chosen.player, chosen.columns, chosen.rows, report)
        elif chosen.what == "replay":
            from arena.store import replays
            from arena.window import session

            session.replay(replays.load(chosen.match), terminal=drawn_here, report=tell)
        elif chosen.what == "fixture":
            from arena.store.records import Place
            from arena.window import session

            place = Place(*chosen.place)
            session.fixture(chosen.tournament, place, terminal=drawn_here, report=tell)
        elif chosen.what == "film":
            _film(chosen.match, chosen.file)
        elif chosen.what == "display":
            from arena.window import screen

            report({"event": "display", "why_not": screen.why_not()})
        else:
            _play(chosen, tell)
    except ArenaError as error:
        return _refuse(str(error), error.exit_code, drawn_here, tell)
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        return _refuse(faults.in_a_line(error), 1, drawn_here, tell)
    return 0


def _into(file: Path | None) -> "Report | None":
    """Writes events to the end of `file`."""
    if file is None:
        return None

    def write(event: dict[str, Any]) -> None:
        with file.open("a", encoding="utf-8") as events:
            events.write(json.dumps(event) + "\n")

    return write


def _refuse(message: str, code: int, drawn_here: bool, tell: "Report | None") -> int:
    if drawn_here:
        print(message, file=sys.stderr)
    if tell is not None:
        tell({"event": "error", "message": message})
    return code


def _film(match: str, file: Path) -> None:
    """Make the film, and tell of each hundredth. Asked to end, it leaves nothing behind."""
    from arena.store import replays
    from arena.window import film
    from arena.window.signals import asked_to_end

    told = -1

    with asked_to_end() as asked:

        def progress(done: float) -> None:
            nonlocal told
            if asked:
                raise KeyboardInterrupt
            if int(100 * done) > told:
                told = int(100 * done)
                report({"event": "progress", "done": told / 100})

        codec = film.export(replays.load(match), file, progress)
    report({"event": "finished", "codec": codec})


def _play(chosen: argparse.Namespace, tell: "Report | None") -> None:
    from arena.window import session

    setup = session.Setup(
        game=chosen.game,
        players=tuple(chosen.player),
        games=chosen.games,
        seed=secrets.randbelow(LARGEST_SEED + 1) if chosen.seed is None else chosen.seed,
        options=key_values(chosen.option),
        me=chosen.me,
        kept=not chosen.unrated,
        endless=chosen.endless,
    )
    session.play(setup, terminal=chosen.terminal, report=tell)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m arena.window", description="Matches, drawn.")
    commands = parser.add_subparsers(dest="what", required=True)
    play = commands.add_parser("play")
    play.add_argument("--game", required=True)
    play.add_argument("--player", action="append", required=True)
    play.add_argument("--games", type=int, default=1)
    play.add_argument("--seed", type=int)
    play.add_argument("--option", action="append", default=[])
    play.add_argument("--me")
    play.add_argument("--unrated", action="store_true")
    play.add_argument("--endless", action="store_true")
    play.add_argument("--terminal", action="store_true")
    replay = commands.add_parser("replay")
    replay.add_argument("match")
    replay.add_argument("--terminal", action="store_true")
    fixture = commands.add_parser("fixture")
    fixture.add_argument("tournament")
    fixture.add_argument("place", type=int, nargs=5)
    fixture.add_argument("--terminal", action="store_true")
    for drawn in (play, replay, fixture):
        drawn.add_argument("--events", type=Path)
    film = commands.add_parser("film")
    film.add_argument("match")
    film.add_argument("file", type=Path)
    preview = commands.add_parser("preview")
    preview.add_argument("game")
    preview.add_argument("--player")
    preview.add_argument("--columns", type=int, required=True)
    preview.add_argument("--rows", type=int, required=True)
    commands.add_parser("display")
    return parser


if __name__ == "__main__":
    code = main()
    with contextlib.suppress(OSError):  # whoever read it may be gone
        sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # all is closed and kept: taking the interpreter apart takes long for who stands back
