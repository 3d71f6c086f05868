"""One tick of many worlds: how players move, and how the tick ends.

A game's own rules come between the two. Loops over worlds stand inside such kernels, and not around them,
because handing `Worlds` to a function costs two atomic operations an array.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from arena.games.maze.kernel import kernel, template
from arena.games.maze.layouts import FLOOR, WALL
from arena.games.maze.sight import look, look_at_all
from arena.games.maze.world import (
    COLOURS,
    COLUMN_STEP,
    DOOR,
    GOAL,
    KEY,
    MOST_FOOTPRINTS,
    ROW_STEP,
    USE,
    Outcome,
    Settings,
    Worlds,
)

_ROW_STEPS, _COLUMN_STEPS = np.array(ROW_STEP, np.int16), np.array(COLUMN_STEP, np.int16)

Moves = Callable[[Worlds, NDArray[np.int64], int, int], NDArray[np.int64]]
Play = Callable[[Worlds, Settings, Outcome, int, int], None]
Build = Callable[[Worlds, int, Settings], None]


@template
def advance(
    moves: Moves,
    play: Play,
    worlds: Worlds,
    settings: Settings,
    actions: NDArray[np.int64],
    outcome: Outcome,
    first: int,
    last: int,
) -> int:
    """Advance worlds `first` to `last` by one tick. Returns how many of their levels ended.

    The game has two parts in it: `moves` says what comes of the actions, for those worlds alone, and `play`
    what comes of the moves; it also begins a new level where the last one is over.
    """
    move(worlds, moves(worlds, actions, first, last), outcome, first, last)
    play(worlds, settings, outcome, first, last)
    return finish(worlds, settings, outcome, first, last)


@kernel
def as_chosen(worlds: Worlds, actions: NDArray[np.int64], first: int, last: int) -> NDArray[np.int64]:
    """Moves as the players have chosen them."""
    return actions[first:last]


@template
def play_to_goal(
    build: Build, worlds: Worlds, settings: Settings, outcome: Outcome, first: int, last: int
) -> None:
    """The rules of a game of one seat that is over at the goal: the ticks left are its score."""
    tiles, at, over = worlds.tiles, worlds.at, worlds.over
    for w in range(np.uint64(first), np.uint64(last)):
        if over[w]:
            build(worlds, w, settings)
        elif tiles[w, np.uint64(at[w, 0, 0]), np.uint64(at[w, 0, 1])] == GOAL:
            reach_goal(worlds, w, settings, outcome)


@kernel
def reach_goal(worlds: Worlds, w: int, settings: Settings, outcome: Outcome) -> None:
    """The one player of world `w` has reached the goal."""
    outcome.rewards[w, 0] = 1.0
    outcome.terminated[w] = True
    worlds.score[w, 0] = settings.max_steps - worlds.time[w]


@kernel
def move(worlds: Worlds, moves: NDArray[np.int64], outcome: Outcome, first: int, last: int) -> None:
    """Begin a tick of worlds `first` to `last`: make their `moves` (last - first, S), all at once, and open
    doors for those who `use`. What becomes of a world whose level is over does not matter: the game builds
    it anew.

    In each world all targets are computed first. A wall or a closed door means staying; two who want one
    tile, or each other's, both stay; who would follow somebody who stays, stays too (a goal takes all).
    Unsigned indices spare Numba's check for negative ones.
    """
    tiles, visits, at, before = worlds.tiles, worlds.visits, worlds.at, worlds.before
    keys, time = worlds.keys, worlds.time
    rewards, terminated = outcome.rewards, outcome.terminated
    seats, offset = np.uint64(at.shape[1]), np.uint64(first)
    for w in range(np.uint64(first), np.uint64(last)):
        terminated[w] = False
        time[w] += 1
        for seat in range(seats):
            rewards[w, seat] = 0.0
            action = np.uint64(moves[w - offset, seat])
            row, column, held = at[w, seat, 0], at[w, seat, 1], keys[w, seat]
            before[w, seat, 0], before[w, seat, 1] = row, column
            if held and action == USE:
                open_doors(tiles[w], row, column, held)
            r, c = row + _ROW_STEPS[action], column + _COLUMN_STEPS[action]
            blocked = blocks(tiles[w, np.uint64(r), np.uint64(c)])
            at[w, seat, 0], at[w, seat, 1] = row if blocked else r, column if blocked else c
    if seats > 1:
        for w in range(first, last):
            if not worlds.over[w]:
                settle_contests(tiles[w], before[w], at[w])
    for w in range(np.uint64(first), np.uint64(last)):
        for seat in range(seats):
            row, column = np.uint64(at[w, seat, 0]), np.uint64(at[w, seat, 1])
            visits[w, seat, row, column] = trodden(visits[w, seat, row, column])
            tile = tiles[w, row, column]
            if KEY <= tile < KEY + COLOURS:
                keys[w, seat] |= np.uint8(1 << (tile - KEY))
                tiles[w, row, column] = FLOOR


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
        look_at_all(worlds, settings, outcome.observations, first, last)
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
