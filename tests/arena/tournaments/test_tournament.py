"""What is to be played, and what has been: with results as they are made up here."""

import random
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arena.errors import ArenaError
from arena.store.database import Database
from arena.store.records import LARGEST_SEED, Place, Placing
from arena.tournaments.formats import FORMATS
from arena.tournaments.standings import standings
from arena.tournaments.tournament import EXTRA_PAIRS, LANES, Lot, Task, Tournament
from tests.arena.tournaments.made_up import (
    Finish,
    by_chance,
    level,
    open_places,
    plan,
    play,
    record,
    result,
    stronger_first,
)

FORMAT = st.sampled_from(sorted(FORMATS))
MIXED = ("maze/race", "maze/run", "versus/pong")
"""A shared maze, a duel in a maze, and a shared cartridge."""


def all_tasks(tournament: Tournament) -> list[Task]:
    """Of everything that was played."""
    return [tournament.task(one.place) for found in tournament.played().values() for one in found]


# Seats and seeds


@pytest.mark.parametrize("seats", [2, 3, 4])
@pytest.mark.parametrize("format", ["round-robin", "swiss", "gauntlet"])
def test_in_a_shared_world_each_of_an_encounter_sits_equally_often_in_each_seat(
    format: str, seats: int
) -> None:
    tournament = play(Tournament(plan(format, 7, seats=seats, pairs=3, rounds=2)), stronger_first)
    sat: dict[tuple[int, int], Counter[tuple[int, int]]] = {}
    for task in all_tasks(tournament):
        found = sat.setdefault((task.place.round, task.place.encounter), Counter())
        found.update(enumerate(task.order))
    assert sat
    for (number, at), found in sat.items():
        encounter = tournament.rounds[number][at]
        assert found == {(seat, one): 3 for seat in range(seats) for one in encounter}


def test_in_shared_worlds_every_seed_is_played_from_every_seat() -> None:
    tournament = play(Tournament(plan(entrants=4, seats=4, pairs=2)), stronger_first)
    orders: dict[int, list[tuple[int, ...]]] = {}
    for task in all_tasks(tournament):
        orders.setdefault(task.seed, []).append(task.order)
    assert len(orders) == 2
    for found in orders.values():
        assert found == [(0, 1, 2, 3), (1, 2, 3, 0), (2, 3, 0, 1), (3, 0, 1, 2)]


@pytest.mark.parametrize("seats", [2, 3])
def test_a_duel_has_one_match_a_seed(seats: int) -> None:
    tournament = play(Tournament(plan(entrants=3, games=("maze/run",), seats=seats, pairs=4)), stronger_first)
    for found in tournament.played().values():
        assert len({tournament.task(one.place).seed for one in found}) == len(found) == 4


@given(FORMAT, st.integers(2, 9), st.integers(0, LARGEST_SEED))
@settings(deadline=None, max_examples=40)
def test_all_encounters_of_a_round_share_their_seeds_and_nothing_else_does(
    format: str, entrants: int, seed: int
) -> None:
    made = plan(format, entrants, games=("maze/race", "maze/run"), pairs=2, rounds=2, seed=seed)
    seeds: dict[tuple[int, int, int], set[int]] = {}
    for task in all_tasks(play(Tournament(made), stronger_first)):
        seeds.setdefault((task.place.round, task.place.game, task.place.pair), set()).add(task.seed)
    assert all(len(one) == 1 for one in seeds.values())
    found = [next(iter(one)) for one in seeds.values()]
    assert len(set(found)) == len(found) and all(0 <= one <= LARGEST_SEED for one in found)


def test_another_seed_of_the_tournament_brings_other_seeds_and_the_same_one_the_same() -> None:
    def seeds(seed: int) -> list[int]:
        return [task.seed for task in all_tasks(play(Tournament(plan(seed=seed)), stronger_first))]

    assert not set(seeds(1)) & set(seeds(2))
    assert seeds(1) == seeds(1)


def test_what_one_game_is_played_on_does_not_hang_on_the_other_games() -> None:
    alone = {task.seed for task in all_tasks(play(Tournament(plan()), stronger_first))}
    beside = all_tasks(play(Tournament(plan(games=("maze/run", "maze/race"))), stronger_first))
    assert {task.seed for task in beside if task.place.game == 1} == alone


# What is played when


@pytest.mark.parametrize("format", sorted(FORMATS))
@pytest.mark.parametrize("entrants", [2, 3, 7])
def test_a_tournament_is_over_when_all_is_played_and_not_before(format: str, entrants: int) -> None:
    tournament = Tournament(plan(format, entrants, rounds=2))
    while not tournament.over:
        done, known = tournament.matches
        assert done < known
        place = open_places(tournament)[0]
        record(tournament, place, stronger_first(tournament.task(place)))
    done, known = tournament.matches
    assert done == known and not tournament.lots() and not tournament.waiting()
    assert all(tournament.settled(number) for number in range(len(tournament.rounds)))
    assert standings(tournament).lines[0].entrant == 0


def test_a_match_that_is_told_twice_counts_once() -> None:
    tournament = Tournament(plan(entrants=2))
    place = open_places(tournament)[0]
    record(tournament, place, (1, 2))
    record(tournament, place, (2, 1))
    assert tournament.matches == (1, 2)
    assert tournament.task(place).order == (0, 1) and tournament.outcomes(0) == [(1.0, 0.0)]


@given(
    FORMAT,
    st.integers(2, 6),
    st.integers(1, 2),
    st.sampled_from([("maze/race",), ("maze/run",), MIXED[:2]]),
    st.integers(0, 9999),
    st.integers(0, 9999),
)
@settings(deadline=None, max_examples=80)
def test_the_order_in_which_results_come_changes_nothing(
    format: str, entrants: int, pairs: int, games: tuple[str, ...], outcomes: int, order: int
) -> None:
    made = plan(format, entrants, games=games, pairs=pairs, rounds=2, people={1}, chance=0)

    def moves(task: Task, finish: Finish) -> str:
        """Often the same, for the same players in the same seats."""
        which = random.Random(f"{outcomes} {task.place}").randrange(2)
        return f"{task.place.game} {task.order} {finish} {which}"

    one = play(Tournament(made), by_chance(outcomes), moves=moves)
    other = play(Tournament(made), by_chance(outcomes), moves=moves, order=random.Random(order))
    assert one.over and other.over
    assert one.rounds == other.rounds
    assert one.played() == other.played()
    assert standings(one) == standings(other)


@pytest.mark.parametrize("format", sorted(FORMATS))
@pytest.mark.parametrize("stop_after", [0, 1, 5, 13, None])
def test_what_is_loaded_from_the_log_is_what_was_recorded(format: str, stop_after: int | None) -> None:
    made = plan(format, 6, games=("maze/race", "maze/run"), rounds=3, people={5})
    decide = by_chance(3)
    tournament = play(Tournament(made), decide, order=random.Random(1), stop_after=stop_after)
    with Database.open() as log:
        for found in tournament.played().values():
            for one in found:
                log.add(one.result, Placing(made.id, one.place, str(one.place)))
    loaded = Tournament.load(made)
    assert loaded.rounds == tournament.rounds and loaded.over == tournament.over
    assert loaded.played() == tournament.played()
    assert loaded.lots() == tournament.lots() and loaded.waiting() == tournament.waiting()
    assert loaded.matches == tournament.matches
    assert standings(loaded) == standings(tournament)
    assert standings(play(loaded, decide)) == standings(play(tournament, decide))


def test_while_matches_are_surely_missing_not_all_of_a_round_is_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tournament = Tournament(plan("gauntlet", 20))
    *first, last = open_places(tournament)
    with monkeypatch.context() as patched:
        patched.setattr(Tournament, "_missing", lambda *_: pytest.fail("it is looked at"))
        for place in first:
            record(tournament, place, (1, 2))
    record(tournament, last, (1, 2))
    assert tournament.over


def test_matches_of_another_tournament_are_not_loaded() -> None:
    made = plan(entrants=2)
    tournament = Tournament(made)
    place = open_places(tournament)[0]
    with Database.open() as log:
        log.add(result(tournament, place, (1, 2)), Placing("another", place, "moves"))
    assert Tournament.load(made).matches == (0, 2)


# Level encounters


@pytest.mark.parametrize("games", [("maze/race",), ("maze/run",), MIXED])
def test_a_knockout_that_stays_level_is_played_on_and_then_the_first_named_goes_on(
    games: tuple[str, ...],
) -> None:
    tournament = play(Tournament(plan("knockout", 4, games=games, pairs=2)), level)
    assert tournament.rounds == [[(0, 3), (1, 2)], [(0, 1)]] and tournament.over
    a_pair = sum(tournament.turns(game) for game in range(len(games)))
    for found in tournament.played().values():
        assert len(found) == (2 + EXTRA_PAIRS) * a_pair
    assert [line.entrant for line in standings(tournament).lines] == [0, 1, 2, 3]


def test_no_more_extra_pairs_are_played_than_it_takes() -> None:
    def third_decides(task: Task) -> Finish:
        """Level, until the weaker wins the second extra pair."""
        return [1 + (one == min(task.order)) for one in task.order] if task.place.pair >= 2 else level(task)

    tournament = play(Tournament(plan("knockout", 2)), third_decides)
    assert Counter(one.place.pair for one in tournament.played()[0, 0]) == {0: 2, 1: 2, 2: 2}
    assert standings(tournament).lines[0].entrant == 1


def test_an_encounter_that_is_decided_is_not_played_on_where_another_is_level() -> None:
    def decide(task: Task) -> Finish:
        return level(task) if set(task.order) == {0, 3} else stronger_first(task)

    tournament = play(Tournament(plan("knockout", 4)), decide)
    played = tournament.played()
    assert len(played[0, 0]) == 2 * (1 + EXTRA_PAIRS) and len(played[0, 1]) == 2


def test_a_level_encounter_of_swiss_is_left_at_that() -> None:
    tournament = play(Tournament(plan("swiss", 4, rounds=2)), level)
    assert tournament.over and tournament.matches == (8, 8)


def test_in_double_elimination_there_is_a_second_final_where_the_first_was_an_upset() -> None:
    calm = play(Tournament(plan("double-elimination", 4)), stronger_first)
    assert calm.rounds[-1] == [(0, 1)] and standings(calm).lines[0].entrant == 0
    finals = len(calm.rounds) - 1

    def upset(task: Task) -> Finish:
        return stronger_first(task)[::-1] if task.place.round >= finals else stronger_first(task)

    wild = play(Tournament(plan("double-elimination", 4)), upset)
    assert wild.rounds[finals:] == [[(0, 1)], [(1, 0)]]
    assert [line.entrant for line in standings(wild).lines][:2] == [1, 0]


# Duplicates and byes


def test_of_matches_with_the_same_moves_one_counts() -> None:
    def same(task: Task, finish: Finish) -> str:
        return f"{task.order} {finish}"

    tournament = play(Tournament(plan(entrants=2, pairs=5)), stronger_first, moves=same)
    assert tournament.over and tournament.outcomes(0) == [(2.0, 0.0)]
    found = standings(tournament)
    assert found.duplicates == 8 and [line.played for line in found.lines] == [2, 2]
    assert [one.duplicate for one in tournament.played()[0, 0]] == [False, False] + [True] * 8


def test_a_duplicate_of_an_earlier_round_does_not_count_either() -> None:
    def same(task: Task, finish: Finish) -> str:
        return f"{sorted(task.order)}"

    tournament = play(Tournament(plan(entrants=2, games=("maze/run",), rounds=3)), stronger_first, moves=same)
    assert [line.points for line in standings(tournament).lines] == [1.0, 0.0]


def test_who_beats_the_same_one_again_in_the_same_way_goes_on_in_a_knockout() -> None:
    """A game without chance, and players without: when two meet again it is the same match again, and who won
    it has to go on all the same."""

    def weaker_wins(task: Task) -> Finish:
        return [1 + sum(other > one for other in task.order) for one in task.order]

    def same(task: Task, finish: Finish) -> str:
        return f"{task.order} {finish}"

    made = plan("double-elimination", 8, games=("maze/race",))
    again = play(Tournament(made), weaker_wins, moves=same)
    fresh = play(Tournament(made), weaker_wins)
    met = Counter(frozenset(one) for encounters in again.rounds for one in encounters if len(one) == 2)
    assert max(met.values()) == 2, "some do meet again"
    assert again.rounds == fresh.rounds
    lines = standings(again).lines
    assert lines[0].entrant == 7
    assert [line.entrant for line in lines] == [line.entrant for line in standings(fresh).lines]


@given(st.integers(2, 9), st.integers(0, 9999))
@settings(deadline=None, max_examples=60)
def test_whoever_is_out_of_double_elimination_was_beaten_in_two_encounters(entrants: int, seed: int) -> None:
    strength = [random.Random(f"{seed} {one}").random() for one in range(entrants)]

    def decide(task: Task) -> Finish:
        return [1 + sum(strength[other] > strength[one] for other in task.order) for one in task.order]

    tournament = play(
        Tournament(plan("double-elimination", entrants)), decide, moves=lambda task, finish: str(task.order)
    )
    assert standings(tournament).lines[0].entrant == strength.index(max(strength))


def test_a_bye_is_worth_an_encounter_in_which_everything_is_won() -> None:
    tournament = play(Tournament(plan("swiss", 3, games=MIXED[:2], pairs=2, rounds=1)), stronger_first)
    assert tournament.rounds == [[(0, 1), (2,)]]
    assert tournament.outcomes(0) == [(6.0, 0.0), (6.0,)]
    assert [(line.name, line.points, line.byes) for line in standings(tournament).lines] == [
        ("A", 6.0, 0),
        ("C", 6.0, 1),
        ("B", 0.0, 0),
    ]


def test_points_of_a_match_of_four_are_the_share_of_the_others_that_one_came_before() -> None:
    tournament = Tournament(plan(entrants=4, seats=4))
    record(tournament, Place(0, 0, 0, 0, 0), (1, 2, 2, 4))
    assert tournament.outcomes(0) == [(1.0, 0.5, 0.5, 0.0)]
    record(tournament, Place(0, 0, 0, 0, 1), (1, 1, 1, 1))
    assert tournament.outcomes(0) == [(1.5, 1.0, 1.0, 0.5)]


@given(st.lists(st.integers(1, 4), min_size=4, max_size=4))
def test_a_match_brings_as_many_points_as_half_its_seats_whatever_its_finish(scores: list[int]) -> None:
    tournament = Tournament(plan(entrants=4, seats=4))
    record(tournament, Place(0, 0, 0, 0, 2), [1 + sum(other < one for other in scores) for one in scores])
    assert sum(tournament.outcomes(0)[0]) == pytest.approx(2.0)


def test_who_plays_in_teams_has_every_other_as_a_mate_and_points_by_opponents_alone() -> None:
    tournament = Tournament(plan(entrants=4, seats=4, pairs=3, games=("versus/pong",)))
    mates: dict[int, list[int]] = {}
    for place in open_places(tournament):
        order = tournament.task(place).order
        for seat, entrant in enumerate(order):
            mates.setdefault(entrant, []).append(order[(seat + 2) % 4])
    assert all(sorted(found) == sorted([*({0, 1, 2, 3} - {one})] * 4) for one, found in mates.items())
    play(tournament, lambda task: [1, 3, 1, 3])
    for one in tournament.played()[0, 0]:
        assert one.points == (1.0, 0.0, 1.0, 0.0)


# Lots


def test_matches_of_people_are_in_no_lot_and_wait() -> None:
    tournament = Tournament(plan(entrants=4, people={1}))
    in_lots = [task for lot in tournament.lots() for task in lot.tasks]
    assert {frozenset(task.order) for task in in_lots} == {frozenset(two) for two in ((0, 2), (0, 3), (2, 3))}
    waiting = {frozenset(tournament.task(place).order) for place in tournament.waiting()}
    assert waiting == {frozenset(two) for two in ((0, 1), (1, 2), (1, 3))}


def test_a_swiss_waits_for_people_before_its_next_round() -> None:
    tournament = Tournament(plan("swiss", 4, rounds=2, people={3}))
    for lot in tournament.lots():
        for task in lot.tasks:
            record(tournament, task.place, stronger_first(task))
    assert not tournament.lots() and len(tournament.rounds) == 1 and not tournament.over
    for place in tournament.waiting():
        record(tournament, place, stronger_first(tournament.task(place)))
    assert len(tournament.rounds) == 2 and tournament.lots()


@given(
    FORMAT,
    st.integers(2, 12),
    st.integers(1, 3),
    st.lists(st.sampled_from(MIXED), min_size=1, max_size=3, unique=True),
    st.randoms(use_true_random=False),
)
@settings(deadline=None, max_examples=80)
def test_what_is_in_a_lot_does_not_hang_on_what_has_been_played(
    format: str, entrants: int, pairs: int, games: list[str], chance: random.Random
) -> None:
    """Of a round; where rounds are known beforehand, of all."""
    made = plan(format, entrants, games=games, pairs=pairs, people={0} if entrants % 3 == 0 else ())
    fresh = Tournament(made)
    lots = {lot.key: lot for lot in fresh.lots()}
    places = open_places(fresh)
    tournament = Tournament(made)
    for place in chance.sample(places, chance.randint(0, len(places) - 1)):
        record(tournament, place, stronger_first(tournament.task(place)))
    if tournament.over or (tournament.format.waits and tournament.settled(0)):
        return
    undone = {place for place in places if not tournament.done(place) and not tournament.has_people(place)}
    found = [lot for lot in tournament.lots() if not is_extra(tournament, lot)]
    assert found == [lots[lot.key] for lot in found]
    assert undone <= {task.place for lot in found for task in lot.tasks}


def is_extra(tournament: Tournament, lot: Lot) -> bool:
    return lot.key.pair >= tournament.plan.pairs


@given(st.integers(0, 9999), st.integers(0, 9999), st.sampled_from(["knockout", "double-elimination"]))
@settings(deadline=None, max_examples=60)
def test_a_knockout_that_was_cut_short_anywhere_goes_on_with_the_very_same_lots(
    outcomes: int, order: int, format: str
) -> None:
    """Extra pairs too: in other company an agent may answer otherwise by a hair, and all be otherwise."""
    made = plan(format, 8, games=("maze/race", "maze/run"))
    decide = by_chance(outcomes)

    def lots_of(tournament: Tournament, chance: random.Random | None) -> set[Lot]:
        """All there were; with `chance`, a match of any of them ends, and then it is asked for anew."""
        seen: set[Lot] = set()
        while lots := tournament.lots():
            seen |= set(lots)
            places = [t.place for lot in lots for t in lot.tasks if not tournament.done(t.place)]
            for place in places if chance is None else [chance.choice(places)]:
                record(tournament, place, decide(tournament.task(place)))
        return seen

    assert lots_of(Tournament(made), None) == lots_of(Tournament(made), random.Random(order))


@given(st.integers(0, 9999), st.integers(2, 7), st.sampled_from(["round-robin", "gauntlet", "swiss"]))
@settings(deadline=None, max_examples=60)
def test_a_tournament_that_was_cut_short_anywhere_goes_on_with_the_very_same_lots(
    order: int, entrants: int, format: str
) -> None:
    made = plan(format, entrants, rounds=3, games=("maze/race", "versus/pong"))
    chance = random.Random(order)
    tournament, seen = Tournament(made), set[Lot]()
    while lots := tournament.lots():
        seen |= set(lots)
        places = [task.place for lot in lots for task in lot.tasks if not tournament.done(task.place)]
        place = chance.choice(places)
        record(tournament, place, stronger_first(tournament.task(place)))
    whole, at_once = Tournament(made), set[Lot]()
    while lots := whole.lots():
        at_once |= set(lots)
        for lot in lots:
            for task in lot.tasks:
                record(whole, task.place, stronger_first(task))
    assert seen == at_once


def test_lots_are_of_one_game_no_larger_than_its_lanes_and_the_slow_games_come_first() -> None:
    tournament = Tournament(plan(entrants=7, games=("maze/race", "versus/pong"), pairs=2))
    lots = tournament.lots()
    assert [lot.game for lot in lots] == sorted((lot.game for lot in lots), reverse=True)
    for lot in lots:
        assert {task.place.game for task in lot.tasks} == {lot.game}
        assert len(lot.tasks) <= LANES["versus" if lot.game else "maze"]
    places = [task.place for lot in lots for task in lot.tasks]
    assert len(places) == len(set(places)) == tournament.matches[1] == 21 * 2 * 2 * 2
    assert max(len(lot.tasks) for lot in lots if lot.game == 0) == LANES["maze"]


def test_who_thinks_about_one_match_at_a_time_is_in_lots_of_one_that_come_after_the_full_ones() -> None:
    tournament = Tournament(plan(entrants=7, pairs=2, alone={2}, chance=6))
    lots = tournament.lots()
    theirs = [len(lot.tasks) == 1 and 2 in lot.tasks[0].order for lot in lots]
    assert theirs == [False] * (len(lots) - 24) + [True] * 24
    assert {entrant for lot in lots[:-24] for task in lot.tasks for entrant in task.order} == {
        0,
        1,
        3,
        4,
        5,
        6,
    }
    assert [len(lot.tasks) for lot in lots[:-24]] == [16, 16, 16, 12]


def test_a_plan_alone_decides_what_is_played() -> None:
    made = plan("swiss", 9, games=MIXED, pairs=2, rounds=3)
    one, other = (play(Tournament(replace(made)), by_chance(1)) for _ in range(2))
    assert one.rounds == other.rounds and all_tasks(one) == all_tasks(other)


@pytest.mark.parametrize(
    ("why", "changes"),
    [
        ("no format 'darts'", {"format": "darts"}),
        ("seats", {"seats": 1}),
        ("seats", {"seats": 9}),
        ("rounds", {"rounds": 1_000_000}),
        ("maze/gone", {"games": ("maze/gone",)}),
        ("makes no sense", {"games": ("maze/race", "maze/run")}),
        ("makes no sense", {"pairs": 10**9}),
        ("players", {"entrants": ()}),
    ],
)
def test_a_plan_that_nobody_can_play_is_a_clear_error(why: str, changes: dict[str, Any]) -> None:
    with pytest.raises(ArenaError, match=why):
        Tournament.load(replace(plan(), **changes))
    assert Tournament.load(plan("knockout")).lots()
