"""The form of a training: what it offers, what it answers, what it refuses."""

from textual.widgets import Input

from arena.games import catalog
from arena.games.catalog import MAZES
from arena.tui.app import ArenaApp
from arena.tui.screens.train_form import TrainForm
from arena.tui.trainings import Order
from arena.tui.widgets.field import Field
from tests.arena.tui.piloting import seen, settle


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


async def test_the_form_offers_the_sizes_of_a_maze_and_none_where_there_are_none(app: ArenaApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        answers: list[Order | None] = []
        app.push_screen(TrainForm(catalog.entries(), "maze/race"), answers.append)
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
        assert answers == [Order("ppo", "maze/run", 20_000, 0, None, 9)]
        assert answers[0] is not None
        assert answers[0].arguments(0)[-2:] == ["--option", "size=9"]
