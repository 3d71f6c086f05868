"""Maze worlds as arrays: what is where, and how a level begins.

Any number of worlds lie side by side in one structure of arrays; a kernel goes through them one after
the other, so that worlds never wait for Python. Grids carry a border of `VIEW // 2` wall tiles, which
spares the 7x7 views every bounds check; positions count from the border's corner.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from arena.games.maze.chance import LEVEL, below, key_of, mix
from arena.games.maze.kernel import kernel
from arena.games.maze.layouts import FLOOR, WALL, carve, make_symmetric

ACTIONS = ("up", "down", "left", "right", "stay", "use")
UP, DOWN, LEFT, RIGHT, STAY, USE = range(6)
ROW_STEP = (-1, 1, 0, 0, 0, 0)
COLUMN_STEP = (0, 0, -1, 1, 0, 0)

GOAL, LAVA, COIN = np.uint8(2), np.uint8(3), np.uint8(4)
KEY, DOOR = np.uint8(5), np.uint8(8)  # the first of three colours each
COLOURS = 3
WIND = np.uint8(11)  # the first of four directions, in the order of the actions
TILES = 15

VIEW = 7
BORDER = VIEW // 2

MOST_FOOTPRINTS = 5
"""A tile trodden more often looks like one trodden so often."""

MIXED = -1
HELD_OUT_SHARE = 8
"""One layout in so many is kept out of training."""


class Worlds(NamedTuple):
    """The state of W worlds of H x W tiles (border included) with S seats."""

    tiles: NDArray[np.uint8]
    """(W, H, W): what lies where."""
    visits: NDArray[np.uint8]
    """(W, S, H, W): how often each seat has stood there this episode, up to `MOST_FOOTPRINTS`."""
    at: NDArray[np.int16]
    """(W, S, 2): row and column of each player."""
    before: NDArray[np.int16]
    """(W, S, 2): where they were a tick ago."""
    start: NDArray[np.int16]
    """(W, S, 2): where they started."""
    keys: NDArray[np.uint8]
    """(W, S): bit c is set when a key of colour c is held."""
    chaser: NDArray[np.uint8]
    """(W, S): 1 for who chases."""
    score: NDArray[np.float32]
    """(W, S): the game's own score."""
    returns: NDArray[np.float32]
    """(W, S): rewards since the level began."""
    target: NDArray[np.int16]
    """(W, S, 2): where the compass of each seat points."""
    left: NDArray[np.int32]
    """(W,): coins that nobody has picked up yet."""
    time: NDArray[np.int32]
    """(W,): ticks since the level began."""
    over: NDArray[np.uint8]
    """(W,): 1 when the next step begins a new level."""
    key: NDArray[np.uint64]
    """(W,): the key of the level's own chance."""
    episode: NDArray[np.uint64]
    """(W,): levels begun so far."""
    seed: NDArray[np.uint64]
    """(W,): what the keys of a world's levels are made from."""


class Settings(NamedTuple):
    """What is the same for all worlds of one environment."""

    held_out: int
    """1 to draw from the levels that training never sees."""
    layout: int
    """Index into LAYOUTS, or MIXED for a new draw each level."""
    max_steps: int
    """A level ends after so many ticks."""
    plane: NDArray[np.int8]
    """(FEATURES,): which plane of an observation shows a feature (sight.py), -1 for none. Walls are plane 0,
    footprints plane 1; what is the same all over a plane comes last."""
    scattered: int
    """How many planes show things in their places."""
    full_grid: int
    """1 to show the full grid instead of the surroundings."""


class Outcome(NamedTuple):
    """What a step brings, written in place."""

    rewards: NDArray[np.float64]
    """(W, S)."""
    terminated: NDArray[np.bool_]
    """(W,): the rules ended the level."""
    truncated: NDArray[np.bool_]
    """(W,): the time ran out."""
    observations: NDArray[np.uint8]
    """(W, S, planes x VIEW x VIEW), or of the full grid."""


def allocate(worlds: int, seats: int, size: int) -> Worlds:
    """Worlds of size x size tiles, all marked over: the first step begins their first level."""
    side = size + 2 * BORDER
    return Worlds(
        tiles=np.full((worlds, side, side), WALL, np.uint8),
        visits=np.zeros((worlds, seats, side, side), np.uint8),
        at=np.full((worlds, seats, 2), BORDER, np.int16),
        before=np.zeros((worlds, seats, 2), np.int16),
        start=np.zeros((worlds, seats, 2), np.int16),
        keys=np.zeros((worlds, seats), np.uint8),
        chaser=np.zeros((worlds, seats), np.uint8),
        score=np.zeros((worlds, seats), np.float32),
        returns=np.zeros((worlds, seats), np.float32),
        target=np.zeros((worlds, seats, 2), np.int16),
        left=np.zeros(worlds, np.int32),
        time=np.zeros(worlds, np.int32),
        over=np.ones(worlds, np.uint8),
        key=np.zeros(worlds, np.uint64),
        episode=np.zeros(worlds, np.uint64),
        seed=np.zeros(worlds, np.uint64),
    )


def allocate_outcome(worlds: int, seats: int, observation: int) -> Outcome:
    """Room for what a step of so many worlds brings, with observations of so many bytes."""
    return Outcome(
        rewards=np.empty((worlds, seats), np.float64),
        terminated=np.empty(worlds, np.bool_),
        truncated=np.empty(worlds, np.bool_),
        observations=np.empty((worlds, seats, observation), np.uint8),
    )


@kernel
def begin(worlds: Worlds, w: int, settings: Settings) -> NDArray[np.uint64]:
    """Clear world `w` for a new level. Returns the stream of chance from which to build it.

    The last bit of a level's key says which side of the split it is on: the two ranges have no key in common.
    """
    key = key_of(worlds.seed[w], worlds.episode[w])
    worlds.key[w] = (key & ~np.uint64(1)) | np.uint64(settings.held_out)
    worlds.episode[w] += np.uint64(1)
    worlds.time[w] = 0
    worlds.over[w] = 0
    worlds.left[w] = 0
    for seat in range(worlds.at.shape[1]):
        worlds.keys[w, seat] = worlds.chaser[w, seat] = 0
        worlds.score[w, seat] = worlds.returns[w, seat] = 0.0
        worlds.target[w, seat, 0] = worlds.target[w, seat, 1] = 0
        worlds.visits[w, seat] = 0
    stream = np.empty(1, np.uint64)
    stream[0] = key_of(worlds.key[w], LEVEL)
    return stream


@kernel
def lay(
    worlds: Worlds,
    w: int,
    settings: Settings,
    layouts: tuple[int, ...],
    folds: int,
    stream: NDArray[np.uint64],
) -> None:
    """Lay walls in world `w`, drawing again until the layout is on the right side of the split.

    `layouts` are those the game can be played on; `folds` 2 or 4 makes the level equal from every seat.
    """
    side = worlds.tiles.shape[1]
    grid = worlds.tiles[w, BORDER : side - BORDER, BORDER : side - BORDER]
    while True:
        layout = settings.layout
        if layout == MIXED:
            layout = layouts[np.int64(mix(stream[0]) % np.uint64(len(layouts)))]
        carve(grid, layout, stream)
        if folds > 1:
            make_symmetric(grid, folds)
        if is_held_out(grid) == (settings.held_out == 1):
            return


@kernel
def is_held_out(grid: NDArray[np.uint8]) -> bool:
    """Which side of the split a layout is on: a hash of its terrain decides, so that no layout is ever on
    both, however it was come by. Walls and lava count; keys, coins and the goal do not."""
    digest = np.uint64(grid.shape[0])
    word = np.uint64(1)
    for row in range(grid.shape[0]):
        for column in range(grid.shape[1]):
            tile = grid[row, column]
            word = (word << np.uint64(2)) | np.uint64(tile if tile in (WALL, LAVA) else FLOOR)
            if word >> np.uint64(60):
                digest = mix(digest ^ word)
                word = np.uint64(1)
    return bool(mix(digest ^ word) % np.uint64(HELD_OUT_SHARE) == 0)


@kernel
def place(worlds: Worlds, w: int, seat: int, row: int, column: int) -> None:
    """Put the player of `seat` down, and remember it as where it starts."""
    worlds.at[w, seat, 0] = worlds.before[w, seat, 0] = worlds.start[w, seat, 0] = row
    worlds.at[w, seat, 1] = worlds.before[w, seat, 1] = worlds.start[w, seat, 1] = column
    worlds.visits[w, seat, row, column] = 1


@kernel
def random_cell(size: int, stream: NDArray[np.uint64]) -> tuple[int, int]:
    """Row and column, border included, of a random cell of a maze of `size` tiles a side."""
    return BORDER + 1 + 2 * below(stream, size // 2), BORDER + 1 + 2 * below(stream, size // 2)


@kernel
def rotated(row: int, column: int, side: int, folds: int) -> tuple[int, int]:
    """Where a rotation by 1/`folds` of a turn carries a tile of a grid of `side` tiles."""
    if folds == 2:
        return side - 1 - row, side - 1 - column
    return column, side - 1 - row


@kernel
def place_all(worlds: Worlds, w: int, row: int, column: int, folds: int) -> None:
    """Put the player of seat 0 at (row, column), and each other where the level looks the same to it."""
    for seat in range(worlds.at.shape[1]):
        place(worlds, w, seat, row, column)
        row, column = rotated(row, column, worlds.tiles.shape[1], folds)
