"""One match on show: its ticks in time, its pictures, and what its agents thought along the way."""

import math
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, cast, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from agents.agent import Insight
from arena.games.game import Game, GameSpec
from arena.matches.match import Match
from arena.matches.player import Player
from arena.store.records import Option
from arena.window import theme
from arena.window.pace import Pace

if TYPE_CHECKING:
    from arena.games.maze.game import MazeGame

HISTORY = 240
"""Decisions of which the state's value is remembered, for the line of it."""

EASE = 0.02
"""How fast the scale of the values becomes narrower, a decision."""

BUDGET = 0.012
"""Seconds of ticks between two pictures; what does not fit makes the match slower, never coarser."""


TILE = 16
"""Pixels a tile of a maze's picture at scale 1."""

SMOOTH = 64
"""Steps of the scale of a picture that may be scaled smoothly."""

UNHEARD = 8
"""Ticks whose sound is remembered for who asks for it."""


@dataclass(frozen=True, slots=True)
class Sight:
    """One panel: a game as one seat sees it (or as a whole), and the seats whose names stand above it."""

    game: Game
    seat: int | None
    seats: tuple[int, ...]


def glides(spec: GameSpec) -> bool:
    """Whether a game's pieces move smoothly between its ticks, so that pictures differ between them."""
    return spec.id.startswith("maze/")


def grain(spec: GameSpec) -> int:
    """The scale of a game's picture is a multiple of 1 / grain: the pixels of Atari stay whole, mazes are
    drawn with any number of pixels a tile, and other pictures may be scaled smoothly."""
    return {"atari": 1, "versus": 1, "maze": TILE}.get(spec.id.partition("/")[0], SMOOTH)


@runtime_checkable
class Audible(Protocol):
    """A game that can be heard."""

    def audio(self) -> bytes:
        """The sound of the last tick, as `AtariGame.audio`."""


class Bout:
    """A match with a clock."""

    def __init__(self, match: Match, speed: float = 1.0) -> None:
        self.match = match
        self.pace = Pace(match.games[0].spec.tick_rate)
        self.pace.speed = speed
        self.values: list[deque[float]] = [deque(maxlen=HISTORY) for _ in match.players]
        self.value_range = (0.0, 0.0)
        """The scale of the values: from the least to the greatest of those that are remembered, about."""
        self.decisions = 0
        """Of which values have been seen."""
        self.visits = [_footing(*match.place(seat)) for seat in range(len(match.players))]
        """In a maze, for each seat: (rows, columns), how often it has stood on each tile; else empty."""
        self.people = tuple(s for s, p in enumerate(match.players) if p.identity.kind == "human")
        self.veiled = not match.duel and _seats_see_different_things(match.games[0], len(match.players))
        self.frozen = False
        """Another thread plays the match on: nothing of it is looked at meanwhile."""
        self._thoughts: list[Insight | None] = [None] * len(match.players)
        self.decision = -1
        """The number of the decision that was thought about last."""
        self._frames: dict[tuple[int, int | None], tuple[tuple[int, float, float], NDArray[np.uint8]]] = {}
        self._shapes: dict[tuple[int, int | None], tuple[int, int]] = {}
        self._ear = self.people[0] if self.people else 0
        """The seat whose game is heard."""
        self._sound: deque[bytes] = deque(maxlen=UNHEARD)

    @property
    def seconds(self) -> float:
        """The match's own time."""
        return self.match.ticks / self.pace.tick_rate

    @property
    def blend(self) -> float:
        """How far the picture is between the last tick and this one; all the way at the start and the end."""
        return 1.0 if self.match.finished or self.match.ticks == 0 else self.pace.blend

    def advance(self, elapsed: float, clock: Callable[[], float] = time.perf_counter) -> None:
        """Play the ticks that `elapsed` seconds make due, or as many as there is time for."""
        until = clock() + BUDGET
        for _ in range(self.pace.due(elapsed)):
            if self.match.finished or clock() > until:
                return
            self.tick()

    def tick(self) -> None:
        game, running = self.match.place(self._ear)[0], self.match.playing(self._ear)
        walking = [seat for seat, been in enumerate(self.visits) if been.size and self.match.playing(seat)]
        self.match.tick()
        for seat in walking:
            self.visits[seat] += _footing(*self.match.place(seat))
        if running and isinstance(game, Audible):
            self._sound.append(game.audio())

    @property
    def seeking(self) -> bool:
        """Whether it is on the way to another moment."""
        return False

    @property
    def audible(self) -> bool:
        """Whether there is anything to be heard."""
        return isinstance(self.match.place(self._ear)[0], Audible)

    def hear(self) -> list[bytes]:
        """The sound of the ticks since the last call, one piece a tick: of a person's game, or the first."""
        heard = list(self._sound)
        self._sound.clear()
        return heard

    def sights(self, whole: bool = False) -> list[Sight]:
        """The panels. A duel shows every copy. A shared world is one picture, unless its seats see
        different things: then it is what the people see, or where nobody is one, what every player sees."""
        match = self.match
        everyone = tuple(range(len(match.players)))
        if match.duel:
            return [Sight(game, None, (seat,)) for seat, game in enumerate(match.games)]
        if whole or not self.veiled:
            return [Sight(match.games[0], None, everyone)]
        shown = self.people or everyone
        rest = tuple(seat for seat in everyone if seat not in shown)
        return [
            Sight(match.games[0], seat, (seat, *rest) if seat == shown[-1] else (seat,)) for seat in shown
        ]

    def shape(self, sight: Sight) -> tuple[int, int]:
        """(H, W) of the picture of `sight` at scale 1."""
        key = (id(sight.game), sight.seat)
        if key not in self._shapes:
            tall, wide = self.frame(sight).shape[:2]
            self._shapes[key] = tall, wide
        return self._shapes[key]

    def frame(self, sight: Sight, scale: float = 1.0) -> NDArray[np.uint8]:
        """(H, W, 3): the picture of `sight` now. The same array until something has moved.

        Mazes are drawn at `scale`, with each player in its seat's colour; others as the game draws them.
        """
        key = (id(sight.game), sight.seat)
        moves = glides(sight.game.spec) and any(map(self.match.playing, sight.seats))
        now = (self.match.ticks, self.blend if moves else 1.0, scale)
        known = self._frames.get(key)
        if known is None or (known[0] != now and not self.frozen):
            known = now, self._drawn(sight, now[1], scale)
            self._frames[key] = known
        return known[1]

    def _drawn(self, sight: Sight, blend: float, scale: float) -> NDArray[np.uint8]:
        if not glides(sight.game.spec):
            return sight.game.frame(sight.seat, blend=blend)
        maze = cast("MazeGame", sight.game)
        colours = [
            theme.seat(seat) for seat in (sight.seats if self.match.duel else range(len(self.match.players)))
        ]
        return maze.frame(sight.seat, blend=blend, tile=max(round(scale * TILE), 1), colours=colours)

    def standing(self, sight: Sight) -> list[tuple[float, float]]:
        """In a maze: row and column of the tile of everybody who is seen in the picture of `sight` now."""
        maze = cast("MazeGame", sight.game)
        moves = any(map(self.match.playing, sight.seats))
        at = [maze.standing(seat, self.blend if moves else 1.0) for seat in range(maze.spec.seats)]
        if sight.seat is None:
            return at
        row, column = at[sight.seat]
        return [each for each in at if max(abs(each[0] - row), abs(each[1] - column)) <= maze.reach]

    def rows(self, sight: Sight) -> int:
        """How many tiles a maze has from top to bottom."""
        return cast("MazeGame", sight.game).options.size

    def redraw(self) -> None:
        """Forget the pictures: the games were put into another state."""
        self._frames.clear()

    def think(self) -> list[Insight | None]:
        """What every player thought at its last decision; also remembers the values. Costs a look into every
        agent per decision, so it is asked for only while somebody looks."""
        every = self.match.games[0].spec.ticks_per_decision
        decision = (self.match.ticks + every - 1) // every
        if decision != self.decision and not self.frozen:
            self.decision = decision
            self._thoughts = [self._thought(seat) for seat in range(len(self.match.players))]
            for seat, thought in enumerate(self._thoughts):
                if thought is None or thought.value is None or not self.match.playing(seat):
                    continue
                if math.isfinite(value := float(thought.value[0])):
                    self.values[seat].append(value)
            self._widen()
        return self._thoughts

    def _widen(self) -> None:
        """Keep the scale of the values: it grows at once and shrinks slowly, so that lines stand still."""
        known = [value for values in self.values for value in values]
        if known:
            low, high = min(known), max(known)
            if self.decisions:
                low = min(low, self.value_range[0] + EASE * (low - self.value_range[0]))
                high = max(high, self.value_range[1] + EASE * (high - self.value_range[1]))
            self.value_range = low, high
            self.decisions += 1

    def _thought(self, seat: int) -> Insight | None:
        if not self.match.ticks or not self.match.playing(seat):
            return self._thoughts[seat]
        try:
            return self.match.players[seat].insight()
        except Exception:  # an agent may play well and still have no words for it
            return None


def _footing(game: Game, seat: int) -> NDArray[np.int32]:
    """1 where the player of a maze stands, else 0; nothing where there is no maze."""
    if not glides(game.spec):
        return np.zeros((0, 0), np.int32)
    maze = cast("MazeGame", game)
    standing = np.zeros((maze.options.size,) * 2, np.int32)
    row, column = maze.standing(seat)
    standing[int(row), int(column)] = 1
    return standing


def _seats_see_different_things(game: Game, seats: int) -> bool:
    whole = game.frame(None)
    return any(not np.array_equal(game.frame(seat), whole) for seat in range(seats))


def warm_up(game_id: str, options: Mapping[str, Option], players: Sequence[Player], seed: int) -> None:
    """Play a tick and draw it, so that what is compiled or loaded at first use is ready before the start."""
    match = Match(game_id, players, seed, options)
    if not match.finished:
        match.tick()
    for seat in range(len(players)):
        game, at = match.place(seat)
        game.frame(at)
    match.close()
