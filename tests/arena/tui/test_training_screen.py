"""The training screen: runs, their curves, and what is done with them."""

import json

import pytest

from arena.store import runs
from arena.tui.app import ArenaApp
from arena.tui.widgets.field import Field
from tests.arena.tui.piloting import kept, seen, settle, shows


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
