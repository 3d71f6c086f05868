"""A maze that can be put back to where it was, for one of its seats."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from agents.exploring import Spot
from arena.games.game import Game
from arena.games.maze.game import MazeGame
from arena.games.maze.layouts import FLOOR, WALL
from arena.games.maze.world import BORDER, STAY, TILES
from arena.games.restorable import Restorable


class MazeSimulator(Restorable):
    """A maze, one grey pixel a tile."""

    def __init__(self, game: MazeGame, begin: Callable[[], object], *, longest: int, seat: int = 0) -> None:
        """It begins where `begin` puts `game`; who is not in `seat` stays."""
        self._game, self._begin_game, self._seat = game, begin, seat
        self.actions, self.longest = len(game.spec.actions), longest
        self._moves = [STAY] * game.spec.seats

    def _begin(self) -> None:
        self._begin_game()

    def step(self, action: int) -> tuple[float, bool]:
        self._moves[self._seat] = action
        tick = self._game.tick(self._moves)
        return tick.rewards[self._seat], tick.ended

    def lives(self) -> int:
        return 0

    def picture(self) -> NDArray[np.uint8]:
        worlds = self._game.worlds
        picture: NDArray[np.uint8] = _GREY[worlds.tiles[0]]
        row, column = worlds.at[0, self._seat]
        picture[row, column] = _PLAYER
        return picture[BORDER:-BORDER, BORDER:-BORDER]

    def spot(self) -> Spot:
        worlds = self._game.worlds
        row, column = (int(at) - BORDER for at in worlds.at[0, self._seat])
        return Spot(int(worlds.keys[0, self._seat]), column, row)

    def frame(self) -> NDArray[np.uint8]:
        """(height, width, 3): what a person sees."""
        return self._game.frame()

    def knowledge(self) -> bytes:
        worlds = self._game.worlds
        told: bytes = worlds.at[0, self._seat].tobytes() + worlds.keys[0, self._seat].tobytes()
        return told

    def agrees(self, game: Game) -> bool:
        assert isinstance(game, MazeGame)
        mine, theirs, seat = self._game.worlds, game.worlds, self._seat
        same = (mine.at[0, seat] == theirs.at[0, seat]).all() and mine.keys[0, seat] == theirs.keys[0, seat]
        return bool(same)

    def _content(self) -> bytes:
        return b"".join(part.tobytes() for part in self._game.worlds)

    def _put_back(self, content: bytes) -> None:
        begins = 0
        for part in self._game.worlds:
            ends = begins + part.nbytes
            part[:] = np.frombuffer(content[begins:ends], part.dtype).reshape(part.shape)
            begins = ends


_GREY = np.linspace(0, 200, TILES).astype(np.uint8)
_GREY[FLOOR], _GREY[WALL] = 0, 100
_PLAYER = 255
"""Shades of tiles and of the player, who outshines all."""
