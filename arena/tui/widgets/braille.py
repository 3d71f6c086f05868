"""Lines in braille: two columns and four rows of dots a character."""

import math
from collections.abc import Iterable

_DOTS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))
"""The bit of each dot in Unicode's braille block, by column and row."""

BLANK = 0x2800


def draw(
    points: Iterable[tuple[float, float]],
    end: float,
    low: float,
    high: float,
    width: int,
    height: int,
    *,
    bold: bool = False,
) -> list[str]:
    """`points` as `height` lines of `width` characters: x from 0 to `end`, y from `low` to `high`.

    Each column of dots shows the mean of what falls into it; neighbours are joined. What is beyond `low` or
    `high` is drawn at the edge.
    """
    columns, rows = width * 2, height * 4
    sums: dict[int, tuple[float, int]] = {}
    for x, value in points:
        at = max(0, min(columns - 1, math.floor(x / end * columns))) if end > 0 else 0
        total, count = sums.get(at, (0.0, 0))
        sums[at] = (total + value, count + 1)

    def row(value: float) -> int:
        share = (value - low) / (high - low) if high > low else 0.5
        return rows - 1 - max(0, min(rows - 1, round(share * (rows - 1))))

    cells = [[BLANK] * width for _ in range(height)]

    def dot(x: int, y: int) -> None:
        cells[y // 4][x // 2] |= _DOTS[x % 2][y % 4]
        if bold and y + 1 < rows:
            cells[(y + 1) // 4][x // 2] |= _DOTS[x % 2][(y + 1) % 4]

    last: tuple[int, int] | None = None
    for x in sorted(sums):
        total, count = sums[x]
        y = row(total / count)
        if last is None:
            dot(x, y)
        else:
            steps = max(x - last[0], abs(y - last[1]))
            for step in range(1, steps + 1):
                dot(
                    last[0] + round((x - last[0]) * step / steps),
                    last[1] + round((y - last[1]) * step / steps),
                )
        last = (x, y)
    return ["".join(map(chr, line)) for line in cells]
