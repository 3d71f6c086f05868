"""Somebody else's player on show: it has no thoughts, and nothing breaks for want of them."""

import time
from pathlib import Path

import pygame
import pytest

from arena.window import half_blocks, overlays
from arena.window.canvas import Canvas
from arena.window.series import Series
from arena.window.session import Setup
from arena.window.view import View
from arena.window.watching import Watching
from tests.arena.matches.visitors import install


@pytest.mark.parametrize("kind", [Series, Watching])
@pytest.mark.parametrize("game", ["maze/race", "gym/CartPole-v1"])
def test_it_is_drawn_with_all_overlays_to_the_end_of_a_match(
    kind: type[Series], game: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path, monkeypatch)
    players = ("entry:counting", "entry:crashing")
    session = kind(Setup(game, players, seed=3, endless=kind is Watching), lambda event: None)
    view, surface, canvas = View(), pygame.Surface((800, 600)), Canvas(1)
    end, drawn, why = time.monotonic() + 60, 0, ""
    while not why or drawn < 100:  # beyond the end of the first match
        assert time.monotonic() < end, "it never came"
        session.update(1 / 10)
        if session.bout is None:
            time.sleep(0.01)
            continue
        if kind is Series:
            session.command("accept")  # no countdown; while watching it means the next level
        for key in ("insight", "map", "saliency", "rail"):
            session.command(key)
        if drawn % 10 == 0:
            view.draw(surface, session)
            overlays.draw(surface, session)
            canvas.begin(100, 30)
            half_blocks.draw(canvas, session, by_repeat=False)
        why = why or "".join(forfeit for _, forfeit in session.bout.match.forfeits.values())
        drawn += 1
    assert why == "its process ended: ZeroDivisionError: division by zero"
    session.close()
