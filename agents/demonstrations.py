"""Demonstrations: trajectories that somebody may learn from, whoever found or played them."""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray


class Demonstration(NamedTuple):
    """Actions from the start of a game, in which nothing is left to chance."""

    seed: int
    """Of the game: its level, or its opening."""
    actions: bytes


@dataclass(frozen=True, slots=True)
class Scouted:
    """What came of exploring a level."""

    steps: int
    """Actions that it took."""
    demonstration: Demonstration | None
    """How a reward is reached; None where none was found."""


@dataclass(frozen=True, slots=True)
class Recording:
    """A demonstration as who acts sees it: T decisions."""

    observations: NDArray[Any]
    """(T, *observation): what each was decided on."""
    actions: NDArray[np.int64]
    """(T,), counted from 0."""
    rewards: NDArray[np.float64]
    """(T,): what each brought, as the game counts."""

    def __len__(self) -> int:
        return len(self.actions)

    def until(self, score: float) -> "Recording":
        """As far as where the rewards have first added up to `score`. Raises ValueError where they never
        do."""
        reached = np.flatnonzero(self.rewards.cumsum() >= score)
        if not len(reached):
            total = self.rewards.sum()
            raise ValueError(f"a demonstration that scores {total:g} cannot be followed until {score:g}")
        end = int(reached[0]) + 1
        return Recording(self.observations[:end], self.actions[:end], self.rewards[:end])


class Lessons:
    """The decisions of several recordings as one set of N, to draw from."""

    def __init__(self, recordings: Sequence[Recording], gamma: float, *, sign_rewards: bool = False) -> None:
        self._recordings = recordings
        self.lengths = [len(recording) for recording in recordings]
        """The decisions of each recording."""
        self._ends = np.cumsum(self.lengths)
        self.actions: NDArray[np.int64] = np.concatenate([recording.actions for recording in recordings])
        """(N,)."""
        self.returns: NDArray[np.float32] = np.concatenate(
            [
                discounted(np.sign(recording.rewards) if sign_rewards else recording.rewards, gamma)
                for recording in recordings
            ]
        ).astype(np.float32)
        """(N,): the discounted sums of all rewards from each decision on."""

    def __len__(self) -> int:
        return len(self.actions)

    def observations(self, chosen: NDArray[np.int64]) -> NDArray[Any]:
        """(K, *observation): those of K decisions, by their numbers."""
        which = np.searchsorted(self._ends, chosen, side="right")
        begins = np.concatenate([[0], self._ends])[which]
        pairs = zip(which.tolist(), (chosen - begins).tolist(), strict=True)
        return np.stack([self._recordings[number].observations[step] for number, step in pairs])


def discounted(rewards: NDArray[np.float64], gamma: float) -> NDArray[np.float64]:
    """(T,) the sum of each reward and those after it, each worth `gamma` of the one before."""
    returns = np.empty(len(rewards))
    following = 0.0
    for t in reversed(range(len(rewards))):
        following = returns[t] = rewards[t] + gamma * following
    return returns


def without_loops(start: Hashable, steps: Iterable[tuple[int, Hashable]]) -> bytes:
    """The actions that are left where everything between two moments that look alike is left out, of `steps`,
    each an action and what the game looks like after it.

    That is a way to the same end where what looks alike is alike; whoever is not sure plays it again.
    """
    way, looks, places = bytearray(), [start], {start: 0}
    for action, look in steps:
        if (place := places.get(look)) is not None:
            for forgotten in looks[place + 1 :]:
                del places[forgotten]
            del looks[place + 1 :], way[place:]
            continue
        way.append(action)
        looks.append(look)
        places[look] = len(way)
    return bytes(way)
