"""Tournaments that nobody plays: plans in memory, and results as a test wants them."""

import random
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime

from arena.games import catalog
from arena.store.records import Identity, MatchResult, Place, SeatResult
from arena.store.tournaments import Entrant, Plan
from arena.tournaments.tournament import Task, Tournament

NAMES = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

Finish = Sequence[int]
"""The place of each seat."""

Decide = Callable[[Task], Finish]


def plan(
    format: str = "round-robin",
    entrants: int = 4,
    *,
    games: Sequence[str] = ("maze/race",),
    seats: int = 2,
    pairs: int = 1,
    rounds: int = 1,
    seed: int = 0,
    people: Collection[int] = (),
    chance: int | None = None,
    alone: Collection[int] = (),
) -> Plan:
    """Entrants are A, B, C, ...; those in `people` are people, and `chance` is `random`. Others are agents
    that lie in the tournament's folder, but for those `alone`."""

    def identity(number: int) -> Identity:
        if number == chance:
            return Identity("builtin:random", "random", "builtin")
        name = NAMES[number]
        return (
            Identity(f"human:{name}", name, "human")
            if number in people
            else Identity(f"agent:{name}", name, "agent")
        )

    every = range(len(games))
    return Plan(
        id="made-up",
        format=format,
        games=tuple(games),
        options={},
        entrants=tuple(
            Entrant(
                identity(n).name,
                tuple(identity(n) for _ in every),
                tuple(identity(n).kind == "agent" and n not in alone for _ in every),
            )
            for n in range(entrants)
        ),
        seats=seats,
        pairs=pairs,
        rounds=rounds,
        seed=seed,
        created=datetime(2025, 1, 1, tzinfo=UTC),
    )


def result(
    tournament: Tournament, place: Place, finish: Finish, forfeits: Collection[int] = ()
) -> MatchResult:
    """Of the match at `place`, if each seat came in at `finish` and the seats of `forfeits` gave up."""
    plan, task = tournament.plan, tournament.task(place)
    players = [plan.entrants[entrant].identities[place.game] for entrant in task.order]
    shared = tournament.turns(place.game) > 1
    teams = catalog.find(plan.games[place.game]).teams if len(players) > 2 else 0
    return MatchResult(
        game=plan.games[place.game],
        options=({"seats": len(players)} if shared else {}) | ({"teams": teams} if teams else {}),
        seed=task.seed,
        seats=tuple(
            SeatResult(player, float(-at), at, "gave up" if seat in forfeits else None)
            for seat, (player, at) in enumerate(zip(players, finish, strict=True))
        ),
        ticks=1,
        digest=f"{place.round:04x}{place.encounter:04x}{place.game:02x}{place.pair:04x}{place.turn:02x}",
    )


def record(tournament: Tournament, place: Place, finish: Finish, moves: str | None = None) -> None:
    """`moves` are like those of no other match, unless given."""
    tournament.record(place, result(tournament, place, finish), moves or str(place))


def open_places(tournament: Tournament) -> list[Place]:
    """All that can be played now."""
    lots = [task.place for lot in tournament.lots() for task in lot.tasks]
    return [place for place in lots + tournament.waiting() if not tournament.done(place)]


def play(
    tournament: Tournament,
    decide: Decide,
    *,
    order: random.Random | None = None,
    moves: Callable[[Task, Finish], str] | None = None,
    stop_after: int | None = None,
) -> Tournament:
    """To the end, or as many matches as asked; in the order of the lots, or in that of `order`."""
    count = 0
    while places := open_places(tournament):
        if order is not None:
            places = [order.choice(places)]
        for place in places:
            if count == stop_after:
                return tournament
            task = tournament.task(place)
            finish = decide(task)
            record(tournament, place, finish, moves and moves(task, finish))
            count += 1
    return tournament


def stronger_first(task: Task) -> Finish:
    """Who has the lower number comes before all others."""
    return [1 + sum(other < one for other in task.order) for one in task.order]


def level(task: Task) -> Finish:
    return [1] * len(task.order)


def by_chance(seed: int, draws: bool = True) -> Decide:
    """A finish for every place, the same whenever it is asked for."""

    def decide(task: Task) -> Finish:
        chance = random.Random(f"{seed} {task.place}")
        scores = [chance.randrange(3) if draws else chance.random() for _ in task.order]
        return [1 + sum(other > score for other in scores) for score in scores]

    return decide
