"""A game that can be put back to where it was, as Go-Explore explores it: one decision a step, no chance.

What is played is what a match without sticky actions plays from the same seed, so that a trajectory is a
match like any other.
"""

import zlib
from abc import abstractmethod

import numpy as np
from numpy.typing import NDArray

from agents.exploring import Simulator
from arena.games.game import Game


class Restorable(Simulator):
    """A simulator whose snapshots are packed as what differs from its start, which is next to nothing."""

    actions: int
    longest: int

    def reset(self) -> None:
        self._begin()
        self._start = np.frombuffer(self._content(), np.uint8)

    def save(self) -> bytes:
        return zlib.compress((np.frombuffer(self._content(), np.uint8) ^ self._start).tobytes(), 1)

    def load(self, snapshot: bytes) -> None:
        """Put it back. It must have been reset once."""
        self._put_back((np.frombuffer(zlib.decompress(snapshot), np.uint8) ^ self._start).tobytes())

    @abstractmethod
    def frame(self) -> NDArray[np.uint8]:
        """(height, width, 3): what a person would see after a step."""

    def agrees(self, game: Game) -> bool:
        """Whether `game`, of which it is a copy, has gone the same way, as far as its own seat is concerned:
        always, where nobody else plays in it."""
        return True

    def position(self, room: int) -> tuple[float, float] | None:
        """Column and row of a room on the game's own map, where that is known."""
        return None

    def close(self) -> None:
        """Let go of what it holds."""

    @abstractmethod
    def _begin(self) -> None: ...

    @abstractmethod
    def _content(self) -> bytes:
        """The whole state, always as long."""

    @abstractmethod
    def _put_back(self, content: bytes) -> None: ...
