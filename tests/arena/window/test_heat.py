"""Colours over a board mean what the scale beside it says."""

import numpy as np
import pygame

from arena.window import heat, theme
from arena.window.layout import Rect
from arena.window.lens import Layer

WHOLE = (0.0, 0.0, 1.0, 1.0)
SEAT = theme.seat(0)


def layer(kind, grid, area=WHOLE, faint=None, low=None, high=None):
    grid = np.array(grid, np.float32)
    low = float(np.nanmin(grid)) if low is None else low
    return Layer(kind, grid, area, low, float(np.nanmax(grid)) if high is None else high, faint)


def test_values_go_from_dark_violet_to_yellow_and_what_is_no_tile_stays_bare():
    surface = heat.paint(layer("values", [[-1.0, np.nan], [0.0, 3.0]]), (80, 80), SEAT)
    assert tuple(surface.get_at((20, 20)))[:3] == (68, 1, 84)
    assert tuple(surface.get_at((60, 60)))[:3] == (253, 231, 37)
    assert surface.get_at((60, 20)).a == 0 < surface.get_at((20, 60)).a


def test_a_scale_of_one_value_is_drawn_too():
    flat = layer("values", [[2.0, 2.0]])
    assert (flat.shares() == 0.5).all()
    assert heat.paint(flat, (20, 10), SEAT).get_at((3, 3)).a > 0
    assert (layer("choice", [[0.0, 0.0]]).shares() == 0.0).all()


def test_where_something_lies_it_stays_seen():
    faint = np.array([[True, False]])
    surface = heat.paint(layer("values", [[0.0, 1.0]], faint=faint), (40, 20), SEAT)
    assert surface.get_at((5, 5)).a < 0.5 * surface.get_at((25, 5)).a


def test_more_visits_are_brighter_in_the_players_colour():
    surface = heat.paint(layer("visits", [[1.0, 5.0, 9.0]], low=0.0), (90, 30), SEAT)
    shown = [sum(tuple(surface.get_at((x, 10)))[:3]) for x in (10, 40, 70)]
    assert shown == sorted(shown) and tuple(surface.get_at((70, 10)))[:3] == SEAT


def on_grey(surface, size):
    board = pygame.Surface(size, depth=32)
    board.fill((120, 120, 120))
    board.blit(surface, (0, 0))
    return board


def test_what_mattered_is_lit_and_the_rest_is_dark():
    grid = np.zeros((12, 12))
    grid[3, 8] = 1.0
    board = on_grey(heat.paint(layer("choice", grid), (120, 120), SEAT), (120, 120))
    lit, dark = board.get_at((85, 35)), board.get_at((20, 100))
    assert sum(lit[:3]) > 2 * sum(dark[:3]) and max(dark[:3]) < 70
    assert lit.b > lit.r, "in the colour of the seat"


def test_what_an_agent_cannot_see_is_dark_and_a_view_beyond_the_edge_is_cut():
    around = layer("value", np.ones((7, 7)), (-0.2, -0.2, 0.7, 0.7), low=0.0)
    board = on_grey(heat.paint(around, (100, 100), SEAT), (100, 100))
    assert sum(board.get_at((20, 20))[:3]) > sum(board.get_at((80, 80))[:3])


def test_a_player_stands_on_the_map_and_at_the_edge_too():
    picture = pygame.Surface((70, 70), depth=24)
    picture.fill((255, 0, 0))
    surface = pygame.Surface((100, 100), depth=32)
    at = Rect(10, 10, 70, 70)
    for row, column in ((3 / 7, 3 / 7), (0, 0), (6.5 / 7, 6.5 / 7), (2, 2), (-1, -1)):
        heat.cut_out(surface, picture, at, row, column, 1 / 7)
    assert tuple(surface.get_at((45, 45)))[:3] == (255, 0, 0), "its middle"
    assert tuple(surface.get_at((41, 41)))[:3] == (0, 0, 0), "not its square's corner"
    assert tuple(surface.get_at((85, 85)))[:3] == (0, 0, 0), "nothing outside the board"


def test_the_scale_stays_in_its_box_at_any_width():
    shown = layer("values", [[0.25, 0.75]])
    for width in (5, 40, 90, 300):
        surface = pygame.Surface((320, 40), depth=32)
        heat.draw_scale(surface, shown, SEAT, Rect(10, 10, width, 16), 16)
        drawn = pygame.mask.from_threshold(surface, (0, 0, 0), (1, 1, 1, 255))
        drawn.invert()
        assert all(pygame.Rect(10, 8, width, 20).contains(box) for box in drawn.get_bounding_rects())
