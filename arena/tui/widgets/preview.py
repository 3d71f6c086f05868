"""A live picture of a game: a child process plays it, this draws it. At most one at a time."""

import asyncio
import base64
import contextlib
from typing import TYPE_CHECKING

from textual.timer import Timer

from arena.errors import ArenaError
from arena.games.catalog import Entry
from arena.tui.calm import in_background
from arena.tui.widgets.picture import Picture

if TYPE_CHECKING:
    from arena.tui.app import ArenaApp

REST = 0.3
"""Seconds that the cursor rests on a game before its picture starts."""


class Preview(Picture):
    """Shows one game after the other; `show_game(None)` ends the child."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._entry: Entry | None = None
        self._rest: Timer | None = None
        self._made_for: tuple[str, int, int] | None = None
        self._ending: asyncio.Task[None] | None = None

    @property
    def arena(self) -> "ArenaApp":
        app: ArenaApp = self.app  # type: ignore[assignment]
        return app

    def show_game(self, entry: Entry | None) -> None:
        """Start the picture of `entry` in a moment, if the cursor rests; whatever is shown ends now."""
        wanted = (entry.id, *self.size) if entry is not None else None
        if wanted is not None and wanted == self._made_for:
            return
        self._entry, self._made_for = entry, wanted
        self.workers.cancel_group(self, "preview")
        if self._rest is not None:
            self._rest.stop()
        self.show_words("")
        if entry is None or min(self.size) < 4:
            return
        if entry.missing:
            self.show_words("no picture: the game is not here")
        else:
            self._rest = self.set_timer(REST, self._start)

    def on_resize(self) -> None:
        self.show_game(self._entry)

    def _start(self) -> None:
        in_background(self, self._play, exclusive=True, group="preview")

    async def _play(self) -> None:
        entry, (columns, rows) = self._entry, self.size
        if entry is None:
            return
        if self._ending is not None:
            await asyncio.shield(self._ending)
        arguments = ["preview", entry.id, "--columns", str(columns), "--rows", str(rows)]
        try:
            child = await self.arena.start_child(
                "preview", f"the picture of {entry.id}", "arena.window", *arguments
            )
        except ArenaError as error:
            self.show_words(str(error))
            return
        drawn = False
        try:
            async for event in child.events():
                if "rgb" in event:
                    with contextlib.suppress(ValueError, TypeError, KeyError):  # not a picture after all
                        rgb = base64.b64decode(event["rgb"])
                        self.show_picture(int(event["width"]), int(event["height"]), rgb)
                        drawn = True
                elif event.get("event") == "error":
                    self.show_words(str(event.get("message", "")))
                    drawn = True
            if not drawn:
                self.show_words("no picture")
        finally:
            self._ending = self.arena.forget(child)
