"""Standings, against tables that were reckoned by hand."""

import csv
import json
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arena.tournaments.formats import FORMATS
from arena.tournaments.ratings import fit
from arena.tournaments.report import as_json, summary, write_csv
from arena.tournaments.standings import Line, Standings, standings
from arena.tournaments.tournament import Task, Tournament
from tests.arena.tournaments.made_up import (
    Decide,
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

DUEL = ("maze/run",)
"""One match an encounter, so that points are those of a table."""


def table(results: str) -> Decide:
    """`A>B C=D`: who beat whom, and who drew."""
    known: dict[frozenset[int], int | None] = {}
    for one in results.split():
        first, sign, second = (ord(one[0]) - ord("A")), one[1], (ord(one[2]) - ord("A"))
        known[frozenset((first, second))] = first if sign == ">" else None

    def decide(task: Task) -> Finish:
        winner = known[frozenset(task.order)]
        return [1 if winner in (None, one) else 2 for one in task.order]

    return decide


def by_name(found: Standings) -> Mapping[str, Line]:
    return {line.name: line for line in found.lines}


def in_order(found: Standings) -> str:
    return " ".join(f"{line.place}{line.name}" for line in found.lines)


# By hand


def test_in_a_gauntlet_who_takes_more_than_half_from_the_first_is_before_it() -> None:
    """Though the first has the most points, as it has the most matches."""
    tournament = play(Tournament(plan("gauntlet", 5, games=DUEL)), table("A>B C>A A=D A>E"))
    found = standings(tournament)
    assert in_order(found) == "1C 2A 2D 4B 4E"
    assert by_name(found)["A"].points == 2.5 > by_name(found)["C"].points == 1
    begun = standings(Tournament(plan("gauntlet", 3, games=DUEL)))
    assert in_order(begun) == "1A 1B 1C"


def test_a_round_robin_of_four_by_hand() -> None:
    """A   B   C   D   points  Buchholz  Sonneborn-Berger
    A    ·   1   =   0   1.5     4.5       2 + 1.5/2     = 2.75
    B    0   ·   1   1   2       4         1.5 + 1       = 2.5
    C    =   0   ·   1   1.5     4.5       1.5/2 + 1     = 1.75
    D    1   0   0   ·   1       5         1.5           = 1.5
    """
    tournament = play(Tournament(plan(games=DUEL)), table("A>B A=C D>A B>C B>D C>D"))
    found = standings(tournament)
    assert in_order(found) == "1B 2A 3C 4D"
    lines = by_name(found)
    assert {name: line.points for name, line in lines.items()} == {"A": 1.5, "B": 2.0, "C": 1.5, "D": 1.0}
    assert {n: line.buchholz for n, line in lines.items()} == {"A": 4.5, "B": 4.0, "C": 4.5, "D": 5.0}
    assert {n: line.sonneborn_berger for n, line in lines.items()} == {
        "A": 2.75,
        "B": 2.5,
        "C": 1.75,
        "D": 1.5,
    }
    assert {n: line.score for n, line in lines.items()} == {
        "A": (1, 1, 1),
        "B": (2, 0, 1),
        "C": (1, 1, 1),
        "D": (1, 0, 2),
    }
    assert found.cross[0, 1] == (1, 0, 0) and found.cross[1, 0] == (0, 0, 1)
    assert found.cross[0, 2] == found.cross[2, 0] == (0, 1, 0) and len(found.cross) == 12


def test_a_swiss_of_four_by_hand() -> None:
    """A>C, B>D, then A=B, C>D: A and B have 1.5 points, and A's opponents more."""
    tournament = play(Tournament(plan("swiss", 4, games=DUEL, rounds=2)), table("A>C B>D A=B C>D"))
    assert tournament.rounds == [[(0, 2), (1, 3)], [(0, 1), (2, 3)]]
    lines = by_name(standings(tournament))
    assert {n: (line.place, line.points) for n, line in lines.items()} == {
        "A": (1, 1.5),
        "B": (2, 1.5),
        "C": (3, 1.0),
        "D": (4, 0.0),
    }
    assert {n: line.buchholz for n, line in lines.items()} == {"A": 2.5, "B": 1.5, "C": 1.5, "D": 2.5}
    assert {n: line.sonneborn_berger for n, line in lines.items()} == {
        "A": 1.75,
        "B": 0.75,
        "C": 0.0,
        "D": 0.0,
    }


def test_a_swiss_of_three_by_hand_with_a_bye_that_has_no_opponent() -> None:
    """A>B while C has a bye; then A>C while B has one."""
    tournament = play(Tournament(plan("swiss", 3, games=DUEL, rounds=2)), table("A>B A>C B>C"))
    assert tournament.rounds == [[(0, 1), (2,)], [(0, 2), (1,)]]
    lines = by_name(standings(tournament))
    assert {n: (line.place, line.points, line.byes, line.played) for n, line in lines.items()} == {
        "A": (1, 2.0, 0, 2),
        "B": (2, 1.0, 1, 1),
        "C": (2, 1.0, 1, 1),
    }
    assert {n: line.buchholz for n, line in lines.items()} == {"A": 2.0, "B": 2.0, "C": 2.0}


def test_in_a_match_of_three_the_points_of_all_opponents_count_by_the_share_that_was_won() -> None:
    """One encounter in three turns, A before B before C: 3, 1.5 and 0 points."""
    lines = by_name(standings(play(Tournament(plan(entrants=3, seats=3)), stronger_first)))
    assert [lines[n].points for n in "ABC"] == [3.0, 1.5, 0.0]
    assert [lines[n].buchholz for n in "ABC"] == [1.5, 3.0, 4.5]
    assert [lines[n].sonneborn_berger for n in "ABC"] == [1.5, 1.5, 0.0]
    assert [lines[n].score for n in "ABC"] == [(6, 0, 0), (3, 0, 3), (0, 0, 6)]


# Places


def test_those_who_are_equal_in_everything_share_a_place_and_the_next_is_left_out() -> None:
    tournament = play(Tournament(plan(games=DUEL)), table("A>B B>C C>A A>D B>D C>D"))
    assert in_order(standings(tournament)) == "1A 1B 1C 4D"
    tournament = play(Tournament(plan(games=DUEL)), table("A>B A>C A>D B=C B=D C=D"))
    assert in_order(standings(tournament)) == "1A 2B 2C 2D"


def test_between_equal_points_a_round_robin_asks_who_was_beaten() -> None:
    """B and C have 1.5 points each and a draw with A; but B beat C, and C beat D, who has less."""
    tournament = play(Tournament(plan(entrants=4, games=DUEL)), table("A=B A=C A>D B>C D>B C>D"))
    lines = by_name(standings(tournament))
    assert [lines[n].points for n in "ABCD"] == [2.0, 1.5, 1.5, 1.0]
    assert lines["B"].sonneborn_berger == 2.5 and lines["C"].sonneborn_berger == 2.0
    assert (lines["B"].place, lines["C"].place) == (2, 3)


def test_between_equal_points_a_swiss_asks_first_whom_one_met_and_others_whom_one_beat() -> None:
    opposed = 0
    for seed in range(10):
        for format in ("swiss", "round-robin"):
            lines = standings(play(Tournament(plan(format, 8, games=DUEL, rounds=4)), by_chance(seed))).lines
            breaks = [
                (line.buchholz, line.sonneborn_berger)
                if format == "swiss"
                else (line.sonneborn_berger, line.score[0])
                for line in lines
            ]
            keys = [(-line.points, -one, -other) for line, (one, other) in zip(lines, breaks, strict=True)]
            assert keys == sorted(keys)
            for line, key in zip(lines, keys, strict=True):
                assert line.place == 1 + keys.index(key)
            if format == "swiss":
                for a, b in pairwise(lines):
                    opposed += a.points == b.points and a.sonneborn_berger < b.sonneborn_berger
    assert opposed, "else it would not matter which is asked first"


def test_before_anything_is_played_all_share_the_first_place() -> None:
    for format in FORMATS:
        found = standings(Tournament(plan(format, 4)))
        assert in_order(found) == "1A 1B 1C 1D"
        assert found.cross == {} and found.duplicates == 0 and not found.anchored
        assert {line.rating for line in found.lines} == {None}


def test_places_of_a_knockout_are_by_the_round_in_which_one_was_put_out() -> None:
    found = standings(play(Tournament(plan("knockout", 8)), stronger_first))
    assert in_order(found) == "1A 2B 3C 3D 5E 5F 5G 5H"
    assert [line.out for line in found.lines] == [None, 2, 1, 1, 0, 0, 0, 0]


def test_a_bye_of_a_knockout_brings_no_points_and_no_place() -> None:
    found = standings(play(Tournament(plan("knockout", 5)), lambda task: stronger_first(task)[::-1]))
    lines = by_name(found)
    assert {line.byes for line in found.lines} == {0}
    assert lines["D"].place == 5 and lines["D"].out == 0
    assert lines["A"].place == 3 and lines["A"].points == 0.0


def test_places_of_double_elimination_are_by_the_round_of_the_second_loss() -> None:
    found = standings(play(Tournament(plan("double-elimination", 4)), stronger_first))
    assert in_order(found) == "1A 2B 3C 4D"
    assert by_name(found)["D"].out is not None and by_name(found)["A"].out is None


def test_while_a_knockout_is_being_played_those_who_are_left_share_the_first_place() -> None:
    tournament = play(Tournament(plan("knockout", 4)), stronger_first, stop_after=4)
    assert in_order(standings(tournament)) == "1A 1B 3C 3D"


# Forfeits


def test_forfeits_are_counted_apart_and_lose_like_any_other_match() -> None:
    tournament = Tournament(plan(entrants=2, pairs=3))
    for number, place in enumerate(open_places(tournament)):
        finish = [1 + (one == 1) for one in tournament.task(place).order]
        loser = [finish.index(2)] if number < 2 else []
        tournament.record(place, result(tournament, place, finish, loser), str(place))
    lines = by_name(standings(tournament))
    assert (lines["A"].score, lines["A"].forfeits) == ((6, 0, 0), 0)
    assert (lines["B"].score, lines["B"].forfeits) == ((0, 0, 6), 2)


def test_where_all_gave_up_nobody_is_rated_for_it() -> None:
    tournament = Tournament(plan(entrants=2))
    for place in open_places(tournament):
        tournament.record(place, result(tournament, place, (1, 1), (0, 1)), str(place))
    found = standings(tournament)
    assert [line.forfeits for line in found.lines] == [2, 2]
    assert [line.points for line in found.lines] == [0.0, 0.0]
    assert [line.score for line in found.lines] == [(0, 0, 2), (0, 0, 2)]
    assert [line.rating for line in found.lines] == [None, None]


# Sums that must hold


@given(
    st.sampled_from(["round-robin", "swiss", "gauntlet"]),
    st.integers(3, 8),
    st.integers(2, 3),
    st.integers(0, 9999),
    st.integers(0, 40),
)
@settings(deadline=None, max_examples=60)
def test_points_wins_and_losses_add_up(
    format: str, entrants: int, seats: int, seed: int, stop_after: int
) -> None:
    tournament = play(
        Tournament(plan(format, entrants, seats=seats, rounds=2)), by_chance(seed), stop_after=stop_after
    )
    found = standings(tournament)
    done = tournament.matches[0]
    byes = sum(line.byes for line in found.lines)
    assert sum(line.points for line in found.lines) == pytest.approx(done * seats / 2 + byes * tournament.bye)
    assert sum(line.played for line in found.lines) == done * seats
    assert sum(line.score[0] for line in found.lines) == sum(line.score[2] for line in found.lines)
    assert sum(sum(line.score) for line in found.lines) == done * seats * (seats - 1)
    for (one, other), (wins, draws, losses) in found.cross.items():
        assert found.cross[other, one] == (losses, draws, wins)
    places = [line.place for line in found.lines]
    assert places == sorted(places) and places[0] == 1
    for at, line in enumerate(found.lines):
        assert line.place <= at + 1


# Ratings


@pytest.mark.parametrize(("games", "seats"), [(("maze/race",), 2), (("maze/race",), 3), (DUEL, 2), (DUEL, 4)])
def test_ratings_are_those_of_its_matches_alone_relative_to_random(
    games: tuple[str, ...], seats: int
) -> None:
    made = plan(entrants=5, games=games, seats=seats, pairs=2, chance=2)
    tournament = play(Tournament(made), by_chance(4))
    found = standings(tournament)
    ratings = fit(one.result for played in tournament.played().values() for one in played)
    assert found.anchored and ratings.anchor == "builtin:random"
    for line in found.lines:
        index = ratings.players.index(made.entrants[line.entrant].identities[0].id)
        assert line.rating == pytest.approx(float(ratings.values[index]), abs=1e-3)
        assert line.error == pytest.approx(ratings.error(index), abs=1e-3)


def test_random_is_at_zero_without_an_error_and_who_beats_it_above() -> None:
    found = by_name(standings(play(Tournament(plan(entrants=3, chance=1, pairs=5)), stronger_first)))
    random, best, last = found["random"], found["A"], found["C"]
    assert (random.rating, random.error) == (0.0, 0.0)
    assert best.rating is not None and last.rating is not None
    assert best.rating > 100 and best.error > 0
    assert last.rating < -100


def test_without_random_ratings_are_relative_to_their_mean() -> None:
    found = standings(play(Tournament(plan(entrants=5, pairs=2)), by_chance(2)))
    assert not found.anchored
    assert sum(line.rating or 0.0 for line in found.lines) == pytest.approx(0.0, abs=1e-6)


def test_the_first_seat_of_a_shared_world_is_nobodys_strength() -> None:
    """Whoever sits first wins, every time: all are equally strong."""
    found = standings(play(Tournament(plan(entrants=3, pairs=4)), lambda task: [1, 2]))
    for line in found.lines:
        assert line.rating == pytest.approx(0.0, abs=1e-6)


def test_duplicates_say_nothing_of_strength() -> None:
    made = plan(entrants=3, chance=2, pairs=4)

    def same(task: Task, finish: Finish) -> str:
        return f"{task.order} {finish}"

    once = standings(play(Tournament(plan(entrants=3, chance=2, pairs=1)), stronger_first))
    often = standings(play(Tournament(made), stronger_first, moves=same))
    assert often.duplicates == 3 * 2 * 3
    assert [line.rating for line in often.lines] == [line.rating for line in once.lines]


def test_who_is_best_at_one_game_and_worst_at_the_other_is_told_by_game() -> None:
    def decide(task: Task) -> Finish:
        best_first = sorted(task.order, reverse=task.place.game == 1)
        return [1 + best_first.index(entrant) for entrant in task.order]

    tournament = play(Tournament(plan(entrants=3, games=("maze/run", "maze/race"))), decide)
    lines = {line.entrant: line for line in standings(tournament).lines}
    assert lines[0].by_game == ((2.0, 2), (0.0, 4))
    assert lines[1].by_game == ((1.0, 2), (2.0, 4))
    assert lines[2].by_game == ((0.0, 2), (4.0, 4))


def test_twins_are_not_counted_at_their_game_either() -> None:
    def same(task: Task, finish: Finish) -> str:
        return f"{task.order} {finish}"

    tournament = play(Tournament(plan(entrants=2, games=DUEL, pairs=3)), stronger_first, moves=same)
    assert [line.by_game for line in standings(tournament).lines] == [((1.0, 1),), ((0.0, 1),)]


# Told


def test_the_report_is_json_and_says_what_the_standings_say() -> None:
    tournament = play(
        Tournament(plan("swiss", 5, games=("maze/race", "maze/run"), rounds=2, chance=4)), by_chance(1)
    )
    told = json.loads(json.dumps(as_json(tournament)))
    found = standings(tournament)
    assert told["state"] == "done" and told["ratings_relative_to"] == "random"
    assert (
        told["played"]
        == told["matches"]
        == sum(len(e["matches"]) for encounters in told["rounds"] for e in encounters)
    )
    assert [line["player"] for line in told["standings"]] == [line.name for line in found.lines]
    assert told["leader"] == found.lines[0].name
    assert sum(encounter["bye"] for encounters in told["rounds"] for encounter in encounters) == 2
    assert len(told["crosstable"]) == len(found.cross)
    for line in told["standings"]:
        assert [at["game"] for at in line["by_game"]] == ["maze/race", "maze/run"]
        assert sum(at["points"] for at in line["by_game"]) == line["points"] - line["byes"] * tournament.bye
        assert sum(at["matches"] for at in line["by_game"]) == line["matches"]


def test_a_tournament_of_which_nothing_is_played_is_told_too() -> None:
    for format in FORMATS:
        tournament = Tournament(plan(format, 3))
        assert summary(tournament)["state"] == "stopped" and summary(tournament)["leader"] is None
        assert json.loads(json.dumps(as_json(tournament)))["played"] == 0
    waits = Tournament(plan(entrants=2, people={0}))
    assert summary(waits)["state"] == "waiting"


def test_the_file_for_spreadsheets_has_a_line_for_each_in_the_order_of_the_standings(tmp_path: Path) -> None:
    tournament = play(Tournament(plan("knockout", 5, chance=3)), stronger_first)
    write_csv(tournament, tmp_path / "told.csv")
    with (tmp_path / "told.csv").open(newline="", encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    assert [line["player"] for line in lines] == [line.name for line in standings(tournament).lines]
    assert [line["place"] for line in lines] == ["1", "2", "3", "3", "5"]
    assert [line["out_in_round"] for line in lines] == ["", "3", "2", "2", "1"]
    assert [float(line["rating"]) for line in lines if line["player"] == "random"] == [0.0]
    assert all(line["points_at_maze/race"] == line["points"] for line in lines)


def test_a_level_round_robin_ends_with_all_in_the_first_place() -> None:
    found = standings(play(Tournament(plan(entrants=4)), level))
    assert {line.place for line in found.lines} == {1}
    assert {line.points for line in found.lines} == {3.0}


def test_results_that_come_one_by_one_are_in_the_standings_at_once() -> None:
    tournament = Tournament(plan("swiss", 4, rounds=2))
    place = open_places(tournament)[0]
    record(tournament, place, (1, 2))
    lines = by_name(standings(tournament))
    assert (lines["A"].points, lines["A"].place, lines["C"].played, lines["B"].played) == (1.0, 1, 1, 0)
