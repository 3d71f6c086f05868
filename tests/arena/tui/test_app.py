"""The launcher under a pilot: every screen, every key that the bottom line names, and no way to break it."""

import asyncio
import threading
from pathlib import Path

import pytest
from textual.app import ComposeResult
from textual.widgets import Input, Static

from arena.errors import ArenaError
from arena.tui.app import MOST_LOGS, ArenaApp
from arena.tui.screens.base import ArenaScreen
from arena.tui.screens.dialogs import Confirm, Help
from arena.tui.screens.play import PlayScreen
from arena.tui.widgets.bars import SCREENS, KeyHints, shown_bindings
from tests.arena.tui.piloting import play, seen, settle, shows

SIZES = [(80, 24), (200, 60), (40, 12), (20, 5)]


@pytest.mark.parametrize("size", SIZES)
async def test_every_screen_opens_at_every_size(app: ArenaApp, size: tuple[int, int]) -> None:
    play()
    async with app.run_test(size=size) as pilot:
        for number, (name, _) in enumerate(SCREENS, start=1):
            await pilot.press(str(number))
            await settle(pilot)
            assert isinstance(app.screen, ArenaScreen)
            assert name == app.screen.NAME


@pytest.mark.parametrize("number", range(1, 6))
async def test_an_empty_arena_says_what_to_do(app: ArenaApp, number: int) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press(str(number))
        await settle(pilot)
        assert ("Nobody has played it yet" if number == 1 else "Press ") in " ".join(seen(app).split())


async def test_quitting_asks_before_it_stops_a_training(app: ArenaApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        child = await app.processes.start("training", "the training of x at y", "tests.arena.tui.a_child")
        await pilot.press("q")
        await pilot.pause()
        assert isinstance(app.screen, Confirm)
        await pilot.press("n")
        await pilot.pause()
        assert child.running
        assert isinstance(app.screen, PlayScreen)
        await pilot.press("q")
        await pilot.pause()
        await pilot.press("y")
        await asyncio.wait_for(child.process.wait(), 20)
    assert app.return_value is None
    assert not app.processes.running()


async def test_a_training_that_saves_for_long_is_given_up_by_quitting_again(app: ArenaApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        child = await app.processes.start("training", "the training", "tests.arena.tui.a_child", "deaf")
        async for _ in child.events():
            break
        await pilot.press("q")
        await pilot.pause()
        await pilot.press("y")
        assert await shows(pilot, app, "quit again to give up")
        assert child.running
        await pilot.press("q")
        await asyncio.wait_for(child.process.wait(), 20)
    assert not app.processes.running()


@pytest.mark.parametrize("number", range(1, 5))
async def test_help_tells_every_key_that_the_bottom_line_names(app: ArenaApp, number: int) -> None:
    async with app.run_test(size=(120, 60)) as pilot:
        await pilot.press(str(number))
        await settle(pilot)
        named = [binding.description for binding in shown_bindings(app.screen)]
        bottom = "".join(text for text, _, _ in app.screen.query_one(KeyHints).parts(120))
        assert named
        await pilot.press("question_mark")
        await pilot.pause()
        assert isinstance(app.screen, Help)
        text = seen(app)
        assert all(name in text for name in named)
        assert "Quit" in bottom
        await pilot.press("escape")
        await pilot.pause()
        assert isinstance(app.screen, ArenaScreen)


async def test_the_palette_offers_what_this_screen_can_do(app: ArenaApp) -> None:
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        home = [command.title for command in app.get_system_commands(app.screen)]
        assert {"Search", "Open Replays", "Your name", "Quit"} <= set(home)
        await pilot.press("5")
        await settle(pilot)
        other = [command.title for command in app.get_system_commands(app.screen)]
        assert "Verify" in other
        assert "Open Replays" not in other
        await pilot.press("ctrl+p")
        assert await shows(pilot, app, "key v")


async def test_the_name_is_remembered(app: ArenaApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("n")
        await pilot.pause()
        app.screen.query_one(Input).value = "  Ada \x1b Lovelace "
        await pilot.press("enter")
        await pilot.pause()
    assert ArenaApp().settings.me == "Ada Lovelace"


async def test_what_a_handler_raises_is_one_notice_and_the_launcher_goes_on(
    app: ArenaApp, saves: Path
) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)

        def raise_something() -> None:
            raise RuntimeError("a bug [bold]with markup")

        def refuse() -> None:
            raise ArenaError("the disk is full")

        app.screen.action_rules = raise_something  # type: ignore[method-assign, attr-defined]
        app.screen.action_watch = refuse  # type: ignore[method-assign, attr-defined]
        await pilot.press("r", "w")
        await pilot.pause()
        app.set_timer(0.01, raise_something)
        app.run_worker(asyncio.to_thread(raise_something))
        await pilot.pause(0.3)
        assert [type(error) for error in app.failures] == [RuntimeError] * 3
        app.failures.clear()
        assert "RuntimeError: a bug" in (saves / "errors.log").read_text()
        assert "the disk is full" not in (saves / "errors.log").read_text()
        assert {"the disk is full"} < {n.message for n in app._notifications}
        await pilot.press("4")
        await pilot.pause()
        assert isinstance(app.screen, ArenaScreen)
        assert app.screen.NAME == "leaderboard"


class Blank(ArenaScreen):
    """A screen with nothing on it."""

    NAME = "play"

    def body(self) -> ComposeResult:
        yield Static()


async def test_a_screen_that_is_gone_draws_nothing_of_what_it_was_reading(app: ArenaApp) -> None:
    async with app.run_test() as pilot:
        await settle(pilot)
        screen, going = Blank(), threading.Event()
        await app.push_screen(screen)
        reading = asyncio.create_task(screen.read(going.wait))
        await app.pop_screen()
        going.set()
        with pytest.raises(asyncio.CancelledError):
            await reading


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


@pytest.mark.parametrize("size", [(59, 24), (80, 14), (20, 5), (5, 2), (1, 1)])
async def test_a_terminal_that_is_too_small_is_told_and_mended_by_making_it_larger(
    app: ArenaApp, size: tuple[int, int]
) -> None:
    async with app.run_test(size=size) as pilot:
        for key in ("1", "2", "3", "4", "5", "question_mark"):
            await pilot.press(key)
            await settle(pilot)
            if size[0] >= 20:
                assert f"{size[0]} × {size[1]} is too small" in seen(app)
                assert "60 × 15 is enough" in seen(app)
            assert not any(word in seen(app) for word in ("Leaderboard", "ctrl+p", "Seats"))
        await pilot.resize_terminal(60, 15)
        await settle(pilot)
        assert isinstance(app.screen, Help)
        assert "too small" not in seen(app)
        await pilot.press("escape")
        await settle(pilot)
        assert "Replays" in seen(app)
