"""Tag: catch, then run.

One chases (red rim), one runs. Side by side means caught: a point for the chaser, and both go back to where
they started. At half-time the roles are swapped and both go back.

Actions
    up, down, left, right, stay, use. A wall means staying; so does a tile that the other wants or keeps.
    `use` does nothing here.
Observation
    Planes (6, 7, 7), uint8: walls, own footprints and the rival around the player; the compass, which points
    to the rival, down and right; whether one chases.
Rewards
    +1 for the chaser and -1 for the runner at each catch.
Score
    Catches.
Termination
    The time is up after 20 x size ticks (300 at size 15), half of it in each role.
"""

import numpy as np
from numpy.typing import NDArray

from arena.games.maze.crew import Table, toil
from arena.games.maze.kernel import kernel
from arena.games.maze.layouts import BRAIDED, ROOMS
from arena.games.maze.paths import distances, downhill, uphill
from arena.games.maze.rules import Rules
from arena.games.maze.tick import as_chosen
from arena.games.maze.world import (
    BORDER,
    Outcome,
    Settings,
    Worlds,
    begin,
    lay,
    place_all,
    random_cell,
)

ON = (BRAIDED, ROOMS)
"""Layouts with loops: in a dead end a runner has no choice."""


@kernel
def build(worlds: Worlds, w: int, settings: Settings) -> None:
    """The two start opposite each other, at least half the maze's width apart; seat 0 chases first."""
    stream = begin(worlds, w, settings)
    lay(worlds, w, settings, ON, 2, stream)
    size = worlds.tiles.shape[1] - 2 * BORDER
    row, column = random_cell(size, stream)
    while abs(2 * row - worlds.tiles.shape[1]) + abs(2 * column - worlds.tiles.shape[1]) < size // 2:
        row, column = random_cell(size, stream)
    place_all(worlds, w, row, column, 2)
    worlds.chaser[w, 0] = 1
    aim(worlds.at[w], worlds.target[w])


@kernel
def aim(at: NDArray[np.int16], target: NDArray[np.int16]) -> None:
    """The compass of each points to the other."""
    for seat in range(2):
        target[seat, 0], target[seat, 1] = at[1 - seat, 0], at[1 - seat, 1]


@kernel
def play(worlds: Worlds, settings: Settings, outcome: Outcome, first: int, last: int) -> None:
    for w in range(first, last):
        if worlds.over[w]:
            build(worlds, w, settings)
            continue
        at, start = worlds.at[w], worlds.start[w]
        back = worlds.time[w] == settings.max_steps // 2
        if abs(at[0, 0] - at[1, 0]) + abs(at[0, 1] - at[1, 1]) <= 1:
            chaser = 0 if worlds.chaser[w, 0] else 1
            worlds.score[w, chaser] += 1.0
            outcome.rewards[w, chaser] = 1.0
            outcome.rewards[w, 1 - chaser] = -1.0
            back = True
        if worlds.time[w] == settings.max_steps // 2:
            worlds.chaser[w, 0], worlds.chaser[w, 1] = worlds.chaser[w, 1], worlds.chaser[w, 0]
        if back:
            for seat in range(2):
                at[seat, 0], at[seat, 1] = start[seat, 0], start[seat, 1]
                worlds.before[w, seat, 0], worlds.before[w, seat, 1] = start[seat, 0], start[seat, 1]
        aim(at, worlds.target[w])


@kernel
def work(table: Table, me: int, patience: int) -> None:
    toil(as_chosen, play, table, me, patience)


def guide(worlds: Worlds, seat: int) -> int:
    """A shortest way to the runner; for the runner, the next tile that is furthest from the chaser."""
    row, column = worlds.at[0, seat]
    other_row, other_column = worlds.at[0, 1 - seat]
    steps = distances(worlds.tiles[0], other_row, other_column)
    return downhill(steps, row, column) if worlds.chaser[0, seat] else uphill(steps, row, column)


RULES = Rules(
    work=work,
    guide=guide,
    shows=("rival", "compass", "chaser"),
    size=15,
    layouts=ON,
    max_steps=lambda size: 20 * size,
    seats=(2,),
    symmetric=True,
)
