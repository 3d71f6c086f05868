"""A run becomes champion from the launcher, if it is better or somebody insists."""

import asyncio

import pytest

from arena.tui.app import ArenaApp
from arena.tui.screens.dialogs import Confirm
from tests.arena.tui.piloting import children_say, kept, settle, shows, told

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
    run = kept()
    children_say(
        monkeypatch,
        f"import sys; print('measuring {run.id}: 4 of 10 games, 0:05 so far', file=sys.stderr, flush=True)\n"
        "input()",
    )
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("2")
        await settle(pilot)
        await pilot.press("c")
        assert await shows(pilot, app, "4 of 10 games, 0:05 so far · measuring it")
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
