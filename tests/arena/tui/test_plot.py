"""Several curves in one picture."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.style import Style
from textual.strip import Strip

from arena.tui.widgets.plot import Drawing, Line, picture

PLAIN = Style()


def text(strips: list[Strip]) -> list[str]:
    return ["".join(segment.text for segment in strip) for strip in strips]


def colors(strips: list[Strip], where: slice = slice(None)) -> set[str]:
    """Of the dots of curves."""
    return {
        segment.style.color.name
        for strip in strips[where]
        for segment in strip
        if segment.style and segment.style.color and any("⠀" < c <= "⣿" for c in segment.text)
    }


def rising(name: str = "ppo s1", color: str = "#ff0000", by: float = 1.0, front: bool = False) -> Line:
    return Line(name, color, [0.0, 50.0, 100.0], [0.0, 0.5 * by, 1.0 * by], front)


curves = st.lists(st.tuples(st.floats(0, 1e6), st.floats(-1e4, 1e4)), max_size=60).map(sorted)


@given(st.lists(curves, max_size=4), st.integers(12, 90), st.integers(3, 30), st.booleans(), st.booleans())
@example([[(0.0, -7.25203718573207e-303)]], 12, 3, False, True)
@example([[(0.0, 9091.0)]], 12, 3, False, True)
def test_it_fills_its_field_and_no_more(
    points: list[list[tuple[float, float]]], width: int, height: int, timed: bool, share: bool
) -> None:
    lines = tuple(
        Line(f"run {n}", "#00ff00", [x for x, _ in one], [y for _, y in one], n == 0)
        for n, one in enumerate(points)
    )
    end = max((line.across[-1] for line in lines if line.across), default=0.0)
    strips = picture(Drawing(lines, end or 1.0, timed, share, "nothing yet"), width, height, PLAIN)
    assert [strip.cell_length for strip in strips] == [width] * height


def test_each_curve_has_its_colour_its_name_and_its_latest_value() -> None:
    lines = (rising(), rising("dqn s1", "#00ff00", 0.5), rising("ppo s2", "#0000ff", 0.25, front=True))
    strips = picture(Drawing(lines, 100.0), 80, 20, PLAIN)
    assert text(strips)[0].split() == ["━━", "ppo", "s1", "1.00", "━━", "dqn", "s1", "0.50",
                                       "━━", "ppo", "s2", "0.25"]  # fmt: skip
    assert colors(strips) == {"#ff0000", "#00ff00", "#0000ff"}


def test_the_curve_in_front_covers_the_others_and_is_thicker() -> None:
    under = rising()
    over = rising("ppo s2", "#0000ff", front=True)
    assert colors(picture(Drawing((over, under), 100.0), 60, 16, PLAIN)) == {"#0000ff"}

    def dots(line: Line) -> int:
        strips = picture(Drawing((line, rising("far", "#00ff00", 5.0)), 100.0, legend=False), 60, 16, PLAIN)
        return sum(
            bin(ord(c) - 0x2800).count("1")
            for strip in strips
            for segment in strip
            if segment.style and segment.style.color and segment.style.color.name == line.color
            for c in segment.text
            if "⠀" < c <= "⣿"
        )

    assert dots(over) > 1.5 * dots(under)


def test_axes_have_round_numbers_and_say_what_they_are() -> None:
    drawn = text(
        picture(Drawing((Line("a", "#ff0000", [0, 2e6], [0.02, 0.97]),), 2e6, share=True), 60, 14, PLAIN)
    )
    assert [label for row in drawn if "┤" in row for label in [row.split("┤")[0].strip()]] == [
        "100%", "75%", "50%", "25%", "0%"]  # fmt: skip
    assert "500 k" in drawn[-1]
    assert "1.5 M" in drawn[-1]
    assert drawn[-1].endswith(" steps")
    timed = text(
        picture(Drawing((Line("a", "#ff0000", [0, 600], [0, 1]),), 600.0, timed=True), 60, 14, PLAIN)
    )
    assert "4:00" in timed[-1]
    assert timed[-1].endswith(" time")


@pytest.mark.parametrize("width", [24, 30, 40, 60, 120])
def test_the_axis_below_has_two_numbers_where_it_can(width: int) -> None:
    for end in (1e3, 1.18e7, 2e6, 3.3e5):
        axis = text(picture(Drawing((Line("a", "#ff0000", [0, end], [0, 1]),), end), width, 10, PLAIN))[-1]
        numbers = [part for part in axis.replace("└", "").split("─") if part.strip() not in ("", "steps")]
        assert len(numbers) >= (2 if width >= 40 else 1), axis


def test_a_first_value_far_off_does_not_crush_the_rest() -> None:
    values = [1000.0, *(0.5 + 0.1 * (n % 7) for n in range(200))]
    strips = picture(Drawing((Line("a", "#ff0000", range(201), values),), 200.0), 60, 20, PLAIN)
    rows = [y for y, row in enumerate(text(strips)) if any("⠀" < c <= "⣿" for c in row)]
    assert len(rows) > 10


def test_curves_that_find_no_room_in_the_legend_are_counted_and_the_one_in_front_is_named() -> None:
    lines = tuple(rising(f"a long name {n}", front=n == 7) for n in range(8))
    drawn = text(picture(Drawing(lines, 100.0), 46, 12, PLAIN))
    assert "a long name 7" in drawn[0]
    assert drawn[0].rstrip().endswith("+7")


def test_without_curves_it_says_why() -> None:
    drawn = text(picture(Drawing(words="the curve begins later"), 40, 9, PLAIN))
    assert [row.strip() for row in drawn if row.strip()] == ["the curve begins later"]


def test_the_axis_is_that_of_what_is_drawn_not_of_every_flicker() -> None:
    flicker = [1.0 + (-1) ** n for n in range(2000)]
    drawn = text(picture(Drawing((Line("a", "#ff0000", range(2000), flicker),), 2000.0), 40, 12, PLAIN))
    labels = [float(row.split("┤")[0]) for row in drawn if "┤" in row]
    assert len(labels) >= 2
    assert all(0.8 < label < 1.2 for label in labels)
