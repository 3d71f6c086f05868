"""The training screen: a run from its form to its promotion, and what goes wrong on the way."""

import asyncio
import json
import sys
from pathlib import Path

import pytest
from textual.widgets import Input

from arena.games import catalog
from arena.store import runs
from arena.tui import children
from arena.tui.app import MOST_LOGS, ArenaApp
from arena.tui.screens.dialogs import Confirm
from arena.tui.screens.train_form import TrainForm
from arena.tui.trainings import Order
from arena.tui.widgets.field import Field
from tests.arena.tui.piloting import seen, settle, shows, told


def kept(state: str = "done", why: str = "") -> runs.Run:
    """A run that has ended, with something that looks like a checkpoint."""
    run = runs.create(agent="ppo", game="maze/run", options={"size": 9}, seed=1, config={"total_steps": 1000})
    run.log(1000, 3.0, {"charts/episodic_return": 0.5})
    checkpoint = run.checkpoint(1000)
    checkpoint.mkdir(parents=True)
    (checkpoint / "meta.json").write_text("{}")
    run.end(state, why)  # type: ignore[arg-type]
    return run.read()


def children_say(monkeypatch: pytest.MonkeyPatch, program: str) -> None:
    """Every child of the launcher is this program instead, with the arguments of the one it stands for."""
    monkeypatch.setattr(
        children, "command", lambda module, arguments: [sys.executable, "-c", program, *arguments]
    )


async def test_the_form_offers_the_sizes_of_a_maze_and_none_where_there_are_none(app: ArenaApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        answers: list[Order | None] = []
        app.push_screen(TrainForm(catalog.entries(), "maze/race"), answers.append)
        await pilot.pause()
        size, game = app.screen.query_one("#size", Field), app.screen.query_one("#game", Field)
        assert size.value is None
        size.take(7)
        app.screen.query_one("#steps", Input).value = "20k"
        for widget in app.screen.query(Field):
            assert app.screen.region.contains_region(widget.region)
        game.take("gym/CartPole-v1")
        await pilot.pause()
        assert not size.display
        game.take("maze/run")
        await pilot.pause()
        size.take(9)
        await pilot.press("enter")
        await pilot.pause()
        assert answers == [Order("ppo", "maze/run", 20_000, 0, None, 9)]
        assert answers[0] is not None
        assert answers[0].arguments(0)[-2:] == ["--option", "size=9"]


REFUSING = (
    "import json, sys\n"
    "assert sys.argv[1:2] == ['promote'] and '--json' in sys.argv\n"
    "forced = '--force' in sys.argv\n"
    "event = 'promoted' if forced else 'refused'\n"
    "print(json.dumps({'event': event, 'message': 'it solves 3%' if not forced else 'it is now champion'}))\n"
    "sys.exit(not forced)\n"
)


@pytest.mark.parametrize(("key", "after"), [("y", True), ("n", False)])
async def test_a_weaker_run_becomes_champion_only_if_one_says_so(
    app: ArenaApp, monkeypatch: pytest.MonkeyPatch, key: str, after: bool
) -> None:
    kept()
    children_say(monkeypatch, REFUSING)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("2")
        await settle(pilot)
        await pilot.press("c")
        assert await shows(pilot, app, "it solves 3%")
        assert isinstance(app.screen, Confirm)
        await pilot.press(key)
        await settle(pilot)
        if after:
            assert await told(pilot, app, "it is now champion")
        await asyncio.gather(*app._endings)
        assert any("now champion" in notice.message for notice in app._notifications) == after


async def test_a_run_is_measured_once_at_a_time_and_its_screen_says_how_far(
    app: ArenaApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept()
    children_say(monkeypatch, "import sys; print('measuring: 40%', file=sys.stderr, flush=True); input()")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("2")
        await settle(pilot)
        await pilot.press("c")
        assert await shows(pilot, app, "measuring: 40%")
        await pilot.press("c")
        assert await told(pilot, app, "being measured already")
        await app.end_children()


async def test_what_a_promotion_complains_about_is_told(
    app: ArenaApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept()
    children_say(monkeypatch, "import sys; sys.exit('arena: the checkpoint is damaged')")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("2")
        await settle(pilot)
        await pilot.press("c")
        assert await told(pilot, app, "the checkpoint is damaged")


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


async def test_the_logs_of_children_make_room_but_not_those_still_written(app: ArenaApp, saves: Path) -> None:
    folder = saves / "logs"
    folder.mkdir(parents=True)
    first = await app.start_child("window", "a child", "tests.arena.tui.a_child")
    for number in range(2 * MOST_LOGS):
        (folder / f"3000-{number:04}-window.log").touch()
    assert first.errors is not None
    assert app._new_log("window").parent == folder
    left = sorted(path.name for path in folder.iterdir())
    assert left[0] == first.errors.name
    assert left[-1] == f"3000-{2 * MOST_LOGS - 1:04}-window.log"
    assert len(left) == MOST_LOGS
    await first.end()


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
