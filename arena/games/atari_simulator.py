"""A cartridge that can be put back to where it was."""

from collections.abc import Callable
from typing import NamedTuple

import ale_py
import numpy as np
from numpy.typing import NDArray

from agents.exploring import NOWHERE, Spot
from arena.errors import UsageError
from arena.games.atari import AtariGame
from arena.games.console import NOOP
from arena.games.eyes import TICKS_PER_DECISION
from arena.games.restorable import Restorable
from arena.games.roms import UNSOUND


class AtariSimulator(Restorable):
    """A cartridge. Its picture is what the console shows after a decision, in grey."""

    def __init__(self, game: AtariGame, begin: Callable[[], object], *, longest: int) -> None:
        """It begins where `begin` puts `game`. Raises UsageError for a cartridge whose saved states are not
        exact."""
        if game.cartridge.name in UNSOUND:
            raise UsageError(
                f"{game.spec.id} cannot be explored: its emulator does not come back exactly to a saved state"
            )
        self._game, self._begin_game = game, begin
        self._ale, self._codes = game.emulator, game.cartridge.codes
        self.actions, self.longest = len(self._codes), longest
        self._frame, self._held = 0, NOOP
        self._picture = np.zeros((game.cartridge.height, game.cartridge.width), np.uint8)
        self._rooms = _ROOMS.get(game.cartridge.name)

    def close(self) -> None:
        self._game.close()

    def _begin(self) -> None:
        self._begin_game()
        self._frame, self._held = self._game.holding
        self._picture[:] = self._game.grey
        self._stale = True

    def step(self, action: int) -> tuple[float, bool]:
        ale, code, score = self._ale, self._codes[action], 0
        for _ in range(TICKS_PER_DECISION):
            self._stale = False
            if self._game.sticky == 0 or self._game.obeys(self._frame):
                self._held = code
            self._frame += 1
            score += ale.act(self._held)
            if ale.game_over():
                return float(score), True
        return float(score), False

    def lives(self) -> int:
        left: int = self._ale.lives()
        return left

    def picture(self) -> NDArray[np.uint8]:
        if not self._stale:  # the emulator draws nothing until its first frame
            self._ale.getScreenGrayscale(self._picture)
        return self._picture

    def spot(self) -> Spot:
        if self._rooms is None:
            return NOWHERE
        memory, rooms = self._ale.getRAM(), self._rooms
        number = 0
        for address in rooms.room:
            number = number << 8 | int(memory[address])
        x, y = (int(memory[address]) for address in rooms.position)
        return Spot(number, x + rooms.left, rooms.bottom - y)

    def frame(self) -> NDArray[np.uint8]:
        """(height, width, 3): what a person would see. Not after `load`, until the next step."""
        picture: NDArray[np.uint8] = self._ale.getScreenRGB()
        return picture

    def position(self, room: int) -> tuple[float, float] | None:
        if self._rooms is None or room < 0:
            return None
        rows, (level, number) = self._rooms.rows, divmod(room, 256)
        for row, length in enumerate(rows):
            if number < length:
                return number - (length - 1) / 2, row + level * (len(rows) + 0.5)
            number -= length
        return None

    def knowledge(self) -> bytes:
        if self._rooms is None:
            raise NotImplementedError(
                f"where the player is in {self._game.spec.id} is not known; it is in {', '.join(_ROOMS)}"
            )
        memory = self._ale.getRAM()
        exact = bytes(int(memory[address]) for address in (*self._rooms.room, *self._rooms.more))
        return exact + bytes(int(memory[address]) // _TILE for address in self._rooms.position)

    def _content(self) -> bytes:
        state: bytes = self._ale.cloneState().serialize()
        return self._frame.to_bytes(4, "little") + bytes([self._held]) + state

    def _put_back(self, content: bytes) -> None:
        self._frame, self._held = int.from_bytes(content[:4], "little"), content[4]
        self._ale.restoreState(ale_py.ALEState(content[5:]))


class Rooms(NamedTuple):
    """Where a cartridge keeps what somebody who knows the game would look at: addresses of its memory."""

    room: tuple[int, ...]
    """Together they number the room."""
    position: tuple[int, int]
    """Of the player in it: x to the right, y upwards."""
    left: int
    bottom: int
    """Where on the screen they count from, in pixels."""
    more: tuple[int, ...]
    """What is carried, and the like."""
    rows: tuple[int, ...]
    """Rooms in each row of a level, numbered from the top left on; every row is in the middle."""


_TILE = 16
"""Pixels a side of what counts as one position: Ecoffet et al. 2021, Methods, "domain knowledge"."""

_ROOMS = {
    # Level and room; x and y; keys and other things carried (Ecoffet's own wrapper reads the same).
    "montezuma_revenge": Rooms(
        room=(57, 3), position=(42, 43), left=2, bottom=320, more=(65,), rows=(3, 5, 7, 9)
    ),
}
