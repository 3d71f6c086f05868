"""A maze of one seat that can be put back to where it was."""

import numpy as np
from numpy.typing import NDArray

from agents.exploring import Spot
from arena.games.maze.game import MazeGame
from arena.games.maze.layouts import FLOOR, WALL
from arena.games.maze.world import BORDER, TILES
from arena.games.restorable import Restorable


class MazeSimulator(Restorable):
    """A maze of one seat, one grey pixel a tile."""

    def __init__(self, game: MazeGame, seed: int) -> None:
        self._game, self._seed = game, seed
        self.actions = len(game.spec.actions)
        self.longest = int(game.settings.max_steps)

    def _begin(self) -> None:
        self._game.reset(self._seed)

    def step(self, action: int) -> tuple[float, bool]:
        tick = self._game.tick((action,))
        return tick.rewards[0], tick.ended

    def picture(self) -> NDArray[np.uint8]:
        worlds = self._game.worlds
        picture: NDArray[np.uint8] = _GREY[worlds.tiles[0]]
        row, column = worlds.at[0, 0]
        picture[row, column] = _PLAYER
        return picture[BORDER:-BORDER, BORDER:-BORDER]

    def spot(self) -> Spot:
        worlds = self._game.worlds
        row, column = (int(at) - BORDER for at in worlds.at[0, 0])
        return Spot(int(worlds.keys[0, 0]), column, row)

    def frame(self) -> NDArray[np.uint8]:
        """(height, width, 3): what a person sees."""
        return self._game.frame()

    def knowledge(self) -> bytes:
        worlds = self._game.worlds
        told: bytes = worlds.at[0, 0].tobytes() + worlds.keys[0].tobytes()
        return told

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
