"""Matches that are played side by side, so that an agent thinks about all of them at once.

A network takes little longer for ten positions than for one. What it answers may however differ by a rounding
where it is asked about another number of positions at once, or in another order. So each agent has a fixed
number of rows, each match has its own, and they stay where they are when matches end: what a match comes to
follows from which matches lie beside it, and not from how far they have come.
"""

import contextlib
import time
from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from agents.agent import Agent
from arena.matches.match import Match
from arena.matches.player import AgentPlayer

Name = TypeVar("Name", bound=Hashable)

SLICE = 32
"""Ticks that all matches advance between two looks at who has finished."""

LONGEST = 0.5
"""Seconds after which there is such a look before that, as some take seconds for a decision."""


class Together(Generic[Name]):
    """Matches by their names."""

    def __init__(
        self, matches: Mapping[Name, Match], rows: Mapping[Name, Sequence[int]], sizes: Mapping[int, int]
    ) -> None:
        """`rows` gives, for each seat of a match, the row of its agent there; `sizes` how many rows the agent
        of an `id` has."""
        self.playing = dict(matches)
        self._rows, self._sizes = rows, sizes
        self._seen: dict[int, NDArray[Any]] = {}
        """By an agent's `id`: what its players see, row by row."""

    def advance(self) -> Iterator[Name]:
        """All matches by some ticks; yields those that have ended, and plays them no more."""
        until = time.monotonic() + LONGEST
        for _ in range(SLICE):
            self._think()
            for match in self.playing.values():
                if not match.finished:
                    match.tick()
            if time.monotonic() > until:
                break
        for name in [name for name, match in self.playing.items() if match.finished]:
            yield name
            del self.playing[name]

    def _think(self) -> None:
        """Whoever is to decide at this tick is told what, where that can be found out for many at once. An
        agent that fails is asked for each of its players again, in its own match, which knows what to do."""
        asked: dict[tuple[int, bool], list[tuple[int, AgentPlayer]]] = {}
        agents: dict[int, Agent] = {}
        for name, match in self.playing.items():
            for seat, player in enumerate(match.players):
                if isinstance(player, AgentPlayer) and match.playing(seat) and player.decides:
                    agents[id(player.agent)] = player.agent
                    row = self._rows[name][seat]
                    asked.setdefault((id(player.agent), player.greedy), []).append((row, player))
        for (number, greedy), players in asked.items():
            with contextlib.suppress(Exception):
                self._ask(agents[number], self._sizes[number], greedy, players)

    def _ask(self, agent: Agent, rows: int, greedy: bool, players: Sequence[tuple[int, AgentPlayer]]) -> None:
        seen = self._seen.get(id(agent))
        for row, player in players:
            view = player.look()
            if seen is None:
                seen = self._seen[id(agent)] = np.zeros((rows, *view.shape), view.dtype)
            seen[row] = view
        assert seen is not None
        rng = None if greedy else Rows(rows, {row: player.rng for row, player in players})
        chosen = agent.act(seen, rng=rng)
        for row, player in players:
            player.decide(int(chosen[row]))


class Rows(np.random.Generator):
    """A generator whose every row is drawn by another: what is drawn for a player is what it would have drawn
    by itself."""

    def __init__(self, size: int, generators: Mapping[int, np.random.Generator]) -> None:
        super().__init__(np.random.PCG64(0))
        self._size, self._generators = size, generators

    def random(self, size: Any = None, *args: Any, **kwargs: Any) -> Any:
        self._check(size)
        drawn = np.zeros(self._size)
        for row, generator in self._generators.items():
            drawn[row] = generator.random(1)[0]
        return drawn

    def integers(  # type: ignore[override]
        self, low: Any, high: Any = None, size: Any = None, **kwargs: Any
    ) -> Any:
        self._check(size)
        drawn = np.zeros(self._size, np.int64)
        for row, generator in self._generators.items():
            drawn[row] = generator.integers(low, high, size=1, **kwargs)[0]
        return drawn

    def _check(self, size: Any) -> None:
        if size != self._size:
            raise ValueError(f"{self._size} rows are drawn at once, not {size}")
