"""Demonstrations as something to learn from."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.demonstrations import Lessons, Recording, discounted, without_loops


def recording(rewards: list[float], first: int = 0) -> Recording:
    """Whose observations are numbered from `first` on."""
    count = len(rewards)
    return Recording(np.arange(first, first + count)[:, np.newaxis], np.arange(count), np.array(rewards))


def test_returns_are_discounted_sums_of_what_follows() -> None:
    np.testing.assert_allclose(discounted(np.array([1.0, 0.0, 4.0]), 0.5), [2.0, 2.0, 4.0])
    assert len(discounted(np.array([]), 0.5)) == 0


def test_it_is_followed_as_far_as_it_takes_to_score_so_much() -> None:
    whole = recording([0.0, 100.0, 0.0, 300.0, 0.0])
    assert [len(whole.until(score)) for score in (100.0, 101.0, 400.0)] == [2, 4, 4]
    with pytest.raises(ValueError, match="scores 400 cannot be followed until 401"):
        whole.until(401.0)


def test_decisions_of_several_are_numbered_through() -> None:
    lessons = Lessons([recording([0.0, 2.0], 10), recording([1.0], 20), recording([0.0, -5.0, 1.0], 30)], 0.5)
    assert len(lessons) == 6
    np.testing.assert_array_equal(lessons.actions, [0, 1, 0, 0, 1, 2])
    np.testing.assert_allclose(lessons.returns, [1.0, 2.0, 1.0, -2.25, -4.5, 1.0])
    np.testing.assert_array_equal(
        lessons.observations(np.array([5, 0, 2, 1, 3])).ravel(), [32, 10, 20, 11, 30]
    )
    signs = Lessons([recording([0.0, -5.0, 3.0])], 0.5, sign_rewards=True)
    np.testing.assert_allclose(signs.returns, [-0.25, -0.5, 1.0])


@given(st.lists(st.integers(0, 4), max_size=60))
def test_a_way_without_its_loops_leads_to_the_same_end_and_comes_nowhere_twice(actions: list[int]) -> None:
    def walk(way: list[int]) -> list[tuple[int, int]]:
        """In a room of 4 x 4 tiles, the last action being to stay."""
        places = [(0, 0)]
        for action in way:
            (down, right), (row, column) = ((0, 1), (1, 0), (0, -1), (-1, 0), (0, 0))[action], places[-1]
            places.append((min(max(row + down, 0), 3), min(max(column + right, 0), 3)))
        return places

    before = walk(actions)
    short = without_loops(before[0], zip(actions, before[1:], strict=True))
    after = walk(list(short))
    assert after[-1] == before[-1]
    assert len(set(after)) == len(after)
    assert set(after) <= set(before)
