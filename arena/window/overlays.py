"""What lies over the match for a while: loading, the start, pause, keys, a question, the result."""

import math
from functools import lru_cache

import pygame

from arena.window import theme
from arena.window.banner import Banner, banner
from arena.window.lettering import fitted, text, text_size
from arena.window.session import Session
from arena.window.theme import Colour

Row = list[tuple[str, int, Colour]]
"""Words side by side: (words, size, colour)."""

BANNER = ((1.5, 1.0), (1.2, 1.0), (1.0, 0.85))
"""Text heights of a banner's head and of what stands beside it: the first for which there is room."""


def draw(surface: pygame.Surface, session: Session) -> None:
    """The one overlay that matters most now, if any."""
    width, height = surface.get_size()
    size = text_size(height, width)
    if session.question:
        rows: list[Row] = [
            [(session.question, round(size * 1.2), theme.TEXT)],
            [("Enter  leave", size, theme.MUTED), ("Esc  play on", size, theme.TEXT)],
        ]
        _card(surface, rows, size, theme.BAD)
    elif session.helping:
        _keys(surface, session, size)
    elif session.loading:
        dots = "." * (1 + pygame.time.get_ticks() // 400 % 3)
        words = text(session.loading, round(size * 1.2), theme.TEXT)
        if session.bout is not None:
            _card(surface, [[(session.loading + dots, size, theme.TEXT)]], size, theme.LINE)
        else:
            left = (width - words.get_width()) // 2
            surface.blit(words, (left, height // 2 - size))
            surface.blit(
                text(dots, round(size * 1.2), theme.MUTED), (left + words.get_width() + 2, height // 2 - size)
            )
    elif session.paused and session.card is None and not session.studied:
        _card(surface, [[("Paused", round(size * 1.5), theme.TEXT)], [("P  go on", size, theme.MUTED)]], size)
    elif (told := banner(session)) is not None:
        _banner(surface, told, size)


def _dim(surface: pygame.Surface, alpha: int) -> None:
    veil = _veil(surface.get_size(), surface.get_bitsize(), alpha)
    surface.blit(veil, (0, 0))


@lru_cache(maxsize=2)
def _veil(size: tuple[int, int], depth: int, alpha: int) -> pygame.Surface:
    veil = pygame.Surface(size, depth=depth)  # of the target's own depth: ten times as fast
    veil.fill(theme.BACKGROUND)
    veil.set_alpha(alpha)
    return veil


def _card(surface: pygame.Surface, rows: list[Row], size: int, accent: Colour = theme.LINE) -> None:
    """Rows of words in the middle, on a card that covers as little as it can."""
    _dim(surface, 120)
    width, height = surface.get_size()
    room = width - 4 * size
    drawn = [[fitted(words, tall, colour, room) for words, tall, colour in row] for row in rows]
    gap, pad = size, round(size * 1.2)
    wide = max(sum(s.get_width() for s in row) + gap * (len(row) - 1) for row in drawn)
    talls = [max(s.get_height() for s in row) + size // 2 for row in drawn]
    box = pygame.Rect(0, 0, min(wide + 2 * pad, width), min(sum(talls) + 2 * pad - size // 2, height))
    box.center = (width // 2, height // 2)
    pygame.draw.rect(surface, theme.CARD, box, border_radius=size // 2)
    pygame.draw.rect(surface, accent, box, 1, border_radius=size // 2)
    y = box.y + pad
    for row, tall in zip(drawn, talls, strict=True):
        x = (width - sum(s.get_width() for s in row) - gap * (len(row) - 1)) // 2
        for words in row:
            surface.blit(words, (x, y))
            x += words.get_width() + gap
        y += tall


def _banner(surface: pygame.Surface, told: Banner, size: int) -> None:
    """Over the bottom line, and no higher: where that is too short, smaller words and fewer of them."""
    width, height = surface.get_size()
    alone = Banner(told.head, told.accent), [fitted(told.head, size, told.accent, width - size)]
    rows = ((less, _row(less, size, sizes)) for less in told.ever_shorter() for sizes in BANNER)
    fits = (each for each in rows if sum(part.get_width() + size for part in each[1]) <= width)
    shown, row = next(fits, alone)
    box = pygame.Rect(0, height - 2 * size, width, 2 * size)
    pygame.draw.rect(surface, theme.mix(theme.BACKGROUND, told.accent, 0.18), box)
    pygame.draw.rect(surface, told.accent, (0, box.y, width, max(size // 8, 2)))
    x, middle = size // 2, box.y + size
    for number, part in enumerate(row):
        if shown.hint and number == len(row) - 1:
            x = width - size // 2 - part.get_width()
        surface.blit(part, (x, middle - part.get_height() // 2))
        x += part.get_width() + size


def _row(told: Banner, size: int, sizes: tuple[float, float]) -> list[pygame.Surface]:
    """Its words side by side, the keys last."""
    head, rest = (round(size * each) for each in sizes)
    words = [*told.words, *([(told.hint, theme.TEXT)] if told.hint else [])]
    return [text(told.head, head, told.accent), *(text(part, rest, colour) for part, colour in words)]


def _keys(surface: pygame.Surface, session: Session, size: int) -> None:
    """Two columns where one is too long."""
    _dim(surface, 200)
    width, height = surface.get_size()
    lines = session.key_help()
    tall = round(size * 1.35)
    most = max((height - 4 * size) // tall, 4)
    columns = max(math.ceil(len(lines) / most), 1)
    most = math.ceil(len(lines) / columns)
    wide = min(26 * size, (width - 2 * size) // columns)
    left = (width - wide * columns) // 2
    top = max((height - most * tall) // 2, size)
    for index, (key, meaning) in enumerate(lines):
        column, row = divmod(index, most)
        x, y = left + column * wide, top + row * tall
        if key:
            surface.blit(fitted(key, size, theme.TEXT, wide // 3), (x, y))
            surface.blit(fitted(meaning, size, theme.MUTED, wide - wide // 3 - size), (x + wide // 3, y))
        else:
            surface.blit(fitted(meaning, size, theme.SEATS[0], wide - size), (x, y))
