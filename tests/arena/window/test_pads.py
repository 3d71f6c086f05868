"""Gamepads: a button joins, what is pressed reaches who plays with it, and unplugging pauses."""

from collections.abc import Iterator, Sequence
from typing import Any

import pygame
import pytest

from arena.games import catalog
from arena.window.keyboard import Joystick, layouts
from arena.window.pads import Pads
from arena.window.session import Session


class Playing(Session):
    """People at Pong."""

    def __init__(self, *people: str) -> None:
        self.people, self.joysticks = people, tuple(Joystick(layout) for layout in layouts(len(people)))
        game = catalog.make("versus/pong")
        for joystick in self.joysticks:
            joystick.bind(game.spec)
        game.close()
        self.commands: list[str] = []

    def command(self, name: str) -> None:
        self.commands.append(name)

    def focus_lost(self) -> None:
        super().focus_lost()
        self.paused = True

    def held(self) -> list[int | None]:
        return [joystick() for joystick in self.joysticks]


NOTHING, FIRE, UP, DOWN = None, 1, 2, 3


@pytest.fixture
def pads() -> Iterator[Pads]:
    made = Pads()
    made._pads = {7: object(), 9: object()}  # type: ignore[dict-item]
    yield made


def does(pads: Pads, session: Session, kind: int, instance: int, **more: Any) -> None:
    pads.handle(pygame.event.Event(kind, instance_id=instance, **more), session)


def press(pads: Pads, session: Session, instance: int, button: int = 0) -> None:
    does(pads, session, pygame.JOYBUTTONDOWN, instance, button=button)


@pytest.mark.parametrize(("order", "held"), [((7, 9), [NOTHING, FIRE]), ((9, 7), [FIRE, NOTHING])])
def test_the_first_pad_to_press_a_button_is_the_second_persons(
    pads: Pads, order: Sequence[int], held: list[int | None]
) -> None:
    session = Playing("Ada", "Bob")
    for instance, name in zip(order, ("Bob", "Ada"), strict=True):
        press(pads, session, instance)
        assert session.notice == f"{name} plays with this gamepad"
    assert session.held() == [NOTHING, NOTHING], "the button that joins does nothing else"
    press(pads, session, 7)
    assert session.held() == held


def test_directions_come_from_the_cross_and_the_stick_of_who_has_joined(pads: Pads) -> None:
    session = Playing("Ada")
    does(pads, session, pygame.JOYHATMOTION, 7, value=(0, 1))
    assert session.held() == [NOTHING], "a pad that has not joined"
    does(pads, session, pygame.JOYHATMOTION, 7, value=(0, 0))
    press(pads, session, 7)
    does(pads, session, pygame.JOYHATMOTION, 7, value=(0, 1))
    assert session.held() == [UP]
    does(pads, session, pygame.JOYHATMOTION, 7, value=(0, 0))
    does(pads, session, pygame.JOYAXISMOTION, 7, axis=1, value=0.4)
    assert session.held() == [NOTHING]
    does(pads, session, pygame.JOYAXISMOTION, 7, axis=1, value=0.9)
    assert session.held() == [DOWN]
    does(pads, session, pygame.JOYAXISMOTION, 7, axis=1, value=0.0)
    assert session.held() == [NOTHING]


def test_unplugging_pauses_says_whose_and_another_joins_in_its_place(pads: Pads) -> None:
    session = Playing("Ada", "Bob")
    press(pads, session, 7)
    does(pads, session, pygame.JOYDEVICEREMOVED, 7)
    assert session.paused and "Bob's gamepad is gone" in session.notice
    press(pads, session, 9)
    assert session.notice == "Bob plays with this gamepad"
    press(pads, session, 9)
    assert session.held() == [NOTHING, FIRE]


def test_a_pad_too_many_and_one_where_nobody_plays_do_nothing(pads: Pads) -> None:
    alone, nobody = Playing("Ada"), Session()
    press(pads, alone, 7)
    press(pads, alone, 9)
    press(pads, alone, 9)
    assert alone.held() == [NOTHING]
    press(pads, nobody, 7)


def test_another_button_pauses(pads: Pads) -> None:
    session = Playing("Ada")
    press(pads, session, 7)
    press(pads, session, 7, button=9)
    assert session.commands == ["pause"]
