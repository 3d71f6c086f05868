"""What was measured, and how far chance may have moved it: means with their 95% intervals."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Z95 = 1.959964
"""A normal variable is within so many standard deviations with probability 0.95."""

RESAMPLES = 2000
"""Of the bootstrap; as many as the authors of rliable draw for curves (Agarwal et al. 2021)."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean with its 95% interval."""

    mean: float
    low: float
    high: float


def wilson(successes: float, trials: int) -> Estimate:
    """A proportion's 95% interval (Wilson 1927); draws may count half."""
    if trials < 1:
        raise ValueError("an estimate needs at least one trial")
    share = successes / trials
    centre = (share + Z95**2 / (2 * trials)) / (1 + Z95**2 / trials)
    spread = math.sqrt(share * (1 - share) / trials + Z95**2 / (4 * trials**2)) * Z95 / (1 + Z95**2 / trials)
    return Estimate(share, max(0.0, centre - spread), min(1.0, centre + spread))


def difference(one: Estimate, other: Estimate) -> Estimate:
    """`one` minus `other` with its 95% interval, from theirs (for proportions Newcombe 1998, method 10; for
    any intervals Zou and Donner 2008). Measured on the same levels it is, if anything, too wide."""
    mean = one.mean - other.mean
    low = math.hypot(one.mean - one.low, other.high - other.mean)
    high = math.hypot(one.high - one.mean, other.mean - other.low)
    return Estimate(mean, mean - low, mean + high)


def mean(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """(..., K) -> (...)."""
    averaged: NDArray[np.float64] = values.mean(axis=-1)
    return averaged


def bootstrap(
    samples: Sequence[NDArray[np.float64]], statistic: Callable[..., NDArray[np.float64]], seed: int
) -> Estimate:
    """A statistic of samples, (..., K), (..., L), ... -> (...), with its 95% percentile interval (Efron
    1979): each sample is drawn again with replacement, by `seed`."""
    rng = np.random.default_rng(seed)
    drawn = [sample[rng.integers(len(sample), size=(RESAMPLES, len(sample)))] for sample in samples]
    estimate = float(statistic(*samples))
    low, high = np.percentile(statistic(*drawn), [2.5, 97.5])
    # The percentiles of a lopsided sample may pass the estimate by.
    return Estimate(estimate, min(float(low), estimate), max(float(high), estimate))
