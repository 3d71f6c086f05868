"""Mazes for other libraries: Gymnasium environments for one seat, PettingZoo's for several.

`gymnasium.make("arena/MazeRun-v0")`, `gymnasium.make_vec("arena/MazeRun-v0", num_envs=64)` and
`parallel_env("race", seats=3)`; all take the options of `arena.games.maze.make`.
"""

from typing import Any, ClassVar

import gymnasium
import numpy as np
from numpy.typing import NDArray
from pettingzoo import ParallelEnv

from arena.games.maze import make, vector
from arena.games.maze.game import TICK_RATE
from arena.games.maze.vector_env import MazeVectorEnv, observation_space
from arena.games.maze.world import ACTIONS

Observation = NDArray[np.uint8]


class MazeEnv(gymnasium.Env[Observation, np.int64]):
    """One world of a maze game with one seat. The game's docstring has its rules.

    `reset(seed=n)` begins level n of the chosen side of the split; without a seed a level is drawn.
    """

    metadata = {"render_modes": ["rgb_array"], "render_fps": TICK_RATE}  # noqa: RUF012 - Gymnasium's own declaration

    def __init__(
        self, name: str, *, render_mode: str | None = None, levels: str = "train", **options: Any
    ) -> None:
        self.game = make(f"maze/{name}", levels=levels, **options)
        if self.game.spec.seats != 1:
            raise ValueError(f"maze/{name} has several seats: use `parallel_env`")
        self.render_mode = render_mode
        self.observation_space: gymnasium.spaces.Box = observation_space(self.game.options)  # type: ignore[assignment]
        self.action_space = gymnasium.spaces.Discrete(len(ACTIONS))

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observation, dict[str, Any]]:
        super().reset(seed=seed)
        self.game.reset(int(self.np_random.integers(2**63)) if seed is None else seed)
        return self.game.observe(0), {}

    def step(self, action: np.int64) -> tuple[Observation, float, bool, bool, dict[str, Any]]:
        tick = self.game.tick([int(action)])
        info = {"score": self.game.scores()[0]} if tick.ended else {}
        return self.game.observe(0), tick.rewards[0], tick.terminated, tick.truncated, info

    def render(self) -> Observation | None:
        return self.game.frame() if self.render_mode == "rgb_array" else None


class MazeParallelEnv(ParallelEnv[str, Observation, int]):  # type: ignore[misc]
    """One world of a maze game, every seat an agent called `seat_0`, `seat_1`, ..."""

    metadata: ClassVar[dict[str, Any]] = {
        "name": "arena_maze_v0",
        "render_modes": ["rgb_array"],
        "render_fps": TICK_RATE,
    }

    def __init__(
        self, name: str, *, render_mode: str | None = None, levels: str = "train", **options: Any
    ) -> None:
        self.game = make(f"maze/{name}", levels=levels, **options)
        self.render_mode = render_mode
        self.possible_agents = [f"seat_{seat}" for seat in range(self.game.spec.seats)]
        self.agents: list[str] = []
        self._rng = np.random.default_rng()
        self.observation_spaces = {
            agent: observation_space(self.game.options) for agent in self.possible_agents
        }
        self.action_spaces = {
            agent: gymnasium.spaces.Discrete(len(ACTIONS)) for agent in self.possible_agents
        }

    def observation_space(self, agent: str) -> gymnasium.spaces.Box:
        return self.observation_spaces[agent]

    def action_space(self, agent: str) -> gymnasium.spaces.Discrete:
        return self.action_spaces[agent]

    def reset(
        self, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[dict[str, Observation], dict[str, dict[str, Any]]]:
        if seed is not None:
            self._rng = np.random.default_rng(seed)
        self.game.reset(int(self._rng.integers(2**63)) if seed is None else seed)
        self.agents = list(self.possible_agents)
        return self._observations(), {agent: {} for agent in self.agents}

    def step(
        self, actions: dict[str, int]
    ) -> tuple[
        dict[str, Observation], dict[str, float], dict[str, bool], dict[str, bool], dict[str, dict[str, Any]]
    ]:
        agents = self.agents
        tick = self.game.tick([int(actions[agent]) for agent in agents])
        observations = self._observations()
        infos = {agent: {"score": score} for agent, score in zip(agents, self.game.scores(), strict=True)}
        if tick.ended:
            self.agents = []
        return (
            observations,
            dict(zip(agents, tick.rewards, strict=True)),
            dict.fromkeys(agents, tick.terminated),
            dict.fromkeys(agents, tick.truncated),
            infos,
        )

    def _observations(self) -> dict[str, Observation]:
        return {agent: self.game.observe(seat) for seat, agent in enumerate(self.possible_agents)}

    def render(self) -> Observation | None:
        return self.game.frame() if self.render_mode == "rgb_array" else None

    def close(self) -> None:
        self.game.close()


def parallel_env(name: str, **options: Any) -> MazeParallelEnv:
    """PettingZoo's view of `maze/<name>`. Raises UsageError for an option that makes no sense."""
    return MazeParallelEnv(name, **options)


def vector_env(
    name: str, *, num_envs: int = 1, seed: int = 0, render_mode: str | None = None, **options: Any
) -> MazeVectorEnv:
    """What `gymnasium.make_vec` makes: the engine's own vector environment."""
    envs = vector(f"maze/{name}", num_envs, seed, **options)
    envs.render_mode = render_mode
    return envs
