"""On what terms players meet: how late agents act, whom they play for, and what they must be given to see."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from agents.agent import Agent, Insight
from arena.errors import UsageError
from arena.games import catalog
from arena.games.catalog import Entry
from arena.matches.match import Match
from arena.matches.playback import playback
from arena.matches.player import AgentPlayer, Noop, Player, RandomPlayer
from arena.store.records import Identity
from arena.tournaments.ratings import fit
from tests.arena.matches.counting import TOGETHER, Counting, counting

__all__ = ["counting"]


class Counter(Agent):
    """Does what the count of its decisions says."""

    def __init__(self, answers: Sequence[int]) -> None:
        self.answers = list(answers)

    def act(self, observations: Any, *, rng: Any = None) -> Any:
        return np.array([self.answers[int(observations[0, 0])]])

    def weights(self) -> dict[str, Any]:
        return {}

    def load_weights(self, weights: Any) -> None:
        raise NotImplementedError

    def inspect(self, observations: Any) -> Insight:
        return Insight(np.array([[0.1, 0.7, 0.2]], np.float32), "probability")


def agent(answers: Sequence[int], name: str = "counter", **more: Any) -> AgentPlayer:
    return AgentPlayer(Identity(f"agent:{name}", name, "agent"), Counter(answers), greedy=True, **more)


@pytest.mark.parametrize(("time", "late"), [(0, 0), (16, 1), (17, 2), (33, 2), (50, 3), (2000, 12)])
def test_agents_act_so_much_later_than_they_see_and_others_at_once(time: int, late: int) -> None:
    """Sixty ticks a second: half a reaction is a whole tick."""
    match = Match(TOGETHER, [agent([1] * 12), Pressing()], 1, {"length": 12, "reaction_ms": time})
    result = match.play()
    assert match.scores == (12 - late, 12)
    assert result.options.get("reaction_ms", 0) == time
    assert result.rated == (time == 0), "who is slowed down is not rated"
    again = playback(match.replay())
    assert again.play().digest == result.digest


class Pressing(Player):
    identity = Identity("human:Ada", "Ada", "human")

    def act(self) -> int:
        return 1


@pytest.mark.parametrize("time", [-1, 2001, 0.5, "soon", True])
def test_reactions_that_make_no_sense_are_refused(time: Any) -> None:
    with pytest.raises(UsageError, match=r"reaction_ms=.*milliseconds from 0 to 2,000"):
        Match(TOGETHER, [agent([1]), Noop()], 1, {"reaction_ms": time})


def test_where_all_play_for_one_score_nobody_is_rated_and_all_come_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    module = "tests.arena.matches.counting"
    entries = (Entry(TOGETHER, "Together", "", (2,), module, module, together=True),)
    monkeypatch.setattr(catalog, "entries", lambda: entries)
    monkeypatch.setattr(Counting, "scores", lambda game: (float(sum(game.counts)),) * 2)
    match = Match(TOGETHER, [agent([1] * 5), Noop()], 1)
    result = match.play()
    assert [(seat.score, seat.place) for seat in result.seats] == [(5, 1), (5, 1)]
    assert result.options["together"] is True and not result.rated
    assert fit([result]).players == ()
    assert playback(match.replay()).play() == result


def test_where_seats_are_in_teams_the_result_says_so_and_nobody_else_may(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    module = "tests.arena.matches.counting"
    entries = (Entry(TOGETHER, "Teams", "", (2, 4), module, module, teams=2),)
    monkeypatch.setattr(catalog, "entries", lambda: entries)
    monkeypatch.setattr(Counting, "scores", lambda game: (float(game.counts[0]), float(game.counts[1])) * 2)
    four = Match(TOGETHER, [agent([1] * 5), Noop(), RandomPlayer(), Noop()], 1)
    result = four.play()
    assert result.options["teams"] == 2 and result.won
    assert [seat.place for seat in result.seats] == [1, 3, 1, 3]
    assert playback(four.replay()).play() == result
    assert "teams" not in Match(TOGETHER, [Noop(), RandomPlayer()], 1).options
    for teams in (1, 2, 3):
        with pytest.raises(UsageError, match="leave the option teams out"):
            Match(TOGETHER, [Noop(), RandomPlayer()], 1, {"teams": teams})


class Turning(Counting):
    """Whoever sits in the second seat sees it the other way round: to count is to idle."""

    def meant(self, seat: int, action: int) -> int:
        return [1, 0, 2][action] if seat else action


def test_what_an_agent_chooses_by_a_turned_picture_is_turned_back_and_so_is_what_it_thinks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = [Turning(TOGETHER, 2, 5, None, 3)]
    monkeypatch.setattr("tests.arena.matches.counting.make", lambda game_id, **options: made[0])
    match = Match(TOGETHER, [agent([1, 1, 1, 0, 0], "one"), agent([1, 0, 0, 0, 0], "two")], 1)
    match.play()
    assert match.scores == (3, 4)
    thoughts = [player.insight() for player in match.players]
    shown = [None if thought is None else (10 * thought.actions[0]).round().tolist() for thought in thoughts]
    assert shown == [[1, 7, 2], [7, 1, 2]]
