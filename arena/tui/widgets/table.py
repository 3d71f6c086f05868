"""A table of rows that are chosen as a whole, filled anew without losing the place."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.widgets import DataTable


class RowTable(DataTable[Text], inherit_bindings=False):
    """Rows have keys; the cursor stays on its key when the rows change. Enter, left and right are the
    screen's; a click on the row under the cursor posts `RowSelected`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "cursor_down", "Down", show=False),
        Binding("up,k", "cursor_up", "Up", show=False),
        Binding("pagedown", "page_down", "Page down", show=False),
        Binding("pageup", "page_up", "Page up", show=False),
        Binding("home", "scroll_top", "First", show=False),
        Binding("end", "scroll_bottom", "Last", show=False),
    ]

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id, cursor_type="row", show_header=True, zebra_stripes=False)
        self._columns: list[tuple[str, int]] = []
        self._rows: dict[str, Sequence[Text]] = {}

    @property
    def key(self) -> str | None:
        """The key of the row under the cursor."""
        if not self.row_count or not self.is_valid_row_index(self.cursor_row):
            return None
        return self.coordinate_to_cell_key(self.cursor_coordinate).row_key.value

    @property
    def keys(self) -> Sequence[str]:
        """Of all rows, in order."""
        return [*self._rows]

    def fill(self, titles: Sequence[str], rows: Mapping[str, Sequence[Text]]) -> None:
        """Show `rows`, by key, in order."""
        # Widths are told: those that DataTable finds out itself may come after a row was drawn, and kept.
        columns = [
            (title, max([len(title), *(cells[at].cell_len for cells in rows.values())]))
            for at, title in enumerate(titles)
        ]
        if columns == self._columns and [*rows] == [*self._rows]:
            for index, (key, cells) in enumerate(rows.items()):
                for at, (cell, before) in enumerate(zip(cells, self._rows[key], strict=True)):
                    if cell != before:
                        self.update_cell_at((index, at), cell)  # type: ignore[arg-type]
        else:
            here, top = self.key, self.scroll_y
            self.clear(columns=True)
            for title, width in columns:
                self.add_column(Text(title), width=width)
            for key, cells in rows.items():
                self.add_row(*cells, key=key)
            if here is not None and here in rows:
                self.move_cursor(row=[*rows].index(here), animate=False)
                self.scroll_to(y=top, animate=False)
        self._columns, self._rows = columns, dict(rows)
