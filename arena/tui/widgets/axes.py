"""Axes as people read them: round numbers at even distances, in few characters."""

import math
from collections.abc import Sequence

_ROUND = (5.0, 2.5, 2.0, 1.0)
"""Distances between ticks, times a power of ten."""

_ROUND_MINUTES = (1, 2, 5, 10, 15, 20, 30, 60, 120, 240, 480, 720, 1440, 2880, 7200, 14400)
_ROUND_SECONDS = (1, 2, 5, 10, 15, 30)

_ENDS = (1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)
"""Where an axis may end, times a power of ten: near enough to what it shows, and seldom another."""

TINY = 1e-12
"""No figure of a training is told more exactly: smaller numbers would need words without end."""


def ticks(low: float, high: float, most: int) -> list[float]:
    """Round numbers from `low` to `high` at even distances, as many as can be up to `most`; two at least. The
    one number where there is no distance."""
    if high <= low:
        return [low]
    found: list[float] = []
    power = math.floor(math.log10(high - low))
    for exponent in (power, power - 1, power - 2):
        for step in (factor * 10.0**exponent for factor in _ROUND):
            first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
            if len(found) >= 2 and last - first + 1 > most:
                return found
            found = [number * step for number in range(first, last + 1)]
    return found


def around(low: float, high: float, *, share: bool = False) -> tuple[float, float]:
    """The ends of an axis for values from `low` to `high`: a little more than these, and from 0 or up to a
    whole share where that is near."""
    if high - low <= TINY:
        room = abs(low) * 0.1 if abs(low) > TINY else 1.0
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
    """Numbers at even distances in words of one precision: `0 0.25 0.50`, or as shares, `0% 25% 50%`. No two
    are the same."""
    words: list[str] = []
    for more in range(8):
        words = _words([value * (100 if share else 1) for value in values], "%" if share else "", more)
        if len(set(words)) == len(values):
            break
    return words


def _words(values: Sequence[float], unit: str, more: int) -> list[str]:
    """As `tick_words`, with so many digits `more` than look enough."""
    gap = abs(values[1] - values[0]) if len(values) > 1 else abs(values[0]) / 10 if values else 1.0
    largest = max((abs(value) for value in values), default=0.0)
    if not unit and largest >= 1e4 and gap >= 100:
        return [("-" if value < 0 else "") + large(abs(value), 3 + more) for value in values]
    if 0 < largest < 1e-3:
        return [f"{value:.{1 + more}e}".replace("e-0", "e-") + unit if value else "0" for value in values]
    digits = max(0, min(4, -math.floor(math.log10(gap) + 1e-9))) if gap > 0 else 0
    if round(gap, digits) and abs(gap / round(gap, digits) - 1) > 0.01:  # 0.25, 2.5
        digits += 1
    digits += more
    return [f"{value:,.{digits}f}{unit}" if round(value, digits) else f"0{unit}" for value in values]


def large(number: float, digits: int = 3) -> str:
    """A count of steps as people say it: `950`, `12.5 k`, `1.24 M`, `2 M`."""
    for unit, size in (("B", 1e9), ("M", 1e6), ("k", 1e3)):
        if number >= size * (1 - 5e-4):
            return f"{number / size:.{digits}g} {unit}"
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
