"""PPO against values computed by hand, and on environments small enough to know what must come out."""

import threading
from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any

import gymnasium
import numpy as np
import pytest
import torch
from gymnasium.vector import AutoresetMode, VectorEnv

from agents import cores, network_learner
from agents.ppo import PPO, Config, Steps, clipped_loss
from agents.rollout import Rollout, generalized_advantages
from tests.agents.small_worlds import Clockwork, corridors

SMALL = Config(total_steps=4000, num_envs=4, num_steps=16, minibatches=2, epochs=2, hidden_size=16)


def learner(envs: VectorEnv[Any, Any, Any], config: Config = SMALL, seed: int = 1) -> PPO:
    return PPO(envs.single_observation_space, envs.single_action_space, config, seed=seed)


def rollout(**arrays: Any) -> Rollout:
    length, count = np.shape(arrays["rewards"])
    given = {
        "observations": torch.zeros((length + 1, count, 1)),
        "actions": torch.zeros((length, count), dtype=torch.int64),
        "log_probabilities": torch.zeros((length, count)),
        "valid": torch.ones((length, count), dtype=torch.bool),
        **{name: torch.tensor(array) for name, array in arrays.items()},
    }
    return Rollout(**given)


def test_advantages_are_those_computed_by_hand_across_an_end_a_time_limit_and_a_reset() -> None:
    # Slot 0 terminates at t=1, resets at t=2. Slot 1 is cut off at t=1 (value of its last state 0.5), resets.
    found = generalized_advantages(
        rollout(
            rewards=[[1.0, 0.0], [2.0, 1.0], [0.0, 0.0], [0.5, 0.5]],
            values=[[0.2, 0.1], [0.4, 0.3], [9.0, 0.5], [0.6, 0.7], [0.8, 0.9]],
            next_values=[[0.4, 0.3], [9.0, 0.5], [0.6, 0.7], [0.8, 0.9]],
            terminated=[[False, False], [True, False], [False, False], [False, False]],
            ended=[[False, False], [True, True], [False, False], [False, False]],
        ),
        gamma=0.9,
        gae_lambda=0.5,
    )
    last_0, last_1 = 0.5 + 0.9 * 0.8 - 0.6, 0.5 + 0.9 * 0.9 - 0.7
    end_0, end_1 = 2.0 - 0.4, 1.0 + 0.9 * 0.5 - 0.3
    first_0 = 1.0 + 0.9 * 0.4 - 0.2 + 0.45 * end_0
    first_1 = 0.0 + 0.9 * 0.3 - 0.1 + 0.45 * end_1
    assert found[3].tolist() == pytest.approx([last_0, last_1])
    assert found[1].tolist() == pytest.approx([end_0, end_1])
    assert found[0].tolist() == pytest.approx([first_0, first_1])


def test_the_clipped_loss_is_that_of_the_paper_computed_with_numpy() -> None:
    rng = np.random.default_rng(0)
    size, actions_n = 32, 5
    logits, values = rng.normal(size=(size, actions_n)), rng.normal(size=size)
    actions = rng.integers(actions_n, size=size)
    old_values, advantages, returns = (rng.normal(size=size) for _ in range(3))
    log_p = logits - np.log(np.exp(logits).sum(1, keepdims=True))
    chosen = log_p[np.arange(size), actions]
    old_log_p = chosen + rng.normal(size=size) * 0.3  # some ratios beyond the clip, both ways
    config = Config(clip_range=0.2, entropy_coefficient=0.03, value_coefficient=0.7)

    ratio = np.exp(chosen - old_log_p)
    policy = -np.minimum(advantages * ratio, advantages * np.clip(ratio, 0.8, 1.2)).mean()
    clipped = old_values + np.clip(values - old_values, -0.2, 0.2)
    value = 0.5 * np.maximum((values - returns) ** 2, (clipped - returns) ** 2).mean()
    entropy = -(np.exp(log_p) * log_p).sum(1).mean()

    steps = Steps(*map(torch.tensor, (np.zeros(size), actions, old_log_p, old_values, advantages, returns)))
    loss, report = clipped_loss(config, torch.tensor(logits), torch.tensor(values), steps)
    assert float(loss) == pytest.approx(policy + 0.7 * value - 0.03 * entropy)
    assert [float(x) for x in report[:3]] == pytest.approx([policy, value, entropy])
    assert float(report[5]) == pytest.approx((np.abs(ratio - 1) > 0.2).mean())


@pytest.mark.parametrize("mode", [AutoresetMode.NEXT_STEP, AutoresetMode.SAME_STEP])
def test_each_step_of_a_rollout_leads_to_the_value_of_what_really_followed(mode: AutoresetMode) -> None:
    envs = corridors(4, mode)
    ppo = learner(envs, replace(SMALL, num_steps=60))
    ppo.begin(envs)
    found, _ = ppo._collect(envs, ppo.config.num_steps)
    cells = found.observations.argmax(-1).numpy()
    value = ppo.inspect(np.eye(5, dtype=np.float32)).value
    assert value is not None
    moved = np.clip(cells[:-1] + np.where(found.actions.numpy() == 1, 1, -1), 0, 4)
    valid, terminated = found.valid.numpy(), found.terminated.numpy()
    counted = valid & ~terminated
    assert found.ended[counted].any(), "no episode was cut off, so the test would show nothing"
    np.testing.assert_allclose(
        found.next_values.numpy()[counted], value[moved][counted], rtol=1e-5, atol=1e-6
    )
    assert (moved[terminated & valid] == 4).all()


def test_reset_steps_are_masked_and_not_counted() -> None:
    envs = Clockwork(2)
    ppo = learner(envs, replace(SMALL, num_envs=2, num_steps=9))
    ppo.begin(envs)
    found, _ = ppo._collect(envs, ppo.config.num_steps)
    # Slot 0 ends every 3 steps and slot 1 every 4: their resets are the steps after.
    assert np.flatnonzero(~found.valid[:, 0].numpy()).tolist() == [3, 7]
    assert np.flatnonzero(~found.valid[:, 1].numpy()).tolist() == [4]
    following, _ = ppo._collect(envs, ppo.config.num_steps)
    assert not following.valid[0, 1], "a reset step at the start of a rollout belongs to the end before it"
    assert found.rewards[3, 0] == 0.0
    assert ppo.episodes.finished()[:, 1].tolist() == [3, 4, 3, 4, 3, 4, 3]
    assert next(learner(envs, replace(SMALL, num_envs=2, num_steps=9)).learn(envs)).step == 15


def test_the_first_gradient_step_leaves_the_ratio_at_one() -> None:
    envs = corridors(4)
    ppo = learner(envs, replace(SMALL, epochs=1, minibatches=1))
    metrics = next(ppo.learn(envs)).metrics
    assert metrics["losses/approx_kl"] == pytest.approx(0, abs=1e-6)
    assert metrics["losses/clipfrac"] == 0


def test_disabled_autoreset_is_refused() -> None:
    envs = corridors(4, AutoresetMode.DISABLED)
    with pytest.raises(ValueError, match="NEXT_STEP or SAME_STEP"):
        next(learner(envs).learn(envs))


def test_another_number_of_environments_is_refused() -> None:
    envs = corridors(3)
    with pytest.raises(ValueError, match="4 environments and was given 3"):
        next(learner(envs).learn(envs))


@pytest.mark.parametrize("space", [gymnasium.spaces.MultiDiscrete([2, 2]), gymnasium.spaces.Box(0, 1, (2,))])
def test_actions_that_are_not_discrete_are_refused(space: Any) -> None:
    with pytest.raises(ValueError, match="discrete actions"):
        PPO(gymnasium.spaces.Box(0, 1, (2,)), space, SMALL)


@pytest.mark.parametrize(
    ("name", "value"),
    [("num_steps", 0), ("gamma", 1.5), ("learning_rate", float("nan")), ("clip_range", 0.0)],
)
def test_a_config_that_makes_no_sense_is_refused_by_name(name: str, value: Any) -> None:
    with pytest.raises(ValueError, match=name):
        Config(**{name: value})


@pytest.mark.parametrize("mode", [AutoresetMode.NEXT_STEP, AutoresetMode.SAME_STEP])
def test_a_corridor_is_learned(mode: AutoresetMode) -> None:
    envs = corridors(4, mode)
    config = replace(SMALL, learning_rate=3e-3)
    last = list((ppo := learner(envs, config)).learn(envs))[-1]
    assert last.step >= config.total_steps
    assert ppo.act(np.eye(5, dtype=np.float32)[:4]).tolist() == [1, 1, 1, 1]
    assert last.metrics["charts/episodic_return"] > 0.95
    assert last.metrics["charts/learning_rate"] < 0.05 * config.learning_rate


@pytest.mark.parametrize(
    "space",
    [
        gymnasium.spaces.Box(0, 255, (4, 84, 84), np.uint8),
        gymnasium.spaces.Box(0, 255, (64, 48, 3), np.uint8),
        gymnasium.spaces.Box(0, 255, (18, 7, 7), np.uint8),
        gymnasium.spaces.Box(-np.inf, np.inf, (8,), np.float64),
        gymnasium.spaces.Box(0, 1, (3, 5), np.float32),
        gymnasium.spaces.Discrete(16, start=3),
    ],
    ids=str,
)
def test_every_kind_of_observation_is_seen(space: Any) -> None:
    ppo = PPO(space, gymnasium.spaces.Discrete(6, start=2), SMALL)
    seen = np.stack([space.sample() for _ in range(5)])
    actions = ppo.act(seen, rng=np.random.default_rng(0))
    assert actions.dtype == np.int64
    assert actions.shape == (5,)
    assert set(actions) <= set(range(2, 8))
    insight = ppo.inspect(seen)
    assert insight.actions.shape == (5, 6)
    np.testing.assert_allclose(insight.actions.sum(1), 1, rtol=1e-5)
    assert insight.value is not None
    assert insight.value.shape == (5,)


def test_a_maze_champion_fits_into_a_megabyte_of_half_precision() -> None:
    from agents.presets import PRESETS

    space = gymnasium.spaces.Box(0, 255, (18, 7, 7), np.uint8)
    ppo = PPO(space, gymnasium.spaces.Discrete(6), Config(**PRESETS["ppo"]["maze"]))
    assert 2 * sum(w.size for w in ppo.weights().values()) < 1_000_000


def test_sampled_actions_follow_the_policy_and_the_generator() -> None:
    ppo = PPO(gymnasium.spaces.Box(0, 1, (2,)), gymnasium.spaces.Discrete(3), SMALL)
    weights = ppo.weights()
    weights["policy.bias"] = np.log(np.array([0.6, 0.3, 0.1], dtype=np.float32))
    weights["policy.weight"][:] = 0
    ppo.load_weights(weights)
    seen = np.zeros((20_000, 2), dtype=np.float32)
    actions = ppo.act(seen, rng=np.random.default_rng(5))
    np.testing.assert_array_equal(actions, ppo.act(seen, rng=np.random.default_rng(5)))
    np.testing.assert_allclose(np.bincount(actions) / len(actions), [0.6, 0.3, 0.1], atol=0.015)
    assert set(ppo.act(seen)) == {0}


def test_an_action_does_not_depend_on_the_rest_of_the_batch() -> None:
    space = gymnasium.spaces.Box(0, 255, (18, 7, 7), np.uint8)
    ppo = PPO(space, gymnasium.spaces.Discrete(6), SMALL)
    seen = np.random.default_rng(0).integers(0, 256, (64, 18, 7, 7), dtype=np.uint8)
    together = ppo.inspect(seen).actions
    alone = np.concatenate([ppo.inspect(one[np.newaxis]).actions for one in seen])
    np.testing.assert_allclose(together, alone, rtol=1e-4)


def test_weights_are_copies_and_come_back_from_half_precision() -> None:
    envs = corridors(4)
    ppo = learner(envs)
    before = ppo.weights()
    kept = {name: w.copy() for name, w in before.items()}
    next(ppo.learn(envs))
    assert all(np.array_equal(before[name], kept[name]) for name in kept)
    other = learner(envs, seed=9)
    other.load_weights({name: w.astype(np.float16) for name, w in before.items()})
    assert all(np.allclose(w, before[name], atol=1e-3) for name, w in other.weights().items())
    assert all(w.dtype == np.float32 for w in other.weights().values())


def test_weights_that_do_not_fit_are_refused_and_change_nothing() -> None:
    envs = corridors(4)
    ppo = learner(envs)
    before = ppo.weights()
    with pytest.raises(ValueError, match=r"value\.bias"):
        ppo.load_weights({name: w for name, w in before.items() if name != "value.bias"})
    with pytest.raises(ValueError, match=r"policy\.weight"):
        ppo.load_weights(
            {name: np.zeros_like(w) for name, w in before.items()} | {"policy.weight": np.zeros(3)}
        )
    assert all(np.array_equal(w, before[name]) for name, w in ppo.weights().items())


def test_equal_seeds_learn_equal_weights_and_other_seeds_others() -> None:
    def trained(seed: int) -> dict[str, np.ndarray]:
        envs = corridors(4)
        ppo = learner(envs, replace(SMALL, total_steps=300), seed)
        list(ppo.learn(envs))
        return ppo.weights()

    once, again, other = trained(3), trained(3), trained(4)
    assert all(np.array_equal(once[name], again[name]) for name in once)
    assert not np.array_equal(once["policy.weight"], other["policy.weight"])


def test_a_learner_that_is_stopped_and_restored_goes_on_to_the_same_bits() -> None:
    config = replace(SMALL, total_steps=400)
    whole_envs = Clockwork(4)
    whole = learner(whole_envs, config)
    metrics = [p.metrics for p in whole.learn(whole_envs)]

    stopped_envs = Clockwork(4)
    stopped = learner(stopped_envs, config)
    steps = stopped.learn(stopped_envs)
    for _ in range(3):
        next(steps)
    weights, state = stopped.weights(), stopped.state()
    next(steps)  # what was taken must not change with what comes after

    resumed_envs = Clockwork(4)
    resumed = learner(resumed_envs, config, seed=1)
    resumed.load_weights(weights)
    resumed.restore(state)
    later = [p.metrics for p in resumed.learn(resumed_envs)]
    assert len(later) == len(metrics) - 3
    timeless = [
        [{k: v for k, v in m.items() if not k.startswith("time/") and k != "charts/SPS"} for m in ms]
        for ms in (later, metrics[3:])
    ]
    assert timeless[0] == timeless[1]
    assert all(np.array_equal(w, whole.weights()[name]) for name, w in resumed.weights().items())


def test_a_learner_whose_environments_cannot_be_put_back_begins_other_episodes_and_keeps_its_knowledge() -> (
    None
):
    envs = corridors(4)
    ppo = learner(envs)
    next(ppo.learn(envs))
    resumed = learner(envs)
    resumed.load_weights(ppo.weights())
    resumed.restore(ppo.state())
    progress = next(resumed.learn(corridors(4)))
    assert progress.step > ppo.step
    moments = [resumed.optimizer.state[p]["step"] for p in resumed.network.parameters()]
    assert {float(m) for m in moments} == {8.0}


def test_learning_that_diverges_says_so() -> None:
    envs = corridors(4)
    ppo = learner(envs)
    weights = ppo.weights()
    weights["value.bias"][:] = np.nan
    ppo.load_weights(weights)
    with pytest.raises(FloatingPointError, match="value_loss"):
        next(ppo.learn(envs))


def test_episodes_told_by_the_environment_replace_those_added_up() -> None:
    envs = gymnasium.wrappers.vector.RecordEpisodeStatistics(corridors(4))
    told = [p.metrics for p in learner(envs).learn(envs)]
    plain = corridors(4)
    added = [p.metrics for p in learner(plain).learn(plain)]
    for name in ("charts/episodic_return", "charts/episodic_length"):
        assert [m.get(name) for m in told] == pytest.approx([m.get(name) for m in added])


def test_signs_of_rewards_are_learned_from_and_returns_reported_unchanged() -> None:
    envs = gymnasium.wrappers.vector.TransformReward(corridors(4), lambda rewards: rewards * 7)
    ppo = learner(envs, replace(SMALL, sign_rewards=True))
    ppo.begin(envs)
    found, _ = ppo._collect(envs, ppo.config.num_steps)
    assert set(found.rewards.unique().tolist()) <= {0.0, 1.0}
    for progress in ppo.learn(envs):
        if (mean := progress.metrics.get("charts/episodic_return", 0)) > 1:
            break
    assert mean > 1


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_cartpole_is_solved() -> None:
    envs = gymnasium.make_vec("CartPole-v1", 8)
    config = Config(
        total_steps=100_000,
        num_steps=32,
        epochs=20,
        minibatches=1,
        learning_rate=1e-3,
        gamma=0.98,
        gae_lambda=0.8,
        entropy_coefficient=0.0,
    )  # stable-baselines3's zoo
    ppo = learner(envs, config, seed=0)
    list(ppo.learn(envs))
    envs.close()
    held_out = gymnasium.make_vec("CartPole-v1", 100)
    observations, _ = held_out.reset(seed=1000)
    returns, playing = np.zeros(100), np.ones(100, dtype=bool)
    while playing.any():
        observations, rewards, terminated, truncated, _ = held_out.step(ppo.act(observations))
        returns += rewards * playing
        playing &= ~(terminated | truncated)
    held_out.close()
    assert returns.mean() >= 475


def test_the_last_rollout_takes_no_more_steps_than_are_missing() -> None:
    envs = corridors(4, AutoresetMode.SAME_STEP)  # no step is a reset
    ppo = learner(envs, replace(SMALL, total_steps=150))
    assert [progress.step for progress in ppo.learn(envs)] == [64, 128, 152]


@pytest.mark.parametrize("num_steps", [1, 16])
def test_a_rollout_of_nothing_but_a_reset_teaches_nothing_and_ends_nothing(num_steps: int) -> None:
    for total in range(1, 30):
        envs = Clockwork(1)
        ppo = learner(envs, replace(SMALL, num_envs=1, num_steps=num_steps, minibatches=1, total_steps=total))
        assert [progress.step for progress in ppo.learn(envs)][-1] == total


class Divided(VectorEnv[Any, Any, Any]):
    """Corridors that are stepped together, or in parts each by a thread of its own."""

    def __init__(self, sizes: Sequence[int] = (1, 1, 1, 2)) -> None:
        self.groups = [corridors(size) for size in sizes]
        self.num_envs = sum(sizes)
        self.metadata = self.groups[0].metadata
        self.single_observation_space = self.groups[0].single_observation_space
        self.single_action_space = self.groups[0].single_action_space
        self.stepped_by: set[int] = set()

    def divided(self, count: int) -> "list[Divided]":
        parts = []
        for some in np.array_split(np.arange(len(self.groups)), min(count, len(self.groups))):
            part = Divided([self.groups[index].num_envs for index in some])
            part.groups = [self.groups[index] for index in some]
            part.stepped_by = self.stepped_by
            parts.append(part)
        return parts

    def reset(self, *, seed: Any = None, options: Any = None) -> tuple[np.ndarray, dict[str, Any]]:
        begun = [group.reset(seed=seed + 10 * number)[0] for number, group in enumerate(self.groups)]
        return np.concatenate(begun), {}

    def step(self, actions: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, dict[str, Any]]:
        self.stepped_by.add(threading.get_ident())
        ends = np.cumsum([group.num_envs for group in self.groups])[:-1]
        stepped = [g.step(some) for g, some in zip(self.groups, np.split(actions, ends), strict=True)]
        seen, rewards, terminated, truncated = (
            np.concatenate([one[index] for one in stepped]) for index in range(4)
        )
        return seen, rewards, terminated, truncated, {}


def test_environments_in_parts_are_played_by_several_threads_to_the_same_rollouts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = []
    for count in (1, 2, 3, 9):
        monkeypatch.setattr(network_learner, "CORES", count)
        monkeypatch.setattr(cores, "CORES", count)
        cores._threads.cache_clear()
        envs = Divided()
        ppo = PPO(
            envs.single_observation_space,
            envs.single_action_space,
            Config(num_envs=5, num_steps=40, total_steps=2_000),
            seed=3,
        )
        parts = ppo.parts(envs)
        assert [slots.stop for _, slots in parts][-1] == 5 and len(parts) == min(count, 4)
        ppo.begin(envs)
        rollouts = [ppo._collect(envs, 40)[0] for _ in range(3)]
        assert len(envs.stepped_by) == min(count, 2) or count > 2
        found.append((rollouts, ppo.episodes.finished(), ppo.carried))
    cores._threads.cache_clear()
    (whole, episodes, carried), *others = found
    assert len(episodes)
    for parts_, same_episodes, same_carried in others:
        np.testing.assert_array_equal(episodes, same_episodes)
        for name in carried:
            np.testing.assert_array_equal(carried[name], same_carried[name])
        for one, other in zip(whole, parts_, strict=True):
            for field in fields(one):
                torch.testing.assert_close(getattr(other, field.name), getattr(one, field.name))


def test_weights_that_were_rounded_for_a_rollout_are_not_learned_with(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What is rounded without gradients, and kept while several threads act, must be gone when they learn."""
    monkeypatch.setattr(network_learner, "has_bfloat16", lambda device: True)
    learned = []
    for reused in (True, False):
        envs = Divided()
        ppo = PPO(
            envs.single_observation_space,
            envs.single_action_space,
            Config(num_envs=5, num_steps=40, total_steps=2_000, bfloat16=True),
            seed=3,
        )
        if not reused:
            learning = ppo.learning
            monkeypatch.setattr(ppo, "learning", lambda reuse=False, learning=learning: learning())
        before = ppo.weights()
        for progress in ppo.learn(envs):
            if progress.step >= 600:
                break
        assert all(np.abs(array - before[name]).max() > 0 for name, array in ppo.weights().items())
        learned.append(ppo.weights())
    for name, array in learned[0].items():
        np.testing.assert_array_equal(array, learned[1][name])
