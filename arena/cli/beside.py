"""A window on a training is a process of its own, in a session of its own: Linux shares its processors out
among sessions first, so that only there the window can stand back for the training."""

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from arena.cli.output import note
from arena.errors import ArenaError, UsageError

if TYPE_CHECKING:
    from arena.training.run import Event


def screen_is_missing() -> str:
    """Why no window can be opened here; empty where one can."""
    from arena.window import screen

    return screen.why_not()


def check_display() -> None:
    """Raises UsageError where no window can be opened."""
    if no_display := screen_is_missing():
        raise UsageError(
            f"{no_display}, so --watch cannot open a window; `arena watch RUN --terminal` in another terminal"
            " shows the run too"
        )


def with_a_window(events: "Iterator[Event]") -> "Iterator[Event]":
    """The events of a training, and a window on its run from the moment it has a folder.

    The window is nobody's child: Ctrl-C at the training does not close it, closing it does not stop the
    training, and after the end it says so and can be looked at.
    """
    opened = False
    try:
        for event in events:
            yield event
            if event.event == "started" and not opened:
                opened = True
                _open(event.run, str(event.about["game"]))
    finally:
        with contextlib.suppress(AttributeError):
            events.close()  # type: ignore[attr-defined]


def watch_apart(players: Sequence[str], game: str, seed: int, options: Sequence[str]) -> None:
    """Watch in a window of its own process, until it is left. Ctrl-C closes it.

    Raises ArenaError for what it could not show.
    """
    command = [*_command(players, game), "--seed", str(seed)]
    for option in options:
        command += ["--option", option]
    said = ""
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, start_new_session=True, text=True) as window:
        assert window.stdin is not None and window.stdout is not None
        try:
            for line in window.stdout:
                with contextlib.suppress(ValueError):  # a library's chatter
                    event = json.loads(line)
                    if isinstance(event, dict) and event.get("event") == "error":
                        said = str(event["message"])
        finally:
            window.stdin.close()  # the end of it is what closes the window
        code = window.wait()
    if said:
        raise UsageError(said) if code == UsageError.exit_code else ArenaError(said)
    if code:
        raise ArenaError(f"the window ended with code {code}")


def _command(players: Sequence[str], game: str) -> list[str]:
    command = [sys.executable, "-m", "arena.window", "play", "--game", game, "--endless", "--unrated"]
    for player in players:
        command += ["--player", player]
    return command


def _open(run: str, game: str) -> None:
    from arena.games import catalog

    try:
        subprocess.Popen(
            _command([run] * catalog.find(game).seats[0], game),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError as error:
        note(f"no window could be opened ({error.strerror}); `arena watch {run}` shows the run too")
