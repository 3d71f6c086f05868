"""Mazes as training sees them: any number of worlds advanced by one call."""

from typing import Any

import gymnasium
import numpy as np
from gymnasium.vector import AutoresetMode
from gymnasium.vector.utils import batch_space
from numpy.typing import NDArray

from arena.games.maze import art
from arena.games.maze.chance import key_of
from arena.games.maze.crew import Crew
from arena.games.maze.game import TICK_RATE, level_seed
from arena.games.maze.layouts import FLOOR, WALL
from arena.games.maze.rules import Options
from arena.games.maze.world import ACTIONS, BORDER, STAY, TILES, allocate, allocate_outcome

WORTH_A_THREAD = 256
"""Worlds below which handing work to another thread takes longer than doing it."""


class MazeVectorEnv(gymnasium.vector.VectorEnv[NDArray[np.uint8], NDArray[Any], NDArray[Any]]):
    """`num_envs` slots: each seat of each world is one, seats of a world side by side.

    Gymnasium's NEXT_STEP autoreset: the step after the end of an episode begins the next level, whatever
    the action, and is no data. `infos["episode"]` holds, for the slots of `infos["_episode"]`, what ended:
    `r` (return), `l` (length), `score` (the game's own) and `solved` (a positive return); its other slots
    mean nothing.
    """

    def __init__(
        self, options: Options, num_envs: int, seed: int, *, threads: int = 1, render_mode: str | None = None
    ) -> None:
        if num_envs < options.seats or num_envs % options.seats:
            raise ValueError(f"{num_envs} environments do not make whole worlds of {options.seats} seats")
        self.options, self.settings = options, options.settings()
        self.num_envs = num_envs
        self.render_mode = render_mode
        self.metadata = {
            "autoreset_mode": AutoresetMode.NEXT_STEP,
            "render_modes": ["rgb_array"],
            "render_fps": TICK_RATE,
        }
        self._count = num_envs // options.seats
        self.worlds = allocate(self._count, options.seats, options.size)
        self._shape = (num_envs, *options.observation_shape())
        self._observation = int(np.prod(self._shape[1:]))
        self._outcome = allocate_outcome(self._count, options.seats, self._observation)
        self.single_observation_space = observation_space(options)
        self.single_action_space = gymnasium.spaces.Discrete(len(ACTIONS))
        self.observation_space = batch_space(self.single_observation_space, num_envs)
        self.action_space = batch_space(self.single_action_space, num_envs)
        threads = min(threads, max(1, self._count // WORTH_A_THREAD))
        self._crew = Crew(options.rules.work, self.worlds, self.settings, threads)
        self._sow(seed)

    def _sow(self, seed: int) -> None:
        root = level_seed(seed)
        for world in range(self._count):
            self.worlds.seed[world] = key_of(root, np.uint64(world))
        self.worlds.episode[:] = 0

    def reset(
        self, *, seed: int | list[int | None] | None = None, options: dict[str, Any] | None = None
    ) -> tuple[NDArray[np.uint8], dict[str, Any]]:
        """Begin a new level in every world. `options={"levels": [...]}` names a level for each world, as
        `Game.reset` would be given it."""
        levels = (options or {}).get("levels")
        if levels is not None:
            if len(levels) != self._count:
                raise ValueError(f"{len(levels)} levels were named for {self._count} worlds")
            self.worlds.seed[:] = [level_seed(int(level)) for level in levels]
            self.worlds.episode[:] = 0
        elif isinstance(seed, int):
            self._sow(seed)
        elif seed is not None:
            self.worlds.seed[:] = [level_seed(s or 0) for s in seed[:: self.options.seats]]
            self.worlds.episode[:] = 0
        self.worlds.over[:] = 1
        self._step(np.full((self._count, self.options.seats), STAY, np.int64))
        return self._observations(), {}

    def step(
        self, actions: NDArray[Any]
    ) -> tuple[NDArray[np.uint8], NDArray[Any], NDArray[Any], NDArray[Any], dict[str, Any]]:
        """Raises ValueError for actions out of range."""
        ended = self._step(np.ascontiguousarray(actions, np.int64).reshape(self._count, self.options.seats))
        outcome = self._outcome
        return (
            self._observations(),
            outcome.rewards.reshape(-1),
            self._for_each_seat(outcome.terminated),
            self._for_each_seat(outcome.truncated),
            self._infos() if ended else {},
        )

    def _step(self, moves: NDArray[np.int64]) -> int:
        """Into new memory, so that what was handed out before stays as it is and nothing need be copied.
        Returns how many levels ended."""
        self._outcome = allocate_outcome(self._count, self.options.seats, self._observation)
        return self._crew.step(moves, self._outcome)

    def _for_each_seat(self, of_worlds: NDArray[Any]) -> NDArray[Any]:
        """One value for each slot."""
        seats = self.options.seats
        return of_worlds if seats == 1 else np.repeat(of_worlds, seats)

    def _observations(self) -> NDArray[np.uint8]:
        if self.options.observation == "picture":
            return np.stack(self._pictures())
        return self._outcome.observations.reshape(self._shape)

    def _pictures(self) -> list[NDArray[np.uint8]]:
        """What each slot's world looks like from its seat."""
        return [
            art.draw(self.worlds, self.options.rules, seat, 1.0, world)
            for world in range(self._count)
            for seat in range(self.options.seats)
        ]

    def _infos(self) -> dict[str, Any]:
        worlds = self.worlds
        returns = worlds.returns.reshape(-1).copy()
        episode = {
            "r": returns,
            "l": self._for_each_seat(worlds.time.copy()),
            "score": worlds.score.reshape(-1).copy(),
            "solved": returns > 0.0,
        }
        return {"episode": episode, "_episode": self._for_each_seat(worlds.over.astype(np.bool_))}

    def get_state(self) -> dict[str, NDArray[Any]]:
        """Everything needed to go on exactly, by name."""
        state = {f"worlds.{name}": part.copy() for name, part in self.worlds._asdict().items()}
        return state | {"observations": self._outcome.observations.copy()}

    def set_state(self, state: dict[str, NDArray[Any]]) -> None:
        """Go back to what `get_state` returned. Raises ValueError where it does not fit."""
        places = {f"worlds.{name}": part for name, part in self.worlds._asdict().items()}
        for name, place in (places | {"observations": self._outcome.observations}).items():
            if name not in state or state[name].shape != place.shape or state[name].dtype != place.dtype:
                raise ValueError(f"the state of {self._count} mazes does not fit: {name}")
        self._check_bounds(state["worlds.tiles"], state["worlds.at"], state["worlds.start"])
        for name, place in (places | {"observations": self._outcome.observations}).items():
            place[:] = state[name]

    def _check_bounds(self, tiles: NDArray[np.uint8], *positions: NDArray[np.int16]) -> None:
        """Kernels check no index, and a state may come from a file of somebody else's."""
        inner = slice(BORDER + 1, -BORDER - 1)
        around = np.ones(tiles.shape[1:], np.bool_)
        around[inner, inner] = False
        shown = [kind for kind in range(int(WALL) + 1, TILES) if self.settings.plane[kind] >= 0]
        if not (tiles[:, around] == WALL).all() or not np.isin(tiles, [int(FLOOR), int(WALL), *shown]).all():
            raise ValueError(f"the state of {self._count} mazes does not fit: worlds.tiles")
        for where in positions:
            if where.min() <= BORDER or where.max() >= tiles.shape[1] - BORDER - 1:
                raise ValueError(f"the state of {self._count} mazes does not fit: a player is outside")

    def render(self) -> tuple[NDArray[np.uint8], ...] | None:
        """A picture of each slot's world, from its seat."""
        return tuple(self._pictures()) if self.render_mode == "rgb_array" else None

    def close_extras(self, **kwargs: Any) -> None:
        self._crew.dismiss()


def observation_space(options: Options) -> gymnasium.spaces.Box:
    """(planes, 7, 7), (planes + 1, size, size), or a picture (height, width, 3); all uint8."""
    shape = options.observation_shape()
    if options.observation == "picture":
        shape = (options.size * art.TILE, options.size * art.TILE, 3)
    return gymnasium.spaces.Box(0, 255, shape, np.uint8)
