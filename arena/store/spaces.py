"""Spaces as JSON, so that a checkpoint says what its agent sees and does."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from arena.errors import ArenaError

if TYPE_CHECKING:
    import gymnasium


def describe_space(space: "gymnasium.Space[Any]") -> dict[str, Any]:
    """A space as JSON. Raises ArenaError for one that no agent here can use."""
    from gymnasium import spaces

    match space:
        case spaces.Box():
            return {"shape": list(space.shape), "dtype": str(space.dtype)}
        case spaces.Discrete():
            return {"n": int(space.n), "start": int(space.start)}
        case _:
            raise ArenaError(f"agents see boxes and numbered states, not {space}; choose another game")


def make_space(described: Mapping[str, Any]) -> "gymnasium.Space[Any]":
    """The space that `describe_space` described (a box's bounds are its type's).

    Raises ValueError, KeyError or TypeError for what it did not.
    """
    from gymnasium import spaces

    if "n" in described:
        return spaces.Discrete(int(described["n"]), start=int(described["start"]))
    shape, dtype = tuple(map(int, described["shape"])), np.dtype(str(described["dtype"]))
    if dtype.kind == "f":
        return spaces.Box(-np.inf, np.inf, shape, dtype.type)
    if dtype.kind not in "iu":
        raise ValueError(f"observations of type {dtype}")
    return spaces.Box(int(np.iinfo(dtype).min), int(np.iinfo(dtype).max), shape, dtype.type)
