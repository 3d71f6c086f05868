"""Maze worlds as arrays: what is where, how players move, and what they see.

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
from arena.games.maze.words import EACH, fill, put_word, word_at

ACTIONS = ("up", "down", "left", "right", "stay", "use")
UP, DOWN, LEFT, RIGHT, STAY, USE = range(6)
ROW_STEP = (-1, 1, 0, 0, 0, 0)
COLUMN_STEP = (0, 0, -1, 1, 0, 0)
ROW_STEPS, COLUMN_STEPS = np.array(ROW_STEP, np.int16), np.array(COLUMN_STEP, np.int16)

GOAL, LAVA, COIN = np.uint8(2), np.uint8(3), np.uint8(4)
KEY, DOOR = np.uint8(5), np.uint8(8)  # the first of three colours each
COLOURS = 3
WIND = np.uint8(11)  # the first of four directions, in the order of the actions
TILES = 15

VIEW = 7
BORDER = VIEW // 2

# What a plane of an observation can show: a kind of tile, or one of these.
FOOTPRINTS, RIVAL, COMPASS_ROWS, COMPASS_COLUMNS, HELD, CHASER = 0, 15, 16, 17, 18, 21
FEATURES = 22
MOST_FOOTPRINTS = 5
"""A tile trodden more often looks like one trodden so often: 51 a time, up to 255."""

# Words of eight tiles: the bits of what is neither floor nor wall, and the first seven tiles.
SEVEN = np.uint64(0x00FFFFFFFFFFFFFF)
THINGS = EACH * np.uint64(0x0E) & SEVEN

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
    """(FEATURES,): which plane of an observation shows a feature, -1 for none. Walls are plane 0,
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
        at=np.zeros((worlds, seats, 2), np.int16),
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
        trodden = worlds.visits[w, seat]
        for row in range(trodden.shape[0]):
            for column in range(trodden.shape[1]):
                trodden[row, column] = 0
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


@kernel
def move(worlds: Worlds, actions: NDArray[np.int64], outcome: Outcome, first: int, last: int) -> None:
    """Begin a tick: move every player at once, and open doors for those who `use`. Worlds whose level
    is over are left for the game to begin anew.

    In each world all targets are computed first. A wall or a closed door means staying; two who want one
    tile, or each other's, both stay; who would follow somebody who stays, stays too (a goal takes all).

    Loops over worlds stand inside such kernels, and not around them, because handing `Worlds` to a
    function costs two atomic operations an array.
    """
    tiles, visits, at, before = worlds.tiles, worlds.visits, worlds.at, worlds.before
    keys, time, over = worlds.keys, worlds.time, worlds.over
    rewards, terminated, truncated = outcome.rewards, outcome.terminated, outcome.truncated
    seats = np.uint64(at.shape[1])
    target = np.empty((at.shape[1], 2), np.int16)
    for w in range(np.uint64(first), np.uint64(last)):
        terminated[w] = truncated[w] = False
        for seat in range(seats):
            rewards[w, seat] = 0.0
        if over[w]:
            continue
        time[w] += 1
        for seat in range(seats):
            action = np.uint64(actions[w, seat])
            row, column, held = at[w, seat, 0], at[w, seat, 1], keys[w, seat]
            before[w, seat, 0], before[w, seat, 1] = row, column
            if held and action == USE:
                open_doors(tiles[w], row, column, held)
            r, c = row + ROW_STEPS[action], column + COLUMN_STEPS[action]
            blocked = blocks(tiles[w, np.uint64(r), np.uint64(c)])
            target[seat, 0], target[seat, 1] = row if blocked else r, column if blocked else c
        if seats > 1:
            settle_contests(tiles[w], at[w], target)
        for seat in range(seats):
            at[w, seat, 0], at[w, seat, 1] = target[seat, 0], target[seat, 1]
            down, right = np.uint64(target[seat, 0]), np.uint64(target[seat, 1])
            visits[w, seat, down, right] = trodden(visits[w, seat, down, right])
            tile = tiles[w, down, right]
            if KEY <= tile < KEY + COLOURS:
                keys[w, seat] |= np.uint8(1 << (tile - KEY))
                tiles[w, down, right] = FLOOR


@kernel
def finish(worlds: Worlds, settings: Settings, outcome: Outcome, first: int, last: int) -> int:
    """End a tick: the time limit, which levels are over, and what everybody sees. Returns how many
    levels are over."""
    time, over, returns = worlds.time, worlds.over, worlds.returns
    rewards, terminated, truncated = outcome.rewards, outcome.terminated, outcome.truncated
    max_steps, ended = np.int32(settings.max_steps), 0
    for w in range(np.uint64(first), np.uint64(last)):
        late = time[w] >= max_steps and not terminated[w]
        truncated[w] = late
        over[w] = late or terminated[w]
        ended += over[w]
        for seat in range(np.uint64(returns.shape[1])):
            returns[w, seat] += rewards[w, seat]
    if settings.full_grid:
        for w in range(first, last):
            for seat in range(worlds.at.shape[1]):
                look_at_all(worlds, w, seat, settings, outcome.observations[w, seat])
    else:
        look(worlds, settings, outcome.observations, first, last)
    return ended


@kernel
def trodden(visits: np.uint8) -> np.uint8:
    """The footprints on a tile after one more visit."""
    return visits + np.uint8(visits < MOST_FOOTPRINTS)


@kernel
def blocks(tile: int) -> bool:
    """Whether nobody can step onto `tile`."""
    return bool((tile == WALL) | ((tile >= DOOR) & (tile < DOOR + COLOURS)))


@kernel
def open_doors(tiles: NDArray[np.uint8], row: int, column: int, keys: int) -> None:
    """Open every door beside (row, column) whose key is among `keys`. Keys are kept."""
    for d in range(4):
        r, c = row + ROW_STEP[d], column + COLUMN_STEP[d]
        if DOOR <= tiles[r, c] < DOOR + COLOURS and keys >> (tiles[r, c] - DOOR) & 1:
            tiles[r, c] = FLOOR


@kernel
def settle_contests(tiles: NDArray[np.uint8], at: NDArray[np.int16], target: NDArray[np.int16]) -> None:
    """Send back who wants a tile that another wants or keeps, and who would swap, until nobody need be.
    A goal takes any number: who arrive together, arrive together."""
    seats = at.shape[0]
    unsettled = True
    while unsettled:
        unsettled = False
        for a in range(seats):
            for b in range(a + 1, seats):
                same = (
                    target[a, 0] == target[b, 0]
                    and target[a, 1] == target[b, 1]
                    and tiles[target[a, 0], target[a, 1]] != GOAL
                )
                swap = (
                    target[a, 0] == at[b, 0]
                    and target[a, 1] == at[b, 1]
                    and target[b, 0] == at[a, 0]
                    and target[b, 1] == at[a, 1]
                )
                if same or swap:
                    target[a, 0], target[a, 1] = at[a, 0], at[a, 1]
                    target[b, 0], target[b, 1] = at[b, 0], at[b, 1]
                    unsettled = True


@kernel
def look(worlds: Worlds, settings: Settings, observations: NDArray[np.uint8], first: int, last: int) -> None:
    """Write what every player sees around itself into `observations` (W, S, planes x 7 x 7).

    The hottest loop of all: a row of seven is written as a word of eight bytes, the last of which is then
    written over by the next row, and that of the last row by the next plane. Unsigned indices spare Numba's
    check for negative ones.
    """
    tiles, visits, at, observed = worlds.tiles, worlds.visits, worlds.at, observations
    plane, scattered = settings.plane, settings.scattered * VIEW * VIEW
    rival, compass = np.int64(plane[RIVAL]), plane[COMPASS_ROWS] >= 0
    carries = plane[HELD] >= 0 or plane[CHASER] >= 0
    seats, size = at.shape[1], np.uint64(observations.shape[2])
    width, tiles_a_world = np.uint64(tiles.shape[2]), np.uint64(tiles.shape[1] * tiles.shape[2])
    view, area = np.uint64(VIEW), np.uint64(VIEW * VIEW)
    for w in range(np.uint64(first), np.uint64(last)):
        for seat in range(np.uint64(seats)):
            slot = w * np.uint64(seats) + seat
            corner = np.uint64(at[w, seat, 0] - BORDER) * width + np.uint64(at[w, seat, 1] - BORDER)
            planes = slot * size
            seen, things = w * tiles_a_world + corner, np.uint64(0)
            for row in range(view):
                word = word_at(tiles, seen + row * width)
                things |= word
                put_word(observed, planes + row * view, walls(word))
            seen = slot * tiles_a_world + corner
            for row in range(view):
                word = word_at(visits, seen + row * width) * np.uint64(51)
                put_word(observed, planes + area + row * view, word)
            fill(observed, planes + np.uint64(2) * area, planes + np.uint64(scattered), 0)
            if things & THINGS:
                seen = w * tiles_a_world + corner
                for row in range(view):
                    word = word_at(tiles, seen + row * width) & SEVEN
                    column = np.uint64(0)
                    while word & THINGS:
                        tile = word & np.uint64(255)
                        if tile > WALL:
                            here = np.uint64(plane[tile]) * area + row * view + column
                            observed[w, seat, here] = 255
                        word >>= np.uint64(8)
                        column += np.uint64(1)
            if rival >= 0:
                for other in range(np.uint64(seats)):
                    down = np.int64(at[w, other, 0]) - np.int64(at[w, seat, 0]) + BORDER
                    right = np.int64(at[w, other, 1]) - np.int64(at[w, seat, 1]) + BORDER
                    if other != seat and 0 <= down < VIEW and 0 <= right < VIEW:
                        observed[w, seat, (rival * VIEW + down) * VIEW + right] = 255
            if compass:
                point(worlds, w, seat, plane, observed, planes, area)
            if carries:
                carry(worlds.keys[w, seat], worlds.chaser[w, seat], plane, observed, planes, area)


@kernel
def walls(word: np.uint64) -> np.uint64:
    """255 for every byte of `word` that is WALL, 0 for the others; tiles are less than 128."""
    return ((np.uint64(0x80) * EACH - (word ^ EACH * np.uint64(WALL))) >> np.uint64(7) & EACH) * np.uint64(
        255
    )


@kernel
def point(
    worlds: Worlds,
    w: int,
    seat: int,
    plane: NDArray[np.int8],
    observations: NDArray[np.uint8],
    planes: np.uint64,
    area: np.uint64,
) -> None:
    """Fill the planes of the compass: how far the target is down and right, 128 being here, 8 a tile.

    The player's planes of `area` bytes begin at byte `planes` of `observations`.
    """
    for axis in range(np.uint64(2)):
        start = planes + (np.uint64(plane[COMPASS_ROWS]) + axis) * area
        away: int = np.int64(worlds.target[w, seat, axis]) - np.int64(worlds.at[w, seat, axis])  # type: ignore[assignment]
        fill(observations, start, start + area, min(max(128 + 8 * away, 0), 255))


@kernel
def carry(
    keys: int,
    chaser: int,
    plane: NDArray[np.int8],
    observations: NDArray[np.uint8],
    planes: np.uint64,
    area: np.uint64,
) -> None:
    """Fill the planes of the inventory and of the role."""
    if plane[HELD] >= 0:
        for colour in range(COLOURS):
            start = planes + np.uint64(plane[HELD] + colour) * area
            fill(observations, start, start + area, 255 if keys >> colour & 1 else 0)
    if plane[CHASER] >= 0:
        start = planes + np.uint64(plane[CHASER]) * area
        fill(observations, start, start + area, 255 if chaser else 0)


@kernel
def look_at_all(
    worlds: Worlds, w: int, seat: int, settings: Settings, observation: NDArray[np.uint8]
) -> None:
    """The full grid instead: `observation` holds planes + 1 grids, the last of which shows the player."""
    height, width = worlds.tiles.shape[1] - 2 * BORDER, worlds.tiles.shape[2] - 2 * BORDER
    area = height * width
    observation[:] = 0
    planes = observation.reshape((observation.size // area, height, width))
    for row in range(height):
        for column in range(width):
            tile = worlds.tiles[w, BORDER + row, BORDER + column]
            if tile != FLOOR:
                planes[settings.plane[tile], row, column] = 255
            planes[1, row, column] = 51 * worlds.visits[w, seat, BORDER + row, BORDER + column]
    for other in range(worlds.at.shape[1]):
        plane = planes.shape[0] - 1 if other == seat else settings.plane[RIVAL]
        if plane >= 0:
            planes[plane, worlds.at[w, other, 0] - BORDER, worlds.at[w, other, 1] - BORDER] = 255
    if settings.plane[COMPASS_ROWS] >= 0:
        point(worlds, w, seat, settings.plane, observation, np.uint64(0), np.uint64(area))
    carry(
        worlds.keys[w, seat],
        worlds.chaser[w, seat],
        settings.plane,
        observation,
        np.uint64(0),
        np.uint64(area),
    )
