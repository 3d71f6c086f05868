"""Environments small enough to know what must come of them."""

from collections.abc import Mapping
from typing import Any

import gymnasium
import numpy as np
from gymnasium.vector import AutoresetMode, VectorEnv


class Corridor(gymnasium.Env[np.ndarray, int]):
    """Cells 0 to 4. Action 1 goes right, 0 left. Cell 4 ends the game with +1; time is up after `limit`."""

    observation_space = gymnasium.spaces.Box(0.0, 1.0, (5,), np.float32)
    action_space = gymnasium.spaces.Discrete(2)

    def __init__(self, limit: int = 12) -> None:
        self.limit = limit

    def _seen(self) -> np.ndarray:
        return np.eye(5, dtype=np.float32)[self.cell]

    def reset(self, *, seed: int | None = None, options: Any = None) -> tuple[np.ndarray, dict[str, Any]]:
        super().reset(seed=seed)
        self.cell, self.time = int(self.np_random.integers(0, 2)), 0
        return self._seen(), {}

    def step(self, action: int) -> tuple[np.ndarray, float, bool, bool, dict[str, Any]]:
        self.cell = min(max(self.cell + (1 if action else -1), 0), 4)
        self.time += 1
        solved = self.cell == 4
        return self._seen(), float(solved), solved, not solved and self.time >= self.limit, {}


def corridors(count: int, mode: AutoresetMode = AutoresetMode.NEXT_STEP) -> VectorEnv[Any, Any, Any]:
    return gymnasium.vector.SyncVectorEnv([Corridor] * count, autoreset_mode=mode)


class Clockwork(VectorEnv[Any, Any, Any]):
    """Slots that end after 3, 4, ... steps; its whole state can be taken and put back."""

    metadata: Mapping[str, Any] = {"autoreset_mode": AutoresetMode.NEXT_STEP}

    def __init__(self, num_envs: int) -> None:
        self.num_envs = num_envs
        self.single_observation_space = gymnasium.spaces.Box(0, 255, (2, 3, 3), np.uint8)
        self.single_action_space = gymnasium.spaces.Discrete(3)
        self.clock = np.zeros(num_envs, dtype=np.int64)
        self.noise = np.zeros(1, dtype=np.uint64)

    def _seen(self) -> np.ndarray:
        rng = np.random.default_rng(int(self.noise[0]))
        seen = rng.integers(0, 256, (self.num_envs, 2, 3, 3), dtype=np.uint8)
        seen[:, 0, 0, 0] = self.clock
        return seen

    def reset(self, *, seed: Any = None, options: Any = None) -> tuple[np.ndarray, dict[str, Any]]:
        self.clock[:] = 0
        self.noise[:] = seed or 0
        return self._seen(), {}

    def step(self, actions: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, dict[str, Any]]:
        self.noise += np.uint64(1)
        ends = 3 + np.arange(self.num_envs)
        resetting = self.clock == ends
        self.clock = np.where(resetting, 0, self.clock + 1)
        terminated = self.clock == ends
        rewards = np.where(resetting, 0.0, (actions == self.clock % 3).astype(np.float64))
        return self._seen(), rewards, terminated, np.zeros_like(terminated), {}

    def get_state(self) -> dict[str, np.ndarray]:
        return {"clock": self.clock.copy(), "noise.count": self.noise.copy()}

    def set_state(self, state: Mapping[str, np.ndarray]) -> None:
        self.clock[:] = state["clock"]
        self.noise[:] = state["noise.count"]
