"""Levels explored until their reward is found."""

from typing import TYPE_CHECKING, cast

import numpy as np
import pytest
from numpy.typing import NDArray

from agents.demonstrations import Scouted
from agents.go_explore import Config
from arena.games import catalog
from arena.games.scouting import scout, shortened
from tests.agents.chain_world import LENGTH, Chain

if TYPE_CHECKING:
    from arena.games.restorable import Restorable

OPTIONS = {"size": 9}
CONFIG = Config(total_steps=60_000, explore_steps=30, repeat=0.5, cell_width=9, cell_height=9)


def score(seed: int, actions: bytes) -> float:
    """Of a level in a match's game."""
    game = catalog.make("maze/vault", levels="train", **OPTIONS)
    game.reset(seed)
    total = 0.0
    for action in actions:
        tick = game.tick((action,))
        total += tick.rewards[0]
        if tick.ended:
            break
    return total


def test_a_reward_is_found_and_a_way_to_it_without_detours() -> None:
    *going_on, last = scout("maze/vault", OPTIONS, 3, CONFIG)
    assert isinstance(last, Scouted) and last.demonstration is not None
    assert set(going_on) <= {None} and 0 < last.steps < CONFIG.total_steps
    assert last.demonstration.seed == 3
    assert score(3, last.demonstration.actions) == 1.0
    assert list(scout("maze/vault", OPTIONS, 3, CONFIG))[-1] == last
    stays = bytes([4])
    for at in range(1, len(last.demonstration.actions)):
        shorter = last.demonstration.actions[:at] + last.demonstration.actions[at + 1 :]
        assert score(3, shorter + stays) == 0.0, "no action is for nothing"


def test_where_no_reward_is_found_that_is_said() -> None:
    config = Config(total_steps=300, explorations=5, explore_steps=30, cell_width=9, cell_height=9)
    *_, last = scout("maze/vault", OPTIONS, 3, config)
    assert last == Scouted(300, None)


def test_a_trajectory_that_scores_less_without_its_loops_stays_as_it_is() -> None:
    class Stubborn(Chain):
        """Only pays who has once been back at its start, which is not to be seen."""

        def reset(self) -> None:
            super().reset()
            self.back = False

        def step(self, action: int) -> tuple[float, bool]:
            reward, over = super().step(action)
            self.back |= self.at == 0
            return reward * self.back, over

        def frame(self) -> NDArray[np.uint8]:
            return self.picture()

    there, and_back = bytes([1] * (LENGTH - 1)), bytes([1, 1, 0, 0])
    assert shortened(cast("Restorable", Chain()), and_back + there) == there
    assert shortened(cast("Restorable", Stubborn()), and_back + there) == and_back + there


@pytest.mark.parametrize("seed", range(8))
def test_what_is_shortened_scores_as_much_where_a_wrong_step_ends_the_game(seed: int) -> None:
    simulator = catalog.simulator("maze/windy", seed, size=9)
    wander = bytes(np.random.default_rng(seed).integers(6, size=200).tolist())

    def total(actions: bytes) -> float:
        simulator.reset()
        reward = 0.0
        for action in actions:
            gained, over = simulator.step(action)
            reward += gained
            if over:
                break
        return reward

    short = shortened(simulator, wander)
    assert len(short) <= len(wander) and total(short) == total(wander)
