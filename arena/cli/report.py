"""A match in words, and as JSON."""

from itertools import pairwise
from typing import Any

from arena.store.records import MatchResult, SeatResult, in_figures

ID_LENGTH = 8
"""So much of a match's id is shown; `arena replay` takes any beginning that only one match has."""


def in_words(result: MatchResult) -> str:
    """One line: its id, who came where with what score, and the seed."""
    terms = f"match seed {result.seed}, {result.ticks:,} ticks"
    if reaction := result.options.get("reaction_ms"):
        terms += f", agents act {reaction} ms later: not rated"
    return f"{result.id[:ID_LENGTH]}  {outcome(result)}  ({terms})"


def outcome(result: MatchResult) -> str:
    """Who came where with what score: `ppo 1 > random 0`."""
    seats = sorted(result.seats, key=lambda seat: seat.place)
    text = _seat(seats[0])
    for better, seat in pairwise(seats):
        text += (" = " if seat.place == better.place else " > ") + _seat(seat)
    return text


def _seat(seat: SeatResult) -> str:
    forfeit = f" (forfeit: {seat.forfeit})" if seat.forfeit else ""
    return f"{seat.player.name} {in_figures(seat.score)}{forfeit}"


def as_data(result: MatchResult) -> dict[str, Any]:
    """As JSON. It holds no time of day, so that equal matches are equal here too."""
    return {
        "id": result.id,
        "game": result.game,
        "options": dict(result.options),
        "seed": result.seed,
        "ticks": result.ticks,
        "digest": result.digest,
        "seats": [
            {
                "player": seat.player.name,
                "id": seat.player.id,
                "kind": seat.player.kind,
                "score": seat.score,
                "place": seat.place,
                "forfeit": seat.forfeit,
            }
            for seat in result.seats
        ],
    }
