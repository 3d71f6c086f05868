"""What stands beside the boards can be read to its end."""

import time
from collections.abc import Iterator
from dataclasses import replace

import pygame
import pytest

from arena.window import following, lettering, thrift
from arena.window.layout import Rect
from arena.window.lettering import text_size
from arena.window.rail import NARROWEST
from arena.window.rail_parts import head, head_height, progress
from arena.window.view import View
from arena.window.watching import Watching
from tests.arena.window.learners import Learning, shown, until

SIZES = [(640, 480), (1280, 800), (1920, 1080)]
GAME = "gym/CartPole-v1"


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> Iterator[Watching]:
    monkeypatch.setattr(following, "LOOK", 0.01)
    monkeypatch.setattr(thrift, "stand_back", lambda: None)
    learning = Learning(GAME, seed=12, total_steps=500_000).checkpoint(10)
    learning.log(123_000, 100.0, episodic_return=50.0)
    learning.log(125_000, 101.0, episodic_return=55.0)
    session = shown(learning.id, game=GAME, options={})
    until(session, lambda: session.followed[0].story.rate is not None)
    session.followed[0].facing = 124_000
    yield session
    session.close()
    learning.close()


@pytest.fixture
def cut(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """All words whose end was left out."""
    found: list[str] = []
    whole = lettering.text

    def text(words: str, size: int, colour: tuple[int, int, int]) -> pygame.Surface:
        found.extend([words] if words.endswith("…") else [])
        return whole(words, size, colour)

    monkeypatch.setattr(lettering, "text", text)
    return found


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("state", ["running", "done"])
def test_no_words_beside_the_picture_are_cut_off(
    session: Watching, cut: list[str], size: tuple[int, int], state: str
) -> None:
    learner = session.followed[0]
    learner.story = replace(learner.story, state=state)  # type: ignore[arg-type]
    View().draw(pygame.Surface(size, depth=32), session)
    assert cut == []


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("seconds", [6, 99, 5_000])
def test_what_is_told_of_a_training_stays_in_the_narrowest_rail(
    session: Watching, size: tuple[int, int], seconds: int
) -> None:
    letters, learner = text_size(size[1], size[0]), session.followed[0]
    learner.taken = time.monotonic() - seconds
    wide = (NARROWEST - 2) * letters
    box = Rect(10, 10, wide, head_height(learner, wide, letters))
    drawn = pygame.Surface((wide + 200, 200), depth=32)
    head(drawn, learner, 0, box, letters)
    progress(drawn, learner, 0, Rect(10, 100, wide, 4 * letters), letters)
    drawn.set_colorkey((0, 0, 0))
    inside = pygame.mask.from_surface(drawn).get_bounding_rects()
    assert inside and max(rect.right for rect in inside) <= 10 + wide + 1
