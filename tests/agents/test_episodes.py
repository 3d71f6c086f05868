"""What is told of the latest episodes is true of the learner, from the first on."""

from typing import Any

import numpy as np

from agents.episodes import Episodes

LIMIT = 20
"""Steps after which an episode is cut off, unsolved."""


def step(episodes: Episodes, ended: list[bool], solved: list[bool]) -> None:
    """One step of every environment; those that `ended` say whether they were solved."""
    over = np.array(ended)
    infos: dict[str, Any] = {}
    if over.any():
        told = {"r": np.array(solved, float), "l": episodes.lengths + 1, "solved": np.array(solved, float)}
        infos = {"episode": told, "_episode": over}
    episodes.add(np.zeros(len(over)), over, np.zeros(len(over), bool), infos)


def test_nothing_is_told_before_the_slowest_environment_has_ended_an_episode() -> None:
    """One of two solves at once, the other never: half the environments, and at first all that ended."""
    episodes = Episodes(2)
    for _ in range(LIMIT - 1):
        step(episodes, [True, False], [True, False])
        assert episodes.metrics() == {}
    step(episodes, [True, True], [True, False])
    assert episodes.metrics()["charts/solved"] == LIMIT / (LIMIT + 1)
    assert episodes.metrics()["charts/episodic_return"] == LIMIT / (LIMIT + 1)


def test_it_is_waited_for_again_where_all_environments_begin_anew() -> None:
    episodes = Episodes(2)
    step(episodes, [True, True], [True, False])
    assert episodes.metrics()["charts/solved"] == 0.5
    episodes.begin()
    assert episodes.metrics() == {}


def test_an_episode_without_an_end_is_not_waited_for_for_ever() -> None:
    episodes = Episodes(2)
    nothing = np.zeros(2)
    for _ in range(Episodes.PATIENCE):
        assert episodes.metrics() == {}
        episodes.add(nothing + 1.0, np.array([True, False]), nothing.astype(bool), {})
    assert episodes.metrics()["charts/episodic_return"] == 1.0


def test_a_lost_life_is_no_episode_where_whole_games_are_told_of() -> None:
    """Each of two loses a life at once; the games end later, one after the other."""
    episodes = Episodes(2)
    whole, resetting = np.array([True, True]), np.zeros(2, bool)
    episodes.add(np.ones(2), whole, resetting, {})
    assert episodes.metrics()["charts/episodic_return"] == 1.0  # nobody has told of games yet
    first = {"r": np.array([7.0, 0.0]), "l": np.array([70, 0])}
    episodes.add(np.ones(2), whole, resetting, {"episode": first, "_episode": np.array([True, False])})
    assert episodes.metrics() == {}
    other = {"r": np.array([0.0, 3.0]), "l": np.array([0, 30])}
    episodes.add(np.ones(2), whole, resetting, {"episode": other, "_episode": np.array([False, True])})
    assert episodes.metrics() == {"charts/episodic_return": 5.0, "charts/episodic_length": 50.0}
