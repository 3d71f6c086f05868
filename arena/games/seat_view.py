"""How a game on one screen looks from each of its seats.

Where a game is the same from every side, a seat's picture can be turned so that all play where seat 1 does:
one policy then plays from everywhere. What it chooses has to be turned back. Where a game is not, all see the
same picture, and are told where they sit.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from arena.games.eyes import Way

Turn = Literal["", "x", "y", "xy"]
"""A picture as it is, mirrored left to right, upside down, or both (half a turn)."""

UP, RIGHT, LEFT, DOWN, FIRE = 1, 2, 4, 8, 16
"""Parts of a joystick's position."""

_PARTS = (
    *(0, FIRE, UP, RIGHT, LEFT, DOWN, UP | RIGHT, UP | LEFT, DOWN | RIGHT, DOWN | LEFT),
    *(UP | FIRE, RIGHT | FIRE, LEFT | FIRE, DOWN | FIRE),
    *(UP | RIGHT | FIRE, UP | LEFT | FIRE, DOWN | RIGHT | FIRE, DOWN | LEFT | FIRE),
)
"""Of each of the console's 18 codes."""


@dataclass(frozen=True, slots=True)
class View:
    """Of a game with so many seats as there are turns; with none, nothing is turned."""

    turns: tuple[Turn, ...] = ()
    """What is done to each seat's picture."""
    sticks: tuple[Turn, ...] = ()
    """What is done to each seat's joystick, where that is something else (a paddle that is turned by LEFT and
    RIGHT moves up and down)."""
    greys: tuple[tuple[int, int], ...] = ()
    """Shades that are swapped for all seats but the first: who sits there then has the colour of the one that
    it plays as."""

    own: tuple[int, ...] = ()
    """Of each seat the shade that nothing else has, where those of two hardly differ: its seat sees it in
    white."""
    shift: tuple[int, int] = (0, 0)
    """Rows down and columns to the right by which a picture that was turned is moved, so that it fits."""
    edge: int = 0
    """Columns at both sides that stay as they are on the screen."""

    @property
    def turned(self) -> bool:
        return bool(self.turns)

    def turn(self, seat: int, picture: "NDArray[Any]") -> "NDArray[Any]":
        """(height, width, ...) from the screen to how a seat sees it, or back."""
        turn = self.turns[seat] if self.turns else ""
        return picture[:: -1 if "y" in turn else 1, :: -1 if "x" in turn else 1]

    def way(self, seat: int) -> "Way":
        """How a seat sees the screen in grey."""
        from arena.games.eyes import straight

        if not self.turns or (seat == 0 and not self.own):
            return straight
        import cv2
        import numpy as np

        shades = self._shades(seat)

        def turned(picture: "NDArray[np.uint8]") -> "NDArray[np.uint8]":
            seen: NDArray[np.uint8] = np.ascontiguousarray(self.turn(seat, picture))
            if self.greys or self.own:
                seen = np.asarray(cv2.LUT(seen, shades), np.uint8)
            if self.shift != (0, 0):
                seen = np.roll(seen, self.shift, axis=(0, 1))
            if edge := self.edge:
                seen[:, :edge], seen[:, -edge:] = picture[:, :edge], picture[:, -edge:]
            return seen

        return turned

    def _shades(self, seat: int) -> "NDArray[np.uint8]":
        import numpy as np

        shades = np.arange(256, dtype=np.uint8)
        for one, other in self.greys if seat else ():
            shades[one], shades[other] = other, one
        if self.own:
            shades[self.own[seat]] = 255
        return shades

    def meanings(self, seat: int, codes: Sequence[int]) -> list[int]:
        """For each action, chosen by what a seat sees, the action that does it: places in `codes`."""
        turns = self.sticks or self.turns
        turn = turns[seat] if turns else ""
        return [codes.index(_turned(code, turn)) for code in codes]


AS_IT_IS = View()


def _turned(code: int, turn: Turn) -> int:
    """A joystick's code the other way round."""
    parts = _PARTS[code]
    if "x" in turn:
        parts = _swap(parts, LEFT, RIGHT)
    if "y" in turn:
        parts = _swap(parts, UP, DOWN)
    return _PARTS.index(parts)


def _swap(parts: int, one: int, other: int) -> int:
    kept = parts & ~(one | other)
    return kept | (other if parts & one else 0) | (one if parts & other else 0)
