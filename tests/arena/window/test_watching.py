"""Watching: the newest weights play, nothing is kept, and whatever happens to a run is told calmly."""

import shutil
from collections.abc import Iterator

import numpy as np
import pygame
import pytest

from arena.errors import UsageError
from arena.games import catalog
from arena.store import replays
from arena.window import following, half_blocks, overlays, thrift
from arena.window.canvas import Canvas
from arena.window.series import Series
from arena.window.session import Setup
from arena.window.view import View
from arena.window.watching import Watching
from tests.arena.window.learners import Learning, shown, until


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "LOOK", 0.01)
    monkeypatch.setattr(thrift, "stand_back", lambda: None)  # the tests' own process stays where it is


@pytest.fixture
def learning() -> Iterator[Learning]:
    made = Learning()
    yield made
    made.close()


def test_weights_are_taken_up_in_the_middle_of_a_match(learning: Learning) -> None:
    session = shown(learning.checkpoint(10).id)
    bout = session.bout
    until(session, lambda: bout.match.ticks > 3)
    assert session.plate(0) == ("ppo", "step 10")
    learning.leave(2_000_000, seed=9)
    until(session, lambda: session.plate(0)[1] == "step 2 M")
    assert session.bout is bout, "the same match goes on"
    seen = np.random.default_rng(1).integers(0, 256, (4, 5, 7, 7)).astype(np.uint8)
    agents = bout.match.players[0].agent, learning.learner(0, seed=9)
    assert np.array_equal(*(agent.inspect(seen).actions for agent in agents))
    until(session, lambda: session.card is not None)
    assert replays.ids() == []
    session.close()


def test_it_stands_back_once_there_is_something_to_see_and_for_nobody_who_does_not_learn(
    learning: Learning, monkeypatch: pytest.MonkeyPatch
) -> None:
    stood: list[str] = []
    monkeypatch.setattr(thrift, "stand_back", lambda: stood.append("back"))
    shown("random").close()
    assert stood == []
    session = shown(learning.checkpoint(10).id)
    until(session, lambda: session.bout.match.ticks > 3)
    assert stood == ["back"]
    session.close()


def test_against_a_person_they_are_taken_up_between_matches_only(learning: Learning) -> None:
    setup = Setup("maze/run", ("human", learning.checkpoint(10).id), seed=7, me="Ann", options={"size": 7})
    session = Series(setup, lambda event: None)
    until(session, lambda: session.bout is not None)
    session.command("accept")
    learning.leave(20, seed=9)
    until(session, lambda: session.card is not None, 60)
    first = session.bout.match.players[1].identity
    assert session.plate(1)[1].startswith("step 10") and first.detail.endswith("at step 10")
    session.command("rematch")
    until(session, lambda: session.card is None and not session.loading)
    second = session.bout.match.players[1].identity
    assert session.plate(1) == ("ppo", "step 20") and second.id != first.id
    session.close()


def test_a_run_that_has_only_begun_is_waited_for(learning: Learning) -> None:
    session = Watching(Setup("maze/run", (learning.id,), kept=False, endless=True), lambda event: None)
    until(session, lambda: "waiting for what it learns first" in session.loading)
    surface = pygame.Surface((640, 480))
    View().draw(surface, session)
    overlays.draw(surface, session)
    learning.leave(64, seed=1)
    until(session, lambda: session.bout is not None)
    assert session.plate(0)[1] == "step 64"
    session.close()


def test_a_window_can_be_left_while_it_waits(learning: Learning) -> None:
    session = Watching(Setup("maze/run", (learning.id,), kept=False, endless=True), lambda event: None)
    until(session, lambda: "waiting" in session.loading)
    session.command("escape")
    assert session.closed
    task = session._loading
    task.join(5)
    assert not task.is_alive()
    session.close()


def test_a_run_that_ended_before_it_learned_anything_is_refused() -> None:
    learning = Learning().end("stopped")
    session = Watching(Setup("maze/run", (learning.id,), kept=False, endless=True), lambda event: None)
    with pytest.raises(UsageError, match=f"no checkpoint.*arena train --resume {learning.id}"):
        until(session, lambda: session.bout is not None)
    session.close()


def test_a_run_that_is_over_and_one_that_was_deleted_say_so(learning: Learning) -> None:
    session = shown(learning.checkpoint(10).id)
    assert "nobody trains" not in session.status()
    learning.end("done")
    until(session, lambda: "nobody trains it now" in session.status())
    shutil.rmtree(learning.folder)
    until(session, lambda: session.followed[0].story.state == "gone")
    ticks = session.bout.match.ticks
    until(session, lambda: session.bout.match.ticks > ticks or session.card is not None)
    session.close()


def test_racers_have_the_same_level_and_keep_their_seats() -> None:
    made = [Learning(seed=seed).checkpoint(10, seed) for seed in (1, 2, 3, 4)]
    session = shown(*(learning.id for learning in made))
    for _ in range(2):
        levels = [game.worlds.tiles.tobytes() for game in session.bout.match.games]
        assert len(levels) == 4 and len(set(levels)) == 1
        assert [session.plate(seat)[0] for seat in range(4)] == ["ppo s1", "ppo s2", "ppo s3", "ppo s4"]
        before = session.bout
        session.command("next")
        until(session, lambda before=before: session.bout is not before)
    assert [seat for seat, _ in session.learners()] == [0, 1, 2, 3]
    session.close()
    for learning in made:
        learning.close()


def test_in_a_shared_world_nobody_changes_seats_and_levels_are_new() -> None:
    made = [Learning("maze/coins", seed).checkpoint(10, seed) for seed in (1, 2)]
    session = shown(*(learning.id for learning in made), game="maze/coins", options={"size": 11})
    seen = set()
    for _ in range(3):
        assert [session.plate(seat)[0] for seat in range(2)] == ["ppo s1", "ppo s2"]
        seen.add(session.bout.match.seed)
        before = session.bout
        session.command("next")
        until(session, lambda before=before: session.bout is not before)
    assert len(seen) == 3
    session.close()
    for learning in made:
        learning.close()


def test_one_run_sits_in_every_seat_that_a_game_needs_and_is_told_of_once() -> None:
    learning = Learning("maze/race").checkpoint(10)
    session = shown(learning.id, learning.id, game="maze/race", options={"size": 11})
    assert len(session.bout.match.players) == 2 and len(session.learners()) == 1
    session.close()
    learning.close()


def test_the_keys_do_what_the_help_says(learning: Learning) -> None:
    session = shown(learning.checkpoint(10).id)
    told = {key for key, _ in session.key_help()}
    assert {"S", "O", "L", "N", "I", "F12", "P", "H"} <= told
    kinds = []
    for key in ("saliency", "saliency", "saliency", "map", "map", "map", "saliency", "map"):
        session.command(key)
        kinds.append(session.lens.kind)
    assert kinds == ["choice", "value", None, "values", "visits", None, "choice", "values"]
    session.command("rail")
    assert not session.rail
    before = session.bout
    session.command("next")
    until(session, lambda: session.bout is not before)
    session.close()


def test_after_a_replay_and_after_a_result_it_goes_on_as_before(learning: Learning) -> None:
    session = shown(learning.checkpoint(10).id)
    for _ in range(4):
        session.command("faster")
    until(session, lambda: session.card is not None, 40)
    session.command("replay")
    assert session.possible_maps == () and session.bout is not None
    session.command("escape")
    assert session.insight and session.card is not None and not session.closed
    before = session.bout
    session.command("next")
    until(session, lambda: session.bout is not before and session.card is None)
    session.close()


def test_nothing_lies_over_a_board_that_is_looked_at_while_time_stands_still(learning: Learning) -> None:
    session = shown(learning.checkpoint(10).id)
    for _ in range(20):
        session.update(1 / 60)
    session.command("pause")
    bare, covered = pygame.Surface((640, 480), depth=32), pygame.Surface((640, 480), depth=32)
    View().draw(bare, session)
    View().draw(covered, session)
    overlays.draw(covered, session)
    assert pygame.image.tobytes(bare, "RGB") == pygame.image.tobytes(covered, "RGB")
    session.rail = False
    overlays.draw(covered, session)
    assert pygame.image.tobytes(bare, "RGB") != pygame.image.tobytes(covered, "RGB")
    session.close()


def test_what_an_agent_cannot_tell_is_not_offered() -> None:
    session = shown("pathfinder")
    assert session.possible_maps == () and {"S", "O"}.isdisjoint(key for key, _ in session.key_help())
    session.command("saliency")
    session.command("map")
    assert session.lens.kind is None
    session.close()


SIZES = [(1, 1), (40, 30), (160, 120), (320, 200), (640, 480), (480, 640), (1280, 800), (1920, 1080)]


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_every_number_of_learners_can_be_drawn_at_every_size(count: int) -> None:
    made = [Learning(seed=seed) for seed in range(count)]
    for learning in made:
        learning.checkpoint(10, learning.seed)
        learning.log(10, 1.0, episodic_return=1.0, solved=0.5)
    session, view = shown(*(learning.id for learning in made)), View()
    for key in ("map", "map", "saliency", "saliency", "saliency", "help", "help", "rail", "rail"):
        session.command(key)
        for _ in range(20):
            session.update(1 / 60)
        for size in SIZES:
            surface = pygame.Surface(size)
            view.draw(surface, session)
            overlays.draw(surface, session)
    session.close()
    for learning in made:
        learning.close()


@pytest.mark.parametrize("size", SIZES[4:])
@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_the_rail_lies_beside_the_boards_and_over_none_of_them(count: int, size: tuple[int, int]) -> None:
    made = [Learning(seed=seed).checkpoint(10) for seed in range(count)]
    session = shown(*(learning.id for learning in made))
    session.rail_pinned = True  # some would else have all the room for the boards
    _, places, rail = View()._arranged(*size, session, True)
    assert rail is not None and rail.width * rail.height > 0.15 * size[0] * size[1]
    assert not any(rail.overlaps(place.block) for place in places)
    boards = sum(place.picture.width * place.picture.height for place in places)
    assert boards > 0.2 * size[0] * size[1]
    session.rail = False
    _, places, rail = View()._arranged(*size, session, False)
    assert rail is None
    session.close()
    for learning in made:
        learning.close()


def test_every_maze_and_a_game_of_another_family_can_be_watched() -> None:
    for entry in (*catalog.MAZES, catalog.find("gym/CartPole-v1")):
        made = Learning(entry.id).checkpoint(10)
        session = shown(*[made.id] * entry.seats[0], game=entry.id, options={})
        surface, view = pygame.Surface((640, 480)), View()
        for key in ("map", "map", "saliency"):
            session.command(key)
            for _ in range(15):
                session.update(1 / 60)
                view.draw(surface, session)
        session.close()
        made.close()


def test_under_fog_nothing_is_shown_where_another_stands_unseen() -> None:
    made = Learning("maze/race").checkpoint(10)
    session = shown(made.id, made.id, game="maze/race", options={"size": 19})
    bout = session.bout
    first, second = bout.sights()
    assert len(bout.standing(first)) == len(bout.standing(second)) == 1, "they begin far apart"
    assert bout.standing(first) != bout.standing(second)
    [whole] = bout.sights(whole=True)
    assert len(bout.standing(whole)) == 2
    session.close()
    made.close()


def test_in_the_terminal_each_learner_has_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    made = [Learning(seed=seed).checkpoint(10) for seed in (1, 2)]
    for learning in made:
        for step in range(1, 40):
            learning.log(10 * step, float(step), episodic_return=step / 40, solved=step / 40)
    session = shown(*(learning.id for learning in made))
    until(session, lambda: all(f.story.step == 390 for _, f in session.learners()))
    canvas = Canvas(1)
    for size, lines in (((110, 30), 2), ((40, 30), 2), ((110, 10), 0)):
        canvas.begin(*size)
        half_blocks.draw(canvas, session, by_repeat=False)
        text = ["".join(chr(c & 0xFFFFFF) for c in row) for row in canvas._cells[..., 0]]
        told = [line for line in text if line.startswith(("ppo s1  step 390", "ppo s2  step 390"))]
        assert len(told) == lines
        if size[0] == 110:
            assert all("10 steps/s" in line and "98%" in line and "training" in line for line in told)
    session.close()
    for learning in made:
        learning.close()
