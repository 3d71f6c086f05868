"""The training screen: runs, their curves, and what is done with them."""

import asyncio
import contextlib
import json
import shutil
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from arena.store import runs
from arena.tui import comparing
from arena.tui.app import ArenaApp
from arena.tui.screens.train import TrainScreen
from arena.tui.widgets.field import Field
from arena.tui.widgets.panel import Panel
from arena.tui.widgets.plot import Line, Plot
from arena.tui.widgets.run_list import RunList
from tests.arena.tui.piloting import children_say, kept, seen, settle, shows, told


def on(app: ArenaApp) -> TrainScreen:
    assert isinstance(app.screen, TrainScreen)
    return app.screen


@contextlib.asynccontextmanager
async def opened(app: ArenaApp, size: tuple[int, int] = (80, 24)) -> AsyncIterator[Pilot[None]]:
    """The launcher with the training screen open, and everything read."""
    async with app.run_test(size=size) as pilot:
        await pilot.press("2")
        await settle(pilot)
        yield pilot


async def press(pilot: Pilot[None], *keys: str) -> None:
    await pilot.press(*keys)
    await settle(pilot)


def drawn(app: ArenaApp, plot: str = "#plot") -> dict[str, Line]:
    """The curves in a picture, by their names."""
    return {line.name: line for line in on(app).query_one(plot, Plot)._drawing.lines}


@pytest.mark.parametrize("size", [(80, 24), (130, 38), (200, 60)])
async def test_all_that_matters_of_a_run_is_in_view(app: ArenaApp, size: tuple[int, int]) -> None:
    returns = [n / 50 for n in range(50)]
    seconds = {"time__act": 0.02, "time__env": 0.01, "time__learn": 0.025}
    kept(returns=returns, charts__solved=0.5, losses__entropy=1.1, **seconds)
    async with opened(app, size) as pilot:
        assert await shows(pilot, app, "cpu ")
        text = seen(app)
        for words in ("ppo s1 maze/run", "100%", "return", "0.98", "solved 50%", "1 k of 1 k", "trained 3 s",
                      "learn 42%", "entropy 1.10", "memory", "free", "steps", "size 9", "Train"):  # fmt: skip
            assert words in text, words
        assert any("⠀" < c <= "⣿" for c in text)
        assert not app.screen.query("Scrollbar")
        for widget in app.screen.query("#plot, #figures, #load, #run-list").results():
            assert app.screen.region.contains_region(widget.region)


async def test_runs_of_a_game_are_drawn_together_each_in_its_colour(app: ArenaApp) -> None:
    for seed in (1, 2, 3):
        kept(seed=seed, returns=[0.1 * seed, 0.2 * seed])
    kept(agent="dqn", returns=[0.9])
    kept(game="gym/CartPole-v1", returns=[20.0])
    async with opened(app, (130, 38)) as pilot:
        assert set(drawn(app)) == {"ppo s1"}
        assert "CartPole" in str(on(app).query_one("#large").border_title)
        await press(pilot, "down")
        lines = drawn(app)
        assert list(lines) == ["ppo s1", "ppo s2", "ppo s3", "dqn s1"]
        assert len({line.color for line in lines.values()}) == 4
        assert [name for name, line in lines.items() if line.in_front] == ["dqn s1"]
        assert "━━ ppo s2 0.40" in seen(app)
        await press(pilot, "down")
        again = drawn(app)
        assert {n: line.color for n, line in again.items()} == {n: line.color for n, line in lines.items()}
        assert [name for name, line in again.items() if line.in_front] == ["ppo s3"]


async def test_marked_runs_are_drawn_and_no_others_also_of_different_games(app: ArenaApp) -> None:
    kept(seed=1, returns=[0.1])
    kept(seed=2, returns=[0.2])
    kept(game="gym/CartPole-v1", returns=[20.0])
    async with opened(app, (130, 38)) as pilot:
        await press(pilot, "space", "down", "space")
        assert set(drawn(app)) == {"ppo gym/CartPole-v1 s1", "ppo maze/run size 9 s2"}
        assert "2 marked" in seen(app)
        await press(pilot, "down")
        assert len(drawn(app)) == 2
        await press(pilot, "up", "space")
        assert set(drawn(app)) == {"ppo s1"}
        await press(pilot, "u")
        assert set(drawn(app)) == {"ppo s1", "ppo s2"}
        assert "marked" not in seen(app)


async def test_no_more_runs_can_be_marked_than_can_be_told_apart(app: ArenaApp) -> None:
    for seed in range(comparing.MOST + 1):
        kept(seed=seed)
    async with opened(app) as pilot:
        assert len(drawn(app)) == comparing.MOST
        await press(pilot, *["space", "down"] * comparing.MOST, "space")
        assert await told(pilot, app, "as many as can be told apart")
        assert len(drawn(app)) == comparing.MOST


async def test_m_takes_the_next_metric_and_t_the_other_axis(app: ArenaApp) -> None:
    kept(returns=[0.25, 0.5], charts__solved=0.75, losses__value_loss=3.0, losses__new_thing=1.0)
    kept(seed=2, returns=[0.5])
    async with opened(app) as pilot:
        titles = []
        for _ in range(5):
            titles.append(str(on(app).query_one("#large").border_title).partition(" · ")[0])
            await press(pilot, "m")
        assert titles == ["return", "solved", "value loss", "new thing", "return"]
        assert "near exits too" in seen(app)  # what is solved in training
        assert set(drawn(app)) == {"ppo s1"}
        await press(pilot, "M")
        assert list(drawn(app)["ppo s1"].across) == [500.0, 1000.0]
        assert "steps" in seen(app)
        await press(pilot, "t")
        assert list(drawn(app)["ppo s1"].across) == [1.5, 3.0]
        assert "─ time" in seen(app)


async def test_a_large_screen_has_small_pictures_of_the_next_metrics(app: ArenaApp) -> None:
    kept(returns=[0.5], charts__solved=0.5, losses__value_loss=3.0, losses__entropy=1.0)
    async with opened(app, (200, 60)) as pilot:
        titles = [str(on(app).query_one(f"#small-{n}").border_title) for n in range(3)]
        assert titles == ["solved", "value loss", "entropy"]
        assert on(app).query_one("#small").display
        await pilot.resize_terminal(80, 24)
        await settle(pilot)
        assert not on(app).query_one("#small").display


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


async def test_a_curve_goes_on_while_it_is_looked_at(app: ArenaApp) -> None:
    run = runs.create(agent="ppo", game="maze/run", options={}, seed=1, config={"total_steps": 1000})
    async with opened(app) as pilot:
        assert "begins with the first figures" in seen(app)
        assert "s Stop" in seen(app)
        run.log(100, 1.0, {"charts/episodic_return": 0.25})
        assert await shows(pilot, app, "10%")
        run.log(200, 2.0, {"charts/episodic_return": 0.5})
        assert await shows(pilot, app, "8 s left")
        assert [*drawn(app)["ppo s1"].up] == [0.25, 0.5]
        with (run.folder / "metrics.jsonl").open("ab") as file:
            file.write(b'{"step": 300, "sec')
        await pilot.pause(0.6)
        assert [*drawn(app)["ppo s1"].up] == [0.25, 0.5]
        run.end("done")
        assert await shows(pilot, app, "✓ ppo s1")


async def test_what_does_not_change_is_not_drawn_again(
    app: ArenaApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept(returns=[0.1, 0.2, 0.3])
    async with opened(app, (200, 60)) as pilot:
        await pilot.pause(1.0)
        screen = on(app)
        painted: list[str] = []
        for widget in (screen.query_one("#plot"), screen.query_one("#figures"), screen.query_one(RunList),
                       screen.query_one(Panel), screen.query_one("#metrics")):  # fmt: skip
            monkeypatch.setattr(widget, "refresh", lambda *a, name=str(widget), **k: painted.append(name))
        await pilot.pause(1.6)
        assert painted == []


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


async def test_an_empty_screen_rests(app: ArenaApp, monkeypatch: pytest.MonkeyPatch) -> None:
    """What scrolls or draws at every look keeps a terminal from being cleared of a notice that has gone."""
    async with opened(app) as pilot:
        await pilot.pause(0.6)
        done: list[str] = []
        for name in ("refresh", "_reveal"):
            monkeypatch.setattr(
                on(app).query_one(RunList), name, lambda *a, name=name, **k: done.append(name)
            )
        await pilot.pause(1.2)
        assert done == []
