"""What one maze game says of itself, and how its options become the settings of its kernels."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from arena.errors import UsageError
from arena.games.maze.crew import Work
from arena.games.maze.layouts import LAYOUTS
from arena.games.maze.sight import CHASER, COMPASS_ROWS, FEATURES, FOOTPRINTS, HELD, RIVAL
from arena.games.maze.world import (
    BORDER,
    COIN,
    COLOURS,
    DOOR,
    GOAL,
    KEY,
    LAVA,
    MIXED,
    VIEW,
    WIND,
    Settings,
    Worlds,
)

_SCATTERED: dict[str, range] = {
    "wall": range(1, 2),
    "footprints": range(FOOTPRINTS, FOOTPRINTS + 1),
    "goal": range(GOAL, GOAL + 1),
    "lava": range(LAVA, LAVA + 1),
    "coin": range(COIN, COIN + 1),
    "key": range(KEY, KEY + COLOURS),
    "door": range(DOOR, DOOR + COLOURS),
    "wind": range(WIND, WIND + 4),
    "rival": range(RIVAL, RIVAL + 1),
}
_CONSTANT: dict[str, range] = {
    "compass": range(COMPASS_ROWS, COMPASS_ROWS + 2),
    "held": range(HELD, HELD + COLOURS),
    "chaser": range(CHASER, CHASER + 1),
}

OBSERVATIONS = ("planes", "grid", "picture")
LEVELS = ("train", "held-out")


@dataclass(frozen=True, slots=True)
class Rules:
    """One maze game."""

    work: Work
    """Advances worlds by one tick, as one thread of a crew, as long as it can claim some; begins a new level
    where the last one is over."""
    guide: Callable[[Worlds, int], int]
    """(one world, seat) -> the action that a player who sees everything takes."""
    shows: tuple[str, ...]
    """What its observations show beside walls and footprints."""
    size: int
    """Tiles a side, unless told otherwise."""
    layouts: tuple[int, ...]
    """The layouts it can be played on."""
    max_steps: Callable[[int], int]
    """size -> ticks until the time is up."""
    smallest: int = 7
    """Tiles a side at least: of a smaller one there are too few levels, or none, on one side of the split."""
    seats: tuple[int, ...] = (1,)
    symmetric: bool = False
    """Whether the level is equal from every seat, which takes a cell in the middle: size % 4 == 3."""
    gem: bool = False
    """Whether the goal is a gem, and not an exit."""
    fog: bool = False
    """Whether a person sees only what has come into view of their seat."""

    def planes(self) -> tuple[NDArray[np.int8], int, int]:
        """Which plane shows each feature, how many planes show things in their places, and how many
        there are."""
        plane = np.full(FEATURES, -1, np.int8)
        count = scattered = 0
        shown = ("wall", "footprints", *self.shows)
        for group in (_SCATTERED, _CONSTANT):
            for name, features in group.items():
                if name in shown:
                    plane[features.start : features.stop] = np.arange(count, count + len(features))
                    count += len(features)
            if group is _SCATTERED:
                scattered = count
        return plane, scattered, count


@dataclass(frozen=True, slots=True)
class Options:
    """The options of a maze game, checked. Raises UsageError for a value that makes no sense."""

    name: str
    rules: Rules
    seats: int
    size: int
    layout: str = "mixed"
    levels: str = "held-out"
    observation: str = "planes"

    @staticmethod
    def of(name: str, rules: Rules, given: dict[str, Any], *, levels: str) -> "Options":
        """What was asked for, the rest as the game has it; `levels` where none are named."""
        known = ("seats", "size", "layout", "levels", "observation")
        for option in given:
            if option not in known:
                raise UsageError(f"maze/{name} has no option '{option}'; it has {', '.join(known)}")
        defaults: dict[str, Any] = {"seats": rules.seats[0], "size": rules.size, "levels": levels}
        options = Options(name=name, rules=rules, **(defaults | given))
        options.check()
        return options

    def check(self) -> None:
        rules = self.rules
        step, rest = (4, 3) if rules.symmetric else (2, 1)
        if (
            not isinstance(self.size, int)
            or not rules.smallest <= self.size <= 63
            or self.size % step != rest
        ):
            examples = ", ".join(str(n) for n in range(rules.smallest, 64) if n % step == rest)
            raise UsageError(f"size {self.size} of maze/{self.name}: it can be {examples}")
        if self.seats not in rules.seats:
            raise UsageError(f"{self.seats} seats: maze/{self.name} has {_or(rules.seats)}")
        layouts = ("mixed", *(LAYOUTS[layout] for layout in rules.layouts))
        for value, allowed, what in (
            (self.layout, layouts, "layout"),
            (self.levels, LEVELS, "levels"),
            (self.observation, OBSERVATIONS, "observation"),
        ):
            if value not in allowed:
                raise UsageError(f"{what} '{value}' of maze/{self.name}: it can be {_or(allowed)}")

    def settings(self) -> Settings:
        plane, scattered, _ = self.rules.planes()
        return Settings(
            held_out=int(self.levels == "held-out"),
            layout=MIXED if self.layout == "mixed" else LAYOUTS.index(self.layout),
            max_steps=self.rules.max_steps(self.size),
            plane=plane,
            scattered=scattered,
            full_grid=int(self.observation == "grid"),
        )

    def observation_shape(self) -> tuple[int, int, int]:
        """Of what the kernels write: (planes, 7, 7), or one plane more over the full grid."""
        _, _, count = self.rules.planes()
        return (count + 1, self.size, self.size) if self.observation == "grid" else (count, VIEW, VIEW)

    @property
    def side(self) -> int:
        """Tiles a side with the border."""
        return self.size + 2 * BORDER


def _or(allowed: tuple[Any, ...]) -> str:
    return " or ".join(map(str, allowed))
