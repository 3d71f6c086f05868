"""The launcher opens fast: what it loads, and when."""

import os
import subprocess
import sys
from pathlib import Path


def test_nothing_heavy_is_loaded_even_after_every_screen_was_open() -> None:
    """Only the child processes may know these."""
    script = (
        "import asyncio, sys\n"
        "from arena.tui.app import ArenaApp\n"
        "from arena.tui.widgets import preview\n"
        "preview.REST = 1e6\n"
        "async def main():\n"
        "    app = ArenaApp()\n"
        "    async with app.run_test(size=(80, 24)) as pilot:\n"
        "        for key in '1234': await pilot.press(key); await pilot.pause(0.5)\n"
        "        assert not app.failures, app.failures\n"
        "asyncio.run(main())\n"
        "print(*sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=Path(__file__).parents[3],
        env=dict(os.environ),
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert not {"torch", "pygame", "ale_py", "numba"} & set(done.stdout.split())


def test_the_first_picture_waits_for_nothing_heavy() -> None:
    """numpy and Gymnasium take longer to import than all the rest: they come after the first picture."""
    script = (
        "import asyncio, sys\n"
        "from arena.tui.app import ArenaApp\n"
        "from arena.tui.screens import play\n"
        "print(*sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert not {"numpy", "gymnasium", "sqlite3", "typer"} & set(done.stdout.split())
