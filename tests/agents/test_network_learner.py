"""What learners share: gradients in parts, precision, and how observations lie in memory."""

import contextlib
from dataclasses import replace
from typing import Any
from unittest import mock

import gymnasium
import numpy as np
import pytest
import torch

from agents import network_learner
from agents.dqn import DQN
from agents.network_learner import put, started
from agents.ppo import PPO, Config
from tests.agents.small_worlds import corridors

PICTURES = gymnasium.spaces.Box(0, 255, (4, 84, 84), np.uint8)
ACTIONS = gymnasium.spaces.Discrete(6)


def some_pictures(count: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (count, 4, 84, 84), dtype=np.uint8)


@pytest.fixture(autouse=True)
def everything_is_shared_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network_learner, "LEAST_PICTURES", 1)
    monkeypatch.setattr(network_learner, "LEAST_WORK", 1)


@pytest.mark.parametrize("cores", [2, 3, 7])
def test_a_minibatch_in_parts_has_the_gradient_of_the_whole(cores: int) -> None:
    gradients = []
    for count in (1, cores):
        with mock.patch.object(network_learner, "CORES", count):
            ppo = PPO(PICTURES, ACTIONS, Config(hidden_size=16), seed=1)
            seen = ppo.tensor(some_pictures(7))

            def loss(part: slice, ppo: PPO = ppo, seen: torch.Tensor = seen) -> tuple[torch.Tensor, int]:
                logits, values = ppo.network(seen[part])
                return logits.square().sum() + values.sum(), part.stop - part.start

            assert sum(ppo.set_gradients(loss, 7)) == 7
            gradients.append([parameter.grad for parameter in ppo.network.parameters()])
    for whole, parts in zip(*gradients, strict=True):
        torch.testing.assert_close(parts, whole, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("learner", [PPO, DQN])
def test_learning_in_bfloat16_rounds_what_is_inside_and_nothing_else(learner: Any) -> None:
    with mock.patch.object(network_learner, "has_bfloat16", return_value=True):
        made = learner(PICTURES, ACTIONS, learner.config_type(bfloat16=True, hidden_size=64), seed=1)
    seen = made.tensor(some_pictures(5))
    with made.learning():
        rounded = made.network(seen)
    exact = made.network(seen)
    rounded, exact = (x[0] if isinstance(x, tuple) else x for x in (rounded, exact))
    assert rounded.dtype == torch.float32 and not torch.equal(rounded, exact)
    torch.testing.assert_close(rounded, exact, rtol=0.05, atol=0.02)
    assert {parameter.dtype for parameter in made.network.parameters()} == {torch.float32}


def test_it_plays_in_float32_whatever_it_learned_in() -> None:
    chosen = []
    for bfloat16 in (False, True):
        with mock.patch.object(network_learner, "has_bfloat16", return_value=True):
            ppo = PPO(PICTURES, ACTIONS, Config(bfloat16=bfloat16), seed=1)
        chosen.append(ppo.inspect(some_pictures(3)).actions)
    np.testing.assert_array_equal(*chosen)


def test_a_processor_without_bfloat16_learns_in_float32() -> None:
    with mock.patch.object(network_learner, "has_bfloat16", return_value=False):
        ppo = PPO(PICTURES, ACTIONS, Config(bfloat16=True), seed=1)
    seen = ppo.tensor(some_pictures(2))
    with ppo.learning():
        assert torch.equal(ppo.network(seen)[0], PPO(PICTURES, ACTIONS, Config(), seed=1).network(seen)[0])


def test_pictures_lie_with_their_colours_last_and_are_the_same_pictures() -> None:
    ppo = PPO(PICTURES, ACTIONS, Config(hidden_size=16), seed=1)
    pictures = some_pictures(3)
    room = ppo.empty(2, 3)
    put(room[1], pictures)
    assert room[1].is_contiguous(memory_format=torch.channels_last)
    np.testing.assert_array_equal(room[1].numpy(), pictures)
    with torch.no_grad():
        lying_otherwise = ppo.network(torch.from_numpy(pictures))[0]
        torch.testing.assert_close(ppo.network(room[1])[0], lying_otherwise)


def test_whole_episodes_are_learned_alike_on_any_number_of_cores() -> None:
    weights = []
    for count in (1, 3):
        envs = corridors(4)
        config = replace(Config(num_envs=4, num_steps=16, hidden_size=16), total_steps=256)
        with mock.patch.object(network_learner, "CORES", count):
            ppo = PPO(envs.single_observation_space, envs.single_action_space, config, seed=2)
            for _ in ppo.learn(envs):
                pass
        weights.append(ppo.weights())
    for name, values in weights[0].items():
        np.testing.assert_allclose(values, weights[1][name], rtol=1e-3, atol=1e-4)


def test_a_step_in_the_background_is_waited_for() -> None:
    plain = corridors(2)
    plain.reset(seed=1)
    envs = gymnasium.vector.AsyncVectorEnv(list(plain.env_fns))
    with contextlib.closing(envs):
        envs.reset(seed=1)
        actions = np.array([1, 1])
        there, here = started(envs, actions)(), started(plain, actions)()
    for one, other in zip(there[:4], here[:4], strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(
    ("space", "rows", "parts"),
    [
        (gymnasium.spaces.Box(-1, 1, (4,)), 256, 1),
        (gymnasium.spaces.Box(0, 255, (5, 7, 7), np.uint8), 4096, 2),
        (PICTURES, 24, 1),
        (PICTURES, 32, 2),
    ],
    ids=["a small network", "a large minibatch", "few pictures", "enough pictures"],
)
def test_only_what_is_worth_it_is_shared_out(
    monkeypatch: pytest.MonkeyPatch, space: gymnasium.Space[Any], rows: int, parts: int
) -> None:
    monkeypatch.undo()
    monkeypatch.setattr(network_learner, "CORES", 2)
    ppo = PPO(space, ACTIONS, Config(hidden_size=128), seed=1)
    assert len(ppo.in_parts(lambda part: part, rows)) == parts


def test_who_plays_shares_no_single_operation_out_among_threads() -> None:
    """They would spin while they wait for each other, and beside a training take minutes for a match."""
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        PPO(PICTURES, ACTIONS, Config(hidden_size=16), seed=1).act(some_pictures(1))
        assert torch.get_num_threads() == 1
    finally:
        torch.set_num_threads(before)
