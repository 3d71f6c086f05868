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


def test_the_share_of_solved_episodes_waits_for_the_slowest_environment() -> None:
    """One of two solves at once, the other never: half the environments, and at first all that ended."""
    episodes = Episodes(2)
    for _ in range(LIMIT - 1):
        step(episodes, [True, False], [True, False])
        assert episodes.metrics()["charts/episodic_return"] == 1.0
        assert "charts/solved" not in episodes.metrics()
    step(episodes, [True, True], [True, False])
    assert episodes.metrics()["charts/solved"] == LIMIT / (LIMIT + 1)


def test_the_share_waits_again_where_all_environments_begin_anew() -> None:
    episodes = Episodes(2)
    step(episodes, [True, True], [True, False])
    assert episodes.metrics()["charts/solved"] == 0.5
    episodes.begin()
    assert "charts/solved" not in episodes.metrics()
