"""What several runs that differ by their seed say of an algorithm: aggregates with intervals, after Agarwal
et al. 2021, "Deep Reinforcement Learning at the Edge of the Statistical Precipice" (arXiv 2108.13264), whose
library rliable makes the same figures.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from arena.training.estimates import Estimate, bootstrap

SEED = 0
"""Of its draws: the same runs always have the same interval."""

Statistic = Callable[[NDArray[np.float64]], NDArray[np.float64]]
"""(..., K) values -> (...) aggregates."""


def interquartile_mean(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """(..., K) -> (...): the mean of the middle half, without the least and the greatest quarter (Agarwal
    2021, 4.3). Whole values only, as in `scipy.stats.trim_mean(values, 0.25)`: of 5 runs 1 each, of 3 none.
    A run that failed to learn does not move it as it moves the mean, and it needs fewer runs than the median.
    """
    cut = values.shape[-1] // 4
    middle: NDArray[np.float64] = np.sort(values, axis=-1)[..., cut : values.shape[-1] - cut].mean(axis=-1)
    return middle


def stratified_bootstrap(
    strata: Sequence[NDArray[Any]], statistic: Statistic = interquartile_mean
) -> Estimate | None:
    """A statistic of all values with its 95% percentile interval: values are drawn again with replacement, as
    many from each stratum (the runs at one game) as there are (Agarwal 2021, 4.1; Efron 1979).

    None where a stratum has fewer than two values: nothing can be said then. Of few it is too narrow: of 3
    normal ones it holds the truth 3 times of 4, of 5 nine times of 10, of 10 as often as it says.
    """
    if not strata or any(len(values) < 2 for values in strata):
        return None
    return bootstrap(_ordered(strata), lambda *parts: statistic(np.concatenate(parts, axis=-1)), SEED)


def probability_of_improvement(one: Sequence[float], other: Sequence[float]) -> Estimate | None:
    """How probably a run of `one` is better than a run of `other`, a tie being half (Agarwal 2021, 4.3; the
    Mann-Whitney U statistic over the number of pairs), with its 95% bootstrap interval; None where either has
    fewer than two runs."""
    if len(one) < 2 or len(other) < 2:
        return None
    return bootstrap(_ordered((one, other)), _share_won, SEED)


def _ordered(samples: Sequence[ArrayLike]) -> list[NDArray[np.float64]]:
    """Each by itself, so that the order of runs does not matter."""
    return [np.sort(np.asarray(values, dtype=np.float64)) for values in samples]


def _share_won(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    """(..., K), (..., L) -> (...): of all pairs."""
    difference = one[..., :, np.newaxis] - other[..., np.newaxis, :]
    share: NDArray[np.float64] = ((np.sign(difference) + 1) / 2).mean(axis=(-1, -2))
    return share
