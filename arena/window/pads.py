"""Gamepads: whoever presses a button on one joins with it; unplugging it pauses."""

import pygame

from arena.window.session import Session

BUTTONS = {0: "fire", 1: "fire", 2: "fire", 3: "fire"}
"""What they do; any other pauses."""

DEAD = 0.5
"""How far a stick has to be pushed."""


class Pads:
    """Gamepads as keys. They are known by instance, since an index changes when another one is unplugged."""

    def __init__(self) -> None:
        self._pads: dict[int, pygame.joystick.JoystickType] = {}
        self._people: dict[int, int] = {}
        """Who plays with each, by the number of the person."""
        self._pushed: dict[tuple[int, int], str] = {}
        """(instance, axis) -> the direction it is pushed to."""
        pygame.joystick.init()

    def handle(self, event: pygame.event.Event, session: Session) -> None:
        if event.type == pygame.JOYDEVICEADDED:
            pad = pygame.joystick.Joystick(event.device_index)
            self._pads[pad.get_instance_id()] = pad
        elif event.type == pygame.JOYDEVICEREMOVED:
            self._leave(event.instance_id, session)
        elif event.type == pygame.JOYBUTTONDOWN and session.people and event.instance_id not in self._people:
            self._join(event.instance_id, session)
        elif event.type in (pygame.JOYBUTTONDOWN, pygame.JOYBUTTONUP):
            if control := BUTTONS.get(event.button):
                self._set(session, event.instance_id, control, event.type == pygame.JOYBUTTONDOWN)
            elif event.type == pygame.JOYBUTTONDOWN:
                session.command("pause")
        elif event.type == pygame.JOYHATMOTION:
            x, y = event.value
            self._push(session, event.instance_id, 100, x, ("left", "right"))
            self._push(session, event.instance_id, 101, -y, ("up", "down"))
        elif event.type == pygame.JOYAXISMOTION and event.axis in (0, 1):
            way = 0 if abs(event.value) < DEAD else 1 if event.value > 0 else -1
            self._push(
                session, event.instance_id, event.axis, way, (("left", "right"), ("up", "down"))[event.axis]
            )

    def _join(self, instance: int, session: Session) -> None:
        """The button that was pressed does nothing else. Of two people the second takes the first pad: the
        arrow keys are better than the letters."""
        taken = set(self._people.values())
        free = [person for person in reversed(range(len(session.joysticks))) if person not in taken]
        if instance in self._pads and free:
            self._people[instance] = free[0]
            session.notice = f"{session.people[free[0]]} plays with this gamepad"

    def _leave(self, instance: int, session: Session) -> None:
        self._pads.pop(instance, None)
        self._pushed = {key: way for key, way in self._pushed.items() if key[0] != instance}
        person = self._people.pop(instance, None)
        session.focus_lost()
        if person is not None and person < len(session.people):
            session.notice = f"{session.people[person]}'s gamepad is gone; a button of one joins again"

    def _push(self, session: Session, instance: int, axis: int, way: int, names: tuple[str, str]) -> None:
        wanted = names[way > 0] if way else ""
        before = self._pushed.get((instance, axis), "")
        if wanted != before:
            if before:
                self._set(session, instance, before, False)
            if wanted:
                self._set(session, instance, wanted, True)
            self._pushed[instance, axis] = wanted

    def _set(self, session: Session, instance: int, control: str, down: bool) -> None:
        person = self._people.get(instance)
        if person is not None and person < len(session.joysticks):
            joystick = session.joysticks[person]
            (joystick.press if down else joystick.release)(f"pad {control}")
