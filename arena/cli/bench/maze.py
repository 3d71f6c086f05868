"""Steps a second of every maze, with observations and automatic resets, beside MiniGrid's DoorKey-8x8."""

from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from typing import Any

import gymnasium
import numpy as np

from arena.cli.bench.timing import Report, compare, rate
from arena.errors import ArenaError
from arena.games import catalog
from arena.games.processes import cores

WORLDS = 1024
BATCHES = 64
"""Random actions drawn beforehand, over and over, so that drawing them is not what is measured."""

MINIGRID = "MiniGrid-DoorKey-8x8-v0"


def measure(progress: Callable[[str], None]) -> Report:
    """Raises ArenaError where MiniGrid is not installed."""
    if find_spec("minigrid") is None:
        raise ArenaError(
            "the maze bench compares with MiniGrid, which is not installed; pip install minigrid brings it"
        )
    import minigrid  # noqa: F401 - registers its environments

    threads = cores()
    candidates: dict[str, Callable[[], float]] = {}
    opened = []
    for entry in catalog.MAZES:
        progress(f"compiling {entry.id}")
        seats = entry.seats[0]
        options = {"seats": seats} if seats > 1 else {}
        envs = catalog.vector(entry.id, WORLDS * seats, seed=1, threads=threads, **options)
        opened.append(envs)
        candidates[entry.id] = partial(rate, _vector_steps(envs, WORLDS))
    candidates[MINIGRID] = partial(rate, _single_steps(gymnasium.make(MINIGRID)))
    lines = compare(candidates, MINIGRID, progress)
    for envs in opened:
        envs.close()
    return Report(
        bench="maze",
        unit="steps/s",
        baseline=MINIGRID,
        lines=lines,
        setting=f"{WORLDS:,} worlds in one process, {threads} threads, random actions, with observations and "
        f"automatic resets; a step moves one world, with all its seats. MiniGrid: one environment",
    )


def _vector_steps(envs: gymnasium.vector.VectorEnv[Any, Any, Any], worlds: int) -> Callable[[], int]:
    """A function that steps every world once for each batch of actions; it returns the number of steps."""
    rng = np.random.default_rng(1)
    space = envs.single_action_space
    assert isinstance(space, gymnasium.spaces.Discrete)
    batches = rng.integers(0, int(space.n), (BATCHES, envs.num_envs))
    envs.reset(seed=1)

    def advance() -> int:
        for actions in batches:
            envs.step(actions)
        return BATCHES * worlds

    advance()  # compiles
    return advance


def _single_steps(env: gymnasium.Env[Any, Any]) -> Callable[[], int]:
    """The same for one ordinary environment, reset by its user at an episode's end."""
    rng = np.random.default_rng(1)
    space = env.action_space
    assert isinstance(space, gymnasium.spaces.Discrete)
    actions = [int(a) for a in rng.integers(0, int(space.n), 1024)]
    env.reset(seed=1)

    def advance() -> int:
        for action in actions:
            _, _, terminated, truncated, _ = env.step(action)
            if terminated or truncated:
                env.reset()
        return len(actions)

    advance()
    return advance
