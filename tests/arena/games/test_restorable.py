"""What is explored is what a match plays, and can be put back."""

from typing import Any

import numpy as np
import pytest

from agents.exploring import NOWHERE
from arena.errors import UsageError
from arena.games import catalog
from arena.games.roms import UNSOUND

GAMES = ["atari/montezuma_revenge", "atari/pong", "atari/breakout", "maze/run", "maze/vault", "maze/windy"]


def options(game_id: str) -> dict[str, Any]:
    return {"sticky": 0.0} if game_id.startswith("atari/") else {"levels": "train", "size": 15}


def explored(game_id: str, seed: int) -> Any:
    chosen = options(game_id)
    chosen.pop("sticky", None)
    return catalog.simulator(game_id, seed, **chosen)


@pytest.mark.parametrize("game_id", GAMES)
def test_its_scores_and_its_end_are_those_of_a_match(game_id: str) -> None:
    simulator, rng = explored(game_id, 7), np.random.default_rng(1)
    game = catalog.make(game_id, **options(game_id))
    game.reset(7)
    simulator.reset()
    for _ in range(600):
        action, reward, ended = int(rng.integers(simulator.actions)), 0.0, False
        for _ in range(game.spec.ticks_per_decision):
            tick = game.tick((action,))
            reward += tick.rewards[0]
            if ended := tick.ended:
                break
        assert simulator.step(action) == (reward, ended)
        if ended:
            break


@pytest.mark.parametrize("game_id", GAMES)
def test_put_back_it_goes_on_the_same(game_id: str) -> None:
    simulator, rng = explored(game_id, 3), np.random.default_rng(0)
    simulator.reset()
    for _ in range(20):
        for action in rng.integers(simulator.actions, size=10).tolist():
            if simulator.step(action)[1]:
                simulator.reset()
        snapshot, actions = simulator.save(), rng.integers(simulator.actions, size=15).tolist()
        courses = []
        for _ in range(2):
            simulator.load(snapshot)
            assert simulator.save() == snapshot
            course: list[Any] = []
            for action in actions:
                course.append(simulator.step(action))
                course.append(simulator.picture().tobytes())
                if course[-2][1]:
                    break
            courses.append(course)
        assert courses[0] == courses[1]
        if courses[0][-2][1]:
            simulator.reset()


@pytest.mark.parametrize("game_id", GAMES)
def test_a_snapshot_is_small(game_id: str) -> None:
    simulator, rng = explored(game_id, 3), np.random.default_rng(0)
    simulator.reset()
    for action in rng.integers(simulator.actions, size=60).tolist():
        simulator.step(action)
    assert len(simulator.save()) < 700


def test_a_maze_is_a_pixel_a_tile_and_the_player_stands_out() -> None:
    simulator = explored("maze/vault", 0)
    simulator.reset()
    before = simulator.picture().copy()
    assert before.shape == (15, 15) and (before == 255).sum() == 1
    for action in range(4):
        simulator.step(action)
    assert (simulator.picture() == 255).sum() == 1


def test_montezuma_begins_in_room_one_of_the_first_level() -> None:
    simulator = explored("atari/montezuma_revenge", 0)
    simulator.reset()
    room, x, y = simulator.spot()
    assert room == 1
    # The player's shirt is where it is said to be.
    rows, columns = np.nonzero((simulator.frame() == (200, 72, 72)).all(-1)[20:])
    assert abs(columns.mean() - x) < 4 and abs(rows.mean() + 20 - y) < 8
    assert len(simulator.knowledge()) == 5


def test_what_is_known_of_a_maze_is_position_and_keys() -> None:
    simulator = explored("maze/run", 0)
    simulator.reset()
    at_first = simulator.knowledge()
    moved = set()
    for action in range(4):
        simulator.reset()
        simulator.step(action)
        moved.add(simulator.knowledge())
    assert len(moved) >= 2 and at_first in moved  # some ways are open and some are walls


@pytest.mark.parametrize(
    "game_id", [*[f"atari/{name}" for name in sorted(UNSOUND)][:3], "maze/race", "gym/CartPole-v1"]
)
def test_a_game_that_cannot_be_put_back_is_refused(game_id: str) -> None:
    with pytest.raises(UsageError, match=f"{game_id} cannot be explored"):
        catalog.simulator(game_id, 0)


def test_sticky_actions_are_not_explored() -> None:
    with pytest.raises(UsageError, match=r"is explored without sticky actions.*leave sticky=0\.25 out"):
        catalog.simulator("atari/pong", 0, sticky=0.25)


def test_a_copy_shows_at_once_what_the_game_shows() -> None:
    """Just after a restore the emulator still shows what it showed before."""
    game = catalog.make("atari/pong")
    game.reset(1)
    for _ in range(400):
        game.tick((0,))
    copy = game.simulator(0)
    copy.reset()
    assert (copy.picture() == game.grey).all()
    opening = explored("atari/pong", 1)
    opening.reset()
    assert (opening.picture() != copy.picture()).any()


def test_a_game_of_which_nothing_is_known_says_so() -> None:
    simulator = explored("atari/pong", 0)
    simulator.reset()
    assert simulator.spot() == NOWHERE
    with pytest.raises(NotImplementedError, match="atari/pong is not known; it is in montezuma_revenge"):
        simulator.knowledge()
