"""What fills a seat."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from agents.agent import Agent, Insight
from arena.games.game import Game
from arena.store.records import Identity, Option


class Player(ABC):
    """Answers one action a tick for one seat of one game."""

    identity: Identity
    deliberates: bool = False
    """Whether it thinks for seconds in the middle of a match, so that no person can play against it in a game
    that does not wait for moves."""
    needs: Mapping[str, Option] = {}
    """Options that the game must be made with, so that the player sees what it learned to see."""
    game: Game
    seat: int

    def begin(self, game: Game, seat: int, seed: int) -> None:
        """Sit down at `game`, which has just been reset. All chance the player uses comes from `seed`."""
        self.game, self.seat = game, seat
        self.rng = np.random.default_rng(seed)

    @abstractmethod
    def act(self) -> int:
        """The action for this tick: an index into `game.spec.actions`."""

    def insight(self) -> Insight | None:
        """What the player thought at its last decision, where it thinks in values or probabilities."""
        return None


class Human(Player):
    """A person: `joystick` tells which action is held down now."""

    def __init__(self, name: str, joystick: Callable[[], int | None]) -> None:
        self.identity = Identity(f"human:{name}", name, "human")
        self.joystick = joystick

    def act(self) -> int:
        action = self.joystick()
        return self.game.spec.idle_action if action is None else action


class RandomPlayer(Player):
    """A uniformly random action at every decision: the zero of every rating."""

    identity = Identity("builtin:random", "random", "builtin")

    def begin(self, game: Game, seat: int, seed: int) -> None:
        super().begin(game, seat, seed)
        self.ticks, self.action = 0, game.spec.idle_action

    def act(self) -> int:
        if self.ticks % self.game.spec.ticks_per_decision == 0:
            self.action = int(self.rng.integers(len(self.game.spec.actions)))
        self.ticks += 1
        return self.action


class Noop(Player):
    """Does nothing, ever."""

    identity = Identity("builtin:noop", "noop", "builtin")

    def act(self) -> int:
        return self.game.spec.idle_action


class Pathfinder(Player):
    """Takes a shortest path, knowing the whole maze: the best a walker can do there."""

    identity = Identity("builtin:pathfinder", "pathfinder", "builtin", "sees the whole maze")

    def act(self) -> int:
        return self.game.shortest_path_action(self.seat)


class AgentPlayer(Player):
    """An agent, asked once every `ticks_per_decision` ticks; its action is held between."""

    def __init__(
        self, identity: Identity, agent: Agent, *, greedy: bool, needs: Mapping[str, Option] | None = None
    ) -> None:
        self.identity, self.agent, self.greedy, self.needs = identity, agent, greedy, needs or {}
        self._insight: Insight | None = None

    def begin(self, game: Game, seat: int, seed: int) -> None:
        super().begin(game, seat, seed)
        self.ticks, self.action = 0, game.spec.idle_action
        self._observations: np.ndarray[Any, Any] | None = None
        self._insight = None
        self._decided = False

    def act(self) -> int:
        if self.decides:
            observations = self.look()[np.newaxis]
            self.decide(int(self.agent.act(observations, rng=None if self.greedy else self.rng)[0]))
        self._decided = False
        self.ticks += 1
        return self.action

    @property
    def decides(self) -> bool:
        """Whether it is to decide anew at this tick, and has not been told what."""
        return self.ticks % self.game.spec.ticks_per_decision == 0 and not self._decided

    def look(self) -> np.ndarray[Any, Any]:
        """What it now decides on."""
        seen = self.game.observe(self.seat)
        self._observations, self._insight = seen[np.newaxis], None
        return seen

    def decide(self, chosen: int) -> None:
        """Take an action of the agent's, of what it sees: its own, or what it answered when it was asked for
        several players at once."""
        self.action, self._decided = self.game.meant(self.seat, chosen), True

    @property
    def observation(self) -> np.ndarray[Any, Any] | None:
        """What the last decision was made on; None before the first."""
        return None if self._observations is None else self._observations[0]

    def insight(self) -> Insight | None:
        """By the actions of the game, whatever they mean in what the agent sees."""
        if self._insight is None and self._observations is not None:
            self._insight = self.agent.inspect(self._observations)
        thought = self._insight
        if thought is None:
            return None
        count = thought.actions.shape[1]
        meant = [self.game.meant(self.seat, action) for action in range(count)]
        if meant == list(range(count)):
            return thought
        actions = np.empty_like(thought.actions)
        actions[:, meant] = thought.actions
        return replace(thought, actions=actions)


class Learning(AgentPlayer):
    """An agent that is looked at while it learns: it acts by the thoughts that are shown, so that it is asked
    once. Its actions are drawn, as in training: from its policy, or the best but for some at random.
    """

    def act(self) -> int:
        if self.ticks % self.game.spec.ticks_per_decision == 0:
            self._observations = self.game.observe(self.seat)[np.newaxis]
            self._insight = self.agent.inspect(self._observations)
            self.action = self.game.meant(self.seat, self._chosen(self._insight))
        self.ticks += 1
        return self.action

    def _chosen(self, thought: Insight) -> int:
        numbers = thought.actions[0].astype(np.float64)
        if thought.random and self.rng.random() < thought.random:
            return int(self.rng.integers(len(numbers)))
        if thought.kind == "value":
            return int(numbers.argmax())
        below = numbers.cumsum() < self.rng.random() * numbers.sum()
        return min(int(below.sum()), len(numbers) - 1)


BUILT_IN: dict[str, type[Player]] = {"random": RandomPlayer, "noop": Noop, "pathfinder": Pathfinder}
