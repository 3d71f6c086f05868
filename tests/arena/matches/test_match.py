import dataclasses
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agents.agent import Agent, Insight
from arena.errors import ArenaError, UsageError
from arena.games import catalog
from arena.games.game import Game
from arena.matches.match import DIGEST_EVERY, Match, seat_players, series
from arena.matches.player import AgentPlayer, Human, Noop, Player, RandomPlayer
from arena.store.records import LARGEST_SEED, Identity
from tests.arena.matches.counting import ALONE, TOGETHER, Counting, counting

__all__ = ["counting"]


class Scripted(Player):
    """Answers what `answer(tick)` says, whatever that is."""

    def __init__(self, answer: Callable[[int], Any], name: str = "scripted") -> None:
        self.answer, self.identity = answer, Identity(f"builtin:{name}", name, "builtin")

    def begin(self, game: Game, seat: int, seed: int) -> None:
        super().begin(game, seat, seed)
        self.ticks = 0

    def act(self) -> int:
        self.ticks += 1
        action: int = self.answer(self.ticks - 1)
        return action


def always(action: Any, name: str = "always") -> Scripted:
    return Scripted(lambda tick: action, name)


def failing_at(tick: int, name: str = "failing") -> Scripted:
    def answer(now: int) -> int:
        if now >= tick:
            raise RuntimeError("no more")
        return 1

    return Scripted(answer, name)


class Absent(Scripted):
    """Does not even sit down."""

    def __init__(self) -> None:
        super().__init__(lambda tick: 1, "absent")

    def begin(self, game: Game, seat: int, seed: int) -> None:
        raise RuntimeError("lost the way")


@pytest.mark.parametrize("game", [ALONE, TOGETHER])
def test_the_same_seed_brings_the_same_match_and_another_seed_another(game: str) -> None:
    def replay(seed: int) -> Any:
        return Match(game, [RandomPlayer(), RandomPlayer()], seed, {"length": 300})

    first, again, other = replay(1), replay(1), replay(2)
    assert first.play() == again.play() and first.replay() == again.replay()
    assert first.result().id == again.result().id
    assert other.play().id != first.result().id and other.replay().actions != first.replay().actions


def test_two_equal_players_draw_different_chances_from_one_seed() -> None:
    replay = Match(TOGETHER, [RandomPlayer(), RandomPlayer()], 0, {"length": 50})
    replay.play()
    rows = np.frombuffer(replay.replay().actions, np.uint8).reshape(-1, 2)
    assert (rows[:, 0] != rows[:, 1]).any()


def test_several_players_at_a_one_seat_game_each_have_a_copy_with_the_same_seed() -> None:
    match = Match(ALONE, [always(2), always(2, "too"), always(1, "one")], 5, {"length": 40})
    assert match.duel and len(match.games) == 3 and "seats" not in match.options
    result = match.play()
    assert result.seats[0].score == result.seats[1].score != 40.0
    assert not result.shared


def test_players_at_a_game_with_seats_for_all_share_one_world() -> None:
    match = Match(TOGETHER, [always(1), always(0, "idle"), always(1, "too")], 5)
    assert not match.duel and len(match.games) == 1 and match.options["seats"] == 3
    result = match.play()
    assert [seat.place for seat in result.seats] == [1, 3, 1]
    assert result.shared and [seat.player.name for seat in result.winners] == ["always", "too"]


def test_who_ties_shares_a_place() -> None:
    result = Match(ALONE, [always(1, name) for name in "ab"], 0).play()
    assert [seat.place for seat in result.seats] == [1, 1] and result.drawn


def test_a_match_ends_at_max_ticks_whatever_the_game_says() -> None:
    match = Match(ALONE, [always(1)], 0, {"length": 100, "limit": 7})
    assert match.play().ticks == 7


@pytest.mark.parametrize(
    "players, words",
    [(0, "and 0 were named"), (5, "and 5 were named"), (1, "is for 2 to 4 players, and 1 was named")],
)
def test_too_few_or_too_many_players_are_refused(players: int, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        Match(TOGETHER, [Noop()] * players, 0)


@pytest.mark.parametrize("seed", [-1, LARGEST_SEED + 1, 10**30])
def test_a_seed_out_of_range_is_refused_for_a_match_and_a_series(seed: int) -> None:
    with pytest.raises(UsageError, match=f"the seed {seed}: .* 0 to {LARGEST_SEED}"):
        Match(ALONE, [Noop()], seed)
    with pytest.raises(UsageError, match=f"the seed {seed}: .* 0 to {LARGEST_SEED}"):
        next(series(ALONE, 1, 1, seed))


def test_a_game_with_more_actions_than_a_byte_holds_is_refused() -> None:
    with pytest.raises(UsageError, match="300 actions"):
        Match(ALONE, [Noop()], 0, {"actions": 300})
    assert Match(ALONE, [always(255)], 0, {"actions": 256}).play().seats[0].forfeit is None


NONSENSE = [-1, 3, 10**9, None, "x", math.nan, 1.0, math.inf, [], np.array([1, 2]), np.float32(1)]


@pytest.mark.parametrize("action", NONSENSE, ids=repr)
@pytest.mark.parametrize("game", [ALONE, TOGETHER])
def test_who_answers_nonsense_forfeits_and_the_match_has_a_result(game: str, action: Any) -> None:
    result = Match(game, [always(action), always(0, "idle")], 0).play()
    bad, good = result.seats
    assert bad.forfeit and bad.place == 2 and good.forfeit is None and good.place == 1


@pytest.mark.parametrize("action", [1, True, np.int64(1), np.uint8(1), np.array(1)], ids=repr)
def test_any_kind_of_whole_number_is_an_answer(action: Any) -> None:
    assert Match(ALONE, [always(action)], 0).play().seats[0].score == 5.0


def test_who_raises_in_a_duel_of_two_ends_it() -> None:
    result = Match(ALONE, [failing_at(2), always(0, "idle")], 0).play()
    failed, idle = result.seats
    assert failed.forfeit == "RuntimeError: no more"
    assert (failed.score, failed.place, idle.score, idle.place) == (2.0, 2, 0.0, 1), "a score does not help"
    assert result.ticks == 3


def test_who_raises_in_a_duel_of_three_stops_and_the_others_go_on() -> None:
    result = Match(ALONE, [failing_at(2), always(1), always(0, "idle")], 0).play()
    assert result.ticks == 5
    assert [(seat.score, seat.place) for seat in result.seats] == [(2.0, 3), (5.0, 1), (0.0, 2)]


def test_two_who_leave_a_duel_together_have_both_lost_whatever_their_seats() -> None:
    for seats in ((0, 1), (1, 0)):
        match = Match(ALONE, [always(1, "a"), always(1, "b")], 0)
        match.tick()
        for seat in seats:
            match.forfeit(seat, "left")
        assert match.finished and match.result().winners == ()
    match = Match(ALONE, [failing_at(2, "a"), failing_at(2, "b")], 0)
    assert match.play().winners == () and match.replay().forfeits == {0: 2, 1: 2}


def test_who_raises_in_a_world_of_two_ends_it() -> None:
    match = Match(TOGETHER, [always(0, "idle"), failing_at(2)], 0)
    result = match.play()
    assert result.ticks == 3 and [seat.place for seat in result.seats] == [1, 2]
    assert match.replay().forfeits == {1: 2}


def test_who_raises_in_a_world_of_three_idles_and_the_others_go_on() -> None:
    match = Match(TOGETHER, [failing_at(2), always(1), always(0, "idle")], 0)
    result = match.play()
    assert result.ticks == 5
    assert [(seat.score, seat.place) for seat in result.seats] == [(2.0, 3), (5.0, 1), (0.0, 2)]


@pytest.mark.parametrize("game", [ALONE, TOGETHER])
def test_who_does_not_even_sit_down_forfeits(game: str) -> None:
    result = Match(game, [always(0, "idle"), Absent()], 0).play()
    assert [seat.place for seat in result.seats] == [1, 2]
    assert result.ticks == 0


@pytest.mark.parametrize("game", [ALONE, TOGETHER])
def test_when_all_forfeit_nobody_has_won(game: str) -> None:
    result = Match(game, [Absent(), Absent()], 0).play()
    assert result.winners == () and not result.drawn and not result.rated


def test_two_who_fail_at_the_same_tick_both_forfeit_whatever_their_seats() -> None:
    match = Match(TOGETHER, [failing_at(2, "a"), failing_at(2, "b")], 0)
    assert match.play().winners == () and match.replay().forfeits == {0: 2, 1: 2}
    match = Match(TOGETHER, [failing_at(2, "a"), failing_at(3, "b")], 0)
    assert [seat.player.name for seat in match.play().winners] == ["b"]
    match.forfeit(1, "left")
    assert [seat.player.name for seat in match.result().winners] == ["b"], "the match was over"


def test_two_who_leave_together_have_both_lost() -> None:
    match = Match(TOGETHER, [always(1, "a"), always(1, "b")], 0)
    match.tick()
    match.forfeit(0, "left")
    match.forfeit(1, "left")
    assert match.result().winners == ()


def test_matches_that_differ_only_in_who_forfeited_have_different_ids() -> None:
    left, right = (Match(TOGETHER, [always(1, "a"), always(1, "b")], 0) for _ in range(2))
    left.forfeit(0, "left")
    right.forfeit(1, "left")
    assert left.result().id != right.result().id


def test_who_has_nothing_left_to_play_cannot_forfeit() -> None:
    match = Match(ALONE, [always(1), always(1, "too")], 0)
    match.play()
    match.forfeit(0, "left")
    assert match.result().seats[0].forfeit is None


def test_what_a_player_raises_is_told_in_one_line_that_can_be_shown() -> None:
    class Rude(Exception):
        def __str__(self) -> str:
            raise ValueError

    def rude(tick: int) -> int:
        raise Rude

    def loud(tick: int) -> int:
        raise RuntimeError("\x1b[2J first\nsecond " + "x" * 5000)

    first, second = Match(ALONE, [Scripted(rude), Scripted(loud)], 0).play().seats
    assert first.forfeit == "Rude"
    assert second.forfeit is not None and second.forfeit.startswith("RuntimeError: ?[2J first second x")
    assert second.forfeit.isprintable() and len(second.forfeit) == 200


def test_interrupts_are_not_forfeits() -> None:
    def interrupted(tick: int) -> int:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Match(ALONE, [Scripted(interrupted)], 0).play()


def test_a_replay_has_every_action_and_a_digest_every_so_often_and_at_the_end() -> None:
    for length in (1, DIGEST_EVERY - 1, DIGEST_EVERY, DIGEST_EVERY + 1, 3 * DIGEST_EVERY):
        match = Match(ALONE, [RandomPlayer(), Noop()], 0, {"length": length})
        match.play()
        replay = match.replay()
        assert len(replay.actions) == 2 * length
        assert len(replay.digests) == math.ceil(length / DIGEST_EVERY)
        assert replay.digests[-1] == replay.result.digest


def test_before_the_end_there_is_no_result_and_after_it_no_tick() -> None:
    match = Match(ALONE, [Noop()], 0)
    for asked in (match.result, match.replay):
        with pytest.raises(ValueError, match="not finished"):
            asked()
    match.play()
    with pytest.raises(ValueError, match="is finished"):
        match.tick()


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 299), st.integers(0, 299), st.sampled_from([ALONE, TOGETHER]))
def test_going_back_to_a_mark_and_on_again_changes_nothing(mark: int, further: int, game: str) -> None:
    played = [Scripted(lambda tick: tick % 3, "a"), failing_at(150)]
    once = Match(game, played, 0, {"length": 300})
    once.play()
    rows = np.frombuffer(once.replay().actions, np.uint8).reshape(-1, 2)

    class Stateless(Scripted):
        def act(self) -> int:
            if self.seat_of_match and match.ticks >= 150:
                raise RuntimeError("no more")
            return int(rows[match.ticks, self.seat_of_match])

    players = [Stateless(lambda tick: 0, name) for name in ("a", "failing")]
    for seat, player in enumerate(players):
        player.seat_of_match = seat  # type: ignore[attr-defined]
    match = Match(game, players, 0, {"length": 300})
    while match.ticks < mark and not match.finished:
        match.tick()
    remembered = match.mark()
    while match.ticks < mark + further and not match.finished:
        match.tick()
    match.rewind(remembered)
    assert match.play() == once.result() and match.replay() == once.replay()


def test_closing_a_match_closes_its_games() -> None:
    match = Match(ALONE, [Noop(), Noop()], 0)
    match.close()
    assert all(isinstance(game, Counting) and game.closed for game in match.games)


def test_a_series_is_the_same_for_a_seed_and_has_no_seed_twice() -> None:
    pairings = list(series(ALONE, 2, 50, 7))
    assert pairings == list(series(ALONE, 2, 50, 7)) != list(series(ALONE, 2, 50, 8))
    assert len({pairing.seed for pairing in pairings}) == 50
    assert {pairing.order for pairing in pairings} == {(0, 1)}, "a copy each: seats do not matter"
    assert all(0 <= pairing.seed < 2**31 for pairing in pairings)


@pytest.mark.parametrize("players", [2, 3, 4])
def test_in_shared_worlds_every_seed_is_played_from_every_seat(players: int) -> None:
    pairings = list(series(TOGETHER, players, 5 * players, 1))
    assert len({pairing.seed for pairing in pairings}) == 5
    for start in range(0, len(pairings), players):
        turn = pairings[start : start + players]
        assert len({pairing.seed for pairing in turn}) == 1
        for seat in range(players):
            assert {pairing.order[seat] for pairing in turn} == set(range(players))


def test_a_series_goes_on_after_a_forfeit() -> None:
    players = [failing_at(0), always(1)]
    results = [
        Match(TOGETHER, [players[index] for index in pairing.order], pairing.seed).play()
        for pairing in series(TOGETHER, 2, 6, 0)
    ]
    assert [result.winners[0].player.name for result in results] == ["always"] * 6


@pytest.mark.parametrize("human", [False, True])
def test_atari_is_sticky_unless_a_person_plays(human: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalog, "find", lambda name: catalog.Entry("atari/test", "", "", (1,), "", ""))
    monkeypatch.setattr(catalog, "make", lambda name, **options: Counting(name, 1, 5, None, 3))
    players = [Human("Ann", lambda: 1) if human else Noop(), Noop()]
    assert seat_players("atari/test", players, {})[1] == {"sticky": 0.0 if human else 0.25}
    assert seat_players("atari/test", players, {"sticky": 0.5})[1] == {"sticky": 0.5}


class Seeing(Agent):
    """Counts once it sees that it has counted nothing; greedy or not."""

    asked = 0

    def act(self, observations: Any, *, rng: np.random.Generator | None = None) -> Any:
        self.asked += 1
        return np.array([1 if rng is None else 2])

    def inspect(self, observations: Any) -> Insight:
        return Insight(np.zeros((len(observations), 3), np.float32), "value")

    def weights(self) -> Any:
        return {}

    def load_weights(self, weights: Any) -> None:
        return


def test_an_agent_decides_every_few_ticks_and_its_action_is_held() -> None:
    agent = Seeing()
    player = AgentPlayer(Identity("agent:x", "x", "agent"), agent, greedy=True)
    match = Match(ALONE, [player], 0, {"length": 10})
    match.games[0].spec = dataclasses.replace(match.games[0].spec, ticks_per_decision=4)
    assert match.play().seats[0].score == 10.0
    assert agent.asked == 3
    insight = player.insight()
    assert insight is not None and insight.actions.shape == (1, 3)


def test_what_an_agent_needs_the_game_is_made_with() -> None:
    needy = [
        AgentPlayer(Identity(f"agent:{n}", "x", "agent"), Seeing(), greedy=True, needs={"length": n})
        for n in (3, 4)
    ]
    assert Match(ALONE, [needy[0], Noop()], 0).play().ticks == 3
    for players, options in (([needy[0]], {"length": 9}), (needy, {})):
        with pytest.raises(UsageError, match="learned test/alone with length="):
            Match(ALONE, players, 0, options)


def test_a_person_who_presses_nothing_idles() -> None:
    pressed = iter([1, None, 1, None, None])
    assert Match(ALONE, [Human("Ann", lambda: next(pressed))], 0).play().seats[0].score == 2.0


@pytest.mark.usefixtures("counting")
@pytest.mark.parametrize("score", [math.nan, math.inf, -math.inf])
def test_a_match_with_a_score_that_is_no_finite_number_is_void(
    score: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Counting, "scores", lambda self: (1.0, score))
    match = Match(TOGETHER, [always(1), always(1, "other")], 1)
    with pytest.raises(ArenaError, match=f"{TOGETHER}.*other.*{score}.*void"):
        match.play()
    with pytest.raises(ArenaError, match="void"):
        match.replay()
