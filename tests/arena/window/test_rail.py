"""What stands beside the boards can be read to its end, and makes no small board smaller."""

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


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "LOOK", 0.01)
    monkeypatch.setattr(thrift, "stand_back", lambda: None)


@pytest.fixture
def session() -> Iterator[Watching]:
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


@pytest.fixture
def race(request: pytest.FixtureRequest) -> Iterator[Watching]:
    """Four runs of a game side by side."""
    made = [Learning(request.param, seed).checkpoint(10) for seed in (1, 2, 3, 4)]
    session = shown(*(learning.id for learning in made), game=request.param, options={})
    yield session
    session.close()
    for learning in made:
        learning.close()


def boards(session: Watching, size: tuple[int, int]) -> tuple[int, int, bool]:
    """The smallest board's width and height, and whether the rail is there."""
    view = View()
    view.draw(pygame.Surface(size, depth=32), session)
    _, places = view.places(*size, session, session.insight)
    return *min(place.picture[2:] for place in places), session.rail_shown


@pytest.mark.parametrize(
    ("race", "least", "rail"), [(GAME, (290, 190), False), ("maze/run", (195, 195), True)], indirect=["race"]
)
def test_four_in_a_small_window_have_most_of_it(race: Watching, least: tuple[int, int], rail: bool) -> None:
    wide, tall, shows = boards(race, (640, 480))
    assert wide >= least[0] and tall >= least[1] and shows == rail


@pytest.mark.parametrize("race", [GAME], indirect=True)
def test_the_rail_is_folded_away_where_boards_are_small_until_it_is_asked_for(race: Watching) -> None:
    small, large = (640, 480), (1280, 800)
    wide, *_, shows = boards(race, small)
    assert not shows and boards(race, large)[-1]
    boards(race, small)
    race.command("rail")
    assert boards(race, small)[-1] and boards(race, small)[0] < wide
    race.command("rail")
    assert not boards(race, small)[-1] and not boards(race, large)[-1]
    race.command("rail")
    assert boards(race, large)[-1]


@pytest.mark.parametrize("race", ["maze/run"], indirect=True)
def test_without_the_rail_what_each_thinks_costs_the_boards_nothing(race: Watching) -> None:
    race.rail = False
    sizes = [boards(race, (640, 480))[:2]]
    race.insight = False
    sizes.append(boards(race, (640, 480))[:2])
    assert sizes == [(195, 195)] * 2
