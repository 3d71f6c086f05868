"""Pictures become cells as published."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.cells import Shape, Shrinking, fitting, packed_picture, unpacked_picture


def picture(seed: int, height: int = 210, width: int = 160) -> np.ndarray:
    """Large blocks of grey, and some noise."""
    rng = np.random.default_rng(seed)
    blocks = rng.integers(0, 256, (6, 5)).astype(np.uint8)
    large = cv2.resize(blocks, (width, height), interpolation=cv2.INTER_NEAREST).astype(int)
    return (large + rng.integers(-20, 20, (height, width))).clip(0, 255).astype(np.uint8)


@pytest.mark.parametrize("shape", [Shape(), Shape(16, 21, 255), Shape(1, 1, 2), Shape(7, 13, 100)])
def test_a_picture_is_shrunk_by_area_and_its_shades_are_counted_out(shape: Shape) -> None:
    for seed in range(20):
        seen = picture(seed)
        small = cv2.resize(seen, (shape.width, shape.height), interpolation=cv2.INTER_AREA)
        expected = np.floor(shape.depth * small.astype(float) / 255)
        cell = np.frombuffer(Shrinking(seen.shape, shape)(seen), np.uint8).reshape(small.shape)
        # The library rounds halves of a shade its own way: next to a threshold the two may differ by one.
        assert (cell == expected).mean() > 0.97 and np.abs(cell - expected).max() <= 1


@given(grey=st.integers(0, 255), depth=st.integers(1, 255), size=st.tuples(*[st.integers(1, 40)] * 4))
def test_one_grey_is_one_shade(grey: int, depth: int, size: tuple[int, int, int, int]) -> None:
    height, width, rows, columns = size
    seen = np.full((height, width), grey, np.uint8)
    cell = Shrinking(seen.shape, Shape(columns, rows, depth))(seen)
    assert cell == bytes([depth * grey // 255]) * (min(rows, height) * min(columns, width))


def test_a_picture_that_is_smaller_is_not_enlarged() -> None:
    seen = np.arange(35, dtype=np.uint8).reshape(5, 7)
    assert Shrinking(seen.shape, Shape(63, 63, 255))(seen) == seen.tobytes()


def test_sizes_are_found_by_which_an_eighth_of_the_pictures_are_cells_of_their_own() -> None:
    rng = np.random.default_rng(0)
    pictures = []
    for _ in range(160):  # a dot on a black square
        seen = np.zeros((40, 40), np.uint8)
        row, column = rng.integers(0, 36, 2)
        seen[row : row + 4, column : column + 4] = 255
        pictures.append(seen)

    def cells(shape: Shape) -> int:
        return len({Shrinking(seen.shape, shape)(seen) for seen in pictures})

    coarse, fine = Shape(2, 2, 30), Shape(40, 40, 255)
    assert cells(coarse) < 10 and cells(fine) > 140
    for at_first in (coarse, fine):
        assert 10 <= cells(fitting(pictures, np.random.default_rng(1), at_first)) <= 40


def test_the_same_chance_finds_the_same_size() -> None:
    pictures = [picture(seed, 42, 32) for seed in range(30)]
    first, second = (fitting(pictures, np.random.default_rng(3), Shape()) for _ in range(2))
    assert first == second


def test_a_packed_picture_is_the_same_and_small() -> None:
    seen = np.zeros((210, 160), np.uint8)
    seen[50:60] = 90
    content = packed_picture(seen)
    assert (unpacked_picture(content) == seen).all() and len(content) < seen.size / 50
