"""What lies over a board is what the agent thinks there."""

import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from agents import saliency
from agents.agent import Insight
from arena.games.maze.survey import open_tiles, views
from arena.matches.match import Match
from arena.matches.player import AgentPlayer, Human
from arena.store.records import Identity
from arena.window import lens as module
from arena.window.bout import Bout
from arena.window.lens import Layer, Lens, kinds
from tests.arena.window.learners import Learning


@pytest.fixture
def agent() -> Iterator[Any]:
    learning = Learning()
    yield learning.learner(10)
    learning.close()


def bout(*agents: Any, game: str = "maze/run", **options: Any) -> Bout:
    players = [
        AgentPlayer(Identity(f"agent:{i}", "ppo", "agent"), a, greedy=False) for i, a in enumerate(agents)
    ]
    return Bout(Match(game, players, 3, options or {"size": 7}))


def shown(lens: Lens, shown_bout: Bout, *, paused: bool = False) -> dict[int, Layer]:
    """The layers when every seat's is that of now."""
    end = time.monotonic() + 10
    versions = [0] * len(shown_bout.match.players)
    while time.monotonic() < end:
        lens.follow(shown_bout, versions, paused=paused)
        stamps = {stamp if isinstance(stamp, int) else stamp[0] for stamp in lens._shown.values()}
        if len(lens.layers) == len(versions) and stamps == {shown_bout.match.ticks}:
            return lens.layers
        time.sleep(0.002)
    raise AssertionError("they never came")


def test_every_tile_has_the_value_that_the_agent_gives_it_from_there(agent: Any) -> None:
    playing, lens = bout(agent), Lens()
    lens.show("values")
    for _ in range(5):
        playing.tick()
    [layer] = shown(lens, playing).values()
    game: Any = playing.match.games[0]
    tiles = open_tiles(game.worlds, 0)
    expected = agent.inspect(views(game.worlds, game.options, game.settings, 0, tiles)).value
    assert np.array_equal(layer.grid[tuple(tiles.T)], expected)
    assert np.isnan(layer.grid).sum() == layer.grid.size - len(tiles)
    row, column = (int(part) for part in game.standing(0))
    here = agent.inspect(game.observe(0)[np.newaxis]).value[0]
    assert layer.grid[row, column] == pytest.approx(here, abs=1e-5)
    assert (layer.low, layer.high) == (expected.min(), expected.max())
    lens.close()


def test_what_matters_in_a_maze_lies_around_where_the_agent_stood_when_it_decided(agent: Any) -> None:
    playing, lens = bout(agent), Lens()
    lens.show("choice")
    row, column = playing.match.games[0].standing(0)  # type: ignore[attr-defined]
    playing.tick()
    [layer] = shown(lens, playing).values()
    left, top, wide, tall = (7 * part for part in layer.area)
    assert (left + 3, top + 3) == pytest.approx((column, row)) and (wide, tall) == pytest.approx((7, 7))
    found = saliency.of_cells(agent, playing.match.players[0].observation, 3)  # type: ignore[attr-defined]
    assert np.allclose(layer.grid, np.sqrt(found.choice)) and layer.glows
    lens.close()


def test_what_mattered_fades_when_the_game_has_moved_on_and_maps_of_tiles_do_not() -> None:
    grid = np.ones((2, 2), np.float32)
    glow = Layer("choice", grid, (0.0, 0.0, 1.0, 1.0), 0.0, 1.0)
    told = [glow.strength(seconds) for seconds in (0.0, 0.2, 0.5, 0.9, 1.0, 30.0)]
    assert told[:2] == [1.0, 1.0] and told[-2:] == [0.0, 0.0] and told == sorted(told, reverse=True)
    assert Layer("values", grid, (0.0, 0.0, 1.0, 1.0), 0.0, 1.0).strength(30.0) == 1.0


def test_a_map_tells_when_its_agent_saw_what_it_is_of(agent: Any) -> None:
    playing, lens = bout(agent), Lens()
    lens.show("choice")
    for _ in range(3):
        playing.tick()
    [layer] = shown(lens, playing).values()
    assert layer.ticks == playing.match.ticks == 3
    lens.close()


def test_visits_are_counted_without_a_limit(agent: Any) -> None:
    class Stayer(AgentPlayer):
        def act(self) -> int:
            super().act()
            return 4

    playing = Bout(Match("maze/run", [Stayer(Identity("agent:1", "ppo", "agent"), agent, greedy=True)], 3))
    lens = Lens()
    lens.show("visits")
    for _ in range(20):
        playing.tick()
    [layer] = shown(lens, playing).values()
    assert np.nanmax(layer.grid) == layer.high == 21 and np.isfinite(layer.grid).sum() == 1
    lens.close()


def test_all_boards_have_one_scale_and_it_shrinks_slowly(agent: Any) -> None:
    class Scaled(type(agent)):  # type: ignore[misc]
        factor = 1.0

        def inspect(self, observations: NDArray[Any]) -> Insight:
            thought = super().inspect(observations)
            return Insight(thought.actions, thought.kind, thought.value * self.factor)

    learning = Learning(seed=2)
    other = learning.learner(10, seed=2)
    learning.close()
    other.__class__ = Scaled
    other.factor = 10.0
    playing, lens = bout(agent, other), Lens()
    lens.show("values")
    playing.tick()
    first = dict(shown(lens, playing))
    assert (first[0].low, first[0].high) == (first[1].low, first[1].high)
    spread = first[0].high - first[0].low
    other.factor = 0.1
    playing.tick()
    second = shown(lens, playing)
    assert 0.5 * spread < second[0].high - second[0].low < spread
    lens.close()


def test_a_picture_is_looked_at_more_closely_while_time_stands_still(
    agent: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    shape = (module.PLACES,) * 2

    def of_picture(agent: Any, observation: NDArray[Any], places: int) -> saliency.Saliency:
        asked.append(places)
        return saliency.Saliency(np.ones(shape, np.float32), None)

    monkeypatch.setattr(saliency, "of_picture", of_picture)
    learning = Learning("maze/run", observation="picture", size=9)
    playing = bout(learning.learner(5), observation="picture", size=9)
    learning.close()
    assert kinds(playing) == ("choice", "value", "visits")
    lens = Lens()
    lens.show("choice")
    playing.tick()
    shown(lens, playing)
    playing.tick()
    shown(lens, playing, paused=True)
    assert (asked[0], asked[-1]) == (module.PLACES, module.PLACES_PAUSED)
    lens.close()


def test_an_agent_that_cannot_say_leaves_the_board_bare(agent: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    playing, lens = bout(agent), Lens()
    monkeypatch.setattr(agent, "inspect", lambda _: 1 / 0)
    lens.show("values")
    playing.tick()
    for _ in range(20):
        lens.follow(playing, [0], paused=False)
        time.sleep(0.002)
    assert lens.layers == {}
    lens.close()


def test_it_takes_no_more_than_its_share_of_the_time(agent: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    worked = []

    def work(*_: Any) -> Any:
        def busy() -> None:
            end = time.thread_time() + 0.02
            while time.thread_time() < end:
                pass
            worked.append(1)

        return busy

    monkeypatch.setattr(module, "_work", work)
    playing, lens = bout(agent), Lens()
    lens.share = 0.1
    lens.show("values")
    end = time.monotonic() + 1.0
    while time.monotonic() < end:
        playing.tick() if not playing.match.finished else None
        lens.follow(playing, [len(worked)], paused=False)
        time.sleep(0.005)
    assert 1 <= len(worked) <= 7
    lens.close()


def test_another_match_begins_with_bare_boards(agent: Any) -> None:
    playing, lens = bout(agent), Lens()
    lens.show("values")
    playing.tick()
    assert shown(lens, playing)
    lens.follow(bout(agent), [0], paused=False)
    assert lens.layers == {}
    lens.close()


def test_nothing_is_shown_to_a_person_who_plays(agent: Any) -> None:
    person = Human("Ann", lambda: None)
    player = AgentPlayer(Identity("agent:1", "ppo", "agent"), agent, greedy=True)
    assert kinds(Bout(Match("maze/run", [person, player], 3))) == ()
    assert kinds(Bout(Match("maze/run", [player], 3))) == ("choice", "value", "values", "visits")
    vector = Learning("gym/CartPole-v1")
    assert kinds(_cartpole(vector)) == ()
    vector.close()


def _cartpole(learning: Learning) -> Bout:
    player = AgentPlayer(Identity("agent:1", "ppo", "agent"), learning.learner(1), greedy=True)
    return Bout(Match("gym/CartPole-v1", [player], 3))
