"""How a run learns, followed as its file of metrics grows: read once, kept small, whatever its length.

A run writes a line an iteration, a hundred megabytes of them in a long training. What is new is read and
nothing twice; of a long file that is met for the first time, blocks are read that lie evenly in it; and of
each metric at most `MOST` points are kept, means of what lies between them.
"""

import contextlib
import json
import math
import os
import threading
from array import array
from collections import OrderedDict, deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from arena.store.runs import Run

MOST = 2048
"""Points of one curve; more than any terminal has columns."""

BLOCKS, BLOCK = 512, 4096
"""So many blocks of so many bytes are read of a longer file that is met for the first time."""

TAIL = 1 << 16
"""So many bytes at the end of such a file are read whole: speed and shares are told from these alone."""

PACE = 30.0
"""Seconds of training over which speed and shares of the time are told."""

FOLLOWED = 64
"""Runs whose curves are kept, those that were looked at last."""

HEADLINES = ("charts/episodic_return", "charts/best_score")
"""The metrics that tell in one figure how well a run does: agents that play have the first, and those that
explore the second."""

WHEN = ("step", "seconds")
"""What tells of a line when it was; the rest are metrics."""


def headline(latest: Mapping[str, float]) -> float | None:
    """The figure by which a run is told first, of its latest metrics."""
    return next((latest[name] for name in HEADLINES if name in latest), None)


class Curve:
    """A metric over a run. Where it grows too long, neighbours become their mean."""

    def __init__(self) -> None:
        self.steps, self.seconds, self.values = array("d"), array("d"), array("d")
        self._each = 1
        """Lines in a point."""
        self._sums = [0.0, 0.0, 0.0]
        self._count = 0
        """Of the lines that make no whole point yet."""

    def add(self, step: float, seconds: float, value: float) -> None:
        for at, number in enumerate((step, seconds, value)):
            self._sums[at] += number
        self._count += 1
        if self._count == self._each:
            self._columns_take(*(total / self._count for total in self._sums))
            self._sums, self._count = [0.0, 0.0, 0.0], 0
        if len(self.values) >= MOST:
            for column in (self.steps, self.seconds, self.values):
                column[:] = array("d", [(a + b) / 2 for a, b in zip(column[::2], column[1::2], strict=True)])
            self._each *= 2

    def _columns_take(self, step: float, seconds: float, value: float) -> None:
        self.steps.append(step)
        self.seconds.append(seconds)
        self.values.append(value)

    def copy(self) -> "Curve":
        """As it is now, with the lines that make no whole point yet as its last."""
        twin = Curve()
        twin.steps, twin.seconds, twin.values = self.steps[:], self.seconds[:], self.values[:]
        if self._count:
            twin._columns_take(*(total / self._count for total in self._sums))
        return twin


@dataclass(frozen=True, slots=True)
class Progress:
    """How a run learns, as far as its metrics have been read."""

    curves: Mapping[str, Curve]
    """By the name of the metric."""
    latest: Mapping[str, float]
    """Each metric's latest value, by its name; `step` and `seconds` among them."""
    speed: float
    """Steps a second, lately; 0 while unknown."""
    shares: Mapping[str, float]
    """What the time went into, lately: `act`, `env`, `learn`, ..., `other`, as shares of it."""


class Follower:
    """Reads one run's metrics on."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = 0
        """Which file it was: a resumed run has a new one."""
        self._forget()

    def _forget(self) -> None:
        self._read = 0
        """How much of the file has been read."""
        self._curves: dict[str, Curve] = {}
        self._latest: dict[str, float] = {}
        self._recent: deque[dict[str, float]] = deque()
        """What the lines of the last `PACE` seconds of training say of time."""
        self._known = Progress({}, {}, 0.0, {})

    def read(self) -> Progress:
        """What is known after reading on: the same object where there was nothing new, and else another, so
        that nobody's changes under the eyes. A last line that is still being written waits."""
        with contextlib.suppress(OSError), self._path.open("rb") as file:
            at = os.fstat(file.fileno())
            if at.st_ino != self._file or at.st_size < self._read:
                self._forget()
                self._file = at.st_ino
            begin = self._read
            if begin == 0 and at.st_size > BLOCKS * BLOCK:
                begin = at.st_size - min(TAIL, at.st_size // 2)
                for block in _samples(file.fileno(), begin):
                    self._take_all(block)
                self._recent.clear()  # between these lines lie others, whose time would be missing
            if begin < at.st_size:
                file.seek(begin)
                data = file.read(at.st_size - begin)
                torn = data.find(b"\n") + 1 if begin != self._read else 0
                whole = data.rfind(b"\n") + 1
                self._read = begin + whole
                if whole > torn:
                    self._take_all(data[torn:whole])
                    self._know()
        return self._known

    def _take_all(self, data: bytes) -> None:
        for text in data.splitlines():
            with contextlib.suppress(ValueError, OverflowError, RecursionError):  # a line that a crash tore
                line = json.loads(text)
                if isinstance(line, dict):
                    numbers = {name: float(v) for name, v in line.items() if isinstance(v, int | float)}
                    self._take({name: v for name, v in numbers.items() if math.isfinite(v)})

    def _take(self, line: Mapping[str, float]) -> None:
        if not all(name in line for name in WHEN):
            return
        step, seconds = line["step"], line["seconds"]
        for name, value in line.items():
            if name not in WHEN:
                self._curves.setdefault(name, Curve()).add(step, seconds, value)
        self._latest |= line
        self._recent.append({n: v for n, v in line.items() if n in WHEN or n.startswith("time/")})
        while len(self._recent) > 2 and seconds - self._recent[0]["seconds"] > PACE:
            self._recent.popleft()

    def _know(self) -> None:
        speed, shares = 0.0, {}
        if len(self._recent) > 1:
            first, last = self._recent[0], self._recent[-1]
            lasted = last["seconds"] - first["seconds"]
            speed = max(0.0, last["step"] - first["step"]) / lasted if lasted > 0 else 0.0
            shares = _shares(self._recent, lasted)
        curves = {name: curve.copy() for name, curve in self._curves.items()}
        self._known = Progress(curves, dict(self._latest), speed, shares)


def _samples(descriptor: int, size: int) -> Iterator[bytes]:
    """Whole lines from blocks that lie evenly in the first `size` bytes."""
    for number in range(BLOCKS):
        os.lseek(descriptor, number * (size - BLOCK) // BLOCKS, os.SEEK_SET)
        block = os.read(descriptor, BLOCK)
        begin = block.find(b"\n") + 1 if number else 0
        yield block[begin : block.rfind(b"\n") + 1]


def _shares(lines: Iterable[Mapping[str, float]], lasted: float) -> dict[str, float]:
    """What the time between the first and the last of `lines` went into."""
    spent: dict[str, float] = {}
    for _, line in pairwise(lines):
        for name, value in line.items():
            if name.startswith("time/"):
                spent[name[5:]] = spent.get(name[5:], 0.0) + value
    whole = max(lasted, sum(spent.values()))
    if not spent or whole <= 0:
        return {}
    other = 1 - sum(spent.values()) / whole
    return {name: value / whole for name, value in spent.items()} | {"other": other}


_followed: "OrderedDict[Path, Follower]" = OrderedDict()
_reading = threading.Lock()


def progress(run: "Run") -> Progress:
    """How `run` has learned so far. Only what is new is read."""
    with _reading:
        follower = _followed.setdefault(run.folder, Follower(run.folder / "metrics.jsonl"))
        _followed.move_to_end(run.folder)
        while len(_followed) > FOLLOWED:
            _followed.popitem(last=False)
        return follower.read()
