"""Mazes that grow as they are solved, and demonstrations of small ones."""

import numpy as np
import pytest

from agents.demonstrations import Demonstration
from arena.games import catalog
from arena.games.maze import practice_env
from arena.games.maze.practice_env import MazePractice
from arena.games.maze.world import STAY


def practice(size: int = 19, num_envs: int = 8, **options: object) -> MazePractice:
    made = catalog.practice("maze/run", num_envs, 3, size=size, **options)
    assert isinstance(made, MazePractice)
    return made


def guided(envs: MazePractice) -> np.ndarray:
    """What somebody does who sees everything."""
    inner = envs._envs
    actions = []
    for world in range(envs.num_envs):
        one = type(inner.worlds)(*(part[world : world + 1] for part in inner.worlds))
        over = bool(one.over[0])
        actions.append(STAY if over or envs._begun is not None else inner.options.rules.guide(one, 0))
    return np.array(actions)


def test_mazes_grow_when_most_are_solved_and_what_is_under_way_is_cut_short() -> None:
    envs = practice()
    envs.reset(seed=1)
    sizes, cut = [envs.size], 0
    for _ in range(3_000):
        before = envs.size
        _, _, terminated, truncated, _ = envs.step(guided(envs))
        if envs.size != before:
            sizes.append(envs.size)
            assert (terminated | truncated).all()
            observations, rewards, terminated, truncated, infos = envs.step(guided(envs))
            assert not rewards.any() and not (terminated | truncated).any() and not infos
            assert envs.observation_space.contains(observations)
            assert (envs._envs.worlds.time == 0).all()
            cut += 1
        if envs.size == 19:
            break
    assert sizes == [11, 15, 19] and cut == 2
    assert envs.metrics() == {"practice/size": 19.0}
    envs.close()


def test_after_a_reset_the_first_step_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(practice_env, "LATEST", 1)
    envs = practice()
    envs.reset(seed=1)
    while envs._begun is None:
        envs.step(guided(envs))
    envs.reset()
    envs.step(np.full(8, STAY))
    assert (envs._envs.worlds.time == 1).all() and not envs._solved
    envs.close()


def test_who_need_not_begin_small_is_in_the_largest_at_once() -> None:
    envs = practice()
    envs.grow_up()
    observations, _ = envs.reset(seed=1)
    assert envs.size == 19 and envs.observation_space.contains(observations)
    envs.close()


def test_mazes_stay_small_for_who_solves_few() -> None:
    envs = practice()
    envs.reset(seed=1)
    for _ in range(2_000):
        envs.step(np.full(8, STAY))
    assert envs.size == 11 and len(envs._solved) == envs._solved.maxlen
    envs.close()


@pytest.mark.parametrize("options", [{"size": 9}, {"size": 19, "observation": "grid"}])
def test_there_is_one_size_where_no_smaller_one_looks_the_same(options: dict[str, object]) -> None:
    envs = catalog.practice("maze/run", 4, 0, **options)
    assert envs.size == options["size"]  # type: ignore[attr-defined]
    envs.close()


def test_it_goes_on_exactly_wherever_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(practice_env, "LATEST", 1)
    envs = practice()
    envs.reset(seed=2)
    seen_at_growth = False
    for step in range(600):
        growing = envs._begun is not None
        if step in (5, 100) or growing:
            seen_at_growth |= growing
            again = practice()
            again.reset(seed=9)
            again.set_state(envs.get_state())
            assert again.size == envs.size
            rng = np.random.default_rng(step)
            twin = practice()
            twin.set_state(envs.get_state())
            for _ in range(40):
                actions = rng.integers(6, size=8)
                for one, other in zip(again.step(actions)[:4], twin.step(actions)[:4], strict=True):
                    np.testing.assert_array_equal(one, other)
            again.close()
            twin.close()
        envs.step(guided(envs))
        if seen_at_growth and step > 100:
            break
    assert seen_at_growth
    envs.close()


def test_the_state_of_mazes_of_no_such_size_is_refused() -> None:
    envs = practice()
    state = envs.get_state()
    state["practice"][0] = 13
    with pytest.raises(ValueError, match="mazes of size 13 does not fit those of 19"):
        envs.set_state(state)
    envs.close()


def test_a_demonstration_looks_as_training_does() -> None:
    envs = catalog.practice("maze/vault", 1, 0, size=9)
    assert isinstance(envs, MazePractice)
    actions = bytes(np.random.default_rng(0).integers(6, size=30).tolist())
    recording = envs.record(Demonstration(12, actions))
    vector = catalog.vector("maze/vault", 1, 0, size=9)
    observation, _ = vector.reset(options={"levels": [12]})
    for seen, action in zip(recording.observations, recording.actions, strict=True):
        np.testing.assert_array_equal(seen, observation[0])
        observation, *_ = vector.step(np.array([action]))
    assert recording.actions.tolist() == list(actions)
    for each in (envs, vector):
        each.close()
