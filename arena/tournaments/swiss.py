"""Swiss: in each round those meet who have as many points, and nobody meets the same one twice.

A round's pairing is a matching of least cost: above all as few repetitions as can be, then opponents with
nearly the same points, then the upper half of those with equal points against the lower half, as in the Dutch
system (FIDE Handbook C.04.3). Where the number is odd, one of the weakest who has had no bye has one, which
counts as an encounter won.
"""

import math
from collections import Counter
from collections.abc import Generator, Sequence
from itertools import combinations

Encounter = tuple[int, ...]

REPEATED = 10**18
"""The cost of a repetition: more than all else that a round can come to."""

POINTS = 10**6
"""The cost of one whole encounter's difference in points, squared; what is left decides between equals."""

NEAR = 12
"""Of those who are next in the standings, so many are looked at first."""


def usual_rounds(entrants: int) -> int:
    """As many as a knockout would have: after these one at most has won all."""
    return max(math.ceil(math.log2(entrants)), 1)


def swiss(
    entrants: int, seats: int, rounds: int
) -> Generator[list[Encounter], Sequence[tuple[float, ...]], None]:
    points = [0.0] * entrants
    met: Counter[tuple[int, int]] = Counter()
    byes = [0] * entrants
    whole = 0.0
    for _ in range(rounds):
        shares = [round(gained / (whole or 1.0), 6) for gained in points]  # thirds add up alike in any order
        order = sorted(range(entrants), key=lambda one: (-shares[one], one))
        encounters = (
            _pairs(order, shares, met, byes) if seats == 2 else _groups(order, seats, shares, met, byes)
        )
        outcomes = yield encounters
        for encounter, outcome in zip(encounters, outcomes, strict=True):
            met.update(combinations(sorted(encounter), 2))
            if len(encounter) == 1:
                byes[encounter[0]] += 1
            for one, gained in zip(encounter, outcome, strict=True):
                points[one] += gained
            whole = max(whole, *outcome)


def _pairs(
    order: Sequence[int], shares: Sequence[float], met: Counter[tuple[int, int]], byes: Sequence[int]
) -> list[Encounter]:
    """Who meets whom, best first; who has the bye comes last."""
    nearby = _matched(order, shares, met, byes, NEAR)
    if nearby is None:
        nearby = _matched(order, shares, met, byes, len(order))
    assert nearby is not None
    return nearby


def _matched(
    order: Sequence[int],
    shares: Sequence[float],
    met: Counter[tuple[int, int]],
    byes: Sequence[int],
    near: int,
) -> list[Encounter] | None:
    """The matching of least cost among those at most `near` places further than the middle of their equals;
    None where it leaves somebody out or repeats what wider ones might not."""
    from networkx import Graph, max_weight_matching  # half a second, which only a pairing should take

    place = {one: at for at, one in enumerate(order)}
    equals = Counter(shares)
    graph = Graph()
    graph.add_nodes_from(order)
    for at, one in enumerate(order):
        half = equals[shares[one]] // 2
        for other in order[at + 1 : at + 1 + half + near]:
            difference = abs(shares[one] - shares[other])
            cost = round(POINTS * difference * difference) + abs(place[other] - at - half)
            cost += REPEATED * met[min(one, other), max(one, other)]
            graph.add_edge(one, other, weight=-cost)
    if len(order) % 2:
        lowest = min(shares)
        for at, one in enumerate(order):
            cost = round(POINTS * (shares[one] - lowest) ** 2) + len(order) - at + REPEATED * byes[one]
            graph.add_edge(one, -1, weight=-cost)
    pairs = max_weight_matching(graph, maxcardinality=True)
    if 2 * len(pairs) < len(graph):
        return None
    repeats = any(graph.edges[pair]["weight"] <= -REPEATED for pair in pairs)
    if repeats and near < len(order):
        return None
    place[-1] = len(order)
    sorted_pairs = sorted(tuple(sorted(pair, key=place.__getitem__)) for pair in pairs)
    sorted_pairs.sort(key=lambda pair: (place[pair[1]] == len(order), place[pair[0]]))
    return [tuple(one for one in pair if one >= 0) for pair in sorted_pairs]


def _groups(
    order: Sequence[int],
    seats: int,
    shares: Sequence[float],
    met: Counter[tuple[int, int]],
    byes: Sequence[int],
) -> list[Encounter]:
    """Groups of more than two: the best who is free, with those next in the standings whom the group has met
    least. Whoever is left over has a bye, those first who have had fewest."""
    left = list(order)
    free: list[Encounter] = []
    for _ in range(len(order) % seats):
        resting = min(reversed(left), key=lambda one: (byes[one], shares[one]))
        left.remove(resting)
        free.append((resting,))
    groups: list[Encounter] = []
    while left:
        group = [left.pop(0)]
        while len(group) < seats:
            known = [sum(met[min(one, other), max(one, other)] for one in group) for other in left]
            group.append(left.pop(min(range(len(left)), key=lambda at: (known[at], at))))
        groups.append(tuple(group))
    return groups + free
