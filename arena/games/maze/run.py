"""Run: reach the exit.

A new maze every time; somewhere in it is the exit. You see all of it; an agent sees the 7x7 tiles around
it, its own footprints, and a compass that points to the exit through the walls.

Actions
    up, down, left, right, stay, use. A wall means staying; `use` does nothing here.
Observation
    Planes (5, 7, 7), uint8: walls, own footprints and the exit around the player; the compass, down and
    right.
Rewards
    +1 at the exit, nothing else.
Score
    The ticks left when the exit is reached; 0 when it is not. In a duel the faster runner wins.
Termination
    At the exit. The time is up after 2 x size x size ticks (450 at size 15).
"""

import numpy as np
from numpy.typing import NDArray

from arena.games.maze.chance import below
from arena.games.maze.crew import Table, claim, done, opened
from arena.games.maze.kernel import kernel
from arena.games.maze.layouts import BRAIDED, DEPTH_FIRST, KRUSKAL, PRIM, ROOMS, WILSON
from arena.games.maze.paths import UNREACHED, distances, first_action
from arena.games.maze.rules import Rules
from arena.games.maze.world import (
    BORDER,
    GOAL,
    Outcome,
    Settings,
    Worlds,
    begin,
    finish,
    lay,
    move,
    place,
    random_cell,
)

ON = (DEPTH_FIRST, WILSON, PRIM, KRUSKAL, BRAIDED, ROOMS)


@kernel
def build(worlds: Worlds, w: int, settings: Settings) -> None:
    """Start and exit are random cells. Held-out levels have them at least `size` steps apart, where the maze
    has such a pair; in training they are any distance apart: without near exits nothing is ever found."""
    stream = begin(worlds, w, settings)
    lay(worlds, w, settings, ON, 1, stream)
    size = worlds.tiles.shape[1] - 2 * BORDER
    far = size if settings.held_out else 1 + below(stream, size)
    while True:
        row, column = random_cell(size, stream)
        steps = distances(worlds.tiles[w], row, column)
        goal_row, goal_column = random_cell(size, stream)
        if far <= steps[goal_row, goal_column] < UNREACHED:
            break
        far = max(far - 1, 1)
    place(worlds, w, 0, row, column)
    worlds.tiles[w, goal_row, goal_column] = GOAL
    worlds.target[w, 0, 0], worlds.target[w, 0, 1] = goal_row, goal_column


@kernel
def step(
    worlds: Worlds, settings: Settings, actions: NDArray[np.int64], outcome: Outcome, first: int, last: int
) -> int:
    move(worlds, actions, outcome, first, last)
    tiles, at, over = worlds.tiles, worlds.at, worlds.over
    for w in range(np.uint64(first), np.uint64(last)):
        if over[w]:
            build(worlds, w, settings)
        elif tiles[w, np.uint64(at[w, 0, 0]), np.uint64(at[w, 0, 1])] == GOAL:
            outcome.rewards[w, 0] = 1.0
            outcome.terminated[w] = True
            worlds.score[w, 0] = settings.max_steps - worlds.time[w]
    return finish(worlds, settings, outcome, first, last)


@kernel
def work(table: Table, me: int, patience: int) -> None:
    """Step all worlds that this thread can claim."""
    first, last = claim(table, me, patience)
    while last:
        worlds, settings, actions, outcome = opened(table)
        done(table, first, last, step(worlds, settings, actions, outcome, first, last))
        first, last = claim(table, me, patience)


def guide(worlds: Worlds, seat: int) -> int:
    row, column = worlds.at[0, seat]
    return first_action(worlds.tiles[0], row, column, 0, GOAL)


RULES = Rules(
    step=step,
    work=work,
    guide=guide,
    shows=("goal", "compass"),
    size=15,
    layouts=ON,
    max_steps=lambda size: 2 * size * size,
)
