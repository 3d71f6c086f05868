"""Films of archives: the map of a run that explores, growing as it grew."""

import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")

import numpy as np
import pygame

from agents.atlas import Atlas
from arena.errors import ArenaError, UsageError
from arena.store.records import in_figures
from arena.window import film
from arena.window.atlas import glides
from arena.window.exploring import Exploring
from arena.window.following import Curve
from arena.window.footage import SIZES
from arena.window.session import Setup
from arena.window.survey import Survey
from arena.window.view import View

if TYPE_CHECKING:
    from arena.store.runs import Run

HOLD = 3.0
"""Seconds that the whole map stands at the end, with the best way; a third of a short film."""

SLOW_START = 2.0
"""The exploring that has been shown at a share of the film is that share to this power of all: most is new at
the beginning."""

PATIENCE = 60.0
"""Seconds to wait for the map: every room is played for."""


def export(run: "Run", path: Path, *, seconds: float, progress: Callable[[float], None] | None = None) -> str:
    """Write the film of a run's archive to `path` (.mp4 or .gif), `seconds` long. Returns what it was coded
    with.

    Raises UsageError for another ending, and ArenaError where there is nothing to show.
    """
    kind = path.suffix.lower()
    if kind not in SIZES:
        raise UsageError(f"a film ends in .mp4 or .gif, and '{path.name}' does not")
    tell = progress or (lambda done: None)
    session = Growing(Setup(run.game, (run.id,), seed=run.seed, kept=False, endless=True))
    try:
        session.wait(tell)
        rate = film.GIF_RATE if kind == ".gif" else 30
        surface, view = pygame.Surface(SIZES[kind], depth=32), View()
        with film.whole_or_not_at_all(path) as temporary, film.writer(temporary, kind, surface, rate) as made:
            writer, codec = made
            hold = min(HOLD, seconds / 3)
            count = max(round((seconds - hold) * rate), 2)
            for number in range(count):
                share = number / (count - 1)
                session.grow(share)
                view.draw(surface, session)
                picture = film.pixels(surface)
                writer.add(picture)
                tell(0.99 * share)
            for _ in range(round(hold * rate)):
                writer.add(picture)
            tell(1.0)
        return codec
    finally:
        session.close()


class Growing(Exploring):
    """The map as it was at any time of its run, and at the end with the best way. Has no keys to press."""

    def wait(self, tell: Callable[[float], None]) -> None:
        """Until all of the map is there. Raises ArenaError where there is none, or it is not known how it
        grew."""
        began = time.monotonic()
        while not self._surveyed():
            tell(0.0)  # who asks to stop is heard while it waits, too
            if time.monotonic() - began > PATIENCE:
                raise ArenaError(f"the map of {self.following.run.id} is not there after {PATIENCE:.0f} s")
            self.update(0.01)
            time.sleep(0.01)
        assert self.atlas is not None
        self._final, self._survey, self._story = self.atlas, self.surveyor.survey, self.following.story
        self._black = {room: np.zeros_like(picture) for room, picture in self._survey.screens.items()}
        self.surveyor.close()
        self.following.close()
        if not self._final.born.any():
            raise ArenaError(
                f"run {self.following.run.id} was made by an earlier arena, which did not keep when its "
                "cells were found; F12 in its window keeps a picture"
            )

    def _surveyed(self) -> bool:
        survey = self.surveyor.survey
        curves = bool(self.following.story.curves) and self.following.looked.is_set()
        return (
            self.atlas is not None
            and curves
            and len(survey.screens) >= max(len(self.atlas.ways), 1)
            and bool(survey.route)
        )

    def grow(self, share: float) -> None:
        """Be as it was after a share of the exploring (to the power of `SLOW_START`)."""
        total = max(float(self._final.born.max()), float(self._story.step))
        step = round(total * share**SLOW_START)
        self.seconds = 0.0
        self.atlas = self._final if share >= 1 else self._final.until(step)
        self.surveyor.survey = self._survey if share >= 1 else self._dark(self.atlas)
        curves = tuple(_until(curve, step) for curve in self._story.curves)
        self.following.story = replace(
            self._story,
            state="running" if share < 1 else self._story.state,
            step=min(step, self._story.step),
            rate=None,
            seconds=self._story.seconds * step / total,
            curves=tuple(curve for curve in curves if len(curve.steps) > 1),
        )

    def _dark(self, atlas: Atlas) -> Survey:
        """The screens without those that had not been seen, and without the way to the best score."""
        found = set(atlas.rooms.tolist())
        screens = {
            room: picture if room in found or room < 0 else self._black[room]
            for room, picture in self._survey.screens.items()
        }
        return replace(self._survey, screens=screens, route=())

    def figures(self) -> list[tuple[str, str]]:
        """What was known at that time; scores of cells are those of the end."""
        assert self.atlas is not None
        best = [curve.values[-1] for curve in self.following.story.curves if curve.figure == "best_score"]
        told = [(in_figures(float(best[0])), "best score")] if best else []
        told.append((f"{len(self.atlas.xs):,}", "cells"))
        rooms = len(self.atlas.ways)
        if rooms > 1 or (rooms and glides(self._survey)):
            told.append((f"{rooms:,}", "rooms" if glides(self._survey) else "sets of keys in hand"))
        return told

    def status(self) -> str:
        return ""

    def hint(self) -> str:
        return ""


def _until(curve: Curve, step: int) -> Curve:
    count = int(np.searchsorted(curve.steps, step, side="right"))
    return Curve(curve.figure, curve.steps[:count], curve.values[:count])
