"""What the wide instructions of sight.py write is what a plain reading gives, and nothing else is touched."""

from importlib import import_module
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from arena.games import catalog
from arena.games.maze import vector_env
from arena.games.maze.rules import Options
from arena.games.maze.sight import CHASER, COMPASS_ROWS, FOOTPRINTS, HELD, RIVAL, SHOWN
from arena.games.maze.vector_env import MazeVectorEnv
from arena.games.maze.world import BORDER, COLOURS, TILES, VIEW, Outcome, allocate_outcome

GUARD = 64
"""Bytes before and after the observations that nobody may write."""


def plain(envs: MazeVectorEnv) -> NDArray[np.uint8]:
    """Every seat's view, tile by tile."""
    worlds, plane = envs.worlds, envs.settings.plane
    views = np.zeros((*worlds.at.shape[:2], *envs.options.observation_shape()), np.uint8)
    for (w, seat), (row, column) in zip(
        np.ndindex(views.shape[:2]), worlds.at.reshape(-1, 2).tolist(), strict=True
    ):
        view = views[w, seat]
        near = slice(row - BORDER, row + BORDER + 1), slice(column - BORDER, column + BORDER + 1)
        for kind in range(1, TILES):
            if (worlds.tiles[w][near] == kind).any():
                view[plane[kind]][worlds.tiles[w][near] == kind] = 255
        view[plane[FOOTPRINTS]] = SHOWN * worlds.visits[w, seat][near]
        for other in range(views.shape[1]):
            down, right = worlds.at[w, other] - worlds.at[w, seat] + BORDER
            if plane[RIVAL] >= 0 and other != seat and 0 <= down < VIEW and 0 <= right < VIEW:
                view[plane[RIVAL], down, right] = 255
        if plane[COMPASS_ROWS] >= 0:
            away = worlds.target[w, seat].astype(int) - worlds.at[w, seat]
            view[plane[COMPASS_ROWS] : plane[COMPASS_ROWS] + 2] = np.clip(128 + 8 * away, 0, 255).reshape(
                2, 1, 1
            )
        if plane[HELD] >= 0:
            for colour in range(COLOURS):
                view[plane[HELD] + colour] = 255 * (worlds.keys[w, seat] >> colour & 1)
        if plane[CHASER] >= 0:
            view[plane[CHASER]] = 255 * worlds.chaser[w, seat]
    return views.reshape(envs.num_envs, *views.shape[2:])


@pytest.mark.parametrize(
    ("game", "seats"), [(entry.name, seats) for entry in catalog.MAZES for seats in entry.seats]
)
def test_every_seat_sees_what_is_around_it_and_no_byte_beyond_is_written(
    game: str, seats: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory = np.empty(0, np.uint8)

    def guarded(worlds: int, seats: int, size: int) -> Outcome:
        nonlocal memory
        memory = np.full(worlds * seats * size + 2 * GUARD, 123, np.uint8)
        inner = memory[GUARD:-GUARD].reshape(worlds, seats, size)
        return allocate_outcome(worlds, seats, size)._replace(observations=inner)

    monkeypatch.setattr(vector_env, "allocate_outcome", guarded)
    rules = import_module(f"arena.games.maze.{game}").RULES
    given: dict[str, Any] = {"seats": seats, "size": 11}
    envs = MazeVectorEnv(Options.of(game, rules, given, levels="train"), 66 * seats, 3)
    rng = np.random.default_rng(0)
    envs.reset(seed=5)
    for _ in range(8):
        observations, *_ = envs.step(rng.integers(0, 6, envs.num_envs))
        np.testing.assert_array_equal(observations, plain(envs))
        assert (memory[:GUARD] == 123).all() and (memory[-GUARD:] == 123).all()
    envs.close()
