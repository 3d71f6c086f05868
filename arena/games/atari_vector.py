"""Atari as training sees it: ale-py's C++ environments, set to the published recipe."""

import os
from collections.abc import Sequence
from typing import Any

import ale_py
import gymnasium
import numpy as np
from gymnasium.vector import AutoresetMode
from gymnasium.vector.utils import batch_space
from numpy.typing import NDArray

from arena.errors import UsageError
from arena.games.atari import MOST_NOOPS, STICKY, check_sticky
from arena.games.console import NOOP, Cartridge, cartridge
from arena.games.eyes import SIZE, STACK, TICKS_PER_DECISION

MAX_FRAMES = 108_000
"""Of an episode in training: half an hour, Machado et al. 2018. A match is over after five minutes."""


def make(
    game_id: str,
    num_envs: int,
    seed: int,
    *,
    sticky: float = STICKY,
    episodic_life: bool = True,
    reward_clipping: bool = True,
    threads: int = 0,
    **other: Any,
) -> "AtariVectorEnv":
    """`num_envs` emulators of one cartridge, in its usual mode and difficulty, on so many `threads`; 0 is
    one a core.

    Raises UsageError for an option that makes no sense, ArenaError for a ROM that is not there.
    """
    if other.pop("mode", None) is not None or other.pop("difficulty", None) is not None:
        raise UsageError("training plays a cartridge's usual mode and difficulty; leave these options out")
    if other:
        raise UsageError(
            f"atari training has no option '{min(other)}'; "
            "there are sticky, episodic_life, reward_clipping and threads"
        )
    if num_envs < 1:
        raise UsageError(f"{num_envs} environments: at least one is needed")
    if isinstance(threads, bool) or not isinstance(threads, int) or threads < 0:
        raise UsageError(f"threads={threads}: a whole number is needed, 0 for one a core")
    cart, count = cartridge(game_id), min(threads or os.cpu_count() or 1, num_envs)
    slots = [
        AtariSlots(
            cart,
            len(some),
            sticky=check_sticky(sticky),
            episodic_life=bool(episodic_life),
            reward_clipping=bool(reward_clipping),
        )
        for some in np.array_split(np.arange(num_envs), count)
    ]
    return AtariVectorEnv(slots, seed)


Stepped = tuple[NDArray[np.uint8], NDArray[Any], NDArray[Any], NDArray[Any], dict[str, Any]]


class AtariVectorEnv(gymnasium.vector.VectorEnv[NDArray[np.uint8], NDArray[Any], NDArray[Any]]):
    """Slots in as many groups as there are threads to emulate them, each slot as `AtariSlots` says.

    Either the whole is stepped, or each of what it is `divided` into, by whom and when they like: what
    happens in a slot is the same.
    """

    def __init__(self, parts: "Sequence[AtariSlots]", seed: int | None = None) -> None:
        self._parts = parts
        self.metadata = {"autoreset_mode": AutoresetMode.NEXT_STEP}
        self.num_envs = sum(part.num_envs for part in parts)
        self.single_observation_space = gymnasium.spaces.Box(0, 255, (STACK, SIZE, SIZE), np.uint8)
        self.single_action_space = gymnasium.spaces.Discrete(parts[0].actions)
        self.observation_space = batch_space(self.single_observation_space, self.num_envs)
        self.action_space = batch_space(self.single_action_space, self.num_envs)
        self._seed = seed

    def divided(self, count: int) -> "list[AtariVectorEnv]":
        """The same slots, in order, in at most `count` environments that different threads may step at the
        same time. They are reset and closed with the whole."""
        groups = np.array_split(np.arange(len(self._parts)), min(count, len(self._parts)))
        return [AtariVectorEnv([self._parts[index] for index in group]) for group in groups]

    def reset(
        self, *, seed: int | list[int | None] | None = None, options: dict[str, Any] | None = None
    ) -> tuple[NDArray[np.uint8], dict[str, Any]]:
        """New games in all slots. The first reset takes the seed that the environment was made with, where
        none is given; later ones go on with the generators as they are. A list has a seed for each slot."""
        seed, self._seed = self._seed if seed is None else seed, None
        if seed is None:
            seeds = np.full(self.num_envs, -1, np.int64)
        elif isinstance(seed, int):
            seeds = slot_seeds(seed, self.num_envs)
        else:
            seeds = np.array([-1 if one is None else one % 2**31 for one in seed], np.int64)
        observations, infos = zip(
            *(part.begin(some) for part, some in zip(self._parts, self._split(seeds), strict=True)),
            strict=True,
        )
        return np.concatenate(observations), self._join(infos)

    def step(self, actions: NDArray[Any]) -> Stepped:
        """Raises ValueError for actions out of range: ale-py would wait for them for ever."""
        self.step_async(actions)
        return self.step_wait()

    def step_async(self, actions: NDArray[Any]) -> None:
        """Begin a step, which the emulators' threads then take. Raises ValueError like `step`."""
        chosen = self._checked(actions)
        for part, some in zip(self._parts, self._split(chosen), strict=True):
            part.step_async(some)

    def step_wait(self) -> Stepped:
        """Wait for the step that was begun, and return what `step` does."""
        *columns, infos = zip(*(part.step_wait() for part in self._parts), strict=True)
        observations, rewards, terminated, truncated = map(np.concatenate, columns)
        return observations, rewards, terminated, truncated, self._join(infos)

    def _checked(self, actions: NDArray[Any]) -> NDArray[np.integer[Any]]:
        chosen, known = np.asarray(actions), self._parts[0].actions
        if chosen.shape != (self.num_envs,) or not np.issubdtype(chosen.dtype, np.integer):
            raise ValueError(
                f"{self.num_envs} whole numbers are wanted, and not {chosen.dtype} {chosen.shape}"
            )
        if chosen.min() < 0 or chosen.max() >= known:
            raise ValueError(f"actions {chosen.min()} to {chosen.max()}: 0 to {known - 1} are known")
        return chosen

    def _split(self, column: NDArray[Any]) -> list[NDArray[Any]]:
        return np.split(column, np.cumsum([part.num_envs for part in self._parts])[:-1])

    def _join(self, infos: Sequence[dict[str, Any]]) -> dict[str, Any]:
        """One dict of columns; what a part says nothing of is zero there."""
        joined: dict[str, Any] = {}
        for name, example in {name: value for info in infos for name, value in info.items()}.items():
            if isinstance(example, dict):
                joined[name] = self._join([info.get(name, {}) for info in infos])
            else:
                joined[name] = np.concatenate(
                    [
                        info.get(name, np.zeros(part.num_envs, example.dtype))
                        for info, part in zip(infos, self._parts, strict=True)
                    ]
                )
        return joined

    def close_extras(self, **kwargs: Any) -> None:
        """Ends the emulators' threads."""
        for part in self._parts:
            part.close()


class AtariSlots:
    """`num_envs` slots, each a game of its own with the observations and actions of `AtariGame`, emulated one
    after the other by one thread.

    Gymnasium's NEXT_STEP autoreset: the step after an episode's end is a reset, whatever the action, and is
    no data. Each game opens with up to 29 ticks of doing nothing.

    With `episodic_life` (Mnih 2015) a lost life also counts as an episode's end, so that the value of dying
    is nothing; the game itself goes on. The step after it does nothing for four ticks, and is no data.
    ale-py's own option of that name starts the game over instead, so that no agent would ever see a second
    life: it is not used.

    With `reward_clipping` the reward, of four ticks, is cut to [-1, 1].

    Whatever these two are, `infos["episode"]` tells of whole games, as Gymnasium's RecordEpisodeStatistics
    does: for the slots of `infos["_episode"]`, whose game has just ended, `r` is the game's own score and
    `l` its length in decisions. `infos` also has ale-py's `lives`, `frame_number`, `episode_frame_number`.

    Emulators here cannot be saved: an exact resume in the middle of a game is impossible.
    """

    def __init__(
        self,
        cart: Cartridge,
        num_envs: int,
        *,
        sticky: float,
        episodic_life: bool,
        reward_clipping: bool,
    ) -> None:
        self.num_envs, self.actions = num_envs, len(cart.codes)
        self._codes = np.array(cart.codes, np.int64)
        self._episodic_life, self._reward_clipping = episodic_life, reward_clipping
        self._strength = np.ones(num_envs, np.float32)
        self._ale = ale_py.ALEVectorInterface(
            rom_path=cart.path,
            num_envs=num_envs,
            frame_skip=TICKS_PER_DECISION,
            stack_num=STACK,
            img_height=SIZE,
            img_width=SIZE,
            grayscale=True,
            maxpool=True,
            noop_max=MOST_NOOPS,
            use_fire_reset=False,  # an agent must learn to serve in any case: after each lost life
            episodic_life=False,
            life_loss_info=False,
            reward_clipping=False,  # done here, so that the true score is known
            max_episode_steps=MAX_FRAMES,
            repeat_action_probability=sticky,
            full_action_space=True,  # an action is then the console's code for it
            batch_size=num_envs,
            num_threads=1,
            thread_affinity_offset=-1,
            autoreset_mode=AutoresetMode.NEXT_STEP.value,
        )

    def begin(self, seeds: NDArray[np.int64]) -> tuple[NDArray[np.uint8], dict[str, Any]]:
        """New games in all slots, whose seeds are `seeds` (num_envs,); -1 goes on with a slot's generator."""
        observations, infos = self._ale.reset(np.arange(self.num_envs), seeds)
        self._lives = infos["lives"].copy()
        self._game_over = np.zeros(self.num_envs, np.bool_)
        self._life_lost = np.zeros(self.num_envs, np.bool_)
        self._scores = np.zeros(self.num_envs, np.float64)
        self._lengths = np.zeros(self.num_envs, np.int64)
        return observations, {name: column for name, column in infos.items() if name != "env_id"}

    def step_async(self, chosen: NDArray[np.integer[Any]]) -> None:
        """Begin a step with `chosen` (num_envs,), all of them known; the emulators' thread then takes it."""
        self._ale.send(np.where(self._life_lost, NOOP, self._codes[chosen]), self._strength)

    def step_wait(self) -> Stepped:
        """Wait for the step that was begun, and return what `step` does."""
        observations, earned, terminated, truncated, infos = self._ale.recv()

        begun = self._game_over
        self._scores = np.where(begun, 0.0, self._scores + earned)
        self._lengths = np.where(begun, 0, self._lengths + 1)
        rewards = np.clip(earned, -1, 1) if self._reward_clipping else earned
        rewards = np.where(begun | self._life_lost, 0.0, rewards)

        self._game_over = terminated | truncated
        lives = infos["lives"]
        lost = (lives < self._lives) & (lives > 0) & ~begun & ~self._game_over
        self._life_lost = lost if self._episodic_life else np.zeros_like(lost)
        self._lives = lives.copy()
        infos = {name: column for name, column in infos.items() if name != "env_id"}
        if self._game_over.any():
            infos["episode"] = {
                "r": np.where(self._game_over, self._scores, 0.0),
                "l": np.where(self._game_over, self._lengths, 0),
            }
            infos["_episode"] = self._game_over.copy()
        return observations, rewards, terminated | self._life_lost, truncated, infos

    def close(self) -> None:
        """Ends the emulators' thread."""
        del self._ale


def slot_seeds(seed: int, num_envs: int) -> NDArray[np.int64]:
    """A seed from 0 to 2^31 - 1 for each slot; neighbouring seeds have no slot in common."""
    drawn = np.random.SeedSequence(seed % 2**63).generate_state(num_envs, np.uint32)
    return (drawn >> np.uint32(1)).astype(np.int64)
