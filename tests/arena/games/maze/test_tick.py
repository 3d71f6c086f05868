"""The moves: walls, contests, keys and doors. Small worlds laid out by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arena.games.maze.layouts import FLOOR
from arena.games.maze.tick import move
from arena.games.maze.world import (
    BORDER,
    DOOR,
    DOWN,
    GOAL,
    KEY,
    LEFT,
    RIGHT,
    STAY,
    UP,
    USE,
    Worlds,
    allocate,
    allocate_outcome,
    place,
)


def hall(seats: int, *at: tuple[int, int], size: int = 7) -> Worlds:
    """One world that is an empty hall, players at the given tiles (border not counted)."""
    worlds = allocate(1, seats, size)
    worlds.tiles[0, BORDER + 1 : BORDER + size - 1, BORDER + 1 : BORDER + size - 1] = FLOOR
    worlds.over[0] = 0
    for seat, (row, column) in enumerate(at):
        place(worlds, 0, seat, BORDER + row, BORDER + column)
    return worlds


def moved(worlds: Worlds, *actions: int) -> list[tuple[int, int]]:
    seats = worlds.at.shape[1]
    move(worlds, np.array([actions], np.int64), allocate_outcome(1, seats, 1), 0, 1)
    return [(int(row) - BORDER, int(column) - BORDER) for row, column in worlds.at[0]]


@pytest.mark.parametrize(
    ("action", "there"),
    [(UP, (2, 3)), (DOWN, (4, 3)), (LEFT, (3, 2)), (RIGHT, (3, 4)), (STAY, (3, 3)), (USE, (3, 3))],
)
def test_a_move_goes_one_tile_in_its_direction(action: int, there: tuple[int, int]) -> None:
    assert moved(hall(1, (3, 3)), action) == [there]


def test_a_wall_means_staying() -> None:
    assert moved(hall(1, (1, 1)), UP) == [(1, 1)]


def test_two_who_want_one_tile_both_stay() -> None:
    assert moved(hall(2, (3, 2), (3, 4)), RIGHT, LEFT) == [(3, 2), (3, 4)]


def test_two_who_want_each_others_tile_both_stay() -> None:
    assert moved(hall(2, (3, 2), (3, 3)), RIGHT, LEFT) == [(3, 2), (3, 3)]


def test_who_walks_into_somebody_who_stays_stays() -> None:
    assert moved(hall(2, (3, 2), (3, 3)), RIGHT, STAY) == [(3, 2), (3, 3)]


def test_one_may_follow_another_who_walks_on_and_not_one_who_is_blocked() -> None:
    assert moved(hall(2, (3, 2), (3, 3)), RIGHT, RIGHT) == [(3, 3), (3, 4)]
    assert moved(hall(2, (1, 1), (1, 2)), RIGHT, UP) == [(1, 1), (1, 2)]
    assert moved(hall(3, (3, 1), (3, 2), (3, 4)), RIGHT, RIGHT, LEFT) == [(3, 1), (3, 2), (3, 4)]


def test_a_goal_takes_all_who_arrive_together() -> None:
    worlds = hall(2, (3, 2), (3, 4))
    worlds.tiles[0, BORDER + 3, BORDER + 3] = GOAL
    assert moved(worlds, RIGHT, LEFT) == [(3, 3), (3, 3)]


@given(
    st.lists(st.tuples(st.integers(1, 5), st.integers(1, 5)), min_size=2, max_size=4, unique=True), st.data()
)
@settings(max_examples=200, deadline=None)
def test_players_never_share_a_tile_nor_pass_through_each_other(
    at: list[tuple[int, int]], data: st.DataObject
) -> None:
    worlds = hall(len(at), *at)
    for _ in range(6):
        before = [(int(r) - BORDER, int(c) - BORDER) for r, c in worlds.at[0]]
        after = moved(worlds, *(data.draw(st.integers(0, 5)) for _ in at))
        assert len(set(after)) == len(after)
        for a in range(len(at)):
            for b in range(a):
                assert not (after[a] == before[b] and after[b] == before[a] and before[a] != after[a])


def test_a_key_is_taken_by_walking_over_it_and_opens_doors_of_its_colour_only() -> None:
    worlds = hall(1, (3, 2))
    tiles = worlds.tiles[0]
    tiles[BORDER + 3, BORDER + 3] = KEY + 1
    tiles[BORDER + 2, BORDER + 3] = DOOR + 1
    tiles[BORDER + 4, BORDER + 3] = DOOR + 2
    assert moved(worlds, RIGHT) == [(3, 3)]
    assert worlds.keys[0, 0] == 0b010
    assert tiles[BORDER + 3, BORDER + 3] == FLOOR
    assert moved(worlds, UP) == [(3, 3)]  # closed still
    moved(worlds, USE)
    assert tiles[BORDER + 2, BORDER + 3] == FLOOR
    assert tiles[BORDER + 4, BORDER + 3] == DOOR + 2
    assert moved(worlds, UP) == [(2, 3)]
