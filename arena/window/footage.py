"""Films of agents that are watched: one match, with what they think and how they learn beside it."""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")

import numpy as np
import pygame
from numpy.typing import NDArray

from arena.errors import UsageError
from arena.window import film
from arena.window.lens import Kind
from arena.window.session import Setup
from arena.window.view import View
from arena.window.watching import Watching

SIZES = {".mp4": (1280, 800), ".gif": (800, 500)}
"""Width and height of the films."""

HOLD = 1.5
"""Seconds that the last picture stands."""


def export(
    setup: Setup,
    path: Path,
    *,
    seconds: float,
    show: Kind | None = None,
    progress: Callable[[float], None] | None = None,
) -> str:
    """Write a film of `setup`'s first match to `path` (.mp4 or .gif), `seconds` of it at most, with a map of
    one kind over the boards where `show` names one. Returns what it was coded with.

    Raises UsageError for another ending, and for a map that these players or this game do not have.
    """
    kind = path.suffix.lower()
    if kind not in SIZES:
        raise UsageError(f"a film ends in .mp4 or .gif, and '{path.name}' does not")
    session = _Uncut(setup, lambda event: None)
    try:
        while session.bout is None:
            if progress is not None:
                progress(0.0)  # who asks to stop is heard while it waits, too
            session.update(0.0)
            time.sleep(0.01)
        if show is not None and session.lens is not None:
            if show not in session.possible_maps:
                known = ", ".join(session.possible_maps) or "nothing"
                raise UsageError(f"--show {show}: over this board can be shown {known}")
            session.lens.show(show)
        tick_rate = session.bout.pace.tick_rate
        rate = film.GIF_RATE if kind == ".gif" else tick_rate if tick_rate >= 30 else 30.0
        surface = pygame.Surface(SIZES[kind], depth=32)
        with film.whole_or_not_at_all(path) as temporary, film.writer(temporary, kind, surface, rate) as made:
            writer, codec = made
            for done, picture in _pictures(session, surface, rate, seconds):
                writer.add(picture)
                if progress is not None:
                    progress(done)
        return codec
    finally:
        session.close()


class _Uncut(Watching):
    """As a film shows it: no keys to press."""

    def hint(self) -> str:
        return ""

    def status(self) -> str:
        return ""


def _pictures(
    session: Watching, surface: pygame.Surface, rate: float, seconds: float
) -> Iterator[tuple[float, NDArray[np.uint8]]]:
    """(share done, (H, W, 3)) at exactly `rate` a second of the match's time."""
    bout, view = session.bout, View()
    assert bout is not None
    match, number = bout.match, 0
    picture = film.pixels(surface)
    while number < seconds * rate:
        due = number * bout.pace.tick_rate / rate
        while not match.finished and match.ticks + 1 <= due + 1e-9:
            bout.tick()
            bout.think()
        bout.pace.owed = min(max(due - match.ticks, 0.0), 1.0)
        if session.lens is not None:
            session.lens.catch_up(bout)
        view.draw(surface, session)
        picture = film.pixels(surface)
        number += 1
        yield min(number / (seconds * rate), 0.99), picture
        if match.finished:
            break
    for _ in range(round(HOLD * rate)):
        yield 1.0, picture
