"""Ratings as people read them: a point with its error, and a bar `├──●──┤` on a scale they share."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.text import Text

from arena.tui.theme import FAINT, QUIET, SEATS, TEXT

if TYPE_CHECKING:
    from arena.tournaments.ratings import Standing


def scale(standings: Sequence["Standing"]) -> tuple[float, float]:
    """The lowest and the highest end of any bar, so that bars under each other can be compared."""
    ends = [standing.rating + side * standing.error for standing in standings for side in (-1, 1)]
    return (min(ends), max(ends)) if ends else (0.0, 1.0)


def bar(rating: float, error: float, low: float, high: float, width: int) -> str:
    """`rating` with its error bar, `width` characters for `low` to `high`."""
    span = max(high - low, 1e-9)

    def column(value: float) -> int:
        return max(0, min(width - 1, round((value - low) / span * (width - 1))))

    left, point, right = column(rating - error), column(rating), column(rating + error)
    line = [" "] * width
    line[left : right + 1] = ["─"] * (right + 1 - left)
    line[left], line[right], line[point] = "├", "┤", "●"
    return "".join(line)


def figure(standing: "Standing") -> str:
    """`1480 ±60`."""
    return f"{standing.rating:.0f} ±{standing.error:.0f}"


def best_lines(standings: Sequence["Standing"], me: str, width: int, most: int) -> Text:
    """The best of a game, one a line: place, name, rating, and a bar where there is room for one."""
    text = Text()
    shown = list(standings[:most])
    mine = [s for s in standings if s.player.id == f"human:{me}"]
    if mine and mine[0] not in shown:
        shown[-1] = mine[0]
    names = max((len(s.player.name) for s in shown), default=0)
    figures = max((len(figure(s)) for s in shown), default=0)
    room = width - names - figures - 8
    low, high = scale(shown)
    for standing in shown:
        color = FAINT if standing.provisional else TEXT
        place = standings.index(standing) + 1
        text.append(f"{place:>2}  ", style=QUIET)
        text.append(f"{standing.player.name:<{names}}  ", style=SEATS[0] if standing in mine else color)
        text.append(f"{figure(standing):>{figures}}", style=color)
        if room >= 10:
            text.append("  " + bar(standing.rating, standing.error, low, high, min(room, 40)), style=color)
        text.append("\n")
    return text
