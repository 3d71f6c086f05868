"""A window beside a training: a process of its own, which shows what has been learned so far, playing."""

import contextlib
import subprocess
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from arena.cli.output import note
from arena.errors import UsageError

if TYPE_CHECKING:
    from arena.training.run import Event


def check_display() -> None:
    """Raises UsageError where no window can be opened."""
    from arena.window import screen

    if no_display := screen.why_not():
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


def _open(run: str, game: str) -> None:
    from arena.games import catalog

    command = [sys.executable, "-m", "arena.window", "play", "--game", game, "--endless", "--unrated"]
    command += ["--player", run] * catalog.find(game).seats[0]
    try:
        subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError as error:
        note(f"no window could be opened ({error.strerror}); `arena watch {run}` shows the run too")
