"""A simulator small enough to be known by heart, and its explorers, without processes."""

from typing import Any

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from agents.exploring import Simulator, Spot
from agents.go_explore import Config, GoExplore

LENGTH = 40


class Chain(Simulator):
    """A line of `LENGTH` places. Action 1 goes on, 0 goes back; anything else is back at the start. The last
    place ends the game and pays 1: a random walk from the start next to never gets there."""

    actions, longest = 4, 400

    def __init__(self, lies: bool = False) -> None:
        self.at = 0
        self.lies, self.games = lies, 0
        """Whether every game but the first pays half."""

    def reset(self) -> None:
        self.at = 0
        self.games += 1

    def step(self, action: int) -> tuple[float, bool]:
        self.at = max(0, self.at + (1 if action == 1 else -1)) if action < 2 else 0
        won = self.at == LENGTH - 1
        return (0.5 if self.lies and self.games > 1 else 1.0) * won, won

    def lives(self) -> int:
        return 0

    def picture(self) -> NDArray[np.uint8]:
        picture = np.zeros((4, LENGTH), np.uint8)
        picture[:, self.at] = 255
        return picture

    def spot(self) -> Spot:
        return Spot(self.at // 10, self.at, 0)

    def knowledge(self) -> bytes:
        return bytes([self.at])

    def save(self) -> bytes:
        return bytes([self.at])

    def load(self, snapshot: bytes) -> None:
        (self.at,) = snapshot


def go_explore(seed: int = 0, **settings: Any) -> GoExplore:
    """For the chain; its cells are as wide as its places."""
    chosen: dict[str, Any] = {"cell_width": LENGTH, "cell_height": 1, "explorations": 20, "explore_steps": 10}
    return GoExplore(
        spaces.Box(0, 255, (4, LENGTH), np.uint8),
        spaces.Discrete(4),
        Config(**(chosen | {"repeat": 0.5, "total_steps": 40_000} | settings)),
        seed=seed,
    )
