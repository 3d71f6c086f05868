"""Atari as those see it who learn from demonstrations: games that begin anywhere in one."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import gymnasium
import numpy as np
from gymnasium.vector import AutoresetMode
from gymnasium.vector.utils import batch_space
from numpy.typing import NDArray

from agents.agent import CannotLearn
from agents.backward import Backward
from agents.demonstrations import Demonstration, Recording, Scouted
from arena.errors import UsageError
from arena.games.atari import MOST_NOOPS, STICKY, AtariGame, check_sticky
from arena.games.atari_vector import slot_seeds
from arena.games.console import cartridge
from arena.games.eyes import SIZE, STACK, TICKS_PER_DECISION
from arena.games.game import Snapshot
from arena.games.roms import UNSOUND

KEPT_EVERY = 10
"""Decisions between two snapshots of a demonstration."""

LONGER, SLACK = 1.5, 50
"""An attempt may take so many times the decisions that the demonstration takes from there, and so many
more."""


def make(game_id: str, num_envs: int, seed: int, *, sticky: float = STICKY, **other: Any) -> "AtariPractice":
    """Raises UsageError for an option that makes no sense, and for a cartridge whose saved states are not
    exact."""
    if other:
        raise UsageError(f"atari practice has no option '{min(other)}'; there is sticky")
    if game_id.removeprefix("atari/") in UNSOUND:
        raise UsageError(
            f"{game_id} cannot be practised: its emulator does not come back exactly to a saved state"
        )
    return AtariPractice(game_id, num_envs, seed, sticky=check_sticky(sticky))


class Guide(NamedTuple):
    """A demonstration to begin in."""

    opening: int
    """Ticks of doing nothing at its start."""
    actions: bytes
    snapshots: list[Snapshot]
    """Before every `KEPT_EVERY`th decision."""
    score: float
    """That it ends with."""


class Followed(NamedTuple):
    """A demonstration that was played from its start."""

    opening: int
    recording: Recording
    snapshots: list[Snapshot]
    lives: list[int]
    """At the start and after every decision."""


class AtariPractice(gymnasium.vector.VectorEnv[NDArray[np.uint8], NDArray[Any], NDArray[Any]]):
    """`num_envs` slots, each a game of its own as a match plays it, sticky.

    An attempt begins where `Backward` says: at the start of the game, with more and more of the openings that
    a match may have, or within a demonstration, from where on chance is drawn anew. It ends with a life lost,
    with as high a score as the demonstration's, or when that is overdue. `infos["episode"]` tells of it: `r`
    is what it has scored, `l` its decisions. Gymnasium's NEXT_STEP autoreset.
    """

    finds = False
    begins_anywhere = True
    openings = MOST_NOOPS - 1

    def __init__(self, game_id: str, num_envs: int, seed: int, *, sticky: float) -> None:
        cart = cartridge(game_id)
        self.num_envs = num_envs
        self.metadata = {"autoreset_mode": AutoresetMode.NEXT_STEP}
        self.single_observation_space = gymnasium.spaces.Box(0, 255, (STACK, SIZE, SIZE), np.uint8)
        self.single_action_space = gymnasium.spaces.Discrete(len(cart.codes))
        self.observation_space = batch_space(self.single_observation_space, num_envs)
        self.action_space = batch_space(self.single_action_space, num_envs)
        self._leader = AtariGame(cart, sticky=0.0, mode=None, difficulty=None)
        self._games = [AtariGame(cart, sticky=sticky, mode=None, difficulty=None) for _ in range(num_envs)]
        self._guides: list[Guide] = []
        self._backward: Backward | None = None
        self._seed: int | None = seed
        self._begun: list[tuple[int, int]] = [(0, 0)] * num_envs
        """Which demonstration each slot attempts, and from where."""
        self._left, self._lives, self._lengths = (np.zeros(num_envs, np.int64) for _ in range(3))
        self._base = np.zeros(num_envs)
        self._over = np.zeros(num_envs, np.bool_)

    def scout(self, seeds: Sequence[int], steps: int) -> Iterator[Scouted | None]:
        raise NotImplementedError("a game that is always the same has been explored by a run of its own")

    def metrics(self) -> dict[str, float]:
        if self._backward is None:
            return {}
        success = self._backward.success
        told = {} if success is None else {"practice/success": success}
        return {"practice/left": self._backward.left, **told}

    def record(self, demonstration: Demonstration) -> Recording:
        return self._followed(demonstration).recording

    def grow_up(self) -> None:
        raise NotImplementedError("only demonstrations tell where to begin")

    def attempt(self, demonstrations: Sequence[Demonstration], backward: Backward) -> None:
        """Raises CannotLearn for a demonstration that loses a life on its way."""
        self._guides = []
        for demonstration in demonstrations:
            followed = self._followed(demonstration)
            if any(after < before for before, after in pairwise(followed.lives[:-1])):
                raise CannotLearn("a demonstration that loses a life before its end cannot be attempted")
            score = float(followed.recording.rewards.sum())
            self._guides.append(Guide(followed.opening, demonstration.actions, followed.snapshots, score))
        self._backward = backward

    def _followed(self, demonstration: Demonstration) -> "Followed":
        game, actions = self._leader, np.frombuffer(demonstration.actions, np.uint8).astype(np.int64)
        if len(actions) and actions.max() >= len(game.spec.actions):
            raise ValueError(f"a demonstration takes action {actions.max()}, which {game.spec.id} has not")
        game.reset(demonstration.seed)
        opening, _ = game.holding
        frames, lives = [*game.observe(0)], [game.emulator.lives()]
        rewards: list[float] = []
        snapshots: list[Snapshot] = []
        for step, action in enumerate(actions.tolist()):
            if step % KEPT_EVERY == 0:
                snapshots.append(game.snapshot())
            reward, over = decide(game, action)
            rewards.append(reward)
            lives.append(game.emulator.lives())
            if over:
                break
            frames.append(game.observe(0)[-1])
        # Each observation is `STACK` frames in a row: a view of them takes a quarter of the memory.
        stacks = np.lib.stride_tricks.sliding_window_view(np.stack(frames), STACK, axis=0)
        observations = np.moveaxis(stacks, -1, 1)[: len(rewards)]
        recording = Recording(observations, actions[: len(rewards)], np.array(rewards))
        return Followed(opening, recording, snapshots, lives)

    def reset(
        self, *, seed: int | list[int | None] | None = None, options: dict[str, Any] | None = None
    ) -> tuple[NDArray[np.uint8], dict[str, Any]]:
        """New attempts in all slots. The first reset takes the seed that the environment was made with, where
        none is given; later ones go on with the generators as they are."""
        seed, self._seed = self._seed if seed is None else seed, None
        if seed is not None:
            seeds = slot_seeds(seed, self.num_envs).tolist() if isinstance(seed, int) else seed
            self._chances = [np.random.default_rng(one) for one in seeds]
        self._over[:] = False
        return np.stack([self._begin(slot) for slot in range(self.num_envs)]), {}

    def step(
        self, actions: NDArray[Any]
    ) -> tuple[NDArray[np.uint8], NDArray[Any], NDArray[Any], NDArray[Any], dict[str, Any]]:
        """Raises ValueError for actions out of range."""
        count = self.num_envs
        observations = np.empty((count, STACK, SIZE, SIZE), np.uint8)
        rewards, solved = np.zeros(count), np.zeros(count, np.bool_)
        terminated, truncated = np.zeros(count, np.bool_), np.zeros(count, np.bool_)
        for slot, (game, action) in enumerate(zip(self._games, actions.tolist(), strict=True)):
            if self._over[slot]:
                observations[slot] = self._begin(slot)
                continue
            rewards[slot], over = decide(game, action)
            observations[slot] = game.observe(0)
            self._lengths[slot] += 1
            self._left[slot] -= 1
            solved[slot] = game.scores()[0] >= self._guides[self._begun[slot][0]].score
            lives = game.emulator.lives()
            died = over or lives < self._lives[slot]
            self._lives[slot] = lives
            terminated[slot] = died or solved[slot]
            truncated[slot] = not terminated[slot] and self._left[slot] == 0
        self._over = terminated | truncated
        return observations, rewards, terminated, truncated, self._told(solved)

    def _told(self, solved: NDArray[np.bool_]) -> dict[str, Any]:
        """Of the attempts that are over, to `Backward` and to who learns."""
        if not self._over.any():
            return {}
        for slot in np.flatnonzero(self._over):
            if self._backward:
                self._backward.tell(*self._begun[slot], bool(solved[slot]))
        scores = np.array([game.scores()[0] for game in self._games])
        episode = {"r": scores - self._base, "l": self._lengths.copy()}
        return {"episode": episode, "_episode": self._over.copy()}

    def _begin(self, slot: int) -> NDArray[np.uint8]:
        """A new attempt. Returns what is seen at its start. Raises ValueError where there is nothing to
        attempt."""
        if self._backward is None:
            raise ValueError("practice needs demonstrations: `attempt` comes before the first reset")
        game, rng = self._games[slot], self._chances[slot]
        number, start = self._begun[slot] = self._backward.draw(rng)
        guide, chance = self._guides[number], int(rng.integers(2**31))
        if start <= 0:
            least, most = max(1, guide.opening + start), min(guide.opening - start, MOST_NOOPS)
            game.reset(chance, noops=int(rng.integers(least, most, endpoint=True)))
        else:
            leader, before = self._leader, start // KEPT_EVERY
            leader.restore(guide.snapshots[before])
            for action in guide.actions[before * KEPT_EVERY : start]:
                decide(leader, action)
            game.restore(leader.snapshot())
            game.gamble(chance)
        self._left[slot] = int(LONGER * (len(guide.actions) - max(start, 0))) + SLACK
        self._lives[slot], self._lengths[slot] = game.emulator.lives(), 0
        self._base[slot] = game.scores()[0]
        return game.observe(0)

    def close_extras(self, **kwargs: Any) -> None:
        for game in (self._leader, *self._games):
            game.close()


def decide(game: AtariGame, action: int) -> tuple[float, bool]:
    """An agent's decision, held as long as it is: (what the score rises by, whether the game is over)."""
    reward = 0.0
    for _ in range(TICKS_PER_DECISION):
        tick = game.tick((action,))
        reward += tick.rewards[0]
        if tick.ended:
            return reward, True
    return reward, False
