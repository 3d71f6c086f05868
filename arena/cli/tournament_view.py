"""A tournament in the terminal: while it is played, and when it is told."""

import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from arena.cli.output import StatusLine, duration, note, room, say, table, time_left
from arena.store.records import Place, in_figures, share_in_figures
from arena.tournaments import bracket
from arena.tournaments.report import columns
from arena.tournaments.standings import Line, Standings, standings

if TYPE_CHECKING:
    from arena.tournaments.runner import News
    from arena.tournaments.tournament import Tournament

WIDE_CROSS = 12
"""Entrants at most of whom a crosstable is printed; of more, `--html` and `--json` have it."""

BAR = 25

MOST_PLAYING = 6

MOST_REASONS = 8
"""Of forfeits, the commonest; `--json` and `--html` have all."""

SHARE = 0.2
"""Of the time goes into the picture at most: standings of hundreds of players take seconds."""

TITLES = {"buchholz": "BUCHHOLZ", "sonneborn_berger": "S-B", "byes": "BYES", "forfeits": "FORFEITS"}


class View:
    """Progress on stderr: a picture that moves in a terminal, else a line now and then."""

    def __init__(self, tournament: "Tournament", *, quiet: bool) -> None:
        self._tournament = tournament
        console = Console(stderr=True)
        self._live = (
            Live(console=console, auto_refresh=False, transient=True)
            if console.is_terminal and not quiet
            else None
        )
        self._status = StatusLine()
        self._rest_until = 0.0

    def __enter__(self) -> Self:
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.stop()
        self._status.clear()

    def show(self, news: "News") -> None:
        if news.ended is not None:
            return
        if self._live is None:
            self._status.show(progress(news))
        elif (began := time.monotonic()) >= self._rest_until:
            self._live.update(self._picture(news), refresh=True)
            self._rest_until = time.monotonic() + (time.monotonic() - began) / SHARE

    def _picture(self, news: "News") -> RenderableType:
        found = standings(self._tournament)
        lines = Table(box=None, pad_edge=False, header_style="dim")
        for title, justify in (("", "right"), ("PLAYER", "left"), ("POINTS", "right"), ("RATING", "right")):
            lines.add_column(title, justify=justify)  # type: ignore[arg-type]
        lines.add_column(scale(found, BAR))
        high = max(((sys.stderr.isatty() and Console(stderr=True).size.height) or 24) - MOST_PLAYING - 5, 4)
        for line in found.lines[:high]:
            lines.add_row(
                str(line.place), line.name, in_figures(line.points), rating(line), bar(found, line, BAR)
            )
        if len(found.lines) > high:
            lines.add_row("", f"and {len(found.lines) - high} more", "", "", "")
        playing = Text("\n".join(in_play(self._tournament, news.ticks)), style="dim")
        return Group(Text(progress(news)), Text(), lines, Text(), playing)


def progress(news: "News") -> str:
    """How far it is, and the time left as far as it is known."""
    played, matches = news.tournament.matches
    text = f"{played:,}/{matches:,} matches, {duration(news.seconds)} so far"
    if news.ticks:
        text += f", {len(news.ticks)} being played"
    if news.fresh and played < matches:
        more = "at least " if news.tournament.format.waits else ""
        text += f", {more}{time_left(news.seconds, news.fresh, news.fresh + matches - played)}"
    return text


def in_play(tournament: "Tournament", ticks: Mapping[Place, int]) -> list[str]:
    """A line for each match that is being played."""
    plan = tournament.plan
    lines = []
    for place, count in sorted(ticks.items())[:MOST_PLAYING]:
        names = " - ".join(plan.entrants[one].name for one in tournament.task(place).order)
        lines.append(f"{plan.games[place.game]}  {names}  tick {count:,}")
    if len(ticks) > MOST_PLAYING:
        lines.append(f"and {len(ticks) - MOST_PLAYING} more")
    return lines


def in_words(tournament: "Tournament") -> None:
    """The standings and who did what against whom."""
    found = standings(tournament)
    plan = tournament.plan
    played, matches = tournament.matches
    say(
        f"{plan.format} of {len(plan.entrants)} at {', '.join(plan.games)}: {played:,} of {matches:,} matches"
    )
    say()
    shown = columns(tournament, found)
    table(
        (
            "",
            "PLAYER",
            "POINTS",
            "MATCHES",
            "W-D-L",
            *(TITLES[name] for name in shown),
            "RATING",
            scale(found, BAR),
        ),
        [
            (
                str(line.place),
                line.name,
                in_figures(line.points),
                f"{line.played:,}",
                "-".join(map(str, line.score)),
                *(in_figures(getattr(line, name)) for name in shown),
                rating(line),
                bar(found, line, BAR),
            )
            for line in found.lines
        ],
        right=(0, 2, 3, 4, *range(5, 6 + len(shown))),
    )
    if tournament.format.decides:
        say()
        for line in bracket.lines(tournament, room()):
            say("".join(text for text, _ in line).rstrip())
    elif 2 < len(found.lines) <= WIDE_CROSS:
        say()
        crosstable(found)
    if len(plan.games) > 1:
        say()
        by_game(plan.games, found)
    note()
    if plan.format == "gauntlet":
        note(f"Placed by what each took from {plan.entrants[0].name}, who stands at half of the points.")
    zero = "random is 0" if found.anchored else "their mean is 0"
    note(f"Ratings are fitted to this tournament alone, on the Elo scale with 95% intervals; {zero}.")
    forfeits = Counter(
        (seat.player.name, seat.forfeit)
        for matches_of in tournament.played().values()
        for one in matches_of
        for seat in one.result.seats
        if seat.forfeit is not None
    )
    for (name, why), times in forfeits.most_common(MOST_REASONS):
        note(f"{name} forfeited {times:,} {'match' if times == 1 else 'matches'}: {why}")
    if found.duplicates:
        note(f"{found.duplicates} matches were the very same as another, move by move, and do not count.")


def crosstable(found: Standings) -> None:
    """Points of each against each, a draw being half."""
    order = [line.entrant for line in found.lines]
    table(
        ("", "PLAYER", *(str(number) for number in range(1, len(order) + 1))),
        [
            (str(number), line.name, *(_points(found, line.entrant, other) for other in order))
            for number, line in enumerate(found.lines, start=1)
        ],
        right=(0, *range(2, 2 + len(order))),
    )


def by_game(games: Sequence[str], found: Standings) -> None:
    """Points at each game, of how many matches: who is best at what."""
    table(
        ("", "PLAYER", *games),
        [
            (
                str(line.place),
                line.name,
                *(share_in_figures(*part) for part in line.by_game),
            )
            for line in found.lines
        ],
        right=(0, *range(2, 2 + len(games))),
    )


def _points(found: Standings, one: int, other: int) -> str:
    if one == other:
        return "·"
    score = found.cross.get((one, other))
    return "" if score is None else share_in_figures(score[0] + score[1] / 2, sum(score))


def rating(line: Line) -> str:
    return "" if line.rating is None else f"{line.rating:,.0f} ±{line.error:,.0f}"


def _span(found: Standings) -> tuple[float, float]:
    rated: Sequence[Line] = [line for line in found.lines if line.rating is not None]
    ends = [(line.rating or 0.0) + side * line.error for line in rated for side in (-1, 1)]
    return (min(ends), max(ends)) if ends else (0.0, 0.0)


def scale(found: Standings, width: int) -> str:
    """What the ends of the bars mean."""
    low, high = _span(found)
    ends = f"{low:,.0f}", f"{high:,.0f}"
    return "" if low == high else ends[0] + ends[1].rjust(width - len(ends[0]))


def bar(found: Standings, line: Line, width: int) -> str:
    """`   ├──●──┤`, between the least and the greatest end of all."""
    low, high = _span(found)
    if line.rating is None or low == high:
        return ""

    def at(value: float) -> int:
        return round((value - low) / (high - low) * (width - 1))

    begin, end = at(line.rating - line.error), at(line.rating + line.error)
    cells = [" "] * width
    cells[begin : end + 1] = "─" * (end + 1 - begin)
    cells[begin], cells[end] = "├", "┤"
    cells[at(line.rating)] = "●"
    return "".join(cells)
