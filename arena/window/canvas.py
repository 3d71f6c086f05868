"""A terminal as a grid of coloured characters, of which only what has changed is written."""

import os
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from arena.window import theme
from arena.window.theme import Colour

_HALF = ord("▀")
_SPACE = ord(" ")
_BOLD = 1 << 24
"""A bit beside the character."""


class Canvas:
    """Draw between `begin` and `show`. A picture's pixel is half a character: `▀`, with its own colour above
    and the background's below."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._exact = _has_all_colours()
        self._shown: NDArray[np.uint32] | None = None
        self.columns = self.lines = 0

    def begin(self, columns: int, lines: int) -> None:
        """A blank grid of the terminal's size now."""
        if (columns, lines) != (self.columns, self.lines):
            self._shown = None
        self.columns, self.lines = columns, lines
        self._cells = np.empty((lines, columns, 3), np.uint32)  # character, colour, background
        self._cells[:] = (_SPACE, _packed(theme.TEXT), _packed(theme.BACKGROUND))

    def words(
        self,
        line: int,
        column: int,
        words: str,
        colour: Colour,
        *,
        bold: bool = False,
        over: Colour | None = None,
    ) -> int:
        """Write on one line, clipped to the grid; returns the column after the words."""
        end = column + len(words)
        first, last = max(column, 0), min(end, self.columns)
        if 0 <= line < self.lines and first < last:
            shown = words[first - column : last - column]
            cells = self._cells[line, first:last]
            cells[:, 0] = [ord(c) | (_BOLD if bold else 0) for c in shown]
            cells[:, 1] = _packed(colour)
            if over is not None:
                cells[:, 2] = _packed(over)
        return end

    def picture(self, line: int, column: int, picture: NDArray[np.uint8]) -> None:
        """(H, W, 3) pixels from the upper half of `line` on, clipped to the grid."""
        if picture.shape[0] % 2:
            edge = np.full((1, picture.shape[1], 3), theme.BACKGROUND, np.uint8)
            picture = np.concatenate([picture, edge])
        pixels = picture.astype(np.uint32)
        packed = pixels[..., 0] << 16 | pixels[..., 1] << 8 | pixels[..., 2]
        left, above = max(-column, 0), max(-line, 0)
        target = self._cells[max(line, 0) :, max(column, 0) :]
        packed = packed[2 * above : 2 * (above + target.shape[0]), left : left + target.shape[1]]
        target = target[: packed.shape[0] // 2, : packed.shape[1]]
        target[..., 0], target[..., 1], target[..., 2] = _HALF, packed[::2], packed[1::2]

    def box(self, lines: Sequence[tuple[str, Colour]], accent: Colour, *, centred: bool) -> None:
        """Lines of words on a card in the middle."""
        wide = min(max(len(words) for words, _ in lines) + 4, self.columns)
        top = max((self.lines - len(lines) - 2) // 2, 0)
        left = (self.columns - wide) // 2
        self.words(top, left, "╭" + "─" * (wide - 2) + "╮", accent, over=theme.CARD)
        for index, (words, colour) in enumerate(lines):
            words = words if len(words) <= wide - 4 else words[: max(wide - 5, 0)] + "…"
            padded = f"{words:^{wide - 4}}" if centred else f"{words:<{wide - 4}}"
            line = top + 1 + index
            self.words(line, left, f"│ {' ' * (wide - 4)} │", accent, over=theme.CARD)
            self.words(line, left + 2, padded, colour, over=theme.CARD)
        self.words(top + 1 + len(lines), left, "╰" + "─" * (wide - 2) + "╯", accent, over=theme.CARD)

    def show(self) -> None:
        """Write what has changed since the last time."""
        cells = self._cells
        # A cell of one colour is a space: shorter to write, and what lies under it does not matter.
        same = (cells[..., 0] == _HALF) & (cells[..., 1] == cells[..., 2])
        cells[same, 0] = _SPACE
        cells[cells[..., 0] == _SPACE, 1] = 0
        if self._shown is None:
            changed = np.ones(cells.shape[:2], bool)
        else:
            changed = (cells != self._shown).any(axis=2)
        parts = ["\x1b[?2026h"]  # terminals that know it show the picture at once; others pass over it
        state: tuple[int, int, int] | None = None
        for line in np.flatnonzero(changed.any(axis=1)):
            columns = np.flatnonzero(changed[line])
            first, last = int(columns[0]), int(columns[-1]) + 1
            parts.append(f"\x1b[{line + 1};{first + 1}H")
            for character, colour, background in cells[line, first:last].tolist():
                bold = character & _BOLD
                if state is None or state[2] != bold:
                    parts.append("\x1b[0;1m" if bold else "\x1b[0m")
                    state = (-1, -1, bold)
                character &= _BOLD - 1
                if background != state[1]:
                    parts.append(self._colour(background, 48))
                if character != _SPACE and colour != state[0]:
                    parts.append(self._colour(colour, 38))
                    state = (colour, background, bold)
                else:
                    state = (state[0], background, bold)
                parts.append(chr(character))
        self._shown = cells
        if len(parts) > 1:
            parts.append("\x1b[0m\x1b[?2026l")
            _write(self._descriptor, "".join(parts).encode())

    def _colour(self, packed: int, kind: int) -> str:
        red, green, blue = packed >> 16, packed >> 8 & 255, packed & 255
        if self._exact:
            return f"\x1b[{kind};2;{red};{green};{blue}m"
        return f"\x1b[{kind};5;{nearest_of_256(red, green, blue)}m"


def _packed(colour: Colour) -> int:
    return colour[0] << 16 | colour[1] << 8 | colour[2]


def _write(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]


def _has_all_colours() -> bool:
    """Whether the terminal says that it knows 24-bit colours."""
    return os.environ.get("COLORTERM", "") in ("truecolor", "24bit") or os.environ.get("TERM", "").endswith(
        ("-direct", "kitty", "ghostty", "alacritty")
    )


_STEPS = (0, 95, 135, 175, 215, 255)


def nearest_of_256(red: int, green: int, blue: int) -> int:
    """The nearest of xterm's 216 colours and 24 greys."""

    def step(value: int) -> int:
        return 0 if value < 48 else 1 if value < 115 else (value - 35) // 40

    cube = tuple(step(value) for value in (red, green, blue))
    grey = max(0, min(23, (round((red + green + blue) / 3) - 3) // 10))
    shade = 8 + 10 * grey

    def distance(r: int, g: int, b: int) -> int:
        return (r - red) ** 2 + (g - green) ** 2 + (b - blue) ** 2

    of_cube = distance(*(_STEPS[index] for index in cube))
    if distance(shade, shade, shade) < of_cube:
        return 232 + grey
    return 16 + 36 * cube[0] + 6 * cube[1] + cube[2]
