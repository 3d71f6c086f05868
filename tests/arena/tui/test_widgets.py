"""What the widgets draw."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.color import Color

from arena.errors import ArenaError, UsageError
from arena.store import names
from arena.store.options import whole_number
from arena.store.records import LARGEST_SEED
from arena.tui import reading
from arena.tui.playing import check_seed
from arena.tui.widgets.braille import draw
from arena.tui.widgets.picture import half_blocks
from arena.tui.widgets.ratings import bar


@given(st.integers(1, 12), st.integers(1, 12), st.data())
def test_half_blocks_hold_every_pixel(width: int, height: int, data: st.DataObject) -> None:
    rgb = data.draw(st.binary(min_size=width * height * 3, max_size=width * height * 3))
    strips = list(half_blocks(width, height, rgb))
    assert len(strips) == (height + 1) // 2

    def pixel(x: int, y: int) -> Color:
        return Color.from_rgb(*rgb[(y * width + x) * 3 : (y * width + x) * 3 + 3])

    for row, strip in enumerate(strips):
        assert strip.cell_length == width
        cells = [(c, segment.style) for segment in strip for c in segment.text]
        for x, (character, style) in enumerate(cells):
            assert style is not None
            upper = style.color if character == "▀" else style.bgcolor
            assert upper == pixel(x, 2 * row)
            if 2 * row + 1 < height:
                assert style.bgcolor == pixel(x, 2 * row + 1)


def test_a_picture_of_the_wrong_length_is_refused() -> None:
    with pytest.raises(ValueError, match="no picture"):
        list(half_blocks(2, 2, b"\0" * 11))


@given(
    st.floats(-3000, 3000),
    st.floats(0, 2000),
    st.floats(-3000, 3000),
    st.floats(0.1, 3000),
    st.integers(3, 80),
)
def test_a_rating_bar_has_its_point_and_its_width(
    rating: float, error: float, low: float, span: float, width: int
) -> None:
    line = bar(rating, error, low, low + span, width)
    assert len(line) == width
    assert line.count("●") == 1


@given(
    st.lists(st.tuples(st.floats(0, 1e6), st.floats(-1e3, 1e3)), max_size=50),
    st.integers(1, 60),
    st.integers(1, 20),
)
def test_a_curve_fills_its_field_and_no_more(
    points: list[tuple[float, float]], width: int, height: int
) -> None:
    values = [value for _, value in points] or [0.0]
    lines = draw(sorted(points), 1e6, min(values), max(values), width, height)
    assert [len(line) for line in lines] == [width] * height
    assert all(0x2800 <= ord(c) <= 0x28FF for line in lines for c in line)
    assert any(c != "⠀" for line in lines for c in line) == bool(points)


def test_a_rising_curve_rises() -> None:
    lines = draw([(0, 0.0), (50, 0.5), (100, 1.0)], 100, 0.0, 1.0, 10, 4)
    assert lines[0].rstrip("⠀") != lines[0][:1]
    assert lines[-1][0] != "⠀"
    assert lines[0][0] == "⠀"
    assert lines[0][-1] != "⠀"


@pytest.mark.parametrize(
    ("text", "number"),
    [("", None), ("200k", 200_000), ("5M", 5_000_000), ("1,000", 1000), ("1.5m", 1_500_000)],
)
def test_steps_are_typed_as_people_say_them(text: str, number: int | None) -> None:
    assert whole_number("steps", text, 1, 10**9) == number


@pytest.mark.parametrize("text", ["x", "k", "-5", "0", "1.5", "nan", "inf", "1e99", "9e9"])
def test_what_is_no_number_of_steps_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="steps"):
        whole_number("steps", text, 1, 10**9)


@given(st.text())
def test_a_name_is_one_printable_line(text: str) -> None:
    name = names.clean(text)
    assert name.isprintable()
    assert len(name) <= names.LONGEST
    assert name == names.clean(name)


@pytest.mark.parametrize(
    ("back", "said"),
    [
        (5, "now"),
        (300, "5 min"),
        (7200, "2 h"),
        (86400, "1 day"),
        (86400 * 3, "3 days"),
        (86400 * 40, "2025-11-22"),
    ],
)
def test_times_are_said_in_their_largest_unit(back: int, said: str) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    assert reading.ago(now - timedelta(seconds=back), now) == said


def test_rules_flow_but_keep_their_sections() -> None:
    text = "Title.\n\nOne sentence that\ngoes on.\n\nActions\n    up, down,\n    left.\nRewards\n    +1."
    assert reading.reflow(text) == (
        "Title.\n\nOne sentence that goes on.\n\nActions\n    up, down, left.\nRewards\n    +1."
    )


def test_what_hangs_below_a_heading_flows_with_it() -> None:
    text = "Actions: up,\n    down, and\n    left.\nRewards: +1.\n\nScores:\n    - one\n    - two"
    assert reading.reflow(text) == (
        "Actions: up, down, and left.\nRewards: +1.\n\nScores:\n    - one\n    - two"
    )


def test_a_seed_is_typed_up_to_the_largest_there_is() -> None:
    assert check_seed(f" {LARGEST_SEED} ") == LARGEST_SEED
    assert check_seed(" ") is None
    for text in (str(LARGEST_SEED + 1), "-1", "x"):
        with pytest.raises(ArenaError, match=f"up to {LARGEST_SEED}"):
            check_seed(text)
