import math

import numpy as np
import pygame
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.window.chart import Axes, Line, across, axes, between, draw_chart, thinned
from arena.window.layout import Rect
from arena.window.telling import steps

numbers = st.floats(-1e9, 1e9, allow_nan=False)


@given(numbers, numbers, st.integers(1, 12))
def test_lines_are_ruled_at_round_numbers_around_what_there_is(one, other, count):
    low, high = min(one, other), max(one, other)
    ruled = between(low, high, count)
    slack = 1e-6 * max(abs(low), abs(high), 1e-3)
    assert ruled[0] <= low + slack and ruled[-1] >= high - slack and len(ruled) >= 2
    apart = ruled[1] - ruled[0]
    assert len(ruled) <= 2.5 * count + 3
    power = 10 ** math.floor(math.log10(apart) + 1e-6)
    assert min(abs(apart / power - m) for m in (1, 2, 5, 10)) < 1e-3


@given(numbers, numbers, st.integers(1, 12))
def test_an_axis_goes_a_little_beyond_its_values_and_has_two_lines_at_least(one, other, rows):
    low, high = min(one, other), max(one, other)
    start, end, ruled = across(low, high, rows)
    assert start <= low <= high <= end and len(ruled) >= 2
    assert all(start <= at <= end for at in ruled)
    if high - low > 1e-3 * max(abs(low), abs(high), 1e-3):
        assert end - start <= 1.1 * (high - low)


@pytest.mark.parametrize(
    ("number", "words"),
    [(0, "0"), (950, "950"), (12_500, "12.5 k"), (1_240_000, "1.24 M"), (3e6, "3 M"), (2.5e9, "2.5 B")],
)
def test_steps_are_told_as_people_say_them(number, words):
    assert steps(number) == words


def test_the_share_of_solved_levels_goes_from_none_to_all():
    line = Line(np.array([0.0, 10.0]), np.array([0.2, 0.3]), (255, 0, 0))
    around = axes([line], 1000, "solved", 2)
    assert (around.low, around.high) == (0.0, 1.0)
    assert [words for _, words in around.values] == ["0%", "50%", "100%"]
    assert axes([line], 1000, "return", 2).high < 0.5


@given(st.integers(1, 400), st.integers(2, 200))
def test_a_long_curve_is_thinned_to_means_in_order(count, columns):
    xs = np.sort(np.random.default_rng(count).random(count) * 1000)
    ys = np.random.default_rng(columns).random(count)
    thin_x, thin_y = thinned(xs, ys, 0.0, 1000.0, columns)
    assert len(thin_x) <= columns // 2 + 1 and (np.diff(thin_x) > 0).all()
    assert ys.min() - 1e-9 <= thin_y.min() and thin_y.max() <= ys.max() + 1e-9


def drawn(line, around, size):
    surface = pygame.Surface(size, depth=32)
    draw_chart(surface, [line], around, Rect(0, 0, *size), 14)
    return np.frombuffer(pygame.image.tobytes(surface, "RGB"), np.uint8).reshape(size[1], size[0], 3)


def test_a_rising_curve_rises_and_ends_where_its_steps_do():
    line = Line(np.linspace(0, 500, 50), np.linspace(0, 1, 50), (255, 0, 0))
    picture = drawn(line, axes([line], 1000, "solved", 2), (400, 200))
    rows, columns = np.nonzero((picture[..., 0] > 200) & (picture[..., 1] < 60))
    assert abs(columns.max() - (40 + (400 - 40) / 2)) < 20
    left, right = rows[columns < columns.min() + 10].mean(), rows[columns > columns.max() - 10].mean()
    assert left > right + 100


@pytest.mark.parametrize("size", [(1, 1), (30, 30), (60, 200), (400, 40), (900, 600)])
@pytest.mark.parametrize("points", [0, 1, 2, 3000])
def test_any_curve_is_drawn_at_any_size(size, points):
    line = Line(np.linspace(0, 900, points), np.full(points, -20.5), (255, 0, 0))
    lines = [line] if points else []
    surface = pygame.Surface(size, depth=32)
    draw_chart(surface, lines, axes(lines, 1000, "return", 3), Rect(0, 0, *size), 14)
    draw_chart(surface, lines, Axes(0.0, 0.0, 0.0, 1.0, [], []), Rect(0, 0, *size), 14)
