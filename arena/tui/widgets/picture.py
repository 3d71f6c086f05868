"""A picture in half blocks: two pixels a character, one above the other."""

from collections.abc import Iterator
from itertools import groupby

from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget


class Picture(Widget):
    """Shows the latest picture, in the middle; a line of text where there is none."""

    DEFAULT_CSS = """
    Picture { width: 1fr; height: 1fr; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._strips: list[Strip] = []
        self._words = ""
        self._width = 0

    def show_picture(self, width: int, height: int, rgb: bytes) -> None:
        """`rgb` is (height, width, 3) bytes. Raises ValueError where its length is another."""
        self._strips = list(half_blocks(width, height, rgb))
        self._width, self._words = width, ""
        self.refresh()

    def show_words(self, words: str) -> None:
        """Instead of a picture: what is going on, or why there is none."""
        self._strips, self._words = [], words
        self.refresh()

    def render_line(self, y: int) -> Strip:
        width, height = self.size
        background = self.rich_style
        if self._words and y == height // 2:
            words = self._words if len(self._words) <= width else self._words[: max(width - 1, 0)] + "…"
            left = (width - len(words)) // 2
            style = background + Style(color=self.styles.color.rich_color)
            return Strip([Segment(" " * left, background), Segment(words, style)]).extend_cell_length(
                width, background
            )
        row = y - (height - len(self._strips)) // 2
        if not 0 <= row < len(self._strips):
            return Strip.blank(width, background)
        left = max((width - self._width) // 2, 0)
        strip = Strip([Segment(" " * left, background), *self._strips[row].apply_style(background)])
        return strip.adjust_cell_length(width, background)


def half_blocks(width: int, height: int, rgb: bytes) -> Iterator[Strip]:
    """`rgb` (height, width, 3) as lines of `width` characters, two rows of pixels a line.

    An odd last row stands alone, over the terminal's background.
    Raises ValueError where the length of `rgb` is not that of such a picture.
    """
    if len(rgb) != width * height * 3:
        raise ValueError(f"{len(rgb)} bytes are no picture of {width} x {height}")
    stride = width * 3
    pixels = [
        [rgb[at : at + 3] for at in range(row * stride, (row + 1) * stride, 3)] for row in range(height)
    ]
    for y in range(0, height, 2):
        upper = pixels[y]
        lower = pixels[y + 1] if y + 1 < height else [None] * width
        runs = ((pair, sum(1 for _ in run)) for pair, run in groupby(zip(upper, lower, strict=True)))
        yield Strip([_segment(*pair, length) for pair, length in runs], width)


def _segment(upper: bytes, lower: bytes | None, length: int) -> Segment:
    above = Color.from_rgb(*upper)
    if lower == upper:
        return Segment(" " * length, Style(bgcolor=above))
    below = Color.from_rgb(*lower) if lower is not None else None
    return Segment("▀" * length, Style(color=above, bgcolor=below))
