"""From demonstrations to a policy."""

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

import numpy as np
import pytest
import torch
from gymnasium.vector import AutoresetMode

from agents.agent import CannotLearn
from agents.backward import Backward
from agents.demonstrations import Demonstration, Recording, Scouted
from agents.go_explore import Alone
from agents.robustify import Config, Robustify, clone, excelled
from tests.agents.chain_world import Chain, go_explore
from tests.agents.small_worlds import Corridor

SETTINGS: dict[str, Any] = {
    "num_envs": 4,
    "num_steps": 16,
    "hidden_size": 16,
    "demonstrations": 3,
    "imitation_batch": 8,
    "imitation_learning_rate": 0.01,
}


class Corridors:
    """Corridors that can be explored, of which one in so many has no way to its end that could be found, and
    that may be begun anywhere."""

    finds, openings = True, 0
    metadata: ClassVar = {"autoreset_mode": AutoresetMode.NEXT_STEP}
    single_observation_space, single_action_space = Corridor.observation_space, Corridor.action_space

    def __init__(self, begins_anywhere: bool = False, hopeless: int = 2) -> None:
        self.begins_anywhere, self.hopeless = begins_anywhere, hopeless
        self.num_envs, self.asked, self.starts = 4, list[int](), list[int]()
        self.envs = [Corridor() for _ in range(4)]
        self.over = np.zeros(4, np.bool_)
        self.backward: Backward | None = None
        self.begun = [(0, 0)] * 4
        self.grown_up = False

    def metrics(self) -> dict[str, float]:
        return {"practice/size": 5.0}

    def scout(self, seeds: Sequence[int], steps: int) -> Iterator[Scouted | None]:
        for seed in seeds:
            yield None
            self.asked.append(seed)
            found = None if seed % self.hopeless == 0 else Demonstration(seed, bytes([1, 1, 1, 1]))
            yield Scouted(steps, found)

    def grow_up(self) -> None:
        self.grown_up = True

    def record(self, demonstration: Demonstration) -> Recording:
        cells = np.eye(5, dtype=np.float32)[: len(demonstration.actions)]
        return Recording(cells, np.ones(len(cells), np.int64), np.eye(4)[3][: len(cells)])

    def attempt(self, demonstrations: Sequence[Demonstration], backward: Backward) -> None:
        assert [len(demonstration.actions) for demonstration in demonstrations] == backward.lengths.tolist()
        self.backward = backward

    def _begin(self, slot: int) -> np.ndarray:
        seen, _ = self.envs[slot].reset()
        if self.backward:
            self.begun[slot] = _, cell = self.backward.draw(self.rng)
            self.starts.append(cell)
            self.envs[slot].cell = cell
            seen = self.envs[slot]._seen()
        return seen

    def reset(self, *, seed: int | None = None, options: Any = None) -> tuple[np.ndarray, dict[str, Any]]:
        self.rng = np.random.default_rng(seed)
        for slot, env in enumerate(self.envs):
            env.reset(seed=(seed or 0) + slot)
        self.over[:] = False
        return np.stack([self._begin(slot) for slot in range(4)]), {}

    def step(self, actions: np.ndarray) -> tuple[Any, ...]:
        seen, rewards = np.zeros((4, 5), np.float32), np.zeros(4)
        terminated, truncated = np.zeros(4, np.bool_), np.zeros(4, np.bool_)
        for slot, env in enumerate(self.envs):
            if self.over[slot]:
                seen[slot] = self._begin(slot)
            else:
                seen[slot], rewards[slot], terminated[slot], truncated[slot], _ = env.step(int(actions[slot]))
                if self.backward and (terminated[slot] or truncated[slot]):
                    self.backward.tell(*self.begun[slot], bool(terminated[slot]))
        self.over = terminated | truncated
        return seen, rewards, terminated, truncated, {}


def robustify(seed: int = 0, **settings: Any) -> Robustify:
    config = Config(**{**SETTINGS, "total_steps": 4_000, "explore_steps": 100, **settings})
    return Robustify(Corridor.observation_space, Corridor.action_space, config, seed=seed)


def test_it_explores_until_there_are_demonstrations_enough() -> None:
    learner, envs = robustify(seed=2), Corridors()
    found = [
        p.metrics["demonstrations/found"] for p in learner.learn(envs) if "demonstrations/found" in p.metrics
    ]
    assert found == sorted(found) and found[-1] == 3
    assert len(set(envs.asked)) == len(envs.asked) == learner.scouted == 6
    assert all(seed // 2**20 == 2 for seed in envs.asked), "another seed's are other levels"
    assert learner.practised_from == 6 * 100, "what was explored counts"
    assert [d.seed for d in learner.demonstrations] == [s for s in envs.asked if s % 2]


def test_it_does_as_was_demonstrated_before_it_has_practised() -> None:
    learner = robustify(imitation_epochs=30)
    for progress in learner.learn(Corridors()):
        if progress.metrics.get("imitation/epochs") == 30:
            break
    assert learner.step == learner.practised_from
    assert learner.act(np.eye(5, dtype=np.float32)[:4]).tolist() == [1, 1, 1, 1]
    assert progress.metrics["imitation/agreement"] == 1.0
    assert learner.optimizer.param_groups[0]["lr"] == learner.config.learning_rate
    assert not learner.optimizer.state


def test_without_any_demonstration_it_says_so() -> None:
    hopeless = Corridors(hopeless=1)
    with pytest.raises(CannotLearn, match="exploring 20 levels with 100 actions each found no reward"):
        list(robustify(demonstrations=200).learn(hopeless))
    assert len(hopeless.asked) == 20
    hopeless.finds = False
    with pytest.raises(CannotLearn, match="begin with a run that has explored"):
        list(robustify().learn(hopeless))


def test_no_more_than_half_of_all_steps_are_for_exploring_where_something_was_found() -> None:
    learner, envs = robustify(demonstrations=200, total_steps=1_600, explore_steps=100), Corridors()
    *_, last = learner.learn(envs)
    assert learner.scouted == 8 and len(learner.demonstrations) == 4 and learner.practised_from == 800
    assert last.step >= 1_600


def test_demonstrations_that_never_score_so_much_cannot_be_learned_from() -> None:
    envs = Corridors(begins_anywhere=True)
    with pytest.raises(CannotLearn, match="leave until_score out"):
        list(robustify(until_score=5.0).learn(envs))
    envs.finds = False
    learner = robustify(until_score=5.0)
    learner.demonstrate(Demonstration(0, bytes([1, 1, 1, 1])))
    with pytest.raises(CannotLearn, match="scores 1 cannot be followed until 5; set until_score lower"):
        list(learner.learn(envs))


def test_episodes_begin_ever_earlier_in_demonstrations_where_they_can() -> None:
    learner, envs = robustify(attempts=8, stride=1), Corridors(begins_anywhere=True)
    *_, last = learner.learn(envs)
    assert envs.starts[0] == 3 and envs.starts[-1] == 0
    assert learner.backward is not None and learner.backward.left == 0.0
    assert last.metrics["practice/size"] == 5.0


def test_a_trajectory_of_exploring_is_a_demonstration() -> None:
    explorer = go_explore(seed=6)
    with pytest.raises(ValueError, match=r"exploring has scored 0$"):
        robustify().begin_with(explorer)
    list(explorer.learn(Alone(Chain())))
    kept = go_explore(seed=6)
    kept.load_weights(explorer.weights())
    for other in (explorer, kept):
        for settings in ({}, {"until_score": 0.5}):
            (learner := robustify(**settings)).begin_with(other)
            assert learner.demonstrations == [Demonstration(6, explorer.trajectory)]
        with pytest.raises(ValueError, match="exploring has scored 1, and not 2"):
            robustify(until_score=2.0).begin_with(other)


def test_who_begins_with_a_policy_has_imitated_already() -> None:
    *_, _ = (first := robustify(total_steps=900)).learn(Corridors())
    second = robustify(seed=1, imitation_coefficient=0.0)
    second.begin_with(first)
    for name, array in first.weights().items():
        np.testing.assert_array_equal(array, second.weights()[name])
    envs = Corridors()
    steps = [progress.step for progress in second.learn(envs)]
    assert not envs.asked and steps[0] > 0 and steps[-1] >= 4_000
    assert envs.grown_up, "what it has learned in small mazes is not learned again"


@pytest.mark.parametrize(
    ("stop", "count"), [("scouting", 3), ("scouting", 12), ("imitation", 3), ("practice", 3)]
)
@pytest.mark.parametrize("begins_anywhere", [False, True])
def test_stopped_in_any_phase_it_goes_on(stop: str, count: int, begins_anywhere: bool) -> None:
    mark = {
        "scouting": "demonstrations/levels",
        "imitation": "imitation/epochs",
        "practice": "practice/size",
    }[stop]
    settings = {"attempts": 8, "stride": 1}
    whole, learner = robustify(**settings), robustify(**settings)
    list(whole.learn(Corridors(begins_anywhere)))
    seen = 0
    for progress in learner.learn(Corridors(begins_anywhere)):
        seen += mark in progress.metrics
        if seen == count:
            break
    if count == 12:
        assert len(learner.demonstrations) == 3, "the last report of its exploring"
    again = robustify(**settings)
    again.load_weights(learner.weights())
    again.restore(learner.state())
    kept = learner.state().tensors
    for name, array in again.state().tensors.items():
        if not name.startswith("carried/"):
            np.testing.assert_array_equal(array, kept[name])
    list(again.learn(Corridors(begins_anywhere)))
    assert again.demonstrations == whole.demonstrations and again.imitated == whole.imitated
    assert again.practised_from == whole.practised_from
    same = all((array == again.weights()[name]).all() for name, array in whole.weights().items())
    # These corridors cannot be put back to where they were: in practice there are new episodes.
    assert same == (stop != "practice")
    if begins_anywhere:
        assert again.backward is not None and again.backward.left == 0.0


def test_a_demonstration_that_is_followed_less_far_is_practised_from_its_new_end() -> None:
    envs = Corridors(begins_anywhere=True)
    learner = robustify()
    learner.demonstrations, learner.imitated = [Demonstration(1, bytes([1, 1]))], 10
    learner.practised_from = learner.step = 10
    state = learner.state()
    points = {"backward/points": np.array([3]), "backward/latest": np.full((1, 48), -1, np.int8)}
    again = robustify(demonstrations=1, stride=1)
    again.restore(type(state)({**state.tensors, **points}, state.values))
    next(again.learn(envs))
    assert again.backward is not None and again.backward.points[0] == 1


def test_the_learning_rate_falls_over_practice_alone() -> None:
    learner = robustify(explore_steps=300, total_steps=3_000)
    rates = [
        progress.metrics["charts/learning_rate"]
        for progress in learner.learn(Corridors())
        if "charts/learning_rate" in progress.metrics
    ]
    assert rates[0] == learner.config.learning_rate
    assert 0 < rates[-1] < 0.1 * rates[0]


def test_cloning_is_the_cross_entropy_of_what_was_done() -> None:
    logits = torch.tensor([[0.0, 0.0], [np.log(3.0), 0.0]])
    loss, agreement = clone(logits, torch.zeros(2), torch.tensor([1, 0]), torch.zeros(2))
    assert loss.item() == pytest.approx((np.log(2) + np.log(4 / 3)) / 2)
    assert agreement.item() == 0.5


def test_self_imitation_learns_only_from_what_was_better_than_expected() -> None:
    logits = torch.zeros((2, 2), requires_grad=True)
    values = torch.tensor([1.0, 3.0], requires_grad=True)
    loss, _ = excelled(logits, values, torch.tensor([1, 1]), torch.tensor([3.0, 1.0]))
    assert loss.item() == pytest.approx(2 * np.log(2) / 2 + 0.01 * 0.5 * 4 / 2)
    loss.backward()
    assert logits.grad is not None and values.grad is not None
    assert logits.grad[1].abs().sum() == 0 and values.grad[1] == 0
    assert logits.grad[0, 1] == pytest.approx(-0.5), "half of an advantage of 2, by (1 - p)"
    assert values.grad[0] == pytest.approx(-0.01), "the advantage moves the policy, not the value"


@pytest.mark.parametrize(
    ("settings", "what"),
    [
        ({"demonstrations": 0}, "demonstrations is 0"),
        ({"success_share": 1.5}, "success_share is 1.5"),
        ({"imitation_coefficient": -0.1}, "imitation_coefficient is -0.1"),
        ({"learning_rate": 0.0}, "learning_rate is 0.0"),
    ],
)
def test_settings_that_make_no_sense_are_refused(settings: dict[str, object], what: str) -> None:
    with pytest.raises(ValueError, match=what):
        robustify(**settings)
