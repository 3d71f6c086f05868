"""Colours and sizes of everything that is drawn: dark, calm, one accent a seat."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Colour = tuple[int, int, int]

BACKGROUND: Colour = (15, 18, 23)
CARD: Colour = (21, 26, 33)
LINE: Colour = (44, 53, 65)
TEXT: Colour = (220, 225, 232)
MUTED: Colour = (152, 162, 179)
GOOD: Colour = (139, 212, 80)
BAD: Colour = (229, 112, 122)

SEATS: tuple[Colour, ...] = ((76, 201, 240), (244, 162, 89), (139, 212, 80), (214, 121, 210))
"""Seat 0 cyan, 1 orange, 2 green, 3 magenta: the same player's colour everywhere."""


def seat(index: int) -> Colour:
    """The colour of seat `index`."""
    return SEATS[index % len(SEATS)]


def ramp(anchors: Sequence[Colour]) -> NDArray[np.uint8]:
    """(256, 3): colours from the first of `anchors` to the last, which lie at even distances."""
    at, known = np.linspace(0, 1, 256), np.array(anchors)
    channels = [np.interp(at, np.linspace(0, 1, len(known)), known[:, c]) for c in range(3)]
    colours: NDArray[np.uint8] = np.rint(np.stack(channels, axis=1)).astype(np.uint8)
    return colours


def mix(a: Colour, b: Colour, share: float) -> Colour:
    """`a` with `share` of `b` in it."""
    red, green, blue = (round(x + (y - x) * share) for x, y in zip(a, b, strict=True))
    return red, green, blue
