"""Versus games: what holds for every cartridge that two to four play."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from arena.errors import UsageError
from arena.games import catalog
from arena.games.versus import FIRE, VersusGame
from arena.games.versus_list import CARTRIDGES

KINDS = [(cart.id, seats) for cart in CARTRIDGES for seats in cart.seats]


def game_of(game_id: str, **options: Any) -> VersusGame:
    game = catalog.make(game_id, **options)
    assert isinstance(game, VersusGame)
    return game


def chosen(game: VersusGame, seed: int) -> Iterator[list[int]]:
    """What random players would do, a decision at a time."""
    rng = np.random.default_rng(seed)
    while True:
        actions = rng.integers(len(game.spec.actions), size=game.spec.seats).tolist()
        yield from [actions] * game.spec.ticks_per_decision


@pytest.mark.parametrize(("game_id", "seats"), KINDS, ids=[f"{name}-{seats}" for name, seats in KINDS])
def test_two_thousand_ticks_are_the_same_again_and_from_a_snapshot_in_another_console(
    game_id: str, seats: int
) -> None:
    game, other = game_of(game_id, seats=seats), game_of(game_id, seats=seats)
    game.reset(3)
    moves = chosen(game, 1)
    told: list[tuple[int, tuple[float, ...], tuple[float, ...]]] = []
    played, snapshot, at = [], None, 0
    for ticks in range(2_000):
        if ticks == 700:
            snapshot, at = game.snapshot(), ticks
            views = [game.observe(seat) for seat in range(seats)]
            picture = game.frame()
        played.append(next(moves))
        tick = game.tick(played[-1])
        told.append((game.digest() if ticks % 100 == 0 else 0, tick.rewards, game.scores()))
        if tick.ended:
            break
    last = game.digest(), game.observe(seats - 1).tobytes(), game.frame().tobytes()
    other.reset(3)
    for ticks, actions in enumerate(played):
        tick = other.tick(actions)
        assert told[ticks] == (other.digest() if ticks % 100 == 0 else 0, tick.rewards, other.scores())
    assert last == (other.digest(), other.observe(seats - 1).tobytes(), other.frame().tobytes())
    assert snapshot is not None, "it went on for so long"
    other.reset(4)
    other.restore(snapshot)
    assert all(np.array_equal(other.observe(seat), views[seat]) for seat in range(seats))
    assert np.array_equal(other.frame(), picture)
    for ticks, actions in enumerate(played[at:], at):
        tick = other.tick(actions)
        assert told[ticks][1:] == (tick.rewards, other.scores())
    assert last == (other.digest(), other.observe(seats - 1).tobytes(), other.frame().tobytes())
    game.close()
    other.close()


@pytest.mark.parametrize("cart", CARTRIDGES, ids=lambda cart: cart.name)
def test_what_an_entry_says_is_so(cart: Any) -> None:
    entry = catalog.find(cart.id)
    assert entry.seats == cart.seats
    assert set(cart.seats) <= {2, 4}
    game = game_of(cart.id)
    assert game.spec.actions[game.spec.idle_action] == "noop"
    assert len(set(game.spec.actions)) == len(game.spec.actions)
    assert len(cart.places) >= game.spec.seats
    assert not cart.view.turned or len(cart.view.turns) == 2
    for seat in range(game.spec.seats):  # what a turned action means can be done, and turned back
        meant = [game.meant(seat, action) for action in range(len(game.spec.actions))]
        assert sorted(meant) == list(range(len(meant)))
    game.reset(0)
    assert game.observe(0).shape == game.observation_shape
    assert cart.how in catalog.rules(entry)
    game.close()


def test_the_margin_of_what_is_won_is_what_is_earned() -> None:
    game = game_of("versus/pong", sticky=0.0)
    game.reset(1)
    earned = np.zeros(2)
    moves = chosen(game, 2)
    for _ in range(3_000):
        tick = game.tick(next(moves))
        earned += tick.rewards
        assert sum(tick.rewards) == 0
    assert sum(game.scores()) > 3
    lead = game.scores()[0] - game.scores()[1]
    assert earned.tolist() == list(game.margins()) == [lead, -lead]
    game.close()


def test_where_all_play_together_everybody_earns_the_score() -> None:
    game = game_of("versus/entombed_together")
    game.reset(1)
    earned, ended = np.zeros(2), False
    while not ended:
        tick = game.tick([0, 0])
        earned, ended = earned + tick.rewards, tick.ended
    assert earned.tolist() == list(game.scores())
    assert game.scores()[0] == game.scores()[1] > 5
    game.close()


@pytest.mark.parametrize("game_id", ["versus/pong", "versus/tennis"])
def test_who_does_not_serve_has_the_ball_served_and_loses_no_point(game_id: str) -> None:
    game = game_of(game_id, sticky=0.0)
    game.reset(1)
    for _ in range(5_000):
        tick = game.tick([0, 0])
        assert min(game.scores()) >= 0
        if tick.ended:
            break
    assert sum(game.scores()) >= 5
    game.close()


def test_games_differ_by_their_seed_where_nobody_hesitates() -> None:
    game, ends = game_of("versus/boxing"), set()
    for seed in range(3):
        game.reset(seed)
        moves = chosen(game, 5)
        for _ in range(400):
            game.tick(next(moves))
        ends.add(game.frame().tobytes())
    assert len(ends) == 3
    game.close()


def test_mazes_of_cartridges_that_draw_them_are_new_for_each_seed_and_the_same_for_one() -> None:
    game, mazes = game_of("versus/maze_craze"), []
    for seed in (1, 2, 1):
        game.reset(seed)
        mazes.append(game.observe(0)[-1].tobytes())
    assert mazes[0] == mazes[2] != mazes[1]
    game.close()


@pytest.mark.parametrize("game_id", ["versus/boxing", "versus/surround", "versus/pong"])
def test_a_turned_seat_sees_and_does_what_the_first_would(game_id: str) -> None:
    """Whoever plays from the second seat as another does from the first sees in the field what that one sees,
    but for a pixel here and there."""
    game, other = game_of(game_id, sticky=0.0), game_of(game_id, sticky=0.0)
    game.reset(1)
    other.reset(1)
    rng = np.random.default_rng(0)
    for _ in range(40):
        first, second = rng.integers(len(game.spec.actions), size=2).tolist()
        for _ in range(4):
            game.tick([first, game.meant(1, second)])
            other.tick([second, other.meant(1, first)])
    one, same, screen = (
        seen[-1][16:72, 8:-8].astype(int) for seen in (game.observe(0), other.observe(1), other.observe(0))
    )
    differ, apart = (abs(one - same) > 30).mean(), (abs(one - screen) > 30).mean()
    assert differ < min(0.03, apart / 2)
    game.close()
    other.close()


def test_planes_tell_seats_apart_where_nothing_is_turned() -> None:
    game = game_of("versus/warlords")
    game.reset(0)
    for seat in range(4):
        planes = game.observe(seat)[4:]
        assert planes.shape == (4, 84, 84)
        assert [int(plane.min()) for plane in planes] == [255 * (seat == other) for other in range(4)]
        assert planes.max(axis=(1, 2)).tolist() == planes.min(axis=(1, 2)).tolist()
    game.close()


@pytest.mark.parametrize(
    ("game_id", "options", "words"),
    [
        ("versus/boxing", {"seats": 3}, "versus/boxing is for 2 players, and seats=3"),
        ("versus/pong", {"seats": 3}, "versus/pong is for 2 or 4 players"),
        ("versus/pong", {"sticky": 1.5}, "sticky=1.5 is no probability"),
        ("versus/pong", {"speed": 2}, "no option 'speed'; there are seats, sticky and rivalry"),
        ("versus/pong", {"rivalry": 1.5}, "rivalry=1.5: a number from 0 to 1"),
    ],
)
def test_options_that_make_no_sense_are_refused(game_id: str, options: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        catalog.make(game_id, **options)


def test_how_much_the_score_of_others_takes_from_a_reward_is_what_was_asked_for() -> None:
    games = [catalog.make("versus/boxing", **options) for options in ({}, {"rivalry": 0}, {"rivalry": 0.5})]
    rng = np.random.default_rng(0)
    for game in games:
        game.reset(5)
    earned = np.zeros((3, 2))
    for _ in range(4_000):
        actions = rng.integers(0, len(games[0].spec.actions), 2).tolist()
        for row, game in enumerate(games):
            earned[row] += game.tick(actions).rewards
    first, second = games[0].scores()
    assert first + second > 0 and len({game.scores() for game in games}) == 1, "nothing else differs"
    assert earned[0].tolist() == [first - second, second - first] and earned[1].tolist() == [first, second]
    assert earned[2].tolist() == [first - second / 2, second - first / 2]
    for game in games:
        game.close()


def test_actions_that_are_none_are_refused() -> None:
    game = game_of("versus/pong")
    game.reset(0)
    for actions in ([0], [0, 6], [-1, 0], [0, 0, 0]):
        with pytest.raises(ValueError, match="are wanted, each from 0 to 5"):
            game.tick(actions)
    assert FIRE in game.codes
    game.close()


def test_each_runner_of_maze_craze_sees_itself_in_white_and_the_other_as_it_is() -> None:
    game = game_of("versus/maze_craze")
    game.reset(3)
    rng = np.random.default_rng(3)
    for _ in range(400):
        game.tick(rng.integers(0, len(game.spec.actions), 2).tolist())
    one, other = game.observe(0)[-1].astype(int), game.observe(1)[-1].astype(int)
    changed = np.abs(one - other)
    assert changed.max() > 60, "which of the two one is can be seen"
    assert (changed > 20).mean() < 0.05, "and nothing else differs"
    game.close()
