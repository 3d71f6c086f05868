"""The picture of a match on any Pygame surface: panels, names, scores, clock. Needs no display."""

import operator
from collections.abc import Sequence
from functools import lru_cache

import cv2
import numpy as np
import pygame
from numpy.typing import NDArray

from arena.store.records import in_figures
from arena.window import heat, telling, theme
from arena.window.atlas_view import AtlasView
from arena.window.bout import Bout, Sight, glides, grain
from arena.window.exploring import Exploring
from arena.window.insight import draw_thoughts
from arena.window.layout import Place, Rect, Shape, arrange
from arena.window.lens import TITLES, Layer
from arena.window.lettering import fitted, text, text_size
from arena.window.rail import LOWEST as LOWEST_RAIL
from arena.window.rail import NARROWEST as NARROWEST_RAIL
from arena.window.rail import Rail
from arena.window.session import Session
from arena.window.theme import Colour

NARROWEST = 13
"""A panel's least width, in text heights."""

LEAST_SIZE = (480, 360)
"""Width and height of a window that is fitted to its panels: its words need as much."""

READABLE = 18
"""Text size that such a window has at least, where there is room for it at all."""

HEADER, TIGHT_HEADER = 2.0, 1.5
"""Heights of a line of names, in text heights: of one board, and of several, which need all the room."""

SMALL, FOLDED = 14, 1.25
"""Where boards lower than so many text heights would grow so much without the rail, it is folded away."""

STRIPS, ASIDE = (4.0, 2.6), 8
"""Heights of what an agent thinks, in text heights: the lower one where it makes room for the picture. And
its width beside one of several pictures, where these can be larger for it."""


class View:
    """Draws sessions; remembers scaled surfaces from picture to picture."""

    def __init__(self) -> None:
        self._pictures: dict[int, tuple[NDArray[np.uint8], tuple[int, int], pygame.Surface]] = {}
        self._maps: dict[int, tuple[Layer, tuple[int, int], pygame.Surface]] = {}
        self._rail = Rail()
        self._atlas = AtlasView()

    def draw(self, surface: pygame.Surface, session: Session) -> None:
        """Everything but what lies over it (`overlays`)."""
        width, height = surface.get_size()
        size = text_size(height, width)
        surface.fill(theme.BACKGROUND)
        footer = Rect(0, height - 2 * size, width, 2 * size)
        if isinstance(session, Exploring):
            self._atlas.draw(surface, session)
        if session.bout is None:
            return
        sights, places, rail = self._arranged(width, height, session, session.insight)
        session.rail_shown = rail is not None
        in_strips = rail is None or any(place.strip.height for place in places)
        thoughts = session.bout.think() if session.insight else None
        for index, (sight, place) in enumerate(zip(sights, places, strict=True)):
            self._picture(surface, index, session.bout.frame(sight, place.scale), place)
            if (layer := session.layer(sight)) is not None:
                self._map(surface, index, session.bout, sight, *layer, place)
            _header(surface, session, sight, place.header, size)
            if thoughts is not None and place.strip.height:
                draw_thoughts(surface, session.bout, sight.seats, thoughts, place.strip, size)
        if rail is not None:
            self._rail.draw(surface, session, rail, size, thoughts, bars=not in_strips)
        layer = session.layer_of_interest() if rail is None else None
        _footer(surface, session, footer, size, hint="" if layer else session.hint())
        if layer is not None:
            _legend(surface, *layer, footer, size)

    def least(self, most: tuple[int, int], session: Session) -> tuple[int, int]:
        """The smallest (width, height) on which every picture is as large as on `most`; where agents can be
        looked into, also while that is done."""
        looks = (False, True) if session.may_think else (False,)

        def scales(width: int, height: int) -> list[float]:
            return [p.scale for look in looks for p in self.places(width, height, session, look)[1]]

        def enough(width: int, height: int) -> bool:
            legible = text_size(height, width) >= min(READABLE, text_size(most[1], most[0]))
            return legible and all(map(operator.ge, scales(width, height), wanted))

        wanted, (wide, tall) = scales(*most), most
        wide = next(width for width in (*range(LEAST_SIZE[0], wide, 8), wide) if enough(width, tall))
        tall = next(height for height in (*range(LEAST_SIZE[1], tall, 8), tall) if enough(wide, height))
        return wide, tall

    def places(
        self, width: int, height: int, session: Session, insight: bool
    ) -> tuple[list[Sight], list[Place]]:
        """The panels, and where they are on a surface of that size, with room for insight or without."""
        sights, places, _ = self._arranged(width, height, session, insight)
        return sights, places

    def _arranged(
        self, width: int, height: int, session: Session, insight: bool
    ) -> tuple[list[Sight], list[Place], Rect | None]:
        """The panels, where they are, and where the rail is, if there is one."""
        bout = session.bout
        assert bout is not None
        size = text_size(height, width)
        sights = bout.sights(session.whole)
        alone = len(sights) == 1
        gap = max(size // (2 if alone else 3), 4)
        area = Rect(gap, gap, max(width - 2 * gap, 1), max(height - 2 * size - gap, 1))
        seats = sum(len(sight.seats) for sight in sights)

        def shapes(strip: float, room: int) -> tuple[Shape, ...]:
            wanted = []
            for sight in sights:
                tall, wide = bout.shape(sight)
                header = _header_rows(sight, room, size) * round((HEADER if alone else TIGHT_HEADER) * size)
                below = round(strip * size * len(sight.seats))
                narrowest = NARROWEST * size * min(len(sight.seats), 2)
                small = grain(sight.game.spec)
                wanted.append(
                    Shape(wide, tall, header, below, narrowest, small, 0 if alone else ASIDE * size)
                )
            return tuple(wanted)

        if session.has_rail:
            # Below the boards there may be room that costs them nothing; else the rail tells what they think.
            rest, rail = beside(area, shapes(0, area.width), gap, size, folds=not session.rail_pinned)
            bare, full = (arrange(rest, shapes(strip, rest.width), gap) for strip in (0, STRIPS[1]))
            fits = insight and seats > 1 and _least(full) >= _least(bare)
            if rail is not None or not alone:
                return sights, full if fits else bare, rail
        if not insight or height < 16 * size:
            return sights, arrange(area, shapes(0, area.width), gap), None
        roomy, tight = (arrange(area, shapes(strip, area.width), gap) for strip in STRIPS)
        return sights, tight if tight[0].scale > roomy[0].scale else roomy, None

    def _picture(self, surface: pygame.Surface, index: int, frame: NDArray[np.uint8], place: Place) -> None:
        target = place.picture.width, place.picture.height
        if min(target) < 1:
            return
        known = self._pictures.get(index)
        if known is None or known[0] is not frame or known[1] != target:
            reuse = known[2] if known is not None and known[2].get_size() == target else None
            known = (frame, target, _scaled(frame, target, surface, reuse))
            self._pictures[index] = known
        surface.blit(known[2], place.picture[:2])

    def _map(
        self,
        surface: pygame.Surface,
        index: int,
        bout: Bout,
        sight: Sight,
        seat: int,
        layer: Layer,
        place: Place,
    ) -> None:
        """Lay a map over a picture; the players of a maze stand on it."""
        target = place.picture.width, place.picture.height
        if min(target) < 1 or index not in self._pictures:
            return
        known = self._maps.get(index)
        if known is None or known[0] is not layer or known[1] != target:
            known = layer, target, heat.paint(layer, target, theme.seat(seat))
            self._maps[index] = known
        gone_by = (bout.match.ticks - layer.ticks) / bout.pace.tick_rate
        known[2].set_alpha(round(255 * layer.strength(gone_by)))
        surface.blit(known[2], place.picture[:2])
        if glides(sight.game.spec):
            picture = self._pictures[index][2]
            for row, column in bout.standing(sight):
                size = bout.rows(sight)
                heat.cut_out(surface, picture, place.picture, row / size, column / size, 1 / size)


@lru_cache(maxsize=64)
def beside(
    area: Rect, shapes: tuple[Shape, ...], gap: int, size: int, *, folds: bool = True
) -> tuple[Rect, Rect | None]:
    """Room for the panels, and for the rail: as much as they leave over when they are as large as the
    narrowest rail lets them be. At the right of them, or below where it is higher than wide; none where that
    would be too small for anything, and where it `folds` none where it would make small panels smaller yet.
    """
    wide = area.width >= area.height
    whole, least = (area.width, NARROWEST_RAIL * size) if wide else (area.height, LOWEST_RAIL * size)
    if whole < 2 * least:
        return area, None

    def split(rail: int) -> tuple[Rect, Rect]:
        rest = whole - rail - gap
        if wide:
            return area._replace(width=rest), Rect(area.x + rest + gap, area.y, rail, area.height)
        return area._replace(height=rest), Rect(area.x, area.y + rest + gap, area.width, rail)

    def scale(rail: int) -> float:
        return _least(arrange(split(rail)[0], shapes, gap))

    most = scale(least)
    lowest = min(most * shape.height for shape in shapes)
    if folds and lowest < SMALL * size and _least(arrange(area, shapes, gap)) >= FOLDED * most:
        return area, None
    rail = next((r for r in range(whole * 55 // 100, least, -4) if scale(r) >= most), least)
    return split(rail)


def _least(places: Sequence[Place]) -> float:
    """The scale of the smallest picture."""
    return min(place.scale for place in places)


def _scaled(
    frame: NDArray[np.uint8], target: tuple[int, int], like: pygame.Surface, reuse: pygame.Surface | None
) -> pygame.Surface:
    """As it is where it fits, whole pixels where it grows by a whole number, else scaled smoothly."""
    height, width = frame.shape[:2]
    if target[0] % width or target[1] % height:
        growing = target[0] > width
        smooth = cv2.resize(frame, target, interpolation=cv2.INTER_LINEAR if growing else cv2.INTER_AREA)
        return pygame.image.frombuffer(smooth.data, target, "RGB")
    small = pygame.image.frombuffer(np.ascontiguousarray(frame).data, (width, height), "RGB")
    if target == (width, height):
        return small
    small = small.convert(like)
    if reuse is not None and reuse.get_bitsize() == small.get_bitsize():
        return pygame.transform.scale(small, target, reuse)
    return pygame.transform.scale(small, target)


def _header_rows(sight: Sight, width: int, size: int) -> int:
    """Names share a row where there is room for two or more."""
    return 1 if width >= NARROWEST * size * len(sight.seats) else len(sight.seats)


def _header(surface: pygame.Surface, session: Session, sight: Sight, header: Rect, size: int) -> None:
    if header.height < size:
        return
    count = len(sight.seats)
    stacked = count > 1 and header.height >= round(TIGHT_HEADER * size) * count
    for index, seat in enumerate(telling.from_the_left(sight.game.spec, sight.seats)):
        if stacked:
            row = header.height // count
            part = Rect(header.x, header.y + index * row, header.width, row)
        else:
            left = header.x + header.width * index // count
            gap = size if index < count - 1 else 0
            part = Rect(
                left, header.y, header.x + header.width * (index + 1) // count - left - gap, header.height
            )
        _name_plate(surface, session, seat, part, size)


def _name_plate(surface: pygame.Surface, session: Session, seat: int, part: Rect, size: int) -> None:
    """● name  1480 ±60                    5"""
    bout = session.bout
    assert bout is not None
    match, colour = bout.match, theme.seat(seat)
    name, state = session.plate(seat)
    middle = part.y + part.height // 2
    radius = max(size // 4, 3)
    if match.playing(seat) or match.finished:
        pygame.draw.circle(surface, colour, (part.x + radius, middle), radius)
    else:
        pygame.draw.circle(surface, colour, (part.x + radius, middle), radius, 1)
    score = text(in_figures(match.scores[seat]), round(size * 1.5), colour)
    surface.blit(score, (part.right - score.get_width(), middle - score.get_height() // 2))
    x, room = part.x + 3 * radius, part.width - 3 * radius - score.get_width() - size
    x = _put(surface, fitted(name, round(size * 1.2), colour, max(room, 0)), x, middle) + size // 2
    for shorter in telling.ever_shorter(state):
        words = text(shorter, size, theme.MUTED)
        if x + words.get_width() <= part.x + 3 * radius + room + size // 2:
            _put(surface, words, x, middle)
            break


def _put(surface: pygame.Surface, words: pygame.Surface, x: int, middle: int) -> int:
    surface.blit(words, (x, middle - words.get_height() // 2))
    return x + words.get_width()


def _legend(surface: pygame.Surface, seat: int, layer: Layer, footer: Rect, size: int) -> None:
    """What lies over the boards, in place of the keys, where no rail tells it."""
    title = text(TITLES[layer.kind], size, theme.MUTED)
    wide = min(14 * size, footer.width // 3)
    scale = Rect(footer.right - wide - size // 2, footer.y, wide, footer.height)
    heat.draw_scale(surface, layer, theme.seat(seat), scale, size)
    if (left := scale.x - size - title.get_width()) > footer.width // 3:
        _put(surface, title, left, footer.y + footer.height // 2)


def _footer(surface: pygame.Surface, session: Session, footer: Rect, size: int, hint: str) -> None:
    """The clock, the speed, the series; and at the right the keys that matter."""
    bout = session.bout
    assert bout is not None
    middle = footer.y + footer.height // 2
    x = (
        _put(surface, text(telling.clock(bout.seconds), round(size * 1.2), theme.TEXT), size // 2, middle)
        + size
    )
    parts: Sequence[tuple[str, Colour]] = (
        (telling.speed(bout.pace.speed), theme.MUTED if bout.pace.speed == 1 else theme.TEXT),
        ("paused, P goes on" if session.paused else "", theme.TEXT),
        ("sound off" if session.muted and session.may_hear else "", theme.MUTED),
        (session.notice or session.status(), theme.TEXT if session.notice else theme.MUTED),
    )
    keys = text(hint, size, theme.MUTED)
    for words, colour in parts:
        room = footer.width - x - size
        if words and room > 2 * size:
            x = _put(surface, fitted(words, size, colour, room), x, middle) + size
    if x + keys.get_width() + size // 2 <= footer.width:
        _put(surface, keys, footer.width - keys.get_width() - size // 2, middle)
    position = session.position()
    if position is not None:
        bar = pygame.Rect(0, footer.y, footer.width, 3)
        pygame.draw.rect(surface, theme.LINE, bar)
        bar.width = round(footer.width * position)
        pygame.draw.rect(surface, theme.SEATS[0], bar)
