"""What players see, in small worlds laid out by hand."""

import numpy as np

from arena.games.maze import run, vault
from arena.games.maze.rules import Options, Rules
from arena.games.maze.sight import look
from arena.games.maze.world import BORDER, DOOR, GOAL, KEY, STAY, Worlds
from tests.arena.games.maze.test_tick import hall, moved


def observed(worlds: Worlds, rules: Rules, seat: int = 0) -> np.ndarray:
    options = Options.of("test", rules, {"size": 9}, levels="train")
    _, _, planes = rules.planes()
    observations = np.full((1, worlds.at.shape[1], planes * 49), 77, np.uint8)
    look(worlds, options.settings(), observations, 0, 1)
    return observations[0, seat].reshape(planes, 7, 7)


def test_an_observation_shows_walls_footprints_the_goal_and_the_compass() -> None:
    worlds = hall(1, (1, 1))
    worlds.tiles[0, BORDER + 2, BORDER + 3] = GOAL
    worlds.target[0, 0] = BORDER + 2, BORDER + 3
    moved(worlds, STAY)
    planes = observed(worlds, run.RULES)
    assert (planes[0, :3] == 255).all()  # beyond the hall
    assert planes[0, 3, 3] == 0
    assert planes[1, 3, 3] == 2 * 51  # it has stood here twice
    assert planes[1].sum() == 2 * 51
    assert planes[2, 4, 5] == 255
    assert planes[2].sum() == 255
    assert (planes[3] == 128 + 8).all()
    assert (planes[4] == 128 + 16).all()


def test_an_observation_shows_keys_and_doors_by_colour_and_what_is_held() -> None:
    worlds = hall(1, (3, 3))
    worlds.tiles[0, BORDER + 3, BORDER + 4] = KEY + 2
    worlds.tiles[0, BORDER + 2, BORDER + 3] = DOOR
    worlds.keys[0, 0] = 0b001
    planes = observed(worlds, vault.RULES)
    keys, doors, held = planes[3:6], planes[6:9], planes[9:12]
    assert keys[2, 3, 4] == 255
    assert keys.sum() == 255
    assert doors[0, 2, 3] == 255
    assert doors.sum() == 255
    assert (held[0] == 255).all()
    assert (held[1:] == 0).all()
