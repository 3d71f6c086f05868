"""The runs, one a line: thousands of them scroll as fast as ten, since only the lines in view are made."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.events import Click
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from arena.store.progress import headline
from arena.tui import comparing
from arena.tui.reading import ago, clock
from arena.tui.theme import BAD, FAINT, QUIET, SEATS, TEXT, WARNING
from arena.tui.widgets.axes import short

if TYPE_CHECKING:
    from arena.store.runs import Run

SIGNS = {
    "running": ("●", SEATS[2]),
    "stopped": ("○", SEATS[1]),
    "done": ("✓", QUIET),
    "failed": ("✗", BAD),
    "cut short": ("✗", WARNING),
}
"""What stands before a run, by its state."""

FIGURES = (4, 6, 10)
"""Columns of the share that is done, of the return, and of the time left or the age. Where room is short the
last are left out."""

LEAST = 15
"""Columns of a name, before a figure is left out for it."""

EDGES = 5
"""Columns of the signs before a name, and of the right edge."""


@dataclass(frozen=True, slots=True)
class Row:
    """What stands in the line of a run."""

    sign: str
    sign_color: str
    name: str
    figures: tuple[str, str, str]
    curve: str | None
    """The colour of its curve, if there is one."""
    marked: bool


def row_of(run: "Run", *, speed: float, curve: str | None, marked: bool) -> Row:
    """The line of `run`, which makes `speed` steps a second; 0 where that is not known."""
    share = min(run.step / max(run.total_steps, 1), 1.0)
    score, seconds = headline(run.latest), run.latest.get("seconds", 0.0)
    when = ago(run.created)
    if run.state == "running":
        speed = speed or (run.step / seconds if seconds else 0.0)
        left = clock(max(run.total_steps - run.step, 0) / speed) if speed else "starting"
        when = f"{left} left" if speed and len(left) <= FIGURES[2] - 5 else left
    figures = (f"{share:.0%}", "" if score is None else short(score), when)
    return Row(*SIGNS[state_of(run)], name_of(run), figures, curve, marked)


def state_of(run: "Run") -> str:
    """A key of `SIGNS`."""
    return "cut short" if run.state == "stopped" and run.why else run.state


def name_of(run: "Run") -> str:
    """`ppo s1 maze/run size 9`, or the name that it was given."""
    options = (f"{name} {value}" for name, value in run.options.items())
    return run.id if comparing.renamed(run) else " ".join([run.agent, f"s{run.seed}", run.game, *options])


def is_meant(run: "Run", words: Sequence[str]) -> bool:
    """Whether each of `words`, in small letters, stands somewhere in what is told of `run`."""
    told = f"{run.id} {name_of(run)} seed {run.seed} {state_of(run)}".lower() if words else ""
    return all(word in told for word in words)


class RunList(ScrollView, can_focus=True):
    """`Moved` when the cursor is on another run. The cursor stays on its run when others come and go."""

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

    def __init__(self, row: "Callable[[Run], Row]", *, id: str | None = None) -> None:
        """`row` makes the line of a run; it is asked for those in view."""
        super().__init__(id=id)
        self._row = row
        self._runs: Sequence[Run] = ()
        self._cursor = 0
        self._words = ""
        self._drawn: list[Row] = []
        """The lines in view, as they were last."""

    def __len__(self) -> int:
        return len(self._runs)

    @property
    def key(self) -> str | None:
        """The id of the run under the cursor."""
        return self._runs[self._cursor].id if self._runs else None

    def show(self, runs: "Sequence[Run]", words: str = "") -> None:
        """List `runs`; or say `words` where there are none."""
        here, many = self.key, len(self._runs)
        last = max(len(runs) - 1, 0)
        at = next((i for i, run in enumerate(runs) if run.id == here), min(self._cursor, last))
        moved, other = at != self._cursor, words != self._words
        self._runs, self._words, self._cursor = runs, words, at
        if len(runs) != many:
            self.virtual_size = Size(self.size.width, len(runs))
        if moved:
            self._reveal()
        if self.key != here:
            self.post_message(self.Moved())
        self.draw_changes(other=other)

    def draw_changes(self, *, other: bool = False) -> None:
        """Draw again if a line in view is another now."""
        first = round(self.scroll_y)
        rows = [self._row(run) for run in self._runs[first : first + self.size.height]]
        if rows != self._drawn or other:
            self._drawn = rows
            self.refresh()

    def go_to(self, run_id: str) -> None:
        """Put the cursor on a run, if it is here."""
        at = next((i for i, run in enumerate(self._runs) if run.id == run_id), self._cursor)
        self.action_move(at - self._cursor)

    def action_move(self, by: int) -> None:
        to = max(0, min(len(self._runs) - 1, self._cursor + by))
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
        self.virtual_size = Size(self.size.width, len(self._runs))
        self._reveal()

    def on_click(self, event: Click) -> None:
        at = event.y + round(self.scroll_y)
        if at < len(self._runs):
            self.action_move(at - self._cursor)

    def render_line(self, y: int) -> Strip:
        width, index, base = self.scrollable_content_region.width, y + round(self.scroll_y), self.rich_style
        if index >= len(self._runs):
            words = f" {self._words}" if not self._runs and y == 1 else ""
            return Strip([Segment(words, base + Style(color=QUIET))]).adjust_cell_length(width, base)
        if index == self._cursor:
            here = "block-cursor-background" if self.has_focus else "block-cursor-blurred-background"
            base += Style(bgcolor=self.app.theme_variables[here])
        return Strip(_segments(self._row(self._runs[index]), width, base)).adjust_cell_length(width, base)


def _segments(row: Row, width: int, base: Style) -> list[Segment]:
    room = width - EDGES
    figures = []
    for text, columns in zip(row.figures, FIGURES, strict=True):
        if room - columns - 2 < LEAST:
            break
        figures.append(f"  {text:>{columns}}")
        room -= columns + 2
    name = row.name if len(row.name) <= room else row.name[: max(room - 1, 0)] + "…"
    chip = "█" if row.marked else "━" if row.curve else " "
    return [
        Segment(f"{chip} ", base + Style(color=row.curve or FAINT)),
        Segment(f"{row.sign} ", base + Style(color=row.sign_color)),
        Segment(name.ljust(room), base + Style(color=TEXT)),
        *(Segment(text, base + Style(color=TEXT if at == 1 else QUIET)) for at, text in enumerate(figures)),
        Segment(" ", base),
    ]
