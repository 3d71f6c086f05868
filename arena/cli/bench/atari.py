"""Frames a second of a headless duel, beside the bare emulators that it runs."""

import itertools
import time
from collections.abc import Callable
from functools import partial

import ale_py
import numpy as np

from arena.cli.bench.timing import Report, compare, rate
from arena.games import roms
from arena.games.atari import STICKY
from arena.games.eyes import TICKS_PER_DECISION
from arena.matches.match import Match
from arena.matches.player import RandomPlayer

ROM = "pong"
PLAYERS = 2
BATCH = 256
"""Ticks between two looks at the clock."""


def measure(progress: Callable[[str], None]) -> Report:
    """Raises ArenaError where the ROM is missing."""
    bare = f"{PLAYERS} bare emulators"
    duel = f"duel of {PLAYERS} at atari/{ROM}"
    lines = compare({bare: partial(rate, _bare_frames()), duel: _duel_rate()}, bare, progress)
    return Report(
        bench="atari",
        unit="frames/s",
        baseline=bare,
        lines=lines,
        setting=f"{ROM} in one process, random players, sticky {STICKY}; the duel with its players, moves, "
        "digests and result, from the first tick on. The last column is the share of the limit",
    )


def _bare_frames() -> Callable[[], int]:
    """Emulators that are told what to do and asked nothing; the game is reset when it is over."""
    ale_py.ALEInterface.setLoggerMode(ale_py.LoggerMode.Error)
    rng = np.random.default_rng(1)
    emulators = []
    for seed in range(PLAYERS):
        emulator = ale_py.ALEInterface()
        emulator.setInt("random_seed", seed + 1)
        emulator.setFloat("repeat_action_probability", STICKY)
        emulator.loadROM(roms.rom_path(ROM))
        emulators.append(emulator)
    legal = emulators[0].getMinimalActionSet()

    def advance() -> int:
        for emulator in emulators:
            for choice in rng.integers(len(legal), size=BATCH // TICKS_PER_DECISION).tolist():
                for _ in range(TICKS_PER_DECISION):
                    emulator.act(legal[choice])
                if emulator.game_over():  # it would do nothing from now on, and very fast
                    emulator.reset_game()
        return BATCH * PLAYERS

    return advance


def _duel_rate() -> Callable[[], float]:
    """A function that plays one whole match, first tick to result, and returns its frames a second."""
    seeds = itertools.count(1)

    def play() -> float:
        match = Match(f"atari/{ROM}", [RandomPlayer() for _ in range(PLAYERS)], next(seeds))
        frames = 0
        began = time.perf_counter()
        while not match.finished:
            frames += sum(match.playing(seat) for seat in range(PLAYERS))
            match.tick()
        match.result()
        elapsed = time.perf_counter() - began
        match.close()
        return frames / elapsed

    return play
