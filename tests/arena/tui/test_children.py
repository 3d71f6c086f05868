"""Whatever is started is ended, and nothing else."""

import asyncio
import contextlib
import os
import pty
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from arena.tui import children
from arena.tui.children import Child, Children

A_CHILD = "tests.arena.tui.a_child"


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{pid}/stat")  # a zombie is not alive
    with contextlib.suppress(OSError):
        return state.read_text().rpartition(")")[2].split()[0] != "Z"
    return True


async def started(processes: Children, *arguments: str, errors: Path | None = None) -> Child:
    child = await processes.start("window", "a child", A_CHILD, *arguments, errors=errors)
    async for event in child.events():
        assert event["event"] == "started"
        break
    return child


async def test_a_child_that_listens_leaves_at_quit() -> None:
    processes = Children()
    child = await started(processes)
    assert processes.running("window") == [child]
    await child.end()
    assert child.process.returncode == 0
    assert processes.running() == []


async def test_a_deaf_child_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(children.PATIENCE, "window", 0.1)
    monkeypatch.setattr(children, "AFTER_TERMINATE", 0.1)
    child = await started(Children(), "deaf")
    await child.end()
    assert child.process.returncode == -signal.SIGKILL


async def test_a_training_is_waited_for_until_somebody_gives_it_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(children, "AFTER_TERMINATE", 0.1)
    assert children.PATIENCE["training"] is None
    child = await started(Children(), "deaf")
    child.purpose = "training"
    ending = asyncio.create_task(child.end())
    await asyncio.sleep(0.5)
    assert child.running
    assert not ending.done()
    child.give_up()
    await asyncio.wait_for(ending, 20)
    assert child.process.returncode == -signal.SIGKILL


async def test_the_children_of_a_child_end_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(children.PATIENCE, "window", 1.0)
    child = await started(Children(), "tree")
    grandchild = int(child.facts["grandchild"])
    assert alive(grandchild)
    await child.end()
    for _ in range(50):
        if not alive(grandchild):
            break
        await asyncio.sleep(0.05)
    assert not alive(grandchild)


async def test_all_children_end_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """All have been asked before the patience with the first is at its end."""
    monkeypatch.setitem(children.PATIENCE, "window", 0.1)
    monkeypatch.setattr(children, "AFTER_TERMINATE", 0.1)
    processes = Children()
    some = [await started(processes, "deaf") for _ in range(3)]
    asked: list[list[bool]] = []
    send = Child._signal

    def signalled(child: Child, number: int) -> None:
        asked.append([other.ending for other in some])
        send(child, number)

    monkeypatch.setattr(Child, "_signal", signalled)
    await processes.end_all()
    assert asked[0] == [True, True, True]
    assert not any(child.running for child in some)


async def test_noise_is_no_event_and_stderr_is_kept(tmp_path: Path) -> None:
    child = await started(Children(), "noisy", errors=tmp_path / "errors.log")
    assert child.last_words() == "something went wrong over there"
    await child.end()


async def test_a_line_of_any_length_does_not_stop_the_listening(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(children, "LINE_LIMIT", 16)
    processes = Children()
    child = await processes.start("window", "a child", A_CHILD)
    child.ask_to_stop()
    events = [event async for event in child.events()]
    assert all(event["event"] in ("started", "closed") for event in events)
    assert child.process.returncode == 0
    await child.end()


LAUNCHER = """
import asyncio
from arena.tui import app as launcher
from arena.tui.widgets import preview

preview.REST = 1e6

ready = launcher.ArenaApp.on_ready

def on_ready(app):
    ready(app)
    app.run_worker(begin(app))

async def begin(app):
    child = await app.processes.start("window", "a child", "tests.arena.tui.a_child")
    async for event in child.events():
        if "pid" in event:
            with open({record!r}, "w") as file:
                file.write(str(event["pid"]))

launcher.ArenaApp.on_ready = on_ready
launcher.run()
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_no_child_outlives_the_launcher(tmp_path: Path, number: signal.Signals) -> None:
    """Asked to end, hung up on, or killed: by "quit", or at last by the end of the pipe."""
    record = tmp_path / "pid"
    leader, follower = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", LAUNCHER.format(record=str(record))],
        cwd=Path(__file__).parents[3],
        env={**os.environ, "TERM": "xterm-256color", "COLUMNS": "80", "LINES": "24"},
        stdin=follower,
        stdout=follower,
        stderr=follower,
        start_new_session=True,
    )
    os.close(follower)
    try:

        def wait_for(what: str, condition: object) -> None:
            until = time.monotonic() + 60
            while not condition():  # type: ignore[operator]
                assert time.monotonic() < until, what
                if select.select([leader], [], [], 0.05)[0]:
                    with contextlib.suppress(OSError):
                        os.read(leader, 65536)

        wait_for("the child starts", lambda: record.exists() and record.read_text())
        child = int(record.read_text())
        assert alive(child)
        process.send_signal(number)
        wait_for("the launcher ends", lambda: process.poll() is not None)
        wait_for("the child ends", lambda: not alive(child))
    finally:
        process.kill()
        process.wait()
        os.close(leader)
