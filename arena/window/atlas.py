"""The archive of Go-Explore as a picture: every cell on the screen it was found on, the way to the best of
them, and the screens laid out as the game has them. Plain pixels: a window, a terminal and a film show it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from agents.atlas import Atlas
from agents.exploring import NOWHERE, Spot
from arena.window import theme
from arena.window.layout import Rect
from arena.window.survey import Survey

Picture = NDArray[np.uint8]
Measure = Literal["distance", "visits", "score"]

MEASURES: tuple[Measure, ...] = ("distance", "visits", "score")
"""What colours can tell of a cell: actions from the start, explorations that set out from it, its score."""

RAMP = (
    (58, 15, 110), (106, 23, 110), (158, 42, 99), (207, 68, 70), (237, 105, 37), (251, 155, 6),
    (247, 209, 61), (252, 255, 164),
)  # fmt: skip
"""The brighter part of Smith and van der Walt's "inferno": dark to bright, even to the colour-blind."""

ROUTE = (214, 240, 255)
"""The best trajectory's colour: none of the ramp's."""

DIM = 0.5
"""How much of a screen's own light is left below the cells."""

LEAP = 0.2
"""Of a screen's width: what moves further in one action has not walked, and is not joined by a line."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One screen on the map."""

    room: int
    box: Rect


def arranged(survey: Survey, area: Rect, gap: int) -> list[Sheet]:
    """The screens in `area`, as large as they can be: where the game's own map has them, else in the order in
    which they were found, in rows."""
    rooms = list(survey.screens)
    if not rooms:
        return []
    tall, wide = next(iter(survey.screens.values())).shape[:2]
    places = [survey.positions[room] for room in rooms if room in survey.positions]
    if len(places) < len(rooms):
        columns = _columns(len(rooms), area, wide / tall)
        places = [(float(n % columns), float(n // columns)) for n in range(len(rooms))]
    left, top = (min(place[axis] for place in places) for axis in (0, 1))
    across, down = (max(place[axis] for place in places) - low + 1 for axis, low in ((0, left), (1, top)))
    scale = min(
        (area.width - gap * (across - 1)) / (across * wide), (area.height - gap * (down - 1)) / (down * tall)
    )
    if scale * min(wide, tall) < 2:
        return []
    width, height = int(wide * scale), int(tall * scale)
    x0 = area.x + (area.width - across * (width + gap) + gap) / 2
    y0 = area.y + (area.height - down * (height + gap) + gap) / 2
    return [
        Sheet(
            room,
            Rect(
                round(x0 + (x - left) * (width + gap)), round(y0 + (y - top) * (height + gap)), width, height
            ),
        )
        for room, (x, y) in zip(rooms, places, strict=True)
    ]


def _columns(count: int, area: Rect, aspect: float) -> int:
    """How many screens side by side make them largest."""

    def scale(columns: int) -> float:
        return min(area.width / columns / aspect, area.height / math.ceil(count / columns))

    return max(range(1, count + 1), key=scale)


def shares(atlas: Atlas, measure: Measure) -> tuple[NDArray[np.float64], float, float]:
    """(C,) from 0 to 1: where each cell is between the least and the greatest, which are also returned.
    Visits are on a logarithmic scale."""
    values: dict[Measure, NDArray[Any]] = {
        "distance": atlas.lengths,
        "visits": atlas.chosen,
        "score": atlas.scores,
    }
    numbers = values[measure].astype(np.float64)
    if not len(numbers):
        return numbers, 0.0, 0.0
    low, high = float(numbers.min()), float(numbers.max())
    scaled = np.log1p(numbers - low) if measure == "visits" else numbers - low
    return scaled / max(float(scaled.max()), 1e-9), low, high


@lru_cache(maxsize=1)
def ramp() -> NDArray[np.uint8]:
    """(256, 3)."""
    return theme.ramp(RAMP)


def screen(atlas: Atlas, survey: Survey, room: int, size: tuple[int, int], measure: Measure) -> Picture:
    """One screen of `size` (width, height), with its cells and the part of the best way that crosses it."""
    picture = _dimmed(survey.screens[room], size)
    there = np.flatnonzero((atlas.rooms == room) & (atlas.xs >= 0))  # where it is not known, nothing is lit
    amounts = shares(atlas, measure)[0][there]
    light = _lights if glides(survey) else _tiles
    light(picture, atlas.xs[there], atlas.ys[there], amounts, survey.size)
    _draw_route(picture, survey, room)
    return picture


def glides(survey: Survey) -> bool:
    """Whether spots are pixels of a picture, and not tiles of a maze."""
    return max(survey.size) > 100


def _dimmed(frame: Picture, size: tuple[int, int]) -> Picture:
    """Half its colour and less than half its light: the stage, not the play."""
    growing = size[0] > frame.shape[1]
    scaled = cv2.resize(frame, size, interpolation=cv2.INTER_LINEAR if growing else cv2.INTER_AREA)
    grey = scaled.mean(axis=2, keepdims=True)
    ground = np.array(theme.BACKGROUND, np.float32) * 0.6
    dim: Picture = np.rint(ground + DIM * (0.55 * scaled + 0.45 * grey)).clip(0, 255).astype(np.uint8)
    return dim


def _lights(
    picture: Picture,
    xs: NDArray[np.int16],
    ys: NDArray[np.int16],
    amounts: NDArray[np.float64],
    size: tuple[int, int],
) -> None:
    """Each cell a small light; where several are at one place, the brightest."""
    height, width = picture.shape[:2]
    scale = width / size[1]
    at_x = ((xs + 0.5) * scale).astype(int).clip(0, width - 1)
    at_y = ((ys + 0.5) * height / size[0]).astype(int).clip(0, height - 1)
    amount = np.full((height, width), -1.0, np.float32)
    np.maximum.at(amount, (at_y, at_x), amounts.astype(np.float32))
    radius = max(round(1.3 * scale), 1)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
    cores = cv2.dilate(amount, disc)
    lit = cores >= 0
    colours = ramp()[np.rint(cores.clip(0) * 255).astype(int)]
    light = np.where(lit[..., np.newaxis], colours, 0).astype(np.float32)
    glow = cv2.GaussianBlur(light, (0, 0), max(2.6 * scale, 1.0)) * 1.1
    whole = picture.astype(np.float32) + glow
    whole[lit] = 0.12 * whole[lit] + 0.88 * colours[lit]
    picture[:] = whole.clip(0, 255).astype(np.uint8)


def _tiles(
    picture: Picture,
    xs: NDArray[np.int16],
    ys: NDArray[np.int16],
    amounts: NDArray[np.float64],
    size: tuple[int, int],
) -> None:
    """Each cell a tile."""
    height, width = picture.shape[:2]
    amount = np.full(size, -1.0)
    np.maximum.at(amount, (ys.astype(int), xs.astype(int)), amounts)
    for row, column in np.argwhere(amount >= 0).tolist():
        top, bottom = (round((row + at) * height / size[0]) for at in (0, 1))
        left, right = (round((column + at) * width / size[1]) for at in (0, 1))
        edge = 1 if right - left > 8 else 0
        tile = picture[top : bottom - edge, left : right - edge]
        tile[:] = (0.25 * tile + 0.75 * ramp()[round(amount[row, column] * 255)]).astype(np.uint8)


def _draw_route(picture: Picture, survey: Survey, room: int) -> None:
    height, width = picture.shape[:2]
    x_scale, y_scale = width / survey.size[1], height / survey.size[0]
    if room == NOWHERE.room:
        return
    for piece in pieces(survey.route, room, LEAP * survey.size[1]):
        points = np.array([((x + 0.5) * x_scale, (y + 0.5) * y_scale) for _, x, y in piece])
        fixed = np.rint(points * 16).astype(np.int32).reshape(-1, 1, 2)
        thick = max(round(x_scale * (0.9 if glides(survey) else 0.28)), 1)
        cv2.polylines(picture, [fixed], False, theme.BACKGROUND, thick + 2, cv2.LINE_AA, 4)
        cv2.polylines(picture, [fixed], False, ROUTE, thick, cv2.LINE_AA, 4)
    if survey.route and survey.route[-1].room == room:
        _, x, y = survey.route[-1]
        centre = round((x + 0.5) * x_scale), round((y + 0.5) * y_scale)
        radius = max(round(x_scale * (2.6 if glides(survey) else 0.62)), 4)
        cv2.circle(picture, centre, radius, theme.BACKGROUND, 4, cv2.LINE_AA)
        cv2.circle(picture, centre, radius, ROUTE, 2, cv2.LINE_AA)


def pieces(route: Sequence[Spot], room: int, leap: float) -> list[list[Spot]]:
    """The parts of a way that lie in one room: another begins where it comes back, or where it leaps."""
    found: list[list[Spot]] = []
    before: Spot | None = None
    for spot in route:
        if spot.room == room:
            near = before is not None and before.room == room and math.dist(before[1:], spot[1:]) <= leap
            if near and spot != before:
                found[-1].append(spot)
            elif not near:
                found.append([spot])
        before = spot
    return [piece for piece in found if len(piece) > 1]


def whole(atlas: Atlas, survey: Survey, size: tuple[int, int], measure: Measure) -> Picture:
    """All of it on a picture of `size` (width, height)."""
    picture = np.empty((size[1], size[0], 3), np.uint8)
    picture[:] = theme.BACKGROUND
    for room, box in ((s.room, s.box) for s in arranged(survey, Rect(0, 0, *size), gap=2)):
        picture[box.y : box.bottom, box.x : box.right] = screen(
            atlas, survey, room, (box.width, box.height), measure
        )
    return picture
