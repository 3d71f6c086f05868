"""Choosing one of a list: a long one is searched, by the letters that are typed."""

import pytest
from textual.widgets import Input, OptionList

from arena.games import catalog
from arena.tui.app import ArenaApp
from arena.tui.matching import search
from arena.tui.screens.dialogs import LONG, Pick
from arena.tui.screens.train_form import TrainForm
from arena.tui.widgets.field import Field, Option
from tests.arena.tui.piloting import seen, settle

GAMES = [Option(e.id, e.id, e.summary, e.missing, e.title) for e in catalog.entries()]


async def test_the_cursor_is_on_the_best_that_is_found_whatever_was_chosen(app: ArenaApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        app.push_screen(Pick("Run", [Option(n, f"run-{n}") for n in range(40)], 32))
        await pilot.pause()
        await pilot.press("2")
        await pilot.pause()
        assert app.screen.query_one(OptionList).highlighted == 0


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("pong", "atari/pong"),
        ("/pong", "atari/pong"),
        ("vlt", "maze/vault"),
        ("space inv", "atari/space_invaders"),
    ],
)
async def test_a_long_list_shows_what_is_found_by_the_letters_that_are_typed(
    app: ArenaApp, typed: str, first: str
) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        answers: list[int | None] = []
        app.push_screen(Pick("Game", [option for option in GAMES if option.why_not is None]), answers.append)
        await pilot.pause()
        await pilot.press(*("space" if letter == " " else letter for letter in typed), "enter")
        await pilot.pause()
        can = [option for option in GAMES if option.why_not is None]
        assert [can[answer].value for answer in answers if answer is not None] == [first]


async def test_the_arrows_walk_among_what_is_found_and_all_of_it_is_in_view(app: ArenaApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        answers: list[int | None] = []
        options = [Option(n, f"run-{n}") for n in range(40)]
        app.push_screen(Pick("Run", options, 3), answers.append)
        await pilot.pause()
        shown = app.screen.query_one(OptionList)
        assert shown.highlighted == 3
        assert app.screen.query_one(".dialog").region.contains_region(shown.region)
        await pilot.press("2", "down", "down", "up", "enter")
        await pilot.pause()
        found = [one.item.value for one in search("2", options, lambda o: o.text, lambda o: o.also)]
        assert answers == [found[1]]


async def test_what_nobody_is_called_finds_nothing_and_chooses_nothing(app: ArenaApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        app.push_screen(pick := Pick("Game", GAMES, "maze/run"))
        await pilot.pause()
        await pilot.press(*"qqqq", "enter")
        await pilot.pause()
        assert "nothing is called that" in seen(app) and app.screen is pick
        await pilot.press(*["backspace"] * 4)
        await pilot.pause()
        chosen = app.screen.query_one(OptionList).highlighted
        assert chosen is not None and GAMES[chosen].value == "maze/run", "all again, and the cursor as before"


async def test_a_short_list_is_only_walked_through(app: ArenaApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        answers: list[int | None] = []
        app.push_screen(Pick("Agent", [Option(n, str(n)) for n in range(LONG)]), answers.append)
        await pilot.pause()
        assert not app.screen.query(Input)
        await pilot.press("down", "enter")
        await pilot.pause()
        assert answers == [1]


async def test_the_game_of_a_training_is_found_by_its_letters(app: ArenaApp) -> None:
    async def begin(_: object) -> str:
        return ""

    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        app.push_screen(TrainForm(catalog.entries(), "maze/run", begin))
        await pilot.pause()
        field = app.screen.query_one("#game", Field)
        field.focus()
        await pilot.press("enter")
        await pilot.pause()
        await pilot.press(*"cartp", "enter")
        await pilot.pause()
        assert field.value == "gym/CartPole-v1"
