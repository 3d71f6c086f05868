"""Words as Pygame surfaces, in one font that every machine has."""

from functools import lru_cache

import pygame

from arena.window.theme import Colour


def font(size: int) -> pygame.font.Font:
    """Pygame's own font: the same on every machine."""
    pygame.font.init()
    made = _fonts(size)
    try:
        made.get_height()
    except pygame.error:  # somebody has ended all of Pygame, and with it every font there was
        _fonts.cache_clear()
        made = _fonts(size)
    return made


@lru_cache(maxsize=16)
def _fonts(size: int) -> pygame.font.Font:
    return pygame.font.Font(None, size)


@lru_cache(maxsize=512)
def text(words: str, size: int, colour: Colour) -> pygame.Surface:
    return font(size).render(words, True, colour)


def text_size(height: int, width: int) -> int:
    """The size of the text on a window of so many pixels."""
    return max(13, min(24, height // 34, width // 30))


def fitted(words: str, size: int, colour: Colour, width: int) -> pygame.Surface:
    """`words`, with its end left out where it is wider than `width`."""
    surface = text(words, size, colour)
    while surface.get_width() > width and words:
        words = words.rstrip("…")[:-1]
        surface = text(words + "…" if words else "", size, colour)
    return surface
