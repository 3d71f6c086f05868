"""The training screen: runs, and what is done with them."""

import asyncio
import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from textual.widgets import Input

from arena.store import runs
from arena.tui.app import ArenaApp
from arena.tui.screens.train import TrainScreen
from arena.tui.widgets.field import Field
from arena.tui.widgets.run_list import RunList
from tests.arena.tui.piloting import children_say, kept, seen, settle, shows, told
from tests.arena.tui.training_screen import drawn, on, opened, press


async def test_search_finds_by_words_and_escape_shows_all_again(app: ArenaApp) -> None:
    for seed in (1, 2):
        kept(seed=seed)
    kept("failed", "it exploded", agent="dqn")
    async with opened(app) as pilot:
        await press(pilot, "slash", *"ppo s2")
        assert "1 of 3 runs" in seen(app)
        assert on(app).run is not None
        assert on(app).run.seed == 2  # type: ignore[union-attr]
        await press(pilot, "enter", "escape")
        assert "3 runs" in seen(app)
        await press(pilot, "slash", *"failed")
        assert on(app).run.agent == "dqn"  # type: ignore[union-attr]
        await press(pilot, *" no")
        assert "nothing is called that" in seen(app)


async def test_a_run_is_renamed_and_keeps_the_cursor_and_its_mark(app: ArenaApp) -> None:
    kept(seed=1)
    old = kept(seed=2)
    async with opened(app) as pilot:
        await press(pilot, "space", "e")
        app.screen.query_one(Input).value = "not a name"
        await press(pilot, "enter")
        assert "use letters, digits" in seen(app)
        app.screen.query_one(Input).value = "the-best"
        await press(pilot, "enter")
        assert await shows(pilot, app, "○ the-best", "✓ the-best")
        assert (on(app).run or old).id == "the-best"
        assert "1 marked" in seen(app)
    assert {run.id for run in runs.runs()} >= {"the-best"}
    assert len(runs.runs()) == 2


@pytest.mark.parametrize(("key", "left"), [("n", 2), ("enter", 2), ("y", 1)])
async def test_a_run_is_deleted_only_if_one_says_so(app: ArenaApp, key: str, left: int) -> None:
    kept(seed=1)
    doomed = kept(seed=2)
    async with opened(app) as pilot:
        await pilot.press("d")
        assert await shows(pilot, app, "Deleted is deleted")
        await press(pilot, key)
        for _ in range(50):
            if len(runs.runs()) == left:
                break
            await pilot.pause(0.1)
        await settle(pilot)
        assert doomed.folder.exists() == (left == 2)
        if left == 1:
            assert await shows(pilot, app, "1 run ")
            assert (on(app).run or doomed).seed == 1


async def test_a_run_that_learns_is_not_deleted_nor_renamed(app: ArenaApp) -> None:
    open_run = runs.create(agent="ppo", game="maze/run", options={}, seed=1, config={"total_steps": 9})
    async with opened(app) as pilot:
        for key in ("d", "e"):
            await press(pilot, key)
            assert isinstance(app.screen, TrainScreen)
            assert await told(pilot, app, "is learning; stop it first")
            app.clear_notifications()
        open_run.close()


async def test_a_folder_that_is_deleted_while_it_is_shown_goes_quietly(app: ArenaApp) -> None:
    kept(seed=1)
    gone = kept(seed=2)
    async with opened(app) as pilot:
        assert "ppo s2" in seen(app)
        shutil.rmtree(gone.folder)
        assert await shows(pilot, app, "1 run ")
        await settle(pilot)
        assert "ppo s2" not in seen(app)
        assert set(drawn(app)) == {"ppo s1"}
        shutil.rmtree(runs.runs()[0].folder)
        assert await shows(pilot, app, "Nothing has been trained here yet")


async def test_a_run_that_was_killed_says_so_and_can_be_gone_on_with(app: ArenaApp) -> None:
    kept("open")
    async with opened(app) as pilot:
        assert await shows(pilot, app, "its process was cut short")
        assert "✗ ppo s1" in seen(app)
        assert "r Resume" in seen(app)
        assert "s Stop" not in seen(app)


async def test_the_run_of_another_launcher_is_followed_and_stopped(app: ArenaApp) -> None:
    """Its process is not ours: it is asked by a signal, and saves."""
    other = subprocess.Popen(
        [sys.executable, "-c", ELSEWHERE], cwd=Path(__file__).parents[3], stdout=subprocess.PIPE, text=True
    )
    assert other.stdout is not None
    try:
        other.stdout.readline()
        async with opened(app) as pilot:
            assert await shows(pilot, app, "of a core")
            assert "● ppo s1" in seen(app)
            await press(pilot, "s")
            assert await asyncio.to_thread(other.wait, 30) == 0
            assert await shows(pilot, app, "○ ppo s1")
            assert "cut short" not in seen(app)
    finally:
        other.kill()
        other.wait()
        other.stdout.close()


ELSEWHERE = """
import signal, threading
from arena.store import runs
stop = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: stop.set())
run = runs.create(agent="ppo", game="maze/run", options={}, seed=1, config={"total_steps": 1000})
run.log(100, 1.0, {"charts/episodic_return": 0.25})
print(run.id, flush=True)
stop.wait(60)
run.end("stopped")
"""


async def test_a_run_of_another_machine_is_not_stopped_from_here(app: ArenaApp) -> None:
    run = runs.create(agent="ppo", game="maze/run", options={}, seed=1, config={"total_steps": 1000})
    (run.folder / "lock").write_text("1 some-other-machine")
    async with opened(app) as pilot:
        await press(pilot, "s")
        assert await told(pilot, app, "is trained elsewhere; stop it there")
        run.close()


@pytest.mark.slow
async def test_thousands_of_runs_scroll_as_fast_as_ten(app: ArenaApp) -> None:
    first = kept(seed=0)
    described = json.loads((first.folder / "config.json").read_bytes())
    for number in range(1, 2000):
        folder = first.folder.with_name(f"ppo-maze-run-s{number}-0101-0000")
        shutil.copytree(first.folder, folder)
        game = ("maze/run", "maze/coins")[number % 2]
        (folder / "config.json").write_text(json.dumps({**described, "seed": number, "game": game}))
    async with opened(app, (130, 38)) as pilot:
        assert await shows(pilot, app, "2,000 runs")
        used = time.process_time()
        for _ in range(50):
            await pilot.press("down")
        await pilot.press("end", "home")
        await settle(pilot)
        assert time.process_time() - used < 5
        used, began = time.process_time(), time.monotonic()
        await pilot.pause(3.0)
        assert (time.process_time() - used) / (time.monotonic() - began) < 0.25
        await press(pilot, "slash", *"s1234")
        assert "1 of 2,000 runs" in seen(app)


async def test_the_screen_tells_why_a_run_failed_and_passes_over_what_is_no_run(app: ArenaApp) -> None:
    failed = kept("failed", "learning diverged at step 64")
    odd = kept()
    path = odd.folder / "config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "agent": 7}))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("2")
        assert await shows(pilot, app, failed.id)
        assert await shows(pilot, app, "learning diverged at step 64")
        assert "size 9" in seen(app)
        assert odd.id not in seen(app)


@pytest.mark.slow
async def test_a_training_is_started_stopped_and_resumed_with_keys(app: ArenaApp) -> None:
    """All of it real: the form, the trainer, its checkpoint, and going on from there."""
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("2")
        await settle(pilot)
        await pilot.press("a")
        await settle(pilot)
        assert await shows(pilot, app, "Train an agent")
        app.screen.query_one("#game", Field).take("gym/CartPole-v1")
        await pilot.press(*"2M", "enter")
        assert await shows(pilot, app, "steps/s")
        (run,) = runs.runs()
        assert run.state == "running"
        await pilot.press("s")
        assert await shows(pilot, app, "r Resume")
        (run,) = runs.runs()
        assert (run.state, run.checkpoint is not None) == ("stopped", True)
        before = run.step
        await pilot.press("r")
        assert await shows(pilot, app, "s Stop")
        for _ in range(600):
            await pilot.pause(0.1)
            if runs.find(run.id).step > before:
                break
        await pilot.press("s")
        assert await shows(pilot, app, "r Resume")
        assert runs.find(run.id).step > before
        assert len(runs.runs()) == 1


async def test_the_first_run_of_all_has_its_keys_at_once(app: ArenaApp) -> None:
    async with opened(app) as pilot:
        await pilot.press("a")
        assert await shows(pilot, app, "Train an agent")
        await press(pilot, "escape")
        assert "a Train" in seen(app)
        kept(returns=[0.5], losses__entropy=1.0)
        assert await shows(pilot, app, "ppo s1 maze/run")
        await settle(pilot)
        assert app.focused is on(app).query_one(RunList)
        assert "m Metric" in seen(app)
        await press(pilot, "m")
        assert str(on(app).query_one("#large").border_title).startswith("entropy")


async def test_a_training_that_is_starting_is_announced_until_it_is_a_run(
    app: ArenaApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    children_say(monkeypatch, "import sys; sys.stdin.read()")
    async with opened(app) as pilot:
        await app.start_child("training", "the training of x at y", "arena.training")
        on(app).update_now()
        assert await shows(pilot, app, "It is starting")
        kept()
        assert await shows(pilot, app, "1 starting")
        await app.end_children()
        on(app).update_now()
        await settle(pilot)
        assert "starting" not in seen(app)
