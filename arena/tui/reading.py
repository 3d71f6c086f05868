"""What the screens show, read from the house below. Everything here may take a while: call it in a thread.

The rooms below are imported inside the functions, so that the first picture does not wait for them.
"""

import math
import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from arena.games.catalog import Entry

if TYPE_CHECKING:
    from pathlib import Path

    from arena.matches.roster import Choice
    from arena.store.checkpoints import Meta
    from arena.store.database import KeptMatch
    from arena.store.records import MatchResult
    from arena.tournaments.history import Point
    from arena.tournaments.ratings import Standing


def games() -> tuple[Entry, ...]:
    """Every game, family by family."""
    from arena.games import catalog

    return catalog.entries()


def rules(entry: Entry) -> str:
    """The rules for people, in paragraphs without line breaks of their own."""
    from arena.games import catalog

    return reflow(catalog.rules(entry))


def choices(game_id: str) -> "list[Choice]":
    """What may sit at a game, best first."""
    from arena.matches.roster import available

    return available(game_id)


def boards() -> "dict[str, list[Standing]]":
    """The leaderboard of every game that has been played, best first."""
    from arena.tournaments.ratings import leaderboards

    return leaderboards()


def standings(game_id: str) -> "list[Standing]":
    """The leaderboard of one game, best first."""
    from arena.tournaments.ratings import leaderboard

    return leaderboard(game_id)


def kept(limit: int) -> "tuple[list[KeptMatch], set[str]]":
    """The newest matches of the log, and the ids of all that have a replay."""
    from arena.store import replays
    from arena.store.database import Database

    with Database.open() as database:
        return database.matches(limit=limit), set(replays.ids())


def matches_of(player: str, limit: int) -> "list[KeptMatch]":
    """A player's matches, newest first."""
    from arena.store.database import Database

    with Database.open() as database:
        return database.matches(player=player, limit=limit)


def replays_folder() -> "Path":
    from arena.store import replays

    return replays.folder()


def overall(boards: "dict[str, list[Standing]]") -> "list[Standing]":
    """One line a player: the mean of its ratings over the games it has played, and its matches together.

    The mean of n independent ratings has the root of the sum of their squared errors, over n, as its error.
    """
    lines: dict[str, list[Standing]] = {}
    for board in boards.values():
        for standing in board:
            lines.setdefault(standing.player.id, []).append(standing)
    together = [
        replace(
            ones[0],
            rating=sum(s.rating for s in ones) / len(ones),
            error=math.sqrt(sum(s.error**2 for s in ones)) / len(ones),
            matches=sum(s.matches for s in ones),
            wins=sum(s.wins for s in ones),
            draws=sum(s.draws for s in ones),
            losses=sum(s.losses for s in ones),
            last=max(s.last for s in ones),
            provisional=all(s.provisional for s in ones),
            superiority=None,
        )
        for ones in lines.values()
    ]
    return sorted(together, key=lambda standing: -standing.rating)


def history(game_id: str, player: str) -> "list[Point]":
    """A player's rating at a game, after each of its matches or evenly chosen ones."""
    from arena.tournaments.history import history

    return history(game_id, player)


def card(identity: str) -> "Meta | None":
    """The champion with this identity, with the card of its training; None for anybody else."""
    from arena.store import checkpoints

    return next((meta for meta in checkpoints.champions() if f"agent:{meta.digest}" == identity), None)


def entry(game_id: str) -> Entry:
    from arena.games import catalog

    return catalog.find(game_id)


ATARI_TICK_RATE = 60
"""Ticks a second; the module of the game itself is heavy to load."""


HEADING = re.compile(r"[A-Z]\w*: \S")
"""Of a paragraph that may hang below it."""


def reflow(text: str) -> str:
    """A docstring with every paragraph on one line: lines of one indentation are joined, but for lists, and
    those that hang below a heading ("Actions: ...") with it."""
    lines: list[str] = []
    for line in text.splitlines():
        body = line.lstrip()
        indent = line[: len(line) - len(body)]
        begins = not body or body.startswith(("-", "*", "|", "=")) or HEADING.match(line)
        goes_on = lines and lines[-1].strip() and not begins
        after = lines[-1][len(indent) :] if lines and lines[-1].startswith(indent) else " "
        alike = bool(after) and not after[0].isspace()
        hanging = lines and indent and HEADING.match(lines[-1])
        if goes_on and (alike or hanging):
            lines[-1] += f" {body}"
        else:
            lines.append(line)
    return "\n".join(lines)


def ago(when: datetime, now: datetime | None = None) -> str:
    """How long ago, in the largest unit that says something: `now`, `5 min`, `3 h`, `2 days`, a date."""
    seconds = ((now or datetime.now(UTC)) - when).total_seconds()
    if seconds < 60:
        return "now"
    if seconds < 3600:
        return f"{seconds // 60:.0f} min"
    if seconds < 86400:
        return f"{seconds // 3600:.0f} h"
    if seconds < 14 * 86400:
        days = int(seconds // 86400)
        return "1 day" if days == 1 else f"{days} days"
    return f"{when:%Y-%m-%d}"


def length(result: "MatchResult") -> str:
    """How long a match was, as its game counts: `1:23` of Atari, `57 moves` in a maze, `200 steps`."""
    return length_of(result.game, result.ticks)


def length_of(game: str, ticks: int) -> str:
    """As `length`, of so many ticks."""
    family = game.partition("/")[0]
    if family in ("atari", "versus"):
        minutes, seconds = divmod(ticks // ATARI_TICK_RATE, 60)
        return f"{minutes}:{seconds:02}"
    unit = "move" if family == "maze" else "step"
    return f"{ticks:,} {unit}{'' if ticks == 1 else 's'}"


def clock(seconds: float) -> str:
    """`41 s`, `3:41`, `2:03:41`."""
    whole = max(0, round(seconds))
    hours, rest = divmod(whole, 3600)
    if hours:
        return f"{hours}:{rest // 60:02}:{rest % 60:02}"
    return f"{rest // 60}:{rest % 60:02}" if rest >= 60 else f"{rest} s"
