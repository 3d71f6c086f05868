"""What works on this machine, and what to do about what does not."""

import locale
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from typing import Literal

from arena import places
from arena.errors import ArenaError

State = Literal["ok", "without", "problem"]
"""`without`: this machine lacks something that the arena can do without; the advice says what that means."""

_PROBE_SECONDS = 20.0

_SDL_PROBE = """
import os
os.environ["PYGAME_HIDE_SUPPORT_PROMPT"] = "1"
import pygame
try:
    pygame.display.init()
    print("display", pygame.display.get_driver(), *pygame.display.get_desktop_sizes()[0])
except pygame.error as error:
    print("nodisplay", error)
try:
    pygame.mixer.init()
    print("sound", *pygame.mixer.get_init())
except pygame.error as error:
    print("nosound", error)
"""
"""Run in a process of its own: drivers may hang, crash, or write where they should not."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at."""

    name: str
    state: State
    found: str
    advice: str = ""
    """What to do; empty where nothing need be done."""


def examine() -> Iterator[Check]:
    """Every check, one after the other, each yielded as soon as it is known."""
    for check in (
        _python,
        _libraries,
        _screen_and_sound,
        _terminal,
        _gpu,
        _roms,
        _saves,
        _database,
        _compiled,
    ):
        try:
            yield from check()
        except ArenaError as error:
            yield Check(check.__name__.strip("_"), "problem", str(error))
        except Exception as error:  # what is broken must not hide the rest
            yield Check(check.__name__.strip("_"), "problem", f"{type(error).__name__}: {error}")


def _python() -> Iterator[Check]:
    yield Check("Python", "ok", f"{platform.python_version()} on {platform.platform(terse=True)}")


def _libraries() -> Iterator[Check]:
    names = (
        "ale-py", "gymnasium", "numba", "numpy", "opencv-python-headless", "pettingzoo", "pygame-ce",
        "safetensors", "textual", "torch", "typer",
    )  # fmt: skip
    versions = {}
    missing = []
    for name in names:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            missing.append(name)
    found = ", ".join(f"{name} {version}" for name, version in versions.items())
    if missing:
        advice = f"install again: {sys.executable} -m pip install -e . (in the arena's folder)"
        yield Check("libraries", "problem", f"missing: {', '.join(missing)}", advice)
    else:
        yield Check("libraries", "ok", found)
    if any(d.metadata["Name"] == "pygame" for d in metadata.distributions()):
        yield Check(
            "pygame",
            "problem",
            "pygame is installed beside pygame-ce; each overwrites the other's files",
            "pip uninstall -y pygame pygame-ce && pip install pygame-ce",
        )


def _screen_and_sound() -> Iterator[Check]:
    try:
        probe = subprocess.run(
            [sys.executable, "-c", _SDL_PROBE],
            capture_output=True,
            text=True,
            timeout=_PROBE_SECONDS,
            check=False,
        )
        found = dict(line.partition(" ")[::2] for line in probe.stdout.splitlines())
        reason = probe.stderr.strip().splitlines()[-1:] or [f"exit code {probe.returncode}"]
    except subprocess.TimeoutExpired:
        found, reason = {}, [f"no answer in {_PROBE_SECONDS:.0f} s"]
    no_window = "matches are drawn in the terminal instead (--terminal)"
    driver, _, size = found.get("display", "").partition(" ")
    if driver in ("dummy", "offscreen"):
        asked = "SDL_VIDEODRIVER" in os.environ
        named = next(
            (f"{n}={os.environ[n]}" for n in ("DISPLAY", "WAYLAND_DISPLAY") if os.environ.get(n)), ""
        )
        none = f"{named} cannot be reached" if named else "none"
        yield Check("display", "without", f"SDL_VIDEODRIVER={driver}" if asked else none, no_window)
    elif driver:
        yield Check("display", "ok", f"{driver}, {size.replace(' ', 'x')}")
    else:
        yield Check("display", "without", found.get("nodisplay", reason[0]), no_window)
    if "sound" in found:
        rate, _, channels = found["sound"].split()
        yield Check("sound", "ok", f"{rate} Hz, {channels} channels")
    else:
        yield Check("sound", "without", found.get("nosound", reason[0]), "games are silent")


def _terminal() -> Iterator[Check]:
    if not sys.stdout.isatty():
        yield Check("terminal", "without", "stdout is not a terminal", "the launcher needs one")
        return
    columns, rows = shutil.get_terminal_size()
    colours = "16 million" if os.environ.get("COLORTERM") in ("truecolor", "24bit") else "256 or fewer"
    encoding = locale.getpreferredencoding(False)
    found = f"{columns}x{rows}, {colours} colours, {encoding}"
    if columns < 80 or rows < 24:
        yield Check("terminal", "problem", found, "make it 80x24 or larger")
    elif encoding.lower().replace("-", "") != "utf8":
        yield Check("terminal", "problem", found, "use a UTF-8 locale, for example: export LANG=C.UTF-8")
    elif "256" in colours:
        yield Check("terminal", "ok", found, "where the terminal has more: export COLORTERM=truecolor")
    else:
        yield Check("terminal", "ok", found)


def _gpu() -> Iterator[Check]:
    import torch

    if torch.cuda.is_available():
        yield Check("GPU", "ok", f"{torch.cuda.get_device_name()}, CUDA {torch.version.cuda}")
    elif torch.backends.mps.is_available():
        yield Check(
            "GPU",
            "without",
            "Apple's GPU is there, and the arena trains on CUDA or CPU",
            "training uses the CPU",
        )
    else:
        found = f"none that torch {torch.__version__} can use"
        yield Check("GPU", "without", found, f"training uses the CPU, {torch.get_num_threads()} threads")


def _saves() -> Iterator[Check]:
    from arena.store import home

    folder = places.saves()
    test = folder / ".doctor"
    home.write_atomically(test, b"ok")
    test.unlink()
    free = shutil.disk_usage(folder).free / 1e9
    found = f"{folder}, {free:.1f} GB free"
    if free < 1:
        yield Check("saves", "problem", found, "free some space there, or set ARENA_SAVES to another folder")
    else:
        yield Check("saves", "ok", found)


def _compiled() -> Iterator[Check]:
    """numba compiles the mazes once and keeps the result; where it cannot, every start takes longer."""
    from arena.games.maze import kernel

    count = sum(1 for _ in kernel.FOLDER.rglob("*.nbc"))
    found = f"{count} parts in {kernel.FOLDER}" if count else "compiled at the first use"
    if kernel.IS_KEPT:
        yield Check("compiled mazes", "ok", found)
    else:
        advice = "set ARENA_SAVES to a folder you can write in, so that they are kept"
        yield Check("compiled mazes", "without", "compiled at every start, which takes a while", advice)


def _database() -> Iterator[Check]:
    from arena.store.database import Database

    path = places.saves() / "arena.db"
    if not path.exists():
        yield Check("database", "ok", "none yet; the first match makes it")
        return
    with Database.open() as database:
        database.check()
        games = database.games()
    size = path.stat().st_size / 1e6
    yield Check("database", "ok", f"{path}, sound, {size:.1f} MB, games played: {len(games)}")


def _roms() -> Iterator[Check]:
    from arena.games import roms

    folder = places.roms()
    found, problems = roms.rom_paths(), roms.rom_problems()
    own = sum(path.parent == folder for path in found.values())
    yield Check("ROMs", "ok" if found else "problem", f"{len(found)} games, {own} of them from {folder}")
    for path, problem in problems:
        yield Check(
            "ROM file", "problem", f"{path}: {problem}", "take it out of that folder, or put the right one"
        )
