"""The window as a child process: events as JSON lines on stdout, "quit" on stdin (or its end) closes it.

    python -m arena.window play --game G --player P [--player P ...] [--games N] [--seed S] [--option k=v]
                                [--me NAME] [--unrated] [--endless] [--terminal]
    python -m arena.window replay ID [--terminal]
    python -m arena.window preview GAME [--player P] --columns C --rows R

Events: `started`, `result`, `error` (with a message for people), `closed` (with frame times), and for a
preview `picture`. With --terminal stdout is the screen, and there are no events.
"""

import argparse
import json
import os
import secrets
import signal
import stat
import sys
import threading
from typing import Any

from arena.errors import ArenaError
from arena.store import faults
from arena.store.options import key_values


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
    if not drawn_here:
        _quit_on_request()
    try:
        if chosen.what == "preview":
            from arena.window import preview

            preview.run(chosen.game, chosen.player, chosen.columns, chosen.rows, report)
        elif chosen.what == "replay":
            from arena.store import replays
            from arena.window import session

            session.replay(
                replays.load(chosen.match), terminal=drawn_here, report=None if drawn_here else report
            )
        else:
            _play(chosen)
    except ArenaError as error:
        return _refuse(str(error), error.exit_code, drawn_here)
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        return _refuse(faults.in_a_line(error), 1, drawn_here)
    return 0


def _refuse(message: str, code: int, drawn_here: bool) -> int:
    if drawn_here:
        print(message, file=sys.stderr)
    else:
        report({"event": "error", "message": message})
    return code


def _play(chosen: argparse.Namespace) -> None:
    from arena.window import session

    setup = session.Setup(
        game=chosen.game,
        players=tuple(chosen.player),
        games=chosen.games,
        seed=secrets.randbelow(2**31) if chosen.seed is None else chosen.seed,
        options=key_values(chosen.option),
        me=chosen.me,
        kept=not chosen.unrated,
        endless=chosen.endless,
    )
    session.play(setup, terminal=chosen.terminal, report=None if chosen.terminal else report)


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
    preview = commands.add_parser("preview")
    preview.add_argument("game")
    preview.add_argument("--player")
    preview.add_argument("--columns", type=int, required=True)
    preview.add_argument("--rows", type=int, required=True)
    return parser


def _quit_on_request() -> None:
    """End as on SIGTERM when "quit" comes on stdin; where stdin is somebody's pipe, also when that ends."""
    try:
        piped = stat.S_ISFIFO(os.fstat(0).st_mode) or stat.S_ISSOCK(os.fstat(0).st_mode)
    except OSError:  # no stdin at all
        return
    if piped:
        threading.Thread(target=_read_requests, daemon=True).start()


def _read_requests() -> None:
    for line in sys.stdin:
        if line.strip() == "quit":
            break
    signal.raise_signal(signal.SIGTERM)


if __name__ == "__main__":
    sys.exit(main())
