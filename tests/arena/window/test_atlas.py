"""The map of an archive: every cell where it was seen, every screen where the game has it."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.atlas import Atlas
from agents.exploring import Spot
from arena.window import atlas as maps
from arena.window.layout import Rect
from arena.window.survey import Survey


def an_atlas(spots: list[Spot], scores: list[float] | None = None) -> Atlas:
    count = len(spots)
    return Atlas(
        rooms=np.array([s.room for s in spots], np.int32),
        xs=np.array([s.x for s in spots], np.int16),
        ys=np.array([s.y for s in spots], np.int16),
        scores=np.array(scores or [0.0] * count),
        lengths=np.arange(count, dtype=np.int32),
        chosen=np.zeros(count, np.int64),
        born=np.zeros(count, np.int64),
        latest=np.zeros(0, np.int64),
        trajectory=b"",
        ways={},
        ladder={},
    )


def a_survey(rooms: int, tall: int = 210, wide: int = 160, **more: object) -> Survey:
    screens = {room: np.full((tall, wide, 3), 60, np.uint8) for room in range(rooms)}
    return Survey((tall, wide), screens, **more)  # type: ignore[arg-type]


@given(rooms=st.integers(1, 24), width=st.integers(200, 2000), height=st.integers(150, 1200))
def test_screens_lie_beside_each_other_and_within_their_area(rooms: int, width: int, height: int) -> None:
    area = Rect(7, 5, width, height)
    boxes = [sheet.box for sheet in maps.arranged(a_survey(rooms), area, 2)]
    assert len(boxes) == rooms
    for box in boxes:
        assert area.x - 1 <= box.x and box.right <= area.right + 1
        assert area.y - 1 <= box.y and box.bottom <= area.bottom + 1
        assert box.width / box.height == pytest.approx(160 / 210, abs=0.1)
    for one, other in combinations(boxes, 2):
        apart = one.right <= other.x or other.right <= one.x or one.bottom <= other.y or other.bottom <= one.y
        assert apart


def test_where_the_game_has_a_map_screens_lie_as_on_it() -> None:
    survey = a_survey(3, positions={0: (0.0, 0.0), 1: (1.0, 0.0), 2: (0.5, 1.0)})
    first, second, below = (sheet.box for sheet in maps.arranged(survey, Rect(0, 0, 600, 600), 0))
    assert first.y == second.y < below.y and first.x < below.x < second.x


def test_a_cell_is_a_light_where_it_was_seen_and_the_further_the_brighter() -> None:
    atlas = an_atlas([Spot(0, 40, 50), Spot(0, 120, 150), Spot(1, 80, 80)])
    survey = a_survey(2)
    picture = maps.screen(atlas, survey, 0, (160, 210), "distance").astype(int).sum(axis=2)
    dark = picture[200, 10]
    assert picture[50, 40] > dark + 40 and picture[150, 120] > picture[50, 40]
    assert picture[80, 80] < dark + 30, "that is another room's"


def test_a_maze_has_a_colour_on_every_tile_that_was_reached() -> None:
    atlas = an_atlas([Spot(0, 1, 1), Spot(0, 2, 1)])
    survey = Survey((9, 9), {0: np.zeros((90, 90, 3), np.uint8)})
    picture = maps.screen(atlas, survey, 0, (90, 90), "distance").astype(int)
    assert picture[15, 25].sum() > picture[15, 15].sum() > picture[55, 55].sum() + 60


def test_colours_tell_what_is_asked_for() -> None:
    atlas = an_atlas([Spot(0, 1, 1)] * 3, scores=[0.0, 50.0, 100.0])
    assert maps.shares(atlas, "score")[0].tolist() == [0.0, 0.5, 1.0]
    assert maps.shares(atlas, "score")[1:] == (0.0, 100.0)
    assert maps.shares(atlas, "visits")[0].tolist() == [0.0, 0.0, 0.0]


def test_a_way_is_drawn_in_pieces_where_it_leaves_the_room_or_leaps() -> None:
    route = [
        Spot(0, 1, 1),
        Spot(0, 2, 1),
        Spot(1, 0, 1),
        Spot(0, 5, 5),
        Spot(0, 6, 5),
        Spot(0, 90, 5),
        Spot(0, 91, 5),
    ]
    assert maps.pieces(route, 0, leap=10) == [route[0:2], route[3:5], route[5:7]]
    assert maps.pieces(route, 1, leap=10) == []


def test_nothing_found_is_nothing_drawn() -> None:
    assert maps.arranged(Survey(), Rect(0, 0, 100, 100), 2) == []
    assert maps.whole(an_atlas([]), Survey(), (30, 20), "score").shape == (20, 30, 3)
