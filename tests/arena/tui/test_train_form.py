"""The form of a training: what it offers, what it answers, what it refuses."""

import asyncio

import pytest
from textual.widgets import Input

from arena.errors import UsageError
from arena.games import catalog
from arena.games.catalog import MAZES
from arena.tui.app import ArenaApp
from arena.tui.screens.train_form import TrainForm, parse_settings, preset
from arena.tui.trainings import Order
from arena.tui.widgets.axes import large
from arena.tui.widgets.field import Field
from tests.arena.tui.piloting import seen, settle


class Orders:
    """Whoever is given the orders: how each turns out is said beforehand, as nothing where it begins, or is
    not known until `answer` is set."""

    def __init__(self, *complaints: str) -> None:
        self.given: list[Order] = []
        self.given_up = 0
        self.answer = asyncio.Event()
        self._complaints = iter(complaints)
        if not complaints:
            self.answer.set()

    async def begin(self, order: Order) -> str:
        self.given.append(order)
        try:
            await self.answer.wait()
        except asyncio.CancelledError:
            self.given_up += 1
            raise
        self.answer.clear()
        return next(self._complaints, "")


async def test_the_form_answers_an_order_and_refuses_nonsense(app: ArenaApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        orders = Orders()
        app.push_screen(TrainForm(MAZES, "maze/vault", orders.begin))
        await pilot.pause()
        await pilot.press(*"many", "enter")
        await pilot.pause()
        assert "no number" in seen(app)
        app.screen.query_one("#steps", Input).value = "20k"
        await pilot.press("enter")
        await pilot.pause()
        assert orders.given == [Order("ppo", "maze/vault", 20_000, 0, None)]


async def test_the_form_offers_the_sizes_of_a_maze_and_none_where_there_are_none(app: ArenaApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        orders = Orders()
        app.push_screen(TrainForm(catalog.entries(), "maze/race", orders.begin))
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
        assert orders.given == [Order("ppo", "maze/run", 20_000, 0, None, 9)]
        assert orders.given[0].arguments()[-2:] == ["--option", "size=9"]


async def test_the_form_offers_whom_to_meet_in_games_for_several_the_usual_first_chosen(
    app: ArenaApp,
) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        orders = Orders()
        app.push_screen(TrainForm(catalog.entries(), "versus/pong", orders.begin))
        await pilot.pause()
        meets, game = app.screen.query_one("#opponents", Field), app.screen.query_one("#game", Field)
        assert meets.value is None and meets.option is not None and meets.option.text == "itself and its past"
        game.take("maze/run")
        await pilot.pause()
        assert not meets.display
        game.take("maze/race")
        await pilot.pause()
        assert meets.option.text == "itself"
        meets.focus()
        await pilot.press("right")
        app.screen.query_one("#steps", Input).focus()
        await pilot.press(*"20k", "enter")
        await pilot.pause()
        assert orders.given == [Order("ppo", "maze/race", 20_000, 0, None, opponents="past")]
        assert orders.given[0].arguments()[-2:] == ["--opponents", "past"]


async def test_the_form_stays_until_the_training_has_begun_and_takes_the_keys_until_then(
    app: ArenaApp,
) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        orders, under = Orders("nothing to set is called 'lr'"), app.screen
        app.push_screen(form := TrainForm(catalog.entries(), "maze/run", orders.begin))
        await pilot.pause()
        app.screen.query_one("#set", Input).value = "lr=1"
        await pilot.press(*"20k", "enter")
        await pilot.pause()
        assert "Checking" in seen(app)
        await pilot.press("enter", "ctrl+s", "q", "d", "backspace", "backspace")
        await pilot.pause()
        assert app.screen is form and "Checking" in seen(app)
        orders.answer.set()
        await pilot.pause()
        assert app.screen is form and "nothing to set is called 'lr'" in seen(app)
        typed = [app.screen.query_one(f"#{name}", Input).value for name in ("steps", "set")]
        assert typed == ["20k", "lr=1"]
        app.screen.query_one("#set", Input).value = ""
        await pilot.press("enter")
        orders.answer.set()
        await pilot.pause()
        assert app.screen is under
        assert [order.settings for order in orders.given] == [("lr=1",), ()]


async def test_escape_gives_up_an_order_that_is_being_checked(app: ArenaApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        orders, under = Orders("never told"), app.screen
        app.push_screen(TrainForm(catalog.entries(), "maze/run", orders.begin))
        await pilot.pause()
        await pilot.press("enter")
        await pilot.pause()
        assert "esc give it up" in seen(app)
        await pilot.press("escape")
        await pilot.pause()
        assert app.screen is under and orders.given_up == 1


@pytest.mark.parametrize(
    ("text", "settings"),
    [
        ("", ()),
        ("gamma=0.9", ("gamma=0.9",)),
        (" gamma=0.9,  lr=1e-3 double=true ", ("gamma=0.9", "lr=1e-3", "double=true")),
    ],
)
def test_settings_are_parted_by_spaces_or_commas(text: str, settings: tuple[str, ...]) -> None:
    assert parse_settings(text) == settings


@pytest.mark.parametrize("text", ["gamma", "gamma=", "=0.9", "gamma = 0.9", "learning rate=1"])
def test_what_is_no_setting_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="name=value"):
        parse_settings(text)


async def test_the_form_tells_what_is_meant_where_nothing_is_typed(app: ArenaApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        app.push_screen(TrainForm(catalog.entries(), "maze/run", Orders().begin))
        await pilot.pause()
        for agent, game in (("ppo", "maze/run"), ("dqn", "maze/run"), ("ppo", "gym/CartPole-v1")):
            app.screen.query_one("#agent", Field).take(agent)
            app.screen.query_one("#game", Field).take(game)
            await pilot.pause()
            steps = preset(agent, game)["total_steps"]
            assert app.screen.query_one("#steps", Input).placeholder.startswith(f"{large(steps)};")
            assert f"total steps {large(steps)}" in " ".join(seen(app).split())


@pytest.mark.parametrize(
    ("agent", "line", "hint"),
    [
        ("ppo", "from", "new weights; or ppo, its champion's; or a run's"),
        ("go-explore", "from", "nothing; it explores a game from its start"),
        ("go-explore", "envs", "the preset's; explorers at once"),
        ("go-explore", "steps", "the preset's; or 200k, 5M, ... decisions"),
        ("robustify", "from", "a run of go-explore, by its id"),
    ],
)
async def test_hints_are_those_of_the_agent_that_is_chosen(
    app: ArenaApp, agent: str, line: str, hint: str
) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        app.push_screen(TrainForm(catalog.entries(), "atari/pong", Orders().begin))
        await pilot.pause()
        for one in ("ppo", "go-explore", agent):
            app.screen.query_one("#agent", Field).take(one)
            await pilot.pause()
        assert app.screen.query_one(f"#{line}", Input).placeholder == hint


async def test_more_seeds_than_a_picture_shows_are_refused(app: ArenaApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        orders = Orders()
        app.push_screen(TrainForm(catalog.entries(), "maze/run", orders.begin))
        await pilot.pause()
        app.screen.query_one("#seeds", Input).value = "9"
        await pilot.press("enter")
        await pilot.pause()
        assert "seeds: '9' is not a whole number from 1 to 8" in seen(app)
        app.screen.query_one("#seeds", Input).value = "8"
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert orders.given == [Order("ppo", "maze/run", None, 0, None, None, 8)]
