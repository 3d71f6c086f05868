"""A tournament told as one HTML page, for a browser: it needs nothing beside itself, and no network.

The same tournament, as far as it has been played, gives the same page, byte for byte.
"""

from datetime import UTC
from pathlib import Path

from arena.store.records import in_figures
from arena.tournaments import page_meetings, page_plots, report
from arena.tournaments.page_sheet import Sheet, escaped, scroll, section, several, table
from arena.tournaments.page_style import STYLE
from arena.tournaments.standings import Line
from arena.tournaments.tournament import Tournament

TITLES = {"buchholz": "Buchholz", "sonneborn_berger": "S-B", "byes": "Byes", "forfeits": "Forfeits"}

EXPLAINED = {
    "buchholz": "Buchholz: the points of the opponents.",
    "sonneborn_berger": "S-B, Sonneborn-Berger: the points of the opponents, by what was taken from each.",
    "byes": "A bye counts as an encounter won.",
    "forfeits": "A forfeit is a match lost by a player that failed, or answered nonsense or too late.",
}

ALLOWED = "default-src 'none'; style-src 'unsafe-inline'"
"""What the page may load: nothing but the style in it."""

STATES = {
    "done": "finished",
    "running": "being played",
    "waiting": "waiting for people",
    "stopped": "stopped",
}


def write(tournament: Tournament, path: Path) -> None:
    """The page as a file. Raises ArenaError where it cannot be written."""
    report.write(path, page(tournament))


def page(tournament: Tournament) -> str:
    """All of the tournament, as far as it has been played."""
    sheet = Sheet.of(tournament)
    title = _title(sheet)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{ALLOWED}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n"
        f"<header>\n<h1>{title}</h1>\n{_lead(sheet)}\n{_facts(sheet)}\n</header>\n"
        f"{_standings(sheet)}{page_plots.ratings(sheet)}{page_meetings.crosstable(sheet)}"
        f"{page_meetings.meetings(sheet)}{page_plots.progress(sheet)}{page_meetings.matches(sheet)}"
        "</main>\n</body>\n</html>\n"
    )


def _title(sheet: Sheet) -> str:
    plan = sheet.tournament.plan
    return escaped(f"{plan.format.capitalize()} at {', '.join(plan.games)}")


def _lead(sheet: Sheet) -> str:
    """Who has won; or that nobody has, as it is not over."""
    if not sheet.tournament.over:
        so_far = _count(sheet.tournament) if sheet.tournament.matches[0] else "nothing is played yet"
        told = f"<strong>Not finished</strong>, {STATES[report.state(sheet.tournament)]}: {so_far}."
        return f'<p class="open">{told} All below is as it stands, and may change.</p>'
    first = [line for line in sheet.lines if line.place == 1]
    names = [sheet.who(line.entrant) for line in first]
    if len(names) > 1:
        shared = f"{', '.join(names[:-1])} and {names[-1]}" if len(names) < 6 else f"{len(names)} players"
        return f'<p class="lead">{shared} share the first place.</p>'
    if sheet.tournament.format.decides:
        return f'<p class="lead">{names[0]} has won: the last that is left of {len(sheet.lines)}.</p>'
    points = f"{in_figures(first[0].points)} point{'' if first[0].points == 1 else 's'}"
    return f'<p class="lead">{names[0]} is first of {len(sheet.lines)}, with {points}.</p>'


def _facts(sheet: Sheet) -> str:
    tournament, plan = sheet.tournament, sheet.tournament.plan
    open_ended = tournament.format.waits and not tournament.over
    told = {
        "Format": f"{plan.format}: {tournament.format.summary}",
        "Games": ", ".join(plan.games),
        "Options": ", ".join(f"{name}={value}" for name, value in sorted(plan.options.items())),
        "Players": f"{len(plan.entrants)}, {plan.seats} in a match",
        "Encounter": f"{several(plan.pairs, 'seed')} at each game, {several(int(tournament.bye), 'match')}",
        "Matches": _count(tournament),
        "Rounds": f"{len(tournament.rounds):,}{' known so far' if open_ended else ''}",
        "State": STATES[report.state(tournament)],
        "Seed": str(plan.seed),
        "Begun": f"{plan.created.astimezone(UTC):%Y-%m-%d %H:%M} UTC",
        "Id": plan.id,
    }
    shown = "".join(
        f"<div><dt>{what}</dt><dd>{escaped(text)}</dd></div>" for what, text in told.items() if text
    )
    return f"<dl>{shown}</dl>"


def _count(tournament: Tournament) -> str:
    """Of matches."""
    played, total = tournament.matches
    if tournament.over:
        return f"{played:,} played"
    return f"{played:,} of {'at least ' if tournament.format.waits else ''}{several(total, 'match')} played"


def _standings(sheet: Sheet) -> str:
    columns = report.columns(sheet.tournament, sheet.found)
    decides = sheet.tournament.format.decides
    titles = ["Points", "Matches", "W-D-L", *(TITLES[name] for name in columns)]
    titles += [*(["Out in round"] if decides else []), "Rating"]
    games = sheet.tournament.plan.games
    titles += [escaped(game) for game in games] if len(games) > 1 else []
    head = '<th scope="col" class="n">#</th><th scope="col" class="name">Player</th>' + "".join(
        f'<th scope="col" class="n">{title}</th>' for title in titles
    )
    rows = (_row(sheet, line, columns) for line in sheet.lines)
    notes = ["W-D-L: of each match against each opponent in it."]
    notes += [EXPLAINED[name] for name in columns]
    notes += ["At each game: points, of so many matches."] if len(games) > 1 else []
    if sheet.tournament.format.name == "gauntlet":
        notes.append(f"Placed by what each took from {sheet.name(0)}, who stands at half of the points.")
    if sheet.found.duplicates:
        count = sheet.found.duplicates
        notes.append(
            f"{several(count, 'match')} {'is' if count == 1 else 'are'} another's very twin, move by move,"
            f" and {'does' if count == 1 else 'do'} not count."
        )
    return section("Standings", scroll(table("standings", head, rows)), note=" ".join(notes))


def _row(sheet: Sheet, line: Line, columns: tuple[str, ...]) -> str:
    figures = [in_figures(line.points), f"{line.played:,}", "-".join(map(str, line.score))]
    figures += [in_figures(getattr(line, name)) for name in columns]
    if sheet.tournament.format.decides:
        figures.append("–" if line.out is None else str(line.out + 1))
    figures.append("–" if line.rating is None else f"{line.rating:,.0f} <i>±{line.error:,.0f}</i>")
    if len(line.by_game) > 1:
        figures += [
            f"{in_figures(points)}<i>/{count}</i>" if count else "–" for points, count in line.by_game
        ]
    identities = sheet.tournament.plan.entrants[line.entrant].identities
    details = "; ".join(dict.fromkeys(one.detail for one in identities if one.detail))
    detail = f'<small title="{escaped(details)}">{escaped(details)}</small>' if details else ""
    return (
        f'<td class="n place">{line.place}</td>'
        f'<th scope="row" class="name">{sheet.who(line.entrant)}{detail}</th>'
        + "".join(f'<td class="n">{figure}</td>' for figure in figures)
    )
