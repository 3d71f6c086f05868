"""Consoles that two to four play at: all that the arena knows of multi_agent_ale_py.

It is an older emulator than ale-py's, with players of their own instead of one. Its rewards are no scores (in
Pong a point is taken from who does not serve), and it says of games that some go on that are over: both are
read from the console's memory, by `versus_list`.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from arena.errors import ArenaError
from arena.games import roms
from arena.games.console import NOOP
from arena.games.versus_list import WHY_MISSING


@cache
def _library() -> Any:
    """The emulator. Raises ArenaError where it is not installed."""
    try:
        import multi_agent_ale_py
    except ImportError as error:
        raise ArenaError(WHY_MISSING) from error
    multi_agent_ale_py.ALEInterface.setLoggerMode("error")
    return multi_agent_ale_py


def _emulators() -> Any:
    """Its functions in C."""
    return _library().ale_python_interface.ale_lib


MEMORY = 128
"""Bytes that the console has."""


class Console:
    """One console with a cartridge in it. It never repeats an action of its own accord."""

    def __init__(self, rom: str, mode: int, seats: int, warm_up: int) -> None:
        """`warm_up` is for how many ticks nobody plays when it has been switched on.

        Raises ArenaError for a ROM that is not there, or not the right one.
        """
        self.rom, self.mode, self.seats, self.warm_up = rom, mode, seats, warm_up
        self._path = str(roms.shared_rom_path(rom))
        self._ale = _library().ALEInterface()
        self._ale.setFloat(b"repeat_action_probability", 0.0)
        self._switch_on(1)
        if self._ale.numPlayersActive() != seats:
            raise ArenaError(f"mode {mode} of {rom} is not for {seats} players")
        minimal = map(int, self._ale.getMinimalActionSet())
        self.codes = (NOOP, *(code for code in minimal if code != NOOP))
        """Of each action that the cartridge makes use of."""
        self.width, self.height = map(int, self._ale.getScreenDims())
        self._starts: dict[int, bytes] = {}
        # Its Python part makes its buffers anew for each call, which takes a quarter of the time of a frame.
        self._library, self._emulator = _emulators(), self._ale.obj
        self._codes, self._rewards = np.zeros(seats, np.intc), np.zeros(seats, np.intc)
        self._joysticks, self._earned = self._codes.ctypes.data, self._rewards.ctypes.data

    def _switch_on(self, seed: int) -> None:
        """With what its memory holds by chance, which some cartridges draw from."""
        self._ale.setInt(b"random_seed", seed)  # not 0, which is the time of day
        self._ale.loadROM(self._path)
        self._ale.setMode(self.mode)
        self._ale.reset_game()

    def start(self, number: int) -> bytes:
        """Its state when a game begins, one of those that chance may bring. It is switched on for that, the
        first time."""
        if number not in self._starts:
            self._switch_on(number + 1)
            for _ in range(self.warm_up):
                self.act([NOOP] * self.seats)
            self._starts[number] = self.save()
        return self._starts[number]

    @property
    def kind(self) -> "Kind":
        return self.rom, self.mode, self.seats, self.warm_up

    def act(self, codes: Sequence[int]) -> list[int]:
        """Advance by one frame, with the code of each seat's joystick. Returns the emulator's rewards, which
        are no scores."""
        self._codes[:] = codes
        self._rewards[:] = 0
        self._library.actMulti(self._emulator, self._joysticks, self._earned)
        rewards: list[int] = self._rewards.tolist()
        return rewards

    @property
    def over(self) -> bool:
        """What the emulator says."""
        return bool(self._library.game_over(self._emulator))

    def memory(self) -> NDArray[np.uint8]:
        """(128,): the console's memory. Stale after `load` until the next frame."""
        memory = np.empty(MEMORY, np.uint8)
        self._library.getRAM(self._emulator, memory.ctypes.data)
        return memory

    def grey(self, picture: NDArray[np.uint8]) -> None:
        """Fill `picture` (height, width) with the screen in grey. Stale after `load` until the next frame."""
        assert picture.flags.c_contiguous and picture.shape == (self.height, self.width)
        self._library.getScreenGrayscale(self._emulator, picture.ctypes.data)

    def colours(self) -> NDArray[np.uint8]:
        """(height, width, 3)."""
        picture: NDArray[np.uint8] = self._ale.getScreenRGB()
        return picture

    def save(self) -> bytes:
        """Its whole state, equal for equal states."""
        state = self._ale.cloneSystemState()
        content: bytes = self._ale.encodeState(state).tobytes()
        self._ale.deleteState(state)
        return content

    def load(self, content: bytes) -> None:
        """Go back to what `save` gave."""
        state = self._ale.decodeState(np.frombuffer(content, np.uint8).copy())
        self._ale.restoreSystemState(state)
        self._ale.deleteState(state)


Kind = tuple[str, int, int, int]
"""Consoles of one kind are alike."""

_idle: dict[Kind, list[Console]] = {}
"""Consoles that closed games have left: loading a cartridge takes long beside a match."""

_MOST_IDLE = 4


def take(rom: str, mode: int, seats: int, warm_up: int) -> Console:
    """A console that was left, or a new one. Raises as `Console`."""
    left = _idle.get((rom, mode, seats, warm_up))
    return left.pop() if left else Console(rom, mode, seats, warm_up)


def leave(console: Console) -> None:
    """For the next game of the same cartridge."""
    left = _idle.setdefault(console.kind, [])
    if len(left) < _MOST_IDLE and console not in left:
        left.append(console)
