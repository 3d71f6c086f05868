"""Versus games in training: every seat of every game a slot, emulated in processes."""

import os
import signal
from typing import Any

import numpy as np
import pytest

from arena.errors import ArenaError, UsageError
from arena.games import catalog
from arena.games.versus_vector import VersusVectorEnv


def vector_of(game_id: str, num_envs: int, seed: int = 1, **options: Any) -> VersusVectorEnv:
    envs = catalog.vector(game_id, num_envs, seed, **options)
    assert isinstance(envs, VersusVectorEnv)
    return envs


def steps(envs: VersusVectorEnv, count: int, seed: int) -> list[tuple[Any, ...]]:
    rng, known = np.random.default_rng(seed), envs.single_action_space.n
    return [envs.step(rng.integers(known, size=envs.num_envs))[:4] for _ in range(count)]


def same(one: list[tuple[Any, ...]], other: list[tuple[Any, ...]]) -> bool:
    return all(
        np.array_equal(a, b) for x, y in zip(one, other, strict=True) for a, b in zip(x, y, strict=True)
    )


def test_training_and_a_match_see_equal_bytes_and_mean_the_same_by_an_action() -> None:
    envs, game = vector_of("versus/surround", 2, sticky=0.25), catalog.make("versus/surround", sticky=0.25)
    observations, _ = envs.reset()
    [seed] = np.random.SeedSequence([1, 0, 1]).generate_state(1, np.uint32)
    game.reset(int(seed >> 1))
    rng = np.random.default_rng(0)
    for _ in range(300):
        assert np.array_equal(observations, np.stack([game.observe(0), game.observe(1)]))
        actions = rng.integers(len(game.spec.actions), size=2)
        observations, rewards, *_ = envs.step(actions)
        meant = [game.meant(seat, int(action)) for seat, action in enumerate(actions)]
        earned = np.sum([game.tick(meant).rewards for _ in range(4)], axis=0)
        assert np.array_equal(rewards, earned)
    envs.close()
    game.close()


def test_what_happens_does_not_depend_on_how_many_processes_there_are_nor_on_being_divided() -> None:
    one, two, three = (vector_of("versus/pong", 6, processes=count) for count in (1, 2, 3))
    seen = [envs.reset()[0] for envs in (one, two, three)]
    assert np.array_equal(seen[0], seen[1])
    assert np.array_equal(seen[0], seen[2])
    expected = steps(one, 40, 5)
    assert same(steps(two, 40, 5), expected)
    parts, rng, divided = three.divided(2), np.random.default_rng(5), []
    assert [part.num_envs for part in parts] == [4, 2]
    for _ in range(40):
        actions = rng.integers(6, size=6)
        for part, some in zip(parts, np.split(actions, [4]), strict=True):
            part.step_async(some)
        divided.append(
            tuple(map(np.concatenate, zip(*(part.step_wait()[:4] for part in parts), strict=True)))
        )
    assert same(divided, expected)
    for envs in (one, two, three):
        envs.close()


def test_games_that_end_tell_of_it_and_the_next_begins_with_a_step_that_is_no_data() -> None:
    envs = vector_of("versus/entombed", 4)
    envs.reset()
    told, earned = [], np.zeros(4)
    for _ in range(400):
        _, rewards, terminated, truncated, infos = envs.step(np.zeros(4, np.int64))
        earned += rewards
        assert not truncated.any()
        assert np.array_equal(terminated, infos.get("_episode", np.zeros(4, bool)))
        if terminated.any():
            told.append(infos["episode"])
            ended = infos["_episode"]
            assert np.array_equal(ended[::2], ended[1::2]), "a game ends for all its seats"
            assert np.array_equal(infos["episode"]["r"][ended], earned[ended])
            earned[ended] = 0
            _, rewards, *_ = envs.step(np.ones(4, np.int64))
            assert not rewards[ended].any()
            earned += rewards
    assert told
    assert {tuple(episode["score"][:2].tolist()) for episode in told} <= {(0, 3), (0, 0), (3, 0)}
    envs.close()


def test_a_state_is_gone_on_with_to_the_same_bytes_by_others() -> None:
    envs = vector_of("versus/entombed", 4)
    envs.reset()
    steps(envs, 60, 1)
    state = envs.get_state()
    expected = steps(envs, 300, 2)
    other = vector_of("versus/entombed", 4, seed=9, processes=1)
    other.reset()
    other.set_state(state)
    assert same(steps(other, 300, 2), expected)
    with pytest.raises(ValueError, match="does not fit: game 1"):
        other.set_state({name: array for name, array in state.items() if not name.startswith("1/")})
    envs.close()
    other.close()


def test_a_process_that_is_killed_is_one_clear_error() -> None:
    envs = vector_of("versus/pong", 4, processes=2)
    envs.reset()
    process = envs._parts[1]._process
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    with pytest.raises(ArenaError, match="the process that emulates versus/pong has ended"):
        steps(envs, 2, 0)
    envs.close()


@pytest.mark.parametrize(
    ("count", "options", "error", "words"),
    [
        (3, {}, ValueError, "3 environments do not make whole games of 2 seats"),
        (2, {"seats": 4}, ValueError, "2 environments do not make whole games of 4 seats"),
        (4, {"seats": 3}, UsageError, "is for 2 or 4 players"),
        (4, {"colour": 3}, UsageError, "no option 'colour'"),
    ],
)
def test_what_cannot_be_is_refused(count: int, options: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        vector_of("versus/pong", count, **options)


def test_actions_that_are_none_are_refused() -> None:
    envs = vector_of("versus/pong", 2)
    envs.reset()
    for actions in (np.array([0, 6]), np.array([0, -1]), np.array([0]), np.array([0.0, 1.0])):
        with pytest.raises(ValueError):
            envs.step(actions)
    envs.close()
