"""How the benches measure: the candidates take turns, several times, and the medians are compared."""

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

REPEATS = 5
"""Turns of every candidate; odd, so that the median was really measured."""

TURN_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Line:
    """One candidate's speed."""

    name: str
    rate: float
    """Median of the repeats, in the report's unit."""
    low: float
    high: float
    """The slowest and the fastest repeat."""
    ratio: float
    """Median over the repeats of this candidate's rate divided by the baseline's of the same turn."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a bench found."""

    bench: str
    unit: str
    baseline: str
    """The line the ratios are to."""
    lines: tuple[Line, ...]
    setting: str
    """What was measured, in words."""


def compare(
    candidates: Mapping[str, Callable[[], float]],
    baseline: str,
    progress: Callable[[str], None],
    *,
    repeats: int = REPEATS,
) -> tuple[Line, ...]:
    """Rates of all `candidates`, each a function that measures itself once and returns its rate.

    They take turns, so that a machine that slows down slows them all, and a ratio is always between
    neighbours in time.
    """
    rates: dict[str, list[float]] = {name: [] for name in candidates}
    for turn in range(repeats):
        for name, measure in candidates.items():
            progress(f"{name}, turn {turn + 1} of {repeats}")
            rates[name].append(measure())
    return tuple(
        Line(
            name=name,
            rate=statistics.median(found),
            low=min(found),
            high=max(found),
            ratio=statistics.median(a / b for a, b in zip(found, rates[baseline], strict=True)),
        )
        for name, found in rates.items()
    )


def rate(advance: Callable[[], int], seconds: float = TURN_SECONDS) -> float:
    """Units a second of `advance`, which does some work and returns how many units that was."""
    done = 0
    began = time.perf_counter()
    while (elapsed := time.perf_counter() - began) < seconds:
        done += advance()
    return done / elapsed
