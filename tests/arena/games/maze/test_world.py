"""Levels: which side of the split they are on."""

import numpy as np

from arena.games.maze.layouts import FLOOR, WALL
from arena.games.maze.world import GOAL, KEY, is_held_out


def test_walls_count_for_the_split_and_what_lies_about_does_not() -> None:
    grid = np.full((9, 9), WALL, np.uint8)
    grid[1:8, 1:8] = FLOOR
    side = is_held_out(grid)
    grid[3, 3] = GOAL
    grid[4, 4] = KEY
    assert is_held_out(grid) == side
    sides = set()
    for row in range(1, 8):
        for column in range(1, 8):
            other = grid.copy()
            other[row, column] = WALL
            sides.add(bool(is_held_out(other)))
    assert sides == {True, False}
