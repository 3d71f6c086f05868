import math
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.store.database import Database
from arena.store.outcomes import Outcomes, Pair
from arena.store.records import Identity, MatchResult, SeatResult
from arena.tournaments.ratings import Ratings, fit, fit_counts, leaderboard, leaderboards
from tests.arena.store import random_matches

RANDOM = Identity("builtin:random", "random", "builtin")
A, B, C, D = (Identity(f"agent:{name}", name, "agent") for name in "abcd")


def a_match(
    *players: Identity,
    number: int = 0,
    places: tuple[int, ...] | None = None,
    shared: bool = False,
    game: str = "maze/race",
) -> MatchResult:
    """A match that the first of `players` won before the second, and so on, unless `places` says else."""
    finish = places or tuple(range(1, len(players) + 1))
    seats = tuple(SeatResult(player, 0.0, place) for player, place in zip(players, finish, strict=True))
    return MatchResult(game, {"seats": len(players)} if shared else {}, number, seats, 1, f"{number:016x}")


def rating(ratings: Ratings, player: Identity) -> float:
    return float(ratings.values[ratings.players.index(player.id)])


def test_without_matches_there_are_no_ratings() -> None:
    for ratings in (fit([]), fit([a_match(A)]), fit([a_match(A, A)])):
        assert ratings.players == () and ratings.anchor is None and ratings.advantage is None
    assert leaderboard("maze/race") == [] and leaderboards() == {}


def test_two_players_agree_with_the_posterior_found_by_brute_force() -> None:
    """7 wins, 2 draws, 1 loss: the difference has a Gaussian prior of sd 350 * sqrt(2)."""
    counts = {Pair(A.id, B.id, False, 2): Outcomes(7, 2, 1)}
    d = np.linspace(-2000, 2000, 400_001)
    p = 1 / (1 + 10 ** (-d / 400))
    posterior = 8 * np.log(p) + 2 * np.log1p(-p) - d * d / (4 * 350**2)
    ratings = fit_counts(counts)
    assert rating(ratings, A) - rating(ratings, B) == pytest.approx(d[posterior.argmax()], abs=0.02)
    curvature = 10 * (math.log(10) / 400) ** 2 * p * (1 - p) + 1 / (2 * 350**2)
    sd = ratings.covariance[0, 0] + ratings.covariance[1, 1] - 2 * ratings.covariance[0, 1]
    assert sd == pytest.approx(1 / curvature[posterior.argmax()], rel=1e-4)


def test_random_is_zero_by_definition_and_errors_are_relative_to_it() -> None:
    matches = [a_match(A, RANDOM, number=n) for n in range(5)] + [
        a_match(RANDOM, A, number=n) for n in range(3)
    ]
    ratings = fit(matches)
    assert ratings.anchor == RANDOM.id
    at = ratings.players.index(RANDOM.id)
    assert ratings.values[at] == 0.0 and ratings.error(at) == 0.0
    unanchored = fit(
        [a_match(A, B, number=n) for n in range(5)] + [a_match(B, A, number=n) for n in range(3)]
    )
    c = unanchored.covariance
    assert ratings.error(1 - at) == pytest.approx(1.96 * math.sqrt(c[0, 0] + c[1, 1] - 2 * c[0, 1]), rel=1e-3)
    assert unanchored.anchor is None
    assert unanchored.values.sum() == pytest.approx(0.0, abs=1e-6), "then 0 is the mean of the prior"


@given(
    st.lists(random_matches.results(random_matches.FEW_IDENTITIES, st.just("maze/race")), max_size=25),
    st.randoms(use_true_random=False),
)
def test_the_order_of_the_matches_changes_nothing_at_all(results: list[MatchResult], chance: object) -> None:
    shuffled = list(results)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = fit(results), fit(shuffled)
    assert one.players == other.players and one.advantage == other.advantage
    assert one.values.tobytes() == other.values.tobytes()
    assert one.covariance.tobytes() == other.covariance.tobytes()


@given(st.lists(random_matches.results(random_matches.FEW_IDENTITIES, st.just("maze/race")), max_size=25))
def test_any_log_gives_finite_ratings_and_a_proper_covariance(results: list[MatchResult]) -> None:
    ratings = fit(results)
    assert np.isfinite(ratings.values).all() and (np.abs(ratings.values) < 5000).all()
    assert np.linalg.eigvalsh(ratings.covariance).min(initial=0.0) > -1e-6
    assert set(ratings.players) == {s.player.id for r in results if r.rated for s in r.seats}


@given(st.integers(0, 6), st.integers(0, 6), st.integers(0, 3))
def test_a_win_more_never_lowers_a_rating(wins: int, losses: int, draws: int) -> None:
    def lead(extra: int) -> float:
        counts = {Pair(A.id, B.id, False, 2): Outcomes(wins + extra, draws, losses)}
        ratings = fit_counts(counts)
        return rating(ratings, A) - rating(ratings, B)

    assert lead(1) > lead(0)


def test_who_won_all_and_who_lost_all_stay_finite_and_the_more_matches_the_surer() -> None:
    few, many = (fit([a_match(A, RANDOM, number=n) for n in range(count)]) for count in (5, 500))
    assert 0 < rating(few, A) < rating(many, A) < 3000
    assert few.superiority(0, 1) < many.superiority(0, 1)


def test_pools_that_never_met_are_both_rated_and_their_errors_say_so() -> None:
    matches = [a_match(A, RANDOM, number=n) for n in range(20)]
    matches += [one for n in range(20) for one in (a_match(C, D, number=n), a_match(D, C, number=100 + n))]
    ratings = fit(matches)
    error = {player: ratings.error(index) for index, player in enumerate(ratings.players)}
    assert rating(ratings, C) == pytest.approx(rating(ratings, D), abs=1e-6)
    assert error[C.id] > 600 and error[D.id] > 600
    c, d = ratings.players.index(C.id), ratings.players.index(D.id)
    assert ratings.superiority(c, d) == pytest.approx(0.5)


def test_the_first_seats_advantage_is_told_apart_from_strength() -> None:
    """Who sits first wins 3 of 4: that is 191 Elo, and nobody's merit."""
    counts = {
        Pair(A.id, B.id, True, 2): Outcomes(300, 0, 100),
        Pair(B.id, A.id, True, 2): Outcomes(300, 0, 100),
    }
    ratings = fit_counts(counts)
    assert rating(ratings, A) == pytest.approx(rating(ratings, B), abs=1e-6)
    assert ratings.advantage is not None
    value, error = ratings.advantage
    assert abs(value - 190.8) < error < 40


def test_a_duel_has_no_first_seat() -> None:
    assert fit([a_match(A, B)]).advantage is None


def test_a_match_of_four_weighs_as_much_for_each_as_a_match_of_two() -> None:
    """Beating three equals in one match says as much as beating one of them once."""
    four = fit_counts({Pair(A.id, B.id, False, 4): Outcomes(30, 0, 0)})
    two = fit_counts({Pair(A.id, B.id, False, 2): Outcomes(10, 0, 0)})
    assert four.values == pytest.approx(two.values)


def test_a_leaderboard_has_everyone_best_first_with_what_they_did() -> None:
    with Database.open() as log:
        for n in range(12):
            log.add(a_match(A, RANDOM, number=n))
        log.add(a_match(B, RANDOM, number=20, places=(1, 1)))
        log.add(a_match(C, number=30))
        log.add(a_match(B, A, number=40, game="maze/tag"))
    standings = leaderboard("maze/race")
    assert [s.player for s in standings] == [A, B, RANDOM]
    first, second, last = standings
    assert (first.matches, first.wins, first.draws, first.losses) == (12, 12, 0, 0)
    assert (last.rating, last.error, last.losses, last.draws) == (0.0, 0.0, 12, 1)
    assert not first.provisional and second.provisional and not last.provisional
    assert last.superiority is None
    assert first.superiority is not None and 0.5 < first.superiority < 1.0
    assert first.last.tzinfo is not None
    assert list(leaderboards()) == ["maze/race", "maze/tag"]
    assert leaderboards()["maze/race"] == standings


def simulated(
    rng: np.random.Generator, strengths: "np.ndarray[tuple[int], np.dtype[np.float64]]", matches_each: int
) -> dict[Pair, Outcomes]:
    """A round-robin in shared worlds, seats swapped, with an advantage of 30 for the first seat."""
    n = len(strengths)
    names = [RANDOM.id, *(f"agent:{index:03}" for index in range(1, n))]
    each = matches_each // (n - 1) // 2
    counts = {}
    for i, j in combinations(range(n), 2):
        for a, b in ((i, j), (j, i)):
            wins = int(rng.binomial(each, 1 / (1 + 10 ** (-(strengths[a] - strengths[b] + 30) / 400))))
            counts[Pair(names[a], names[b], True, 2)] = Outcomes(wins, 0, each - wins)
    return counts


def test_simulated_players_are_rated_as_strong_as_they_are_and_errors_hold_what_they_say() -> None:
    """8 players of known strength, 56 matches each, 500 times: the mean error of predicted win probabilities
    is under 0.064 (measured 0.05), and 95% intervals hold the true strength 93.5% to 96.5% of the time."""
    rng = np.random.default_rng(0)
    mistakes, held = [], []
    for _ in range(500):
        strengths = rng.normal(0, 250, 8)
        strengths -= strengths[0]
        ratings = fit_counts(simulated(rng, strengths, 56))
        truth = strengths[[0 if name == RANDOM.id else int(name[-3:]) for name in ratings.players]]
        for i, j in combinations(range(8), 2):
            predicted, true = (1 / (1 + 10 ** (-(r[i] - r[j]) / 400)) for r in (ratings.values, truth))
            mistakes.append(abs(predicted - true))
        for index, name in enumerate(ratings.players):
            if name != RANDOM.id:
                held.append(abs(ratings.values[index] - truth[index]) <= ratings.error(index))
    assert np.mean(mistakes) < 0.064
    assert 0.935 < np.mean(held) < 0.965, np.mean(held)


def test_two_hundred_players_and_a_million_matches_are_rated() -> None:
    rng = np.random.default_rng(0)
    counts = simulated(rng, rng.normal(0, 350, 200), 199 * 2 * 25)
    assert sum(n.wins + n.losses for n in counts.values()) == 995_000
    ratings = fit_counts(counts)
    assert len(ratings.players) == 200
