"""Who met whom on a tournament's page: the crosstable, the bracket or the rounds, and every match."""

from collections.abc import Sequence
from itertools import islice

from arena.store.records import in_figures
from arena.tournaments import bracket
from arena.tournaments.page_sheet import LARGEST, Sheet, escaped, fold, scroll, section, several, table
from arena.tournaments.tournament import Played

WIDE_CROSS = 20
"""Players at most whose cells have figures in them."""

WIDER_CROSS = 40
"""Players at most whose crosstable is not folded."""

WIDEST_CROSS = 120
"""Players at most that are in it."""

MANY = 60
"""Encounters at most that are shown unfolded."""

FEW = 20
"""Matches at most that are shown unfolded."""

WON = ' class="won"'


def crosstable(sheet: Sheet) -> str:
    """How each did against each, orange where it lost and blue where it won."""
    order = [line.entrant for line in sheet.lines][:WIDEST_CROSS]
    if len(order) < 3 or not sheet.found.cross:
        return ""
    figures = len(order) <= WIDE_CROSS
    head = '<th class="name">Player</th>' + "".join(
        f'<th scope="col" title="{sheet.name(entrant)}">{number if figures or number % 5 == 0 else ""}</th>'
        for number, entrant in enumerate(order, start=1)
    )
    rows = (
        f'<th scope="row" class="name"><i>{number}</i> {sheet.who(one)}</th>'
        + "".join(_cell(sheet, one, other, figures) for other in order)
        for number, one in enumerate(order, start=1)
    )
    content = scroll(table("cross" if figures else "cross small", head, rows))
    note = (
        "The row against the column: blue where it won more, orange where it lost more. Hold the pointer over"
    )
    note += " a cell for wins, draws and losses."
    if figures:
        note = f"Points of the matches played. {note}"
    if len(sheet.lines) > WIDEST_CROSS:
        note += f" The first {WIDEST_CROSS} of {len(sheet.lines)} are shown."
    if len(order) > WIDER_CROSS:
        content = fold(f"{len(order)} players", content, open=False)
    return section("Crosstable", content, note=note)


def _cell(sheet: Sheet, one: int, other: int, figures: bool) -> str:
    if one == other:
        return '<td class="self"></td>'
    score = sheet.found.cross.get((one, other))
    if score is None:
        return "<td></td>"
    wins, draws, losses = score
    points, played = wins + draws / 2, sum(score)
    told = f"{sheet.name(one)} against {sheet.name(other)}: {wins}-{draws}-{losses}"
    text = f"{in_figures(points)}<i>/{played}</i>" if figures else ""
    return f'<td class="h{round(10 * points / played)}" title="{told}">{text}</td>'


def meetings(sheet: Sheet) -> str:
    """The bracket of a knockout; else the rounds."""
    return _bracket(sheet) if sheet.tournament.format.decides else _rounds(sheet)


def _rounds(sheet: Sheet) -> str:
    total = sum(map(len, sheet.tournament.rounds))
    left = LARGEST
    parts = []
    for number, encounters in enumerate(sheet.tournament.rounds):
        cards = "".join(_card(sheet, number, at) for at in range(min(len(encounters), left)))
        left -= min(len(encounters), left)
        title = f"Round {number + 1} <i>{several(len(encounters), 'encounter')}</i>"
        parts.append(fold(title, f'<div class="cards">{cards}</div>', open=total <= MANY))
        if not left:
            break
    note = "Points of each encounter."
    if sheet.tournament.format.waits and not sheet.tournament.over:
        note += " Later rounds depend on what these come to."
    if total > LARGEST:
        note += f" The first {LARGEST:,} encounters of {total:,} are shown."
    return section("Rounds", *parts, note=note)


def _bracket(sheet: Sheet) -> str:
    """A column a round; where one may lose twice, those who have lost once are in a bracket of their own."""
    rows = bracket.parts(sheet.tournament, sheet.outcomes)
    parts = []
    for title, row in rows.items():
        columns = []
        for number, places in row.items():
            name = bracket.ROUND_NAMES.get(len(places), "").lower() if len(rows) == 1 else ""
            slots = "".join(f'<div class="slot">{_card(sheet, number, at)}</div>' for at in places)
            head = f"Round {number + 1}{f' <i>{name}</i>' if name else ''}"
            columns.append(f'<div class="round"><h4>{head}</h4><div class="slots">{slots}</div></div>')
        heading = f"<h3>{title}</h3>" if len(rows) > 1 else ""
        tree = " tree" if title == bracket.ALL else ""
        parts.append(heading + scroll(f'<div class="bracket{tree}">{"".join(columns)}</div>'))
    note = "Points of each encounter; who won is bold."
    if not sheet.tournament.over:
        note += " Later rounds depend on what these come to."
    return section("Bracket", *parts, note=note)


def _card(sheet: Sheet, number: int, at: int) -> str:
    """An encounter: its players and their points, and what is still to come."""
    encounter, outcome = sheet.tournament.rounds[number][at], sheet.outcomes[number][at]
    decides = sheet.tournament.format.decides
    if len(encounter) == 1:
        points = "" if decides else f"<b>{in_figures(outcome[0])}</b>"
        return f'<div class="card"><div>{sheet.who(encounter[0])}{points}</div><p>bye</p></div>'
    played = sheet.played.get((number, at), ())
    complete = bracket.complete(sheet.tournament, number, played)
    best, level = max(outcome), outcome.count(max(outcome)) > 1
    goes_on = bracket.goes_on(sheet.tournament, number, outcome, played)
    sides = []
    for side, (entrant, gained) in enumerate(zip(encounter, outcome, strict=True)):
        won = side == goes_on if decides else complete and gained == best and not level
        shown = f"<b>{in_figures(gained)}</b>" if played else ""
        sides.append(f"<div{WON if won else ''}>{sheet.who(entrant)}{shown}</div>")
    notes = []
    if not complete:
        usual = int(sheet.tournament.bye)
        notes.append(f"{len(played)} of {usual} played" if played else "not played yet")
    if twins := sum(one.duplicate for one in played):
        notes.append(f"{several(twins, 'duplicate')} not counted")
    if decides and complete and level:
        notes.append("level so far" if goes_on is None else "level: the first named goes on")
    told = f"<p>{', '.join(notes)}</p>" if notes else ""
    return f'<div class="card">{"".join(sides)}{told}</div>'


def matches(sheet: Sheet) -> str:
    """Every match that has been played, in the order of the plan."""
    played = [one for found in sheet.played.values() for one in found]
    if not played:
        return ""
    head = "".join(
        f'<th scope="col"{right}>{title}</th>'
        for title, right in (
            *(("Round", ' class="n"'), ("Match", ""), ("Game", ""), ("Seed", ' class="n"')),
            *(("Players and scores", ""), ("", "")),
        )
    )
    rows = (_match(sheet, one) for one in islice(played, LARGEST))
    content = scroll(table("matches", head, rows))
    title = several(len(played), "match")
    note = "Players by their seats. <code>arena replay MATCH</code> shows one again, where it was played."
    if len(played) > LARGEST:
        note += f" The first {LARGEST:,} are listed."
    return section("Matches", fold(title, content, open=len(played) <= FEW), note=note)


def _match(sheet: Sheet, one: Played) -> str:
    result = one.result
    seats = "".join(
        f'<span class="seat{" won" if seat.place == 1 and not _level(one.points) else ""}">'
        f"{sheet.who(entrant)} <span>{in_figures(seat.score)}</span>"
        f"{f' <em>forfeit: {escaped(seat.forfeit)}</em>' if seat.forfeit is not None else ''}</span>"
        for entrant, seat in zip(one.order, result.seats, strict=True)
    )
    return (
        f'<td class="n">{one.place.round + 1}</td><td><code title="{result.id}">{result.id[:8]}</code></td>'
        f'<td>{escaped(result.game)}</td><td class="n">{result.seed}</td><td class="seats">{seats}</td>'
        f"<td>{'<em>duplicate</em>' if one.duplicate else ''}</td>"
    )


def _level(points: Sequence[float]) -> bool:
    return len(set(points)) == 1
