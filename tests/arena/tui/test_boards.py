"""What was played, on its boards: ratings, players, replays."""

from pathlib import Path

from arena.store.database import Database
from arena.store.records import Identity, MatchResult, SeatResult
from arena.tui.app import ArenaApp
from arena.tui.screens.player import PlayerScreen
from arena.tui.widgets.table import RowTable
from tests.arena.tui.piloting import play, seen, settle, shows


async def test_the_board_the_player_and_the_replays_show_a_match(app: ArenaApp) -> None:
    result = play()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("4")
        assert await shows(pilot, app, "pathfinder")
        await pilot.press("right")
        await pilot.pause()
        assert "maze/run" in seen(app)
        await pilot.press("enter")
        await settle(pilot)
        assert isinstance(app.screen, PlayerScreen)
        assert await shows(pilot, app, "1 of 2")
        await pilot.press("escape", "5")
        assert await shows(pilot, app, result.id[:8])
        await pilot.press("slash", *"nothing-like-it")
        await settle(pilot)
        assert result.id[:8] not in seen(app)


async def test_verify_proves_a_replay(app: ArenaApp) -> None:
    play()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("5")
        await settle(pilot)
        await pilot.press("v")
        assert await shows(pilot, app, "✓", "✗")
        assert "✓" in seen(app)


async def test_a_damaged_database_is_said_in_one_line(app: ArenaApp, saves: Path) -> None:
    saves.mkdir()
    (saves / "arena.db").write_bytes(b"this is no database" * 1000)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("4")
        await settle(pilot)
        assert any("arena.db" in notice.message for notice in app._notifications)


async def test_rows_keep_the_cursor_when_they_change(app: ArenaApp) -> None:
    from rich.text import Text

    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("5")
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


async def test_over_all_games_each_champion_is_told_with_its_game(app: ArenaApp) -> None:
    """They share a name, which is their agent's."""
    identities = {}
    for game in ("maze/run", "maze/coins"):
        identities[game] = Identity(f"agent:{game}", "ppo", "agent", "champion, solves 98%")
        other = Identity("builtin:random", "random", "builtin")
        seats = (SeatResult(identities[game], 1.0, 1), SeatResult(other, 0.0, 2))
        with Database.open() as database:
            database.add(MatchResult(game, {}, 1, seats, 9, "0" * 16))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("4")
        assert await shows(pilot, app, "random")
        rows = [line for line in seen(app).splitlines() if " ppo " in line]
        assert sorted(game for line in rows for game in identities if game in line) == [
            "maze/coins",
            "maze/run",
        ]
        assert "2 games" in seen(app)
        await pilot.press("right")
        await settle(pilot)
        assert "champion, " in seen(app)
