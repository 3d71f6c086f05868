"""Every match that was kept: to be seen again, proved, or made a film of."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import DataTable, Input, Static

from arena.errors import ArenaError
from arena.tui import playing, reading
from arena.tui.calm import in_background
from arena.tui.screens.base import ArenaScreen
from arena.tui.theme import BAD, FAINT, QUIET, SEATS, TEXT
from arena.tui.widgets.table import RowTable

if TYPE_CHECKING:
    from arena.store.database import KeptMatch

MOST = 500
"""Matches in the list; older ones are found with `arena replay`."""

GAME_ROOM = 20
"""Columns for a game's id on a narrow screen."""

PLAYERS = "players and scores"

MARKS = {
    "": ("", TEXT),
    "working": ("…", QUIET),
    "proved": ("✓", SEATS[2]),
    "differs": ("✗", BAD),
    "gone": ("-", FAINT),
}
"""What stands before a match: nothing, or what became of verifying it; `-` where its replay is gone."""

EMPTY = (
    "No match has been kept yet.\n"
    "\n"
    "Press 1, choose a game and press enter. Every match can be seen again here: it is played anew from "
    "its moves, and proved to be the same."
)


class ReplaysScreen(ArenaScreen):
    NAME = "replays"
    HELP_TEXT = (
        "Every match that was kept, the newest first. Enter shows one in a window (or in this terminal, "
        "where there is no display). A replay is the seed and the moves: v plays it again and checks "
        "every digest, e makes a film of it. ✓ is proved, ✗ is not the same, - has no replay any more. / "
        "finds matches by game, player or date."
    )

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "watch", "Show"),
        Binding("v", "verify", "Verify"),
        Binding("e", "export", "Export a film"),
        Binding("slash", "search", "Search"),
        Binding("x", "end_match", "Close the window"),
        Binding("escape", "back", "All matches", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._matches: dict[str, KeptMatch] = {}
        self._kept: set[str] = set()
        self._proved: dict[str, str] = {}
        """What became of verifying, by match."""
        self._films: dict[Path, float] = {}
        """Films that are being made, and the share that is done."""

    def body(self) -> ComposeResult:
        with Vertical(id="matches", classes="panel") as panel:
            panel.border_title = "Replays"
            yield Input(placeholder="/ search", id="find", compact=True)
            yield RowTable(id="replays")
            yield Static(EMPTY, id="none", classes="invitation", markup=False)

    def on_mount(self) -> None:
        self.query_one("#none").display = False
        self.query_one(RowTable).focus()

    def update_now(self) -> None:
        self.refresh_bindings()
        in_background(self, self._read, exclusive=True, group="matches")

    async def _read(self) -> None:
        matches, self._kept = await self.read(reading.kept, MOST)
        self._matches = {kept.result.id: kept for kept in matches}
        self._show()

    def on_resize(self) -> None:
        self._show()

    def _show(self) -> None:
        if not self.is_mounted:
            return
        table, empty = self.query_one(RowTable), self.query_one("#none")
        table.display, empty.display = bool(self._matches), not self._matches
        self.query_one("#find").display = bool(self._matches)
        words = self.query_one("#find", Input).value.lower().split()
        rows = {}
        for match_id, kept in self._matches.items():
            cells = self._cells(kept)
            plain = " ".join(cell.plain for cell in cells).lower() + f" {match_id}"
            if all(word in plain for word in words):
                rows[match_id] = cells
        titles = ["when", "", "game", PLAYERS, "length", "match"]
        others = [
            max([len(title), *(cells[at].cell_len for cells in rows.values())])
            for at, title in enumerate(titles)
            if title != PLAYERS
        ]
        room = self.size.width - 5 - sum(others) - 2 * len(titles)  # the panel and its bar; cells are padded
        for cells in rows.values():
            cells[titles.index(PLAYERS)].truncate(max(room, len(PLAYERS)), overflow="ellipsis")
        table.fill(titles, rows)
        more = f"the newest {MOST}" if len(self._matches) == MOST else f"{len(self._matches)}"
        films = [f"{path.name} {done:.0%}" for path, done in self._films.items()]
        count = f"{len(rows)} of {more}" if words else "1 match" if more == "1" else f"{more} matches"
        self.query_one("#matches").border_subtitle = Content(" · ".join([*films, count]))

    def _cells(self, kept: "KeptMatch") -> list[Text]:
        result = kept.result
        players = Text()
        for seat, one in enumerate(result.seats):
            if seat:
                players.append(" · ", style=FAINT)
            won = one.place == 1 and len(result.winners) < len(result.seats)
            players.append(one.player.name, style=f"bold {SEATS[seat]}" if won else SEATS[seat])
            score = "forfeit" if one.forfeit else f"{one.score:g}"
            players.append(f" {score}", style=TEXT if won else QUIET)
        there = result.id in self._kept
        game = Text(result.game, style=TEXT if there else FAINT)
        game.truncate(GAME_ROOM if self.size.width < 110 else 2 * GAME_ROOM, overflow="ellipsis")
        mark, color = MARKS[self._proved.get(result.id, "" if there else "gone")]
        return [
            Text(reading.ago(kept.ended), style=QUIET, justify="right"),
            Text(mark, style=color),
            game,
            players,
            Text(reading.length(result), style=QUIET, justify="right"),
            Text(result.id[:8], style=FAINT),
        ]

    def _chosen(self) -> str | None:
        key = self.query_one(RowTable).key
        if key is not None and key not in self._kept:
            raise ArenaError(f"the replay of match {key[:8]} is gone from {reading.replays_folder()}")
        return key

    def on_data_table_row_selected(self, _: DataTable.RowSelected) -> None:
        self.action_watch()

    def action_watch(self) -> None:
        match_id = self._chosen()
        if match_id is not None:
            show = partial(
                playing.show,
                self.arena,
                f"the replay of {match_id[:8]}",
                ["replay", match_id],
                terminal=bool(self.arena.no_window),
            )
            in_background(self.app, show, group="match")

    def action_verify(self) -> None:
        match_id = self._chosen()
        if match_id is not None:
            in_background(self.app, partial(self._verify, match_id), group="verify")

    async def _verify(self, match_id: str) -> None:
        self._mark(match_id, "working")
        try:
            await self.arena.run_command(f"verifying {match_id[:8]}", "replay", match_id, "--verify")
        except ArenaError as error:
            self._mark(match_id, "differs")
            self.arena.warn(str(error))
            return
        self._mark(match_id, "proved")
        self.arena.say(f"Match {match_id[:8]} was played again: every digest is the same.")

    def _mark(self, match_id: str, state: str) -> None:
        self._proved[match_id] = state
        self._show()

    def action_export(self) -> None:
        match_id = self._chosen()
        if match_id is not None:
            in_background(self.app, partial(self._export, match_id), group="export")

    async def _export(self, match_id: str) -> None:
        from arena.tui.screens.dialogs import Ask

        game = self._matches[match_id].result.game.replace("/", "-")
        here = Path.cwd()
        suggested = _free(here, f"{game}-{match_id[:8]}")
        hint = f"A file ending in .mp4 or .gif. A name alone is put into {here}."
        typed = await self.app.push_screen_wait(
            Ask("Export a film to", suggested.name, hint=hint, check=self._check_film)
        )
        if typed is not None:
            path = _path(typed)
            self._films[path] = 0.0
            self._show()
            try:
                await self._make_film(match_id, path)
            finally:
                del self._films[path]
                self._show()

    async def _make_film(self, match_id: str, path: Path) -> None:
        title = f"the film of {match_id[:8]}"
        child = await self.arena.start_child("command", title, "arena.window", "film", match_id, str(path))
        codec = ""
        try:
            async for event in child.events():
                if event.get("event") == "progress":
                    self._films[path] = float(event.get("done", 0.0))
                    self._show()
                elif event.get("event") == "finished":
                    codec = str(event.get("codec", ""))
                elif event.get("event") == "error":
                    raise ArenaError(str(event.get("message", "")))
        finally:
            self.arena.forget(child)
        if not codec:
            raise ArenaError(f"{title} could not be made: {child.last_words() or 'it said nothing'}")
        better = "; install ffmpeg for H.264, which browsers play too" if codec == "MPEG-4" else ""
        self.arena.say(f"{path} ({codec}{better})", title="The film is ready", seconds=20)

    def _check_film(self, text: str) -> None:
        path = _path(text)
        if path.suffix.lower() not in (".mp4", ".gif"):
            raise ArenaError(f"'{path.name}' does not end in .mp4 or .gif")
        if not path.parent.is_dir():
            raise ArenaError(f"there is no folder {path.parent}")
        if path.exists():
            raise ArenaError(f"{path} exists already; choose another name")
        if path in self._films:
            raise ArenaError(f"{path} is being made just now; choose another name")

    def action_end_match(self) -> None:
        self.arena.end_window()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return action != "end_match" or bool(self.arena.processes.running("window"))

    def action_search(self) -> None:
        self.query_one("#find", Input).focus()

    def action_back(self) -> None:
        self.query_one("#find", Input).clear()
        self.query_one(RowTable).focus()

    def on_input_changed(self, _: Input.Changed) -> None:
        self._show()

    def on_input_submitted(self, _: Input.Submitted) -> None:
        self.query_one(RowTable).focus()


def _path(typed: str) -> Path:
    return Path.cwd() / Path(typed.strip()).expanduser()


def _free(folder: Path, name: str) -> Path:
    """A film of that name in `folder`, with a number where there is one already."""
    path, number = folder / f"{name}.mp4", 1
    while path.exists():
        number += 1
        path = folder / f"{name}-{number}.mp4"
    return path
