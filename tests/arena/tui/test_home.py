"""Home under a pilot: games are found, players seated, and a match starts with one key."""

import asyncio

import pytest
from textual.widgets import Input

from arena.games.catalog import MAZES
from arena.tui.app import ArenaApp
from arena.tui.screens.dialogs import Ask, Pick
from arena.tui.widgets import preview
from arena.tui.widgets.field import Field
from arena.tui.widgets.games import GameList
from arena.tui.widgets.preview import Preview
from tests.arena.tui.piloting import seen, settle, shows


async def test_80_by_24_shows_all_that_matters_of_home(app: ArenaApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        text = seen(app)
        for word in ("Play", "Train", "Leaderboard", "Replays", "Tournaments", "help", "search", "Run",
                     "human", "pathfinder", "games", "seed", "Start the match", "enter", "Quit"):  # fmt: skip
            assert word in text
        for widget in app.screen.query(Field):
            if widget.display:
                assert app.screen.region.contains_region(widget.region)


async def test_search_finds_by_a_few_letters_and_escape_shows_all_again(app: ArenaApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        games = app.screen.query_one(GameList)
        everything = len(games.found)
        await pilot.press("slash", *"vlt")
        await settle(pilot)
        assert games.chosen is not None
        assert games.chosen.id == "maze/vault"
        assert len(games.found) < everything
        await pilot.press("enter", "escape")
        await settle(pilot)
        assert len(games.found) == everything
        assert games.chosen.id == "maze/vault"
        assert app.focused is games


async def test_every_game_can_be_walked_to_and_families_fold(app: ArenaApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        games = app.screen.query_one(GameList)
        count = len(games.found)
        assert count > len(MAZES)
        await pilot.press("left")
        assert len(games.found) == count - len(MAZES)
        await pilot.press("right", "end")
        assert len(games.found) == count
        assert games.chosen == games.found[-1]
        await pilot.press("home", "down")
        assert games.chosen == games.found[0]


async def test_seats_choose_by_arrows_and_from_a_list(app: ArenaApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        seat = app.screen.query_one("#seat-1", Field)
        seat.focus()
        before = seat.value
        await pilot.press("right")
        assert seat.value != before
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(app.screen, Pick)
        await pilot.press("home", "enter")
        await pilot.pause(0.3)
        assert seat.value == "human"


async def test_a_seed_that_is_none_is_refused_in_words(app: ArenaApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        field = app.screen.query_one("#seed", Field)
        field.focus()
        await pilot.press("enter")
        await pilot.pause()
        await pilot.press(*"x1", "enter")
        await pilot.pause()
        assert isinstance(app.screen, Ask)
        assert "no seed" in seen(app)
        app.screen.query_one(Input).value = "7"
        await pilot.press("enter")
        await pilot.pause()
        assert field.value == 7


async def test_the_window_starts_with_one_key_and_is_ended_properly(
    app: ArenaApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    monkeypatch.setenv("SDL_AUDIODRIVER", "dummy")
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("enter")
        for _ in range(600):
            await pilot.pause(0.1)
            if any(child.facts for child in app.processes.running("window")):
                break
        (child,) = app.processes.running("window")
        assert "ends it" in seen(app)
        await pilot.press("x")
        await asyncio.wait_for(child.process.wait(), 30)
        assert child.process.returncode == 0
        await settle(pilot)
        assert not app.processes.running()


async def test_the_picture_of_a_game_is_live_and_ends_with_its_screen(
    app: ArenaApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preview, "REST", 0.05)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert await shows(pilot, app, "▀")
        assert len(app.processes.running("preview")) == 1
        await pilot.press("4")
        for _ in range(100):
            await pilot.pause(0.1)
            if not app.processes.running("preview"):
                break
        assert not app.processes.running("preview")


async def test_a_game_that_is_not_here_is_grey_with_its_reason(app: ArenaApp) -> None:
    from dataclasses import replace

    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        gone = replace(MAZES[0], id="maze/gone", title="Gone", missing="put gone.bin into roms/")
        games = app.screen.query_one(GameList)
        games.show((*MAZES, gone))
        assert "not here" in seen(app)
        app.screen.query_one(Preview).show_game(gone)
        await pilot.pause()
        assert "no picture" in seen(app)
