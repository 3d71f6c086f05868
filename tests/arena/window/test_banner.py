"""The bottom line says how to begin and how it ended; where it is short, what matters least is left out."""

import pytest

from arena.matches.match import Match
from arena.matches.player import Human, Noop
from arena.window import half_blocks, theme
from arena.window.banner import Banner, banner
from arena.window.bout import Bout
from arena.window.canvas import Canvas
from arena.window.session import Session
from arena.window.telling import Card


class Shown(Session):
    loading = ""

    def __init__(self) -> None:
        self.strengths = {}
        self.bout = Bout(Match("maze/tag", [Human("Ann", lambda: None), Noop()], 1))

    def before_the_start(self) -> list[tuple[int, str]]:
        return [(0, "arrow keys + space")]


def test_a_start_names_who_plays_with_which_keys() -> None:
    shown = Shown()
    assert banner(shown) is None
    shown.waiting = True
    told = banner(shown)
    assert told is not None
    assert told.head == "Press a key to start"
    assert told.parts == (("Ann: arrow keys + space", theme.seat(0)),)
    shown.waiting, shown.countdown = False, 2.4
    told = banner(shown)
    assert told is not None and told.head == "Starts in 3" and told.parts
    shown.close()


@pytest.mark.parametrize("ended", [False, True])
def test_a_notice_goes_before_all_but_the_head(ended: bool) -> None:
    shown = Shown()
    shown.waiting = not ended
    shown.card = Card("Ann wins", 0, ()) if ended else None
    shown.command("views")
    told = banner(shown)
    assert told is not None and told.parts == ((shown.notice, theme.TEXT),)
    shown.close()


def test_notes_go_before_the_hint_and_the_hint_before_the_parts() -> None:
    one, two = ("one", theme.TEXT), ("two", theme.TEXT)
    told = Banner("head", theme.TEXT, (one, two), (one,), "hint")
    shorter = [(len(each.parts), len(each.notes), bool(each.hint)) for each in told.ever_shorter()]
    assert shorter == [(2, 1, True), (2, 0, True), (2, 0, False), (1, 0, False), (0, 0, False)]


@pytest.mark.parametrize(
    ("columns", "line"),
    [
        (75, "Press a key to start   Ann: arrow keys + space           H keys   Esc leave"),
        (50, "Press a key to start   Ann: arrow keys + space"),
        (40, "Press a key to start"),
        (12, "Press a key "),
    ],
)
def test_in_the_terminal_it_is_one_line(columns: int, line: str) -> None:
    shown = Shown()
    shown.waiting = True
    canvas = Canvas(1)
    canvas.begin(columns, 30)
    half_blocks.draw(canvas, shown, by_repeat=False)
    rows = ["".join(chr(c & 0xFFFFFF) for c in row) for row in canvas._cells[..., 0]]
    assert rows[-1] == line.ljust(columns)
    assert "start" not in "".join(rows[:-1])
    shown.close()
