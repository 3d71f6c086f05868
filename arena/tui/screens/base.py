"""What every screen of the launcher has: the bars above and below, help, and reading off the loop."""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar, ParamSpec, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen

from arena.tui.calm import Guarded
from arena.tui.widgets.bars import KeyHints, TopBar

if TYPE_CHECKING:
    from arena.tui.app import ArenaApp

P = ParamSpec("P")
R = TypeVar("R")


class ArenaScreen(Guarded, Screen[None]):
    """One of the launcher's screens. A subclass yields its middle from `body`, and reads in `update_now`."""

    NAME: ClassVar[str]
    """As in `bars.SCREENS`."""
    HELP_TEXT: ClassVar[str]
    """What the screen is for and how it is used, for the help."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark", "app.help", "Help", show=False),
        Binding("q", "app.quit", "Quit"),
    ]

    @property
    def arena(self) -> "ArenaApp":
        app: ArenaApp = self.app  # type: ignore[assignment]
        return app

    def compose(self) -> ComposeResult:
        yield TopBar(self.NAME)
        yield from self.body()
        yield KeyHints()

    def body(self) -> ComposeResult:
        raise NotImplementedError

    def update_now(self) -> None:
        """Read again what may have changed. Called when the screen is shown, and when a match has ended."""

    def on_screen_resume(self) -> None:
        self.arena.update_screens()

    async def read(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """`function(...)` in a thread: disks are slow, and the launcher never waits for one.

        Cancelled where the screen is gone by then, or the launcher is going: there is nothing left to draw
        on, or soon will be.
        """
        result = await asyncio.to_thread(function, *args, **kwargs)
        if not self.is_attached or not self.app.is_running:
            raise asyncio.CancelledError
        return result
