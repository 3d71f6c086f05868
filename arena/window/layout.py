"""Where the panels go: pure geometry, in pixels (or in half-block cells), without any drawing."""

import math
from collections.abc import Sequence
from typing import NamedTuple


class Rect(NamedTuple):
    x: int
    y: int
    width: int
    height: int

    @property
    def right(self) -> int:
        return self.x + self.width

    @property
    def bottom(self) -> int:
        return self.y + self.height

    def overlaps(self, other: "Rect") -> bool:
        return (
            self.x < other.right and other.x < self.right and self.y < other.bottom and other.y < self.bottom
        )

    def holds(self, other: "Rect") -> bool:
        return (
            self.x <= other.x
            and self.y <= other.y
            and other.right <= self.right
            and other.bottom <= self.bottom
        )


class Place(NamedTuple):
    """Where one panel is."""

    block: Rect
    """Header, picture and strip together."""
    header: Rect
    picture: Rect
    strip: Rect
    scale: float
    """Screen pixels for one of the picture's: a multiple of 1 / `Shape.grain`, unless not even one fits."""


class Shape(NamedTuple):
    """What one panel wants."""

    width: int
    height: int
    """Of its picture, in the picture's own pixels."""
    header: int
    strip: int
    """Heights around the picture, in screen pixels."""
    narrowest: int
    """The header's and the strip's least width, where the window has it."""
    grain: int = 1
    """Its scale is a multiple of 1 / grain: 1 for pixels that must stay whole."""
    aside: int = 0
    """The strip's width where it may stand at the right of the picture as well; 0: it may not."""


def arrange(area: Rect, shapes: Sequence[Shape], gap: int) -> list[Place]:
    """Places for one to four panels: the grid that shows the smallest picture largest.

    Pictures are scaled in steps of 1 / `Shape.grain` and centred; only where not even one step fits are they
    shrunk to what there is. Nothing overlaps, and all is inside `area`, which may be as small as a pixel.
    """
    best: list[Place] = []
    for columns in range(len(shapes), 0, -1):
        if -len(shapes) % columns > 1:  # three and one
            continue
        places = _grid(area, shapes, columns, gap)
        if not best or min(p.scale for p in places) > min(p.scale for p in best):
            best = places
    return best


def _grid(area: Rect, shapes: Sequence[Shape], columns: int, gap: int) -> list[Place]:
    rows = math.ceil(len(shapes) / columns)
    gap = min(gap, area.width // columns, area.height // rows)
    places = []
    for index, shape in enumerate(shapes):
        row, column = divmod(index, columns)
        in_row = min(columns, len(shapes) - row * columns)
        x, width = _share(area.x, area.width, columns, column, gap)
        x += (columns - in_row) * (width + gap) // 2  # a row that is not full stands in the middle
        y, height = _share(area.y, area.height, rows, row, gap)
        places.append(_panel(Rect(x, y, width, height), shape))
    return places


def _share(start: int, length: int, parts: int, index: int, gap: int) -> tuple[int, int]:
    """Start and length of one of `parts` equal stretches with gaps between them."""
    size = max((length - gap * (parts - 1)) // parts, 0)
    return start + index * (size + gap), size


def _panel(cell: Rect, shape: Shape) -> Place:
    """The strip below the picture, or where that makes the picture larger and it may, at its right."""
    below = _strip_below(cell, shape)
    if not shape.aside or not shape.strip:
        return below
    aside = _strip_aside(cell, shape)
    return aside if aside.scale > below.scale else below


def _scale(width: int, height: int, shape: Shape) -> float:
    """The largest that its picture can have in so much room."""
    scale = min(width / shape.width, height / shape.height)
    return math.floor(scale * shape.grain) / shape.grain if scale * shape.grain >= 1 else scale


def _strip_aside(cell: Rect, shape: Shape) -> Place:
    header, aside = min(shape.header, cell.height), min(shape.aside, cell.width)
    scale = _scale(cell.width - aside, cell.height - header, shape)
    width, height = int(shape.width * scale), int(shape.height * scale)
    wide, tall = width + aside, header + height
    block = Rect(cell.x + (cell.width - wide) // 2, cell.y + (cell.height - tall) // 2, wide, tall)
    return Place(
        block,
        Rect(block.x, block.y, wide, header),
        Rect(block.x, block.y + header, width, height),
        Rect(block.x + width, block.y + header, aside, height),
        scale,
    )


def _strip_below(cell: Rect, shape: Shape) -> Place:
    header = min(shape.header, cell.height)
    strip = min(shape.strip, cell.height - header)
    scale = _scale(cell.width, cell.height - header - strip, shape)
    width, height = int(shape.width * scale), int(shape.height * scale)
    wide = min(max(width, shape.narrowest), cell.width)
    tall = header + height + strip
    block = Rect(cell.x + (cell.width - wide) // 2, cell.y + (cell.height - tall) // 2, wide, tall)
    return Place(
        block,
        Rect(block.x, block.y, wide, header),
        Rect(cell.x + (cell.width - width) // 2, block.y + header, width, height),
        Rect(block.x, block.y + header + height, wide, strip),
        scale,
    )
