"""How a game looks from a seat, and what an action there means."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from arena.games.console import words
from arena.games.seat_view import AS_IT_IS, Turn, View

ALL = tuple(range(18))
TURNS: list[Turn] = ["", "x", "y", "xy"]


@given(turn=st.sampled_from(TURNS), code=st.sampled_from(ALL))
def test_a_joystick_that_is_turned_twice_is_as_it_was(turn: Turn, code: int) -> None:
    meanings = View(("", turn)).meanings(1, ALL)
    assert meanings[meanings[code]] == code


def test_a_turned_joystick_does_what_the_turned_picture_shows() -> None:
    def named(turn: Turn) -> dict[str, str]:
        return {words(code): words(meant) for code, meant in enumerate(View(("", turn)).meanings(1, ALL))}

    assert named("x")["up left fire"] == "up right fire"
    assert named("y")["up left fire"] == "down left fire"
    assert named("xy")["up left fire"] == "down right fire"
    assert named("xy")["noop"] == "noop"
    assert named("x")["fire"] == "fire"


def test_a_stick_may_be_turned_otherwise_than_the_picture() -> None:
    assert View(("", "x"), sticks=("", "")).meanings(1, ALL) == list(ALL)


@given(turn=st.sampled_from(TURNS))
def test_a_map_over_what_a_seat_sees_lies_on_the_screen_where_it_was_seen(turn: Turn) -> None:
    view, screen = View(("", turn)), np.arange(12).reshape(3, 4)
    assert np.array_equal(view.turn(1, view.turn(1, screen)), screen)
    assert np.array_equal(view.turn(0, screen), screen)


def test_a_turned_seat_has_the_colour_of_the_first() -> None:
    screen = np.array([[10, 20, 0], [0, 0, 99]], np.uint8)
    view = View(("", "x"), greys=((10, 20),))
    assert view.way(1)(screen).tolist() == [[0, 10, 20], [99, 0, 0]]
    assert view.way(0)(screen).tolist() == screen.tolist()
    assert View(("", ""), greys=((10, 20),)).way(1)(screen).tolist() == [[20, 10, 0], [0, 0, 99]]


def test_where_nothing_is_turned_all_see_the_screen() -> None:
    screen = np.arange(6, dtype=np.uint8).reshape(2, 3)
    assert np.array_equal(AS_IT_IS.way(3)(screen), screen)
    assert AS_IT_IS.meanings(3, ALL) == list(ALL)
