"""Chance without state to share: every number is a hash of what it is for.

SplitMix64 (Steele, Lea and Flood 2014, "Fast splittable pseudorandom number generators") is counter-based:
number n of key k is mix(k + n * GOLDEN). What a world draws therefore never depends on which worlds it
was batched with, or on how many numbers another purpose has used.
"""

import numpy as np
from numpy.typing import NDArray

from arena.games.maze.kernel import kernel

GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_A = np.uint64(0xBF58476D1CE4E5B9)
_B = np.uint64(0x94D049BB133111EB)
_30, _27, _31, _32 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(32)

# What a number is for.
LEVEL, SLIP, GUST = np.uint64(1), np.uint64(2), np.uint64(3)


@kernel
def mix(x: np.uint64) -> np.uint64:
    """SplitMix64's finaliser: 64 bits to 64 bits, one to one."""
    x = (x ^ (x >> _30)) * _A
    x = (x ^ (x >> _27)) * _B
    return x ^ (x >> _31)


@kernel
def key_of(parent: np.uint64, purpose: np.uint64) -> np.uint64:
    """The key for one purpose (or one world, or one episode) of `parent`."""
    return mix(parent + GOLDEN * (mix(purpose) | np.uint64(1)))


@kernel
def chance(key: np.uint64, number: int) -> float:
    """Number `number` of `key`, uniform in [0, 1)."""
    return float(mix(key + GOLDEN * np.uint64(number)) >> np.uint64(11)) * (1.0 / 9007199254740992.0)


@kernel
def below(stream: NDArray[np.uint64], n: int) -> int:
    """A uniform integer in [0, n), taking the next number of `stream`, a (1,) array that holds its state.

    For n < 2**16, as here, the bias of the multiplication is under 2**-16 of a number's share.
    """
    stream[0] += GOLDEN
    number: int = np.int64(((mix(stream[0]) >> _32) * np.uint64(n)) >> _32)  # type: ignore[assignment]
    return number
