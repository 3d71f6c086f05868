"""The games, family by family: a list that can be folded, searched and walked with the arrows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.events import Click, MouseScrollDown
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from arena.games.catalog import FAMILIES, Entry
from arena.tui.matching import search
from arena.tui.theme import FAINT, QUIET, SEATS, TEXT

ROOM_FOR_A_NOTE = 22
"""Columns below which a row shows the game's title alone."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the list: a game, or a family's heading."""

    family: str
    entry: Entry | None = None
    matched: tuple[int, ...] = ()
    """Where the title holds the letters that were searched for."""


class GameList(ScrollView, can_focus=True):
    """`Chosen` when the cursor is on another game, `Started` on enter or a double click."""

    DEFAULT_CSS = """
    GameList { scrollbar-size-vertical: 1; scrollbar-size-horizontal: 0; overflow-x: hidden; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Game", show=False),
        Binding("down,j", "move(1)", "Game", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
        Binding("pagedown", "page(1)", "Page down", show=False),
        Binding("home", "edge(-1)", "First", show=False),
        Binding("end", "edge(1)", "Last", show=False),
        Binding("left", "fold(True)", "Fold the family", show=False),
        Binding("right", "fold(False)", "Open the family", show=False),
        Binding("space", "toggle_family", "Fold or open the family", show=False),
        Binding("enter", "start", "Start", show=True),
    ]

    cursor: reactive[int] = reactive(0)

    class Chosen(Message):
        def __init__(self, entry: Entry) -> None:
            super().__init__()
            self.entry = entry

    class Started(Message):
        def __init__(self, entry: Entry) -> None:
            super().__init__()
            self.entry = entry

    def __init__(self, entries: Sequence[Entry], chosen: str, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._entries = tuple(entries)
        self._notes: Mapping[str, str] = {}
        self._folded: set[str] = set()
        self._query = ""
        self._chosen = chosen
        self._rows: list[Row] = []
        self._arrange()

    @property
    def chosen(self) -> Entry | None:
        """The game under the cursor, or the last one that was."""
        return next((e for e in self._entries if e.id == self._chosen), None)

    @property
    def found(self) -> list[Entry]:
        """The games in view: all that are not folded away, or all that the search has found."""
        return [row.entry for row in self._rows if row.entry is not None]

    def show(self, entries: Sequence[Entry]) -> None:
        """List `entries` from now on; the cursor stays on its game."""
        self._entries = tuple(entries)
        self._arrange()

    def note(self, notes: Mapping[str, str]) -> None:
        """What stands right of a game, by id: who is best at it."""
        self._notes = notes
        self.refresh()

    def search(self, query: str) -> None:
        """Show only games that match, the best first; all again for an empty query."""
        self._query = query.strip()
        self._arrange()
        if self._query and self.found:
            self.cursor = 0
            self._announce()

    def choose(self, game_id: str) -> None:
        """Put the cursor on a game. Opens its family."""
        self._chosen, self._query = game_id, ""
        self._folded.discard(game_id.partition("/")[0])
        self._arrange()
        self._announce()

    def _arrange(self) -> None:
        self._rows = list(self._found_rows() if self._query else self._family_rows())
        at = [i for i, row in enumerate(self._rows) if row.entry and row.entry.id == self._chosen]
        first = next((i for i, row in enumerate(self._rows) if row.entry), 0)
        self.set_reactive(GameList.cursor, at[0] if at else first)
        self.virtual_size = Size(self.size.width, len(self._rows))
        self.refresh()
        if self.is_mounted:
            self.call_after_refresh(self._reveal)

    def _family_rows(self) -> list[Row]:
        rows: list[Row] = []
        for family in FAMILIES:
            entries = [e for e in self._entries if e.family == family]
            if entries:
                rows.append(Row(family))
                if family not in self._folded:
                    rows += [Row(family, e) for e in entries]
        return rows

    def _found_rows(self) -> list[Row]:
        found = search(self._query, self._entries, lambda entry: entry.title, lambda entry: entry.id)
        return [Row(one.item.family, one.item, one.at) for one in found]

    def watch_cursor(self) -> None:
        self._reveal()
        self._announce()
        self.refresh()

    def _reveal(self) -> None:
        above = self.cursor == 1 and self._rows and self._rows[0].entry is None  # show the first heading too
        self.scroll_to_region(Region(0, 0 if above else self.cursor, 1, 1), animate=False, force=True)

    def _announce(self) -> None:
        entry = self._here
        if entry is not None and self.is_mounted:
            self._chosen = entry.id
            self.post_message(self.Chosen(entry))

    @property
    def _here(self) -> Entry | None:
        return self._rows[self.cursor].entry if self.cursor < len(self._rows) else None

    def action_move(self, by: int) -> None:
        if self._rows:
            self.cursor = max(0, min(len(self._rows) - 1, self.cursor + by))

    def action_page(self, by: int) -> None:
        self.action_move(by * max(self.size.height - 1, 1))

    def action_edge(self, by: int) -> None:
        self.action_move(by * len(self._rows))

    def action_fold(self, fold: bool) -> None:
        if self._rows and not self._query:
            family = self._rows[self.cursor].family
            (self._folded.add if fold else self._folded.discard)(family)
            here = next(i for i, row in enumerate(self._family_rows()) if row.family == family)
            self._rows = self._family_rows()
            self.virtual_size = Size(self.size.width, len(self._rows))
            self.cursor = here if fold else min(self.cursor, len(self._rows) - 1)
            self.refresh()

    def action_toggle_family(self) -> None:
        if self._rows:
            self.action_fold(self._rows[self.cursor].family not in self._folded)

    def action_start(self) -> None:
        if self._here is not None:
            self.post_message(self.Started(self._here))
        else:
            self.action_toggle_family()

    def on_click(self, event: Click) -> None:
        row = event.y + round(self.scroll_y)
        if not 0 <= row < len(self._rows):
            return
        again = row == self.cursor
        self.cursor = row
        if self._rows[row].entry is None:
            self.action_toggle_family()
        elif again and event.chain == 2:
            self.action_start()

    def on_resize(self) -> None:
        self.virtual_size = Size(self.size.width, len(self._rows))
        self._reveal()

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        event.stop()
        self.scroll_relative(y=3, animate=False)

    def render_line(self, y: int) -> Strip:
        width = self.scrollable_content_region.width
        index = y + round(self.scroll_y)
        base = self.rich_style
        if index >= len(self._rows):
            words = " nothing is called that" if self._query and not self._rows and y == 1 else ""
            return Strip([Segment(words, base + Style(color=QUIET))]).adjust_cell_length(width, base)
        row = self._rows[index]
        if index == self.cursor:
            here = "block-cursor-background" if self.has_focus else "block-cursor-blurred-background"
            base += Style(bgcolor=self.app.theme_variables[here])
        strip = self._heading(row, base) if row.entry is None else self._game(row, row.entry, width, base)
        return strip.adjust_cell_length(width, base)

    def _heading(self, row: Row, base: Style) -> Strip:
        count = sum(e.family == row.family for e in self._entries)
        arrow = "▸" if row.family in self._folded else "▾"
        title = base + Style(color=QUIET, bold=True)
        return Strip(
            [
                Segment(f"{arrow} {FAMILIES[row.family]}", title),
                Segment(f"  {count}", base + Style(color=FAINT)),
            ]
        )

    def _game(self, row: Row, entry: Entry, width: int, base: Style) -> Strip:
        color = FAINT if entry.missing else TEXT
        note = "" if width < ROOM_FOR_A_NOTE else self._note_of(entry)
        room = width - 3 - (len(note) + 1 if note else 0)
        title = entry.title if len(entry.title) <= room else entry.title[: max(room - 1, 0)] + "…"
        letters = [
            Segment(
                letter, base + Style(color=SEATS[0] if i in row.matched else color, bold=i in row.matched)
            )
            for i, letter in enumerate(title)
        ]
        gap = " " * (width - 3 - len(title) - len(note))
        return Strip(
            [
                Segment("  ", base),
                *letters,
                Segment(gap, base),
                Segment(note, base + Style(color=QUIET)),
                Segment(" ", base),
            ]
        ).simplify()

    def _note_of(self, entry: Entry) -> str:
        if entry.missing:
            return "not here"
        if entry.id in self._notes:
            return self._notes[entry.id]
        if entry.seats == (1,):
            return ""
        fewest, most = min(entry.seats), max(entry.seats)
        return f"{fewest} seats" if fewest == most else f"{fewest}–{most} seats"
