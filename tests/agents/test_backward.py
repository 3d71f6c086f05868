"""The backward algorithm: from where demonstrations are attempted."""

import numpy as np
import pytest

from agents.backward import Backward


def backward(*lengths: int) -> Backward:
    return Backward(lengths, share=0.5, attempts=4, stride=10)


def test_attempts_begin_near_the_end_and_never_after_it() -> None:
    attempts, rng = backward(100, 5), np.random.default_rng(0)
    drawn = {attempts.draw(rng) for _ in range(500)}
    assert {start for number, start in drawn if number == 0} == set(range(90, 100))
    assert {start for number, start in drawn if number == 1} == {0}
    assert attempts.left == pytest.approx((0.9 + 0.0) / 2)


def test_a_starting_point_moves_back_where_enough_of_the_latest_attempts_succeed() -> None:
    attempts = backward(100)
    assert attempts.success is None
    for success in (True, False, False, False, False):
        attempts.tell(0, 90, success)
    assert attempts.points.tolist() == [90] and attempts.success == 0.0
    attempts.tell(0, 95, True)
    assert attempts.points.tolist() == [90] and attempts.success == 0.25
    attempts.tell(0, 90, True)
    assert attempts.points.tolist() == [80]
    assert attempts.success is None, "what succeeded from later on says nothing of the new starting point"


def test_attempts_from_an_earlier_starting_point_do_not_count() -> None:
    attempts = backward(200)
    attempts.points[0] = 100
    for start in (99, 110, 150):
        attempts.tell(0, start, True)
    assert attempts.success is None
    for start in (100, 109):
        attempts.tell(0, start, True)
    assert attempts.success == 1.0


def test_it_ends_at_the_start_and_stays_there() -> None:
    attempts, rng = backward(25), np.random.default_rng(0)
    for _ in range(40):
        attempts.tell(*attempts.draw(rng), True)
    assert attempts.points.tolist() == [0] and attempts.left == 0.0
    assert attempts.draw(rng) == (0, 0)
    assert attempts.success == 1.0


def test_at_last_openings_differ_more_and_more() -> None:
    attempts, rng = Backward([25], share=0.5, attempts=4, stride=10, openings=14), np.random.default_rng(0)
    points = []
    for _ in range(200):
        points.append(int(attempts.points[0]))
        number, start = attempts.draw(rng)
        assert points[-1] <= start < max(points[-1] + 20, -13)
        attempts.tell(number, start, True)
    assert list(dict.fromkeys(points)) == [15, 5, -5, -14]
    assert attempts.draw(rng) == (0, -14) and attempts.left == 0.0
    assert Backward([25], share=0.5, attempts=4, stride=10, openings=14).left == pytest.approx(29 / 39)


def test_it_goes_on_where_it_was() -> None:
    attempts, again = backward(100, 50), backward(100, 50)
    for number, success in ((0, True), (0, False), (0, True), (0, True), (1, True), (0, False)):
        attempts.tell(number, int(attempts.points[number]), success)
    again.restore(attempts.state())
    assert again.points.tolist() == attempts.points.tolist() == [80, 40]
    for each in (attempts, again):
        for _ in range(3):
            each.tell(1, 40, False)
    assert again.success == attempts.success == pytest.approx(1 / 5)


@pytest.mark.parametrize("points", [[100, 0], [-1, 0], [5]])
def test_starting_points_of_other_demonstrations_are_refused(points: list[int]) -> None:
    attempts = backward(100, 50)
    with pytest.raises(ValueError, match="not those of its demonstrations"):
        attempts.restore({**attempts.state(), "points": np.array(points)})
