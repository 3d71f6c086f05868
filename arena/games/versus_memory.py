"""Where multi-player cartridges keep their scores, and what ends their games.

All of it was found by playing them and comparing their memory with the digits on the screen. The emulator's
own rewards are no scores: in Pong they take a point from who does not serve, in Flag Capture they are the
shape of a digit, in Checkers a clock of theirs runs against the wrong side.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Memory = NDArray[np.uint8]


class Reading(NamedTuple):
    """What there is to tell the score from, after a tick."""

    memory: "Memory"
    """(128,)."""
    earlier: "Memory"
    """As it was a tick ago."""
    rewards: Sequence[int]
    """The emulator's, one a seat."""
    scores: tuple[float, ...]
    """The scores a tick ago, one a seat."""


Score = Callable[[Reading], tuple[float, ...]]
"""The score of each seat."""

Over = Callable[["Memory"], bool]
"""Whether a game is over."""


def byte(*addresses: int) -> Score:
    """A number in one byte for each side; of more seats than sides every other one is of a side."""

    def score(now: Reading) -> tuple[float, ...]:
        sides = len(addresses)
        return tuple(float(now.memory[addresses[seat % sides]]) for seat in range(len(now.scores)))

    return score


def digits(*addresses: Sequence[int], unit: int = 1) -> Score:
    """For each seat the bytes of two decimal digits each (BCD), the highest first, that count `unit`s."""

    def score(now: Reading) -> tuple[float, ...]:
        return tuple(float(unit * decimal(now.memory, of_seat)) for of_seat in addresses)

    return score


def decimal(memory: "Memory", addresses: Sequence[int]) -> int:
    """A number in bytes of two decimal digits each."""
    number = 0
    for address in addresses:
        value = int(memory[address])
        number = 100 * number + 10 * (value >> 4) + (value & 15)
    return number


def boxing(now: Reading) -> tuple[float, ...]:
    """Two digits; a knock-out is 100, of which only the first is written."""
    return tuple(100.0 if now.memory[a] == 0xC0 else float(decimal(now.memory, (a,))) for a in (18, 19))


def tennis(now: Reading) -> tuple[float, ...]:
    """Points won. The console keeps them of one game only, but rewards one, and takes it from the other."""
    first, second = now.rewards
    return now.scores[0] + (first > 0 > second), now.scores[1] + (second > 0 > first)


def warlords(now: Reading) -> tuple[float, ...]:
    """How many have fallen before: the first to fall has 0, who stands at the end has 3."""
    gone, was_gone = ([bool(m[0x6E] & 0x80 >> seat) for seat in range(4)] for m in (now.memory, now.earlier))
    return tuple(
        score if was else float(sum(was_gone if is_gone else gone))
        for score, was, is_gone in zip(now.scores, was_gone, gone, strict=True)
    )


def escaped(now: Reading) -> tuple[float, ...]:
    """Maze Craze: 1 for who has left the maze."""
    return tuple(float(now.memory[address] == 0xFF) for address in (0x6C, 0x6D))


def wizard(now: Reading) -> tuple[float, ...]:
    """Wizard of Wor: hundreds, of which the highest digit is 8 where nothing stands."""
    hundreds = [decimal(now.memory, addresses) for addresses in ((8, 6), (7, 5))]
    return tuple(100.0 * (number - 8000 if number >= 8000 else number) for number in hundreds)


def lives_taken(now: Reading) -> tuple[float, ...]:
    """Entombed: the lives that the other has lost, of three."""
    lives = int(now.memory[0x47])
    return 3.0 - (lives >> 4 & 3), 3.0 - (lives & 3)


def rows_survived(now: Reading) -> tuple[float, ...]:
    """Entombed: the rows of the maze that both have passed, in all their lives."""
    row, before = int(now.memory[0x68]), int(now.earlier[0x68])
    passed = float(row == (before + 1) % 12)
    return tuple(score + passed for score in now.scores)


_BOARD = (*range(8), *range(9, 17), *range(18, 26), *range(27, 35))
"""Of Checkers: the dark squares."""


def pieces(memory: "Memory") -> tuple[int, int]:
    """Of Checkers: what each side has on the board."""
    on_board = [int(memory[square]) & 0xF0 for square in _BOARD]
    return sum(p in (0x10, 0x20) for p in on_board), sum(p in (0x90, 0xA0) for p in on_board)


def taken(now: Reading) -> tuple[float, ...]:
    """Checkers: the pieces that each has taken, of twelve."""
    first, second = pieces(now.memory)
    return 12.0 - second, 12.0 - first


def checkers_over(memory: "Memory") -> bool:
    """Nobody left on a side, or the side to move cannot: then the console ends its game, unnoticed by the
    emulator."""
    return 0 in pieces(memory) or bool(memory[0x66])


def flags_over(memory: "Memory") -> bool:
    """Flag Capture stands still at fifteen flags, unnoticed by the emulator."""
    return bool(max(memory[0x6A], memory[0x6B]) >= 0x15)
