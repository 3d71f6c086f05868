"""An unexpected exception is written to a log and shown as one calm notice; the launcher goes on."""

import traceback
from collections.abc import Callable, Coroutine
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from textual.dom import DOMNode
from textual.message import Message
from textual.message_pump import MessagePump

from arena import places

if TYPE_CHECKING:
    from arena.tui.app import ArenaApp

LOG = "launcher.log"

LONGEST_LOG = 1 << 18
"""Bytes; a longer log starts anew."""


class Guarded(MessagePump):
    """A message pump that outlives what its handlers raise (Textual's own stops at the first exception)."""

    async def _dispatch_message(self, message: Message) -> None:
        try:
            await super()._dispatch_message(message)
        except Exception as error:
            app: ArenaApp = self.app  # type: ignore[assignment]
            app.report(error)


def in_background(
    node: DOMNode, work: Callable[[], Coroutine[Any, Any, None]], *, group: str, exclusive: bool = False
) -> None:
    """Start `work`, which ends with `node`; what it raises is reported. `exclusive` ends the rest of its
    group. (Not a coroutine, which would be left over where it is ended before it begins.)"""
    node.run_worker(cast(Any, work), group=group, exclusive=exclusive)


def write_down(error: BaseException) -> Path | None:
    """Add `error` with its traceback to the log. Returns the log, None where nothing can be written."""
    log = places.saves() / LOG
    text = "".join(traceback.format_exception(error))
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        fresh = not log.exists() or log.stat().st_size > LONGEST_LOG
        with log.open("w" if fresh else "a", encoding="utf-8") as file:
            file.write(f"{datetime.now().isoformat(timespec='seconds')}\n{text}\n")
    except OSError:
        return None
    return log
