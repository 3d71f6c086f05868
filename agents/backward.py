"""The backward algorithm: practise the end of a demonstration first, and then ever more of it.

Salimans & Chen 2018, "Learning Montezuma's Revenge from a single demonstration" (arXiv 1812.03381); as
Go-Explore uses it, Ecoffet et al. 2021, Methods, "Robustification".
"""

from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray


class Backward:
    """Where attempts at each of D demonstrations begin."""

    def __init__(
        self, lengths: Sequence[int], *, share: float, attempts: int, stride: int, openings: int = 0
    ) -> None:
        """A starting point moves back by `stride` decisions when at least the `share` of the latest
        `attempts` from there has come as far as the demonstration does. Games whose opening is a matter of
        chance have `openings` ticks by which it may differ from the demonstration's."""
        self.share, self.attempts, self.stride = share, attempts, stride
        self.lengths = np.array(lengths, np.int64)
        self.openings = openings
        self.points: NDArray[np.int64] = np.maximum(self.lengths - stride, -openings)
        """(D,): decisions into each demonstration at which attempts at it begin; 0 is its start, and -k its
        start after an opening that differs by up to k ticks."""
        self._latest: list[deque[bool]] = [deque(maxlen=attempts) for _ in lengths]

    @property
    def left(self) -> float:
        """How much of the demonstrations and their openings lies before the starting points: nearly 1 at
        first, 0 at last."""
        return float(((self.points + self.openings) / (self.lengths + self.openings)).mean())

    @property
    def success(self) -> float | None:
        """The share of the latest attempts from the starting points that have come as far as their
        demonstration does; None where there has been none yet."""
        told = [success for latest in self._latest for success in latest]
        return float(np.mean(told)) if told else None

    def draw(self, rng: np.random.Generator) -> tuple[int, int]:
        """(a demonstration, a decision of it, or less than 0 for an opening): where to begin. As often where
        the starting point was before, so that what has been learned last is not forgotten at once."""
        number = int(rng.integers(len(self.points)))
        point = int(self.points[number])
        if point == -self.openings:
            return number, point
        return number, min(point + int(rng.integers(2 * self.stride)), int(self.lengths[number]) - 1)

    def tell(self, number: int, begun: int, success: bool) -> None:
        """How an attempt went that began at the decision `begun` of a demonstration."""
        latest, point = self._latest[number], int(self.points[number])
        if point <= begun < point + self.stride:  # what is later has been learned before
            latest.append(success)
        if point > -self.openings and len(latest) == self.attempts and np.mean(latest) >= self.share:
            self.points[number] = max(-self.openings, point - self.stride)
            latest.clear()

    def state(self) -> dict[str, NDArray[Any]]:
        latest = np.full((len(self.points), self.attempts), -1, np.int8)
        for row, told in zip(latest, self._latest, strict=True):
            row[: len(told)] = list(told)
        return {"points": self.points.copy(), "latest": latest}

    def restore(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Go on from what `state` gave. Raises ValueError where that is of other demonstrations."""
        points, latest = np.array(state["points"], np.int64), state["latest"]
        if (
            points.shape != self.points.shape
            or not ((points >= -self.openings) & (points < self.lengths)).all()
        ):
            raise ValueError("its starting points are not those of its demonstrations")
        self.points = points
        for told, row in zip(self._latest, latest.tolist(), strict=True):
            told.clear()
            told.extend(bool(success) for success in row if success >= 0)
