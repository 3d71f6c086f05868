"""The plots of a tournament's page: ratings with their errors, and points over the rounds.

They are SVG that stretches with the page, and what is written stays the size it is: text stands beside the
lines, or is placed by shares of the width.
"""

import math
from collections.abc import Sequence
from itertools import pairwise

from arena.store.records import in_figures
from arena.tournaments.page_sheet import ACCENTS, Sheet, fold, section

ROW = 24
"""Pixels of a player's rating."""

AXIS = 22
"""Pixels of the figures below a plot."""

HEIGHT = 260
"""Pixels of the plot of points."""

WIDTH = 1000
"""Units of it: it is stretched."""

LABEL = 18
"""Pixels between two names at least."""

MOST_ROWS = 40
"""Ratings that are shown at once; more are folded."""

FEWEST_ROUNDS = 3

MOST_DOTS = 25
"""Points of a line at most that are marked."""


def ratings(sheet: Sheet) -> str:
    """Best first: the rating as a point, and where it is with 95% as a bar."""
    rated = [
        (line.entrant, line.rating, line.error)
        for line in sorted(sheet.lines, key=lambda line: (-(line.rating or 0.0), line.place, line.entrant))
        if line.rating is not None
    ]
    if not rated:
        return ""
    low = min(rating - error for _, rating, error in rated)
    high = max(rating + error for _, rating, error in rated)
    marks = ticks(low, high, 4)
    low, high = min(low, marks[0]), max(high, marks[-1])
    height = ROW * len(rated)

    def at(value: float) -> str:
        return f"{2 + 96 * (value - low) / ((high - low) or 1.0):.2f}%"

    drawn = [
        f'<line class="{"zero" if mark == 0 else "grid"}" x1="{at(mark)}" x2="{at(mark)}" y2="{height}"/>'
        f'<text x="{at(mark)}" y="{height + 16}">{in_figures(mark)}</text>'
        for mark in marks
    ]
    for row, (entrant, rating, error) in enumerate(rated):
        y, ends = ROW * row + ROW // 2, (at(rating - error), at(rating + error))
        whiskers = "".join(f'<line x1="{x}" x2="{x}" y1="{y - 5}" y2="{y + 5}"/>' for x in ends)
        drawn.append(
            f'<g class="{sheet.accents[entrant]}">'
            f"<title>{sheet.name(entrant)}: {rating:,.0f} ±{error:,.0f}</title>"
            f'<line x1="{ends[0]}" x2="{ends[1]}" y1="{y}" y2="{y}"/>{whiskers if error else ""}'
            f'<circle cx="{at(rating)}" cy="{y}" r="4.5"/></g>'
        )
    names = "".join(f"<div>{sheet.who(entrant)}</div>" for entrant, _, _ in rated)
    figures = "".join(f"<div>{rating:,.0f} <i>±{error:,.0f}</i></div>" for _, rating, error in rated)
    svg = f'<svg class="bars" role="img" aria-label="Ratings" height="{height + AXIS}">{"".join(drawn)}</svg>'
    content = f'<div class="ratings"><div>{names}</div>{svg}<div class="figures">{figures}</div></div>'
    zero = "<code>random</code> is 0" if sheet.found.anchored else "the mean of all is 0"
    note = f"Elo scale, fitted to this tournament alone, all its games together; {zero}. Bars: 95% intervals."
    if len(rated) < len(sheet.lines):
        note += (
            f" {len(sheet.lines) - len(rated)} have no rating, as they have played nothing that tells one."
        )
    if len(rated) > MOST_ROWS:
        content = fold(f"{len(rated)} ratings", content, open=False)
    return section("Ratings", content, note=note)


def progress(sheet: Sheet) -> str:
    """Each player's points, after each round that has been played."""
    played = 0
    while played < len(sheet.outcomes) and sheet.tournament.settled(played):
        played += 1
    if played < FEWEST_ROUNDS:
        return ""
    sums = _sums(sheet, played)
    marks = ticks(0.0, max(max(line) for line in sums.values()) or 1.0, 5)
    top = marks[-1]
    grid = "".join(
        f'<line class="grid" x2="{WIDTH}" y1="{y}" y2="{y}"/>' for y in (_down(mark, top) for mark in marks)
    )
    order = [line.entrant for line in sheet.lines]
    drawn = "".join(_line(sheet, entrant, sums[entrant], top) for entrant in reversed(order))
    plot = (
        f'<svg class="lines" role="img" aria-label="Points over the rounds" viewBox="0 0 {WIDTH} {HEIGHT}"'
        f' preserveAspectRatio="none" height="{HEIGHT}">{grid}{drawn}</svg>'
    )
    left = "".join(f'<span style="top:{_down(mark, top)}px">{in_figures(mark)}</span>' for mark in marks)
    below = "".join(
        f'<span style="left:{100 * number / played:.2f}%">{number:.0f}</span>'
        for number in ticks(0.0, played, 8)
        if number <= played and number == int(number)
    )
    ends = [_down(sums[entrant][-1], top) for entrant in order[:ACCENTS]]
    right = "".join(
        f'<div style="top:{y}px">{sheet.who(entrant)}</div>'
        for entrant, y in zip(order, spread(ends, HEIGHT), strict=False)
    )
    note = f"After each of the {played} rounds that are complete."
    if len(order) > ACCENTS:
        note += f" The first {ACCENTS} have colours; the others are grey."
    return section(
        "Points over the rounds",
        f'<div class="progress"><div class="left">{left}</div>'
        f'<div>{plot}<div class="below">{below}</div></div><div class="right">{right}</div></div>',
        note=note,
    )


def _sums(sheet: Sheet, rounds: int) -> dict[int, list[float]]:
    """Entrant -> its points before the first round, and after each; byes count as in the standings."""
    sums = {line.entrant: [0.0] for line in sheet.lines}
    for number in range(rounds):
        for line in sums.values():
            line.append(line[-1])
        encounters = sheet.tournament.rounds[number]
        for encounter, outcome in zip(encounters, sheet.outcomes[number], strict=True):
            if len(encounter) > 1 or not sheet.tournament.format.decides:
                for entrant, gained in zip(encounter, outcome, strict=True):
                    sums[entrant][-1] += gained
    return sums


def _line(sheet: Sheet, entrant: int, sums: Sequence[float], top: float) -> str:
    points = [
        f"{WIDTH * number / (len(sums) - 1):.1f} {_down(value, top)}" for number, value in enumerate(sums)
    ]
    accent = sheet.accents[entrant]
    plain = accent == "cx" or len(points) > MOST_DOTS
    dots = "" if plain else f'<path class="dots" d="{"".join(f"M{at}h0" for at in points)}"/>'
    return (
        f'<g class="{accent}"><title>{sheet.name(entrant)}: {in_figures(sums[-1])}</title>'
        f'<path d="M{"L".join(points)}"/>{dots}</g>'
    )


def _down(value: float, top: float) -> float:
    """Pixels from the upper edge."""
    return round(HEIGHT * (1 - value / top), 1)


def ticks(low: float, high: float, steps: int) -> list[float]:
    """Round figures around `low` to `high`, 1, 2 or 5 times a power of ten apart: about `steps` intervals."""
    span = (high - low) or 1.0
    power = 10.0 ** math.floor(math.log10(span / steps))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor * steps >= span * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(number * step, 9) for number in range(first, max(last, first + 1) + 1)]


def spread(places: Sequence[float], room: float) -> list[float]:
    """The places moved apart, so that a name fits at each, in the same order from above."""
    order = sorted(range(len(places)), key=lambda at: (places[at], at))
    moved = list(places)
    for before, at in pairwise(order):
        moved[at] = max(moved[at], moved[before] + LABEL)
    limit = room
    for at in reversed(order):
        moved[at] = min(moved[at], limit)
        limit = moved[at] - LABEL
    return [round(value, 1) for value in moved]
