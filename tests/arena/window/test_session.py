"""A key that has nothing to show says so, and why."""

from typing import Any

import pytest

from arena.matches.match import Match
from arena.matches.player import Human, Noop
from arena.window import half_blocks, session, telling
from arena.window.bout import Bout
from arena.window.canvas import Canvas
from arena.window.session import Session


class Shown(Session):
    loading = ""

    def __init__(self, game: str, *players: Any) -> None:
        self.strengths = {}
        self.bout = Bout(Match(game, players, 1))


@pytest.mark.parametrize(
    ("game", "key", "says"),
    [
        ("maze/tag", "views", telling.NO_FOG),
        ("maze/tag", "insight", telling.NO_THOUGHTS),
        ("maze/tag", "sound", telling.NO_SOUND),
        ("maze/race", "views", ""),
        ("maze/race", "help", ""),
    ],
)
def test_a_key_that_cannot_act_says_why(game: str, key: str, says: str) -> None:
    shown = Shown(game, Noop(), Noop())
    shown.command(key)
    assert shown.notice == says
    assert shown.whole == (game == "maze/race" and key == "views")
    assert not shown.insight and not shown.muted
    shown.close()


def test_who_plays_in_the_fog_is_told_that_it_stays() -> None:
    shown = Shown("maze/race", Human("Ann", lambda: None), Noop())
    shown.command("views")
    assert (shown.notice, shown.whole) == (telling.FOG_STAYS, False)
    shown.close()


def test_where_nothing_can_play_it_sound_is_not_muted() -> None:
    shown = Shown("atari/pong", Noop())
    shown.command("sound")
    assert (shown.notice, shown.muted) == (telling.NO_SPEAKER, False)
    shown.close()


def test_a_notice_stands_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 10.0
    monkeypatch.setattr(session.time, "perf_counter", lambda: now)
    shown = Session()
    assert shown.notice == ""
    shown.notice = "there is no fog"
    now += session.NOTICE - 0.1
    assert shown.notice == "there is no fog"
    now += 0.2
    assert shown.notice == ""


def test_in_the_terminal_it_is_told_too() -> None:
    shown = Shown("maze/tag", Noop(), Noop())
    shown.command("views")
    canvas = Canvas(1)
    canvas.begin(100, 30)
    half_blocks.draw(canvas, shown, by_repeat=False)
    assert telling.NO_FOG in "".join(chr(c & 0xFFFFFF) for c in canvas._cells[-1, :, 0])
    shown.close()
