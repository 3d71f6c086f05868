"""Where the walls are: generators that turn a solid block into a connected maze.

A grid is (height, width) uint8 with odd sides; cells lie at odd rows and columns, and the tile between two
cells is wall or passage. Every generator expects a grid of WALL and leaves every cell reachable from every
other; but for `braided` and `rooms` the mazes are perfect (one path between two cells).

Sources: Wilson 1996, "Generating random spanning trees more quickly than the cover time" (uniform over
all perfect mazes); randomised Prim and Kruskal and depth-first search as in Buck, "Mazes for
Programmers" (2015), which also describes braiding.
"""

import numpy as np
from numpy.typing import NDArray

from arena.games.maze.chance import below
from arena.games.maze.kernel import kernel

FLOOR, WALL = np.uint8(0), np.uint8(1)

DEPTH_FIRST, WILSON, PRIM, KRUSKAL, BRAIDED, ROOMS = range(6)
LAYOUTS = ("depth-first", "wilson", "prim", "kruskal", "braided", "rooms")

Grid = NDArray[np.uint8]
Stream = NDArray[np.uint64]

_ROW = (-1, 1, 0, 0)
_COLUMN = (0, 0, -1, 1)

# Where a place is kept as one number, its row is in the bits above these: dividing would be slow.
BITS = 8
REST = (1 << BITS) - 1


@kernel
def carve(grid: Grid, layout: int, stream: Stream) -> None:
    """Fill `grid` with walls, then carve the maze called `LAYOUTS[layout]`, with chance from `stream`."""
    for row in range(grid.shape[0]):
        for column in range(grid.shape[1]):
            grid[row, column] = WALL
    if layout == DEPTH_FIRST:
        depth_first(grid, stream)
    elif layout == WILSON:
        wilson(grid, stream)
    elif layout == PRIM:
        prim(grid, stream)
    elif layout == KRUSKAL:
        kruskal(grid, stream)
    elif layout == BRAIDED:
        depth_first(grid, stream)
        braid(grid, 0.6, stream)
    else:
        rooms(grid, stream)


@kernel
def depth_first(grid: Grid, stream: Stream) -> None:
    """Walk to a random unvisited neighbour, back up when there is none: long winding corridors."""
    rows, columns = grid.shape[0] // 2, grid.shape[1] // 2
    stack = np.empty(rows * columns, np.int32)
    start = below(stream, rows * columns)
    row, column = start // columns, start % columns
    stack[0] = row << BITS | column
    depth = 1
    grid[2 * row + 1, 2 * column + 1] = FLOOR
    options = np.empty(4, np.int32)
    while depth > 0:
        row, column = stack[depth - 1] >> BITS, stack[depth - 1] & REST
        found = 0
        for d in range(4):
            r, c = row + _ROW[d], column + _COLUMN[d]
            if 0 <= r < rows and 0 <= c < columns and grid[2 * r + 1, 2 * c + 1] == WALL:
                options[found] = d
                found += 1
        if found == 0:
            depth -= 1
            continue
        d = options[below(stream, found)]
        grid[2 * row + 1 + _ROW[d], 2 * column + 1 + _COLUMN[d]] = FLOOR
        row, column = row + _ROW[d], column + _COLUMN[d]
        grid[2 * row + 1, 2 * column + 1] = FLOOR
        stack[depth] = row << BITS | column
        depth += 1


@kernel
def wilson(grid: Grid, stream: Stream) -> None:
    """Loop-erased random walks from each cell to the maze so far: every perfect maze equally likely."""
    rows, columns = grid.shape[0] // 2, grid.shape[1] // 2
    heading = np.empty((rows, columns), np.int8)
    root = below(stream, rows * columns)
    grid[2 * (root // columns) + 1, 2 * (root % columns) + 1] = FLOOR
    for first_row in range(rows):
        for first_column in range(columns):
            row, column = first_row, first_column
            while grid[2 * row + 1, 2 * column + 1] == WALL:  # walk; a later visit overwrites the loop
                d = below(stream, 4)
                r, c = row + _ROW[d], column + _COLUMN[d]
                if 0 <= r < rows and 0 <= c < columns:
                    heading[row, column] = d
                    row, column = r, c
            row, column = first_row, first_column
            while grid[2 * row + 1, 2 * column + 1] == WALL:  # carve along the last headings
                d = heading[row, column]
                grid[2 * row + 1, 2 * column + 1] = FLOOR
                grid[2 * row + 1 + _ROW[d], 2 * column + 1 + _COLUMN[d]] = FLOOR
                row, column = row + _ROW[d], column + _COLUMN[d]


@kernel
def prim(grid: Grid, stream: Stream) -> None:
    """Grow from a cell by opening a random wall of the frontier: many short dead ends."""
    rows, columns = grid.shape[0] // 2, grid.shape[1] // 2
    frontier = np.empty(4 * rows * columns, np.int32)  # a wall: direction, and the cell inside
    size = 0
    cell = below(stream, rows * columns)
    row, column = cell // columns, cell % columns
    growing = True
    while growing:
        grid[2 * row + 1, 2 * column + 1] = FLOOR
        for d in range(4):
            r, c = row + _ROW[d], column + _COLUMN[d]
            if 0 <= r < rows and 0 <= c < columns and grid[2 * r + 1, 2 * c + 1] == WALL:
                frontier[size] = d << 2 * BITS | row << BITS | column
                size += 1
        growing = False
        while size > 0 and not growing:
            pick = below(stream, size)
            wall = frontier[pick]
            size -= 1
            frontier[pick] = frontier[size]
            d, row, column = wall >> 2 * BITS, wall >> BITS & REST, wall & REST
            r, c = row + _ROW[d], column + _COLUMN[d]
            if grid[2 * r + 1, 2 * c + 1] == WALL:
                grid[2 * row + 1 + _ROW[d], 2 * column + 1 + _COLUMN[d]] = FLOOR
                row, column = r, c
                growing = True


@kernel
def kruskal(grid: Grid, stream: Stream) -> None:
    """Open walls in random order wherever they part two regions: an even texture."""
    rows, columns = grid.shape[0] // 2, grid.shape[1] // 2
    region = np.arange(rows * columns)
    walls = np.empty(2 * rows * columns, np.int32)  # whether it is below the cell, and the cell
    count = 0
    for row in range(rows):
        for column in range(columns):
            grid[2 * row + 1, 2 * column + 1] = FLOOR
            if column + 1 < columns:
                walls[count] = row << BITS | column
                count += 1
            if row + 1 < rows:
                walls[count] = 1 << 2 * BITS | row << BITS | column
                count += 1
    for last in range(count - 1, -1, -1):
        pick = below(stream, last + 1)
        wall = walls[pick]
        walls[pick] = walls[last]
        down, row, column = wall >> 2 * BITS, wall >> BITS & REST, wall & REST
        cell = row * columns + column
        a = _root(region, cell)
        b = _root(region, cell + (columns if down else 1))
        if a != b:
            region[a] = b
            grid[2 * row + 1 + down, 2 * column + 2 - down] = FLOOR


@kernel
def _root(region: NDArray[np.int64], cell: int) -> int:
    """The representative of a cell's region; paths are halved on the way (Tarjan and van Leeuwen 1984)."""
    while region[cell] != cell:
        region[cell] = region[region[cell]]
        cell = region[cell]
    return cell


@kernel
def braid(grid: Grid, share: float, stream: Stream) -> None:
    """Open a wall at about `share` of the dead ends, which makes loops."""
    rows, columns = grid.shape[0] // 2, grid.shape[1] // 2
    options = np.empty(4, np.int32)
    for row in range(1, 2 * rows, 2):
        for column in range(1, 2 * columns, 2):
            walls = closed = 0
            for d in range(4):
                if grid[row + _ROW[d], column + _COLUMN[d]] == WALL:
                    walls += 1
                    r, c = row + 2 * _ROW[d], column + 2 * _COLUMN[d]
                    if 0 < r < grid.shape[0] and 0 < c < grid.shape[1]:
                        options[closed] = d
                        closed += 1
            if walls == 3 and below(stream, 1000) < 1000 * share:
                d = options[below(stream, closed)]
                grid[row + _ROW[d], column + _COLUMN[d]] = FLOOR


@kernel
def rooms(grid: Grid, stream: Stream) -> None:
    """Binary space partition: split the hall by walls with one or two doorways until rooms are small."""
    height, width = grid.shape
    for row in range(1, height - 1):
        for column in range(1, width - 1):
            grid[row, column] = FLOOR
    stack = np.empty((height * width + 1, 4), np.int32)  # top, left, bottom, right: the wall lines around
    stack[0, 0], stack[0, 1], stack[0, 2], stack[0, 3] = 0, 0, height - 1, width - 1
    depth = 1
    while depth > 0:
        depth -= 1
        top, left, bottom, right = stack[depth, 0], stack[depth, 1], stack[depth, 2], stack[depth, 3]
        for side in range(4):  # the two halves take this place and the next
            stack[depth + 1, side] = stack[depth, side]
        tall, wide = (bottom - top) // 2, (right - left) // 2  # in cells
        if min(tall, wide) < 2 or (max(tall, wide) <= 3 and below(stream, 4) > 0):
            continue
        doorways = 1 + (below(stream, 3) == 0)
        if tall > wide or (tall == wide and below(stream, 2) == 0):
            line = top + 2 * (1 + below(stream, tall - 1))
            for column in range(left + 1, right):
                grid[line, column] = WALL
            for _ in range(doorways):
                grid[line, left + 1 + 2 * below(stream, wide)] = FLOOR
            stack[depth, 2] = stack[depth + 1, 0] = line
        else:
            line = left + 2 * (1 + below(stream, wide - 1))
            for row in range(top + 1, bottom):
                grid[row, line] = WALL
            for _ in range(doorways):
                grid[top + 1 + 2 * below(stream, tall), line] = FLOOR
            stack[depth, 3] = stack[depth + 1, 1] = line
        depth += 2


@kernel
def make_symmetric(grid: Grid, folds: int) -> None:
    """Copy one half (`folds` 2) or one quarter (4) of a square grid onto the others by rotation, then
    open walls, with all their images, until every cell is reachable again."""
    size = grid.shape[0]
    for row in range(size):
        for column in range(size):
            r, c = _representative(row, column, size, folds)
            grid[row, column] = grid[r, c]
    while _open_towards_unreached(grid, folds):
        pass


@kernel
def _representative(row: int, column: int, size: int, folds: int) -> tuple[int, int]:
    """The first, in reading order, of the tiles that rotation carries (row, column) to."""
    best_row, best_column = row, column
    r, c = row, column
    for _ in range(folds - 1):
        if folds == 2:
            r, c = size - 1 - r, size - 1 - c
        else:
            r, c = c, size - 1 - r
        if r < best_row or (r == best_row and c < best_column):
            best_row, best_column = r, c
    return best_row, best_column


@kernel
def _open_towards_unreached(grid: Grid, folds: int) -> bool:
    """Open one wall (and its images) between a cell reached from the centre and one that is not."""
    size = grid.shape[0]
    cells = size // 2
    middle = 2 * (cells // 2) + 1
    reached = np.zeros((size, size), np.bool_)
    queue = np.empty(size * size, np.int32)
    queue[0] = middle << BITS | middle
    reached[middle, middle] = True
    head, tail = 0, 1
    while head < tail:
        row, column = queue[head] >> BITS, queue[head] & REST
        head += 1
        for d in range(4):
            r, c = row + _ROW[d], column + _COLUMN[d]
            if grid[r, c] != WALL and not reached[r, c]:
                reached[r, c] = True
                queue[tail] = r << BITS | c
                tail += 1
    for index in range(tail):
        row, column = queue[index] >> BITS, queue[index] & REST
        if row % 2 == 0 or column % 2 == 0:
            continue
        for d in range(4):
            r, c = row + 2 * _ROW[d], column + 2 * _COLUMN[d]
            if 0 < r < size and 0 < c < size and not reached[r, c]:
                r, c = row + _ROW[d], column + _COLUMN[d]
                for _ in range(folds):
                    grid[r, c] = FLOOR
                    if folds == 2:
                        r, c = size - 1 - r, size - 1 - c
                    else:
                        r, c = c, size - 1 - r
                return True
    return False
