"""The runs, one a line: thousands of them scroll as fast as ten, since only the lines in view are drawn."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.events import Click
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from arena.tui.theme import FAINT, QUIET, TEXT

SIGNS = 5
"""Columns of the signs before a name, and of the edge."""

NAME = 16
"""Columns that longer names than that have at least, before figures are left out."""


@dataclass(frozen=True, slots=True)
class Row:
    """What stands in the line of a run."""

    id: str
    state: str
    """One sign, in `state_color`."""
    state_color: str
    name: str
    figures: tuple[str, ...]
    """At the right end, the most important first: where room is short the last are left out."""
    curve: str | None = None
    """The colour of its curve, if there is one."""
    marked: bool = False


class RunList(ScrollView, can_focus=True):
    """`Moved` when the cursor is on another run. The cursor stays on its run when the rows change."""

    DEFAULT_CSS = """
    RunList { scrollbar-size-vertical: 1; scrollbar-size-horizontal: 0; overflow-x: hidden; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Run", show=False),
        Binding("down,j", "move(1)", "Run", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
        Binding("pagedown", "page(1)", "Page down", show=False),
        Binding("home", "move(-1000000000)", "First", show=False),
        Binding("end", "move(1000000000)", "Last", show=False),
    ]

    class Moved(Message):
        pass

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._rows: list[Row] = []
        self._widths: list[int] = []
        self._longest = 0
        """Of the names."""
        self._cursor = 0
        self._words = ""

    @property
    def key(self) -> str | None:
        """The id of the run under the cursor."""
        return self._rows[self._cursor].id if self._rows else None

    def show(self, rows: Sequence[Row], words: str = "") -> None:
        """List `rows`; or say `words` where there are none."""
        if rows == self._rows and words == self._words:
            return
        here = self.key
        at = next((i for i, row in enumerate(rows) if row.id == here), min(self._cursor, len(rows) - 1))
        moved = at != self._cursor
        self._rows, self._words, self._cursor = list(rows), words, max(at, 0)
        self._widths = [max(map(len, column)) for column in zip(*(row.figures for row in rows), strict=True)]
        self._longest = max((len(row.name) for row in rows), default=0)
        self.virtual_size = Size(self.size.width, len(rows))
        if moved:
            self._reveal()
        if self.key != here:
            self.post_message(self.Moved())
        self.refresh()

    def go_to(self, run_id: str) -> None:
        """Put the cursor on a run, if it is here."""
        at = next((i for i, row in enumerate(self._rows) if row.id == run_id), self._cursor)
        self.action_move(at - self._cursor)

    def action_move(self, by: int) -> None:
        to = max(0, min(len(self._rows) - 1, self._cursor + by))
        if to != self._cursor:
            self._cursor = to
            self._reveal()
            self.refresh()
            self.post_message(self.Moved())

    def action_page(self, by: int) -> None:
        self.action_move(by * max(self.size.height - 1, 1))

    def _reveal(self) -> None:
        self.scroll_to_region(Region(0, self._cursor, 1, 1), animate=False, force=True)

    def on_resize(self) -> None:
        self.virtual_size = Size(self.size.width, len(self._rows))
        self._reveal()

    def on_click(self, event: Click) -> None:
        row = event.y + round(self.scroll_y)
        if row < len(self._rows):
            self.action_move(row - self._cursor)

    def render_line(self, y: int) -> Strip:
        width, index, base = self.scrollable_content_region.width, y + round(self.scroll_y), self.rich_style
        if index >= len(self._rows):
            words = f" {self._words}" if not self._rows and y == 1 else ""
            return Strip([Segment(words, base + Style(color=QUIET))]).adjust_cell_length(width, base)
        row = self._rows[index]
        if index == self._cursor:
            here = "block-cursor-background" if self.has_focus else "block-cursor-blurred-background"
            base += Style(bgcolor=self.app.theme_variables[here])
        return Strip(self._segments(row, width, base)).adjust_cell_length(width, base)

    def _columns(self, width: int) -> tuple[int, list[int]]:
        """How wide a name may be, and each of the figures that find room beside it."""
        room = width - SIGNS
        columns: list[int] = []
        for cells in self._widths:
            if room - cells - 2 < min(self._longest, NAME):
                break
            columns.append(cells)
            room -= cells + 2
        return room, columns

    def _segments(self, row: Row, width: int, base: Style) -> list[Segment]:
        room, columns = self._columns(width)
        figures = zip(row.figures, columns, strict=False)
        name = row.name if len(row.name) <= room else row.name[: max(room - 1, 0)] + "…"
        chip = " " if row.curve is None else "━"
        if row.marked:
            chip = "█"
        return [
            Segment(chip, base + Style(color=row.curve or FAINT)),
            Segment(" ", base),
            Segment(row.state, base + Style(color=row.state_color)),
            Segment(" ", base),
            Segment(name.ljust(room), base + Style(color=TEXT)),
            *(
                Segment(f"  {text:>{cells}}", base + Style(color=TEXT if at == 1 else QUIET))
                for at, (text, cells) in enumerate(figures)
            ),
            Segment(" ", base),
        ]
