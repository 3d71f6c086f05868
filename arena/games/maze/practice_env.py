"""Mazes as those see them who learn from demonstrations: at first small ones, some of which are explored."""

from collections import deque
from collections.abc import Iterator, Sequence
from typing import Any

import gymnasium
import numpy as np
from numpy.typing import NDArray

from agents.backward import Backward
from agents.demonstrations import Demonstration, Recording, Scouted
from arena.games.maze.game import MazeGame
from arena.games.maze.rules import Options
from arena.games.maze.vector_env import MazeVectorEnv
from arena.games.practice import scouted

FIRST_SIZE = 11
"""Tiles a side of the mazes that are explored and practised first: those of size 25 take ten times as long to
explore, and who has only seen demonstrations of them is lost in 97 of 100."""

GROWS_BY = 4

GROWS_AT = 0.8
"""The share of the latest levels that have to be solved before there are larger ones."""

LATEST = 4
"""Levels of each world by which that is judged."""


class MazePractice(gymnasium.vector.VectorEnv[NDArray[np.uint8], NDArray[Any], NDArray[Any]]):
    """Training's levels as `MazeVectorEnv` has them, each begun at its start, in mazes that grow.

    When they grow, all levels that are under way are cut short (truncated). Where what is seen depends on how
    large a maze is, there is one size from the first.
    """

    finds = True
    begins_anywhere = False
    openings = 0

    def __init__(
        self, game_id: str, options: dict[str, Any], num_envs: int, seed: int, *, threads: int
    ) -> None:
        self._game_id, self._given, self._threads = game_id, options, threads
        made = self._options(None)
        self._last = made.size
        self._first = min(FIRST_SIZE, made.size) if made.observation == "planes" else made.size
        self._solved: deque[bool] = deque(maxlen=LATEST * num_envs)
        self.num_envs, self._seed = num_envs, seed
        self._envs = self._of(self._first)
        for name in (
            *("metadata", "single_observation_space", "single_action_space"),
            *("observation_space", "action_space"),
        ):
            setattr(self, name, getattr(self._envs, name))
        self._begun: NDArray[np.uint8] | None = None
        """What is seen at the start of mazes that have just grown, until the next step shows it."""

    @property
    def size(self) -> int:
        """Tiles a side, now."""
        return self._envs.options.size

    def metrics(self) -> dict[str, float]:
        return {"practice/size": float(self.size)}

    def _options(self, size: int | None) -> Options:
        from arena.games.maze import options_of

        return options_of(self._game_id, self._given if size is None else {**self._given, "size": size})

    def _of(self, size: int) -> MazeVectorEnv:
        return MazeVectorEnv(self._options(size), self.num_envs, self._seed + size, threads=self._threads)

    def scout(self, seeds: Sequence[int], steps: int) -> Iterator[Scouted | None]:
        return scouted(self._game_id, {**self._given, "size": self._first}, seeds, steps)

    def record(self, demonstration: Demonstration) -> Recording:
        game = MazeGame(self._options(self._first))
        game.reset(demonstration.seed)
        observations, rewards = [], []
        for action in demonstration.actions:
            observations.append(game.observe(0))
            tick = game.tick((action,))
            rewards.append(tick.rewards[0])
            if tick.ended:
                break
        actions = np.frombuffer(demonstration.actions, np.uint8)[: len(rewards)].astype(np.int64)
        return Recording(np.stack(observations), actions, np.array(rewards))

    def grow_up(self) -> None:
        self._grow(self._last)

    def attempt(self, demonstrations: Sequence[Demonstration], backward: Backward) -> None:
        raise NotImplementedError("levels begin at their start")

    def reset(
        self, *, seed: int | list[int | None] | None = None, options: dict[str, Any] | None = None
    ) -> tuple[NDArray[np.uint8], dict[str, Any]]:
        if isinstance(seed, int):
            self._seed = seed
        self._begun = None
        self._solved.clear()
        return self._envs.reset(seed=seed, options=options)

    def step(
        self, actions: NDArray[Any]
    ) -> tuple[NDArray[np.uint8], NDArray[Any], NDArray[Any], NDArray[Any], dict[str, Any]]:
        """Raises ValueError for actions out of range."""
        if self._begun is not None:
            observations, self._begun = self._begun, None
            nothing = np.zeros(self.num_envs, np.bool_)
            return observations, np.zeros(self.num_envs), nothing, nothing.copy(), {}
        observations, rewards, terminated, truncated, infos = self._envs.step(actions)
        if "episode" in infos:
            self._solved.extend(infos["episode"]["solved"][infos["_episode"]].tolist())
        if (
            self.size < self._last
            and len(self._solved) == self._solved.maxlen
            and np.mean(self._solved) >= GROWS_AT
        ):
            self._begun = self._grow(min(self.size + GROWS_BY, self._last))
            truncated = ~terminated
        return observations, rewards, terminated, truncated, infos

    def _grow(self, size: int) -> NDArray[np.uint8]:
        """Begin levels of that size everywhere. Returns what is seen there."""
        self._envs.close()
        self._envs = self._of(size)
        self._solved.clear()
        return self._envs.reset()[0]

    def get_state(self) -> dict[str, NDArray[Any]]:
        """Everything needed to go on exactly, by name."""
        own = [self.size, self._seed, self._begun is not None, *self._solved]
        return {**self._envs.get_state(), "practice": np.array(own, np.int64)}

    def set_state(self, state: dict[str, NDArray[Any]]) -> None:
        """Go back to what `get_state` returned. Raises ValueError where it does not fit."""
        size, self._seed, grown, *solved = state["practice"].tolist()
        if size not in {*range(self._first, self._last, GROWS_BY), self._last}:
            raise ValueError(
                f"the state of practice in mazes of size {size} does not fit those of {self._last}"
            )
        begun = self._grow(size)
        self._begun = begun if grown else None
        if not grown:
            self._envs.set_state({name: array for name, array in state.items() if name != "practice"})
        self._solved.extend(map(bool, solved))

    def close_extras(self, **kwargs: Any) -> None:
        self._envs.close()
