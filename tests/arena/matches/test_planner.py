"""Who plans in a copy of the game plays what it planned."""

import numpy as np
import pytest

from arena.errors import UsageError
from arena.games import catalog
from arena.games.game import Game
from arena.matches import planner
from arena.matches.match import Match
from arena.matches.planner import Planner
from arena.matches.player import Human, Player, RandomPlayer


@pytest.fixture(autouse=True)
def briefly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planner, "BUDGET", {"maze": 60_000, "atari": 1_500})
    monkeypatch.setattr(planner, "LATER", {"maze": 6_000, "atari": 500})


class Wanderer(Player):
    """Goes one way for a while, then another."""

    identity = RandomPlayer.identity

    def act(self) -> int:
        return int(self.rng.integers(4))


def test_it_gets_the_gem_of_a_vault() -> None:
    match = Match("maze/vault", [Planner("maze"), RandomPlayer()], 5, {"size": 9})
    result = match.play()
    assert result.seats[0].score > 0 and result.seats[0].place == 1
    assert not any(seat.forfeit for seat in result.seats)


def test_its_plan_holds_to_the_last_move_though_the_floor_slips() -> None:
    """What chance will bring is part of the copy."""
    for seed in range(3):
        match = Match("maze/windy", [Planner("maze")], seed, {"size": 11})
        [player] = match.players
        assert isinstance(player, Planner)
        planned = len(player._plan)
        result = match.play()
        assert result.ticks == planned and result.seats[0].score > 0


def test_the_same_match_is_the_same_again() -> None:
    results = [Match("maze/run", [Planner("maze")], 3, {"size": 9}).play() for _ in range(2)]
    assert results[0].digest == results[1].digest


def test_where_others_are_in_its_way_it_plans_anew() -> None:
    match = Match("maze/race", [Planner("maze"), Wanderer()], 1, {"size": 11})
    result = match.play()
    assert not any(seat.forfeit for seat in result.seats)
    assert result.seats[0].place == 1


@pytest.mark.parametrize("sticky", [0.0, 0.25])
def test_in_atari_the_copy_goes_where_the_game_goes(sticky: float) -> None:
    game = catalog.make("atari/breakout", sticky=sticky)
    game.reset(4)
    rng = np.random.default_rng(0)
    for action in rng.integers(len(game.spec.actions), size=50).tolist():
        for _ in range(4):
            game.tick((action,))
    copy = game.simulator(0)
    copy.reset()
    for action in rng.integers(len(game.spec.actions), size=60).tolist():
        rewards = [game.tick((action,)).rewards[0] for _ in range(4)]
        assert copy.step(action)[0] == sum(rewards)
    assert (copy.frame() == game.frame()).all()


def test_trying_leaves_the_game_as_it_is() -> None:
    for game_id in ("maze/vault", "atari/pong"):
        game: Game = catalog.make(game_id)
        game.reset(1)
        before = game.digest()
        copy = game.simulator(0)
        copy.reset()
        for action in range(copy.actions):
            copy.step(action)
        assert game.digest() == before


def test_nobody_has_to_wait_for_it_in_a_game_that_does_not_wait() -> None:
    person = Human("Ann", lambda: None)
    with pytest.raises(UsageError, match="go-explore thinks for seconds between its moves at atari/pong"):
        Match("atari/pong", [person, Planner("atari")], 1)
    Match("maze/run", [person, Planner("maze")], 1, {"size": 7}).close()


def test_it_plays_pong_to_the_end_of_its_plans() -> None:
    match = Match("atari/pong", [Planner("atari")], 1)
    for _ in range(400):
        match.tick()
    assert not match.forfeits
