"""What was asked for becomes a config, or a line that says what may be asked for."""

import pytest

from agents.ppo import Config
from arena.errors import UsageError
from arena.training.settings import Settings, configure, opponents_of, parse


def test_a_preset_is_taken_by_the_games_family_and_what_was_set_comes_last() -> None:
    config = configure(Settings("ppo", "maze/run", steps=1000, envs=16, overrides={"num_envs": "32"}))
    assert (config.total_steps, config.num_envs) == (1000, 32)
    assert config.gamma == 0.995
    assert configure(Settings("ppo", "gym/CartPole-v1")).num_envs == 8


def test_values_are_read_in_the_types_of_their_fields() -> None:
    assert parse(Config, {"total_steps": "2e6", "epochs": "1_0", "anneal": "False", "gamma": "1"}) == {
        "total_steps": 2_000_000,
        "epochs": 10,
        "anneal": False,
        "gamma": 1.0,
    }


@pytest.mark.parametrize(
    ("overrides", "said"),
    [
        ({"gama": "0.9"}, "did you mean gamma"),
        ({"zzz": "1"}, "there are total_steps"),
        ({"epochs": "1.5"}, "epochs is a whole number, not '1.5'"),
        ({"epochs": "many"}, "epochs is a whole number, not 'many'"),
        ({"total_steps": "inf"}, "total_steps is a whole number"),
        ({"gamma": "high"}, "gamma is a number"),
        ({"anneal": "maybe"}, "anneal is true or false"),
        ({"gamma": "2"}, "gamma is 2.0; it must be from 0 to 1"),
    ],
)
def test_what_cannot_be_set_is_refused_with_what_can(overrides: dict[str, str], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        configure(Settings("ppo", "maze/run", overrides=overrides))


def test_an_unknown_agent_is_refused_with_those_there_are() -> None:
    with pytest.raises(UsageError, match=r"no agent is called 'pop' \(did you mean ppo\?\); there are ppo"):
        configure(Settings("pop", "maze/run"))


def test_a_seed_out_of_range_is_refused() -> None:
    with pytest.raises(UsageError, match="the seed -1"):
        configure(Settings("ppo", "maze/run", seed=-1))


def test_more_environments_than_steps_are_refused() -> None:
    with pytest.raises(UsageError, match="100,000 environments take more than 2,000 steps at once"):
        configure(Settings("ppo", "gym/Blackjack-v1", steps=2_000, envs=100_000))


def test_who_learns_from_a_buffer_knows_of_the_planes_that_say_where_one_sits() -> None:
    assert configure(Settings("dqn", "versus/pong")).planes == 0
    assert configure(Settings("dqn", "versus/pong", options={"seats": 4})).planes == 4
    assert configure(Settings("rainbow", "versus/warlords")).planes == 4
    assert configure(Settings("dqn", "atari/pong")).planes == 0
    with pytest.raises(UsageError, match="versus/pong is for 2 or 4 players, and seats=3"):
        configure(Settings("dqn", "versus/pong", options={"seats": 3}))


def test_on_consoles_a_learner_meets_its_past_and_in_mazes_itself_unless_told_otherwise() -> None:
    assert opponents_of(Settings("ppo", "versus/pong")) == "past"
    assert opponents_of(Settings("ppo", "maze/coins")) == opponents_of(Settings("ppo", "maze/run")) == "self"
    assert opponents_of(Settings("ppo", "maze/coins", opponents="past")) == "past"
