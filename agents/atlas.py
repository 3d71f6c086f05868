"""What Go-Explore has found, for people to look at: arrays that can be kept and handed on without it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents.archive import Archive
from agents.trajectories import packed, unpacked

COLUMNS = ("rooms", "xs", "ys", "scores", "lengths", "chosen", "born")
"""What is told of every cell."""


@dataclass(frozen=True, slots=True)
class Atlas:
    """C cells, as they are in the archive."""

    rooms: NDArray[np.int32]
    """(C,): see `agents.exploring.Spot`, as `xs` and `ys`."""
    xs: NDArray[np.int16]
    ys: NDArray[np.int16]
    scores: NDArray[np.float64]
    lengths: NDArray[np.int32]
    chosen: NDArray[np.int64]
    """Explorations that set out from each."""
    born: NDArray[np.int64]
    """Actions of all exploring when each was first found."""
    latest: NDArray[np.int64]
    """Numbers of the cells from which the last ones did."""
    trajectory: bytes
    """The actions of the best one."""
    ways: Mapping[int, bytes]
    """For every room that is known, actions that lead there from the start."""
    ladder: Mapping[float, bytes]
    """For every score above 0 that has been reached, the fewest actions that lead to it."""

    def until(self, step: int) -> "Atlas":
        """The cells that had been found by then, as they became later."""
        known = self.born <= step
        columns = {name: getattr(self, name)[known] for name in COLUMNS}
        rooms = set(columns["rooms"].tolist())
        ways = {room: way for room, way in self.ways.items() if room in rooms}
        return replace(self, **columns, ways=ways, latest=np.zeros(0, np.int64))


def drawn(archive: Archive, trajectory: bytes, latest: list[int]) -> dict[str, NDArray[Any]]:
    """The archive as arrays; `read` makes an atlas of them."""
    found = archive.rooms_found()
    ways, way_ends = packed([archive.actions(number) for number in found])
    rungs = archive.scores_found()
    steps, step_ends = packed([archive.actions(number) for number in rungs])
    # Where nothing has scored yet, the longest way is the best there is.
    if not trajectory and len(archive):
        trajectory = archive.actions(int(archive.lengths.array.argmax()))
    return {
        **{name: getattr(archive, name).array.copy() for name in COLUMNS},
        "latest": np.array(latest, np.int64),
        "trajectory": np.frombuffer(trajectory, np.uint8),
        "ways": ways,
        "way_ends": way_ends,
        "way_rooms": archive.rooms.array[found].astype(np.int32),
        "rungs": steps,
        "rung_ends": step_ends,
        "rung_scores": archive.scores.array[rungs],
    }


def read(arrays: Mapping[str, NDArray[Any]]) -> Atlas:
    """Raises ValueError or KeyError where they are no atlas."""
    arrays = {"born": np.zeros(len(arrays["xs"]), np.int64), **arrays}  # an earlier arena does not tell
    columns = [arrays[name] for name in COLUMNS]
    if len({column.shape for column in columns}) != 1 or columns[0].ndim != 1:
        raise ValueError("the cells of an atlas are of different numbers")
    latest, count = arrays["latest"], len(columns[0])
    if latest.size and not 0 <= latest.min() <= latest.max() < count:
        raise ValueError("an atlas names cells that it does not have")
    ways = unpacked(arrays["ways"], arrays["way_ends"])
    rooms: list[int] = arrays["way_rooms"].tolist()
    trajectory = arrays["trajectory"].astype(np.uint8).tobytes()
    named = dict(zip(COLUMNS, columns, strict=True))
    return Atlas(
        latest=latest,
        trajectory=trajectory,
        ways=dict(zip(rooms, ways, strict=True)),
        ladder=_ladder(arrays, trajectory),
        **named,
    )


def _ladder(arrays: Mapping[str, NDArray[Any]], trajectory: bytes) -> dict[float, bytes]:
    if "rungs" not in arrays:  # of an earlier arena
        best = float(arrays["scores"].max(initial=0.0))
        return {best: trajectory} if best > 0 else {}
    scores: list[float] = arrays["rung_scores"].tolist()
    return dict(zip(scores, unpacked(arrays["rungs"], arrays["rung_ends"]), strict=True))
