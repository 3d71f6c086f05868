"""What has been lived through, to learn from again: uniform or prioritised (Schaul 2016, arXiv 1511.05952).

Each environment has a ring of entries of its own, in the order of time. An entry is one picture: of a stack
of k pictures only the newest is stored, the others being those before it, so that a stack of four costs as
much as one. An episode begins with as many entries as its first observation has pictures, and the last
observation of one has an entry too; from neither does a transition begin.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

NOTHING, STEP, TERMINATED, TRUNCATED = range(4)
"""What follows an entry: no transition; one that goes on; one that ended the episode, in either way."""


@dataclass(frozen=True, slots=True)
class Batch:
    """B transitions of n steps each, fewer where the episode ended before."""

    observations: NDArray[Any]
    """(B, *observation)."""
    actions: NDArray[np.int64]
    """(B,): the first of each, counted from 0."""
    returns: NDArray[np.float32]
    """(B,): the discounted rewards of its steps."""
    discounts: NDArray[np.float32]
    """(B,): of the value of what follows: gamma to the number of steps, 0 where nothing follows."""
    next_observations: NDArray[Any]
    """(B, *observation)."""
    places: NDArray[np.int64]
    """(B,): where they are in the buffer."""
    weights: NDArray[np.float32]
    """(B,): importance of each for the loss, at most 1 (Schaul 2016, 3.4); all 1 where it is uniform."""

    def part(self, rows: slice) -> "Batch":
        """Some of its transitions."""
        return Batch(*(getattr(self, field.name)[rows] for field in fields(self)))


class ReplayBuffer:
    """At most `capacity` entries of `num_envs` environments that are stepped together."""

    def __init__(
        self,
        capacity: int,
        num_envs: int,
        shape: tuple[int, ...],
        dtype: np.dtype[Any],
        *,
        stack: int = 1,
        planes: int = 0,
        alpha: float = 0.0,
    ) -> None:
        """`shape` and `dtype` of an observation, the first axis of which is `stack` pictures where that is
        more than 1, and `planes` behind them that are always the same in an environment. With `alpha` above
        0, what surprised more is drawn more often.

        Raises ValueError where the capacity does not hold an episode's beginning for each environment.
        """
        if stack > 1 and (not shape or shape[0] != stack + planes):
            raise ValueError(f"observations of shape {shape} are no stacks of {stack}")
        self.length = capacity // num_envs
        if self.length < stack + 2:
            raise ValueError(f"a buffer of {capacity} is too small for {num_envs} environments")
        self.num_envs, self.stack, self.alpha = num_envs, stack, alpha
        self._shape = shape
        size = (num_envs, self.length)
        self.pictures = np.zeros((*size, *(shape[1:] if stack > 1 else shape)), dtype)
        self.planes = np.zeros((num_envs, planes, *shape[1:]), dtype) if planes else None
        """Of each environment, behind the stack."""
        self.actions = np.zeros(size, np.int16)
        self.rewards = np.zeros(size, np.float32)
        self.follows = np.full(size, NOTHING, np.uint8)
        self.written = np.zeros(num_envs, np.int64)
        """Entries written so far, in all: entry e of an environment lies at e % length."""
        self.priorities = SumTree(num_envs * self.length) if alpha else None
        self.greatest = 1.0
        """The greatest priority so far: that of what has never been learned from."""

    def __len__(self) -> int:
        """Entries held."""
        return int(np.minimum(self.written, self.length).sum())

    def begin(self, envs: NDArray[np.int64], observations: NDArray[Any]) -> None:
        """Episodes begin in `envs` (K,) with `observations` (K, *observation)."""
        if self.planes is not None:
            self.planes[envs] = observations[:, self.stack :]
        pictures = observations[:, : self.stack] if self.stack > 1 else observations[:, np.newaxis]
        for number in range(pictures.shape[1]):
            self._write(envs, pictures[:, number])

    def add(
        self,
        envs: NDArray[np.int64],
        actions: NDArray[Any],
        rewards: NDArray[Any],
        terminated: NDArray[np.bool_],
        truncated: NDArray[np.bool_],
        observations: NDArray[Any],
    ) -> None:
        """One step in each of `envs` (K,), which led to `observations` (K, *observation), the last of the
        episode where it ended."""
        last = (self.written[envs] - 1) % self.length
        self.actions[envs, last] = actions
        self.rewards[envs, last] = rewards
        self.follows[envs, last] = np.where(terminated, TERMINATED, np.where(truncated, TRUNCATED, STEP))
        if self.priorities is not None:
            places = envs * self.length + last
            self.priorities.set(places, np.full(len(places), self.greatest))
        self._write(envs, observations[:, self.stack - 1] if self.stack > 1 else observations)

    def _write(self, envs: NDArray[np.int64], pictures: NDArray[Any]) -> None:
        here = self.written[envs] % self.length
        self.pictures[envs, here] = pictures
        self.follows[envs, here] = NOTHING
        self.written[envs] += 1
        if self.priorities is not None:  # of what lay here, and of what needed it for its stack
            for later in range(self.stack):
                places = envs * self.length + (here + later) % self.length
                self.priorities.set(places, np.zeros(len(places)))

    def sample(
        self, count: int, rng: np.random.Generator, *, steps: int = 1, gamma: float = 0.99, beta: float = 1.0
    ) -> Batch:
        """`count` transitions of `steps` steps; `beta` corrects for what is drawn more often.

        The buffer must hold one whole transition at least.
        """
        found: list[NDArray[np.int64]] = []
        missing = count
        while missing:
            envs, entries = self._draw(missing, rng)
            whole = self._is_whole(envs, entries, steps)
            found.append(np.stack([envs[whole], entries[whole]]))
            missing -= int(whole.sum())
        envs, entries = np.concatenate(found, axis=1)
        returns = np.zeros(count, np.float32)
        discounts = np.ones(count, np.float32)
        going, ends = np.ones(count, np.bool_), entries.copy()
        for number in range(steps):
            here = (entries + number) % self.length
            follows = self.follows[envs, here]
            returns += np.where(going, gamma**number * self.rewards[envs, here], 0)
            ends += going
            discounts = np.where(going, gamma ** (number + 1) * (follows != TERMINATED), discounts)
            going &= follows == STEP
        places = envs * self.length + entries % self.length
        return Batch(
            observations=self._observations(envs, entries),
            actions=self.actions[envs, entries % self.length].astype(np.int64),
            returns=returns,
            discounts=discounts.astype(np.float32),
            next_observations=self._observations(envs, ends),
            places=places,
            weights=self._weights(places, beta),
        )

    def _draw(self, count: int, rng: np.random.Generator) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Environments and entries, among which some may not be the beginning of a transition."""
        if self.priorities is not None:
            # One from each of so many equal parts of all priorities.
            share = (np.arange(count) + rng.random(count)) / count
            places = self.priorities.find(share * self.priorities.total)
            envs, there = np.divmod(places, self.length)
            newest = self.written[envs] - 1
            entries: NDArray[np.int64] = newest - np.mod(newest - there, self.length)
            return envs, entries
        held = np.minimum(self.written, self.length)
        ends: NDArray[np.int64] = np.cumsum(held)
        drawn = rng.integers(ends[-1], size=count)
        envs = np.searchsorted(ends, drawn, side="right")
        uniform: NDArray[np.int64] = self.written[envs] - 1 - (ends[envs] - 1 - drawn)
        return envs, uniform

    def _is_whole(self, envs: NDArray[np.int64], entries: NDArray[np.int64], steps: int) -> NDArray[np.bool_]:
        """Whether a transition begins there whose pictures and steps are all held."""
        whole = entries - (self.stack - 1) >= np.maximum(self.written[envs] - self.length, 0)
        going = np.ones(len(envs), np.bool_)
        for number in range(steps):
            follows = self.follows[envs, (entries + number) % self.length]
            whole &= ~going | (follows != NOTHING)
            going &= follows == STEP
        return whole

    def _observations(self, envs: NDArray[np.int64], entries: NDArray[np.int64]) -> NDArray[Any]:
        if self.stack == 1:
            observations: NDArray[Any] = self.pictures[envs, entries % self.length]
            return observations
        stacked = entries[:, np.newaxis] + np.arange(1 - self.stack, 1)
        observations = self.pictures[envs[:, np.newaxis], stacked % self.length]
        if self.planes is not None:
            observations = np.concatenate([observations, self.planes[envs]], axis=1)
        return observations

    def _weights(self, places: NDArray[np.int64], beta: float) -> NDArray[np.float32]:
        if self.priorities is None:
            return np.ones(len(places), np.float32)
        shares = self.priorities.of(places) / self.priorities.total
        weights = (len(self) * shares) ** -beta
        of_greatest: NDArray[np.float32] = (weights / weights.max()).astype(np.float32)
        return of_greatest

    def surprise(self, places: NDArray[np.int64], errors: NDArray[Any]) -> None:
        """How wrong the learner was about what lies at `places` (B,): its priority from now on."""
        if self.priorities is None:
            return
        priorities = (np.abs(errors).astype(np.float64) + 1e-6) ** self.alpha
        self.greatest = max(self.greatest, float(priorities.max()))
        held = self.priorities.of(places) > 0
        self.priorities.set(places[held], priorities[held])

    def state(self) -> dict[str, NDArray[Any]]:
        """All that was written, by name. Views: what is added later may change them."""
        held = int(min(self.written.max(), self.length))
        names = ("pictures", "actions", "rewards", "follows")
        arrays: dict[str, NDArray[Any]] = {name: getattr(self, name)[:, :held] for name in names}
        arrays["written"] = self.written
        if self.planes is not None:
            arrays["planes"] = self.planes
        if self.priorities is not None:
            arrays["priorities"] = self.priorities.of(np.arange(self.num_envs * self.length))
            arrays["greatest"] = np.array(self.greatest)
        return arrays

    def restore(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Take over what `state` returned. Raises ValueError or KeyError where it does not fit."""
        held = arrays["pictures"].shape[1]
        full = held != self.length and arrays["written"].max() > held
        other = self.priorities is not None and len(arrays["priorities"]) != self.num_envs * self.length
        if full or other or held > self.length:  # its rings were longer or shorter
            raise ValueError(
                f"a buffer cannot go on with another size: it holds {held * self.num_envs:,} entries, "
                f"and buffer_size now makes room for {self.length * self.num_envs:,}"
            )
        for name in ("pictures", "actions", "rewards", "follows"):
            getattr(self, name)[:, :held] = arrays[name]
        self.follows[:, held:] = NOTHING
        self.written[:] = arrays["written"]
        if self.planes is not None:
            self.planes[:] = arrays["planes"]
        if self.priorities is not None:
            self.priorities.set(np.arange(self.num_envs * self.length), arrays["priorities"])
            self.greatest = float(arrays["greatest"])


class SumTree:
    """Numbers at places 0 to `size` - 1, and who is at a given share of their sum, in log(size) steps."""

    def __init__(self, size: int) -> None:
        self._leaves = 1 << (size - 1).bit_length()
        self._sums = np.zeros(2 * self._leaves)  # node i is the sum of nodes 2i and 2i + 1; 1 is the root

    @property
    def total(self) -> float:
        return float(self._sums[1])

    def of(self, places: NDArray[np.int64]) -> NDArray[np.float64]:
        numbers: NDArray[np.float64] = self._sums[self._leaves + places]
        return numbers

    def set(self, places: NDArray[np.int64], numbers: NDArray[np.float64]) -> None:
        nodes = self._leaves + places
        self._sums[nodes] = numbers
        while len(nodes) and nodes[0] > 1:
            nodes = np.unique(nodes >> 1)
            self._sums[nodes] = self._sums[2 * nodes] + self._sums[2 * nodes + 1]

    def find(self, sums: NDArray[np.float64]) -> NDArray[np.int64]:
        """The place at which the running sum first exceeds each of `sums`, which are below `total`."""
        nodes = np.ones(len(sums), np.int64)
        rest = sums.copy()
        while nodes[0] < self._leaves:
            left = self._sums[2 * nodes]
            right = (rest >= left) & (self._sums[2 * nodes + 1] > 0)
            rest -= np.where(right, left, 0)
            nodes = 2 * nodes + right
        return nodes - self._leaves
