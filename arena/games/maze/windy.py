"""Windy: cross the lava while the wind pushes and the floor is slippery.

An open field with pools of lava and streaks of wind. Nothing you do is certain: one move in ten slips to
the side, and on a tile with arrows every second tick a gust carries you one tile further. The shortest way is
seldom the wisest.

Actions
    up, down, left, right, stay, use. A wall means staying; `use` does nothing here.
Observation
    Planes (10, 7, 7), uint8: walls, own footprints, the exit, lava and wind by direction around the player;
    the compass, down and right.
Rewards
    +1 at the exit, -1 in the lava.
Score
    The ticks left when the exit is reached; 0 when it is not.
Termination
    At the exit or in the lava. The time is up after 2 x size x size ticks (450 at size 15).
Chance
    A move slips to either side with probability 0.05 each. On a tile with wind a gust comes with
    probability 0.5 after the move. Both depend on the level and the tick alone.
"""

import numpy as np
from numpy.typing import NDArray

from arena.games.maze.chance import GUST, SLIP, below, chance, key_of
from arena.games.maze.crew import Table, toil
from arena.games.maze.kernel import kernel
from arena.games.maze.layouts import FLOOR
from arena.games.maze.paths import UNREACHED, distances, first_action
from arena.games.maze.rules import Rules
from arena.games.maze.tick import blocks, reach_goal, trodden
from arena.games.maze.world import (
    BORDER,
    COLUMN_STEP,
    GOAL,
    LAVA,
    ROW_STEP,
    STAY,
    WIND,
    Outcome,
    Settings,
    Worlds,
    begin,
    is_held_out,
    place,
    random_cell,
)

SLIPS = 0.1
GUSTS = 0.5


@kernel
def build(worlds: Worlds, w: int, settings: Settings) -> None:
    """Fields without a dry way are drawn again. Held-out levels are at least `size` steps long, where there
    is such a way; in training they have any length."""
    stream = begin(worlds, w, settings)
    size = worlds.tiles.shape[1] - 2 * BORDER
    tiles = worlds.tiles[w]
    far = size if settings.held_out else 1 + below(stream, size)
    while True:
        draw_field(tiles, stream)
        if is_held_out(tiles[BORDER : BORDER + size, BORDER : BORDER + size]) != (settings.held_out == 1):
            continue
        row, column = random_cell(size, stream)
        goal_row, goal_column = random_cell(size, stream)
        if tiles[row, column] == FLOOR and tiles[goal_row, goal_column] == FLOOR:
            if far <= distances(tiles, row, column)[goal_row, goal_column] < UNREACHED:
                break
            far = max(far - 1, 1)
    place(worlds, w, 0, row, column)
    tiles[goal_row, goal_column] = GOAL
    worlds.target[w, 0, 0], worlds.target[w, 0, 1] = goal_row, goal_column


@kernel
def draw_field(tiles: NDArray[np.uint8], stream: NDArray[np.uint64]) -> None:
    """Pools of lava are random walks; winds are straight streaks over what is dry."""
    size = tiles.shape[0] - 2 * BORDER
    for row in range(1, size - 1):
        for column in range(1, size - 1):
            tiles[BORDER + row, BORDER + column] = FLOOR
    for _ in range(size // 2):
        row, column = below(stream, size - 2) + 1, below(stream, size - 2) + 1
        for _ in range(2 + below(stream, size // 2)):
            tiles[BORDER + row, BORDER + column] = LAVA
            d = below(stream, 4)
            row = min(max(row + ROW_STEP[d], 1), size - 2)
            column = min(max(column + COLUMN_STEP[d], 1), size - 2)
    for _ in range(size // 3):
        row, column = below(stream, size - 2) + 1, below(stream, size - 2) + 1
        d = below(stream, 4)
        for _ in range(3 + below(stream, size // 2)):
            if 0 < row < size - 1 and 0 < column < size - 1 and tiles[BORDER + row, BORDER + column] == FLOOR:
                tiles[BORDER + row, BORDER + column] = WIND + d
            row, column = row + ROW_STEP[d], column + COLUMN_STEP[d]


@kernel
def slipped(action: int, key: np.uint64, time: int) -> int:
    """The move that comes of `action` at this tick: to either side with probability SLIPS / 2 each."""
    draw = chance(key_of(key, SLIP), time)
    if action >= STAY or draw >= SLIPS:
        return action
    side = 0 if draw < SLIPS / 2 else 1
    return (2 if action < 2 else 0) + side


@kernel
def slippery(worlds: Worlds, actions: NDArray[np.int64], first: int, last: int) -> NDArray[np.int64]:
    """The moves that come of the actions."""
    moves = actions[first:last].copy()
    for w in range(first, last):
        moves[w - first, 0] = slipped(actions[w, 0], worlds.key[w], worlds.time[w])
    return moves


@kernel
def play(worlds: Worlds, settings: Settings, outcome: Outcome, first: int, last: int) -> None:
    visits = worlds.visits
    for w in range(first, last):
        if worlds.over[w]:
            build(worlds, w, settings)
            continue
        row, column = worlds.at[w, 0, 0], worlds.at[w, 0, 1]
        tile = worlds.tiles[w, row, column]
        if tile >= WIND and chance(key_of(worlds.key[w], GUST), worlds.time[w]) < GUSTS:
            r, c = row + ROW_STEP[tile - WIND], column + COLUMN_STEP[tile - WIND]
            if not blocks(worlds.tiles[w, r, c]):
                row, column = r, c
                worlds.at[w, 0, 0], worlds.at[w, 0, 1] = row, column
                visits[w, 0, row, column] = trodden(visits[w, 0, row, column])
        tile = worlds.tiles[w, row, column]
        if tile == GOAL:
            reach_goal(worlds, w, settings, outcome)
        elif tile == LAVA:
            outcome.rewards[w, 0] = -1.0
            outcome.terminated[w] = True


@kernel
def work(table: Table, me: int, patience: int) -> None:
    toil(slippery, play, table, me, patience)


def guide(worlds: Worlds, seat: int) -> int:
    """Along a shortest dry way, as if nothing ever slipped."""
    row, column = worlds.at[0, seat]
    return first_action(worlds.tiles[0], row, column, 0, GOAL)


RULES = Rules(
    work=work,
    guide=guide,
    shows=("goal", "lava", "wind", "compass"),
    size=15,
    layouts=(),
    max_steps=lambda size: 2 * size * size,
)
