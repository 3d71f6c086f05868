"""Words on a surface."""

import pygame
import pytest

from arena.window.lettering import fitted, font, text


@pytest.mark.parametrize("begun_again", [False, True])
def test_words_can_be_written_after_somebody_has_ended_all_of_pygame(begun_again: bool) -> None:
    before = font(17).size("some words")
    pygame.quit()  # as environments do that draw with it, when they are closed
    if begun_again:
        pygame.font.init()
    assert font(17).size("some words") == before
    assert text("other words", 17, (255, 255, 255)).get_width() > 0


def test_what_is_too_wide_loses_its_end_and_says_so() -> None:
    whole = text("a long line of words", 20, (255, 255, 255)).get_width()
    assert fitted("a long line of words", 20, (255, 255, 255), whole).get_width() == whole
    assert fitted("a long line of words", 20, (255, 255, 255), whole // 2).get_width() <= whole // 2
    assert fitted("a long line of words", 20, (255, 255, 255), 0).get_width() == 0
