"""Colours and sizes of everything that is drawn: dark, calm, one accent a seat."""

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


def mix(a: Colour, b: Colour, share: float) -> Colour:
    """`a` with `share` of `b` in it."""
    red, green, blue = (round(x + (y - x) * share) for x, y in zip(a, b, strict=True))
    return red, green, blue
