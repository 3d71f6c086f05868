"""What goes wrong is shown calmly: an exception as one notice, a terminal without room as two lines."""

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, cast

from textual.dom import DOMNode
from textual.message import Message
from textual.message_pump import MessagePump
from textual.screen import Screen
from textual.worker import Worker

from arena.tui.widgets.too_small import TooSmall

if TYPE_CHECKING:
    from arena.tui.app import ArenaApp


class Guarded(MessagePump):
    """A message pump that outlives what its handlers raise (Textual's own stops at the first exception). A
    screen of this kind is covered where the terminal is too small for any."""

    def on_mount(self) -> None:
        if isinstance(self, Screen):
            self.mount(TooSmall())

    async def _dispatch_message(self, message: Message) -> None:
        try:
            await super()._dispatch_message(message)
        except Exception as error:
            app: ArenaApp = self.app  # type: ignore[assignment]
            app.report(error)


def in_background(
    node: DOMNode, work: Callable[[], Coroutine[Any, Any, None]], *, group: str, exclusive: bool = False
) -> Worker[None]:
    """Start `work`, which ends with `node`; what it raises is reported. `exclusive` ends the rest of its
    group. (Not a coroutine, which would be left over where it is ended before it begins.)"""
    return node.run_worker(cast(Any, work), group=group, exclusive=exclusive)
