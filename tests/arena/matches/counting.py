"""A tiny game, to test the match loop with: press `count` more often than the others."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from arena.errors import UsageError
from arena.games import catalog
from arena.games.game import Game, GameSpec, Snapshot, Tick

ALONE, TOGETHER = "test/alone", "test/together"


class Counting(Game):
    """Actions: idle, count, gamble (which counts by chance). It ends after `length` ticks."""

    def __init__(self, game_id: str, seats: int, length: int, limit: int | None, actions: int) -> None:
        names = ("idle", "count", "gamble", *(f"spare {n}" for n in range(actions - 3)))
        self.spec = GameSpec(game_id, "Counting", seats, names, 0, 60.0, max_ticks=limit)
        self.length = length
        self.closed = False

    def reset(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.counts = [0] * self.spec.seats
        self.ticks = 0

    def tick(self, actions: Sequence[int]) -> Tick:
        assert len(actions) == self.spec.seats
        luck = self.rng.integers(3, size=len(actions))
        for seat, action in enumerate(actions):
            self.counts[seat] += int(luck[seat]) if action == 2 else action == 1
        self.ticks += 1
        return Tick((0.0,) * self.spec.seats, terminated=self.ticks >= self.length)

    def observe(self, seat: int) -> NDArray[Any]:
        return np.array([self.ticks, self.counts[seat]], np.float32)

    def frame(self, seat: int | None = None, *, blend: float = 1.0) -> NDArray[np.uint8]:
        return np.zeros((1, 1, 3), np.uint8)

    def scores(self) -> tuple[float, ...]:
        return tuple(map(float, self.counts))

    def snapshot(self) -> Snapshot:
        return Snapshot(self.spec.id, (self.rng.bit_generator.state, list(self.counts), self.ticks))

    def restore(self, snapshot: Snapshot) -> None:
        state, counts, self.ticks = snapshot.state
        self.rng.bit_generator.state, self.counts = state, list(counts)

    def digest(self) -> int:
        return hash((self.ticks, *self.counts)) & (2**64 - 1)

    def close(self) -> None:
        self.closed = True


def make(game_id: str, **options: Any) -> Counting:
    seats = options.pop("seats", 1)
    length, limit, actions = options.pop("length", 5), options.pop("limit", None), options.pop("actions", 3)
    if options:
        raise UsageError(f"{game_id} has no option {min(options)}")
    return Counting(game_id, seats, length, limit, actions)


@pytest.fixture(autouse=True)
def counting(monkeypatch: pytest.MonkeyPatch) -> None:
    """`ALONE` and `TOGETHER` are in the catalog."""
    module = "tests.arena.matches.counting"
    games = (
        catalog.Entry(ALONE, "Alone", "", (1,), module, module),
        catalog.Entry(TOGETHER, "Together", "", (2, 3, 4), module, module),
        *catalog.MAZES,
    )
    monkeypatch.setattr(catalog, "entries", lambda: games)
