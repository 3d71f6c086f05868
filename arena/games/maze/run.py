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

from arena.games.maze.chance import below
from arena.games.maze.crew import Table, toil
from arena.games.maze.kernel import kernel
from arena.games.maze.layouts import BRAIDED, DEPTH_FIRST, KRUSKAL, PRIM, ROOMS, WILSON
from arena.games.maze.paths import UNREACHED, distances, first_action
from arena.games.maze.rules import Rules
from arena.games.maze.tick import as_chosen, play_to_goal
from arena.games.maze.world import (
    BORDER,
    GOAL,
    Outcome,
    Settings,
    Worlds,
    begin,
    lay,
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
def play(worlds: Worlds, settings: Settings, outcome: Outcome, first: int, last: int) -> None:
    play_to_goal(build, worlds, settings, outcome, first, last)


@kernel
def work(table: Table, me: int, patience: int) -> None:
    toil(as_chosen, play, table, me, patience)


def guide(worlds: Worlds, seat: int) -> int:
    row, column = worlds.at[0, seat]
    return first_action(worlds.tiles[0], row, column, 0, GOAL)


RULES = Rules(
    work=work,
    guide=guide,
    shows=("goal", "compass"),
    size=15,
    layouts=ON,
    max_steps=lambda size: 2 * size * size,
)
