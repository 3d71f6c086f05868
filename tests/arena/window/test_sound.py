import os
import subprocess
import sys

import numpy as np
import pygame
import pytest

from arena.games.atari import SAMPLE_RATE
from arena.matches.match import Match
from arena.matches.player import Human, RandomPlayer
from arena.window import sound
from arena.window.bout import Bout
from arena.window.session import Session
from arena.window.sound import PIECE, WAITING, Speaker, Stream

TICK = 512


def tone(seconds: float, hertz: float = 440.0) -> np.ndarray:
    times = np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    return (128 + 100 * np.sin(2 * np.pi * hertz * times)).astype(np.uint8)


def streamed(samples: np.ndarray, ticks_a_piece: float) -> tuple[np.ndarray, list[int]]:
    """What comes out where a piece is asked for as often as so many ticks come, and how many samples wait."""
    stream, out, waiting = Stream(), [], []
    owed = -2.0 - (PIECE + WAITING) / TICK  # some come first
    for at in range(0, len(samples), TICK):
        stream.push(samples[at : at + TICK].tobytes())
        owed += 1
        if owed >= ticks_a_piece:
            owed -= ticks_a_piece
            piece = stream.take()
            assert piece is not None and len(piece) == PIECE
            out.append(np.frombuffer(piece, np.uint8))
            waiting.append(len(stream))
    return np.concatenate(out), waiting


@pytest.mark.parametrize("drift", [-0.003, 0.0, 0.003])
def test_pieces_go_on_where_the_last_one_ended_whichever_clock_is_faster(drift):
    samples = tone(60)
    out, waiting = streamed(samples, PIECE / TICK * (1 + drift))
    steepest = np.abs(np.diff(samples.astype(int))).max()
    assert np.abs(np.diff(out.astype(int))).max() <= steepest + 1
    assert min(waiting) > 0 and max(waiting[-100:]) <= 2 * WAITING + TICK  # it does not grow


def test_samples_are_unchanged_where_both_clocks_agree():
    stream, samples = Stream(), tone(1)
    stream.push(samples[: PIECE + WAITING].tobytes())
    piece = stream.take()
    assert piece == samples[:PIECE].tobytes()


def test_too_few_samples_are_no_piece():
    stream = Stream()
    stream.push(tone(1)[: PIECE // 2].tobytes())
    assert stream.take() is None


def playing(*players) -> Session:
    session = Session()
    session.loading = ""
    session.bout = Bout(Match("atari/pong", players, 1))
    return session


@pytest.fixture
def speaker():
    yield Speaker()
    pygame.mixer.quit()


def follow(session, speaker, ticks):
    for _ in range(ticks):
        session.bout.tick()
        speaker.follow(session)


def test_atari_is_played_at_its_own_rate(speaker):
    session = playing(RandomPlayer())
    follow(session, speaker, 20)
    assert pygame.mixer.get_init() == (SAMPLE_RATE, 8, 1)
    assert pygame.mixer.Channel(0).get_busy() and pygame.mixer.Channel(0).get_queue() is not None
    session.close()


def test_m_pause_and_another_speed_are_silent(speaker):
    session = playing(RandomPlayer())
    follow(session, speaker, 20)
    assert session.may_hear
    for on, off in (("sound", "sound"), ("pause", "pause"), ("faster", "slower")):
        session.command(on)
        assert not sound.heard_now(session)
        follow(session, speaker, 1)
        assert len(speaker._stream) == 0
        session.command(off)
        assert sound.heard_now(session)
    session.close()


def test_a_duel_sounds_like_the_persons_game():
    session = playing(RandomPlayer(), Human("Ann", lambda: 2))
    session.bout.tick()
    assert session.bout.hear() == [session.bout.match.games[1].audio()]
    session.close()


def test_without_a_sound_card_there_is_silence_and_not_a_word():
    code = """
from arena.matches.match import Match
from arena.matches.player import RandomPlayer
from arena.window.bout import Bout
from arena.window.session import Session
from arena.window.sound import Speaker
session, speaker = Session(), Speaker()
session.bout = Bout(Match("atari/pong", [RandomPlayer()], 1))
for _ in range(20):
    session.bout.tick()
    speaker.follow(session)
assert not session.has_sound and not session.may_hear
"""
    for driver in ("alsa", "nonsense"):
        done = subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "SDL_AUDIODRIVER": driver, "AUDIODEV": "nowhere"},
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert (done.returncode, done.stderr) == (0, "")


def test_a_pygame_without_a_mixer_is_silent():
    code = """
import pygame

class Missing:
    def __getattr__(self, name):
        raise NotImplementedError(name)

pygame.mixer = Missing()
from arena.matches.match import Match
from arena.matches.player import RandomPlayer
from arena.window.bout import Bout
from arena.window.session import Session
from arena.window.sound import Speaker

session, speaker = Session(), Speaker()
session.bout = Bout(Match("atari/pong", [RandomPlayer()], 1))
session.bout.tick()
speaker.follow(session)
speaker.close()
print("heard:", session.may_hear)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert (done.stdout.splitlines()[-1:], done.stderr) == (["heard: False"], "")
