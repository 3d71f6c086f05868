"""The Pygame window itself: opening it, its keys and gamepads, sixty pictures a second."""

import os
import sys
import time
from collections.abc import Sequence
from datetime import datetime
from itertools import count

os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
os.environ.setdefault("SDL_NO_SIGNAL_HANDLERS", "1")  # SDL would swallow SIGTERM
if sys.platform.startswith("linux"):
    # Else SDL copies every picture through OpenGL, which takes 20 ms where that is drawn by the processor.
    os.environ.setdefault("SDL_FRAMEBUFFER_ACCELERATION", "0")

import numpy as np
import pygame

from arena import display, places
from arena.errors import ArenaError
from arena.store import home
from arena.window import overlays, theme
from arena.window.keyboard import COMMANDS
from arena.window.pads import Pads
from arena.window.session import Report, Session
from arena.window.sound import Speaker
from arena.window.view import View

LEAST = (160, 120)
"""The smallest window."""


UNSEEN = ("dummy", "offscreen")
"""SDL's drivers that draw into memory."""


def why_not() -> str:
    """Why no window can be opened here; empty where one can."""
    try:
        _open_display()
    except ArenaError as error:
        return str(error)
    return ""


def _open_display() -> None:
    if why := display.why_none():
        raise ArenaError(why)
    try:
        pygame.display.init()
    except pygame.error as error:
        raise ArenaError(f"no display: {error}") from error
    if pygame.display.get_driver() in UNSEEN and not os.environ.get("SDL_VIDEODRIVER"):
        pygame.display.quit()  # SDL would draw where nobody sees it
        named = ", ".join(f"{n}={os.environ[n]}" for n in ("DISPLAY", "WAYLAND_DISPLAY") if n in os.environ)
        raise ArenaError(f"no display: {named or 'none that SDL knows'} cannot be reached")


def run(session: Session, report: Report, signalled: Sequence[int]) -> None:
    """Show `session` until it is left, or `signalled` has something in it. Reports how it went as a `closed`
    event.

    Raises ArenaError where no window can be opened, and whatever the session raises.
    """
    _open_display()
    times, speaker = Times(), Speaker()
    try:
        window = _window()
        view, pads = View(), Pads()
        opened, fitted, full_screen = window.size, False, False
        last = due = time.perf_counter()
        while not session.closed and not signalled:
            began = time.perf_counter()
            for event in pygame.event.get():
                if _asks_for_full_screen(event):
                    full_screen = not full_screen
                    window.set_fullscreen(True) if full_screen else window.set_windowed()
                else:
                    _handle(event, session, pads)
            session.update(began - last)
            last = began
            if session.bout is not None and not fitted:
                fitted = True
                if (
                    window.size == opened and not session.has_rail
                ):  # unless somebody has chosen another size meanwhile
                    _fit(window, view, session)
            surface = window.get_surface()
            view.draw(surface, session)
            overlays.draw(surface, session)
            if window.title != session.title():
                window.title = session.title()
            window.flip()
            if session.picture_wanted:
                session.picture_wanted = False
                session.notice = keep_picture(surface, session)
            speaker.follow(session)
            times.add(began, time.perf_counter(), counted=not session.loading)
            due = max(due + 1 / session.pictures, began)
            _wait(due)
    finally:
        speaker.close()
        pygame.display.quit()
        report({"event": "closed", **times.summary()})


def keep_picture(surface: pygame.Surface, session: Session) -> str:
    """Write what is on the window to `saves/pictures/`. Returns the words that say so, or why not."""
    game = session.bout.match.game_id.replace("/", "-") if session.bout else "arena"
    name = f"{game}-{datetime.now().astimezone():%Y%m%d-%H%M%S}"
    folder = places.saves() / "pictures"
    try:
        home.make_folder(folder)
        path = next(
            path
            for number in count(1)
            if not (path := folder / (f"{name}.png" if number == 1 else f"{name}-{number}.png")).exists()
        )
        with home.writing(folder):
            pygame.image.save(surface, path)
    except ArenaError as error:
        return str(error)
    except pygame.error as error:
        return f"no picture could be kept: {error}"
    return f"the picture is in {path}"


def _window() -> pygame.Window:
    desktop = pygame.display.get_desktop_sizes()[0]
    size = min(1600, desktop[0] * 9 // 10), min(1000, desktop[1] * 17 // 20)
    try:
        window = pygame.Window("arena", size, resizable=True)
    except pygame.error as error:
        raise ArenaError(f"no window could be opened: {error}") from error
    window.minimum_size = LEAST
    window.set_icon(_icon())
    return window


def _fit(window: pygame.Window, view: View, session: Session) -> None:
    """Make the window as small as it can be with the pictures of its first match as large as they are."""
    size, middle = window.size, window.position
    window.size = view.least(size, session)
    window.position = tuple(
        at + (old - new) // 2 for at, old, new in zip(middle, size, window.size, strict=True)
    )


def _icon() -> pygame.Surface:
    icon = pygame.Surface((32, 32), pygame.SRCALPHA)
    for seat, (x, y) in enumerate(((2, 2), (17, 2), (2, 17), (17, 17))):
        pygame.draw.rect(icon, theme.seat(seat), (x, y, 13, 13), border_radius=3)
    return icon


def _asks_for_full_screen(event: pygame.event.Event) -> bool:
    """Whether it is F11 or Alt and Return."""
    return event.type == pygame.KEYDOWN and (
        event.key == pygame.K_F11 or (event.key == pygame.K_RETURN and bool(event.mod & pygame.KMOD_ALT))
    )


def _handle(event: pygame.event.Event, session: Session, pads: "Pads") -> None:
    """Pass one event on."""
    if event.type == pygame.QUIT:
        session.quit()
    elif event.type == pygame.KEYDOWN:
        key = pygame.key.name(event.key)
        for joystick in session.joysticks:
            joystick.press(_PLAIN.get(key, key))
        name = COMMANDS.get(event.unicode) or COMMANDS.get(key)
        if name:
            session.command(name)
    elif event.type == pygame.KEYUP:
        key = pygame.key.name(event.key)
        for joystick in session.joysticks:
            joystick.release(_PLAIN.get(key, key))
    elif event.type == pygame.WINDOWFOCUSLOST:
        session.focus_lost()
    else:
        pads.handle(event, session)


_PLAIN = {f"[{digit}]": str(digit) for digit in range(10)}
"""The number block's digits are digits."""


class Times:
    """How long pictures took: the work for each, and the time from one to the next."""

    def __init__(self) -> None:
        self._work: list[float] = []
        self._between: list[float] = []
        self._last: float | None = None

    def add(self, began: float, done: float, *, counted: bool) -> None:
        """A picture that was begun and done then. While something is being loaded none is counted."""
        if counted:
            self._work.append(done - began)
            if self._last is not None:
                self._between.append(began - self._last)
        self._last = began if counted else None

    def summary(self) -> dict[str, object]:
        """How many, and milliseconds at the median and at the 99th of a hundred."""
        if not self._between:
            return {"frames": len(self._work)}
        return {
            "frames": len(self._work),
            "frame_ms": _percentiles(self._between),
            "work_ms": _percentiles(self._work),
        }


def _percentiles(seconds: Sequence[float]) -> dict[str, float]:
    return {f"p{p}": round(float(np.percentile(seconds, p)) * 1e3, 2) for p in (50, 99)}


def _wait(until: float) -> None:
    """Sleep until a moment; SDL's own clock knows whole milliseconds only."""
    left = until - time.perf_counter()
    if left > 0:
        time.sleep(left)
