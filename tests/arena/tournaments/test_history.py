"""A rating over time ends where the leaderboard is, and never looks ahead."""

import numpy as np
import pytest

from arena.store.database import Database
from arena.store.records import Identity, MatchResult, SeatResult
from arena.tournaments import ratings
from arena.tournaments.history import history

PLAYERS = [Identity("builtin:random", "random", "builtin")] + [
    Identity(f"agent:{name}", name, "agent") for name in "abc"
]


def match(seed: int, first: Identity, second: Identity, winner: int) -> MatchResult:
    seats = tuple(
        SeatResult(player, float(seat == winner), 1 if seat == winner else 2)
        for seat, player in enumerate((first, second))
    )
    return MatchResult("maze/run", {}, seed, seats, 10, "0" * 16)


def play(count: int) -> list[MatchResult]:
    rng = np.random.default_rng(0)
    played = []
    with Database.open() as log:
        for seed in range(count):
            first, second = rng.choice(4, 2, replace=False)
            played.append(match(seed, PLAYERS[first], PLAYERS[second], int(rng.integers(2))))
            log.add(played[-1])
    return played


def test_every_point_is_the_fit_of_all_that_was_played_by_then_and_the_last_is_the_leaderboards() -> None:
    played = play(40)
    points = history("maze/run", "agent:a")
    mine = [at for at, one in enumerate(played) if any(s.player.id == "agent:a" for s in one.seats)]
    assert [point.matches for point in points] == list(range(1, len(mine) + 1))
    for at, point in list(zip(mine, points, strict=True))[:-1]:
        fitted = ratings.fit(played[: at + 1])
        index = fitted.players.index("agent:a")
        assert (point.rating, point.error) == pytest.approx((fitted.values[index], fitted.error(index)))
    (now,) = [s for s in ratings.leaderboard("maze/run") if s.player.id == "agent:a"]
    assert (points[-1].rating, points[-1].error) == pytest.approx((now.rating, now.error))
    assert (points[-1].matches, points[-1].when) == (now.matches, now.last)


def test_a_long_log_is_fitted_a_few_times_only() -> None:
    play(60)
    points = history("maze/run", "agent:b", most=7)
    (now,) = [s for s in ratings.leaderboard("maze/run") if s.player.id == "agent:b"]
    assert len(points) == 7
    assert (points[0].matches, points[-1].matches) == (1, now.matches)


def test_who_has_not_played_has_no_history() -> None:
    assert history("maze/run", "agent:a") == []
    play(1)
    assert history("maze/race", "agent:a") == []
