"""A window on a run of Go-Explore: its archive as a map that grows, and where explorers are just now."""

import contextlib
from typing import TYPE_CHECKING

from agents.atlas import Atlas, read
from arena.errors import ArenaError, UsageError
from arena.store.records import in_figures
from arena.window import telling, thrift
from arena.window.atlas import MEASURES, Measure, Picture, glides, whole
from arena.window.following import Following, runs_among
from arena.window.session import Session
from arena.window.survey import Surveyor

if TYPE_CHECKING:
    from arena.window.session import Setup

LEGENDS: dict[Measure, tuple[str, str, str]] = {
    "distance": ("actions from the start", "0", "{:,.0f}"),
    "visits": ("explorations that set out", "{:,.0f}", "{:,.0f}"),
    "score": ("score", "{:g}", "{:g}"),
}
"""What colours tell, and how their ends are written."""


class Exploring(Session):
    """Nothing is played: what has been found is looked at."""

    def __init__(self, setup: "Setup") -> None:
        """Raises UsageError where several are to be watched, or somebody is to play beside it."""
        told = [run for run in runs_among(setup) if run is not None]
        if len(setup.players) != 1 or len(told) != 1:
            names = ", ".join(setup.players)
            raise UsageError(f"a run that explores is watched alone, and {names} were named")
        self.strengths = {}
        self.rail = True
        self.following = Following(told[0])
        self.surveyor = Surveyor(told[0])
        self.atlas: Atlas | None = None
        self.measure: Measure = MEASURES[0]
        self.loading = "Waiting for the archive"
        self.seconds = 0.0
        """Since it was opened."""
        self._kept: tuple[object, ...] = ()
        """What the map is told apart by, which must not be taken by something else meanwhile."""
        self._map: tuple[tuple[object, ...], Picture] | None = None
        self._thrift = thrift.Thrift()

    def update(self, elapsed: float) -> None:
        self.seconds += elapsed
        self.pictures = self._thrift.measure(self._going_on)
        if self.surveyor.failed:
            raise ArenaError(self.surveyor.failed)
        tensors = self.following.news()
        if tensors is not None:
            with contextlib.suppress(ValueError, KeyError):  # of another kind of agent, under this name
                self.atlas = read(tensors)
                self.surveyor.look(self.atlas)
        if self.atlas is not None and self.surveyor.survey.screens:
            if self.loading and self._going_on:
                thrift.stand_back()
            self.loading = ""
        elif self.atlas is None and self.following.looked.is_set() and not self._going_on:
            raise ArenaError(f"run {self.following.run.id} ended before it had an archive to look at")

    def figures(self) -> list[tuple[str, str]]:
        """Figures of the archive, and what they are."""
        atlas, story = self.atlas, self.following.story
        if atlas is None:
            return []
        best = float(atlas.scores.max()) if len(atlas.scores) else 0.0
        rooms, screens = len(atlas.ways), glides(self.surveyor.survey)
        found = [
            (in_figures(best), "best score"),
            (f"{len(atlas.trajectory):,}", "actions to it" if best > 0 else "actions of the longest way"),
            (f"{len(atlas.xs):,}", "cells"),
        ]
        if rooms > 1 or (rooms and screens):
            found.append((f"{rooms:,}", "rooms" if screens else "sets of keys in hand"))
        if story.rate and self._going_on:
            found.append((f"{story.rate:,.0f}", "actions a second"))
        return found

    def map(self, width: int, height: int) -> Picture:
        """All of it on one picture, drawn again only where something has changed."""
        atlas, survey = self.atlas, self.surveyor.survey
        assert atlas is not None
        content = id(atlas), id(survey), width, height, self.measure
        if self._map is None or self._map[0] != content:
            self._kept = atlas, survey
            self._map = content, whole(atlas, survey, (width, height), self.measure)
        return self._map[1]

    @property
    def _going_on(self) -> bool:
        return self.following.story.state == "running"

    def more(self, name: str) -> None:
        if name == "map":
            self.measure = MEASURES[(MEASURES.index(self.measure) + 1) % len(MEASURES)]
        elif name == "rail":
            self.rail = not self.rail
        elif name == "picture":
            self.picture_wanted = self.atlas is not None

    def close(self) -> None:
        self.following.close()
        self.surveyor.close()

    @property
    def name(self) -> str:
        return self.following.run.game

    def title(self) -> str:
        return f"{self.following.run.agent} · {self.following.run.game}"

    def status(self) -> str:
        blind = self.atlas is not None and not self.atlas.ways
        where = "where cells lie on the screen is not known of this game" if blind else ""
        return "   ".join(filter(None, ("" if self._going_on else "nobody explores now", where)))

    def hint(self) -> str:
        return "O colours   L figures   H keys   Esc leave"

    def key_help(self) -> list[tuple[str, str]]:
        return [
            ("", "exploring"),
            ("line", "the way to the best score, a ring at its end"),
            ("rings", "cells that explorers have just set out from"),
            ("O", "colours: actions from the start, explorations, score"),
            ("L", "figures, beside the map"),
            ("", "always"),
            telling.FULL_SCREEN_KEY,
            telling.PICTURE_KEY,
            ("H", "these keys"),
            ("Esc", "leave"),
        ]
