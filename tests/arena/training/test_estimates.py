"""Intervals are by the book."""

import numpy as np
import pytest

from arena.training.estimates import Estimate, bootstrap, difference, mean, wilson


def test_wilsons_interval_is_the_published_one() -> None:
    found = wilson(8, 10)  # Wilson score, 95%: 0.4902 to 0.9433
    assert (found.mean, found.low, found.high) == pytest.approx((0.8, 0.4902, 0.9433), abs=1e-4)
    assert wilson(0, 50).low == 0
    assert wilson(0, 50).high == pytest.approx(0.0714, abs=1e-3)
    assert wilson(50, 50).high == pytest.approx(1)
    with pytest.raises(ValueError, match="at least one"):
        wilson(0, 0)


def test_the_bootstrap_covers_a_known_mean_as_often_as_it_says() -> None:
    rng = np.random.default_rng(0)
    covered = 0
    for seed in range(100):
        found = bootstrap([rng.normal(3.0, 2.0, size=80)], mean, seed)
        covered += found.low <= 3.0 <= found.high
    assert covered >= 87


def test_a_difference_has_newcombes_interval() -> None:
    """His example (a) of 1998: 56/70 against 48/80, by method 10 0.0524 to 0.3339."""
    found = difference(wilson(56, 70), wilson(48, 80))
    assert (found.mean, found.low, found.high) == pytest.approx((0.2, 0.0524, 0.3339), abs=1e-4)
    nothing = difference(Estimate(5, 5, 5), Estimate(5, 5, 5))
    assert (nothing.low, nothing.mean, nothing.high) == (0, 0, 0)


def test_an_interval_holds_its_estimate_also_where_the_sample_is_lopsided() -> None:
    for seed in range(50):
        sample = np.random.default_rng(seed).pareto(0.3, size=4)
        found = bootstrap([sample], mean, seed)
        assert found.low <= found.mean == sample.mean() <= found.high
