"""What an agent sees of a console: the preprocessing of Mnih et al. 2015.

Pictures in grey, the brighter of the last two frames of a decision at every pixel (sprites flicker), shrunk
to 84x84 by area; the last four decisions, oldest first. A seat may see the screen in a way of its own
(mirrored, say), which is done before shrinking.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

TICKS_PER_DECISION = 4
STACK = 4
SIZE = 84
"""Frame skip, frames an observation, and their height and width: Mnih et al. 2015, Methods."""

_KEPT = STACK + 1
"""Decisions whose frames are kept: an observation's, and the one that is being played."""

Read = Callable[[NDArray[np.uint8]], object]
"""Fills (height, width) with the screen in grey."""

Way = Callable[[NDArray[np.uint8]], NDArray[np.uint8]]
"""How a seat sees the screen: (height, width) to (height, width)."""


def straight(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """As it is."""
    return picture


@dataclass(frozen=True, slots=True)
class Sight:
    """All that has been seen, to be put back."""

    stacks: NDArray[np.uint8]
    pooled: NDArray[np.uint8]
    first: NDArray[np.uint8]


class Eyes:
    """Of everybody at one console."""

    def __init__(self, height: int, width: int, read: Read, ways: Sequence[Way] = (straight,)) -> None:
        """`read` looks at the screen; `ways` are how each seat sees it."""
        self._read, self._ways = read, ways
        self._seen = np.zeros((_KEPT, 2, height, width), np.uint8)
        """The last two frames, in grey, of the latest decisions, decision d in place d % _KEPT."""
        self._stacks = np.zeros((len(ways), STACK, SIZE, SIZE), np.uint8)
        self._unshrunk = [0] * len(ways)
        """Decisions that a seat's stack does not have yet: it is made when it is asked for."""
        self._decisions = 0

    def open(self) -> None:
        """A game begins; nothing was seen before."""
        self._stacks[:] = 0
        self._read(self._seen[0, 0])
        self._seen[0, 1] = self._seen[0, 0]
        self._decisions = 1
        self._unshrunk = [1] * len(self._ways)

    def look(self, phase: int, over: bool) -> None:
        """After tick `phase` of a decision, which may have been the game's last."""
        if over:
            self._see_end(phase)
        elif phase == TICKS_PER_DECISION - 2:
            self._read(self._seen[self._decisions % _KEPT, 0])
        elif phase == TICKS_PER_DECISION - 1:
            self._read(self._seen[self._decisions % _KEPT, 1])
            self._count()

    def _see_end(self, phase: int) -> None:
        """A game's last observation, which nobody acts on, has the decision before in place of the game's
        last frame: so ale-py's vector environment has it."""
        seen = self._seen[self._decisions % _KEPT]
        seen[1] = self._pooled(self._decisions - 1)
        if phase < TICKS_PER_DECISION - 1:
            seen[0] = seen[1]
        self._count()

    def _count(self) -> None:
        self._decisions += 1
        self._unshrunk = [unshrunk + 1 for unshrunk in self._unshrunk]

    def _pooled(self, decision: int) -> NDArray[np.uint8]:
        """The brighter of the two frames at every pixel."""
        pooled: NDArray[np.uint8] = np.maximum(*self._seen[decision % _KEPT])
        return pooled

    @property
    def grey(self) -> NDArray[np.uint8]:
        """(height, width): the screen at the latest decision, as the brighter of two frames."""
        return self._pooled(self._decisions - 1)

    def stack(self, seat: int = 0) -> NDArray[np.uint8]:
        """(4, 84, 84): what a seat sees, oldest first. It is overwritten by what is seen later."""
        stack: NDArray[np.uint8] = self._stacks[seat]
        fresh = min(self._unshrunk[seat], STACK)
        if fresh:
            stack[: STACK - fresh] = stack[fresh:]
            for place in range(STACK - fresh, STACK):
                picture = self._ways[seat](self._pooled(self._decisions - STACK + place))
                stack[place] = cv2.resize(picture, (SIZE, SIZE), interpolation=cv2.INTER_AREA)
            self._unshrunk[seat] = 0
        return stack

    def save(self) -> Sight:
        stacks = np.stack([self.stack(seat) for seat in range(len(self._ways))])
        return Sight(stacks, self.grey, self._seen[self._decisions % _KEPT, 0].copy())

    def load(self, sight: Sight) -> None:
        """Go back to what `save` gave."""
        self._stacks[:] = sight.stacks
        self._decisions, self._unshrunk = 1, [0] * len(self._ways)
        self._seen[0] = sight.pooled
        self._seen[1, 0] = sight.first
