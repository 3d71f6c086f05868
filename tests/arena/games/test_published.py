"""Published scores: of games that there are, and what is derived from them."""

import pytest

from arena.games import catalog
from arena.games.published import SCORES, human_normalized, told


def test_they_are_of_games_in_the_catalog_and_name_random_and_human() -> None:
    for game, scores in SCORES.items():
        assert catalog.find(game).id == game
        assert list(scores)[:2] == ["random", "human"] and scores["human"] > scores["random"]


def test_a_human_is_one_and_random_play_nothing() -> None:
    assert human_normalized("atari/pong", 14.6) == pytest.approx(1)
    assert human_normalized("atari/pong", -20.7) == pytest.approx(0)
    assert human_normalized("maze/run", 5.0) is None


def test_they_are_told_in_one_line() -> None:
    line = told("atari/pong")
    assert line is not None and line.startswith("random -20.7, human 14.6, DQN 18.9") and "\n" not in line
    assert told("maze/run") is None
