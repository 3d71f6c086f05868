"""The sound of a game, in step with its picture.

It is heard at normal speed only: paused, faster and slower it is silent. Samples come with the game's ticks,
by the window's clock, and go out by the sound card's. Between the two a few wait, and are stretched by less
than anyone can hear to keep their number: so sound does not drift from the picture, nor the queue run dry.
"""

import contextlib
import os
import sys
from collections.abc import Iterator

import numpy as np
import pygame
from numpy.typing import NDArray

from arena.window.bout import Bout
from arena.window.session import Session

BUFFER = 512
"""Samples that the sound card takes at once."""

PIECE = 4 * BUFFER
"""Samples queued at once, a fifteenth of a second. Whole buffers: the mixer goes on with the next piece only
where a buffer begins."""

WAITING = 2 * BUFFER
"""Samples that should be left when a piece has been taken."""

MOST_STRETCH = 0.005
"""Of the length, either way: a twelfth of a semitone."""

FADE = 80
"""Milliseconds in which sound begins and ends, so that it does not crack; the mixer takes a step a buffer."""


class Stream:
    """Samples on their way from one clock to another."""

    def __init__(self) -> None:
        self._samples = np.empty(0, np.float32)
        self._phase = 0.0
        """Where between the first two samples the next piece begins."""

    def __len__(self) -> int:
        return len(self._samples)

    def push(self, samples: bytes) -> None:
        """Unsigned 8-bit samples to come after those before."""
        self._samples = np.append(self._samples, np.frombuffer(samples, np.uint8).astype(np.float32))

    def take(self) -> bytes | None:
        """The next `PIECE` samples, from exactly where the last ones ended; None while there are too few."""
        surplus = (len(self._samples) - PIECE - WAITING) / WAITING
        pace = 1.0 + MOST_STRETCH * float(np.clip(surplus, -1.0, 1.0))
        ends = self._phase + pace * PIECE
        if ends + 1 > len(self._samples):
            return None
        places = self._phase + pace * np.arange(PIECE)
        piece = np.interp(places, np.arange(len(self._samples)), self._samples)
        self._samples, self._phase = self._samples[int(ends) :], ends % 1.0
        rounded: NDArray[np.uint8] = np.rint(piece).astype(np.uint8)
        return rounded.tobytes()

    def clear(self) -> None:
        self._samples, self._phase = self._samples[:0], 0.0


class Speaker:
    """Plays what a session's match sounds like. Without a sound card it is silent, and says nothing of it."""

    def __init__(self) -> None:
        self._stream = Stream()
        self._bout: Bout | None = None
        self._tried = False
        self._channel: pygame.mixer.Channel | None = None

    def follow(self, session: Session) -> None:
        """Take the sound of the latest ticks, and keep the sound card supplied. For every picture."""
        bout = session.bout
        if bout is None or not bout.audible:
            self._silence()
            return
        if not self._tried:
            self._tried, self._channel = True, _opened()
            session.has_sound = self._channel is not None
        if bout is not self._bout:
            self._silence()
            self._bout = bout
        heard = bout.hear()
        if self._channel is None or not heard_now(session):
            self._silence()
            return
        for samples in heard:
            self._stream.push(samples)
        self._supply(self._channel)

    def _supply(self, channel: "pygame.mixer.Channel") -> None:
        if not channel.get_busy():
            if len(self._stream) < 2 * PIECE + WAITING:
                return
            if piece := self._stream.take():
                channel.play(pygame.mixer.Sound(buffer=piece), fade_ms=FADE)
        elif len(self._stream) > 4 * PIECE:  # the sound card stood still: begin again
            self._silence()
        while channel.get_queue() is None and (piece := self._stream.take()):
            channel.queue(pygame.mixer.Sound(buffer=piece))

    def close(self) -> None:
        """Give the sound card back."""
        if self._channel is not None:
            pygame.mixer.quit()

    def _silence(self) -> None:
        self._stream.clear()
        if self._channel is not None and self._channel.get_busy():
            self._channel.fadeout(FADE)


def heard_now(session: Session) -> bool:
    """Whether the match can be heard: it is played at normal speed, and not muted."""
    bout = session.bout
    if bout is None or session.muted or session.halted or session.waiting or session.countdown > 0:
        return False
    return bout.pace.speed == 1.0 and not bout.seeking and not bout.frozen and not bout.match.finished


def _opened() -> "pygame.mixer.Channel | None":
    """A channel of the sound card, or None where there is none."""
    from arena.games.atari import SAMPLE_RATE

    try:
        with _nothing_on_stderr():
            pygame.mixer.init(SAMPLE_RATE, 8, 1, BUFFER, allowedchanges=0)
        pygame.mixer.set_num_channels(1)
        return pygame.mixer.Channel(0)
    except (pygame.error, NotImplementedError):  # of a pygame without a mixer
        return None


@contextlib.contextmanager
def _nothing_on_stderr() -> Iterator[None]:
    """Sound libraries complain there, each in its own words, where there is no sound card."""
    if sys.stderr is not None:
        sys.stderr.flush()
    try:
        kept = os.dup(2)
    except OSError:  # there is no stderr
        yield
        return
    try:
        with open(os.devnull, "wb") as nowhere:  # noqa: PTH123
            os.dup2(nowhere.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
