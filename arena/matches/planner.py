"""Go-Explore at the board: it explores in a copy of the very game that is played, and plays what it found.

It knows the future as far as the copy does: whoever plans so uses the simulator, and everybody is told.
"""

import hashlib
import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from gymnasium import spaces

from agents.exploring import END
from agents.go_explore import Alone, Config, GoExplore
from agents.presets import PRESETS
from arena.games.game import Game
from arena.matches.player import Player
from arena.store.records import Identity

if TYPE_CHECKING:
    from arena.games.restorable import Restorable

BUDGET = {"maze": 400_000, "atari": 30_000}
"""Actions that are tried for the first plan, before the match: five to ten seconds on a usual machine."""

LATER = {"maze": 30_000, "atari": 8_000}
"""The same for each that is made in the middle of it, where everybody waits: one or two seconds."""

PATIENCE = 3
"""Once a plan scores, exploring goes on for as many times what was tried till then, for a shorter one."""


class Planner(Player):
    """Explores at the start, and again where its plan is at an end or the game has gone another way."""

    deliberates = True

    def __init__(self, family: str) -> None:
        """For games of a family that can be put back."""
        preset = PRESETS["go-explore"].get(family, {})
        self._config, self._later = (
            Config(**{**preset, "total_steps": steps}) for steps in (BUDGET[family], LATER[family])
        )
        configs = [asdict(self._config), asdict(self._later)]
        content = json.dumps(["planner", PATIENCE, configs], sort_keys=True).encode()
        self.identity = Identity(
            f"agent:{hashlib.sha256(content).hexdigest()}",
            "go-explore",
            "agent",
            "planner: explores in a copy of the game",
        )

    def begin(self, game: Game, seat: int, seed: int) -> None:
        super().begin(game, seat, seed)
        self.ticks, self.action = 0, game.spec.idle_action
        self._simulator: Restorable | None = None
        self._make_plan(self._config)

    def act(self) -> int:
        if self.ticks % self.game.spec.ticks_per_decision == 0:
            if not self._plan or not self._copy.agrees(self.game):
                self._make_plan(self._later)
            self.action = self._plan.pop(0)
            self._copy.step(self.action)
        self.ticks += 1
        return self.action

    @property
    def _copy(self) -> "Restorable":
        assert self._simulator is not None
        return self._simulator

    def _make_plan(self, config: Config) -> None:
        """Explore from here. The plan is the shortest way to the highest score; where there is none, the
        longest way: who stays alive and gets far may find something there."""
        if self._simulator is not None:
            self._simulator.close()
        self._simulator = self.game.simulator(self.seat)
        unused = spaces.Discrete(self._copy.actions)
        learner = GoExplore(unused, unused, config, seed=int(self.rng.integers(2**31)))
        found: int | None = None
        for progress in learner.learn(Alone(self._copy)):
            if found is None and learner.record > 0:
                found = progress.step
            if found is not None and progress.step > (1 + PATIENCE) * found:
                break
        self._plan = list(_best(learner)) or [self.game.spec.idle_action]
        self._copy.reset()


def _best(learner: GoExplore) -> bytes:
    archive = learner.archive
    best = archive.best()
    if archive.scores[best] > 0:
        return archive.actions(best)
    ways = [n for n in range(len(archive)) if archive.names[n] != END and archive.scores[n] >= 0]
    longest = max(ways, key=lambda n: archive.lengths[n], default=best)
    return archive.actions(longest)
