"""Ways through a maze: distances, and the shortest sequence of moves with keys and doors."""

import numpy as np
from numpy.typing import NDArray

from arena.games.maze.kernel import kernel
from arena.games.maze.layouts import WALL
from arena.games.maze.world import COLOURS, COLUMN_STEP, DOOR, KEY, LAVA, ROW_STEP, STAY, USE

UNREACHED = np.int32(1 << 30)
_ONE = np.uint64(1)


@kernel
def distances(tiles: NDArray[np.uint8], row: int, column: int) -> NDArray[np.int32]:
    """(H, W): steps from (row, column) to every tile, UNREACHED behind walls, lava and closed doors."""
    height, width = tiles.shape
    area = np.uint64(height * width)
    flat, unseen = tiles.reshape(-1), np.empty(area, np.bool_)
    for tile in range(area):
        unseen[tile] = is_free(flat[tile])
    steps, queue = np.full(area, UNREACHED, np.int32), np.empty(area, np.uint64)
    start = np.uint64(row * width + column)
    queue[0] = start
    steps[start], unseen[start] = 0, False
    head, tail = np.uint64(0), np.uint64(1)
    while head < tail:
        here = queue[head]
        head += _ONE
        for there in (here - np.uint64(width), here + np.uint64(width), here - _ONE, here + _ONE):
            if unseen[there]:
                unseen[there] = False
                steps[there] = steps[here] + 1
                queue[tail] = there
                tail += _ONE
    return steps.reshape((height, width))


@kernel
def is_free(tile: np.uint8) -> bool:
    """Whether a way can lead over `tile`, without keys and without burning."""
    return bool((tile != WALL) & (tile != LAVA) & ((tile < DOOR) | (tile >= DOOR + COLOURS)))


@kernel
def first_action(tiles: NDArray[np.uint8], row: int, column: int, keys: int, wanted: np.uint8) -> int:
    """The first action of a shortest way to the nearest tile of kind `wanted`, fetching keys and opening
    doors as needed; STAY where there is no way.

    Breadth-first over (tile, keys held, doors opened): exact, since every action takes one tick.
    """
    height, width = tiles.shape
    sets = 1 << COLOURS
    states = height * width * sets * sets
    action_taken = np.full(states, -1, np.int8)
    came_from = np.empty(states, np.int32)
    queue = np.empty(states, np.int32)
    root = ((row * width + column) * sets + keys) * sets
    queue[0] = root
    action_taken[root] = STAY
    head, tail = 0, 1
    while head < tail:
        state = queue[head]
        head += 1
        opened = state % sets
        held = state // sets % sets
        row, column = divmod(state // (sets * sets), width)
        if tiles[row, column] == wanted and state != root:
            while came_from[state] != root:
                state = came_from[state]
            return int(action_taken[state])
        for action in range(6):
            if action == STAY:
                continue
            r, c, now_held, now_open = row, column, held, opened
            if action == USE:
                for d in range(4):
                    tile = tiles[row + ROW_STEP[d], column + COLUMN_STEP[d]]
                    if DOOR <= tile < DOOR + COLOURS and held >> (tile - DOOR) & 1:
                        now_open |= 1 << (tile - DOOR)
            else:
                r, c = row + ROW_STEP[action], column + COLUMN_STEP[action]
                tile = tiles[r, c]
                if tile in (WALL, LAVA):
                    continue
                if DOOR <= tile < DOOR + COLOURS and not opened >> (tile - DOOR) & 1:
                    continue
                if KEY <= tile < KEY + COLOURS:
                    now_held |= 1 << (tile - KEY)
            after = ((r * width + c) * sets + now_held) * sets + now_open
            if action_taken[after] < 0:
                action_taken[after] = action
                came_from[after] = state
                queue[tail] = after
                tail += 1
    return STAY


@kernel
def downhill(steps: NDArray[np.int32], row: int, column: int) -> int:
    """The action that comes closest to where `steps` was measured from; STAY at it or beyond reach."""
    best, action = steps[row, column], STAY
    for d in range(4):
        if steps[row + ROW_STEP[d], column + COLUMN_STEP[d]] < best:
            best, action = steps[row + ROW_STEP[d], column + COLUMN_STEP[d]], d
    return action


@kernel
def uphill(steps: NDArray[np.int32], row: int, column: int) -> int:
    """The action that leads furthest away from where `steps` was measured from, of those to free tiles."""
    best, action = steps[row, column], STAY
    for d in range(4):
        there = steps[row + ROW_STEP[d], column + COLUMN_STEP[d]]
        if there != UNREACHED and there > best:
            best, action = there, d
    return action
