"""The launcher opens fast: what it loads, and when."""

import os
import pty
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest


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
        "        for key in '12345': await pilot.press(key); await pilot.pause(0.5)\n"
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


@pytest.mark.skipif(sys.platform != "linux", reason="the time that a process has used is read from /proc")
def test_the_first_picture_takes_little_work() -> None:
    """Told in the processor's time, which other work on the machine does not lengthen."""
    leader, follower = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "arena.tui"],
        cwd=Path(__file__).parents[3],
        env={**os.environ, "TERM": "xterm-256color", "COLUMNS": "80", "LINES": "24"},
        stdin=follower,
        stdout=follower,
        stderr=follower,
        start_new_session=True,
    )
    os.close(follower)
    try:
        drawn, until = b"", time.monotonic() + 60
        while b"Leaderboard" not in drawn:
            assert time.monotonic() < until, drawn
            if select.select([leader], [], [], 0.05)[0]:
                drawn += os.read(leader, 65536)
        fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
        used = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        assert used < 1.0
    finally:
        process.kill()
        process.wait()
        os.close(leader)
