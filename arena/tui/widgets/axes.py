"""Axes as people read them: round numbers at even distances, in few characters."""

import math
from collections.abc import Sequence

_ROUND = (1.0, 2.0, 2.5, 5.0, 10.0)
"""Distances between ticks, times a power of ten."""

_ROUND_MINUTES = (1, 2, 5, 10, 15, 20, 30, 60, 120, 240, 480, 720, 1440, 2880, 7200, 14400)
_ROUND_SECONDS = (1, 2, 5, 10, 15, 30)

_ENDS = (1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)
"""Where an axis may end, times a power of ten: near enough to what it shows, and seldom another."""


def ticks(low: float, high: float, most: int) -> list[float]:
    """At most `most` round numbers from `low` to `high`, at even distances; two at least where it has any
    length, and the one number where it has none."""
    if high <= low:
        return [low]
    step = _step(high - low, max(most, 2))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [number * step for number in range(first, last + 1)]


def _step(span: float, most: int) -> float:
    rough = span / (most - 1) if most > 2 else span
    power = 10.0 ** math.floor(math.log10(rough))
    return next((f * power for f in _ROUND if f * power >= rough * (1 - 1e-9)), 10 * power)


def around(low: float, high: float, *, share: bool = False) -> tuple[float, float]:
    """The ends of an axis for values from `low` to `high`: a little more than these, and from 0 or up to a
    whole share where that is near."""
    if high <= low:
        room = abs(low) * 0.1 or 1.0
        return low - room, high + room
    room = (high - low) * 0.04
    bottom = 0.0 if 0 <= low < 0.4 * high else low - room
    if share and high > 0.6:
        return max(bottom, 0.0), 1.0
    return bottom, 0.0 if high <= 0 and -high < 0.4 * -low else high + room


def end_of(reached: float) -> float:
    """The end of an axis that begins at 0 and has been drawn on to `reached`."""
    if reached <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(reached))
    return next(f * power for f in _ENDS if f * power >= reached * (1 - 1e-9))


def clock_ticks(end: float, most: int) -> list[float]:
    """Round seconds from 0 to `end`."""
    steps = [*_ROUND_SECONDS, *(60 * minutes for minutes in _ROUND_MINUTES)]
    step = next((s for s in steps if end / s < max(most, 2)), None) or math.ceil(end / 86400 / most) * 86400
    return [step * number for number in range(math.floor(end / step + 1e-9) + 1)]


def tick_words(values: Sequence[float], *, share: bool = False) -> list[str]:
    """Numbers at even distances in words of one precision: `0.00 0.25 0.50`, or as shares, `0% 25% 50%`."""
    factor = 100 if share else 1
    scaled = [value * factor for value in values]
    gap = abs(scaled[1] - scaled[0]) if len(scaled) > 1 else abs(scaled[0]) / 10 if scaled else 1.0
    largest = max((abs(value) for value in scaled), default=0.0)
    if not share and largest >= 1e4 and gap >= 100:
        return [large(value) if value >= 0 else f"-{large(-value)}" for value in scaled]
    if 0 < largest < 1e-3:
        return [f"{value:.1e}".replace("e-0", "e-") if value else "0" for value in scaled]
    digits = max(0, min(4, -math.floor(math.log10(gap) + 1e-9))) if gap > 0 else 0
    if round(gap, digits) and abs(gap / round(gap, digits) - 1) > 0.01:  # 0.25, 2.5
        digits += 1
    unit = "%" if share else ""
    return [f"{value:,.{digits}f}{unit}" if round(value, digits) else f"0{unit}" for value in scaled]


def large(number: float) -> str:
    """A count of steps as people say it: `950`, `12.5 k`, `1.24 M`, `2 M`."""
    for unit, size in (("B", 1e9), ("M", 1e6), ("k", 1e3)):
        if number >= size * (1 - 5e-4):
            return f"{number / size:.3g} {unit}"
    return f"{number:.0f}"


def short(value: float) -> str:
    """A figure in few characters: `0.62`, `-12.3`, `1,204`, `0.0031`, `2e-05`."""
    if abs(value) >= 1000:
        return f"{value:,.0f}" if abs(value) < 1e6 else f"{value:.2e}".replace("e+0", "e")
    if abs(value) >= 100:
        return f"{value:.0f}"
    if abs(value) < 0.1:
        return f"{value:.2g}"
    return f"{value:.2f}" if abs(value) < 10 else f"{value:.1f}"
