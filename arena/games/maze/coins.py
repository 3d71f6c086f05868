"""Coins: pick up more than the others.

Two to four players and 24 coins, in a maze that looks the same from every start.

Actions
    up, down, left, right, stay, use. A wall means staying; so does a tile that somebody else wants or keeps.
    `use` does nothing here.
Observation
    Planes (4, 7, 7), uint8: walls, own footprints, coins and rivals around the player. No compass.
Rewards
    +1 for each coin.
Score
    Coins.
Termination
    When no coin is left. The time is up after 2 x size x size ticks (450 at size 15).
"""

from arena.games.maze.crew import Table, toil
from arena.games.maze.kernel import kernel
from arena.games.maze.layouts import BRAIDED, DEPTH_FIRST, FLOOR, KRUSKAL, PRIM, ROOMS, WILSON
from arena.games.maze.paths import first_action
from arena.games.maze.rules import Rules
from arena.games.maze.tick import as_chosen
from arena.games.maze.world import (
    BORDER,
    COIN,
    Outcome,
    Settings,
    Worlds,
    begin,
    lay,
    place_all,
    random_cell,
    rotated,
)

ON = (DEPTH_FIRST, WILSON, PRIM, KRUSKAL, BRAIDED, ROOMS)
COINS = 24
"""Divides by 2 and by 4, the rotations a level can have."""


@kernel
def build(worlds: Worlds, w: int, settings: Settings) -> None:
    """Coins lie in cells, as many for each seat in the same places; nobody starts in the middle."""
    stream = begin(worlds, w, settings)
    folds = 2 if worlds.at.shape[1] == 2 else 4
    lay(worlds, w, settings, ON, folds, stream)
    side = worlds.tiles.shape[1]
    size = side - 2 * BORDER
    row, column = side // 2, side // 2
    while row == side // 2 and column == side // 2:
        row, column = random_cell(size, stream)
    place_all(worlds, w, row, column, folds)
    wanted = min(COINS, (size // 2) ** 2 // 2 // folds * folds)
    while worlds.left[w] < wanted:
        row, column = random_cell(size, stream)
        free = worlds.tiles[w, row, column] == FLOOR and not (row == side // 2 and column == side // 2)
        for seat in range(worlds.at.shape[1]):
            free = free and not (worlds.at[w, seat, 0] == row and worlds.at[w, seat, 1] == column)
        if free:
            for _ in range(folds):
                worlds.tiles[w, row, column] = COIN
                worlds.left[w] += 1
                row, column = rotated(row, column, side, folds)


@kernel
def play(worlds: Worlds, settings: Settings, outcome: Outcome, first: int, last: int) -> None:
    for w in range(first, last):
        if worlds.over[w]:
            build(worlds, w, settings)
            continue
        for seat in range(worlds.at.shape[1]):
            row, column = worlds.at[w, seat, 0], worlds.at[w, seat, 1]
            if worlds.tiles[w, row, column] == COIN:
                worlds.tiles[w, row, column] = FLOOR
                worlds.left[w] -= 1
                worlds.score[w, seat] += 1.0
                outcome.rewards[w, seat] = 1.0
        outcome.terminated[w] = worlds.left[w] == 0


@kernel
def work(table: Table, me: int, patience: int) -> None:
    toil(as_chosen, play, table, me, patience)


def guide(worlds: Worlds, seat: int) -> int:
    """A shortest way to the nearest coin."""
    row, column = worlds.at[0, seat]
    return first_action(worlds.tiles[0], row, column, 0, COIN)


RULES = Rules(
    work=work,
    guide=guide,
    shows=("coin", "rival"),
    size=15,
    smallest=11,
    layouts=ON,
    max_steps=lambda size: 2 * size * size,
    seats=(2, 3, 4),
    symmetric=True,
)
