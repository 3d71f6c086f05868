"""A maze as a match sees it: one world, one tick at a time."""

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from arena.games.game import Game, GameSpec, Snapshot, Tick
from arena.games.maze import art
from arena.games.maze.chance import mix
from arena.games.maze.crew import Crew
from arena.games.maze.rules import Options
from arena.games.maze.world import ACTIONS, BORDER, STAY, Worlds, allocate, allocate_outcome

if TYPE_CHECKING:
    from arena.games.maze.restorable import MazeSimulator

TICK_RATE = 8.0
"""Moves a second: brisk for a person, and readable."""


class MazeGame(Game):
    """One world of a maze game."""

    reach = BORDER
    """How many tiles away players see."""

    def __init__(self, options: Options) -> None:
        self.options, self.settings = options, options.settings()
        self.worlds = allocate(1, options.seats, options.size)
        shape = options.observation_shape()
        self._outcome = allocate_outcome(1, options.seats, int(np.prod(shape)))
        self._crew = Crew(options.rules.work, self.worlds, self.settings)
        self._shape = shape
        self.spec = GameSpec(
            id=f"maze/{options.name}",
            title=options.name.title(),
            seats=options.seats,
            actions=ACTIONS,
            idle_action=STAY,
            tick_rate=TICK_RATE,
        )

    def reset(self, seed: int) -> None:
        self.worlds.seed[0] = level_seed(seed)
        self.worlds.episode[0] = 0
        self.worlds.over[0] = 1
        self._step(np.full(self.spec.seats, STAY, np.int64))

    def tick(self, actions: Sequence[int]) -> Tick:
        if len(actions) != self.spec.seats or not all(0 <= action < len(ACTIONS) for action in actions):
            raise ValueError(
                f"actions {list(actions)}: {self.spec.seats} of 0 to {len(ACTIONS) - 1} are needed"
            )
        if self.worlds.over[0]:
            raise ValueError("the level is over: reset the game before its next tick")
        self._step(np.array(actions, np.int64))
        return Tick(
            rewards=tuple(map(float, self._outcome.rewards[0])),
            terminated=bool(self._outcome.terminated[0]),
            truncated=bool(self._outcome.truncated[0]),
        )

    def _step(self, actions: NDArray[np.int64]) -> None:
        self._crew.step(actions[np.newaxis], self._outcome)

    def observe(self, seat: int) -> NDArray[Any]:
        if self.options.observation == "picture":
            return self.frame(seat)
        observation: NDArray[np.uint8] = self._outcome.observations[0, seat].reshape(self._shape).copy()
        return observation

    def frame(
        self,
        seat: int | None = None,
        *,
        blend: float = 1.0,
        tile: int = art.TILE,
        colours: Sequence[art.Colour] = art.SEATS,
    ) -> NDArray[np.uint8]:
        """(tile x size, tile x size, 3), each seat's player in its colour."""
        return art.draw(self.worlds, self.options.rules, seat, blend, tile=tile, colours=colours)

    def standing(self, seat: int, blend: float = 1.0) -> tuple[float, float]:
        """Row and column of a player's tile, `blend` of the way there from the one it stood on before."""
        at, before = (part[0, seat].astype(float) - BORDER for part in (self.worlds.at, self.worlds.before))
        row, column = before + blend * (at - before)
        return float(row), float(column)

    def scores(self) -> tuple[float, ...]:
        return tuple(map(float, self.worlds.score[0]))

    def snapshot(self) -> Snapshot:
        return Snapshot(
            self.spec.id, ([part.copy() for part in self.worlds], self._outcome.observations.copy())
        )

    def restore(self, snapshot: Snapshot) -> None:
        if snapshot.game != self.spec.id:
            raise ValueError(f"a snapshot of {snapshot.game} does not fit {self.spec.id}")
        parts, observations = snapshot.state
        for name, saved in zip(Worlds._fields, parts, strict=True):
            getattr(self.worlds, name)[:] = saved
        self._outcome.observations[:] = observations

    def digest(self) -> int:
        return digest(self.worlds)

    def simulator(self, seat: int) -> "MazeSimulator":
        from arena.games.maze.restorable import MazeSimulator

        twin, now = MazeGame(self.options), self.snapshot()
        left = int(self.settings.max_steps) - int(self.worlds.time[0])
        return MazeSimulator(twin, lambda: twin.restore(now), seat=seat, longest=left)

    def shortest_path_action(self, seat: int) -> int:
        """What the game's own guide says; but of players who have just kept each other from moving, one goes
        on and the others wait, since all of them going on would bring the same again for ever."""
        action = int(self.options.rules.guide(self.worlds, seat))
        at, before = self.worlds.at[0].astype(int), self.worlds.before[0]
        near = np.abs(at - at[seat]).sum(axis=1) <= 2
        stuck = near.sum() > 1 and (at[seat] == before[seat]).all()
        turn = int(self.worlds.time[0]) % self.spec.seats
        return STAY if stuck and turn != seat else action


def level_seed(seed: int) -> np.uint64:
    """What a world's levels are made from, for a seed that a person or a match names."""
    return np.uint64(mix(np.uint64(seed % 2**64)))


def digest(worlds: Worlds) -> int:
    """64 bits of everything there is in `worlds`."""
    content = hashlib.blake2b(digest_size=8)
    for part in worlds:
        content.update(np.ascontiguousarray(part).view(np.uint8).data)
    return int.from_bytes(content.digest(), "little")
