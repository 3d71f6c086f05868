"""One match on show: its ticks in time, its pictures, and what its agents thought along the way."""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from agents.agent import Insight
from arena.games.game import Game, GameSpec
from arena.matches.match import Match
from arena.window.pace import Pace

HISTORY = 240
"""Decisions of which the state's value is remembered, for the line of it."""

BUDGET = 0.012
"""Seconds of ticks between two pictures; what does not fit makes the match slower, never coarser."""


@dataclass(frozen=True, slots=True)
class Sight:
    """One panel: a game as one seat sees it (or as a whole), and the seats whose names stand above it."""

    game: Game
    seat: int | None
    seats: tuple[int, ...]


def glides(spec: GameSpec) -> bool:
    """Whether a game's pieces move smoothly between its ticks, so that pictures differ between them."""
    return spec.id.startswith("maze/")


class Bout:
    """A match with a clock."""

    def __init__(self, match: Match, speed: float = 1.0) -> None:
        self.match = match
        self.pace = Pace(match.games[0].spec.tick_rate)
        self.pace.speed = speed
        self.values: list[deque[float]] = [deque(maxlen=HISTORY) for _ in match.players]
        self.people = tuple(s for s, p in enumerate(match.players) if p.identity.kind == "human")
        self.veiled = not match.duel and _seats_see_different_things(match.games[0], len(match.players))
        self.frozen = False
        """Another thread plays the match on: nothing of it is looked at meanwhile."""
        self._thoughts: list[Insight | None] = [None] * len(match.players)
        self._decision = -1
        self._frames: dict[tuple[int, int | None], tuple[int, float, NDArray[np.uint8]]] = {}

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
        self.match.tick()

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

    def frame(self, sight: Sight) -> NDArray[np.uint8]:
        """(H, W, 3): the picture of `sight` now. The same array until something has moved."""
        key = (id(sight.game), sight.seat)
        moves = glides(sight.game.spec) and any(map(self.match.playing, sight.seats))
        now = (self.match.ticks, self.blend if moves else 1.0)
        known = self._frames.get(key)
        if known is None or (known[:2] != now and not self.frozen):
            known = (*now, sight.game.frame(sight.seat, blend=now[1]))
            self._frames[key] = known
        return known[2]

    def redraw(self) -> None:
        """Forget the pictures: the games were put into another state."""
        self._frames.clear()

    def think(self) -> list[Insight | None]:
        """What every player thought at its last decision; also remembers the values. Costs a look into every
        agent per decision, so it is asked for only while somebody looks."""
        every = self.match.games[0].spec.ticks_per_decision
        decision = (self.match.ticks + every - 1) // every
        if decision != self._decision and not self.frozen:
            self._decision = decision
            self._thoughts = [self._thought(seat) for seat in range(len(self.match.players))]
            for seat, thought in enumerate(self._thoughts):
                if thought is not None and thought.value is not None and self.match.playing(seat):
                    self.values[seat].append(float(thought.value[0]))
        return self._thoughts

    def _thought(self, seat: int) -> Insight | None:
        if not self.match.ticks or not self.match.playing(seat):
            return self._thoughts[seat]
        try:
            return self.match.players[seat].insight()
        except Exception:  # an agent may play well and still have no words for it
            return None


def _seats_see_different_things(game: Game, seats: int) -> bool:
    whole = game.frame(None)
    return any(not np.array_equal(game.frame(seat), whole) for seat in range(seats))
