"""Learners with their presets learn mazes, and what they learn holds on levels they have never seen."""

from typing import Any

import pytest

from agents.catalog import load
from arena.games import catalog
from arena.training.evaluate import strength
from arena.training.settings import Settings, configure


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("agent", "steps", "overrides", "share"),
    [
        ("ppo", 600_000, {}, 0.55),
        ("dqn", 200_000, {"epsilon_steps": "100000", "learning_starts": "5000"}, 0.3),
    ],
    ids=["ppo", "dqn"],
)
def test_small_mazes_are_solved_far_more_often_than_by_chance(
    agent: str, steps: int, overrides: dict[str, str], share: float
) -> None:
    options: dict[str, Any] = {"size": 9}
    config = configure(Settings(agent, "maze/run", steps=steps, overrides=overrides, options=options))
    envs = catalog.vector("maze/run", config.num_envs, 1, **options)
    learner = load(agent)(envs.single_observation_space, envs.single_action_space, config, seed=1)
    for _ in learner.learn(envs):
        pass
    envs.close()
    random = strength(None, "maze/run", games=200, seed=5, options=options)
    learned = strength(learner, "maze/run", games=200, seed=5, greedy=False, options=options)
    assert learned.estimate.low > share > random.estimate.high
