"""Attempts at demonstrations of Atari games."""

from typing import Any

import numpy as np
import pytest

from agents.agent import CannotLearn
from agents.backward import Backward
from agents.demonstrations import Demonstration
from arena.errors import UsageError
from arena.games import catalog
from arena.games.atari_practice import AtariPractice, decide

# In Freeway going up scores within seconds.
UP = bytes([1] * 200)


def practice(num_envs: int = 3, **options: Any) -> AtariPractice:
    made = catalog.practice("atari/freeway", num_envs, 0, **options)
    assert isinstance(made, AtariPractice)
    return made


def attempting(stride: int = 20, num_envs: int = 3, **options: Any) -> tuple[AtariPractice, Backward]:
    envs = practice(num_envs, **options)
    recording = envs.record(Demonstration(5, UP)).until(1.0)
    backward = Backward([len(recording)], share=0.5, attempts=6, stride=stride, openings=envs.openings)
    envs.attempt([Demonstration(5, UP[: len(recording)])], backward)
    return envs, backward


def test_a_demonstration_looks_as_a_match_without_chance_does() -> None:
    envs = practice()
    recording = envs.record(Demonstration(5, UP))
    game = catalog.make("atari/freeway", sticky=0.0)
    game.reset(5)
    score = 0.0
    for seen, action, reward in zip(
        recording.observations, recording.actions, recording.rewards, strict=True
    ):
        np.testing.assert_array_equal(seen, game.observe(0))
        for _ in range(4):
            game.tick((int(action),))
        score += reward
        assert game.scores() == (score,)
    assert len(recording) == len(UP) and score >= 1
    assert recording.observations.base is not None, "frames are kept once, not four times"


def test_an_attempt_begins_exactly_where_the_demonstration_was() -> None:
    envs, backward = attempting(sticky=0.0)
    recording = envs.record(Demonstration(5, UP))
    observations, _ = envs.reset(seed=4)
    starts = [start for _, start in envs._begun]
    assert all(int(backward.points[0]) <= start < backward.lengths[0] for start in starts)
    for step in range(8):
        for slot, start in enumerate(starts):
            if start + step < backward.lengths[0]:
                np.testing.assert_array_equal(observations[slot], recording.observations[start + step])
        observations, *_ = envs.step(np.full(3, 1))
        if envs._over.any():
            break


def test_attempts_that_do_as_well_end_and_starting_points_move_back_to_the_start() -> None:
    envs, backward = attempting()
    observations, _ = envs.reset(seed=4)
    ended = 0
    for _ in range(3_000):
        over = envs._over.copy()
        observations, rewards, terminated, truncated, infos = envs.step(np.full(3, 1))
        assert envs.observation_space.contains(observations)
        assert not rewards[over].any() and not (terminated | truncated)[over].any()
        for slot in np.flatnonzero(terminated):
            ended += 1
            assert infos["_episode"][slot] and infos["episode"]["r"][slot] == 1.0
        if backward.points[0] == -29 and ended > 90:
            break
    assert backward.points[0] == -29 and backward.success is not None and backward.success > 0.5
    assert envs.metrics() == {"practice/left": 0.0, "practice/success": backward.success}


def test_openings_are_those_of_a_match_and_at_first_the_demonstrations_own() -> None:
    envs, backward = attempting()
    game = catalog.make("atari/freeway")
    game.reset(5)
    own = game.holding[0]  # type: ignore[attr-defined]
    for spread in (0, 3, 29):
        backward.points[0] = backward.openings = -spread
        backward.openings = spread
        openings = set()
        for seed in range(60):
            envs.reset(seed=seed)
            openings |= {one.holding[0] for one in envs._games}
        assert openings <= set(range(max(1, own - spread), min(own + spread, 30) + 1))
        assert len(openings) > spread // 2


def test_an_attempt_that_takes_too_long_is_cut_short() -> None:
    envs, backward = attempting()
    envs.reset(seed=4)
    started = [start for _, start in envs._begun]
    for step in range(1, 400):  # noqa: B007 - how many it took is looked at afterwards
        _, rewards, terminated, truncated, _ = envs.step(np.zeros(3, np.int64))
        assert not terminated.any() and not rewards.any()
        if truncated.any():
            break
    [slot, *_] = np.flatnonzero(truncated)
    assert step == int(1.5 * (backward.lengths[0] - started[slot])) + 50
    assert backward.success == 0.0


def test_chance_is_drawn_anew_and_only_from_the_seed() -> None:
    def seen(seed: int) -> np.ndarray:
        envs, _ = attempting()
        envs.reset(seed=seed)
        rng = np.random.default_rng(0)
        return np.stack([envs.step(rng.integers(3, size=3))[0] for _ in range(30)])

    assert (seen(1) == seen(1)).all()
    assert not (seen(1) == seen(2)).all()


def test_a_demonstration_that_loses_a_life_on_the_way_is_refused() -> None:
    envs = catalog.practice("atari/montezuma_revenge", 1, 0)
    fall = bytes([4] * 40 + [0] * 60)
    with pytest.raises(CannotLearn, match="loses a life before its end"):
        envs.attempt(  # type: ignore[attr-defined]
            [Demonstration(0, fall)], Backward([100], share=0.5, attempts=6, stride=60)
        )


def test_after_a_reset_the_first_step_is_one() -> None:
    envs, _ = attempting()
    envs.reset(seed=4)
    while not envs._over.any():
        envs.step(np.full(3, 1))
    envs.reset()
    envs.step(np.full(3, 1))
    assert envs._lengths.tolist() == [1, 1, 1]


def test_a_lost_life_ends_an_attempt() -> None:
    envs = catalog.practice("atari/montezuma_revenge", 1, 0)
    idle = bytes([0] * 60)
    backward = Backward([60], share=0.5, attempts=6, stride=60, openings=0)
    envs.attempt([Demonstration(0, idle)], backward)  # type: ignore[attr-defined]
    envs._guides[0] = envs._guides[0]._replace(score=1e9)  # type: ignore[attr-defined]
    envs.reset(seed=0)
    lives = envs._games[0].emulator.lives()  # type: ignore[attr-defined]
    for _ in range(140):
        _, _, terminated, truncated, _ = envs.step(np.array([4]))
        if terminated[0] or truncated[0]:
            break
    assert envs._games[0].emulator.lives() == lives - terminated[0]  # type: ignore[attr-defined]
    assert terminated[0] != truncated[0]


def test_what_makes_no_sense_is_refused() -> None:
    with pytest.raises(UsageError, match="no option 'mode'"):
        practice(mode=1)
    with pytest.raises(UsageError, match="sticky"):
        practice(sticky=2)
    with pytest.raises(ValueError, match="takes action 17, which atari/freeway has not"):
        practice().record(Demonstration(0, bytes([1, 17])))
    with pytest.raises(ValueError, match="practice needs demonstrations"):
        practice().reset(seed=0)


def test_a_decision_ends_with_the_game() -> None:
    game = catalog.make("atari/pong", sticky=0.0)
    game.reset(0)
    over = False
    for _ in range(2_000):
        _, over = decide(game, 0)  # type: ignore[arg-type]
        if over:
            break
    assert over and game.scores() == (-21.0,)
