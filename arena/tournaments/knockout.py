"""Knockouts: who loses once, or twice, is out.

The bracket is the usual one: the two strongest are expected to meet in the final, and where the number of
entrants is no power of two, the strongest have a bye in the first round.
"""

from collections.abc import Generator, Sequence

Pair = tuple[int | None, int | None]
"""None: there is nobody, and the other goes on without playing."""

Bracket = Generator[list[tuple[int, ...]], Sequence[tuple[float, ...]], None]


def knockout(entrants: int) -> Bracket:
    """Single elimination: rounds until one is left."""
    left: list[int | None] = _seeded(entrants)
    while len(left) > 1:
        left, _ = yield from _played(_pairs(left))


def double_elimination(entrants: int) -> Bracket:
    """Who has lost once goes on in a bracket of losers, and its winner meets who has not lost; if the winner
    of the losers wins that, they meet again, as both have then lost once.

    Losers come into their bracket in turned order, so that those who have met do so again as late as can be.
    """
    upper, fallen = yield from _played(_pairs(_seeded(entrants)))
    lower = fallen
    while len(upper) > 1:
        over, under = _pairs(upper), _pairs(lower) if len(lower) > 1 else []
        winners, losers = yield from _played([*over, *under])
        upper, lower = winners[: len(over)], winners[len(over) :] or lower
        fallen = losers[: len(over)]
        lower, _ = yield from _played(list(zip(lower, reversed(fallen), strict=True)))
    [best], [challenger] = upper, lower
    if best is None or challenger is None:
        return
    outcomes = yield [(best, challenger)]
    if outcomes[0][1] > outcomes[0][0]:
        yield [(challenger, best)]


def _seeded(entrants: int) -> list[int | None]:
    """The first round's order: each half has every second of the strongest."""
    order = [0]
    while len(order) < entrants:
        size = 2 * len(order)
        order = [number for one in order for number in (one, size - 1 - one)]
    return [number if number < entrants else None for number in order]


def _pairs(order: Sequence[int | None]) -> list[Pair]:
    return list(zip(order[::2], order[1::2], strict=True))


def _played(
    pairs: Sequence[Pair],
) -> Generator[list[tuple[int, ...]], Sequence[tuple[float, ...]], tuple[list[int | None], list[int | None]]]:
    """A round of these pairs, with byes where one is alone. Returns who won and who lost, in their order.
    Where it is level, the stronger goes on."""
    real = [tuple(sorted(one for one in pair if one is not None)) for pair in pairs]
    played = [encounter for encounter in real if encounter]
    outcomes = iter(
        (yield played) if any(len(encounter) > 1 for encounter in played) else [(0.0,)] * len(played)
    )
    winners: list[int | None] = []
    losers: list[int | None] = []
    for encounter in real:
        points = next(outcomes) if encounter else ()
        if len(encounter) < 2:
            winners.append(encounter[0] if encounter else None)
            losers.append(None)
            continue
        first = points[0] >= points[1]
        winners.append(encounter[0 if first else 1])
        losers.append(encounter[1 if first else 0])
    return winners, losers
