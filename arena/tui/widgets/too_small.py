"""What stands over a screen in a terminal that is too small for it."""

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from arena.tui.theme import QUIET, TEXT

LEAST = 60, 15
"""Columns and rows in which every screen is whole enough to be used."""


class TooSmall(Widget):
    """Covers its screen while that is smaller than `LEAST` (by the breakpoints of the app)."""

    DEFAULT_CSS = """
    TooSmall { layer: too-small; width: 100%; height: 100%; background: $background; display: none; }
    """

    def render_line(self, y: int) -> Strip:
        (width, height), base = self.screen.size, self.rich_style
        lines = (f"{width} × {height} is too small", f"{LEAST[0]} × {LEAST[1]} is enough")
        at = y - max(0, (height - len(lines)) // 2)
        text = lines[at] if 0 <= at < len(lines) else ""
        color = TEXT if at == 0 else QUIET
        return Strip([Segment(text.center(width)[:width], base + Style(color=color))])
