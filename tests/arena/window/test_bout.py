import numpy as np
import pytest

from arena.matches.match import Match
from arena.matches.player import Human, Noop, Pathfinder, RandomPlayer
from arena.window import theme
from arena.window.bout import TILE, Bout


def test_a_copy_that_has_ended_stands_still_while_the_others_glide():
    bout = Bout(Match("maze/run", [Pathfinder(), Noop()], 1))
    while bout.match.playing(0):
        bout.tick()
    ended = bout.sights()[0]
    pictures = []
    for bout.pace.owed in (0.2, 0.9):
        pictures.append(bout.frame(ended).copy())
    np.testing.assert_array_equal(*pictures)
    bout.match.close()


def test_in_a_duel_every_copy_has_a_player_in_its_seats_colour():
    bout = Bout(Match("maze/run", [Noop() for _ in theme.SEATS], 1))
    for seat, sight in enumerate(bout.sights()):
        picture = bout.frame(sight).reshape(-1, 3)
        shown = [bool((picture == colour).all(axis=1).any()) for colour in theme.SEATS]
        assert shown == [other == seat for other in range(len(theme.SEATS))]
    bout.match.close()


def test_players_of_one_maze_have_the_colours_of_their_seats():
    bout = Bout(Match("maze/race", [Noop(), Noop()], 1))
    picture = bout.frame(bout.sights(whole=True)[0]).reshape(-1, 3)
    assert [bool((picture == colour).all(axis=1).any()) for colour in theme.SEATS[:3]] == [True, True, False]
    bout.match.close()


@pytest.mark.parametrize("tile", [3, 16, 21, 40])
def test_a_maze_is_drawn_at_any_number_of_pixels_a_tile(tile):
    bout = Bout(Match("maze/race", [Noop(), Pathfinder()], 1))
    sight = bout.sights()[0]
    tall, wide = bout.shape(sight)
    assert bout.frame(sight, tile / TILE).shape == (tall * tile // TILE, wide * tile // TILE, 3)
    bout.match.close()


def test_every_tick_is_heard_once_until_the_persons_game_is_over():
    bout = Bout(Match("atari/pong", [RandomPlayer(), Human("Ann", lambda: None)], 1))
    assert bout.audible
    for _ in range(3):
        bout.tick()
    pieces = bout.hear()
    assert [len(piece) for piece in pieces] == [512] * 3 and pieces[-1] == bout.match.games[1].audio()
    assert bout.hear() == []
    bout.match.close()


def test_a_maze_has_no_sound():
    bout = Bout(Match("maze/run", [Noop()], 1))
    bout.tick()
    assert not bout.audible and bout.hear() == []
    bout.match.close()


def test_pieces_glide_between_ticks():
    bout = Bout(Match("maze/run", [Pathfinder()], 1))
    for _ in range(2):
        bout.tick()
    pictures = []
    for bout.pace.owed in (0.2, 0.9):
        pictures.append(bout.frame(bout.sights()[0]).copy())
    assert (pictures[0] != pictures[1]).any()
    bout.match.close()


def test_a_person_under_fog_sees_only_what_a_person_sees():
    bout = Bout(Match("maze/race", [Human("Ann", lambda: None), Pathfinder()], 1))
    assert [sight.seat for sight in bout.sights()] == [0]
    assert bout.sights()[0].seats == (0, 1)  # the other's name and score stand there all the same
    bout.match.close()


def test_agents_under_fog_are_each_shown_and_all_of_it_on_request():
    bout = Bout(Match("maze/race", [Noop(), Pathfinder()], 1))
    assert [sight.seat for sight in bout.sights()] == [0, 1]
    assert [sight.seat for sight in bout.sights(whole=True)] == [None]
    bout.match.close()


def test_a_shared_world_in_plain_sight_is_one_panel():
    bout = Bout(Match("maze/coins", [Noop(), Pathfinder()], 1))
    assert [sight.seats for sight in bout.sights()] == [(0, 1)]
    bout.match.close()
