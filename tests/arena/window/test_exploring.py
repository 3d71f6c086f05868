"""A window on a run that explores: its map, its figures, and what its keys do."""

import time
from collections.abc import Iterator

import numpy as np
import pygame
import pytest

from arena.errors import UsageError
from arena.store import runs
from arena.training.run import train
from arena.training.settings import Settings
from arena.window import half_blocks
from arena.window.canvas import Canvas
from arena.window.exploring import Exploring
from arena.window.following import follow
from arena.window.session import Setup
from arena.window.view import View

GAMES = {"maze/vault": {"size": 9}, "atari/montezuma_revenge": {}, "atari/pong": {}}
"""Of the last it is not known where anything lies on its screen."""


@pytest.fixture(params=GAMES)
def session(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Exploring]:
    monkeypatch.setattr(
        "arena.window.thrift.stand_back", lambda: None
    )  # of this process there is more to come
    overrides = {"explorations": "20"}
    *_, last = train(
        Settings("go-explore", request.param, steps=3_000, options=GAMES[request.param], overrides=overrides)
    )
    made = Exploring(Setup(request.param, (last.run,), endless=True))
    until = time.monotonic() + 60
    while made.loading and time.monotonic() < until:
        made.update(0.02)
        time.sleep(0.02)
    yield made
    made.close()


def drawn(session: Exploring, size: tuple[int, int]) -> np.ndarray:
    surface = pygame.Surface(size, depth=32)
    View().draw(surface, session)
    return pygame.surfarray.array3d(surface)


def test_its_map_and_its_figures_are_drawn_at_every_size(session: Exploring) -> None:
    assert not session.loading and session.atlas is not None
    for size in ((640, 480), (1280, 800), (600, 1000), (200, 150)):
        assert len(np.unique(drawn(session, size).reshape(-1, 3), axis=0)) > 20, size
    told = {meaning: figure for figure, meaning in session.figures()}
    assert told["cells"] == f"{len(session.atlas.xs):,}"


def test_o_changes_the_colours_and_l_makes_room_for_the_map(session: Exploring) -> None:
    first = drawn(session, (1280, 800))
    session.command("map")
    assert session.measure == "visits" and (drawn(session, (1280, 800)) != first).any()
    session.command("map")
    session.command("map")
    assert session.measure == "distance" and (drawn(session, (1280, 800)) == first).all()
    session.command("rail")
    assert (drawn(session, (1280, 800)) != first).any()
    session.command("help")
    assert session.helping
    session.command("escape")
    assert not session.helping and not session.closed
    session.command("escape")
    assert session.closed


def test_a_terminal_shows_the_map_too(session: Exploring) -> None:
    canvas = Canvas(1)
    canvas.begin(80, 24)
    half_blocks.draw(canvas, session, by_repeat=False)
    assert len(np.unique(canvas._cells[1:-1, :, 1])) > 5
    words = "".join(chr(code & 0xFFFFFF) for code in canvas._cells[0, :, 0])
    assert words.startswith("go-explore") and "cells" in words


def test_nobody_plays_against_it(session: Exploring) -> None:
    run = session.following.run
    with pytest.raises(UsageError, match=f"{run.id} has explored {run.game}, and has no policy to play by"):
        follow(Setup(run.game, ("human", run.id)))


def test_it_is_watched_alone(session: Exploring) -> None:
    run = runs.find(session.following.run.id)
    with pytest.raises(UsageError, match=f"watched alone, and {run.id}, random were named"):
        Exploring(Setup(run.game, (run.id, "random"), endless=True))
