"""A survey shows what a seat is given, from wherever it stands."""

import numpy as np
import pytest

from arena.games import catalog
from arena.games.maze.game import MazeGame
from arena.games.maze.survey import open_tiles, views
from arena.games.maze.world import BORDER, STAY


def made(name: str, **options: object) -> MazeGame:
    entry = catalog.find(f"maze/{name}")
    game = catalog.make(entry.id, seats=entry.seats[0], **options)
    assert isinstance(game, MazeGame)
    game.reset(5)
    return game


@pytest.mark.parametrize("observation", ["planes", "grid"])
@pytest.mark.parametrize("name", [entry.name for entry in catalog.MAZES])
def test_from_where_a_seat_stands_a_survey_shows_what_it_is_given(name: str, observation: str) -> None:
    game = made(name, observation=observation)
    rng = np.random.default_rng(2)
    for _ in range(40):
        for seat in range(game.spec.seats):
            here = (game.worlds.at[:1, seat] - BORDER).astype(np.int64)
            assert here.tolist()[0] in open_tiles(game.worlds, seat).tolist()
            [seen] = views(game.worlds, game.options, game.settings, seat, here)
            assert np.array_equal(seen, game.observe(seat))
        if game.tick([int(a) for a in rng.integers(0, 6, game.spec.seats)]).ended:
            break


def test_from_the_next_tile_it_shows_what_is_given_after_the_move_there() -> None:
    game = made("run")
    moved = 0
    for _ in range(30):
        before = game.worlds.at[0, 0].copy()
        there = game.snapshot()
        game.tick([game.shortest_path_action(0)])
        at = (game.worlds.at[:1, 0] - BORDER).astype(np.int64)
        seen = game.observe(0)
        game.restore(there)
        [foreseen] = views(game.worlds, game.options, game.settings, 0, at)
        game.tick([game.shortest_path_action(0)])
        without_footprints = [0, *range(2, len(seen))]
        assert np.array_equal(foreseen[without_footprints], seen[without_footprints])
        moved += int((game.worlds.at[0, 0] != before).any())
        if game.worlds.over[0]:
            break
    assert moved > 5


def test_a_survey_changes_nothing() -> None:
    game = made("coins")
    before = game.digest()
    tiles = open_tiles(game.worlds, 1)
    assert len(views(game.worlds, game.options, game.settings, 1, tiles)) == len(tiles) > 40
    assert game.digest() == before
    game.tick([STAY] * game.spec.seats)


def test_every_tile_that_is_walked_on_is_open_and_the_goal_is_none() -> None:
    game = made("vault")
    tiles = {tuple(tile) for tile in open_tiles(game.worlds, 0).tolist()}
    walked = set()
    while not game.worlds.over[0]:
        walked.add(tuple((game.worlds.at[0, 0] - BORDER).tolist()))
        game.tick([game.shortest_path_action(0)])
    goal = tuple((game.worlds.at[0, 0] - BORDER).tolist())
    assert len(walked) > 30 and walked <= tiles and goal not in tiles, "doors are no walls"
