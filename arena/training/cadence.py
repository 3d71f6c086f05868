"""How often a training is kept."""

import contextlib
import time
from collections.abc import Callable, Iterator

SHARE = 0.03
"""Of a training's time that may go into keeping it: a replay buffer of gigabytes takes a minute to write."""


class Cadence:
    """When a checkpoint is due: some seconds after the last one, or later where it takes long to write."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        """`seconds` between two of them; 0 for one after every iteration, however long it takes."""
        self._clock = clock
        self._seconds, self._interval = seconds, seconds
        self._last = clock()

    def due(self) -> bool:
        return self._clock() - self._last >= self._interval

    @contextlib.contextmanager
    def keeping(self) -> Iterator[None]:
        """Within, a checkpoint is written. The next will take as long, so it waits until that is worth it."""
        began = self._clock()
        yield
        self._last = self._clock()
        if self._seconds:
            self._interval = max(self._seconds, (self._last - began) / SHARE)
