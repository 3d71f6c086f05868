"""Pairings, against tables, brute force and an independent matching."""

import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import combinations

import networkx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arena.errors import UsageError
from arena.tournaments.formats import FORMATS, Encounter, Outcome, Rounds, check

Decide = Callable[[Encounter], Outcome]


def played(rounds: Rounds, decide: Decide) -> list[tuple[list[Encounter], list[Outcome]]]:
    """All rounds, with what each encounter came to."""
    told = []
    encounters = next(rounds)
    try:
        while True:
            outcomes = [decide(encounter) for encounter in encounters]
            told.append((encounters, outcomes))
            encounters = rounds.send(outcomes)
    except StopIteration:
        return told


def stronger_wins(encounter: Encounter) -> Outcome:
    return tuple(float(one == min(encounter)) for one in encounter)


def by_chance(seed: int, draws: bool = True) -> Decide:
    chance = random.Random(seed)

    def decide(encounter: Encounter) -> Outcome:
        if len(encounter) == 1:
            return (1.0,)
        first = chance.choice((0.0, 0.5, 1.0) if draws else (0.0, 1.0))
        return (first, 1.0 - first)

    return decide


def schedule(name: str, entrants: int, seats: int = 2, rounds: int = 1) -> list[list[Encounter]]:
    return [
        encounters for encounters, _ in played(FORMATS[name].begin(entrants, seats, rounds), stronger_wins)
    ]


def unordered(encounters: Iterable[Encounter]) -> set[frozenset[int]]:
    return {frozenset(encounter) for encounter in encounters}


def pairs(*digits: str) -> set[frozenset[int]]:
    """`12` is entrant 0 against entrant 1."""
    return {frozenset(int(one) - 1 for one in pair) for pair in digits}


# Round-robin


@pytest.mark.parametrize(
    ("entrants", "rounds"),
    [
        (2, [pairs("12")]),
        (3, [pairs("23"), pairs("13"), pairs("12")]),
        (4, [pairs("14", "23"), pairs("13", "24"), pairs("12", "34")]),
        (
            6,
            [
                pairs("16", "25", "34"),
                pairs("15", "46", "23"),
                pairs("14", "35", "26"),
                pairs("13", "24", "56"),
                pairs("12", "36", "45"),
            ],
        ),
    ],
)
def test_a_round_robin_is_the_table_of_the_circle_method(
    entrants: int, rounds: list[set[frozenset[int]]]
) -> None:
    found = [unordered(one) for one in schedule("round-robin", entrants)]
    assert sorted(map(sorted_pairs, found)) == sorted(map(sorted_pairs, rounds))


def sorted_pairs(one: set[frozenset[int]]) -> list[list[int]]:
    return sorted(sorted(pair) for pair in one)


@given(st.integers(2, 31), st.integers(1, 3))
@settings(deadline=None)
def test_in_each_turn_of_a_round_robin_all_meet_once_and_nobody_is_twice_in_a_round(
    entrants: int, turns: int
) -> None:
    rounds = schedule("round-robin", entrants, rounds=turns)
    a_turn = entrants - 1 + entrants % 2
    assert len(rounds) == turns * a_turn
    for begin in range(0, len(rounds), a_turn):
        turn = rounds[begin : begin + a_turn]
        assert sorted(tuple(sorted(one)) for encounters in turn for one in encounters) == list(
            combinations(range(entrants), 2)
        )
        for encounters in turn:
            sat = Counter(one for encounter in encounters for one in encounter)
            assert set(sat.values()) == {1} and len(sat) == entrants - entrants % 2


@pytest.mark.parametrize(("entrants", "seats", "groups"), [(4, 3, 4), (6, 3, 20), (4, 4, 1), (7, 4, 35)])
def test_a_round_robin_of_more_seats_has_every_group_once_a_turn(
    entrants: int, seats: int, groups: int
) -> None:
    rounds = schedule("round-robin", entrants, seats, rounds=2)
    assert len(rounds) == 2
    for encounters in rounds:
        assert len(encounters) == len(unordered(encounters)) == groups
        assert all(len(set(encounter)) == seats for encounter in encounters)


# Gauntlet


def test_in_a_gauntlet_the_first_meets_each_of_the_others_once_a_turn() -> None:
    assert schedule("gauntlet", 4, rounds=2) == [[(0, 1), (0, 2), (0, 3)]] * 2


def test_in_a_gauntlet_of_more_seats_the_first_sits_with_every_group_of_the_others() -> None:
    [encounters] = schedule("gauntlet", 5, seats=3)
    assert unordered(encounters) == {frozenset((0, *two)) for two in combinations(range(1, 5), 2)}


# Knockouts


@pytest.mark.parametrize(
    ("entrants", "first"),
    [
        (2, [(0, 1)]),
        (3, [(0,), (1, 2)]),
        (4, [(0, 3), (1, 2)]),
        (5, [(0,), (3, 4), (1,), (2,)]),
        (6, [(0,), (3, 4), (1,), (2, 5)]),
        (7, [(0,), (3, 4), (1, 6), (2, 5)]),
        (8, [(0, 7), (3, 4), (1, 6), (2, 5)]),
    ],
)
def test_the_first_round_of_a_knockout_is_the_usual_bracket_with_byes_for_the_strongest(
    entrants: int, first: list[Encounter]
) -> None:
    for name in ("knockout", "double-elimination"):
        assert schedule(name, entrants)[0] == first


def test_where_the_stronger_always_wins_a_knockout_of_eight_goes_by_the_book() -> None:
    assert schedule("knockout", 8)[1:] == [[(0, 3), (1, 2)], [(0, 1)]]


@given(st.integers(2, 40), st.integers(0, 999))
def test_in_a_knockout_all_lose_once_but_one_and_who_lost_is_out(entrants: int, seed: int) -> None:
    lost: Counter[int] = Counter()
    for encounters, outcomes in played(
        FORMATS["knockout"].begin(entrants, 2, 1), by_chance(seed, draws=False)
    ):
        for encounter, outcome in zip(encounters, outcomes, strict=True):
            assert not any(lost[one] for one in encounter)
            if len(encounter) == 2:
                lost[encounter[outcome.index(0.0)]] += 1
    assert len(lost) == entrants - 1 and set(lost.values()) == {1}


@given(st.integers(1, 5), st.integers(0, 999))
def test_byes_of_a_knockout_are_in_its_first_round_only_and_go_to_the_strongest(
    doublings: int, more: int
) -> None:
    whole = 2**doublings
    entrants = whole // 2 + 1 + more % (whole // 2)
    first, *others = schedule("knockout", entrants)
    byes = [one[0] for one in first if len(one) == 1]
    assert sorted(byes) == list(range(whole - entrants))
    assert all(len(encounter) == 2 for encounters in others for encounter in encounters)


def test_the_two_strongest_of_a_knockout_can_meet_in_the_final_only() -> None:
    for entrants in range(3, 34):
        assert schedule("knockout", entrants)[-1] == [(0, 1)]


@given(st.integers(2, 9), st.integers(0, 9999))
def test_in_double_elimination_all_but_one_lose_exactly_twice_and_then_are_out(
    entrants: int, seed: int
) -> None:
    lost: Counter[int] = Counter()
    told = played(FORMATS["double-elimination"].begin(entrants, 2, 1), by_chance(seed, draws=False))
    for encounters, outcomes in told:
        seated = [one for encounter in encounters for one in encounter]
        assert len(seated) == len(set(seated)), "nobody is twice in a round"
        for encounter, outcome in zip(encounters, outcomes, strict=True):
            assert all(lost[one] < 2 for one in encounter)
            if len(encounter) == 2:
                lost[encounter[outcome.index(0.0)]] += 1
    assert sorted(lost[one] for one in range(entrants))[1:] == [2] * (entrants - 1)
    assert min(lost[one] for one in range(entrants)) <= 1
    meetings = sum(len(encounter) == 2 for encounters, _ in told for encounter in encounters)
    assert meetings == sum(lost.values())


@pytest.mark.parametrize("entrants", range(2, 10))
def test_there_is_a_second_final_where_and_only_where_the_one_without_a_loss_loses_the_first(
    entrants: int,
) -> None:
    def upset(encounter: Encounter) -> Outcome:
        """The strongest wins all until the final, where 1 beats it."""
        return tuple(reversed(stronger_wins(encounter))) if encounter == (0, 1) else stronger_wins(encounter)

    kept = schedule("double-elimination", entrants)
    met = [encounters for encounters in kept if (0, 1) in encounters or (1, 0) in encounters]
    assert kept[-1] == [(0, 1)] and len(met) == 2, "once above, and in the only final"

    bracket = FORMATS["double-elimination"].begin(entrants, 2, 1)
    encounters, losses = next(bracket), Counter[int]()
    finals = 0
    try:
        while True:
            last = len(encounters) == 1 and all(losses[one] >= 2 for one in range(2, entrants))
            final = last and losses[0] + losses[1] > 0
            finals += final
            outcomes = [upset(one) if final and finals == 1 else stronger_wins(one) for one in encounters]
            for encounter, outcome in zip(encounters, outcomes, strict=True):
                losses.update(one for one, points in zip(encounter, outcome, strict=True) if not points)
            encounters = bracket.send(outcomes)
    except StopIteration:
        assert finals == 2 and encounters == [(1, 0)]


def test_those_who_have_met_do_not_meet_again_as_soon_as_one_falls_into_the_bracket_of_losers() -> None:
    for entrants in range(6, 40):
        for seed in range(20):
            met: set[frozenset[int]] = set()
            told = played(FORMATS["double-elimination"].begin(entrants, 2, 1), by_chance(seed, draws=False))
            for encounters, _ in told[:3]:
                assert not met & unordered(encounters)
                met |= {pair for pair in unordered(encounters) if len(pair) == 2}


def test_where_an_encounter_of_a_knockout_is_level_the_stronger_goes_on() -> None:
    def level(encounter: Encounter) -> Outcome:
        return (1.0,) * len(encounter)

    for name in ("knockout", "double-elimination"):
        last, _ = played(FORMATS[name].begin(8, 2, 1), level)[-1]
        assert last == [(0, 1)]


# Swiss


class Memory:
    """What a Swiss must keep in mind, kept here too, in a way of its own."""

    def __init__(self, entrants: int) -> None:
        self.entrants = entrants
        self.points = [0.0] * entrants
        self.met: Counter[frozenset[int]] = Counter()
        self.byes = [0] * entrants

    def add(self, encounters: list[Encounter], outcomes: list[Outcome]) -> None:
        for encounter, outcome in zip(encounters, outcomes, strict=True):
            for one, gained in zip(encounter, outcome, strict=True):
                self.points[one] += gained
            if len(encounter) == 1:
                self.byes[encounter[0]] += 1
            self.met.update(map(frozenset, combinations(encounter, 2)))

    def repeated(self, encounters: Iterable[Encounter]) -> int:
        """How often those who meet now have met, and those with a bye have had one."""
        return sum(self.byes[one[0]] if len(one) == 1 else self.met[frozenset(one)] for one in encounters)

    def apart(self, encounters: Iterable[Encounter]) -> float:
        """How far those who meet are apart in points, squared; of a bye, from the last."""
        ends = [(one[0], one[-1]) for one in encounters]
        lowest = min(self.points)
        return sum(
            (self.points[one] - (lowest if one == other else self.points[other])) ** 2 for one, other in ends
        )

    def nearest(self) -> float | None:
        """How little `apart` a pairing can be in which nothing is repeated; None where there is none."""
        graph = networkx.Graph()
        for one, other in combinations(range(self.entrants), 2):
            if not self.met[frozenset((one, other))]:
                graph.add_edge(one, other, weight=-round(4 * (self.points[one] - self.points[other]) ** 2))
        for one in range(self.entrants if self.entrants % 2 else 0):
            if not self.byes[one]:
                graph.add_edge(one, "bye", weight=-round(4 * (self.points[one] - min(self.points)) ** 2))
        found = networkx.max_weight_matching(graph, maxcardinality=True)
        if 2 * len(found) < self.entrants:
            return None
        return -sum(graph.edges[pair]["weight"] for pair in found) / 4


def all_pairings(entrants: list[int]) -> Iterator[list[Encounter]]:
    """Every way to pair them, with one bye where their number is odd."""
    if not entrants:
        yield []
    elif len(entrants) % 2:
        for one in entrants:
            yield from (
                [(one,), *others] for others in all_pairings([other for other in entrants if other != one])
            )
    else:
        first, *rest = entrants
        for other in rest:
            yield from ([(first, other), *more] for more in all_pairings([x for x in rest if x != other]))


@given(st.integers(2, 40), st.integers(1, 9), st.booleans(), st.integers(0, 9999))
@settings(deadline=None)
def test_a_swiss_seats_everybody_once_a_round_and_repeats_nothing_while_it_need_not(
    entrants: int, rounds: int, draws: bool, seed: int
) -> None:
    memory = Memory(entrants)
    told = played(FORMATS["swiss"].begin(entrants, 2, rounds), by_chance(seed, draws))
    assert len(told) == rounds
    for encounters, outcomes in told:
        assert sorted(one for encounter in encounters for one in encounter) == list(range(entrants))
        assert sum(len(encounter) == 1 for encounter in encounters) == entrants % 2
        if memory.repeated(encounters):
            assert memory.nearest() is None
        memory.add(encounters, outcomes)
    if rounds <= entrants // 2:
        assert max(memory.byes) <= 1, "for so long it can always be avoided"


@pytest.mark.parametrize("entrants", [29, 30])
def test_a_long_swiss_pairs_those_who_are_far_apart_before_it_repeats_anything(entrants: int) -> None:
    memory = Memory(entrants)
    for encounters, outcomes in played(FORMATS["swiss"].begin(entrants, 2, 26), stronger_wins):
        assert not memory.repeated(encounters) or memory.nearest() is None
        memory.add(encounters, outcomes)


@given(st.integers(2, 8), st.integers(1, 12), st.booleans(), st.integers(0, 9999))
@settings(deadline=None)
def test_of_all_pairings_a_swiss_takes_one_with_fewest_repetitions_and_then_the_nearest_points(
    entrants: int, rounds: int, draws: bool, seed: int
) -> None:
    memory = Memory(entrants)
    for encounters, outcomes in played(FORMATS["swiss"].begin(entrants, 2, rounds), by_chance(seed, draws)):
        best = min((memory.repeated(one), memory.apart(one)) for one in all_pairings(list(range(entrants))))
        assert (memory.repeated(encounters), memory.apart(encounters)) == pytest.approx(best)
        memory.add(encounters, outcomes)


@given(st.integers(2, 40), st.integers(0, 9999))
@settings(deadline=None, max_examples=40)
def test_in_a_swiss_of_the_usual_length_those_who_meet_are_as_near_in_points_as_can_be(
    entrants: int, seed: int
) -> None:
    memory = Memory(entrants)
    usual = check("swiss", entrants, 2, None)
    for encounters, outcomes in played(FORMATS["swiss"].begin(entrants, 2, usual), by_chance(seed)):
        nearest = memory.nearest()
        if nearest is not None:
            assert memory.apart(encounters) == pytest.approx(nearest)
        gaps = [abs(memory.points[one[0]] - memory.points[one[-1]]) for one in encounters]
        assert max(gaps) <= 2.0 and sum(gaps) <= len(encounters)
        memory.add(encounters, outcomes)


@given(st.integers(2, 40))
@settings(deadline=None)
def test_a_swiss_begins_with_the_upper_half_against_the_lower_and_a_bye_for_the_last(entrants: int) -> None:
    [encounters] = schedule("swiss", entrants)
    half = entrants // 2
    byes = [(entrants - 1,)] if entrants % 2 else []
    assert encounters == [(one, one + half) for one in range(half)] + byes


def test_in_the_second_round_of_a_swiss_winners_meet_winners_again_halves_against_each_other() -> None:
    assert schedule("swiss", 8, rounds=2)[1] == [(0, 2), (1, 3), (4, 6), (5, 7)]


def test_what_a_whole_encounter_is_worth_does_not_change_who_meets() -> None:
    def scaled(factor: float) -> list[list[Encounter]]:
        decide = by_chance(5)
        rounds = FORMATS["swiss"].begin(21, 2, 7)
        return [
            encounters
            for encounters, _ in played(rounds, lambda one: tuple(factor * gained for gained in decide(one)))
        ]

    assert scaled(1.0) == scaled(24.0) == scaled(3.0) == scaled(0.001)


@given(st.integers(3, 4), st.integers(0, 30), st.integers(1, 6), st.integers(0, 999))
@settings(deadline=None)
def test_a_swiss_of_more_seats_fills_every_group_and_shares_the_byes_out(
    seats: int, more: int, rounds: int, seed: int
) -> None:
    entrants, chance = seats + more, random.Random(seed)
    memory = Memory(entrants)

    def decide(encounter: Encounter) -> Outcome:
        finish = [place / max(len(encounter) - 1, 1) for place in range(len(encounter))]
        chance.shuffle(finish)
        return tuple(finish) if len(encounter) > 1 else (1.0,)

    for encounters, outcomes in played(FORMATS["swiss"].begin(entrants, seats, rounds), decide):
        assert sorted(one for encounter in encounters for one in encounter) == list(range(entrants))
        groups = [one for one in encounters if len(one) > 1]
        assert len(groups) == entrants // seats and {len(one) for one in groups} <= {seats}
        memory.add(encounters, outcomes)
        assert max(memory.byes) - min(memory.byes) <= 1


def test_in_a_swiss_of_more_seats_those_meet_who_have_not_while_there_are_such() -> None:
    first, second = schedule("swiss", 9, seats=3, rounds=2)
    assert first == [(0, 1, 2), (3, 4, 5), (6, 7, 8)]
    before = {frozenset(two) for group in first for two in combinations(group, 2)}
    assert not before & {frozenset(two) for group in second for two in combinations(group, 2)}


def test_points_that_add_up_to_the_same_are_equal_whatever_the_order_of_the_thirds() -> None:
    """0.1 + 0.2 + 0.3 and 0.3 + 0.2 + 0.1 differ in the last bit, and such a bit must not rank anybody."""
    gains = {0: (0.3, 0.2, 0.1), 1: (0.1, 0.2, 0.3)}
    assert sum(gains[0]) != sum(gains[1])
    for low, high in ((0, 1), (1, 0)):
        rounds = FORMATS["swiss"].begin(2, 2, 4)
        encounters = next(rounds)
        for number in range(3):
            gained = {0: gains[low][number], 1: gains[high][number]}
            encounters = rounds.send([tuple(gained[one] for one in encounters[0])])
        assert encounters == [(0, 1)], "the lower number comes first among equals"


def test_a_hundred_entrants_play_ten_rounds_of_swiss() -> None:
    memory = Memory(100)
    for encounters, outcomes in played(FORMATS["swiss"].begin(100, 2, 10), by_chance(1)):
        assert sorted(one for encounter in encounters for one in encounter) == list(range(100))
        assert not memory.repeated(encounters)
        memory.add(encounters, outcomes)


def test_of_the_same_outcomes_come_the_same_rounds() -> None:
    for name in FORMATS:
        one, other = (
            played(FORMATS[name].begin(11, 2, 5), by_chance(3, draws=not FORMATS[name].decides))
            for _ in range(2)
        )
        assert one == other


# What is refused


@pytest.mark.parametrize(
    ("name", "entrants", "seats", "rounds", "says"),
    [
        ("ladder", 4, 2, None, "there is no format 'ladder'.*round-robin, swiss, gauntlet, knockout"),
        ("round-robin", 0, 2, None, "0 players.*needs 2 at least"),
        ("swiss", 1, 2, None, "1 player: .*needs 2 at least"),
        ("gauntlet", 3, 4, None, "3 players.*4 seats needs 4 at least"),
        ("swiss", 501, 2, None, "501 players: at most 500"),
        ("knockout", 8, 3, None, "a knockout is of two"),
        ("double-elimination", 8, 4, None, "a double-elimination is of two"),
        ("knockout", 8, 2, 3, "leave rounds=3 out"),
        ("swiss", 8, 2, 0, "0 rounds: from 1 to 1,000"),
        ("swiss", 8, 2, -1, "-1 rounds"),
        ("round-robin", 8, 2, 1001, "1001 rounds"),
        ("swiss", 8, 1, None, "1 seats.*2 at least"),
        ("round-robin", 8, 0, None, "0 seats.*2 at least"),
        ("gauntlet", 8, -1, None, "-1 seats.*2 at least"),
        ("round-robin", 500, 2, None, "over 100,000 encounters"),
        ("round-robin", 500, 4, None, "over 100,000 encounters"),
        ("round-robin", 101, 2, 20, "over 100,000 encounters"),
        ("gauntlet", 500, 3, None, "over 100,000 encounters"),
    ],
)
def test_what_cannot_be_is_refused_and_told_why(
    name: str, entrants: int, seats: int, rounds: int | None, says: str
) -> None:
    with pytest.raises(UsageError, match=says):
        check(name, entrants, seats, rounds)


@pytest.mark.parametrize(
    ("name", "entrants", "seats", "rounds", "chosen"),
    [
        ("round-robin", 2, 2, None, 1),
        ("round-robin", 100, 2, 20, 20),
        ("gauntlet", 500, 2, 1, 1),
        ("swiss", 2, 2, None, 1),
        ("swiss", 8, 2, None, 3),
        ("swiss", 9, 2, None, 4),
        ("swiss", 500, 2, None, 9),
        ("swiss", 9, 4, 1000, 1000),
        ("knockout", 500, 2, None, 1),
    ],
)
def test_what_can_be_has_as_many_rounds_as_asked_or_as_usual(
    name: str, entrants: int, seats: int, rounds: int | None, chosen: int
) -> None:
    assert check(name, entrants, seats, rounds) == chosen


@given(st.integers(2, 20), st.integers(2, 4), st.integers(1, 3))
@settings(deadline=None)
def test_the_encounters_that_are_reckoned_are_those_that_are_played(
    entrants: int, seats: int, rounds: int
) -> None:
    for name in ("round-robin", "gauntlet"):
        reckoned = FORMATS[name].encounters
        assert reckoned is not None
        if entrants >= seats:
            found = sum(map(len, schedule(name, entrants, seats, rounds)))
            assert found == rounds * reckoned(entrants, seats)


def test_seats_are_swapped_from_turn_to_turn_of_a_round_robin() -> None:
    for entrants in (4, 5, 6):
        rounds = schedule("round-robin", entrants, rounds=2)
        half = len(rounds) // 2
        assert [[pair[::-1] for pair in encounters] for encounters in rounds[:half]] == rounds[half:]
