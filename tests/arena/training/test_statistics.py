"""Aggregates over seeds are what the paper's are: worked out by hand, and by their properties."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.training.estimates import Estimate, mean
from arena.training.statistics import (
    interquartile_mean,
    probability_of_improvement,
    stratified_bootstrap,
)

NUMBERS = st.floats(-1e6, 1e6)
SAMPLES = st.lists(NUMBERS, min_size=2, max_size=12)


@pytest.mark.parametrize(
    ("values", "middle"),
    [
        ([7.0], 7.0),
        ([1.0, 3.0], 2.0),
        ([0.0, 0.0, 9.0], 3.0),  # a quarter of three is no whole run
        ([-100.0, 1.0, 3.0, 100.0], 2.0),
        ([5.0, 1.0, 2.0, 4.0, 1000.0], 11 / 3),  # 2, 4 and 5
        ([8.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0], 4.5),  # 3, 4, 5 and 6
        ([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 1e9], 5.5),  # 3 to 8
    ],
)
def test_the_interquartile_mean_by_hand(values: list[float], middle: float) -> None:
    assert interquartile_mean(np.array(values)) == pytest.approx(middle)


def test_rows_are_aggregated_each_by_itself() -> None:
    rows = np.array([[4.0, 1.0, 2.0, 30.0], [0.0, 0.0, 1.0, 1.0]])
    assert interquartile_mean(rows).tolist() == [3.0, 0.5]
    assert mean(rows).tolist() == [9.25, 0.5]


def test_an_interval_by_hand() -> None:
    """Of two runs at 0 and 1 a resample is 0, 0.5 or 1 with probability 1/4, 1/2 and 1/4: the interval is
    from 0 to 1. Of a hundred runs, half at 0 and half at 1, the mean of a resample is binomial, and its
    middle 95% are from 0.40 to 0.60."""
    assert stratified_bootstrap([np.array([0.0, 1.0])]) == Estimate(0.5, 0.0, 1.0)
    many = stratified_bootstrap([np.repeat([0.0, 1.0], 50)], mean)
    assert many is not None
    assert (many.mean, many.low, many.high) == (
        0.5,
        pytest.approx(0.4, abs=0.011),
        pytest.approx(0.6, abs=0.011),
    )


def test_strata_are_drawn_from_each_by_itself() -> None:
    """Where each game's runs agree, there is nothing to doubt, however far apart the games are."""
    games = [np.full(5, 0.0), np.full(3, 100.0)]
    assert stratified_bootstrap(games, mean) == Estimate(37.5, 37.5, 37.5)
    mixed = stratified_bootstrap([np.concatenate(games)], mean)
    assert mixed is not None and mixed.low < 30 < 45 < mixed.high


def test_of_one_run_there_is_no_interval() -> None:
    assert stratified_bootstrap([np.array([1.0])]) is None
    assert stratified_bootstrap([np.array([1.0, 2.0]), np.array([1.0])]) is None
    assert stratified_bootstrap([]) is None
    assert probability_of_improvement([1.0], [1.0, 2.0]) is None


@given(values=st.lists(NUMBERS, min_size=1, max_size=20))
def test_the_interquartile_mean_is_between_the_least_and_the_greatest(values: list[float]) -> None:
    middle = float(interquartile_mean(np.array(values)))
    assert min(values) - 1e-6 <= middle <= max(values) + 1e-6


@given(values=SAMPLES, statistic=st.sampled_from([mean, interquartile_mean]))
def test_an_interval_holds_its_estimate_within_the_values(values: list[float], statistic: object) -> None:
    found = stratified_bootstrap([np.array(values)], statistic)  # type: ignore[arg-type]
    assert found is not None
    assert min(values) - 1e-6 <= found.low <= found.mean <= found.high <= max(values) + 1e-6


@given(values=SAMPLES, data=st.data())
def test_the_order_of_runs_does_not_matter(values: list[float], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(values))
    assert stratified_bootstrap([np.array(values)]) == stratified_bootstrap([np.array(shuffled)])
    other = [1.0, 2.0, 3.0]
    assert probability_of_improvement(values, other) == probability_of_improvement(shuffled, other)


@given(
    values=st.lists(st.integers(-1000, 1000), min_size=2, max_size=10),
    factor=st.sampled_from([0.5, 2.0, 8.0]),
)
def test_another_unit_changes_the_unit_only(values: list[int], factor: float) -> None:
    one = stratified_bootstrap([np.array(values, float)])
    other = stratified_bootstrap([np.array(values, float) * factor + 3.0])
    assert one is not None and other is not None
    expected = [factor * x + 3.0 for x in (one.mean, one.low, one.high)]
    assert [other.mean, other.low, other.high] == pytest.approx(expected)


def test_runs_that_agree_more_have_a_narrower_interval() -> None:
    rng = np.random.default_rng(1)
    sample = rng.normal(size=10)
    widths = []
    for scale in (1.0, 0.1):
        found = stratified_bootstrap([sample * scale])
        assert found is not None
        widths.append(found.high - found.low)
    assert widths[1] == pytest.approx(widths[0] / 10)


def test_an_interval_of_ten_runs_holds_the_truth_most_of_the_time() -> None:
    """Nineteen times of twenty it should; the percentile bootstrap of ten is known to be a little narrow."""
    rng = np.random.default_rng(2)
    held = 0
    for _ in range(200):
        found = stratified_bootstrap([rng.normal(size=10)], mean)
        assert found is not None
        held += found.low <= 0 <= found.high
    assert 170 <= held <= 198


def test_the_probability_of_improvement_by_hand() -> None:
    """Of the nine pairs of 1, 2, 3 with 0, 2, 2 five are won, two are tied, and two are lost."""
    found = probability_of_improvement([1.0, 2.0, 3.0], [0.0, 2.0, 2.0])
    assert found is not None and found.mean == pytest.approx(6 / 9)
    assert 0 <= found.low < found.mean < found.high <= 1
    assert probability_of_improvement([5.0, 6.0], [1.0, 2.0]) == Estimate(1.0, 1.0, 1.0)


@given(one=SAMPLES, other=SAMPLES)
def test_either_is_better_or_the_other_is(one: list[float], other: list[float]) -> None:
    forth, back = probability_of_improvement(one, other), probability_of_improvement(other, one)
    assert forth is not None and back is not None
    assert forth.mean + back.mean == pytest.approx(1.0)
