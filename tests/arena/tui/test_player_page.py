"""A player's page: the rating over time, drawn from the log."""

import math
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest
from textual.app import App, ComposeResult

from arena.store.records import Identity
from arena.tournaments.history import Point
from arena.tournaments.ratings import Standing, leaderboard
from arena.tui import reading
from arena.tui.app import ArenaApp
from arena.tui.screens.player import PlayerScreen, _training
from arena.tui.theme import BAND
from arena.tui.widgets.rating_plot import RatingPlot
from tests.arena.tui.piloting import play, seen, settle, shows

if TYPE_CHECKING:
    from arena.store.checkpoints import Meta


def points(*ratings: float, error: float = 100.0) -> list[Point]:
    now = datetime.now(UTC)
    return [Point(number, now, rating, error) for number, rating in enumerate(ratings, start=1)]


class Plot(App[None]):
    """One plot, 40 x 10."""

    def compose(self) -> ComposeResult:
        yield RatingPlot()


async def drawn(of: list[Point], words: str = "") -> tuple[list[str], list[list[bool]]]:
    """The lines, and where the band is."""
    app = Plot()
    async with app.run_test(size=(40, 10)) as pilot:
        app.query_one(RatingPlot).show(of, words)
        await pilot.pause()
        strips = app.screen._compositor.render_strips()
        lines = ["".join(segment.text for segment in strip) for strip in strips]
        shaded = [
            [
                segment.style is not None
                and segment.style.bgcolor is not None
                and segment.style.bgcolor.name == BAND
                for segment in strip
                for _ in segment.text
            ]
            for strip in strips
        ]
        return lines, shaded


async def test_a_plot_names_its_ends_and_shades_its_errors() -> None:
    lines, shaded = await drawn(points(0, 200, 400))
    assert lines[0].startswith(" 500 ")
    assert lines[8].startswith("-100 ")
    assert lines[9].split() == ["└", "1", lines[9].split()[2], "3", "matches"]
    height = [sum(row[x] for row in shaded) for x in (6, 22, 38)]
    assert all(2 <= rows <= 5 for rows in height)  # 200 of 600 is a third of nine rows
    assert shaded[0][38]
    assert not shaded[0][6]
    assert shaded[8][6]
    assert not shaded[8][38]


async def test_a_rating_that_never_moved_is_a_flat_line() -> None:
    lines, _ = await drawn(points(50, 50, 50))
    dotted = [y for y, line in enumerate(lines) if any(0x2800 < ord(c) <= 0x28FF for c in line)]
    assert len(dotted) == 1


async def test_too_few_matches_for_a_line_are_said_in_words() -> None:
    lines, _ = await drawn(points(50), "one match so far")
    assert "one match so far" in "".join(lines)


async def test_the_page_shows_the_rating_at_one_game_after_the_other(app: ArenaApp) -> None:
    for seed in range(3):
        play("maze/run", seed)
    for seed in range(2):
        play("maze/windy", seed)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("4")
        assert await shows(pilot, app, "pathfinder")
        await pilot.press("enter")
        await settle(pilot)
        assert isinstance(app.screen, PlayerScreen)
        assert await shows(pilot, app, "3 matches")
        assert "Rating at maze/run" in seen(app)
        await pilot.press("right")
        assert await shows(pilot, app, "2 matches")
        assert "Rating at maze/windy" in seen(app)
        assert " moves" in seen(app)


async def test_any_name_can_stand_on_the_page(app: ArenaApp) -> None:
    player = Identity("human:odd", "[/b] [red]Bob[", "human")
    play()
    standing: Standing = leaderboard("maze/run")[0]
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        app.push_screen(PlayerScreen(player, {"maze/run": standing}))
        await settle(pilot)
        assert player.name in seen(app)


@pytest.mark.parametrize("seconds", [math.nan, math.inf, "a while", None])
async def test_a_card_that_does_not_say_how_long_it_took_breaks_no_page(
    app: ArenaApp, monkeypatch: pytest.MonkeyPatch, seconds: object
) -> None:
    meta = SimpleNamespace(
        step=1000, steps_before=0, seed=0, card={"seconds": seconds, "summary": "solves 9%"}
    )
    monkeypatch.setattr(reading, "card", lambda identity: meta)
    play()
    standing: Standing = leaderboard("maze/run")[0]
    async with app.run_test(size=(160, 48)) as pilot:
        await settle(pilot)
        app.push_screen(PlayerScreen(Identity("agent:1", "ppo", "agent"), {"maze/run": standing}))
        assert await shows(pilot, app, "solves 9%")
        assert " steps, seed 0" in seen(app)


def test_what_is_published_of_others_stands_after_random() -> None:
    card = {"random": {"summary": "-20.7"}, "published": "random -20.7, human 14.6", "protocol": "30 films"}
    told = _training(cast("Meta", SimpleNamespace(step=1000, steps_before=0, seed=0, card=card)))
    assert list(told) == ["trained", "random", "published", "measured"]
    assert told["published"] == "random -20.7, human 14.6"


def test_steps_of_what_it_began_with_are_told_beside_its_own() -> None:
    told = _training(cast("Meta", SimpleNamespace(step=1000, steps_before=2_400_000, seed=3, card={})))
    assert told["trained"] == "1 k steps, seed 3, after 2.4 M before"
