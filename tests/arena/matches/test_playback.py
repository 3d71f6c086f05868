import dataclasses
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from arena.errors import ArenaError
from arena.matches.match import Match
from arena.matches.playback import playback, verify
from arena.matches.player import RandomPlayer
from arena.store import replays
from arena.store.records import Replay
from tests.arena.matches.counting import ALONE, TOGETHER, counting
from tests.arena.matches.test_match import Absent, always, failing_at

__all__ = ["counting"]


def a_replay(game: str = ALONE, length: int = 300, players: Any = None) -> Replay:
    match = Match(game, players or [RandomPlayer(), RandomPlayer()], 3, {"length": length})
    match.play()
    return match.replay()


def test_a_playback_is_the_same_match_again() -> None:
    replay = a_replay()
    match = playback(replay)
    assert match.play() == replay.result and match.replay() == replay
    assert match.result().id == replay.result.id


@pytest.mark.parametrize("game", ["maze/run"])
def test_a_kept_match_of_a_real_game_is_verified(game: str) -> None:
    match = Match(game, [RandomPlayer(), RandomPlayer()], 1)
    match.play()
    replays.save(match.replay())
    verify(replays.load(match.result().id))


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from([ALONE, TOGETHER]),
    st.lists(st.none() | st.integers(-1, 12), min_size=2, max_size=4),
    st.none() | st.tuples(st.integers(0, 12), st.integers(0, 3)),
    st.booleans(),
)
def test_forfeits_of_every_kind_are_played_again(
    game: str, failures: list[int | None], leaves: tuple[int, int] | None, both: bool
) -> None:
    """A player may fail to sit down (-1), raise at a tick, or leave between two ticks."""
    players = [
        Absent() if tick == -1 else always(2, f"p{seat}") if tick is None else failing_at(tick, f"p{seat}")
        for seat, tick in enumerate(failures)
    ]
    match = Match(game, players, 3, {"length": 10})
    while not match.finished:
        if leaves and match.ticks == leaves[0]:
            for seat in (leaves[1], leaves[1] + both):
                match.forfeit(seat % len(players), "left")
        if not match.finished:
            match.tick()
    replay = match.replay()
    again = playback(replay)
    assert again.play() == replay.result and again.replay() == replay
    verify(replays.decode(replays.encode(replay)))


def test_a_playback_can_be_rewound_past_a_forfeit() -> None:
    replay = a_replay(players=[failing_at(100), always(2), always(1)])
    match = playback(replay)
    marks = []
    while not match.finished:
        marks.append(match.mark())
        match.tick()
    for mark in (marks[150], marks[99], marks[0]):
        match.rewind(mark)
        assert match.play() == replay.result and match.replay() == replay


def test_the_ticks_in_which_it_differs_are_named() -> None:
    replay = a_replay()
    digests = list(replay.digests)
    digests[1] = "0" * 16
    with pytest.raises(ArenaError, match="differs between ticks 120 and 240"):
        verify(dataclasses.replace(replay, digests=tuple(digests)))


def test_a_changed_action_is_noticed() -> None:
    replay = a_replay()
    actions = bytearray(replay.actions)
    actions[130 * 2] = (actions[130 * 2] + 1) % 3
    with pytest.raises(ArenaError, match="differs between ticks 120 and 240"):
        verify(dataclasses.replace(replay, actions=bytes(actions)))


def test_a_changed_result_is_noticed() -> None:
    replay = a_replay()
    seats = tuple(dataclasses.replace(seat, score=99.0) for seat in replay.result.seats)
    with pytest.raises(ArenaError, match="its result is another"):
        verify(dataclasses.replace(replay, result=dataclasses.replace(replay.result, seats=seats)))


@pytest.mark.parametrize("length", [100, 250, 500])
def test_a_game_that_ends_at_another_tick_is_noticed(length: int) -> None:
    replay = a_replay()
    other = dataclasses.replace(replay.result, options={"length": length})
    with pytest.raises(ArenaError, match="not the same here"):
        verify(dataclasses.replace(replay, result=other))


def test_a_record_without_digests_proves_nothing() -> None:
    with pytest.raises(ArenaError, match="not the same here"):
        verify(dataclasses.replace(a_replay(), digests=()))


@pytest.mark.parametrize(
    "change, words",
    [
        ({"game": "atari/unknown"}, "no game is called"),
        ({"options": {"fog": True}}, "has no option fog"),
        ({"options": {"length": "x" * 10, "seats": "many"}}, "cannot be played here"),
    ],
)
def test_a_match_that_cannot_be_played_here_is_a_clear_error(change: dict[str, Any], words: str) -> None:
    replay = a_replay()
    broken = dataclasses.replace(replay, result=dataclasses.replace(replay.result, **change))
    with pytest.raises(ArenaError, match=words):
        verify(broken)


def test_an_action_that_the_game_no_longer_has_is_a_clear_error() -> None:
    replay = a_replay()
    with pytest.raises(ArenaError, match="has action 7, and test/alone has 3"):
        playback(dataclasses.replace(replay, actions=b"\7" + replay.actions[1:]))
