"""Frames a second of Pong for two as training sees it, beside PettingZoo's environment of it."""

import contextlib
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from arena.cli.bench.timing import Report, compare, rate
from arena.games import catalog, roms
from arena.games.eyes import TICKS_PER_DECISION
from arena.games.versus_console import Console
from arena.games.versus_list import cartridge

GAME, GAMES, SEATS = "versus/pong", 8, 2
FRAMES = 256
"""Between two looks at the clock."""


def measure(progress: Callable[[str], None]) -> Report:
    """Raises ArenaError where the ROM or the emulator is missing."""
    zoo = "PettingZoo pong_v3"
    candidates: dict[str, Callable[[], float]] = {
        zoo: partial(rate, _zoo_frames()),
        "one bare emulator": partial(rate, _bare_frames()),
    }
    with contextlib.ExitStack() as opened:
        for count, words in ((1, "1 process"), (2, "2 processes")):
            envs = catalog.vector(GAME, GAMES * SEATS, 1, processes=count)
            opened.callback(envs.close)
            candidates[f"{GAME}, {GAMES} games in {words}"] = partial(rate, _frames_of(envs))
        lines = compare(candidates, zoo, progress)
    return Report(
        bench="versus",
        unit="frames/s",
        baseline=zoo,
        lines=lines,
        setting="Pong for two, random players; the arena's with pictures of 84x84 for each seat, stacks of "
        "four, scores and sticky actions, PettingZoo's with a plain picture at every frame",
    )


def _zoo_frames() -> Callable[[], int]:
    """Frames are skipped as people do who use it: the same actions again."""
    from pettingzoo.atari import pong_v3

    env = pong_v3.parallel_env(
        obs_type="grayscale_image", auto_rom_install_path=str(roms.shared_rom_path("pong").parent)
    )
    env.reset(seed=1)
    rng = np.random.default_rng(1)

    def advance() -> int:
        for _ in range(FRAMES // TICKS_PER_DECISION):
            actions = {agent: int(rng.integers(6)) for agent in env.agents}
            for _ in range(TICKS_PER_DECISION):
                env.step(actions)
                if not env.agents:
                    env.reset()
                    break
        return FRAMES

    return advance


def _bare_frames() -> Callable[[], int]:
    """An emulator that is told what to do and asked nothing."""
    cart = cartridge(GAME)
    console = Console(cart.rom, cart.modes[SEATS], SEATS, cart.warm_up)
    rng = np.random.default_rng(1)

    def advance() -> int:
        for chosen in rng.choice(console.codes, size=(FRAMES // TICKS_PER_DECISION, SEATS)).tolist():
            for _ in range(TICKS_PER_DECISION):
                console.act(chosen)
            if console.over:
                console.load(console.start(0))
        return FRAMES

    return advance


def _frames_of(envs: Any) -> Callable[[], int]:
    rng, actions = np.random.default_rng(1), int(envs.single_action_space.n)
    envs.reset()

    def advance() -> int:
        envs.step(rng.integers(actions, size=envs.num_envs))
        return GAMES * TICKS_PER_DECISION

    return advance
