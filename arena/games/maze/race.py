"""Race: be first at the exit.

Two to four players start equally far from the exit in the middle, in a maze that looks the same from every
start. There is fog: you see what comes into view, and what you remember. The arrow at your player points to
the exit; the walls do not care.

Actions
    up, down, left, right, stay, use. A wall means staying; so does a tile that somebody else wants or keeps,
    but for the exit. `use` does nothing here.
Observation
    Planes (6, 7, 7), uint8: walls, own footprints, the exit and rivals around the player; the compass, down
    and right.
Rewards
    +1 for who arrives first, -1 for the others. Who arrive at the same tick share the first place.
Score
    1 for who arrived first, 0 for the others.
Termination
    When somebody arrives. The time is up after 2 x size x size ticks (722 at size 19).
"""

from arena.games.maze.chance import below
from arena.games.maze.crew import Table, toil
from arena.games.maze.kernel import kernel
from arena.games.maze.layouts import BRAIDED, DEPTH_FIRST, KRUSKAL, PRIM, ROOMS, WILSON
from arena.games.maze.paths import UNREACHED, distances, first_action
from arena.games.maze.rules import Rules
from arena.games.maze.tick import as_chosen
from arena.games.maze.world import (
    BORDER,
    GOAL,
    Outcome,
    Settings,
    Worlds,
    begin,
    lay,
    place_all,
    random_cell,
)

ON = (DEPTH_FIRST, WILSON, PRIM, KRUSKAL, BRAIDED, ROOMS)


@kernel
def build(worlds: Worlds, w: int, settings: Settings) -> None:
    """The exit is in the middle. Held-out levels are at least `size` steps long, where the maze has such a
    way; in training they have any length."""
    stream = begin(worlds, w, settings)
    seats = worlds.at.shape[1]
    folds = 2 if seats == 2 else 4
    lay(worlds, w, settings, ON, folds, stream)
    side = worlds.tiles.shape[1]
    size = side - 2 * BORDER
    steps = distances(worlds.tiles[w], side // 2, side // 2)
    far = size if settings.held_out else 1 + below(stream, size)
    while True:
        row, column = random_cell(size, stream)
        if far <= steps[row, column] < UNREACHED:
            break
        far = max(far - 1, 1)
    place_all(worlds, w, row, column, folds)
    worlds.tiles[w, side // 2, side // 2] = GOAL
    for seat in range(seats):
        worlds.target[w, seat, 0] = worlds.target[w, seat, 1] = side // 2


@kernel
def play(worlds: Worlds, settings: Settings, outcome: Outcome, first: int, last: int) -> None:
    seats = worlds.at.shape[1]
    for w in range(first, last):
        if worlds.over[w]:
            build(worlds, w, settings)
            continue
        for seat in range(seats):
            if worlds.tiles[w, worlds.at[w, seat, 0], worlds.at[w, seat, 1]] == GOAL:
                worlds.score[w, seat] = 1.0
                outcome.terminated[w] = True
        if outcome.terminated[w]:
            for seat in range(seats):
                outcome.rewards[w, seat] = 1.0 if worlds.score[w, seat] > 0 else -1.0


@kernel
def work(table: Table, me: int, patience: int) -> None:
    toil(as_chosen, play, table, me, patience)


def guide(worlds: Worlds, seat: int) -> int:
    row, column = worlds.at[0, seat]
    return first_action(worlds.tiles[0], row, column, 0, GOAL)


RULES = Rules(
    work=work,
    guide=guide,
    shows=("goal", "rival", "compass"),
    size=19,
    smallest=11,
    layouts=ON,
    max_steps=lambda size: 2 * size * size,
    seats=(2, 3, 4),
    symmetric=True,
    fog=True,
)
