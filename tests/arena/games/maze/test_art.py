"""Pictures of mazes: their size, what moves in them, and what fog hides."""

import numpy as np
import pytest

from arena.games import catalog
from arena.games.maze import make
from arena.games.maze.art import SEATS, TILE
from arena.games.maze.world import BORDER, STAY, VIEW

SEATED = [(entry.id, seats) for entry in catalog.MAZES for seats in entry.seats]


def has_colour(picture: np.ndarray, colour: tuple[int, int, int]) -> bool:
    return bool((picture == np.array(colour)).all(axis=-1).any())


@pytest.mark.parametrize(("game_id", "seats"), SEATED)
def test_every_player_is_drawn_in_its_seats_colour(game_id: str, seats: int) -> None:
    game = make(game_id, **({"seats": seats} if seats > 1 else {}))
    game.reset(1)
    picture = game.frame()
    assert picture.shape == (game.options.size * TILE,) * 2 + (3,)
    for seat in range(seats):
        assert has_colour(picture, SEATS[seat])


def test_players_glide_from_where_they_were() -> None:
    game = make("maze/run")
    game.reset(1)
    action = game.shortest_path_action(0)
    standing = game.frame()
    game.tick([action])
    start, middle, end = (game.frame(blend=blend) for blend in (0.0, 0.5, 1.0))
    assert (start != middle).any()
    assert (middle != end).any()

    def centre(picture: np.ndarray) -> np.ndarray:
        return np.argwhere((picture == np.array(SEATS[0])).all(axis=-1)).mean(axis=0)

    np.testing.assert_allclose(centre(start), centre(standing), atol=0.5)
    np.testing.assert_allclose(centre(middle), (centre(start) + centre(end)) / 2, atol=0.5)


@pytest.mark.parametrize("tile", [5, TILE, 21])
def test_fog_hides_what_a_seat_has_not_seen_and_nobody_elses_view(tile: int) -> None:
    game = make("maze/race", seats=2)
    game.reset(4)
    row, column = game.worlds.at[0, 0] - BORDER
    mine, everything = game.frame(0, tile=tile), game.frame(tile=tile)
    shown = np.zeros(mine.shape[:2], bool)
    reach = VIEW // 2
    shown[
        max(row - reach, 0) * tile : (row + reach + 1) * tile,
        max(column - reach, 0) * tile : (column + reach + 1) * tile,
    ] = True
    hidden = mine[~shown]
    assert (hidden == hidden[0]).all()
    same = (mine == everything).all(axis=-1)
    assert same[shown].mean() > 0.95  # all but the arrow to the exit
    assert not has_colour(mine, SEATS[1])


@pytest.mark.parametrize("tile", [5, 21, 42])
def test_another_number_of_pixels_a_tile_shows_the_same_scene(tile: int) -> None:
    game = make("maze/vault")
    game.reset(1)
    usual, other = game.frame(), game.frame(tile=tile)
    assert other.shape == (game.options.size * tile,) * 2 + (3,)

    def tiles(picture: np.ndarray, side: int) -> np.ndarray:
        """The mean colour of each tile."""
        size = game.options.size
        means: np.ndarray = picture.reshape(size, side, size, side, 3).mean(axis=(1, 3))
        return means

    np.testing.assert_allclose(tiles(other, tile), tiles(usual, TILE), atol=16)


def test_under_fog_an_arrow_shows_where_the_exit_is() -> None:
    """The same place with the exit mirrored brings another picture, though the exit is out of view."""
    game = make("maze/race", seats=2)
    game.reset(4)
    game.tick([STAY, STAY])
    there = game.frame(0)
    game.worlds.target[0, 0] = 2 * game.worlds.at[0, 0] - game.worlds.target[0, 0]
    assert (game.frame(0) != there).any()


def test_a_picture_is_not_changed_by_drawing_the_next() -> None:
    game = make("maze/run")
    game.reset(1)
    first = game.frame()
    kept = first.copy()
    game.tick([game.shortest_path_action(0)])
    game.frame()
    np.testing.assert_array_equal(first, kept)
