"""Time into ticks: exact, at any speed, without ever skipping one."""

SPEEDS = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0)

_STEADY = 1 / 60
"""Seconds between two pictures of a usual screen."""

_LONGEST = 0.1
"""Seconds: whatever is longer was a stall, and is not caught up with."""


class Pace:
    """How many ticks are due, and how far the picture is between two of them."""

    def __init__(self, tick_rate: float) -> None:
        self.tick_rate = tick_rate
        self.speed = 1.0
        self.owed = 0.0
        """Ticks owed; below 1 after `due`."""

    def faster(self) -> None:
        self.speed = SPEEDS[min(SPEEDS.index(self.speed) + 1, len(SPEEDS) - 1)]

    def slower(self) -> None:
        self.speed = SPEEDS[max(SPEEDS.index(self.speed) - 1, 0)]

    def due(self, elapsed: float) -> int:
        """The whole ticks that `elapsed` more seconds make due."""
        if abs(elapsed - _STEADY) < _STEADY / 4:
            elapsed = (
                _STEADY  # a frame a little early or late is still one frame: no tick doubled, none left out
            )
        self.owed += min(elapsed, _LONGEST) * self.tick_rate * self.speed
        ticks = int(self.owed + 1e-9)
        self.owed = max(self.owed - ticks, 0.0)
        return ticks

    @property
    def blend(self) -> float:
        """Share of the way from the previous tick to the current one that has gone by."""
        return min(self.owed, 1.0)
