"""DQN against values worked out by hand, and on environments small enough to know what must come out."""

from dataclasses import replace
from typing import Any

import gymnasium
import numpy as np
import pytest
import torch
from gymnasium.vector import AutoresetMode, VectorEnv
from numpy.typing import NDArray

from agents import dqn as dqn_module
from agents.distributions import projected
from agents.dqn import DQN, Config
from agents.networks import NoisyLinear
from agents.replay_buffer import Batch
from tests.agents.small_worlds import Clockwork, Corridor, corridors

SMALL = Config(
    total_steps=2000,
    num_envs=4,
    report_steps=100,
    buffer_size=1000,
    learning_starts=40,
    epsilon_steps=500,
    target_every=100,
    hidden_size=16,
)
EVERYTHING: dict[str, Any] = {
    "double": True,
    "dueling": True,
    "n_step": 3,
    "priority_exponent": 0.5,
    "atoms": 11,
    "lowest_return": 0.0,
    "highest_return": 2.0,
    "noisy": True,
}


def learner(envs: VectorEnv[Any, Any, Any], config: Config = SMALL, seed: int = 1) -> DQN:
    return DQN(envs.single_observation_space, envs.single_action_space, config, seed=seed)


def some_batch() -> Batch:
    eye = np.eye(5, dtype=np.float32)
    return Batch(
        observations=eye[[0, 1, 2]],
        actions=np.array([1, 0, 1]),
        returns=np.array([0.0, 3.0, -0.5], np.float32),
        discounts=np.array([0.9, 0.0, 0.81], np.float32),
        next_observations=eye[[1, 2, 3]],
        places=np.arange(3),
        weights=np.ones(3, np.float32),
    )


def losses_of(dqn: DQN, batch: Batch) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    return dqn._losses(
        batch, dqn.network(dqn.tensor(batch.observations)), dqn._following(batch.next_observations)
    )


def shake(network: torch.nn.Module) -> None:
    """Other weights, so that the network chooses other actions than the one it was copied from."""
    generator = torch.Generator().manual_seed(3)
    for parameter in network.parameters():
        parameter.copy_(torch.randn(parameter.shape, generator=generator))


def values_of(network: torch.nn.Module, observations: NDArray[np.float32]) -> NDArray[np.float64]:
    with torch.no_grad():
        return network(torch.from_numpy(observations)).double().numpy()


@pytest.mark.parametrize("double", [False, True])
def test_the_loss_is_hubers_of_the_temporal_difference_error(double: bool) -> None:
    dqn = learner(corridors(4), replace(SMALL, double=double))
    shake(dqn.target)
    batch = some_batch()
    losses, errors, done = losses_of(dqn, batch)
    here, there = values_of(dqn.network, batch.observations), values_of(dqn.target, batch.next_observations)
    chosen = (values_of(dqn.network, batch.next_observations) if double else there).argmax(1)
    for row in range(3):
        value = here[row, batch.actions[row]]
        error = value - (batch.returns[row] + batch.discounts[row] * there[row, chosen[row]])
        huber = 0.5 * error**2 if abs(error) <= 1 else abs(error) - 0.5
        assert float(done[row].detach()) == pytest.approx(value, rel=1e-5)
        assert float(errors[row]) == pytest.approx(error, rel=1e-4)
        assert float(losses[row].detach()) == pytest.approx(huber, rel=1e-4)


def test_double_learning_lets_another_network_choose() -> None:
    """The two must differ on this batch, or the test above shows nothing."""
    losses = []
    for double in (False, True):
        dqn = learner(corridors(4), replace(SMALL, double=double))
        shake(dqn.target)
        losses.append(losses_of(dqn, some_batch())[0].detach())
    assert not torch.equal(losses[0], losses[1])


def test_the_loss_of_a_distribution_is_the_cross_entropy_with_what_was_projected() -> None:
    dqn = learner(corridors(4), replace(SMALL, atoms=11, lowest_return=0.0, highest_return=2.0))
    batch = some_batch()
    losses, _, _ = losses_of(dqn, batch)
    with torch.no_grad():
        seen = (batch.observations, batch.next_observations)
        here, there = (dqn.network(torch.from_numpy(x)) for x in seen)
        best = (there.exp() * dqn.network.support).sum(2).argmax(1)
        rows = torch.arange(3)
        wanted = projected(
            there[rows, best].exp(),
            torch.from_numpy(batch.returns),
            torch.from_numpy(batch.discounts),
            dqn.network.support,
        )
        entropy = -(wanted * here[rows, torch.from_numpy(batch.actions)]).sum(1)
    assert torch.allclose(losses, entropy)


def test_advantages_are_over_their_mean_and_add_up_to_the_value() -> None:
    dqn = learner(corridors(4), replace(SMALL, dueling=True))
    seen = np.eye(5, dtype=np.float32)
    assert dqn.network.value is not None
    with torch.no_grad():
        value = dqn.network.value(dqn.network.encoder(torch.from_numpy(seen))).double().numpy()
    assert values_of(dqn.network, seen).mean(1) == pytest.approx(value[:, 0], abs=1e-6)


def test_the_noise_of_a_layer_is_factorised_and_gone_when_it_is_drawn_from_nothing() -> None:
    generator = torch.Generator().manual_seed(1)
    layer = NoisyLinear(3, 2, generator)
    inputs = torch.tensor([[1.0, -2.0, 0.5]])
    layer.draw(generator)
    noise = torch.outer(layer.outward, layer.inward)
    weight = layer.weight + layer.weight_noise * noise
    bias = layer.bias + layer.bias_noise * layer.outward
    assert torch.allclose(layer(inputs), inputs @ weight.T + bias)
    layer.draw(None)
    assert torch.allclose(layer(inputs), inputs @ layer.weight.T + layer.bias)


def test_random_actions_become_fewer_in_a_straight_line() -> None:
    dqn = learner(corridors(4), replace(SMALL, epsilon_start=1.0, epsilon_end=0.2, epsilon_steps=400))
    shares = []
    for dqn.step in (0, 39, 40, 200, 400, 1000):  # learning starts at 40
        shares.append(round(dqn.epsilon, 6))
    assert shares == [1.0, 1.0, 0.92, 0.6, 0.2, 0.2]


@pytest.mark.parametrize("mode", [AutoresetMode.NEXT_STEP, AutoresetMode.SAME_STEP])
@pytest.mark.parametrize("extras", [{}, EVERYTHING], ids=["plain", "rainbow"])
def test_a_corridor_is_learned(mode: AutoresetMode, extras: dict[str, Any]) -> None:
    envs = corridors(4, mode)
    dqn = learner(envs, replace(SMALL, learning_rate=3e-3, **extras))
    *_, last = dqn.learn(envs)
    assert last.step >= SMALL.total_steps
    seen = np.eye(5, dtype=np.float32)[:4]
    assert dqn.act(seen).tolist() == [1, 1, 1, 1]
    insight = dqn.inspect(seen)
    assert insight.kind == "value"
    # One cell before the end the return is 1, and each cell further off it is gamma times less.
    assert insight.value is not None
    assert insight.value[3] == pytest.approx(1, abs=0.15)


def test_environments_that_step_in_the_background_teach_the_same() -> None:
    weights = []
    for make in (gymnasium.vector.SyncVectorEnv, gymnasium.vector.AsyncVectorEnv):
        envs = make([Corridor] * 4, autoreset_mode=AutoresetMode.NEXT_STEP)
        dqn = learner(envs, replace(SMALL, total_steps=300))
        for _ in dqn.learn(envs):
            pass
        weights.append(dqn.weights())
        envs.close()
    assert weights[0].keys() == weights[1].keys()
    assert all((weights[0][name] == weights[1][name]).all() for name in weights[0])


def test_reset_steps_are_not_learned_from_and_not_counted() -> None:
    envs = corridors(4)
    dqn = learner(envs, replace(SMALL, total_steps=400))
    list(dqn.learn(envs))
    assert dqn.buffer is not None
    assert int((dqn.buffer.follows != 0).sum()) == dqn.step
    # The first cell is entered by resets only from the last one, and no transition leads from there.
    last_cells = dqn.buffer.pictures[..., 4] == 1
    assert last_cells.any()
    assert (dqn.buffer.follows[last_cells] == 0).all()


@pytest.mark.parametrize("extras", [{}, EVERYTHING], ids=["plain", "rainbow"])
def test_a_learner_that_is_stopped_and_restored_goes_on_to_the_same_bits(extras: dict[str, Any]) -> None:
    config = replace(SMALL, total_steps=600, **extras)
    whole_envs = Clockwork(4)
    whole = learner(whole_envs, config)
    reports = len(list(whole.learn(whole_envs)))

    stopped_envs = Clockwork(4)
    stopped = learner(stopped_envs, config)
    steps = stopped.learn(stopped_envs)
    for _ in range(3):
        next(steps)
    state = stopped.state()
    state = type(state)({name: np.array(array) for name, array in state.tensors.items()}, state.values)

    resumed_envs = Clockwork(4)
    resumed = learner(resumed_envs, config, seed=1)
    resumed.load_weights(stopped.weights())
    resumed.restore(state)
    assert len(list(resumed.learn(resumed_envs))) == reports - 3
    assert all(np.array_equal(w, whole.weights()[name]) for name, w in resumed.weights().items())


def test_learning_that_diverges_says_so() -> None:
    envs = corridors(4)
    dqn = learner(envs, replace(SMALL, learning_rate=1e30, max_grad_norm=1e30))
    with pytest.raises(FloatingPointError, match="learning diverged"):
        list(dqn.learn(envs))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("buffer_size", 0),
        ("train_every", 0.0),
        ("gamma", 1.5),
        ("n_step", 0),
        ("adam_eps", float("nan")),
    ],
)
def test_a_config_that_makes_no_sense_is_refused_by_name(name: str, value: Any) -> None:
    with pytest.raises(ValueError, match=name):
        Config(**{name: value})


@pytest.mark.slow
def test_cartpole_is_learned() -> None:
    envs = gymnasium.make_vec("CartPole-v1", num_envs=8)
    config = Config(
        total_steps=60_000,
        epsilon_steps=10_000,
        learning_rate=1e-3,
        batch_size=64,
        target_every=500,
        report_steps=5_000,
    )
    dqn = DQN(envs.single_observation_space, envs.single_action_space, config, seed=1)
    returns = [progress.metrics.get("charts/episodic_return", 0.0) for progress in dqn.learn(envs)]
    envs.close()
    assert max(returns) > 120  # over the latest 100 episodes, one action in twenty random; all random: 22


@pytest.mark.parametrize(("extras", "share"), [({}, 0.3), ({"noisy": True}, 0.001)], ids=["plain", "noisy"])
def test_it_plays_with_as_many_random_actions_as_at_the_end_of_training(
    extras: dict[str, Any], share: float
) -> None:
    envs = corridors(4)
    dqn = learner(envs, replace(SMALL, epsilon_end=0.3, **extras))
    seen = np.tile(np.eye(5, dtype=np.float32)[1], (20_000, 1))
    best = dqn.act(seen[:1])[0]
    others = (dqn.act(seen, rng=np.random.default_rng(0)) != best).mean()
    assert others == pytest.approx(share / 2, rel=0.1, abs=0.001), (
        "of two actions every other is the best one"
    )
    assert (dqn.act(seen) == best).all()


@pytest.mark.parametrize("mode", [AutoresetMode.NEXT_STEP, AutoresetMode.SAME_STEP])
def test_the_smallest_buffer_and_the_earliest_start_have_whole_transitions_to_draw(
    mode: AutoresetMode,
) -> None:
    envs = corridors(4, mode)
    extras = {"n_step": 3, "learning_starts": 1, "train_every": 1, "buffer_size": 4 * 6}
    dqn = learner(envs, replace(SMALL, total_steps=400, **extras))
    assert [progress.step for progress in dqn.learn(envs)][-1] >= 400
    with pytest.raises(ValueError, match=r"buffer_size is 23; 4 environments .* need 24"):
        replace(SMALL, n_step=3, buffer_size=23)


def test_steps_that_are_owed_together_are_those_made_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    learned = []
    for together in (1, 8):
        monkeypatch.setattr(dqn_module, "MOST_TOGETHER", together)
        envs = corridors(8)
        config = Config(
            total_steps=2_000,
            num_envs=8,
            learning_starts=64,
            train_every=2.0,
            report_steps=400,
            target_every=100,
            hidden_size=16,
        )
        dqn = DQN(envs.single_observation_space, envs.single_action_space, config, seed=4)
        asked = []
        following = dqn._following
        monkeypatch.setattr(
            dqn, "_following", lambda seen, f=following, a=asked: a.append(len(seen)) or f(seen)
        )
        next(dqn.learn(envs))
        assert max(asked) == config.batch_size * min(together, 4), "four steps for eight of the environments"
        learned.append(dqn.weights())
    for name, array in learned[0].items():
        np.testing.assert_allclose(array, learned[1][name], rtol=1e-4, atol=1e-6)
