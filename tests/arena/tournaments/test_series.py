"""A series of matches is the same however many play it, and is told in its order."""

import math
import multiprocessing
from collections.abc import Iterator
from itertools import islice
from typing import Any

import pytest

from arena.errors import ArenaError, UsageError
from arena.games import catalog
from arena.matches import match, roster
from arena.matches.match import Match
from arena.matches.player import Player
from arena.store.records import Replay
from arena.tournaments import engines, series
from arena.tournaments.lots import Going
from arena.tournaments.tournament import LANES

GAME, GAMES, SEED = "maze/race", 3 * LANES["maze"] + 2, 5


def played(
    names: tuple[str, str] = ("pathfinder", "random"), players: list[Player] | None = None, **terms: int
) -> Iterator[tuple[Replay, tuple[int, ...]]]:
    found = players or [roster.resolve(name, GAME) for name in names]
    pairings = match.series(GAME, 2, GAMES, SEED)
    yield from series.play_series(GAME, names, found, pairings, {}, **terms, tell=lambda going: None)


def told(replays: Iterator[tuple[Replay, tuple[int, ...]]]) -> list[tuple[str, tuple[int, ...]]]:
    return [(replay.result.digest, order) for replay, order in replays]


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Others play as soon as there is more than the first lot."""
    monkeypatch.setattr(series, "HERE", -math.inf)


def test_all_are_played_on_the_seeds_and_from_the_seats_of_the_series() -> None:
    pairings = list(match.series(GAME, 2, GAMES, SEED))
    found = list(played())
    assert [(replay.result.seed, order) for replay, order in found] == [(p.seed, p.order) for p in pairings]
    for replay, order in found:
        names = [seat.player.name for seat in replay.result.seats]
        assert names == [("pathfinder", "random")[index] for index in order]


@pytest.mark.usefixtures("bundled", "at_once")
def test_it_is_the_same_with_any_number_of_workers_and_ends_them() -> None:
    assert told(played(("ppo", "random"), workers=2)) == told(played(("ppo", "random"), workers=1))
    assert not multiprocessing.active_children()


@pytest.mark.usefixtures("at_once")
def test_a_worker_that_is_killed_changes_nothing() -> None:
    whole = told(played(workers=1))
    going = played(workers=2)
    found = [next(going)]
    for child in multiprocessing.active_children():
        child.kill()
    assert told(iter(found)) + told(going) == whole


@pytest.mark.usefixtures("at_once")
def test_whoever_has_heard_enough_ends_it() -> None:
    going = played(workers=2)
    next(going)
    assert multiprocessing.active_children()
    going.close()  # type: ignore[attr-defined]
    assert not multiprocessing.active_children()


@pytest.mark.usefixtures("bundled", "at_once")
def test_who_cannot_be_loaded_again_is_played_with_here() -> None:
    """A run has written other weights meanwhile, or is gone: it is another player by then."""
    names = ("gone", "random")
    players = [roster.resolve(name, GAME) for name in ("ppo", "random")]
    going = played(names, players, workers=2)
    found = [next(going)]
    assert not multiprocessing.active_children()
    assert told(iter(found)) + told(going) == told(played(("ppo", "random"), workers=1))


@pytest.mark.usefixtures("at_once")
def test_who_is_another_by_then_is_played_with_here() -> None:
    """As somebody else's file that was written anew."""
    players = [roster.resolve(name, GAME) for name in ("pathfinder", "random")]
    going = played(("noop", "random"), players, workers=2)
    found = [next(going)]
    assert not multiprocessing.active_children()
    assert told(iter(found)) + told(going) == told(played(workers=1))


@pytest.mark.usefixtures("at_once")
def test_where_no_process_can_live_all_is_played_here(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = told(played(workers=1))
    give = engines.Worker.give

    def dies(worker: engines.Worker, *lot: Any) -> None:
        worker.process.kill()
        worker.process.join()
        give(worker, *lot)

    monkeypatch.setattr(engines.Worker, "give", dies)
    assert told(played(workers=2)) == whole


@pytest.mark.parametrize("number", [0, 8, 17])
def test_before_a_match_that_is_void_all_are_told(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """Whether it lies beside them or comes later, and however long they take."""
    seeds = [pairing.seed for pairing in match.series(GAME, 2, GAMES, SEED)]
    turn = [pairing.order for pairing in match.series(GAME, 2, GAMES, SEED)][number]
    replay = Match.replay

    def void(one: Match) -> Replay:
        names = [player.identity.name for player in one.players]
        if one.seed == seeds[number] and names == [("pathfinder", "random")[index] for index in turn]:
            raise ArenaError("it is void")
        return replay(one)

    monkeypatch.setattr(Match, "replay", void)
    going = played()
    assert [replay.result.seed for replay, _ in islice(going, number)] == seeds[:number]
    with pytest.raises(ArenaError, match="it is void"):
        next(going)


def test_what_cannot_be_played_is_said_before_anything_is() -> None:
    players = [roster.resolve(name, GAME) for name in ("noop", "random")]
    pairings = match.series(GAME, 2, 4, SEED)
    with pytest.raises(UsageError, match="no_such"):
        next(series.play_series(GAME, ("noop", "random"), players, pairings, {"no_such": 1}, tell=print))


def test_it_is_told_how_far_those_are_that_are_being_played(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("arena.tournaments.lots.WORD_EVERY", 0.0)
    heard: list[Going] = []
    game, names = "gym/MountainCar-v0", ("noop", "random")
    players = [roster.resolve(name, game) for name in names]
    pairings = match.series(game, 2, 4, SEED)
    found = list(series.play_series(game, names, players, pairings, {}, tell=heard.append))
    limit = catalog.make(game).spec.max_ticks
    assert heard and {going.longest for going in heard} == {limit or 0}
    most = max(replay.result.ticks for replay, _ in found)
    assert {count for going in heard for count in going.ticks.values()} <= set(range(1, most + 1))
    assert max(len(going.ticks) for going in heard) > 0
