"""Threads that share one step of many worlds, without waiting for Python or for each other.

A thread takes a few worlds at a time, first from its own part, then from what others have left over, so that
one that was late or is disturbed holds up nobody. Between two steps the helpers watch for the next one a
little while, which is far quicker than being woken, and then go to sleep.

What they share is a table of numbers: where the arrays lie, and how far everybody is. Handing the arrays
themselves to a kernel would take longer than advancing fifty worlds.
"""

import threading
import time
from collections.abc import Callable
from queue import SimpleQueue

import numpy as np
from numba import carray  # type: ignore[attr-defined]
from numpy.typing import NDArray

from arena.games.maze.kernel import kernel, template
from arena.games.maze.sight import FEATURES
from arena.games.maze.tick import Moves, Play, advance
from arena.games.maze.words import at_address, fetch, fetch_add, fetch_set
from arena.games.maze.world import ACTIONS, Outcome, Settings, Worlds

Table = NDArray[np.int64]
Work = Callable[[Table, int, int], None]

CHUNK = 64
"""Worlds that a thread takes at a time."""
PATIENCE = 100_000
"""How often a helper looks for the next step before it goes to sleep: about a tenth of a millisecond."""

# The table: shapes and settings, then the addresses, then what changes while a step is made. Numbers that
# several threads write lie a cache line apart.
_WORLDS, _SEATS, _SIDE, _OBSERVATION, _SETTINGS, _THREADS = 0, 1, 2, 3, 4, 9
_ADDRESSES, _OUTCOME = 16, 17
_DONE, _ENDED, _PARTS, _LINE = 48, 56, 64, 8
_NEXT, _LAST, _ASLEEP = 0, 1, 2  # in a thread's part


@kernel
def opened(table: Table) -> tuple[Worlds, Settings, NDArray[np.int64], Outcome]:
    """The arrays that `table` names."""
    w, s, side, size = table[_WORLDS], table[_SEATS], table[_SIDE], table[_OBSERVATION]
    a = _ADDRESSES
    worlds = Worlds(
        carray(at_address(table[a]), (w, side, side), np.uint8),
        carray(at_address(table[a + 1]), (w, s, side, side), np.uint8),
        carray(at_address(table[a + 2]), (w, s, 2), np.int16),
        carray(at_address(table[a + 3]), (w, s, 2), np.int16),
        carray(at_address(table[a + 4]), (w, s, 2), np.int16),
        carray(at_address(table[a + 5]), (w, s), np.uint8),
        carray(at_address(table[a + 6]), (w, s), np.uint8),
        carray(at_address(table[a + 7]), (w, s), np.float32),
        carray(at_address(table[a + 8]), (w, s), np.float32),
        carray(at_address(table[a + 9]), (w, s, 2), np.int16),
        carray(at_address(table[a + 10]), (w,), np.int32),
        carray(at_address(table[a + 11]), (w,), np.int32),
        carray(at_address(table[a + 12]), (w,), np.uint8),
        carray(at_address(table[a + 13]), (w,), np.uint64),
        carray(at_address(table[a + 14]), (w,), np.uint64),
        carray(at_address(table[a + 15]), (w,), np.uint64),
    )
    plane = carray(at_address(table[a + 16]), (FEATURES,), np.int8)
    k = _SETTINGS
    settings = Settings(table[k], table[k + 1], table[k + 2], plane, table[k + 3], table[k + 4])
    outcome = Outcome(
        carray(at_address(table[a + 17]), (w, s), np.float64),
        carray(at_address(table[a + 18]), (w,), np.bool_),
        carray(at_address(table[a + 19]), (w,), np.bool_),
        carray(at_address(table[a + 20]), (w, s, size), np.uint8),
    )
    return worlds, settings, carray(at_address(table[a + 21]), (w, s), np.int64), outcome


@kernel
def claim(table: Table, me: int, patience: int) -> tuple[int, int]:
    """The next worlds, first to last, for thread `me`; (0, 0) when none have come up for so many looks.

    Taking worlds is what tells a thread that a step is on: only then may it look at the addresses.
    """
    threads = table[_THREADS]
    asleep = _PARTS + me * _LINE + _ASLEEP
    while True:
        for n in range(threads):
            part = _PARTS + (me + n) % threads * _LINE
            last = table[part + _LAST]
            if fetch(table, part + _NEXT) < last:
                first = fetch_add(table, part + _NEXT, CHUNK)
                if first < last:
                    return first, min(first + CHUNK, last)
        if patience <= 0:
            return 0, 0
        patience -= 1
        if patience == 0:  # look once more after saying so, lest nobody wake who has just missed the start
            fetch_set(table, asleep, 1)


@kernel
def done(table: Table, first: int, last: int, ended: int) -> None:
    """Report that worlds `first` to `last` have made their step, which ended so many levels."""
    if ended:
        fetch_add(table, _ENDED, ended)
    fetch_add(table, _DONE, last - first)


@template
def toil(moves: Moves, play: Play, table: Table, me: int, patience: int) -> None:
    """Advance all worlds that thread `me` can claim, by a game's two parts (see `advance`)."""
    first, last = claim(table, me, patience)
    while last:
        worlds, settings, actions, outcome = opened(table)
        done(table, first, last, advance(moves, play, worlds, settings, actions, outcome, first, last))
        first, last = claim(table, me, patience)


@kernel
def publish(table: Table, moves: NDArray[np.int64], outcome: Outcome) -> int:
    """Begin a step. Returns the helpers to wake, as bits; -1 where a move is none, and nothing was begun."""
    for w in range(moves.shape[0]):
        for seat in range(moves.shape[1]):
            if np.uint64(moves[w, seat]) >= np.uint64(len(ACTIONS)):
                return -1
    a = _ADDRESSES + _OUTCOME
    table[_OBSERVATION] = outcome.observations.shape[2]
    table[a] = outcome.rewards.ctypes.data
    table[a + 1] = outcome.terminated.ctypes.data
    table[a + 2] = outcome.truncated.ctypes.data
    table[a + 3] = outcome.observations.ctypes.data
    table[a + 4] = moves.ctypes.data
    threads = table[_THREADS]
    sleepers = 0
    fetch_set(table, _DONE, 0)
    fetch_set(table, _ENDED, 0)
    for thread in range(threads):
        part = _PARTS + thread * _LINE
        fetch_set(table, part + _NEXT, table[_WORLDS] * thread // threads)
    for thread in range(1, threads):
        if fetch_set(table, _PARTS + thread * _LINE + _ASLEEP, 0):
            sleepers |= 1 << thread
    return sleepers


@kernel
def all_done(table: Table, patience: int) -> bool:
    """Whether all worlds have made their step, looking so many times."""
    while fetch(table, _DONE) < table[_WORLDS]:
        patience -= 1
        if patience == 0:
            return False
    return True


class Crew:
    """The threads of one environment: the caller's, and helpers that end with `dismiss`."""

    def __init__(self, work: Work, worlds: Worlds, settings: Settings, threads: int = 1) -> None:
        """`work` (table, thread, patience) advances worlds as long as it can claim some."""
        self._work, self._kept = work, (worlds, settings)
        # Helpers write here while others read: a line of its own for everything that they write.
        self._table: Table = np.zeros(_PARTS + (threads + 1) * _LINE, np.int64)
        count, seats = worlds.at.shape[:2]
        table = self._table
        table[:4] = count, seats, worlds.tiles.shape[1], 0
        plain = (settings.held_out, settings.layout, settings.max_steps, settings.scattered)
        table[_SETTINGS : _SETTINGS + 5] = *plain, settings.full_grid
        table[_THREADS] = threads
        arrays: list[NDArray[np.generic]] = [*worlds._asdict().values(), settings.plane]
        for number, array in enumerate(arrays):
            table[_ADDRESSES + number] = array.ctypes.data
        for thread in range(threads):
            part = _PARTS + thread * _LINE
            table[part + _LAST] = count * (thread + 1) // threads
            table[part + _NEXT] = table[part + _LAST]
            table[part + _ASLEEP] = 1
        self._beds: list[SimpleQueue[bool]] = [SimpleQueue() for _ in range(threads - 1)]
        self._helpers = [
            threading.Thread(target=self._help, args=(number + 1, bed), name="maze-worlds", daemon=True)
            for number, bed in enumerate(self._beds)
        ]
        for helper in self._helpers:
            helper.start()

    def _help(self, thread: int, bed: "SimpleQueue[bool]") -> None:
        while bed.get():
            self._work(self._table, thread, PATIENCE)

    def step(self, moves: NDArray[np.int64], outcome: Outcome) -> int:
        """Advance every world by `moves`, contiguous and (W, S). Returns how many levels ended. Raises
        ValueError for moves out of range."""
        table = self._table
        self._given = moves, outcome  # helpers write on where an interrupt takes the caller out of here
        sleepers = publish(table, moves, outcome)
        if sleepers < 0:
            known = f"0 to {len(ACTIONS) - 1} are known"
            raise ValueError(f"actions run from {moves.min()} to {moves.max()}: {known}")
        if sleepers:
            for number, bed in enumerate(self._beds):
                if sleepers >> (number + 1) & 1:
                    bed.put(True)
        self._work(table, 0, 0)
        while not all_done(table, PATIENCE):
            time.sleep(0)  # somebody was interrupted
        return int(table[_ENDED])

    def dismiss(self) -> None:
        """End the helpers."""
        for bed in self._beds:
            bed.put(False)
        for helper in self._helpers:
            helper.join()
        self._beds, self._helpers = [], []
