"""The map of an archive on a Pygame surface, with the figures of its run beside it. Needs no display."""

import pygame

from agents.atlas import Atlas
from arena.window import atlas as maps
from arena.window import rail_parts as paint
from arena.window import theme
from arena.window.atlas import Measure, Sheet
from arena.window.chart import Line, axes, draw_chart
from arena.window.exploring import LEGENDS, Exploring
from arena.window.layout import Rect
from arena.window.lettering import fitted, text, text_size
from arena.window.survey import Survey

NARROWEST = 15
"""The least width of the figures, in text heights."""

BEAT = 1.6
"""Seconds from one pulse of the explorations under way to the next."""

CURVES = ("cells", "best_score")


class AtlasView:
    """Draws it; remembers every screen until it changes."""

    def __init__(self) -> None:
        self._sheets: dict[int, tuple[object, pygame.Surface]] = {}
        self._kept: tuple[object, ...] = ()
        """What is told apart by its identity, which must not be taken by something else meanwhile."""
        self._charts: dict[str, tuple[object, object, pygame.Surface]] = {}

    def draw(self, surface: pygame.Surface, session: Exploring) -> None:
        """Everything but what lies over it (`overlays`)."""
        width, height = surface.get_size()
        size = text_size(height, width)
        surface.fill(theme.BACKGROUND)
        gap = max(size // 2, 4)
        footer = Rect(0, height - 2 * size, width, 2 * size)
        area = Rect(gap, gap, max(width - 2 * gap, 1), max(footer.y - 2 * gap, 1))
        survey, atlas = session.surveyor.survey, session.atlas
        if atlas is None or not survey.screens:
            return
        rail = _beside(area, size) if session.rail else None
        if rail is not None:
            area = (
                area._replace(width=rail.x - gap - area.x)
                if rail.y == area.y
                else area._replace(height=rail.y - gap - area.y)
            )
        sheets = maps.arranged(survey, area, max(size // 4, 2))
        for sheet in sheets:
            self._sheet(surface, atlas, survey, sheet, session.measure)
        self._kept = atlas, survey
        _pulses(surface, atlas, survey, sheets, session.seconds)
        if rail is not None:
            self._figures(surface, session, atlas, rail, size)
        _footer(surface, session, footer, size)

    def _sheet(
        self, surface: pygame.Surface, atlas: Atlas, survey: Survey, sheet: Sheet, measure: Measure
    ) -> None:
        size = sheet.box.width, sheet.box.height
        content = id(atlas), id(survey.screens[sheet.room]), id(survey.route), size, measure
        known = self._sheets.get(sheet.room)
        if known is None or known[0] != content:
            picture = maps.screen(atlas, survey, sheet.room, size, measure)
            known = content, pygame.image.frombuffer(picture.tobytes(), size, "RGB").convert(surface)
            self._sheets[sheet.room] = known
        surface.blit(known[1], sheet.box[:2])

    def _figures(
        self, surface: pygame.Surface, session: Exploring, atlas: Atlas, box: Rect, size: int
    ) -> None:
        pygame.draw.rect(surface, theme.CARD, box, border_radius=size // 3)
        pad = size * 2 // 3
        inner = Rect(box.x + pad, box.y + pad, box.width - 2 * pad, box.height - 2 * pad)
        tall = paint.head_height(session.following, inner.width, size)
        paint.head(surface, session.following, 0, inner._replace(height=tall), size)
        y = inner.y + tall + size // 2
        if y + 4 * size > inner.bottom:
            return
        paint.progress(surface, session.following, 0, inner._replace(y=y, height=round(3.3 * size)), size)
        y += round(4.2 * size)
        legend = round(3.2 * size)
        for figure, meaning in session.figures():
            if y + round(1.6 * size) > inner.bottom - legend:
                break
            words = text(figure, round(size * 1.25), theme.TEXT)
            surface.blit(words, (inner.right - words.get_width(), y))
            room = inner.width - words.get_width() - size
            surface.blit(fitted(meaning, size, theme.MUTED, room), (inner.x, y + size // 8))
            y += round(1.6 * size)
        y += size // 2
        least = round(4.5 * size)
        count = min(len(CURVES), (inner.bottom - legend - size - y) // least)
        for number, figure in enumerate(CURVES[:count]):
            tall = min((inner.bottom - legend - size - y) // (count - number), round(inner.width * 0.6))
            self._curve(surface, session, figure, inner._replace(y=y, height=tall - size // 2), size)
            y += tall
        _legend(surface, atlas, session.measure, inner._replace(y=inner.bottom - legend, height=legend), size)

    def _curve(self, surface: pygame.Surface, session: Exploring, figure: str, box: Rect, size: int) -> None:
        """How many cells there were, or what the best score was, over the steps."""
        story = session.following.story
        curve = next((curve for curve in story.curves if curve.figure == figure), None)
        room = paint.titled(surface, figure.replace("_", " "), "", theme.seat(0), box, size)
        if curve is None:
            paint.put_in_middle(surface, "the curve begins with the first figures", room, size)
            return
        key = room[2:], surface.get_bitsize()
        known = self._charts.get(figure)
        if known is None or known[0] is not curve or known[1] != key:
            drawn = pygame.Surface(room[2:], depth=surface.get_bitsize())
            drawn.fill(theme.CARD)
            lines = [Line(curve.steps, curve.values, theme.seat(0))]
            around = axes(lines, float(story.run.total_steps), figure, max(room.height // (3 * size), 1))
            draw_chart(drawn, lines, around, Rect(0, 0, *room[2:]), round(size * 0.85))
            known = self._charts[figure] = curve, key, drawn
        surface.blit(known[2], room[:2])


def _beside(area: Rect, size: int) -> Rect | None:
    """Room for the figures: at the right, or below where it is higher than wide; none where it is small."""
    least = NARROWEST * size
    if area.width >= area.height:
        wide = min(max(area.width // 4, least), 24 * size)
        return Rect(area.right - wide, area.y, wide, area.height) if area.width >= 2 * least else None
    tall = min(max(area.height // 4, 14 * size), 22 * size)
    return Rect(area.x, area.bottom - tall, area.width, tall) if area.height >= 2 * tall else None


def _legend(surface: pygame.Surface, atlas: Atlas, measure: Measure, box: Rect, size: int) -> None:
    """What the colours mean, above a bar of them."""
    _, low, high = maps.shares(atlas, measure)
    title, least, most = LEGENDS[measure]
    surface.blit(fitted(f"O  {title}", size, theme.TEXT, box.width), box[:2])
    bar = Rect(box.x, box.y + round(1.3 * size), box.width, max(size // 2, 4))
    for x in range(bar.width):
        colour = maps.ramp()[round(255 * x / max(bar.width - 1, 1))].tolist()
        pygame.draw.line(surface, colour, (bar.x + x, bar.y), (bar.x + x, bar.bottom - 1))
    small = round(size * 0.9)
    first, last = (text(words.format(at), small, theme.MUTED) for words, at in ((least, low), (most, high)))
    y = bar.bottom + size // 4
    surface.blit(first, (bar.x, y))
    surface.blit(last, (bar.right - last.get_width(), y))


def _pulses(
    surface: pygame.Surface, atlas: Atlas, survey: Survey, sheets: list[Sheet], seconds: float
) -> None:
    """Rings about the cells from which explorations have just set out."""
    boxes = {sheet.room: sheet.box for sheet in sheets}
    beat = seconds / BEAT % 1.0
    colour = theme.mix(theme.seat(0), theme.BACKGROUND, 0.7 * beat)
    for number in atlas.latest.tolist():
        box = boxes.get(int(atlas.rooms[number]))
        if box is None or atlas.xs[number] < 0:
            continue
        x = box.x + (int(atlas.xs[number]) + 0.5) * box.width / survey.size[1]
        y = box.y + (int(atlas.ys[number]) + 0.5) * box.height / survey.size[0]
        reach = 3.5 * box.width / survey.size[1] if maps.glides(survey) else 0.6 * box.width / survey.size[1]
        pygame.draw.circle(surface, colour, (x, y), max(reach * (0.5 + beat), 3), 1)


def _footer(surface: pygame.Surface, session: Exploring, footer: Rect, size: int) -> None:
    middle = footer.y + footer.height // 2
    told = session.notice or session.status()
    words = fitted(told, size, theme.TEXT if session.notice else theme.MUTED, footer.width - size)
    surface.blit(words, (size // 2, middle - words.get_height() // 2))
    keys = text(session.hint(), size, theme.MUTED)
    if words.get_width() + keys.get_width() + 2 * size <= footer.width:
        surface.blit(keys, (footer.right - keys.get_width() - size // 2, middle - keys.get_height() // 2))
