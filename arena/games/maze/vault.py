"""Vault: find the gem.

A perfect maze whose one way to the gem is barred by doors. Each door has a colour, and the key of that
colour lies somewhere before it: behind the door before. Walk over a key to take it; stand at its door and
use it. Nothing is rewarded but the gem, which makes this the hardest of the mazes to learn: hundreds of right
moves lie before the first reward.

Actions
    up, down, left, right, stay, use. A wall or a closed door means staying; `use` opens doors beside you
    whose key you hold. Keys are kept.
Observation
    Planes (12, 7, 7), uint8: walls, own footprints, the gem, keys and doors by colour around the player; the
    colours of the keys held. No compass.
Rewards
    +1 at the gem, nothing else.
Score
    The ticks left when the gem is reached; 0 when it is not. In a duel the faster thief wins.
Termination
    At the gem. The time is up after 2 x size x size ticks (1,250 at size 25).
"""

import numpy as np
from numpy.typing import NDArray

from arena.games.maze.chance import below
from arena.games.maze.crew import Table, toil
from arena.games.maze.kernel import kernel
from arena.games.maze.layouts import DEPTH_FIRST, FLOOR, KRUSKAL, PRIM, WALL, WILSON
from arena.games.maze.paths import UNREACHED, distances, downhill, first_action
from arena.games.maze.rules import Rules
from arena.games.maze.tick import as_chosen, play_to_goal
from arena.games.maze.world import (
    BORDER,
    COLOURS,
    COLUMN_STEP,
    DOOR,
    GOAL,
    KEY,
    ROW_STEP,
    Outcome,
    Settings,
    Worlds,
    begin,
    lay,
    place,
    random_cell,
)

ON = (DEPTH_FIRST, WILSON, PRIM, KRUSKAL)
"""Perfect mazes only: a loop would lead around a door."""


@kernel
def build(worlds: Worlds, w: int, settings: Settings) -> None:
    """Draw mazes until one takes all doors and keys."""
    stream = begin(worlds, w, settings)
    size = worlds.tiles.shape[1] - 2 * BORDER
    while True:
        lay(worlds, w, settings, ON, 1, stream)
        row, column = random_cell(size, stream)
        if furnish(worlds.tiles[w], row, column, stream):
            break
    place(worlds, w, 0, row, column)


@kernel
def furnish(tiles: NDArray[np.uint8], row: int, column: int, stream: NDArray[np.uint64]) -> bool:
    """Put gem, doors and keys into a maze whose player starts at (row, column); False where they do not fit.

    The gem is as far away as can be. The way to it is cut into COLOURS + 1 pieces by doors in its
    passages; before each door, in what can be reached by then and not before, lies its key, as far off the
    way as can be.
    """
    steps = distances(tiles, row, column)
    goal_row, goal_column = farthest(steps, 0)
    length = steps[goal_row, goal_column]
    back = distances(tiles, goal_row, goal_column)
    colours = np.arange(COLOURS)
    for last in range(COLOURS - 1, 0, -1):
        pick = below(stream, last + 1)
        colours[last], colours[pick] = colours[pick], colours[last]
    doors = np.empty((COLOURS, 2), np.int64)
    walked, r, c = 0, row, column
    reached_before = np.full(tiles.shape, UNREACHED, np.int32)
    for number in range(COLOURS):
        until = length * (number + 1) // (COLOURS + 1)
        while walked < until or (r - BORDER) % 2 + (c - BORDER) % 2 == 2:  # doors stand between cells
            d = downhill(back, r, c)
            r, c = r + ROW_STEP[d], c + COLUMN_STEP[d]
            walked += 1
        tiles[r, c] = WALL  # only this door is closed: those before it can be opened by then
        reached = distances(tiles, row, column)
        tiles[r, c] = FLOOR
        doors[number, 0], doors[number, 1] = r, c
        new = np.where(reached_before == UNREACHED, reached, UNREACHED)
        for i in range(new.shape[0]):
            for j in range(new.shape[1]):
                if steps[i, j] + back[i, j] == length:  # a key on the way would be no detour
                    new[i, j] = UNREACHED
        key_row, key_column = farthest(new, 1)
        if key_row < 0:
            return False
        tiles[key_row, key_column] = KEY + colours[number]
        reached_before = reached
    for number in range(COLOURS):
        tiles[doors[number, 0], doors[number, 1]] = DOOR + colours[number]
    tiles[goal_row, goal_column] = GOAL
    return True


@kernel
def farthest(steps: NDArray[np.int32], nearest: int) -> tuple[int, int]:
    """The cell with most steps, if it has more than `nearest`; (-1, -1) where none has."""
    best, row, column = nearest, -1, -1
    for r in range(BORDER + 1, steps.shape[0] - BORDER, 2):
        for c in range(BORDER + 1, steps.shape[1] - BORDER, 2):
            if best < steps[r, c] < UNREACHED:
                best, row, column = steps[r, c], r, c
    return row, column


@kernel
def play(worlds: Worlds, settings: Settings, outcome: Outcome, first: int, last: int) -> None:
    play_to_goal(build, worlds, settings, outcome, first, last)


@kernel
def work(table: Table, me: int, patience: int) -> None:
    toil(as_chosen, play, table, me, patience)


def guide(worlds: Worlds, seat: int) -> int:
    """The first move of a shortest way to the gem, keys and doors on it included."""
    row, column = worlds.at[0, seat]
    return first_action(worlds.tiles[0], row, column, worlds.keys[0, seat], GOAL)


RULES = Rules(
    work=work,
    guide=guide,
    shows=("goal", "key", "door", "held"),
    size=25,
    smallest=9,
    layouts=ON,
    max_steps=lambda size: 2 * size * size,
    gem=True,
)
