"""Trajectories as a tree: a hundred thousand of them, each from the start of the game, in a few bytes each.

An exploration is a branch. It begins where its cell's own trajectory was when it set out, and never changes.
So a trajectory is always whole: it cannot be stitched together from what was never played in one go.
"""

from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

ROOT = -1
"""The branch of the start, which has no actions."""


class Place(NamedTuple):
    """A point of the tree: `actions` actions into a branch."""

    branch: int
    actions: int


START = Place(ROOT, 0)


class Tree:
    """Branches of actions. A branch is there as long as a cell or another branch lies on it."""

    def __init__(self) -> None:
        self.origins: list[Place] = []
        self.branches: list[bytes] = []
        self.holds: list[int] = []
        """Cells and branches that lie on each; 0 where the number is free."""
        self._free: list[int] = []

    def grow(self, origin: Place, actions: bytes) -> int:
        """A new branch, held once by whoever grows it."""
        self.hold(origin.branch)
        if self._free:
            number = self._free.pop()
            self.origins[number], self.branches[number], self.holds[number] = origin, actions, 1
            return number
        self.origins.append(origin)
        self.branches.append(actions)
        self.holds.append(1)
        return len(self.holds) - 1

    def hold(self, branch: int) -> None:
        if branch != ROOT:
            self.holds[branch] += 1

    def let_go(self, branch: int) -> None:
        while branch != ROOT:
            self.holds[branch] -= 1
            if self.holds[branch]:
                return
            origin, self.branches[branch] = self.origins[branch], b""
            self._free.append(branch)
            branch = origin.branch

    def actions(self, place: Place) -> bytes:
        """From the start to `place`."""
        parts = []
        while place.branch != ROOT:
            parts.append(self.branches[place.branch][: place.actions])
            place = self.origins[place.branch]
        return b"".join(reversed(parts))

    def state(self) -> dict[str, NDArray[Any]]:
        branches, ends = packed(self.branches)
        return {
            "branches": branches,
            "ends": ends,
            "origins": np.array(self.origins, np.int64).reshape(-1, 2),
            "free": np.array(self._free, np.int64),
        }

    @staticmethod
    def of(state: Mapping[str, NDArray[Any]], places: Sequence[Place]) -> "Tree":
        """What `state` gave, with cells at `places`. Raises ValueError where a branch grows from none."""
        tree = Tree()
        tree.branches = unpacked(state["branches"], state["ends"])
        tree.origins = [Place(*row) for row in state["origins"].tolist()]
        tree._free = state["free"].tolist()
        count, free = len(tree.branches), set(tree._free)
        grown = [origin for number, origin in enumerate(tree.origins) if number not in free]
        for place in (*places, *grown):
            on = place.branch == ROOT or (0 <= place.branch < count and place.branch not in free)
            if not on or place.actions > (0 if place.branch == ROOT else len(tree.branches[place.branch])):
                raise ValueError(f"a trajectory leads along branch {place.branch}, which there is not")
        tree.holds = [0] * count
        for place in (*places, *grown):
            tree.hold(place.branch)
        tree._check_rooted()
        return tree

    def _check_rooted(self) -> None:
        """Raises ValueError where following origins goes round in a circle."""
        rooted: set[int] = {ROOT}
        for number in range(len(self.branches)):
            path: list[int] = []
            while number not in rooted:
                if number in path[:1] or len(path) > len(self.branches):
                    raise ValueError(f"branch {number} grows from itself")
                path.append(number)
                number = self.origins[number].branch
            rooted.update(path)


def packed(texts: Collection[bytes]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Strings as one, and where each ends in it."""
    ends = np.cumsum([len(text) for text in texts], dtype=np.int64)
    return np.frombuffer(b"".join(texts), np.uint8), ends


def unpacked(together: NDArray[Any], ends: NDArray[Any]) -> list[bytes]:
    """What `packed` packed. Raises ValueError where the ends are not ends of it."""
    whole, places = together.astype(np.uint8).tobytes(), [0, *ends.tolist()]
    if any(a > b for a, b in pairwise(places)) or places[-1] != len(whole):
        raise ValueError("strings end where there are none")
    return [whole[a:b] for a, b in pairwise(places)]
