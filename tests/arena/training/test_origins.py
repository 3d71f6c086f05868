"""A run may begin with what another has learned, and says so for ever."""

import numpy as np
import pytest

from agents.dqn import DQN
from agents.dqn import Config as DQNConfig
from arena.errors import ArenaError, UsageError
from arena.store import checkpoints, runs
from arena.training import group
from arena.training.promote import crown, measure
from arena.training.run import check, train
from arena.training.settings import Settings
from arena.training.stopping import Stop
from tests.arena.training.test_run import TINY

CARTPOLE = {"num_envs": "4", "num_steps": "16", "hidden_size": "16", "epochs": "1"}


def trained(game: str = "gym/CartPole-v1", steps: int = 300, agent: str = "ppo", **more: object) -> runs.Run:
    *_, last = train(Settings(agent, game, steps=steps, overrides=CARTPOLE, **more))  # type: ignore[arg-type]
    return runs.find(last.run)


def weights(run: runs.Run) -> dict[str, np.ndarray]:
    assert run.checkpoint is not None
    return checkpoints.load_agent(run.checkpoint)[0].weights()


def test_it_begins_with_the_weights_of_a_run_and_learns_on() -> None:
    first = trained()
    _, origin = check(Settings("ppo", "gym/CartPole-v1", overrides=CARTPOLE, origin=first.id))
    assert origin["steps"] == first.step and origin["player"] == first.id
    second = trained(seed=2, origin=f"ppo@{first.id}")
    assert second.origin["digest"] == origin["digest"]
    assert second.step < first.step + 100, "its own steps are counted from 0"
    moved = [np.abs(weights(first)[name] - array).max() for name, array in weights(second).items()]
    fresh = trained(seed=2)
    farther = [np.abs(weights(first)[name] - array).max() for name, array in weights(fresh).items()]
    assert 0 < max(moved) < 0.1 < max(farther)
    assert fresh.origin == {}


def test_a_champion_tells_what_it_began_with_and_how_that_was_trained() -> None:
    first = trained("maze/run", options={"size": 7})
    crown(measure(first.id, games=10))
    [champion] = checkpoints.champions("maze/run")
    second = trained("maze/run", options={"size": 7}, origin="ppo")
    card = measure(second.id, games=10).card
    assert card["began_with"]["digest"] == champion.digest
    assert card["began_with"]["steps"] == first.step
    assert card["began_with"]["seconds"] == champion.card["seconds"] > 0
    assert "began_with" not in champion.card and champion.steps_before == 0
    third = crown(measure(trained("maze/run", options={"size": 7}, origin=second.id).id, games=10))
    assert third.steps_before == first.step + second.step


def test_a_run_that_was_stopped_before_its_first_checkpoint_begins_so_again() -> None:
    first = trained()
    assert first.checkpoint is not None
    settings = Settings("ppo", "gym/CartPole-v1", steps=300, overrides=CARTPOLE, origin=str(first.checkpoint))
    *_, last = train(settings)
    whole = runs.find(last.run)
    [waiting, _] = group.create(settings, [0, 1], whole.config, whole.origin)
    *_, last = train(Settings(resume=waiting.id))
    for name, array in weights(runs.find(last.run)).items():
        np.testing.assert_array_equal(array, weights(whole)[name])


def test_what_it_began_with_must_be_what_it_was() -> None:
    first = trained()
    settings = Settings("ppo", "gym/CartPole-v1", steps=300, overrides=CARTPOLE, origin=first.id)
    config = trained(origin=first.id)
    [waiting] = group.create(settings, [0], config.config, config.origin)
    *_, _ = train(Settings(resume=first.id, steps=600))
    with pytest.raises(ArenaError, match=f"began with {first.id}, which has changed since"):
        list(train(Settings(resume=waiting.id)))


@pytest.mark.parametrize(
    ("origin", "says"),
    [
        ("dqn", "dqn has no champion for gym/CartPole-v1"),
        ("random", "no player is called 'random'|random"),
        ("ppo-of-nobody", "no player is called 'ppo-of-nobody'"),
    ],
)
def test_who_has_learned_nothing_cannot_be_begun_with(origin: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        check(Settings("ppo", "gym/CartPole-v1", overrides=CARTPOLE, origin=origin))
    assert runs.runs() == []


def test_weights_that_do_not_fit_are_refused_with_both_games_named() -> None:
    first = trained()
    with pytest.raises(UsageError, match=f"ppo at maze/run cannot begin with {first.id}, of gym/CartPole-v1"):
        check(Settings("ppo", "maze/run", options={"size": 7}, overrides=TINY, origin=first.id))
    with pytest.raises(UsageError, match="dqn cannot begin with what ppo has learned"):
        check(Settings("dqn", "gym/CartPole-v1", origin=first.id))


def test_what_is_stopped_at_once_is_kept_and_goes_on() -> None:
    first = trained()
    stop = Stop()
    stop.set()
    *_, last = train(Settings("ppo", "gym/CartPole-v1", steps=300, overrides=CARTPOLE, origin=first.id), stop)
    *_, last = train(Settings(resume=last.run))
    assert last.event == "finished" and runs.find(last.run).origin["player"] == first.id


def test_a_target_network_begins_like_the_other() -> None:
    import gymnasium

    spaces = gymnasium.spaces.Box(-1, 1, (4,)), gymnasium.spaces.Discrete(2)
    one, other = (DQN(*spaces, DQNConfig(hidden_size=8), seed=seed) for seed in (1, 2))
    other.load_weights(one.weights())
    for name, tensor in other.target.state_dict().items():
        np.testing.assert_array_equal(tensor.numpy(), one.weights()[name])
