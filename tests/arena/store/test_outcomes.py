import dataclasses

from arena.store.outcomes import Outcomes, Pair, counted, placed
from arena.store.records import Identity, MatchResult, SeatResult

A, B, C = (Identity(f"agent:{name}", name, "agent") for name in "abc")


def a_match(*seats: tuple[Identity, int], shared: bool = False, forfeit: tuple[int, ...] = ()) -> MatchResult:
    options = {"seats": len(seats)} if shared else {}
    made = [
        SeatResult(who, 0.0, place, "left" if n in forfeit else None) for n, (who, place) in enumerate(seats)
    ]
    return MatchResult("maze/race", dict(options), 0, tuple(made), 1, "0" * 16)


def test_a_duel_counts_the_same_from_either_seat() -> None:
    found = counted([a_match((A, 1), (B, 2)), a_match((B, 1), (A, 2)), a_match((B, 1), (A, 1))])
    assert found == {Pair(A.id, B.id, False, 2): Outcomes(1, 1, 1)}


def test_a_shared_world_tells_who_sat_first() -> None:
    found = counted([a_match((A, 1), (B, 2), shared=True), a_match((B, 2), (A, 1), shared=True)])
    assert found == {
        Pair(A.id, B.id, True, 2): Outcomes(1, 0, 0),
        Pair(B.id, A.id, True, 2): Outcomes(0, 0, 1),
    }


def test_three_players_are_three_pairs_and_only_the_first_seat_has_an_advantage() -> None:
    found = counted([a_match((C, 2), (B, 1), (A, 2), shared=True)])
    assert found == {
        Pair(C.id, B.id, True, 3): Outcomes(0, 0, 1),
        Pair(C.id, A.id, True, 3): Outcomes(0, 1, 0),
        Pair(A.id, B.id, False, 3): Outcomes(0, 0, 1),
    }


def test_a_match_alone_against_oneself_or_forfeited_by_all_says_nothing() -> None:
    for result in (
        a_match((A, 1)),
        a_match((A, 1), (A, 2)),
        a_match((A, 1), (B, 1), forfeit=(0, 1)),
    ):
        assert not result.rated and counted([result]) == {} and placed(result) == []


def test_a_forfeit_is_a_loss() -> None:
    result = a_match((A, 2), (B, 1), forfeit=(0,))
    assert counted([result]) == {Pair(A.id, B.id, False, 2): Outcomes(0, 0, 1)}
    assert placed(result) == [(A, Outcomes(losses=1)), (B, Outcomes(wins=1))]


def in_teams(result: MatchResult, teams: int) -> MatchResult:
    return dataclasses.replace(result, options={**result.options, "teams": teams})


def test_a_team_wins_together_and_its_members_are_not_measured_by_each_other() -> None:
    result = in_teams(a_match((A, 1), (B, 3), (C, 1), (B, 3), shared=True), 2)
    assert result.won and not result.drawn
    assert [one for _, one in placed(result)] == [Outcomes(wins=1), Outcomes(losses=1)] * 2
    assert counted([result]) == {
        Pair(A.id, B.id, True, 4): Outcomes(2, 0, 0),
        Pair(B.id, C.id, False, 4): Outcomes(0, 0, 2),
    }


def test_a_team_of_which_one_has_left_wins_by_the_others() -> None:
    assert in_teams(a_match((A, 1), (B, 2), (C, 4), (B, 2), forfeit=(2,)), 2).won


def test_who_is_of_other_teams_draws_at_the_same_place() -> None:
    result = in_teams(a_match((A, 1), (B, 1), (C, 1), (B, 1)), 2)
    assert result.drawn and not result.won


def test_who_shares_the_first_place_has_drawn() -> None:
    result = a_match((A, 1), (B, 1), (C, 3))
    assert [one for _, one in placed(result)] == [Outcomes(draws=1), Outcomes(draws=1), Outcomes(losses=1)]
    assert not result.drawn and dataclasses.replace(result, seats=result.seats[:2]).drawn
