from hypothesis import given
from hypothesis import strategies as st

from arena.window.pace import SPEEDS, Pace


def test_sixty_ticks_a_second_are_one_a_picture_in_spite_of_jitter():
    pace = Pace(60)
    assert [pace.due(1 / 60 + jitter) for jitter in (0.001, -0.002, 0.003, -0.003, 0.0)] == [1] * 5


@given(st.sampled_from(SPEEDS), st.sampled_from([8.0, 10.0, 30.0, 50.0, 60.0]))
def test_in_ten_seconds_come_exactly_the_ticks_of_ten_seconds(speed, rate):
    pace = Pace(rate)
    pace.speed = speed
    assert abs(sum(pace.due(1 / 60) for _ in range(600)) - 10 * rate * speed) <= 1
    assert 0 <= pace.blend <= 1


def test_a_stall_is_not_caught_up_with():
    assert Pace(60).due(30.0) == 6


def test_speed_stops_at_its_ends():
    pace = Pace(60)
    for _ in range(20):
        pace.faster()
    assert pace.speed == 16
    for _ in range(20):
        pace.slower()
    assert pace.speed == 0.25
