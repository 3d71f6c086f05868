"""Gymnasium's environments as games."""

import re
from typing import Any, ClassVar

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.ppo import PPO
from arena.errors import ArenaError, UsageError
from arena.games import catalog, gym_listing
from arena.games.game import Game
from arena.games.gym import _encoding
from arena.matches.match import Match
from arena.matches.player import AgentPlayer
from arena.store.records import Identity

LISTED = [entry.id for entry in gym_listing.gym_entries()]
PLAYABLE = [entry.id for entry in gym_listing.gym_entries() if entry.missing is None]


def play(game: Game, actions: list[int]) -> list[tuple[Any, ...]]:
    seen = []
    for action in actions:
        tick = game.tick([action])
        seen.append((tick, game.scores(), game.digest(), game.observe(0).tobytes()))
        if tick.ended:
            break
    return seen


@pytest.mark.parametrize("game_id", PLAYABLE)
def test_every_listed_environment_plays_and_goes_back_to_a_snapshot(game_id: str) -> None:
    game = catalog.make(game_id)
    game.reset(1)
    assert game.frame().ndim == 3
    assert game.frame().shape[2] == 3
    assert game.frame().dtype == np.uint8
    assert game.observe(0).dtype in (np.float32, np.uint8)
    assert 0 <= game.spec.idle_action < len(game.spec.actions)
    assert not game.spec.actions[0].startswith("action"), "listed environments have names for their actions"
    rng = np.random.default_rng(5)
    actions = rng.integers(0, len(game.spec.actions), 60).tolist()
    if play(game, actions[:20])[-1][0].ended:
        game.reset(2)
    snapshot, digest, picture = game.snapshot(), game.digest(), game.frame()
    first = play(game, actions[20:])
    other = catalog.make(game_id)
    for at in (game, other):
        at.restore(snapshot)
        assert at.digest() == digest
        assert np.array_equal(at.frame(), picture)
        assert play(at, actions[20:]) == first
    other.close()
    game.close()


@pytest.mark.parametrize(
    "game_id", ["gym/CartPole-v1", "gym/Acrobot-v1", "gym/FrozenLake-v1", "gym/Blackjack-v1"]
)
def test_a_match_and_training_see_equal_bytes_over_a_thousand_decisions(game_id: str) -> None:
    check_equal_views(game_id)


@pytest.mark.parametrize("game_id", [game_id for game_id in PLAYABLE if "DoorKey-8x8" in game_id])
def test_minigrid_too(game_id: str) -> None:
    check_equal_views(game_id)


def check_equal_views(game_id: str) -> None:
    game = catalog.make(game_id)
    envs = catalog.vector(game_id, 2, 50)
    assert isinstance(envs.single_action_space, spaces.Discrete)
    assert envs.single_action_space.n == len(game.spec.actions)
    rng = np.random.default_rng(6)
    seed, ended = 50, True
    for decision in range(1000):
        if ended:
            observations, _ = envs.reset(seed=None if decision == 0 else [seed, 0])
            game.reset(seed)
            seed += 1
            assert np.array_equal(observations[0], game.observe(0))
            assert observations.dtype == game.observe(0).dtype
            assert envs.single_observation_space.contains(game.observe(0))
        actions = rng.integers(0, len(game.spec.actions), 2)
        observations, rewards, terminated, truncated, _ = envs.step(actions)
        tick = game.tick([int(actions[0])])
        ended = tick.ended
        assert np.array_equal(observations[0], game.observe(0)), f"decision {decision}"
        assert rewards[0] == tick.rewards[0]
        assert (bool(terminated[0]), bool(truncated[0])) == (tick.terminated, tick.truncated)
    envs.close()
    game.close()


def test_training_repeats_for_equal_seeds_and_ignores_an_action_that_resets() -> None:
    seen = []
    for _ in range(2):
        envs = catalog.vector("gym/CartPole-v1", 3, 8)
        observations, _ = envs.reset()
        history = [observations.copy()]
        for _ in range(60):
            observations, *_ = envs.step(np.array([0, 1, 0]))
            history.append(observations.copy())
        seen.append(np.stack(history))
        envs.close()
    assert np.array_equal(seen[0], seen[1])
    assert not np.array_equal(seen[0][0, 0], seen[0][0, 1])


@pytest.mark.parametrize(
    "game_id",
    ["gym/CartPole-v1", "gym/FrozenLake-v1", "gym/CliffWalking-v1", "gym/Blackjack-v1", "gym/Acrobot-v1"],
)
@pytest.mark.parametrize("steps", [0, 1, 30, 150])
def test_training_goes_on_where_it_was_as_if_it_had_never_stopped(game_id: str, steps: int) -> None:
    envs = catalog.vector(game_id, 3, 8)
    actions = int(envs.single_action_space.n)  # type: ignore[attr-defined]
    rng = np.random.default_rng(7)
    envs.reset()
    for _ in range(steps):
        envs.step(rng.integers(actions, size=3))
    state = {name: array.copy() for name, array in envs.get_state().items()}  # type: ignore[attr-defined]
    moves = rng.integers(actions, size=(80, 3))
    seen = []
    for at in (envs, catalog.vector(game_id, 3, 99)):
        if at is not envs:
            at.reset()
            at.set_state(state)  # type: ignore[attr-defined]
        seen.append([[part.tolist() for part in at.step(move)[:4]] for move in moves])
        at.close()
    assert seen[0] == seen[1]


def test_the_state_of_other_environments_is_refused() -> None:
    one, other = catalog.vector("gym/CartPole-v1", 2, 8), catalog.vector("gym/CartPole-v1", 3, 8)
    one.reset()
    with pytest.raises(ValueError, match="of 2 environments, not of 3"):
        other.set_state(one.get_state())  # type: ignore[attr-defined]
    one.close()
    other.close()


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**40), moves=st.lists(st.integers(0, 3), min_size=1, max_size=30))
def test_equal_seeds_and_actions_make_equal_games(seed: int, moves: list[int]) -> None:
    one, two = catalog.make("gym/FrozenLake-v1"), catalog.make("gym/FrozenLake-v1")
    one.reset(seed)
    two.reset(seed)
    assert play(one, moves) == play(two, moves)


def test_different_seeds_open_differently() -> None:
    game = catalog.make("gym/CartPole-v1")
    seen = set()
    for seed in range(20):
        game.reset(seed)
        seen.add((game.observe(0).tobytes(), game.digest()))
    assert len(seen) == 20


def test_an_environment_without_a_time_limit_ends_after_a_thousand_steps() -> None:
    game = catalog.make("gym/CliffWalking-v1")
    game.reset(1)
    ticks = play(game, [0] * 2000)
    assert len(ticks) == 1000
    assert ticks[-1][0].truncated
    assert game.scores() == (-1000.0,)


def test_options_reach_the_environment() -> None:
    small, large = catalog.make("gym/FrozenLake-v1"), catalog.make("gym/FrozenLake-v1", map_name="8x8")
    small.reset(1)
    large.reset(1)
    assert small.observe(0).shape == (16,)
    assert large.observe(0).shape == (64,)
    assert small.digest() != large.digest()


@pytest.mark.parametrize(
    ("game_id", "options", "said"),
    [
        ("gym/CartPole-v9", {}, "CartPole-v1"),
        ("gym/cartpole-v1", {}, "CartPole-v1"),
        ("gym/Nothing", {}, "gym/Nothing"),
        ("gym/Taxi-v3", {}, "Taxi-v4"),
        ("gym/", {}, "gym/"),
        ("gym/Pendulum-v1", {}, "no discrete actions"),
        ("gym/CartPole-v1", {"gravity": 3}, "gravity=3"),
        ("gym/FrozenLake-v1", {"map_name": "9x9"}, "map_name=9x9"),
    ],
)
def test_what_cannot_be_played_is_said_in_one_line(game_id: str, options: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said) as caught:
        catalog.make(game_id, **options)
    assert "\n" not in str(caught.value)
    with pytest.raises(UsageError, match=said):
        catalog.vector(game_id, 2, 1, **options)


@pytest.mark.parametrize("game_id", [game_id for game_id in LISTED if game_id not in PLAYABLE])
def test_what_is_not_installed_is_listed_with_what_it_needs(game_id: str) -> None:
    assert "pip install" in (catalog.find(game_id).missing or "")
    with pytest.raises(ArenaError, match="pip install"):
        catalog.make(game_id)


def test_an_environment_that_draws_nothing_is_refused() -> None:
    class Dark(gymnasium.Env[Any, Any]):
        observation_space = spaces.Discrete(2)
        action_space = spaces.Discrete(2)

        def __init__(self, render_mode: str | None = None) -> None:
            self.render_mode = render_mode

    gymnasium.register("ArenaTestDark-v0", Dark)
    try:
        with pytest.raises(UsageError, match="no picture"):
            catalog.make("gym/ArenaTestDark-v0")
    finally:
        del gymnasium.registry["ArenaTestDark-v0"]


@pytest.mark.parametrize("action", [2, -1])
def test_actions_out_of_range_are_refused(action: int) -> None:
    game = catalog.make("gym/CartPole-v1")
    game.reset(1)
    with pytest.raises(ValueError, match="0 to 1"):
        game.tick([action])
    envs = catalog.vector("gym/CartPole-v1", 1, 1)
    envs.reset()
    with pytest.raises(ValueError, match="not all in"):
        envs.step(np.array([action]))
    envs.close()


def test_closing_a_game_leaves_pygame_running() -> None:
    import pygame

    pygame.font.init()
    game = catalog.make("gym/CartPole-v1")
    game.reset(1)
    game.frame()
    game.close()
    assert pygame.font.get_init()
    assert pygame.display.get_init()


def test_encodings_of_observations() -> None:
    box, encode = _encoding(spaces.Discrete(3, start=5))
    assert encode(6).tolist() == [0.0, 1.0, 0.0]
    assert box.shape == (3,)
    box, encode = _encoding(spaces.Tuple((spaces.Discrete(2), spaces.Discrete(3))))
    assert encode((1, 2)).tolist() == [0.0, 1.0, 0.0, 0.0, 1.0]
    box, encode = _encoding(
        spaces.Dict({"image": spaces.Box(0, 255, (2, 2, 3), np.uint8), "mission": spaces.Text(9)})
    )
    assert box.dtype == np.uint8
    assert encode({"image": np.ones((2, 2, 3), np.uint8), "mission": "go"}).shape == (2, 2, 3)
    box, encode = _encoding(spaces.Box(-1.0, 1.0, (2,), np.float64))
    assert encode(np.array([0.1, 0.2])).dtype == np.float32 == box.dtype
    with pytest.raises(UsageError):
        _encoding(spaces.Sequence(spaces.Discrete(2)))


@pytest.mark.parametrize(("reward", "step"), [(float("nan"), 1), (float("-inf"), 1), (1e308, 2)])
def test_a_reward_that_makes_no_finite_score_names_the_game_and_the_value(
    reward: float, step: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    game = catalog.make("gym/CartPole-v1")
    game.reset(1)
    observation = game.observe(0)
    monkeypatch.setattr(game._env, "step", lambda action: (observation, reward, False, False, {}))  # type: ignore[attr-defined]
    for _ in range(step - 1):
        game.tick([0])
    with pytest.raises(
        ArenaError, match=re.escape(f"gym/CartPole-v1 gave the reward {reward} at step {step}")
    ):
        game.tick([0])
    game.close()


def test_actions_are_counted_from_0_where_the_environment_counts_from_another_number() -> None:
    taken: list[int] = []

    class FromFive(gymnasium.Env[np.ndarray, int]):
        observation_space = spaces.Box(0.0, 1.0, (2,), np.float32)
        action_space = spaces.Discrete(3, start=5)
        metadata: ClassVar[dict[str, Any]] = {"render_modes": ["rgb_array"]}

        def __init__(self, render_mode: str | None = None) -> None:
            self.render_mode = render_mode

        def reset(self, *, seed: Any = None, options: Any = None) -> tuple[np.ndarray, dict[str, Any]]:
            return np.zeros(2, np.float32), {}

        def step(self, action: int) -> tuple[np.ndarray, float, bool, bool, dict[str, Any]]:
            taken.append(int(action))
            return np.zeros(2, np.float32), 0.0, False, False, {}

        def render(self) -> np.ndarray:
            return np.zeros((4, 4, 3), np.uint8)

    gymnasium.register("ArenaTestFromFive-v0", FromFive)
    try:
        envs = catalog.vector("gym/ArenaTestFromFive-v0", 2, 1)
        envs.reset()
        envs.step(np.array([0, 2]))
        agent = PPO(envs.single_observation_space, envs.single_action_space, seed=1)
        match = Match(
            "gym/ArenaTestFromFive-v0",
            [AgentPlayer(Identity("agent:1", "ppo", "agent"), agent, greedy=False)],
            1,
        )
        for _ in range(50):
            match.tick()
        assert taken[:2] == [5, 7] and set(taken) == {5, 6, 7}
        match.close()
        envs.close()
    finally:
        del gymnasium.registry["ArenaTestFromFive-v0"]
