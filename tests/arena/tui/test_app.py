"""The launcher under a pilot: every screen, every key that the bottom line names, and no way to break it."""

import asyncio
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from textual.app import ComposeResult
from textual.widgets import Input, Static

from arena.errors import ArenaError
from arena.games.catalog import MAZES
from arena.store.records import Identity, MatchResult, SeatResult
from arena.tui.app import ArenaApp
from arena.tui.screens.base import ArenaScreen
from arena.tui.screens.dialogs import Ask, Confirm, Help, Pick
from arena.tui.screens.play import PlayScreen
from arena.tui.screens.player import PlayerScreen
from arena.tui.screens.train_form import TrainForm
from arena.tui.trainings import Order
from arena.tui.widgets import preview
from arena.tui.widgets.bars import SCREENS, KeyHints, shown_bindings
from arena.tui.widgets.field import Field
from arena.tui.widgets.games import GameList
from arena.tui.widgets.preview import Preview
from arena.tui.widgets.table import RowTable
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


@pytest.mark.parametrize("number", range(1, 5))
async def test_an_empty_arena_says_what_to_do(app: ArenaApp, number: int) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press(str(number))
        await settle(pilot)
        assert ("Nobody has played it yet" if number == 1 else "Press ") in " ".join(seen(app).split())


async def test_80_by_24_shows_all_that_matters_of_home(app: ArenaApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        text = seen(app)
        for word in ("Play", "Train", "Leaderboard", "Replays", "commands", "help", "search", "Run", "human",
                     "pathfinder", "games", "seed", "Start the match", "enter", "Quit"):  # fmt: skip
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
        await pilot.press("3")
        for _ in range(100):
            await pilot.pause(0.1)
            if not app.processes.running("preview"):
                break
        assert not app.processes.running("preview")


async def test_the_board_the_player_and_the_replays_show_a_match(app: ArenaApp) -> None:
    result = play()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("3")
        assert await shows(pilot, app, "pathfinder")
        await pilot.press("right")
        await pilot.pause()
        assert "maze/run" in seen(app)
        await pilot.press("enter")
        await settle(pilot)
        assert isinstance(app.screen, PlayerScreen)
        assert await shows(pilot, app, "1 of 2")
        await pilot.press("escape", "4")
        assert await shows(pilot, app, result.id[:8])
        await pilot.press("slash", *"nothing-like-it")
        await settle(pilot)
        assert result.id[:8] not in seen(app)


async def test_verify_proves_a_replay(app: ArenaApp) -> None:
    play()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("4")
        await settle(pilot)
        await pilot.press("v")
        assert await shows(pilot, app, "✓", "✗")
        assert "✓" in seen(app)


async def test_the_form_answers_an_order_and_refuses_nonsense(app: ArenaApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        answers: list[Order | None] = []
        app.push_screen(TrainForm(MAZES, "maze/vault"), answers.append)
        await pilot.pause()
        await pilot.press(*"many", "enter")
        await pilot.pause()
        assert "no number" in seen(app)
        app.screen.query_one("#steps", Input).value = "20k"
        await pilot.press("enter")
        await pilot.pause()
        assert answers == [Order("ppo", "maze/vault", 20_000, 0, None)]


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
        await pilot.press("4")
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
        await pilot.press("3")
        await pilot.pause()
        assert isinstance(app.screen, ArenaScreen)
        assert app.screen.NAME == "leaderboard"


async def test_a_damaged_database_is_said_in_one_line(app: ArenaApp, saves: Path) -> None:
    saves.mkdir()
    (saves / "arena.db").write_bytes(b"this is no database" * 1000)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("3")
        await settle(pilot)
        assert any("arena.db" in notice.message for notice in app._notifications)


async def test_rows_keep_the_cursor_when_they_change(app: ArenaApp) -> None:
    from rich.text import Text

    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("4")
        await settle(pilot)
        table = app.screen.query_one(RowTable)
        table.fill(["a"], {str(n): [Text(str(n))] for n in range(9)})
        table.move_cursor(row=5)
        table.fill(["a"], {str(n): [Text(str(n))] for n in range(-3, 9)})
        assert table.key == "5"
        table.fill(["a"], {"x": [Text("x")]})
        assert table.key == "x"
        table.display = True
        await pilot.pause()
        table.fill(["a"], {"x": [Text("a longer text")], "y": [Text("yes")]})
        await pilot.pause()
        assert "a longer text" in seen(app)


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


def test_a_result_is_told_with_what_it_did_to_the_ratings() -> None:
    from arena.tui.playing import describe

    you, other = Identity("human:Ada", "Ada", "human"), Identity("builtin:random", "random", "builtin")
    result = MatchResult("maze/run", {}, 1, (SeatResult(you, 3, 1), SeatResult(other, 1, 2)), 9, "0" * 16)
    event = {
        "event": "result",
        "game": result.game,
        "seats": [
            {
                "name": "Ada",
                "score": 3.0,
                "before": {"rating": 100.0, "error": 90.0},
                "after": {"rating": 142.0, "error": 80.0},
            },
            {"name": "random", "score": 1.0, "before": None, "after": None},
        ],
    }  # fmt: skip
    assert describe(event) == "maze/run · Ada 142 ±80 (+42) · random 1"


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
