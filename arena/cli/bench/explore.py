"""Frames a second of Go-Explore exploring Montezuma's Revenge, beside bare emulators in as many processes."""

import contextlib
import multiprocessing
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection

import ale_py
import numpy as np

from agents.cores import CORES
from agents.go_explore import Config, GoExplore
from arena.cli.bench.timing import Report, compare
from arena.games import roms
from arena.games.expedition import Expedition
from arena.games.eyes import TICKS_PER_DECISION

ROM = "montezuma_revenge"
BATCH = 256
"""Frames between two looks at the clock."""

SECONDS = 5.0
"""Of a turn: several iterations."""


def measure(progress: Callable[[str], None]) -> Report:
    """Raises ArenaError where the ROM is missing."""
    bare, explorers = f"{CORES} bare emulators", f"go-explore with {CORES} explorers"
    with _bare() as bare_rate, _exploring() as exploring_rate:
        lines = compare({bare: bare_rate, explorers: exploring_rate}, bare, progress)
    return Report(
        bench="explore",
        unit="frames/s",
        baseline=bare,
        lines=lines,
        setting=f"{ROM}, a process each, no sticky actions; exploring with its archive, snapshots and cells "
        "of 11 x 8 pixels. The last column is the share of the limit",
    )


@contextlib.contextmanager
def _exploring() -> Iterator[Callable[[], float]]:
    """The frames a second of a run that goes on and on."""
    expedition = Expedition(f"atari/{ROM}", CORES, 0, {})
    spaces = expedition.single_observation_space, expedition.single_action_space
    learner = GoExplore(*spaces, Config(total_steps=10**12, num_envs=CORES))
    iterations = learner.learn(expedition)

    def explore() -> float:
        began, before = time.perf_counter(), learner.step
        while time.perf_counter() - began < SECONDS:
            next(iterations)
        return (learner.step - before) * TICKS_PER_DECISION / (time.perf_counter() - began)

    try:
        yield explore
    finally:
        expedition.close()


@contextlib.contextmanager
def _bare() -> Iterator[Callable[[], float]]:
    """The frames a second of emulators that are told what to do and asked nothing."""
    context = multiprocessing.get_context("spawn")
    ends, processes = [], []
    for seed in range(CORES):
        mine, its = context.Pipe()
        process = context.Process(target=_emulate, args=(its, seed), daemon=True)
        process.start()
        its.close()
        ends.append(mine)
        processes.append(process)
    for end in ends:
        end.recv()  # it is ready

    def play() -> float:
        for end in ends:
            end.send(SECONDS)
        rates: list[float] = [end.recv() for end in ends]
        return sum(rates)

    try:
        yield play
    finally:
        for end, process in zip(ends, processes, strict=True):
            end.close()
            process.join()


def _emulate(connection: Connection, seed: int) -> None:
    """One emulator: told so many seconds, it answers with its frames a second; reset when it is over."""
    ale_py.ALEInterface.setLoggerMode(ale_py.LoggerMode.Error)
    emulator, rng = ale_py.ALEInterface(), np.random.default_rng(seed)
    emulator.setFloat("repeat_action_probability", 0.0)
    emulator.loadROM(roms.rom_path(ROM))
    legal = emulator.getMinimalActionSet()
    connection.send(None)
    with contextlib.suppress(EOFError):
        while True:
            seconds = connection.recv()
            began, frames = time.perf_counter(), 0
            while time.perf_counter() - began < seconds:
                for choice in rng.integers(len(legal), size=BATCH // TICKS_PER_DECISION).tolist():
                    for _ in range(TICKS_PER_DECISION):
                        emulator.act(legal[choice])
                    if emulator.game_over():
                        emulator.reset_game()
                frames += BATCH
            connection.send(frames / (time.perf_counter() - began))
