"""A tournament as it stands: what has been played of its plan, and what is to be played next.

Everything is derived from the plan and from the results, whatever their order was: a tournament that was cut
short is gone on with by reading what the log has of it.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from arena.errors import ArenaError, UsageError
from arena.games import catalog
from arena.store.database import Database
from arena.store.records import MatchResult, Place
from arena.store.tournaments import Plan
from arena.tournaments import formats
from arena.tournaments.formats import FORMATS, Encounter, Outcome

EXTRA_PAIRS = 5
"""Where an encounter must be decided and is level, so many more pairs are played at each game at most; then
the entrant that was named first goes on."""

LANES = {"atari": 8, "versus": 8, "gym": 16, "maze": 16}
"""Matches that are played side by side, by the family of the game: agents then think about them together, and
with 8 consoles a worker plays a quarter faster than with 4, as a network's weights are read half as often.
Those of somebody who thinks about one at a time are played one by one."""


@dataclass(frozen=True, slots=True)
class Task:
    """A match to be played."""

    place: Place
    seed: int
    order: tuple[int, ...]
    """Which entrant sits in each seat."""


@dataclass(frozen=True, slots=True)
class Lot:
    """Matches at one game that are played side by side. What is in a lot follows from the plan alone, as
    a network may answer by a hair otherwise where it is asked about more or fewer positions at once."""

    game: int
    tasks: tuple[Task, ...]

    @property
    def key(self) -> Place:
        return self.tasks[0].place


@dataclass(frozen=True, slots=True)
class Played:
    """A match of the tournament."""

    place: Place
    order: tuple[int, ...]
    result: MatchResult
    duplicate: bool
    """Whether it says nothing new, and does not count: all matches of these players in these seats are the
    same to the last move (in a knockout, those of the encounter), and an earlier place has it. Where one
    differs there is chance in them, and all count."""

    @property
    def points(self) -> Outcome:
        """Of each seat: the share of its opponents that it came before, a draw being half; nothing for all
        who forfeited together."""
        if not self.result.winners:
            return (0.0,) * len(self.result.seats)
        places = [seat.place for seat in self.result.seats]
        gained = []
        for seat, own in enumerate(places):
            against = [
                theirs
                for other, theirs in enumerate(places)
                if other != seat and not self.result.mates(seat, other)
            ]
            gained.append((sum(own < b for b in against) + against.count(own) / 2) / len(against))
        return tuple(gained)


def check(plan: Plan) -> None:
    """Raises ArenaError for a plan that nobody can play: it may be somebody else's, or of a game that is no
    more."""
    two = plan.format in FORMATS and FORMATS[plan.format].decides
    each = {len(plan.games)}.union(*({len(one.identities), len(one.frozen)} for one in plan.entrants))
    try:
        formats.check(plan.format, len(plan.entrants), plan.seats, None if two else plan.rounds)
        for game in plan.games:
            catalog.find(game).check_players(plan.seats)
        if not plan.games or len(each) > 1 or not 1 <= plan.pairs <= formats.MOST_PAIRS:
            raise UsageError("its plan makes no sense")
    except UsageError as error:
        raise ArenaError(f"the tournament {plan.id} cannot be played ({error})") from error


class Tournament:
    def __init__(self, plan: Plan) -> None:
        self.plan, self.format = plan, FORMATS[plan.format]
        self.rounds: list[list[Encounter]] = []
        """Those that are known so far."""
        self.over = False
        """Whether all has been played."""
        self._results: dict[Place, tuple[MatchResult, str]] = {}
        self._ended: Counter[int] = Counter()
        """How many of them each round has."""
        self._coming = self.format.begin(len(plan.entrants), plan.seats, plan.rounds)
        self._settled = 0
        """Rounds whose outcomes the format has heard."""
        if self.format.waits:
            self.rounds.append(next(self._coming))
        else:
            self.rounds.extend(self._coming)

    @classmethod
    def load(cls, plan: Plan) -> "Tournament":
        """As the match log has it. Raises ArenaError where that cannot be read, or as `check`."""
        check(plan)
        tournament = cls(plan)
        tournament.catch_up()
        return tournament

    def catch_up(self) -> bool:
        """Read what the match log has of it that is not known here: people play their matches elsewhere.
        Returns whether there was anything. Raises ArenaError where it cannot be read."""
        with Database.open() as log:
            placed = log.placed(self.plan.id)
        new = {p: (kept.result, moves) for p, (kept, moves) in placed.items() if p not in self._results}
        self._results |= new
        self._ended.update(place.round for place in new)
        self._advance()
        return bool(new)

    def record(self, place: Place, result: MatchResult, moves: str) -> None:
        """A match has ended."""
        if place not in self._results:
            self._results[place] = result, moves
            self._ended[place.round] += 1
        self._advance()

    def _advance(self) -> None:
        """As far as rounds are complete: what comes next."""
        while not self.over and self._settled < len(self.rounds):
            number = self._settled
            least = self.bye * sum(len(encounter) > 1 for encounter in self.rounds[number])
            if self._ended[number] < least or self._missing(number):
                return
            self._settled += 1
            if self._settled < len(self.rounds):
                continue
            if not self.format.waits:
                self.over = True
                return
            try:
                self.rounds.append(self._coming.send(self.outcomes(number)))
            except StopIteration:
                self.over = True

    # What there is to play

    def _missing(self, number: int) -> list[Place]:
        return [place for place in self._wanted(number) if place not in self._results]

    def _wanted(self, number: int) -> Iterator[Place]:
        """The places of a round: of each encounter its pairs at all games, and more while it is level and
        must not be."""
        for at, encounter in enumerate(self.rounds[number]):
            if len(encounter) < 2:
                continue
            for pair in range(self.plan.pairs):
                yield from self._pair(number, at, pair)
            if self.format.decides:
                yield from self._extra(number, at)

    def _pair(self, number: int, at: int, pair: int) -> Iterator[Place]:
        for game in range(len(self.plan.games)):
            for turn in range(self.turns(game)):
                yield Place(number, at, game, pair, turn)

    def _extra(self, number: int, at: int) -> Iterator[Place]:
        """Pairs beyond the usual, one after the other, as long as all before them left it level."""
        for pair in range(self.plan.pairs, self.plan.pairs + EXTRA_PAIRS):
            before = [p for before in range(pair) for p in self._pair(number, at, before)]
            if any(place not in self._results for place in before):
                return
            first, second = self._sum(number, at, self._counted(before))
            if first != second:
                return
            yield from self._pair(number, at, pair)

    def turns(self, game: int) -> int:
        """Matches of a pair: from every seat of a world that is shared; in a duel everybody has the same."""
        return 1 if catalog.find(self.plan.games[game]).seats == (1,) else self.plan.seats

    def task(self, place: Place) -> Task:
        encounter = self.rounds[place.round][place.encounter]
        if self.turns(place.game) == 1:  # a duel, in which seats say nothing
            encounter = tuple(sorted(encounter))
        teams = catalog.find(self.plan.games[place.game]).teams
        if 0 < teams < len(encounter):  # with every seed one has another mate
            first, *others = encounter
            by = place.pair % len(others)
            encounter = (first, *others[by:], *others[:by])
        order = (*encounter[place.turn :], *encounter[: place.turn])
        return Task(place, _seed(self.plan, place), order)

    def has_people(self, place: Place) -> bool:
        encounter = self.rounds[place.round][place.encounter]
        return any(self.plan.entrants[one].human for one in encounter)

    def lots(self) -> list[Lot]:
        """What can be played now without people, and is not yet: whole lots, in which some may have been
        played. Those that take longest come first."""
        span = range(self._settled if self.format.waits else 0, len(self.rounds))
        wanted = [p for number in span for p in self._wanted(number) if not self.has_people(p)]
        lots: list[Lot] = []
        # Extra pairs are in lots of their own, and wait for all before them, so that which encounters need
        # one is known before any is played.
        for (_, game, alone), places in groupby(sorted(wanted, key=self._batch), key=self._batch):
            found = list(places)
            lanes = 1 if alone else self._lanes(game)
            lots += [
                Lot(game, tuple(map(self.task, found[begin : begin + lanes])))
                for begin in range(0, len(found), lanes)
            ]
        open_lots = [lot for lot in lots if any(task.place not in self._results for task in lot.tasks)]
        first = min((self._batch(lot.key)[0] for lot in open_lots), default=0)
        now = [lot for lot in open_lots if self._batch(lot.key)[0] == first]
        return sorted(now, key=lambda lot: (self._lanes(lot.game), -len(lot.tasks)))

    def _lanes(self, game: int) -> int:
        return LANES[catalog.find(self.plan.games[game]).family]

    def _batch(self, place: Place) -> tuple[int, int, bool]:
        """(which extra pair it is of, if any; its game; whether somebody thinks about it alone)"""
        encounter = self.rounds[place.round][place.encounter]
        alone = any(self.plan.entrants[one].alone(place.game) for one in encounter)
        return max(place.pair - self.plan.pairs + 1, 0), place.game, alone

    def waiting(self) -> list[Place]:
        """Matches that can be played now, and wait for people."""
        return [
            place
            for number in range(self._settled, len(self.rounds))
            for place in self._missing(number)
            if self.has_people(place)
        ]

    def done(self, place: Place) -> bool:
        return place in self._results

    def settled(self, number: int) -> bool:
        """Whether a round has been played."""
        return number < self._settled

    @property
    def matches(self) -> tuple[int, int]:
        """How many have been played, and how many there will be as far as is known."""
        wanted = sum(1 for number in range(len(self.rounds)) for _ in self._wanted(number))
        return len(self._results), max(wanted, len(self._results))

    # What has been played

    def played(self) -> dict[tuple[int, int], list[Played]]:
        """By round and encounter, as far as rounds are known."""
        found: dict[tuple[int, int], list[Played]] = {}
        for one in self._counted(sorted(p for p in self._results if p.round < len(self.rounds))):
            found.setdefault((one.place.round, one.place.encounter), []).append(one)
        return found

    def _counted(self, places: Sequence[Place]) -> list[Played]:
        different: dict[tuple[object, ...], set[str]] = {}
        """What matches of the same players in the same seats were like."""
        for place in places:
            different.setdefault(self._kind(place), set()).add(self._results[place][1])
        seen: set[tuple[object, ...]] = set()
        played = []
        for place in places:
            kind = self._kind(place)
            twin = kind in seen and len(different[kind]) == 1
            result = self._results[place][0]
            played.append(Played(place, self._seated(place, result), result, twin))
            seen.add(kind)
        return played

    def _seated(self, place: Place, result: MatchResult) -> tuple[int, ...]:
        """Which entrant sat in each seat: by who they were, where that tells."""
        order = self.task(place).order
        who = {self.plan.entrants[one].identities[place.game].id: one for one in order}
        seats = tuple(who.get(seat.player.id, -1) for seat in result.seats)
        return seats if sorted(seats) == sorted(order) else order

    def _kind(self, place: Place) -> tuple[object, ...]:
        """Equal for matches that can be the same. An encounter of a knockout is decided by its own, even
        where two meet again."""
        where = (place.round, place.encounter) if self.format.decides else ()
        return place.game, self.task(place).order, where

    def _outcome(self, number: int, at: int, played: Sequence[Played]) -> Outcome:
        encounter = self.rounds[number][at]
        if len(encounter) == 1:
            return (self.bye,)
        return self._sum(number, at, played)

    @property
    def bye(self) -> float:
        """Points of a bye: those of an encounter in which everything is won."""
        return float(self.plan.pairs * sum(self.turns(game) for game in range(len(self.plan.games))))

    def _sum(self, number: int, at: int, played: Sequence[Played]) -> Outcome:
        encounter = self.rounds[number][at]
        sums = dict.fromkeys(encounter, 0.0)
        for one in played:
            if not one.duplicate:
                for entrant, points in zip(one.order, one.points, strict=True):
                    sums[entrant] += points
        return tuple(sums[entrant] for entrant in encounter)

    def outcomes(
        self, number: int, played: Mapping[tuple[int, int], Sequence[Played]] | None = None
    ) -> list[Outcome]:
        """Of the encounters of a round, as far as they have been `played` (all, where that is not given)."""
        played = self.played() if played is None else played
        return [
            self._outcome(number, at, played.get((number, at), [])) for at in range(len(self.rounds[number]))
        ]


def _seed(plan: Plan, place: Place) -> int:
    """Of a match: the same for all encounters of a round, so that all have the same levels and openings."""
    content = f"tournament {plan.seed} {plan.games[place.game]} {place.round} {place.pair}".encode()
    return int.from_bytes(hashlib.blake2b(content, digest_size=4).digest(), "little") >> 1
