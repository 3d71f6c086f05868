"""Go-Explore at the board: it explores in a copy of the very game that is played, and plays what it found.

It knows the future as far as the copy does: whoever plans so uses the simulator, and everybody is told.
"""

import hashlib
import json
from dataclasses import asdict

from gymnasium import spaces

from agents.exploring import END
from agents.go_explore import Alone, Config, GoExplore
from agents.presets import PRESETS
from arena.games.game import Game
from arena.matches.player import Player
from arena.store.records import Identity

BUDGET = {"maze": 400_000, "atari": 30_000}
"""Actions that are tried for one plan: five to ten seconds."""

PATIENCE = 3
"""Once a plan scores, exploring goes on for as many times what was tried till then, for a shorter one."""


class Planner(Player):
    """Explores at the start, and again where its plan is at an end or the game has gone another way."""

    def __init__(self, family: str) -> None:
        """For games of a family that can be put back."""
        settings = {**PRESETS["go-explore"].get(family, {}), "total_steps": BUDGET[family]}
        self._config = Config(**settings)
        content = json.dumps(["planner", PATIENCE, asdict(self._config)], sort_keys=True).encode()
        self.identity = Identity(
            f"agent:{hashlib.sha256(content).hexdigest()}",
            "go-explore",
            "agent",
            f"planner: tries {self._config.total_steps:,} actions in a copy of the game",
        )

    def begin(self, game: Game, seat: int, seed: int) -> None:
        super().begin(game, seat, seed)
        self.ticks, self.action = 0, game.spec.idle_action
        self._make_plan()

    def act(self) -> int:
        if self.ticks % self.game.spec.ticks_per_decision == 0:
            if not self._plan or not self._simulator.agrees(self.game):
                self._make_plan()
            self.action = self._plan.pop(0)
            self._simulator.step(self.action)
        self.ticks += 1
        return self.action

    def _make_plan(self) -> None:
        """Explore from here. The plan is the shortest way to the highest score; where there is none, the
        longest way: who stays alive and gets far may find something there."""
        self._simulator = self.game.simulator(self.seat)
        unused = spaces.Discrete(self._simulator.actions)
        learner = GoExplore(unused, unused, self._config, seed=int(self.rng.integers(2**31)))
        found: int | None = None
        for progress in learner.learn(Alone(self._simulator)):
            if found is None and learner.record > 0:
                found = progress.step
            if found is not None and progress.step > (1 + PATIENCE) * found:
                break
        self._plan = list(_best(learner)) or [self.game.spec.idle_action]
        self._simulator.reset()


def _best(learner: GoExplore) -> bytes:
    archive = learner.archive
    best = archive.best()
    if archive.scores[best] > 0:
        return archive.actions(best)
    ways = [n for n in range(len(archive)) if archive.names[n] != END and archive.scores[n] >= 0]
    longest = max(ways, key=lambda n: archive.lengths[n], default=best)
    return archive.actions(longest)
