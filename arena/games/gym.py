"""Any Gymnasium environment with discrete actions and a picture: `gym/CartPole-v1`, MiniGrid, your own. What
holds for all of them (`gym_rules` tells people of each):

Observation: what the environment gives. Vectors are made float32; the number of a state becomes one-hot, and
    several numbers one vector; a picture stays as it is. Where there are several things by name and one is
    called "image", it is that one alone (MiniGrid: the seven by seven cells ahead, as numbers of what is
    there, without the direction, which it shows, and without the words).
Actions: the environment's own, by number where it has no names for them. Where nothing is pressed, it is the
    one that does nothing; some environments have none, and take their first action all the time.
Rewards: the environment's own.
Scoring: the sum of the rewards, since there is no other score; a match with one that is no finite number is
    void.
Termination: when the environment says so, or its time limit; 1,000 steps where it has none.
Options: those of the environment, such as map_name or is_slippery for FrozenLake.
"""

import difflib
import hashlib
import math
import warnings
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from importlib.util import find_spec
from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces
from gymnasium.vector import AutoresetMode, SyncVectorEnv
from numpy.typing import NDArray

from arena.errors import ArenaError, UsageError
from arena.games import gym_listing
from arena.games.game import Game, GameSpec, Snapshot, Tick

TICK_RATE = 10.0
"""Ticks a second where the environment's metadata names none."""

MAX_STEPS = 1_000
"""Of an environment that has no time limit of its own."""

COMPASS = ("left", "down", "right", "up")
MINIGRID_ACTIONS = ("left", "right", "forward", "pickup", "drop", "toggle", "done")

ACTIONS: Mapping[str, tuple[str, ...]] = {
    "CartPole": ("left", "right"),
    "MountainCar": ("left", "noop", "right"),
    "Acrobot": ("left", "noop", "right"),
    "LunarLander": ("noop", "left", "up", "right"),
    "FrozenLake": COMPASS,
    "FrozenLake8x8": COMPASS,
    "CliffWalking": ("up", "right", "down", "left"),
    "CliffWalkingSlippery": ("up", "right", "down", "left"),
    "Taxi": ("down", "up", "right", "left", "pickup", "drop"),
    "Blackjack": ("stick", "hit"),
}
"""Names of actions, in order, by the environment's name without its version."""

IDLE = ("noop", "done")
"""Names of what does nothing."""


def make(game_id: str, **options: Any) -> "GymGame":
    """The environment, drawing pictures.

    Raises UsageError for an unknown environment or option, or one that cannot be played here; ArenaError
    where something that it needs is not installed.
    """
    return GymGame(game_id, options)


def vector(game_id: str, num_envs: int, seed: int, **options: Any) -> "GymVectorEnv":
    """`num_envs` of it, one after another in this process; autoreset NEXT_STEP. Raises as `make`."""
    if num_envs < 1:
        raise UsageError(f"{num_envs} environments: at least one is needed")
    _environment(game_id, options).close()  # so that what is wrong is said in words
    return GymVectorEnv([partial(_environment, game_id, options)] * num_envs, seed)


def _environment(
    game_id: str, options: Mapping[str, Any], render_mode: str | None = None
) -> gymnasium.Env[Any, Any]:
    name = game_id.removeprefix("gym/")
    if find_spec("minigrid") is not None and name.startswith("MiniGrid-"):
        import minigrid  # noqa: F401 - registers its environments
    missing = gym_listing.gym_entry(game_id).missing
    if missing is not None:
        raise ArenaError(f"{game_id} cannot be played here: {missing}")
    try:
        spec = gymnasium.spec(name)
        with warnings.catch_warnings(action="ignore"):  # of a missing render mode, which is refused below
            env = gymnasium.make(name, render_mode=render_mode, disable_env_checker=True, **options)
    except (gymnasium.error.UnregisteredEnv, gymnasium.error.DeprecatedEnv) as error:
        raise UsageError(f"no game is called '{game_id}'{_nearest(name)}") from error
    except (gymnasium.error.DependencyNotInstalled, ImportError) as error:
        raise ArenaError(f"{game_id} cannot be played here: {error}") from error
    except Exception as error:  # other people's code: it may raise anything
        given = ", ".join(f"{key}={value}" for key, value in options.items())
        why = str(error).partition(" was raised from")[0]
        raise UsageError(f"{game_id} cannot be made{f' with {given}' if given else ''}: {why}") from error
    if not isinstance(env.action_space, spaces.Discrete):
        raise UsageError(
            f"{game_id} has no discrete actions but {env.action_space}; it cannot be played here"
        )
    if "rgb_array" not in env.metadata.get("render_modes", ()):
        raise UsageError(f"{game_id} draws no picture (render mode rgb_array); it cannot be played here")
    if spec.max_episode_steps is None and not hasattr(env.unwrapped, "max_steps"):
        env = gymnasium.wrappers.TimeLimit(env, MAX_STEPS)
    return Encoded(env)


def _nearest(name: str) -> str:
    known = list(gymnasium.registry)
    same = [key for key in known if key.rpartition("-v")[0].lower() == name.rpartition("-v")[0].lower()]
    near = sorted(same, reverse=True)[:1] or difflib.get_close_matches(name, known, n=3, cutoff=0.6)
    return f" (did you mean {' or '.join(f'gym/{key}' for key in near)}?)" if near else ""


class Encoded(gymnasium.ObservationWrapper[NDArray[Any], Any, Any]):
    """Observations as agents here are given them, and actions counted from 0, in matches and in training."""

    def __init__(self, env: gymnasium.Env[Any, Any]) -> None:
        super().__init__(env)
        self.observation_space, self._encode = _encoding(env.observation_space)
        assert isinstance(env.action_space, spaces.Discrete)
        self._first = int(env.action_space.start)
        self.action_space = spaces.Discrete(int(env.action_space.n))

    def step(self, action: Any) -> tuple[NDArray[Any], Any, bool, bool, dict[str, Any]]:
        return super().step(self._first + action)

    def observation(self, observation: Any) -> NDArray[Any]:
        return self._encode(observation)


def _encoding(space: spaces.Space[Any]) -> tuple[spaces.Box, Callable[[Any], NDArray[Any]]]:
    """What is made of observations in `space`, and how."""
    if isinstance(space, spaces.Dict) and "image" in space.spaces:
        box, encode = _encoding(space["image"])
        return box, lambda observation: encode(observation["image"])
    if isinstance(space, spaces.Box):
        dtype = np.uint8 if space.dtype == np.uint8 else np.float32
        box = spaces.Box(space.low.astype(dtype), space.high.astype(dtype), dtype=dtype)
        return box, lambda observation: np.array(observation, dtype)
    flat = spaces.flatten_space(space)
    if not isinstance(flat, spaces.Box):
        raise UsageError(f"observations in {space} are of no fixed size; they cannot be given to an agent")
    box = spaces.Box(flat.low.astype(np.float32), flat.high.astype(np.float32), dtype=np.float32)
    return box, lambda observation: np.asarray(spaces.flatten(space, observation), np.float32)


def _action_names(name: str, count: int) -> tuple[str, ...]:
    known = MINIGRID_ACTIONS if name.startswith("MiniGrid-") else ACTIONS.get(name.rpartition("-v")[0], ())
    return known[:count] if len(known) >= count else tuple(f"action {number}" for number in range(count))


class GymGame(Game):
    """One environment. Its state is the seed and the actions since: environments are deterministic given
    these, and have no other way to be saved that holds for all. So a snapshot is these, `restore` plays them
    again, and the digest is of them, the last observation and the score."""

    def __init__(self, game_id: str, options: Mapping[str, Any]) -> None:
        self._env = _environment(game_id, options, "rgb_array")
        space = self._env.action_space
        assert isinstance(space, spaces.Discrete)
        self._count = int(space.n)
        name = game_id.removeprefix("gym/")
        actions = _action_names(name, self._count)
        self.spec = GameSpec(
            id=game_id,
            title=gym_listing.gym_entry(game_id).title,
            seats=1,
            actions=actions,
            idle_action=next((actions.index(idle) for idle in IDLE if idle in actions), 0),
            tick_rate=float(self._env.metadata.get("render_fps") or TICK_RATE),
        )
        self._options = dict(options)

    def reset(self, seed: int) -> None:
        """Start anew. Seeds are taken modulo 2^31."""
        self._seed = seed % 2**31
        self._observation, _ = self._env.reset(seed=self._seed)
        self._played = bytearray()
        self._score = 0.0

    def tick(self, actions: Sequence[int]) -> Tick:
        """Raises ArenaError where the environment's score is no finite number any more."""
        (action,) = actions
        if not 0 <= action < self._count:
            raise ValueError(f"action {action}: 0 to {self._count - 1} are known")
        self._observation, reward, terminated, truncated, _ = self._env.step(action)
        self._played += action.to_bytes(2, "little")
        self._score += float(reward)
        if not math.isfinite(self._score):
            raise ArenaError(
                f"{self.spec.id} gave the reward {float(reward)} at step {len(self._played) // 2}: the match"
                " is void, since its score is no finite number; mend the environment"
            )
        return Tick((float(reward),), terminated=bool(terminated), truncated=bool(truncated))

    def observe(self, seat: int) -> NDArray[Any]:
        observation: NDArray[Any] = self._observation.copy()
        return observation

    def frame(self, seat: int | None = None, *, blend: float = 1.0) -> NDArray[np.uint8]:
        return np.asarray(self._env.render(), np.uint8)

    def scores(self) -> tuple[float, ...]:
        return (self._score,)

    def snapshot(self) -> Snapshot:
        return Snapshot(self.spec.id, (self._seed, bytes(self._played)))

    def restore(self, snapshot: Snapshot) -> None:
        if snapshot.game != self.spec.id:
            raise ValueError(f"a snapshot of {snapshot.game} was given to {self.spec.id}")
        seed, played = snapshot.state
        self.reset(seed)
        for at in range(0, len(played), 2):
            self.tick((int.from_bytes(played[at : at + 2], "little"),))

    def digest(self) -> int:
        content = (self.spec.id, sorted(self._options.items()), self._seed, self._score)
        digest = hashlib.blake2b(repr(content).encode(), digest_size=8)
        digest.update(self._played)
        digest.update(self._observation.tobytes())
        return int.from_bytes(digest.digest(), "little")

    def close(self) -> None:
        """Environments that draw with pygame would end all of pygame on closing, and with it the window that
        the game is shown in; they are made to forget their pictures first."""
        for picture in ("screen", "window", "window_surface"):
            if getattr(self._env.unwrapped, picture, None) is not None:
                setattr(self._env.unwrapped, picture, None)
        self._env.close()


class Retraced(gymnasium.Wrapper[NDArray[Any], Any, NDArray[Any], Any]):
    """An environment that can be put back: every episode has a seed of its own, so that it and the actions
    since are all there is to know (see `GymGame`)."""

    def __init__(self, env: gymnasium.Env[Any, Any]) -> None:
        super().__init__(env)
        self._seed, self._episode = 0, 0
        self._played: list[int] = []

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[NDArray[Any], dict[str, Any]]:
        """With `seed`, the first of a series of episodes; without, the next."""
        if seed is not None:
            self._seed, self._episode = seed, 0
        else:
            self._episode += 1
        self._played.clear()
        return self.env.reset(seed=self._of_episode(), options=options)

    def _of_episode(self) -> int:
        if self._episode == 0:
            return self._seed
        [drawn] = np.random.SeedSequence([self._seed, self._episode]).generate_state(1)
        return int(drawn >> 1)

    def step(self, action: Any) -> tuple[NDArray[Any], Any, bool, bool, dict[str, Any]]:
        self._played.append(int(action))
        return self.env.step(action)

    def trace(self) -> tuple[int, int, list[int]]:
        """The seed of the series, the number of the episode in it, and the actions since it began."""
        return self._seed, self._episode, list(self._played)

    def retrace(self, seed: int, episode: int, played: Sequence[int]) -> None:
        """Go where `trace` was called."""
        self._seed, self._episode = seed, episode - 1
        if episode:
            self.reset()
        else:
            self.reset(seed=seed)
        for action in played:
            self.step(action)


class GymVectorEnv(SyncVectorEnv):
    """The environments side by side. The first reset takes the seed they were made with, where it is given
    none; slot i has seed + i."""

    envs: tuple[Retraced, ...]  # type: ignore[assignment]

    def __init__(self, makers: Sequence[Callable[[], gymnasium.Env[Any, Any]]], seed: int) -> None:
        retraced = [lambda make=make: Retraced(make()) for make in makers]
        super().__init__(retraced, autoreset_mode=AutoresetMode.NEXT_STEP)
        self._first_seed: int | None = seed % 2**31

    def reset(
        self, *, seed: int | list[int | None] | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Any, dict[str, Any]]:
        if seed is None:
            seed = self._first_seed
        self._first_seed = None
        return super().reset(seed=seed, options=options)

    def get_state(self) -> dict[str, NDArray[Any]]:
        """Where every environment is, by name: `actions` (N, longest) since each one's episode began, their
        `counts` (N,), and what else `set_state` needs."""
        seeds, episodes, played = zip(*(env.trace() for env in self.envs), strict=True)
        counts = np.array([len(actions) for actions in played])
        actions = np.zeros((self.num_envs, counts.max()), np.int64)
        for row, taken in zip(actions, played, strict=True):
            row[: len(taken)] = taken
        return {
            "seeds": np.array(seeds, np.int64),
            "episodes": np.array(episodes, np.int64),
            "actions": actions,
            "counts": counts,
            "ended": np.array(self._autoreset_envs),
        }

    def set_state(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Go on where `get_state` was called, by playing the episodes again. Raises KeyError or ValueError
        where the state is not that of as many environments."""
        if len(state["seeds"]) != self.num_envs:
            raise ValueError(f"the state is of {len(state['seeds'])} environments, not of {self.num_envs}")
        for slot, env in enumerate(self.envs):
            played = state["actions"][slot, : state["counts"][slot]].tolist()
            env.retrace(int(state["seeds"][slot]), int(state["episodes"][slot]), played)
        self._autoreset_envs = np.array(state["ended"], np.bool_)

    def step(
        self, actions: NDArray[Any]
    ) -> tuple[Any, NDArray[Any], NDArray[Any], NDArray[Any], dict[str, Any]]:
        """Raises ValueError for actions out of range."""
        space = self.single_action_space
        assert isinstance(space, spaces.Discrete)
        chosen = np.asarray(actions)
        if chosen.min() < 0 or chosen.max() >= space.n:
            raise ValueError(f"actions {chosen.min()} to {chosen.max()} are not all in {space}")
        return super().step(actions)
