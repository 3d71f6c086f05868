"""The training screen under a pilot."""

import contextlib
from collections.abc import AsyncIterator

from textual.pilot import Pilot

from arena.tui.app import ArenaApp
from arena.tui.screens.train import TrainScreen
from arena.tui.widgets.plot import Line, Plot
from tests.arena.tui.piloting import settle


def on(app: ArenaApp) -> TrainScreen:
    assert isinstance(app.screen, TrainScreen)
    return app.screen


@contextlib.asynccontextmanager
async def opened(app: ArenaApp, size: tuple[int, int] = (80, 24)) -> AsyncIterator[Pilot[None]]:
    """The launcher with the training screen open, and everything read."""
    async with app.run_test(size=size) as pilot:
        await pilot.press("2")
        await settle(pilot)
        yield pilot


async def press(pilot: Pilot[None], *keys: str) -> None:
    await pilot.press(*keys)
    await settle(pilot)


def drawn(app: ArenaApp, plot: str = "#plot") -> dict[str, Line]:
    """The curves in a picture, by their names."""
    return {line.name: line for line in on(app).query_one(plot, Plot)._drawing.lines}
