"""Strength is measured as it is told: intervals by the book, held-out levels, every level once."""

from pathlib import Path

import numpy as np
import pytest

from arena.errors import ArenaError
from arena.store import checkpoints, runs
from arena.training.evaluate import better_greedy, bootstrap, strength, wilson
from arena.training.promote import promote
from arena.training.run import train
from arena.training.settings import Settings


def test_wilsons_interval_is_the_published_one() -> None:
    found = wilson(8, 10)  # Wilson score, 95%: 0.4902 to 0.9433
    assert (found.mean, found.low, found.high) == pytest.approx((0.8, 0.4902, 0.9433), abs=1e-4)
    assert wilson(0, 50).low == 0
    assert wilson(0, 50).high == pytest.approx(0.0714, abs=1e-3)
    assert wilson(50, 50).high == pytest.approx(1)
    with pytest.raises(ValueError, match="at least one"):
        wilson(0, 0)


def test_the_bootstrap_covers_a_known_mean_as_often_as_it_says() -> None:
    rng = np.random.default_rng(0)
    covered = 0
    for seed in range(100):
        found = bootstrap(rng.normal(3.0, 2.0, size=80), seed)
        covered += found.low <= 3.0 <= found.high
    assert covered >= 87


def test_random_in_mazes_is_measured_the_same_twice_and_otherwise_with_another_seed() -> None:
    options: dict[str, int | str | float | bool] = {"size": 7}
    one, again = (strength(None, "maze/run", games=60, seed=1, options=options) for _ in range(2))
    assert one == again
    assert one != strength(None, "maze/run", games=60, seed=2, options=options)
    assert one.measure == "solved"
    assert 0.05 < one.estimate.mean < 0.95
    assert str(one).startswith("solves ")


def test_a_game_that_is_neither_maze_nor_versus_is_measured_by_its_own_score() -> None:
    found = strength(None, "gym/CartPole-v1", games=5, seed=1)
    assert found.measure == "score"
    assert 8 <= found.estimate.low <= found.estimate.mean <= found.estimate.high < 100
    assert found == strength(None, "gym/CartPole-v1", games=5, seed=1)


TINY = {"num_envs": "32", "num_steps": "32", "total_steps": "60000", "hidden_size": "32"}


def test_a_run_becomes_a_champion_with_a_card_and_beats_random(saves: Path) -> None:
    *_, last = train(Settings("ppo", "maze/run", options={"size": 7}, overrides=TINY))
    meta = promote(last.run, games=100)
    assert meta.folder == saves / "champions/maze/run/ppo"
    assert [champion.digest for champion in checkpoints.champions("maze/run")] == [meta.digest]
    card = meta.card
    assert card["interval"][0] <= card["score"] <= card["interval"][1]
    assert card["score"] > card["random"]["score"]
    assert (card["game"], card["episodes"], card["steps"]) == ("maze/run", 100, last.step)
    assert card["summary"].startswith("solves ")
    assert card["machine"]["cores"] >= 1
    assert card["seconds"] > 0
    assert meta.options == {}, "a champion plays the game as it is offered, not the size it was trained on"
    agent, _ = checkpoints.load_agent(meta.folder)
    again = strength(agent, "maze/run", games=100, seed=20_000, greedy=meta.greedy)
    assert again.estimate.mean == pytest.approx(card["score"], abs=0.03)  # half precision


def test_the_stronger_way_to_play_is_found() -> None:
    *_, last = train(Settings("ppo", "gym/CartPole-v1", overrides={"total_steps": "20000"}))
    folder = runs.find(last.run).checkpoint
    assert folder is not None
    agent, _ = checkpoints.load_agent(folder)
    ways = [
        strength(agent, "gym/CartPole-v1", games=10, seed=3, greedy=way).estimate.mean
        for way in (True, False)
    ]
    assert better_greedy(agent, "gym/CartPole-v1", games=10, seed=3, options={}) == (ways[0] >= ways[1])


def test_a_run_without_a_checkpoint_makes_no_champion() -> None:
    opened = runs.create(agent="ppo", game="maze/run", options={}, seed=0, config={"total_steps": 100})
    opened.close()
    with pytest.raises(ArenaError, match="no checkpoint yet"):
        promote(opened.id)
    assert checkpoints.champions() == []
