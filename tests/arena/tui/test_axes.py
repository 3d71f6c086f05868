"""Axes in round numbers, whatever they measure."""

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.tui.widgets.axes import around, clock_ticks, end_of, large, short, tick_words, ticks

spans = st.tuples(st.floats(-1e9, 1e9), st.floats(1e-6, 1e9)).map(lambda pair: (pair[0], pair[0] + pair[1]))


@given(spans, st.integers(2, 12))
def test_ticks_are_few_even_and_inside(span: tuple[float, float], most: int) -> None:
    low, high = span
    found = ticks(low, high, most)
    room = (high - low) * 1e-6 + abs(high) * 1e-9
    assert 2 <= len(found) <= max(most, 4)
    assert all(low - room <= tick <= high + room for tick in found)
    if len(found) > 2:
        gaps = [b - a for a, b in pairwise(found)]
        assert max(gaps) - min(gaps) <= 1e-6 * max(gaps) + abs(high) * 1e-9


@given(st.floats(1e-3, 1e9), st.integers(3, 12))
def test_an_axis_from_nothing_has_a_tick_beside_its_beginning(end: float, most: int) -> None:
    assert len(ticks(0.0, end, most)) >= 2


@given(st.floats(0, 1e6), st.floats(1e-3, 1e6), st.integers(3, 9))
def test_ticks_can_be_told_from_each_other(low: float, span: float, most: int) -> None:
    span = max(span, low * 1e-3)
    found = ticks(low, low + span, most)
    assert len(set(tick_words(found))) == len(found)


@pytest.mark.parametrize(
    ("values", "share", "words"),
    [
        ([0, 0.25, 0.5, 0.75, 1], False, ["0", "0.25", "0.50", "0.75", "1.00"]),
        ([0, 0.25, 0.5], True, ["0%", "25%", "50%"]),
        ([0, 0.002, 0.004], False, ["0", "0.002", "0.004"]),
        ([-20, 0, 20], False, ["-20", "0", "20"]),
        ([0, 10_000, 20_000], False, ["0", "10 k", "20 k"]),
        ([0, 1e-5, 2e-5], False, ["0", "1.0e-5", "2.0e-5"]),
        ([3.0], False, ["3.0"]),
        ([], False, []),
    ],
)
def test_ticks_have_one_precision(values: list[float], share: bool, words: list[str]) -> None:
    assert tick_words(values, share=share) == words


@given(spans, st.booleans())
def test_an_axis_holds_its_values_with_a_little_room(span: tuple[float, float], share: bool) -> None:
    low, high = span
    bottom, top = around(low, high)
    assert bottom <= low < high <= top
    assert math.isfinite(bottom)


def test_an_axis_of_shares_ends_at_the_whole_and_one_of_a_constant_has_length() -> None:
    assert around(0.1, 0.9, share=True) == (0.0, 1.0)
    assert around(0.0, 0.1, share=True)[1] < 0.2
    assert around(5.0, 5.0) == (4.5, 5.5)
    assert around(0.0, 0.0) == (-1.0, 1.0)


@given(st.floats(1e-3, 1e12))
def test_the_end_of_a_growing_axis_is_round_and_near(reached: float) -> None:
    assert reached * (1 - 1e-6) <= end_of(reached) <= reached * 1.34


@given(st.floats(1, 1e8), st.integers(2, 12))
def test_times_are_told_at_even_distances(end: float, most: int) -> None:
    found = clock_ticks(end, most)
    assert found[0] == 0
    assert len(found) <= most + 1
    assert found[-1] <= end * (1 + 1e-6)


@given(st.floats(-1e15, 1e15))
def test_a_figure_is_short(value: float) -> None:
    assert len(short(value)) <= 9


@pytest.mark.parametrize(
    ("value", "said"),
    [(0.62, "0.62"), (1.0, "1.00"), (-12.34, "-12.3"), (481.2, "481"), (1204, "1,204"), (0.0031, "0.0031")],
)
def test_a_figure_has_what_matters(value: float, said: str) -> None:
    assert short(value) == said


@pytest.mark.parametrize(
    ("count", "said"),
    [(950, "950"), (12_500, "12.5 k"), (999_900, "1 M"), (1_240_000, "1.24 M"), (2e9, "2 B")],
)
def test_steps_are_told_as_people_say_them(count: float, said: str) -> None:
    assert large(count) == said
