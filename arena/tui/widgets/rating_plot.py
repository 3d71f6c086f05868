"""A rating over the matches that made it: the line, and the band in which the true strength is."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from arena.tui.theme import BAND, FAINT, QUIET, SEATS
from arena.tui.widgets.braille import draw

if TYPE_CHECKING:
    from arena.tournaments.history import Point


class RatingPlot(Widget):
    """The rating, from the first match at the left to the last; its 95% interval is shaded."""

    DEFAULT_CSS = """
    RatingPlot { width: 1fr; height: 1fr; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._points: Sequence[Point] = ()
        self._words = ""

    def show(self, points: "Sequence[Point]", words: str = "") -> None:
        """Draw `points`, oldest first; or say `words` where there are too few for a line."""
        self._points, self._words = points, words
        self.refresh()

    def render_line(self, y: int) -> Strip:
        width, height = self.size
        base = self.rich_style
        if len(self._points) < 2:
            words = self._words if y == (height - 1) // 2 else ""
            return Strip([Segment(words.center(width)[:width], base + Style(color=FAINT))])
        low = min(point.rating - point.error for point in self._points)
        high = max(point.rating + point.error for point in self._points)
        room = max(len(f"{value:.0f}") for value in (low, high))
        across, rows = max(width - room - 1, 1), max(height - 1, 1)
        if y == height - 1 and height > 1:
            axis = _axis(self._points[0].matches, self._points[-1].matches, across)
            return Strip([Segment(" " * (room + 1) + axis, base + Style(color=FAINT))]).adjust_cell_length(
                width, base
            )
        first, last = self._points[0].matches, self._points[-1].matches
        line = [(float(point.matches - first), point.rating) for point in self._points]
        drawn = draw(line, last - first, low, high, across, rows)[y]
        top = high - (high - low) * y / rows
        bottom = high - (high - low) * (y + 1) / rows
        band = [
            lower < top and upper > bottom
            for lower, upper in (_interval(self._points, (x + 0.5) / across) for x in range(across))
        ]
        label = {0: f"{high:.0f}", rows - 1: f"{low:.0f}"}.get(y, "")
        if rows >= 5 and y == rows // 2:
            label = f"{(top + bottom) / 2:.0f}"
        return (
            Strip(
                [
                    Segment(f"{label:>{room}} ", base + Style(color=QUIET)),
                    *(
                        Segment(dots, base + Style(color=SEATS[0], bgcolor=BAND if inside else None))
                        for dots, inside in zip(drawn, band, strict=True)
                    ),
                ]
            )
            .simplify()
            .adjust_cell_length(width, base)
        )


def _interval(points: "Sequence[Point]", share: float) -> tuple[float, float]:
    """The ends of the error bar at a share of the way, between the nearest two points."""
    first, last = points[0].matches, points[-1].matches
    at = first + share * (last - first)
    after = next((i for i, point in enumerate(points) if point.matches >= at), len(points) - 1)
    one, other = points[max(after - 1, 0)], points[after]
    part = (at - one.matches) / (other.matches - one.matches) if other.matches > one.matches else 1.0
    rating = one.rating + part * (other.rating - one.rating)
    error = one.error + part * (other.error - one.error)
    return rating - error, rating + error


def _axis(first: int, last: int, width: int) -> str:
    """The line below, with the number of the first match and of the last."""
    left, right = f"└ {first} ", f" {last:,} matches"
    gap = width - len(left) - len(right)
    return left + "─" * gap + right if gap >= 1 else "└" + "─" * (width - 1)
