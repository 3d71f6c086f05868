"""Layouts: connected, perfect where they should be, symmetric where they must be, and as their names say."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arena.games.maze.layouts import BRAIDED, FLOOR, LAYOUTS, ROOMS, WALL, WILSON, carve, make_symmetric

PERFECT = [layout for layout in range(len(LAYOUTS)) if layout not in (BRAIDED, ROOMS)]
seeds = st.integers(0, 2**63 - 1)
sizes = st.integers(3, 14).map(lambda cells: 2 * cells + 1)


def carved(size: int, layout: int, seed: int) -> np.ndarray:
    grid = np.zeros((size, size), np.uint8)
    carve(grid, layout, np.array([seed], np.uint64))
    return grid


def reachable(grid: np.ndarray) -> int:
    """How many tiles can be reached from the first cell."""
    seen, front = {(1, 1)}, [(1, 1)]
    while front:
        row, column = front.pop()
        for r, c in ((row - 1, column), (row + 1, column), (row, column - 1), (row, column + 1)):
            if grid[r, c] == FLOOR and (r, c) not in seen:
                seen.add((r, c))
                front.append((r, c))
    return len(seen)


@given(size=sizes, layout=st.integers(0, len(LAYOUTS) - 1), seed=seeds)
@settings(max_examples=150, deadline=None)
def test_every_layout_is_walled_in_connected_and_opens_every_cell(size: int, layout: int, seed: int) -> None:
    grid = carved(size, layout, seed)
    assert (grid[[0, -1]] == WALL).all()
    assert (grid[:, [0, -1]] == WALL).all()
    assert (grid[1::2, 1::2] == FLOOR).all()
    assert reachable(grid) == (grid == FLOOR).sum()


@given(size=sizes, layout=st.sampled_from(PERFECT), seed=seeds)
@settings(max_examples=100, deadline=None)
def test_perfect_layouts_have_one_passage_fewer_than_cells(size: int, layout: int, seed: int) -> None:
    grid = carved(size, layout, seed)
    cells = (size // 2) ** 2
    assert (grid == FLOOR).sum() == cells + cells - 1


@given(
    cells=st.integers(1, 6),
    layout=st.integers(0, len(LAYOUTS) - 1),
    seed=seeds,
    folds=st.sampled_from([2, 4]),
)
@settings(max_examples=150, deadline=None)
def test_symmetric_layouts_look_the_same_from_every_seat_and_stay_connected(
    cells: int, layout: int, seed: int, folds: int
) -> None:
    grid = carved(4 * cells + 3, layout, seed)
    make_symmetric(grid, folds)
    assert (grid == np.rot90(grid, 4 // folds)).all()
    assert reachable(grid) == (grid == FLOOR).sum()


def test_wilson_draws_every_perfect_maze_of_2x2_cells_equally_often() -> None:
    """Four mazes: each leaves out one of the four passages. A chi-squared test at 3 degrees of freedom."""
    stream = np.array([7], np.uint64)
    grid = np.zeros((5, 5), np.uint8)
    counts = dict.fromkeys(range(4), 0)
    for _ in range(4000):
        carve(grid, WILSON, stream)
        walls = [grid[1, 2], grid[2, 1], grid[2, 3], grid[3, 2]]
        counts[walls.index(WALL)] += 1
    assert sum((count - 1000) ** 2 / 1000 for count in counts.values()) < 16.3  # p = 0.001


@pytest.mark.parametrize("layout", range(len(LAYOUTS)))
def test_equal_streams_carve_equal_mazes_and_others_differ(layout: int) -> None:
    assert (carved(15, layout, 5) == carved(15, layout, 5)).all()
    assert (carved(15, layout, 5) != carved(15, layout, 6)).any()


def test_braiding_opens_dead_ends_and_rooms_have_loops() -> None:
    def dead_ends(grid: np.ndarray) -> int:
        closed = 0
        for row in range(1, grid.shape[0], 2):
            for column in range(1, grid.shape[1], 2):
                around = [
                    grid[row - 1, column],
                    grid[row + 1, column],
                    grid[row, column - 1],
                    grid[row, column + 1],
                ]
                closed += around.count(WALL) == 3
        return closed

    plain = sum(dead_ends(carved(21, 0, seed)) for seed in range(20))
    braided = sum(dead_ends(carved(21, BRAIDED, seed)) for seed in range(20))
    assert braided < 0.6 * plain
    assert all((carved(21, ROOMS, seed) == FLOOR).sum() > 2 * 100 - 1 for seed in range(20))
