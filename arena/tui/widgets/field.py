"""A line with one thing to choose: a seat's player, the number of games, the seed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.events import Click
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from arena.games.catalog import Entry
from arena.tui.theme import FAINT, QUIET, TEXT


@dataclass(frozen=True, slots=True)
class Option:
    """One thing that can be chosen."""

    value: Any
    text: str
    detail: str = ""
    why_not: str | None = None
    """Why it cannot be chosen here; None where it can."""
    also: str = ""
    """Another name, by which it is found in a long list."""


def sizes(entry: Entry) -> tuple[list[Option], int | None]:
    """The sizes that a game can have, and which is chosen: None, the usual one. None of either where that is
    no choice."""
    if entry.size is None:
        return [], None
    return [
        Option(None if size == entry.size else size, str(size), "the usual" if size == entry.size else "")
        for size in entry.sizes
    ], None


class Field(Widget, can_focus=True):
    """`label  text  detail`. Left and right take the next option, enter asks for a list of them.

    Posts `Changed` when another option is taken, `Asked` when the person wants to see them all.
    """

    DEFAULT_CSS = """
    Field { height: 1; width: 1fr; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "turn(-1)", "Previous", show=False),
        Binding("right", "turn(1)", "Next", show=False),
        Binding("enter,space", "ask", "Choose", show=True),
    ]

    class Changed(Message):
        def __init__(self, field: "Field") -> None:
            super().__init__()
            self.field = field
            self.value = field.value

        @property
        def control(self) -> "Field":
            return self.field

    class Asked(Changed):
        pass

    def __init__(self, label: str, *, color: str | None = None, id: str | None = None) -> None:
        super().__init__(id=id)
        self.label, self._color = label, color
        self._options: tuple[Option, ...] = ()
        self._index = 0

    @property
    def options(self) -> tuple[Option, ...]:
        return self._options

    @property
    def value(self) -> Any:
        """What is chosen; None while there is nothing to choose."""
        return self._options[self._index].value if self._options else None

    @property
    def option(self) -> Option | None:
        return self._options[self._index] if self._options else None

    def offer(self, options: Sequence[Option], value: Any) -> None:
        """What can be chosen from now on, and what is: silently."""
        self._options = tuple(options)
        self._index = next((i for i, option in enumerate(options) if option.value == value), 0)
        self.refresh(layout=True)

    def take(self, value: Any) -> None:
        """Choose `value`, which is among the options, or is added to them."""
        if all(option.value != value for option in self._options):
            self._options = (*self._options, Option(value, str(value)))
        self._index = next(i for i, option in enumerate(self._options) if option.value == value)
        self.refresh(layout=True)
        self.post_message(self.Changed(self))

    def get_content_width(self, container: Size, viewport: Size) -> int:
        text = self.option.text if self.option else "…"
        return len(self.label) + len(text) + 4

    def action_turn(self, by: int) -> None:
        can = [i for i, option in enumerate(self._options) if option.why_not is None]
        if len(can) > 1:
            at = can.index(self._index) if self._index in can else 0
            self._index = can[(at + by) % len(can)]
            self.refresh(layout=True)
            self.post_message(self.Changed(self))

    def action_ask(self) -> None:
        self.post_message(self.Asked(self))

    def on_click(self, _: Click) -> None:
        self.focus()
        self.action_ask()

    def render_line(self, y: int) -> Strip:
        width, option = self.size.width, self.option
        base = self.rich_style
        if self.has_focus:
            base += Style(bgcolor=self.app.theme_variables["block-cursor-background"])
        vacant = self._color is not None and (option is None or option.value is None)  # an empty seat
        empty = vacant or option is None or option.why_not is not None
        mark = "" if self._color is None else ("○ " if empty else "● ")
        text = option.text if option else "…"
        arrows = self.has_focus and sum(o.why_not is None for o in self._options) > 1
        detail = "" if option is None else (option.why_not or option.detail)
        segments = [
            Segment(f"{self.label} ", base + Style(color=QUIET)),
            Segment("‹" if arrows else " ", base + Style(color=QUIET)),
            Segment(mark, base + Style(color=FAINT if empty else self._color)),
            Segment(text, base + Style(color=FAINT if empty else TEXT)),
            Segment("›" if arrows else " ", base + Style(color=QUIET)),
        ]
        room = width - sum(len(segment.text) for segment in segments) - 2
        if detail and room > 3:
            shown = detail if len(detail) <= room else detail[: room - 1] + "…"
            segments.append(Segment(f"  {shown}", base + Style(color=QUIET)))
        return Strip(segments).adjust_cell_length(width, base)
