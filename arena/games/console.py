"""Cartridges and the emulated consoles that they are in."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import ale_py

from arena.games import roms

ale_py.ALEInterface.setLoggerMode(ale_py.LoggerMode.Error)

NOOP = 0
"""The console's code for a joystick at rest."""


@dataclass(frozen=True, slots=True)
class Cartridge:
    """What a ROM offers. Found by loading it once, which takes a fifth of a second."""

    name: str
    path: Path
    codes: tuple[int, ...]
    """The console's code of each action of the game, `NOOP` first."""
    actions: tuple[str, ...]
    """Their names."""
    modes: tuple[int, ...]
    difficulties: tuple[int, ...]
    height: int
    width: int


@cache
def _cartridge(name: str, path: Path) -> Cartridge:
    ale = ale_py.ALEInterface()
    ale.loadROM(path)
    minimal = [action.value for action in ale.getMinimalActionSet()]
    # Backgammon and Video Checkers leave "noop" out, but a person must be able to let go.
    codes = (NOOP, *(code for code in minimal if code != NOOP))
    height, width = ale.getScreenDims()
    return Cartridge(
        name=name,
        path=path,
        codes=codes,
        actions=tuple(map(words, codes)),
        modes=tuple(map(int, ale.getAvailableModes())),
        difficulties=tuple(map(int, ale.getAvailableDifficulties())),
        height=height,
        width=width,
    )


def cartridge(game_id: str) -> Cartridge:
    """The cartridge of `atari/<rom>`. Raises ArenaError where there is none, or not the right file."""
    name = game_id.removeprefix("atari/")
    return _cartridge(name, roms.rom_path(name))


def words(code: int) -> str:
    """What a joystick's code means, as in "up right fire", which ale-py calls UPRIGHTFIRE."""
    words: str = ale_py.Action(code).name
    for word in ("UP", "DOWN", "LEFT", "RIGHT", "FIRE"):
        words = words.replace(word, f" {word}")
    return words.strip().lower()


@dataclass(frozen=True, slots=True, eq=False)
class Console:
    """An emulator with a cartridge in it, switched on. It never repeats actions of its own accord."""

    ale: ale_py.ALEInterface
    path: Path
    mode: int | None
    difficulty: int | None
    start: Any
    """Its saved state when the game begins. It is the same whatever the seed: nothing in the console is
    drawn from it once sticky actions are not."""


_idle: dict[tuple[Path, int | None, int | None], list[Console]] = {}
"""Consoles that closed games have left, by cartridge, mode and difficulty: loading takes 0.2 s, nearly all
of it for a palette of ale-py's that nothing here uses, and each match of a series would pay for it."""

_MOST_IDLE = 4


def load(ale: ale_py.ALEInterface, path: Path, mode: int | None, difficulty: int | None) -> None:
    """Put the cartridge in, set the switches and press reset: the very start, whatever was before."""
    ale.loadROM(path)
    if mode is not None:
        ale.setMode(mode)
    if difficulty is not None:
        ale.setDifficulty(difficulty)
    ale.reset_game()


def take(path: Path, mode: int | None, difficulty: int | None) -> Console:
    """A console that was left, or a new one. Numbers that are not on the cartridge: RuntimeError."""
    if left := _idle.get((path, mode, difficulty)):
        return left.pop()
    ale = ale_py.ALEInterface()
    ale.setFloat("repeat_action_probability", 0.0)
    ale.setInt("random_seed", 0)
    ale.setInt("max_num_frames_per_episode", 0)
    ale.setBool("sound_obs", True)  # for everyone: it costs 5 µs a frame, and goes into the saved state
    load(ale, path, mode, difficulty)
    return Console(ale, path, mode, difficulty, ale.cloneState())


def leave(console: Console) -> None:
    """For the next game of the same cartridge."""
    left = _idle.setdefault((console.path, console.mode, console.difficulty), [])
    if len(left) < _MOST_IDLE and console not in left:
        left.append(console)
