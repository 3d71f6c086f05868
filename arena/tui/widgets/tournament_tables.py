"""A tournament in figures: how far it is, who stands where, who did what against whom, and its matches."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.text import Text

from arena.store.records import Place, in_figures, share_in_figures
from arena.tui.reading import clock, length, length_of
from arena.tui.theme import FAINT, QUIET, SEATS, TEXT
from arena.tui.widgets.ratings import bar
from arena.tui.widgets.run_figures import bar as share_bar

if TYPE_CHECKING:
    from arena.tournaments.standings import Line
    from arena.tui.tournament_folders import Look

SIGNS = {
    "running": ("●", SEATS[2]),
    "waiting": ("▸", SEATS[0]),
    "stopped": ("○", SEATS[1]),
    "done": ("✓", QUIET),
    "": ("…", FAINT),
}
"""What stands before a tournament, by its state."""

MOST_WAITING = 20
"""Matches that wait for people, in the list."""

LONGEST_NAME, SHORTEST_NAME = 24, 8
"""Columns of a player's name, at most and where room is short."""

LEAST_BAR, MOST_BAR = 9, 48
"""Columns of a rating's bar."""

EXTRAS = {"buchholz": "Buchholz", "sonneborn_berger": "S-B", "byes": "byes", "forfeits": "forfeits"}
"""Figures that break ties or tell something in some tournaments only, with their titles."""

Cells = Sequence[tuple[str, str]]
"""Of a line: text and colour."""


def how_far(look: "Look", width: int) -> Text:
    """What was planned, and how much of it has been played, in two lines."""
    plan, card = look.plan, look.card
    across = min(30, width // 4)
    share = card.played / max(card.matches, 1)
    text = share_bar(share, across)
    text.append(f"  {card.played:,}", style=TEXT)
    known = " known so far" if look.tournament.format.waits and not look.tournament.over else ""
    parts = [f" of {card.matches:,} matches{known}"]
    if look.seconds:
        parts.append(f"{clock(look.seconds)} so far")
    if look.left is not None:
        parts.append(f"{'at least ' if known else ''}{clock(look.left)} left")
    if card.state == "stopped":
        parts.append("r goes on")
    if card.state != "running" and look.waiting:
        people = sorted(people_of(look, look.waiting))
        parts.append(f"{len(look.waiting):,} wait for {' and '.join(people)}")
    text.append(" · ".join(parts), style=QUIET)
    rounds = f"{plan.rounds} rounds" if plan.rounds > 1 else ""
    terms = [
        f"{len(plan.entrants)} players, {plan.seats} in a match",
        f"{plan.pairs} {'seed' if plan.pairs == 1 else 'seeds'} an encounter",
        *filter(None, [rounds]),
        f"seed {plan.seed}",
        *(f"{name} {value}" for name, value in plan.options.items()),
    ]
    text.append("\n" + " · ".join(terms), style=QUIET)
    return text


def people_of(look: "Look", places: Sequence[Place]) -> set[str]:
    """The people among those who meet there."""
    met = {one for place in places for one in look.tournament.rounds[place.round][place.encounter]}
    return {look.plan.entrants[one].name for one in met if look.plan.entrants[one].human}


def standings_need(look: "Look") -> int:
    """Columns in which the standings have all that they can have."""
    games = look.plan.games if len(look.plan.games) > 1 else ()
    return 16 + _name_room(look, 99) + 8 + 13 + 30 + sum(len(games_in_short([game])) + 2 for game in games)


def standings(look: "Look", width: int, me: str) -> Text:
    """Place, player, points, how it did, its rating and a bar for it; more where there is room."""
    from arena.tournaments.report import columns

    found = look.standings
    names = _name_room(look, width)
    titles: list[tuple[str, int]] = [("", 0), ("player", names), ("points", 6), ("w-d-l", 5)]
    rows: list[list[str]] = [
        [str(line.place), line.name, in_figures(line.points), "-".join(map(str, line.score))]
        for line in found.lines
    ]
    figures = [_rating(line) for line in found.lines]
    used = _width(titles, rows)
    extras = [
        (EXTRAS[name], [in_figures(getattr(line, name)) for line in found.lines])
        for name in columns(look.tournament, found)
        if name in EXTRAS
    ]
    by_game = [
        (games_in_short([game]), [share_in_figures(*line.by_game[at]) for line in found.lines])
        for at, game in enumerate(look.plan.games)
    ]
    if len(by_game) > 1 and used + _wide(extras + by_game) + 14 <= width:
        extras += by_game
    while extras and used + _wide(extras) + 14 > width:
        extras.pop()
    for title, told in extras:
        titles.append((title, 0))
        for row, figure in zip(rows, told, strict=True):
            row.append(figure)
    if any(figures) and _width(titles, rows) + 2 + max(map(len, figures)) <= width:
        titles.append(("rating", 0))
        for row, figure in zip(rows, figures, strict=True):
            row.append(figure)
    room = min(width - _width(titles, rows) - 2, MOST_BAR)
    bars = _bars(found.lines, room) if room >= LEAST_BAR else []
    text = _grid(titles, rows, [SEATS[0] if line.name == me else TEXT for line in found.lines], bars)
    if not look.card.played:
        text.append("\nNo match has been played yet.", style=FAINT)
    return text


def _wide(extras: Sequence[tuple[str, Sequence[str]]]) -> int:
    return sum(max(map(len, (title, *told))) + 2 for title, told in extras)


def cross_need(look: "Look") -> int:
    """Columns in which the crosstable, or the bracket, is whole."""
    if look.tournament.format.decides:  # a column a round, each with names, points and lines
        rounds = (len(look.plan.entrants) - 1).bit_length()
        return rounds * (max(_name_room(look, 99), 11) + 8) + _name_room(look, 99)
    return _name_room(look, 99) + 4 + len(look.standings.lines) * _cell(look)


def cross_rows(look: "Look") -> int:
    """Lines of the crosstable, or of the bracket."""
    many = len(look.standings.lines)
    return 4 * 2 ** ((many - 1).bit_length() - 1) if look.tournament.format.decides else many + 1


def crosstable(look: "Look", width: int) -> Text:
    """The points of each against each, of those that were to be had; a draw is half of one."""
    found, cell = look.standings, _cell(look)
    order = [line.entrant for line in found.lines]
    names = _name_room(look, width)
    shown = max(min((width - names - 4) // cell, len(order)), 0)
    text = Text(" " * (names + 4), style=QUIET)
    for number in range(1, shown + 1):
        text.append(f"{number:>{cell}}", style=QUIET)
    for number, line in enumerate(found.lines, start=1):
        text.append(f"\n{number:>2}  ", style=QUIET)
        text.append(f"{_cut(line.name, names):<{names}}", style=TEXT)
        for other in order[:shown]:
            word, style = _met(look, line.entrant, other)
            text.append(f"{word:>{cell}}", style=style)
    if shown < len(order):
        text.append(f"\nand {len(order) - shown} more: o writes all of it as a page", style=FAINT)
    return text


def meetings(look: "Look", width: int) -> Text:
    """Of a knockout its bracket, else the crosstable."""
    if not look.tournament.format.decides:
        return crosstable(look, width)
    from arena.tournaments import bracket

    drawn = bracket.lines(look.tournament, width, LONGEST_NAME)
    styles = {"name": TEXT, "won": f"bold {SEATS[2]}", "line": FAINT, "title": QUIET}
    text = Text()
    for number, line in enumerate(drawn):
        text.append("\n" if number else "")
        for words, kind in line:
            text.append(words, style=styles[kind])
    return text


def _met(look: "Look", one: int, other: int) -> tuple[str, str]:
    if one == other:
        return "·", FAINT
    score = look.standings.cross.get((one, other))
    if score is None:
        return "", FAINT
    wins, draws, losses = score
    color = SEATS[2] if wins > losses else SEATS[1] if wins < losses else TEXT
    return share_in_figures(wins + draws / 2, wins + draws + losses), color


def _cell(look: "Look") -> int:
    words = (len(share_in_figures(w + d / 2, w + d + n)) for w, d, n in look.standings.cross.values())
    return max([3, *words]) + 2


def _name_room(look: "Look", width: int) -> int:
    longest = max(len(line.name) for line in look.standings.lines)
    return min(longest, LONGEST_NAME, max(SHORTEST_NAME, width // 4))


def _rating(line: "Line") -> str:
    return "" if line.rating is None else f"{line.rating:,.0f} ±{line.error:,.0f}"


def _bars(lines: "Sequence[Line]", room: int) -> list[str]:
    rated = [line for line in lines if line.rating is not None]
    ends = [(line.rating or 0.0) + side * line.error for line in rated for side in (-1, 1)]
    if not ends or min(ends) == max(ends):
        return []
    low, high = min(ends), max(ends)
    return [
        "" if line.rating is None else bar(line.rating, line.error, low, high, room).rstrip()
        for line in lines
    ]


def _width(titles: Sequence[tuple[str, int]], rows: Sequence[Sequence[str]]) -> int:
    return sum(_columns(titles, rows)) + 2 * (len(titles) - 1)


def _columns(titles: Sequence[tuple[str, int]], rows: Sequence[Sequence[str]]) -> list[int]:
    return [
        most if most and title == "player" else max([len(title), *(len(row[at]) for row in rows)])
        for at, (title, most) in enumerate(titles)
    ]


def _grid(
    titles: Sequence[tuple[str, int]], rows: Sequence[Sequence[str]], colors: Sequence[str], bars: list[str]
) -> Text:
    widths = _columns(titles, rows)
    text = Text()
    for at, (title, _) in enumerate(titles):
        text.append(_laid(title, widths[at], left=title == "player"), style=QUIET)
        text.append("  ")
    for number, (row, color) in enumerate(zip(rows, colors, strict=True)):
        text.append("\n")
        for at, (title, _) in enumerate(titles):
            style = color if title in ("player", "points", "rating") else QUIET
            text.append(_laid(row[at], widths[at], left=title == "player") + "  ", style=style)
        if bars:
            text.append(bars[number], style=color)
    return text


def _laid(text: str, width: int, *, left: bool) -> str:
    return f"{_cut(text, width):<{width}}" if left else f"{text:>{width}}"


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"


def games_in_short(games: Sequence[str]) -> str:
    """`maze/run, race · atari/pong`."""
    by_family: dict[str, list[str]] = {}
    for game in games:
        family, _, name = game.partition("/")
        by_family.setdefault(family, []).append(name)
    return " · ".join(f"{family}/{', '.join(names)}" for family, names in by_family.items())


def key(place: Place) -> str:
    """Of a match, for the list of them."""
    return f"{place.round}.{place.encounter}.{place.game}.{place.pair}.{place.turn}"


def place(key: str) -> Place:
    """The other way round."""
    return Place(*map(int, key.split(".")))


TITLES = ("", "round", "game", "players", "length")


def matches(look: "Look") -> dict[str, list[Text]]:
    """The cells of the list of matches: those in play, the next that wait for people, then those that have
    ended, people's first, and the latest round first."""
    rows: dict[str, list[Text]] = {}
    for at, ticks in sorted(look.playing.items()):
        rows[key(at)] = _row(
            look, at, "●", SEATS[2], _seated(look, at), length_of(look.plan.games[at.game], ticks)
        )
    for at in look.waiting[:MOST_WAITING]:
        people = " and ".join(sorted(people_of(look, [at])))
        rows[key(at)] = _row(look, at, "▸", SEATS[0], _seated(look, at), f"waits for {people}")
    for one in look.ended:
        players = Text()
        won = [seat.place == 1 and len(one.result.winners) < len(one.order) for seat in one.result.seats]
        for seat, (entrant, told) in enumerate(zip(one.order, one.result.seats, strict=True)):
            players.append(" · " if seat else "", style=FAINT)
            name = look.plan.entrants[entrant].name
            players.append(name, style=f"bold {SEATS[seat]}" if won[seat] else SEATS[seat])
            score = "forfeit" if told.forfeit else f"{told.score:g}"
            players.append(f" {score}", style=TEXT if won[seat] else QUIET)
        again = " (again)" if one.duplicate else ""
        rows[key(one.place)] = _row(look, one.place, "", TEXT, players, length(one.result) + again)
    return rows


def _seated(look: "Look", at: Place) -> Text:
    players = Text()
    for seat, entrant in enumerate(look.tournament.task(at).order):
        players.append(" · " if seat else "", style=FAINT)
        players.append(look.plan.entrants[entrant].name, style=SEATS[seat])
    return players


def _row(look: "Look", at: Place, sign: str, color: str, players: Text, told: str) -> list[Text]:
    return [
        Text(sign, style=color),
        Text(f"{at.round + 1}", style=QUIET, justify="right"),
        Text(look.plan.games[at.game], style=TEXT),
        players,
        Text(told, style=color if sign else QUIET, justify="right"),
    ]
