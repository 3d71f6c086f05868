"""From the launcher into a match and back: what is asked for, and what is told of it."""

import asyncio
import json
import re
from pathlib import Path
from typing import Any

import pytest

from arena.games import catalog
from arena.store.records import Identity, MatchResult, SeatResult
from arena.tui import playing, reading
from arena.tui.app import ArenaApp
from arena.tui.widgets import preview
from arena.tui.widgets.field import Field
from arena.tui.widgets.games import GameList
from tests.arena.tui.piloting import children_say, seen, settle, shows


def result(name: str, before: float | None, after: float) -> dict[str, Any]:
    def rating(value: float | None) -> dict[str, float] | None:
        return None if value is None else {"rating": value, "error": 80.0}

    seat = {"name": name, "player": f"human:{name}", "score": 1.0, "before": rating(before)}
    return {
        "event": "result",
        "game": "maze/run",
        "headline": f"{name} wins",
        "seats": [seat | {"after": rating(after)}],
    }


def ends_with(events: list[dict[str, Any]], status: int) -> Any:
    async def run_here(module: str, *arguments: str) -> int:
        file = Path(arguments[arguments.index("--events") + 1])
        file.write_text("".join(json.dumps(event) + "\n" for event in events))
        return status

    return run_here


@pytest.mark.parametrize(
    ("events", "status", "title", "message"),
    [
        ([result("Ada", 100.0, 142.0)], 0, "Ada wins", "maze/run · Ada 142 ±80 (+42)"),
        (
            [result("Ada", 100.0, 142.0), result("Ada", 142.0, 90.0)],
            0,
            "2 matches",
            "maze/run · Ada 90 ±80 (-10)",
        ),
        ([{"event": "error", "message": "no such game"}], 2, "", "no such game"),
        ([], 1, "", "the match did not end well; `arena doctor` shows what works on this machine"),
    ],
)
async def test_what_a_match_in_the_terminal_came_to_is_told_after_it(
    app: ArenaApp,
    monkeypatch: pytest.MonkeyPatch,
    events: list[dict[str, Any]],
    status: int,
    title: str,
    message: str,
) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        monkeypatch.setattr(app, "run_here", ends_with(events, status))
        await playing.show(app, "the match", ["play"], terminal=True)
        await settle(pilot)
        assert [(notice.title, notice.message) for notice in app._notifications] == [(title, message)]


async def test_the_size_of_a_maze_is_chosen_beside_its_seats(
    app: ArenaApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[playing.Setup] = []

    async def play(app: ArenaApp, setup: playing.Setup, *, terminal: bool) -> None:
        started.append(setup)

    monkeypatch.setattr(playing, "play", play)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
        size = app.screen.query_one("#size", Field)
        size.focus()
        await pilot.press("left")
        assert size.value == 13
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert [dict(setup.options) for setup in started] == [{}, {"size": 13}]
        assert "--option" in started[1].arguments("Ada")
        app.screen.query_one(GameList).choose("gym/CartPole-v1")
        await settle(pilot)
        assert not size.display
        app.screen.query_one(GameList).choose("maze/run")
        await settle(pilot)
        assert size.value is None
        assert re.search(r"size +15", seen(app))


@pytest.mark.parametrize(
    ("game", "ticks", "said"),
    [
        ("atari/pong", 3037, "0:50"),
        ("atari/pong", 60 * 125, "2:05"),
        ("maze/run", 1, "1 move"),
        ("maze/race", 1204, "1,204 moves"),
        ("gym/CartPole-v1", 200, "200 steps"),
    ],
)
def test_a_match_is_as_long_as_its_game_counts(game: str, ticks: int, said: str) -> None:
    assert reading.length(MatchResult(game, {}, 1, (), ticks, "0" * 16)) == said


def test_the_clock_of_atari_is_the_games_own() -> None:
    entry = next(entry for entry in catalog.entries() if entry.family == "atari" and not entry.missing)
    game = catalog.make(entry.id)
    assert game.spec.tick_rate == reading.ATARI_TICK_RATE
    game.close()


def test_a_result_is_told_with_what_it_did_to_the_ratings() -> None:
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
    assert playing.describe(event) == "maze/run · Ada 142 ±80 (+42) · random 1"


async def test_a_display_that_is_named_but_gone_is_greyed_with_its_reason(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(preview, "REST", 1e6)
    monkeypatch.setenv("DISPLAY", ":4711")
    why = "no display: DISPLAY=:4711 cannot be reached"
    answer = f"import json; print(json.dumps({{'event': 'display', 'why_not': {why!r}}}))"
    children_say(monkeypatch, answer)
    app = ArenaApp()
    async with app.run_test(size=(130, 38)) as pilot:
        await settle(pilot)
        for _ in range(600):
            if app.no_window:
                break
            await pilot.pause(0.1)
        await settle(pilot)
        view = app.screen.query_one("#view", Field)
        assert [(option.value, option.why_not) for option in view.options] == [(True, why), (None, None)]
        assert view.value is None
        view.focus()
        await pilot.press("right")
        assert view.value is None, "what cannot be chosen is passed over"
        await pilot.press("enter")
        assert await shows(pilot, app, why)
    await app.end_children()
    assert app.failures == []


async def test_a_display_that_is_there_opens_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preview, "REST", 1e6)
    monkeypatch.setenv("DISPLAY", ":0")
    children_say(monkeypatch, "import json; print(json.dumps({'event': 'display', 'why_not': ''}))")
    app = ArenaApp()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await asyncio.gather(*(worker.wait() for worker in app.workers if worker.group == "display"))
        assert app.no_window == ""
        assert app.screen.query_one("#view", Field).value is True
    await app.end_children()
    assert app.failures == []
