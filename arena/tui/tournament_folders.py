"""Every tournament there is, looked at again and again: what has not changed since is not read twice.

Everything here may take a while: call it in a thread.
"""

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from arena import places
from arena.errors import ArenaError
from arena.store import tournaments
from arena.store.database import Database
from arena.store.records import Place
from arena.store.tournaments import PLAN, Plan
from arena.tournaments.standings import Standings, standings
from arena.tournaments.tournament import Played, Tournament, check

if TYPE_CHECKING:
    from arena.matches.roster import Choice

AT_ONCE = 0.3
"""Seconds that one look at all of them may take; what has not been read by then is read by the next."""


MOST_ENDED = 200
"""Finished matches in the list; Replays has all."""


@dataclass(frozen=True, slots=True)
class Card:
    """A tournament in the list."""

    plan: Plan
    state: str
    """As `report.state`; empty while it is not known."""
    played: int
    matches: int
    """As far as is known."""


@dataclass(frozen=True, slots=True)
class Look:
    """All that is shown of one tournament."""

    card: Card
    tournament: Tournament
    standings: Standings
    ended: tuple[Played, ...]
    """Matches that have ended, as many as are listed: people's first, and the latest round first."""
    waiting: tuple[Place, ...]
    """Matches that wait for people."""
    playing: Mapping[Place, int]
    """Matches in play, with how many ticks."""
    seconds: float
    """Since it was begun, or gone on with; 0 where it is not being played."""
    left: float | None
    """Seconds that what is known to come will take, where that can be told."""

    @property
    def plan(self) -> Plan:
        return self.card.plan


@dataclass(frozen=True, slots=True)
class _Known:
    count: int
    """Of its matches in the log."""
    matches: tuple[int, int]
    over: bool
    waits: bool
    """Whether nothing is left to play but what waits for people."""


@dataclass(frozen=True, slots=True)
class _Chosen:
    count: int
    """Of its matches in the log."""
    tournament: Tournament
    standings: Standings
    ended: tuple[Played, ...]
    waiting: tuple[Place, ...]


class Folders:
    """What is known of the tournaments, for one screen."""

    def __init__(self) -> None:
        self._plans: dict[str, Plan | None] = {}
        """By folder; None for what is none. A plan is written once."""
        self._known: dict[str, _Known] = {}
        self._chosen: _Chosen | None = None
        """The one that was followed last."""
        self._looking = threading.Lock()

    def look(self) -> tuple[list[Card], bool]:
        """All of them: those that are played now, then the newest. And whether all has been read."""
        with self._looking:
            plans, counts = self._read_plans(), _counts()
            until, whole = time.monotonic() + AT_ONCE, True
            for plan in plans:
                known = self._known.get(plan.id)
                if known is None or known.count != counts.get(plan.id, 0):
                    if whole and time.monotonic() > until:
                        whole = False
                    if whole:
                        self._learn(Tournament.load(plan), counts.get(plan.id, 0))
            self._known = {plan.id: self._known[plan.id] for plan in plans if plan.id in self._known}
            cards = [self._card(plan, counts.get(plan.id, 0)) for plan in plans]
        return sorted(cards, key=lambda card: card.state != "running"), whole

    def follow(self, card: Card) -> Look:
        """Everything of one. Raises ArenaError where its plan or the log is damaged."""
        with self._looking:
            plan, count = card.plan, _counts().get(card.plan.id, 0)
            if self._chosen is None or (self._chosen.tournament.plan, self._chosen.count) != (plan, count):
                tournament = Tournament.load(plan)
                ended, waiting = _ended(tournament), tuple(tournament.waiting())
                self._chosen = _Chosen(count, tournament, standings(tournament), ended, waiting)
                self._learn(tournament, count)
            chosen, card, told = self._chosen, self._card(plan, count), tournaments.told(plan)
        seconds, left = _times(told, card, len(chosen.waiting))
        return Look(
            card=card,
            tournament=chosen.tournament,
            standings=chosen.standings,
            ended=chosen.ended,
            waiting=chosen.waiting,
            playing=_playing(told, chosen.tournament),
            seconds=seconds,
            left=left,
        )

    def _read_plans(self) -> list[Plan]:
        """Newest first."""
        root, found = places.saves() / "tournaments", {}
        for folder in root.iterdir() if root.is_dir() else ():
            if not (folder / PLAN).is_file():
                continue
            key = str(folder)
            if key in self._plans:
                found[key] = self._plans[key]
                continue
            try:
                plan = tournaments.read(folder)
                check(plan)
            except ArenaError:
                found[key] = None
            else:
                found[key] = plan
        self._plans = found
        there = [plan for plan in found.values() if plan is not None]
        return sorted(there, key=lambda plan: (plan.created, plan.id), reverse=True)

    def _learn(self, tournament: Tournament, count: int) -> None:
        waits = not tournament.over and bool(tournament.waiting()) and not tournament.lots()
        self._known[tournament.plan.id] = _Known(count, tournament.matches, tournament.over, waits)

    def _card(self, plan: Plan, count: int) -> Card:
        known = self._known.get(plan.id)
        if known is None:
            return Card(plan, "", count, count)
        played = tournaments.is_played(plan) and not known.over
        state = "done" if known.over else "running" if played else "waiting" if known.waits else "stopped"
        return Card(plan, state, *known.matches)


def _ended(tournament: Tournament) -> tuple[Played, ...]:
    ended = sorted(
        (one for found in tournament.played().values() for one in found),
        key=lambda one: (not tournament.has_people(one.place), -one.place.round, one.place),
    )
    return tuple(ended[:MOST_ENDED])


def _counts() -> dict[str, int]:
    with Database.open() as log:
        return log.tournaments()


def _playing(told: Mapping[str, Any], tournament: Tournament) -> dict[Place, int]:
    """What the one who plays it has left word of, but for what has ended since."""
    found = {Place(*one["place"]): int(one["ticks"]) for one in told.get("playing", ())}
    return {place: ticks for place, ticks in found.items() if not tournament.done(place)}


def _times(told: Mapping[str, Any], card: Card, waiting: int) -> tuple[float, float | None]:
    seconds, fresh = float(told.get("seconds", 0.0)), int(told.get("fresh", 0))
    to_come = max(card.matches - card.played - waiting, 0)
    return seconds, seconds / fresh * to_come if fresh and card.state == "running" else None


def choices(games: Sequence[str]) -> "list[Choice]":
    """Who may enter a tournament at all of `games`, best first; then who may not, with the reason."""
    from dataclasses import replace

    from arena.matches.roster import available

    offered = [{choice.name: choice for choice in available(game, foreign=True)} for game in games]
    found = []
    for name in dict.fromkeys(name for at_game in offered for name in at_game):
        each = [at_game.get(name) for at_game in offered]
        first = next(filter(None, each))
        lacks = next((g for g, one in zip(games, each, strict=True) if one is None or one.why_not), None)
        if lacks is not None and len(games) > 1:
            first = replace(first, why_not=f"not at {lacks}")
        found.append(first)
    return sorted(found, key=lambda choice: choice.why_not is not None)
