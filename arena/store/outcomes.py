"""What rated matches say of the strength of two players: the counts that ratings are fitted to."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations

from arena.store.records import Identity, MatchResult


@dataclass(frozen=True, slots=True, order=True)
class Pair:
    """Two players in matches of one kind."""

    first: str
    """A player's id: of the one in the first seat where `advantage` is set, else the lesser."""
    second: str
    advantage: bool
    """`first` had the first seat of a world that both shared."""
    players: int
    """How many took part in each of these matches."""


@dataclass(frozen=True, slots=True)
class Outcomes:
    """How often the first of a pair came before the second, beside it, and after it."""

    wins: int = 0
    draws: int = 0
    losses: int = 0


@dataclass(frozen=True, slots=True)
class Tally:
    """One player's rated matches at a game."""

    player: Identity
    wins: int
    """Came first, alone or with its team."""
    draws: int
    """Came first, with others that it played against."""
    losses: int
    last: datetime
    """When the last of them ended, UTC."""

    @property
    def matches(self) -> int:
        return self.wins + self.draws + self.losses


def pairs(result: MatchResult) -> list[tuple[Pair, Outcomes]]:
    """Every two different players of a rated match who are not of one team; none of one that is not rated."""
    found = []
    if result.rated:
        for (seat, one), (beside, other) in combinations(enumerate(result.seats), 2):
            advantage = result.shared and seat == 0
            if one.player.id == other.player.id or result.mates(seat, beside):
                continue
            if not advantage and other.player.id < one.player.id:
                one, other = other, one
            pair = Pair(one.player.id, other.player.id, advantage, len(result.seats))
            found.append((pair, _outcome(one.place, other.place)))
    return found


def counted(results: Iterable[MatchResult]) -> dict[Pair, Outcomes]:
    """All that `results` say, added up."""
    wins, draws, losses = Counter[Pair](), Counter[Pair](), Counter[Pair]()
    for result in results:
        for pair, outcome in pairs(result):
            wins[pair] += outcome.wins
            draws[pair] += outcome.draws
            losses[pair] += outcome.losses
    return {pair: Outcomes(wins[pair], draws[pair], losses[pair]) for pair in sorted(wins)}


def placed(result: MatchResult) -> list[tuple[Identity, Outcomes]]:
    """What each seat of a rated match adds to its player's tally; nothing of one that is not rated."""
    if not result.rated:
        return []
    best = Outcomes(wins=1) if result.won else Outcomes(draws=1)
    return [(seat.player, best if seat.place == 1 else Outcomes(losses=1)) for seat in result.seats]


def _outcome(place: int, other: int) -> Outcomes:
    if place == other:
        return Outcomes(draws=1)
    return Outcomes(wins=1) if place < other else Outcomes(losses=1)
