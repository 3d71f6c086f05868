"""Running a tournament: lots go to an engine, and what ends is kept before anything else is done with it."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from arena.errors import ArenaError
from arena.matches.foreign import Limits
from arena.store import tournaments
from arena.store.keeping import keep
from arena.store.records import Place, Placing
from arena.store.tournaments import Plan
from arena.tournaments.engines import Engine, Failed, Left, Lost
from arena.tournaments.lots import Ended, Going, Job, Role
from arena.tournaments.tournament import Lot, Tournament

ATTEMPTS = 3
"""How often a lot is begun: whoever plays it may be lost."""

TOLD_EVERY = 0.5
"""Seconds between two words to whoever looks on."""

PATIENCE = 0.25
"""Seconds that the engine is waited for at a time."""


@dataclass(frozen=True, slots=True)
class News:
    """How it goes, some times a second."""

    tournament: Tournament
    ended: Ended | None
    """The match that has just been kept, where that is the news."""
    ticks: Mapping[Place, int]
    """Of the matches that are being played."""
    seconds: float
    """Since it was begun, or gone on with."""
    fresh: int
    """Matches that were played since."""


def job(plan: Plan, limits: Limits | None = None) -> Job:
    """What those who play it have to know."""
    roles = tuple(
        tuple(
            Role(entrant.name, identity, plan.frozen(number, game))
            for game, identity in enumerate(entrant.identities)
        )
        for number, entrant in enumerate(plan.entrants)
    )
    return Job(plan.games, plan.options, roles, limits or Limits())


def run(tournament: Tournament, engine: Engine, tell: Callable[[News], None]) -> None:
    """Play until nothing is left but what waits for people; also what comes up because they have played by
    then. Whoever calls this holds the tournament's lock.

    Raises ArenaError where a match cannot be played or kept; what has been kept until then stays.
    """
    plan, began, fresh = tournament.plan, time.monotonic(), 0
    begun: dict[Place, int] = {}
    """Lots by their first place, and how often each was begun."""
    ticks: dict[Place, int] = {}
    told = 0.0

    def submit(lot: Lot) -> None:
        begun[lot.key] = begun.get(lot.key, 0) + 1
        if begun[lot.key] > ATTEMPTS:
            seated = sorted({plan.entrants[one].name for task in lot.tasks for one in task.order})
            raise ArenaError(
                f"whoever played {plan.games[lot.game]} was lost {ATTEMPTS} times, in matches of "
                f"{', '.join(seated)}; `arena tournament --resume {plan.id}` goes on"
            )
        engine.submit(lot, [task.place for task in lot.tasks if tournament.done(task.place)])

    open_lots = 0
    while True:
        if not open_lots:
            lots = tournament.lots()
            if not lots and tournament.catch_up():
                lots = tournament.lots()
            if not lots:
                return
            for lot in lots:
                submit(lot)
            open_lots = len(lots)
        for word in engine.words(PATIENCE):
            if isinstance(word, Ended):
                if not tournament.done(word.place):
                    moves = word.replay.moves
                    keep(word.replay, Placing(plan.id, word.place, moves))
                    tournament.record(word.place, word.replay.result, moves)
                    fresh += 1
                ticks.pop(word.place, None)
                tell(News(tournament, word, dict(ticks), time.monotonic() - began, fresh))
            elif isinstance(word, Going):
                ticks.update(word.ticks)
            elif isinstance(word, Left):
                open_lots -= 1
                for task in word.lot.tasks:
                    ticks.pop(task.place, None)
            elif isinstance(word, Lost):
                for task in word.lot.tasks:
                    ticks.pop(task.place, None)
                submit(word.lot)
            elif isinstance(word, Failed):
                raise ArenaError(word.why)
        if time.monotonic() - told > TOLD_EVERY:
            told = time.monotonic()
            tournaments.tell(plan, _status(tournament, ticks, told - began, fresh))
            tell(News(tournament, None, dict(ticks), told - began, fresh))


def _status(
    tournament: Tournament, ticks: Mapping[Place, int], seconds: float, fresh: int
) -> dict[str, object]:
    """For those who read it in the tournament's folder."""
    playing = [
        {
            "place": [place.round, place.encounter, place.game, place.pair, place.turn],
            "ticks": count,
        }
        for place, count in sorted(ticks.items())
    ]
    return {"seconds": seconds, "fresh": fresh, "playing": playing}
