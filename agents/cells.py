"""Cells: what Go-Explore takes for the same place (Ecoffet et al. 2021, Methods, "Cell representations").

A picture is shrunk to a few grey pixels of a few shades, and pictures that look alike then are one cell. No
knowledge of the game goes into that. How far to shrink is either fixed, or found from pictures that have
been seen: then neither nearly all of them nor nearly none should be alike.
"""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SEARCHES = 300
"""Shapes that `fitting` tries: more bring next to nothing more."""

DISTINCT = 0.125
"""The share of pictures that should be cells of their own: T of the paper's objective."""


@dataclass(frozen=True, slots=True)
class Shape:
    """How coarse cells are."""

    width: int = 11
    height: int = 8
    """Pixels."""
    depth: int = 8
    """Shades are floor(depth x grey / 255)."""


class Shrinking:
    """Makes cells of (height, width) uint8 pictures in grey, all of one size."""

    def __init__(self, size: tuple[int, ...], shape: Shape) -> None:
        """For pictures of `size` (height, width), which are never enlarged."""
        height, width = size
        self._rows = _areas(height, min(shape.height, height))
        self._columns = np.ascontiguousarray(_areas(width, min(shape.width, width)).T)
        self._shades = (np.arange(256) * shape.depth // 255).astype(np.uint8)

    def __call__(self, picture: NDArray[np.uint8]) -> bytes:
        """The cell's name: its shades, row by row."""
        means = self._rows @ picture.astype(np.float32) @ self._columns
        # Whole shades of grey first, as image libraries have it: sums of floats end just below a threshold.
        name: bytes = self._shades[np.rint(means).astype(np.intp)].tobytes()
        return name


def _areas(pixels: int, cells: int) -> NDArray[np.float32]:
    """(cells, pixels): the share of each pixel in the mean over each of `cells` equal parts of a line."""
    edges = np.arange(cells + 1) * pixels / cells
    starts = np.arange(pixels)
    overlap = np.minimum(edges[1:, None], starts + 1) - np.maximum(edges[:-1, None], starts)
    return (overlap.clip(0) * cells / pixels).astype(np.float32)


def fitting(pictures: Sequence[NDArray[np.uint8]], rng: np.random.Generator, at_first: Shape) -> Shape:
    """The shape that parts `pictures` best, of those tried (paper, Methods, "Dynamic cell representation").

    Best is the highest normalised entropy of how pictures fall into cells, over a penalty for having far
    more or fewer cells than `DISTINCT` of the pictures: (H / log n) / sqrt(|n / T - 1| + 1).
    """
    best, best_value = at_first, _value(pictures, at_first)
    height, width = pictures[0].shape
    for _ in range(SEARCHES):
        # Geometric about the best so far, and one above it, or from 1 there would be no way up.
        tried = Shape(
            min(int(rng.geometric(1 / (best.width + 1))), width),
            min(int(rng.geometric(1 / (best.height + 1))), height),
            min(int(rng.geometric(1 / (best.depth + 1))), 255),
        )
        value = _value(pictures, tried)
        if value > best_value:
            best, best_value = tried, value
    return best


def _value(pictures: Sequence[NDArray[np.uint8]], shape: Shape) -> float:
    shrink = Shrinking(pictures[0].shape, shape)
    counts: dict[bytes, int] = {}
    for picture in pictures:
        cell = shrink(picture)
        counts[cell] = counts.get(cell, 0) + 1
    n, wanted = len(counts), DISTINCT * len(pictures)
    if n == 1:
        return 0.0
    shares = np.array(list(counts.values())) / len(pictures)
    entropy = -(shares * np.log(shares)).sum() / np.log(n)
    return float(entropy / np.sqrt(abs(n / wanted - 1) + 1))


def packed_picture(picture: NDArray[np.uint8]) -> bytes:
    """(height, width) uint8 in a few percent of the room."""
    height, width = picture.shape
    size = int(height).to_bytes(2, "little") + int(width).to_bytes(2, "little")
    return size + zlib.compress(picture.tobytes(), 1)


def unpacked_picture(content: bytes) -> NDArray[np.uint8]:
    """What `packed_picture` packed. Raises ValueError or zlib.error where it is something else."""
    height, width = int.from_bytes(content[:2], "little"), int.from_bytes(content[2:4], "little")
    return np.frombuffer(zlib.decompress(content[4:]), np.uint8).reshape(height, width)
