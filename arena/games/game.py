"""A game as a match sees it: one tick at a time, for every seat."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from arena.games.restorable import Restorable


@dataclass(frozen=True, slots=True)
class GameSpec:
    """What is fixed about a game once it has been made with its options."""

    id: str
    title: str
    seats: int
    """Seats in one world. Several players on a one-seat game play copies of it (a duel)."""
    actions: tuple[str, ...]
    """Name of each action, in order: what a player answers is an index into it."""
    idle_action: int
    """What a person does who presses nothing."""
    tick_rate: float
    """Ticks a second at normal speed."""
    ticks_per_decision: int = 1
    """An agent decides every so many ticks; its action is held between."""
    max_ticks: int | None = None
    """A match is over after so many ticks, whatever the game says."""
    places: tuple[str, ...] = ()
    """Where each seat plays on a screen that all share, in words for a person, where that does not show."""


@dataclass(frozen=True, slots=True)
class Tick:
    """What one advance of the game brought."""

    rewards: tuple[float, ...]
    """One a seat."""
    terminated: bool = False
    """The rules ended the game."""
    truncated: bool = False
    """A time limit ended the game."""

    @property
    def ended(self) -> bool:
        return self.terminated or self.truncated


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A game's whole state, to be given back to a game of the same id and options. Never stored."""

    game: str
    state: Any


class Game(ABC):
    """A game in play. Deterministic given the seed and the actions; owns every generator it draws from."""

    spec: GameSpec

    @abstractmethod
    def reset(self, seed: int) -> None:
        """Start anew. The seed chooses the level or the opening, and all chance that follows."""

    @abstractmethod
    def tick(self, actions: Sequence[int]) -> Tick:
        """Advance by one tick, with one action a seat. Raises ValueError for an action out of range."""

    @abstractmethod
    def observe(self, seat: int) -> NDArray[Any]:
        """What an agent in `seat` is given: equal, byte for byte, to what it was trained on."""

    @abstractmethod
    def frame(self, seat: int | None = None, *, blend: float = 1.0) -> NDArray[np.uint8]:
        """(H, W, 3): what a person sees; from `seat` where seats see different things, else all of it.

        `blend` in [0, 1] is how far the picture is between the previous tick and this one, for games
        whose pieces glide; others draw this tick.
        """

    @abstractmethod
    def scores(self) -> tuple[float, ...]:
        """The game's own score for each seat (not summed rewards); more is better."""

    @abstractmethod
    def snapshot(self) -> Snapshot:
        """The whole state, cheap to take."""

    @abstractmethod
    def restore(self, snapshot: Snapshot) -> None:
        """Go back to `snapshot`: the same actions then bring the same ticks, observations and digests."""

    @abstractmethod
    def digest(self) -> int:
        """64 bits of the state that matters: equal states have equal digests, in every process."""

    def meant(self, seat: int, action: int) -> int:
        """The action that does what `action` does in the picture that `observe(seat)` shows, which may be
        turned."""
        return action

    def on_screen(self, seat: int, picture: NDArray[Any]) -> NDArray[Any]:
        """(rows, columns, ...) over the picture that `observe(seat)` shows, as it lies over `frame`."""
        return picture

    def shortest_path_action(self, seat: int) -> int:
        """The first action of a shortest path to what `seat` wants, in games that know one.

        Raises NotImplementedError in those that do not (`Entry.pathfinder` in the catalog says which).
        """
        raise NotImplementedError(f"{self.spec.id} knows no shortest path")

    def simulator(self, seat: int) -> "Restorable":
        """A simulator of this game as it is now, for `seat` to try things in: what it does there is not done
        here. All others do nothing in it.

        Raises NotImplementedError in games that cannot be put back.
        """
        raise NotImplementedError(f"{self.spec.id} cannot be put back to where it was")

    def close(self) -> None:  # noqa: B027 - most games hold nothing that needs closing
        """Let go of what the game holds."""
