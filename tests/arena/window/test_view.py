import numpy as np
import pygame
import pytest

from arena.matches.match import Match
from arena.matches.player import Noop, Pathfinder
from arena.window import overlays
from arena.window.bout import Bout
from arena.window.lettering import text_size
from arena.window.session import Session
from arena.window.telling import Card
from arena.window.view import View

SIZES = [(640, 480), (1280, 800), (1920, 1080)]


FITTED = (0, 0)
"""The window that is as small as its boards let it be."""


def shown(game: str, players: int) -> Session:
    session = Session()
    session.loading, session.strengths = "", {}
    session.bout = Bout(
        Match(game, [Pathfinder() if game == "maze/run" else Noop() for _ in range(players)], 1)
    )
    return session


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    ("game", "players"), [("maze/run", 1), ("maze/race", 2), ("maze/run", 3), ("maze/race", 4)]
)
def test_mazes_fill_a_window_that_was_fitted_to_them(game, players, size):
    session, view = shown(game, players), View()
    width, height = view.least(size, session)
    assert width <= size[0] and height <= size[1]
    assert text_size(height, width) >= min(18, text_size(size[1], size[0]))
    (_, there), (_, here) = (view.places(*each, session, False) for each in (size, (width, height)))
    assert [place.scale for place in here] == [place.scale for place in there]
    pictures = sum(place.picture.width * place.picture.height for place in here)
    assert pictures > (0.6 if players != 3 else 0.35) * width * height
    session.close()


def begins(session: Session, people: int) -> None:
    session.waiting = True


def counts_down(session: Session, people: int) -> None:
    session.countdown = 2.5


def has_ended(session: Session, people: int) -> None:
    changes = ("1034 ±40 (+14)",) * people
    session.card = Card("random wins, 12 to 11", 0, changes, "somebody left the match")


@pytest.mark.parametrize("size", [FITTED, *SIZES])
@pytest.mark.parametrize("moment", [begins, counts_down, has_ended])
@pytest.mark.parametrize(("game", "players"), [("maze/run", 1), ("maze/tag", 2), ("maze/run", 3)])
def test_neither_the_start_nor_the_result_hides_anything_of_the_boards(
    monkeypatch, game, players, moment, size
):
    session, view = shown(game, players), View()
    keys = [(seat, "arrow keys + space") for seat in range(players)]
    monkeypatch.setattr(session, "before_the_start", lambda: keys)
    moment(session, players)
    width, height = view.least(SIZES[1], session) if size == FITTED else size
    surface = pygame.Surface((width, height), depth=32)
    view.draw(surface, session)
    bare = pygame.image.tobytes(surface, "RGB")
    overlays.draw(surface, session)
    assert pygame.image.tobytes(surface, "RGB") != bare
    drawn = np.frombuffer(pygame.image.tobytes(surface, "RGB"), np.uint8).reshape(height, width, 3)
    sights, places = view.places(width, height, session, False)
    for sight, place in zip(sights, places, strict=True):
        x, y, wide, tall = place.picture
        np.testing.assert_array_equal(
            drawn[y : y + tall, x : x + wide], session.bout.frame(sight, place.scale)
        )
    session.close()
