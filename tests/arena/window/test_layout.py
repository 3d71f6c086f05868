from hypothesis import given
from hypothesis import strategies as st

from arena.window.layout import Rect, Shape, arrange

shapes = st.builds(
    Shape,
    width=st.integers(1, 700),
    height=st.integers(1, 700),
    header=st.integers(0, 100),
    strip=st.integers(0, 100),
    narrowest=st.integers(0, 400),
    grain=st.sampled_from((1, 16, 64)),
    aside=st.sampled_from((0, 0, 60, 200)),
)
areas = st.builds(
    Rect, x=st.integers(0, 50), y=st.integers(0, 50), width=st.integers(1, 2600), height=st.integers(1, 1600)
)


@given(areas, st.lists(shapes, min_size=1, max_size=4), st.integers(0, 30))
def test_panels_never_overlap_and_stay_inside(area, wanted, gap):
    places = arrange(area, wanted, gap)
    assert len(places) == len(wanted)
    for index, place in enumerate(places):
        assert area.holds(place.block)
        for part in (place.header, place.picture, place.strip):
            assert place.block.holds(part) or part.width == 0 or part.height == 0
        for other in places[:index]:
            assert not place.block.overlaps(other.block)


@given(areas, st.lists(shapes, min_size=1, max_size=4), st.integers(0, 30))
def test_pictures_grow_by_steps_of_their_grain_only(area, wanted, gap):
    for place, shape in zip(arrange(area, wanted, gap), wanted, strict=True):
        if place.scale >= 1:
            assert place.scale * shape.grain == int(place.scale * shape.grain)
            assert place.picture[2:] == (int(shape.width * place.scale), int(shape.height * place.scale))
        else:
            assert place.picture.width <= shape.width and place.picture.height <= shape.height


def test_four_panels_never_stand_three_and_one():
    for size in ((640, 440), (576, 360), (500, 900), (1600, 400)):
        places = arrange(Rect(0, 0, *size), [Shape(304, 304, 28, 0, 0, 16)] * 4, 7)
        assert len({place.block.y for place in places}) in (1, 2, 4)
        assert len({place.block.x for place in places}) in (1, 2, 4)


def test_a_picture_of_fine_grain_fills_what_one_of_whole_pixels_cannot():
    whole, fine = (arrange(Rect(0, 0, 599, 599), [Shape(304, 304, 0, 0, 0, g)], 0)[0] for g in (1, 16))
    assert (whole.picture.width, fine.picture.width) == (304, 589)


def test_the_grid_that_shows_pictures_largest_is_chosen():
    wide = arrange(Rect(0, 0, 1000, 300), [Shape(160, 210, 0, 0, 0)] * 2, 0)
    tall = arrange(Rect(0, 0, 400, 1000), [Shape(160, 210, 0, 0, 0)] * 2, 0)
    assert wide[0].block.y == wide[1].block.y
    assert tall[0].block.x == tall[1].block.x and tall[0].scale == 2


def test_a_strip_stands_aside_where_the_picture_is_larger_for_it():
    shape = Shape(240, 240, 20, 40, 0, 16)
    for area, aside in ((Rect(0, 0, 400, 220), True), (Rect(0, 0, 220, 400), False)):
        [place] = arrange(area, [shape._replace(aside=100)], 0)
        [below] = arrange(area, [shape], 0)
        assert (place.scale > below.scale) == aside == (place.strip.x == place.picture.right)
        assert place.strip.width and place.strip.height
