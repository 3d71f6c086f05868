"""How a tournament chooses who meets whom.

A format is a generator. It yields a round, a list of encounters; it is sent what each encounter came to; and
it ends when there is nothing left to play. Entrants are numbers, from the strongest expected to the weakest.
An encounter of one is a bye. Nothing here plays, waits or draws lots: of the same outcomes come the same
rounds.
"""

import math
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from itertools import combinations

from arena.errors import UsageError
from arena.tournaments.knockout import double_elimination, knockout
from arena.tournaments.swiss import swiss, usual_rounds

Encounter = tuple[int, ...]
"""Who meets. Each seed is played from every seat, so the order says little."""

Outcome = tuple[float, ...]
"""The points of each entrant of an encounter."""

Rounds = Generator[list[Encounter], Sequence[Outcome], None]

MOST_ENTRANTS = 500
MOST_PAIRS = 1_000
MOST_ENCOUNTERS = 100_000


@dataclass(frozen=True, slots=True)
class Format:
    name: str
    summary: str
    begin: Callable[[int, int, int], Rounds]
    """(entrants, seats of an encounter, rounds) -> the rounds."""
    waits: bool
    """Whether a round depends on what the rounds before it came to."""
    encounters: Callable[[int, int], int] | None = None
    """(entrants, seats) -> encounters of one turn, where they are known before it begins."""
    lives: int = 0
    """Encounters that an entrant may lose before it is out; 0 where nobody ever is."""

    @property
    def decides(self) -> bool:
        """Whether it is a knockout: an encounter is of two, and must have a winner."""
        return self.lives > 0


def round_robin(entrants: int, seats: int, rounds: int) -> Rounds:
    """Everybody meets everybody: of two, by the circle method (Berger), in rounds in which nobody plays
    twice; of more, every group there is, in one round. All of it `rounds` times."""
    for turn in range(rounds):
        if seats > 2:
            yield list(combinations(range(entrants), seats))
            continue
        circle: list[int | None] = [*range(entrants), *([None] if entrants % 2 else [])]
        half = len(circle) // 2
        for number in range(len(circle) - 1):
            pairs = [
                (one, other)
                for one, other in zip(circle[:half], reversed(circle[half:]), strict=True)
                if one is not None and other is not None
            ]
            yield [pair[::-1] if (number + turn) % 2 else pair for pair in pairs]
            circle = [circle[0], circle[-1], *circle[1:-1]]


def gauntlet(entrants: int, seats: int, rounds: int) -> Rounds:
    """The first entrant meets all the others, and they do not meet each other but where it sits with them."""
    for _ in range(rounds):
        yield [(0, *others) for others in combinations(range(1, entrants), seats - 1)]


FORMATS = {
    one.name: one
    for one in (
        Format("round-robin", "everybody meets everybody", round_robin, waits=False, encounters=math.comb),
        Format("swiss", "who has as many points meets, and nobody twice", swiss, waits=True),
        Format(
            "gauntlet",
            "the first against each of the others",
            gauntlet,
            waits=False,
            encounters=lambda entrants, seats: math.comb(entrants - 1, seats - 1),
        ),
        Format(
            "knockout",
            "who loses is out",
            lambda entrants, seats, rounds: knockout(entrants),
            waits=True,
            lives=1,
        ),
        Format(
            "double-elimination",
            "who loses twice is out",
            lambda entrants, seats, rounds: double_elimination(entrants),
            waits=True,
            lives=2,
        ),
    )
}


def check(name: str, entrants: int, seats: int, rounds: int | None) -> int:
    """How many rounds there will be, for formats that can have any number: those asked for, or the usual.

    Raises UsageError for what cannot be.
    """
    if name not in FORMATS:
        raise UsageError(f"there is no format '{name}'; there are {', '.join(FORMATS)}")
    found = FORMATS[name]
    if seats < 2:
        raise UsageError(f"{seats} seats: who would win? An encounter is of 2 at least")
    if entrants < seats:
        named = f"{entrants} player{'' if entrants == 1 else 's'}"
        raise UsageError(f"{named}: a tournament of {seats} seats needs {seats} at least")
    if entrants > MOST_ENTRANTS:
        raise UsageError(f"{entrants:,} players: at most {MOST_ENTRANTS} can enter")
    if found.decides and seats != 2:
        raise UsageError(f"a {name} is of two: {seats} seats go with round-robin, swiss or gauntlet")
    if rounds is not None and found.decides:
        raise UsageError(f"a {name} ends when one is left: leave rounds={rounds} out")
    if rounds is not None and not 1 <= rounds <= 1000:
        raise UsageError(f"{rounds} rounds: from 1 to 1,000 can be played")
    chosen = rounds if rounds is not None else usual_rounds(entrants) if name == "swiss" else 1
    if found.encounters is not None and chosen * found.encounters(entrants, seats) > MOST_ENCOUNTERS:
        raise UsageError(
            f"a {name} of {entrants} players with {seats} seats and {chosen} rounds has over "
            f"{MOST_ENCOUNTERS:,} encounters; take swiss, or fewer"
        )
    return chosen
