"""A window on a training is a process of its own, in a session of its own: Linux shares its processors out
among sessions first, so that only there the window can stand back for the training."""

import contextlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from typing import IO, TYPE_CHECKING

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
    training, and after the end it says so and can be looked at. Where it cannot go on, that is told once.
    """
    window: _Window | None = None
    try:
        for event in events:
            yield event
            if event.event == "started" and window is None:
                window = _Window(event.run, str(event.about["game"]))
            if window is not None and (complaint := window.complaint()):
                note(f"{complaint}; `arena watch {event.run}` shows the run too")
    finally:
        if window is not None:
            window.leave()
        with contextlib.suppress(AttributeError):
            events.close()  # type: ignore[attr-defined]


def watch_apart(players: Sequence[str], game: str, seed: int, options: Sequence[str]) -> None:
    """Watch in a window of its own process, until it is left. Ctrl-C closes it.

    Raises ArenaError for what it could not show.
    """
    command = [*_command(players, game), "--seed", str(seed)]
    for option in options:
        command += ["--option", option]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, start_new_session=True, text=True) as window:
        assert window.stdin is not None and window.stdout is not None
        try:
            message = _error_among(window.stdout)
        finally:
            window.stdin.close()  # the end of it is what closes the window
        code = window.wait()
    if message:
        raise UsageError(message) if code == UsageError.exit_code else ArenaError(message)
    if code:
        raise ArenaError(f"the window ended with code {code}")


def _command(players: Sequence[str], game: str) -> list[str]:
    command = [sys.executable, "-m", "arena.window", "play", "--game", game, "--endless", "--unrated"]
    for player in players:
        command += ["--player", player]
    return command


def _error_among(lines: Iterable[str]) -> str:
    """The message of the last event "error" that a window told; empty where there is none."""
    message = ""
    for line in lines:
        with contextlib.suppress(ValueError):  # a library's chatter
            event = json.loads(line)
            if isinstance(event, dict) and event.get("event") == "error":
                message = str(event["message"])
    return message


class _Window:
    """A window on a run, which outlives whoever opened it."""

    def __init__(self, run: str, game: str) -> None:
        from arena.matches import roster

        self._complaint = ""
        self._process: subprocess.Popen[str] | None = None
        self._said: IO[str] | None = None
        try:
            self._said = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")  # noqa: SIM115
            self._process = subprocess.Popen(
                _command([run] * roster.seats(game, roster.run_of(run)), game),
                stdin=subprocess.DEVNULL,
                stdout=self._said,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
                text=True,
            )
        except OSError as error:
            self._complaint = f"no window could be opened ({error.strerror})"

    def complaint(self) -> str:
        """Why there is no window, told once; empty while there is one, and where it was left."""
        if self._process is not None and (code := self._process.poll()) is not None:
            self._process = None
            if code and self._said is not None:
                self._said.seek(0)
                why = _error_among(self._said) or f"it ended with code {code}"
                self._complaint = f"the window closed: {why}"
        told, self._complaint = self._complaint, ""
        return told

    def leave(self) -> None:
        """Hear no more of it."""
        if self._said is not None:
            self._said.close()
