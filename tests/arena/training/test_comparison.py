"""What is told of several runs is what their metrics say."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from arena.store import runs
from arena.store.runs import Run
from arena.training.comparison import POINTS, differences, improvements, left_out, settings_of

RETURN, SOLVED = "charts/episodic_return", "charts/solved"


def run(
    seed: int,
    lines: list[tuple[int, dict[str, float]]],
    *,
    agent: str = "ppo",
    state: Any = "done",
    **config: Any,
) -> Run:
    """A run whose metrics are those `lines`, by step."""
    opened = runs.create(
        agent=agent,
        game="maze/run",
        options={"size": 7},
        seed=seed,
        config={"total_steps": 1000, "num_envs": 8, **config},
    )
    for step, metrics in lines:
        opened.log(step, step / 10, metrics)
    opened.end(state)
    return runs.find(opened.id)


def ended(seed: int, value: float, **more: Any) -> Run:
    return run(seed, [(500, {RETURN: 0.0}), (1000, {RETURN: value})], **more)


def test_the_final_performance_is_what_the_last_lines_say() -> None:
    found = [ended(seed, value) for seed, value in enumerate([5.0, 1.0, 2.0, 4.0, 1000.0])]
    [setting] = settings_of(found)
    final = setting.final["return"]
    assert final.values == [5.0, 1.0, 2.0, 4.0, 1000.0]
    assert (final.mean, final.iqm) == (pytest.approx(202.4), pytest.approx(11 / 3))
    assert final.mean_interval is not None and final.iqm_interval is not None
    assert 1 <= final.iqm_interval[0] <= 11 / 3 <= final.iqm_interval[1] <= 1000
    assert set(setting.final) == {"return"}
    assert setting.episodes == 100
    assert settings_of([ended(0, 1.0, num_envs=256)])[0].episodes == 512


def test_the_order_in_which_runs_are_named_does_not_matter() -> None:
    found = [ended(seed, value) for seed, value in enumerate([3.0, 1.0, 2.0])]
    [one], [other] = settings_of(found), settings_of(found[::-1])
    assert one.as_json() == other.as_json()
    assert [r.seed for r in one.runs] == [0, 1, 2]


def test_a_measure_is_told_where_every_run_tells_it() -> None:
    [setting] = settings_of(
        [run(0, [(1000, {RETURN: 1.0, SOLVED: 0.5})]), run(1, [(1000, {RETURN: 2.0, SOLVED: 0.7})])]
    )
    assert setting.final["solved"].mean == pytest.approx(0.6)
    [setting] = settings_of([run(2, [(1000, {RETURN: 1.0, SOLVED: 0.5})]), run(3, [(1000, {RETURN: 2.0})])])
    assert set(setting.final) == {"return"}
    [setting] = settings_of([run(4, []), run(5, [])])
    assert not setting.final and not setting.curves


def test_a_curve_is_what_all_had_told_last_at_each_step_and_ends_with_the_end() -> None:
    found = [
        run(0, [(100, {RETURN: 1.0}), (600, {RETURN: 3.0}), (1010, {RETURN: 5.0})]),
        run(1, [(300, {RETURN: 2.0}), (610, {RETURN: 6.0}), (1004, {RETURN: 7.0})]),
    ]
    [setting] = settings_of(found)
    curve = {point.step: point for point in setting.curves["return"]}
    assert min(curve) == 300 and max(curve) == 1000 and len(curve) == 1 + (1000 - 300) * POINTS // 1000
    assert {step: curve[step].iqm for step in (300, 580, 600, 620, 980, 1000)} == {
        300: 1.5,
        580: 1.5,
        600: 2.5,
        620: 4.5,
        980: 4.5,
        1000: 6.0,
    }
    assert curve[1000].iqm == setting.final["return"].iqm
    assert curve[1000].interval == setting.final["return"].iqm_interval == (5.0, 7.0)


def test_runs_that_differ_by_their_seed_alone_are_together_and_only_finished_ones() -> None:
    found = [ended(0, 1.0), ended(1, 2.0), ended(2, 9.0, state="failed"), ended(3, 9.0, state="stopped")]
    found += [ended(0, 3.0, learning_rate=0.1), ended(1, 4.0, agent="dqn"), ended(2, 5.0, agent="dqn")]
    settings = settings_of(found)
    assert [[r.id for r in setting.runs] for setting in settings] == [
        [found[0].id, found[1].id],
        [found[4].id],
        [found[5].id, found[6].id],
    ]
    assert differences(settings) == ["ppo", "ppo learning_rate=0.1", "dqn"]


def test_of_a_single_run_there_is_no_interval() -> None:
    [setting] = settings_of([ended(0, 3.0)])
    assert (setting.final["return"].iqm, setting.final["return"].iqm_interval) == (3.0, None)
    assert improvements([setting, setting]) == []


def test_settings_of_one_game_are_compared_by_the_most_telling_measure() -> None:
    one = [run(s, [(1000, {RETURN: 9.0, SOLVED: v})]) for s, v in enumerate([0.5, 0.6, 0.7])]
    other = [run(s, [(1000, {RETURN: 1.0, SOLVED: v})], agent="dqn") for s, v in enumerate([0.6, 0.8, 0.9])]
    [(first, second, measure, better)] = improvements(settings_of(one + other))
    assert (first, second, measure) == (0, 1, "solved")
    assert better.mean == pytest.approx(1.5 / 9)


def test_a_seed_that_was_trained_again_counts_once_and_the_newest() -> None:
    first, other, again = ended(0, 5.0), ended(1, 7.0), ended(0, 6.0)
    again = replace(again, created=first.created + timedelta(minutes=1))
    for order in ([first, other, again], [again, other, first]):
        [setting] = settings_of(order)
        assert [one.id for one in setting.runs] == [again.id, other.id]
        [(without, why)] = left_out(order)
        assert without.id == first.id and again.id in why
    assert [why for _, why in left_out([run(3, [(10, {RETURN: 0.0})], state="stopped")])] == [
        "stopped at step 10 of 1,000"
    ]
