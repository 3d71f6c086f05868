"""First return, then explore: on a chain that a random walk does not get to the end of."""

import numpy as np
import pytest

from agents.exploring import END, Chart, Explorer, Start
from agents.go_explore import Alone, Config, GoExplore
from tests.agents.chain_world import LENGTH, Chain, go_explore


def explored(learner: GoExplore, until: int | None = None, expedition: Alone | None = None) -> GoExplore:
    for progress in learner.learn(expedition or Alone(Chain())):
        if until is not None and progress.step >= until:
            break
    return learner


def known(learner: GoExplore) -> list[tuple[object, ...]]:
    archive = learner.archive
    return [
        (*cell, archive.actions(number), archive.seen[number], archive.chosen[number])
        for number, cell in enumerate(archive.known())
    ]


def test_it_gets_where_a_random_walk_does_not() -> None:
    learner = explored(go_explore())
    assert learner.record == 1.0
    assert Explorer(Chain(), learner.chart).replay(learner.trajectory) == 1.0
    explorer = Explorer(Chain(), Chart(learner.shape, 400, 0.5, False, True))
    explorer.begin()
    walks = [explorer.explore(Start(0, None, b"", 0.0, 0, (seed,))) for seed in range(100)]
    assert sum(len(walk.actions) for walk in walks) == learner.config.total_steps
    assert not any(find.known.score for walk in walks for find in walk.finds)


def test_trajectories_become_as_short_as_they_can_be() -> None:
    learner = explored(go_explore(total_steps=200_000))
    assert len(learner.trajectory) >= LENGTH - 1
    assert [length for _, _, length in learner.archive.known()][: LENGTH // 2] == [*range(LENGTH // 2)]


@pytest.mark.parametrize("cells", ["picture", "dynamic", "knowledge"])
def test_the_same_seed_makes_the_same_archive_and_another_another(cells: str) -> None:
    first, second, other = (
        explored(go_explore(seed, cells=cells, total_steps=8_000, fit_every=3_000)) for seed in (1, 1, 2)
    )
    assert known(first) == known(second) != known(other)
    assert first.step == second.step >= 8_000


@pytest.mark.parametrize("cells", ["picture", "dynamic"])
def test_stopped_and_gone_on_with_it_ends_with_the_same_archive(cells: str) -> None:
    settings = {"cells": cells, "total_steps": 8_000, "fit_every": 3_000}
    whole = explored(go_explore(**settings))
    half = explored(go_explore(**settings), until=4_000)
    again = go_explore(**settings)
    again.restore(half.state())
    explored(again)
    assert known(again) == known(whole)
    assert again.state().values == whole.state().values


@pytest.mark.parametrize("other", [{"cells": "dynamic"}, {"cells": "knowledge"}, {"cell_width": 3}])
def test_an_archive_does_not_go_on_with_cells_of_another_kind(other: dict[str, object]) -> None:
    learner = explored(go_explore(total_steps=1_000))
    with pytest.raises(ValueError, match="its archive has cells by picture 40 1 8"):
        go_explore(**{"total_steps": 2_000, **other}).restore(learner.state())


def test_cells_stay_as_they_are_where_nothing_was_looked_at() -> None:
    learner = go_explore(cells="dynamic")
    learner._fit(Alone(Chain()))
    assert learner.fitted == 0 and not len(learner.archive)


def test_it_ends_where_every_cell_lies_at_the_end_of_the_longest_game() -> None:
    class Over(Chain):
        longest = 0

    assert explored(go_explore(), expedition=Alone(Over())).step == 0


def test_dynamic_cells_are_told_apart_anew() -> None:
    learner = explored(go_explore(cells="dynamic", cell_width=2, total_steps=8_000, fit_every=1_000))
    assert learner.shape.width != 2
    assert len(set(learner.archive.names)) == len(learner.archive)


def test_no_score_is_told_that_is_not_played_again() -> None:
    learner = go_explore()
    with pytest.raises(RuntimeError, match=r"scored 1, and 0\.5 when it was played again"):
        explored(learner, expedition=Alone(Chain(lies=True)))
    assert learner.record == 0 and not learner.trajectory


def test_what_it_tells() -> None:
    learner = go_explore(total_steps=2_000)
    *_, last = learner.learn(Alone(Chain()))
    archive = learner.archive
    assert last.step >= 2_000
    assert last.metrics["explore/cells"] == len(archive)
    reached = max(archive.numbers[name] for name in archive.names)
    assert last.metrics["explore/rooms"] == len({archive.rooms[n] for n in range(reached + 1)} - {-1})
    assert last.metrics["explore/longest"] == max(length for _, _, length in archive.known())


def test_actions_are_repeated_as_often_as_is_said() -> None:
    explorer = Explorer(Chain(), Chart(None, 100, 0.95, False, True))
    taken = [explorer._draw(np.random.default_rng(seed), 100) for seed in range(200)]
    changes = np.mean([np.diff(actions) != 0 for actions in taken])
    assert changes == pytest.approx(0.05 * 3 / 4, rel=0.15)  # one in four draws is the same again
    assert {actions[0] for actions in taken} == {0, 1, 2, 3}


def test_an_exploration_ends_where_the_game_would_be_over_in_any_case() -> None:
    explorer = Explorer(Chain(), Chart(None, 100, 0.5, False, True))
    explorer.begin()
    assert len(explorer.explore(Start(0, b"\0", b"", 0.0, 397, (1,))).actions) == 3
    assert explorer.explore(Start(0, b"\0", b"", 0.0, 400, (1,))).actions == b""


@pytest.mark.parametrize("one_life", [True, False])
def test_an_exploration_ends_with_a_life_where_that_is_wanted(one_life: bool) -> None:
    class Mortal(Chain):
        """Being back at the start costs a life."""

        left = 1000

        def step(self, action: int) -> tuple[float, bool]:
            self.left -= action > 1
            return super().step(action)

        def lives(self) -> int:
            return self.left

    explorer = Explorer(Mortal(), Chart(None, 100, 0.5, False, one_life))
    explorer.begin()
    explorations = [explorer.explore(Start(0, b"\0", b"", 0.0, 0, (seed,))) for seed in range(20)]
    for exploration in explorations:
        died = [action > 1 for action in exploration.actions]
        assert not any(died[:-1]) or not one_life
    assert all(len(e.actions) == 100 for e in explorations) is not one_life
    assert any(END in e.visits for e in explorations) is one_life


@pytest.mark.parametrize(
    ("settings", "what"),
    [
        ({"repeat": 1.5}, "repeat is 1.5"),
        ({"explorations": 0}, "explorations is 0"),
        ({"cells": "x"}, "cells is 'x'"),
    ],
)
def test_settings_that_make_no_sense_are_refused(settings: dict[str, object], what: str) -> None:
    with pytest.raises(ValueError, match=what):
        Config(**settings)  # type: ignore[arg-type]


def test_a_game_that_is_not_known_has_no_knowledge_to_go_by() -> None:
    class Unknown(Chain):
        def knowledge(self) -> bytes:
            raise NotImplementedError("not known")

    with pytest.raises(NotImplementedError, match="not known"):
        explored(go_explore(cells="knowledge"), expedition=Alone(Unknown()))
