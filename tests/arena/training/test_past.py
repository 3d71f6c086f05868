"""Playing against oneself, as one is and as one was."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium.vector import AutoresetMode

from agents.agent import Agent, Insight
from arena.errors import ArenaError
from arena.store import pools
from arena.training import past
from arena.training.past import AgainstThePast

LENGTH = 5
"""Steps of a game."""


class Duel(gymnasium.vector.VectorEnv[Any, Any, Any]):
    """Games for two of five steps: the higher action scores a point at each. It is seen who sits where."""

    def __init__(self, num_envs: int) -> None:
        self.num_envs, self.time = num_envs, 0
        self.metadata = {"autoreset_mode": AutoresetMode.NEXT_STEP}
        self.single_observation_space = gymnasium.spaces.Box(-9, 9, (1,), np.float32)
        self.single_action_space = gymnasium.spaces.Discrete(10)
        self.scores = np.zeros(num_envs)
        self.acted: list[np.ndarray[Any, Any]] = []

    def _seen(self) -> np.ndarray[Any, Any]:
        return np.arange(self.num_envs, dtype=np.float32)[:, None] % 2

    def reset(self, *, seed: Any = None, options: Any = None) -> Any:
        self.time, self.scores = 0, np.zeros(self.num_envs)
        return self._seen(), {}

    def step(self, actions: np.ndarray[Any, Any]) -> Any:
        self.acted.append(actions.copy())
        none = np.zeros(self.num_envs, bool)
        if self.time == LENGTH:
            self.reset()
            return self._seen(), np.zeros(self.num_envs), none, none, {}
        pairs = actions.reshape(-1, 2)
        gained = np.sign(pairs - pairs[:, ::-1]).clip(0).reshape(-1)
        self.scores += gained
        self.time += 1
        ended = none | (self.time == LENGTH)
        infos = {}
        if ended.any():
            other = self.scores.reshape(-1, 2)[:, ::-1].reshape(-1)
            told = {"r": self.scores - other, "l": np.full(self.num_envs, LENGTH), "score": self.scores}
            infos = {"episode": {k: v.copy() for k, v in told.items()}, "_episode": ended}
        return self._seen(), gained, ended, none, infos

    def get_state(self) -> dict[str, np.ndarray[Any, Any]]:
        return {"time": np.array([self.time]), "scores": self.scores.copy()}

    def set_state(self, state: Mapping[str, np.ndarray[Any, Any]]) -> None:
        self.time, self.scores = int(state["time"][0]), state["scores"].copy()


class Fixed(Agent):
    """Always does the same: what it has learned is a number."""

    def __init__(self, weights: Mapping[str, Any]) -> None:
        self.number, self.step = int(weights["number"][0]), 0

    def act(self, observations: Any, *, rng: Any = None) -> Any:
        return np.full(len(observations), self.number)

    def inspect(self, observations: Any) -> Insight:
        raise NotImplementedError

    def load_weights(self, weights: Mapping[str, Any]) -> None:
        self.number = int(weights["number"][0])

    def weights(self) -> dict[str, Any]:
        return {"number": np.array([self.number], np.float32)}


def against_the_past(tmp_path: Path, num_envs: int = 8, step: int = -1) -> tuple[AgainstThePast, list[Duel]]:
    made: list[Duel] = []

    def make(count: int) -> Duel:
        made.append(Duel(count))
        return made[-1]

    envs = AgainstThePast(make, 2, num_envs, Fixed, every=100, seed=0)
    envs.settle(tmp_path, step)
    return envs, made


def learner(number: int, step: int) -> Any:
    made = Fixed({"number": [number]})
    made.step = step
    return made


def play(envs: AgainstThePast, number: int, steps: int) -> None:
    for _ in range(steps):
        envs.step(np.full(envs.num_envs, number))


def test_half_are_against_itself_and_the_others_from_either_seat_against_the_past(tmp_path: Path) -> None:
    envs, made = against_the_past(tmp_path)
    envs.remember(learner(1, 0))
    observations, _ = envs.reset()
    assert made[0].num_envs == 12, "two games alone, four against the past"
    assert observations[:, 0].tolist() == [0, 1, 0, 1, 0, 1, 0, 1], "every seat as often"
    play(envs, 7, 1)
    assert made[0].acted[0].reshape(-1, 2).tolist() == [[7, 7], [7, 7], [7, 1], [1, 7], [7, 1], [1, 7]]


def test_what_it_is_told_is_of_its_own_slots(tmp_path: Path) -> None:
    envs, _ = against_the_past(tmp_path)
    envs.remember(learner(1, 0))
    envs.reset()
    play(envs, 7, LENGTH - 1)
    _, rewards, terminated, truncated, infos = envs.step(np.full(8, 7))
    assert rewards.tolist() == [0, 0, 0, 0, 1, 1, 1, 1]
    assert terminated.all() and not truncated.any()
    assert infos["_episode"].all() and infos["episode"]["r"].tolist() == [0, 0, 0, 0, 5, 5, 5, 5]
    assert envs.figures() == {"selfplay/won": 1.0, "selfplay/margin": 5.0}


def test_a_stronger_snapshot_is_rated_higher_and_what_has_learned_nothing_is_zero(tmp_path: Path) -> None:
    envs, _ = against_the_past(tmp_path)
    envs.remember(learner(1, 0))
    envs.reset()
    assert "selfplay/rating" not in envs.figures()
    ratings = []
    for number in (3, 5, 5, 7):
        play(envs, number, 20 * (LENGTH + 1))
        envs.remember(learner(number, 100 * (len(ratings) + 1)))
        ratings.append(envs.figures()["selfplay/rating"])
    assert 0 < ratings[0] < ratings[1] < ratings[3]
    assert abs(ratings[2] - ratings[1]) < envs.figures()["selfplay/rating_error"]
    assert envs.pool == pools.steps(tmp_path) == [0, 100, 200, 300, 400]


def test_snapshots_are_taken_when_it_is_time_to(tmp_path: Path) -> None:
    envs, _ = against_the_past(tmp_path)
    for step in (0, 50, 99, 130, 200, 231):
        envs.remember(learner(1, step))
    assert envs.pool == [0, 130, 231]


def test_recent_snapshots_are_met_more_often(tmp_path: Path) -> None:
    envs, _ = against_the_past(tmp_path)
    for step in range(0, 1000, 100):
        envs.remember(learner(step // 100, step))
    met = np.zeros(10)
    for _ in range(400):
        envs._meet()
        np.add.at(met, envs._met, 1)
    assert met[-1] > met[4] > met[0] > 0


def test_it_goes_on_from_its_state_to_the_same_games(tmp_path: Path) -> None:
    envs, _ = against_the_past(tmp_path)
    envs.remember(learner(1, 0))
    envs.reset()
    for number in (3, 5):
        play(envs, number, 33)
        envs.remember(learner(number, 100 * number))
    play(envs, 6, 3)
    state = envs.get_state()
    other, _ = against_the_past(tmp_path, step=500)
    other.reset()
    other.set_state(state)
    assert other.figures() == envs.figures()
    for these in (envs, other):
        play(these, 4, 50)
        these.remember(learner(8, 900))
        play(these, 8, 20)
    assert envs.pool == other.pool == [0, 300, 500, 900]
    assert other.figures() == envs.figures()
    assert np.array_equal(other._results, envs._results)


def test_snapshots_of_a_future_that_is_not_are_forgotten(tmp_path: Path) -> None:
    envs, _ = against_the_past(tmp_path)
    for step in (0, 100, 200):
        envs.remember(learner(1, step))
    envs.settle(tmp_path, 150)
    assert envs.pool == pools.steps(tmp_path) == [0, 100]


def test_a_state_that_does_not_fit_is_refused(tmp_path: Path) -> None:
    envs, _ = against_the_past(tmp_path)
    envs.remember(learner(1, 0))
    envs.reset()
    with pytest.raises(ValueError, match="does not fit: foe"):
        envs.set_state({})
    state = envs.get_state()
    with pytest.raises(ArenaError, match="a snapshot of its past is missing"):
        envs.set_state({**state, "foe": state["foe"] + 1})


def test_a_snapshot_that_is_damaged_is_one_clear_error(tmp_path: Path) -> None:
    envs, _ = against_the_past(tmp_path)
    envs.remember(learner(1, 0))
    envs.reset()
    (file,) = (tmp_path / pools.FOLDER).iterdir()
    file.write_bytes(b"nonsense")
    with pytest.raises(ArenaError, match="cannot be read"):
        play(envs, 1, 1)


def test_too_few_environments_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="it needs 3 environments at least, not 2"):
        against_the_past(tmp_path, 2)


def test_who_begins_has_a_snapshot_and_what_is_no_game_against_the_past_is_left_alone(tmp_path: Path) -> None:
    envs, _ = against_the_past(tmp_path)
    past.remember(envs, learner(1, 0))
    past.remember(envs, learner(2, 500))
    assert envs.pool == [0]
    past.remember(Duel(2), learner(1, 0))
