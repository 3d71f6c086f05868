import numpy as np

from arena.matches.match import Match
from arena.matches.player import Human, Noop, Pathfinder
from arena.window.bout import Bout


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
