"""A tournament told: as data for programs, and as a file of figures for spreadsheets."""

import csv
import io
from pathlib import Path
from typing import Any

from arena.errors import ArenaError
from arena.store import tournaments
from arena.tournaments.standings import Line, Standings, standings
from arena.tournaments.tournament import Tournament

COLUMNS = (
    *("place", "player", "points", "matches", "wins", "draws", "losses", "forfeits", "byes"),
    *("buchholz", "sonneborn_berger", "rating", "rating_error", "out_in_round"),
)


def state(tournament: Tournament) -> str:
    """In a word: done, being played, waiting for people, or stopped."""
    if tournament.over:
        return "done"
    if tournaments.is_played(tournament.plan):
        return "running"
    return "waiting" if not tournament.lots() and tournament.waiting() else "stopped"


def summary(tournament: Tournament) -> dict[str, Any]:
    """In some figures."""
    plan = tournament.plan
    played, matches = tournament.matches
    best = [line.name for line in standings(tournament).lines if line.place == 1] if played else []
    return {
        "id": plan.id,
        "format": plan.format,
        "games": list(plan.games),
        "players": [entrant.name for entrant in plan.entrants],
        "state": state(tournament),
        "played": played,
        "matches": matches,
        "leader": None if not best else best[0] if len(best) == 1 else f"{best[0]} and {len(best) - 1} more",
        "created": plan.created.isoformat(),
    }


def as_json(tournament: Tournament) -> dict[str, Any]:
    """All of it. Twice the same tournament gives the same, but for its id and when it was made."""
    plan, found = tournament.plan, standings(tournament)
    names = [entrant.name for entrant in plan.entrants]
    played = tournament.played()
    return {
        **summary(tournament),
        "seed": plan.seed,
        "seats": plan.seats,
        "games_an_encounter": plan.pairs,
        "options": dict(plan.options),
        "standings": [
            dict(zip(COLUMNS, _cells(line), strict=True))
            | {
                "by_game": [
                    {"game": game, "points": points, "matches": count}
                    for game, (points, count) in zip(plan.games, line.by_game, strict=True)
                ]
            }
            for line in found.lines
        ],
        "crosstable": [
            {"player": names[one], "opponent": names[other], "wins": w, "draws": d, "losses": n}
            for (one, other), (w, d, n) in found.cross.items()
        ],
        "ratings_relative_to": "random" if found.anchored else "mean",
        "duplicates": found.duplicates,
        "rounds": [
            [
                {
                    "players": [names[one] for one in encounter],
                    "points": list(outcome),
                    "bye": len(encounter) == 1,
                    "matches": [
                        {
                            "id": one.result.id,
                            "game": one.result.game,
                            "seed": one.result.seed,
                            "players": [names[entrant] for entrant in one.order],
                            "scores": [seat.score for seat in one.result.seats],
                            "places": [seat.place for seat in one.result.seats],
                            "forfeits": [seat.forfeit for seat in one.result.seats],
                            "duplicate": one.duplicate,
                        }
                        for one in played.get((number, at), [])
                    ],
                }
                for at, (encounter, outcome) in enumerate(
                    zip(encounters, tournament.outcomes(number, played), strict=True)
                )
            ]
            for number, encounters in enumerate(tournament.rounds)
        ],
    }


def write_csv(tournament: Tournament, path: Path) -> None:
    """The standings, a line each, with the points at each game last. Raises ArenaError where it cannot be
    written."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow((*COLUMNS, *(f"points_at_{game}" for game in tournament.plan.games)))
    for line in standings(tournament).lines:
        writer.writerow((*_cells(line), *(points for points, _ in line.by_game)))
    write(path, text.getvalue())


def write(path: Path, text: str) -> None:
    """A file where the user wants it. Raises ArenaError where it cannot be written."""
    try:
        path.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        raise ArenaError(f"cannot write {path}: {error.strerror or error}; choose another place") from error


def _cells(line: Line) -> tuple[Any, ...]:
    wins, draws, losses = line.score
    return (
        *(line.place, line.name, line.points, line.played, wins, draws, losses, line.forfeits, line.byes),
        *(round(line.buchholz, 4), round(line.sonneborn_berger, 4)),
        *((None, None) if line.rating is None else (round(line.rating, 2), round(line.error, 2))),
        None if line.out is None else line.out + 1,
    )


def columns(tournament: Tournament, found: Standings) -> tuple[str, ...]:
    """Which figures of a line tell something in this tournament, beside place, player, points and results."""
    shown: list[str] = []
    if tournament.format.name == "swiss":
        shown.append("buchholz")
    if not tournament.format.decides:
        shown.append("sonneborn_berger")
    if any(line.byes for line in found.lines):
        shown.append("byes")
    if any(line.forfeits for line in found.lines):
        shown.append("forfeits")
    return tuple(shown)
