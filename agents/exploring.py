"""What one explorer of Go-Explore does: return to a cell, act at random from there, and tell what it saw.

Many may do so at once, each with a simulator of its own. An exploration depends on nothing but where it
begins and its own chance. What is already known only spares telling it again.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from agents.cells import Shape, Shrinking, packed_picture

END = b""
"""The cell of games that are over. Nothing can be explored from there, but the best score may be there."""


class Spot(NamedTuple):
    """A place on a game's screens."""

    room: int
    """Which screen: rooms in Atari, the keys that are held in mazes; -1 where it is not known."""
    x: int
    y: int
    """Pixels of `Simulator.picture`, from the left and from the top."""


NOWHERE = Spot(-1, -1, -1)


class Simulator(Protocol):
    """A game that can be put back to where it was. Deterministic: no sticky actions, no chance of its own
    that a snapshot does not hold."""

    actions: int
    """They are counted from 0."""
    longest: int
    """Actions after which a game is over in any case."""

    def reset(self) -> None:
        """Begin the game, always the same."""

    def step(self, action: int) -> tuple[float, bool]:
        """(what the score rose by, whether the game is over)."""

    def lives(self) -> int:
        """How many are left; 0 in games that do not count them."""

    def picture(self) -> NDArray[np.uint8]:
        """(height, width) in grey: what is to be seen after a step. It may be overwritten by the next."""

    def spot(self) -> Spot:
        """Where the player is to be seen, as far as that is known of the game. It is for people to look at,
        and for counting rooms: nothing is explored by it."""

    def knowledge(self) -> bytes:
        """What somebody who knows the game would tell places apart by: position, room, keys.

        Raises NotImplementedError in games of which that is not known.
        """

    def save(self) -> bytes: ...

    def load(self, snapshot: bytes) -> None: ...


class Known(NamedTuple):
    """A cell, and how it has been reached."""

    cell: bytes
    score: float
    length: int


class Start(NamedTuple):
    """Where an exploration begins, and its chance."""

    number: int
    snapshot: bytes | None
    """None: the game's start."""
    way: bytes
    """Actions from the snapshot to the cell."""
    score: float
    length: int
    """Of the whole trajectory to the cell."""
    seed: tuple[int, ...]


class Find(NamedTuple):
    """A cell that was new, or reached better than was known."""

    known: Known
    actions: int
    """Of the exploration, until there."""
    snapshot: bytes | None
    """None where the game was over."""
    spot: Spot
    picture: bytes | None = None
    """What was to be seen there, as `packed_picture` packs it, where cells may have to be told apart anew."""


@dataclass(frozen=True, slots=True)
class Exploration:
    """What came of a `Start`."""

    number: int
    actions: bytes
    """All that were taken."""
    visits: tuple[bytes, ...]
    """Every cell it came through, once, in order."""
    finds: tuple[Find, ...]
    """In order."""
    home: bytes | None
    """A snapshot of where it began, where it was given none."""
    picture: bytes | None
    """What was to be seen at some moment of it, as with `Find`."""


@dataclass(frozen=True, slots=True)
class Chart:
    """How to explore, and what to call a cell."""

    shape: Shape | None
    """Of shrunk pictures; None tells cells apart by knowledge of the game."""
    steps: int
    """Actions of an exploration at most."""
    repeat: float
    """The probability that an action is taken again."""
    pictures: bool
    """Whether to tell what was to be seen."""
    one_life: bool
    """Whether a game is over with the first life that is lost."""


class Explorer:
    """One simulator, and what its explorer knows of the archive."""

    def __init__(self, simulator: Simulator, chart: Chart) -> None:
        self.simulator, self.chart = simulator, chart
        self._known: dict[bytes, tuple[float, int]] = {}
        self._shrink: Shrinking | None = None

    def hear(self, news: Iterable[Known]) -> None:
        """Cells as they are in the archive now."""
        self._known.update((cell, (score, length)) for cell, score, length in news)

    def begin(self) -> Find:
        """The start as a cell, which takes no actions."""
        self.simulator.reset()
        cell = Known(self._cell(), 0.0, 0)
        return Find(cell, 0, self.simulator.save(), self.simulator.spot(), self._picture())

    def explore(self, start: Start) -> Exploration:
        """Return to where it begins, act at random, and tell of every cell on the way."""
        simulator, known = self.simulator, self._known
        rng = np.random.default_rng(start.seed)
        self._go(start.snapshot, start.way)
        home = simulator.save() if start.snapshot is None else None
        score = start.score
        actions = self._draw(rng, min(self.chart.steps, simulator.longest - start.length))
        look = int(rng.integers(1, max(len(actions), 1), endpoint=True)) if self.chart.pictures else 0
        lives = simulator.lives() if self.chart.one_life else 0
        visits: dict[bytes, None] = {}
        finds: list[Find] = []
        picture, taken = None, 0
        for action in actions:
            reward, over = simulator.step(action)
            taken += 1
            score += reward
            over |= simulator.lives() < lives
            cell = END if over else self._cell()
            visits[cell] = None
            length = start.length + taken
            before = known.get(cell)
            if before is None or score > before[0] or (score == before[0] and length < before[1]):
                known[cell] = score, length
                saved = (
                    (None, NOWHERE, None) if over else (simulator.save(), simulator.spot(), self._picture())
                )
                finds.append(Find(Known(cell, score, length), taken, *saved))
            if over:
                break
            if taken == look:
                picture = self._picture()
        return Exploration(start.number, bytes(actions[:taken]), tuple(visits), tuple(finds), home, picture)

    def replay(self, actions: bytes) -> float:
        """The score of `actions` from the start; those after the end of the game count for nothing."""
        return self._go(None, actions)

    def _cell(self) -> bytes:
        if self.chart.shape is None:
            return self.simulator.knowledge()
        picture = self.simulator.picture()
        if self._shrink is None:
            self._shrink = Shrinking(picture.shape, self.chart.shape)
        return self._shrink(picture)

    def _picture(self) -> bytes | None:
        return packed_picture(self.simulator.picture()) if self.chart.pictures else None

    def _go(self, snapshot: bytes | None, way: bytes) -> float:
        if snapshot is None:
            self.simulator.reset()
        else:
            self.simulator.load(snapshot)
        score = 0.0
        for action in way:
            reward, over = self.simulator.step(action)
            score += reward
            if over:
                break
        return score

    def _draw(self, rng: np.random.Generator, steps: int) -> list[int]:
        """Actions at random, each repeated with probability `repeat`."""
        fresh = rng.integers(self.simulator.actions, size=steps)
        change = rng.random(steps) >= self.chart.repeat
        if steps:
            change[0] = True
        # Each takes the last action at which there was a change.
        last = np.maximum.accumulate(np.where(change, np.arange(steps), 0))
        drawn: list[int] = fresh[last].tolist()
        return drawn
