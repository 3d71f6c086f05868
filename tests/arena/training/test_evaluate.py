"""Strength is measured as it is told: held-out levels, every level once."""

from typing import Any

import numpy as np
import pytest

from arena.training import evaluate
from arena.training.evaluate import Done, _steps_left, play_atari, strength


@pytest.mark.parametrize(("game", "games"), [("maze/run", 300), ("maze/race", 60), ("gym/CartPole-v1", 4)])
def test_measuring_tells_how_far_it_is(game: str, games: int) -> None:
    told: list[Done] = []
    options: dict[str, int | str | float | bool] = {"size": 11} if game.startswith("maze") else {}
    strength(None, game, games=games, seed=1, options=options, progress=told.append)
    assert told[0] == Done(0, games, None)
    assert [done.ended for done in told] == sorted(done.ended for done in told)
    assert 0 < told[1].ended < games
    assert all(done.left == pytest.approx((games - done.ended) / done.ended) for done in told[1:])
    assert told[-1] == Done(games, games, 0)


def test_random_in_mazes_is_measured_the_same_twice_and_otherwise_with_another_seed() -> None:
    options: dict[str, int | str | float | bool] = {"size": 7}
    one, again = (strength(None, "maze/run", games=60, seed=1, options=options) for _ in range(2))
    assert one == again
    assert one != strength(None, "maze/run", games=60, seed=2, options=options)
    assert one.measure == "solved"
    assert 0.05 < one.estimate.mean < 0.95
    assert str(one).startswith("solves ")


def test_a_game_that_is_neither_maze_nor_versus_is_measured_by_its_own_score() -> None:
    found = strength(None, "gym/CartPole-v1", games=5, seed=1)
    assert found.measure == "score"
    assert 8 <= found.estimate.low <= found.estimate.mean <= found.estimate.high < 100
    assert found == strength(None, "gym/CartPole-v1", games=5, seed=1)


def test_the_time_left_is_that_of_the_console_with_the_most_to_play() -> None:
    """Two have ended all their games, one is in the last of its own, and one has two more after this."""
    quota, lasted = np.array([0, 0, 1, 3]), np.array([40.0, 0.0, 90.0, 30.0])
    assert _steps_left(quota, lasted, usual=100) == 70 + 2 * 100
    assert _steps_left(quota[:3], lasted[:3], usual=100) == 10
    assert _steps_left(quota[:3], lasted[:3], usual=80) is None, (
        "it is over the usual length, and may end any time"
    )
    assert _steps_left(quota[:2], lasted[:2], usual=100) == 0


def test_atari_is_measured_over_whole_games_as_many_as_are_asked_for_whoever_is_quick() -> None:
    told: list[Done] = []
    scores = play_atari("atari/pong", None, True, 5, 3, {}, told.append)
    assert scores.shape == (5,) and told[-1] == Done(5, 5, 0)
    assert [done.ended for done in told] == sorted(done.ended for done in told)
    # A whole game of Pong is over when one side has 21, and random play hardly ever scores.
    assert ((scores >= -21) & (scores <= -14)).all()
    np.testing.assert_array_equal(scores, play_atari("atari/pong", None, True, 5, 3, {}))


def test_atari_scores_are_of_all_lives_and_not_of_signs() -> None:
    scores = play_atari("atari/space_invaders", None, True, 4, 1, {})
    assert scores.mean() > 40, (
        "rewards there are 5 points and more, and three lives of random play bring about 150"
    )
    assert (scores % 5 == 0).all()


def test_at_a_console_every_seat_is_taken_in_turn_and_the_same_seed_measures_the_same() -> None:
    found = [evaluate.strength(None, "versus/entombed", games=5, seed=3) for _ in range(2)]
    assert found[0] == found[1]
    assert (found[0].measure, found[0].games) == ("won", 5)
    assert 0 <= found[0].estimate.mean <= 1


class Left:
    """Holds the joystick to the left."""

    def act(self, observations: Any, *, rng: Any = None) -> Any:
        return np.full(len(observations), 2)


def test_who_is_as_good_as_the_other_wins_half() -> None:
    """Who always turns the same way crashes as soon as anybody who does."""
    won = evaluate.against(Left(), Left(), "versus/surround", games=4, seed=1, greedy=(True, True))  # type: ignore[arg-type]
    assert won.low < 0.5 < won.high


def test_where_all_play_together_the_score_is_measured() -> None:
    found = evaluate.strength(None, "versus/entombed_together", games=2, seed=3)
    assert found.measure == "score"
    assert found.estimate == found.score
    assert found.score.mean > 5
