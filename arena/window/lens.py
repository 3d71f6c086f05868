"""Maps laid over a board: what mattered to an agent in what it saw; in a maze how it values every tile, and
where it has been. Computed beside the drawing, a small share of the time.
"""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, cast

import numpy as np
from numpy.typing import NDArray

from agents import saliency
from agents.agent import Agent
from arena.games.game import Game
from arena.matches.player import AgentPlayer
from arena.window.bout import Bout, glides

if TYPE_CHECKING:
    from arena.games.maze.game import MazeGame

Kind = Literal["choice", "value", "values", "visits"]

SALIENCY: tuple[Kind, ...] = ("choice", "value")
MAPS: tuple[Kind, ...] = ("values", "visits")

TITLES: dict[Kind, str] = {
    "choice": "what mattered for its choice",
    "value": "what mattered for the value",
    "values": "the value of every tile",
    "visits": "how often it was there",
}

PLACES, PLACES_PAUSED = 10, 21
"""Places a side that are hidden one by one in a picture: more of them while time stands still."""

FREELY = 0.5
"""The share of a processor's time that may be spent where nobody else needs it."""

EASE = 0.1
"""How fast a scale that is too wide becomes narrower, a map."""


Stamp = tuple[int, object, bool]
"""(the match's ticks, which weights, whether time stands still)."""

FRESH, STALE = 0.25, 1.0
"""Seconds of the match after which what mattered begins to fade, and is gone: the game has moved on."""


@dataclass(frozen=True, slots=True)
class Layer:
    """A map over one board."""

    kind: Kind
    grid: NDArray[np.float32]
    """(rows, columns); NaN where there is nothing to tell."""
    area: tuple[float, float, float, float]
    """Left, top, width and height of the grid in shares of the picture, which it may reach beyond."""
    low: float
    high: float
    """What the ends of the scale mean."""
    faint: NDArray[np.bool_] | None = None
    """Where something lies that should stay seen."""
    ticks: int = 0
    """The match's when the agent saw what the map tells of."""

    @property
    def glows(self) -> bool:
        """Whether it lights up what mattered, and is no map of tiles."""
        return self.kind in SALIENCY

    def strength(self, seconds: float) -> float:
        """How much of it is to be seen when so many seconds of the match have gone by since."""
        return float(np.clip((STALE - seconds) / (STALE - FRESH), 0.0, 1.0)) if self.glows else 1.0

    def shares(self) -> NDArray[np.float32]:
        """The grid on the scale from 0 to 1."""
        spread = self.high - self.low
        if spread <= 0:
            return np.where(np.isnan(self.grid), self.grid, np.float32(0.5 if not self.glows else 0.0))
        return np.asarray(np.clip((self.grid - self.low) / spread, 0.0, 1.0), np.float32)


class Lens:
    """The maps of one kind over all boards of a bout."""

    def __init__(self) -> None:
        self.kind: Kind | None = None
        self.share = FREELY
        """Of a processor's time, to be spent on it."""
        self.layers: dict[int, Layer] = {}
        """By seat."""
        self._bout: Bout | None = None
        self._shown: dict[int, Stamp | int] = {}
        """What the layer of each seat was made from."""
        self._range: tuple[float, float] | None = None
        self._turn = 0
        self._side = _Side()

    def close(self) -> None:
        self._side.close()

    def show(self, kind: Kind | None) -> None:
        """Another kind of map, or none."""
        self.kind = kind
        self._forget()

    def _forget(self) -> None:
        self.layers, self._shown, self._range = {}, {}, None

    def follow(self, bout: Bout, versions: Sequence[object], *, paused: bool) -> None:
        """Bring the maps up to what is played now. `versions` tell an agent's weights from its later ones."""
        if bout is not self._bout:
            self._bout = bout
            self._forget()
        if self.kind is None or bout.frozen:
            return
        done = self._side.done()
        if done is not None and done[0][:2] == (self.kind, id(bout)):
            (_, _, seat, stamp), layer = done
            if layer is not None:
                self.layers[seat] = replace(layer, ticks=stamp[0])
                self._scale()
            self._shown[seat] = stamp
        if self.kind == "visits":
            for seat, been in enumerate(bout.visits):
                if been.size and self._shown.get(seat) != bout.match.ticks:
                    self.layers[seat] = _visits(been)
                    self._shown[seat] = bout.match.ticks
                    self._scale()
            return
        if not self._side.busy:
            self._ask(bout, self.kind, versions, paused)

    def catch_up(self, bout: Bout) -> None:
        """Wait until every map is that of now: for films, which have the time."""
        versions = [0] * len(bout.match.players)
        for _ in range(len(versions) + 1):
            self.follow(bout, versions, paused=False)
            self._side.wait()

    def _ask(self, bout: Bout, kind: Kind, versions: Sequence[object], paused: bool) -> None:
        """Have the map that is most out of date made anew."""
        waiting = []
        for seat, player in enumerate(bout.match.players):
            if isinstance(player, AgentPlayer) and bout.match.ticks and bout.match.playing(seat):
                stamp = (bout.match.ticks, versions[seat], paused)
                if self._shown.get(seat) != stamp:
                    waiting.append((seat in self._shown, seat, stamp, player))
        if waiting:
            # Whoever comes after the one that was served last, so that all take turns.
            _, seat, stamp, player = min(waiting, key=lambda each: (each[0], (each[1] - self._turn) % 4))
            self._turn = seat + 1
            work = _work(kind, player, *bout.match.place(seat), paused)
            if work is not None:
                self._side.begin((kind, id(bout), seat, stamp), work, self.share)

    def _scale(self) -> None:
        """One scale for all boards, which grows at once and shrinks slowly: colours keep their meaning from
        board to board and from map to map. What mattered is told of each choice by itself."""
        told = [layer.grid for layer in self.layers.values() if np.isfinite(layer.grid).any()]
        if self.kind in SALIENCY or not told:
            return
        low = min(float(np.nanmin(grid)) for grid in told) if self.kind == "values" else 0.0
        high = max(float(np.nanmax(grid)) for grid in told)
        if self._range is not None:
            low = min(low, self._range[0] + EASE * (low - self._range[0]))
            high = max(high, self._range[1] + EASE * (high - self._range[1]))
        self._range = low, high
        for seat, layer in self.layers.items():
            self.layers[seat] = replace(layer, low=low, high=high)


def kinds(bout: Bout) -> tuple[Kind, ...]:
    """What can be laid over the boards of a bout: of nobody's but agents', and not before people who play."""
    agents = [seat for seat, player in enumerate(bout.match.players) if isinstance(player, AgentPlayer)]
    if bout.people or not agents:
        return ()
    game = bout.match.place(agents[0])[0]
    sees = np.shape(game.observe(0))
    found: tuple[Kind, ...] = ()
    if _has_cells(game) or saliency.is_picture(sees):
        found += SALIENCY
    if glides(game.spec):
        found += MAPS if _has_cells(game) else ("visits",)
    return found


def _has_cells(game: Game) -> bool:
    return glides(game.spec) and cast("MazeGame", game).options.observation != "picture"


Work = Callable[[], Layer | None]


def _work(kind: Kind, player: AgentPlayer, game: Game, seat: int, paused: bool) -> Work | None:
    """The making of one map from copies of what it needs, so that the match goes on meanwhile."""
    agent, observation = player.agent, player.observation
    if kind == "values":
        return _values(agent, cast("MazeGame", game), seat)
    if observation is None:
        return None
    if _has_cells(game):
        return _tiles_that_mattered(kind, agent, cast("MazeGame", game), seat, observation)
    places = PLACES_PAUSED if paused else PLACES

    def work() -> Layer | None:
        layer = _glow(kind, saliency.of_picture(agent, observation, places), (0.0, 0.0, 1.0, 1.0))
        return layer and replace(layer, grid=game.on_screen(seat, layer.grid))

    return work


def _values(agent: Agent, game: "MazeGame", seat: int) -> Work:
    from arena.games.maze.layouts import FLOOR
    from arena.games.maze.survey import open_tiles, views
    from arena.games.maze.world import BORDER, WIND, Worlds

    worlds = Worlds._make(part.copy() for part in game.worlds)
    options, settings = game.options, game.settings

    def work() -> Layer | None:
        tiles = open_tiles(worlds, seat)
        value = agent.inspect(views(worlds, options, settings, seat, tiles)).value
        if value is None:
            return None
        grid = np.full((options.size, options.size), np.nan, np.float32)
        grid[tuple(tiles.T)] = value
        lying = worlds.tiles[0, BORDER:-BORDER, BORDER:-BORDER]
        return Layer("values", grid, (0.0, 0.0, 1.0, 1.0), 0.0, 1.0, (lying != FLOOR) & (lying < WIND))

    return work


def _tiles_that_mattered(
    kind: Kind, agent: Agent, game: "MazeGame", seat: int, observation: NDArray[np.uint8]
) -> Work:
    _, scattered, _ = game.options.rules.planes()
    size, (_, rows, columns) = game.options.size, observation.shape
    if game.options.observation == "grid":
        area = (0.0, 0.0, 1.0, 1.0)
    else:
        row, column = game.standing(seat, 0.0)  # where it stood when it decided
        area = ((column - columns // 2) / size, (row - rows // 2) / size, columns / size, rows / size)
    return lambda: _glow(kind, saliency.of_cells(agent, observation, scattered), area)


NOTHING = 1e-6
"""Where no change is larger, nothing mattered."""


def _glow(kind: Kind, found: saliency.Saliency, area: tuple[float, float, float, float]) -> Layer | None:
    grid = found.choice if kind == "choice" else found.value
    if grid is None:
        return None
    return Layer(kind, np.sqrt(grid), area, 0.0, float(np.sqrt(max(grid.max(), NOTHING))))


def _visits(been: NDArray[np.int32]) -> Layer:
    grid = np.where(been > 0, been, np.nan).astype(np.float32)
    return Layer("visits", grid, (0.0, 0.0, 1.0, 1.0), 0.0, float(been.max()))


Key = tuple[Kind, int, int, Stamp]
"""(kind, bout, seat, what it was made from)."""


class _Side:
    """One piece of work at a time beside the drawing, with rests between that keep to a share of the time."""

    def __init__(self) -> None:
        self._thread: threading.Thread | None = None
        self._done: tuple[Key, Layer | None] | None = None
        self._rest_until = 0.0

    @property
    def busy(self) -> bool:
        """Whether something is being done, or it is resting."""
        return (self._thread is not None and self._thread.is_alive()) or time.monotonic() < self._rest_until

    def begin(self, key: Key, work: Work, share: float) -> None:
        def run() -> None:
            began = time.thread_time()
            try:
                layer = work()
            except Exception:  # an agent may play well and still have no words for it
                layer = None
            cost = time.thread_time() - began
            self._rest_until = time.monotonic() + cost * (1 / share - 1)
            self._done = key, layer

        self._done = None
        self._thread = threading.Thread(target=run, daemon=True)
        self._thread.start()

    def done(self) -> tuple[Key, Layer | None] | None:
        """What has been made since the last call, if anything."""
        done, self._done = self._done, None
        return done

    def wait(self) -> None:
        """Until it is done, without a rest."""
        if self._thread is not None:
            self._thread.join()
        self._rest_until = 0.0

    def close(self) -> None:
        if self._thread is not None:
            self._thread.join(timeout=1.0)
