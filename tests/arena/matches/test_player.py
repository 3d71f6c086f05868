"""Who fills a seat acts once a decision, by what can be looked into."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from agents.agent import Agent, Insight
from arena.games import catalog
from arena.matches.player import Learning
from arena.store.records import Identity


class Fixed(Agent):
    """Always of the same opinion; counts how often it is asked."""

    def __init__(self, numbers: list[float], kind: Any, random: float = 0.0) -> None:
        self.numbers, self.kind, self.asked = np.array([numbers], np.float32), kind, 0
        self.random = random

    def act(self, observations: NDArray[Any], *, rng: Any = None) -> NDArray[np.int64]:
        raise AssertionError("it is asked for its thoughts only")

    def inspect(self, observations: NDArray[Any]) -> Insight:
        self.asked += 1
        return Insight(self.numbers, self.kind, random=self.random)

    def weights(self) -> dict[str, NDArray[Any]]:
        return {}

    def load_weights(self, weights: Any) -> None:
        pass


def seated(agent: Fixed, game_id: str = "maze/run") -> Learning:
    game = catalog.make(game_id)
    game.reset(1)
    player = Learning(Identity("agent:1", "ppo", "agent"), agent, greedy=False)
    player.begin(game, 0, 5)
    return player


def test_a_learner_draws_each_action_as_often_as_its_policy_says() -> None:
    shares = [0.5, 0.2, 0.0, 0.25, 0.05, 0.0]
    player = seated(Fixed(shares, "probability"))
    counts = np.bincount([player.act() for _ in range(4000)], minlength=6) / 4000
    assert counts == pytest.approx(shares, abs=0.03) and counts[2] == counts[5] == 0


def test_the_same_seed_draws_the_same() -> None:
    drawn = [
        [p.act() for _ in range(50)] for p in (seated(Fixed([0.2] * 6, "probability")) for _ in range(2))
    ]
    assert drawn[0] == drawn[1] and len(set(drawn[0])) > 3


def test_who_thinks_in_values_takes_the_greatest() -> None:
    player = seated(Fixed([-3.0, -1.0, -2.0, -9.0, -4.0, -5.0], "value"))
    assert {player.act() for _ in range(20)} == {1}


def test_what_is_shown_is_what_it_acted_by_and_it_is_asked_once_a_decision() -> None:
    agent = Fixed([1.0] + [0.0] * 5, "probability")
    player = seated(agent, "atari/pong")
    for _ in range(12):
        player.act()
        assert player.insight() is not None and player.observation is not None
    assert agent.asked == 3, "a decision every four frames"


def test_who_takes_any_action_at_times_does_so_as_often_as_it_says() -> None:
    player = seated(Fixed([-3.0, -1.0, -2.0, -9.0, -4.0, -5.0], "value", random=0.3))
    others = np.mean([player.act() != 1 for _ in range(4000)])
    assert others == pytest.approx(0.3 * 5 / 6, abs=0.03)
